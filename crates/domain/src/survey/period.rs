//! Periods: of what time a report speaks, when it is due, from when its figures are true. Weeks run Monday to Sunday（domain.md §1.1）.

use super::{Cadence, Survey};
use crate::time;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A day of every year, never 29 February.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl MonthDay {
    /// The first of January.
    pub const NEW_YEAR: Self = Self { month: 1, day: 1 };

    /// Is there such a day in every year?
    pub fn is_good(self) -> bool {
        NaiveDate::from_ymd_opt(2001, self.month, self.day).is_some()
    }

    /// The day in a year.
    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
    }
}

/// When a report is due: so many days after the first day of its period, at a time of day in Japan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Days after the period's first; on Wednesday is 2 for a week.
    pub days: u32,
    /// 時刻
    pub time: NaiveTime,
    /// On a day off: the next working day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub next_working_day: bool,
}

impl Due {
    /// The latest day that a survey can set.
    pub const DAYS_MAX: u32 = 365;
}

/// The days of which a report speaks. Its first day is the report's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

impl Period {
    /// Does the day lie in it?
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

fn before(day: NaiveDate) -> NaiveDate {
    time::day_before(day)
}

impl Survey {
    /// The period in which a day lies.
    pub fn period(&self, day: NaiveDate) -> Period {
        let until = |first: NaiveDate, next: Option<NaiveDate>| Period { first, last: next.map_or(first, before) };
        match self.cadence {
            Cadence::Daily | Cadence::AsNeeded => Period { first: day, last: day },
            Cadence::Weekly => {
                let first = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day);
                until(first, first.checked_add_days(Days::new(7)))
            }
            Cadence::Monthly => {
                let first = day.with_day(1).unwrap_or(day);
                until(first, first.checked_add_months(Months::new(1)))
            }
            Cadence::Yearly => {
                let from = self.year_from.unwrap_or(MonthDay::NEW_YEAR);
                let this = from.in_year(day.year()).unwrap_or(day);
                let first = if this <= day { this } else { from.in_year(day.year() - 1).unwrap_or(this) };
                until(first, from.in_year(first.year() + 1))
            }
        }
    }

    /// The period before one.
    pub fn period_before(&self, period: Period) -> Period {
        self.period(before(period.first))
    }

    /// When the report of a period is due, on a Japanese wall clock. `None`: whenever it is wanted.
    pub fn due_at(&self, first: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> Option<NaiveDateTime> {
        let due = self.due?;
        let mut day = first.checked_add_days(Days::new(u64::from(due.days)))?;
        while due.next_working_day && !time::is_working_day(day, holidays) {
            day = day.succ_opt()?;
        }
        Some(day.and_time(due.time))
    }

    /// From when the figures of a report are true: now while its period lasts, else the end of its last day; see [`time::as_of`].
    pub fn as_of(&self, report_date: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
        time::as_of(self.last_day(report_date), now)
    }

    /// The last day of which a report of this date speaks.
    pub fn last_day(&self, report_date: NaiveDate) -> NaiveDate {
        self.period(report_date).last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Catalogue;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn survey(cadence: Cadence, year_from: Option<MonthDay>, due: Option<Due>) -> Survey {
        let mut survey = Catalogue::shipped().version(crate::survey::DAILY, 1).unwrap().clone();
        (survey.cadence, survey.year_from, survey.due) = (cadence, year_from, due);
        survey
    }

    #[test]
    fn periods() {
        let october = Some(MonthDay { month: 10, day: 1 });
        for (cadence, from, on, first, last) in [
            (Cadence::Daily, None, "2026-04-10", "2026-04-10", "2026-04-10"),
            (Cadence::Weekly, None, "2026-04-10", "2026-04-06", "2026-04-12"),
            (Cadence::Weekly, None, "2026-04-06", "2026-04-06", "2026-04-12"),
            (Cadence::Weekly, None, "2026-04-12", "2026-04-06", "2026-04-12"),
            (Cadence::Weekly, None, "2027-01-01", "2026-12-28", "2027-01-03"),
            (Cadence::Monthly, None, "2028-02-29", "2028-02-01", "2028-02-29"),
            (Cadence::Monthly, None, "2026-12-31", "2026-12-01", "2026-12-31"),
            (Cadence::Yearly, None, "2026-04-10", "2026-01-01", "2026-12-31"),
            (Cadence::Yearly, october, "2026-04-10", "2025-10-01", "2026-09-30"),
            (Cadence::Yearly, october, "2026-10-01", "2026-10-01", "2027-09-30"),
            (Cadence::AsNeeded, None, "2026-04-10", "2026-04-10", "2026-04-10"),
        ] {
            let period = survey(cadence, from, None).period(day(on));
            assert_eq!((period.first, period.last), (day(first), day(last)), "{cadence:?} {on}");
        }
    }

    #[test]
    fn due_days() {
        let at = |days, next_working_day| Due { days, time: NaiveTime::from_hms_opt(17, 0, 0).unwrap(), next_working_day };
        let holidays = BTreeSet::from([day("2026-04-29"), day("2026-05-04"), day("2026-05-05"), day("2026-05-06")]);
        for (first, due, expected) in [
            ("2026-04-06", at(2, true), "2026-04-08T17:00:00"),
            // 昭和の日 is a Wednesday.
            ("2026-04-27", at(2, true), "2026-04-30T17:00:00"),
            ("2026-04-27", at(2, false), "2026-04-29T17:00:00"),
            // Golden Week.
            ("2026-05-04", at(0, true), "2026-05-07T17:00:00"),
            // Over New Year.
            ("2026-12-28", at(1, true), "2027-01-04T17:00:00"),
        ] {
            let found = survey(Cadence::Weekly, None, Some(due)).due_at(day(first), &holidays);
            assert_eq!(found, Some(expected.parse().unwrap()), "{first} {due:?}");
        }
        assert_eq!(survey(Cadence::Weekly, None, None).due_at(day("2026-04-06"), &holidays), None);
    }

    #[test]
    fn figures_of_a_week_are_true_now_while_it_lasts() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        let weekly = survey(Cadence::Weekly, None, None);
        let now = at("2026-04-10T00:42:00Z");
        assert_eq!(weekly.as_of(day("2026-04-06"), now), now);
        assert_eq!(weekly.as_of(day("2026-03-30"), now), at("2026-04-05T14:59:59Z"));
    }
}
