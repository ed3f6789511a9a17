//! Answering any survey: the same screen as the daily report, by survey and period.

use super::{
    report::{Sent, expected, failed, field, moved, repeat, sent, stood, window_is_open},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Code, Day, Person, SurveyCode},
    state::State,
    view::{
        AnswerHistoryPage, AnswerInput, AnswerPage, AnswerReceiptPage, Conflict, Previous, ReportInput, chosen, compose_reason,
        form_values, path,
    },
};
use akidoko_domain::{
    id::OrganisationCode,
    report::{Behalf, Channel, Kind, Refusal},
    survey::{DAILY, SKIPPED},
};
use akidoko_service::{
    account::Session,
    answer::Answering,
    correction::RequestError,
    report::{RawReport, SubmitError},
};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What was typed, for a screen that is shown again.
#[derive(Default)]
struct Typed<'a> {
    values: BTreeMap<String, String>,
    confirmed: BTreeSet<String>,
    reason: (&'a str, &'a str),
    behalf: (&'a str, &'a str),
    refusal: Option<&'a Refusal>,
    skipped_sheet: Option<&'a str>,
    /// The version that was on the screen.
    expected: Option<u32>,
}

async fn screen(state: &State, session: &Session, open: &Answering, status: StatusCode, mut typed: Typed<'_>) -> Answer {
    let newest = open.versions.first();
    let conflict = match (typed.refusal, newest) {
        (Some(Refusal::Conflict { .. }), Some(newest)) => {
            let base = open.answers_at(typed.expected.unwrap_or(0));
            Some(Conflict::new(&open.shown, newest, &base, &open.answers, &mut typed.values))
        }
        _ => None,
    };
    let previous = match (newest, &open.previous) {
        (Some(v), _) => Some(Previous { answers: &open.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, Some(v)) => Some(Previous { answers: &v.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, None) => None,
    };
    let report = ReportInput {
        survey: &open.shown,
        card: &open.card,
        prefecture: "",
        date: open.period.first,
        now: state.service.now(),
        // What was seen when it was typed, until the table of a conflict shows what came since.
        version: typed.expected.filter(|_| conflict.is_none()).unwrap_or_else(|| newest.map_or(0, |v| v.version)),
        values: &typed.values,
        previous,
        last: &open.answers,
        reported_at: newest.map(|v| v.received_at),
        refusal: typed.refusal,
        confirmed: &typed.confirmed,
        on_behalf: open.on_behalf,
        due: None,
        reason: typed.reason,
        usual: &[],
        filled: None,
        conflict: conflict.as_ref(),
        behalf: typed.behalf,
        author: newest.map(|v| &v.author),
    };
    let input = AnswerInput { report, period: open.period, due_at: open.due_at, skipped_sheet: typed.skipped_sheet, preview: None };
    let page = AnswerPage::new(state.frame(Some(session)), &input);
    if open.of_prefecture {
        return show(status, &page);
    }
    let asks = state.service.must_ask(&session.actor, open.period.last).await?;
    let about = (open.survey.code.as_str(), open.period.first);
    let waiting = if asks.is_some() { state.service.waiting_correction(&session.actor, open.card.id, about).await? } else { None };
    show(status, &page.asking(asks, waiting.map(path::correction)))
}

async fn open(state: &State, session: &Session, code: &OrganisationCode, survey: &str, date: NaiveDate) -> Result<Answering, Failure> {
    let open = state.service.answering(&session.actor, code, survey, date).await?.ok_or_else(Failure::not_found)?;
    if !open.may_report {
        return Err(Failure::forbidden().saying("この調査の報告は、お使いの ID では入力できません。"));
    }
    Ok(open)
}

/// The screen of a period.
pub async fn answer_form(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    SurveyCode(survey): SurveyCode,
    Day(date): Day,
) -> Answer {
    let open = open(&state, &session, &code, &survey, date).await?;
    if survey == DAILY {
        return Ok(Redirect::to(&path::report(&code, date)).into_response());
    }
    if date > state.service.today().0 {
        return Err(Failure::bad_request("まだ始まっていない期間の報告はできません。調査の一覧から開いてください。"));
    }
    let typed = Typed { values: form_values(&open.answers), ..Typed::default() };
    screen(&state, &session, &open, StatusCode::OK, typed).await
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Conflict { .. } | Refusal::Moved | Refusal::SurveyChanged => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Takes an answer.
pub async fn submit_answer(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    SurveyCode(survey): SurveyCode,
    Day(date): Day,
    form: Sent,
) -> Answer {
    let fields = sent(form)?;
    let mut values: BTreeMap<String, String> =
        fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect();
    let confirmed: BTreeSet<String> = fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect();
    let reason = (field(&fields, "reason"), field(&fields, "reason_text"));
    let behalf = (field(&fields, "behalf"), field(&fields, "behalf_words"));
    let expected = expected(&fields)?;
    chosen(&fields, &mut values);
    let open = open(&state, &session, &code, &survey, date).await?;
    // A press that says 「該当なし」 for a whole sheet sends nothing: it fills the screen in.
    if let Some(sheet) = Some(field(&fields, "skip_sheet")).filter(|s| !s.is_empty()) {
        for section in open.shown.sections.iter().filter(|s| s.may_skip && s.sheet.as_deref() == Some(sheet)) {
            values.insert(section.skip_id(), SKIPPED.to_owned());
        }
        let typed = Typed { values, confirmed, reason, behalf, refusal: None, skipped_sheet: Some(sheet), expected };
        return screen(&state, &session, &open, StatusCode::OK, typed).await;
    }
    if field(&fields, "survey_version").parse::<u32>().is_ok_and(|seen| seen != open.survey.version) {
        let typed = Typed { values, confirmed, reason, behalf, refusal: Some(&Refusal::SurveyChanged), skipped_sheet: None, expected };
        return screen(&state, &session, &open, StatusCode::CONFLICT, typed).await;
    }
    let raw = RawReport {
        kind: Kind::Full,
        answers: values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect(),
        confirmed: confirmed.clone(),
        reason: compose_reason(reason.0, reason.1),
        expected_version: expected,
        channel: Channel::Screen,
        behalf: Behalf::of_form(behalf.0, behalf.1),
        as_of: None,
    };
    let mut outcome = state.service.answer(&session.actor, &code, &survey, date, raw.clone()).await;
    if matches!(outcome, Err(SubmitError::Refused(Refusal::WindowClosed { .. }))) {
        // After the window what was typed asks for the prefecture's consent, by the same press.
        outcome = match state.service.request_correction(&session.actor, &code, (&survey, date), raw).await {
            Ok(id) => return Ok(Redirect::to(&path::correction(id)).into_response()),
            // The screen comes back with what was typed, and leads to the one that waits.
            Err(RequestError::Waiting(_)) => {
                let typed = Typed { values, confirmed, reason, behalf, expected, ..Typed::default() };
                return screen(&state, &session, &open, StatusCode::CONFLICT, typed).await;
            }
            Err(RequestError::Open) => return Err(window_is_open()),
            Err(RequestError::Submit(error)) => Err(error),
        };
    }
    match outcome {
        Ok(receipt) => Ok(Redirect::to(&path::answer_receipt(&code, &survey, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let open = self::open(&state, &session, &code, &survey, date).await?;
            let typed = Typed { values, confirmed, reason, behalf, refusal: Some(&refusal), skipped_sheet: None, expected };
            screen(&state, &session, &open, status_of(&refusal), typed).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// 変更なし
pub async fn confirm_answer(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    SurveyCode(survey): SurveyCode,
    Day(date): Day,
    form: Sent,
) -> Answer {
    let fields = sent(form)?;
    let expected = expected(&fields)?;
    let behalf = (field(&fields, "behalf"), field(&fields, "behalf_words"));
    let open = open(&state, &session, &code, &survey, date).await?;
    let again = async |open: &Answering, refusal: &Refusal| {
        let (refusal, expected) = if moved(refusal) { (&Refusal::Moved, None) } else { (refusal, expected) };
        let typed = Typed { values: form_values(&open.answers), behalf, refusal: Some(refusal), expected, ..Typed::default() };
        screen(&state, &session, open, status_of(refusal), typed).await
    };
    if field(&fields, "survey_version").parse::<u32>().is_ok_and(|seen| seen != open.survey.version) {
        return again(&open, &Refusal::SurveyChanged).await;
    }
    match state.service.answer_unchanged(&session.actor, &code, &survey, date, repeat(&fields)?).await {
        Ok(receipt) => Ok(Redirect::to(&path::answer_receipt(&code, &survey, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let open = self::open(&state, &session, &code, &survey, date).await?;
            again(&open, &refusal).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// The receipt of a version.
pub async fn answer_receipt(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    SurveyCode(survey): SurveyCode,
    Day(date): Day,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let number: Option<u32> = all.iter().find(|(n, _)| n == "version").and_then(|(_, v)| v.parse().ok());
    let open = open(&state, &session, &code, &survey, date).await?;
    let at = open.versions.iter().position(|v| Some(v.version) == number).ok_or_else(Failure::not_found)?;
    let before = stood(open.previous.as_ref(), &open.versions[at + 1..]);
    let version = &open.versions[at];
    let catalogue = state.service.catalogue();
    let asked = catalogue.version(&survey, version.survey_version).unwrap_or(&open.survey);
    let page = AnswerReceiptPage::new(state.frame(Some(&session)), &open.card, asked, version, before.as_ref(), state.service.now());
    show(StatusCode::OK, &page)
}

/// The history of somebody's answers.
pub async fn answer_history(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    SurveyCode(survey): SurveyCode,
) -> Answer {
    let found = state.service.answers_before(&session.actor, &code, &survey).await?;
    let (card, versions) = found.ok_or_else(Failure::not_found)?;
    state.service.note_read(&session.actor, "answers", card.prefecture);
    let catalogue = state.service.catalogue();
    let page = AnswerHistoryPage::new(state.frame(Some(&session)), &card, (&catalogue, &survey), &versions, state.service.now());
    show(StatusCode::OK, &page)
}
