//! How IDs are used: those that nobody uses, and operators seen in two places. For who gathers applications and who decides them.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::IdsPage,
};
use axum::{extract::State as Extract, http::StatusCode};

/// The page.
pub async fn ids(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let uses = state.service.use_of_ids(&session.actor).await?;
    let uses =
        uses.ok_or_else(|| Failure::forbidden().saying("ID の利用状況は、都道府県の衛生主管部局と厚生労働省の ID で見られます。"))?;
    let prefectures = state.service.live().reference().prefectures.clone();
    show(StatusCode::OK, &IdsPage::new(state.frame(Some(&session)), &uses, &prefectures, state.service.now()))
}
