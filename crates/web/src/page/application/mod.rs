//! The prefecture's applications for IDs: who may be here, what a form sends, and how a refusal is told.

mod hospital;
mod list;
mod one;
mod sheet;

pub use hospital::{correct_hospital_address, decide_hospital_application, hospital_application, hospital_applications};
pub use list::{agree_to_applications, application_bundle, applications, submit_applications};
pub(super) use one::hand_over;
pub use one::{
    application, apply, apply_form, change_application, comment_on, hand_over_application, link_application, new_application,
    new_application_form, step_application,
};
pub use sheet::{application_sheet, application_template, check_application_sheet, save_application_sheet};

use crate::{
    error::{Answer, Failure},
    extract::Person,
    state::State,
    view::path,
    words::application::refusal,
};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::Column,
    id::{ApplicationId, PrefCode},
    organisation::OrganisationKind,
};
use akidoko_service::{account::Session, application::ApplicationError};
use axum::{
    Form,
    extract::rejection::FormRejection,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::{collections::BTreeMap, sync::Arc};

pub(in crate::page) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

pub(in crate::page) fn read(sent: Sent) -> Result<Vec<(String, String)>, Failure> {
    super::sign_in::form(sent)
}

pub(in crate::page) fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

pub(in crate::page) fn id_of(text: &str) -> Option<ApplicationId> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

pub(in crate::page) fn revision(fields: &[(String, String)]) -> Result<i32, Failure> {
    let wrong = |_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。");
    field(fields, "revision").parse().map_err(wrong)
}

/// The columns that a form sends.
pub(in crate::page) fn columns(fields: &[(String, String)]) -> BTreeMap<Column, String> {
    fields.iter().filter_map(|(name, value)| Some((Column::parse(name)?, value.clone()))).collect()
}

/// How a refusal is told where the page itself cannot tell it.
pub(in crate::page) fn failed(error: ApplicationError) -> Failure {
    let words = refusal(&error);
    let failure = match error {
        ApplicationError::NotFound => Failure::not_found(),
        ApplicationError::Forbidden => Failure::forbidden(),
        ApplicationError::Stale => Failure::new(StatusCode::CONFLICT, "stale"),
        ApplicationError::NotFromHere | ApplicationError::TooLate => Failure::new(StatusCode::CONFLICT, "not_from_here"),
        ApplicationError::Store(error) => return error.into(),
        _ => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused"),
    };
    match words {
        Some(words) => failure.saying(words),
        None => failure,
    }
}

/// A prefecture's own place. The ministry has its desk, to which it is led.
struct Place {
    session: Arc<Session>,
    prefecture: PrefCode,
    name: String,
}

impl Place {
    fn actor(&self) -> &Actor {
        &self.session.actor
    }
}

/// Whoever may see the applications of its prefecture.
fn place(state: &State, Person(session): Person) -> Result<Place, Failure> {
    let actor = &session.actor;
    if !may(actor.kind, May::ReadApplications) {
        return Err(Failure::forbidden().saying("ID の申請は、都道府県の衛生主管部局・消防防災主管部局と保健所設置市の ID で見られます。"));
    }
    let office = || Failure::forbidden().saying("申請の記入と提出は都道府県が行います。審査は「ID発行」の画面で行ってください。");
    let prefecture = actor.prefecture.filter(|_| actor.kind != OrganisationKind::Ministry).ok_or_else(office)?;
    let name = state.service.live().reference().prefectures.get(&prefecture).cloned().unwrap_or_default();
    Ok(Place { session, prefecture, name })
}

/// Whoever may fill in.
fn helper(state: &State, person: Person) -> Result<Place, Failure> {
    let place = place(state, person)?;
    if may(place.actor().kind, May::HelpApplications) {
        return Ok(place);
    }
    Err(Failure::forbidden().saying("申請の記入は、都道府県の衛生主管部局と消防防災主管部局が行います。"))
}

/// Leads the ministry to where it sees the same.
fn to_office(person: &Person, id: Option<ApplicationId>) -> Option<Answer> {
    let to = id.map_or_else(|| path::OFFICE.to_owned(), path::office_application);
    (person.0.actor.kind == OrganisationKind::Ministry).then(|| Ok(Redirect::to(&to).into_response()))
}
