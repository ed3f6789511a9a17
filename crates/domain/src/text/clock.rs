//! Times of day as people write them: 9:05, 09:05, ９時５分, 9時, 午後3時, 0905.

use super::{date, trim};
use chrono::{NaiveTime, Timelike};

/// A time of day as typed, full-width or not. Seconds are taken where they are none; 24:00 is a time of the next day.
pub fn parse_clock(s: &str) -> Option<NaiveTime> {
    let letters = date::fold(trim(s));
    let (half, at) = match letters.get(..2) {
        Some(['午', '前']) => (Some(0), 2),
        Some(['午', '後']) => (Some(12), 2),
        _ => (None, 0),
    };
    let (hour, minute, end) = hour_and_minute(&letters, at)?;
    if end != letters.len() {
        return None;
    }
    match half {
        Some(_) if hour > 12 => None,
        Some(half) => NaiveTime::from_hms_opt(hour % 12 + half, minute, 0),
        None => NaiveTime::from_hms_opt(hour, minute, 0),
    }
}

fn hour_and_minute(letters: &[char], at: usize) -> Option<(u32, u32, usize)> {
    if let Some((digits, end)) = date::number_at(letters, at, 3, 4) {
        return Some((digits / 100, digits % 100, end));
    }
    let (hour, next) = date::number_at(letters, at, 1, 2)?;
    match letters.get(next)? {
        ':' => {
            let (minute, end) = date::number_at(letters, next + 1, 2, 2)?;
            let seconds = letters.get(end..).is_some_and(|rest| rest == [':', '0', '0']);
            Some((hour, minute, if seconds { end + 3 } else { end }))
        }
        '時' => match (letters.get(next + 1), date::number_at(letters, next + 1, 1, 2)) {
            (None, _) => Some((hour, 0, next + 1)),
            (Some('半'), _) => Some((hour, 30, next + 2)),
            (_, Some((minute, end))) if letters.get(end) == Some(&'分') => Some((hour, minute, end + 1)),
            _ => None,
        },
        _ => None,
    }
}

/// A time as it is kept: 09:05.
pub fn clock(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Is it a time as [`clock`] writes it?
pub fn is_clock(s: &str) -> bool {
    parse_clock(s).is_some_and(|time| clock(time) == s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_as_people_write_them() {
        for (typed, expected) in [
            ("9:05", Some("09:05")),
            ("09:05", Some("09:05")),
            ("９：０５", Some("09:05")),
            ("９時５分", Some("09:05")),
            ("9時", Some("09:00")),
            ("9時半", Some("09:30")),
            ("午前9時", Some("09:00")),
            ("午後3時5分", Some("15:05")),
            ("午後0時", Some("12:00")),
            ("午前12:00", Some("00:00")),
            ("0905", Some("09:05")),
            ("905", Some("09:05")),
            ("２３５９", Some("23:59")),
            ("09:05:00", Some("09:05")),
            (" 0:00 ", Some("00:00")),
            ("24:00", None),
            ("2460", None),
            ("9:5", None),
            ("9:60", None),
            ("9", None),
            ("9時5", None),
            ("午後13時", None),
            ("09:05:01", None),
            ("9:05頃", None),
            ("-9:05", None),
            ("", None),
        ] {
            assert_eq!(parse_clock(typed).map(clock).as_deref(), expected, "{typed:?}");
        }
        assert!(is_clock("09:05") && !is_clock("9:05") && !is_clock("24:00"));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_kept_reads_back(s in r"(?s)([0-9０-９:：時分半午前後 -]|.){0,8}") {
            if let Some(time) = parse_clock(&s) {
                prop_assert_eq!(parse_clock(&clock(time)), Some(time));
            }
        }
    }
}
