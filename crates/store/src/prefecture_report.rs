//! What prefectures themselves answer, by version. As with hospitals, nothing here is updated: a correction is the next version.

use crate::{
    error::StoreError,
    read::{Reader, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{AccountId, HospitalId, PrefCode},
    report::{Author, Kind, ReportVersion},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A prefecture's answer. It is a report in every respect but that no hospital wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct PrefectureReport {
    /// Whose.
    pub prefecture: PrefCode,
    /// The version; its `hospital` is nil.
    pub report: ReportVersion,
}

#[derive(FromQueryResult)]
struct Found {
    pref_code: String,
    survey: String,
    survey_version: i32,
    report_date: NaiveDate,
    version: i32,
    author: serde_json::Value,
    answers: serde_json::Value,
    as_of: DateTime<Utc>,
    received_at: DateTime<Utc>,
    reason: Option<String>,
}

impl TryFrom<Found> for PrefectureReport {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        let report = ReportVersion {
            hospital: HospitalId(Uuid::nil()),
            survey: r.survey,
            survey_version: u32::try_from(r.survey_version).map_err(StoreError::corrupt)?,
            report_date: r.report_date,
            version: u32::try_from(r.version).map_err(StoreError::corrupt)?,
            kind: Kind::Full,
            answers: serde_json::from_value(r.answers).map_err(StoreError::corrupt)?,
            as_of: r.as_of,
            received_at: r.received_at,
            author: serde_json::from_value::<Author>(r.author).map_err(StoreError::corrupt)?,
            reason: r.reason,
        };
        Ok(Self { prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?, report })
    }
}

const COLUMNS: &str = "SELECT pref_code, survey, survey_version, report_date, version, author, answers, as_of, received_at, reason \
     FROM prefecture_report_version v";

fn all(found: Vec<Found>) -> Result<Vec<PrefectureReport>, StoreError> {
    found.into_iter().map(PrefectureReport::try_from).collect()
}

impl Reader {
    /// The versions of a prefecture's answers to a survey, the newest day and version first, at most `limit`, from the days of a range.
    pub async fn prefecture_versions(
        &self,
        prefecture: PrefCode,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
        limit: u32,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE {} AND pref_code = $2 AND survey = $3 AND report_date BETWEEN $4 AND $5 \
             ORDER BY report_date DESC, version DESC LIMIT $6",
            wall_filter("pref_code")
        );
        let (first, last) = (*days.start(), *days.end());
        let values = vec![self.wall(), prefecture.to_string().into(), survey.into(), first.into(), last.into(), i64::from(limit).into()];
        Ok(all(self.all(&sql, values).await?)?.into_iter().map(|r| r.report).collect())
    }

    /// The newest version of each prefecture and period that the scope sees, from the days of a range.
    pub async fn prefecture_answers(
        &self,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
    ) -> Result<Vec<PrefectureReport>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE {} AND survey = $2 AND report_date BETWEEN $3 AND $4 AND version = (SELECT MAX(w.version) \
             FROM prefecture_report_version w WHERE w.pref_code = v.pref_code AND w.survey = v.survey AND w.report_date = v.report_date) \
             ORDER BY report_date DESC, pref_code",
            wall_filter("pref_code")
        );
        all(self.all(&sql, vec![self.wall(), survey.into(), (*days.start()).into(), (*days.end()).into()]).await?)
    }
}

impl WriteTx {
    /// The newest version of a prefecture's answer to a survey and period, 0 for none, as it stands in this transaction.
    pub async fn newest_prefecture_version(&self, prefecture: PrefCode, survey: &str, date: NaiveDate) -> Result<u32, StoreError> {
        #[derive(FromQueryResult)]
        struct Newest {
            version: Option<i32>,
        }
        let sql = "SELECT MAX(version) AS version FROM prefecture_report_version WHERE pref_code = $1 AND survey = $2 AND report_date = $3";
        let row: Option<Newest> = self.rows().one(sql, vec![prefecture.to_string().into(), survey.into(), date.into()]).await?;
        u32::try_from(row.and_then(|r| r.version).unwrap_or(0)).map_err(StoreError::corrupt)
    }

    /// Adds a version.
    pub async fn add_prefecture_version(&self, r: &PrefectureReport, account: Option<AccountId>) -> Result<(), StoreError> {
        let report = &r.report;
        let row = vec![
            r.prefecture.to_string().into(),
            report.survey.as_str().into(),
            report.report_date.into(),
            i32::try_from(report.version).map_err(StoreError::corrupt)?.into(),
            i32::try_from(report.survey_version).map_err(StoreError::corrupt)?.into(),
            serde_json::to_string(&report.author).map_err(StoreError::corrupt)?.into(),
            account.map(|a| a.0).into(),
            serde_json::to_string(&report.answers).map_err(StoreError::corrupt)?.into(),
            report.as_of.into(),
            report.received_at.into(),
            report.reason.clone().into(),
        ];
        self.insert_rows("prefecture_report_version", &ADD, vec![row], "").await
    }
}

const ADD: [(&str, Column); 11] = [
    ("pref_code", Column::Plain),
    ("survey", Column::Plain),
    ("report_date", Column::Plain),
    ("version", Column::Plain),
    ("survey_version", Column::Plain),
    ("author", Column::Json),
    ("author_account_id", Column::Plain),
    ("answers", Column::Json),
    ("as_of", Column::Plain),
    ("received_at", Column::Plain),
    ("reason", Column::Plain),
];
