//! The ladder of reminders: a prefecture's rungs, each some minutes before or after the due time. The text is ours, the times are theirs.

use super::rule::due_at;
use crate::time::{DueRule, jst_day, to_jst};
use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// On which days a rung stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Every day on which a report is due.
    All,
    /// 平日
    Working,
    /// 土日・祝日・年末年始
    Off,
}

impl Days {
    /// All three.
    pub const ALL: [Self; 3] = [Self::All, Self::Working, Self::Off];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Working => "working",
            Self::Off => "off",
        }
    }

    fn has(self, is_working: bool) -> bool {
        match self {
            Self::All => true,
            Self::Working => is_working,
            Self::Off => !is_working,
        }
    }
}

/// A rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Minutes after the due time; negative: before it.
    pub minutes: i32,
    /// On which days.
    pub days: Days,
}

/// What a prefecture set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// Rungs, in any order.
    pub rungs: Vec<Rung>,
    /// Also between 21:00 and 7:00.
    pub at_night: bool,
}

/// So many rungs at most.
pub const RUNGS: usize = 6;
/// So long after its moment a rung is still climbed: a worker that was away catches up, a reminder of the morning is not sent in the evening.
pub const LAPSE: TimeDelta = TimeDelta::hours(2);
/// So far a rung may be from the due time.
const FAR: i32 = 12 * 60;

/// Why a ladder is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LadderError {
    /// More than [`RUNGS`].
    Many,
    /// Farther than twelve hours from the due time.
    Far,
    /// Two at the same time on the same day.
    Twice,
}

/// Until when a reminder of the day may still leave that is written now: within [`LAPSE`], on that day, and by night only where night is
/// asked for. An outbox that stood still for a night must not wake anybody with yesterday's reminders.
pub fn good_until(now: DateTime<Utc>, at_night: bool) -> DateTime<Utc> {
    let jst = to_jst(now);
    let evening = if at_night || is_night(now) { 24 } else { 21 };
    let left = TimeDelta::hours(evening) - (jst.time() - chrono::NaiveTime::MIN);
    now + left.min(LAPSE)
}

/// Between 21:00 and 7:00 in Japan.
pub fn is_night(at: DateTime<Utc>) -> bool {
    !(7..21).contains(&to_jst(at).hour())
}

impl Ladder {
    /// Can it be climbed?
    pub fn check(&self) -> Result<(), LadderError> {
        if self.rungs.len() > RUNGS {
            return Err(LadderError::Many);
        }
        if self.rungs.iter().any(|r| r.minutes.abs() > FAR) {
            return Err(LadderError::Far);
        }
        let together = |a: &Rung, b: &Rung| a.minutes == b.minutes && (a.days == b.days || a.days == Days::All || b.days == Days::All);
        let twice = self.rungs.iter().enumerate().any(|(n, a)| self.rungs[n + 1..].iter().any(|b| together(a, b)));
        if twice { Err(LadderError::Twice) } else { Ok(()) }
    }

    /// The rung to climb now, on the day that it is: the last whose moment has come, unless it is night, it is too long ago, or the ladder was
    /// set after that moment. Those before it are over.
    pub fn rung(&self, rule: DueRule, is_working: bool, set_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<i32> {
        if is_night(now) && !self.at_night {
            return None;
        }
        let day = jst_day(now);
        let moment = |r: &Rung| due_at(day, rule) + TimeDelta::minutes(r.minutes.into());
        let come = self.rungs.iter().filter(|r| r.days.has(is_working) && moment(r) <= now && jst_day(moment(r)) == day);
        let last = come.max_by_key(|r| r.minutes)?;
        (now - moment(last) < LAPSE && moment(last) >= set_at).then_some(last.minutes)
    }

    /// When the rungs of a day are climbed, for the screen; those that night keeps from being sent at their time are left out.
    pub fn moments(&self, day: NaiveDate, rule: DueRule, is_working: bool) -> Vec<DateTime<Utc>> {
        let mut moments: Vec<DateTime<Utc>> = self
            .rungs
            .iter()
            .filter(|r| r.days.has(is_working))
            .map(|r| due_at(day, rule) + TimeDelta::minutes(r.minutes.into()))
            .filter(|at| jst_day(*at) == day && (self.at_night || !is_night(*at)))
            .collect();
        moments.sort_unstable();
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveTime;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("{s}:00+09:00")).unwrap().to_utc()
    }

    fn ladder(at_night: bool) -> Ladder {
        let rung = |minutes, days| Rung { minutes, days };
        Ladder { rungs: vec![rung(15, Days::All), rung(-30, Days::Working), rung(120, Days::Working)], at_night }
    }

    #[test]
    fn no_reminder_leaves_by_night_or_on_another_day() {
        for (now, at_night, expected) in [
            ("2026-12-28T10:15", false, "2026-12-28T12:15"),
            ("2026-12-28T19:30", false, "2026-12-28T21:00"),
            ("2026-12-28T19:30", true, "2026-12-28T21:30"),
            ("2026-12-28T22:30", true, "2026-12-29T00:00"),
            // An officer who presses by night asks for it.
            ("2026-12-28T21:30", false, "2026-12-28T23:30"),
            ("2026-12-31T23:59", false, "2027-01-01T00:00"),
        ] {
            assert_eq!(good_until(at(now), at_night), at(expected), "{now} {at_night}");
        }
    }

    #[test]
    fn which_rung() {
        let rule = DueRule::default();
        let set = at("2026-01-01T00:00");
        for (now, working, expected, why) in [
            ("2026-12-28T09:29", true, None, "not yet"),
            ("2026-12-28T09:30", true, Some(-30), "half an hour before"),
            ("2026-12-28T10:14", true, Some(-30), "still, for who was away"),
            ("2026-12-28T10:15", true, Some(15), "the next takes its place"),
            ("2026-12-28T12:00", true, Some(120), ""),
            ("2026-12-28T13:59", true, Some(120), ""),
            ("2026-12-28T14:00", true, None, "too long ago"),
            ("2027-01-01T09:30", false, None, "no rung of working days on New Year"),
            ("2027-01-01T10:15", false, Some(15), "the one of every day"),
            ("2028-02-29T09:30", true, Some(-30), "the leap day"),
            ("2026-05-06T12:00", false, Some(15), "Golden Week: the last of its own rungs"),
        ] {
            assert_eq!(ladder(false).rung(rule, working, set, at(now)), expected, "{now} {why}");
        }
        assert_eq!(ladder(false).rung(rule, true, at("2026-12-28T10:20"), at("2026-12-28T10:30")), None, "set after its moment");
        assert_eq!(ladder(false).rung(rule, true, at("2026-12-28T10:20"), at("2026-12-28T12:00")), Some(120), "set before the next");
    }

    #[test]
    fn not_at_night_unless_asked() {
        let early = DueRule { due: NaiveTime::from_hms_opt(6, 0, 0).unwrap(), late: NaiveTime::from_hms_opt(9, 0, 0).unwrap() };
        let evening = DueRule { due: NaiveTime::from_hms_opt(20, 30, 0).unwrap(), late: NaiveTime::from_hms_opt(23, 0, 0).unwrap() };
        let set = at("2026-01-01T00:00");
        for (rule, now, quiet, asked) in [
            (early, "2026-04-10T05:30", None, Some(-30)),
            (early, "2026-04-10T06:59", None, Some(15)),
            (early, "2026-04-10T07:00", Some(15), Some(15)),
            (evening, "2026-04-10T20:45", Some(15), Some(15)),
            (evening, "2026-04-10T21:00", None, Some(15)),
            (evening, "2026-04-10T22:30", None, Some(120)),
            (evening, "2026-04-11T00:10", None, None), // another day: its own rungs
        ] {
            assert_eq!(ladder(false).rung(rule, true, set, at(now)), quiet, "{now}");
            assert_eq!(ladder(true).rung(rule, true, set, at(now)), asked, "{now} at night");
        }
        assert_eq!(ladder(false).moments("2026-04-10".parse().unwrap(), evening, true).len(), 2);
        assert_eq!(ladder(true).moments("2026-04-10".parse().unwrap(), evening, true).len(), 3);
    }

    #[test]
    fn what_can_be_set() {
        let of = |rungs: &[(i32, Days)]| Ladder {
            rungs: rungs.iter().map(|(minutes, days)| Rung { minutes: *minutes, days: *days }).collect(),
            at_night: false,
        };
        for (ladder, expected) in [
            (of(&[]), Ok(())),
            (of(&[(-30, Days::All), (15, Days::All)]), Ok(())),
            (of(&[(15, Days::Working), (15, Days::Off)]), Ok(())),
            (of(&[(15, Days::All), (15, Days::Off)]), Err(LadderError::Twice)),
            (of(&[(721, Days::All)]), Err(LadderError::Far)),
            (
                of(&[(0, Days::All), (1, Days::All), (2, Days::All), (3, Days::All), (4, Days::All), (5, Days::All), (6, Days::All)]),
                Err(LadderError::Many),
            ),
        ] {
            assert_eq!(ladder.check(), expected, "{ladder:?}");
        }
    }
}
