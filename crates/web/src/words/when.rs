//! Days and moments, in Japan Standard Time.

use akidoko_domain::time::to_jst;
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

/// 月火水木金土日
pub fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "月",
        Weekday::Tue => "火",
        Weekday::Wed => "水",
        Weekday::Thu => "木",
        Weekday::Fri => "金",
        Weekday::Sat => "土",
        Weekday::Sun => "日",
    }
}

/// 4月10日（金）
pub fn day(day: NaiveDate) -> String {
    format!("{}月{}日（{}）", day.month(), day.day(), weekday(day))
}

/// 2026年4月10日（金）
pub fn date(on: NaiveDate) -> String {
    format!("{}年{}", on.year(), day(on))
}

/// 4/10
pub fn short_day(day: NaiveDate) -> String {
    format!("{}/{}", day.month(), day.day())
}

/// 09:42
pub fn clock(at: DateTime<Utc>) -> String {
    to_jst(at).format("%H:%M").to_string()
}

/// 4月10日（金）09:42, with the year where it is not this one.
pub fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let on = to_jst(at).date_naive();
    let words = if on.year() == to_jst(now).year() { day(on) } else { date(on) };
    format!("{words}{}", clock(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_japan() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        let now = at("2026-04-10T00:42:00Z");
        for (moment_of, expected) in [
            ("2026-04-10T00:42:00Z", "4月10日（金）09:42"),
            ("2026-04-09T15:00:00Z", "4月10日（金）00:00"),
            ("2020-12-09T14:59:59Z", "2020年12月9日（水）23:59"),
        ] {
            assert_eq!(moment(at(moment_of), now), expected);
        }
        assert_eq!(short_day("2026-04-07".parse().unwrap()), "4/7");
    }
}
