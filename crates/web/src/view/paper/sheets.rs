//! A sheet of paper（A4）for a hospital's day: its name and number, what it reported last beside each box, choices as numbers to circle.

use super::{
    super::{Frame, Here, path},
    SHEETS,
};
use crate::words;
use akidoko_domain::{
    board::Card,
    report::options,
    survey::{Answers, Item, ItemKind, Survey},
    time::jst_day,
};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// A hospital on paper.
pub struct OnPaper<'a> {
    /// The hospital.
    pub card: &'a Card,
    /// What it reported last.
    pub answers: &'a Answers,
    /// When.
    pub day: Option<NaiveDate>,
}

/// An item with its box, or the numbers to circle.
struct Field {
    label: String,
    part: bool,
    unit: String,
    /// Numbers to circle, with their words.
    choices: Vec<(usize, String)>,
    before: String,
    is_text: bool,
}

struct Part {
    title: String,
    fields: Vec<Field>,
}

struct Sheet {
    name: String,
    code: String,
    short: String,
    before: String,
    has_before: bool,
    parts: Vec<Part>,
}

/// The sheets, one a page.
#[derive(Template)]
#[template(path = "paper/sheets.html")]
pub struct SheetsPage {
    frame: Frame,
    to: String,
    form: String,
    title: String,
    year: String,
    sheets: Vec<Sheet>,
    back: &'static str,
}

impl SheetsPage {
    /// `to`: where they are sent to.
    pub fn new(frame: Frame, survey: &Survey, hospitals: &[OnPaper<'_>], to: &str, now: DateTime<Utc>) -> Self {
        Self {
            frame: frame.of("FAX 用紙", Here::Report, &["js/print.js"]).with_sheets(SHEETS),
            to: to.to_owned(),
            form: format!("{}-{}", survey.code, survey.version),
            title: survey.title.clone(),
            year: jst_day(now).format("%Y").to_string(),
            sheets: hospitals.iter().map(|h| sheet(survey, h)).collect(),
            back: if hospitals.len() == 1 { path::REPORT } else { path::REPORT_SHEETS },
        }
    }
}

fn sheet(survey: &Survey, hospital: &OnPaper<'_>) -> Sheet {
    let parts = survey.sections.iter().map(|section| Part {
        title: section.title.clone(),
        fields: section.items.iter().map(|item| field(item, hospital.answers)).collect(),
    });
    Sheet {
        name: hospital.card.name.clone(),
        code: hospital.card.code.to_string(),
        short: hospital.card.code.short().to_owned(),
        before: hospital.day.map(|d| format!("前回（{}）", words::short_day(d))).unwrap_or_default(),
        has_before: hospital.day.is_some(),
        parts: parts.collect(),
    }
}

fn field(item: &Item, answers: &Answers) -> Field {
    let value = answers.get(&item.id).and_then(Option::as_ref);
    let choices = options(item).into_iter().filter_map(|(_, words)| words.into_iter().next());
    let unit = if let ItemKind::Count { unit, .. } = &item.kind { unit.clone() } else { String::new() };
    Field {
        label: item.label.clone(),
        part: item.part,
        unit,
        choices: choices.enumerate().map(|(n, words)| (n + 1, words)).collect(),
        before: value.map(|v| words::value(item, Some(v))).unwrap_or_default(),
        is_text: matches!(item.kind, ItemKind::Text { .. } | ItemKind::Phone {}),
    }
}

struct Pick {
    code: String,
    name: String,
    note: String,
}

/// The choice of hospitals.
#[derive(Template)]
#[template(path = "paper/choose.html")]
pub struct SheetChoicePage {
    frame: Frame,
    to: String,
    missing: usize,
    picks: Vec<Pick>,
}

impl SheetChoicePage {
    /// Hospitals with whether they reported today.
    pub fn new(frame: Frame, hospitals: &[(&Card, bool)], to: &str) -> Self {
        Self {
            frame: frame.of("FAX 用紙を印刷する", Here::Report, &[]).with_sheets(SHEETS),
            to: to.to_owned(),
            missing: hospitals.iter().filter(|(_, reported)| !reported).count(),
            picks: hospitals
                .iter()
                .map(|(card, reported)| Pick {
                    code: card.code.to_string(),
                    name: card.name.clone(),
                    note: if *reported { "今日の報告は済み" } else { "今日の報告はまだ" }.to_owned(),
                })
                .collect(),
        }
    }

    fn acts_for_others(&self) -> bool {
        self.frame.acts_for_others()
    }
}
