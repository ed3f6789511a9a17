//! `PUT` and `GET /api/v1/hospitals/{code}/reports/{date}`, and `GET /api/v1/hospitals/{code}/reports`.

use super::{
    body::{self, again, kept, mismatch},
    refusal::refused,
};
use crate::{
    error::{Answer, Failure},
    extract::{Caller, Code, Day, Parameters},
    state::State,
    words,
};
use akidoko_domain::{
    id::OrganisationCode,
    report::{Channel, Kind, ReportVersion},
    survey::{DAILY, Survey},
};
use akidoko_service::{
    batch::{BatchOutcome, BatchReport, Rehearsal},
    report::{RawReport, Receipt, SubmitError},
};
use axum::{
    Json,
    extract::{Request, State as Extract},
    http::StatusCode,
    response::IntoResponse,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The largest body of one report: it has some two kilobytes.
const BODY: usize = 256 * 1024;
/// So many days of history at a time,
const DAYS: u64 = 366;
/// and so many versions.
const VERSIONS: u32 = 1_000;

/// The body of a report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// `full` (the whole report, the default) or `quick` (only what changed).
    #[serde(default = "full")]
    kind: Kind,
    /// Answers by item of the daily survey; `null` is 未回答.
    answers: BTreeMap<String, Value>,
    /// Soft rules that are confirmed, by the `id` of the warning.
    #[serde(default)]
    confirmed: BTreeSet<String>,
    /// Why a past day is corrected.
    #[serde(default)]
    reason: Option<String>,
    /// The version that the writer saw; a newer one is a conflict.
    #[serde(default)]
    expected_version: Option<u32>,
    /// From when the figures are true.
    #[serde(default)]
    as_of: Option<DateTime<Utc>>,
}

fn full() -> Kind {
    Kind::Full
}

impl Body {
    /// For the service.
    pub fn raw(self) -> RawReport {
        RawReport {
            kind: self.kind,
            answers: self.answers,
            confirmed: self.confirmed,
            reason: self.reason,
            expected_version: self.expected_version,
            channel: Channel::Api,
            behalf: None,
            as_of: self.as_of,
        }
    }

    /// Does it speak of the whole day?
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }
}

/// `dry_run=true` tries; nothing else is understood.
pub fn dry_run(query: &Parameters) -> Result<bool, Failure> {
    match query.get("dry_run") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Failure::bad_request("dry_run は true か false で指定してください。")),
    }
}

/// What is answered to a report that is accepted.
pub fn receipt_json(code: &OrganisationCode, receipt: &Receipt) -> (StatusCode, Value) {
    let a = &receipt.accepted;
    let status = if a.version == 1 && !a.stood { StatusCode::CREATED } else { StatusCode::OK };
    let body = json!({
        "hospital": code, "report_date": receipt.date, "version": a.version, "as_of": a.as_of, "received_at": a.received_at,
        "event_id": a.event_id,
    });
    (status, body)
}

/// What would come of a report.
pub fn rehearsal_json(code: &OrganisationCode, date: NaiveDate, rehearsal: &Rehearsal, survey: Option<&Survey>) -> Value {
    let label = |id: &str| survey.map(|s| words::label(s, id));
    let changes: Vec<Value> =
        rehearsal.changes.iter().map(|c| json!({ "item": c.item, "label": label(&c.item), "from": c.from, "to": c.to })).collect();
    json!({ "dry_run": true, "hospital": code, "report_date": date, "version": rehearsal.version, "as_of": rehearsal.as_of, "changes": changes })
}

/// Hands a report in: the same rules as on the screen. Durable when answered.
pub async fn put(
    Extract(state): Extract<State>,
    Caller(session): Caller,
    Code(code): Code,
    Day(date): Day,
    query: Parameters,
    request: Request,
) -> Answer {
    let dry = dry_run(&query)?;
    let sent = body::read(request, BODY).await?;
    let raw = body::typed::<Body>(sent.value.clone())?.raw();
    let actor = &session.actor;
    let catalogue = state.service.catalogue();
    let survey = || catalogue.on(DAILY, date);
    let told = |error: &SubmitError| refused(error, survey());
    if dry {
        let report = BatchReport { hospital: code.clone(), date, raw };
        let came = state.service.rehearse(actor, vec![report]).await?.pop().unwrap_or(Err(SubmitError::NotFound));
        return came.map(|r| Json(rehearsal_json(&code, date, &r, survey())).into_response()).map_err(|e| told(&e));
    }
    let Some(once) = sent.once(answering(code.clone())) else {
        let receipt = state.service.submit(actor, &code, date, raw).await.map_err(|e| told(&e))?;
        let (status, body) = receipt_json(&code, &receipt);
        return Ok((status, Json(body)).into_response());
    };
    let report = BatchReport { hospital: code.clone(), date, raw };
    match state.service.submit_all((actor, session.is_token), vec![report], false, Some(once)).await? {
        BatchOutcome::Again(answer) => Ok(again(&answer)),
        BatchOutcome::Mismatch => Err(mismatch()),
        BatchOutcome::Held(_) => Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")),
        BatchOutcome::Done(mut all) => {
            let receipt = all.pop().unwrap_or(Err(SubmitError::NotFound)).map_err(|e| told(&e))?;
            let (status, body) = receipt_json(&code, &receipt);
            Ok((status, Json(body)).into_response())
        }
    }
}

/// What is kept of one report: its receipt.
fn answering(code: OrganisationCode) -> akidoko_service::batch::Answering {
    Arc::new(move |came| {
        let (status, body) = receipt_json(&code, came.first()?.as_ref().ok()?);
        Some(kept(status, &body))
    })
}

/// The versions of a day, the newest first.
pub async fn get(Extract(state): Extract<State>, Caller(session): Caller, Code(code): Code, Day(date): Day) -> Answer {
    let actor = &session.actor;
    let day = state.service.day_report(actor, &code, date).await?.ok_or_else(Failure::not_found)?;
    if !day.may_report && !state.service.may_read_history(actor, day.hospital.hospital.id) {
        return Err(Failure::forbidden());
    }
    let versions: Vec<Value> = state.service.as_seen(actor, day.versions).iter().map(version_json).collect();
    Ok(Json(json!({ "hospital": code, "report_date": date, "versions": versions })).into_response())
}

/// The versions of many days, the newest first.
pub async fn history(Extract(state): Extract<State>, Caller(session): Caller, Code(code): Code, query: Parameters) -> Answer {
    let day = |name: &str| {
        let wrong = || Failure::bad_request(format!("{name} は 2026-04-10 の形で指定してください。"));
        query.get(name).map(|v| Some(v).filter(|v| v.len() == 10).and_then(|v| v.parse::<NaiveDate>().ok()).ok_or_else(wrong)).transpose()
    };
    let to = day("to")?.unwrap_or(state.service.today().0);
    let from = day("from")?.unwrap_or_else(|| to.checked_sub_days(Days::new(30)).unwrap_or(to));
    let longest = from.checked_add_days(Days::new(DAYS - 1));
    if from > to || longest.is_some_and(|last| to > last) {
        return Err(Failure::bad_request(format!("from から to までは、{DAYS} 日以内で指定してください。")));
    }
    let versions = state.service.history_between(&session.actor, &code, (DAILY, from..=to), VERSIONS).await??;
    let versions = state.service.as_seen(&session.actor, versions);
    let truncated = versions.len() == VERSIONS as usize;
    let reports: Vec<Value> = versions
        .iter()
        .map(|v| {
            let mut version = version_json(v);
            version["report_date"] = json!(v.report_date);
            version
        })
        .collect();
    Ok(Json(json!({ "hospital": code, "from": from, "to": to, "truncated": truncated, "reports": reports })).into_response())
}

fn version_json(v: &ReportVersion) -> Value {
    json!({
        "version": v.version, "kind": v.kind, "survey_version": v.survey_version, "answers": v.answers, "as_of": v.as_of,
        "received_at": v.received_at, "reason": v.reason,
        "author": {
            "organisation": v.author.organisation, "sign_in": v.author.sign_in, "operator": v.author.operator,
            "on_behalf": v.author.on_behalf, "source": v.author.source, "channel": v.author.channel,
        },
    })
}
