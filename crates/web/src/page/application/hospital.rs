//! Hospitals that apply, before their prefecture: which hospital of the register each one is, yes, back, or no.

use super::{Place, Sent, columns, failed, field, id_of, place, read, revision};
use crate::{
    error::{Answer, Failure},
    extract::Person,
    page::show,
    state::State,
    view::{HospitalApplicationPage, HospitalApplicationsPage, Vouching, path},
    words::application::refusal,
};
use akidoko_domain::{
    access::{Action as May, may},
    application::{Action, Column, FormFinding, Road, State as Stands},
    id::{ApplicationId, HospitalId},
    organisation::OrganisationKind,
};
use akidoko_service::application::{ApplicationError, Decision, HospitalChoice, Outcome};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeMap;

/// Whoever approves hospitals: the health department of their prefecture.
fn keeper(state: &State, person: Person) -> Result<Place, Failure> {
    if person.0.actor.kind == OrganisationKind::Ministry {
        return Err(Failure::forbidden().saying("医療機関の申請の確認は都道府県が行います。審査は「ID発行」の画面で行ってください。"));
    }
    let place = place(state, person)?;
    if may(place.actor().kind, May::KeepApplications) {
        return Ok(place);
    }
    Err(Failure::forbidden().saying("医療機関の申請は、都道府県の衛生主管部局の ID で見られます。"))
}

/// The list.
pub async fn hospital_applications(Extract(state): Extract<State>, person: Person) -> Answer {
    let place = keeper(&state, person)?;
    let list = state.service.applications(place.actor()).await.map_err(failed)?;
    let page = HospitalApplicationsPage::new(state.frame(Some(&place.session)), &place.name, &list.rows, state.service.now());
    show(StatusCode::OK, &page)
}

/// What was pressed and not taken.
#[derive(Default)]
struct Typed {
    problem: Option<String>,
    chosen: String,
    other: String,
    words: String,
    address: Option<(BTreeMap<Column, String>, Vec<FormFinding>)>,
}

async fn page(state: &State, place: &Place, id: ApplicationId, status: StatusCode, typed: Typed) -> Answer {
    let (view, steps, mails) = state.service.application(place.actor(), id).await.map_err(failed)?;
    if view.row.applicant.road() != Road::Hospital {
        return Err(Failure::not_found());
    }
    let options = match view.row.state {
        Stands::Bundled => state.service.hospital_options(place.actor(), &view.row).await.map_err(failed)?,
        _ => Vec::new(),
    };
    let chosen = state.service.chosen_hospital(place.actor(), &view.row).await.map_err(failed)?;
    let vouching = Vouching {
        options: &options,
        hospital: chosen,
        problem: typed.problem,
        chosen: (&typed.chosen, &typed.other),
        words: typed.words,
        address: typed.address,
    };
    let frame = state.frame(Some(&place.session));
    let reference = state.service.live().reference();
    let page = HospitalApplicationPage::new(frame, place.actor().kind, (&view, &steps, &mails), vouching, &reference, state.service.now());
    show(status, &page)
}

/// One of them.
pub async fn hospital_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>) -> Answer {
    let place = keeper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    page(&state, &place, id, StatusCode::OK, Typed::default()).await
}

/// Which hospital was chosen; the second list counts where 「ほかの病院」 is. Two that contradict each other are none.
fn choice(chosen: &str, other: &str) -> Option<HospitalChoice> {
    let id = |text: &str| serde_json::from_value::<HospitalId>(serde_json::Value::String(text.to_owned())).ok();
    match chosen {
        _ if chosen != "other" && !other.is_empty() => None,
        "new" => Some(HospitalChoice::New),
        "other" => id(other).map(HospitalChoice::Known),
        id_text => id(id_text).map(HospitalChoice::Known),
    }
}

/// Why nothing was done, where the page itself can tell it.
fn told(error: &ApplicationError, action: Option<Action>, typed: &Typed) -> Option<String> {
    match (error, action) {
        (ApplicationError::Nothing, None) if !typed.other.is_empty() && typed.chosen != "other" => {
            let words = "丸印と一覧で、別の病院が選ばれています。承認していません。一覧の病院にするときは「病院から選ぶ」に丸印を付け、そうでないときは一覧を「選んでいません」に戻してください。";
            Some(words.to_owned())
        }
        (ApplicationError::Nothing, None) => {
            Some("名簿のどの病院かを選んでください。名簿にないときは「名簿にない病院」を選びます。".to_owned())
        }
        (ApplicationError::InUse, _) => {
            let words = "この病院の ID は、もう使われています。承認していません。操作者は、その病院の管理者が「操作者」の画面で加えます。理由を書いて、差し戻すか却下してください。";
            Some(words.to_owned())
        }
        (ApplicationError::Taken, _) => {
            Some("この病院は、ほかの申請で承認されています。承認していません。一覧でもう 1 件の申請を確かめてください。".to_owned())
        }
        (ApplicationError::ReasonMissing, _) => {
            Some("理由が書かれていません。医療機関が次にすることがわかるように書いてください。".to_owned())
        }
        (ApplicationError::Registered | ApplicationError::TooLong | ApplicationError::Stale | ApplicationError::NotFromHere, _) => {
            refusal(error)
        }
        _ => None,
    }
}

/// 承認・差し戻し・却下
pub async fn decide_hospital_application(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = keeper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    // What is not there is not there, whatever was sent.
    state.service.application(place.actor(), id).await.map_err(failed)?;
    let decision = Decision { id, revision: revision(&fields)? };
    let text = |name| field(&fields, name).to_owned();
    let mut typed = Typed { chosen: text("hospital"), other: text("other"), words: text("words"), ..Typed::default() };
    let action = match field(&fields, "act") {
        "approve" => None,
        "return" => Some(Action::Return),
        "reject" => Some(Action::Reject),
        _ => return Err(Failure::bad_request("どの操作かわかりません。画面を開き直して、もう一度押してください。")),
    };
    let done = match action {
        Some(action) => match state.service.step_applications(place.actor(), &[decision], action, Some(&typed.words)).await {
            Ok(outcomes) => match outcomes.first().map(|(_, outcome)| *outcome) {
                Some(Outcome::Done(_)) => Ok(()),
                Some(Outcome::Stale) => Err(ApplicationError::Stale),
                Some(Outcome::NotFromHere) => Err(ApplicationError::NotFromHere),
                Some(Outcome::NotFound) | None => Err(ApplicationError::NotFound),
            },
            Err(error) => Err(error),
        },
        None => match choice(&typed.chosen, &typed.other) {
            Some(choice) => state.service.vouch_for_hospital(place.actor(), decision, choice).await,
            None => Err(ApplicationError::Nothing),
        },
    };
    let error = match done {
        Ok(()) => return Ok(Redirect::to(&path::hospital_application(id)).into_response()),
        Err(error) => error,
    };
    typed.problem = told(&error, action, &typed);
    if typed.problem.is_none() {
        return Err(failed(error));
    }
    let status = match error {
        ApplicationError::Stale | ApplicationError::NotFromHere => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page(&state, &place, id, status, typed).await
}

/// Corrects the address to which no mail came.
pub async fn correct_hospital_address(Extract(state): Extract<State>, person: Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let place = keeper(&state, person)?;
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = read(sent)?;
    state.service.application(place.actor(), id).await.map_err(failed)?;
    let decision = Decision { id, revision: revision(&fields)? };
    match state.service.correct_address(place.actor(), decision, field(&fields, "email"), field(&fields, "email_again")).await {
        Ok(()) => Ok(Redirect::to(&path::hospital_application(id)).into_response()),
        Err(ApplicationError::Findings(findings)) => {
            let typed = Typed { address: Some((columns(&fields), findings)), ..Typed::default() };
            page(&state, &place, id, StatusCode::UNPROCESSABLE_ENTITY, typed).await
        }
        Err(error) => Err(failed(error)),
    }
}
