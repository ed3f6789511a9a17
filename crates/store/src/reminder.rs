//! Reminders, each rung once for a hospital and day, and calls.

use crate::{
    db::{Backend, Store},
    due::exempt_rows,
    error::StoreError,
    read::{Reader, Rows, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    due::{CallResult, Weekdays},
    id::{HospitalId, MailId, OrganisationCode, PrefCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// A hospital that owes a day's report and has not given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owing {
    /// The hospital.
    pub hospital: HospitalId,
    /// Its organisation ID.
    pub code: OrganisationCode,
    /// Its name.
    pub name: String,
    /// Where reminders go.
    pub mailbox: Option<String>,
    /// When it was reminded last of this day, by a mail that was not given up as too late.
    pub reminded_at: Option<DateTime<Utc>>,
    /// The rung that was asked about has been climbed.
    pub is_done: bool,
}

/// A reminder that is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReminder {
    /// Whom.
    pub hospital: HospitalId,
    /// By which mail.
    pub mail: MailId,
}

/// A reminder as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminded {
    /// Whom.
    pub hospital: HospitalId,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// `waiting`, `sent`, `failed`, `bounced`, `cancelled`.
    pub state: String,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallNote {
    /// Its id.
    pub id: Uuid,
    /// Whom.
    pub hospital: HospitalId,
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub result: CallResult,
    /// The rest, short.
    pub words: String,
    /// Who called.
    pub who: String,
}

#[derive(FromQueryResult)]
struct OwingRow {
    id: Uuid,
    code: String,
    name: String,
    mailbox: Option<String>,
    reminded_at: Option<DateTime<Utc>>,
    done: i64,
}

#[derive(FromQueryResult)]
struct RemindedRow {
    hospital_id: Uuid,
    at: DateTime<Utc>,
    state: String,
}

#[derive(FromQueryResult)]
struct CallRow {
    id: Uuid,
    hospital_id: Uuid,
    at: DateTime<Utc>,
    result: String,
    words: String,
    who: String,
}

/// Who owes a day's report in a prefecture. Only surveys that hospitals answer here.
async fn owing<C: ConnectionTrait>(
    rows: &Rows<'_, C>,
    backend: Backend,
    (prefecture, survey, day, rung): (PrefCode, &str, NaiveDate, &str),
) -> Result<Vec<Owing>, StoreError> {
    let sql = format!(
        "SELECT h.id, o.code, o.name, o.mailbox, \
         (SELECT MAX(r.at) FROM reminder r JOIN mail m ON m.id = r.mail_id WHERE r.hospital_id = h.id AND r.survey = $2 \
         AND r.report_date = $3 AND (m.state <> 'cancelled' OR m.answer IS NULL)) AS reminded_at, \
         (SELECT COUNT(*) FROM reminder r WHERE r.hospital_id = h.id AND r.survey = $2 AND r.report_date = $3 AND r.rung = $4) AS done \
         FROM hospital h JOIN organisation o ON o.id = h.organisation_id WHERE h.pref_code = $1 AND h.merged_into IS NULL \
         AND NOT EXISTS (SELECT 1 FROM report_day d WHERE d.hospital_id = h.id AND d.survey = $2 AND d.report_date = $3 AND d.first_full_at IS NOT NULL) \
         AND h.id NOT IN (SELECT e.hospital_id FROM ({}) AS e WHERE e.pref_code = $1 AND e.from_on <= $3 AND (e.to_on IS NULL OR e.to_on >= $3) \
         AND (e.weekdays & $5) <> 0) ORDER BY o.code",
        exempt_rows(backend)
    );
    let values = vec![prefecture.to_string().into(), survey.into(), day.into(), rung.into(), Weekdays::bit_of(day).into()];
    let found: Vec<OwingRow> = rows.all(&sql, values).await?;
    let row = |r: OwingRow| {
        Ok(Owing {
            hospital: HospitalId(r.id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            name: r.name,
            mailbox: r.mailbox.filter(|m| !m.is_empty()),
            reminded_at: r.reminded_at,
            is_done: r.done > 0,
        })
    };
    found.into_iter().map(row).collect()
}

impl Store {
    /// Who owes a day's report in a prefecture now; see [`WriteTx::owing`].
    pub async fn owing_unscoped(&self, prefecture: PrefCode, survey: &str, day: NaiveDate, rung: &str) -> Result<Vec<Owing>, StoreError> {
        owing(&self.system_rows(), self.backend(), (prefecture, survey, day, rung)).await
    }
}

impl WriteTx {
    /// Who owes a day's report in a prefecture, as it stands in this transaction.
    pub async fn owing(&self, prefecture: PrefCode, survey: &str, day: NaiveDate, rung: &str) -> Result<Vec<Owing>, StoreError> {
        owing(&self.rows(), self.store().backend(), (prefecture, survey, day, rung)).await
    }

    /// Writes reminders down, with the mails that they went by.
    pub async fn add_reminders(
        &self,
        (prefecture, survey, day, rung): (PrefCode, &str, NaiveDate, &str),
        reminders: &[NewReminder],
    ) -> Result<(), StoreError> {
        let columns = ["hospital_id", "survey", "report_date", "rung", "pref_code", "mail_id", "at"].map(|c| (c, Column::Plain));
        let row = |r: &NewReminder| {
            vec![
                r.hospital.0.into(),
                survey.into(),
                day.into(),
                rung.into(),
                prefecture.to_string().into(),
                r.mail.0.into(),
                self.now().into(),
            ]
        };
        self.insert_rows("reminder", &columns, reminders.iter().map(row).collect(), "").await
    }

    /// Writes a call down. The same form sent twice is one call.
    pub async fn add_call(&self, (prefecture, survey, day): (PrefCode, &str, NaiveDate), c: &CallNote) -> Result<bool, StoreError> {
        let sql = "INSERT INTO call_note (id, hospital_id, pref_code, survey, report_date, at, result, words, who) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
        let values = vec![
            c.id.into(),
            c.hospital.0.into(),
            prefecture.to_string().into(),
            survey.into(),
            day.into(),
            c.at.into(),
            c.result.as_str().into(),
            c.words.as_str().into(),
            c.who.as_str().into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }
}

impl Reader {
    /// The reminders of a day in a prefecture, the last first.
    pub async fn reminders(&self, prefecture: PrefCode, survey: &str, day: NaiveDate) -> Result<Vec<Reminded>, StoreError> {
        let sql = format!(
            "SELECT r.hospital_id, r.at, m.state FROM reminder r JOIN mail m ON m.id = r.mail_id \
             WHERE {} AND r.pref_code = $2 AND r.report_date = $3 AND r.survey = $4 ORDER BY r.at DESC",
            wall_filter("r.pref_code")
        );
        let found: Vec<RemindedRow> = self.all(&sql, vec![self.wall(), prefecture.to_string().into(), day.into(), survey.into()]).await?;
        Ok(found.into_iter().map(|r| Reminded { hospital: HospitalId(r.hospital_id), at: r.at, state: r.state }).collect())
    }

    /// The calls about a day in a prefecture, the last first.
    pub async fn calls(&self, prefecture: PrefCode, survey: &str, day: NaiveDate) -> Result<Vec<CallNote>, StoreError> {
        let sql = format!(
            "SELECT id, hospital_id, at, result, words, who FROM call_note WHERE {} AND pref_code = $2 AND report_date = $3 AND survey = $4 \
             ORDER BY at DESC, id DESC",
            wall_filter("pref_code")
        );
        let found: Vec<CallRow> = self.all(&sql, vec![self.wall(), prefecture.to_string().into(), day.into(), survey.into()]).await?;
        let row = |r: CallRow| {
            let result = CallResult::parse(&r.result).ok_or_else(|| StoreError::corrupt(&r.result))?;
            Ok(CallNote { id: r.id, hospital: HospitalId(r.hospital_id), at: r.at, result, words: r.words, who: r.who })
        };
        found.into_iter().map(row).collect()
    }
}
