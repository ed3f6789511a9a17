//! The check of a row: what it would change, what is wrong or doubtful, cell by cell. Pure: what stands is given.

use super::{
    CheckedRow, FileChoices, LooseFile, LooseRow, Place, RowFinding, RowProblem, RowState, Standing,
    roster::{Addressed, Roster, has_private_letters},
};
use akidoko_domain::{
    board::Card,
    report::{Author, Channel, Kind, Known, Problem, Refusal, Submission, check, read_answers, typed_cell},
    survey::{Answers, Survey, Value},
    time::jst_day,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a row is held against.
pub(super) struct Ground<'a> {
    pub(super) survey: &'a Survey,
    pub(super) standing: &'a Standing,
    pub(super) choices: &'a FileChoices,
    pub(super) now: DateTime<Utc>,
    /// The window for corrections of that day is over.
    pub(super) closed: Option<(u32, NaiveDate)>,
}

/// Checks a row whose hospital and day are known, or says what is known of it.
pub(super) fn row(file: &LooseFile, row: &LooseRow, addressed: Addressed, ground: Option<Ground<'_>>, own: &Roster) -> CheckedRow {
    let Addressed { card, day, findings } = addressed;
    let (warnings, errors): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| f.problem.is_soft());
    let mut checked = CheckedRow {
        number: row.number,
        card,
        day,
        state: RowState::Unknown,
        changes: Vec::new(),
        errors,
        warnings,
        is_correction: false,
        submission: None,
    };
    let (Some(card), Some(day), Some(ground)) = (checked.card.clone(), day, ground) else { return checked };
    if let Some((days, until)) = ground.closed {
        checked.errors.push(RowFinding::of(Place::Day, RowProblem::WindowClosed { days, until }));
    }
    let raw = typed(file, row, &ground, &mut checked);
    let (answers, unreadable) = read_answers(ground.survey, Kind::Full, &raw);
    let standing = ground.standing;
    if let Some(seen) = row.seen
        && seen != standing.version
    {
        checked.warnings.push(RowFinding::of(Place::Code, RowProblem::Newer { version: standing.version }));
    }
    let on_behalf = card.code != own.own;
    let mut confirmed = ground.choices.confirmed.get(&row.number).cloned().unwrap_or_default();
    confirmed.extend(ground.choices.beside.iter().cloned());
    checked.is_correction = standing.version > 0 && day < jst_day(ground.now);
    let submission = Submission {
        report_date: day,
        kind: Kind::Full,
        answers,
        unreadable,
        confirmed: confirmed.clone(),
        // What is asked of the file as a whole is not said of each row.
        reason: Some(ground.choices.reason.clone().unwrap_or_else(|| "—".to_owned())),
        expected_version: Some(standing.version),
        channel: Channel::File,
        on_behalf,
        typed_at: None,
        behalf: None,
        source: None,
        as_of: None,
    };
    rules(&card, ground.survey, &submission, standing.version, ground.now, &mut checked);
    checked.warnings.retain(|w| !confirmed.contains(&w.id));
    if checked.errors.is_empty() {
        checked.changes = changes(ground.survey, &standing.answers, &submission.answers);
        checked.state = match (standing.is_reported, checked.changes.is_empty()) {
            (true, true) => RowState::Same,
            (true, false) => RowState::Changed,
            (false, true) => RowState::Unchanged,
            (false, false) => RowState::New,
        };
        checked.is_correction &= checked.state != RowState::Same;
    }
    checked.submission = Some(Submission { reason: ground.choices.reason.clone(), behalf: ground.choices.behalf.clone(), ..submission });
    checked
}

/// The row's cells as [`read_answers`] reads them. What has no place in the file keeps what was reported last.
fn typed(file: &LooseFile, row: &LooseRow, ground: &Ground<'_>, checked: &mut CheckedRow) -> BTreeMap<String, Json> {
    let mut raw: BTreeMap<String, Json> = BTreeMap::new();
    for (id, value) in &ground.standing.answers {
        if !file.places.contains_key(id) && ground.survey.item(id).is_some() {
            let json = match value {
                Some(Value::Count(n)) => Json::from(*n),
                Some(Value::Word(word)) => Json::from(word.as_str()),
                None => Json::Null,
            };
            raw.insert(id.clone(), json);
        }
    }
    for (id, text) in file.items.iter().zip(&row.cells) {
        let place = || Place::Item(id.clone());
        let Some(item) = ground.survey.item(id) else {
            if !text.is_empty() {
                checked.errors.push(RowFinding::of(place(), RowProblem::Answer(Problem::UnknownItem)));
            }
            continue;
        };
        if row.formulas.contains(id) {
            let problem = if text.is_empty() { RowProblem::FormulaWithoutValue } else { RowProblem::Formula };
            let list = if problem.is_soft() { &mut checked.warnings } else { &mut checked.errors };
            list.push(RowFinding::of(place(), problem));
        }
        if has_private_letters(text) {
            checked.errors.push(RowFinding::of(place(), RowProblem::PrivateLetter));
        }
        let cell = typed_cell(item, text);
        if cell.is_dash {
            checked.warnings.push(RowFinding::of(place(), RowProblem::Dash));
        }
        raw.insert(id.clone(), Json::from(cell.raw));
    }
    raw
}

/// The same rules as on every road.
fn rules(card: &Card, survey: &Survey, submission: &Submission, version: u32, now: DateTime<Utc>, checked: &mut CheckedRow) {
    let author = Author {
        organisation: String::new(),
        sign_in: String::new(),
        operator: String::new(),
        channel: Channel::File,
        on_behalf: false,
        behalf: None,
        source: None,
        report_date: submission.report_date,
        version: 0,
        received_at: now,
    };
    let known = Known { version, licensed_beds: card.beds_total, ..Known::default() };
    // Why it is entered for another is asked of the whole file.
    let submission = Submission { on_behalf: false, ..submission.clone() };
    match check(survey, &known, &submission, author, now) {
        Err(Refusal::Findings { errors, warnings }) => {
            checked.errors.extend(errors.into_iter().map(RowFinding::of_answer));
            checked.warnings.extend(warnings.into_iter().map(RowFinding::of_answer));
        }
        Err(Refusal::BeforeSurvey) => checked.errors.push(RowFinding::of(Place::Day, RowProblem::BeforeSurvey)),
        Err(Refusal::FutureDate) => checked.errors.push(RowFinding::of(Place::Day, RowProblem::FutureDay)),
        // A reason is asked for the whole file.
        _ => {}
    }
}

fn changes(survey: &Survey, before: &Answers, after: &Answers) -> Vec<(String, Option<Value>, Option<Value>)> {
    let answer = |answers: &Answers, id: &str| answers.get(id).cloned().flatten();
    survey
        .items()
        .filter_map(|item| {
            let (from, to) = (answer(before, &item.id), answer(after, &item.id));
            (from != to).then(|| (item.id.clone(), from, to))
        })
        .collect()
}
