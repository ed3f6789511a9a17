//! Files of reports that were taken whole: their receipts, and what a file is held against before it is taken.

use crate::{
    error::StoreError,
    read::{Reader, places, wall_filter},
    report::Found as FoundVersion,
    write::WriteTx,
};
use akidoko_domain::{
    audit::Entry,
    id::{AccountId, HospitalId, OrganisationCode, OrganisationId, PrefCode},
    report::ReportVersion,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

/// What a row of a file became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// The hospital's ID.
    pub code: OrganisationCode,
    /// Its name at that time.
    pub name: String,
    /// The day.
    pub day: NaiveDate,
    /// The version that it is.
    pub version: u32,
    /// The file added it; else it stood already.
    pub added: bool,
}

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct NewReportFile {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The organisation's prefecture.
    pub prefecture: PrefCode,
    /// Who hands it in.
    pub account: AccountId,
    /// Name and sign-in name.
    pub operator: String,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: String,
    /// SHA-256 of what is taken of it.
    pub content_hash: String,
    /// Its rows, as they will be: those that are added in the order of their reports, their versions not known yet.
    pub lines: Vec<FileLine>,
    /// The entry of the log.
    pub entry: Entry,
}

/// The receipt of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFileRow {
    /// From 1 within the organisation.
    pub number: u32,
    /// Who handed it in.
    pub operator: String,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: String,
    /// SHA-256 of what was taken of it.
    pub content_hash: String,
    /// What its rows became.
    pub lines: Vec<FileLine>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Found {
    number: i32,
    operator: String,
    file_name: String,
    file_hash: String,
    content_hash: String,
    lines: String,
    received_at: DateTime<Utc>,
}

impl TryFrom<Found> for ReportFileRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            number: u32::try_from(r.number).map_err(StoreError::corrupt)?,
            operator: r.operator,
            file_name: r.file_name,
            file_hash: r.file_hash,
            content_hash: r.content_hash,
            lines: serde_json::from_str(&r.lines).map_err(StoreError::corrupt)?,
            received_at: r.received_at,
        })
    }
}

const COLUMNS: &str = "SELECT number, operator, file_name, file_hash, content_hash, lines, received_at FROM report_file";

impl Reader {
    /// The last files of an organisation, the newest first.
    pub async fn report_files(&self, organisation: OrganisationId, limit: u32) -> Result<Vec<ReportFileRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND organisation_id = $2 ORDER BY number DESC LIMIT $3", wall_filter("pref_code"));
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), organisation.0.into(), i64::from(limit).into()]).await?;
        found.into_iter().map(ReportFileRow::try_from).collect()
    }

    /// One of them.
    pub async fn report_file(&self, organisation: OrganisationId, number: u32) -> Result<Option<ReportFileRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND organisation_id = $2 AND number = $3", wall_filter("pref_code"));
        let Ok(number) = i32::try_from(number) else { return Ok(None) };
        let found: Option<Found> = self.one(&sql, vec![self.wall(), organisation.0.into(), number.into()]).await?;
        found.map(ReportFileRow::try_from).transpose()
    }

    /// The newest of them with this content.
    pub async fn report_file_like(&self, organisation: OrganisationId, content_hash: &str) -> Result<Option<ReportFileRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE {} AND organisation_id = $2 AND content_hash = $3 ORDER BY number DESC LIMIT 1",
            wall_filter("pref_code")
        );
        let found: Option<Found> = self.one(&sql, vec![self.wall(), organisation.0.into(), content_hash.into()]).await?;
        found.map(ReportFileRow::try_from).transpose()
    }

    /// What stands of some hospitals up to a day, in one question: of each the versions of the last day with a full report and of the days
    /// since, in their order. The search for that day goes backwards through the primary key and stops at the first.
    pub async fn standing_versions(
        &self,
        hospitals: &[HospitalId],
        survey: &str,
        until: NaiveDate,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        if hospitals.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "WITH newest AS (SELECT h.id, COALESCE((SELECT w.report_date FROM report_version w WHERE w.hospital_id = h.id AND w.survey = $2 \
             AND w.report_date <= $3 AND w.kind = 'full' ORDER BY w.report_date DESC LIMIT 1), $3) AS since FROM hospital h WHERE h.id IN ({})) \
             SELECT v.hospital_id, v.survey, v.survey_version, v.report_date, v.version, v.kind, v.author, v.answers, v.as_of, v.received_at, \
             v.reason FROM newest JOIN report_version v ON v.hospital_id = newest.id AND v.survey = $2 AND v.report_date >= newest.since \
             AND v.report_date <= $3 WHERE {} ORDER BY v.hospital_id, v.report_date, v.version",
            places(4, hospitals.len()),
            wall_filter("v.pref_code")
        );
        let mut values = vec![self.wall(), survey.into(), until.into()];
        values.extend(hospitals.iter().map(|h| h.0.into()));
        let found: Vec<FoundVersion> = self.all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }
}

impl WriteTx {
    /// Writes the receipt of a file under the next number. Under the lock of the log, so that no two have the same.
    pub(crate) async fn add_report_file(&mut self, file: NewReportFile) -> Result<ReportFileRow, StoreError> {
        #[derive(FromQueryResult)]
        struct Next {
            number: i32,
        }
        let sql = "SELECT CAST(COALESCE(MAX(number), 0) + 1 AS INTEGER) AS number FROM report_file WHERE organisation_id = $1";
        let next: Option<Next> = self.rows().one(sql, vec![file.organisation.0.into()]).await?;
        let number = next.map_or(1, |n| n.number);
        let sql = "INSERT INTO report_file (organisation_id, number, pref_code, account_id, operator, file_name, file_hash, content_hash, \
                   lines, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let lines = serde_json::to_string(&file.lines).map_err(StoreError::corrupt)?;
        let values = vec![
            file.organisation.0.into(),
            number.into(),
            file.prefecture.to_string().into(),
            file.account.0.into(),
            file.operator.clone().into(),
            file.file_name.clone().into(),
            file.file_hash.clone().into(),
            file.content_hash.clone().into(),
            lines.into(),
            self.now().into(),
        ];
        self.execute(sql, values).await?;
        let mut entry = file.entry;
        entry.at = self.now();
        if let Some(detail) = entry.detail.as_object_mut() {
            detail.insert("number".to_owned(), number.into());
        }
        self.log(entry);
        Ok(ReportFileRow {
            number: u32::try_from(number).map_err(StoreError::corrupt)?,
            operator: file.operator,
            file_name: file.file_name,
            file_hash: file.file_hash,
            content_hash: file.content_hash,
            lines: file.lines,
            received_at: self.now(),
        })
    }
}
