//! Rates over days and weeks. The database keeps the counts; here they meet who was asked, and who owed nothing.

use super::CompletenessError;
use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    due::{DayCount, DueBook, Exemption},
    id::{HospitalId, PrefCode},
    survey::GMIS_DAILY,
};
use akidoko_store::{Counted, ExemptionRow, Reader};
use chrono::{Datelike, Days, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeInclusive,
};

/// Days of one or of all prefectures, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    rows: BTreeMap<(NaiveDate, PrefCode), DayCount>,
    /// Reports that leave a service open, by day, prefecture and service.
    half_answered: HashMap<(NaiveDate, PrefCode, String), u64>,
}

/// A line of the chart, and of the table behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trend {
    /// The day, or the Monday of the week.
    pub from: NaiveDate,
    /// The last day in it.
    pub to: NaiveDate,
    /// All of it together.
    pub count: DayCount,
}

impl Counts {
    /// Each day of each prefecture.
    pub fn by_prefecture(&self) -> impl Iterator<Item = (NaiveDate, PrefCode, DayCount)> {
        self.rows.iter().map(|((day, prefecture), count)| (*day, *prefecture, *count))
    }

    /// How many left a service unanswered on a day: those that answered nothing, and those that answered all but that.
    pub fn unanswered(&self, day: NaiveDate, prefecture: PrefCode, item: &str) -> u64 {
        let missing = self.rows.get(&(day, prefecture)).map_or(0, |c| c.hospitals - c.reported);
        missing + self.half_answered.get(&(day, prefecture, item.to_owned())).copied().unwrap_or(0)
    }

    /// Without the days after one.
    #[must_use]
    pub fn until(mut self, last: NaiveDate) -> Self {
        self.rows.retain(|(day, _), _| *day <= last);
        self
    }

    /// All prefectures together, day by day.
    pub fn days(&self) -> Vec<Trend> {
        self.folded(|day| (day, day))
    }

    /// All prefectures together, by weeks from Monday to Sunday.
    pub fn weeks(&self) -> Vec<Trend> {
        self.folded(|day| {
            let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day);
            (monday, monday.checked_add_days(Days::new(6)).unwrap_or(day))
        })
    }

    fn folded(&self, span: impl Fn(NaiveDate) -> (NaiveDate, NaiveDate)) -> Vec<Trend> {
        let mut spans: BTreeMap<NaiveDate, Trend> = BTreeMap::new();
        for ((day, _), count) in &self.rows {
            let (from, to) = span(*day);
            spans.entry(from).or_insert(Trend { from, to, count: DayCount::default() }).count.add(count);
        }
        spans.into_values().collect()
    }
}

/// Who was asked on which day.
struct Asked {
    /// By prefecture, ordered by day: since then so many more.
    since: HashMap<PrefCode, Vec<(NaiveDate, u64)>>,
}

impl Asked {
    fn of(rows: Vec<(PrefCode, NaiveDate, u64)>) -> Self {
        let mut since: HashMap<PrefCode, Vec<(NaiveDate, u64)>> = HashMap::new();
        for (prefecture, day, n) in rows {
            since.entry(prefecture).or_default().push((day, n));
        }
        for days in since.values_mut() {
            days.sort_unstable();
            let mut sum = 0;
            for (_, n) in days.iter_mut() {
                sum += *n;
                *n = sum;
            }
        }
        Self { since }
    }

    fn on(&self, prefecture: PrefCode, day: NaiveDate) -> u64 {
        let Some(days) = self.since.get(&prefecture) else { return 0 };
        match days.partition_point(|(since, _)| *since <= day) {
            0 => 0,
            n => days[n - 1].1,
        }
    }
}

fn each(days: &RangeInclusive<NaiveDate>) -> impl Iterator<Item = NaiveDate> {
    let end = *days.end();
    days.start().iter_days().take_while(move |d| *d <= end)
}

impl Service {
    /// Counts the days of one prefecture or of all that the actor sees; `only`: some of its hospitals, for an area or a kind. Of a survey that is
    /// published elsewhere（`gmis_daily`）, asked is whom the day's file lists, and who answers nothing has not reported; of one that is
    /// answered here, every hospital that stands.
    pub async fn completeness_counts(
        &self,
        actor: &Actor,
        prefecture: Option<PrefCode>,
        survey: &str,
        days: RangeInclusive<NaiveDate>,
        only: Option<&BTreeSet<HospitalId>>,
    ) -> Result<Counts, CompletenessError> {
        let prefecture = self.completeness_of(actor, prefecture)?;
        let only = match (prefecture, only) {
            (Some(p), Some(only)) => Some((p, only.iter().copied().collect::<Vec<_>>())),
            _ => None,
        };
        let reader = self.store.read(&actor.scope).await?;
        let mut counts = Counts::default();
        if survey == GMIS_DAILY {
            for c in counted(&reader, prefecture, survey, &days, only.as_ref()).await? {
                counts.rows.insert((c.day, c.prefecture), DayCount { hospitals: c.listed, ..figures(&c) });
            }
            counts.half_answered = reader.half_answered(prefecture, survey, &days).await?;
            return Ok(counts);
        }
        let asked = Asked::of(asked_since(&reader, prefecture, survey, *days.start(), only.as_ref()).await?);
        for day in each(&days) {
            for p in asked.since.keys() {
                let hospitals = asked.on(*p, day);
                if hospitals > 0 {
                    counts.rows.insert((day, *p), DayCount { hospitals, ..DayCount::default() });
                }
            }
        }
        for c in counted(&reader, prefecture, survey, &days, only.as_ref()).await? {
            let count = counts.rows.entry((c.day, c.prefecture)).or_default();
            *count = DayCount { hospitals: count.hospitals.max(c.reported), ..figures(&c) };
        }
        let mut exemptions = by_prefecture(&reader.exemptions(prefecture).await?);
        if let Some((p, only)) = &only {
            exemptions.entry(*p).or_default().retain(|h, _| only.contains(h));
        }
        if exemptions.values().any(|e| !e.is_empty()) {
            let of = only.as_ref().map_or(&[][..], |(_, of)| of);
            for (day, p, n, on_time) in reader.voluntary(prefecture, survey, &days, of).await? {
                if let Some(count) = counts.rows.get_mut(&(day, p)) {
                    (count.voluntary, count.voluntary_on_time) = (n, on_time);
                }
            }
        }
        let exempt: Vec<HospitalId> = exemptions.values().flat_map(HashMap::keys).copied().collect();
        let since = reader.standing_since(survey, &exempt).await?;
        excuse(&mut counts, &exemptions, &since, &self.live.reference().due);
        Ok(counts)
    }
}

type Only = (PrefCode, Vec<HospitalId>);

async fn counted(
    reader: &Reader,
    prefecture: Option<PrefCode>,
    survey: &str,
    days: &RangeInclusive<NaiveDate>,
    only: Option<&Only>,
) -> Result<Vec<Counted>, StoreError> {
    match only {
        Some((p, hospitals)) => reader.counted_of(*p, survey, days, hospitals).await,
        None => reader.counted(prefecture, survey, days).await,
    }
}

async fn asked_since(
    reader: &Reader,
    prefecture: Option<PrefCode>,
    survey: &str,
    from: NaiveDate,
    only: Option<&Only>,
) -> Result<Vec<(PrefCode, NaiveDate, u64)>, StoreError> {
    match only {
        Some((p, hospitals)) => {
            let asked = reader.asked_hospitals(*p, survey).await?;
            Ok(asked.into_iter().filter(|h| hospitals.contains(&h.hospital)).map(|h| (*p, h.since, 1)).collect())
        }
        None => reader.asked_since(prefecture, survey, from).await,
    }
}

fn figures(c: &Counted) -> DayCount {
    DayCount {
        reported: c.reported,
        on_time: c.on_time,
        late: c.late,
        corrected: c.corrected,
        on_behalf: c.on_behalf,
        ..DayCount::default()
    }
}

type ByPrefecture = HashMap<PrefCode, HashMap<HospitalId, Vec<Exemption>>>;

fn by_prefecture(rows: &[ExemptionRow]) -> ByPrefecture {
    let mut by = ByPrefecture::new();
    for r in rows {
        by.entry(r.prefecture).or_default().entry(r.hospital).or_default().push(r.exemption);
    }
    by
}

/// Takes out who owes nothing: all of them on a day without a rule, else those that are exempt, once they are asked at all.
fn excuse(counts: &mut Counts, exemptions: &ByPrefecture, since: &HashMap<HospitalId, NaiveDate>, book: &DueBook) {
    for ((day, prefecture), count) in &mut counts.rows {
        if book.on(*prefecture, *day).is_none() {
            count.exempt = count.hospitals;
            (count.voluntary, count.voluntary_on_time) = (count.reported, count.on_time);
        } else if let Some(hospitals) = exemptions.get(prefecture) {
            let asked = |h: &HospitalId| since.get(h).is_some_and(|since| since <= day);
            let exempt = hospitals.iter().filter(|(h, all)| asked(h) && all.iter().any(|e| e.on(*day).is_some())).count();
            count.exempt = u64::try_from(exempt).unwrap_or(0).min(count.hospitals);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_turn_with_the_year() {
        let p = PrefCode::new(12).unwrap();
        let mut counts = Counts::default();
        for day in each(&("2026-12-26".parse().unwrap()..="2027-01-04".parse().unwrap())) {
            counts.rows.insert((day, p), DayCount { hospitals: 1, reported: 1, ..DayCount::default() });
        }
        let weeks: Vec<String> = counts.weeks().iter().map(|w| format!("{} {} {}", w.from, w.to, w.count.hospitals)).collect();
        assert_eq!(weeks, ["2026-12-21 2026-12-27 2", "2026-12-28 2027-01-03 7", "2027-01-04 2027-01-10 1"]);
        assert_eq!(counts.days().len(), 10);
    }

    #[test]
    fn who_was_asked_when() {
        let p = PrefCode::new(12).unwrap();
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        let asked = Asked::of(vec![(p, day("2026-04-10"), 3), (p, day("2026-01-01"), 5)]);
        for (d, expected) in [("2025-12-31", 0), ("2026-01-01", 5), ("2026-04-09", 5), ("2026-04-10", 8), ("2027-01-01", 8)] {
            assert_eq!(asked.on(p, day(d)), expected, "{d}");
        }
        assert_eq!(asked.on(PrefCode::new(13).unwrap(), day("2026-04-10")), 0);
    }
}
