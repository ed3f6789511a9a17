//! The board.

use super::{hash, short_hash, show};
use crate::{
    api::filter_of,
    error::{Answer, Failure},
    extract::{Parameters, Person, Wants, tag},
    live::{self, Form},
    pack::{Packing, Piece, joined},
    ready::{Around, body, shown, visible},
    state::State,
    view::{Choice, ChoicePage, ReplacedPage, Taken, page_head, page_tail, path},
};
use akidoko_domain::{
    board::{Filter, Order, Totals},
    drive::Drives,
    id::PrefCode,
    time::to_jst,
};
use akidoko_exchange::table::{to_csv_cp932, to_csv_utf8, to_xlsx};
use akidoko_service::{account::Session, board::BoardError, export::board_table, live::Board};
use axum::{
    body::Body,
    extract::State as Extract,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use serde_json::json;
use std::{convert::Infallible, sync::Arc};

/// The board of my prefecture; the ministry chooses one.
pub async fn board(Extract(state): Extract<State>, Person(session): Person, query: Parameters, wants: Wants) -> Answer {
    let actor = &session.actor;
    let board = match state.service.board(actor, query.prefecture()?) {
        Err(BoardError::Choose) => return choose(&state, &session),
        other => other?,
    };
    let mut filter = filter_of(&query)?;
    if let Some(code) = query.get("start").filter(|s| !s.is_empty()) {
        // A municipality to start from is a place like any other: the address that can be sent says where it is.
        let starts = board.starts();
        let unknown = || Failure::bad_request("この市区町村からの距離は測れません。ほかの起点を選んでください。");
        let (_, _, place) = starts.into_iter().find(|(known, ..)| known == code).ok_or_else(unknown)?;
        (filter.near, filter.order) = (Some(place), Order::Distance);
        return Ok(Redirect::to(&path::board(path::BOARD, board.prefecture, &filter)).into_response());
    }
    let hidden = state.service.hidden_columns(actor);
    state.service.note_read(actor, "board", board.prefecture);
    let now = state.service.now();
    let frame = state.frame(Some(&session));
    let head = page_head(&frame, &board.name);
    let tail = page_tail(&frame);
    let who = hash(format!("{head}{tail}").as_bytes());
    let (middle, made) = if filter == Filter::default() {
        state.ready.page(&board, &hidden, now)
    } else {
        let start = match filter.near {
            Some(near) => state.service.name_of_place(actor, board.prefecture, near).await?,
            None => None,
        };
        let drives = drives(&state, &board, &filter).await;
        let around = Around { now, start: start.as_deref(), drives: drives.as_deref(), preview: None };
        let made = Piece::new(body(&board, &visible(&board, &hidden), &filter, &around));
        let tag = format!("{:x}", short_hash(made.bytes()));
        (Arc::new(made), tag)
    };
    let name = format!("{made}-{:x}", u128::from_be_bytes(who));
    let about = |packing| {
        [
            (header::ETAG, tag(&name, packing)),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
            (header::VARY, HeaderValue::from_static("Accept-Encoding, Cookie")),
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        ]
    };
    let known = about(wants.packing);
    if wants.has(&known[0].1) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let (parts, packing) = joined(&[&Piece::new(head), &middle, &Piece::new(tail)], wants.packing);
    let about = about(packing);
    if packing == Packing::Plain {
        return Ok((about, whole(parts)).into_response());
    }
    Ok((about, [(header::CONTENT_ENCODING, packing.name())], whole(parts)).into_response())
}

/// An answer of several parts, with its length.
fn whole(parts: Vec<Bytes>) -> impl IntoResponse {
    let length = parts.iter().map(Bytes::len).sum::<usize>();
    let parts = parts.into_iter().map(Ok::<_, Infallible>);
    ([(header::CONTENT_LENGTH, length)], Body::from_stream(futures_util::stream::iter(parts)))
}

/// The drives from the place of the filter, where there is one and a routing service to ask.
async fn drives(state: &State, board: &Board, filter: &Filter) -> Option<Arc<Drives>> {
    state.service.drives(board, filter.near?).await
}

/// The prefectures that have hospitals, with how full they are.
fn choose(state: &State, session: &Session) -> Answer {
    let now = state.service.now();
    let prefectures: Vec<PrefCode> = state.service.live().reference().prefectures.keys().copied().collect();
    let boards = prefectures.into_iter().filter_map(|p| state.service.board(&session.actor, Some(p)).ok());
    let choices = boards
        .filter(|b| !b.rows.is_empty())
        .map(|b| Choice::prefecture(b.prefecture, &b.name, &Totals::of(b.rows.values().map(AsRef::as_ref), now)));
    show(StatusCode::OK, &ChoicePage::prefectures(state.frame(Some(session)), choices.collect()))
}

/// The ground of its map: outlines and tiles, each where the operator gave any.
pub async fn map_ground(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let prefecture = state.service.board_of(&session.actor, query.prefecture()?)?;
    let outlines = state.options.outlines.of(prefecture).unwrap_or("null");
    let tiles = state.options.tiles.as_ref().map_or(serde_json::Value::Null, crate::state::Tiles::json);
    let ground = format!(r#"{{"outlines":{outlines},"tiles":{tiles}}}"#);
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, max-age=3600")], ground).into_response())
}

/// Its stream of events.
pub async fn events(Extract(state): Extract<State>, Person(session): Person, query: Parameters, headers: HeaderMap) -> Answer {
    let after = query.get("after").map(str::parse).transpose();
    let after = after.map_err(|_| Failure::bad_request("画面を開き直してください。"))?;
    live::stream(state, session, query.prefecture()?, after, &headers, Form::Page).await
}

enum Format {
    Csv,
    Cp932,
    Xlsx,
}

/// What is on the screen, as CSV; `encoding=cp932` for old spreadsheets.
pub async fn csv(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let format = match query.get("encoding") {
        None | Some("" | "utf-8") => Format::Csv,
        Some("cp932") => Format::Cp932,
        Some(_) => return Err(Failure::bad_request("encoding は utf-8 か cp932 を指定してください。")),
    };
    export(&state, &session, &query, format).await
}

/// What is on the screen, as a workbook.
pub async fn xlsx(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    export(&state, &session, &query, Format::Xlsx).await
}

async fn export(state: &State, session: &Session, query: &Parameters, format: Format) -> Result<Response, Failure> {
    let actor = &session.actor;
    let board = state.service.board(actor, query.prefecture()?)?;
    let filter = filter_of(query)?;
    let now = state.service.now();
    let rows = visible(&board, &state.service.hidden_columns(actor));
    let drives = drives(state, &board, &filter).await.unwrap_or_default();
    let table = board_table(&board.name, &shown(&rows, &filter, &drives, now), now);
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an export could not be made");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    };
    let (kind, ending, bytes) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv", to_csv_utf8(&table)),
        Format::Cp932 => {
            let (bytes, replaced) = to_csv_cp932(&table);
            // What an old spreadsheet cannot write is told before, not found out afterwards.
            if !replaced.is_empty() && query.get("replaced") != Some("ok") {
                let at = |page: &str| path::board(page, board.prefecture, &filter);
                let of = Taken { back: (at(path::BOARD), "病床ボード"), csv: at(path::BOARD_CSV), xlsx: at(path::BOARD_XLSX) };
                return show(StatusCode::OK, &ReplacedPage::new(state.frame(Some(session)), of, &table, &replaced));
            }
            ("text/csv; charset=shift_jis", "csv", bytes)
        }
        Format::Xlsx => {
            let bytes = to_xlsx(&table).map_err(|e| failed(&e))?;
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", bytes)
        }
    };
    // By distance, but not from where: that is where a crew or a patient was, and the log is kept for years（ADR 0026）.
    let told = |(n, v): (&str, String)| if n == "near" { n.to_owned() } else { format!("{n}={v}") };
    let parameters: Vec<_> = filter.parameters().into_iter().map(told).collect();
    let detail = json!({ "format": ending, "rows": table.rows.len(), "filter": parameters, "prefecture": board.prefecture });
    // In the log before it is handed out.
    state.service.log_export(actor, "board", detail).await?;
    let name = format!("board-{}-{}.{ending}", board.prefecture, to_jst(now).format("%Y%m%d-%H%M"));
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    Ok((headers, bytes).into_response())
}
