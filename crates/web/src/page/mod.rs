//! The pages: one file per screen.

mod account;
mod board;
mod hospital;
mod report;

pub use account::{
    about, asset, end_others, end_session, health, home, password_form, sessions, set_password, sign_in, sign_in_form, sign_out,
};
pub use board::{board, csv, events, xlsx};
pub use hospital::{history, hospital};
pub use report::{confirm, form, mine, receipt, submit};

use crate::error::{Answer, Failure};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse},
};
use sha2::{Digest, Sha256};

/// A page.
fn show(status: StatusCode, page: &impl Template) -> Answer {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    Ok((status, Html(html)).into_response())
}

/// Sixteen bytes that tell texts apart.
pub fn hash(bytes: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(bytes);
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// The same, for a tag.
pub fn short_hash(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(hash(bytes))
}
