//! The picture of a prefecture: days that are over, added up, and which of them are to be added up anew. Since it is made beside the reports and not
//! with them, a report costs no more for it than a mark, and only where it speaks of a day that is over.

use crate::{
    db::{Backend, Store},
    error::StoreError,
    read::{Reader, wall_filter},
    report::NewVersion,
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::PrefCode,
    picture::{Measure, Picture, Sums, Tally},
    report::ReportVersion,
    time::from_jst,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use sea_orm::{FromQueryResult, Value};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// A day is added up when it is over; a report that comes so shortly before may be committed after.
const SETTLING: TimeDelta = TimeDelta::minutes(15);

/// A day of a prefecture that is to be added up anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureDue {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// The day.
    pub day: NaiveDate,
    /// When the last report came that speaks of it.
    pub at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct DueRow {
    pref_code: String,
    on_date: NaiveDate,
    at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Packed {
    on_date: NaiveDate,
    packed: String,
}

#[derive(FromQueryResult)]
struct Spanned {
    pref_code: String,
    first_on: NaiveDate,
    last_on: Option<NaiveDate>,
}

/// The columns of a measure: part, whole, hospitals. A sum has no whole.
fn columns(measure: Measure) -> [String; 3] {
    let name = measure.as_str();
    if measure.is_rate() {
        [format!("{name}_part"), format!("{name}_whole"), format!("{name}_hospitals")]
    } else {
        [name.to_owned(), "0".to_owned(), format!("{name}_hospitals")]
    }
}

/// Of a query the rows of each day as one text: prefecture, area, hospitals, those of the day, and of each measure its three numbers.
fn packed(backend: Backend, measures: &[Measure]) -> String {
    let of = measures.iter().flat_map(|m| columns(*m)).collect::<Vec<_>>();
    let all = ["pref_code", "area_code", "hospitals", "current_hospitals"].into_iter().map(str::to_owned).chain(of);
    let words = all.collect::<Vec<_>>().join(" || ' ' || ");
    match backend {
        Backend::Sqlite => format!("group_concat({words}, ';')"),
        Backend::Postgres => format!("string_agg({words}, ';')"),
    }
}

/// A day of a prefecture or of one of its areas, as it was added up.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureDay {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// 二次医療圏, code; `None`: the whole prefecture.
    pub area: Option<String>,
    /// The day.
    pub day: NaiveDate,
    /// The measures that were asked for.
    pub sums: Sums,
}

fn unpack(rows: Vec<Packed>, measures: &[Measure]) -> Result<Vec<PictureDay>, StoreError> {
    let mut all = Vec::with_capacity(rows.len() * 48);
    for row in rows {
        for one in row.packed.split(';') {
            let mut words = one.split(' ');
            let mut word = || words.next().ok_or_else(|| StoreError::corrupt("a day of the picture"));
            let prefecture = word()?.parse().map_err(StoreError::corrupt)?;
            let area = Some(word()?.to_owned()).filter(|code| !code.is_empty());
            let mut number = || word()?.parse::<u64>().map_err(StoreError::corrupt);
            let small = |n: u64| u32::try_from(n).map_err(StoreError::corrupt);
            let (hospitals, current) = (small(number()?)?, small(number()?)?);
            let mut tallies = Vec::with_capacity(measures.len());
            for measure in measures {
                let (part, whole, hospitals) = (number()?, number()?, small(number()?)?);
                tallies.push((*measure, Tally { part, whole, hospitals }));
            }
            all.push(PictureDay { prefecture, area, day: row.on_date, sums: Sums::kept(hospitals, current, tallies) });
        }
    }
    Ok(all)
}

/// Days that are over and of which these versions speak.
fn over(versions: &[NewVersion]) -> BTreeMap<(PrefCode, NaiveDate), DateTime<Utc>> {
    let mut days = BTreeMap::new();
    for (r, prefecture, _) in versions {
        let end = r.report_date.checked_add_days(Days::new(1)).unwrap_or(r.report_date);
        if r.received_at + SETTLING >= from_jst(end.and_time(NaiveTime::MIN)) {
            let at = days.entry((*prefecture, r.report_date)).or_insert(r.received_at);
            *at = (*at).max(r.received_at);
        }
    }
    days
}

const DUE: [(&str, Column); 3] = [("pref_code", Column::Plain), ("on_date", Column::Plain), ("at", Column::Plain)];
const DUE_END: &str = "ON CONFLICT (pref_code, on_date) DO UPDATE SET at = excluded.at";

fn due_rows(versions: &[NewVersion]) -> Vec<Vec<Value>> {
    let row = |((prefecture, day), at): ((PrefCode, NaiveDate), DateTime<Utc>)| vec![prefecture.to_string().into(), day.into(), at.into()];
    over(versions).into_iter().map(row).collect()
}

impl WriteTx {
    /// Marks the days of versions that are over, with the end of the transaction.
    pub(crate) fn mark_picture_at_commit(&mut self, versions: &[NewVersion]) {
        self.insert_rows_at_commit("picture_due", &DUE, due_rows(versions), DUE_END);
    }

    /// The same at once.
    pub(crate) async fn mark_picture(&self, versions: &[NewVersion]) -> Result<(), StoreError> {
        self.insert_rows("picture_due", &DUE, due_rows(versions), DUE_END).await
    }

    /// Puts the pictures of days, in the place of what was there; and strikes out marks that have not moved since they were read.
    pub async fn put_pictures(&self, prefecture: PrefCode, days: &[(NaiveDate, Picture)], seen: &[PictureDue]) -> Result<(), StoreError> {
        let measures: Vec<Measure> = Measure::all().collect();
        let names: Vec<String> = measures.iter().flat_map(|m| columns(*m)).filter(|c| c != "0").collect();
        let head = ["pref_code", "on_date", "area_code", "hospitals", "current_hospitals"];
        let columns: Vec<(&str, Column)> = head.into_iter().chain(names.iter().map(String::as_str)).map(|c| (c, Column::Plain)).collect();
        let number = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        let row = |day: NaiveDate, area: &str, sums: &Sums| {
            let mut row = vec![
                prefecture.to_string().into(),
                day.into(),
                area.into(),
                i64::from(sums.hospitals).into(),
                i64::from(sums.current).into(),
            ];
            for measure in &measures {
                let tally = sums.tally(*measure);
                row.push(number(tally.part));
                if measure.is_rate() {
                    row.push(number(tally.whole));
                }
                row.push(i64::from(tally.hospitals).into());
            }
            row
        };
        let mut rows = Vec::new();
        for (day, picture) in days {
            let gone = "DELETE FROM picture_day WHERE pref_code = $1 AND on_date = $2";
            self.execute(gone, vec![prefecture.to_string().into(), (*day).into()]).await?;
            rows.push(row(*day, "", &picture.all));
            rows.extend(picture.areas.iter().map(|(area, sums)| row(*day, area, sums)));
        }
        self.insert_rows("picture_day", &columns, rows, "").await?;
        for due in seen {
            let struck = "DELETE FROM picture_due WHERE pref_code = $1 AND on_date = $2 AND at = $3";
            self.execute(struck, vec![due.prefecture.to_string().into(), due.day.into(), due.at.into()]).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Days up to one that are to be added up anew, the oldest first: of the prefecture that has waited longest, so that a busy one keeps no other waiting.
    pub async fn picture_due_unscoped(&self, last: NaiveDate) -> Result<Vec<PictureDue>, StoreError> {
        let sql = "SELECT pref_code, on_date, at FROM picture_due WHERE on_date <= $1 \
                   AND pref_code = (SELECT pref_code FROM picture_due WHERE on_date <= $1 ORDER BY at LIMIT 1) ORDER BY on_date";
        let rows: Vec<DueRow> = self.system_rows().all(sql, vec![last.into()]).await?;
        let row = |r: DueRow| Ok(PictureDue { prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?, day: r.on_date, at: r.at });
        rows.into_iter().map(row).collect()
    }

    /// Of each prefecture whose hospitals answered a survey the first day with a report, and the last day that was added up.
    pub async fn picture_spans_unscoped(&self, survey: &str) -> Result<BTreeMap<PrefCode, (NaiveDate, Option<NaiveDate>)>, StoreError> {
        let sql = "SELECT c.pref_code, MIN(c.report_date) AS first_on, (SELECT MAX(d.on_date) FROM picture_day d WHERE d.pref_code = c.pref_code) \
                   AS last_on FROM report_count c WHERE c.survey = $1 GROUP BY c.pref_code";
        let rows: Vec<Spanned> = self.system_rows().all(sql, vec![survey.into()]).await?;
        rows.into_iter().map(|r| Ok((r.pref_code.parse().map_err(StoreError::corrupt)?, (r.first_on, r.last_on)))).collect()
    }

    /// The versions of a prefecture's hospitals that speak of some days, in the order of their receipt.
    pub async fn versions_of_unscoped(
        &self,
        prefecture: PrefCode,
        survey: &str,
        days: &RangeInclusive<NaiveDate>,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let sql = format!(
            "{} WHERE hospital_id IN (SELECT id FROM hospital WHERE pref_code = $1) AND survey = $2 AND report_date BETWEEN $3 AND $4 \
             ORDER BY received_at, report_date, version",
            crate::report::COLUMNS
        );
        let values = vec![prefecture.to_string().into(), survey.into(), (*days.start()).into(), (*days.end()).into()];
        let rows: Vec<crate::report::Found> = self.system_rows().all(&sql, values).await?;
        rows.into_iter().map(ReportVersion::try_from).collect()
    }
}

impl Reader {
    /// The days of a prefecture, of one of its areas, or of all prefectures that the scope sees, day by day.
    pub async fn picture_days(
        &self,
        prefecture: Option<PrefCode>,
        area: Option<&str>,
        days: &RangeInclusive<NaiveDate>,
        measures: &[Measure],
    ) -> Result<Vec<PictureDay>, StoreError> {
        let sql = format!(
            "SELECT on_date, {} AS packed FROM picture_day WHERE {} AND area_code = $2 AND on_date BETWEEN $3 AND $4 \
             AND ($5 = '' OR pref_code = $5) GROUP BY on_date ORDER BY on_date",
            packed(self.backend(), measures),
            wall_filter("pref_code")
        );
        let one = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let values = vec![self.wall(), area.unwrap_or_default().into(), (*days.start()).into(), (*days.end()).into(), one.into()];
        unpack(self.all(&sql, values).await?, measures)
    }

    /// One day of a prefecture, whole and by area. Nothing where it has not been added up.
    pub async fn picture_of(&self, prefecture: PrefCode, day: NaiveDate) -> Result<Option<Picture>, StoreError> {
        let measures: Vec<Measure> = Measure::all().collect();
        let sql = format!(
            "SELECT on_date, {} AS packed FROM picture_day WHERE {} AND pref_code = $2 AND on_date = $3 GROUP BY on_date",
            packed(self.backend(), &measures),
            wall_filter("pref_code")
        );
        let found = unpack(self.all(&sql, vec![self.wall(), prefecture.to_string().into(), day.into()]).await?, &measures)?;
        let mut picture: Option<Picture> = None;
        for one in found {
            let picture = picture.get_or_insert_default();
            match one.area {
                Some(area) => {
                    picture.areas.insert(area, one.sums);
                }
                None => picture.all = one.sums,
            }
        }
        Ok(picture)
    }
}
