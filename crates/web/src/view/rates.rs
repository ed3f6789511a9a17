//! What prefectures answered to a survey, period by period, with the rates that the survey shows.

use super::{Frame, Here, path};
use crate::words;
use akidoko_domain::{
    id::PrefCode,
    survey::{ItemKind, Rate, Survey, Value, permille},
    time::jst_day,
};
use akidoko_service::answer::PrefectureReport;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

struct RateCell {
    words: String,
    is_over: bool,
    parts: String,
}

struct Line {
    head: String,
    href: Option<String>,
    rates: Vec<RateCell>,
    counts: Vec<String>,
    at: String,
}

/// The page: all prefectures of one period, or one prefecture over its periods.
#[derive(Template)]
#[template(path = "editor/rates.html")]
pub struct RatesPage {
    frame: Frame,
    title: String,
    file: String,
    action: String,
    heading: String,
    first_column: &'static str,
    rates: Vec<String>,
    counts: Vec<String>,
    lines: Vec<Line>,
    total: Option<Line>,
    missing: Vec<String>,
    periods: Vec<(String, String, bool)>,
    prefectures: Vec<(String, String, bool)>,
}

type Chosen = (Option<NaiveDate>, Option<PrefCode>);

impl RatesPage {
    /// `answers` the newest period first.
    pub fn new(
        frame: Frame,
        (title, survey): (&str, &Survey),
        answers: &[PrefectureReport],
        names: &BTreeMap<PrefCode, String>,
        (period, place): Chosen,
        now: DateTime<Utc>,
    ) -> Self {
        let dates: BTreeSet<NaiveDate> = answers.iter().map(|a| a.report.report_date).collect();
        let period = period.filter(|p| dates.contains(p)).or(dates.last().copied()).unwrap_or_else(|| survey.period(jst_day(now)).first);
        let counted: Vec<_> = survey.items().filter(|i| matches!(i.kind, ItemKind::Count { .. })).collect();
        let name = |p: PrefCode| names.get(&p).cloned().unwrap_or_else(|| p.to_string());
        let words_of = |date: NaiveDate| words::survey::period(survey, survey.period(date));
        let line = |a: &PrefectureReport, head: String, href: Option<String>| Line {
            head,
            href,
            rates: survey.rates.iter().map(|r| cell(r.permille(&a.report.answers), r.of(&a.report.answers))).collect(),
            counts: counted.iter().map(|i| count(a.report.answers.get(&i.id).and_then(Option::as_ref))).collect(),
            at: words::moment(a.report.received_at, now),
        };
        let here = path::office_answers(&survey.code);
        let mut shown: Vec<&PrefectureReport> = match place {
            Some(p) => answers.iter().filter(|a| a.prefecture == p).collect(),
            None => answers.iter().filter(|a| a.report.report_date == period).collect(),
        };
        shown.sort_by_key(|a| (std::cmp::Reverse(a.report.report_date), a.prefecture));
        let lines: Vec<Line> = shown
            .iter()
            .map(|a| match place {
                Some(_) => line(a, words_of(a.report.report_date), Some(format!("{here}?period={}", a.report.report_date))),
                None => line(a, name(a.prefecture), Some(format!("{here}?prefecture={}", a.prefecture))),
            })
            .collect();
        let reported: BTreeSet<PrefCode> = shown.iter().map(|a| a.prefecture).collect();
        let missing =
            if place.is_some() { vec![] } else { names.iter().filter(|(c, _)| !reported.contains(c)).map(|(_, n)| n.clone()).collect() };
        Self {
            frame: frame.of(format!("{title}　都道府県の報告"), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: title.to_owned(),
            file: path::office_survey(&survey.code),
            action: here,
            heading: place.map_or_else(|| words_of(period), name),
            first_column: if place.is_some() { "期間" } else { "都道府県" },
            rates: survey.rates.iter().map(|r| r.label.clone()).collect(),
            counts: counted.iter().map(|i| words::label(survey, &i.id)).collect(),
            total: (place.is_none() && !shown.is_empty()).then(|| total(survey, &counted, &shown)),
            lines,
            missing,
            periods: dates.iter().rev().map(|d| (d.to_string(), words_of(*d), place.is_none() && *d == period)).collect(),
            prefectures: names.iter().map(|(c, n)| (c.to_string(), n.clone(), Some(*c) == place)).collect(),
        }
    }
}

fn cell(permille: Option<u64>, parts: Option<(u32, u32)>) -> RateCell {
    RateCell {
        words: words::survey::rate(permille),
        is_over: permille.is_some_and(|p| p > 1000),
        parts: parts.map(|(part, whole)| format!("{part} ÷ {whole}")).unwrap_or_default(),
    }
}

fn count(value: Option<&Value>) -> String {
    value.and_then(Value::count).map_or_else(|| "未回答".to_owned(), |n| n.to_string())
}

/// All together: rates of the sums of those that answered both parts.
fn total(survey: &Survey, counted: &[&akidoko_domain::survey::Item], shown: &[&PrefectureReport]) -> Line {
    let rate = |r: &Rate| {
        let both = shown.iter().filter_map(|a| r.of(&a.report.answers));
        let (part, whole) = both.fold((0u64, 0u64), |(p, w), (part, whole)| (p + u64::from(part), w + u64::from(whole)));
        let rate = permille(part, whole);
        RateCell { words: words::survey::rate(rate), is_over: rate.is_some_and(|p| p > 1000), parts: format!("{part} ÷ {whole}") }
    };
    // Where nobody answered there is no zero.
    let sum = |id: &str| -> Option<u64> {
        let said = shown.iter().filter_map(|a| a.report.answers.get(id)?.as_ref().and_then(Value::count)).map(u64::from);
        said.fold(None, |sum: Option<u64>, n| Some(sum.unwrap_or(0) + n))
    };
    Line {
        head: format!("計（{} 都道府県）", shown.len()),
        href: None,
        rates: survey.rates.iter().map(rate).collect(),
        counts: counted.iter().map(|i| sum(&i.id).map_or_else(|| "－".to_owned(), |n| n.to_string())).collect(),
        at: String::new(),
    }
}
