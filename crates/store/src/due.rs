//! What a prefecture sets: due rules, the ladder of reminders, exemptions.

use crate::{
    db::Backend,
    error::StoreError,
    read::{Reader, Rows, wall_filter},
    write::WriteTx,
};
use akidoko_domain::{
    due::{DueBook, DueSetting, Exemption, Ladder, Weekdays},
    id::{HospitalId, PrefCode},
    time::DueRule,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct RuleRow {
    pref_code: String,
    valid_from: NaiveDate,
    working_due: i32,
    working_late: i32,
    off_due: Option<i32>,
    off_late: Option<i32>,
}

#[derive(FromQueryResult)]
struct HolidayRow {
    on_date: NaiveDate,
}

fn time(minutes: i32) -> Result<NaiveTime, StoreError> {
    let seconds = u32::try_from(minutes).map_err(StoreError::corrupt)? * 60;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or_else(|| StoreError::corrupt("a due time"))
}

fn minutes(time: NaiveTime) -> i32 {
    i32::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// All due rules and holidays.
pub(crate) async fn book<C: ConnectionTrait>(rows: &Rows<'_, C>) -> Result<DueBook, StoreError> {
    let mut book = DueBook::default();
    let sql = "SELECT pref_code, valid_from, working_due, working_late, off_due, off_late FROM due_rule";
    for r in rows.all::<RuleRow>(sql, vec![]).await? {
        let off = match (r.off_due, r.off_late) {
            (Some(due), Some(late)) => Some(DueRule { due: time(due)?, late: time(late)? }),
            _ => None,
        };
        let working = DueRule { due: time(r.working_due)?, late: time(r.working_late)? };
        let prefecture: PrefCode = r.pref_code.parse().map_err(StoreError::corrupt)?;
        book.settings.entry(prefecture).or_default().push(DueSetting { valid_from: r.valid_from, working, off });
    }
    for r in rows.all::<HolidayRow>("SELECT on_date FROM holiday", vec![]).await? {
        book.holidays.insert(r.on_date);
    }
    Ok(book)
}

/// An exemption as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionRow {
    /// Its id; `None`: the ID is suspended, and nobody wrote it down.
    pub id: Option<Uuid>,
    /// The hospital.
    pub hospital: HospitalId,
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// When it holds.
    pub exemption: Exemption,
    /// Why.
    pub reason: String,
    /// Who wrote it down.
    pub set_by: String,
}

/// A ladder as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderRow {
    /// Whose.
    pub prefecture: PrefCode,
    /// Its rungs.
    pub ladder: Ladder,
    /// When it was set: what was over then is not made up for.
    pub set_at: DateTime<Utc>,
    /// Who set it.
    pub set_by: String,
}

#[derive(FromQueryResult)]
struct ExemptRow {
    id: Option<Uuid>,
    hospital_id: Uuid,
    pref_code: String,
    from_on: NaiveDate,
    to_on: Option<NaiveDate>,
    weekdays: i32,
    suspended: i32,
    reason: String,
    set_by: String,
}

#[derive(FromQueryResult)]
struct LadderFound {
    pref_code: String,
    ladder: String,
    set_at: DateTime<Utc>,
    set_by: String,
}

impl TryFrom<LadderFound> for LadderRow {
    type Error = StoreError;
    fn try_from(r: LadderFound) -> Result<Self, StoreError> {
        Ok(Self {
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            ladder: serde_json::from_str(&r.ladder).map_err(StoreError::corrupt)?,
            set_at: r.set_at,
            set_by: r.set_by,
        })
    }
}

const LADDERS: &str = "SELECT pref_code, CAST(ladder AS TEXT) AS ladder, set_at, set_by FROM reminder_ladder";

/// The day in Japan of a moment in a column.
pub(crate) fn jst_date(backend: Backend, column: &str) -> String {
    match backend {
        Backend::Sqlite => format!("date({column}, '+9 hours')"),
        Backend::Postgres => format!("({column} AT TIME ZONE 'Asia/Tokyo')::date"),
    }
}

/// All that owes nothing: what was written down, and suspended IDs. As a part of a question.
pub(crate) fn exempt_rows(backend: Backend) -> String {
    let (none, suspended_on) = match backend {
        Backend::Sqlite => ("NULL", jst_date(backend, "o.suspended_at")),
        Backend::Postgres => ("NULL::uuid", jst_date(backend, "o.suspended_at")),
    };
    let open = if backend == Backend::Postgres { "NULL::date" } else { "NULL" };
    format!(
        "SELECT id, hospital_id, pref_code, from_on, to_on, weekdays, 0 AS suspended, reason, set_by FROM exemption UNION ALL \
         SELECT {none}, h.id, h.pref_code, {suspended_on}, {open}, 127, 1, '', '' FROM organisation o JOIN hospital h ON h.organisation_id = o.id \
         WHERE o.suspended_at IS NOT NULL AND o.kind = 'hospital' AND h.merged_into IS NULL"
    )
}

impl Reader {
    /// The exemptions that the scope sees, of one prefecture or of all.
    pub async fn exemptions(&self, prefecture: Option<PrefCode>) -> Result<Vec<ExemptionRow>, StoreError> {
        let sql = format!(
            "SELECT * FROM ({}) AS e WHERE {} AND ($2 = '' OR pref_code = $2) ORDER BY from_on DESC, hospital_id",
            exempt_rows(self.backend()),
            wall_filter("pref_code")
        );
        let asked = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let found: Vec<ExemptRow> = self.all(&sql, vec![self.wall(), asked.into()]).await?;
        let row = |r: ExemptRow| {
            Ok(ExemptionRow {
                id: r.id,
                hospital: HospitalId(r.hospital_id),
                prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
                exemption: Exemption {
                    from_on: r.from_on,
                    to_on: r.to_on,
                    weekdays: Weekdays::new(r.weekdays).ok_or_else(|| StoreError::corrupt("weekdays"))?,
                    suspended: r.suspended != 0,
                },
                reason: r.reason,
                set_by: r.set_by,
            })
        };
        found.into_iter().map(row).collect()
    }

    /// The ladder of a prefecture, if the scope sees it and one was set.
    pub async fn ladder(&self, prefecture: PrefCode) -> Result<Option<LadderRow>, StoreError> {
        let sql = format!("{LADDERS} WHERE {} AND pref_code = $2", wall_filter("pref_code"));
        let found: Option<LadderFound> = self.one(&sql, vec![self.wall(), prefecture.to_string().into()]).await?;
        found.map(LadderRow::try_from).transpose()
    }
}

impl crate::db::Store {
    /// All ladders.
    pub async fn ladders_unscoped(&self) -> Result<BTreeMap<PrefCode, LadderRow>, StoreError> {
        let found: Vec<LadderFound> = self.system_rows().all(LADDERS, vec![]).await?;
        found.into_iter().map(|r| LadderRow::try_from(r).map(|l| (l.prefecture, l))).collect()
    }
}

impl WriteTx {
    /// Sets a due rule; one of the same day takes its place.
    pub async fn set_due(&self, prefecture: PrefCode, s: &DueSetting, by: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO due_rule (pref_code, valid_from, working_due, working_late, off_due, off_late, set_at, set_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (pref_code, valid_from) DO UPDATE SET working_due = excluded.working_due, \
                   working_late = excluded.working_late, off_due = excluded.off_due, off_late = excluded.off_late, set_at = excluded.set_at, \
                   set_by = excluded.set_by";
        let values = vec![
            prefecture.to_string().into(),
            s.valid_from.into(),
            minutes(s.working.due).into(),
            minutes(s.working.late).into(),
            s.off.map(|o| minutes(o.due)).into(),
            s.off.map(|o| minutes(o.late)).into(),
            self.now().into(),
            by.into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Takes a rule back that does not hold yet. False: there is none.
    pub async fn drop_due(&self, prefecture: PrefCode, valid_from: NaiveDate) -> Result<bool, StoreError> {
        let sql = "DELETE FROM due_rule WHERE pref_code = $1 AND valid_from = $2";
        Ok(self.execute(sql, vec![prefecture.to_string().into(), valid_from.into()]).await? == 1)
    }

    /// Sets the ladder of a prefecture.
    pub async fn set_ladder(&self, prefecture: PrefCode, ladder: &Ladder, by: &str) -> Result<(), StoreError> {
        let json = serde_json::to_value(ladder).map_err(StoreError::corrupt)?;
        let sql = "INSERT INTO reminder_ladder (pref_code, ladder, set_at, set_by) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (pref_code) DO UPDATE SET ladder = excluded.ladder, set_at = excluded.set_at, set_by = excluded.set_by";
        self.execute(sql, vec![prefecture.to_string().into(), json.into(), self.now().into(), by.into()]).await?;
        Ok(())
    }

    /// Adds an exemption. The same again adds nothing.
    pub async fn add_exemption(&self, e: &ExemptionRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO exemption (id, hospital_id, pref_code, from_on, to_on, weekdays, reason, set_at, set_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
        let values = vec![
            e.id.into(),
            e.hospital.0.into(),
            e.prefecture.to_string().into(),
            e.exemption.from_on.into(),
            e.exemption.to_on.into(),
            e.exemption.weekdays.bits().into(),
            e.reason.as_str().into(),
            self.now().into(),
            e.set_by.as_str().into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Ends an exemption with the day before `today`: the days that it held for stay exempt. One that never held goes. False: there is none.
    pub async fn end_exemption(&self, prefecture: PrefCode, id: Uuid, today: NaiveDate) -> Result<bool, StoreError> {
        let yesterday = akidoko_domain::time::day_before(today);
        let gone = "DELETE FROM exemption WHERE id = $1 AND pref_code = $2 AND from_on >= $3";
        if self.execute(gone, vec![id.into(), prefecture.to_string().into(), today.into()]).await? == 1 {
            return Ok(true);
        }
        let ended = "UPDATE exemption SET to_on = $3 WHERE id = $1 AND pref_code = $2 AND (to_on IS NULL OR to_on > $3)";
        Ok(self.execute(ended, vec![id.into(), prefecture.to_string().into(), yesterday.into()]).await? == 1)
    }
}
