//! From what was typed, in a form or in JSON, to answers. Every problem is found at once, each with its item.

use super::Kind;
use crate::{
    survey::{Answers, Care, Item, ItemKind, SKIPPED, Status, Survey, Value},
    text,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What is wrong with an answer. The words are the screen's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The survey has no such item.
    UnknownItem,
    /// Not a whole number without a sign.
    NotACount,
    /// More than may be.
    TooLarge {
        /// The largest that is taken.
        max: u32,
    },
    /// Less than may be.
    TooSmall {
        /// The smallest that is taken.
        min: u32,
    },
    /// Not a day of the calendar.
    NotADate,
    /// Not a time of day.
    NotATime,
    /// A date or a time outside of what is taken.
    OutOfRange {
        /// The first that is taken, as it is kept.
        min: Option<String>,
        /// The last that is taken, as it is kept.
        max: Option<String>,
    },
    /// Not one of the words.
    UnknownWord {
        /// Those that are taken.
        allowed: Vec<String>,
    },
    /// Too many characters.
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// Control characters or line breaks beyond reason.
    NotText,
    /// Not a telephone number.
    NotAPhone,
    /// A full report must answer it.
    Required,
    /// Speaks of a patient（design.md rule 2）.
    Patient(text::PatientHint),
    /// A rule of the survey does not hold; its message says what to do.
    Rule {
        /// The message, from the survey.
        message: String,
    },
}

/// A problem and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The item, where there is one.
    pub item: String,
    /// The name by which a soft one is confirmed: the rule's, or `patient:` and the item.
    pub id: String,
    /// What is wrong.
    pub problem: Problem,
}

impl Finding {
    pub(super) fn of(item: &str, problem: Problem) -> Self {
        let id = if matches!(problem, Problem::Patient(_)) { format!("patient:{item}") } else { item.to_owned() };
        Self { item: item.to_owned(), id, problem }
    }
}

/// Reads raw answers: JSON of the API, or the strings of a form. An empty string and `null` are 未回答. Full-width digits are taken.
/// In a full report missing required items are found too. What could be read comes beside what could not, so that the rules can speak
/// in the same breath（[`super::check()`]）.
pub fn read_answers(survey: &Survey, kind: Kind, raw: &BTreeMap<String, Json>) -> (Answers, Vec<Finding>) {
    let mut answers = Answers::new();
    let mut findings = Vec::new();
    for (id, json) in raw {
        if survey.skips(id).is_some() {
            if json.as_str() == Some(SKIPPED) {
                answers.insert(id.clone(), Some(Value::Word(SKIPPED.to_owned())));
            }
            continue;
        }
        match survey.item(id).ok_or(Problem::UnknownItem).and_then(|item| read_one(item, json)) {
            Ok(None) if kind == Kind::Full => {}
            Ok(value) => {
                answers.insert(id.clone(), value);
            }
            Err(problem) => findings.push(Finding::of(id, problem)),
        }
    }
    skip(survey, &mut answers, &mut findings);
    if kind == Kind::Full {
        for lacking in missing(survey, &answers) {
            if !findings.iter().any(|f| f.item == lacking.item) {
                findings.push(lacking);
            }
        }
    }
    (answers, findings)
}

/// Answers that stand already, read by a survey anew: what one version of it took, another may not know, or bound more narrowly.
pub fn reread(survey: &Survey, kind: Kind, answers: &Answers) -> (Answers, Vec<Finding>) {
    let known = |id: &str| survey.item(id).is_some() || survey.skips(id).is_some();
    let raw = answers.iter().filter(|(id, _)| known(id)).map(|(id, value)| (id.clone(), serde_json::json!(value))).collect();
    read_answers(survey, kind, &raw)
}

/// 該当なし: nothing of the section is answered, whatever stands in its fields.
fn skip(survey: &Survey, answers: &mut Answers, findings: &mut Vec<Finding>) {
    for section in survey.sections.iter().filter(|s| s.may_skip) {
        if section.is_skipped(answers) {
            let of_it = |id: &str| section.items.iter().any(|i| i.id == id);
            answers.retain(|id, _| !of_it(id));
            findings.retain(|f| !of_it(&f.item));
        }
    }
}

/// What a full report must answer and does not: required items, but not of a section that is 「該当なし」.
pub fn missing(survey: &Survey, answers: &Answers) -> Vec<Finding> {
    let asked = survey.sections.iter().filter(|s| !s.is_skipped(answers)).flat_map(|s| &s.items);
    asked.filter(|i| i.required && answers.get(&i.id).is_none_or(Option::is_none)).map(|i| Finding::of(&i.id, Problem::Required)).collect()
}

fn read_one(item: &Item, json: &Json) -> Result<Option<Value>, Problem> {
    match &item.kind {
        ItemKind::Count { min, max, .. } => {
            let count = match json {
                Json::Null => None,
                Json::Number(n) => Some(n.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or(match n.as_u64() {
                    Some(_) => Problem::TooLarge { max: *max },
                    None => Problem::NotACount,
                })?),
                Json::String(s) => match text::parse_count(s) {
                    Ok(count) => count,
                    Err(text::CountError::TooLarge) => return Err(Problem::TooLarge { max: *max }),
                    Err(_) => return Err(Problem::NotACount),
                },
                _ => return Err(Problem::NotACount),
            };
            if count.is_some_and(|n| n > *max) {
                return Err(Problem::TooLarge { max: *max });
            }
            if count.is_some_and(|n| n < *min) {
                return Err(Problem::TooSmall { min: *min });
            }
            Ok(count.map(Value::Count))
        }
        ItemKind::Status { not_available } => {
            let allowed =
                || Status::ALL.into_iter().filter(|s| *not_available || *s != Status::NotAvailable).map(|s| s.as_str().to_owned());
            match word(json, || allowed().collect())? {
                Some(w) if w == Status::NoAnswer.as_str() => Ok(None),
                Some(w) if allowed().any(|a| a == w) => Ok(Some(Value::Word(w))),
                Some(_) => Err(Problem::UnknownWord { allowed: allowed().collect() }),
                None => Ok(None),
            }
        }
        ItemKind::Care {} => choice(json, Care::ALL.into_iter().map(|c| c.as_str().to_owned()).collect()),
        ItemKind::Choice { options } => choice(json, options.iter().map(|o| o.id.clone()).collect()),
        ItemKind::YesNo {} => match json {
            Json::Bool(yes) => Ok(Some(yes_or_no(*yes))),
            Json::String(s) if s.trim() == "はい" => Ok(Some(yes_or_no(true))),
            Json::String(s) if s.trim() == "いいえ" => Ok(Some(yes_or_no(false))),
            _ => choice(json, vec!["yes".to_owned(), "no".to_owned()]),
        },
        ItemKind::Date { min, max } => {
            let Some(s) = word(json, Vec::new).map_err(|_| Problem::NotADate)? else { return Ok(None) };
            let date = text::parse_date(&s).ok_or(Problem::NotADate)?;
            between(date, *min, *max, |day| day.to_string())
        }
        ItemKind::Time { min, max } => {
            let Some(s) = word(json, Vec::new).map_err(|_| Problem::NotATime)? else { return Ok(None) };
            let time = text::parse_clock(&s).ok_or(Problem::NotATime)?;
            between(time, *min, *max, text::clock)
        }
        ItemKind::Text { max } => {
            let Some(s) = word(json, Vec::new).map_err(|_| Problem::NotText)? else { return Ok(None) };
            let s = s.replace("\r\n", "\n");
            if s.chars().any(|c| c.is_control() && c != '\n') {
                return Err(Problem::NotText);
            }
            if s.chars().count() > *max {
                return Err(Problem::TooLong { max: *max });
            }
            Ok(Some(Value::Word(s)))
        }
        ItemKind::Phone {} => {
            let Some(s) = word(json, Vec::new).map_err(|_| Problem::NotAPhone)? else { return Ok(None) };
            text::read_phone(&s).map(|p| Some(Value::Word(p))).ok_or(Problem::NotAPhone)
        }
    }
}

fn yes_or_no(yes: bool) -> Value {
    Value::Word(if yes { "yes" } else { "no" }.to_owned())
}

/// A date or time, as it is kept, if it lies within its bounds.
fn between<T: PartialOrd>(found: T, min: Option<T>, max: Option<T>, kept: impl Fn(T) -> String) -> Result<Option<Value>, Problem> {
    if min.as_ref().is_some_and(|min| found < *min) || max.as_ref().is_some_and(|max| found > *max) {
        return Err(Problem::OutOfRange { min: min.map(&kept), max: max.map(&kept) });
    }
    Ok(Some(Value::Word(kept(found))))
}

fn choice(json: &Json, allowed: Vec<String>) -> Result<Option<Value>, Problem> {
    match word(json, || allowed.clone())? {
        Some(w) if allowed.contains(&w) => Ok(Some(Value::Word(w))),
        Some(_) => Err(Problem::UnknownWord { allowed }),
        None => Ok(None),
    }
}

fn word(json: &Json, allowed: impl Fn() -> Vec<String>) -> Result<Option<String>, Problem> {
    match json {
        Json::Null => Ok(None),
        Json::String(s) if s.trim().is_empty() => Ok(None),
        Json::String(s) => Ok(Some(s.trim().to_owned())),
        _ => Err(Problem::UnknownWord { allowed: allowed() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};
    use serde_json::json;

    fn read(id: &str, json: &Json) -> Result<Option<Value>, Problem> {
        let catalogue = Catalogue::shipped();
        read_one(catalogue.version(DAILY, 1).unwrap().item(id).unwrap(), json)
    }

    #[test]
    fn what_people_type() {
        for (id, typed, expected) in [
            ("available_beds", json!(4), Ok(Some(Value::Count(4)))),
            ("available_beds", json!("４"), Ok(Some(Value::Count(4)))),
            ("available_beds", json!(" 1,234 "), Ok(Some(Value::Count(1234)))),
            ("available_beds", json!(""), Ok(None)),
            ("available_beds", json!(null), Ok(None)),
            ("available_beds", json!(0), Ok(Some(Value::Count(0)))),
            ("available_beds", json!(-1), Err(Problem::NotACount)),
            ("available_beds", json!(1.5), Err(Problem::NotACount)),
            ("available_beds", json!("四"), Err(Problem::NotACount)),
            ("available_beds", json!(10000), Err(Problem::TooLarge { max: 9999 })),
            ("available_beds", json!("99999999999999999999"), Err(Problem::TooLarge { max: 9999 })),
            ("available_beds", json!([4]), Err(Problem::NotACount)),
            ("emergency_status", json!("normal"), Ok(Some(Value::Word("normal".into())))),
            ("emergency_status", json!("no_answer"), Ok(None)),
            ("accept_pediatric", json!("active"), Ok(Some(Value::Word("active".into())))),
            ("board_comment", json!("整形当直なし"), Ok(Some(Value::Word("整形当直なし".into())))),
            ("board_comment", json!("あ".repeat(201)), Err(Problem::TooLong { max: 200 })),
            ("board_comment", json!("a\u{0}b"), Err(Problem::NotText)),
            ("contact_day", json!("０３−１２３４−５６７８"), Ok(Some(Value::Word("03-1234-5678".into())))),
            ("contact_day", json!("電話"), Err(Problem::NotAPhone)),
        ] {
            assert_eq!(read(id, &typed), expected, "{id} {typed}");
        }
        assert!(matches!(read("emergency_status", &json!("通常")), Err(Problem::UnknownWord { .. })));
        assert!(matches!(read("accept_pediatric", &json!(1)), Err(Problem::UnknownWord { .. })));
    }

    #[test]
    fn a_section_that_does_not_apply_asks_nothing() {
        let catalogue = Catalogue::shipped();
        let mut survey = catalogue.version(DAILY, 1).unwrap().clone();
        survey.sections[0].may_skip = true;
        let raw = |pairs: &[(&str, &str)]| pairs.iter().map(|(id, v)| ((*id).to_owned(), json!(v))).collect::<BTreeMap<_, _>>();
        let required = |pairs: &[(&str, &str)]| read_answers(&survey, Kind::Full, &raw(pairs)).1.len();
        assert_eq!(required(&[]), 2);
        assert_eq!(required(&[("skip:acceptance", "yes")]), 0);
        assert_eq!(required(&[("skip:acceptance", "yes"), ("emergency_status", "nonsense")]), 0);
        assert_eq!(required(&[("skip:acceptance", "")]), 2);
        let (answers, _) = read_answers(&survey, Kind::Full, &raw(&[("skip:acceptance", "yes"), ("emergency_status", "normal")]));
        assert_eq!(answers.keys().collect::<Vec<_>>(), ["skip:acceptance"]);
        // What may not be skipped is an unknown item.
        assert_eq!(required(&[("skip:beds", "yes")]), 3);
    }

    #[test]
    fn days_times_and_yes_or_no() {
        let survey = Survey::from_json(
            r#"{"code":"x","version":1,"valid_from":"2026-01-01","title":"x","cadence":"daily","sections":[{"id":"a","title":"a","items":[
            {"id":"checked_on","label":"点検日","type":"date","min":"2020-04-01","max":"2026-12-31"},
            {"id":"opens_at","label":"開始","type":"time","min":"06:00","max":"22:30"},
            {"id":"ends_at","label":"終了","type":"time"},
            {"id":"joined","label":"参加","type":"yes_no"},
            {"id":"people","label":"人数","type":"count","unit":"人","min":1,"max":50}]}]}"#,
        )
        .unwrap();
        let kept = |w: &str| Ok(Some(Value::Word(w.to_owned())));
        let days = || Problem::OutOfRange { min: Some("2020-04-01".into()), max: Some("2026-12-31".into()) };
        let times = || Problem::OutOfRange { min: Some("06:00".into()), max: Some("22:30".into()) };
        for (id, typed, expected) in [
            ("checked_on", json!("2026-04-10"), kept("2026-04-10")),
            ("checked_on", json!("令和８年４月１０日"), kept("2026-04-10")),
            ("checked_on", json!("R8.4.10"), kept("2026-04-10")),
            ("checked_on", json!(" 2026/4/10 "), kept("2026-04-10")),
            ("checked_on", json!("平成30年4月10日"), Err(days())),
            ("checked_on", json!("2027-01-01"), Err(days())),
            ("checked_on", json!("2026-02-29"), Err(Problem::NotADate)),
            ("checked_on", json!(20_260_410), Err(Problem::NotADate)),
            ("checked_on", json!("きのう"), Err(Problem::NotADate)),
            ("checked_on", json!(""), Ok(None)),
            ("opens_at", json!("９時５分"), kept("09:05")),
            ("opens_at", json!("0905"), kept("09:05")),
            ("opens_at", json!("5:59"), Err(times())),
            ("opens_at", json!("22:31"), Err(times())),
            ("ends_at", json!("24:00"), Err(Problem::NotATime)),
            ("ends_at", json!("0:00"), kept("00:00")),
            ("ends_at", json!(null), Ok(None)),
            ("joined", json!("yes"), kept("yes")),
            ("joined", json!("いいえ"), kept("no")),
            ("joined", json!(true), kept("yes")),
            ("joined", json!(""), Ok(None)),
            ("people", json!(1), Ok(Some(Value::Count(1)))),
            ("people", json!("０"), Err(Problem::TooSmall { min: 1 })),
            ("people", json!(51), Err(Problem::TooLarge { max: 50 })),
        ] {
            assert_eq!(read_one(survey.item(id).unwrap(), &typed), expected, "{id} {typed}");
        }
        assert!(matches!(read_one(survey.item("joined").unwrap(), &json!("たぶん")), Err(Problem::UnknownWord { .. })));
        assert_eq!(Survey::from_json(&serde_json::to_string(&survey).unwrap()).unwrap(), survey);
    }

    #[test]
    fn every_problem_at_once() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let raw = BTreeMap::from([
            ("available_beds".to_owned(), json!("x")),
            ("nonsense".to_owned(), json!(1)),
            ("inpatient_status".to_owned(), json!("normal")),
        ]);
        let found: Vec<String> = read_answers(daily, Kind::Full, &raw).1.into_iter().map(|f| f.item).collect();
        assert_eq!(found, ["available_beds", "nonsense", "emergency_status"]);
        let quick = BTreeMap::from([("available_beds".to_owned(), json!(null))]);
        assert_eq!(read_answers(daily, Kind::Quick, &quick).0["available_beds"], None);
    }
}
