//! The draft of a survey's next version, changed piece by piece. Each form carries the revision that its reader saw; whoever comes second is
//! told, and keeps what was typed.

use super::{
    report::{Sent, field, sent},
    show,
    survey_editor::{STALE, bad_day, failed},
};
use crate::{
    error::{Answer, Failure},
    extract::{Person, SurveyCode},
    state::State,
    view::{DraftInput, DraftPage, path},
};
use akidoko_domain::{
    hospital::EmergencyLevel,
    survey::{Flaw, Flawed, Place, Rate, Section, Survey, TypedHead, flaws},
};
use akidoko_service::{
    account::Session,
    survey_editor::{EditError, SurveyFile},
};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::BTreeSet;

pub(super) const SAVE_FIRST: &str = "直すところがあります。まだ保存していません。";

pub(super) async fn file_of(state: &State, session: &Session, survey: &str) -> Result<SurveyFile, Failure> {
    let file = state.service.survey_file(&session.actor, survey).await.map_err(failed)?;
    if file.draft.is_some() { Ok(file) } else { Err(Failure::not_found()) }
}

async fn page(state: &State, session: &Session, survey: &str, input: DraftInput<'_>, status: StatusCode) -> Answer {
    let file = file_of(state, session, survey).await?;
    let reference = state.service.live().reference();
    let page = DraftPage::new(state.frame(Some(session)), &file, &reference.holidays, &input, state.service.now());
    show(status, &page.ok_or_else(Failure::not_found)?)
}

/// The draft.
pub async fn survey_draft(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode) -> Answer {
    page(&state, &session, &survey, DraftInput::default(), StatusCode::OK).await
}

pub(super) fn revision(fields: &[(String, String)]) -> Result<i32, Failure> {
    field(fields, "revision").parse().map_err(|_| Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。"))
}

pub(super) fn on(fields: &[(String, String)], name: &str) -> bool {
    !field(fields, name).is_empty()
}

fn typed_head(fields: &[(String, String)]) -> TypedHead {
    let text = |name: &str| field(fields, name).to_owned();
    let all = fields.iter().filter(|(n, _)| n == "emergency");
    let level = |word: &str| EmergencyLevel::ALL.into_iter().find(|l| l.as_str() == word);
    TypedHead {
        title: text("title"),
        cadence: text("cadence"),
        year_from: text("year_from"),
        is_due: on(fields, "is_due"),
        due_days: text("due_days"),
        due_time: text("due_time"),
        next_working_day: on(fields, "next_working_day"),
        who: text("who"),
        emergency: all.filter_map(|(_, v)| level(v)).collect(),
        least_beds: text("least_beds"),
        named: on(fields, "named"),
    }
}

/// Changes the draft, publishes it, throws it away.
pub async fn change_draft(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode, form: Sent) -> Answer {
    file_of(&state, &session, &survey).await?;
    let fields = sent(form)?;
    let seen = (survey.as_str(), revision(&fields)?);
    let (act, target) = field(&fields, "act").split_once(':').unwrap_or((field(&fields, "act"), ""));
    match act {
        "head" => return save_head(&state, &session, seen, &fields).await,
        "publish" => return publish(&state, &session, seen, field(&fields, "from")).await,
        "discard" => {
            state.service.discard_draft(&session.actor, seen).await.map_err(failed)?;
            return Ok(Redirect::to(path::OFFICE_SURVEYS).into_response());
        }
        _ => {}
    }
    let mut jump = "#sections".to_owned();
    let changed = state.service.change_draft(&session.actor, seen, |draft| rearrange(draft, act, target, &fields)).await;
    match changed {
        Ok(_) => {
            if act.starts_with("rule") {
                "#h-rules".clone_into(&mut jump);
            } else if act.starts_with("rate") {
                "#h-rates".clone_into(&mut jump);
            }
            Ok(Redirect::to(&format!("{}{jump}", path::draft(&survey))).into_response())
        }
        Err(EditError::Stale) => {
            page(&state, &session, &survey, DraftInput { problem: Some(STALE.to_owned()), ..DraftInput::default() }, StatusCode::CONFLICT)
                .await
        }
        Err(EditError::Flaws(wrong)) => {
            let words = wrong.first().map(|f| crate::words::survey::flaw(&f.flaw)).unwrap_or_default();
            let input = DraftInput { problem: Some(format!("{SAVE_FIRST}{words}")), ..DraftInput::default() };
            page(&state, &session, &survey, input, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(failed(error)),
    }
}

async fn save_head(state: &State, session: &Session, seen: (&str, i32), fields: &[(String, String)]) -> Answer {
    let head = typed_head(fields);
    let (put, code) = (head.clone(), seen.0);
    let saved = state
        .service
        .change_draft(&session.actor, seen, |draft| {
            put.put(draft).map_err(EditError::Flaws)?;
            let wrong: Vec<Flawed> =
                flaws(draft, []).into_iter().filter(|f| matches!(f.place, Place::Head(field) if field != "items")).collect();
            if wrong.is_empty() { Ok(()) } else { Err(EditError::Flaws(wrong)) }
        })
        .await;
    let (wrong, problem, status) = match saved {
        Ok(_) => return Ok(Redirect::to(&path::draft(code)).into_response()),
        Err(EditError::Flaws(wrong)) => (wrong, SAVE_FIRST, StatusCode::UNPROCESSABLE_ENTITY),
        Err(EditError::Stale) => (vec![], STALE, StatusCode::CONFLICT),
        Err(error) => return Err(failed(error)),
    };
    page(state, session, code, DraftInput { head: Some(&head), wrong: &wrong, problem: Some(problem.to_owned()), from: None }, status).await
}

async fn publish(state: &State, session: &Session, seen: (&str, i32), from: &str) -> Answer {
    let again = |flaw: Option<Flaw>, problem: String| (flaw.map(|flaw| Flawed { place: Place::Head("from"), flaw }), problem);
    let (wrong, problem) = match from.trim().parse::<chrono::NaiveDate>() {
        Err(_) => again(Some(Flaw::NotADay), "始まる日を入れてください。".to_owned()),
        Ok(day) => match state.service.publish_survey(&session.actor, seen, day).await {
            Ok(_) => return Ok(Redirect::to(&path::office_survey(seen.0)).into_response()),
            Err(EditError::BadDay { earliest }) => again(None, bad_day(earliest)),
            Err(EditError::Flaws(_)) => again(None, "直すところが残っているので、まだ公開していません。".to_owned()),
            Err(EditError::Stale) => again(None, STALE.to_owned()),
            Err(error) => return Err(failed(error)),
        },
    };
    let status = if problem == STALE { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let wrong: Vec<Flawed> = wrong.into_iter().collect();
    let input = DraftInput { head: None, wrong: &wrong, problem: Some(problem), from: Some(from.to_owned()) };
    page(state, session, seen.0, input, status).await
}

/// A change of place, a removal, a section.
fn rearrange(draft: &mut Survey, act: &str, target: &str, fields: &[(String, String)]) -> Result<(), EditError> {
    let at = draft.sections.iter().position(|s| s.id == target);
    match act {
        "section_up" | "section_down" => {
            let at = at.ok_or(EditError::NotFound)?;
            let to = if act == "section_up" { at.checked_sub(1) } else { Some(at + 1) };
            let to = to.filter(|to| *to < draft.sections.len()).ok_or(EditError::NotFound)?;
            draft.sections.swap(at, to);
        }
        "section_remove" => {
            let at = at.filter(|at| draft.sections[*at].items.is_empty()).ok_or(EditError::NotFound)?;
            draft.sections.remove(at);
        }
        "section_add" => {
            let title = field(fields, "title").trim().to_owned();
            let taken: BTreeSet<&str> = draft.sections.iter().map(|s| s.id.as_str()).collect();
            let id = (1..=taken.len() + 1).map(|n| format!("section_{n}")).find(|id| !taken.contains(id.as_str())).unwrap_or_default();
            let section = Section { id, sheet: None, title, note: None, folded: false, may_skip: false, items: vec![] };
            draft.sections.push(section);
            section_flaws(draft, draft.sections.len() - 1)?;
        }
        "section" => {
            let id = field(fields, "section");
            let at = draft.sections.iter().position(|s| s.id == id).ok_or(EditError::NotFound)?;
            let optional = |name: &str| Some(field(fields, name).trim().to_owned()).filter(|w| !w.is_empty());
            let section = &mut draft.sections[at];
            field(fields, "title").trim().clone_into(&mut section.title);
            (section.sheet, section.note) = (optional("sheet"), optional("note"));
            (section.folded, section.may_skip) = (on(fields, "folded"), on(fields, "may_skip"));
            section_flaws(draft, at)?;
        }
        "item_up" | "item_down" => move_item(draft, target, act == "item_up")?,
        "item_remove" => {
            let before = draft.items().count();
            draft.sections.iter_mut().for_each(|s| s.items.retain(|i| i.id != target));
            if draft.items().count() == before {
                return Err(EditError::NotFound);
            }
        }
        "rate_remove" => draft.rates.retain(|r| r.id != target),
        "rate_add" => {
            let words = |name: &str| field(fields, name).trim().to_owned();
            let id = (1..=draft.rates.len() + 1)
                .map(|n| format!("rate_{n}"))
                .find(|id| draft.rates.iter().all(|r| r.id != *id))
                .unwrap_or_default();
            let part = words("part")
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | '、'))
                .filter(|p| !p.is_empty())
                .map(str::to_owned)
                .collect();
            draft.rates.push(Rate { id: id.clone(), label: words("label"), part, whole: words("whole") });
            let wrong: Vec<Flawed> = flaws(draft, []).into_iter().filter(|f| f.place == Place::Rate(id.clone())).collect();
            if !wrong.is_empty() {
                return Err(EditError::Flaws(wrong));
            }
        }
        "rule_remove" => draft.rules.retain(|r| r.id != target),
        _ => return Err(EditError::NotFound),
    }
    Ok(())
}

fn section_flaws(draft: &Survey, at: usize) -> Result<(), EditError> {
    let id = draft.sections.get(at).map(|s| s.id.clone()).unwrap_or_default();
    let wrong: Vec<Flawed> = flaws(draft, []).into_iter().filter(|f| matches!(&f.place, Place::Section(s, _) if *s == id)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(EditError::Flaws(wrong)) }
}

/// Up and down, into the neighbouring section at the end of one's own.
fn move_item(draft: &mut Survey, id: &str, up: bool) -> Result<(), EditError> {
    let place = draft.sections.iter().enumerate().find_map(|(s, section)| Some((s, section.items.iter().position(|i| i.id == id)?)));
    let (section, at) = place.ok_or(EditError::NotFound)?;
    let items = &mut draft.sections[section].items;
    if up && at > 0 {
        items.swap(at, at - 1);
    } else if !up && at + 1 < items.len() {
        items.swap(at, at + 1);
    } else {
        let to = if up { section.checked_sub(1) } else { Some(section + 1) };
        let to = to.filter(|to| *to < draft.sections.len()).ok_or(EditError::NotFound)?;
        let item = draft.sections[section].items.remove(at);
        let place = if up { draft.sections[to].items.len() } else { 0 };
        draft.sections[to].items.insert(place, item);
    }
    Ok(())
}
