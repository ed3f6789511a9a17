//! Keys of the API, for the administrators of an organisation.

use super::{
    operators::{once, seed, site, told},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::{KeyFields, KeyMadePage, KeyPage, KeysPage, path},
};
use akidoko_domain::{
    id::SessionId,
    key::{KeyProblem, TypedKey},
    time::jst_day,
};
use akidoko_service::{
    account::Session,
    keys::{KeyError, KeyForm, NewKey},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};

/// What went wrong: something to say on the page, or an answer of its own.
fn problems(error: KeyError) -> Result<Vec<KeyProblem>, Failure> {
    use akidoko_service::operators::OperatorError;
    match error {
        KeyError::Problems(problems) => Ok(problems),
        KeyError::Operator(OperatorError::Forbidden) => {
            Err(Failure::forbidden().saying("API キーは、組織の管理者が作ります。管理者に頼んでください。"))
        }
        KeyError::Operator(error) => Err(told(error)),
    }
}

fn failed(error: KeyError) -> Failure {
    problems(error).err().unwrap_or_else(Failure::not_found)
}

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

fn sent(form: Sent) -> Result<Vec<(String, String)>, Failure> {
    super::sign_in::form(form)
}

/// The fields of a key, as they were typed.
fn typed(fields: &[(String, String)]) -> KeyForm {
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let typed = TypedKey {
        name: field("name").to_owned(),
        read: field("read") == "1",
        report: field("report") == "1",
        feed: field("feed") == "1",
        some: field("which") == "some",
        networks: field("networks").to_owned(),
        per_minute: field("per_minute").to_owned(),
        expires_on: field("expires_on").to_owned(),
        ..TypedKey::default()
    };
    KeyForm { typed, codes: fields.iter().filter(|(n, _)| n == "hospital").map(|(_, v)| v.clone()).collect() }
}

async fn list(state: &State, session: &Session, status: StatusCode, form: Option<&KeyForm>, problems: &[KeyProblem]) -> Answer {
    let now = state.service.now();
    let today = jst_day(now);
    let keys = state.service.api_keys(&session.actor).await.map_err(failed)?;
    let usual = KeyFields::usual(&keys, today);
    let fields = KeyFields::new(&keys, form.unwrap_or(&usual), problems, today, today);
    show(status, &KeysPage::new(state.frame(Some(session)), &keys, fields, once(), now))
}

/// The list, and the form for a new one.
pub async fn keys(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    list(&state, &session, StatusCode::OK, None, &[]).await
}

fn made(state: &State, session: &Session, key: &NewKey, headers: &HeaderMap) -> Answer {
    show(StatusCode::OK, &KeyMadePage::new(state.frame(Some(session)), key, site(state, headers)))
}

/// Makes a key, and shows its secret.
pub async fn make_key(Extract(state): Extract<State>, Person(session): Person, headers: HeaderMap, form: Sent) -> Answer {
    let fields = sent(form)?;
    let form = typed(&fields);
    let once = fields.iter().find(|(n, _)| n == "once").map_or("", |(_, v)| v.as_str());
    match state.service.make_key(&session.actor, &form, &seed(&headers, once)?).await {
        Ok(key) => made(&state, &session, &key, &headers),
        Err(error) => list(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(&form), &problems(error)?).await,
    }
}

fn id_of(id: &str) -> Result<SessionId, Failure> {
    serde_json::from_value(serde_json::Value::String(id.to_owned())).map_err(|_| Failure::not_found())
}

async fn one(state: &State, session: &Session, id: SessionId, form: Option<&KeyForm>, problems: &[KeyProblem]) -> Answer {
    let now = state.service.now();
    let (key, keys) = state.service.api_key(&session.actor, id).await.map_err(failed)?;
    let stands = KeyFields::of(&key, &keys);
    let fields = KeyFields::new(&keys, form.unwrap_or(&stands), problems, jst_day(key.created_at), jst_day(now));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(status, &KeyPage::new(state.frame(Some(session)), &key, &keys, fields, now))
}

/// One of them.
pub async fn key(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    one(&state, &session, id_of(&id)?, None, &[]).await
}

/// Changes one of them.
pub async fn change_key(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>, form: Sent) -> Answer {
    let (form, id) = (typed(&sent(form)?), id_of(&id)?);
    match state.service.change_key(&session.actor, id, &form).await {
        Ok(()) => Ok(Redirect::to(path::KEYS).into_response()),
        Err(error) => one(&state, &session, id, Some(&form), &problems(error)?).await,
    }
}

/// Revokes one of them, or a token of an operator.
pub async fn revoke_key(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    state.service.revoke_key(&session.actor, id_of(&id)?).await.map_err(failed)?;
    Ok(Redirect::to(path::KEYS).into_response())
}
