//! The manual, as it is in `docs/manual`: read by whoever uses the program, printable as it stands. Each screen leads to its place in it.

use super::show;
use crate::{
    asset,
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::HelpPage,
};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// The pages by name; the one for fire headquarters has none.
const PAGES: &[(&str, &str)] = &[
    ("", include_str!("../../../../docs/manual/fire.md")),
    ("card", include_str!("../../../../docs/manual/fire-card.md")),
    ("prefecture", include_str!("../../../../docs/manual/prefecture.md")),
    ("prefecture-board", include_str!("../../../../docs/manual/prefecture-board.md")),
    ("prefecture-corrections", include_str!("../../../../docs/manual/prefecture-corrections.md")),
    ("prefecture-picture", include_str!("../../../../docs/manual/prefecture-picture.md")),
    ("prefecture-surveys", include_str!("../../../../docs/manual/prefecture-surveys.md")),
    ("hospital", include_str!("../../../../docs/manual/hospital.md")),
    ("hospital-report", include_str!("../../../../docs/manual/hospital-report.md")),
    ("hospital-history", include_str!("../../../../docs/manual/hospital-history.md")),
    ("report-files", include_str!("../../../../docs/manual/report-files.md")),
    ("operators", include_str!("../../../../docs/manual/operators.md")),
    ("keys", include_str!("../../../../docs/manual/keys.md")),
    ("office", include_str!("../../../../docs/manual/office.md")),
    ("surveys", include_str!("../../../../docs/manual/surveys.md")),
    ("ministry-rules", include_str!("../../../../docs/manual/ministry-rules.md")),
];

/// A heading without its number: 「3. 探す」 is 「探す」, by which screens name it.
fn place(heading: &str) -> &str {
    heading.split_once(". ").filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit())).map_or(heading, |(_, words)| words)
}

/// The title of a page.
fn title(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
}

/// The HTML of a page, with its pictures from the program itself, its links to other pages, and a place to lead to at each heading.
fn html(text: &'static str) -> String {
    let options = Options::ENABLE_TABLES;
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, options).collect();
    let mut first = true;
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { level, classes, attrs, .. }) if *level <= HeadingLevel::H2 => {
                let words = events[at + 1..].iter().take_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))));
                let words: String = words.filter_map(|e| if let Event::Text(t) | Event::Code(t) = e { Some(&**t) } else { None }).collect();
                // A page has one title; what else stands as one in the file is a part of it.
                let is_title = std::mem::take(&mut first);
                let level = if is_title { HeadingLevel::H1 } else { HeadingLevel::H2 };
                let id = (!is_title).then(|| place(&words).to_owned().into());
                let (classes, attrs) = (classes.clone(), attrs.clone());
                let end = events[at..].iter().position(|e| matches!(e, Event::End(TagEnd::Heading(_)))).map_or(at, |n| at + n);
                events[at] = Event::Start(Tag::Heading { level, id, classes, attrs });
                events[end] = Event::End(TagEnd::Heading(level));
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url =
                    dest_url.strip_prefix("images/").map_or(dest_url.clone(), |name| asset::url(&format!("manual/{name}")).into());
                events[at] = Event::Start(Tag::Image { link_type: *link_type, dest_url, title: title.clone(), id: id.clone() });
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let page = dest_url.strip_suffix(".md").map(|name| match name {
                    "fire" => "/help".to_owned(),
                    "fire-card" => "/help/card".to_owned(),
                    name => format!("/help/{name}"),
                });
                let dest_url = page.map_or(dest_url.clone(), Into::into);
                events[at] = Event::Start(Tag::Link { link_type: *link_type, dest_url, title: title.clone(), id: id.clone() });
            }
            _ => {}
        }
    }
    let mut out = String::new();
    push_html(&mut out, events.into_iter());
    out
}

fn page(state: &State, session: Option<&Person>, name: &str) -> Answer {
    let (_, text) = PAGES.iter().find(|(n, _)| *n == name).ok_or_else(Failure::not_found)?;
    let frame = state.frame(session.map(|p| p.0.as_ref()));
    let others = PAGES.iter().filter(|(n, _)| *n != name && *n != "card").map(|(n, text)| (*n, title(text))).collect();
    show(StatusCode::OK, &HelpPage::new(frame, title(text), html(text), name == "card", others))
}

/// The manual for fire headquarters.
pub async fn help(Extract(state): Extract<State>, session: Option<Person>) -> Answer {
    page(&state, session.as_ref(), "")
}

/// Its quick card, or another page of the manual.
pub async fn help_page(Extract(state): Extract<State>, Path(name): Path<String>, session: Option<Person>) -> Answer {
    page(&state, session.as_ref(), &name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_picture_is_in_the_program() {
        for (name, text) in PAGES {
            let html = html(text);
            assert!(!title(text).is_empty() && html.matches("<h1>").count() == 1, "{name}");
            for picture in html.split("<img src=\"").skip(1) {
                let (hash, path) = picture.strip_prefix("/assets/").and_then(|p| p.split('"').next()?.split_once('/')).unwrap();
                assert!(asset::get(hash, path).is_some(), "{name}: {path}");
            }
        }
    }

    #[test]
    fn links_between_pages_lead_somewhere() {
        for (name, text) in PAGES {
            for link in html(text).split("<a href=\"").skip(1).map(|l| l.split('"').next().unwrap().to_owned()) {
                assert!(!link.contains(".md"), "{name}: {link}");
                if let Some(page) = link.strip_prefix("/help/") {
                    assert!(PAGES.iter().any(|(n, _)| *n == page), "{name}: {link}");
                }
            }
        }
    }

    /// Must show 6: every screen's help link leads to its place.
    #[test]
    fn every_screen_leads_to_its_place() {
        let places: BTreeMap<String, String> = PAGES.iter().map(|(name, text)| (format!("/help/{name}"), html(text))).collect();
        let mut to = BTreeSet::new();
        for (name, screen) in samples::all() {
            let Some(foot) = screen.split("<footer class=\"foot\">").nth(1) else { continue };
            let href = foot.split("<a href=\"/help").nth(1).unwrap_or_else(|| panic!("{name} has no help")).split('"').next().unwrap();
            let (page, heading) = href.split_once('#').unwrap_or((href, ""));
            let page = if page.is_empty() { "/help/".to_owned() } else { format!("/help{page}") };
            let text = places.get(&page).unwrap_or_else(|| panic!("{name}: {page}"));
            assert!(!name.starts_with("board") || !heading.is_empty(), "{name}");
            assert!(heading.is_empty() || text.contains(&format!("id=\"{heading}\"")), "{name}: {page} has no {heading}");
            to.insert(href.to_owned());
        }
        assert!(to.len() > 15, "screens lead to places of their own: {to:?}");
    }
}
