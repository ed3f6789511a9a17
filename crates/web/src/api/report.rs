//! `PUT` and `GET /api/v1/hospitals/{code}/reports/{date}`.

use crate::{
    error::{Answer, Failure},
    extract::{Caller, Code, Day},
    state::State,
    words,
};
use akidoko_domain::{
    report::{Channel, Finding, Kind, Problem, Refusal, ReportVersion},
    survey::{DAILY, Survey},
};
use akidoko_service::report::{RawReport, SubmitError};
use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
}

fn full() -> Kind {
    Kind::Full
}

/// Hands a report in: the same rules as on the screen. Durable when answered.
pub async fn put(
    Extract(state): Extract<State>,
    Caller(session): Caller,
    Code(code): Code,
    Day(date): Day,
    body: Result<Json<Body>, JsonRejection>,
) -> Answer {
    let Json(body) = body.map_err(|rejection| unreadable(&rejection))?;
    let raw = RawReport {
        kind: body.kind,
        answers: body.answers,
        confirmed: body.confirmed,
        reason: body.reason,
        expected_version: body.expected_version,
        channel: Channel::Api,
        behalf: None,
        as_of: None,
    };
    let actor = &session.actor;
    match state.service.submit(actor, &code, date, raw).await {
        Ok(receipt) => {
            let a = receipt.accepted;
            let status = if a.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
            let body = json!({
                "hospital": code, "report_date": date, "version": a.version, "as_of": a.as_of, "received_at": a.received_at,
                "event_id": a.event_id,
            });
            Ok((status, Json(body)).into_response())
        }
        Err(error) => Err(refused(error, state.service.catalogue().on(DAILY, date))),
    }
}

/// The versions of a day, the newest first.
pub async fn get(Extract(state): Extract<State>, Caller(session): Caller, Code(code): Code, Day(date): Day) -> Answer {
    let actor = &session.actor;
    let day = state.service.day_report(actor, &code, date).await?.ok_or_else(Failure::not_found)?;
    if !day.may_report && !state.service.may_read_history(actor, day.hospital.hospital.id) {
        return Err(Failure::forbidden());
    }
    let versions: Vec<Value> = day.versions.iter().map(version_json).collect();
    Ok(Json(json!({ "hospital": code, "report_date": date, "versions": versions })).into_response())
}

fn version_json(v: &ReportVersion) -> Value {
    json!({
        "version": v.version, "kind": v.kind, "survey_version": v.survey_version, "answers": v.answers, "as_of": v.as_of,
        "received_at": v.received_at, "reason": v.reason,
        "author": { "organisation": v.author.organisation, "sign_in": v.author.sign_in, "on_behalf": v.author.on_behalf, "channel": v.author.channel },
    })
}

fn unreadable(rejection: &JsonRejection) -> Failure {
    let status = rejection.status();
    let sentence = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Content-Type: application/json を付けて送ってください。".to_owned(),
        StatusCode::PAYLOAD_TOO_LARGE => "本文が大きすぎます。256 KiB までにしてください。".to_owned(),
        _ => format!("JSON を読めません。形を確かめてください（{}）。", rejection.body_text().chars().take(200).collect::<String>()),
    };
    let code = if status == StatusCode::UNSUPPORTED_MEDIA_TYPE { "unsupported_media_type" } else { "unreadable" };
    Failure::new(status, code).saying(sentence)
}

fn refused(error: SubmitError, survey: Option<&Survey>) -> Failure {
    let unprocessable = |code| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code);
    match error {
        SubmitError::NotFound => Failure::not_found(),
        SubmitError::Forbidden => Failure::forbidden().saying("この医療機関の報告は、お使いの ID では入力できません。"),
        SubmitError::NothingBefore => unprocessable("nothing_before").saying("前の報告がないので、変更なしでは報告できません。"),
        SubmitError::Store(error) => error.into(),
        SubmitError::Refused(refusal) => {
            let words = words::refusal(&refusal);
            match refusal {
                Refusal::Findings { errors, warnings } => unprocessable(if errors.is_empty() { "confirm" } else { "invalid" })
                    .saying(words)
                    .with("errors", findings(&errors, survey))
                    .with("warnings", findings(&warnings, survey)),
                Refusal::Conflict { version } => {
                    Failure::new(StatusCode::CONFLICT, "conflict").saying(words).with("version", version.into())
                }
                Refusal::SurveyChanged => Failure::new(StatusCode::CONFLICT, "survey_changed").saying(words),
                Refusal::FutureDate => unprocessable("future_date").saying(words),
                Refusal::BeforeSurvey => unprocessable("before_survey").saying(words),
                Refusal::ReasonMissing => unprocessable("reason_missing").saying(words),
                Refusal::BadReason(_) => unprocessable("bad_reason").saying(words),
                Refusal::WindowClosed { until, .. } => unprocessable("window_closed").saying(words).with("until", json!(until)),
                Refusal::Behalf(_) => unprocessable("bad_behalf").saying(words),
                Refusal::BadAsOf => unprocessable("bad_as_of").saying(words),
            }
        }
    }
}

fn findings(list: &[Finding], survey: Option<&Survey>) -> Value {
    let one = |f: &Finding| {
        let line = survey.map(|s| words::finding(s, f));
        json!({
            "item": f.item, "id": f.id, "code": code(&f.problem), "label": line.as_ref().map(|l| l.label.clone()),
            "detail": line.map_or_else(|| words::problem(&f.problem), |l| l.sentence),
        })
    };
    list.iter().map(one).collect()
}

fn code(problem: &Problem) -> &'static str {
    match problem {
        Problem::UnknownItem => "unknown_item",
        Problem::NotACount => "not_a_count",
        Problem::TooLarge { .. } => "too_large",
        Problem::TooSmall { .. } => "too_small",
        Problem::NotADate => "not_a_date",
        Problem::NotATime => "not_a_time",
        Problem::OutOfRange { .. } => "out_of_range",
        Problem::UnknownWord { .. } => "unknown_word",
        Problem::TooLong { .. } => "too_long",
        Problem::NotText => "not_text",
        Problem::NotAPhone => "not_a_phone",
        Problem::Required => "required",
        Problem::Patient(_) => "patient",
        Problem::Rule { .. } => "rule",
    }
}
