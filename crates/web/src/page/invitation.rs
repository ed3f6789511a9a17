//! 招待: the ministry invites organisations whose ID nobody applies for.

use super::{
    application::{Sent, columns, failed, field, id_of, read, revision},
    office::{address_again, desk},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::{InvitationPage, path},
};
use akidoko_domain::application::{Column, FormFinding};
use akidoko_service::{
    account::Session,
    application::{ApplicationError, Decision},
};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeMap;

fn page(
    state: &State,
    session: &Session,
    status: StatusCode,
    values: &BTreeMap<Column, String>,
    findings: &[FormFinding],
    problem: Option<&'static str>,
) -> Answer {
    let prefectures = state.service.prefectures_to_choose();
    show(status, &InvitationPage::new(state.frame(Some(session)), &prefectures, values, findings, problem))
}

/// The empty form.
pub async fn invitation_form(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    desk(&session)?;
    page(&state, &session, StatusCode::OK, &BTreeMap::new(), &[], None)
}

/// Invites.
pub async fn invite(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let values = columns(&read(sent)?);
    let (findings, problem) = match state.service.invite(actor, &values).await {
        Ok(id) => return Ok(Redirect::to(&path::office_application(id)).into_response()),
        Err(ApplicationError::Findings(findings)) => {
            (findings, "直すところがあります。印の付いた欄を直してください。まだ招待していません。")
        }
        Err(ApplicationError::InUse) => (
            Vec::new(),
            "この名前の組織の ID は、もう使われています。招待していません。操作者は、その組織の管理者が「操作者」の画面で加えます。",
        ),
        Err(ApplicationError::Taken) => {
            (Vec::new(), "この組織は、もう招待しています。招待していません。作業一覧で、いまの状態を確かめてください。")
        }
        Err(error) => return Err(failed(error)),
    };
    page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, &values, &findings, Some(problem))
}

/// Corrects the address of whoever was invited.
pub async fn correct_invited_address(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let actor = desk(&session)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    state.service.application(actor, id).await.map_err(failed)?;
    let decision = Decision { id, revision: revision(&fields)? };
    match state.service.correct_address(actor, decision, field(&fields, "email"), field(&fields, "email_again")).await {
        Ok(()) => Ok(Redirect::to(&path::office_application(id)).into_response()),
        Err(ApplicationError::Findings(findings)) => {
            address_again(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, id, (columns(&fields), findings)).await
        }
        Err(error) => Err(failed(error)),
    }
}
