//! 緊急調査: a prefecture asks, looks, reminds, extends, closes; a hospital answers on one screen.

use super::{
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Code, Person},
    state::State,
    view::{QueriesPage, QueryAnswerInput, QueryAnswerPage, QueryFields, QueryFormPage, QueryPage, TypedQuestion, path},
    words,
};
use akidoko_domain::{
    id::{OrganisationCode, QueryId},
    query::{ITEMS_MAX, QueryProblem},
    survey::{Flawed, Item, TypedItem},
    text::mark,
    time::{from_jst, to_jst},
};
use akidoko_exchange::table::{Table, to_csv_utf8};
use akidoko_service::{
    account::Session,
    live::Board,
    query::{Asking, NewQuery, QueryError},
};
use axum::{
    extract::{Path, State as Extract},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn failed(error: QueryError) -> Failure {
    let conflict = |code, words: &str| Failure::new(StatusCode::CONFLICT, code).saying(words);
    let unprocessable = || Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused");
    match error {
        QueryError::NotFound => Failure::not_found(),
        QueryError::Forbidden => Failure::forbidden().saying("緊急調査は、都道府県の衛生主管部局の ID で行います。"),
        QueryError::Stale => conflict("stale", STALE),
        QueryError::Closed => conflict("closed", CLOSED),
        QueryError::TooSoon => conflict("too_soon", TOO_SOON),
        QueryError::Problems(_) => unprocessable().saying("直すところがあります。画面を開き直して確かめてください。"),
        QueryError::Refused(refusal) => unprocessable().saying(words::refusal(&refusal)),
        QueryError::Store(error) => error.into(),
    }
}

const STALE: &str = "この画面を開いたあとに、ほかの人がこの調査を変えました。いまの内容を確かめて、もう一度押してください。";
const CLOSED: &str = "この緊急調査は締め切られました。回答は受け付けていません。";
const TOO_SOON: &str = "前の催促から 30 分たっていません。少し待ってから、もう一度押してください。";

/// The open queries of one's own hospitals, for the head of a page.
pub(super) async fn calls(state: &State, session: &Session) -> Result<Vec<(String, String, String)>, Failure> {
    let calls = state.service.calls(&session.actor).await?;
    let today = state.service.today().0;
    let several = calls.iter().map(|(_, c)| &c.code).collect::<BTreeSet<_>>().len() > 1;
    let line = |(q, card): &(akidoko_service::query::QueryRow, akidoko_domain::board::Card)| {
        let title = if several { format!("{}（{}）", q.title, card.name) } else { q.title.clone() };
        (path::query_answer(q.id, &card.code), title, words::survey::due(q.due_at, today))
    };
    Ok(calls.iter().map(line).collect())
}

/// The list.
pub async fn queries(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let all = state.service.queries(&session.actor).await.map_err(failed)?;
    show(StatusCode::OK, &QueriesPage::new(state.frame(Some(&session)), &all, state.service.now()))
}

fn board_of(state: &State, session: &Session) -> Result<std::sync::Arc<Board>, Failure> {
    Ok(state.service.board(&session.actor, None)?)
}

/// An empty one.
pub async fn new_query_form(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    state.service.queries(&session.actor).await.map_err(failed)?;
    let board = board_of(&state, &session)?;
    let fields = QueryFields {
        due_at: to_jst(state.service.now() + chrono::TimeDelta::hours(3)).format("%Y-%m-%dT%H:00").to_string(),
        ..QueryFields::fresh()
    };
    show(StatusCode::OK, &QueryFormPage::new(state.frame(Some(&session)), &board, &fields, &[], &[], None))
}

fn typed(fields: &[(String, String)]) -> QueryFields {
    let text = |name: &str| field(fields, name).to_owned();
    let all = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<BTreeSet<String>>();
    let question = |n: usize| TypedQuestion {
        label: text(&format!("q{n}.label")),
        kind: Some(text(&format!("q{n}.kind"))).filter(|k| !k.is_empty()).unwrap_or_else(|| "count".to_owned()),
        unit: text(&format!("q{n}.unit")),
        options: text(&format!("q{n}.options")),
    };
    QueryFields {
        title: text("title"),
        note: text("note"),
        due_at: text("due_at"),
        questions: (1..=ITEMS_MAX).map(question).collect(),
        areas: all("area"),
        levels: all("level"),
        hospitals: all("hospital"),
        everyone: !field(fields, "everyone").is_empty(),
    }
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = |format| NaiveDateTime::parse_from_str(text.trim(), format).ok();
    read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S")).or_else(|| read("%Y-%m-%d %H:%M")).map(from_jst)
}

/// The items that were typed: an empty row asks nothing. What is wrong comes with the row's number.
fn questions(fields: &QueryFields) -> (Vec<Item>, Vec<(usize, Flawed)>) {
    let mut items = Vec::new();
    let mut wrong = Vec::new();
    for (n, q) in fields.questions.iter().enumerate().filter(|(_, q)| !q.label.trim().is_empty()) {
        let item = TypedItem {
            id: format!("q{}", n + 1),
            label: q.label.clone(),
            kind: q.kind.clone(),
            unit: q.unit.clone(),
            max: "99999999".to_owned(),
            options: q.options.replace(['、', ','], "\n"),
            required: true,
            ..TypedItem::fresh()
        };
        match item.read() {
            Ok(item) => {
                let one = akidoko_domain::query::as_survey("問", std::slice::from_ref(&item));
                wrong.extend(akidoko_domain::survey::flaws(&one, []).into_iter().map(|f| (n + 1, f)));
                items.push(item);
            }
            Err(flaws) => wrong.extend(flaws.into_iter().map(|f| (n + 1, f))),
        }
    }
    (items, wrong)
}

fn chosen(board: &Board, fields: &QueryFields) -> BTreeSet<OrganisationCode> {
    let fits = |c: &akidoko_domain::board::Card| {
        fields.everyone
            || fields.hospitals.contains(c.code.as_str())
            || c.area_code.as_ref().is_some_and(|a| fields.areas.contains(a))
            || c.emergency_level.is_some_and(|l| fields.levels.contains(l.as_str()))
    };
    board.rows.values().filter(|r| fits(&r.card)).map(|r| r.card.code.clone()).collect()
}

/// Shows once more whom it asks, then asks.
pub async fn new_query(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    state.service.queries(&session.actor).await.map_err(failed)?;
    let sent = sent(form)?;
    let board = board_of(&state, &session)?;
    let fields = typed(&sent);
    let (items, wrong) = questions(&fields);
    let new = NewQuery {
        title: fields.title.clone(),
        note: fields.note.clone(),
        items,
        due_at: moment(&fields.due_at),
        hospitals: chosen(&board, &fields),
        once: field(&sent, "once").to_owned(),
    };
    // What the list above the button said: changed since, by whoever types or by the board, it is shown once more.
    let asked = mark(&(&new.title, &new.note, &fields.due_at, format!("{:?}", new.items), &new.hospitals));
    let mut problems = state.service.query_problems(&new);
    // An item that does not read is told at its row.
    problems.retain(|p| *p != QueryProblem::NoItems || wrong.is_empty());
    if !problems.is_empty() || !wrong.is_empty() {
        let page = QueryFormPage::new(state.frame(Some(&session)), &board, &fields, &problems, &wrong, None);
        return show(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    if field(&sent, "act") != "send" || field(&sent, "asked") != asked {
        // A name for what is shown now: what is sent from here twice is one, and what was changed since is another.
        let once = super::completeness::once();
        let page = QueryFormPage::new(state.frame(Some(&session)), &board, &fields, &[], &[], Some((&new.hospitals, asked, once)));
        return show(StatusCode::OK, &page);
    }
    let id = state.service.ask(&session.actor, new).await.map_err(failed)?;
    Ok(Redirect::to(&path::query(id)).into_response())
}

fn id_of(all: &[(String, String)]) -> Result<QueryId, Failure> {
    let id = all.iter().find(|(n, _)| n == "id").map(|(_, v)| v.clone()).unwrap_or_default();
    serde_json::from_value(json!(id)).map_err(|_| Failure::not_found())
}

async fn page(state: &State, session: &Session, id: QueryId, problem: Option<&str>, status: StatusCode) -> Answer {
    let answered = state.service.query(&session.actor, id).await.map_err(failed)?;
    show(status, &QueryPage::new(state.frame(Some(session)), &answered, problem, state.service.now()))
}

/// One, with its answers.
pub async fn query(Extract(state): Extract<State>, Person(session): Person, Path(all): Path<Vec<(String, String)>>) -> Answer {
    page(&state, &session, id_of(&all)?, None, StatusCode::OK).await
}

/// Reminds, extends, closes.
pub async fn change_query(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(all): Path<Vec<(String, String)>>,
    form: Sent,
) -> Answer {
    let id = id_of(&all)?;
    state.service.query(&session.actor, id).await.map_err(failed)?;
    let fields = sent(form)?;
    let unreadable = |_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。");
    let seen = (id, field(&fields, "revision").parse().map_err(unreadable)?);
    let done = match field(&fields, "act") {
        "remind" => state.service.remind_query(&session.actor, seen).await.map(|_| ()),
        "extend" => state.service.extend_query(&session.actor, seen, moment(field(&fields, "due_at"))).await,
        "close" => state.service.close_query(&session.actor, seen).await,
        _ => return Err(Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。")),
    };
    let (problem, status) = match done {
        Ok(()) => return Ok(Redirect::to(&path::query(id)).into_response()),
        Err(QueryError::Stale) => (STALE, StatusCode::CONFLICT),
        Err(QueryError::TooSoon) => (TOO_SOON, StatusCode::CONFLICT),
        Err(QueryError::Closed) => ("この緊急調査は、すでに締め切られています。", StatusCode::CONFLICT),
        Err(QueryError::Problems(_)) => ("いまの期限よりあとの日時を入れてください。", StatusCode::UNPROCESSABLE_ENTITY),
        Err(error) => return Err(failed(error)),
    };
    page(&state, &session, id, Some(problem), status).await
}

/// Its answers as a file.
pub async fn query_csv(Extract(state): Extract<State>, Person(session): Person, Path(all): Path<Vec<(String, String)>>) -> Answer {
    let id = id_of(&all)?;
    let answered = state.service.query(&session.actor, id).await.map_err(failed)?;
    let table = crate::view::query_table(&answered);
    // In the log before it is handed out.
    state.service.log_export(&session.actor, "query", json!({ "query": id, "rows": table.rows.len() })).await?;
    Ok(csv(&format!("query-{}", to_jst(state.service.now()).format("%Y%m%d-%H%M")), &table))
}

/// A table as a file to take away.
pub(super) fn csv(name: &str, table: &Table) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, to_csv_utf8(table)).into_response()
}

async fn asking(state: &State, session: &Session, all: &[(String, String)], code: &OrganisationCode) -> Result<Asking, Failure> {
    // A code that is not there and a query that is not: the same.
    let id = id_of(all)?;
    state.service.asking(&session.actor, id, code).await?.ok_or_else(Failure::not_found)
}

fn answer_screen(state: &State, session: &Session, asking: &Asking, typed: QueryAnswerInput<'_>, status: StatusCode) -> Answer {
    show(status, &QueryAnswerPage::new(state.frame(Some(session)), asking, typed, state.service.now()))
}

/// A hospital's screen.
pub async fn query_answer_form(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(all): Path<Vec<(String, String)>>,
    Code(code): Code,
) -> Answer {
    let asking = asking(&state, &session, &all, &code).await?;
    answer_screen(&state, &session, &asking, QueryAnswerInput::default(), StatusCode::OK)
}

/// Takes a hospital's answer.
pub async fn answer_query(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(all): Path<Vec<(String, String)>>,
    Code(code): Code,
    form: Sent,
) -> Answer {
    let asking = asking(&state, &session, &all, &code).await?;
    let fields = sent(form)?;
    let values: BTreeMap<String, String> = fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect();
    let confirmed: BTreeSet<String> = fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect();
    let raw = values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect();
    let id = asking.query.id;
    let seen = field(&fields, "seen").parse().ok().and_then(DateTime::from_timestamp_micros);
    match state.service.answer_query(&session.actor, id, &code, (&raw, seen), confirmed.clone()).await {
        Ok(()) => Ok(Redirect::to(&path::query_answer(id, &code)).into_response()),
        Err(QueryError::Refused(refusal)) => {
            let input = QueryAnswerInput { values: Some(values), confirmed, refusal: Some(&refusal), stale: false };
            answer_screen(&state, &session, &asking, input, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(QueryError::Stale) => {
            let asking = state.service.asking(&session.actor, id, &code).await?.ok_or_else(Failure::not_found)?;
            let input = QueryAnswerInput { values: Some(values), confirmed, refusal: None, stale: true };
            answer_screen(&state, &session, &asking, input, StatusCode::CONFLICT)
        }
        Err(error) => Err(failed(error)),
    }
}
