//! The history of a hospital's reports, a version in full, and why a figure changed.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Code, Day, Parameters, Person},
    state::State,
    view::{HistoryInput, HistoryPage, VersionInput, VersionPage, WhyPage},
};
use akidoko_domain::{
    access::ActFor,
    id::HospitalId,
    report::consents,
    survey::{DAILY, Item},
    time::from_jst,
};
use akidoko_service::account::Session;
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// `Ok`, or no such thing, or not for this actor.
fn found<T>(result: Result<T, bool>) -> Result<T, Failure> {
    result.map_err(|forbidden| if forbidden { Failure::forbidden() } else { Failure::not_found() })
}

fn month_of(query: &Parameters) -> Result<Option<NaiveDate>, Failure> {
    let Some(text) = query.get("month").filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || Failure::bad_request("月は 2026-04 の形で指定してください。");
    if text.len() != 7 {
        return Err(wrong());
    }
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map(Some).map_err(|_| wrong())
}

fn moment_of(query: &Parameters) -> Result<Option<DateTime<Utc>>, Failure> {
    let Some(text) = query.get("at").filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed =
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    let in_range = |at: &NaiveDateTime| (1900..2200).contains(&chrono::Datelike::year(&at.date()));
    let at = parsed.ok().filter(in_range);
    at.map(|at| Some(from_jst(at))).ok_or_else(|| Failure::bad_request("日時は 2026-04-10T09:30 の形で指定してください。"))
}

fn opens_corrections(session: &Session, hospital: HospitalId) -> bool {
    consents(session.actor.kind) || matches!(&session.actor.scope.act_for, ActFor::Hospitals(own) if own.contains(&hospital))
}

/// A month of the history: who changed what.
pub async fn history(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, query: Parameters) -> Answer {
    let actor = &session.actor;
    let (_, row) = state.service.hospital(actor, &code).await?.ok_or_else(Failure::not_found)?;
    let (month, at) = (month_of(&query)?, moment_of(&query)?);
    let history = found(state.service.history(actor, &code, month, at).await?)?;
    state.service.note_read(actor, "history", row.card.prefecture);
    let catalogue = state.service.catalogue();
    let sees = |item: &Item| state.service.sees_item(actor, row.card.id, item);
    let item = query.get("item").filter(|id| !id.is_empty());
    // What is not asked, or hidden from the reader, was never changed: one answer for both.
    let known = item.is_none_or(|id| catalogue.all().filter_map(|s| s.item(id)).any(&sees));
    if !known {
        return Err(Failure::not_found());
    }
    let input = HistoryInput {
        card: &row.card,
        catalogue: &catalogue,
        history: &history,
        item,
        sees: &sees,
        opens_corrections: opens_corrections(&session, row.card.id),
        now: state.service.now(),
    };
    show(StatusCode::OK, &HistoryPage::new(state.frame(Some(&session)), &input))
}

/// A version in full.
pub async fn one_version(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    Day(date): Day,
    Path(all): Path<Vec<(String, String)>>,
    query: Parameters,
) -> Answer {
    let actor = &session.actor;
    let (_, row) = state.service.hospital(actor, &code).await?.ok_or_else(Failure::not_found)?;
    let number = all.iter().find(|(name, _)| name == "version").and_then(|(_, v)| v.parse().ok()).ok_or_else(Failure::not_found)?;
    let survey = query.get("survey").filter(|s| !s.is_empty()).unwrap_or(DAILY);
    let one = found(state.service.one_version(actor, &code, (survey, date), number).await?)?;
    state.service.note_read(actor, "history", row.card.prefecture);
    let catalogue = state.service.catalogue();
    let survey = catalogue.version(&one.version.survey, one.version.survey_version).ok_or_else(Failure::not_found)?;
    let input = VersionInput {
        card: &row.card,
        survey,
        version: &one.version,
        before: &one.before,
        correction: one.correction.as_ref(),
        newest: one.newest,
        sees: &|item: &Item| state.service.sees_item(actor, row.card.id, item),
        now: state.service.now(),
    };
    show(StatusCode::OK, &VersionPage::new(state.frame(Some(&session)), &input))
}

/// なぜ変わった？
pub async fn why(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    Path(all): Path<Vec<(String, String)>>,
    query: Parameters,
) -> Answer {
    let actor = &session.actor;
    let name = all.iter().find(|(name, _)| name == "item").map(|(_, value)| value.as_str()).unwrap_or_default();
    let until = query.get("until").filter(|text| !text.is_empty()).map(str::parse::<NaiveDate>).transpose();
    let until = until.map_err(|_| Failure::bad_request("until は 2026-04-10 の形で指定してください。"))?;
    if until.as_ref().is_some_and(|day| !(1900..=2200).contains(&chrono::Datelike::year(day))) {
        return Err(Failure::bad_request("until は 1900 年から 2200 年までの日付を指定してください。"));
    }
    let why = state.service.why(actor, &code, name, until).await?.ok_or_else(Failure::not_found)?;
    state.service.note_hospital_read(actor, why.row.card.prefecture, why.row.card.id);
    let page = WhyPage::new(state.frame(Some(&session)), &state.service.catalogue(), name, &why, until, state.service.now());
    show(StatusCode::OK, &page)
}
