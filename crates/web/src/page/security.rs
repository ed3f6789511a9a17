//! My own second factor. Each change asks for the password again.

use super::{
    show,
    sign_in::{browser, form},
    welcome::FactorForm,
};
use crate::{
    error::Answer,
    extract::{Address, Parameters, Person},
    state::State,
    view::{CodesPage, FactorPage, PasswordProblem, SecurityPage, SecurityProblem, path},
};
use akidoko_domain::password::{PASSWORD_MIN, PASSWORD_MIN_WITH_FACTOR};
use akidoko_service::{account::Session, second_factor::ChangePasswordError, sign_in::SignInError};
use axum::{
    Form,
    extract::{State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::net::IpAddr;

async fn page(state: &State, session: &Session, problem: Option<SecurityProblem>) -> Answer {
    said(state, session, problem, false).await
}

pub(super) async fn said(state: &State, session: &Session, problem: Option<SecurityProblem>, changed: bool) -> Answer {
    let status = match problem {
        None => StatusCode::OK,
        Some(SecurityProblem::Blocked { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let factor = state.service.my_factor(&session.actor).await?;
    let id = session.actor.organisation_code.to_string();
    show(status, &SecurityPage::new(state.frame(Some(session)), factor, state.service.now(), problem, (changed, id)))
}

/// How it stands.
pub async fn security(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    said(&state, &session, None, query.get("changed").is_some()).await
}

/// What the form of a new password sends.
#[derive(Deserialize)]
pub struct ChangeForm {
    current: String,
    password: String,
    again: String,
}

/// Changes my password.
pub async fn change_password(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<ChangeForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let new = (sent.password.as_str(), sent.again.as_str());
    let problem = match state.service.change_password(&session.actor, &sent.current, new, browser(&headers, address)).await {
        Ok(()) => return Ok(Redirect::to(&format!("{}?changed=1", path::SECURITY)).into_response()),
        Err(ChangePasswordError::Store(error) | ChangePasswordError::SignIn(SignInError::Store(error))) => return Err(error.into()),
        Err(ChangePasswordError::SignIn(error)) => refused(&error),
        Err(ChangePasswordError::Password(error)) => {
            let alone = state.service.my_factor(&session.actor).await?.on_since.is_none();
            let least = if alone { PASSWORD_MIN } else { PASSWORD_MIN_WITH_FACTOR };
            SecurityProblem::New(PasswordProblem::of(error, &sent.password, least))
        }
    };
    page(&state, &session, Some(problem)).await
}

fn refused(error: &SignInError) -> SecurityProblem {
    match error {
        SignInError::Blocked { minutes } => SecurityProblem::Blocked { minutes: u32::try_from(*minutes).unwrap_or(1) },
        _ => SecurityProblem::Wrong,
    }
}

/// What its forms send.
#[derive(Deserialize)]
pub struct AgainForm {
    password: String,
}

/// Is it the password? If not, the page that says so.
pub(super) async fn again(
    state: &State,
    session: &Session,
    password: &str,
    (headers, address): (&HeaderMap, IpAddr),
) -> Answer<Option<Response>> {
    let problem = match state.service.password_again(&session.actor, password, browser(headers, address)).await {
        Ok(()) => return Ok(None),
        Err(SignInError::Store(error)) => return Err(error.into()),
        Err(error) => refused(&error),
    };
    page(state, session, Some(problem)).await.map(Some)
}

/// Offers a second factor.
pub async fn factor_on(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AgainForm>, FormRejection>,
) -> Answer {
    if let Some(refused) = again(&state, &session, &form(sent)?.password, (&headers, address)).await? {
        return Ok(refused);
    }
    let offered = state.service.offer_factor(&session.actor).await?;
    Ok(Redirect::to(if offered { path::SECURITY_FACTOR } else { path::SECURITY }).into_response())
}

async fn offer_page(state: &State, session: &Session, wrong: bool) -> Answer {
    let Some(offer) = state.service.offered_factor(&session.actor).await? else {
        return Ok(Redirect::to(path::SECURITY).into_response());
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &FactorPage::later(state.frame(Some(session)), session.actor.sign_in_name(), offer, wrong))
}

/// What was offered.
pub async fn factor(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    offer_page(&state, &session, false).await
}

/// Switches it on, by one of its codes.
pub async fn factor_confirm(
    Extract(state): Extract<State>,
    Person(session): Person,
    sent: Result<Form<FactorForm>, FormRejection>,
) -> Answer {
    match state.service.confirm_factor(&session.actor, &form(sent)?.code).await? {
        Some(codes) => codes_page(&state, &session, codes),
        None => offer_page(&state, &session, true).await,
    }
}

fn codes_page(state: &State, session: &Session, codes: Vec<String>) -> Answer {
    show(StatusCode::OK, &CodesPage::new(state.frame(Some(session)), session.actor.sign_in_name(), codes, false))
}

/// Switches it off.
pub async fn factor_off(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AgainForm>, FormRejection>,
) -> Answer {
    if let Some(refused) = again(&state, &session, &form(sent)?.password, (&headers, address)).await? {
        return Ok(refused);
    }
    if state.service.drop_factor(&session.actor).await? {
        Ok(Redirect::to(path::SECURITY).into_response())
    } else {
        page(&state, &session, Some(SecurityProblem::Needed)).await
    }
}

/// Makes new recovery codes.
pub async fn new_codes(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AgainForm>, FormRejection>,
) -> Answer {
    if let Some(refused) = again(&state, &session, &form(sent)?.password, (&headers, address)).await? {
        return Ok(refused);
    }
    match state.service.new_recovery_codes(&session.actor).await? {
        Some(codes) => codes_page(&state, &session, codes),
        None => Ok(Redirect::to(path::SECURITY).into_response()),
    }
}
