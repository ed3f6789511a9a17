//! How a hospital's day stands, and rates of many.

use super::{
    exemption::Exempt,
    rule::{due_at, late_at},
};
use crate::time::DueRule;
use chrono::{DateTime, NaiveDate, Utc};

/// What is known of a day's report, once its first full version is there. A quick one does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filed {
    /// When the first full version was received.
    pub first_full_at: DateTime<Utc>,
    /// By the due time.
    pub on_time: bool,
    /// After the time from which it counts as late.
    pub late: bool,
    /// When it was corrected last.
    pub corrected_at: Option<DateTime<Utc>>,
    /// 代行
    pub on_behalf: bool,
}

/// The state of a hospital's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DayState {
    /// 未報告: the due time is over, and there is none.
    Missing,
    /// まだ: it is not due yet.
    NotYet,
    /// 遅延: it came after the late time.
    Late,
    /// 訂正: it was there in time, and was corrected.
    Corrected,
    /// 報告済
    Reported,
    /// 免除
    Exempt(Exempt),
}

impl DayState {
    /// Nothing is there, and something is owed.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Missing | Self::NotYet)
    }

    /// There is a report.
    pub fn is_reported(self) -> bool {
        matches!(self, Self::Reported | Self::Corrected | Self::Late)
    }

    /// Its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotYet => "not_yet",
            Self::Late => "late",
            Self::Corrected => "corrected",
            Self::Reported => "reported",
            Self::Exempt(_) => "exempt",
        }
    }
}

/// By the due time, and after the late time: of a report that was received at a moment. Without a rule nothing was due, and nothing is late.
pub fn punctual(day: NaiveDate, rule: Option<DueRule>, received_at: DateTime<Utc>) -> (bool, bool) {
    rule.map_or((true, false), |rule| (received_at <= due_at(day, rule), received_at > late_at(day, rule)))
}

/// The state of a day. Who reports without owing it has reported; who owes nothing and reports nothing is exempt.
pub fn state_of(day: NaiveDate, rule: Option<DueRule>, exempt: Option<Exempt>, filed: Option<&Filed>, now: DateTime<Utc>) -> DayState {
    match (filed, exempt, rule) {
        (Some(filed), _, _) if filed.late => DayState::Late,
        (Some(filed), _, _) if filed.corrected_at.is_some() => DayState::Corrected,
        (Some(_), _, _) => DayState::Reported,
        (None, Some(why), _) => DayState::Exempt(why),
        (None, None, None) => DayState::Exempt(Exempt::NotDue),
        (None, None, Some(rule)) if now <= due_at(day, rule) => DayState::NotYet,
        (None, None, Some(_)) => DayState::Missing,
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    /// So many
    pub part: u64,
    /// of so many.
    pub of: u64,
}

impl Rate {
    /// In tenths of a percent, rounded down so that 100 % means all; `None` for none of none, which is no rate and shown as －.
    pub fn per_mille(self) -> Option<u32> {
        (self.of > 0).then(|| u32::try_from(self.part.min(self.of) * 1000 / self.of).unwrap_or(1000))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { part: self.part + other.part, of: self.of + other.of }
    }
}

/// A day of many hospitals, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCount {
    /// All that are asked.
    pub hospitals: u64,
    /// Those that owe nothing that day, whether they reported or not.
    pub exempt: u64,
    /// Those that reported.
    pub reported: u64,
    /// By the due time.
    pub on_time: u64,
    /// After the late time.
    pub late: u64,
    /// Corrected afterwards.
    pub corrected: u64,
    /// 代行
    pub on_behalf: u64,
    /// Reported without owing it: in none of the rates.
    pub voluntary: u64,
    /// Of those, by the due time.
    pub voluntary_on_time: u64,
}

impl DayCount {
    /// Those that owe a report.
    pub fn owed(&self) -> u64 {
        self.hospitals.saturating_sub(self.exempt)
    }

    /// Those that owe one and gave none.
    pub fn missing(&self) -> u64 {
        self.owed().saturating_sub(self.reported.saturating_sub(self.voluntary))
    }

    /// 報告率: of those that owe a report, those that gave one.
    pub fn rate(&self) -> Rate {
        Rate { part: self.reported.saturating_sub(self.voluntary), of: self.owed() }
    }

    /// 締切内の率: the same, by the due time.
    pub fn on_time_rate(&self) -> Rate {
        Rate { part: self.on_time.saturating_sub(self.voluntary_on_time), of: self.owed() }
    }

    /// Both together.
    pub fn add(&mut self, o: &Self) {
        self.hospitals += o.hospitals;
        self.exempt += o.exempt;
        self.reported += o.reported;
        self.on_time += o.on_time;
        self.late += o.late;
        self.corrected += o.corrected;
        self.on_behalf += o.on_behalf;
        self.voluntary += o.voluntary;
        self.voluntary_on_time += o.voluntary_on_time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("2026-04-{s}:00+09:00")).unwrap().to_utc()
    }

    #[test]
    fn the_state_of_a_day() {
        let day: NaiveDate = "2026-04-10".parse().unwrap();
        let rule = Some(DueRule::default());
        let filed = |received: &str, corrected: Option<&str>| {
            let (on_time, late) = punctual(day, rule, at(received));
            Filed { first_full_at: at(received), on_time, late, corrected_at: corrected.map(at), on_behalf: false }
        };
        for (rule, exempt, report, now, expected) in [
            (rule, None, None, "10T09:59", DayState::NotYet),
            (rule, None, None, "10T10:00", DayState::NotYet),
            (rule, None, None, "10T10:01", DayState::Missing),
            (rule, None, None, "12T09:00", DayState::Missing),
            (rule, None, Some(filed("10T09:42", None)), "10T09:50", DayState::Reported),
            (rule, None, Some(filed("10T11:00", None)), "10T11:50", DayState::Reported),
            (rule, None, Some(filed("10T13:00", None)), "10T13:10", DayState::Reported),
            (rule, None, Some(filed("10T13:01", None)), "10T13:10", DayState::Late),
            (rule, None, Some(filed("11T09:00", None)), "12T13:10", DayState::Late),
            (rule, None, Some(filed("10T09:42", Some("10T11:00"))), "10T13:10", DayState::Corrected),
            (rule, None, Some(filed("10T14:00", Some("10T15:00"))), "10T16:00", DayState::Late),
            (rule, Some(Exempt::Closed), None, "10T12:00", DayState::Exempt(Exempt::Closed)),
            (rule, Some(Exempt::Closed), Some(filed("10T09:42", None)), "10T12:00", DayState::Reported),
            (None, None, None, "10T12:00", DayState::Exempt(Exempt::NotDue)),
            (None, Some(Exempt::Suspended), None, "10T12:00", DayState::Exempt(Exempt::Suspended)),
        ] {
            assert_eq!(state_of(day, rule, exempt, report.as_ref(), at(now)), expected, "{exempt:?} {report:?} {now}");
        }
        assert_eq!(punctual(day, None, at("10T23:00")), (true, false), "where nothing is due, nothing is late");
    }

    #[test]
    fn rates() {
        for (part, of, expected) in [(0, 0, None), (0, 5, Some(0)), (2, 3, Some(666)), (7444, 7445, Some(999)), (5, 5, Some(1000))] {
            assert_eq!(Rate { part, of }.per_mille(), expected, "{part}/{of}");
        }
        let mut count =
            DayCount { hospitals: 10, exempt: 3, reported: 6, on_time: 4, voluntary: 1, voluntary_on_time: 1, ..DayCount::default() };
        assert_eq!((count.owed(), count.missing()), (7, 2));
        assert_eq!((count.rate(), count.on_time_rate()), (Rate { part: 5, of: 7 }, Rate { part: 3, of: 7 }));
        let closed = DayCount { hospitals: 4, exempt: 4, ..DayCount::default() };
        assert_eq!(closed.rate().per_mille(), None, "nobody owed anything: －");
        count.add(&closed);
        assert_eq!((count.hospitals, count.rate().of), (14, 7));
    }
}
