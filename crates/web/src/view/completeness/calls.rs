//! 電話リスト: numbers to ring, and who was rung when with what result.

use super::{
    SHEETS,
    day::{last, mail, phone},
};
use crate::{
    view::{Frame, Here, path},
    words::{self, completeness as cw},
};
use akidoko_domain::due::{CALL_WORDS, CallResult};
use akidoko_service::completeness::{HospitalDay, PrefectureDay};
use askama::Template;
use chrono::NaiveDate;

/// What was typed and not taken, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallTyped {
    /// The hospital's ID.
    pub hospital: String,
    /// What was chosen.
    pub result: String,
    /// What was written.
    pub words: String,
    /// Why it was not taken.
    pub problem: String,
    /// It may be confirmed.
    pub may_confirm: bool,
}

struct Note {
    at: String,
    result: &'static str,
    words: String,
    who: String,
}

struct Line {
    code: String,
    name: String,
    tag: Option<&'static str>,
    place: String,
    state: &'static str,
    icon: &'static str,
    class: &'static str,
    last: String,
    mail: String,
    phone: Option<(String, String)>,
    report: String,
    notes: Vec<Note>,
    typed: Option<CallTyped>,
}

/// The page.
#[derive(Template)]
#[template(path = "completeness/calls.html")]
pub struct CallsPage {
    frame: Frame,
    name: String,
    day: String,
    date: NaiveDate,
    until: String,
    printed: String,
    lines: Vec<Line>,
    results: Vec<(&'static str, &'static str)>,
    once: String,
    noted: bool,
    wrong: bool,
}

impl CallsPage {
    /// Of today: those that owe a report, and those that were rung. `once` is a secret of the forms.
    pub fn new(frame: Frame, day: &PrefectureDay, once: String, typed: Option<&CallTyped>, noted: bool) -> Self {
        let listed = day.hospitals.iter().filter(|h| {
            // Whoever reported while they were rung stays as long as the note on it waits to be kept.
            h.state.is_open() || !h.calls.is_empty() || typed.is_some_and(|t| t.hospital == h.row.card.code.as_str())
        });
        Self {
            frame: frame.of("電話リスト", Here::Completeness, &["js/print.js", "js/completeness.js"]).with_sheets(SHEETS),
            name: day.name.clone(),
            day: words::day(day.day),
            date: day.day,
            until: cw::until_due(day.day, day.rule, day.now),
            printed: words::moment(day.now, day.now),
            lines: listed.map(|h| line(h, day.day, typed)).collect(),
            results: CallResult::ALL.map(|r| (r.as_str(), cw::call(r))).into(),
            once,
            noted,
            wrong: typed.is_some(),
        }
    }

    fn max() -> usize {
        CALL_WORDS
    }
}

fn line(h: &HospitalDay, day: NaiveDate, typed: Option<&CallTyped>) -> Line {
    let card = &h.row.card;
    let (icon, class) = cw::state_icon(h.state);
    Line {
        code: card.code.to_string(),
        name: card.name.clone(),
        tag: card.emergency_level.map(words::emergency_level),
        place: card.municipality.clone().or_else(|| card.area.clone()).unwrap_or_default(),
        state: cw::state(h.state),
        icon,
        class,
        last: last(h, day),
        mail: mail(h).0,
        phone: phone(h),
        report: path::report(&card.code, day),
        notes: h
            .calls
            .iter()
            .map(|c| Note { at: words::clock(c.at), result: cw::call(c.result), words: c.words.clone(), who: c.who.clone() })
            .collect(),
        typed: typed.filter(|t| t.hospital == card.code.as_str()).cloned(),
    }
}
