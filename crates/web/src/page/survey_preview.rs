//! A draft, or a version, as the screen of those who answer it. The rules run; nothing is kept.

use super::{
    report::{Sent, sent},
    show,
    survey_editor::failed,
};
use crate::{
    error::{Answer, Failure},
    extract::{Person, SurveyCode},
    state::State,
    view::{AnswerInput, AnswerPage, ReportInput, path},
};
use akidoko_domain::{
    board::Card,
    id::{OrganisationCode, PrefCode},
    report::{Author, Channel, Kind, Known, Refusal, Submission, check, read_answers},
    survey::{Answers, SKIPPED, Survey},
    time::{from_jst, jst_day},
};
use akidoko_service::{account::Session, answer::bare_card};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
};
use std::collections::{BTreeMap, BTreeSet};

/// A hospital that is none: no real name stands beside what is typed to try.
fn sample() -> Card {
    let nowhere = PrefCode::new(99).expect("two digits");
    bare_card(OrganisationCode::build('H', Some(nowhere), 0), nowhere, "（答える組織の名前）".to_owned())
}

struct Tried<'a> {
    values: BTreeMap<String, String>,
    confirmed: BTreeSet<String>,
    refusal: Option<&'a Refusal>,
    skipped_sheet: Option<&'a str>,
    taken: bool,
}

fn screen(state: &State, session: &Session, survey: &Survey, paths: (&str, &str), tried: &Tried<'_>, status: StatusCode) -> Answer {
    let now = state.service.now();
    let period = survey.period(jst_day(now));
    let (card, none) = (sample(), Answers::new());
    let report = ReportInput {
        survey,
        card: &card,
        prefecture: "",
        date: period.first,
        now,
        version: 0,
        values: &tried.values,
        previous: None,
        last: &none,
        reported_at: None,
        refusal: tried.refusal,
        confirmed: &tried.confirmed,
        on_behalf: false,
        due: None,
        reason: ("", ""),
        usual: &[],
        filled: None,
        conflict: None,
        behalf: ("", ""),
        author: None,
    };
    let due_at = survey.due_at(period.first, &state.service.live().reference().holidays).map(from_jst);
    let input = AnswerInput { report, period, due_at, skipped_sheet: tried.skipped_sheet, preview: Some(paths) };
    show(status, &AnswerPage::new(state.frame(Some(session)), &input).would_be_taken(tried.taken))
}

const EMPTY: Tried<'static> =
    Tried { values: BTreeMap::new(), confirmed: BTreeSet::new(), refusal: None, skipped_sheet: None, taken: false };

async fn draft(state: &State, session: &Session, code: &str) -> Result<Survey, Failure> {
    let file = state.service.survey_file(&session.actor, code).await.map_err(failed)?;
    file.draft.map(|d| d.survey).ok_or_else(Failure::not_found)
}

/// The draft as a screen.
pub async fn preview(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode) -> Answer {
    let draft = draft(&state, &session, &survey).await?;
    screen(&state, &session, &draft, (&path::draft_preview(&survey), &path::draft(&survey)), &EMPTY, StatusCode::OK)
}

/// A published version as its screen was.
pub async fn version_preview(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let file = state.service.survey_file(&session.actor, &survey).await.map_err(failed)?;
    let number: Option<u32> = all.iter().find(|(n, _)| n == "version").and_then(|(_, v)| v.parse().ok());
    let version = file.versions.iter().find(|(s, _)| Some(s.version) == number).ok_or_else(Failure::not_found)?;
    let here = path::version_preview(&survey, version.0.version);
    screen(&state, &session, &version.0, (&here, &path::office_survey(&survey)), &EMPTY, StatusCode::OK)
}

/// Runs the rules of the draft on what was typed.
pub async fn try_draft(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode, form: Sent) -> Answer {
    let draft = draft(&state, &session, &survey).await?;
    let paths = (path::draft_preview(&survey), path::draft(&survey));
    run(&state, &session, &draft, (&paths.0, &paths.1), form)
}

/// Runs the rules of a version on what was typed.
pub async fn try_version(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
    form: Sent,
) -> Answer {
    let file = state.service.survey_file(&session.actor, &survey).await.map_err(failed)?;
    let number: Option<u32> = all.iter().find(|(n, _)| n == "version").and_then(|(_, v)| v.parse().ok());
    let version = file.versions.iter().find(|(s, _)| Some(s.version) == number).ok_or_else(Failure::not_found)?;
    let here = path::version_preview(&survey, version.0.version);
    run(&state, &session, &version.0, (&here, &path::office_survey(&survey)), form)
}

fn run(state: &State, session: &Session, survey: &Survey, paths: (&str, &str), form: Sent) -> Answer {
    let fields = sent(form)?;
    let mut values: BTreeMap<String, String> =
        fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect();
    let confirmed: BTreeSet<String> = fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect();
    if let Some((_, sheet)) = fields.iter().find(|(n, v)| n == "skip_sheet" && !v.is_empty()) {
        for section in survey.sections.iter().filter(|s| s.may_skip && s.sheet.as_ref() == Some(sheet)) {
            values.insert(section.skip_id(), SKIPPED.to_owned());
        }
        let tried = Tried { values, confirmed, refusal: None, skipped_sheet: Some(sheet), taken: false };
        return screen(state, session, survey, paths, &tried, StatusCode::OK);
    }
    let now = state.service.now();
    let date = survey.period(jst_day(now)).first;
    let raw = values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect();
    let (answers, unreadable) = read_answers(survey, Kind::Full, &raw);
    let submission = Submission {
        report_date: date,
        kind: Kind::Full,
        answers,
        unreadable,
        confirmed: confirmed.clone(),
        reason: None,
        expected_version: None,
        channel: Channel::Screen,
        on_behalf: false,
        typed_at: None,
        behalf: None,
        source: None,
        as_of: None,
    };
    let author = Author {
        organisation: String::new(),
        sign_in: String::new(),
        operator: String::new(),
        channel: Channel::Screen,
        on_behalf: false,
        behalf: None,
        source: None,
        report_date: date,
        version: 0,
        received_at: now,
    };
    // A draft may begin later: to try it, it holds already.
    let now_valid = Survey { valid_from: date, ..survey.clone() };
    match check(&now_valid, &Known::default(), &submission, author, now) {
        Ok(_) => {
            let tried = Tried { values, confirmed, refusal: None, skipped_sheet: None, taken: true };
            screen(state, session, survey, paths, &tried, StatusCode::OK)
        }
        Err(refusal) => {
            let tried = Tried { values, confirmed, refusal: Some(&refusal), skipped_sheet: None, taken: false };
            screen(state, session, survey, paths, &tried, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}
