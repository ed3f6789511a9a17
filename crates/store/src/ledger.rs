//! Judging reports one after the other against what stands, in memory: what an earlier one leaves counts more than what stood before it.
//! The writer keeps what comes of it; a rehearsal does not.

use crate::{error::StoreError, read::Reader, writer::ReportWrite};
use akidoko_domain::{
    id::{HospitalId, PrefCode},
    report::{Cells, Checked, Known, Refusal},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use std::{collections::HashMap, sync::Arc};

type RecordKey<'a> = (HospitalId, &'a str);
type VersionKey<'a> = (HospitalId, &'a str, NaiveDate);

/// What reports that were judged leave behind.
#[derive(Default)]
pub(crate) struct Ledger<'a> {
    /// The merged record of each hospital and survey.
    pub records: HashMap<RecordKey<'a>, (PrefCode, Arc<Cells>)>,
    versions: HashMap<VersionKey<'a>, u32>,
}

impl<'a> Ledger<'a> {
    /// Judges a report against what stands, `before` and this ledger laid over it. The record before it; and what it comes to, with the
    /// record after it.
    pub fn judge(
        &mut self,
        before: Option<&Ledger<'a>>,
        report: &'a ReportWrite,
        standing: Standing,
        now: DateTime<Utc>,
    ) -> (Cells, Result<(Checked, Arc<Cells>), Refusal>) {
        let record_key = (report.hospital, report.survey.as_str());
        let version_key = (report.hospital, report.survey.as_str(), report.report_date);
        let cells = self.records.get(&record_key).or_else(|| before?.records.get(&record_key));
        let version = self.versions.get(&version_key).or_else(|| before?.versions.get(&version_key));
        let known = Known {
            cells: cells.map_or(standing.cells, |(_, cells)| Cells::clone(cells)),
            version: version.copied().unwrap_or(standing.version),
            licensed_beds: report.licensed_beds,
            is_reported: standing.is_reported,
        };
        let outcome = (report.check)(&known, now).map(|mut checked| {
            let cells = Arc::new(std::mem::take(&mut checked.cells));
            self.versions.insert(version_key, checked.version);
            self.records.insert(record_key, (report.prefecture, cells.clone()));
            (checked, cells)
        });
        (known.cells, outcome)
    }

    /// Takes over what another one holds.
    pub fn take(&mut self, other: Ledger<'a>) {
        self.records.extend(other.records);
        self.versions.extend(other.versions);
    }
}

/// What stands of a report's hospital, survey and day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    cells: Cells,
    version: u32,
    is_reported: bool,
}

impl Standing {
    /// When the last of it was received.
    pub fn received_at(&self) -> Option<DateTime<Utc>> {
        self.cells.authors.iter().map(|a| a.received_at).max()
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    place: i32,
    cells: Option<String>,
    version: Option<i32>,
    is_reported: i32,
}

/// So many reports are asked for at a time: SQLite takes 500 parts of a question.
const PARTS: usize = 250;

/// The question for some reports; with `wall`, as far as that one sees.
fn question(reports: &[&ReportWrite], wall: Option<Value>) -> (String, Vec<Value>) {
    let filter = if wall.is_some() { " AND ($1 = '*' OR pref_code = $1)" } else { "" };
    let mut values: Vec<Value> = wall.into_iter().collect();
    let mut parts = Vec::with_capacity(reports.len());
    for (place, report) in reports.iter().enumerate() {
        let (h, s, d) = (values.len() + 1, values.len() + 2, values.len() + 3);
        // Only what another system says may be what it said before.
        let is_reported = if report.is_feed {
            format!(
                "CASE WHEN EXISTS (SELECT 1 FROM report_day WHERE hospital_id = ${h} AND survey = ${s} AND report_date = ${d} AND first_full_at IS NOT NULL{filter}) THEN 1 ELSE 0 END"
            )
        } else {
            "0".to_owned()
        };
        parts.push(format!(
            "SELECT {place} AS place, (SELECT CAST(cells AS TEXT) FROM hospital_record WHERE hospital_id = ${h} AND survey = ${s}{filter}) AS cells, \
             (SELECT MAX(version) FROM report_version WHERE hospital_id = ${h} AND survey = ${s} AND report_date = ${d}{filter}) AS version, \
             {is_reported} AS is_reported"
        ));
        values.extend([report.hospital.0.into(), report.survey.as_str().into(), report.report_date.into()]);
    }
    (parts.join(" UNION ALL "), values)
}

fn place(found: Vec<Found>, count: usize) -> Result<Vec<Standing>, StoreError> {
    let mut standing = vec![Standing::default(); count];
    for f in found {
        let s = usize::try_from(f.place).ok().and_then(|p| standing.get_mut(p)).ok_or_else(|| StoreError::corrupt("no such place"))?;
        if let Some(cells) = f.cells {
            s.cells = serde_json::from_str(&cells).map_err(StoreError::corrupt)?;
        }
        s.version = u32::try_from(f.version.unwrap_or(0)).map_err(StoreError::corrupt)?;
        s.is_reported = f.is_reported != 0;
    }
    Ok(standing)
}

impl crate::write::WriteTx {
    /// What stands of each report, in their order: every part of the question is one look into a primary key, so that the cost does not
    /// grow with the past.
    pub(crate) async fn standing(&self, reports: &[&ReportWrite]) -> Result<Vec<Standing>, StoreError> {
        let mut standing = Vec::with_capacity(reports.len());
        for some in reports.chunks(PARTS) {
            let (sql, values) = question(some, None);
            standing.extend(place(self.rows().all(&sql, values).await?, some.len())?);
        }
        Ok(standing)
    }
}

/// What would come of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsed {
    /// The merged record before it.
    pub before: Cells,
    /// What it would be, with the merged record after it; or why not.
    pub outcome: Result<(Checked, Arc<Cells>), Refusal>,
}

impl Reader {
    /// Judges reports without writing anything.
    pub async fn rehearse(&self, reports: &[&ReportWrite], now: DateTime<Utc>) -> Result<Vec<Rehearsed>, StoreError> {
        let mut standing = Vec::with_capacity(reports.len());
        for some in reports.chunks(PARTS) {
            let (sql, values) = question(some, Some(self.wall()));
            standing.extend(place(self.all(&sql, values).await?, some.len())?);
        }
        let mut ledger = Ledger::default();
        let judged = reports.iter().zip(standing).map(|(report, standing)| {
            let (before, outcome) = ledger.judge(None, report, standing, now);
            Rehearsed { before, outcome }
        });
        Ok(judged.collect())
    }
}
