//! The board as it was known at a past minute.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    state::State,
    view::PastBoardPage,
};
use akidoko_domain::time::from_jst;
use akidoko_service::past_board::PastBoardError;
use axum::{extract::State as Extract, http::StatusCode};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

/// `2026-04-10T09:30`; `None`: it is none.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    read.ok().filter(|at| (1900..2200).contains(&at.year())).map(from_jst)
}

/// One moment, or two that are held against each other. Without any: the form.
pub async fn past_board(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let actor = &session.actor;
    let (at, and) = (query.get("at").unwrap_or_default(), query.get("and").unwrap_or_default());
    let board = state.service.board(actor, query.prefecture()?)?;
    if !akidoko_service::Service::may_read_past(actor) {
        return Err(Failure::forbidden().saying("過去のボードは、都道府県と保健所の ID で見ます。"));
    }
    let now = state.service.now();
    let mut boards = Vec::new();
    let mut problem = None;
    for text in [at, and].into_iter().filter(|t| !t.is_empty()) {
        let Some(moment) = moment(text) else {
            problem = Some("日時を 2026-04-10T09:30 の形で入れてください。");
            break;
        };
        // A minute is known when it is over; the one that lasts, as far as it has come.
        let until = if moment > now { moment } else { (moment + TimeDelta::microseconds(59_999_999)).min(now) };
        match state.service.board_at(actor, Some(board.prefecture), until).await {
            Ok(past) => boards.push(past),
            Err(PastBoardError::Future) => {
                problem = Some("まだ来ていない時刻です。いまより前の時刻を入れてください。");
                break;
            }
            Err(PastBoardError::Board(error)) => return Err(error.into()),
            Err(PastBoardError::Store(error)) => return Err(error.into()),
        }
    }
    if !at.is_empty() && problem.is_none() {
        state.service.note_read(actor, "past_board", board.prefecture);
    }
    if problem.is_some() {
        boards.clear();
    }
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let prefecture = board.prefecture.to_string();
    let page = PastBoardPage::new(state.frame(Some(&session)), (&board.name, &prefecture), &boards, (at, and), problem, now);
    show(status, &page)
}
