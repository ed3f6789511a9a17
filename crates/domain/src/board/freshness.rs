//! How old a row is. Freshness decides order and trust（design.md rule 4, domain.md §4.1）: over 24 h a row is grey, over 48 h it
//! leaves「受入可のみ」.

use crate::time::jst_day;
use chrono::{DateTime, TimeDelta, Utc};

/// The bands of the board, from the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Band {
    /// 1時間以内
    Hour,
    /// 今日
    Today,
    /// 24時間以内
    Day,
    /// 24時間超
    OverDay,
    /// 48時間超
    OverTwoDays,
    /// 未報告
    Never,
}

impl Band {
    /// The band of a row that was true at `as_of`; `None` was never reported.
    pub fn of(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let Some(as_of) = as_of else { return Self::Never };
        let age = now - as_of;
        if age <= TimeDelta::hours(1) {
            Self::Hour
        } else if age > TimeDelta::hours(48) {
            Self::OverTwoDays
        } else if age > TimeDelta::hours(24) {
            Self::OverDay
        } else if jst_day(as_of) == jst_day(now) {
            Self::Today
        } else {
            Self::Day
        }
    }

    /// Too old to be shown as good: grey.
    pub fn is_old(self) -> bool {
        matches!(self, Self::OverDay | Self::OverTwoDays)
    }

    /// Fresh enough for「受入可のみ」.
    pub fn counts_as_accepting(self) -> bool {
        !matches!(self, Self::OverTwoDays | Self::Never)
    }
}

/// The four bars beside an age: up to 1 h, 6 h, 24 h, 48 h, none.
pub fn bars(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> u8 {
    let Some(as_of) = as_of else { return 0 };
    let age = now - as_of;
    match () {
        () if age <= TimeDelta::hours(1) => 4,
        () if age <= TimeDelta::hours(6) => 3,
        () if age <= TimeDelta::hours(24) => 2,
        () if age <= TimeDelta::hours(48) => 1,
        () => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_and_bars() {
        let now: DateTime<Utc> = DateTime::parse_from_rfc3339("2026-04-10T09:42:00+09:00").unwrap().to_utc();
        for (minutes, band, n) in [
            (0, Band::Hour, 4),
            (60, Band::Hour, 4),
            (61, Band::Today, 3),
            (360, Band::Today, 3),
            (9 * 60 + 42, Band::Today, 2), // midnight of today
            (9 * 60 + 43, Band::Day, 2),
            (24 * 60, Band::Day, 2),
            (24 * 60 + 1, Band::OverDay, 1),
            (48 * 60, Band::OverDay, 1),
            (48 * 60 + 1, Band::OverTwoDays, 0),
            (-3, Band::Hour, 4), // a clock that runs ahead is no reason to hide a row
        ] {
            let as_of = Some(now - TimeDelta::minutes(minutes));
            assert_eq!((Band::of(as_of, now), bars(as_of, now)), (band, n), "{minutes} minutes");
        }
        assert_eq!((Band::of(None, now), bars(None, now)), (Band::Never, 0));
    }
}
