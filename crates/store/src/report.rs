//! Reports by version. Nothing here is updated: a correction is the next version.

use crate::{
    db::{Backend, Store},
    error::StoreError,
    read::{Reader, places, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{AccountId, HospitalId, PrefCode},
    report::{Author, Kind, ReportVersion},
    summary::SummaryRow,
    survey::{Answers, Catalogue, ItemKind, Status},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A version that an import or the demo brings, checked already.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedReport {
    /// The version.
    pub report: ReportVersion,
    /// The hospital's prefecture.
    pub prefecture: PrefCode,
}

#[derive(FromQueryResult)]
pub(crate) struct Found {
    hospital_id: Uuid,
    survey: String,
    survey_version: i32,
    report_date: NaiveDate,
    version: i32,
    kind: String,
    author: serde_json::Value,
    answers: serde_json::Value,
    as_of: DateTime<Utc>,
    received_at: DateTime<Utc>,
    reason: Option<String>,
}

impl TryFrom<Found> for ReportVersion {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            hospital: HospitalId(r.hospital_id),
            survey: r.survey,
            survey_version: u32::try_from(r.survey_version).map_err(StoreError::corrupt)?,
            report_date: r.report_date,
            version: u32::try_from(r.version).map_err(StoreError::corrupt)?,
            kind: Kind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?,
            answers: serde_json::from_value(r.answers).map_err(StoreError::corrupt)?,
            as_of: r.as_of,
            received_at: r.received_at,
            author: serde_json::from_value::<Author>(r.author).map_err(StoreError::corrupt)?,
            reason: r.reason,
        })
    }
}

pub(crate) const COLUMNS: &str = "SELECT hospital_id, survey, survey_version, report_date, version, kind, author, answers, as_of, received_at, reason \
     FROM report_version";

/// The items that a version names, in one word, and of which of them it says 未回答.
fn names(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "(SELECT group_concat(key || type) FROM json_each(answers))",
        Backend::Postgres => "(SELECT string_agg(key || jsonb_typeof(value), ',') FROM jsonb_each(answers))",
    }
}

impl Reader {
    /// The versions of a hospital's reports to a survey, the newest day and version first, at most `limit`, from the days of a range.
    pub async fn report_versions(
        &self,
        hospital: HospitalId,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
        limit: u32,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE {} AND hospital_id = $2 AND survey = $3 AND report_date BETWEEN $4 AND $5 \
             ORDER BY report_date DESC, version DESC LIMIT $6",
            wall_filter("pref_code")
        );
        let values =
            vec![self.wall(), hospital.0.into(), survey.into(), (*days.start()).into(), (*days.end()).into(), i64::from(limit).into()];
        let found: Vec<Found> = self.all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// Of each day of a range the versions that say what it leaves standing, the newest day and version first: its last full ones, and of the
    /// part updates that name the same items those that are true last. A program that comes every few minutes leaves thousands of others, so no
    /// limit cuts these off. `known_at`: of those that had been received then.
    pub async fn telling_versions(
        &self,
        hospital: HospitalId,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let mut of_days = format!("{} AND hospital_id = $2 AND survey = $3 AND report_date BETWEEN $4 AND $5", wall_filter("pref_code"));
        let mut values = vec![self.wall(), hospital.0.into(), survey.into(), (*days.start()).into(), (*days.end()).into()];
        if let Some(at) = known_at {
            of_days.push_str(" AND received_at <= $6");
            values.push(at.into());
        }
        let names = names(self.backend());
        // The newest full one is what the next day is held against.
        let sql = format!(
            "WITH truest AS MATERIALIZED (SELECT report_date AS day, MAX(as_of) AS moment, MAX(CASE WHEN kind = 'full' THEN version END) AS newest \
             FROM report_version WHERE {of_days} GROUP BY report_date, CASE WHEN kind = 'quick' THEN {names} ELSE '' END) \
             {COLUMNS} WHERE {of_days} AND ((report_date, as_of) IN (SELECT day, moment FROM truest) \
             OR (report_date, version) IN (SELECT day, newest FROM truest)) ORDER BY report_date DESC, version DESC"
        );
        let found: Vec<Found> = self.all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// The versions of [`Self::report_versions`] without those that only repeat: part updates of another system that say what the day's version
    /// before them said, which was its own too, and not overtaken when it came.
    pub async fn changing_versions(
        &self,
        hospital: HospitalId,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
        limit: u32,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let of_days = format!("{} AND hospital_id = $2 AND survey = $3 AND report_date BETWEEN $4 AND $5", wall_filter("pref_code"));
        let sql = format!(
            "WITH told AS (SELECT report_date AS day, version AS number, kind, reason, answers, author ->> 'source' AS source, \
             LAG(answers) OVER by_number AS said, LAG(author ->> 'source') OVER by_number AS said_by, LAG(as_of) OVER by_number AS of_said, \
             MAX(as_of) OVER (PARTITION BY report_date ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS of_others \
             FROM report_version WHERE {of_days} WINDOW by_number AS (PARTITION BY report_date ORDER BY version)), \
             laid AS MATERIALIZED (SELECT day, number, CASE WHEN kind = 'quick' AND reason IS NULL AND answers = said AND source = said_by \
             AND (of_others IS NULL OR of_said > of_others) THEN 1 ELSE 0 END AS repeats FROM told) \
             {COLUMNS} JOIN laid ON report_date = day AND version = number WHERE {of_days} AND repeats = 0 \
             ORDER BY report_date DESC, version DESC LIMIT $6"
        );
        let values =
            vec![self.wall(), hospital.0.into(), survey.into(), (*days.start()).into(), (*days.end()).into(), i64::from(limit).into()];
        let found: Vec<Found> = self.all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// The newest full version before a day: what a day's screen opens with. `known_at`: of those that had been received then.
    pub async fn last_full_before(
        &self,
        hospital: HospitalId,
        survey: &str,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<ReportVersion>, StoreError> {
        let mut values = vec![self.wall(), hospital.0.into(), survey.into(), day.into()];
        let known = known_at.map_or("", |at| {
            values.push(at.into());
            " AND received_at <= $5"
        });
        let sql = format!(
            "{COLUMNS} WHERE {} AND hospital_id = $2 AND survey = $3 AND report_date < $4 AND kind = 'full'{known} \
             ORDER BY report_date DESC, version DESC LIMIT 1",
            wall_filter("pref_code")
        );
        let found: Option<Found> = self.one(&sql, values).await?;
        found.map(ReportVersion::try_from).transpose()
    }
}

impl Reader {
    /// The versions of a prefecture for the days of a range that had been received at a moment, in the order in which they came; without those of
    /// which a full version of the same survey says all anew, for a later moment, and part updates of which later ones do.
    pub async fn versions_known(
        &self,
        prefecture: PrefCode,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
        at: DateTime<Utc>,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let known = format!(
            "{} AND hospital_id IN (SELECT id FROM hospital WHERE pref_code = $2) AND survey = $3 \
             AND report_date BETWEEN $4 AND $5 AND received_at <= $6",
            wall_filter("pref_code")
        );
        // Most versions of a week say nothing that a later one does not say: they are not fetched, and their answers not read.
        let (of_whole, counts) = ("whole ON whose = hospital_id AND asked = survey_version", "(since IS NULL OR as_of >= since)");
        let names = names(self.backend());
        let sql = format!(
            "WITH whole AS (SELECT hospital_id AS whose, survey_version AS asked, MAX(as_of) AS since FROM report_version \
             WHERE {known} AND kind = 'full' GROUP BY hospital_id, survey_version), \
             truest AS MATERIALIZED (SELECT hospital_id AS whom, MAX(as_of) AS moment FROM report_version LEFT JOIN {of_whole} \
             WHERE {known} AND kind = 'quick' AND {counts} GROUP BY hospital_id, survey_version, {names}) \
             {COLUMNS} LEFT JOIN {of_whole} WHERE {known} AND {counts} \
             AND (kind = 'full' OR (hospital_id, as_of) IN (SELECT whom, moment FROM truest)) ORDER BY received_at, report_date, version"
        );
        let values =
            vec![self.wall(), prefecture.to_string().into(), survey.into(), (*days.start()).into(), (*days.end()).into(), at.into()];
        let found: Vec<Found> = self.all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// The versions of all hospitals that the scope sees, or of one prefecture's, for a survey's period.
    pub async fn period_versions(
        &self,
        prefecture: Option<PrefCode>,
        survey: &str,
        first: NaiveDate,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let filter = wall_filter("pref_code");
        let sql = format!("{COLUMNS} WHERE {filter} AND survey = $2 AND report_date = $3 AND ($4 = '' OR pref_code = $4)");
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), survey.into(), first.into(), one.into()]).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// Of some first days of periods those for which the scope sees reports to a survey, the newest first.
    pub async fn reported_periods(&self, survey: &str, firsts: &[NaiveDate]) -> Result<Vec<NaiveDate>, StoreError> {
        #[derive(FromQueryResult)]
        struct Day {
            report_date: NaiveDate,
        }
        if firsts.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT DISTINCT report_date FROM report_version WHERE {} AND survey = $2 AND report_date IN ({}) ORDER BY report_date DESC",
            wall_filter("pref_code"),
            places(3, firsts.len())
        );
        let values = [self.wall(), survey.into()].into_iter().chain(firsts.iter().map(|d| (*d).into())).collect();
        let found: Vec<Day> = self.all(&sql, values).await?;
        Ok(found.into_iter().map(|d| d.report_date).collect())
    }

    /// When each day of a range was first reported in full.
    pub async fn first_reported(
        &self,
        hospital: HospitalId,
        survey: &str,
        days: std::ops::RangeInclusive<NaiveDate>,
    ) -> Result<BTreeMap<NaiveDate, DateTime<Utc>>, StoreError> {
        #[derive(FromQueryResult)]
        struct First {
            report_date: NaiveDate,
            received_at: DateTime<Utc>,
        }
        let sql = format!(
            "SELECT report_date, MIN(received_at) AS received_at FROM report_version WHERE {} AND hospital_id = $2 AND survey = $3 \
             AND report_date BETWEEN $4 AND $5 AND kind = 'full' GROUP BY report_date",
            wall_filter("pref_code")
        );
        let values = vec![self.wall(), hospital.0.into(), survey.into(), (*days.start()).into(), (*days.end()).into()];
        let found: Vec<First> = self.all(&sql, values).await?;
        Ok(found.into_iter().map(|f| (f.report_date, f.received_at)).collect())
    }

    /// The nearest days with a report before one day and from another on, over all surveys: where a month's page leads to.
    pub async fn reported_around(
        &self,
        hospital: HospitalId,
        before: NaiveDate,
        from: NaiveDate,
    ) -> Result<(Option<NaiveDate>, Option<NaiveDate>), StoreError> {
        #[derive(FromQueryResult)]
        struct Around {
            older: Option<NaiveDate>,
            newer: Option<NaiveDate>,
        }
        let of = format!("FROM report_version WHERE {} AND hospital_id = $2 AND report_date", wall_filter("pref_code"));
        let sql = format!("SELECT (SELECT MAX(report_date) {of} < $3) AS older, (SELECT MIN(report_date) {of} >= $4) AS newer");
        let found: Option<Around> = self.one(&sql, vec![self.wall(), hospital.0.into(), before.into(), from.into()]).await?;
        Ok(found.map_or((None, None), |f| (f.older, f.newer)))
    }
}

impl WriteTx {
    /// The newest versions of a survey and day for some hospitals, as they stand in this transaction.
    pub async fn newest_versions(&self, hospitals: &[HospitalId], survey: &str, day: NaiveDate) -> Result<Vec<ReportVersion>, StoreError> {
        if hospitals.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "{COLUMNS} v WHERE survey = $1 AND report_date = $2 AND hospital_id IN ({}) AND version = (SELECT MAX(w.version) FROM report_version w \
             WHERE w.hospital_id = v.hospital_id AND w.survey = v.survey AND w.report_date = v.report_date)",
            places(3, hospitals.len())
        );
        let values = [survey.into(), day.into()].into_iter().chain(hospitals.iter().map(|h| h.0.into())).collect();
        let found: Vec<Found> = self.rows().all(&sql, values).await?;
        found.into_iter().map(ReportVersion::try_from).collect()
    }

    /// Adds versions.
    pub(crate) async fn add_versions(&self, reports: Vec<NewVersion>, catalogue: &Catalogue) -> Result<(), StoreError> {
        self.note_days(&reports, catalogue).await?;
        self.mark_picture(&reports).await?;
        self.insert_rows("report_version", &ADD, reports.into_iter().map(values).collect::<Result<_, _>>()?, "").await
    }

    /// The same, with the end of the transaction.
    pub(crate) fn add_versions_at_commit(&mut self, reports: Vec<NewVersion>) -> Result<(), StoreError> {
        self.note_days_at_commit(&reports);
        self.mark_picture_at_commit(&reports);
        self.insert_rows_at_commit("report_version", &ADD, reports.into_iter().map(values).collect::<Result<_, _>>()?, "");
        Ok(())
    }
}

/// A version, its hospital's prefecture, its author's account.
pub(crate) type NewVersion = (ReportVersion, PrefCode, Option<AccountId>);

const ADD: [(&str, Column); 13] = [
    ("hospital_id", Column::Plain),
    ("survey", Column::Plain),
    ("report_date", Column::Plain),
    ("version", Column::Plain),
    ("pref_code", Column::Plain),
    ("survey_version", Column::Plain),
    ("kind", Column::Plain),
    ("author", Column::Json),
    ("author_account_id", Column::Plain),
    ("answers", Column::Json),
    ("as_of", Column::Plain),
    ("received_at", Column::Plain),
    ("reason", Column::Plain),
];

fn values((r, prefecture, account): NewVersion) -> Result<Vec<sea_orm::Value>, StoreError> {
    Ok(vec![
        r.hospital.0.into(),
        r.survey.into(),
        r.report_date.into(),
        i32::try_from(r.version).map_err(StoreError::corrupt)?.into(),
        prefecture.to_string().into(),
        i32::try_from(r.survey_version).map_err(StoreError::corrupt)?.into(),
        r.kind.as_str().into(),
        serde_json::to_string(&r.author).map_err(StoreError::corrupt)?.into(),
        account.map(|a| a.0).into(),
        serde_json::to_string(&r.answers).map_err(StoreError::corrupt)?.into(),
        r.as_of.into(),
        r.received_at.into(),
        r.reason.into(),
    ])
}

#[derive(FromQueryResult)]
struct Counted {
    hospital_id: Uuid,
    pref_code: String,
    survey_version: i32,
    answers: serde_json::Value,
}

const OF_DAY: &str = "SELECT v.hospital_id, v.pref_code, v.survey_version, v.answers FROM report_version v \
     WHERE v.survey = $1 AND v.report_date = $2 AND v.kind = 'full' AND v.hospital_id > $3 \
     AND v.version = (SELECT MAX(w.version) FROM report_version w WHERE w.hospital_id = v.hospital_id AND w.survey = v.survey \
     AND w.report_date = v.report_date AND w.kind = 'full') ORDER BY v.hospital_id LIMIT 1000";

impl Store {
    /// When the last report to a survey was received.
    pub async fn last_received_unscoped(&self, survey: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        #[derive(FromQueryResult)]
        struct Last {
            received_at: DateTime<Utc>,
        }
        let sql = "SELECT received_at FROM report_version WHERE survey = $1 ORDER BY received_at DESC LIMIT 1";
        Ok(self.system_rows().one::<Last>(sql, vec![survey.into()]).await?.map(|l| l.received_at))
    }

    /// Counts a day's answers to the status items of a survey, by prefecture and item: the newest full version of each hospital.
    pub async fn summary_unscoped(&self, survey: &str, day: NaiveDate, catalogue: &Catalogue) -> Result<Vec<SummaryRow>, StoreError> {
        let mut counts: BTreeMap<(PrefCode, String), SummaryRow> = BTreeMap::new();
        let mut after = Uuid::nil();
        loop {
            let rows: Vec<Counted> = self.system_rows().all(OF_DAY, vec![survey.into(), day.into(), after.into()]).await?;
            let Some(last) = rows.last() else { break };
            after = last.hospital_id;
            for r in rows {
                let prefecture: PrefCode = r.pref_code.parse().map_err(StoreError::corrupt)?;
                let answers: Answers = serde_json::from_value(r.answers).map_err(StoreError::corrupt)?;
                let version = u32::try_from(r.survey_version).map_err(StoreError::corrupt)?;
                let Some(survey) = catalogue.version(survey, version) else { continue };
                for item in survey.items().filter(|i| matches!(i.kind, ItemKind::Status { .. })) {
                    let answer = answers.get(&item.id).and_then(|v| v.as_ref()?.word());
                    let status = answer.and_then(Status::parse).unwrap_or(Status::NoAnswer);
                    counts
                        .entry((prefecture, item.id.clone()))
                        .or_insert_with(|| SummaryRow::new(day, prefecture, item.id.clone()))
                        .add(status, 1);
                }
            }
        }
        Ok(counts.into_values().collect())
    }
}
