//! The wallboard, and the terminals on which it hangs.

use super::{
    operators::{once, seed, site, told},
    report::field,
    show, sign_in,
};
use crate::{
    api::filter_of,
    error::{Answer, Failure},
    extract::{Onlooker, Parameters, Person, TERMINAL_COOKIE, cookie},
    live::{self, Form as Stream},
    ready::visible,
    state::State,
    view::{TerminalMadePage, TerminalOpenPage, TerminalsPage, WallInput, WallPage, path},
};
use akidoko_domain::{
    board::{Filter, Order, Row, Totals},
    id::SessionId,
};
use akidoko_service::{
    account::Session,
    operators::OperatorError,
    terminal::{TERMINALS_MAX, TerminalError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use std::sync::Arc;

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// What hangs on the wall: by area, municipality or level, which no report changes; else the hospitals that take emergencies, in a prefecture that knows them.
fn hanging<'a>(rows: &'a [Arc<Row>], asked: &Filter) -> (Vec<&'a Row>, &'static str) {
    let filter = Filter { area: asked.area.clone(), municipality: asked.municipality.clone(), level: asked.level, ..Filter::default() };
    let takes = |r: &&Row| r.card.emergency_level.is_some();
    let all = || rows.iter().map(AsRef::as_ref);
    let now = chrono::DateTime::UNIX_EPOCH;
    let (mut chosen, which): (Vec<&Row>, _) = if filter != Filter::default() {
        (all().filter(|r| filter.shows(r, now)).collect(), "条件に合う病院")
    } else if all().any(|r| takes(&r)) {
        (all().filter(takes).collect(), "救急を受ける病院")
    } else {
        (all().collect(), "すべての病院")
    };
    // Places stay: by area, then the greater emergency department, then by reading. Nothing moves when a report comes.
    let level = |r: &Row| (r.card.emergency_level.is_none(), r.card.emergency_level);
    let place = |r: &Row| (r.card.area_code.clone(), level(r), r.card.kana.clone(), r.card.code.clone());
    chosen.sort_by_key(|r| place(r));
    (chosen, which)
}

/// The page.
pub async fn wall(Extract(state): Extract<State>, Onlooker(session): Onlooker, query: Parameters, headers: HeaderMap) -> Answer {
    let actor = &session.actor;
    let board = state.service.board(actor, query.prefecture()?)?;
    let filter = Filter { order: Order::default(), ..filter_of(&query)? };
    let hidden = state.service.hidden_columns(actor);
    state.service.note_read(actor, "wall", board.prefecture);
    let now = state.service.now();
    let rows = visible(&board, &hidden);
    let (hangs, which) = hanging(&rows, &filter);
    let watch = if session.is_terminal { Some(state.service.watch_of(actor).await?) } else { None };
    let input = WallInput {
        name: &board.name,
        areas: board.areas(),
        which: format!("{which}　医療圏ごとに固定配置"),
        totals: Totals::of(hangs.iter().copied(), now),
        rows: hangs,
        cursor: board.event_id,
        here: path::board(path::WALL, board.prefecture, &filter),
        stream: format!("{}?prefecture={}", path::WALL_EVENTS, board.prefecture),
        watch,
        now,
    };
    let page = WallPage::new(state.options.demo, input);
    let shown = ([(header::CACHE_CONTROL, "no-store")], show(StatusCode::OK, &page)?).into_response();
    let again = cookie(&headers, TERMINAL_COOKIE).filter(|_| session.is_terminal).map(kept);
    Ok(sign_in::with_cookies(shown, again.as_slice()))
}

/// Its stream of events: the rows of the board.
pub async fn wall_events(Extract(state): Extract<State>, Onlooker(session): Onlooker, query: Parameters, headers: HeaderMap) -> Answer {
    let after = query.get("after").map(str::parse).transpose();
    let after = after.map_err(|_| Failure::bad_request("画面を開き直してください。"))?;
    live::stream(state, session, query.prefecture()?, after, &headers, Stream::Page).await
}

/// 交代: an operator takes the watch at a terminal.
pub async fn take_watch(Extract(state): Extract<State>, Onlooker(session): Onlooker, form: Sent) -> Answer {
    if !session.is_terminal {
        return Err(Failure::forbidden().saying("当番は、表示端末の画面で選びます。"));
    }
    let fields = sign_in::form(form)?;
    if !state.service.take_watch(&session.actor, field(&fields, "name")).await? {
        return Err(Failure::bad_request("この組織の操作者から選んでください。"));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn failed(error: TerminalError) -> Result<String, Failure> {
    match error {
        TerminalError::Operator(OperatorError::Forbidden) => {
            Err(Failure::forbidden().saying("表示端末は、組織の管理者が加えます。管理者に頼んでください。"))
        }
        TerminalError::Operator(error) => Err(told(error)),
        TerminalError::NoBoard => Err(Failure::forbidden().saying("病床ボードを見る組織だけが、表示端末を置けます。")),
        TerminalError::Name => Ok("端末の名前を 1 文字から 40 文字で入れてください（例：指令室 正面）。".to_owned()),
        TerminalError::Used => {
            Ok("このフォームからは、もう端末を加えています。一覧を確かめ、要るときはもう一度名前を入れて加えてください。".to_owned())
        }
        TerminalError::TooMany => Ok(format!("表示端末は {TERMINALS_MAX} 台までです。使わない端末を取り消してから、加えてください。")),
    }
}

async fn list(state: &State, session: &Session, status: StatusCode, typed: (&str, Option<String>)) -> Answer {
    let all = state.service.terminals(&session.actor).await.map_err(|e| failed(e).err().unwrap_or_else(Failure::not_found))?;
    show(status, &TerminalsPage::new(state.frame(Some(session)), &all, once(), typed, state.service.now()))
}

/// The terminals of my organisation.
pub async fn terminals(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    list(&state, &session, StatusCode::OK, ("", None)).await
}

/// Lets one in, and shows its link.
pub async fn grant_terminal(Extract(state): Extract<State>, Person(session): Person, headers: HeaderMap, form: Sent) -> Answer {
    let fields = sign_in::form(form)?;
    let name = field(&fields, "name");
    match state.service.grant_terminal(&session.actor, name, &seed(&headers, field(&fields, "once"))?).await {
        Ok(made) => show(StatusCode::OK, &TerminalMadePage::new(state.frame(Some(&session)), &made, &site(&state, &headers))),
        Err(error) => list(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, (name, Some(failed(error)?))).await,
    }
}

/// Takes one back.
pub async fn end_terminal(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    let id: SessionId = serde_json::from_value(serde_json::Value::String(id)).map_err(|_| Failure::not_found())?;
    let ended = state.service.end_terminal(&session.actor, id).await;
    ended.map_err(|e| failed(e).err().unwrap_or_else(Failure::not_found))?;
    Ok(Redirect::to(path::TERMINALS).into_response())
}

fn gone() -> Failure {
    Failure::not_found()
        .saying("このリンクは使えません。期限が切れたか、もう使われています。組織の管理者に、もう一度加えてもらってください。")
}

/// What a link will do. Looking at it does nothing: mail programs look at links too.
pub async fn terminal_link(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    let found = state.service.terminal_of_link(&token).await?.ok_or_else(gone)?;
    show(StatusCode::OK, &TerminalOpenPage::new(state.frame(None), &token, found))
}

/// Begins the terminal in this browser.
pub async fn open_terminal(Extract(state): Extract<State>, Path(token): Path<String>, headers: HeaderMap) -> Answer {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let secret = state.service.open_terminal(&token, agent).await?.ok_or_else(gone)?;
    // As long as browsers keep a cookie; each look at the wall gives it anew.
    Ok(sign_in::with_cookies(Redirect::to(path::WALL).into_response(), &[kept(&secret)]))
}

fn kept(secret: &str) -> String {
    format!("{TERMINAL_COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=34560000")
}
