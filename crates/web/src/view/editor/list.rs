//! Every survey, and one with its versions.

use crate::{
    view::{Frame, Here, editor::Errors, path},
    words,
};
use akidoko_domain::{
    organisation::OrganisationKind,
    survey::{DAILY, Flawed, Survey},
    time::jst_day,
};
use akidoko_service::survey_editor::SurveyFile;
use askama::Template;
use chrono::{DateTime, Utc};

struct Line {
    title: String,
    code: String,
    href: String,
    cadence: &'static str,
    who: String,
    version: Option<String>,
    draft: Option<&'static str>,
}

/// Every survey.
#[derive(Template)]
#[template(path = "editor/list.html")]
pub struct SurveyFilesPage {
    frame: Frame,
    lines: Vec<Line>,
    typed: (String, String),
    problem: Option<String>,
    errors: Errors,
}

/// What was typed for a new one (its code and title) and not taken, with a sentence and what is wrong.
type Again<'a> = ((String, String), Option<String>, &'a [Flawed]);

/// Whom a survey asks.
pub(super) fn who(survey: &Survey) -> String {
    let who = &survey.who;
    if who.kind == OrganisationKind::PrefectureHealth {
        return "都道府県".to_owned();
    }
    let mut words = vec!["医療機関".to_owned()];
    let levels: Vec<&str> = who.emergency.iter().map(|l| words::emergency_level(*l)).collect();
    if !levels.is_empty() {
        words.push(format!("{}救急", levels.join("・")));
    }
    words.extend(who.least_beds.map(|n| format!("{n} 床以上")));
    if who.named {
        words.push("都道府県が選んだところ".to_owned());
    }
    words.join("　")
}

impl SurveyFilesPage {
    /// `again` is what was typed for a new one and not taken.
    pub fn new(frame: Frame, files: &[SurveyFile], again: Option<Again<'_>>, now: DateTime<Utc>) -> Self {
        let today = jst_day(now);
        let line = |f: &SurveyFile| {
            let newest = f.draft.as_ref().map(|d| &d.survey).or_else(|| f.versions.first().map(|(s, _)| s));
            let holds = f.versions.iter().map(|(s, _)| s).find(|s| s.valid_from <= today).or_else(|| f.versions.last().map(|(s, _)| s));
            Line {
                title: f.title().to_owned(),
                href: path::office_survey(&f.code),
                cadence: newest.map_or("", |s| words::survey::cadence(s.cadence)),
                who: newest.map(who).unwrap_or_default(),
                version: holds.map(|s| format!("第 {} 版　{} から", s.version, words::date(s.valid_from))),
                draft: f
                    .draft
                    .as_ref()
                    .map(|_| if f.flaws.is_empty() { "下書きあり" } else { "下書きあり（直すところがあります）" }),
                code: f.code.clone(),
            }
        };
        let (typed, problem, flaws) = again.unwrap_or_default();
        Self {
            frame: frame.of("調査", Here::Surveys, &[]).with_sheets(&["survey.css"]),
            lines: files.iter().map(line).collect(),
            typed,
            problem,
            errors: Errors::of(flaws),
        }
    }
}

struct VersionLine {
    version: u32,
    from: String,
    by: String,
    items: usize,
    rules: usize,
    state: (&'static str, &'static str, &'static str),
    href: String,
    may_withdraw: bool,
}

/// One survey.
#[derive(Template)]
#[template(path = "editor/file.html")]
pub struct SurveyFilePage {
    frame: Frame,
    title: String,
    code: String,
    action: String,
    versions: Vec<VersionLine>,
    draft: Option<(String, String, String, usize)>,
    answers: Option<String>,
    problem: Option<String>,
}

impl SurveyFilePage {
    /// The survey with its versions.
    pub fn new(frame: Frame, file: &SurveyFile, problem: Option<String>, now: DateTime<Utc>) -> Self {
        let today = jst_day(now);
        let holds = file.versions.iter().map(|(s, _)| s).find(|s| s.valid_from <= today).map(|s| s.version);
        let versions = file.versions.iter().enumerate().map(|(n, (s, by))| {
            let at = by.as_ref().and_then(|p| p.published_at.zip(p.published_by.clone()));
            VersionLine {
                version: s.version,
                from: words::date(s.valid_from),
                by: at.map_or_else(|| "はじめから入っている版".to_owned(), |(at, by)| format!("{}　{by}", words::moment(at, now))),
                items: s.items().count(),
                rules: s.rules.len(),
                state: match holds {
                    Some(v) if v == s.version => ("good", "i-check", "いま使っている版"),
                    Some(v) if s.version < v => ("wait", "i-info", "前の版"),
                    _ => ("wait", "i-info", "これから始まる版"),
                },
                href: path::version_preview(&file.code, s.version),
                may_withdraw: n == 0 && s.valid_from > today,
            }
        });
        let is_answered = file.versions.first().is_some_and(|(s, _)| s.is_answered() && s.code != DAILY);
        let draft = file
            .draft
            .as_ref()
            .map(|d| (path::draft(&file.code), words::moment(d.updated_at, now), d.written_by.clone(), file.flaws.len()));
        Self {
            frame: frame.of(file.title().to_owned(), Here::Surveys, &[]).with_sheets(&["survey.css"]),
            title: file.title().to_owned(),
            code: file.code.clone(),
            action: path::office_survey(&file.code),
            versions: versions.collect(),
            draft,
            answers: is_answered.then(|| path::office_answers(&file.code)),
            problem,
        }
    }
}
