//! A hospital applies for an ID, without sign-in: a form, a mail that proves its address, and the press behind the link of that mail.
//! Whatever stands already, the answers are the same; whatever is not a good link is one and the same page.

use super::{
    application::{Sent, columns, field, read, revision},
    show,
    sign_in::{browser, later},
};
use crate::{
    error::{Answer, Failure},
    extract::{Address, Parameters},
    state::State,
    view::{ApplyAsk, ApplyHospitalPage, ApplyProblem, HospitalLinkPage, HospitalStandsPage, application_cells, path},
};
use akidoko_domain::application::{Column, FormFinding};
use akidoko_service::application::{ApplyError, HospitalLink};
use axum::{
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeMap;

fn form_page(state: &State, status: StatusCode, values: &BTreeMap<Column, String>, findings: &[FormFinding], ask: ApplyAsk) -> Answer {
    let prefectures = state.service.prefectures_to_choose();
    let domains = &state.service.post().sender_domains;
    show(status, &ApplyHospitalPage::new(state.frame(None), (&prefectures, domains), values, findings, ask))
}

/// The empty form, or what to do next.
pub async fn apply_hospital_form(Extract(state): Extract<State>, query: Parameters) -> Answer {
    let ask = if query.get("sent").is_some() { ApplyAsk::Sent } else { ApplyAsk::Open };
    form_page(&state, StatusCode::OK, &BTreeMap::new(), &[], ask)
}

/// Takes the form: a mail goes to the address.
pub async fn ask_to_apply(Extract(state): Extract<State>, Address(address): Address, headers: HeaderMap, sent: Sent) -> Answer {
    let values = columns(&read(sent)?);
    match state.service.ask_to_apply(&values, browser(&headers, address)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?sent=1", path::APPLY_HOSPITAL)).into_response()),
        Err(ApplyError::Findings(findings)) => {
            form_page(&state, StatusCode::UNPROCESSABLE_ENTITY, &values, &findings, ApplyAsk::Problem(ApplyProblem::Findings))
        }
        Err(ApplyError::Blocked { minutes }) => {
            let minutes = u32::try_from(minutes).unwrap_or(1);
            let ask = ApplyAsk::Problem(ApplyProblem::Blocked { minutes });
            Ok(later(form_page(&state, StatusCode::TOO_MANY_REQUESTS, &values, &[], ask)?, minutes))
        }
        Err(ApplyError::Store(error)) => Err(error.into()),
        Err(ApplyError::Gone | ApplyError::Stale) => Err(gone()),
    }
}

/// Guessed, expired, replaced or decided: one same answer.
fn gone() -> Failure {
    Failure::not_found()
        .saying("このリンクは使えません。期限が過ぎたか、申請が終わっています。申請するときは、はじめの画面から入れ直してください。")
}

/// What was typed and not taken.
type Typed = (BTreeMap<Column, String>, Vec<FormFinding>, ApplyProblem, i32);

async fn link_page(state: &State, token: &str, status: StatusCode, typed: Option<Typed>) -> Answer {
    let found = state.service.hospital_link(token).await?.ok_or_else(gone)?;
    let names = state.service.prefectures_to_choose();
    let (wish, returned) = match found {
        HospitalLink::Standing { state: stands, name, prefecture } => {
            let prefecture = names.get(&prefecture).cloned().unwrap_or_default();
            return show(status, &HospitalStandsPage::new(state.frame(None), name, prefecture, stands));
        }
        HospitalLink::Proved(wish) => (wish, false),
        HospitalLink::Returned(wish) => (wish, true),
    };
    let (values, findings, problem, seen) = match typed {
        Some((values, findings, problem, seen)) => (values, findings, Some(problem), seen),
        None => (application_cells(&wish.form, &state.service.live().reference()), wish.findings, None, wish.revision),
    };
    let prefecture = names.get(&wish.prefecture).cloned().unwrap_or_default();
    let reason = wish.reason.filter(|_| returned);
    let page = HospitalLinkPage::new(state.frame(None), token, (prefecture, wish.form.email, reason), (&values, &findings, problem), seen);
    show(status, &page)
}

/// What lies behind the link. Opening it changes nothing.
pub async fn hospital_link(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    link_page(&state, &token, StatusCode::OK, None).await
}

/// 申請する
pub async fn apply_by_link(Extract(state): Extract<State>, Path(token): Path<String>, sent: Sent) -> Answer {
    if state.service.hospital_link(&token).await?.is_none() {
        return Err(gone());
    }
    let fields = read(sent)?;
    let seen = if field(&fields, "revision").is_empty() { 0 } else { revision(&fields)? };
    let values = columns(&fields);
    match state.service.apply_by_link(&token, seen, &values).await {
        Ok(()) => Ok(Redirect::to(&path::apply_hospital(&token)).into_response()),
        Err(ApplyError::Findings(findings)) => {
            let typed = (values, findings, ApplyProblem::Findings, seen);
            link_page(&state, &token, StatusCode::UNPROCESSABLE_ENTITY, Some(typed)).await
        }
        Err(ApplyError::Stale) => {
            let typed = (values, Vec::new(), ApplyProblem::Stale, seen);
            link_page(&state, &token, StatusCode::CONFLICT, Some(typed)).await
        }
        Err(ApplyError::Store(error)) => Err(error.into()),
        Err(ApplyError::Gone | ApplyError::Blocked { .. }) => Err(gone()),
    }
}
