//! What hospitals answered to a survey in a period: their sums, and for the own prefecture each of them.

use super::{
    Frame, Here, path,
    query::{cell, sum_words, value_cell, with_unit},
};
use crate::words;
use akidoko_domain::{
    id::PrefCode,
    query::sum,
    survey::{Answers, Item, Survey},
    time::jst_day,
};
use akidoko_exchange::table::{Cell, Column, Table};
use akidoko_service::survey_answers::{Given, SurveyAnswers};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

struct Line {
    name: String,
    place: String,
    href: Option<String>,
    phone: Option<String>,
    cells: Option<Vec<String>>,
    by: String,
}

/// The page.
#[derive(Template)]
#[template(path = "survey/answers.html")]
pub struct SurveyAnswersPage {
    frame: Frame,
    title: String,
    back: String,
    action: String,
    csv: Option<String>,
    period: String,
    due: Option<String>,
    periods: Vec<(String, String, bool)>,
    first_column: &'static str,
    heads: Vec<String>,
    sums: Vec<String>,
    lines: Vec<Line>,
    answered: usize,
    asked: usize,
}

fn items(survey: &Survey) -> Vec<&Item> {
    survey.items().collect()
}

fn given<'a>(hospitals: &'a [&'a Given]) -> impl Iterator<Item = &'a Answers> + Clone {
    hospitals.iter().filter_map(|g| g.answer.as_ref().map(|(answers, _)| answers))
}

/// The label with its section, where the label alone says not enough.
fn headed(survey: &Survey, item: &Item) -> String {
    with_unit(item, words::label(survey, &item.id))
}

fn sums(survey: &Survey, hospitals: &[&Given]) -> Vec<String> {
    items(survey).into_iter().map(|i| sum_words(i, &sum(i, given(hospitals)))).collect()
}

impl SurveyAnswersPage {
    /// `names`: for the ministry, which is shown prefectures and no hospital.
    pub fn new(frame: Frame, answers: &SurveyAnswers, names: Option<&BTreeMap<PrefCode, String>>, now: DateTime<Utc>) -> Self {
        let (survey, today) = (&answers.survey, jst_day(now));
        let all: Vec<&Given> = answers.hospitals.iter().collect();
        let action = if names.is_some() { path::office_answers(&survey.code) } else { path::survey_answers(&survey.code) };
        let mut lines: Vec<Line> = match names {
            Some(names) => names.iter().filter_map(|(code, name)| of_prefecture(survey, *code, name, &all)).collect(),
            None => all.iter().map(|g| of_hospital(survey, g, now)).collect(),
        };
        // Who has answered stands first: this page is read for what they say, and the list of who has not is another one.
        lines.sort_by_key(|l| l.cells.is_none());
        Self {
            frame: frame.of(format!("{}　回答", survey.title), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: survey.title.clone(),
            back: if names.is_some() { path::office_survey(&survey.code) } else { path::survey_hospitals(&survey.code) },
            csv: names.is_none().then(|| format!("{}?period={}", path::survey_answers_csv(&survey.code), answers.period.first)),
            action,
            period: words::survey::period(survey, answers.period),
            due: answers.due_at.map(|at| words::survey::due(at, today)),
            periods: answers
                .periods
                .iter()
                .map(|d| (d.to_string(), words::survey::period(survey, survey.period(*d)), *d == answers.period.first))
                .collect(),
            first_column: if names.is_some() { "都道府県" } else { "医療機関" },
            heads: items(survey).into_iter().map(|i| words::label(survey, &i.id)).collect(),
            sums: sums(survey, &all),
            answered: given(&all).count(),
            asked: all.len(),
            lines,
        }
    }
}

fn of_hospital(survey: &Survey, g: &Given, now: DateTime<Utc>) -> Line {
    Line {
        name: g.card.name.clone(),
        place: g.card.area.clone().or_else(|| g.card.municipality.clone()).unwrap_or_default(),
        href: g.answer.as_ref().map(|_| path::answers(&g.card.code, &survey.code)),
        phone: g.card.phone.clone(),
        cells: g.answer.as_ref().map(|(answers, _)| items(survey).into_iter().map(|i| cell(i, answers)).collect()),
        by: g.answer.as_ref().map(|(_, v)| format!("{}　{}", words::moment(v.received_at, now), v.author.operator)).unwrap_or_default(),
    }
}

fn of_prefecture(survey: &Survey, code: PrefCode, name: &str, all: &[&Given]) -> Option<Line> {
    let of_it: Vec<&Given> = all.iter().copied().filter(|g| g.card.prefecture == code).collect();
    let (answered, asked) = (given(&of_it).count(), of_it.len());
    (asked > 0).then(|| Line {
        name: name.to_owned(),
        place: format!("{answered} / {asked}"),
        href: None,
        phone: None,
        cells: (answered > 0).then(|| sums(survey, &of_it)),
        by: String::new(),
    })
}

/// The answers of a prefecture's hospitals as a table to take away.
pub fn survey_answers_table(answers: &SurveyAnswers) -> Table {
    let survey = &answers.survey;
    let columns = ["医療機関ID", "医療機関名", "二次医療圏", "状態"].map(str::to_owned).into_iter();
    let columns = columns.chain(items(survey).into_iter().map(|i| headed(survey, i))).chain(["報告日時", "報告者"].map(str::to_owned));
    let text = |t: &str| Cell::Text(t.to_owned());
    let rows = answers.hospitals.iter().map(|g| {
        let said = g.answer.as_ref().map(|(answers, _)| answers);
        let by = g.answer.as_ref().map(|(_, v)| v);
        let state = text(if said.is_some() { "報告済み" } else { "未報告" });
        let before = [text(g.card.code.as_str()), text(&g.card.name), g.card.area.as_deref().map_or(Cell::Blank, text), state];
        let after = [by.map_or(Cell::Blank, |v| Cell::Time(v.received_at)), by.map_or(Cell::Blank, |v| text(&v.author.operator))];
        before.into_iter().chain(items(survey).into_iter().map(|i| value_cell(i, said))).chain(after).collect()
    });
    let title = format!("{} {}", survey.title, answers.period.first);
    Table { title, columns: columns.map(|header| Column { header }).collect(), rows: rows.collect() }
}
