//! One table of cases, run here, in node and in a browser（rules.cases.json, typed.cases.json）.

use akidoko_domain::{
    rule::{Expression, Facts, Verdict},
    survey::{Survey, Value},
    text,
};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One row: what must hold, what is known, and what comes of it.
#[derive(Deserialize)]
struct Case {
    holds: String,
    #[serde(default)]
    previous: BTreeMap<String, Value>,
    #[serde(default)]
    licensed_beds: Option<u32>,
    answers: BTreeMap<String, Value>,
    verdict: String,
    plain: String,
}

#[derive(Deserialize)]
struct Table {
    survey: Json,
    cases: Vec<Case>,
    refused: Vec<(String, String)>,
}

pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Broken => "broken",
        Verdict::Silent => "silent",
        Verdict::Undefined => "undefined",
    }
}

fn table() -> (Survey, Table) {
    let table: Table = serde_json::from_str(include_str!("rules.cases.json")).unwrap();
    (Survey::from_json(&table.survey.to_string()).unwrap(), table)
}

pub fn survey() -> Survey {
    table().0
}

pub fn judge(
    survey: &Survey,
    holds: &Expression,
    now: &BTreeMap<String, Value>,
    last: &BTreeMap<String, Value>,
    beds: Option<u32>,
) -> Verdict {
    let facts =
        Facts { now: &|id| now.get(id), previous: &|id| last.get(id), licensed_beds: beds, report_date: "2026-04-10".parse().unwrap() };
    holds.program(survey).unwrap().judge(&facts)
}

#[test]
fn the_table_that_the_browser_is_tested_on_too() {
    let (survey, table) = table();
    let mut wrong = Vec::new();
    let mut plain = BTreeMap::new();
    for case in &table.cases {
        let holds = Expression::new(&case.holds);
        let program = match holds.program(&survey) {
            Ok(program) => program,
            Err(error) => {
                wrong.push(format!("{}: {error}", case.holds));
                continue;
            }
        };
        plain.insert(case.holds.clone(), program.plain().to_owned());
        let found = word(judge(&survey, &holds, &case.answers, &case.previous, case.licensed_beds));
        if found != case.verdict || program.plain() != case.plain {
            wrong.push(format!("{} of {:?}: {found}, not {}; {}", case.holds, case.answers, case.verdict, program.plain()));
        }
    }
    if let Ok(path) = std::env::var("AKIDOKO_WRITE_PLAIN") {
        std::fs::write(path, serde_json::to_string(&plain).unwrap()).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.cases.len() > 90);
}

#[test]
fn what_is_refused_says_why() {
    let (survey, table) = table();
    for (holds, expected) in &table.refused {
        let expression = Expression::new(holds);
        let error = expression.program(&survey).err().unwrap_or_else(|| panic!("{holds} was taken"));
        let found = format!("{error:?}");
        assert_eq!(found.split([' ', '(', '{']).next().unwrap(), expected, "{holds}: {error:?}");
    }
}

#[test]
fn dates_and_times_as_people_type_them() {
    let table: BTreeMap<String, Vec<(String, Json)>> = serde_json::from_str(include_str!("typed.cases.json")).unwrap();
    let read = |kind: &str, typed: &str| match kind {
        "date" => text::parse_date(typed).map(|day| day.to_string()),
        _ => text::parse_clock(typed).map(text::clock),
    };
    for (kind, cases) in &table {
        for (typed, kept) in cases {
            // `null` is nothing typed, `false` is what does not read.
            assert_eq!(read(kind, typed).as_deref(), kept.as_str(), "{kind} {typed:?}");
        }
    }
}
