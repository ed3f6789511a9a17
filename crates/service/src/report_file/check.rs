//! The check of a file: whose each row is and for which day, what it would change, what is wrong or doubtful, cell by cell. Pure: what stands
//! is given.

use super::{FileChoices, LooseFile, LooseRow, Standing};
use akidoko_domain::{
    access::Actor,
    board::{Card, Row},
    id::{HospitalId, OrganisationCode},
    report::{Author, Channel, Finding, Kind, Known, Problem, Refusal, Submission, check, read_answers, typed_cell},
    survey::{Answers, Survey, Value},
    text::{find_date, fold_code, fold_search, parse_date},
    time::jst_day,
};
use akidoko_store::ReportFileRow;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Where in a row something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Its hospital.
    Code,
    /// Its day.
    Day,
    /// An item.
    Item(String),
}

impl Place {
    /// The field's name.
    pub fn field(&self) -> &str {
        match self {
            Self::Code => "code",
            Self::Day => "day",
            Self::Item(id) => id,
        }
    }
}

/// What is wrong or doubtful in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// No hospital is named.
    NoHospital,
    /// Not a hospital that this actor may report for; nobody learns whether it exists.
    NotOnRoster,
    /// Several hospitals are called so.
    Ambiguous,
    /// The ID is one hospital's, the name another's. Soft.
    NameDiffers {
        /// The name of the register.
        roster: String,
    },
    /// The same hospital and day stand in an earlier row.
    Twice {
        /// Its number.
        first: u32,
    },
    /// Not a day with its year.
    BadDay,
    /// A day that has not come.
    FutureDay,
    /// A day before the survey.
    BeforeSurvey,
    /// The window for corrections is over: only the hospital's screen can ask for consent.
    WindowClosed {
        /// Its days.
        days: u32,
        /// The last day on which it was open.
        until: NaiveDate,
    },
    /// More days than a file may have.
    TooManyDays,
    /// The answer.
    Answer(Problem),
    /// A dash was read as 未回答. Soft.
    Dash,
    /// The value is a formula's, as it was when the file was saved. Soft.
    Formula,
    /// A formula without a value.
    FormulaWithoutValue,
    /// A letter of somebody's own（外字）that others cannot read.
    PrivateLetter,
    /// Somebody reported since the file was checked. Soft, once.
    Newer {
        /// The version.
        version: u32,
    },
}

impl RowProblem {
    fn is_soft(&self) -> bool {
        matches!(self, Self::NameDiffers { .. } | Self::Dash | Self::Formula | Self::Newer { .. })
    }
}

/// A problem, where, and the name by which a soft one is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFinding {
    /// Where.
    pub place: Place,
    /// The name.
    pub id: String,
    /// What.
    pub problem: RowProblem,
}

impl RowFinding {
    fn of(place: Place, problem: RowProblem) -> Self {
        let kind = match problem {
            RowProblem::NameDiffers { .. } => "name".to_owned(),
            RowProblem::Dash => "dash".to_owned(),
            RowProblem::Formula => "formula".to_owned(),
            RowProblem::Newer { version } => format!("newer-{version}"),
            _ => "row".to_owned(),
        };
        Self { id: format!("{kind}:{}", place.field()), place, problem }
    }

    fn of_answer(finding: Finding) -> Self {
        Self { id: finding.id, place: Place::Item(finding.item), problem: RowProblem::Answer(finding.problem) }
    }
}

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// The day's first report, with other figures than the last.
    New,
    /// The day's first report, with the figures of the last.
    Unchanged,
    /// A new version of a day that has been reported.
    Changed,
    /// What stands already: no version comes of it.
    Same,
    /// It cannot be said.
    Unknown,
}

/// A row, checked.
#[derive(Debug, Clone)]
pub struct CheckedRow {
    /// Its number in the file.
    pub number: u32,
    /// The hospital, where it was found.
    pub card: Option<Arc<Card>>,
    /// The day, where it was read.
    pub day: Option<NaiveDate>,
    /// What it would do.
    pub state: RowState,
    /// By item: from what to what.
    pub changes: Vec<(String, Option<Value>, Option<Value>)>,
    /// Must be mended.
    pub errors: Vec<RowFinding>,
    /// Must be confirmed or mended.
    pub warnings: Vec<RowFinding>,
    /// A past day that has been reported: its correction says why.
    pub is_correction: bool,
    /// As it would be handed in.
    pub submission: Option<Submission>,
}

/// What is to be said of the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNote {
    /// A template of another survey: nothing of it is taken.
    OtherSurvey,
    /// A template of another version. To be confirmed.
    OldForm {
        /// Its version.
        version: u32,
        /// The one in force.
        current: u32,
    },
    /// A column that is not read. To be confirmed.
    Unknown {
        /// Its heading.
        heading: String,
        /// Where.
        address: String,
    },
    /// Rows of days that are over. To be confirmed.
    PastDays {
        /// How many.
        rows: usize,
    },
    /// The day was taken from above the header.
    DayFromTitle {
        /// Where.
        address: String,
        /// The day.
        day: NaiveDate,
    },
    /// Items without a place in the file keep what was reported last.
    Kept {
        /// They.
        items: Vec<String>,
    },
    /// Hospitals without one figure were left out.
    BlankRows(usize),
}

impl FileNote {
    /// Must it be confirmed?
    pub fn is_soft(&self) -> bool {
        matches!(self, Self::OldForm { .. } | Self::Unknown { .. } | Self::PastDays { .. })
    }
}

/// A file, checked: nothing is taken.
#[derive(Debug, Clone)]
pub struct CheckedFile {
    /// Its rows.
    pub rows: Vec<CheckedRow>,
    /// What is to be said of all of it.
    pub notes: Vec<FileNote>,
    /// Reports for others are among it, so that it is to be said why.
    pub on_behalf: bool,
    /// What is wrong with that, or with the reason of a correction. Not said before it was asked for.
    pub refusal: Option<Refusal>,
    /// This has been received already, and nothing has changed since.
    pub again: Option<ReportFileRow>,
}

impl CheckedFile {
    /// Rows that must be mended.
    pub fn hard(&self) -> usize {
        self.rows.iter().filter(|r| !r.errors.is_empty()).count()
    }

    /// Rows that must be confirmed.
    pub fn doubtful(&self) -> usize {
        self.rows.iter().filter(|r| r.errors.is_empty() && !r.warnings.is_empty()).count()
    }

    /// Some past day is corrected.
    pub fn needs_reason(&self) -> bool {
        self.rows.iter().any(|r| r.is_correction)
    }

    /// Something of the whole file must be confirmed.
    pub fn needs_note(&self, choices: &FileChoices) -> bool {
        !choices.notes_confirmed && self.notes.iter().any(FileNote::is_soft)
    }

    /// Nothing of it can be taken, whatever is mended.
    pub fn is_hopeless(&self) -> bool {
        self.notes.contains(&FileNote::OtherSurvey)
    }

    /// The places of the rows that would be handed in.
    pub fn taken(&self, choices: &FileChoices) -> Vec<usize> {
        let takes = |row: &CheckedRow| match row.state {
            RowState::New | RowState::Changed => true,
            RowState::Unchanged => choices.take_unchanged,
            RowState::Same | RowState::Unknown => false,
        };
        (0..self.rows.len()).filter(|i| takes(&self.rows[*i])).collect()
    }
}

/// As many days may stand in one file.
pub(super) const DAYS: usize = 31;

/// The hospitals of an actor, by what files call them.
pub(super) struct Roster {
    rows: Vec<Arc<Row>>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, Option<usize>>,
    own: OrganisationCode,
}

impl Roster {
    pub(super) fn of(actor: &Actor, rows: Vec<Arc<Row>>) -> Self {
        let mut by_code = HashMap::with_capacity(rows.len() * 2);
        let mut by_name: HashMap<String, Option<usize>> = HashMap::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            by_code.insert(row.card.code.to_string(), at);
            by_code.insert(row.card.code.short().to_owned(), at);
            by_name.entry(fold_search(&row.card.name)).and_modify(|known| *known = None).or_insert(Some(at));
        }
        Self { rows, by_code, by_name, own: actor.organisation_code.clone() }
    }

    fn find(&self, code: &str, name: &str) -> Result<(&Arc<Row>, Option<RowProblem>), RowProblem> {
        let (code, name) = (fold_code(code), fold_search(name));
        if !code.is_empty() {
            let at = self.by_code.get(&code).ok_or(RowProblem::NotOnRoster)?;
            let row = &self.rows[*at];
            let roster = &row.card.name;
            let differs = !name.is_empty() && fold_search(roster) != name && !has_private_letters(&name);
            return Ok((row, differs.then(|| RowProblem::NameDiffers { roster: roster.clone() })));
        }
        if !name.is_empty() {
            return match self.by_name.get(&name) {
                Some(Some(at)) => Ok((&self.rows[*at], None)),
                Some(None) => Err(RowProblem::Ambiguous),
                None => Err(RowProblem::NotOnRoster),
            };
        }
        // Whoever reports for one hospital need not name it.
        match self.rows.as_slice() {
            [only] => Ok((only, None)),
            _ => Err(RowProblem::NoHospital),
        }
    }
}

fn has_private_letters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffd}'))
}

/// Whose a row is and for which day.
pub(super) struct Addressed {
    pub(super) card: Option<Arc<Card>>,
    pub(super) day: Option<NaiveDate>,
    findings: Vec<RowFinding>,
}

/// The one day that the texts above the header tell.
pub(super) fn title_day(file: &LooseFile) -> Option<(String, NaiveDate)> {
    let days: Vec<(String, NaiveDate)> = file.titles.iter().filter_map(|(text, at)| Some((at.clone(), find_date(text)?))).collect();
    let first = days.first()?.clone();
    days.iter().all(|(_, day)| *day == first.1).then_some(first)
}

/// Finds hospitals and days of all rows.
pub(super) fn addressed(file: &LooseFile, roster: &Roster, fallback: NaiveDate, today: NaiveDate) -> Vec<Addressed> {
    let mut seen: HashMap<(HospitalId, NaiveDate), u32> = HashMap::new();
    let mut days = BTreeSet::new();
    let one = |row: &LooseRow| {
        let mut findings = Vec::new();
        let card = match roster.find(&row.code, &row.name) {
            Ok((found, doubt)) => {
                findings.extend(doubt.map(|problem| RowFinding::of(Place::Code, problem)));
                Some(found.card.clone())
            }
            Err(problem) => {
                findings.push(RowFinding::of(Place::Code, problem));
                None
            }
        };
        let day = if row.day.is_empty() { Some(fallback) } else { parse_date(&row.day).or_else(|| find_date(&row.day)) };
        match day {
            None => findings.push(RowFinding::of(Place::Day, RowProblem::BadDay)),
            Some(day) if day > today => findings.push(RowFinding::of(Place::Day, RowProblem::FutureDay)),
            Some(day) => {
                days.insert(day);
                if days.len() > DAYS {
                    findings.push(RowFinding::of(Place::Day, RowProblem::TooManyDays));
                }
            }
        }
        if let (Some(card), Some(day)) = (&card, day) {
            let first = *seen.entry((card.id, day)).or_insert(row.number);
            if first != row.number {
                findings.push(RowFinding::of(Place::Code, RowProblem::Twice { first }));
            }
        }
        Addressed { card, day, findings }
    };
    file.rows.iter().map(one).collect()
}

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
    let confirmed = ground.choices.confirmed.get(&row.number).cloned().unwrap_or_default();
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
