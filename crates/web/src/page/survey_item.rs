//! The items and the rules of a draft, one form each.

use super::{
    report::{Sent, field, sent},
    show,
    survey_draft::{SAVE_FIRST, file_of, on, revision},
    survey_editor::{STALE, failed},
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person, SurveyCode},
    state::State,
    view::{ItemPage, RulePage, TypedRule, path},
};
use akidoko_domain::{
    organisation::OrganisationKind,
    survey::{Flaw, Flawed, Place, Survey, TypedItem, flaws},
};
use akidoko_service::{
    account::Session,
    survey_editor::{EditError, SurveyFile},
};
use axum::{
    extract::{Path, State as Extract},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};

fn typed_item(fields: &[(String, String)]) -> TypedItem {
    let text = |name: &str| field(fields, name).to_owned();
    let hidden = fields.iter().filter(|(n, _)| n == "hidden_from").filter_map(|(_, v)| OrganisationKind::parse(v));
    TypedItem {
        id: text("id"),
        label: text("label"),
        kind: text("kind"),
        unit: text("unit"),
        min: text("min"),
        max: text("max"),
        text_max: text("text_max"),
        options: text("options"),
        not_available: on(fields, "not_available"),
        date_min: text("date_min"),
        date_max: text("date_max"),
        time_min: text("time_min"),
        time_max: text("time_max"),
        part: on(fields, "part"),
        required: on(fields, "required"),
        help: text("help"),
        reference: text("reference"),
        column: text("column"),
        hidden_from: hidden.collect(),
    }
}

fn named(all: &[(String, String)], name: &str) -> Result<String, Failure> {
    all.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).ok_or_else(Failure::not_found)
}

fn is_published(file: &SurveyFile, id: &str) -> bool {
    file.versions.iter().any(|(s, _)| s.item(id).is_some())
}

fn section_of(survey: &Survey, id: &str) -> String {
    survey.sections.iter().find(|s| s.items.iter().any(|i| i.id == id)).map(|s| s.id.clone()).unwrap_or_default()
}

fn item_page(
    state: &State,
    session: &Session,
    file: &SurveyFile,
    stands: Option<&str>,
    typed: (TypedItem, &str),
    wrong: (Option<String>, &[Flawed]),
    status: StatusCode,
) -> Answer {
    let draft = file.draft.as_ref().ok_or_else(Failure::not_found)?;
    let fixed = stands.is_some_and(|id| is_published(file, id));
    show(status, &ItemPage::new(state.frame(Some(session)), (&draft.survey, draft.revision), stands, typed, wrong, fixed))
}

/// The form of a new item.
pub async fn new_item_form(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    query: Parameters,
) -> Answer {
    let file = file_of(&state, &session, &survey).await?;
    let section = query.get("section").unwrap_or_default();
    item_page(&state, &session, &file, None, (TypedItem::fresh(), section), (None, &[]), StatusCode::OK)
}

/// The form of an item.
pub async fn item_form(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let file = file_of(&state, &session, &survey).await?;
    let id = named(&all, "item")?;
    let draft = &file.draft.as_ref().ok_or_else(Failure::not_found)?.survey;
    let typed = TypedItem::of(draft.item(&id).ok_or_else(Failure::not_found)?);
    let section = section_of(draft, &id);
    item_page(&state, &session, &file, Some(&id), (typed, &section), (None, &[]), StatusCode::OK)
}

/// Adds an item.
pub async fn add_item(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode, form: Sent) -> Answer {
    save_item(&state, &session, &survey, None, form).await
}

/// Changes an item.
pub async fn change_item(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
    form: Sent,
) -> Answer {
    save_item(&state, &session, &survey, Some(&named(&all, "item")?), form).await
}

async fn save_item(state: &State, session: &Session, survey: &str, stands: Option<&str>, form: Sent) -> Answer {
    let file = file_of(state, session, survey).await?;
    let fields = sent(form)?;
    let seen = (survey, revision(&fields)?);
    let (typed, section) = (typed_item(&fields), field(&fields, "section"));
    let published: Vec<Survey> = file.versions.iter().map(|(s, _)| s.clone()).collect();
    let fixed = stands.filter(|id| is_published(&file, id)).map(str::to_owned);
    let saved = match typed.read() {
        Err(wrong) => Err(EditError::Flaws(wrong)),
        Ok(item) if fixed.as_ref().is_some_and(|id| *id != item.id) => {
            Err(EditError::Flaws(vec![Flawed { place: Place::Item(item.id, "id"), flaw: Flaw::KindChanged }]))
        }
        Ok(item) => {
            let (id, section, stands) = (item.id.clone(), section.to_owned(), stands.map(str::to_owned));
            let put = move |draft: &mut Survey| put_item(draft, item, stands.as_deref(), &section, &published);
            state.service.change_draft(&session.actor, seen, put).await.map(|_| id)
        }
    };
    let (wrong, problem, status) = match saved {
        Ok(id) => {
            let draft = file_of(state, session, survey).await?;
            let at = draft.draft.as_ref().and_then(|d| d.survey.sections.iter().position(|s| s.items.iter().any(|i| i.id == id)));
            return Ok(Redirect::to(&format!("{}#section-{}", path::draft(survey), at.unwrap_or_default())).into_response());
        }
        Err(EditError::Flaws(wrong)) => (wrong, SAVE_FIRST, StatusCode::UNPROCESSABLE_ENTITY),
        Err(EditError::Stale) => (vec![], STALE, StatusCode::CONFLICT),
        Err(error) => return Err(failed(error)),
    };
    let file = file_of(state, session, survey).await?;
    item_page(state, session, &file, stands, (typed, section), (Some(problem.to_owned()), &wrong), status)
}

/// Puts an item into its section: where it stood if that is the same, else at the end.
fn put_item(
    draft: &mut Survey,
    item: akidoko_domain::survey::Item,
    stands: Option<&str>,
    section: &str,
    published: &[Survey],
) -> Result<(), EditError> {
    let id = item.id.clone();
    let to = draft.sections.iter().position(|s| s.id == section).ok_or(EditError::NotFound)?;
    let from = stands.map(|old| {
        let place = draft.sections.iter().enumerate().find_map(|(s, part)| Some((s, part.items.iter().position(|i| i.id == old)?)));
        place.ok_or(EditError::NotFound)
    });
    match from.transpose()? {
        Some((from, at)) if from == to => draft.sections[to].items[at] = item,
        Some((from, at)) => {
            draft.sections[from].items.remove(at);
            draft.sections[to].items.push(item);
        }
        None => draft.sections[to].items.push(item),
    }
    let wrong: Vec<Flawed> = flaws(draft, published).into_iter().filter(|f| matches!(&f.place, Place::Item(i, _) if *i == id)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(EditError::Flaws(wrong)) }
}

fn typed_rule(fields: &[(String, String)]) -> TypedRule {
    let text = |name: &str| field(fields, name).to_owned();
    TypedRule { id: text("id"), holds: text("holds"), severity: text("severity"), item: text("item"), message: text("message") }
}

/// The form of a new rule.
pub async fn new_rule_form(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode) -> Answer {
    let file = file_of(&state, &session, &survey).await?;
    let draft = file.draft.as_ref().ok_or_else(Failure::not_found)?;
    let typed = TypedRule { id: free_rule(&draft.survey), severity: "hard".to_owned(), ..TypedRule::default() };
    show(StatusCode::OK, &RulePage::new(state.frame(Some(&session)), (&draft.survey, draft.revision), None, typed, (None, &[])))
}

fn free_rule(survey: &Survey) -> String {
    (1..=survey.rules.len() + 1).map(|n| format!("rule_{n}")).find(|id| survey.rules.iter().all(|r| r.id != *id)).unwrap_or_default()
}

/// The form of a rule.
pub async fn rule_form(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let file = file_of(&state, &session, &survey).await?;
    let (draft, id) = (file.draft.as_ref().ok_or_else(Failure::not_found)?, named(&all, "rule")?);
    let rule = draft.survey.rules.iter().find(|r| r.id == id).ok_or_else(Failure::not_found)?;
    let wrong: Vec<Flawed> = file.flaws.iter().filter(|f| matches!(&f.place, Place::Rule(r, _) if *r == id)).cloned().collect();
    let page = RulePage::new(state.frame(Some(&session)), (&draft.survey, draft.revision), Some(&id), TypedRule::of(rule), (None, &wrong));
    show(StatusCode::OK, &page)
}

/// Adds a rule.
pub async fn add_rule(Extract(state): Extract<State>, Person(session): Person, SurveyCode(survey): SurveyCode, form: Sent) -> Answer {
    save_rule(&state, &session, &survey, None, form).await
}

/// Changes a rule.
pub async fn change_rule(
    Extract(state): Extract<State>,
    Person(session): Person,
    SurveyCode(survey): SurveyCode,
    Path(all): Path<Vec<(String, String)>>,
    form: Sent,
) -> Answer {
    save_rule(&state, &session, &survey, Some(&named(&all, "rule")?), form).await
}

async fn save_rule(state: &State, session: &Session, survey: &str, stands: Option<&str>, form: Sent) -> Answer {
    file_of(state, session, survey).await?;
    let fields = sent(form)?;
    let seen = (survey, revision(&fields)?);
    let typed = typed_rule(&fields);
    let (rule, old) = (typed.read(), stands.map(str::to_owned));
    let put = move |draft: &mut Survey| {
        let id = rule.id.clone();
        match old {
            Some(old) => *draft.rules.iter_mut().find(|r| r.id == old).ok_or(EditError::NotFound)? = rule,
            None => draft.rules.push(rule),
        }
        let wrong: Vec<Flawed> = flaws(draft, []).into_iter().filter(|f| matches!(&f.place, Place::Rule(r, _) if *r == id)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(EditError::Flaws(wrong)) }
    };
    let (wrong, problem, status) = match state.service.change_draft(&session.actor, seen, put).await {
        Ok(_) => return Ok(Redirect::to(&format!("{}#h-rules", path::draft(survey))).into_response()),
        Err(EditError::Flaws(wrong)) => (wrong, SAVE_FIRST, StatusCode::UNPROCESSABLE_ENTITY),
        Err(EditError::Stale) => (vec![], STALE, StatusCode::CONFLICT),
        Err(error) => return Err(failed(error)),
    };
    let file = file_of(state, session, survey).await?;
    let draft = file.draft.as_ref().ok_or_else(Failure::not_found)?;
    let frame = state.frame(Some(session));
    show(status, &RulePage::new(frame, (&draft.survey, draft.revision), stands, typed, (Some(problem.to_owned()), &wrong)))
}
