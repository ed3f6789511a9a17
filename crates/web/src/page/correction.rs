//! Corrections after the window: the list, one of them, the decision, and how many days the window has.

use super::{
    office::{desk, settings},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::{CorrectionPage, CorrectionsPage, Said, SettingsProblem, path},
    words,
};
use akidoko_domain::{
    id::CorrectionId,
    report::{CorrectionState, CorrectionWindow, Refusal, WINDOW_MAX, consents},
    text::fold_digits,
};
use akidoko_service::{
    account::Session,
    correction::{Decision, DecisionError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

fn read(sent: Sent) -> Result<Vec<(String, String)>, Failure> {
    sent.map(|Form(fields)| fields).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度操作してください。")
    })
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

fn id_of(text: &str) -> Result<CorrectionId, Failure> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| Failure::not_found())
}

/// What waits, with its differences, and what was decided.
pub async fn corrections(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    /// So many are shown with what they would change.
    const SHOWN: usize = 30;
    let actor = &session.actor;
    let all = state.service.corrections(actor).await?.ok_or_else(Failure::forbidden)?;
    let (waiting, over): (Vec<_>, Vec<_>) = all.into_iter().partition(|(c, _)| c.state == CorrectionState::Waiting);
    let mut views = Vec::new();
    for (c, _) in waiting.iter().take(SHOWN) {
        views.extend(state.service.correction(actor, c.id).await?);
    }
    let more = waiting.len().saturating_sub(SHOWN);
    let (_, days) = state.service.correction_windows().await?;
    let about = (consents(actor.kind), days);
    show(
        StatusCode::OK,
        &CorrectionsPage::new(state.frame(Some(&session)), (&views, more), (&over, &state.service.catalogue()), about, state.service.now()),
    )
}

async fn one(state: &State, session: &Session, status: StatusCode, id: CorrectionId, said: Said) -> Answer {
    let view = state.service.correction(&session.actor, id).await?.ok_or_else(Failure::not_found)?;
    show(status, &CorrectionPage::new(state.frame(Some(session)), &view, said, state.service.now()))
}

/// One of them.
pub async fn correction(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    one(&state, &session, StatusCode::OK, id_of(&id)?, Said::default()).await
}

/// Consents, declines, or withdraws.
pub async fn decide_correction(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let id = id_of(&id)?;
    // Whoever cannot see it learns that before anything of what was sent is read.
    state.service.correction(&session.actor, id).await?.ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    let typed = field(&fields, "words").to_owned();
    let decision = match field(&fields, "act") {
        "consent" => {
            let version = field(&fields, "version").parse();
            let wrong = |_| Failure::bad_request("画面から送られた版の番号を読めません。画面を開き直してください。");
            Decision::Consent { expected_version: version.map_err(wrong)? }
        }
        "decline" => Decision::Decline { words: typed.clone() },
        "withdraw" => Decision::Withdraw,
        _ => return Err(Failure::bad_request("操作を読めません。画面を開き直して、もう一度操作してください。")),
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, problem, about_words) = match state.service.decide_correction(&session.actor, id, decision).await {
        Ok(_) => return Ok(Redirect::to(&path::correction(id)).into_response()),
        Err(DecisionError::NotFound) => return Err(Failure::not_found()),
        Err(DecisionError::Forbidden) => return Err(Failure::forbidden()),
        Err(DecisionError::Store(error)) => return Err(error.into()),
        Err(DecisionError::Decided) => (StatusCode::CONFLICT, "この申請は、すでに決まっています。".to_owned(), false),
        Err(DecisionError::WordsMissing) => (unprocessable, "同意しない理由を書いてください。".to_owned(), true),
        Err(DecisionError::BadWords(problem)) => (unprocessable, format!("理由：{}", words::problem(&problem)), true),
        Err(DecisionError::Refused(Refusal::Conflict { version })) => {
            let words = format!(
                "この画面を開いたあとに、この日の第 {version} 版が報告されました。変わるところを確かめて、もう一度決めてください。"
            );
            (StatusCode::CONFLICT, words, false)
        }
        Err(DecisionError::Refused(refusal)) => (unprocessable, words::refusal(&refusal), false),
    };
    one(&state, &session, status, id, Said { problem: Some(problem), about_words, words: typed }).await
}

/// Sets how many days the window has, from a day on.
pub async fn set_correction_window(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let actor = desk(&session)?;
    let fields = read(sent)?;
    let typed = ["days", "valid_from"].map(|name| field(&fields, name).trim().to_owned());
    let days = fold_digits(&typed[0]).parse().ok().filter(|days| *days <= WINDOW_MAX);
    let window = days.zip(typed[1].parse().ok()).map(|(days, valid_from)| CorrectionWindow { days, valid_from });
    let set = match window {
        Some(window) => state.service.set_correction_window(actor, window).await?,
        None => false,
    };
    if set {
        return Ok(Redirect::to(&format!("{}?saved=1", path::OFFICE_SETTINGS)).into_response());
    }
    let problem = (SettingsProblem::CorrectionWindow, None);
    settings(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(problem), (false, Some(typed))).await
}
