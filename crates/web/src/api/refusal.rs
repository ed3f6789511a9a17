//! Why a report was not taken, for programs: a stable code, and findings by item.

use crate::{error::Failure, words};
use akidoko_domain::{
    report::{FeedProblem, Finding, Problem, Refusal},
    survey::Survey,
};
use akidoko_service::report::SubmitError;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// A refusal on its way out.
pub fn refused(error: &SubmitError, survey: Option<&Survey>) -> Failure {
    let unprocessable = |code| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code);
    match error {
        SubmitError::NotFound => Failure::not_found(),
        SubmitError::Forbidden => Failure::forbidden().saying("この医療機関の報告は、お使いのキーや ID では入力できません。"),
        SubmitError::NothingBefore => unprocessable("nothing_before").saying("前の報告がないので、変更なしでは報告できません。"),
        SubmitError::Store(error) => {
            tracing::error!(%error, "the database failed");
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
        SubmitError::Refused(refusal) => {
            let words = words::refusal(refusal);
            match refusal {
                Refusal::Findings { errors, warnings } => {
                    let (code, words) = if errors.is_empty() {
                        let ask = "数が正しければ、warnings の id を confirmed に入れて、もう一度送ってください。";
                        ("confirm", format!("{} か所を確かめてください。{ask}", warnings.len()))
                    } else {
                        ("invalid", words)
                    };
                    unprocessable(code).saying(words).with("errors", findings(errors, survey)).with("warnings", findings(warnings, survey))
                }
                Refusal::Conflict { version } => Failure::new(StatusCode::CONFLICT, "conflict")
                    .saying(format!("第 {version} 版がすでに報告されています。読み直して確かめてから、もう一度送ってください。"))
                    .with("version", (*version).into()),
                Refusal::Again { version } | Refusal::Stands { version, .. } => {
                    Failure::new(StatusCode::CONFLICT, "conflict").saying(words).with("version", (*version).into())
                }
                Refusal::Moved => Failure::new(StatusCode::CONFLICT, "moved").saying(words),
                Refusal::SurveyChanged => Failure::new(StatusCode::CONFLICT, "survey_changed").saying(words),
                Refusal::WindowClosed { until, .. } => unprocessable("window_closed").saying(words).with("until", json!(until)),
                Refusal::Behalf(_) => unprocessable("bad_behalf").saying(words),
                Refusal::BadAsOf => unprocessable("bad_as_of").saying("as_of は、report_date の日のうちで、今より前の時刻にしてください。"),
                Refusal::Feed(FeedProblem::NotDeclared) => Failure::new(StatusCode::CONFLICT, "no_other_system").saying(words),
                Refusal::Feed(FeedProblem::NoMoment) => unprocessable("as_of_missing").saying(words),
                Refusal::Feed(FeedProblem::TooOld) => unprocessable("bad_as_of").saying(words),
                Refusal::FutureDate => unprocessable("future_date").saying(words),
                Refusal::BeforeSurvey => unprocessable("before_survey").saying(words),
                Refusal::ReasonMissing => {
                    unprocessable("reason_missing").saying("過ぎた日の訂正には理由が必要です。reason に入れてください。")
                }
                Refusal::BadReason(_) => unprocessable("bad_reason").saying(words),
            }
        }
    }
}

/// A failure as the result of one report among many.
pub fn result_json(failure: &Failure) -> Map<String, Value> {
    let mut body = failure.told();
    body.remove("type");
    body
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
