//! Every screen in every state, looked at as text: what a reader of a page, or of its sound, relies on.

use super::{row_html, samples};
use akidoko_domain::{
    board::{Filter, Row},
    report::{Cells, Kind},
    survey::{Answers, Catalogue, DAILY, Value},
};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The value of an attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn tags<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    page.match_indices(&open)
        .filter_map(|(at, _)| page[at..].split('>').next())
        .filter(|tag| tag[open.len()..].starts_with([' ', '\n']) || tag.len() == open.len())
        .collect()
}

#[test]
fn every_screen_is_well_formed() {
    for (name, page) in samples::all() {
        assert!(page.trim_start().starts_with("<!doctype html>") && page.contains(r#"<html lang="ja">"#), "{name}");
        assert_eq!(tags(&page, "h1").len(), 1, "{name}: one heading");
        assert_eq!(tags(&page, "main").len(), 1, "{name}: one main");
        assert!(!tags(&page, "title").is_empty() && page.contains("｜空きどこ</title>") && !page.contains("<title>｜"), "{name}: a title");
        // The policy of the pages allows no style and no script of their own.
        assert!(!page.contains(" style="), "{name}: style attribute");
        assert!(tags(&page, "script").iter().all(|t| t.contains(" src=") || t.contains("application/json")), "{name}: inline script");
        for event in [" onclick=", " onload=", " onsubmit=", " onchange=", "javascript:"] {
            assert!(!page.contains(event), "{name}: {event}");
        }
        assert!(!page.contains(" disabled") && !page.contains(" readonly"), "{name}: nothing is disabled");
        for word in ["受入照会", "転院調整", "仮押さえ"] {
            assert!(!page.contains(word), "{name}: {word} is not built");
        }
        for element in ["div", "span", "section", "form", "table", "tr", "td", "ul", "li", "p", "a", "label", "fieldset", "details", "dl"] {
            let open = tags(&page, element).len();
            assert_eq!(open, page.matches(&format!("</{element}>")).count(), "{name}: {element} is not closed");
        }
    }
}

#[test]
fn every_id_is_there_once_and_what_points_to_it_finds_it() {
    for (name, page) in samples::all() {
        let mut ids = BTreeSet::new();
        for tag in page.split('<').filter_map(|t| t.split('>').next()) {
            if let Some(id) = attribute(tag, "id") {
                assert!(ids.insert(id.to_owned()), "{name}: {id} twice");
            }
        }
        for tag in page.split('<').filter_map(|t| t.split('>').next()) {
            for pointer in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
                for id in attribute(tag, pointer).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {pointer} {id}");
                }
            }
            if let Some(fragment) = attribute(tag, "href").and_then(|h| h.strip_prefix('#')) {
                assert!(ids.contains(fragment), "{name}: #{fragment}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label() {
    for (name, page) in samples::all() {
        for element in ["input", "select", "textarea"] {
            for (at, _) in page.match_indices(&format!("<{element} ")) {
                let tag = page[at..].split('>').next().unwrap();
                if tag.contains(r#"type="hidden""#) || tag.contains("aria-label=") {
                    continue;
                }
                let labelled = attribute(tag, "id").is_some_and(|id| page.contains(&format!("for=\"{id}\"")));
                let before = &page[..at];
                let inside = before.matches("<label").count() > before.matches("</label>").count();
                assert!(labelled || inside, "{name}: {tag}");
            }
        }
    }
}

#[test]
fn no_link_leads_nowhere() {
    let routes = [
        "/",
        "#",
        "/board",
        "/corrections",
        "/hospitals/",
        "/report",
        "/completeness",
        "/quick",
        "/sessions",
        "/operators",
        "/security",
        "/keys",
        "/api",
        "/forgotten-password",
        "otpauth:",
        "/about",
        "/sign-in",
        "/assets/",
        "tel:",
    ];
    for (name, page) in samples::all() {
        for tag in tags(&page, "a") {
            let href = attribute(tag, "href").unwrap();
            assert!(href != "#" && !href.is_empty() && routes.iter().any(|r| href.starts_with(r)), "{name}: {href}");
        }
    }
}

fn board_row(name: &str) -> String {
    let rows = samples::rows();
    row_html(rows.iter().find(|r| r.card.name == name).unwrap(), samples::now())
}

#[test]
fn a_row_on_one_line() {
    let html = board_row("凪浦市民病院");
    assert!(html.starts_with("<tr id=\"h-H99") && html.ends_with("</tr>") && !html.contains('\n'));
    assert!(html.contains(" data-can=\"") && html.contains(r#" role="row" data-at=""#), "{html}");
    assert!(html.contains("3分前") && html.contains(r#"class="st st-normal""#) && html.contains("三次"));
    assert!(html.contains(r#"class="tel day" href="tel:0000000100""#) && html.contains(r#"class="tel night" href="tel:0000000190""#));
}

#[test]
fn unknown_none_stopped_and_zero_are_four_looks() {
    let stopped = board_row("青嶺東部医療センター");
    assert!(
        stopped.contains("st-stopped")
            && stopped.contains(r#"class="num c-tot zero" data-l="空床"><a class="why""#)
            && stopped.contains(r#"why/available_beds">0</a>"#),
        "{stopped}"
    );
    let none = board_row("霞野赤松病院");
    assert!(none.contains("st-none") && none.contains(r#"class="num c-bed c-sev null" data-l="重症">未回答</td>"#), "{none}");
    let published = board_row("藍染診療病院");
    assert!(published.contains("<b>未回答</b></a></td>"), "statuses only, and nothing known before: {published}");
    let before = board_row("磯笛病院");
    assert!(before.contains("<b>未回答</b>　前回 4/7 08:42 は計 5 床"), "{before}");
    let never = board_row("無音病院");
    assert!(never.contains("未報告") && never.contains("電話未登録") && !never.contains("data-can"), "{never}");
}

#[test]
fn an_old_figure_in_a_fresh_row_says_so() {
    let catalogue = Catalogue::shipped();
    let daily = catalogue.version(DAILY, 1).unwrap();
    let (fresh, old) = (samples::now() - TimeDelta::minutes(5), samples::now() - TimeDelta::hours(30));
    let author = samples::version(1, Kind::Full, Answers::new(), old).author;
    let mut cells = Cells::default();
    cells.apply(daily, Kind::Full, &samples::answers(), author.clone(), old);
    let quick =
        Answers::from([("available_beds".to_owned(), Some(Value::Count(3))), ("emergency_status".to_owned(), samples::word("normal"))]);
    cells.apply(daily, Kind::Quick, &quick, author, fresh);
    let card = samples::rows()[0].card.clone();
    let html = row_html(&Row::project(card, [(DAILY, &cells)], &catalogue), samples::now());
    assert!(html.contains(r#"class="num c-tot" data-l="空床"><a"#) && html.contains(r#"why/available_beds">3</a>"#), "{html}");
    let cell = r#"c-sev was" data-l="重症" title="昨日 03:42 の値">1<span class="vh">（昨日 03:42 の値）</span></td>"#;
    assert!(html.contains(cell), "{html}");
    assert!(html.contains(&format!(r#"data-sev-at="{}""#, old.timestamp_millis())) && !html.contains("data-tot-at"), "{html}");
}

#[test]
fn an_open_door_carries_its_own_age_so_that_the_script_says_what_the_server_says() {
    #[derive(serde::Deserialize)]
    struct Case {
        why: String,
        row: i64,
        door: i64,
        emergency: Option<String>,
        beds: Option<u32>,
        accepts: bool,
    }
    let catalogue = Catalogue::shipped();
    let daily = catalogue.version(DAILY, 1).unwrap();
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../assets/js/accepts.cases.json")).unwrap();
    for Case { why, row, door, emergency, beds, accepts } in cases {
        let (row, door) = (samples::now() - TimeDelta::minutes(row), samples::now() - TimeDelta::minutes(door));
        let mut cells = Cells::default();
        let full = Answers::from([("emergency_status".to_owned(), emergency.as_deref().and_then(samples::word))]);
        let author = samples::version(1, Kind::Full, Answers::new(), door).author;
        cells.apply(daily, Kind::Full, &full, author.clone(), door);
        let quick = Answers::from([
            ("available_beds".to_owned(), beds.map(Value::Count)),
            // So that the row has an answer of its own age whatever the beds are.
            ("outpatient_status".to_owned(), samples::word("normal")),
        ]);
        cells.apply(daily, Kind::Quick, &quick, author, row);
        let project = Row::project(samples::rows()[0].card.clone(), [(DAILY, &cells)], &catalogue);
        assert_eq!((project.as_of, project.accepts(samples::now())), (Some(row), accepts), "{why}");
        let html = row_html(&project, samples::now());
        let open = emergency.is_some_and(|word| word != "stopped") && beds != Some(0);
        assert_eq!(html.contains(&format!(r#" data-can="{}""#, door.timestamp_millis())), open, "{why}: {html}");
    }
}

#[test]
fn what_was_typed_stays_text() {
    let mut answers = samples::answers();
    answers.insert("board_comment".to_owned(), samples::word("<script>alert(1)</script>\" onx=\"&"));
    let card = samples::rows()[0].card.clone();
    let row = samples::row(card, DAILY, &answers, samples::now(), false);
    let page = samples::board_page(&[row], &Filter::default());
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;"), "escaped");
}

#[test]
fn bands_stand_over_the_newest_first_order_only() {
    let rows = samples::rows();
    let page = |query: &[(&str, &str)]| samples::board_page(&rows, &Filter::parse(query.iter().copied()).unwrap());
    let fresh = page(&[]);
    let bands: Vec<&str> = tags(&fresh, "tr").into_iter().filter_map(|t| attribute(t, "data-band")).collect();
    assert_eq!(bands, ["hour", "today", "day", "over-day", "over-two-days", "never"]);
    assert!(!page(&[("order", "beds")]).contains("data-band"));
    let gone = page(&[("area", "9977"), ("municipality", "999999")]);
    assert!(gone.contains(r#"<option value="9977" selected>一覧にない圏域</option>"#), "a filter that holds is seen");
    assert!(gone.contains(r#"<option value="999999" selected>一覧にない市区町村</option>"#));
    assert!(!page(&[("area", "9901")]).contains("一覧にない"));
    let filtered = page(&[("q", "なぎ"), ("accepting", "1")]);
    assert!(filtered.contains("/board.csv?prefecture=99&#38;q=%E3%81%AA%E3%81%8E&#38;accepting=1"), "an export carries the filter");
}
