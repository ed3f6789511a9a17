//! `POST /api/v1/reports`: reports that come together, of one hospital or of many.

use super::{
    body::{self, again, kept, mismatch},
    refusal::{refused, result_json},
    report::{Body, dry_run, receipt_json, rehearsal_json},
};
use crate::{
    error::{Answer, Failure},
    extract::{Caller, Parameters},
    state::State,
};
use akidoko_domain::{id::OrganisationCode, survey::DAILY};
use akidoko_service::{
    batch::{BATCH_MAX, BatchOutcome, BatchReport, Rehearsal},
    report::{Receipt, SubmitError},
};
use axum::{
    Json,
    extract::{Request, State as Extract},
    http::StatusCode,
    response::IntoResponse,
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashSet, sync::Arc};

/// The largest body: a thousand reports of some four kilobytes.
const BODY: usize = 4 * 1024 * 1024;

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// One that is refused holds all of them back.
    #[default]
    AllOrNothing,
    /// Each for itself.
    Each,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    #[serde(default)]
    mode: Mode,
    reports: Vec<Value>,
}

/// A report of the batch, in its place.
struct Slot {
    hospital: Value,
    date: Value,
    /// The place among those that could be read, or why it could not.
    ready: Result<(usize, OrganisationCode, NaiveDate), Failure>,
}

/// Reads every report on its own, so that each is told what is wrong with it.
fn slots(reports: Vec<Value>) -> (Vec<Slot>, Vec<BatchReport>) {
    let mut ready = Vec::with_capacity(reports.len());
    let mut seen: HashSet<(OrganisationCode, NaiveDate)> = HashSet::new();
    let slots = reports.into_iter().map(|report| {
        let (hospital, date) = (text(&report, "hospital"), text(&report, "report_date"));
        let read = read(report).and_then(|(hospital, date, body)| {
            if body.is_full() && !seen.insert((hospital.clone(), date)) {
                return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "duplicate")
                    .saying("同じ医療機関の同じ日の報告が、前にもあります。どちらかを除いてください。"));
            }
            ready.push(BatchReport { hospital: hospital.clone(), date, raw: body.raw() });
            Ok((ready.len() - 1, hospital, date))
        });
        Slot { hospital, date, ready: read }
    });
    (slots.collect(), ready)
}

/// What was sent under a name, cut short: it comes back in the answer.
fn text(report: &Value, name: &str) -> Value {
    report.get(name).and_then(Value::as_str).map_or(Value::Null, |s| s.chars().take(40).collect::<String>().into())
}

fn read(mut report: Value) -> Result<(OrganisationCode, NaiveDate, Body), Failure> {
    let unreadable =
        |at: &str, sentence: &str| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable").saying(sentence).with("at", at.into());
    let object = report.as_object_mut().ok_or_else(|| unreadable(".", "reports には、報告を { } の形で並べてください。"))?;
    let mut take = |name: &str| object.remove(name).and_then(|v| v.as_str().map(str::to_owned));
    let hospital = take("hospital").ok_or_else(|| unreadable("hospital", "hospital に医療機関の ID を入れてください。"))?;
    let date = take("report_date").filter(|d| d.len() == 10).and_then(|d| d.parse::<NaiveDate>().ok());
    let date = date.ok_or_else(|| unreadable("report_date", "report_date は 2026-04-10 の形で入れてください。"))?;
    let body = body::typed::<Body>(report)?;
    // What is no ID is no hospital: the same answer as for one that nobody has.
    Ok((hospital.parse().map_err(|_| Failure::not_found())?, date, body))
}

/// What came of each, and how many were accepted.
struct Results {
    results: Vec<Value>,
    accepted: usize,
}

impl Results {
    fn of<T>(
        slots: &[Slot],
        came: &[Result<T, SubmitError>],
        state: &State,
        good: impl Fn(&OrganisationCode, NaiveDate, &T) -> Map<String, Value>,
    ) -> Self {
        let mut accepted = 0;
        let one = |(index, slot): (usize, &Slot)| {
            let told = match &slot.ready {
                Err(failure) => Err(failure.clone()),
                Ok((place, code, date)) => match came.get(*place) {
                    Some(Ok(good_one)) => Ok(good(code, *date, good_one)),
                    Some(Err(error)) => Err(refused(error, state.service.catalogue().on(DAILY, *date))),
                    None => Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")),
                },
            };
            accepted += usize::from(told.is_ok());
            let mut result = told.unwrap_or_else(|failure| result_json(&failure));
            result.insert("index".to_owned(), index.into());
            result.insert("hospital".to_owned(), slot.hospital.clone());
            result.insert("report_date".to_owned(), slot.date.clone());
            Value::Object(result)
        };
        let results = slots.iter().enumerate().map(one).collect();
        Self { results, accepted }
    }

    fn refused(&self) -> usize {
        self.results.len() - self.accepted
    }

    /// All of them 200, some 207.
    fn answer(&self, dry_run: bool) -> (StatusCode, Value) {
        let status = if self.refused() == 0 { StatusCode::OK } else { StatusCode::MULTI_STATUS };
        let body = json!({ "dry_run": dry_run, "accepted": self.accepted, "refused": self.refused(), "results": self.results });
        (status, body)
    }

    /// What is answered where each counts for itself: none accepted is a problem.
    fn told(self, dry_run: bool) -> Answer {
        if self.accepted == 0 {
            return Err(self.problem());
        }
        let (status, body) = self.answer(dry_run);
        Ok((status, Json(body)).into_response())
    }

    /// Nothing was done.
    fn problem(self) -> Failure {
        let refused = self.refused();
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "batch_refused")
            .saying(format!("{refused} 件に直すところがあるため、どれも受け付けていません。results を見て直し、もう一度送ってください。"))
            .with("accepted", 0.into())
            .with("refused", refused.into())
            .with("results", self.results.into())
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn written(code: &OrganisationCode, receipt: &Receipt) -> Map<String, Value> {
    let (status, body) = receipt_json(code, receipt);
    let mut result = object(body);
    result.insert("status".to_owned(), status.as_u16().into());
    result
}

fn rehearsed(state: &State, code: &OrganisationCode, date: NaiveDate, rehearsal: &Rehearsal) -> Map<String, Value> {
    let mut result = object(rehearsal_json(code, date, rehearsal, state.service.catalogue().on(DAILY, date)));
    result.remove("dry_run");
    result.insert("status".to_owned(), StatusCode::OK.as_u16().into());
    result
}

/// Accepted alone, but held back by another one.
fn held() -> Map<String, Value> {
    result_json(
        &Failure::new(StatusCode::FAILED_DEPENDENCY, "not_taken")
            .saying("ほかの報告に直すところがあるため、受け付けていません。この報告はこのままで構いません。"),
    )
}

/// Takes them.
pub async fn post(Extract(state): Extract<State>, Caller(session): Caller, query: Parameters, request: Request) -> Answer {
    let dry = dry_run(&query)?;
    let sent = body::read(request, BODY).await?;
    let Batch { mode, reports } = body::typed(sent.value.clone())?;
    if reports.is_empty() || reports.len() > BATCH_MAX {
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_batch")
            .saying(format!("reports には、1 件から {BATCH_MAX} 件までを入れてください。いまは {} 件です。", reports.len())));
    }
    let actor = &session.actor;
    let all_or_nothing = mode == Mode::AllOrNothing;
    let (slots, ready) = slots(reports);
    if dry {
        let came = state.service.rehearse(actor, ready).await?;
        let results = Results::of(&slots, &came, &state, |code, date, r| rehearsed(&state, code, date, r));
        return if all_or_nothing && results.refused() > 0 { Err(results.problem()) } else { results.told(true) };
    }
    let slots = Arc::new(slots);
    if all_or_nothing && slots.iter().any(|s| s.ready.is_err()) {
        let came = state.service.rehearse(actor, ready).await?;
        return Err(Results::of(&slots, &came, &state, |_, _, _| held()).problem());
    }
    let once = sent.once({
        let (slots, state) = (slots.clone(), state.clone());
        Arc::new(move |came| {
            let results = Results::of(&slots, came, &state, |code, _, receipt| written(code, receipt));
            let (status, body) = results.answer(false);
            (results.accepted > 0).then(|| kept(status, &body))
        })
    });
    match state.service.submit_all((actor, session.is_token), ready, all_or_nothing, once).await? {
        BatchOutcome::Again(answer) => Ok(again(&answer)),
        BatchOutcome::Mismatch => Err(mismatch()),
        BatchOutcome::Held(came) => Err(Results::of(&slots, &came, &state, |_, _, ()| held()).problem()),
        BatchOutcome::Done(came) => Results::of(&slots, &came, &state, |code, _, receipt| written(code, receipt)).told(false),
    }
}
