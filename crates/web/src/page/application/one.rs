//! One application: written, stepped, commented on, and given to its headquarters by a link.

use super::{Place, Sent, columns, failed, field, helper, id_of, place, read, revision, to_office};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    page::show,
    state::State,
    view::{ApplicationPage, ApplyLinkPage, ApplyPage, Standing, Written, application_cells, path},
    words::application::refusal,
};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Column, FormFinding, Road},
    id::ApplicationId,
};
use akidoko_service::application::{ApplicationError, Decision, Outcome};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeMap;

/// What was typed and not taken.
struct Typed {
    values: BTreeMap<Column, String>,
    findings: Vec<FormFinding>,
    problem: Option<String>,
    revision: i32,
}

/// A refusal that the page with the fields can tell, with its status.
fn retold(error: ApplicationError, values: BTreeMap<Column, String>, revision: i32) -> Result<(StatusCode, Typed), Failure> {
    let problem = refusal(&error);
    match error {
        ApplicationError::Findings(findings) => Ok((StatusCode::UNPROCESSABLE_ENTITY, Typed { values, findings, problem, revision })),
        ApplicationError::Stale => {
            let problem = "ほかの人が先に変更しました。何も保存していません。下は入力していた内容です。別の画面でいまの内容を確かめて、入れ直してください。";
            Ok((StatusCode::CONFLICT, Typed { values, findings: Vec::new(), problem: Some(problem.to_owned()), revision }))
        }
        other => Err(failed(other)),
    }
}

fn new_page(state: &State, place: &Place, status: StatusCode, typed: Typed) -> Answer {
    let written = Written { values: &typed.values, findings: &typed.findings, problem: typed.problem, saved: false };
    let around = (place.name.as_str(), state.service.post().sender_domains.as_slice());
    let frame = state.frame(Some(&place.session));
    show(status, &ApplicationPage::new(frame, around, place.actor().kind, None, written, state.service.now()))
}

async fn page(state: &State, place: &Place, id: ApplicationId, status: StatusCode, typed: Option<Typed>, saved: bool) -> Answer {
    let (view, steps, mails) = state.service.application(place.actor(), id).await.map_err(failed)?;
    if view.row.applicant.road() == Road::Hospital {
        return Ok(Redirect::to(&path::hospital_application(id)).into_response());
    }
    let hand_over = state.service.hand_over_of(place.actor(), &view.row).await.map_err(failed)?;
    let revision = typed.as_ref().map_or(view.row.revision, |t| t.revision);
    let standing = Standing { view: &view, steps: &steps, mails: &mails, hand_over: &hand_over, revision };
    let typed = typed.unwrap_or_else(|| Typed {
        values: application_cells(&view.row.form, &state.service.live().reference()),
        findings: view.findings.clone(),
        problem: None,
        revision: view.row.revision,
    });
    let written = Written { values: &typed.values, findings: &typed.findings, problem: typed.problem, saved };
    let around = (place.name.as_str(), state.service.post().sender_domains.as_slice());
    let frame = state.frame(Some(&place.session));
    show(status, &ApplicationPage::new(frame, around, place.actor().kind, Some(&standing), written, state.service.now()))
}

/// An empty form.
pub async fn new_application_form(Extract(state): Extract<State>, person: Person) -> Answer {
    let place = helper(&state, person)?;
    let typed = Typed { values: BTreeMap::new(), findings: Vec::new(), problem: None, revision: 0 };
    new_page(&state, &place, StatusCode::OK, typed)
}

/// Takes a new one.
pub async fn new_application(Extract(state): Extract<State>, person: Person, sent: Sent) -> Answer {
    let place = helper(&state, person)?;
    let values = columns(&read(sent)?);
    match state.service.save_application(place.actor(), None, &values).await {
        Ok(id) => Ok(Redirect::to(&format!("{}?saved=1", path::application(id))).into_response()),
        Err(error) => {
            let (status, typed) = retold(error, values, 0)?;
            new_page(&state, &place, status, typed)
        }
    }
}

/// One of them.
pub async fn application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, query: Parameters) -> Answer {
    let id = id_of(&id).ok_or_else(Failure::not_found);
    if let Ok(id) = &id
        && let Some(elsewhere) = to_office(&person, Some(*id))
    {
        return elsewhere;
    }
    let place = place(&state, person)?;
    page(&state, &place, id?, StatusCode::OK, None, query.get("saved").is_some()).await
}

/// Saves it.
pub async fn change_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = helper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    // What is not there is not there, whatever was sent.
    state.service.application(place.actor(), id).await.map_err(failed)?;
    let seen = revision(&fields)?;
    let values = columns(&fields);
    match state.service.save_application(place.actor(), Some((id, seen)), &values).await {
        Ok(id) => Ok(Redirect::to(&format!("{}?saved=1", path::application(id))).into_response()),
        Err(error) => {
            let (status, typed) = retold(error, values, seen)?;
            page(&state, &place, id, status, Some(typed), false).await
        }
    }
}

/// 取り下げ, 再送, 停止 …
pub async fn step_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = helper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    state.service.application(place.actor(), id).await.map_err(failed)?;
    if !may(place.actor().kind, May::KeepApplications) {
        return Err(Failure::forbidden().saying("この操作は、都道府県の衛生主管部局の ID で行います。"));
    }
    let action = Action::parse(field(&fields, "action"))
        .ok_or_else(|| Failure::bad_request("どの操作かわかりません。画面を開き直して、もう一度押してください。"))?;
    let decision = Decision { id, revision: revision(&fields)? };
    let outcomes =
        state.service.step_applications(place.actor(), &[decision], action, Some(field(&fields, "words"))).await.map_err(failed)?;
    match outcomes.first().map(|(_, outcome)| *outcome) {
        Some(Outcome::Done(_)) => Ok(Redirect::to(&path::application(id)).into_response()),
        Some(Outcome::Stale) => Err(failed(ApplicationError::Stale)),
        Some(Outcome::NotFromHere) => Err(failed(ApplicationError::NotFromHere)),
        Some(Outcome::NotFound) | None => Err(Failure::not_found()),
    }
}

/// Plans that another headquarters takes over, or drops the plan.
pub async fn hand_over_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = helper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    hand_over(&state, place.actor(), Decision { id, revision: revision(&fields)? }, &fields).await?;
    Ok(Redirect::to(&path::application(id)).into_response())
}

/// The same for both sides.
pub(in crate::page) async fn hand_over(
    state: &State,
    actor: &Actor,
    decision: Decision,
    fields: &[(String, String)],
) -> Result<(), Failure> {
    // What is not there is not there, whatever was sent.
    state.service.application(actor, decision.id).await.map_err(failed)?;
    if !field(fields, "drop").is_empty() {
        return state.service.drop_hand_over(actor, decision).await.map_err(failed);
    }
    let chosen = id_of(field(fields, "successor"));
    let to = chosen.ok_or_else(|| failed(ApplicationError::Nothing).saying("引き継ぐ消防本部を選んでください。"))?;
    let on = field(fields, "on").trim().parse().map_err(|_| failed(ApplicationError::Day))?;
    state.service.plan_hand_over(actor, decision, to, on).await.map_err(failed)
}

/// Writes on it.
pub async fn comment_on(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = helper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    state.service.comment_application(place.actor(), id, field(&fields, "words")).await.map_err(failed)?;
    Ok(Redirect::to(&path::application(id)).into_response())
}

/// Makes a link for its headquarters and shows it, once.
pub async fn link_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>) -> Answer {
    let place = helper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let (view, ..) = state.service.application(place.actor(), id).await.map_err(failed)?;
    let token = state.service.application_link(place.actor(), id).await.map_err(failed)?;
    show(StatusCode::OK, &ApplyLinkPage::new(state.frame(Some(&place.session)), &view, &state.service.post().public_url, &token))
}

/// Guessed, expired or ended: one same answer.
fn gone() -> Failure {
    Failure::not_found()
        .saying("このリンクは使えません。期限が過ぎたか、提出されたか、新しいリンクが出ています。都道府県の担当者に、新しいリンクを頼んでください。")
}

async fn apply_page(state: &State, token: &str, status: StatusCode, typed: Option<Typed>, saved: bool) -> Answer {
    let (row, findings) = state.service.application_of_link(token).await?.ok_or_else(gone)?;
    let reference = state.service.live().reference();
    let prefecture = reference.prefectures.get(&row.prefecture).cloned().unwrap_or_default();
    let typed = typed.unwrap_or_else(|| Typed {
        values: application_cells(&row.form, &reference),
        findings,
        problem: None,
        revision: row.revision,
    });
    let written = Written { values: &typed.values, findings: &typed.findings, problem: typed.problem, saved };
    let around = (prefecture.as_str(), state.service.post().sender_domains.as_slice());
    show(status, &ApplyPage::new(state.frame(None), around, token, (typed.revision, row.reason.clone()), written))
}

/// What a headquarters sees behind its link.
pub async fn apply_form(Extract(state): Extract<State>, Path(token): Path<String>, query: Parameters) -> Answer {
    apply_page(&state, &token, StatusCode::OK, None, query.get("saved").is_some()).await
}

/// Saves what it wrote.
pub async fn apply(Extract(state): Extract<State>, Path(token): Path<String>, sent: Sent) -> Answer {
    if state.service.application_of_link(&token).await?.is_none() {
        return Err(gone());
    }
    let fields = read(sent)?;
    let seen = revision(&fields)?;
    let values = columns(&fields);
    match state.service.save_by_link(&token, seen, &values).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::apply(&token))).into_response()),
        Err(ApplicationError::NotFound | ApplicationError::Forbidden | ApplicationError::NotFromHere) => Err(gone()),
        Err(error) => {
            let (status, typed) = retold(error, values, seen)?;
            apply_page(&state, &token, status, Some(typed), false).await
        }
    }
}
