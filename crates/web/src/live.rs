//! Streams of events: a screen learns of a change within a second, and one that comes back with `Last-Event-ID` misses nothing.

use crate::{
    api::row_json,
    error::{Answer, Failure},
    state::State,
    view::row_html,
};
use akidoko_domain::id::PrefCode;
use akidoko_service::{
    account::Session,
    board::Missed,
    live::{Change, Ended, RowChange},
    readers::OpenScreen,
};
use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use bytes::Bytes;
use serde_json::json;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, MissedTickBehavior},
};

/// For whom the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Open pages: rows as they stand in the table.
    Page,
    /// Programs: rows as in the JSON of the board.
    Json,
    /// Open pages of who has not reported: only that something changed.
    Completeness,
}

struct Stream {
    state: State,
    session: Arc<Session>,
    form: Form,
    changes: Receiver<Change>,
    ended: Receiver<Ended>,
    waiting: VecDeque<Bytes>,
    last: i64,
    beat: Interval,
    over: bool,
    /// As long as it is there, its organisation reads.
    _open: OpenScreen,
}

/// Opens a stream of a prefecture's board behind `after`, or behind `Last-Event-ID`.
pub async fn stream(
    state: State,
    session: Arc<Session>,
    asked: Option<PrefCode>,
    after: Option<i64>,
    headers: &HeaderMap,
    form: Form,
) -> Answer {
    let actor = &session.actor;
    let prefecture = state.service.board_of(actor, asked)?;
    // Listening begins before the past is read, so that nothing falls between.
    let changes = state.service.board_changes(actor, Some(prefecture))?;
    let ended = state.service.live().ended();
    let board = state.service.board(actor, Some(prefecture))?;
    let resumed = match headers.get("last-event-id").map(|h| h.to_str()) {
        Some(Ok(id)) => {
            Some(id.parse::<i64>().map_err(|_| Failure::bad_request("Last-Event-ID は受け取った番号をそのまま送ってください。"))?)
        }
        Some(Err(_)) => return Err(Failure::bad_request("Last-Event-ID は受け取った番号をそのまま送ってください。")),
        None => after,
    };
    let view = match form {
        Form::Page => "board_stream",
        Form::Json => "board_events",
        Form::Completeness => "completeness_stream",
    };
    let open = state.service.open_screen(actor, view, prefecture);
    let mut beat = tokio::time::interval_at(Instant::now() + Duration::from_secs(15), Duration::from_secs(15));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let last = resumed.unwrap_or(board.event_id);
    let mut stream = Stream {
        form,
        changes,
        ended,
        waiting: VecDeque::new(),
        last,
        beat,
        over: false,
        _open: open,
        session: session.clone(),
        state: state.clone(),
    };
    stream.waiting.push_back(format!("retry: 2000\nevent: ping\ndata: {}\n\n", json!({ "now": state.service.now() })).into());
    if let Some(after) = resumed {
        match state.service.missed(actor, &board, after).await? {
            Missed::Rows(rows) => rows.iter().for_each(|change| stream.push_row(change)),
            Missed::Anew => stream.push_reset(board.event_id),
        }
    }
    let body = Body::from_stream(futures_util::stream::unfold(stream, next));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

async fn next(mut stream: Stream) -> Option<(Result<Bytes, std::convert::Infallible>, Stream)> {
    loop {
        if let Some(bytes) = stream.waiting.pop_front() {
            return Some((Ok(bytes), stream));
        }
        if stream.over {
            return None;
        }
        tokio::select! {
            change = stream.changes.recv() => match change {
                Ok(Change::Row(change)) => if change.event_id > stream.last { stream.push_row(&change) },
                Ok(Change::Completeness) => if stream.form == Form::Completeness { stream.push_completeness() },
                Ok(Change::Reset { event_id }) => if event_id > stream.last { stream.push_reset(event_id) },
                Err(RecvError::Lagged(_)) => { let last = stream.last; stream.push_reset(last) }
                Err(RecvError::Closed) => stream.over = true,
            },
            ended = stream.ended.recv() => {
                let actor = &stream.session.actor;
                let mine = match ended {
                    Ok(Ended::Session(id)) => id == actor.session,
                    Ok(Ended::Account(id)) => id == actor.account,
                    Ok(Ended::Organisation(id)) => id == actor.organisation,
                    // Too many ended at once to know: better to ask again than to go on showing.
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => false,
                };
                if mine {
                    stream.sign_out();
                }
            },
            _ = stream.beat.tick() => {
                if stream.session.expires_at <= stream.state.service.now() {
                    stream.sign_out();
                } else {
                    if stream.session.is_terminal {
                        // A wall that is looked at all day asks for nothing else.
                        stream.session.touch(stream.state.service.now());
                    }
                    stream.waiting.push_back(format!("event: ping\ndata: {}\n\n", json!({ "now": stream.state.service.now() })).into());
                }
            }
        }
    }
}

impl Stream {
    fn push_row(&mut self, change: &RowChange) {
        self.last = change.event_id;
        if self.form == Form::Completeness {
            return self.push_completeness();
        }
        // Asked with each change: a rule of sharing holds on screens that were open before it.
        let hidden = self.state.service.hidden_columns(&self.session.actor);
        let message = change.message(self.form == Form::Page, &hidden, |row| match self.form {
            Form::Page => page_message(change.event_id, row, self.state.service.now()),
            Form::Json | Form::Completeness => json_message(change.event_id, row),
        });
        self.waiting.push_back(Bytes::from_owner(Shared(message)));
    }

    fn push_reset(&mut self, event_id: i64) {
        self.last = event_id;
        if self.form == Form::Completeness {
            return self.push_completeness();
        }
        self.waiting.push_back(format!("id: {event_id}\nevent: reset\ndata: {{}}\n\n").into());
    }

    fn push_completeness(&mut self) {
        self.waiting.push_back(format!("id: {}\nevent: completeness\ndata: {{}}\n\n", self.last).into());
    }

    fn sign_out(&mut self) {
        self.waiting.push_back(Bytes::from_static(b"event: signed_out\ndata: {}\n\n"));
        self.over = true;
    }
}

/// Text that many streams send and none copies.
struct Shared(Arc<str>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn page_message(event_id: i64, row: &akidoko_domain::board::Row, now: chrono::DateTime<chrono::Utc>) -> String {
    let data = json!({ "code": row.card.code, "at": row.as_of.map(|at| at.timestamp_millis()), "html": row_html(row, now) });
    format!("id: {event_id}\nevent: row\ndata: {data}\n\n")
}

fn json_message(event_id: i64, row: &akidoko_domain::board::Row) -> String {
    format!("id: {event_id}\nevent: hospital\ndata: {}\n\n", row_json(row))
}
