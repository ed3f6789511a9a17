//! 応需パターン of a hospital.

use super::{
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Code, Parameters, Person},
    state::State,
    view::{PatternProblem, PatternsPage, path},
};
use akidoko_domain::{id::OrganisationCode, pattern::Form};
use akidoko_service::{
    account::Session,
    pattern::{PatternChange, PatternError},
};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};

fn failed(error: PatternError) -> Failure {
    match error {
        PatternError::Forbidden => Failure::forbidden().saying("この医療機関の応需パターンは、お使いの ID では変えられません。"),
        PatternError::Store(error) => error.into(),
        _ => Failure::not_found(),
    }
}

/// The screen.
pub async fn patterns(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, query: Parameters) -> Answer {
    let screen = state.service.patterns(&session.actor, &code).await.map_err(failed)?;
    let at = query.get("at").and_then(|at| at.parse().ok());
    let asked = PatternsPage::asked(&screen, query.get("new"), at);
    let page = PatternsPage::new(state.frame(Some(&session)), &screen, asked.as_ref(), None, state.service.now());
    show(StatusCode::OK, &page)
}

/// Adds, changes or removes one.
pub async fn change_patterns(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, form: Sent) -> Answer {
    let fields = sent(form)?;
    // Who may not, learns nothing of the form.
    state.service.patterns(&session.actor, &code).await.map_err(failed)?;
    let number = |name: &str| field(&fields, name).parse::<usize>().ok();
    let revision = field(&fields, "revision").parse::<i32>();
    let revision = revision.map_err(|_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。"))?;
    let change = match (field(&fields, "act"), number("at")) {
        ("put", at) => PatternChange::Put(at, typed(&fields)),
        ("remove", Some(at)) => PatternChange::Remove(at),
        _ => return Err(Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。")),
    };
    match state.service.change_patterns(&session.actor, &code, revision, &change).await {
        Ok(()) => Ok(Redirect::to(&path::patterns(&code)).into_response()),
        Err(PatternError::Wrong(wrong)) => again(&state, &session, &code, change, PatternProblem::Wrong(*wrong)).await,
        Err(PatternError::Conflict) => again(&state, &session, &code, change, PatternProblem::Conflict).await,
        Err(PatternError::TooMany) => again(&state, &session, &code, change, PatternProblem::TooMany).await,
        Err(error) => Err(failed(error)),
    }
}

fn typed(fields: &[(String, String)]) -> Form {
    Form {
        name: field(fields, "name").to_owned(),
        days: all(fields, "day").collect(),
        starts: field(fields, "starts").to_owned(),
        ends: field(fields, "ends").to_owned(),
        answers: fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect(),
        confirmed: all(fields, "confirm").collect(),
    }
}

fn all<'a>(fields: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = String> + 'a {
    fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.clone())
}

/// The screen with what was typed, and why it is not kept.
async fn again(state: &State, session: &Session, code: &OrganisationCode, change: PatternChange, problem: PatternProblem) -> Answer {
    let screen = state.service.patterns(&session.actor, code).await.map_err(failed)?;
    let form = match change {
        // Where somebody else changed the list, the place may be another's: what was typed becomes a new one unless its name still stands.
        PatternChange::Put(at, form) => {
            let stands = screen.kept.patterns.iter().position(|p| p.name == form.name.trim());
            Some((if problem == PatternProblem::Conflict { stands } else { at }, form))
        }
        PatternChange::Remove(_) => None,
    };
    let status = if problem == PatternProblem::Conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(status, &PatternsPage::new(state.frame(Some(session)), &screen, form.as_ref(), Some(&problem), state.service.now()))
}
