//! Signing in and out, passwords, my signed-in devices, and the few pages that need no sign-in.

use super::show;
use crate::{
    asset as shelf,
    error::{Answer, Failure},
    extract::{Address, DEVICE_COOKIE, Parameters, Person, SESSION_COOKIE, Wants, cookie},
    state::State,
    view::{
        AboutPage, DemoSignIn, LinkGonePage, PasswordProblem, SessionLine, SessionsPage, SetPasswordPage, SignInPage, SignInProblem, path,
    },
};
use akidoko_domain::{id::SessionId, organisation::OrganisationKind, time::DueRule};
use akidoko_service::{
    PASSWORD_MAX,
    loading::DEMO_PASSWORD,
    sign_in::{Attempt, PasswordError, SetPasswordError, SignInError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

/// The first page: a hospital's report, for all others the board.
pub async fn home(Person(session): Person) -> Redirect {
    let reports = matches!(session.actor.kind, OrganisationKind::Hospital | OrganisationKind::Association);
    Redirect::to(if reports { path::REPORT } else { path::BOARD })
}

/// What the marks mean, and where the data come from.
pub async fn about(Extract(state): Extract<State>, session: Option<Person>) -> Answer {
    let frame = state.frame(session.as_ref().map(|p| p.0.as_ref()));
    show(StatusCode::OK, &AboutPage::new(frame, DueRule::default()))
}

/// A file of the pages. Its address changes with its content, so it is kept for ever.
pub async fn asset(Path((hash, path)): Path<(String, String)>, wants: Wants) -> Answer {
    let asset = shelf::get(&hash, &path).ok_or_else(Failure::not_found)?;
    let about = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
    ];
    match asset.gzip.filter(|_| wants.gzip) {
        Some(packed) => Ok((about, [(header::CONTENT_ENCODING, "gzip")], packed).into_response()),
        None => Ok((about, asset.bytes).into_response()),
    }
}

/// Does the program work? For whoever watches it.
pub async fn health(Extract(state): Extract<State>) -> Answer {
    if state.service.is_healthy().await {
        Ok("ok\n".into_response())
    } else {
        Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable"))
    }
}

/// Only a path of this site: nobody is led away after signing in.
fn safe_next(next: Option<&str>) -> Option<String> {
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

fn form<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Failure> {
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
    let user_agent = headers.get(header::USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let attempt = Attempt { name: &sent.name, password: &sent.password, device: cookie(&headers, DEVICE_COOKIE), address, user_agent };
    match state.service.sign_in(attempt).await {
        Ok(signed_in) => {
            let kept = "Path=/; Secure; HttpOnly; SameSite=Lax";
            let session = format!("{SESSION_COOKIE}={}; {kept}", signed_in.token);
            let device = format!("{DEVICE_COOKIE}={}; {kept}; Max-Age=31536000", signed_in.device);
            let mut response = Redirect::to(next.as_deref().unwrap_or("/")).into_response();
            for value in [session, device] {
                if let Ok(value) = value.parse() {
                    response.headers_mut().append(header::SET_COOKIE, value);
                }
            }
            Ok(response)
        }
        Err(SignInError::Failed) => sign_in_page(&state, StatusCode::UNPROCESSABLE_ENTITY, &sent.name, next, Some(SignInProblem::Wrong)),
        Err(SignInError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            let mut page = sign_in_page(&state, StatusCode::TOO_MANY_REQUESTS, &sent.name, next, Some(SignInProblem::Blocked { minutes }))?;
            page.headers_mut().insert(header::RETRY_AFTER, (minutes * 60).into());
            Ok(page)
        }
        Err(SignInError::Store(error)) => Err(error.into()),
    }
}

/// Signs out.
pub async fn sign_out(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    state.service.sign_out(&session).await?;
    let gone = format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to(path::SIGN_IN)).into_response())
}

/// My signed-in devices.
pub async fn sessions(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let lines = state.service.my_sessions(&session.actor).await?.into_iter().map(|s| SessionLine {
        id: s.id,
        user_agent: s.user_agent,
        address: s.network,
        signed_in_at: s.created_at,
        last_seen_at: s.last_seen_at,
        current: s.current,
    });
    show(StatusCode::OK, &SessionsPage::new(state.frame(Some(&session)), lines.collect(), state.service.now()))
}

/// Ends one of mine.
pub async fn end_session(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    let id: SessionId = serde_json::from_value(serde_json::Value::String(id)).map_err(|_| Failure::not_found())?;
    if !state.service.end_session(&session.actor, id).await? {
        return Err(Failure::not_found());
    }
    Ok(Redirect::to(path::SESSIONS).into_response())
}

/// Ends all of mine but this one.
pub async fn end_others(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    state.service.end_other_sessions(&session.actor).await?;
    Ok(Redirect::to(path::SESSIONS).into_response())
}

async fn password_page(state: &State, token: &str, status: StatusCode, problems: Vec<PasswordProblem>) -> Answer {
    let Some(link) = state.service.password_link(token).await? else {
        return show(StatusCode::GONE, &LinkGonePage::new(state.frame(None)));
    };
    let who = (link.organisation, link.name.to_string());
    show(status, &SetPasswordPage::new(state.frame(None), token, who, (link.expires_at, state.service.now()), problems))
}

/// The screen behind a single-use link.
pub async fn password_form(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    password_page(&state, &token, StatusCode::OK, vec![]).await
}

/// What that screen sends.
#[derive(Deserialize)]
pub struct PasswordForm {
    password: String,
    again: String,
}

/// Sets a password.
pub async fn set_password(
    Extract(state): Extract<State>,
    Path(token): Path<String>,
    sent: Result<Form<PasswordForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    match state.service.set_password(&token, &sent.password, &sent.again).await {
        Ok(Some(_)) => Ok(Redirect::to(path::SIGN_IN).into_response()),
        Ok(None) => password_page(&state, &token, StatusCode::GONE, vec![]).await,
        Err(SetPasswordError::Password(problem)) => {
            let problem = match problem {
                PasswordError::TooShort => PasswordProblem::TooShort { characters: sent.password.chars().count() },
                PasswordError::TooLong => PasswordProblem::TooLong { max: PASSWORD_MAX },
                PasswordError::Differs => PasswordProblem::Mismatch,
                PasswordError::Common => PasswordProblem::TooCommon,
                PasswordError::ContainsName => PasswordProblem::ContainsName,
            };
            password_page(&state, &token, StatusCode::UNPROCESSABLE_ENTITY, vec![problem]).await
        }
        Err(SetPasswordError::Store(error)) => Err(error.into()),
    }
}
