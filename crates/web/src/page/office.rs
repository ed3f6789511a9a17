//! The office's desk: the work list, one application in full, windows and capacity. Only for who may decide applications.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person, Wants},
    pack::gzip,
    state::State,
    view::{
        Around, Bar, Left, OfficeApplicationPage, OfficeFilter, OfficePage, OfficeSettingsPage, Press, SettingsProblem, Typed, WindowPart,
        path,
    },
};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Column, FormFinding, Window},
    id::ApplicationId,
    text::fold_digits,
    time::jst_day,
};
use akidoko_service::{
    account::Session,
    application::{ApplicationError, ApplicationView, Decision, Office, OfficeChange, Outcome},
};
use axum::{
    Form,
    body::to_bytes,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeMap;

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// Whoever may decide; for all others this is no place.
pub(super) fn desk(session: &Session) -> Result<&Actor, Failure> {
    if may(session.actor.kind, May::DecideApplications) { Ok(&session.actor) } else { Err(Failure::forbidden()) }
}

fn read(sent: Sent) -> Result<Vec<(String, String)>, Failure> {
    sent.map(|Form(fields)| fields).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度操作してください。")
    })
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

fn application_id(text: &str) -> Option<ApplicationId> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn failed(error: ApplicationError) -> Failure {
    match error {
        ApplicationError::NotFound => Failure::not_found(),
        ApplicationError::Forbidden => Failure::forbidden(),
        ApplicationError::Store(error) => error.into(),
        ApplicationError::Stale => Failure::new(StatusCode::CONFLICT, "stale"),
        _ => Failure::bad_request("この処理は受けられません。画面を開き直して、いまの内容を確かめてください。"),
    }
}

async fn around(state: &State) -> Result<Around, Failure> {
    let backlog = state.service.backlog().await?;
    Ok(Around {
        prefectures: state.service.live().reference().prefectures.clone(),
        office: state.service.office().await?,
        mails: (backlog.due, backlog.tried, backlog.later),
        now: state.service.now(),
    })
}

/// Where a press came from and is answered.
#[derive(Clone, Copy)]
enum From<'a> {
    List(&'a OfficeFilter),
    One(ApplicationId),
}

/// The work list over all prefectures.
pub async fn office(Extract(state): Extract<State>, Person(session): Person, query: Parameters, wants: Wants) -> Answer {
    desk(&session)?;
    let filter = OfficeFilter::parse(query.0.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    let press = Press::parse(query.get("done"), query.get("at"));
    let typed = Typed { all: query.get("select") == Some("all"), ..Typed::default() };
    let views = state.service.applications(&session.actor).await.map_err(failed)?.rows;
    let page = list(&state, &session, StatusCode::OK, &views, &filter, (press, Vec::new()), typed).await?;
    if !wants.gzip {
        return Ok(page);
    }
    // Thousands of rows: a tenth of the bytes.
    let bytes = to_bytes(page.into_body(), usize::MAX).await.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error"))?;
    let about =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_ENCODING, "gzip"), (header::VARY, "Accept-Encoding, Cookie")];
    Ok((about, gzip(&bytes)).into_response())
}

async fn list(
    state: &State,
    session: &Session,
    status: StatusCode,
    views: &[ApplicationView],
    filter: &OfficeFilter,
    (press, left): (Option<Press>, Vec<Left>),
    typed: Typed,
) -> Answer {
    let around = around(state).await?;
    let bar = Bar::of(press, left, views, around.now);
    show(status, &OfficePage::new(state.frame(Some(session)), views, &around, filter.clone(), bar, typed))
}

/// One application beside others that may be the same.
pub async fn office_application(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(id): Path<String>,
    query: Parameters,
) -> Answer {
    desk(&session)?;
    let id = application_id(&id).ok_or_else(Failure::not_found)?;
    let press = Press::parse(query.get("done"), query.get("at"));
    one(&state, &session, StatusCode::OK, id, (press, Vec::new()), Typed::default()).await
}

async fn one(
    state: &State,
    session: &Session,
    status: StatusCode,
    id: ApplicationId,
    (press, left): (Option<Press>, Vec<Left>),
    typed: Typed,
) -> Answer {
    one_with(state, session, status, id, (press, left), typed, None).await
}

/// What was typed as an address, and what is wrong with it.
pub(super) type TypedAddress = (BTreeMap<Column, String>, Vec<FormFinding>);

/// The page of one application, where an address that was typed is not taken.
pub(super) async fn address_again(
    state: &State,
    session: &Session,
    status: StatusCode,
    id: ApplicationId,
    address: TypedAddress,
) -> Answer {
    one_with(state, session, status, id, (None, Vec::new()), Typed::default(), Some(address)).await
}

async fn one_with(
    state: &State,
    session: &Session,
    status: StatusCode,
    id: ApplicationId,
    (press, left): (Option<Press>, Vec<Left>),
    typed: Typed,
    address: Option<TypedAddress>,
) -> Answer {
    let (view, steps, mails) = state.service.application(&session.actor, id).await.map_err(failed)?;
    let hand_over = state.service.hand_over_of(&session.actor, &view.row).await.map_err(failed)?;
    let others = state.service.applications(&session.actor).await.map_err(failed)?.rows;
    let around = around(state).await?;
    let bar = Bar::of(press, left, std::slice::from_ref(&view), around.now);
    let chosen = state.service.chosen_hospital(&session.actor, &view.row).await.map_err(failed)?;
    let page = OfficeApplicationPage::new(state.frame(Some(session)), (&view, &steps, &mails, &hand_over), &others, &around, bar, typed);
    let page = page.of_hospital(chosen);
    show(status, &if let Some((values, findings)) = address { page.with_address(&values, &findings) } else { page })
}

/// Takes a step with what was chosen. Each is taken or left on its own.
pub async fn office_steps(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let fields = read(sent)?;
    let action = Action::parse(field(&fields, "action"))
        .ok_or_else(|| Failure::bad_request("どの処理かわかりません。画面を開き直して、もう一度操作してください。"))?;
    let reason = field(&fields, "reason");
    let decisions: Vec<Decision> = fields.iter().filter(|(name, _)| name == "decision").filter_map(|(_, v)| decision(v)).collect();
    let view: Vec<(String, String)> = parameters(field(&fields, "view"));
    let filter = OfficeFilter::parse(view.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    let from = application_id(field(&fields, "from")).map_or(From::List(&filter), From::One);
    match state.service.step_applications(actor, &decisions, action, Some(reason)).await {
        Ok(outcomes) => answer(&state, &session, from, action, &outcomes).await,
        Err(error) => {
            let problem = match error {
                ApplicationError::Nothing => "申請がひとつも選ばれていません。行の左の四角で選んでから、もう一度押してください。",
                ApplicationError::ReasonMissing => "理由が書かれていません。読む人が次にすることがわかるように書いてください。",
                ApplicationError::TooLong => "理由は 1000 文字までで書いてください。",
                other => return Err(failed(other)),
            };
            let chosen = decisions.iter().map(|d| d.id).collect();
            let typed = Typed { problem: Some(problem), reason: reason.to_owned(), chosen, all: false };
            again(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, from, (None, Vec::new()), typed).await
        }
    }
}

/// `id:revision`
fn decision(text: &str) -> Option<Decision> {
    let (id, revision) = text.split_once(':')?;
    Some(Decision { id: application_id(id)?, revision: revision.parse().ok()? })
}

/// The parameters of an address of ours.
fn parameters(query: &str) -> Vec<(String, String)> {
    let address = format!("{}?{query}", path::OFFICE);
    let parsed = address.parse().ok().and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    parsed.map(|axum::extract::Query(all)| all).unwrap_or_default()
}

async fn again(
    state: &State,
    session: &Session,
    status: StatusCode,
    from: From<'_>,
    told: (Option<Press>, Vec<Left>),
    typed: Typed,
) -> Answer {
    match from {
        From::One(id) => one(state, session, status, id, told, typed).await,
        From::List(filter) => {
            let views = state.service.applications(&session.actor).await.map_err(failed)?.rows;
            list(state, session, status, &views, filter, told, typed).await
        }
    }
}

/// All done: back to where it came from. Something left: told at once, one by one, beside what was done.
async fn answer(state: &State, session: &Session, from: From<'_>, action: Action, outcomes: &[(ApplicationId, Outcome)]) -> Answer {
    let views = state.service.applications(&session.actor).await.map_err(failed)?.rows;
    let done = outcomes.iter().find(|(_, outcome)| matches!(outcome, Outcome::Done(_)));
    let done = done.and_then(|(id, _)| views.iter().find(|v| v.row.id == *id));
    let press = done.map(|view| Press { action, at: view.row.updated_at.timestamp_micros() });
    let left = Left::all(outcomes, action, &views);
    if let (Some(press), true) = (press, left.is_empty()) {
        let to = match from {
            From::List(filter) => filter.href(),
            From::One(id) => path::office_application(id),
        };
        let mark = if to.contains('?') { '&' } else { '?' };
        return Ok(Redirect::to(&format!("{to}{mark}{}", press.query())).into_response());
    }
    let status = if press.is_some() { StatusCode::OK } else { StatusCode::CONFLICT };
    match from {
        From::One(id) => one(state, session, status, id, (press, left), Typed::default()).await,
        From::List(filter) => list(state, session, status, &views, filter, (press, left), Typed::default()).await,
    }
}

/// Writes to the prefecture.
pub async fn comment_on_application(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let id = application_id(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    let words = field(&fields, "words");
    let problem = match state.service.comment_application(actor, id, words).await {
        Ok(()) => return Ok(Redirect::to(&format!("{}#thread", path::office_application(id))).into_response()),
        Err(ApplicationError::Nothing) => "書き込みが空です。都道府県に伝えることを書いてください。",
        Err(ApplicationError::TooLong) => "書き込みは 1000 文字までで書いてください。",
        Err(other) => return Err(failed(other)),
    };
    let typed = Typed { problem: Some(problem), reason: String::new(), ..Typed::default() };
    one(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, id, (None, Vec::new()), typed).await
}

/// Plans that another headquarters takes over, or drops the plan.
pub async fn hand_over_at_office(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let id = application_id(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    let revision = field(&fields, "revision").parse().map_err(|_| Failure::bad_request("画面から送られた内容を読めません。"))?;
    super::application::hand_over(&state, actor, Decision { id, revision }, &fields).await?;
    Ok(Redirect::to(&path::office_application(id)).into_response())
}

/// Windows and capacity.
pub async fn office_settings(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    desk(&session)?;
    settings(&state, &session, StatusCode::OK, None, (query.get("saved").is_some(), None)).await
}

/// The page; `typed` is what was typed of the days for corrections.
pub(super) async fn settings(
    state: &State,
    session: &Session,
    status: StatusCode,
    problem: Option<(SettingsProblem, Option<[String; 5]>)>,
    (saved, typed): (bool, Option<[String; 2]>),
) -> Answer {
    let windows = state.service.windows(&session.actor).await.map_err(failed)?;
    let office = state.service.office().await?;
    let today = jst_day(state.service.now());
    let corrections = WindowPart::new(&state.service.correction_windows().await?, today, typed);
    let page = OfficeSettingsPage::new(state.frame(Some(session)), (&windows, office), today, problem, saved);
    show(status, &page.with_corrections(corrections))
}

/// Adds a window, removes one, or sets the figures.
pub async fn set_office(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let fields = read(sent)?;
    let typed = ["opens_on", "closes_on", "issue_from", "daily_capacity", "delivered_after_days"]
        .map(|name| field(&fields, name).trim().to_owned());
    let wrong = |problem| settings(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some((problem, Some(typed.clone()))), (false, None));
    let [opens, closes, from, capacity, days] = &typed;
    let change = if fields.iter().any(|(name, _)| name == "opens_on") {
        let (Ok(opens_on), Ok(closes_on), Ok(issue_from)) = (opens.parse(), closes.parse(), from.parse()) else {
            return wrong(SettingsProblem::Days).await;
        };
        let window = Window { opens_on, closes_on, issue_from };
        if field(&fields, "remove").is_empty() { OfficeChange::AddWindow(window) } else { OfficeChange::RemoveWindow(window) }
    } else {
        let number = |text: &str, most: u32| fold_digits(text).parse().ok().filter(|n| (1..=most).contains(n));
        let Some(daily_capacity) = number(capacity, 100_000) else { return wrong(SettingsProblem::Capacity).await };
        // What a form does not send stays as it is.
        let stands = state.service.office().await?.delivered_after_days;
        let sent = fields.iter().any(|(name, _)| name == "delivered_after_days");
        let days = if sent { number(days, 30) } else { Some(stands) };
        let Some(delivered_after_days) = days else { return wrong(SettingsProblem::Delivered).await };
        OfficeChange::Figures(Office { daily_capacity, delivered_after_days })
    };
    match state.service.set_office(actor, &change).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::OFFICE_SETTINGS)).into_response()),
        Err(ApplicationError::NotFromHere) => wrong(SettingsProblem::Order).await,
        // Somebody else removed it first: that is what was wanted.
        Err(ApplicationError::NotFound) => Ok(Redirect::to(path::OFFICE_SETTINGS).into_response()),
        Err(other) => Err(failed(other)),
    }
}
