//! The history of a hospital's reports: every version, who, when, by which road, and what it changed. Nothing is overwritten, so the record
//! can be shown as it was known at a past minute.

use super::{
    Frame, Here,
    change::{Change, after, author_words, changes_of},
    path,
};
use crate::words;
use akidoko_domain::{
    board::Card,
    report::{Cells, Correction, CorrectionState, ReportVersion},
    survey::{Answers, Catalogue, DAILY, Item},
    time::to_jst,
};
use akidoko_service::history::History;
use askama::Template;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::{cmp::Reverse, collections::BTreeMap};

/// What the screen shows.
pub struct HistoryInput<'a> {
    /// The hospital.
    pub card: &'a Card,
    /// The surveys.
    pub catalogue: &'a Catalogue,
    /// A month.
    pub history: &'a History,
    /// Only changes of this item.
    pub item: Option<&'a str>,
    /// Does this item exist for the reader?
    pub sees: &'a dyn Fn(&Item) -> bool,
    /// May the reader open requests for correction?
    pub opens_corrections: bool,
    /// The present moment.
    pub now: DateTime<Utc>,
}

struct Line {
    version: u32,
    href: String,
    received: String,
    as_of: String,
    author: String,
    road: &'static str,
    kind: &'static str,
    proxy: String,
    changes: Vec<Change>,
    compared: bool,
    reason: Option<String>,
    consent: Option<String>,
}

struct Day {
    words: String,
    survey: String,
    lines: Vec<Line>,
    asked: Vec<Asked>,
}

/// A request that did not become a version.
struct Asked {
    state: &'static str,
    waiting: bool,
    words: String,
    reason: String,
    href: Option<String>,
}

/// A figure as it was known.
struct Known {
    label: String,
    value: String,
    moment: String,
    author: String,
    mark: String,
}

/// The screen.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    frame: Frame,
    name: String,
    hospital: String,
    here: String,
    month: String,
    month_value: String,
    older: Option<(String, String)>,
    newer: Option<(String, String)>,
    items: Vec<(String, String, bool)>,
    item: Option<String>,
    at_value: String,
    at: Option<String>,
    known: Vec<Known>,
    /// What of the month is not there, in words.
    left_out: Vec<String>,
    days: Vec<Day>,
}

impl HistoryPage {
    /// A month of it.
    pub fn new(frame: Frame, input: &HistoryInput<'_>) -> Self {
        let HistoryInput { card, history, catalogue, .. } = input;
        let here = path::history(&card.code);
        let month_words = |day: NaiveDate| format!("{}年{}月", day.year(), day.month());
        let month_value = |day: NaiveDate| day.format("%Y-%m").to_string();
        let item = input.item.map(|id| format!("&item={}", path::encode(id))).unwrap_or_default();
        let turn = |day: Option<NaiveDate>| day.map(|day| (format!("{here}?month={}{item}", month_value(day)), month_words(day)));
        let daily = catalogue.on(DAILY, history.month);
        let items = daily.into_iter().flat_map(|s| s.items().map(move |i| (s, i))).filter(|(_, i)| (input.sees)(i));
        let items = items.map(|(s, i)| (i.id.clone(), words::label(s, &i.id), input.item == Some(i.id.as_str())));
        let known = history.known.as_ref();
        Self {
            frame: frame.of(format!("報告の履歴　{}", card.name), Here::History, &[]).with_sheets(&["history.css"]),
            name: card.name.clone(),
            hospital: path::hospital(&card.code),
            month: month_words(history.month),
            month_value: month_value(history.month),
            older: turn(history.around.0),
            newer: turn(history.around.1),
            items: items.collect(),
            item: input.item.and_then(|id| daily.map(|s| words::label(s, id))),
            at_value: known.map(|(at, _)| to_jst(*at).format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default(),
            at: known.map(|(at, _)| words::moment(*at, input.now)),
            known: known.map(|(_, records)| known_lines(records, input)).unwrap_or_default(),
            left_out: left_out(history),
            days: days(input),
            here,
        }
    }
}

fn left_out(history: &History) -> Vec<String> {
    let cut = history.is_cut.map(|most| format!("この月の版は多いため、新しい {most} 版だけを示しています。"));
    let fed = history.versions.iter().any(|v| v.author.source.is_some());
    let repeats = fed.then(|| "ほかのシステムが前と同じ内容を続けて送った版は、省いています。".to_owned());
    cut.into_iter().chain(repeats).collect()
}

fn known_lines(records: &[(String, Cells)], input: &HistoryInput<'_>) -> Vec<Known> {
    let mut lines = Vec::new();
    for (code, cells) in records {
        let Some(survey) = input.catalogue.all().filter(|s| s.code == *code).max_by_key(|s| s.version) else { continue };
        for item in survey.items().filter(|i| (input.sees)(i)) {
            let Some(cell) = cells.items.get(&item.id) else { continue };
            lines.push(Known {
                label: words::label(survey, &item.id),
                value: words::with_unit(item, cell.value.as_ref()),
                moment: words::moment(cell.as_of, input.now),
                author: cells.authors.get(cell.author).map(author_words).unwrap_or_default(),
                mark: cells.authors.get(cell.author).map(words::mark).unwrap_or_default(),
            });
        }
    }
    lines
}

/// The newest day first, then by survey.
type DayKey<'a> = (Reverse<NaiveDate>, &'a str);

fn consent_words(correction: &Correction, now: DateTime<Utc>) -> Option<String> {
    let (at, by) = correction.decided.as_ref()?;
    Some(format!("{}の同意（{}）", by.organisation, words::moment(*at, now)))
}

fn days(input: &HistoryInput<'_>) -> Vec<Day> {
    let HistoryInput { history, catalogue, now, .. } = input;
    let before = history.before.iter().map(|v| (v, false));
    let mut ordered: Vec<(&ReportVersion, bool)> = before.chain(history.versions.iter().map(|v| (v, true))).collect();
    ordered.sort_by_key(|(v, _)| (v.survey.clone(), v.report_date, v.version));
    let mut known: BTreeMap<&str, Answers> = BTreeMap::new();
    let mut days: BTreeMap<DayKey<'_>, (Vec<Line>, Vec<Asked>)> = BTreeMap::new();
    for (version, shown) in ordered {
        let before = known.get(version.survey.as_str());
        let after = after(before, version);
        if shown && let Some(line) = line(version, before, &after, input) {
            days.entry((Reverse(version.report_date), version.survey.as_str())).or_default().0.insert(0, line);
        }
        known.insert(&version.survey, after);
    }
    if input.item.is_none() && history.known.is_none() {
        for c in history.corrections.iter().filter(|c| c.state != CorrectionState::Consented) {
            let said = c.words.as_ref().map(|words| format!("　{words}")).unwrap_or_default();
            let asked = Asked {
                state: words::correction_state(c.state),
                waiting: c.state == CorrectionState::Waiting,
                words: format!("{}に申請　{}{said}", words::moment(c.requested_at, *now), author_words(&c.author)),
                reason: c.reason.clone(),
                href: input.opens_corrections.then(|| path::correction(c.id)),
            };
            days.entry((Reverse(c.report_date), c.survey.as_str())).or_default().1.push(asked);
        }
    }
    let title = |code: &str| catalogue.all().find(|s| s.code == code).map_or_else(|| code.to_owned(), |s| s.title.clone());
    let day = |((Reverse(day), survey), (lines, asked))| Day { words: words::date(day), survey: title(survey), lines, asked };
    days.into_iter().map(day).collect()
}

/// A version; `None` where it does not touch the item that is asked for.
fn line(version: &ReportVersion, before: Option<&Answers>, after: &Answers, input: &HistoryInput<'_>) -> Option<Line> {
    let survey = input.catalogue.version(&version.survey, version.survey_version);
    let wanted = |item: &Item| (input.sees)(item) && input.item.is_none_or(|id| id == item.id);
    let changes = before.zip(survey).map(|(before, survey)| changes_of(survey, before, after, wanted)).unwrap_or_default();
    if input.item.is_some() && changes.is_empty() {
        return None;
    }
    let correction = input
        .history
        .corrections
        .iter()
        .find(|c| c.survey == version.survey && c.report_date == version.report_date && c.version == Some(version.version));
    let card = input.card;
    let mut href = path::version(&card.code, version.report_date, version.version);
    if version.survey != DAILY {
        href = format!("{href}?survey={}", path::encode(&version.survey));
    }
    Some(Line {
        version: version.version,
        href,
        received: words::moment(version.received_at, input.now),
        as_of: words::moment(version.as_of, input.now),
        author: author_words(&version.author),
        road: words::road(&version.author),
        kind: words::kind(version.kind),
        proxy: words::proxy(&version.author),
        changes,
        compared: before.is_some(),
        reason: version.reason.clone(),
        consent: correction.and_then(|c| consent_words(c, input.now)),
    })
}
