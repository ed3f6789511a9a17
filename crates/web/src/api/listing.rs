//! `GET /api/v1/surveys` and `GET /api/v1/hospitals`: what there is to answer, and for whom.

use super::openapi::schema;
use crate::{
    error::{Answer, Failure},
    extract::Caller,
    state::State,
};
use akidoko_domain::survey::{DAILY, GMIS_DAILY, Item, Survey};
use axum::{Json, extract::State as Extract, response::IntoResponse};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The surveys in force, with what each item takes.
pub async fn surveys(Extract(state): Extract<State>, Caller(_): Caller) -> Answer {
    let (today, _) = state.service.today();
    let catalogue = state.service.catalogue();
    let codes: BTreeSet<&str> = catalogue.all().map(|s| s.code.as_str()).filter(|code| *code != GMIS_DAILY).collect();
    // What can be reported here comes first.
    let surveys: Vec<Value> = [DAILY]
        .into_iter()
        .chain(codes.into_iter().filter(|code| *code != DAILY))
        .filter_map(|code| catalogue.on(code, today))
        .map(survey_json)
        .collect();
    Ok(Json(json!({ "on": today, "surveys": surveys })).into_response())
}

fn survey_json(survey: &Survey) -> Value {
    let sections: Vec<Value> = survey
        .sections
        .iter()
        .map(|s| json!({ "id": s.id, "title": s.title, "items": s.items.iter().map(item_json).collect::<Vec<_>>() }))
        .collect();
    json!({
        "code": survey.code, "version": survey.version, "valid_from": survey.valid_from, "title": survey.title, "cadence": survey.cadence,
        "reportable": survey.code == DAILY, "sections": sections, "rules": survey.rules,
    })
}

/// An item as it is defined, with a JSON schema of its answer.
fn item_json(item: &Item) -> Value {
    let mut value = json!(item);
    if let Some(object) = value.as_object_mut() {
        object.remove("hidden_from");
        object.insert("schema".to_owned(), schema(item));
    }
    value
}

/// The hospitals for which the caller may report, with their codes in other registers.
pub async fn hospitals(Extract(state): Extract<State>, Caller(session): Caller) -> Answer {
    let found = state.service.hospitals_with_codes(&session.actor).await.map_err(Failure::from)?;
    let hospitals: Vec<Value> = found
        .iter()
        .map(|(row, codes)| {
            let card = &row.card;
            let codes: Vec<Value> = codes.iter().map(|(system, code)| json!({ "system": system.as_str(), "code": code })).collect();
            json!({
                "code": card.code, "name": card.name, "kana": card.kana, "municipality_code": card.municipality_code,
                "municipality": card.municipality, "area_code": card.area_code, "area": card.area, "beds_total": card.beds_total,
                "as_of": row.as_of, "codes": codes,
            })
        })
        .collect();
    Ok(Json(json!({ "hospitals": hospitals })).into_response())
}
