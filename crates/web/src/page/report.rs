//! The daily report.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Code, Day, Person},
    state::State,
    view::{Choice, ChoicePage, Previous, ReceiptPage, ReportInput, ReportPage, compose_reason, form_values, path},
};
use akidoko_domain::{
    access::{ActFor, Action, may},
    report::{Channel, Kind, Refusal, ReportVersion},
    survey::Answers,
    time::DueRule,
};
use akidoko_service::{
    account::Session,
    report::{DayReport, RawReport, SubmitError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::{BTreeMap, BTreeSet};

/// Today's report: my own hospital's, or for those who report for several the choice.
pub async fn mine(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let actor = &session.actor;
    if !may(actor.kind, Action::Report) {
        return Err(Failure::forbidden().saying("報告の入力は医療機関ととりまとめ団体の ID で行います。病床ボードをご覧ください。"));
    }
    let (today, _) = state.service.today();
    let ActFor::Hospitals(own) = &actor.scope.act_for else { return Err(Failure::forbidden()) };
    let rows = state.service.rows_of(own);
    if let ([only], true) = (rows.as_slice(), may(actor.kind, Action::ReadBoard)) {
        return Ok(Redirect::to(&path::report(&only.card.code, today)).into_response());
    }
    let now = state.service.now();
    let choices = rows.iter().map(|r| Choice::hospital(&r.card, r.as_of, now)).collect();
    show(StatusCode::OK, &ChoicePage::hospitals(state.frame(Some(&session)), choices))
}

/// What was typed, for a screen that is shown again.
#[derive(Default)]
struct Typed<'a> {
    values: BTreeMap<String, String>,
    confirmed: BTreeSet<String>,
    reason: (&'a str, &'a str),
    refusal: Option<&'a Refusal>,
}

fn screen(state: &State, session: &Session, day: &DayReport, status: StatusCode, typed: &Typed<'_>) -> Answer {
    let row = state.service.row_of(&day.hospital).ok_or_else(Failure::not_found)?;
    let newest = day.versions.first();
    // Where the day has been reported, its own figures are what changes are held against; else those of the last report.
    let previous = match (newest, &day.previous) {
        (Some(v), _) => Some(Previous { answers: &day.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, Some(v)) => Some(Previous { answers: &v.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, None) => None,
    };
    let prefecture = state.service.live().reference().prefectures.get(&row.card.prefecture).cloned().unwrap_or_default();
    let input = ReportInput {
        survey: &day.survey,
        card: &row.card,
        prefecture: &prefecture,
        date: day.date,
        now: state.service.now(),
        version: newest.map_or(0, |v| v.version),
        values: &typed.values,
        previous,
        reported_at: newest.map(|v| v.received_at),
        refusal: typed.refusal,
        confirmed: &typed.confirmed,
        on_behalf: day.on_behalf,
        due: DueRule::default(),
        reason: typed.reason,
    };
    show(status, &ReportPage::new(state.frame(Some(session)), &input))
}

async fn open(
    state: &State,
    session: &Session,
    code: &akidoko_domain::id::OrganisationCode,
    date: chrono::NaiveDate,
) -> Result<DayReport, Failure> {
    let day = state.service.day_report(&session.actor, code, date).await?.ok_or_else(Failure::not_found)?;
    if !day.may_report {
        return Err(Failure::forbidden().saying("この医療機関の報告は、お使いの ID では入力できません。"));
    }
    Ok(day)
}

/// The screen of a day.
pub async fn form(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day) -> Answer {
    let day = open(&state, &session, &code, date).await?;
    let (today, _) = state.service.today();
    if date > today {
        return Err(Failure::bad_request("先の日付の報告はできません。今日の報告を開いてください。"));
    }
    let typed = Typed { values: form_values(&day.answers), ..Typed::default() };
    screen(&state, &session, &day, StatusCode::OK, &typed)
}

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

fn sent(form: Sent) -> Result<Vec<(String, String)>, Failure> {
    form.map(|Form(fields)| fields).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度入力してください。")
    })
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn expected(fields: &[(String, String)]) -> Result<Option<u32>, Failure> {
    let text = field(fields, "expected_version");
    let wrong = |_| Failure::bad_request("画面から送られた版の番号を読めません。画面を開き直してください。");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// Takes a day's report.
pub async fn submit(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day, form: Sent) -> Answer {
    let fields = sent(form)?;
    let values: BTreeMap<String, String> = fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect();
    let confirmed: BTreeSet<String> = fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect();
    let reason = (field(&fields, "reason"), field(&fields, "reason_text"));
    let raw = RawReport {
        kind: Kind::Full,
        answers: values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect(),
        confirmed: confirmed.clone(),
        reason: compose_reason(reason.0, reason.1),
        expected_version: expected(&fields)?,
        channel: Channel::Screen,
        as_of: None,
    };
    match state.service.submit(&session.actor, &code, date, raw).await {
        Ok(receipt) => Ok(Redirect::to(&path::receipt(&code, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let day = open(&state, &session, &code, date).await?;
            let status = if matches!(refusal, Refusal::Conflict { .. }) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            screen(&state, &session, &day, status, &Typed { values, confirmed, reason, refusal: Some(&refusal) })
        }
        Err(error) => Err(failed(error)),
    }
}

/// 変更なし
pub async fn confirm(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day, form: Sent) -> Answer {
    let expected = expected(&sent(form)?)?;
    match state.service.confirm_unchanged(&session.actor, &code, date, expected, Channel::Screen).await {
        Ok(receipt) => Ok(Redirect::to(&path::receipt(&code, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let day = open(&state, &session, &code, date).await?;
            let status = if matches!(refusal, Refusal::Conflict { .. }) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let typed = Typed { values: form_values(&day.answers), refusal: Some(&refusal), ..Typed::default() };
            screen(&state, &session, &day, status, &typed)
        }
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: SubmitError) -> Failure {
    match error {
        SubmitError::NotFound => Failure::not_found(),
        SubmitError::Forbidden => Failure::forbidden().saying("この医療機関の報告は、お使いの ID では入力できません。"),
        SubmitError::NothingBefore => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_before").saying("前の報告がありません。今日の報告を入力してください。")
        }
        SubmitError::AsOf => Failure::bad_request("時刻を確かめて、もう一度報告してください。"),
        SubmitError::Refused(refusal) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused").saying(crate::words::refusal(&refusal)),
        SubmitError::Store(error) => error.into(),
    }
}

/// The receipt of a version.
pub async fn receipt(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    Day(date): Day,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let number: Option<u32> = all.iter().find(|(n, _)| n == "version").and_then(|(_, v)| v.parse().ok());
    let day = open(&state, &session, &code, date).await?;
    let at = day.versions.iter().position(|v| Some(v.version) == number).ok_or_else(Failure::not_found)?;
    let before = stood(day.previous.as_ref(), &day.versions[at + 1..]);
    let row = state.service.row_of(&day.hospital).ok_or_else(Failure::not_found)?;
    let prefecture = state.service.live().reference().prefectures.get(&row.card.prefecture).cloned().unwrap_or_default();
    let history = state.service.may_read_history(&session.actor, day.hospital.hospital.id);
    let frame = state.frame(Some(&session));
    let page =
        ReceiptPage::new(frame, (&row.card, &prefecture), &day.survey, &day.versions[at], before.as_ref(), history, state.service.now());
    show(StatusCode::OK, &page)
}

/// What stood before a version: the last report, with the day's earlier versions (the newest first) laid over it.
fn stood(previous: Option<&ReportVersion>, earlier: &[ReportVersion]) -> Option<Answers> {
    let mut answers = previous.map(|v| v.answers.clone());
    for v in earlier.iter().rev() {
        match (&mut answers, v.kind) {
            (Some(known), Kind::Quick) => known.extend(v.answers.clone()),
            (known, _) => *known = Some(v.answers.clone()),
        }
    }
    answers
}
