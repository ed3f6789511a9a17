//! Behind the link of a notice: the address is proved by opening it. Whatever is not a good link is one and the same page.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::Parameters,
    state::State,
    view::{NoticePage, NoticeWish, path},
};
use akidoko_service::application::worker::Resent;
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};

async fn page(state: &State, token: &str, status: StatusCode, wish: NoticeWish) -> Answer {
    let row = state.service.open_notice(token).await?.ok_or_else(Failure::not_found)?;
    show(status, &NoticePage::new(state.frame(None), token, row.form.name, row.state, wish))
}

/// The link was opened.
pub async fn notice(Extract(state): Extract<State>, Path(token): Path<String>, query: Parameters) -> Answer {
    let wish = if query.get("sent").is_some() { NoticeWish::Sent } else { NoticeWish::None };
    page(&state, &token, StatusCode::OK, wish).await
}

/// Another link to set the password, to the address that stands.
pub async fn notice_password_mail(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    match state.service.resend_by_notice(&token).await? {
        Resent::Sent => Ok(Redirect::to(&format!("{}?sent=1", path::mail(&token))).into_response()),
        Resent::TooSoon => page(&state, &token, StatusCode::TOO_MANY_REQUESTS, NoticeWish::TooSoon).await,
        Resent::Gone => Err(Failure::not_found()),
    }
}
