//! A forgotten password, by the mailbox together with the second factor.

use super::{
    passkey::{handed, on, refused},
    show,
    sign_in::{browser, form, later},
};
use crate::{
    error::Answer,
    extract::Address,
    state::State,
    view::{ForgottenPage, LinkGonePage, ResetPage, SignInProblem, path},
};
use akidoko_service::{reset::Proof, sign_in::SignInError};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

/// Whose password.
#[derive(Deserialize)]
pub struct AskForm {
    name: String,
}

/// Asks for a link. The answer is the same, whatever was typed.
pub async fn ask_reset(
    Extract(state): Extract<State>,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<AskForm>, FormRejection>,
) -> Answer {
    match state.service.ask_reset(&form(sent)?.name, browser(&headers, address)).await {
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(SignInError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            let page = show(StatusCode::TOO_MANY_REQUESTS, &ForgottenPage::new(state.frame(None), false, Some(minutes)))?;
            Ok(later(page, minutes))
        }
        _ => show(StatusCode::OK, &ForgottenPage::new(state.frame(None), true, None)),
    }
}

async fn page(state: &State, token: &str, problem: Option<SignInProblem>) -> Answer {
    let Some(asked) = state.service.reset_page(token).await? else {
        return show(StatusCode::GONE, &LinkGonePage::new(state.frame(None)));
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(SignInProblem::Blocked { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    show(status, &ResetPage::new(state.frame(None), token, &asked, problem))
}

/// The page behind the link.
pub async fn reset_form(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    page(&state, &token, None).await
}

/// What that page sends.
#[derive(Deserialize)]
pub struct CodeForm {
    code: String,
}

/// Takes a code, or a recovery code.
pub async fn reset_code(
    Extract(state): Extract<State>,
    Path(token): Path<String>,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<CodeForm>, FormRejection>,
) -> Answer {
    match state.service.prove_reset(&token, Proof::Code(&form(sent)?.code), browser(&headers, address)).await {
        Ok(link) => Ok(Redirect::to(&path::set_password(&link)).into_response()),
        Err(SignInError::Failed) => page(&state, &token, Some(SignInProblem::Wrong)).await,
        Err(SignInError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            Ok(later(page(&state, &token, Some(SignInProblem::Blocked { minutes })).await?, minutes))
        }
        Err(SignInError::Gone) => page(&state, &token, None).await,
        Err(SignInError::Store(error)) => Err(error.into()),
    }
}

/// Takes a passkey.
pub async fn reset_passkey(
    Extract(state): Extract<State>,
    Path(token): Path<String>,
    Address(address): Address,
    headers: HeaderMap,
    body: String,
) -> Answer {
    let handed = handed(&body)?;
    match state.service.prove_reset(&token, Proof::Passkey(&handed.answer()), browser(&headers, address)).await {
        Ok(link) => Ok(on(&Redirect::to(&path::set_password(&link)).into_response())),
        Err(error) => refused(error),
    }
}
