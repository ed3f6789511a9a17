//! 調査: what an organisation answers beside the daily report, how far a prefecture's hospitals are, and what the prefecture wants of a
//! survey.

use super::{
    query::csv,
    report::{Sent, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person, SurveyCode},
    state::State,
    view::{DutiesPage, MarkingPage, RespondentsPage, SurveyAnswersPage, path, survey_answers_table},
};
use akidoko_domain::{
    id::OrganisationCode,
    organisation::OrganisationKind,
    survey::{Mark, Marks},
};
use akidoko_service::{
    account::Session,
    survey_answers::SurveyAnswers,
    survey_marks::{MarkError, Marking},
};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The list.
pub async fn surveys(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let actor = &session.actor;
    match actor.kind {
        OrganisationKind::Hospital | OrganisationKind::Association | OrganisationKind::PrefectureHealth => {}
        OrganisationKind::Ministry => return Ok(Redirect::to(path::OFFICE_SURVEYS).into_response()),
        _ => return Err(Failure::forbidden().saying("調査の画面は、医療機関・とりまとめ団体・都道府県の ID で開きます。")),
    }
    let duties = state.service.duties(actor).await?;
    let progress = match (actor.kind, actor.prefecture) {
        (OrganisationKind::PrefectureHealth, Some(prefecture)) => Some(state.service.progress(actor, prefecture).await?),
        _ => None,
    };
    let frame = state.frame(Some(&session)).calling(super::query::calls(&state, &session).await?);
    show(StatusCode::OK, &DutiesPage::new(frame, duties, progress, state.service.now()))
}

fn failed(error: MarkError) -> Failure {
    match error {
        MarkError::NotFound => Failure::not_found(),
        MarkError::Forbidden => Failure::forbidden().saying("項目の指定は、都道府県の衛生主管部局の ID で行います。"),
        MarkError::NoSuchItem => Failure::bad_request("画面から送られた項目が、いまの調査にありません。画面を開き直してください。"),
        MarkError::Stale => Failure::new(StatusCode::CONFLICT, "stale")
            .saying("この画面を開いたあとに、ほかの人が指定を変えました。画面を開き直して、確かめてください。"),
        MarkError::Store(error) => error.into(),
    }
}

fn marking_page(state: &State, session: &Session, marking: &Marking, typed: Option<&Marks>, status: StatusCode, saved: bool) -> Answer {
    let board = state.service.live().reference();
    let prefecture = board.prefectures.get(&marking.prefecture).cloned().unwrap_or_default();
    let hospitals = match state.service.board(&session.actor, None) {
        Ok(board) if marking.survey.who.named => board.rows.values().map(|r| r.card.clone()).collect(),
        _ => Vec::new(),
    };
    let frame = state.frame(Some(session));
    show(status, &MarkingPage::new(frame, &prefecture, marking, typed, &hospitals, saved))
}

/// What the prefecture requires and hides.
pub async fn survey_items(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    query: Parameters,
) -> Answer {
    let marking = state.service.marking(&session.actor, &survey).map_err(failed)?;
    marking_page(&state, &session, &marking, None, StatusCode::OK, query.get("saved").is_some())
}

/// Reads marks from a form: `<prefix><item>`.
fn marks(fields: &[(String, String)], prefix: &str) -> BTreeMap<String, Mark> {
    fields.iter().filter_map(|(n, v)| Some((n.strip_prefix(prefix)?.to_owned(), Mark::parse(v)?))).collect()
}

/// Sets them.
pub async fn set_survey_items(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    form: Sent,
) -> Answer {
    // Who may not do it learns nothing of what was sent.
    state.service.marking(&session.actor, &survey).map_err(failed)?;
    let fields = sent(form)?;
    let (seen, wanted) = (Marks(marks(&fields, "seen.")), marks(&fields, "m."));
    match state.service.set_marks(&session.actor, &survey, &seen, &wanted).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::survey_items(&survey))).into_response()),
        Err(MarkError::Stale) => {
            let marking = state.service.marking(&session.actor, &survey).map_err(failed)?;
            marking_page(&state, &session, &marking, Some(&Marks(wanted)), StatusCode::CONFLICT, false)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Who is asked in the period that lasts, and who has answered; the prefecture enters for who cannot.
pub async fn survey_respondents(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode) -> Answer {
    // Whose page it is at all.
    state.service.marking(&session.actor, &survey).map_err(failed)?;
    let respondents = state.service.respondents(&session.actor, &survey).await?.ok_or_else(Failure::not_found)?;
    show(StatusCode::OK, &RespondentsPage::new(state.frame(Some(&session)), &respondents, state.service.now()))
}

async fn answers_of(state: &State, session: &Session, survey: &str, query: &Parameters) -> Result<SurveyAnswers, Failure> {
    state.service.marking(&session.actor, survey).map_err(failed)?;
    // A day that is none chooses the period that lasts.
    let day = query.get("period").and_then(|d| d.parse().ok());
    state.service.survey_answers(&session.actor, survey, day).await?.ok_or_else(Failure::not_found)
}

/// What its hospitals answered.
pub async fn survey_answers(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    query: Parameters,
) -> Answer {
    let answers = answers_of(&state, &session, &survey, &query).await?;
    show(StatusCode::OK, &SurveyAnswersPage::new(state.frame(Some(&session)), &answers, None, state.service.now()))
}

/// The same as a file.
pub async fn survey_answers_csv(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    query: Parameters,
) -> Answer {
    let answers = answers_of(&state, &session, &survey, &query).await?;
    let table = survey_answers_table(&answers);
    // In the log before it is handed out.
    let detail = json!({ "survey": survey, "period": answers.period.first, "rows": table.rows.len() });
    state.service.log_export(&session.actor, "survey answers", detail).await?;
    Ok(csv(&format!("{survey}-{}", answers.period.first), &table))
}

/// Names the hospitals that answer it.
pub async fn name_survey_hospitals(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    form: Sent,
) -> Answer {
    state.service.marking(&session.actor, &survey).map_err(failed)?;
    let fields = sent(form)?;
    let chosen: Result<BTreeSet<OrganisationCode>, _> = fields.iter().filter(|(n, _)| n == "hospital").map(|(_, v)| v.parse()).collect();
    let chosen = chosen.map_err(|_| Failure::bad_request("画面から送られた医療機関を読めません。画面を開き直してください。"))?;
    let seen = Some(field(&fields, "seen")).filter(|s| !s.is_empty());
    match state.service.name_hospitals(&session.actor, &survey, seen, &chosen).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::survey_items(&survey))).into_response()),
        Err(MarkError::Stale) => {
            let marking = state.service.marking(&session.actor, &survey).map_err(failed)?;
            let marks = marking.marks.clone();
            marking_page(&state, &session, &marking, Some(&marks), StatusCode::CONFLICT, false)
        }
        Err(error) => Err(failed(error)),
    }
}
