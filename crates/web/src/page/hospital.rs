//! One hospital, and the history of its reports.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Code, Person},
    ready::without,
    state::State,
    view::{HistoryPage, HospitalPage, Rights},
};
use akidoko_domain::access::{Action, may};
use axum::{extract::State as Extract, http::StatusCode};

/// A hospital: its row in full.
pub async fn hospital(Extract(state): Extract<State>, Person(session): Person, Code(code): Code) -> Answer {
    let actor = &session.actor;
    let (detail, row) = state.service.hospital(actor, &code).await?.ok_or_else(Failure::not_found)?;
    let h = &detail.hospital;
    let own = h.organisation == actor.organisation;
    if !may(actor.kind, Action::ReadBoard) && !actor.scope.acts_for(h.id, h.prefecture) {
        return Err(Failure::not_found());
    }
    let action = if own { Action::Report } else { Action::ReportOnBehalf };
    let rights = Rights {
        history: state.service.may_read_history(actor, h.id),
        report: may(actor.kind, action) && actor.scope.acts_for(h.id, h.prefecture),
        on_behalf: !own,
    };
    state.service.note_read(actor, "hospital", h.prefecture);
    let row = without(&row, &state.service.hidden_columns(actor));
    let board = state.service.board(actor, Some(h.prefecture)).ok();
    let others = board.iter().flat_map(|b| b.rows.values()).filter(|r| r.card.id != h.id).map(AsRef::as_ref);
    show(StatusCode::OK, &HospitalPage::new(state.frame(Some(&session)), &row, others, rights, state.service.now()))
}

/// The history: who changed what.
pub async fn history(Extract(state): Extract<State>, Person(session): Person, Code(code): Code) -> Answer {
    const DAYS: u32 = 45;
    let actor = &session.actor;
    let (_, row) = state.service.hospital(actor, &code).await?.ok_or_else(Failure::not_found)?;
    let (_, versions) = state.service.history(actor, &code, DAYS).await?.ok_or_else(Failure::forbidden)?;
    let page = HistoryPage::new(state.frame(Some(&session)), &row.card, &state.service.catalogue(), &versions, false, state.service.now());
    show(StatusCode::OK, &page)
}
