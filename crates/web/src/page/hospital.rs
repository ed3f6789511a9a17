//! One hospital.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Code, Person},
    ready::visible,
    state::State,
    view::{HospitalPage, Rights, give_back},
};
use akidoko_domain::{
    access::{ActFor, Action, may},
    pattern::fitting,
};
use axum::{extract::State as Extract, http::StatusCode};
use std::sync::Arc;

/// A hospital: its row in full. Whoever reports for it sees what its last report did.
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
    state.service.note_hospital_read(actor, h.prefecture, h.id);
    let now = state.service.now();
    let mine = matches!(&actor.scope.act_for, ActFor::Hospitals(set) if set.contains(&h.id));
    let give = if mine { state.service.give_back(actor, &row).await? } else { None };
    let hidden = state.service.hidden_columns(actor);
    // Nothing of its own is kept from a hospital.
    let row = if mine { row } else { Arc::new(row.without(&hidden)) };
    // Who is near stands there with figures of its own.
    let board = state.service.board(actor, Some(h.prefecture)).map(|b| visible(&b, &hidden)).unwrap_or_default();
    let others = board.iter().filter(|r| r.card.id != h.id).map(AsRef::as_ref);
    let past = state.service.past(actor, &row).await?;
    let holds =
        past.as_ref().and_then(|p| fitting(&p.patterns, now, &state.service.live().reference().holidays)).map(|f| f.pattern.name.clone());
    let past = past.map(|p| crate::view::past(&p, mine, holds.as_deref(), now)).unwrap_or_default();
    let page = HospitalPage::new(state.frame(Some(&session)), &row, others, rights, now);
    show(StatusCode::OK, &page.with_past(past).with_give(give.map(|give| give_back(&give, now)).unwrap_or_default()))
}
