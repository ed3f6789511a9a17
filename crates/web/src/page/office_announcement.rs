//! お知らせ, as the office writes, looks at, plans and follows them.

use super::{announcement::id_of, show, sign_in::form};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    state::State,
    view::{OfficeAnnouncementPage, OfficeAnnouncementsPage, ReceivedFilter, path},
    words::announcement::refusal,
};
use akidoko_domain::{
    access::Actor,
    announcement::{Audience, Problem, State as Standing, read},
    id::{AnnouncementId, PrefCode},
    organisation::OrganisationKind,
    time::from_jst,
};
use akidoko_service::{
    account::Session,
    announcement::{AnnouncementError, AnnouncementRow, Typed},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::collections::BTreeSet;

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

fn typed(fields: &[(String, String)]) -> Typed {
    let all = |name: &str| fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let chosen = all("prefecture").iter().filter_map(|p| p.parse::<PrefCode>().ok()).collect();
    Typed {
        subject: field(fields, "subject").to_owned(),
        body: field(fields, "body").to_owned(),
        audience: Audience {
            kinds: all("kind").iter().filter_map(|k| OrganisationKind::parse(k)).filter(|k| *k != OrganisationKind::Ministry).collect(),
            prefectures: if field(fields, "where") == "some" { chosen } else { BTreeSet::new() },
            only_not_yet_active: !field(fields, "only_not_yet_active").is_empty(),
        },
    }
}

/// An answer that no page can tell.
fn failed(error: AnnouncementError) -> Failure {
    let words = refusal(&error);
    let failure = match error {
        AnnouncementError::NotFound => Failure::not_found(),
        AnnouncementError::Forbidden => Failure::forbidden(),
        AnnouncementError::Stale | AnnouncementError::NotFromHere => Failure::new(StatusCode::CONFLICT, "stale"),
        AnnouncementError::Problems(_) | AnnouncementError::Nobody => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        AnnouncementError::Store(error) => return error.into(),
    };
    match words {
        Some(words) => failure.saying(words),
        None => failure,
    }
}

/// The list.
pub async fn office_announcements(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let all = state.service.announcements(&session.actor).await.map_err(failed)?;
    show(StatusCode::OK, &OfficeAnnouncementsPage::new(state.frame(Some(&session)), &all, state.service.now()))
}

/// What was typed and not taken, and why.
struct Again {
    typed: Typed,
    send_at: String,
    problem: String,
    status: StatusCode,
}

type Chosen = (ReceivedFilter, Option<PrefCode>);

async fn page(state: &State, session: &Session, id: Option<AnnouncementId>, again: Option<Again>, filter: Chosen) -> Answer {
    let actor = &session.actor;
    let stands = match id {
        Some(id) => Some(state.service.announcement(actor, id).await.map_err(failed)?),
        None => None,
    };
    let preview = if let Some((row, _)) = &stands {
        Some(state.service.preview(actor, row).await.map_err(failed)?)
    } else {
        // Not for everybody's eyes, even empty.
        state.service.announcements(actor).await.map_err(failed)?;
        None
    };
    let status = again.as_ref().map_or(StatusCode::OK, |a| a.status);
    let again = again.map(|a| (a.typed, a.send_at, a.problem));
    let prefectures = state.service.live().reference().prefectures.clone();
    let frame = state.frame(Some(session));
    let stands = stands.as_ref().map(|(row, to)| (row, to.as_slice()));
    show(status, &OfficeAnnouncementPage::new(frame, stands, preview.as_ref(), &prefectures, again, filter, state.service.now()))
}

/// An empty one.
pub async fn new_announcement_form(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    page(&state, &session, None, None, (ReceivedFilter::All, None)).await
}

/// One of them.
pub async fn office_announcement(
    Extract(state): Extract<State>,
    Person(session): Person,
    Path(id): Path<String>,
    query: Parameters,
) -> Answer {
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    // A code that is none chooses nothing.
    let place = query.get("prefecture").and_then(|p| p.parse().ok());
    page(&state, &session, Some(id), None, (ReceivedFilter::parse(query.get("show").unwrap_or_default()), place)).await
}

fn revision(fields: &[(String, String)]) -> Result<i32, Failure> {
    field(fields, "revision").parse().map_err(|_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。"))
}

/// Keeps a new draft.
pub async fn new_announcement(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let fields = form(sent)?;
    save(&state, &session, None, &fields).await
}

async fn save(state: &State, session: &Session, stands: Option<(AnnouncementId, i32)>, fields: &[(String, String)]) -> Answer {
    let typed = typed(fields);
    match state.service.save_announcement(&session.actor, stands, &typed).await {
        Ok(id) => Ok(Redirect::to(&format!("{}#preview", path::office_announcement(id))).into_response()),
        Err(error) => retold(state, session, stands.map(|(id, _)| id), (typed, String::new()), error).await,
    }
}

/// A refusal that the page with the fields can tell: everything typed stays.
async fn retold(
    state: &State,
    session: &Session,
    id: Option<AnnouncementId>,
    (typed, send_at): (Typed, String),
    error: AnnouncementError,
) -> Answer {
    let status = match &error {
        AnnouncementError::Problems(_) | AnnouncementError::Nobody => StatusCode::UNPROCESSABLE_ENTITY,
        AnnouncementError::Stale => StatusCode::CONFLICT,
        _ => return Err(failed(error)),
    };
    let problem = refusal(&error).unwrap_or_default();
    page(state, session, id, Some(Again { typed, send_at, problem, status }), (ReceivedFilter::All, None)).await
}

/// 9:42 on a Japanese wall clock, as a browser sends it.
fn moment(text: &str) -> Result<Option<DateTime<Utc>>, AnnouncementError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let local = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S"));
    local.map(|at| Some(from_jst(at))).ok_or(AnnouncementError::Problems(vec![Problem::Moment]))
}

/// Is what was typed something else than what stands?
fn differs(typed: &Typed, row: &AnnouncementRow) -> bool {
    let (written, _) = read(&typed.subject, &typed.body, &typed.audience);
    (&written.subject, &written.body, &typed.audience) != (&row.subject, &row.body, &row.audience)
}

/// Saves, plans, takes back, throws away.
pub async fn change_announcement(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>, sent: Sent) -> Answer {
    let id = id_of(&id).ok_or_else(Failure::not_found)?;
    let fields = form(sent)?;
    let seen = (id, revision(&fields)?);
    let actor: &Actor = &session.actor;
    let done = match field(&fields, "act") {
        "unschedule" => state.service.unschedule_announcement(actor, seen).await,
        "discard" => {
            state.service.discard_announcement(actor, seen).await.map_err(failed)?;
            return Ok(Redirect::to(path::OFFICE_ANNOUNCEMENTS).into_response());
        }
        "schedule" | "send" => {
            let (row, _) = state.service.announcement(actor, id).await.map_err(failed)?;
            // What is written on the same page and not saved was not looked at as it will be: it is not sent, nor lost.
            if row.state == Standing::Draft && fields.iter().any(|(name, _)| name == "subject") && differs(&typed(&fields), &row) {
                let problem =
                    "保存していない変更があるため、まだ送っていません。保存してプレビューを確かめてから、もう一度押してください。";
                let (problem, status) = (problem.to_owned(), StatusCode::UNPROCESSABLE_ENTITY);
                let again = Again { typed: typed(&fields), send_at: field(&fields, "send_at").to_owned(), problem, status };
                return page(&state, &session, Some(id), Some(again), (ReceivedFilter::All, None)).await;
            }
            let send_at = if field(&fields, "act") == "schedule" { field(&fields, "send_at").trim().to_owned() } else { String::new() };
            let at = moment(&send_at).and_then(|at| match (at, field(&fields, "act")) {
                (None, "schedule") => Err(AnnouncementError::Problems(vec![Problem::Moment])),
                (at, _) => Ok(at),
            });
            let planned = match at {
                Ok(at) => state.service.schedule_announcement(actor, seen, at).await,
                Err(error) => Err(error),
            };
            if let Err(error) = planned {
                let typed = Typed { subject: row.subject, body: row.body, audience: row.audience };
                return retold(&state, &session, Some(id), (typed, send_at), error).await;
            }
            Ok(())
        }
        _ => return save(&state, &session, Some(seen), &fields).await,
    };
    done.map_err(failed)?;
    Ok(Redirect::to(&path::office_announcement(id)).into_response())
}
