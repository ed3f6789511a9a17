//! Corrections that wait for consent, and the days within which none is needed.

use crate::{
    db::{Backend, Store},
    error::StoreError,
    read::{Reader, places, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    event::EventKind,
    id::{AccountId, CorrectionId, HospitalId, OrganisationCode, PrefCode},
    report::{Cells, Correction, CorrectionState, CorrectionWindow, Kind, Known, ReportVersion},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    hospital_id: Uuid,
    pref_code: String,
    survey: String,
    survey_version: i32,
    report_date: NaiveDate,
    kind: String,
    answers: serde_json::Value,
    confirmed: serde_json::Value,
    reason: String,
    author: serde_json::Value,
    author_account_id: Option<Uuid>,
    requested_at: DateTime<Utc>,
    state: String,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<serde_json::Value>,
    words: Option<String>,
    version: Option<i32>,
}

impl TryFrom<Found> for Correction {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        let decided_by = r.decided_by.map(serde_json::from_value).transpose().map_err(StoreError::corrupt)?;
        Ok(Self {
            id: CorrectionId(r.id),
            hospital: HospitalId(r.hospital_id),
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            survey: r.survey,
            survey_version: u32::try_from(r.survey_version).map_err(StoreError::corrupt)?,
            report_date: r.report_date,
            kind: Kind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?,
            answers: serde_json::from_value(r.answers).map_err(StoreError::corrupt)?,
            confirmed: serde_json::from_value(r.confirmed).map_err(StoreError::corrupt)?,
            reason: r.reason,
            author: serde_json::from_value(r.author).map_err(StoreError::corrupt)?,
            account: r.author_account_id.map(AccountId),
            requested_at: r.requested_at,
            state: CorrectionState::parse(&r.state).ok_or_else(|| StoreError::corrupt(&r.state))?,
            decided: r.decided_at.zip(decided_by),
            words: r.words,
            version: r.version.map(u32::try_from).transpose().map_err(StoreError::corrupt)?,
        })
    }
}

const COLUMNS: &str = "SELECT id, hospital_id, pref_code, survey, survey_version, report_date, kind, answers, confirmed, reason, author, \
     author_account_id, requested_at, state, decided_at, decided_by, words, version FROM correction_request";

impl Reader {
    /// One of them.
    pub async fn correction(&self, id: CorrectionId) -> Result<Option<Correction>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND id = $2", wall_filter("pref_code"));
        let found: Option<Found> = self.one(&sql, vec![self.wall(), id.0.into()]).await?;
        found.map(Correction::try_from).transpose()
    }

    /// Those of some hospitals, or of all; of those, where `asked_by` says so, what an organisation asked itself. What waits first, the oldest
    /// of it first, then what was decided, the newest first; at most `limit` of each.
    pub async fn corrections(
        &self,
        of: Option<&BTreeSet<HospitalId>>,
        asked_by: Option<&OrganisationCode>,
        limit: u32,
    ) -> Result<Vec<Correction>, StoreError> {
        if of.is_some_and(BTreeSet::is_empty) {
            return Ok(Vec::new());
        }
        // Before the limit cuts. The author is JSON with the sign-in name, `"F12…-01"`; an ID has letters and digits only.
        let asked = asked_by.map_or_else(|| "%".to_owned(), |code| format!("%\"{code}-%"));
        let hospitals = of.map(|of| format!("AND hospital_id IN ({})", places(4, of.len()))).unwrap_or_default();
        let only = format!("AND CAST(author AS TEXT) LIKE $3 {hospitals}");
        let mut values = vec![self.wall(), i64::from(limit).into(), asked.into()];
        values.extend(of.into_iter().flatten().map(|h| h.0.into()));
        // Two lists, each by its own order: the index of what waits is small, and of what is over the newest are wanted.
        let waiting = format!("{COLUMNS} WHERE {} AND state = 'waiting' {only} ORDER BY requested_at LIMIT $2", wall_filter("pref_code"));
        let over =
            format!("{COLUMNS} WHERE {} AND state <> 'waiting' {only} ORDER BY requested_at DESC LIMIT $2", wall_filter("pref_code"));
        let mut found: Vec<Found> = self.all(&waiting, values.clone()).await?;
        found.extend(self.all::<Found>(&over, values).await?);
        found.into_iter().map(Correction::try_from).collect()
    }

    /// Those of a hospital for the days of a range, the newest first.
    pub async fn corrections_for(
        &self,
        hospital: HospitalId,
        days: std::ops::RangeInclusive<NaiveDate>,
    ) -> Result<Vec<Correction>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE {} AND hospital_id = $2 AND report_date BETWEEN $3 AND $4 ORDER BY requested_at DESC",
            wall_filter("pref_code")
        );
        let values = vec![self.wall(), hospital.0.into(), (*days.start()).into(), (*days.end()).into()];
        let found: Vec<Found> = self.all(&sql, values).await?;
        found.into_iter().map(Correction::try_from).collect()
    }
}

#[derive(FromQueryResult)]
struct FoundWindow {
    valid_from: NaiveDate,
    days: i32,
}

impl Store {
    /// What the ministry set, by the day from which it holds. The same for all.
    pub async fn correction_windows(&self) -> Result<Vec<CorrectionWindow>, StoreError> {
        let sql = "SELECT valid_from, days FROM correction_window ORDER BY valid_from";
        let found: Vec<FoundWindow> = self.system_rows().all(sql, vec![]).await?;
        let read = |f: FoundWindow| {
            let days = u32::try_from(f.days).map_err(StoreError::corrupt)?;
            Ok(CorrectionWindow { valid_from: f.valid_from, days })
        };
        found.into_iter().map(read).collect()
    }
}

const ADD: [(&str, Column); 14] = [
    ("id", Column::Plain),
    ("hospital_id", Column::Plain),
    ("pref_code", Column::Plain),
    ("survey", Column::Plain),
    ("survey_version", Column::Plain),
    ("report_date", Column::Plain),
    ("kind", Column::Plain),
    ("answers", Column::Json),
    ("confirmed", Column::Json),
    ("reason", Column::Plain),
    ("author", Column::Json),
    ("author_account_id", Column::Plain),
    ("requested_at", Column::Plain),
    ("state", Column::Plain),
];

impl WriteTx {
    /// Sets how many days hold from a day on; what was set for that day before is replaced, as the log keeps it.
    pub async fn set_correction_window(&self, window: CorrectionWindow, by: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO correction_window (valid_from, days, set_at, set_by) VALUES ($1, $2, $3, $4) ON CONFLICT (valid_from) \
                   DO UPDATE SET days = excluded.days, set_at = excluded.set_at, set_by = excluded.set_by";
        let days = i32::try_from(window.days).map_err(StoreError::corrupt)?;
        self.execute(sql, vec![window.valid_from.into(), days.into(), self.now().into(), by.into()]).await?;
        Ok(())
    }

    /// What stands of a hospital, a survey and a day in this transaction, for the rules.
    pub async fn known(&self, hospital: HospitalId, survey: &str, day: NaiveDate, licensed_beds: Option<u32>) -> Result<Known, StoreError> {
        let records = self.records(&[hospital]).await?;
        let cells = records.into_iter().find(|r| r.survey == survey).map(|r| r.cells).unwrap_or_default();
        let version = self.newest_versions(&[hospital], survey, day).await?.first().map_or(0, |v| v.version);
        Ok(Known { cells, version, licensed_beds, is_reported: false })
    }

    /// A version that was checked against [`Self::known`]: the version, the record, and the board is told.
    pub fn add_checked(
        &mut self,
        version: ReportVersion,
        prefecture: PrefCode,
        account: Option<AccountId>,
        cells: Cells,
    ) -> Result<(), StoreError> {
        let (hospital, survey) = (version.hospital, version.survey.clone());
        self.add_versions_at_commit(vec![(version, prefecture, account)])?;
        self.put_records_at_commit([(hospital, survey.as_str(), prefecture, &cells)])?;
        self.event(Some(prefecture), EventKind::Hospital(hospital));
        self.left(hospital, &survey, Arc::new(cells));
        Ok(())
    }

    /// One of them, as it stands in this transaction.
    pub async fn correction(&self, id: CorrectionId) -> Result<Option<Correction>, StoreError> {
        let found: Option<Found> = self.rows().one(&format!("{COLUMNS} WHERE id = $1"), vec![id.0.into()]).await?;
        found.map(Correction::try_from).transpose()
    }

    /// The one that waits for a day.
    pub async fn waiting_correction(&self, hospital: HospitalId, survey: &str, day: NaiveDate) -> Result<Option<Correction>, StoreError> {
        let sql = format!("{COLUMNS} WHERE hospital_id = $1 AND survey = $2 AND report_date = $3 AND state = 'waiting'");
        let found: Option<Found> = self.rows().one(&sql, vec![hospital.0.into(), survey.into(), day.into()]).await?;
        found.map(Correction::try_from).transpose()
    }

    /// Adds one that waits.
    pub async fn add_correction(&self, c: &Correction) -> Result<(), StoreError> {
        let json = |value: serde_json::Result<String>| value.map_err(StoreError::corrupt);
        let row = vec![
            c.id.0.into(),
            c.hospital.0.into(),
            c.prefecture.to_string().into(),
            c.survey.clone().into(),
            i32::try_from(c.survey_version).map_err(StoreError::corrupt)?.into(),
            c.report_date.into(),
            c.kind.as_str().into(),
            json(serde_json::to_string(&c.answers))?.into(),
            json(serde_json::to_string(&c.confirmed))?.into(),
            c.reason.clone().into(),
            json(serde_json::to_string(&c.author))?.into(),
            c.account.map(|a| a.0).into(),
            c.requested_at.into(),
            c.state.as_str().into(),
        ];
        self.insert_rows("correction_request", &ADD, vec![row], "").await
    }

    /// Writes down how one was decided.
    pub async fn decide_correction(&self, c: &Correction) -> Result<(), StoreError> {
        let json = match self.store().backend() {
            Backend::Sqlite => "$4",
            Backend::Postgres => "CAST($4 AS jsonb)",
        };
        let sql = format!(
            "UPDATE correction_request SET state = $2, decided_at = $3, decided_by = {json}, words = $5, version = $6 WHERE id = $1"
        );
        let (at, by) = c.decided.clone().unzip();
        let by = by.map(|by| serde_json::to_string(&by)).transpose().map_err(StoreError::corrupt)?;
        let version = c.version.map(i32::try_from).transpose().map_err(StoreError::corrupt)?;
        let values = vec![c.id.0.into(), c.state.as_str().into(), at.into(), by.into(), c.words.clone().into(), version.into()];
        self.execute(&sql, values).await?;
        Ok(())
    }
}
