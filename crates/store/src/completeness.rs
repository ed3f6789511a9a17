//! Who has not reported: a day of a prefecture, and days of many counted.

use crate::{
    db::Backend,
    due::{exempt_rows, jst_date},
    error::StoreError,
    read::{Reader, places, wall_filter},
};
use akidoko_domain::{
    due::Filed,
    id::{HospitalId, PrefCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use std::{collections::HashMap, ops::RangeInclusive};
use uuid::Uuid;

/// A hospital of a prefecture, as who asks it for reports knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedHospital {
    /// The hospital.
    pub hospital: HospitalId,
    /// From this day on it is asked: the day on which it was entered, or of its first report, if that is earlier.
    pub since: NaiveDate,
    /// Where reminders go.
    pub mailbox: Option<String>,
}

/// A prefecture's day, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The day.
    pub day: NaiveDate,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Hospitals of which a published file speaks, and those that reported.
    pub listed: u64,
    /// Those with a full report that answers anything.
    pub reported: u64,
    /// By the due time.
    pub on_time: u64,
    /// After the late time.
    pub late: u64,
    /// Corrected afterwards.
    pub corrected: u64,
    /// 代行
    pub on_behalf: u64,
}

#[derive(FromQueryResult)]
struct AskedRow {
    id: Uuid,
    created_on: NaiveDate,
    first_on: Option<NaiveDate>,
    mailbox: Option<String>,
}

#[derive(FromQueryResult)]
struct FiledRow {
    hospital_id: Uuid,
    first_full_at: Option<DateTime<Utc>>,
    on_time: i32,
    late: i32,
    corrected_at: Option<DateTime<Utc>>,
    on_behalf: i32,
}

#[derive(FromQueryResult)]
struct Packed {
    report_date: NaiveDate,
    packed: String,
}

#[derive(FromQueryResult)]
struct SinceRow {
    pref_code: String,
    since: NaiveDate,
    n: i64,
}

#[derive(FromQueryResult)]
struct LastRow {
    id: Uuid,
    last_on: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct OpenRow {
    report_date: NaiveDate,
    pref_code: String,
    unanswered: String,
}

/// Since when a hospital stands here, as a part of a question.
fn asked(backend: Backend) -> String {
    format!(
        "SELECT h.id, h.pref_code, {} AS created_on, (SELECT MIN(d.report_date) FROM report_day d WHERE d.hospital_id = h.id AND d.survey = $2) \
         AS first_on, o.mailbox FROM hospital h JOIN organisation o ON o.id = h.organisation_id WHERE h.merged_into IS NULL",
        jst_date(backend, "o.created_at")
    )
}

impl Reader {
    /// The hospitals of a prefecture.
    pub async fn asked_hospitals(&self, prefecture: PrefCode, survey: &str) -> Result<Vec<AskedHospital>, StoreError> {
        let sql = format!("{} AND {} AND h.pref_code = $3", asked(self.backend()), wall_filter("h.pref_code"));
        let found: Vec<AskedRow> = self.all(&sql, vec![self.wall(), survey.into(), prefecture.to_string().into()]).await?;
        let row = |r: AskedRow| AskedHospital {
            hospital: HospitalId(r.id),
            since: r.first_on.map_or(r.created_on, |first| first.min(r.created_on)),
            mailbox: r.mailbox.filter(|m| !m.is_empty()),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// Since when some hospitals stand here.
    pub async fn standing_since(&self, survey: &str, hospitals: &[HospitalId]) -> Result<HashMap<HospitalId, NaiveDate>, StoreError> {
        let mut since = HashMap::with_capacity(hospitals.len());
        for some in hospitals.chunks(400) {
            let sql = format!("{} AND {} AND h.id IN ({})", asked(self.backend()), wall_filter("h.pref_code"), places(3, some.len()));
            let values = [self.wall(), survey.into()].into_iter().chain(some.iter().map(|h| h.0.into())).collect();
            let found: Vec<AskedRow> = self.all(&sql, values).await?;
            since.extend(found.into_iter().map(|r| (HospitalId(r.id), r.first_on.map_or(r.created_on, |first| first.min(r.created_on)))));
        }
        Ok(since)
    }

    /// How many hospitals each prefecture has had since which day. Of those that were entered before `from` that much is enough: when their
    /// first report came is not looked for.
    pub async fn asked_since(
        &self,
        prefecture: Option<PrefCode>,
        survey: &str,
        from: NaiveDate,
    ) -> Result<Vec<(PrefCode, NaiveDate, u64)>, StoreError> {
        let created = jst_date(self.backend(), "o.created_at");
        let least = if self.backend() == Backend::Sqlite { "MIN" } else { "LEAST" };
        let sql = format!(
            "SELECT pref_code, since, COUNT(*) AS n FROM (SELECT h.pref_code, CASE WHEN {created} <= $4 THEN {created} ELSE \
             {least}({created}, COALESCE((SELECT MIN(d.report_date) FROM report_day d WHERE d.hospital_id = h.id AND d.survey = $2), {created})) END \
             AS since FROM hospital h JOIN organisation o ON o.id = h.organisation_id WHERE h.merged_into IS NULL AND {} \
             AND ($3 = '' OR h.pref_code = $3)) AS s GROUP BY pref_code, since",
            wall_filter("h.pref_code")
        );
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let found: Vec<SinceRow> = self.all(&sql, vec![self.wall(), survey.into(), one.into(), from.into()]).await?;
        let row = |r: SinceRow| Ok((r.pref_code.parse().map_err(StoreError::corrupt)?, r.since, u64::try_from(r.n).unwrap_or(0)));
        found.into_iter().map(row).collect()
    }

    /// What is known of a day in a prefecture, by hospital. `None`: a published file lists the hospital, and it answered nothing.
    pub async fn filed(
        &self,
        prefecture: PrefCode,
        survey: &str,
        day: NaiveDate,
    ) -> Result<HashMap<HospitalId, Option<Filed>>, StoreError> {
        let sql = format!(
            "SELECT d.hospital_id, d.first_full_at, d.on_time, d.late, d.on_behalf, CASE WHEN d.corrected_at IS NOT NULL THEN \
             (SELECT MAX(v.received_at) FROM report_version v WHERE v.hospital_id = d.hospital_id AND v.survey = d.survey \
             AND v.report_date = d.report_date AND v.kind = 'full') END AS corrected_at FROM report_day d \
             WHERE {} AND d.report_date = $2 AND d.survey = $3 AND d.pref_code = $4",
            wall_filter("d.pref_code")
        );
        let found: Vec<FiledRow> = self.all(&sql, vec![self.wall(), day.into(), survey.into(), prefecture.to_string().into()]).await?;
        let row = |r: FiledRow| {
            let filed = r.first_full_at.map(|first_full_at| Filed {
                first_full_at,
                on_time: r.on_time != 0,
                late: r.late != 0,
                corrected_at: r.corrected_at,
                on_behalf: r.on_behalf != 0,
            });
            (HospitalId(r.hospital_id), filed)
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The last day before this one that each hospital of a prefecture reported.
    pub async fn last_reported(
        &self,
        prefecture: PrefCode,
        survey: &str,
        before: NaiveDate,
    ) -> Result<HashMap<HospitalId, NaiveDate>, StoreError> {
        let sql = format!(
            "SELECT h.id, (SELECT MAX(d.report_date) FROM report_day d WHERE d.hospital_id = h.id AND d.survey = $2 AND d.report_date < $3 \
             AND d.first_full_at IS NOT NULL) AS last_on FROM hospital h WHERE {} AND h.pref_code = $4 AND h.merged_into IS NULL",
            wall_filter("h.pref_code")
        );
        let found: Vec<LastRow> = self.all(&sql, vec![self.wall(), survey.into(), before.into(), prefecture.to_string().into()]).await?;
        Ok(found.into_iter().filter_map(|r| Some((HospitalId(r.id), r.last_on?))).collect())
    }

    /// Days counted by prefecture. Of a range each day is one row on the wire, whatever the nation is.
    pub async fn counted(
        &self,
        prefecture: Option<PrefCode>,
        survey: &str,
        days: &RangeInclusive<NaiveDate>,
    ) -> Result<Vec<Counted>, StoreError> {
        let sql = format!(
            "SELECT report_date, {} AS packed FROM report_count WHERE {} AND survey = $2 AND report_date BETWEEN $3 AND $4 \
             AND ($5 = '' OR pref_code = $5) GROUP BY report_date",
            packed(
                self.backend(),
                "pref_code || ' ' || listed || ' ' || reported || ' ' || on_time || ' ' || late || ' ' || corrected || ' ' || on_behalf"
            ),
            wall_filter("pref_code")
        );
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let values = vec![self.wall(), survey.into(), (*days.start()).into(), (*days.end()).into(), one.into()];
        unpack(self.all(&sql, values).await?)
    }

    /// The same of some hospitals of one prefecture.
    pub async fn counted_of(
        &self,
        prefecture: PrefCode,
        survey: &str,
        days: &RangeInclusive<NaiveDate>,
        hospitals: &[HospitalId],
    ) -> Result<Vec<Counted>, StoreError> {
        if hospitals.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT report_date, pref_code || ' ' || COUNT(*) || ' ' || COUNT(first_full_at) || ' ' || SUM(on_time) || ' ' || SUM(late) || ' ' || \
             COUNT(corrected_at) || ' ' || SUM(on_behalf) AS packed FROM report_day WHERE {} AND survey = $2 AND report_date BETWEEN $3 AND $4 \
             AND pref_code = $5 AND hospital_id IN ({}) GROUP BY report_date, pref_code",
            wall_filter("pref_code"),
            places(6, hospitals.len())
        );
        let values = [self.wall(), survey.into(), (*days.start()).into(), (*days.end()).into(), prefecture.to_string().into()];
        unpack(self.all(&sql, values.into_iter().chain(hospitals.iter().map(|h| h.0.into())).collect()).await?)
    }

    /// Those that reported without owing it, of some hospitals or of all: prefecture, day, how many, how many by the due time.
    pub async fn voluntary(
        &self,
        prefecture: Option<PrefCode>,
        survey: &str,
        days: &RangeInclusive<NaiveDate>,
        only: &[HospitalId],
    ) -> Result<Vec<(NaiveDate, PrefCode, u64, u64)>, StoreError> {
        let weekday = match self.backend() {
            Backend::Sqlite => "CAST(strftime('%w', d.report_date) AS INTEGER)",
            Backend::Postgres => "CAST(EXTRACT(DOW FROM d.report_date) AS INTEGER)",
        };
        let some = only;
        let only = if some.is_empty() { String::new() } else { format!("AND d.hospital_id IN ({})", places(6, some.len())) };
        let sql = format!(
            "SELECT report_date, {} AS packed FROM (SELECT report_date, pref_code, COUNT(*) AS n, SUM(on_time) AS on_time FROM \
             (SELECT DISTINCT d.hospital_id, d.report_date, d.pref_code, d.on_time FROM ({}) AS e JOIN report_day d ON d.hospital_id = e.hospital_id \
             AND d.survey = $2 AND d.report_date BETWEEN $3 AND $4 AND d.report_date >= e.from_on AND (e.to_on IS NULL OR d.report_date <= e.to_on) \
             WHERE {} AND ($5 = '' OR d.pref_code = $5) AND d.first_full_at IS NOT NULL {only} AND ((e.weekdays >> {weekday}) & 1) = 1) AS v \
             GROUP BY report_date, pref_code) AS w GROUP BY report_date",
            packed(self.backend(), "pref_code || ' ' || n || ' ' || on_time"),
            exempt_rows(self.backend()),
            wall_filter("d.pref_code")
        );
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let values = [self.wall(), survey.into(), (*days.start()).into(), (*days.end()).into(), one.into()];
        let values = values.into_iter().chain(some.iter().map(|h| h.0.into())).collect();
        let found: Vec<Packed> = self.all(&sql, values).await?;
        let mut counts = Vec::new();
        for row in found {
            for one in row.packed.split(';') {
                let (prefecture, [n, on_time]) = figures(one)?;
                counts.push((row.report_date, prefecture, n, on_time));
            }
        }
        Ok(counts)
    }

    /// Services of which some report says nothing, by day and prefecture.
    pub async fn half_answered(
        &self,
        prefecture: Option<PrefCode>,
        survey: &str,
        days: &RangeInclusive<NaiveDate>,
    ) -> Result<HashMap<(NaiveDate, PrefCode, String), u64>, StoreError> {
        let sql = format!(
            "SELECT report_date, pref_code, unanswered FROM report_day WHERE {} AND survey = $2 AND report_date BETWEEN $3 AND $4 \
             AND ($5 = '' OR pref_code = $5) AND unanswered <> ''",
            wall_filter("pref_code")
        );
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let values = vec![self.wall(), survey.into(), (*days.start()).into(), (*days.end()).into(), one.into()];
        let mut counts: HashMap<(NaiveDate, PrefCode, String), u64> = HashMap::new();
        for r in self.all::<OpenRow>(&sql, values).await? {
            let prefecture: PrefCode = r.pref_code.parse().map_err(StoreError::corrupt)?;
            for item in r.unanswered.split(',') {
                *counts.entry((r.report_date, prefecture, item.to_owned())).or_default() += 1;
            }
        }
        Ok(counts)
    }
}

/// Many rows of a day as one text: each row over the wire costs more than what it carries.
fn packed(backend: Backend, columns: &str) -> String {
    match backend {
        Backend::Sqlite => format!("group_concat({columns}, ';')"),
        Backend::Postgres => format!("string_agg({columns}, ';')"),
    }
}

fn figures<const N: usize>(text: &str) -> Result<(PrefCode, [u64; N]), StoreError> {
    let mut words = text.split(' ');
    let prefecture = words.next().unwrap_or_default().parse().map_err(StoreError::corrupt)?;
    let mut figures = [0; N];
    for figure in &mut figures {
        *figure = words.next().unwrap_or_default().parse().map_err(StoreError::corrupt)?;
    }
    Ok((prefecture, figures))
}

fn unpack(rows: Vec<Packed>) -> Result<Vec<Counted>, StoreError> {
    let mut all = Vec::with_capacity(rows.len() * 48);
    for row in rows {
        for one in row.packed.split(';') {
            let (prefecture, [listed, reported, on_time, late, corrected, on_behalf]) = figures(one)?;
            all.push(Counted { day: row.report_date, prefecture, listed, reported, on_time, late, corrected, on_behalf });
        }
    }
    Ok(all)
}
