//! What the API is, for people.

use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::ApiPage,
};
use askama::Template;
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{Html, IntoResponse},
};

/// The page.
pub async fn reference(Extract(state): Extract<State>, person: Option<Person>) -> Answer {
    let session = person.map(|Person(session)| session);
    let page = ApiPage::new(state.frame(session.as_deref()), &state.service.post().public_url);
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    Ok(Html(html).into_response())
}
