//! An organisation's shared mailbox, and what its administrators see of sign-ins.

use super::{
    operators::{listed, told},
    show,
    sign_in::{browser, form},
};
use crate::{
    error::{Answer, Failure},
    extract::{Address, Person},
    state::State,
    view::{LinkGonePage, MailboxPage, path},
};
use akidoko_service::{mailbox::MailboxError, sign_in::SignInError};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use chrono::DateTime;
use serde::Deserialize;

/// What was shown, up to a moment.
#[derive(Deserialize)]
pub struct SeenForm {
    until: i64,
}

/// An administrator has seen to what was shown.
pub async fn see_notes(Extract(state): Extract<State>, Person(session): Person, sent: Result<Form<SeenForm>, FormRejection>) -> Answer {
    let until = DateTime::from_timestamp_micros(form(sent)?.until);
    let until = until.ok_or_else(|| Failure::bad_request("画面を開き直して、もう一度押してください。"))?;
    state.service.see_sign_ins(&session.actor, until).await.map_err(told)?;
    Ok(Redirect::to(path::OPERATORS).into_response())
}

/// What asks for another mailbox.
#[derive(Deserialize)]
pub struct MailboxForm {
    address: String,
    password: String,
}

/// Asks for another mailbox.
pub async fn ask_mailbox(
    Extract(state): Extract<State>,
    Person(session): Person,
    Address(address): Address,
    headers: HeaderMap,
    sent: Result<Form<MailboxForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    let (status, problem) = match state.service.ask_mailbox(&session.actor, &sent.address, &sent.password, browser(&headers, address)).await
    {
        Ok(()) => return Ok(Redirect::to(&format!("{}#mailbox", path::OPERATORS)).into_response()),
        Err(MailboxError::Operator(error)) => return Err(told(error)),
        Err(MailboxError::Store(error) | MailboxError::Password(SignInError::Store(error))) => return Err(error.into()),
        Err(MailboxError::Address) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "メールアドレスの形が違います。name@example.jp のように書いてください。".to_owned())
        }
        Err(MailboxError::Same) => (StatusCode::UNPROCESSABLE_ENTITY, "いまのアドレスと同じです。".to_owned()),
        Err(MailboxError::Password(SignInError::Blocked { minutes })) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("続けて失敗したため、いまは変更できません。{minutes} 分待ってから、もう一度試してください。"),
        ),
        Err(MailboxError::Password(_)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "変更できませんでした。あなたのパスワードを確かめて、もう一度入れてください。".to_owned())
        }
    };
    listed(&state, &session, status, false, None, Some((&sent.address, problem))).await
}

/// What a link would change. Opening it changes nothing: programs that look at mail open links too.
pub async fn mailbox_form(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    match state.service.mailbox_of_link(&token).await? {
        Some((account, mail)) => {
            let page = MailboxPage::new(state.frame(None), &token, account.organisation.name, mail.recipient, false);
            show(StatusCode::OK, &page)
        }
        None => show(StatusCode::GONE, &LinkGonePage::new(state.frame(None))),
    }
}

/// Takes the new mailbox.
pub async fn prove_mailbox(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    let found = state.service.mailbox_of_link(&token).await?;
    match (found, state.service.prove_mailbox(&token).await?) {
        (Some((account, mail)), true) => {
            let page = MailboxPage::new(state.frame(None), &token, account.organisation.name, mail.recipient, true);
            show(StatusCode::OK, &page)
        }
        _ => show(StatusCode::GONE, &LinkGonePage::new(state.frame(None))),
    }
}
