//! Dates as people write them: 2026-04-10, 2026/4/10, 20260410, 令和5年3月24日, R5.3.24.

use super::{is_hyphen, trim};
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// A date as typed, full-width or not. A year in two digits needs its era; a date that the calendar does not have is none.
pub fn parse_date(s: &str) -> Option<NaiveDate> {
    let letters = fold(trim(s));
    let found = date_at(&letters, 0)?;
    if found.end != letters.len() {
        return None;
    }
    NaiveDate::from_ymd_opt(found.year.western()?, found.month, found.day)
}

/// A date as it is kept: 2026-04-10, years of four digits.
pub fn iso_date(s: &str) -> Option<NaiveDate> {
    let shape = s.len() == 10 && s.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    shape.then(|| s.parse().ok()).flatten()
}

/// Is it a date as [`iso_date`] reads it?
pub fn is_iso_date(s: &str) -> bool {
    iso_date(s).is_some()
}

/// The one date with its year that stands in a text: 「令和8年4月10日（金）現在」. Two that differ are none.
pub fn find_date(s: &str) -> Option<NaiveDate> {
    let letters = fold(trim(s));
    let mut found = None;
    let mut at = 0;
    while at < letters.len() {
        let Some(date) = date_at(&letters, at) else {
            at += 1;
            continue;
        };
        let day = NaiveDate::from_ymd_opt(date.year.western()?, date.month, date.day)?;
        if found.is_some_and(|other| other != day) {
            return None;
        }
        found = Some(day);
        at = date.end.max(at + 1);
    }
    found
}

/// Width and hyphens folded, letter by letter.
pub(super) fn fold(s: &str) -> Vec<char> {
    s.nfkc().map(|c| if is_hyphen(c) && c != 'ー' { '-' } else { c }).collect()
}

/// The year of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    /// Four digits.
    Western(u32),
    /// Of an era, by its letter M T S H R.
    Era(char, u32),
}

impl Year {
    /// The western year, where the era had that many years.
    pub(super) fn western(self) -> Option<i32> {
        let year = match self {
            Self::Western(year) => (1800..2200).contains(&year).then_some(year),
            Self::Era(letter, year) => {
                let (_, _, zero, last) = ERAS.into_iter().find(|(_, l, _, _)| *l == letter)?;
                (1..=last).contains(&year).then_some(zero + year)
            }
        };
        i32::try_from(year?).ok()
    }
}

/// Name, letter, the year before its first, its last year. Reiwa runs on.
const ERAS: [([char; 2], char, u32, u32); 5] = [
    (['明', '治'], 'M', 1867, 45),
    (['大', '正'], 'T', 1911, 15),
    (['昭', '和'], 'S', 1925, 64),
    (['平', '成'], 'H', 1988, 31),
    (['令', '和'], 'R', 2018, 99),
];

/// A date with its year found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub year: Year,
    pub month: u32,
    pub day: u32,
    /// The first letter behind it.
    pub end: usize,
}

/// The date that begins at this letter. It need not be one of the calendar.
pub(super) fn date_at(letters: &[char], at: usize) -> Option<Found> {
    let after_other = at.checked_sub(1).is_some_and(|i| letters[i].is_ascii_alphanumeric());
    if after_other || at >= letters.len() {
        return None;
    }
    if let Some((letter, next)) = era_at(letters, at) {
        let (year, next) = if letters.get(next) == Some(&'元') { (1, next + 1) } else { number_at(letters, next, 1, 2)? };
        return rest_of_date(letters, Year::Era(letter, year), next);
    }
    if let Some((whole, end)) = number_at(letters, at, 8, 8) {
        return Some(Found { year: Year::Western(whole / 10_000), month: whole / 100 % 100, day: whole % 100, end });
    }
    let (year, next) = number_at(letters, at, 4, 4)?;
    rest_of_date(letters, Year::Western(year), next)
}

/// Month and day behind a year: 年月日 or twice the same of `-`, `/` and `.`.
fn rest_of_date(letters: &[char], year: Year, at: usize) -> Option<Found> {
    let separator = *letters.get(at)?;
    if !matches!(separator, '年' | '-' | '/' | '.') {
        return None;
    }
    let (month, next) = number_at(letters, at + 1, 1, 2)?;
    let second = if separator == '年' { '月' } else { separator };
    if *letters.get(next)? != second {
        return None;
    }
    let (day, next) = number_at(letters, next + 1, 1, 2)?;
    let end = if separator == '年' { (letters.get(next) == Some(&'日')).then_some(next + 1)? } else { next };
    Some(Found { year, month, day, end })
}

/// An era's name or letter.
pub(super) fn era_at(letters: &[char], at: usize) -> Option<(char, usize)> {
    let rest = letters.get(at..)?;
    ERAS.iter().find_map(|(name, letter, _, _)| {
        if rest.starts_with(name) {
            return Some((*letter, at + 2));
        }
        rest.first().is_some_and(|c| c.to_ascii_uppercase() == *letter).then_some((*letter, at + 1))
    })
}

/// A number of this many digits, no digit behind it.
pub(super) fn number_at(letters: &[char], at: usize, least: usize, most: usize) -> Option<(u32, usize)> {
    let digits: Vec<u32> = letters.get(at..)?.iter().take(most + 1).map_while(|c| c.to_digit(10)).collect();
    (least..=most).contains(&digits.len()).then(|| (digits.iter().fold(0, |n, d| n * 10 + d), at + digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_date_in_a_title() {
        for (text, expected) in [
            ("令和８年４月１０日（金）現在", Some("2026-04-10")),
            ("病床の状況（R8.4.10 時点）", Some("2026-04-10")),
            ("2026/4/10 ～ 2026/4/11", None),
            ("4月10日", None),
            ("令和8年2月30日", None),
            ("", None),
        ] {
            assert_eq!(find_date(text).map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn dates() {
        for (typed, expected) in [
            ("2026-04-10", Some("2026-04-10")),
            ("2026/4/10", Some("2026-04-10")),
            ("2026.4.10", Some("2026-04-10")),
            ("20260410", Some("2026-04-10")),
            ("2026年4月10日", Some("2026-04-10")),
            ("　２０２６／４／１０ ", Some("2026-04-10")),
            ("２０２６－０４－１０", Some("2026-04-10")),
            ("2026−4−10", Some("2026-04-10")),
            ("令和5年3月24日", Some("2023-03-24")),
            ("令和５年３月２４日", Some("2023-03-24")),
            ("令和元年5月1日", Some("2019-05-01")),
            ("R5.3.24", Some("2023-03-24")),
            ("r5/3/24", Some("2023-03-24")),
            ("Ｒ５．３．２４", Some("2023-03-24")),
            ("H31.4.30", Some("2019-04-30")),
            ("S64.1.7", Some("1989-01-07")),
            ("㍻30年1月2日", Some("2018-01-02")),
            ("2024-02-29", Some("2024-02-29")),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-4/10", None),
            ("2026年4月10", None),
            ("26-04-10", None),
            ("S65.1.1", None),
            ("R0.1.1", None),
            ("202604100", None),
            ("2026-04-10 09:00", None),
            ("0000-01-01", None),
            ("", None),
            ("今日", None),
        ] {
            assert_eq!(parse_date(typed).map(|d| d.to_string()).as_deref(), expected, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_date_reads_back(days in 0u32..100_000) {
            let date = NaiveDate::from_ymd_opt(1868, 1, 1).unwrap() + chrono::Days::new(days.into());
            for format in ["%Y-%m-%d", "%Y/%-m/%-d", "%Y%m%d", "%Y年%-m月%-d日"] {
                prop_assert_eq!(parse_date(&date.format(format).to_string()), Some(date));
            }
        }
    }
}
