//! The examples of docs/SURVEYS.md and of the ministry's manual are executed.

use crate::table::{judge, word};
use akidoko_domain::{
    rule::Expression,
    survey::{ItemKind, Survey, Value},
};
use std::collections::BTreeMap;

const SURVEYS: &str = include_str!("../../../../docs/SURVEYS.md");
const MANUAL: &str = include_str!("../../../../docs/manual/ministry-rules.md");

/// The definition on the page.
fn survey() -> Survey {
    let json = SURVEYS.split_once("```json\n").unwrap().1.split_once("\n```").unwrap().0;
    Survey::from_json(json).unwrap()
}

/// The rows of a table whose first cell is code, each cell without its marks.
fn rows(page: &str) -> Vec<Vec<String>> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells = line.replace("\\|", "\u{0}");
        cells.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').replace('\u{0}', "|")).collect()
    })
    .collect()
}

fn answers(survey: &Survey, cell: &str) -> [BTreeMap<String, Value>; 2] {
    let mut both = [BTreeMap::new(), BTreeMap::new()];
    for pair in cell.split(", ") {
        let (name, value) = pair.split_once('=').unwrap();
        let (which, id) = name.strip_prefix("previous.").map_or((0, name), |id| (1, id));
        let is_count = matches!(survey.item(id).unwrap().kind, ItemKind::Count { .. });
        let value = if is_count { Value::Count(value.parse().unwrap()) } else { Value::Word(value.to_owned()) };
        both[which].insert(id.to_owned(), value);
    }
    both
}

#[test]
fn every_example_says_what_its_page_says() {
    let survey = survey();
    let mut examples = 0;
    for page in [SURVEYS, MANUAL] {
        for row in rows(page) {
            let [holds, given, said] = &row[..] else { continue };
            if !given.contains('=') {
                continue;
            }
            let [now, last] = answers(&survey, given);
            let found = word(judge(&survey, &Expression::new(holds.as_str()), &now, &last, Some(100)));
            let said = match said.as_str() {
                "成り立つ" => "holds",
                "成り立たない" => "broken",
                "働かない" => "silent",
                "0で割る" => "undefined",
                other => other,
            };
            assert_eq!(found, said, "{holds} of {given}");
            examples += 1;
        }
    }
    assert!(examples >= 38, "{examples}");
}

#[test]
fn what_the_pages_call_refused_is_refused() {
    let survey = survey();
    for page in [SURVEYS, MANUAL] {
        let (_, refused) = page.split_once("refused\n").or_else(|| page.split_once("受け付けない式\n")).unwrap();
        let rows: Vec<Vec<String>> = rows(refused).into_iter().filter(|row| row.len() == 2).collect();
        assert!(rows.len() >= 9);
        for row in rows {
            let expression = Expression::new(row[0].as_str());
            let error = format!("{:?}", expression.program(&survey).unwrap_err());
            assert!(page != SURVEYS || error.starts_with(&row[1]), "{}: {error}", row[0]);
        }
    }
}
