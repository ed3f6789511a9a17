//! Whose a row of a file is, and for which day.

use super::{LooseFile, LooseRow, Place, RowFinding, RowProblem};
use akidoko_domain::{
    access::Actor,
    board::{Card, Row},
    id::{HospitalId, OrganisationCode},
    text::{find_date, fold_code, fold_search, parse_date},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// As many days may stand in one file.
pub(super) const DAYS: usize = 31;

/// The hospitals of an actor, by what files call them.
pub(super) struct Roster {
    rows: Vec<Arc<Row>>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, Option<usize>>,
    pub(super) own: OrganisationCode,
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

/// Letters of somebody's own（外字）, which stand in the private range.
pub(super) fn has_private_letters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffd}'))
}

/// Whose a row is and for which day.
pub(super) struct Addressed {
    pub(super) card: Option<Arc<Card>>,
    pub(super) day: Option<NaiveDate>,
    pub(super) findings: Vec<RowFinding>,
}

/// The one day that the texts above the header tell; `None`: they tell none. `Err`: they tell two, and nobody knows which of them the rows
/// mean.
pub(super) fn title_day(file: &LooseFile) -> Result<Option<(String, NaiveDate)>, RowProblem> {
    let mut days = file.titles.iter().filter_map(|(text, at)| Some((at.clone(), find_date(text)?)));
    let Some(first) = days.next() else { return Ok(None) };
    match days.find(|(_, day)| *day != first.1) {
        Some((_, other)) => Err(RowProblem::TwoDays { first: first.1, other }),
        None => Ok(Some(first)),
    }
}

/// Finds hospitals and days of all rows.
pub(super) fn addressed(file: &LooseFile, roster: &Roster, fallback: &Result<NaiveDate, RowProblem>, today: NaiveDate) -> Vec<Addressed> {
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
        let read = match (row.day.is_empty(), fallback) {
            (true, fallback) => fallback.clone(),
            (false, _) => parse_date(&row.day).or_else(|| find_date(&row.day)).ok_or(RowProblem::BadDay),
        };
        let day = read.as_ref().ok().copied();
        match day {
            None => findings.extend(read.err().map(|problem| RowFinding::of(Place::Day, problem))),
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
