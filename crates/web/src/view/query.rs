//! 緊急調査: the list, the form, the answers as they come in, and the screen of a hospital.

use super::{
    Frame, Here, path,
    report::{ReportInput, SectionView, findings, form_values, rules, section},
};
use crate::words::{self, Line};
use akidoko_domain::{
    hospital::EmergencyLevel,
    id::OrganisationCode,
    query::{QueryProblem, Sum, as_survey, sum},
    report::Refusal,
    survey::{Answers, Flawed, Item, ItemKind, Value},
    time::{jst_day, to_jst},
};
use akidoko_exchange::table::{Cell, Column, Table};
use akidoko_service::{
    live::Board,
    query::{Answered, Asking, QueryRow},
};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Its own widget names, for the included part of a question.
use super::report::Widget;

struct ListLine {
    title: String,
    href: String,
    asked_at: String,
    due: String,
    state: (&'static str, &'static str, &'static str),
    asked: usize,
    answered: usize,
}

/// The list.
#[derive(Template)]
#[template(path = "query/list.html")]
pub struct QueriesPage {
    frame: Frame,
    lines: Vec<ListLine>,
}

fn state(query: &QueryRow, now: DateTime<Utc>) -> (&'static str, &'static str, &'static str) {
    match query {
        q if q.closed_at.is_some() => ("good", "i-check", "締め切りました"),
        q if q.due_at < now => ("bad", "i-err", "期限を過ぎました"),
        _ => ("wait", "i-info", "回答を受け付けています"),
    }
}

impl QueriesPage {
    /// Each with how many it asks and how many have answered.
    pub fn new(frame: Frame, all: &[(QueryRow, usize, usize)], now: DateTime<Utc>) -> Self {
        let today = jst_day(now);
        let line = |(q, asked, answered): &(QueryRow, usize, usize)| ListLine {
            title: q.title.clone(),
            href: path::query(q.id),
            asked_at: words::moment(q.asked_at, now),
            due: words::survey::due(q.due_at, today),
            state: state(q, now),
            asked: *asked,
            answered: *answered,
        };
        Self { frame: frame.of("緊急調査", Here::Queries, &[]).with_sheets(&["survey.css"]), lines: all.iter().map(line).collect() }
    }
}

/// A question as the form holds it.
#[derive(Debug, Clone, Default)]
pub struct TypedQuestion {
    /// What is asked; an empty one asks nothing.
    pub label: String,
    /// `count`, `yes_no`, `choice`, `text`.
    pub kind: String,
    /// Of a count.
    pub unit: String,
    /// Of a choice, between 「、」.
    pub options: String,
}

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct QueryFields {
    /// 件名
    pub title: String,
    /// Why.
    pub note: String,
    /// By when, as a browser sends it.
    pub due_at: String,
    /// The questions.
    pub questions: Vec<TypedQuestion>,
    /// Medical areas.
    pub areas: BTreeSet<String>,
    /// Levels of emergency care.
    pub levels: BTreeSet<String>,
    /// Hospitals that were picked.
    pub hospitals: BTreeSet<String>,
    /// All of the prefecture.
    pub everyone: bool,
}

impl QueryFields {
    /// An empty form.
    pub fn fresh() -> Self {
        let question = TypedQuestion { kind: "count".to_owned(), unit: "床".to_owned(), ..TypedQuestion::default() };
        Self { questions: vec![question; akidoko_domain::query::ITEMS_MAX], ..Self::default() }
    }
}

struct QuestionRow {
    n: usize,
    typed: TypedQuestion,
    kinds: Vec<(&'static str, &'static str, bool)>,
    error: Option<String>,
}

/// The form.
#[derive(Template)]
#[template(path = "query/new.html")]
pub struct QueryFormPage {
    frame: Frame,
    fields: QueryFields,
    problems: Vec<&'static str>,
    rows: Vec<QuestionRow>,
    areas: Vec<(String, String, bool)>,
    levels: Vec<(&'static str, &'static str, bool)>,
    hospitals: Vec<(String, String, String, bool)>,
    asked: Option<Asked>,
}

/// Whom it would ask, as the officer confirms it.
struct Asked {
    names: Vec<String>,
    mark: String,
    once: String,
}

fn problem(problem: QueryProblem) -> &'static str {
    match problem {
        QueryProblem::Title => "件名を 60 字までで入れてください。",
        QueryProblem::Note => "説明を 500 字までに短くしてください。",
        QueryProblem::NoItems => "聞く項目を 1 つ以上入れてください。",
        QueryProblem::Due => "期限に、これから 1 年以内の日時を入れてください。",
        QueryProblem::Nobody => "聞く医療機関を選んでください。",
        QueryProblem::Patient => "件名か説明に、患者さんの情報のような言葉があります。消してください。",
    }
}

impl QueryFormPage {
    /// `asked` are those whom it would ask, once everything is in order, with the mark of all that and the name of the form.
    pub fn new(
        frame: Frame,
        board: &Board,
        fields: &QueryFields,
        problems: &[QueryProblem],
        wrong: &[(usize, Flawed)],
        asked: Option<(&BTreeSet<OrganisationCode>, String, String)>,
    ) -> Self {
        let kinds = |typed: &TypedQuestion| {
            ["count", "yes_no", "choice", "text"].map(|k| (k, words::survey::kind_of_word(k), k == typed.kind)).into()
        };
        let row = |(n, typed): (usize, &TypedQuestion)| QuestionRow {
            n: n + 1,
            kinds: kinds(typed),
            typed: typed.clone(),
            error: wrong.iter().find(|(at, _)| *at == n + 1).map(|(_, f)| words::survey::flaw(&f.flaw)),
        };
        let mut hospitals: Vec<(String, String, String, bool)> = board
            .rows
            .values()
            .map(|r| {
                let place = r.card.area.clone().or_else(|| r.card.municipality.clone()).unwrap_or_default();
                (r.card.code.to_string(), r.card.name.clone(), place, fields.hospitals.contains(r.card.code.as_str()))
            })
            .collect();
        hospitals.sort_by(|a, b| (&a.2, &a.1).cmp(&(&b.2, &b.1)));
        let names =
            |codes: &BTreeSet<OrganisationCode>| codes.iter().filter_map(|c| board.row(c)).map(|r| r.card.name.clone()).collect::<Vec<_>>();
        Self {
            frame: frame.of("緊急調査を出す", Here::Queries, &[]).with_sheets(&["survey.css"]),
            problems: problems.iter().map(|p| problem(*p)).collect(),
            rows: fields.questions.iter().enumerate().map(row).collect(),
            areas: board.areas().into_iter().map(|(code, name)| (code.clone(), name, fields.areas.contains(&code))).collect(),
            levels: EmergencyLevel::ALL.map(|l| (l.as_str(), words::emergency_level(l), fields.levels.contains(l.as_str()))).into(),
            hospitals,
            asked: asked.map(|(codes, mark, once)| Asked { names: names(codes), mark, once }),
            fields: fields.clone(),
        }
    }
}

struct AnswerLine {
    name: String,
    area: String,
    phone: Option<String>,
    cells: Option<Vec<String>>,
    by: String,
}

/// A query with its answers.
#[derive(Template)]
#[template(path = "query/one.html")]
pub struct QueryPage {
    frame: Frame,
    title: String,
    note: String,
    action: String,
    csv: String,
    revision: i32,
    asked: String,
    due: String,
    due_value: String,
    state: (&'static str, &'static str, &'static str),
    is_open: bool,
    reminded: Option<String>,
    problem: Option<String>,
    heads: Vec<String>,
    sums: Vec<String>,
    lines: Vec<AnswerLine>,
    answered: usize,
    waiting: usize,
}

/// An answer in a cell, with its unit.
pub(super) fn cell(item: &Item, answers: &Answers) -> String {
    let value = answers.get(&item.id).and_then(Option::as_ref);
    match (&item.kind, value) {
        (ItemKind::Count { unit, .. }, Some(Value::Count(n))) => format!("{n} {unit}"),
        _ => words::value(item, value),
    }
}

pub(super) fn sum_words(item: &Item, sum: &Sum) -> String {
    match (sum, &item.kind) {
        // Nobody said anything: that is no zero.
        (Sum::Count { answers: 0, .. }, _) => "－".to_owned(),
        (Sum::Count { sum, .. }, ItemKind::Count { unit, .. }) => format!("計 {sum} {unit}"),
        (Sum::Count { sum, .. }, _) => format!("計 {sum}"),
        (Sum::Words(words), _) => words.iter().map(|(w, n)| format!("{} {n}", words::typed(item, w))).collect::<Vec<_>>().join("　"),
        (Sum::Texts(n), _) => format!("{n} 件"),
    }
}

impl QueryPage {
    /// What has come in until now.
    pub fn new(frame: Frame, answered: &Answered, problem: Option<&str>, now: DateTime<Utc>) -> Self {
        let q = &answered.query;
        let given = || answered.hospitals.iter().filter_map(|(_, a)| a.answers.as_ref());
        let mut lines: Vec<AnswerLine> = answered
            .hospitals
            .iter()
            .map(|(card, a)| AnswerLine {
                name: card.name.clone(),
                area: card.area.clone().or_else(|| card.municipality.clone()).unwrap_or_default(),
                phone: card.phone.clone(),
                cells: a.answers.as_ref().map(|answers| q.items.iter().map(|i| cell(i, answers)).collect()),
                by: a
                    .answered_at
                    .map(|at| format!("{}　{}", words::moment(at, now), a.answered_by.clone().unwrap_or_default()))
                    .unwrap_or_default(),
            })
            .collect();
        // Who has not answered stands first: that is what is to be done.
        lines.sort_by_key(|l| l.cells.is_some());
        let done = given().count();
        Self {
            frame: frame.of(q.title.clone(), Here::Queries, &["js/live-query.js"]).with_sheets(&["survey.css"]),
            title: q.title.clone(),
            note: q.note.clone(),
            action: path::query(q.id),
            csv: path::query_csv(q.id),
            revision: q.revision,
            asked: format!("{}　{}", words::moment(q.asked_at, now), q.asked_by),
            due: words::survey::due(q.due_at, jst_day(now)),
            due_value: to_jst(q.due_at).format("%Y-%m-%dT%H:%M").to_string(),
            state: state(q, now),
            is_open: q.closed_at.is_none(),
            reminded: q.reminded_at.map(|at| words::moment(at, now)),
            problem: problem.map(str::to_owned),
            heads: q.items.iter().map(|i| i.label.clone()).collect(),
            sums: q.items.iter().map(|i| sum_words(i, &sum(i, given()))).collect(),
            answered: done,
            waiting: lines.len() - done,
            lines,
        }
    }
}

/// 「在庫（枚）」
pub(super) fn with_unit(item: &Item, label: String) -> String {
    match &item.kind {
        ItemKind::Count { unit, .. } if !unit.is_empty() => format!("{label}（{unit}）"),
        _ => label,
    }
}

/// An answer as a cell of a file: a number stays one.
pub(super) fn value_cell(item: &Item, answers: Option<&Answers>) -> Cell {
    match answers.map(|answers| answers.get(&item.id).and_then(Option::as_ref)) {
        Some(Some(Value::Count(n))) => Cell::Number(f64::from(*n)),
        Some(value) => Cell::Text(words::value(item, value)),
        None => Cell::Text("未回答".to_owned()),
    }
}

/// The answers as a table to take away.
pub fn query_table(answered: &Answered) -> Table {
    let q = &answered.query;
    let columns = ["医療機関ID", "医療機関名", "二次医療圏", "状態"].map(str::to_owned).into_iter();
    let columns = columns.chain(q.items.iter().map(|i| with_unit(i, i.label.clone()))).chain(["回答日時", "回答者"].map(str::to_owned));
    let rows = answered.hospitals.iter().map(|(card, a)| {
        let text = |t: &str| Cell::Text(t.to_owned());
        let area = card.area.as_deref().map_or(Cell::Blank, text);
        let state = text(if a.answers.is_some() { "回答済み" } else { "未回答" });
        let before = [text(card.code.as_str()), text(&card.name), area, state];
        let after = [a.answered_at.map_or(Cell::Blank, Cell::Time), a.answered_by.as_deref().map_or(Cell::Blank, text)];
        before.into_iter().chain(q.items.iter().map(|i| value_cell(i, a.answers.as_ref()))).chain(after).collect()
    });
    Table { title: q.title.clone(), columns: columns.map(|header| Column { header }).collect(), rows: rows.collect() }
}

/// What was typed into a hospital's screen and not taken.
#[derive(Default)]
pub struct QueryAnswerInput<'a> {
    /// The fields; `None`: what it answered before.
    pub values: Option<BTreeMap<String, String>>,
    /// Soft findings that were confirmed.
    pub confirmed: BTreeSet<String>,
    /// Why it was not taken.
    pub refusal: Option<&'a Refusal>,
    /// Another answer stands than the one that was on the screen.
    pub stale: bool,
}

/// A hospital's screen.
#[derive(Template)]
#[template(path = "query/answer.html")]
pub struct QueryAnswerPage {
    frame: Frame,
    title: String,
    note: String,
    by: String,
    who: String,
    due: String,
    is_late: bool,
    is_open: bool,
    answered: Option<String>,
    action: String,
    draft: String,
    problem: Option<String>,
    seen: String,
    stands: Vec<(String, String)>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
    sections: Vec<SectionView>,
    previous_label: Option<String>,
    rules: String,
}

impl QueryAnswerPage {
    /// The questions, with what was answered or typed.
    pub fn new(frame: Frame, asking: &Asking, typed: QueryAnswerInput<'_>, now: DateTime<Utc>) -> Self {
        let (q, none) = (&asking.query, Answers::new());
        let survey = as_survey(&q.title, &q.items);
        let values = typed.values.unwrap_or_else(|| form_values(asking.answer.answers.as_ref().unwrap_or(&none)));
        let input = ReportInput {
            survey: &survey,
            card: &asking.card,
            prefecture: "",
            date: jst_day(now),
            now,
            version: 0,
            values: &values,
            previous: None,
            last: &none,
            reported_at: None,
            refusal: typed.refusal,
            confirmed: &typed.confirmed,
            on_behalf: false,
            due: None,
            reason: ("", ""),
            usual: &[],
            filled: None,
            conflict: None,
            behalf: ("", ""),
            author: None,
        };
        let (errors, warnings) = findings(&input);
        let sign_in = frame.viewer.as_ref().map_or("", |v| v.sign_in.as_str());
        Self {
            draft: format!("akidoko-draft:{sign_in}:{}:{}:{}", asking.card.code, q.id, jst_day(now)),
            frame: frame.of(q.title.clone(), Here::Surveys, &["js/report-form.js"]).with_sheets(&["survey.css"]),
            title: q.title.clone(),
            note: q.note.clone(),
            by: q.asked_by.clone(),
            who: asking.card.name.clone(),
            due: words::survey::due(q.due_at, jst_day(now)),
            is_late: q.due_at < now,
            is_open: q.closed_at.is_none(),
            answered: asking.answer.answered_at.map(|at| words::moment(at, now)),
            action: path::query_answer(q.id, &asking.card.code),
            problem: match (&asking.answer.answered_by, typed.stale) {
                (Some(by), true) => {
                    let at = asking.answer.answered_at.map(words::clock).unwrap_or_default();
                    Some(format!(
                        "この画面を開いたあと、{at} に {by} さんが回答しました。まだ上書きしていません。入力した内容でよければ、もう一度送ってください。"
                    ))
                }
                _ => typed.refusal.map(words::refusal),
            },
            seen: asking.answer.answered_at.map(|at| at.timestamp_micros().to_string()).unwrap_or_default(),
            stands: asking
                .answer
                .answers
                .iter()
                .filter(|_| typed.stale)
                .flat_map(|answers| survey.items().map(|i| (i.label.clone(), words::value(i, answers.get(&i.id).and_then(Option::as_ref)))))
                .collect(),
            sections: survey.sections.iter().map(|s| section(s, &input, &errors, &warnings)).collect(),
            errors,
            warnings,
            previous_label: None,
            rules: rules(&input),
        }
    }
}
