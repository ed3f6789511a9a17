//! 調査: the list of what is to be answered, and the screen on which a prefecture marks a survey's items.

use super::{Frame, Here, path};
use crate::words;
use akidoko_domain::{
    board::Card,
    survey::{DAILY, Mark, Marks},
    time::jst_day,
};
use akidoko_service::{
    duties::{Duties, Progress, Respondents},
    survey_marks::Marking,
};
use askama::Template;
use chrono::{DateTime, Utc};
use std::sync::Arc;

struct Line {
    title: String,
    period: String,
    href: String,
    history: String,
    state: (&'static str, &'static str, String),
    due: Option<String>,
    is_open: bool,
}

struct Group {
    who: String,
    lines: Vec<Line>,
}

struct ProgressLine {
    title: String,
    period: String,
    due: Option<String>,
    asked: usize,
    answered: usize,
    items: String,
    hospitals: String,
    answers: String,
}

/// The list.
#[derive(Template)]
#[template(path = "survey/list.html")]
pub struct DutiesPage {
    frame: Frame,
    groups: Vec<Group>,
    progress: Option<Vec<ProgressLine>>,
    daily_items: String,
    open: usize,
}

impl DutiesPage {
    /// What is asked of one's own; for a prefecture also how far its hospitals are.
    pub fn new(frame: Frame, duties: Vec<Duties>, progress: Option<Vec<Progress>>, now: DateTime<Utc>) -> Self {
        let today = jst_day(now);
        let groups: Vec<Group> = duties
            .into_iter()
            .map(|d| {
                let lines = d.asked.iter().map(|a| {
                    let due = a.due_at.map(|at| words::survey::due(at, today));
                    let state = match (&a.answered, a.due_at) {
                        (Some(v), _) => ("good", "i-check", format!("報告済み　{}", words::moment(v.received_at, now))),
                        (None, Some(at)) if at < now => ("bad", "i-err", "締切を過ぎています".to_owned()),
                        (None, _) => ("wait", "i-info", "まだ報告していません".to_owned()),
                    };
                    Line {
                        title: a.survey.title.clone(),
                        period: words::survey::period(&a.survey, a.period),
                        href: path::answer(&d.card.code, &a.survey.code, a.period.first),
                        history: path::answers(&d.card.code, &a.survey.code),
                        state,
                        due,
                        is_open: a.answered.is_none(),
                    }
                });
                Group { who: d.card.name.clone(), lines: lines.collect() }
            })
            .collect();
        let progress = progress.map(|all| {
            let line = |p: Progress| ProgressLine {
                period: words::survey::period(&p.survey, p.period),
                due: p.due_at.map(|at| words::survey::due(at, today)),
                asked: p.asked,
                answered: p.answered,
                items: path::survey_items(&p.survey.code),
                hospitals: path::survey_hospitals(&p.survey.code),
                answers: path::survey_answers(&p.survey.code),
                title: p.survey.title,
            };
            all.into_iter().map(line).collect()
        });
        let open = groups.iter().flat_map(|g| &g.lines).filter(|l| l.is_open).count();
        Self {
            frame: frame.of("調査", Here::Surveys, &[]).with_sheets(&["survey.css"]),
            groups,
            progress,
            daily_items: path::survey_items(DAILY),
            open,
        }
    }
}

struct RespondentLine {
    name: String,
    area: String,
    phone: Option<String>,
    answered: bool,
    href: String,
    history: String,
}

/// Who is asked, and who has answered.
#[derive(Template)]
#[template(path = "survey/hospitals.html")]
pub struct RespondentsPage {
    frame: Frame,
    title: String,
    period: String,
    due: Option<String>,
    answers: String,
    answered: usize,
    lines: Vec<RespondentLine>,
}

impl RespondentsPage {
    /// Who has not answered first.
    pub fn new(frame: Frame, respondents: &Respondents, now: DateTime<Utc>) -> Self {
        let (survey, period) = (&respondents.survey, respondents.period);
        let line = |(card, answered): &(Card, bool)| RespondentLine {
            name: card.name.clone(),
            area: card.area.clone().or_else(|| card.municipality.clone()).unwrap_or_default(),
            phone: card.phone.clone(),
            answered: *answered,
            href: path::answer(&card.code, &survey.code, period.first),
            history: path::answers(&card.code, &survey.code),
        };
        Self {
            frame: frame.of(format!("{}　報告の様子", survey.title), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: survey.title.clone(),
            period: words::survey::period(survey, period),
            due: respondents.due_at.map(|at| words::survey::due(at, jst_day(now))),
            answers: format!("{}?period={}", path::survey_answers(&survey.code), period.first),
            answered: respondents.hospitals.iter().filter(|(_, answered)| *answered).count(),
            lines: respondents.hospitals.iter().map(line).collect(),
        }
    }
}

struct MarkItem {
    id: String,
    label: String,
    kind: &'static str,
    required: bool,
    /// A hard rule needs it: it cannot be kept off the screen.
    bound: bool,
    mark: &'static str,
    seen: &'static str,
}

struct MarkSection {
    title: String,
    items: Vec<MarkItem>,
}

struct NamedLine {
    code: String,
    name: String,
    area: String,
    named: bool,
}

/// What a prefecture requires and hides.
#[derive(Template)]
#[template(path = "survey/items.html")]
pub struct MarkingPage {
    frame: Frame,
    title: String,
    prefecture: String,
    action: String,
    hospitals_action: String,
    saved: bool,
    conflict: bool,
    sections: Vec<MarkSection>,
    is_named: bool,
    seen: String,
    hospitals: Vec<NamedLine>,
    named: usize,
}

fn word(mark: Option<&Mark>) -> &'static str {
    mark.map_or("", |m| m.as_str())
}

impl MarkingPage {
    /// `typed` are marks that were not taken, since somebody else was first.
    pub fn new(frame: Frame, prefecture: &str, marking: &Marking, typed: Option<&Marks>, hospitals: &[Arc<Card>], saved: bool) -> Self {
        let survey = &marking.survey;
        let shown = typed.unwrap_or(&marking.marks);
        let bound = survey.bound_by_rules();
        let sections = survey.sections.iter().map(|s| MarkSection {
            title: s.title.clone(),
            items: s
                .items
                .iter()
                .map(|i| MarkItem {
                    label: words::label(survey, &i.id),
                    kind: words::survey::kind(&i.kind),
                    required: i.required,
                    bound: bound.contains(&i.id),
                    mark: word(shown.0.get(&i.id)),
                    seen: word(marking.marks.0.get(&i.id)),
                    id: i.id.clone(),
                })
                .collect(),
        });
        let mut hospitals: Vec<NamedLine> = hospitals
            .iter()
            .map(|c| NamedLine {
                code: c.code.to_string(),
                name: c.name.clone(),
                area: c.area.clone().or_else(|| c.municipality.clone()).unwrap_or_default(),
                named: marking.named.contains(&c.id),
            })
            .collect();
        hospitals.sort_by(|a, b| (&a.area, &a.name).cmp(&(&b.area, &b.name)));
        Self {
            frame: frame.of(format!("項目の指定　{}", survey.title), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: survey.title.clone(),
            prefecture: prefecture.to_owned(),
            action: path::survey_items(&survey.code),
            hospitals_action: path::survey_hospitals(&survey.code),
            saved,
            conflict: typed.is_some(),
            sections: sections.collect(),
            is_named: survey.who.named,
            seen: marking.seen(),
            named: hospitals.iter().filter(|h| h.named).count(),
            hospitals,
        }
    }
}
