//! A pile of sheets, one after the other, by keyboard: the number, the figures in the order of the sheet, Enter through, the next.

use super::{
    super::{Frame, Here, path},
    SHEETS,
};
use crate::words::{self, Line};
use akidoko_domain::{
    board::Card,
    report::{BehalfWhy, Refusal, options},
    survey::{Answers, Item, ItemKind, Survey, Value},
};
use askama::Template;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What goes along from sheet to sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sticky {
    /// The day of the sheets.
    pub day: NaiveDate,
    /// Why they are entered here.
    pub why: String,
    /// More of it.
    pub words: String,
    /// So many are done.
    pub done: u32,
}

impl Sticky {
    /// The address of the search, with all of it.
    pub fn href(&self) -> String {
        let mut out = format!("{}?day={}&why={}&done={}", path::REPORT_PILE, self.day, path::encode(&self.why), self.done);
        if !self.words.is_empty() {
            out.push_str("&words=");
            out.push_str(&path::encode(&self.words));
        }
        out
    }
}

/// The sheet that was just saved.
pub struct PileSaved {
    /// Its hospital.
    pub name: String,
    /// Its ID.
    pub code: String,
    /// The version.
    pub version: u32,
}

/// What the search came to.
pub enum PileFind {
    /// Nothing was typed yet.
    Start,
    /// Nothing is called so.
    Nothing(String),
    /// Several are: name, ID, number, where to.
    Several(String, Vec<(String, String, String)>),
    /// One.
    One(Box<PileEntry>),
}

/// A figure of the sheet.
struct Field {
    id: String,
    label: String,
    part: bool,
    unit: String,
    value: String,
    before: String,
    before_raw: String,
    legend: Vec<String>,
    numeric: bool,
    error: Option<String>,
}

struct Part {
    title: String,
    fields: Vec<Field>,
}

/// The sheet on the desk.
pub struct PileEntry {
    name: String,
    code: String,
    short: String,
    version: u32,
    at: String,
    parts: Vec<Part>,
    problem: Option<String>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
    needs_reason: bool,
    reason: String,
    has_before: bool,
    reported: bool,
}

/// As a figure stands in its field: a count, the number of a choice as on the sheet, text.
fn raw(item: &Item, value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Count(n)) => n.to_string(),
        Some(Value::Word(word)) => {
            let at = options(item).iter().position(|(id, _)| id == word);
            at.map_or_else(|| word.clone(), |at| (at + 1).to_string())
        }
    }
}

impl PileEntry {
    /// A sheet to be entered. `typed`: what was typed before it was refused.
    pub fn new(
        card: &Card,
        survey: &Survey,
        (before, version, reported): (&Answers, u32, bool),
        typed: Option<&BTreeMap<String, String>>,
        (at, reason): (&str, &str),
        refusal: Option<&Refusal>,
    ) -> Self {
        let (errors, warnings) = match refusal {
            Some(Refusal::Findings { errors, warnings }) => {
                let lines = |list: &[akidoko_domain::report::Finding]| list.iter().map(|f| words::finding(survey, f)).collect::<Vec<_>>();
                (lines(errors), lines(warnings))
            }
            _ => (Vec::new(), Vec::new()),
        };
        let field = |item: &Item| {
            let known = before.get(&item.id).and_then(Option::as_ref);
            let before_raw = raw(item, known);
            let choices = options(item).into_iter().filter_map(|(_, w)| w.into_iter().next()).enumerate();
            Field {
                id: item.id.clone(),
                label: item.label.clone(),
                part: item.part,
                unit: if let ItemKind::Count { unit, .. } = &item.kind { unit.clone() } else { String::new() },
                value: typed.map_or_else(|| before_raw.clone(), |t| t.get(&item.id).cloned().unwrap_or_default()),
                before: known.map(|v| words::value(item, Some(v))).unwrap_or_default(),
                before_raw,
                legend: choices.map(|(n, words)| format!("{} {words}", n + 1)).collect(),
                numeric: !matches!(item.kind, ItemKind::Text { .. } | ItemKind::Phone {}),
                error: errors.iter().find(|l| l.item == item.id).map(|l| l.sentence.clone()),
            }
        };
        let parts = survey.sections.iter().map(|s| Part { title: s.title.clone(), fields: s.items.iter().map(field).collect() }).collect();
        Self {
            name: card.name.clone(),
            code: card.code.to_string(),
            short: card.code.short().to_owned(),
            version,
            at: at.to_owned(),
            parts,
            problem: refusal.map(|r| match r {
                Refusal::Findings { errors, warnings } if errors.is_empty() => {
                    format!("{} か所を確かめてください。用紙のとおりなら、Enter で保存できます。", warnings.len())
                }
                other => words::refusal(other),
            }),
            needs_reason: matches!(refusal, Some(Refusal::ReasonMissing | Refusal::BadReason(_))) || !reason.is_empty(),
            reason: reason.to_owned(),
            has_before: !before.is_empty(),
            errors,
            warnings,
            reported,
        }
    }

    /// Only confirmations are missing.
    fn only_warns(&self) -> bool {
        self.errors.is_empty() && !self.warnings.is_empty()
    }
}

/// The screen.
#[derive(Template)]
#[template(path = "paper/pile.html")]
pub struct PilePage {
    frame: Frame,
    sticky: Sticky,
    day_words: String,
    whys: Vec<(&'static str, &'static str, bool)>,
    saved: Option<PileSaved>,
    find: PileFind,
    again: String,
}

impl PilePage {
    /// The screen.
    pub fn new(frame: Frame, sticky: Sticky, saved: Option<PileSaved>, find: PileFind) -> Self {
        let title =
            if let PileFind::One(entry) = &find { format!("用紙の入力　{}", entry.name) } else { "用紙の入力".to_owned() };
        Self {
            frame: frame.of(title, Here::Report, &["js/pile.js"]).with_sheets(SHEETS),
            day_words: words::date(sticky.day),
            whys: BehalfWhy::ALL.map(|w| (w.as_str(), words::behalf::why(w), w.as_str() == sticky.why)).into(),
            again: sticky.href(),
            sticky,
            saved,
            find,
        }
    }

    fn acts_for_others(&self) -> bool {
        self.frame.acts_for_others()
    }
}
