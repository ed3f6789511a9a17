//! Windows, the queue of the office, and what it promises（memo §1: 「3月31日までに…4月第1週以降」; §3: 「申請が短期間に集中した場合」）.

use crate::time::is_working_day;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// A window in which applications are taken: data of the ministry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// 受付開始
    pub opens_on: NaiveDate,
    /// 締切, that day still in time.
    pub closes_on: NaiveDate,
    /// Notices of what arrived in time leave from this day on.
    pub issue_from: NaiveDate,
}

/// In which window something falls that arrives on a day: `Ok` the one that is open, `Err` the next, or none that is known.
///
/// Of several that are open the one that closes first counts. Where the ministry has set no window at all, the office is always open.
pub fn arrival(windows: &[Window], day: NaiveDate) -> Result<Option<&Window>, Option<&Window>> {
    if windows.is_empty() {
        return Ok(None);
    }
    let open = windows.iter().filter(|w| (w.opens_on..=w.closes_on).contains(&day)).min_by_key(|w| w.closes_on);
    match open {
        Some(window) => Ok(Some(window)),
        None => Err(windows.iter().filter(|w| w.opens_on > day).min_by_key(|w| w.opens_on)),
    }
}

/// The day `count` working days after `day`; 0 is `day` itself, or the next working day.
pub fn working_day_after(day: NaiveDate, count: u32, holidays: &BTreeSet<NaiveDate>) -> NaiveDate {
    let mut at = day;
    let mut left = count;
    loop {
        if is_working_day(at, holidays) {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        let Some(next) = at.succ_opt() else { return at };
        at = next;
    }
}

/// What an applicant is told. The same figures stand on every side's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Its place in the queue, from 1.
    pub place: u32,
    /// So many working days from today on; 0 is today.
    pub working_days: u32,
    /// The day on which it is decided, if nothing comes between.
    pub decided_on: NaiveDate,
}

/// When the one at `place`（from 1）is decided: the office decides `capacity` a working day, beginning today, of which `done_today` are done.
pub fn estimate(place: u32, capacity: u32, done_today: u32, today: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> Estimate {
    let capacity = capacity.max(1);
    // Today counts with what is left of it, and not at all where nobody works.
    let left_today = if is_working_day(today, holidays) { capacity.saturating_sub(done_today) } else { 0 };
    let place = place.max(1);
    let working_days = if place <= left_today { 0 } else { (place - left_today).div_ceil(capacity) };
    let first = if is_working_day(today, holidays) { today } else { working_day_after(today, 0, holidays) };
    // Where today is no working day, the first day of work is the next one.
    let count = if is_working_day(today, holidays) { working_days } else { working_days.saturating_sub(1) };
    Estimate { place, working_days, decided_on: working_day_after(first, count, holidays) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn window(opens: &str, closes: &str, from: &str) -> Window {
        Window { opens_on: day(opens), closes_on: day(closes), issue_from: day(from) }
    }

    #[test]
    fn the_window_of_the_memo() {
        let windows = [window("2023-03-24", "2023-03-31", "2023-04-03"), window("2023-05-08", "2023-05-31", "2023-06-05")];
        assert_eq!(arrival(&windows, day("2023-03-31")), Ok(Some(&windows[0])), "the last day is in time");
        assert_eq!(arrival(&windows, day("2023-04-01")), Err(Some(&windows[1])), "later waits for the next");
        assert_eq!(arrival(&windows, day("2023-06-01")), Err(None), "and where none is known it waits until one is");
        assert_eq!(arrival(&[], day("2023-06-01")), Ok(None), "no windows: always open");
    }

    #[test]
    fn working_days() {
        let holidays = BTreeSet::from([day("2026-04-29"), day("2026-05-04"), day("2026-05-05"), day("2026-05-06")]);
        for (from, count, to) in [
            ("2026-04-27", 0, "2026-04-27"),
            ("2026-04-25", 0, "2026-04-27"), // a Saturday
            ("2026-04-28", 1, "2026-04-30"),
            ("2026-05-01", 1, "2026-05-07"),
            ("2026-04-25", 1, "2026-04-28"),
        ] {
            assert_eq!(working_day_after(day(from), count, &holidays), day(to), "{from} + {count}");
        }
    }

    #[test]
    fn places_and_promises() {
        let none = BTreeSet::new();
        let friday = day("2026-03-27");
        for (place, capacity, done, days, on) in [
            (1, 150, 0, 0, "2026-03-27"),
            (150, 150, 0, 0, "2026-03-27"),
            (151, 150, 0, 1, "2026-03-30"),
            (1, 150, 150, 1, "2026-03-30"),
            (722, 150, 0, 4, "2026-04-02"), // the burst before 31 March
            (722, 722, 0, 0, "2026-03-27"),
        ] {
            let expected = Estimate { place, working_days: days, decided_on: day(on) };
            assert_eq!(estimate(place, capacity, done, friday, &none), expected);
        }
        assert_eq!(estimate(1, 10, 0, day("2026-03-28"), &none).decided_on, day("2026-03-30"), "on a Saturday the queue begins on Monday");
        assert_eq!(estimate(11, 10, 0, day("2026-03-28"), &none).decided_on, day("2026-03-31"));
    }
}
