//! Time: UTC inside, Japan Standard Time at every edge.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Utc, Weekday};
use std::{collections::BTreeSet, sync::Arc};

/// Where "now" comes from. Only the program's entry reads the machine's clock; tests set their own.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, cut to microseconds: that is what PostgreSQL keeps, so that both databases agree.
    fn now(&self) -> DateTime<Utc>;
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// Cuts to microseconds; see [`Clock::now`].
pub fn cut(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// Japan Standard Time, +09:00, no daylight saving time.
pub fn jst_offset() -> FixedOffset {
    FixedOffset::east_opt(9 * 3600).expect("nine hours are an offset")
}

/// The moment on a Japanese wall clock.
pub fn to_jst(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&jst_offset())
}

/// The moment of a Japanese wall clock reading. Of one before the calendar's first day: the calendar's first moment.
pub fn from_jst(local: NaiveDateTime) -> DateTime<Utc> {
    local.checked_sub_signed(jst_offset_duration()).unwrap_or(NaiveDateTime::MIN).and_utc()
}

fn jst_offset_duration() -> chrono::TimeDelta {
    chrono::TimeDelta::hours(9)
}

/// The day in Japan.
pub fn jst_day(at: DateTime<Utc>) -> NaiveDate {
    to_jst(at).date_naive()
}

/// From when the figures of a report are true（design.md rule 4）: now for what is typed today; the end of the day for a late report or
/// an import. Never later than now.
pub fn as_of(report_date: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    if report_date >= jst_day(now) {
        return now;
    }
    end_of(report_date).min(now)
}

/// The last second of a day in Japan: as an import or a late report counts.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let last_second = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of day");
    from_jst(day.and_time(last_second))
}

/// A program's clock may be ahead of ours by so much.
const AHEAD: TimeDelta = TimeDelta::minutes(2);

/// The moment from which a writer says that figures are true: on the day of the report, and not in the future. A clock that is a little
/// ahead counts as now. `None`: it cannot be.
pub fn read_as_of(report_date: NaiveDate, said: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = if said > now && said - now <= AHEAD { now } else { cut(said) };
    (at <= now && jst_day(at) == report_date).then_some(at)
}

/// When a day's report is due and when it is late, on a Japanese wall clock. Ours, per prefecture（design.md「Decisions」）.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRule {
    /// 締切
    pub due: NaiveTime,
    /// 遅延とする時刻
    pub late: NaiveTime,
}

impl Default for DueRule {
    fn default() -> Self {
        let hour = |h| NaiveTime::from_hms_opt(h, 0, 0).expect("a time of day");
        Self { due: hour(10), late: hour(13) }
    }
}

/// A working day: neither weekend, nor national holiday, nor 29 December to 3 January.
pub fn is_working_day(day: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> bool {
    let year_end = (day.month() == 12 && day.day() >= 29) || (day.month() == 1 && day.day() <= 3);
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !year_end && !holidays.contains(&day)
}

/// The day before.
pub fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn the_day_turns_at_midnight_in_japan() {
        assert_eq!(jst_day(at("2026-03-31T14:59:59Z")), day("2026-03-31"));
        assert_eq!(jst_day(at("2026-03-31T15:00:00Z")), day("2026-04-01"));
        assert_eq!(from_jst(day("2026-04-01").and_hms_opt(0, 0, 0).unwrap()), at("2026-03-31T15:00:00Z"));
    }

    #[test]
    fn figures_are_true_from() {
        let now = at("2026-04-10T00:42:00Z"); // 09:42 in Japan
        for (report_date, expected) in [
            ("2026-04-10", "2026-04-10T00:42:00Z"), // typed today: now
            ("2026-04-09", "2026-04-09T14:59:59Z"), // late: the end of that day
            ("2020-12-09", "2020-12-09T14:59:59Z"), // an import
            ("2026-04-11", "2026-04-10T00:42:00Z"), // never in the future
        ] {
            assert_eq!(as_of(day(report_date), now), at(expected), "{report_date}");
        }
    }

    #[test]
    fn what_a_writer_says_of_the_moment() {
        let now = at("2026-04-10T00:42:00Z"); // 09:42 in Japan
        for (report_date, said, expected) in [
            ("2026-04-10", "2026-04-10T00:30:00Z", Some("2026-04-10T00:30:00Z")),
            ("2026-04-10", "2026-04-10T09:30:00+09:00", Some("2026-04-10T00:30:00Z")),
            ("2026-04-10", "2026-04-10T00:43:59Z", Some("2026-04-10T00:42:00Z")), // a clock that is a little ahead
            ("2026-04-10", "2026-04-10T00:44:01Z", None),
            ("2026-04-10", "2026-04-09T14:59:59Z", None), // yesterday in Japan
            ("2026-04-09", "2026-04-09T06:00:00Z", Some("2026-04-09T06:00:00Z")),
            ("2026-04-09", "2026-04-10T00:30:00Z", None),
        ] {
            assert_eq!(read_as_of(day(report_date), at(said), now), expected.map(at), "{report_date} {said}");
        }
    }

    #[test]
    fn working_days() {
        let holidays = BTreeSet::from([day("2026-04-29")]);
        for (d, expected) in
            [("2026-04-28", true), ("2026-04-29", false), ("2026-05-02", false), ("2026-12-29", false), ("2027-01-04", true)]
        {
            assert_eq!(is_working_day(day(d), &holidays), expected, "{d}");
        }
        assert_eq!(cut(Utc.timestamp_nanos(1_234_567)).timestamp_subsec_nanos(), 1_234_000);
    }
}
