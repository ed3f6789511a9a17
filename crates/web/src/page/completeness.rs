//! Who has not reported: the day, its stream, reminders, calls.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    live,
    state::State,
    view::{CallTyped, CallsPage, CompletenessFilter, CompletenessPage, NationPage, RemindPage, path},
    words::completeness as cw,
};
use akidoko_domain::{
    due::CallResult,
    id::{OrganisationCode, PrefCode},
    survey::DAILY,
    text::fold_phone,
    time::{day_before, jst_day},
};
use akidoko_service::{
    account::Session,
    completeness::{CallError, CompletenessError, NewCall},
};
use axum::{
    Form,
    extract::{State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use chrono::Days;
use std::collections::BTreeSet;

pub(super) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

pub(super) fn read(sent: Sent) -> Result<Vec<(String, String)>, Failure> {
    sent.map(|Form(fields)| fields).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度操作してください。")
    })
}

pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

pub(super) fn failed(error: CompletenessError) -> Failure {
    match error {
        CompletenessError::Forbidden => Failure::forbidden()
            .saying("報告状況は、都道府県の衛生主管部（局）、保健所、厚生労働省の ID で見られます。変更は衛生主管部（局）が行います。"),
        CompletenessError::NotFound => Failure::not_found(),
        CompletenessError::Store(error) => error.into(),
    }
}

/// Today or another day of a prefecture; for the ministry the nation first.
pub async fn completeness(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let actor = &session.actor;
    let asked = query.prefecture()?;
    if let Some(date) = query.get("date").filter(|d| !d.is_empty())
        && date.parse::<chrono::NaiveDate>().is_err()
    {
        return Err(Failure::bad_request("日付は 2026-04-10 の形で指定してください。"));
    }
    let mut filter = CompletenessFilter::parse(query.0.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    let today = jst_day(state.service.now());
    // A day that no database of ours has is as little a day as one to come.
    filter.date = filter.date.filter(|d| *d < today && chrono::Datelike::year(d) >= 1900);
    let day = filter.date.unwrap_or(today);
    // A day that still runs would end every line with a fall.
    let last = if day == today { day_before(day) } else { day };
    let from = last.checked_sub_days(Days::new(filter.unit.back())).unwrap_or(last);
    let frame = state.frame(Some(&session));
    let Some(prefecture) = state.service.completeness_of(actor, asked).map_err(failed)? else {
        let counts = state.service.completeness_counts(actor, None, filter.survey(), from..=day, None).await.map_err(failed)?;
        let lines = state.service.nation_completeness(&counts, day);
        let counts = counts.until(last);
        let trend = if filter.unit == crate::view::Unit::Week { counts.weeks() } else { counts.days() };
        return show(StatusCode::OK, &NationPage::new(frame, day, &lines, &trend, &filter));
    };
    state.service.note_read(actor, "completeness", prefecture);
    let page = state.service.completeness(actor, prefecture, filter.survey(), day).await.map_err(failed)?;
    let only: BTreeSet<_> = page.hospitals.iter().filter(|h| filter.is_of(h)).map(|h| h.row.card.id).collect();
    let only = filter.narrows().then_some(&only);
    let counts = state.service.completeness_counts(actor, Some(prefecture), filter.survey(), from..=last, only).await.map_err(failed)?;
    let trend = if filter.unit == crate::view::Unit::Week { counts.weeks() } else { counts.days() };
    let keeps = state.service.keeps_completeness(actor, prefecture);
    let nation = actor.prefecture.is_none();
    let reminded = query.get("reminded").and_then(|n| n.parse().ok());
    show(StatusCode::OK, &CompletenessPage::new(frame, &page, filter, &trend, (keeps, nation), reminded))
}

/// That something of it changed.
pub async fn completeness_events(Extract(state): Extract<State>, Person(session): Person, query: Parameters, headers: HeaderMap) -> Answer {
    let asked = query.prefecture()?;
    let Some(prefecture) = state.service.completeness_of(&session.actor, asked).map_err(failed)? else {
        return Err(Failure::bad_request("都道府県を prefecture で指定してください（例：prefecture=12）。"));
    };
    let after = query.get("after").and_then(|a| a.parse().ok());
    live::stream(state, session, Some(prefecture), after, &headers, live::Form::Completeness).await
}

/// Who would get a reminder.
pub async fn reminders(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let plan = state.service.plan_reminders(&session.actor).await.map_err(failed)?;
    let board = state.service.board(&session.actor, None)?;
    let phone = |code: &str| {
        let code: OrganisationCode = code.parse().ok()?;
        let words = board.row(&code)?.card.phone.clone()?;
        Some((fold_phone(&words), words))
    };
    show(StatusCode::OK, &RemindPage::new(state.frame(Some(&session)), &plan, state.service.now(), phone))
}

/// Reminds them.
pub async fn send_reminders(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let pressed = state.service.press_reminders(&session.actor).await.map_err(failed)?;
    Ok(Redirect::to(&format!("{}?reminded={}", path::COMPLETENESS, pressed.mailed)).into_response())
}

pub(super) fn once() -> String {
    let mut bytes = [0; 16];
    // Without it a form sent twice would note a call twice, which is no more than an inconvenience.
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// The own prefecture of whoever may ring.
fn own(state: &State, session: &Session) -> Result<PrefCode, Failure> {
    let own = session.actor.prefecture.filter(|p| state.service.keeps_completeness(&session.actor, *p));
    own.ok_or_else(|| failed(CompletenessError::Forbidden))
}

async fn call_list(state: &State, session: &Session, status: StatusCode, typed: Option<&CallTyped>, noted: bool) -> Answer {
    let prefecture = own(state, session)?;
    let today = jst_day(state.service.now());
    let day = state.service.completeness(&session.actor, prefecture, DAILY, today).await.map_err(failed)?;
    show(status, &CallsPage::new(state.frame(Some(session)), &day, once(), typed, noted))
}

/// The call list.
pub async fn calls(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    call_list(&state, &session, StatusCode::OK, None, query.get("noted").is_some()).await
}

/// Notes a call.
pub async fn note_call(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    own(&state, &session)?;
    let fields = read(sent)?;
    let typed = CallTyped {
        hospital: field(&fields, "hospital").to_owned(),
        result: field(&fields, "result").to_owned(),
        words: field(&fields, "words").to_owned(),
        ..CallTyped::default()
    };
    let again = async |problem: &str, may_confirm: bool| {
        let typed = CallTyped { problem: problem.to_owned(), may_confirm, ..typed.clone() };
        call_list(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(&typed), false).await
    };
    let code: OrganisationCode = typed.hospital.parse().map_err(|_| Failure::not_found())?;
    let wrong = || Failure::bad_request("画面を開き直して、もう一度記録してください。");
    let day: chrono::NaiveDate = field(&fields, "date").parse().map_err(|_| wrong())?;
    // A list that was left open over midnight still counts for its day.
    let today = jst_day(state.service.now());
    if day > today || day < day_before(today) {
        return Err(wrong());
    }
    let id = u128::from_str_radix(field(&fields, "once"), 16).map_err(|_| wrong())?;
    let Some(result) = CallResult::parse(&typed.result) else {
        return again("電話の結果を選んでください。", false).await;
    };
    // Of one page of forms each is a secret of its own: with the hospital in it.
    let id = id ^ u128::from(code.as_str().bytes().fold(0_u64, |sum, b| sum.wrapping_mul(131).wrapping_add(u64::from(b))));
    let call = NewCall { id, day, result, words: typed.words.clone(), confirmed: !field(&fields, "confirmed").is_empty() };
    match state.service.note_call(&session.actor, &code, call).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?noted=1#c-{code}", path::COMPLETENESS_CALLS)).into_response()),
        Err(CallError::Long) => again("メモは 200 文字まで、1 行で書いてください。", false).await,
        Err(CallError::Patient(hint)) => again(cw::patient(hint), !hint.is_certain()).await,
        Err(CallError::Other(error)) => Err(failed(error)),
    }
}
