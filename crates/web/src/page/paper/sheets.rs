//! Sheets of paper: for oneself, or for those one acts for, one page each.

use super::{codes, reporter};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    page::show,
    state::State,
    view::{OnPaper, SheetChoicePage, SheetsPage},
};
use akidoko_domain::{
    access::{Action, may},
    id::OrganisationCode,
};
use axum::{extract::State as Extract, http::StatusCode};
use serde_json::json;
use std::collections::BTreeSet;

/// The sheets, or first the choice of hospitals.
pub async fn report_sheets(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    reporter(&state, &session)?;
    let actor = &session.actor;
    let (today, _) = state.service.today();
    let picked: BTreeSet<OrganisationCode> = codes(&query).into_iter().collect();
    let (survey, mut hospitals) = state.service.prefilled(actor, today, None).await?.ok_or_else(Failure::not_found)?;
    let to: String = match query.get("to") {
        Some(typed) => typed.chars().filter(|c| !c.is_control()).take(80).collect(),
        // A hospital sends to its prefecture; whoever prints for others waits for the answers.
        None if may(actor.kind, Action::Report) => {
            let reference = state.service.live().reference();
            let name = actor.prefecture.and_then(|p| reference.prefectures.get(&p).cloned()).unwrap_or_default();
            format!("{name} 衛生主管部局")
        }
        None => actor.organisation_name.clone(),
    };
    let is_asked = !picked.is_empty() || query.get("missing").is_some() || query.get("all").is_some();
    if hospitals.len() != 1 && !is_asked {
        let known: Vec<_> = hospitals.iter().map(|h| (h.row.card.as_ref(), h.standing.is_reported)).collect();
        return show(StatusCode::OK, &SheetChoicePage::new(state.frame(Some(&session)), &known, &to));
    }
    if query.get("missing").is_some() {
        hospitals.retain(|h| !h.standing.is_reported);
    } else if query.get("all").is_none() && is_asked {
        hospitals.retain(|h| picked.contains(&h.row.card.code));
    }
    if hospitals.is_empty() {
        return Err(Failure::not_found().saying("印刷する医療機関がありません。用紙の画面から選び直してください。"));
    }
    // In the log before it is handed out.
    state.service.log_export(actor, "report_sheets", json!({ "format": "print", "rows": hospitals.len() })).await?;
    let on_paper: Vec<OnPaper<'_>> =
        hospitals.iter().map(|h| OnPaper { card: &h.row.card, answers: &h.standing.answers, day: h.standing.day }).collect();
    show(StatusCode::OK, &SheetsPage::new(state.frame(Some(&session)), &survey, &on_paper, &to, state.service.now()))
}
