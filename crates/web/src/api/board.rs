//! `GET /api/v1/board` and `GET /api/v1/board/events`.

use crate::{
    error::{Answer, Failure},
    extract::{Caller, Parameters, Tags, Wants},
    live::{self, Form},
    pack::gzip,
    ready::{shown, visible},
    state::State,
};
use akidoko_domain::{
    board::{BoardCell, Filter, FilterError, Row},
    drive::Drives,
    report::Author,
};
use akidoko_service::live::Board;
use axum::{
    extract::State as Extract,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{fmt::Write as _, sync::Arc};

/// The board of my prefecture as JSON, with the same filter as the page, and an ETag.
pub async fn board(Extract(state): Extract<State>, Caller(session): Caller, query: Parameters, wants: Wants) -> Answer {
    let actor = &session.actor;
    let board = state.service.board(actor, query.prefecture()?)?;
    let filter = filter_of(&query)?;
    let hidden = state.service.hidden_columns(actor);
    state.service.note_read(actor, "board_api", board.prefecture);
    let now = state.service.now();
    if filter == Filter::default() {
        let made = state.ready.json(&board, &hidden, now);
        return Ok(tagged(&wants, &made.tags, made.bytes.clone(), || made.gzip.clone()));
    }
    let rows = visible(&board, &hidden);
    // By the straight line: programs read places and ask for roads themselves.
    let bytes = Bytes::from(board_json(&board, &shown(&rows, &filter, &Drives::new(), now)));
    // Whether a row is fresh enough changes with the minute, not only with the events.
    let words = filter.parameters().into_iter().fold(String::new(), |all, (n, v)| all + n + "=" + &v + "&");
    let tag = format!("{}-{}-{}-{:x}", board.prefecture, board.event_id, now.timestamp() / 60, crate::page::short_hash(words.as_bytes()));
    let packed = bytes.clone();
    Ok(tagged(&wants, &Tags::of(&tag), bytes, move || gzip(&packed)))
}

/// The changes of my prefecture's board, from now on or behind `Last-Event-ID`.
pub async fn events(Extract(state): Extract<State>, Caller(session): Caller, query: Parameters, headers: HeaderMap) -> Answer {
    let after = query.get("after").map(str::parse).transpose();
    let after = after.map_err(|_| Failure::bad_request("after は受け取った番号をそのまま指定してください。"))?;
    live::stream(state, session, query.prefecture()?, after, &headers, Form::Json).await
}

/// The filter of an address.
pub fn filter_of(query: &Parameters) -> Result<Filter, Failure> {
    Filter::parse(query.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))).map_err(|FilterError { name, value }| {
        Failure::bad_request(format!("絞り込みの {name} に「{value}」は使えません。はじめの画面から選び直してください。"))
    })
}

const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
const VARIES: HeaderValue = HeaderValue::from_static("Accept-Encoding, Cookie, Authorization");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// JSON with its tags: 304 where the client has it, compressed where it takes that.
fn tagged(wants: &Wants, tags: &Tags, bytes: Bytes, gzip: impl FnOnce() -> Bytes) -> Response {
    let tag = if wants.gzip { &tags.gzip } else { &tags.plain };
    let about = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, PRIVATE), (header::VARY, VARIES)];
    if wants.has(tag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    if wants.gzip {
        return (about, [(header::CONTENT_TYPE, JSON), (header::CONTENT_ENCODING, GZIP)], gzip()).into_response();
    }
    (about, [(header::CONTENT_TYPE, JSON)], bytes).into_response()
}

/// A board as JSON. Times are absolute: the same board is the same bytes.
pub fn board_json(board: &Board, rows: &[&Row]) -> String {
    let mut out = String::with_capacity(rows.len() * 2048 + 200);
    let name = Value::String(board.name.clone());
    // Writing to a String cannot fail.
    let _ = write!(out, r#"{{"prefecture":"{}","name":{name},"event_id":{},"hospitals":["#, board.prefecture, board.event_id);
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&row_json(row));
    }
    out.push_str("]}");
    out
}

/// A row as JSON: the card, and of each column the value, from when it is true, and who wrote it (a place in `authors`).
pub fn row_json(row: &Row) -> String {
    let card = &row.card;
    let mut authors: Vec<Arc<Author>> = Vec::new();
    let mut columns = serde_json::Map::new();
    for (column, cell) in &row.cells {
        let by = authors.iter().position(|a| Arc::ptr_eq(a, &cell.author)).unwrap_or_else(|| {
            authors.push(cell.author.clone());
            authors.len() - 1
        });
        columns.insert(column.as_str().to_owned(), cell_json(cell, column.is_status(), by));
    }
    let authors: Vec<Value> = authors
        .iter()
        .map(|a| {
            json!({
                "organisation": a.organisation, "on_behalf": a.on_behalf, "source": a.source, "channel": a.channel, "report_date": a.report_date,
                "version": a.version, "received_at": a.received_at,
            })
        })
        .collect();
    json!({
        "code": card.code, "name": card.name, "kana": card.kana, "municipality_code": card.municipality_code,
        "municipality": card.municipality, "area_code": card.area_code, "area": card.area, "address": card.address, "phone": card.phone,
        "latitude": card.latitude, "longitude": card.longitude, "emergency_level": card.emergency_level, "beds_total": card.beds_total,
        "as_of": row.as_of, "occupancy_percent": row.occupancy_percent(), "authors": authors, "columns": columns,
    })
    .to_string()
}

/// 未回答 is `no_answer` for a status and `null` for anything else, with what was answered last behind it.
fn cell_json(cell: &BoardCell, is_status: bool, by: usize) -> Value {
    let value = match &cell.value {
        Some(value) => json!(value),
        None if is_status => json!("no_answer"),
        None => Value::Null,
    };
    let mut out = json!({ "value": value, "as_of": cell.as_of, "by": by });
    if let (Some((value, at)), Some(object)) = (&cell.last, out.as_object_mut()) {
        object.insert("last".to_owned(), json!({ "value": value, "as_of": at }));
    }
    out
}
