//! Until when a past day can be corrected without asking（訂正の期間）. The ministry sets how many days; after them it takes the prefecture's
//! consent, so that figures that were published, counted and paid for do not move unseen.

use chrono::{Days, NaiveDate};

/// So many days until the ministry sets another number. Ours.
pub const WINDOW_DAYS: u32 = 14;
/// The most that can be set: ten years.
pub const WINDOW_MAX: u32 = 3650;

/// What the ministry set, and from which day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrectionWindow {
    /// From this day on.
    pub valid_from: NaiveDate,
    /// So many days after the day of the report. 0: on that day only.
    pub days: u32,
}

/// How many days hold on a day: what was set last before it or on it.
pub fn window_days(set: &[CorrectionWindow], on: NaiveDate) -> u32 {
    set.iter().filter(|w| w.valid_from <= on).max_by_key(|w| w.valid_from).map_or(WINDOW_DAYS, |w| w.days)
}

/// The last day on which the report of a day can be corrected without asking.
pub fn last_day(report_date: NaiveDate, days: u32) -> NaiveDate {
    report_date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

/// Does a report for a day take the prefecture's consent today? What is set today holds, whatever held on the day of the report. A first
/// report of a day so old is no different from a correction: the day's figures change.
pub fn must_ask(report_date: NaiveDate, set: &[CorrectionWindow], today: NaiveDate) -> bool {
    today > last_day(report_date, window_days(set, today))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn over_the_ends_of_months_and_years() {
        for (report, days, today, ask) in [
            ("2026-04-10", 14, "2026-04-10", false), // the same day
            ("2026-04-10", 14, "2026-04-24", false), // the last day
            ("2026-04-10", 14, "2026-04-25", true),
            ("2026-01-31", 14, "2026-02-14", false), // over the end of January
            ("2026-01-31", 14, "2026-02-15", true),
            ("2026-02-20", 14, "2026-03-06", false), // February has 28 days
            ("2026-02-20", 14, "2026-03-07", true),
            ("2028-02-20", 14, "2028-03-05", false), // and 29
            ("2028-02-20", 14, "2028-03-06", true),
            ("2026-12-20", 14, "2027-01-03", false), // over the end of the year
            ("2026-12-20", 14, "2027-01-04", true),
            ("2026-03-25", 7, "2026-04-01", false), // over the end of the fiscal year: a window knows none
            ("2026-03-25", 7, "2026-04-02", true),
            ("2026-04-10", 0, "2026-04-10", false), // today can always be corrected
            ("2026-04-09", 0, "2026-04-10", true),
            ("2026-04-11", 0, "2026-04-10", false), // what has not come is refused elsewhere
        ] {
            let set = [CorrectionWindow { valid_from: day("2020-01-01"), days }];
            assert_eq!(must_ask(day(report), &set, day(today)), ask, "{report} within {days} days on {today}");
        }
    }

    #[test]
    fn what_was_set_last_holds_from_its_day_on() {
        let set =
            [CorrectionWindow { valid_from: day("2026-05-01"), days: 30 }, CorrectionWindow { valid_from: day("2026-04-01"), days: 7 }];
        for (on, expected) in [("2026-03-31", WINDOW_DAYS), ("2026-04-01", 7), ("2026-04-30", 7), ("2026-05-01", 30), ("2027-01-01", 30)] {
            assert_eq!(window_days(&set, day(on)), expected, "{on}");
        }
        assert_eq!(window_days(&[], day("2026-04-10")), 14);
        // A longer window opens what a shorter one had closed.
        assert!(must_ask(day("2026-04-15"), &set, day("2026-04-30")));
        assert!(!must_ask(day("2026-04-15"), &set, day("2026-05-01")));
        assert_eq!(last_day(NaiveDate::MAX, 14), NaiveDate::MAX);
    }
}
