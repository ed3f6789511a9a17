//! Open data: a day of the own prefecture as a file that may be published, and its schema.

use super::query::csv;
use crate::{
    error::{Answer, Failure},
    extract::{Day, Parameters, Person},
    state::State,
    view::path,
};
use akidoko_domain::organisation::OrganisationKind;
use akidoko_service::{account::Session, open_data::OpenDay};
use axum::{
    extract::State as Extract,
    http::header,
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use serde_json::json;

/// Leads from the form to the file of a day, or to its schema.
pub async fn open_data(Person(session): Person, query: Parameters) -> Answer {
    if !matches!(session.actor.kind, OrganisationKind::PrefectureHealth | OrganisationKind::Ministry) {
        return Err(Failure::forbidden().saying("オープンデータは、都道府県の衛生主管部局の ID で作ります。"));
    }
    let date: NaiveDate =
        query.get("date").and_then(|d| d.parse().ok()).ok_or_else(|| Failure::bad_request("日付を 2026-04-10 の形で入れてください。"))?;
    let prefecture = query.prefecture()?.map(|p| format!("?prefecture={p}")).unwrap_or_default();
    let file = if query.get("what") == Some("schema") { "daily.schema.json" } else { "daily.csv" };
    Ok(Redirect::to(&format!("{}/{date}/{file}{prefecture}", path::OPEN_DATA)).into_response())
}

async fn open(state: &State, session: &Session, query: &Parameters, date: NaiveDate) -> Result<OpenDay, Failure> {
    let found = state.service.open_day(&session.actor, query.prefecture()?, date).await?;
    found.ok_or_else(|| Failure::bad_request("この日のオープンデータはありません。調査が始まった日から今日までの日付にしてください。"))
}

/// The file.
pub async fn open_data_csv(Extract(state): Extract<State>, Person(session): Person, Day(date): Day, query: Parameters) -> Answer {
    let open = open(&state, &session, &query, date).await?;
    let detail = json!({ "prefecture": open.prefecture, "day": open.day, "rows": open.table.rows.len() });
    // In the log before it is handed out.
    state.service.log_export(&session.actor, "open data", detail).await?;
    Ok(csv(&format!("akidoko-{}-{}", open.prefecture, open.day), &open.table))
}

/// Its schema.
pub async fn open_data_schema(Extract(state): Extract<State>, Person(session): Person, Day(date): Day, query: Parameters) -> Answer {
    let open = open(&state, &session, &query, date).await?;
    let name = format!("attachment; filename=\"akidoko-{}-{}.schema.json\"", open.prefecture, open.day);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, open.schema.to_string()).into_response())
}
