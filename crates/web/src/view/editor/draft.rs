//! The draft of a version: its own fields, sections, items and rules, what is wrong with it, and the press that publishes it.

use crate::{
    view::{Frame, Here, editor::Errors, path},
    words,
};
use akidoko_domain::{
    hospital::EmergencyLevel,
    survey::{Cadence, Flawed, Place, Severity, Survey, TypedHead, Who},
    time::jst_day,
};
use akidoko_service::survey_editor::SurveyFile;
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What the page shows beside the draft: what was typed and not taken.
#[derive(Default)]
pub struct DraftInput<'a> {
    /// The survey's own fields, as they were typed.
    pub head: Option<&'a TypedHead>,
    /// What is wrong with what was typed.
    pub wrong: &'a [Flawed],
    /// A sentence above all.
    pub problem: Option<String>,
    /// The day from which it was to be published.
    pub from: Option<String>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a question of the template")]
struct ItemLine {
    id: String,
    label: String,
    kind: &'static str,
    notes: String,
    href: String,
    part: bool,
    first: bool,
    last: bool,
    flawed: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a question of the template")]
struct SectionPart {
    n: usize,
    id: String,
    title: String,
    sheet: String,
    note: String,
    folded: bool,
    may_skip: bool,
    first: bool,
    last: bool,
    items: Vec<ItemLine>,
    add: String,
}

struct RuleLine {
    id: String,
    holds: String,
    message: String,
    severity: &'static str,
    href: String,
    flawed: bool,
    /// What its author should know of it.
    note: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "editor/draft.html")]
pub struct DraftPage {
    frame: Frame,
    title: String,
    version: u32,
    revision: i32,
    written: String,
    file: String,
    action: String,
    preview: String,
    problem: Option<String>,
    head: TypedHead,
    errors: Errors,
    cadences: Vec<(&'static str, &'static str, bool)>,
    whos: Vec<(&'static str, &'static str, bool)>,
    levels: Vec<(&'static str, &'static str, bool)>,
    next_due: Option<String>,
    sections: Vec<SectionPart>,
    rules: Vec<RuleLine>,
    add_rule: String,
    rates: Vec<(String, String, String)>,
    flaws: Vec<(String, String)>,
    from: String,
    least: String,
    is_first: bool,
}

impl DraftPage {
    /// The draft of a survey that has one.
    pub fn new(
        frame: Frame,
        file: &SurveyFile,
        holidays: &BTreeSet<chrono::NaiveDate>,
        input: &DraftInput<'_>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let draft = file.draft.as_ref()?;
        let (survey, today) = (&draft.survey, jst_day(now));
        let head = input.head.cloned().unwrap_or_else(|| TypedHead::of(survey));
        let least = file.versions.first().map_or(today, |(s, _)| s.valid_from.max(today));
        let next_due =
            survey.due_at(survey.period(today).first, holidays).map(|at| words::survey::due(akidoko_domain::time::from_jst(at), today));
        Some(Self {
            frame: frame.of(format!("下書き　{}", survey.title), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: survey.title.clone(),
            version: survey.version,
            revision: draft.revision,
            written: format!("{}　{}", words::moment(draft.updated_at, now), draft.written_by),
            file: path::office_survey(&survey.code),
            action: path::draft(&survey.code),
            preview: path::draft_preview(&survey.code),
            problem: input.problem.clone(),
            errors: Errors::of(input.wrong.iter().chain(file.flaws.iter().filter(|f| matches!(f.place, Place::Head(_))))),
            cadences: Cadence::all().map(|c| (c.as_str(), words::survey::cadence(c), c.as_str() == head.cadence)).collect(),
            whos: Who::KINDS.map(|k| (k.as_str(), words::organisation_kind(k), k.as_str() == head.who)).into(),
            levels: [EmergencyLevel::Tertiary, EmergencyLevel::Secondary]
                .map(|l| (l.as_str(), words::emergency_level(l), head.emergency.contains(&l)))
                .into(),
            next_due,
            head,
            sections: sections(survey, &file.flaws),
            rules: rules(survey, &file.flaws),
            add_rule: path::draft_new_rule(&survey.code),
            rates: survey
                .rates
                .iter()
                .map(|r| (r.id.clone(), r.label.clone(), format!("{} ÷ {}", r.part.join(" または "), r.whole)))
                .collect(),
            flaws: file.flaws.iter().map(|f| flaw_line(survey, f)).collect(),
            from: input.from.clone().unwrap_or_else(|| least.to_string()),
            least: least.to_string(),
            is_first: file.versions.is_empty(),
        })
    }
}

fn sections(survey: &Survey, flawed: &[Flawed]) -> Vec<SectionPart> {
    let last_section = survey.sections.len().saturating_sub(1);
    let part = |(n, s): (usize, &akidoko_domain::survey::Section)| {
        let last = s.items.len().saturating_sub(1);
        let line = |(k, i): (usize, &akidoko_domain::survey::Item)| {
            let mut notes = Vec::new();
            if i.required {
                notes.push("必須".to_owned());
            }
            if let Some(column) = i.column {
                notes.push(format!("ボード：{}", words::column(column)));
            }
            if let Some(day) = i.reference {
                notes.push(format!("{}/{} 時点", day.month, day.day));
            }
            ItemLine {
                label: i.label.clone(),
                kind: words::survey::kind(&i.kind),
                notes: notes.join("　"),
                href: path::draft_item(&survey.code, &i.id),
                part: i.part,
                first: k == 0 && n == 0,
                last: k == last && n == last_section,
                flawed: flawed.iter().any(|f| matches!(&f.place, Place::Item(id, _) if *id == i.id)),
                id: i.id.clone(),
            }
        };
        SectionPart {
            n,
            id: s.id.clone(),
            title: s.title.clone(),
            sheet: s.sheet.clone().unwrap_or_default(),
            note: s.note.clone().unwrap_or_default(),
            folded: s.folded,
            may_skip: s.may_skip,
            first: n == 0,
            last: n == last_section,
            items: s.items.iter().enumerate().map(line).collect(),
            add: format!("{}?section={}", path::draft_new_item(&survey.code), s.id),
        }
    };
    survey.sections.iter().enumerate().map(part).collect()
}

fn rules(survey: &Survey, flawed: &[Flawed]) -> Vec<RuleLine> {
    let line = |r: &akidoko_domain::survey::Rule| RuleLine {
        id: r.id.clone(),
        holds: r.holds.text().to_owned(),
        message: r.message.clone(),
        severity: words::survey::rule_severity(r.severity == Severity::Hard),
        href: path::draft_rule(&survey.code, &r.id),
        note: r.divides_by_zero(survey).then(|| words::definition::zero_note(&r.id)),
        flawed: flawed.iter().any(|f| matches!(&f.place, Place::Rule(id, _) if *id == r.id)),
    };
    survey.rules.iter().map(line).collect()
}

/// A flaw of the draft, and where it is mended.
fn flaw_line(survey: &Survey, flawed: &Flawed) -> (String, String) {
    let words = words::survey::flaw(&flawed.flaw);
    match &flawed.place {
        Place::Head("items") => ("#sections".to_owned(), words),
        Place::Head(_) => ("#head".to_owned(), format!("調査の設定：{words}")),
        Place::Section(id, _) => {
            let n = survey.sections.iter().position(|s| s.id == *id).unwrap_or_default();
            (format!("#section-{n}"), format!("区分「{id}」：{words}"))
        }
        Place::Item(id, _) => (path::draft_item(&survey.code, id), format!("項目「{}」：{words}", words::label(survey, id))),
        Place::Rate(id) => {
            let label = survey.rates.iter().find(|r| r.id == *id).map_or(id.as_str(), |r| &r.label);
            ("#h-rates".to_owned(), format!("率「{label}」：{words}"))
        }
        Place::Rule(id, _) => (path::draft_rule(&survey.code, id), format!("ルール「{id}」：{words}")),
    }
}
