//! What a prefecture feeds in out of another system（G-MIS 以外のシステム, the memo's last request）: true from the moment of which that system
//! speaks, and never fresher than it is. A program that comes every five minutes would make old figures look new, and would lay them over
//! what a hospital said itself in between.

use super::Kind;
use chrono::{DateTime, TimeDelta, Utc};

/// What is older says nothing of now: a part update of the other system may be so late, in hours.
pub const FEED_HOURS: i64 = 24;

/// Why nothing is taken out of another system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedProblem {
    /// The prefecture does not say, or no longer, that it reports by another system.
    NotDeclared,
    /// It does not say from when its figures are true.
    NoMoment,
    /// Its figures are older than [`FEED_HOURS`].
    TooOld,
}

/// Weighs the moment of which another system speaks, `as_of`. It always says it: a report of a day that is over counts from the end of that day
/// where it is left out, and would lie over what the hospital said in its evening.
pub fn check_feed(kind: Kind, as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), FeedProblem> {
    match as_of {
        None => Err(FeedProblem::NoMoment),
        Some(at) if kind == Kind::Quick && now - at > TimeDelta::hours(FEED_HOURS) => Err(FeedProblem::TooOld),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_another_system() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        let now = at("2026-04-10T09:42:00+09:00");
        for (kind, as_of, expected) in [
            (Kind::Quick, Some("2026-04-10T09:40:00+09:00"), Ok(())),
            (Kind::Quick, Some("2026-04-09T09:42:00+09:00"), Ok(())),
            (Kind::Quick, Some("2026-04-09T09:41:59+09:00"), Err(FeedProblem::TooOld)),
            (Kind::Quick, None, Err(FeedProblem::NoMoment)),
            (Kind::Full, Some("2026-04-10T06:00:00+09:00"), Ok(())),
            (Kind::Full, Some("2026-04-01T10:00:00+09:00"), Ok(())),
            (Kind::Full, None, Err(FeedProblem::NoMoment)),
        ] {
            assert_eq!(check_feed(kind, as_of.map(at), now), expected, "{kind:?} {as_of:?}");
        }
    }
}
