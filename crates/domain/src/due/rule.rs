//! Due rules: until when a day's report is due, per prefecture and dated. A change holds from a day on; an old day is judged by the rule of
//! its day, for ever.

use crate::{
    id::PrefCode,
    time::{DueRule, from_jst, is_working_day},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What a prefecture set, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSetting {
    /// The first day for which it holds.
    pub valid_from: NaiveDate,
    /// 平日
    pub working: DueRule,
    /// 土日・祝日・年末年始; `None`: no report is due on them.
    pub off: Option<DueRule>,
}

impl DueSetting {
    /// What holds where nobody set anything: the same times every day（design.md「Decisions」）.
    pub fn standing() -> Self {
        Self { valid_from: NaiveDate::MIN, working: DueRule::default(), off: Some(DueRule::default()) }
    }

    /// Can it be set today? What was due is not moved afterwards: at the earliest from tomorrow on.
    pub fn check(&self, today: NaiveDate) -> Result<(), RuleError> {
        if self.valid_from <= today {
            return Err(RuleError::Past);
        }
        let wrong = |rule: &DueRule| rule.late < rule.due;
        if wrong(&self.working) || self.off.as_ref().is_some_and(wrong) {
            return Err(RuleError::Order);
        }
        Ok(())
    }
}

/// Why a rule is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleError {
    /// It would judge days that are running or over.
    Past,
    /// 遅延 before 締切.
    Order,
}

/// All rules, and the holidays by which days are told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueBook {
    /// What each prefecture set, in any order.
    pub settings: BTreeMap<PrefCode, Vec<DueSetting>>,
    /// National holidays.
    pub holidays: BTreeSet<NaiveDate>,
}

impl DueBook {
    /// What holds in a prefecture on a day.
    pub fn setting(&self, prefecture: PrefCode, day: NaiveDate) -> DueSetting {
        let set = self.settings.get(&prefecture).into_iter().flatten().filter(|s| s.valid_from <= day);
        set.max_by_key(|s| s.valid_from).copied().unwrap_or_else(DueSetting::standing)
    }

    /// Neither weekend, nor holiday, nor the turn of the year.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        is_working_day(day, &self.holidays)
    }

    /// Until when a day's report is due; `None`: none is.
    pub fn on(&self, prefecture: PrefCode, day: NaiveDate) -> Option<DueRule> {
        let setting = self.setting(prefecture, day);
        if self.is_working(day) { Some(setting.working) } else { setting.off }
    }
}

/// 締切 of a day, as a moment.
pub fn due_at(day: NaiveDate, rule: DueRule) -> DateTime<Utc> {
    from_jst(day.and_time(rule.due))
}

/// 遅延とする時刻 of a day, as a moment.
pub fn late_at(day: NaiveDate, rule: DueRule) -> DateTime<Utc> {
    from_jst(day.and_time(rule.late))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveTime;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn times(due: u32, late: u32) -> DueRule {
        let hour = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        DueRule { due: hour(due), late: hour(late) }
    }

    fn book() -> (DueBook, PrefCode) {
        let prefecture = PrefCode::new(12).unwrap();
        // Set out of order, as they may have been written.
        let settings = vec![
            DueSetting { valid_from: day("2028-03-01"), working: times(9, 12), off: Some(times(11, 15)) },
            DueSetting { valid_from: day("2026-04-15"), working: times(10, 13), off: None },
        ];
        let holidays =
            ["2026-04-29", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06", "2027-01-01", "2027-01-11", "2028-02-11", "2028-02-23"];
        (DueBook { settings: BTreeMap::from([(prefecture, settings)]), holidays: holidays.map(day).into() }, prefecture)
    }

    #[test]
    fn across_new_year_golden_week_a_leap_day_and_a_change() {
        let (book, prefecture) = book();
        for (d, expected, why) in [
            ("2026-04-12", Some(times(10, 13)), "a Sunday before anything was set: the standing rule"),
            ("2026-04-15", Some(times(10, 13)), "the first day of the rule"),
            ("2026-04-18", None, "a Saturday after it"),
            ("2026-04-28", Some(times(10, 13)), "the day before Golden Week"),
            ("2026-04-29", None, "昭和の日, a Wednesday"),
            ("2026-04-30", Some(times(10, 13)), "a working day between"),
            ("2026-05-01", Some(times(10, 13)), "a Friday between"),
            ("2026-05-04", None, "みどりの日, a Monday"),
            ("2026-05-06", None, "振替休日, a Wednesday"),
            ("2026-05-07", Some(times(10, 13)), "back at work"),
            ("2026-12-28", Some(times(10, 13)), "the last working day"),
            ("2026-12-29", None, "the turn of the year, a Tuesday"),
            ("2026-12-31", None, "a Thursday"),
            ("2027-01-01", None, "元日"),
            ("2027-01-03", None, "a Sunday"),
            ("2027-01-04", Some(times(10, 13)), "the first working day"),
            ("2028-02-28", Some(times(10, 13)), "the day before the leap day"),
            ("2028-02-29", Some(times(10, 13)), "the leap day, a Tuesday: still the old rule"),
            ("2028-03-01", Some(times(9, 12)), "the change"),
            ("2028-03-04", Some(times(11, 15)), "a Saturday: due again, elsewhen"),
        ] {
            assert_eq!(book.on(prefecture, day(d)), expected, "{d}: {why}");
        }
        let other = PrefCode::new(13).unwrap();
        assert_eq!(book.on(other, day("2027-01-01")), Some(DueRule::default()), "another prefecture set nothing");
    }

    #[test]
    fn what_can_be_set() {
        let today = day("2026-04-10");
        let rule = |from: &str, working, off| DueSetting { valid_from: day(from), working, off };
        for (setting, expected) in [
            (rule("2026-04-11", times(9, 12), None), Ok(())),
            (rule("2026-04-10", times(9, 12), None), Err(RuleError::Past)),
            (rule("2020-01-01", times(9, 12), None), Err(RuleError::Past)),
            (rule("2026-04-11", times(12, 9), None), Err(RuleError::Order)),
            (rule("2026-04-11", times(9, 12), Some(times(12, 11))), Err(RuleError::Order)),
            (rule("2026-04-11", times(9, 9), None), Ok(())),
        ] {
            assert_eq!(setting.check(today), expected, "{setting:?}");
        }
        assert_eq!(due_at(day("2026-04-10"), times(9, 12)).to_rfc3339(), "2026-04-10T00:00:00+00:00");
        assert_eq!(late_at(day("2026-04-10"), times(9, 12)).to_rfc3339(), "2026-04-10T03:00:00+00:00");
    }
}
