//! The history of a hospital's reports: every version, who, when, by which road, and what it changed. Nothing is overwritten.

use super::{
    Frame, Here,
    change::{Change, after, author_words, changes},
    path,
};
use crate::words;
use akidoko_domain::{
    board::Card,
    report::ReportVersion,
    survey::{Answers, Catalogue},
};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use std::{cmp::Reverse, collections::BTreeMap};

struct Line {
    version: u32,
    clock: String,
    author: String,
    road: &'static str,
    kind: &'static str,
    proxy: String,
    changes: Vec<Change>,
    compared: bool,
    reason: Option<String>,
}

struct Day {
    words: String,
    survey: String,
    lines: Vec<Line>,
}

/// The screen.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    frame: Frame,
    name: String,
    hospital: String,
    older: Option<String>,
    days: Vec<Day>,
}

impl HistoryPage {
    /// `versions` in any order; `more` says that there are older ones, which the reader asks for by `before=<oldest day>`.
    pub fn new(frame: Frame, card: &Card, catalogue: &Catalogue, versions: &[ReportVersion], more: bool, now: DateTime<Utc>) -> Self {
        let oldest = versions.iter().map(|v| v.report_date).min();
        Self {
            frame: frame.of(format!("報告の履歴　{}", card.name), Here::Elsewhere, &[]),
            name: card.name.clone(),
            hospital: path::hospital(&card.code),
            older: oldest.filter(|_| more).map(|day| format!("{}?before={day}", path::history(&card.code))),
            days: days(catalogue, versions, now),
        }
    }
}

fn days(catalogue: &Catalogue, versions: &[ReportVersion], now: DateTime<Utc>) -> Vec<Day> {
    let mut ordered: Vec<&ReportVersion> = versions.iter().collect();
    ordered.sort_by_key(|v| (v.survey.clone(), v.report_date, v.version));
    let mut known: BTreeMap<&str, Answers> = BTreeMap::new();
    let mut lines: BTreeMap<(Reverse<NaiveDate>, &str), Vec<Line>> = BTreeMap::new();
    for version in ordered {
        let before = known.get(version.survey.as_str());
        let after = after(before, version);
        let survey = catalogue.version(&version.survey, version.survey_version);
        let line = Line {
            version: version.version,
            clock: words::moment(version.received_at, now),
            author: author_words(&version.author),
            road: words::channel(version.author.channel),
            kind: words::kind(version.kind),
            proxy: words::proxy(&version.author),
            changes: before.zip(survey).map(|(before, survey)| changes(survey, before, &after)).unwrap_or_default(),
            compared: before.is_some(),
            reason: version.reason.clone(),
        };
        lines.entry((Reverse(version.report_date), version.survey.as_str())).or_default().insert(0, line);
        known.insert(&version.survey, after);
    }
    let title = |code: &str| catalogue.all().find(|s| s.code == code).map_or_else(|| code.to_owned(), |s| s.title.clone());
    lines.into_iter().map(|((Reverse(day), survey), lines)| Day { words: words::date(day), survey: title(survey), lines }).collect()
}
