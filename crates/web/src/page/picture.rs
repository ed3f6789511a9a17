//! 病床の状況: a prefecture, the nation, what is set for them.

use super::{
    completeness::{Sent, field, read},
    query::csv,
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    live,
    state::State,
    view::{NationPicturePage, PictureFilter, PicturePage, PictureSettingsPage, PictureTyped, Span, nation_table, path, picture_table},
};
use akidoko_domain::{
    picture::{BedRate, Measure, PHASES_MAX, Phase, PhaseError, Phases, Side, Threshold, ThresholdError},
    text::{fold_digits, trim},
    time::jst_day,
};
use akidoko_service::{
    account::Session,
    picture::{NationMeasure, NationPicture, PhaseProblem, PictureError, PictureView, ThresholdProblem},
};
use axum::{
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

fn failed(error: PictureError) -> Failure {
    match error {
        PictureError::Forbidden => Failure::forbidden().saying(
            "病床の状況は、都道府県の衛生主管部（局）と消防防災主管部（局）、保健所、厚生労働省の ID で見られます。設定は衛生主管部（局）が行います。",
        ),
        PictureError::NotFound => Failure::not_found(),
        PictureError::Stale => Failure::new(StatusCode::CONFLICT, "stale")
            .saying("この間に、ほかの人がフェーズを変えました。画面を開き直して、いまの設定を確かめてください。"),
        PictureError::Store(error) => error.into(),
    }
}

/// What an address asks for. A measure or an area that is not there is told, never guessed.
async fn view(state: &State, session: &Session, query: &Parameters) -> Result<Option<(PictureView, PictureFilter)>, Failure> {
    let actor = &session.actor;
    let asked = query.prefecture()?;
    let Some(prefecture) = state.service.picture_prefecture(actor, asked).map_err(failed)? else { return Ok(None) };
    let measure = match query.get("measure").filter(|m| !m.is_empty()) {
        None => Measure::Rate(BedRate::Ready),
        Some(text) => {
            Measure::parse(text).ok_or_else(|| Failure::bad_request("この指標はありません。画面の「指標」から選び直してください。"))?
        }
    };
    let filter = PictureFilter {
        prefecture: asked.or(actor.prefecture.is_none().then_some(prefecture)),
        area: query.get("area").filter(|a| !a.is_empty()).map(str::to_owned),
        measure,
        span: Span::parse(query.get("span").unwrap_or_default()),
    };
    let days = filter.span.days(jst_day(state.service.now()));
    let view = state.service.picture(actor, prefecture, filter.area.as_deref(), days).await.map_err(failed)?;
    Ok(Some((view, filter)))
}

/// A prefecture; the ministry is led to the nation first.
pub async fn picture(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let Some((view, filter)) = view(&state, &session, &query).await? else { return Ok(Redirect::to(path::NATION).into_response()) };
    state.service.note_read(&session.actor, "picture", view.prefecture);
    let keeps = state.service.keeps_picture(&session.actor, view.prefecture);
    let nation = session.actor.prefecture.is_none();
    show(StatusCode::OK, &PicturePage::new(state.frame(Some(&session)), &view, filter, (keeps, nation)))
}

/// Its days as a file.
pub async fn picture_csv(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let Some((view, filter)) = view(&state, &session, &query).await? else {
        return Err(Failure::bad_request("都道府県を prefecture で指定してください（例：prefecture=12）。"));
    };
    let table = picture_table(&view, &filter);
    let detail = json!({ "prefecture": view.prefecture, "area": filter.area, "rows": table.rows.len() });
    // In the log before it is handed out.
    state.service.log_export(&session.actor, "picture", detail).await?;
    Ok(csv(&format!("akidoko-picture-{}-{}", view.prefecture, jst_day(view.at)), &table))
}

/// That something of it changed.
pub async fn picture_events(Extract(state): Extract<State>, Person(session): Person, query: Parameters, headers: HeaderMap) -> Answer {
    let asked = query.prefecture()?;
    let Some(prefecture) = state.service.picture_prefecture(&session.actor, asked).map_err(failed)? else {
        return Err(Failure::bad_request("都道府県を prefecture で指定してください（例：prefecture=12）。"));
    };
    let after = query.get("after").and_then(|a| a.parse().ok());
    live::stream(state, session, Some(prefecture), after, &headers, live::Form::Completeness).await
}

async fn settings_page(state: &State, session: &Session, status: StatusCode, typed: PictureTyped, saved: bool) -> Answer {
    let (prefecture, changes) = state.service.own_phases(&session.actor).await.map_err(failed)?;
    let today = jst_day(state.service.now());
    let view = state.service.picture(&session.actor, prefecture, None, today..=today).await.map_err(failed)?;
    let page = PictureSettingsPage::new(state.frame(Some(session)), &changes, &view.thresholds, &view.areas, typed, saved);
    show(status, &page)
}

/// Phases and thresholds as they stand.
pub async fn picture_settings(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    settings_page(&state, &session, StatusCode::OK, PictureTyped::default(), query.get("saved").is_some()).await
}

type Fields = [(String, String)];
/// A sentence for who typed, or an answer of its own.
type Problem = Result<String, Failure>;

fn lost() -> Problem {
    Err(Failure::bad_request("画面を開き直して、もう一度操作してください。"))
}

fn phase_problem(error: PhaseProblem) -> Problem {
    let line = |n: usize, what: &str| Ok(format!("{n} つ目のフェーズの{what}"));
    match error {
        PhaseProblem::Phases(PhaseError::Count) => Ok("フェーズを 1 つから 10 までの行に入れてください。".to_owned()),
        PhaseProblem::Phases(PhaseError::Name(n)) => line(n, "名前を 20 文字までで入れてください。"),
        PhaseProblem::Phases(PhaseError::Twice(n)) => line(n, "名前が、前の行と同じです。違う名前にしてください。"),
        PhaseProblem::Phases(PhaseError::Criteria(n)) => line(n, "移行の目安を 400 文字までで入れてください。"),
        PhaseProblem::Phases(PhaseError::Patient(n)) => {
            line(n, "移行の目安に、患者を思わせる書き方があります。患者のことは書かないでください。")
        }
        PhaseProblem::Phases(PhaseError::Severe(n)) => line(n, "「うち重症者用」が、計画の即応病床を超えています。"),
        PhaseProblem::Phases(PhaseError::Current) => Ok("「いま」のフェーズを、名前のある行から選んでください。".to_owned()),
        PhaseProblem::Reason => Ok("変える理由を 200 文字までで入れてください。".to_owned()),
        PhaseProblem::Patient => Ok("理由に、患者を思わせる書き方があります。患者のことは書かないでください。".to_owned()),
        PhaseProblem::Other(error) => Err(failed(error)),
    }
}

fn threshold_problem(error: ThresholdProblem) -> Problem {
    match error {
        ThresholdProblem::Values(ThresholdError::Hysteresis) => {
            Ok("解除する値は、「以上」なら知らせる値より小さく、「以下」なら大きくしてください。".to_owned())
        }
        ThresholdProblem::Values(ThresholdError::Bounds) => Ok("値が大きすぎます。".to_owned()),
        ThresholdProblem::Area => Ok("範囲を選び直してください。".to_owned()),
        ThresholdProblem::Twice => Ok("同じしきい値が、もう設定されています。".to_owned()),
        ThresholdProblem::Many => Ok("しきい値は 40 件までです。使わないものをやめてから加えてください。".to_owned()),
        ThresholdProblem::Other(error) => Err(failed(error)),
    }
}

fn beds(fields: &Fields, name: &str) -> Result<Option<u32>, Problem> {
    let text = fold_digits(trim(field(fields, name))).replace([',', '，'], "");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .ok()
        .filter(|n| *n <= 999_999)
        .map(Some)
        .ok_or_else(|| Ok("病床の数は、0 から 999999 までの数で入れてください。".to_owned()))
}

/// Lines without a name are left out; the one that holds is counted among those that are left.
fn phases(fields: &Fields) -> Result<Phases, Problem> {
    let mut phases = Phases { steps: Vec::new(), current: usize::MAX };
    for n in 0..PHASES_MAX {
        let name = field(fields, &format!("name{n}"));
        let step = Phase {
            name: name.to_owned(),
            ready_beds: beds(fields, &format!("beds{n}"))?,
            ready_beds_severe: beds(fields, &format!("severe{n}"))?,
            criteria: field(fields, &format!("criteria{n}")).to_owned(),
        };
        if trim(name).is_empty() && step.ready_beds.is_none() && step.ready_beds_severe.is_none() && trim(&step.criteria).is_empty() {
            continue;
        }
        if field(fields, "current") == n.to_string() {
            phases.current = phases.steps.len();
        }
        phases.steps.push(step);
    }
    Ok(phases)
}

/// 「50」「50.5」 of a rate, 「20」 of beds.
fn typed_value(fields: &Fields, name: &str, measure: Measure) -> Result<u64, Problem> {
    let text = fold_digits(trim(field(fields, name))).replace([',', '，'], "").replace('．', ".");
    let text = text.trim_end_matches(['%', '％', '床', '人', ' ']);
    let wrong = || {
        Ok(if measure.is_rate() {
            "使用率の値は、50 や 50.5 のように % で入れてください。小数は 1 けたまでです。".to_owned()
        } else {
            "値は、20 のように数で入れてください。".to_owned()
        })
    };
    let (whole, tenth) = text.split_once('.').unwrap_or((text, ""));
    let whole: u64 = whole.parse().ok().filter(|n| *n <= 100_000_000).ok_or_else(wrong)?;
    match (measure.is_rate(), tenth) {
        (true, "") => Ok(whole * 10),
        (true, digit) if digit.len() == 1 => Ok(whole * 10 + digit.parse::<u64>().map_err(|_| wrong())?),
        (false, "") => Ok(whole),
        _ => Err(wrong()),
    }
}

fn threshold(fields: &Fields) -> Result<Threshold, Problem> {
    let measure = Measure::parse(field(fields, "measure")).ok_or_else(|| Ok("指標を選んでください。".to_owned()))?;
    let side = Side::parse(field(fields, "side")).ok_or_else(|| Ok("向きを選んでください。".to_owned()))?;
    Ok(Threshold {
        measure,
        area: Some(field(fields, "area").to_owned()).filter(|a| !a.is_empty()),
        side,
        raise: typed_value(fields, "raise", measure)?,
        clear: typed_value(fields, "clear", measure)?,
    })
}

/// When that was set at which the form looked.
fn seen(fields: &Fields) -> Option<DateTime<Utc>> {
    field(fields, "seen").parse().ok().and_then(DateTime::from_timestamp_micros)
}

/// Sets something.
pub async fn set_picture(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let fields = read(sent)?;
    let actor = &session.actor;
    // Who may not set it learns nothing of what was typed.
    state.service.own_phases(actor).await.map_err(failed)?;
    let reason = field(&fields, "reason");
    let act = field(&fields, "act");
    let done = match act {
        "phases" => match phases(&fields) {
            Ok(phases) => state.service.set_phases(actor, seen(&fields), Some(phases), reason).await.map_err(phase_problem),
            Err(problem) => Err(problem),
        },
        "phases_off" => state.service.set_phases(actor, seen(&fields), None, reason).await.map_err(phase_problem),
        "threshold" => match threshold(&fields) {
            Ok(threshold) => state.service.add_threshold(actor, threshold).await.map_err(threshold_problem),
            Err(problem) => Err(problem),
        },
        "end_threshold" => state.service.end_threshold(actor, field(&fields, "id")).await.map_err(|e| Err(failed(e))),
        _ => Err(lost()),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::PICTURE_SETTINGS)).into_response()),
        Err(Err(failure)) => Err(failure),
        Err(Ok(problem)) => {
            let form = if act == "threshold" { "threshold" } else { "phases" }.to_owned();
            let typed = PictureTyped { form, fields: fields.iter().cloned().collect(), problem };
            settings_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, typed, false).await
        }
    }
}

/// Somebody has seen an alert.
pub async fn see_alert(Extract(state): Extract<State>, Person(session): Person, Path(id): Path<String>) -> Answer {
    state.service.see_alert(&session.actor, &id).await.map_err(failed)?;
    Ok(Redirect::to(path::PICTURE).into_response())
}

async fn nation_view(state: &State, session: &Session, query: &Parameters) -> Result<(NationPicture, Vec<NationMeasure>), Failure> {
    let measures = NationMeasure::all(&state.service.catalogue());
    let measure = match query.get("measure").filter(|m| !m.is_empty()) {
        None => measures.first().cloned(),
        Some(name) => measures.iter().find(|m| m.name() == name).cloned(),
    };
    let measure = measure.ok_or_else(|| Failure::bad_request("この指標はありません。画面の「指標」から選び直してください。"))?;
    let day = match query.get("date").filter(|d| !d.is_empty()) {
        None => None,
        Some(text) => {
            let day: Option<NaiveDate> = text.parse().ok().filter(|d| chrono::Datelike::year(d) >= 1900);
            Some(day.ok_or_else(|| Failure::bad_request("日付は 2026-04-10 の形で指定してください。"))?)
        }
    };
    let weeks = query.get("weeks").and_then(|w| w.parse().ok()).unwrap_or(12).clamp(2, 52);
    let nation = state.service.nation_picture(&session.actor, measure, day, weeks).await.map_err(failed)?;
    Ok((nation, measures))
}

/// The nation.
pub async fn nation(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let (nation, measures) = nation_view(&state, &session, &query).await?;
    let is_map = query.get("as") == Some("map");
    let today = jst_day(state.service.now());
    let page = NationPicturePage::new(state.frame(Some(&session)), &nation, &measures, &state.options.outlines, is_map, today);
    show(StatusCode::OK, &page)
}

/// Its weeks as a file.
pub async fn nation_csv(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    let (nation, _) = nation_view(&state, &session, &query).await?;
    let table = nation_table(&nation);
    let detail = json!({ "measure": nation.measure.name(), "day": nation.day, "rows": table.rows.len() });
    state.service.log_export(&session.actor, "nation", detail).await?;
    Ok(csv(&format!("akidoko-nation-{}-{}", nation.measure.name(), nation.day), &table))
}
