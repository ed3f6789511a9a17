//! お知らせ: what my organisation has received.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::{AnnouncementPage, AnnouncementsPage},
};
use akidoko_domain::id::AnnouncementId;
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
};

/// All of them, the newest first.
pub async fn announcements(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let mine = state.service.my_announcements(&session.actor).await?;
    show(StatusCode::OK, &AnnouncementsPage::new(state.frame(Some(&session)), &mine, state.service.now()))
}

/// One in full. Opening it is reading it.
pub async fn announcement(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let row = state.service.open_announcement(&session.actor, id).await?.ok_or_else(Failure::not_found)?;
    show(StatusCode::OK, &AnnouncementPage::new(state.frame(Some(&session)), &row, state.service.now()))
}

pub(super) fn id_of(text: &str) -> Option<AnnouncementId> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}
