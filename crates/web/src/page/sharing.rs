//! What a prefecture shares of its board and with whom, a look at it as each of them, and the other system by which it reports.

use super::{
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    ready::{Around, body, visible},
    state::State,
    view::{SharingPage, SharingTyped, page_tail, path, still_head},
    words,
};
use akidoko_domain::{
    board::{Column, Filter, Sharing},
    organisation::OrganisationKind,
};
use akidoko_service::{account::Session, sharing::SharingError};
use axum::{
    extract::State as Extract,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};
use std::sync::Arc;

fn failed(error: SharingError) -> Failure {
    match error {
        SharingError::Forbidden => Failure::forbidden().saying("共有範囲は、都道府県の衛生主管部局の ID で決めます。"),
        SharingError::Stale => Failure::new(StatusCode::CONFLICT, "stale"),
        SharingError::BadSystem(_) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_system"),
        SharingError::Store(error) => error.into(),
    }
}

fn screen(state: &State, session: &Session, status: StatusCode, typed: &SharingTyped<'_>) -> Answer {
    let (prefecture, sharing, other) = state.service.sharing(&session.actor).map_err(failed)?;
    let name = state.service.live().reference().prefectures.get(&prefecture).cloned().unwrap_or_default();
    let by_surveys = |kind| state.service.hidden_under(&Sharing::default(), kind);
    show(
        status,
        &SharingPage::new(state.frame(Some(session)), (&name, state.service.today().0), (&sharing, other.as_ref()), by_surveys, typed),
    )
}

/// The rules as they stand.
pub async fn sharing(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    screen(&state, &session, StatusCode::OK, &SharingTyped { saved: query.get("saved").is_some(), ..SharingTyped::default() })
}

/// `column:kind`, as the form says it.
fn pair(value: &str) -> Option<(Column, OrganisationKind)> {
    let (column, kind) = value.split_once(':')?;
    Some((Column::parse(column)?, OrganisationKind::parse(kind).filter(|k| Sharing::KINDS.contains(k))?))
}

fn unreadable() -> Failure {
    Failure::bad_request("画面から送られた共有範囲を読めません。画面を開き直してください。")
}

/// Everything that the form does not share. A form that was cut off on its way shares nothing more than it says, and is refused.
fn read(fields: &[(String, String)]) -> Result<(Sharing, Sharing), Failure> {
    let all = |name: &str| {
        let pairs = fields.iter().filter(|(n, _)| n == name).map(|(_, v)| pair(v));
        pairs.collect::<Option<Vec<_>>>().ok_or_else(unreadable)
    };
    if field(fields, "whole") != "1" {
        return Err(unreadable());
    }
    let (shared, hidden_before) = (all("show")?, all("seen")?);
    let (mut wanted, mut seen) = (Sharing::default(), Sharing::default());
    for column in Column::ALL {
        for kind in Sharing::KINDS {
            if !shared.contains(&(*column, kind)) {
                wanted.hide(*column, kind);
            }
        }
    }
    for (column, kind) in hidden_before {
        seen.hide(column, kind);
    }
    Ok((seen, wanted))
}

/// Sets the rules; or shows the board as somebody would see it under them, and changes nothing.
pub async fn set_sharing(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    // Who may not do it learns nothing of what was sent.
    state.service.sharing(&session.actor).map_err(failed)?;
    let fields = sent(form)?;
    let (seen, wanted) = read(&fields)?;
    if let Some(kind) = field(&fields, "act").strip_prefix("preview:") {
        let kind = OrganisationKind::parse(kind).filter(|k| Sharing::KINDS.contains(k)).ok_or_else(unreadable)?;
        return preview(&state, &session, &wanted, kind);
    }
    match state.service.set_sharing(&session.actor, &seen, &wanted).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::SHARING)).into_response()),
        Err(SharingError::Stale) => {
            let typed = SharingTyped { sharing: Some(&wanted), ..SharingTyped::default() };
            screen(&state, &session, StatusCode::CONFLICT, &typed)
        }
        Err(error) => Err(failed(error)),
    }
}

fn preview(state: &State, session: &Session, wanted: &Sharing, kind: OrganisationKind) -> Answer {
    let board = state.service.board(&session.actor, None)?;
    let hidden = Arc::new(state.service.hidden_under(wanted, kind));
    state.service.note_read(&session.actor, "board", board.prefecture);
    let around = Around { now: state.service.now(), start: None, drives: None, preview: Some(words::organisation_kind(kind)) };
    let body = body(&board, &visible(&board, &hidden), &Filter::default(), &around);
    let frame = state.frame(Some(session));
    let page = [still_head(&frame, &board.name), body, page_tail(&frame)].concat();
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page).into_response())
}

/// Sets the other system, or that there is none.
pub async fn set_other_system(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    state.service.sharing(&session.actor).map_err(failed)?;
    let fields = sent(form)?;
    let (name, url) = (field(&fields, "name"), field(&fields, "url"));
    match state.service.set_other_system(&session.actor, name, url).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1#other", path::SHARING)).into_response()),
        Err(SharingError::BadSystem(wrong)) => {
            let typed = SharingTyped { system: Some((name, url, wrong)), ..SharingTyped::default() };
            screen(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, &typed)
        }
        Err(error) => Err(failed(error)),
    }
}
