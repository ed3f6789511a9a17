//! Signing out, my signed-in devices, and the few pages that need no sign-in.

use super::show;
use crate::{
    asset as shelf,
    error::{Answer, Failure},
    extract::{Person, SESSION_COOKIE, Wants},
    guard::FOR_EVER,
    state::State,
    view::{AboutPage, SessionLine, SessionsPage, path},
};
use akidoko_domain::{id::SessionId, organisation::OrganisationKind, time::DueRule};
use axum::{
    extract::{Path, State as Extract},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect},
};

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
    let about = [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, FOR_EVER), (header::VARY, "Accept-Encoding")];
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

/// Signs out. The board is the one page that browsers keep, asking first whether it changed; 戻る would bring it out without asking. So what they keep
/// goes with the sign-in: their cache only, since updates that wait on the device（IndexedDB）and what the workers keep are to stay.
pub async fn sign_out(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    state.service.sign_out(&session).await?;
    let gone = format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    let left = [(header::SET_COOKIE, gone.as_str()), (HeaderName::from_static("clear-site-data"), r#""cache""#)];
    Ok((left, Redirect::to(path::SIGN_IN)).into_response())
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
