//! Operators of one's own organisation, for its administrators.

use super::{show, sign_in::form};
use crate::{
    error::{Answer, Failure},
    extract::{Person, SESSION_COOKIE, cookie},
    state::State,
    view::{HandoverPage, MailboxPart, OperatorPage, OperatorProblem, OperatorsPage, path},
};
use akidoko_domain::{id::AccountId, operator::OperatorAct};
use akidoko_service::{
    account::Session,
    operators::{Handover, OperatorError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

/// What went wrong: something to say on the page, or an answer of its own.
fn problem(error: OperatorError) -> Result<OperatorProblem, Failure> {
    match error {
        OperatorError::Name => Ok(OperatorProblem::Name),
        OperatorError::LastAdministrator => Ok(OperatorProblem::LastAdministrator),
        OperatorError::Myself => Ok(OperatorProblem::Myself),
        OperatorError::Forbidden => Err(Failure::forbidden().saying("操作者は、組織の管理者が変更します。管理者に頼んでください。")),
        OperatorError::NotFound => Err(Failure::not_found()),
        OperatorError::Store(error) => Err(error.into()),
    }
}

fn status(problem: Option<OperatorProblem>) -> StatusCode {
    if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// An answer that no page can tell.
pub(super) fn told(error: OperatorError) -> Failure {
    problem(error).err().unwrap_or_else(Failure::not_found)
}

async fn list(state: &State, session: &Session, first: bool, said: Option<OperatorProblem>) -> Answer {
    listed(state, session, status(said), first, said, None).await
}

/// The list; `mailbox` is what was typed as a new mailbox and not taken, and why.
pub(super) async fn listed(
    state: &State,
    session: &Session,
    status: StatusCode,
    first: bool,
    said: Option<OperatorProblem>,
    mailbox: Option<(&str, String)>,
) -> Answer {
    let (actor, now) = (&session.actor, state.service.now());
    let operators = state.service.operators(actor).await.map_err(told)?;
    let watched = state.service.sign_in_watch(actor).await.map_err(told)?;
    let (typed, wrong) = mailbox.unzip();
    let mailbox = MailboxPart::of(&state.service.mailbox(actor).await.map_err(told)?, now, typed.unwrap_or_default(), wrong);
    show(status, &OperatorsPage::new(state.frame(Some(session)), operators, (mailbox, &watched, now), (once(), first), said))
}

/// A secret of one form, so that it does its work once however often it is sent.
pub(super) fn once() -> String {
    let mut bytes = [0; 16];
    // Without it a form sent twice would do its work twice, which is no more than an inconvenience.
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// That secret with one that no page shows: links are made of both.
pub(super) fn seed(headers: &HeaderMap, once: &str) -> Result<String, Failure> {
    if once.len() != 32 {
        return Err(Failure::bad_request("画面を開き直して、もう一度入力してください。"));
    }
    Ok(format!("{} {once}", cookie(headers, SESSION_COOKIE).unwrap_or_default()))
}

/// Where people find this site: what the browser of the administrator calls it.
pub(super) fn site(state: &State, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", if state.options.https { "https" } else { "http" })
}

fn hand_over(state: &State, session: &Session, handover: &Handover, headers: &HeaderMap, first: bool) -> Answer {
    let page = HandoverPage::new(state.frame(Some(session)), handover, &site(state, headers), state.service.now(), first);
    show(StatusCode::OK, &page)
}

/// The list.
pub async fn operators(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    list(&state, &session, false, None).await
}

/// The last step of the first sign-in.
pub async fn first_operators(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    list(&state, &session, true, None).await
}

/// What the list sends.
#[derive(Deserialize)]
pub struct AddForm {
    name: String,
    once: String,
    first: Option<String>,
}

/// Adds an operator, and shows the link.
pub async fn add_operator(
    Extract(state): Extract<State>,
    Person(session): Person,
    headers: HeaderMap,
    sent: Result<Form<AddForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let first = sent.first.is_some();
    match state.service.add_operator(&session.actor, &sent.name, &seed(&headers, &sent.once)?).await {
        Ok(handover) => hand_over(&state, &session, &handover, &headers, first),
        Err(error) => list(&state, &session, first, Some(problem(error)?)).await,
    }
}

fn id_of(id: &str) -> Result<AccountId, Failure> {
    serde_json::from_value(serde_json::Value::String(id.to_owned())).map_err(|_| Failure::not_found())
}

async fn one(state: &State, session: &Session, id: AccountId, said: Option<OperatorProblem>) -> Answer {
    match state.service.operator(&session.actor, id).await {
        Ok(operator) => show(status(said), &OperatorPage::new(state.frame(Some(session)), operator, once(), said)),
        Err(error) => Err(problem(error).err().unwrap_or_else(Failure::not_found)),
    }
}

/// One of them.
pub async fn operator(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    one(&state, &session, id_of(&id)?, None).await
}

/// What that page sends.
#[derive(Deserialize)]
pub struct ActForm {
    act: String,
    once: String,
}

/// Does something to one of them.
pub async fn change_operator(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<ActForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let id = id_of(&id)?;
    let act = OperatorAct::parse(&sent.act).ok_or_else(|| Failure::bad_request("画面を開き直して、もう一度選んでください。"))?;
    match state.service.change_operator(&session.actor, id, act, &seed(&headers, &sent.once)?).await {
        Ok(Some(handover)) => hand_over(&state, &session, &handover, &headers, false),
        Ok(None) if act == OperatorAct::Remove => Ok(Redirect::to(path::OPERATORS).into_response()),
        Ok(None) => Ok(Redirect::to(&path::operator(&id)).into_response()),
        Err(error) => one(&state, &session, id, Some(problem(error)?)).await,
    }
}
