//! The manual, as it is in `docs/manual`: read by whoever uses the board, printable as it stands.

use super::show;
use crate::{
    asset,
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::HelpPage,
};
use axum::{extract::State as Extract, http::StatusCode};
use pulldown_cmark::{Event, Options, Parser, Tag, html::push_html};

/// The pages by name: the manual and its card.
const PAGES: [(&str, &str); 2] =
    [("", include_str!("../../../../docs/manual/fire.md")), ("card", include_str!("../../../../docs/manual/fire-card.md"))];

/// The HTML of a page, with its pictures from the program itself; and its title.
fn html(text: &'static str) -> (String, String) {
    let title = text.lines().next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
    let pictures = Parser::new_ext(text, Options::empty()).map(|event| match event {
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = dest_url.strip_prefix("images/").map_or(dest_url.clone(), |name| asset::url(&format!("manual/{name}")).into());
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        other => other,
    });
    let mut out = String::new();
    push_html(&mut out, pictures);
    (out, title)
}

fn page(state: &State, session: Option<&Person>, name: &str) -> Answer {
    let (_, text) = PAGES.iter().find(|(n, _)| *n == name).ok_or_else(Failure::not_found)?;
    let (body, title) = html(text);
    let frame = state.frame(session.map(|p| p.0.as_ref()));
    show(StatusCode::OK, &HelpPage::new(frame, &title, body, name == "card"))
}

/// The manual for fire headquarters.
pub async fn help(Extract(state): Extract<State>, session: Option<Person>) -> Answer {
    page(&state, session.as_ref(), "")
}

/// Its quick card.
pub async fn help_card(Extract(state): Extract<State>, session: Option<Person>) -> Answer {
    page(&state, session.as_ref(), "card")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_in_the_program() {
        for (name, text) in PAGES {
            let (html, title) = html(text);
            assert!(!title.is_empty() && html.contains("<h1>"), "{name}");
            for picture in html.split("<img src=\"").skip(1) {
                let (hash, path) = picture.strip_prefix("/assets/").and_then(|p| p.split('"').next()?.split_once('/')).unwrap();
                assert!(asset::get(hash, path).is_some(), "{name}: {path}");
            }
        }
    }
}
