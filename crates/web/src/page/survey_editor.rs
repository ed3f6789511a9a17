//! The ministry's desk for surveys: the list, one survey, what prefectures answered.

use super::{
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person, SurveyCode},
    state::State,
    view::{RatesPage, SurveyAnswersPage, SurveyFilePage, SurveyFilesPage, path},
};
use akidoko_domain::{id::PrefCode, organisation::OrganisationKind, survey::Flawed, time::jst_day};
use akidoko_service::{account::Session, survey_editor::EditError};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::{Months, NaiveDate};

/// An answer that no page can tell.
pub(super) fn failed(error: EditError) -> Failure {
    let unprocessable = || Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused");
    match error {
        EditError::NotFound => Failure::not_found(),
        EditError::Forbidden => Failure::forbidden().saying("調査の編集は、厚生労働省の ID で行います。"),
        EditError::Stale => Failure::new(StatusCode::CONFLICT, "stale").saying(STALE),
        EditError::Taken => unprocessable().saying("この記号の調査は、すでにあります。"),
        EditError::Flaws(_) => unprocessable().saying("直すところがあるため、公開していません。下書きを確かめてください。"),
        EditError::BadDay { earliest } => unprocessable().saying(bad_day(earliest)),
        EditError::InUse => Failure::new(StatusCode::CONFLICT, "in_use").saying(IN_USE),
        EditError::Store(error) => error.into(),
    }
}

/// Somebody was first.
pub(super) const STALE: &str =
    "この画面を開いたあとに、ほかの人が下書きを変えました。まだ保存していません。いまの下書きを確かめて、もう一度保存してください。";
const IN_USE: &str = "この版は、すでに始まっているか、答えた組織があります。取り下げられません。変えるときは、新しい版を作ってください。";

/// From when it can be.
pub(super) fn bad_day(earliest: NaiveDate) -> String {
    format!("{} より前の日からは始められません。その日か、あとの日を選んでください。", crate::words::date(earliest))
}

/// The list.
pub async fn office_surveys(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let files = state.service.survey_files(&session.actor).await.map_err(failed)?;
    show(StatusCode::OK, &SurveyFilesPage::new(state.frame(Some(&session)), &files, None, state.service.now()))
}

/// Begins a survey.
pub async fn new_survey(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    let files = state.service.survey_files(&session.actor).await.map_err(failed)?;
    let fields = sent(form)?;
    let (code, title) = (field(&fields, "code").trim().to_owned(), field(&fields, "title").to_owned());
    let wrong: (Option<String>, Vec<Flawed>) = match state.service.new_survey(&session.actor, &code, &title).await {
        Ok(()) => return Ok(Redirect::to(&path::draft(&code)).into_response()),
        Err(EditError::Flaws(flaws)) => (None, flaws),
        Err(EditError::Taken) => (Some("この記号の調査は、すでにあります。別の記号にしてください。".to_owned()), vec![]),
        Err(error) => return Err(failed(error)),
    };
    let again = Some(((code, title), wrong.0, wrong.1.as_slice()));
    let page = SurveyFilesPage::new(state.frame(Some(&session)), &files, again, state.service.now());
    show(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn file_page(state: &State, session: &Session, code: &str, problem: Option<String>, status: StatusCode) -> Answer {
    let file = state.service.survey_file(&session.actor, code).await.map_err(failed)?;
    show(status, &SurveyFilePage::new(state.frame(Some(session)), &file, problem, state.service.now()))
}

/// One survey.
pub async fn office_survey(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode) -> Answer {
    file_page(&state, &session, &survey, None, StatusCode::OK).await
}

/// Begins a draft, takes a version back.
pub async fn change_survey(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode, form: Sent) -> Answer {
    state.service.survey_file(&session.actor, &survey).await.map_err(failed)?;
    let fields = sent(form)?;
    let actor = &session.actor;
    match field(&fields, "act") {
        "draft" => {
            state.service.begin_draft(actor, &survey).await.map_err(failed)?;
            Ok(Redirect::to(&path::draft(&survey)).into_response())
        }
        "withdraw" => {
            let version = field(&fields, "version").parse().map_err(|_| Failure::bad_request("版の番号を読めません。"))?;
            match state.service.withdraw_survey(actor, &survey, version).await {
                Ok(()) => Ok(Redirect::to(&path::draft(&survey)).into_response()),
                Err(EditError::InUse) => file_page(&state, &session, &survey, Some(IN_USE.to_owned()), StatusCode::CONFLICT).await,
                Err(error) => Err(failed(error)),
            }
        }
        _ => Err(Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。")),
    }
}

/// What prefectures answered, with rates.
pub async fn prefecture_answers(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    query: Parameters,
) -> Answer {
    let file = state.service.survey_file(&session.actor, &survey).await.map_err(failed)?;
    let today = jst_day(state.service.now());
    let catalogue = state.service.catalogue();
    let asked = catalogue.on(&survey, today).ok_or_else(Failure::not_found)?;
    if asked.who.kind != OrganisationKind::PrefectureHealth {
        // What hospitals answer is shown to the ministry as sums of each prefecture.
        let day = query.get("period").and_then(|d| d.parse().ok());
        let answers = state.service.survey_answers(&session.actor, &survey, day).await?.ok_or_else(Failure::not_found)?;
        let prefectures = &state.service.live().reference().prefectures;
        return show(
            StatusCode::OK,
            &SurveyAnswersPage::new(state.frame(Some(&session)), &answers, Some(prefectures), state.service.now()),
        );
    }
    // A date that is none, and a prefecture that is none, choose the newest and all.
    let chosen: Option<NaiveDate> = query.get("period").and_then(|p| p.parse().ok());
    let place: Option<PrefCode> = query.get("prefecture").and_then(|p| p.parse().ok());
    let since = today.checked_sub_months(Months::new(24)).unwrap_or(today);
    let answers = state.service.prefectures_answers(&session.actor, &survey, (since, today)).await?;
    let prefectures = state.service.live().reference().prefectures.clone();
    let page =
        RatesPage::new(state.frame(Some(&session)), (file.title(), asked), &answers, &prefectures, (chosen, place), state.service.now());
    show(StatusCode::OK, &page)
}
