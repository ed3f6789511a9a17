//! What a prefecture feeds in out of another system（G-MIS 以外のシステム, the memo's last request）: true from the moment of which that system
//! speaks, and never fresher than it is. A program that comes every five minutes would make old figures look new, and would lay them over
//! what a hospital said itself in between.

use super::{Author, Kind, Known, Refusal, Submission};
use crate::survey::{Survey, Value};
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

/// Another system's program that sends all it has every few minutes: each figure stands, of the same moment and in the words of the same key, or was
/// overtaken since by what would stand over it now too. One at least stands, else it may never have been said.
pub(super) fn said_before(survey: &Survey, known: &Known, submission: &Submission, author: &Author) -> Option<Refusal> {
    let (source, as_of) = (submission.source.as_ref()?, submission.as_of?);
    // A part update is no report of the day, whatever it names.
    if !submission.unreadable.is_empty() || (submission.kind == Kind::Full && !known.is_reported) {
        return None;
    }
    let by = |id: &str, value: Option<&Value>| {
        let cell = known.cells.items.get(id)?;
        let is_own = known.cells.authors.get(cell.author).is_some_and(|a| a.source.is_none());
        if cell.as_of > as_of || (cell.as_of == as_of && is_own) {
            return Some(None);
        }
        if cell.as_of != as_of || cell.value.as_ref() != value {
            return None;
        }
        let same = |a: &&Author| {
            (a.report_date, a.source.as_ref()) == (submission.report_date, Some(source))
                && (a.sign_in.as_str(), a.operator.as_str()) == (author.sign_in.as_str(), author.operator.as_str())
        };
        known.cells.authors.get(cell.author).filter(same).map(Some)
    };
    let said: Option<Vec<Option<&Author>>> = match submission.kind {
        Kind::Full => survey.items().map(|i| by(&i.id, submission.answers.get(&i.id).and_then(Option::as_ref))).collect(),
        Kind::Quick => submission.answers.iter().map(|(id, value)| by(id, value.as_ref())).collect(),
    };
    let last = said?.into_iter().flatten().max_by_key(|a| a.version)?;
    Some(Refusal::Stands { version: last.version, as_of, received_at: last.received_at })
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
