//! Saved views of the board, and landmarks from where distances are.

use super::{
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    state::State,
    view::{KeptPage, KeptProblem, KeptStrip, KeptTyped, path},
};
use akidoko_domain::{board::kept::BadName, id::KeptId, organisation::OrganisationKind};
use akidoko_service::{account::Session, kept::KeepError};
use axum::{
    extract::State as Extract,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};

fn failed(error: KeepError) -> Failure {
    match error {
        KeepError::Forbidden => Failure::forbidden().saying("保存した表示と起点は、病床ボードを見る都道府県内の機関が使います。"),
        KeepError::NotFound => Failure::not_found(),
        KeepError::Store(error) => error.into(),
        _ => Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。"),
    }
}

async fn screen(state: &State, session: &Session, status: StatusCode, typed: &KeptTyped<'_>) -> Answer {
    let actor = &session.actor;
    let (views, landmarks) = state.service.kept(actor).await.map_err(failed)?;
    let board = state.service.board(actor, None)?;
    show(status, &KeptPage::new(state.frame(Some(session)), &board, (&views, &landmarks), typed))
}

/// What is kept; with `view` (the parameters of a board) or `place`, ready to be kept.
pub async fn kept(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    // The ministry looks at many boards and keeps things of none.
    if session.actor.kind == OrganisationKind::Ministry {
        return Ok(Redirect::to(path::BOARD).into_response());
    }
    let typed = KeptTyped {
        parameters: query.get("view").unwrap_or_default(),
        place: query.get("place").unwrap_or_default(),
        saved: query.get("saved").is_some(),
        ..KeptTyped::default()
    };
    screen(&state, &session, StatusCode::OK, &typed).await
}

/// The same as a strip of links, for the board to put in its place.
pub async fn kept_strip(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let actor = &session.actor;
    if actor.kind == OrganisationKind::Ministry {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let (views, landmarks) = state.service.kept(actor).await.map_err(failed)?;
    let board = state.service.board(actor, None)?;
    let mut answer = show(StatusCode::OK, &KeptStrip::new(board.prefecture, &views, &landmarks))?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-store"));
    Ok(answer)
}

/// Keeps a view or a landmark, or takes one away.
pub async fn keep(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    let actor = &session.actor;
    state.service.kept(actor).await.map_err(failed)?;
    let fields = sent(form)?;
    let (name, act) = (field(&fields, "name"), field(&fields, "act"));
    let typed = KeptTyped {
        name,
        parameters: field(&fields, "view"),
        for_all: field(&fields, "for_all") == "1",
        place: field(&fields, "place"),
        saved: false,
        problem: None,
        of_view: act == "view",
    };
    let done = match act {
        "view" => state.service.save_view(actor, name, typed.parameters, typed.for_all).await,
        "landmark" => state.service.add_landmark(actor, name, typed.place).await,
        "remove" => {
            let id = serde_json::from_value::<KeptId>(field(&fields, "id").into()).map_err(|_| Failure::not_found())?;
            state.service.forget_kept(actor, id).await
        }
        _ => return Err(failed(KeepError::BadPlace)),
    };
    let problem = match done {
        Ok(()) => return Ok(Redirect::to(&format!("{}?saved=1", path::KEPT)).into_response()),
        Err(KeepError::BadName(BadName::Missing)) => KeptProblem::NameMissing,
        Err(KeepError::BadName(BadName::NoName)) => KeptProblem::NameBad,
        Err(KeepError::BadName(BadName::Patient(_))) => KeptProblem::NamePatient,
        Err(KeepError::BadPlace) => KeptProblem::Place,
        Err(KeepError::BadView(_)) => KeptProblem::View,
        Err(KeepError::TooMany) => KeptProblem::TooMany,
        Err(error) => return Err(failed(error)),
    };
    screen(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, &KeptTyped { problem: Some(problem), ..typed }).await
}
