//! 応需パターン: what stands, and the form for one of them.

use super::{Frame, Here, path};
use crate::words;
use akidoko_domain::{
    pattern::{DayKind, Form, NameProblem, Pattern, Wrong, suits},
    survey::{Care, Item, ItemKind, Status, Survey},
    time::jst_day,
};
use akidoko_service::pattern::PatternScreen;
use askama::Template;
use chrono::{DateTime, Utc};

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternProblem {
    /// What was typed.
    Wrong(Wrong),
    /// Somebody changed them since.
    Conflict,
    /// There are enough.
    TooMany,
}

struct PatternLine {
    name: String,
    when: String,
    answers: Vec<(String, String)>,
    holds: bool,
    edit: String,
}

struct FieldView {
    id: String,
    label: String,
    value: String,
    options: Vec<(String, String, bool)>,
    long: bool,
    count: bool,
    phone: bool,
    error: Option<String>,
    warning: Option<(String, String)>,
}

struct FormView {
    heading: &'static str,
    at: Option<usize>,
    name: String,
    days: Vec<(&'static str, &'static str, bool)>,
    starts: String,
    ends: String,
    fields: Vec<FieldView>,
    name_error: Option<&'static str>,
    days_error: bool,
    times_error: bool,
    nothing: bool,
}

/// The screen.
#[derive(Template)]
#[template(path = "patterns.html")]
pub struct PatternsPage {
    frame: Frame,
    hospital: String,
    hospital_href: String,
    on_behalf: bool,
    action: String,
    report_href: String,
    revision: i32,
    changed: String,
    lines: Vec<PatternLine>,
    form: Option<FormView>,
    problem: Option<&'static str>,
    starts: Vec<(String, &'static str)>,
}

/// What new patterns begin with: in the address, in words, the form.
const BEGINNINGS: [(&str, &str, &[DayKind], &str, &str); 3] = [
    ("day", "平日日中", &[DayKind::Mon, DayKind::Tue, DayKind::Wed, DayKind::Thu, DayKind::Fri], "08:30", "17:15"),
    ("night", "平日夜間", &[DayKind::Mon, DayKind::Tue, DayKind::Wed, DayKind::Thu, DayKind::Fri], "17:15", "08:30"),
    ("holiday", "土日祝", &[DayKind::Sat, DayKind::Sun, DayKind::Holiday], "08:30", "08:30"),
];

impl PatternsPage {
    /// The form that an address asks for: a new one, or the one that stands at a place.
    pub fn asked(screen: &PatternScreen, new: Option<&str>, at: Option<usize>) -> Option<(Option<usize>, Form)> {
        if let Some(at) = at {
            let p = screen.kept.patterns.get(at)?;
            let form = Form {
                name: p.name.clone(),
                days: p.days.iter().map(|d| d.as_str().to_owned()).collect(),
                starts: p.starts.format("%H:%M").to_string(),
                ends: p.ends.format("%H:%M").to_string(),
                answers: super::form_values(&p.answers),
                confirmed: std::collections::BTreeSet::default(),
            };
            return Some((Some(at), form));
        }
        let new = new?;
        let begin = BEGINNINGS.iter().find(|b| b.0 == new);
        let form = begin.map_or_else(Form::default, |(_, name, days, starts, ends)| Form {
            name: (*name).to_owned(),
            days: days.iter().map(|d| d.as_str().to_owned()).collect(),
            starts: (*starts).to_owned(),
            ends: (*ends).to_owned(),
            ..Form::default()
        });
        Some((None, form))
    }

    /// The screen, with a form or without.
    pub fn new(
        frame: Frame,
        screen: &PatternScreen,
        form: Option<&(Option<usize>, Form)>,
        problem: Option<&PatternProblem>,
        now: DateTime<Utc>,
    ) -> Self {
        let card = &screen.row.card;
        let action = path::patterns(&card.code);
        let wrong = if let Some(PatternProblem::Wrong(w)) = problem { w.clone() } else { Wrong::default() };
        let taken = |name: &str| screen.kept.patterns.iter().any(|p| p.name == name);
        let starts = BEGINNINGS.iter().filter(|b| !taken(b.1)).map(|b| (format!("{action}?new={}", b.0), b.1));
        let line = |(n, p): (usize, &Pattern)| PatternLine {
            name: p.name.clone(),
            when: when(p),
            answers: answers(p, &screen.survey),
            holds: screen.holds.as_ref() == Some(&p.name),
            edit: format!("{action}?at={n}"),
        };
        let changed = screen.kept.updated_at.map(|at| format!("最後の変更 {}　{}", words::moment(at, now), screen.kept.updated_by));
        Self {
            frame: frame.of(format!("応需パターン　{}", card.name), Here::Report, &[]).with_sheets(&["quick.css"]),
            hospital: card.name.clone(),
            hospital_href: path::hospital(&card.code),
            on_behalf: screen.on_behalf,
            report_href: path::report(&card.code, jst_day(now)),
            revision: screen.kept.revision,
            changed: changed.unwrap_or_default(),
            lines: screen.kept.patterns.iter().enumerate().map(line).collect(),
            form: form.map(|(at, form)| form_view(&screen.survey, *at, form, &wrong)),
            problem: match problem {
                None => None,
                Some(PatternProblem::Wrong(_)) => Some("まだ保存していません。下の赤いところを直すか、確かめてください。"),
                Some(PatternProblem::Conflict) => {
                    Some("ほかの人が先にパターンを変えました。いまの内容を下に示します。確かめてから、もう一度保存してください。")
                }
                Some(PatternProblem::TooMany) => Some("パターンは 12 個までです。使わないものを消してから、加えてください。"),
            },
            starts: starts.collect(),
            action,
        }
    }
}

/// 月火水木金　17:15〜翌 08:30
pub(super) fn when(pattern: &Pattern) -> String {
    let days: String = DayKind::ALL.into_iter().filter(|d| pattern.days.contains(d)).map(day_word).collect();
    let next = if pattern.passes_midnight() { "翌 " } else { "" };
    format!("{days}　{}〜{next}{}", pattern.starts.format("%H:%M"), pattern.ends.format("%H:%M"))
}

fn day_word(day: DayKind) -> &'static str {
    ["月", "火", "水", "木", "金", "土", "日", "祝"][day as usize]
}

/// What a pattern fills in, label and words.
pub(super) fn answers(pattern: &Pattern, survey: &Survey) -> Vec<(String, String)> {
    let words = |item: &Item| Some((words::label(survey, &item.id), words::value(item, pattern.answers.get(&item.id)?.as_ref())));
    survey.items().filter_map(words).collect()
}

fn form_view(survey: &Survey, at: Option<usize>, form: &Form, wrong: &Wrong) -> FormView {
    FormView {
        heading: if at.is_some() { "パターンを直す" } else { "新しいパターン" },
        at,
        name: form.name.clone(),
        days: DayKind::ALL.map(|d| (d.as_str(), day_word(d), form.days.iter().any(|f| f == d.as_str()))).into(),
        starts: form.starts.clone(),
        ends: form.ends.clone(),
        fields: survey.items().filter(|i| suits(i)).map(|i| field(survey, i, form, wrong)).collect(),
        name_error: wrong.name.map(|n| match n {
            NameProblem::Missing => "名前を入れてください。例：平日夜間",
            NameProblem::Long => "20 字までにしてください。",
            NameProblem::Taken => "同じ名前のパターンがあります。ほかの名前にしてください。",
        }),
        days_error: wrong.days,
        times_error: wrong.times,
        nothing: wrong.nothing,
    }
}

fn field(survey: &Survey, item: &Item, form: &Form, wrong: &Wrong) -> FieldView {
    let value = form.answers.get(&item.id).cloned().unwrap_or_default();
    let option = |word: &str, label: &str| (word.to_owned(), label.to_owned(), value.trim() == word);
    let options = match &item.kind {
        ItemKind::Status { not_available } => Status::ALL
            .into_iter()
            .filter(|s| *s != Status::NoAnswer && (*not_available || *s != Status::NotAvailable))
            .map(|s| option(s.as_str(), words::status_label(s)))
            .collect(),
        ItemKind::Care {} => Care::ALL
            .into_iter()
            .map(|c| option(c.as_str(), &format!("{} {}", words::care_mark(Some(c)).0, words::care_label(Some(c)))))
            .collect(),
        ItemKind::Choice { options } => options.iter().map(|o| option(&o.id, &o.label)).collect(),
        _ => vec![],
    };
    let said = |list: &[akidoko_domain::report::Finding]| {
        list.iter().find(|f| f.item == item.id).map(|f| (f.id.clone(), words::problem(&f.problem)))
    };
    FieldView {
        id: item.id.clone(),
        label: words::label(survey, &item.id),
        options,
        long: matches!(item.kind, ItemKind::Text { .. }),
        count: matches!(item.kind, ItemKind::Count { .. }),
        phone: matches!(item.kind, ItemKind::Phone {}),
        error: said(&wrong.answers).map(|(_, sentence)| sentence),
        warning: said(&wrong.warnings),
        value,
    }
}
