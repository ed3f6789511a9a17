//! The sign-in and its second page.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Address, DEVICE_COOKIE, HALF_COOKIE, Parameters, Person, SESSION_COOKIE, cookie},
    state::State,
    view::{CodePage, DemoSignIn, ForgottenPage, SignInPage, SignInProblem, path},
};
use akidoko_service::{
    loading::DEMO_PASSWORD,
    reset::Proof,
    sign_in::{Attempt, Browser, Door, HalfKind, SignInError, SignedIn},
};
use axum::{
    Form,
    extract::{State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::net::IpAddr;

/// Only a path of this site: nobody is led away after signing in.
pub(super) fn safe_next(next: Option<&str>) -> Option<String> {
    let next = next?;
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    ours.then(|| next.to_owned())
}

fn sign_in_page(state: &State, status: StatusCode, name: &str, next: Option<String>, problem: Option<SignInProblem>) -> Answer {
    let demo = state.options.demo_sign_ins.iter().map(|s| DemoSignIn {
        words: format!("{}（{}）", s.organisation, crate::words::organisation_kind(s.kind)),
        name: s.name.to_string(),
        password: DEMO_PASSWORD.to_owned(),
    });
    let name = name.chars().take(40).collect();
    show(status, &SignInPage::new(state.frame(None), name, next, problem, demo.collect()))
}

/// The sign-in screen.
pub async fn sign_in_form(Extract(state): Extract<State>, session: Option<Person>, query: Parameters) -> Answer {
    let next = safe_next(query.get("next"));
    if session.is_some() {
        return Ok(Redirect::to(next.as_deref().unwrap_or("/")).into_response());
    }
    let problem = query.get("ended").map(|_| SignInProblem::Ended);
    sign_in_page(&state, StatusCode::OK, "", next, problem)
}

/// What the sign-in screen sends.
#[derive(Deserialize)]
pub struct SignInForm {
    name: String,
    password: String,
    #[serde(default)]
    next: Option<String>,
}

pub(super) fn form<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Failure> {
    form.map(|Form(form)| form).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度入力してください。")
    })
}

/// Signs in.
pub async fn sign_in(
    Extract(state): Extract<State>,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<SignInForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let next = safe_next(sent.next.as_deref());
    let attempt = Attempt { name: &sent.name, password: &sent.password, browser: browser(&headers, address) };
    match state.service.sign_in(attempt).await {
        Ok(door) => Ok(through(door, next.as_deref())),
        Err(SignInError::Failed | SignInError::Gone) => {
            sign_in_page(&state, StatusCode::UNPROCESSABLE_ENTITY, &sent.name, next, Some(SignInProblem::Wrong))
        }
        Err(SignInError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            let page = sign_in_page(&state, StatusCode::TOO_MANY_REQUESTS, &sent.name, next, Some(SignInProblem::Blocked { minutes }))?;
            Ok(later(page, minutes))
        }
        Err(SignInError::Store(error)) => Err(error.into()),
    }
}

/// The page of the second factor.
pub async fn code_form(Extract(state): Extract<State>, headers: HeaderMap, query: Parameters) -> Answer {
    let half = cookie(&headers, HALF_COOKIE).unwrap_or_default();
    let Some(waits) = state.service.waits_for(half).await? else { return Ok(Redirect::to(path::SIGN_IN).into_response()) };
    show(StatusCode::OK, &CodePage::new(state.frame(None), safe_next(query.get("next")), waits, None))
}

/// What that page sends.
#[derive(Deserialize)]
pub struct CodeForm {
    code: String,
    #[serde(default)]
    next: Option<String>,
}

/// Takes a code, or a recovery code.
pub async fn enter_code(
    Extract(state): Extract<State>,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<CodeForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let next = safe_next(sent.next.as_deref());
    let half = cookie(&headers, HALF_COOKIE).unwrap_or_default();
    let waits = state.service.waits_for(half).await?.unwrap_or_default();
    let page = |status, problem| show(status, &CodePage::new(state.frame(None), next.clone(), waits.clone(), Some(problem)));
    match state.service.enter_code(half, Proof::Code(&sent.code), browser(&headers, address)).await {
        Ok(door) => Ok(through(door, next.as_deref())),
        Err(SignInError::Failed) => page(StatusCode::UNPROCESSABLE_ENTITY, SignInProblem::Wrong),
        Err(SignInError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            Ok(later(page(StatusCode::TOO_MANY_REQUESTS, SignInProblem::Blocked { minutes })?, minutes))
        }
        Err(SignInError::Gone) => Ok(Redirect::to(&format!("{}?ended=1", path::SIGN_IN)).into_response()),
        Err(SignInError::Store(error)) => Err(error.into()),
    }
}

/// Whom to ask. The same for everybody, whatever was typed before.
pub async fn forgotten(Extract(state): Extract<State>) -> Answer {
    show(StatusCode::OK, &ForgottenPage::new(state.frame(None), false, None))
}

pub(super) fn browser(headers: &HeaderMap, address: IpAddr) -> Browser<'_> {
    let user_agent = headers.get(header::USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
    Browser { device: cookie(headers, DEVICE_COOKIE), address, user_agent }
}

pub(super) fn later(mut page: Response, minutes: u32) -> Response {
    page.headers_mut().insert(header::RETRY_AFTER, (minutes * 60).into());
    page
}

const KEPT: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

pub(super) fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for value in cookies.iter().filter_map(|c| c.parse().ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Leads on with a half sign-in, which opens its own pages only.
pub(super) fn half_way(token: &str, to: &str) -> Response {
    with_cookies(Redirect::to(to).into_response(), &[format!("{HALF_COOKIE}={token}; {KEPT}; Max-Age=3600")])
}

/// Leads inside.
pub(super) fn inside(signed_in: &SignedIn, to: &str) -> Response {
    let cookies = [
        format!("{SESSION_COOKIE}={}; {KEPT}", signed_in.token),
        format!("{DEVICE_COOKIE}={}; {KEPT}; Max-Age=31536000", signed_in.device),
        format!("{HALF_COOKIE}=; {KEPT}; Max-Age=0"),
    ];
    with_cookies(Redirect::to(to).into_response(), &cookies)
}

pub(super) fn through(door: Door, next: Option<&str>) -> Response {
    match door {
        Door::Inside(signed_in) => inside(&signed_in, next.unwrap_or("/")),
        Door::Half { token, kind: HalfKind::Setup } => half_way(&token, path::WELCOME),
        Door::Half { token, kind: HalfKind::Code } => {
            let next = next.map(|next| format!("?next={}", path::encode(next))).unwrap_or_default();
            half_way(&token, &format!("{}{next}", path::SIGN_IN_CODE))
        }
    }
}
