//! How punctual a hospital is: what it is told of itself. When a day is due is an argument, so that weekends, holidays and exemptions are
//! the due rule's business and not this one's.

use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// The last days of a hospital, by when its full report came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Punctuality {
    /// Days that were due.
    pub due: u32,
    /// 締切まで
    pub on_time: u32,
    /// After it, on whatever day.
    pub late: u32,
    /// 未報告
    pub missing: u32,
    /// 連続: days in a row that were on time, up to now; days that were not due neither count nor break it.
    pub streak: u32,
}

/// Counts days, given in order. `reported` holds the moment at which each day was first reported in full; `due` says when a day's report is
/// due, `None` where none is. A day that is not due yet and not reported yet is no day yet.
pub fn punctuality(
    days: impl IntoIterator<Item = NaiveDate>,
    reported: &BTreeMap<NaiveDate, DateTime<Utc>>,
    due: impl Fn(NaiveDate) -> Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Punctuality {
    let mut counted = Punctuality::default();
    for day in days {
        let Some(until) = due(day) else { continue };
        match reported.get(&day) {
            Some(at) if *at <= until => {
                counted.on_time += 1;
                counted.streak += 1;
            }
            Some(_) => {
                counted.late += 1;
                counted.streak = 0;
            }
            None if now <= until => continue,
            None => {
                counted.missing += 1;
                counted.streak = 0;
            }
        }
        counted.due += 1;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DueRule, from_jst};
    use chrono::{Datelike, Weekday};

    fn at(day: &str, clock: &str) -> DateTime<Utc> {
        from_jst(format!("{day}T{clock}:00").parse().unwrap())
    }

    fn run(reports: &[(&str, &str, &str)], now: (&str, &str)) -> Punctuality {
        let reported = reports.iter().map(|(day, on, clock)| (day.parse().unwrap(), at(on, clock))).collect();
        let first: NaiveDate = "2026-04-06".parse().unwrap(); // a Monday
        // As long as weekends are not due here: what the due rule will say.
        let due = |day: NaiveDate| {
            let works = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            works.then(|| from_jst(day.and_time(DueRule::default().due)))
        };
        punctuality(first.iter_days().take(8), &reported, due, at(now.0, now.1))
    }

    #[test]
    fn days_on_time_late_missing_and_in_a_row() {
        let (mon, tue, wed, thu, fri) = ("2026-04-06", "2026-04-07", "2026-04-08", "2026-04-09", "2026-04-10");
        let monday = "2026-04-13";
        let all = |n: u32| {
            [(mon, mon, "09:00"), (tue, tue, "10:00"), (wed, wed, "09:59"), (thu, thu, "08:00"), (fri, fri, "09:00")][..n as usize].to_vec()
        };
        let counted = |due, on_time, late, missing, streak| Punctuality { due, on_time, late, missing, streak };
        for (reports, now, expected, what) in [
            (all(5), (fri, "12:00"), counted(5, 5, 0, 0, 5), "all on time, ten o'clock sharp too"),
            (all(4), (fri, "09:59"), counted(4, 4, 0, 0, 4), "today is not due yet"),
            (all(4), (fri, "10:01"), counted(5, 4, 0, 1, 0), "today is missing"),
            (all(5), (monday, "09:00"), counted(5, 5, 0, 0, 5), "a weekend breaks no row"),
            (vec![(mon, mon, "10:01"), (tue, tue, "09:00")], (tue, "12:00"), counted(2, 1, 1, 0, 1), "late, then on time"),
            (vec![(mon, tue, "09:00"), (tue, tue, "09:00")], (tue, "12:00"), counted(2, 1, 1, 0, 1), "a day later is late"),
            (vec![("2026-04-11", "2026-04-11", "09:00")], (mon, "09:00"), counted(0, 0, 0, 0, 0), "a day that is not due does not count"),
            (vec![], (mon, "09:00"), counted(0, 0, 0, 0, 0), "nothing yet"),
        ] {
            assert_eq!(run(&reports, now), expected, "{what}");
        }
    }
}
