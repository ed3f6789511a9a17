//! Passkeys: what a script hands over, and the page on which one is added. Each answer of a script is told as JSON: where to go on, or what
//! is wrong.

use super::{
    security::{again, said},
    show,
    sign_in::{browser, form, safe_next, through},
    welcome::on_the_road,
};
use crate::{
    error::{Answer, Failure},
    extract::{Address, HALF_COOKIE, Person, SESSION_COOKIE, cookie},
    state::State,
    view::{CodesPage, PasskeyPage, SecurityProblem, path},
};
use akidoko_service::{first_sign_in::Step, passkey::PasskeyError, reset::Proof, sign_in::SignInError};
use axum::{
    Form, Json,
    extract::{State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use serde_json::json;

/// What a script hands over.
#[derive(Deserialize)]
pub struct Handed {
    #[serde(default)]
    label: String,
    #[serde(default)]
    next: String,
    answer: serde_json::Value,
}

pub(super) fn handed(body: &str) -> Result<Handed, Failure> {
    serde_json::from_str(body).map_err(|_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。"))
}

impl Handed {
    pub(super) fn answer(&self) -> String {
        self.answer.to_string()
    }
}

/// What is wrong.
pub(super) fn wrong(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "words": words }))).into_response()
}

/// Where to go on, with the cookies of an answer that leads there.
pub(super) fn on(to: &Response) -> Response {
    let place = to.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or("/");
    let mut told = Json(json!({ "to": place })).into_response();
    for cookie in to.headers().get_all(header::SET_COOKIE) {
        told.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    told
}

/// Why a passkey does not lead inside.
pub(super) fn refused(error: SignInError) -> Answer {
    match error {
        SignInError::Failed => {
            Ok(wrong(StatusCode::UNPROCESSABLE_ENTITY, "パスキーを確かめられませんでした。画面を開き直して、もう一度試してください。"))
        }
        SignInError::Blocked { minutes } => Ok(wrong(
            StatusCode::TOO_MANY_REQUESTS,
            &format!("続けて失敗したため、いまは使えません。{minutes} 分待ってから、もう一度試してください。"),
        )),
        SignInError::Gone => Ok(on(&Redirect::to(&format!("{}?ended=1", path::SIGN_IN)).into_response())),
        SignInError::Store(error) => Err(error.into()),
    }
}

/// The second page of a sign-in, by a passkey.
pub async fn enter_passkey(Extract(state): Extract<State>, Address(address): Address, headers: HeaderMap, body: String) -> Answer {
    let handed = handed(&body)?;
    let half = cookie(&headers, HALF_COOKIE).unwrap_or_default();
    let next = safe_next(Some(&handed.next));
    match state.service.enter_code(half, Proof::Passkey(&handed.answer()), browser(&headers, address)).await {
        Ok(door) => Ok(on(&through(door, next.as_deref()))),
        Err(error) => refused(error),
    }
}

/// The second factor on the road of the first sign-in, by a passkey.
pub async fn road_passkey(Extract(state): Extract<State>, headers: HeaderMap, body: String) -> Answer {
    let handed = handed(&body)?;
    let (token, road) = match on_the_road(&state, &headers, Some(Step::Factor)).await? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(on(&elsewhere)),
    };
    if state.service.road_take_passkey(token, &road, &handed.answer(), &handed.label).await? {
        return Ok(on(&Redirect::to(path::WELCOME_CODES).into_response()));
    }
    refused(SignInError::Failed)
}

/// What asks to add one: my password.
#[derive(Deserialize)]
pub struct AgainForm {
    password: String,
    #[serde(default)]
    id: String,
}

/// The page on which one is added.
pub async fn passkey_on(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AgainForm>, FormRejection>,
) -> Answer {
    if let Some(refused) = again(&state, &session, &form(sent)?.password, (&headers, address)).await? {
        return Ok(refused);
    }
    let Some(ask) = state.service.offer_passkey(&session.actor).await? else {
        return said(&state, &session, Some(SecurityProblem::NoPasskey), false).await;
    };
    let agent = headers.get(header::USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
    show(StatusCode::OK, &PasskeyPage::new(state.frame(Some(&session)), session.actor.sign_in_name(), ask, agent))
}

/// Adds it. Where it is the first second factor, the next page shows recovery codes, once.
pub async fn passkey_add(Extract(state): Extract<State>, Person(session): Person, headers: HeaderMap, body: String) -> Answer {
    let handed = handed(&body)?;
    let secret = cookie(&headers, SESSION_COOKIE).unwrap_or_default();
    match state.service.add_passkey(&session.actor, secret, &handed.answer(), &handed.label).await {
        Ok(first) => Ok(on(&Redirect::to(if first { path::SECURITY_CODES } else { path::SECURITY }).into_response())),
        Err(PasskeyError::Store(error)) => Err(error.into()),
        Err(_) => refused(SignInError::Failed),
    }
}

/// The recovery codes that came with the first one.
pub async fn fresh_codes(Extract(state): Extract<State>, Person(session): Person, headers: HeaderMap) -> Answer {
    let secret = cookie(&headers, SESSION_COOKIE).unwrap_or_default();
    match state.service.fresh_codes(&session.actor, secret).await? {
        Some(codes) => show(StatusCode::OK, &CodesPage::new(state.frame(Some(&session)), session.actor.sign_in_name(), codes, false)),
        None => Ok(Redirect::to(path::SECURITY).into_response()),
    }
}

/// Removes one.
pub async fn passkey_off(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AgainForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    if let Some(refused) = again(&state, &session, &sent.password, (&headers, address)).await? {
        return Ok(refused);
    }
    let id = sent.id.parse().map_err(|_| Failure::not_found())?;
    if state.service.remove_passkey(&session.actor, id).await? {
        Ok(Redirect::to(path::SECURITY).into_response())
    } else {
        said(&state, &session, Some(SecurityProblem::Needed), false).await
    }
}
