//! The list, the press that submits, its receipt, and the agreement of the fire department.

use super::{Place, Sent, failed, field, id_of, place, read, to_office};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    page::show,
    state::State,
    view::{ApplicationsPage, BundlePage, Gathered, Notice, path},
    words::application::refusal,
};
use akidoko_domain::id::ApplicationId;
use akidoko_service::application::ApplicationError;
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};

async fn list(state: &State, place: &Place, status: StatusCode, notice: Notice) -> Answer {
    let list = state.service.applications(place.actor()).await.map_err(failed)?;
    let windows = state.service.windows(place.actor()).await.map_err(failed)?;
    let gathered = Gathered {
        prefecture: (place.prefecture, &place.name),
        kind: place.actor().kind,
        list: &list,
        windows: &windows,
        now: state.service.now(),
    };
    show(status, &ApplicationsPage::new(state.frame(Some(&place.session)), &gathered, notice))
}

/// 追加・変更・そのまま, as the saving of a sheet leads here.
fn saved(query: &Parameters) -> Option<[usize; 3]> {
    let number = |name| query.get(name)?.parse::<usize>().ok();
    Some([number("added")?, number("changed")?, number("kept")?])
}

/// The list of the own prefecture.
pub async fn applications(Extract(state): Extract<State>, person: Person, query: Parameters) -> Answer {
    if let Some(elsewhere) = to_office(&person, None) {
        return elsewhere;
    }
    let place = place(&state, person)?;
    list(&state, &place, StatusCode::OK, Notice { saved: saved(&query), ..Notice::default() }).await
}

/// Submits what was chosen as one bundle.
pub async fn submit_applications(Extract(state): Extract<State>, person: Person, sent: Sent) -> Answer {
    let place = place(&state, person)?;
    let fields = read(sent)?;
    let ids: Vec<ApplicationId> = fields.iter().filter(|(n, _)| n == "id").filter_map(|(_, v)| id_of(v)).collect();
    let confirmed = !field(&fields, "confirmed").is_empty();
    match state.service.submit_bundle(place.actor(), &ids, confirmed).await {
        Ok(receipt) => Ok(Redirect::to(&path::bundle(receipt.number)).into_response()),
        Err(
            error @ (ApplicationError::Nothing
            | ApplicationError::Findings(_)
            | ApplicationError::Confirm(_)
            | ApplicationError::NotFromHere),
        ) => {
            let problem = match &error {
                ApplicationError::Findings(_) => {
                    Some("空の欄か直すところのある申請が入っています。何も提出していません。一覧の印を見て、直してください。".to_owned())
                }
                ApplicationError::NotFromHere => {
                    Some("提出を終えた申請が入っています。何も提出していません。下の一覧はいまの状態です。".to_owned())
                }
                ApplicationError::Nothing => Some("ひとつも選ばれていません。行の左の四角で選んでください。".to_owned()),
                other => refusal(other),
            };
            let status =
                if matches!(error, ApplicationError::NotFromHere) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let unconfirmed = matches!(error, ApplicationError::Confirm(_));
            let chosen = (!ids.is_empty()).then_some(ids);
            list(&state, &place, status, Notice { problem, unconfirmed, chosen, ..Notice::default() }).await
        }
        Err(ApplicationError::Forbidden) => Err(Failure::forbidden().saying("提出は、都道府県の衛生主管部局の ID で行います。")),
        Err(error) => Err(failed(error)),
    }
}

/// The receipt of a bundle.
pub async fn application_bundle(Extract(state): Extract<State>, person: Person, Path(number): Path<String>) -> Answer {
    let place = place(&state, person)?;
    let list = state.service.applications(place.actor()).await.map_err(failed)?;
    let number: Option<i32> = number.parse().ok();
    let bundle =
        list.bundles.iter().find(|b| Some(b.number) == number && b.prefecture == place.prefecture).ok_or_else(Failure::not_found)?;
    show(StatusCode::OK, &BundlePage::new(state.frame(Some(&place.session)), bundle, &list.rows, state.service.now()))
}

/// 消防防災主管部局 agrees, or takes it back.
pub async fn agree_to_applications(Extract(state): Extract<State>, person: Person, sent: Sent) -> Answer {
    let place = place(&state, person)?;
    let fields = read(sent)?;
    match state.service.agree(place.actor(), field(&fields, "agrees") == "1", field(&fields, "note")).await {
        Ok(()) => Ok(Redirect::to(path::APPLICATIONS).into_response()),
        Err(ApplicationError::Forbidden) => Err(Failure::forbidden().saying("同意は、消防防災主管部局の ID で行います。")),
        Err(error) => Err(failed(error)),
    }
}
