//! When something was typed on a device that had no line: the device says so by its own clock, which may be wrong.

use super::{Author, Cells, Submission};
use crate::survey::Value;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// So long an update may wait on a device. What is older says nothing of now.
pub const KEPT_HOURS: i64 = 24;

/// What a device says of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// When it was typed, by the device's clock.
    pub typed_at: DateTime<Utc>,
    /// When it was sent, by the same clock. What that clock is off by is seen on arrival. `None`: the device has put its clock right before.
    pub sent_at: Option<DateTime<Utc>>,
}

/// It waited too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("typed more than {KEPT_HOURS} hours ago")]
pub struct TooOld;

/// The moment of typing by our clock: never later than now, and not older than [`KEPT_HOURS`].
pub fn typed_at(said: Said, now: DateTime<Utc>) -> Result<DateTime<Utc>, TooOld> {
    // A device that says that it sent before it typed has no clock at all; then it was typed now.
    let age = match said.sent_at {
        Some(sent) => (sent - said.typed_at).max(TimeDelta::zero()),
        None => (now - said.typed_at).max(TimeDelta::zero()),
    };
    if age > TimeDelta::hours(KEPT_HOURS) { Err(TooOld) } else { Ok(crate::time::cut(now - age)) }
}

/// An item that an update brought too late: something newer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overtaken {
    /// The item.
    pub item: String,
    /// What the update said.
    pub brought: Option<Value>,
    /// What stands.
    pub stands: Option<Value>,
    /// Since when that is true.
    pub as_of: DateTime<Utc>,
    /// Who said it.
    pub by: Author,
}

/// The items of an update that waited, of which something truer stands that says otherwise.
pub(super) fn overtaken(submission: &Submission, known: &Cells, as_of: DateTime<Utc>) -> Vec<Overtaken> {
    let newer = |(id, brought): (&String, &Option<Value>)| {
        let cell = known.items.get(id).filter(|c| c.as_of >= as_of && c.value != *brought)?;
        let by = known.authors.get(cell.author)?.clone();
        // Of the same moment only another system gives way.
        let gives_way = cell.as_of > as_of || (submission.source.is_some() && by.source.is_none());
        if !gives_way {
            return None;
        }
        Some(Overtaken { item: id.clone(), brought: brought.clone(), stands: cell.value.clone(), as_of: cell.as_of, by })
    };
    submission.answers.iter().filter_map(newer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_wrong() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        let now = at("2026-04-10T00:42:00Z");
        for (typed, sent, expected) in [
            // The device has put its clock right: its word counts, within bounds.
            ("2026-04-10T00:40:00Z", None, Ok("2026-04-10T00:40:00Z")),
            ("2026-04-10T00:50:00Z", None, Ok("2026-04-10T00:42:00Z")), // the future is now
            ("2026-04-09T00:42:00Z", None, Ok("2026-04-09T00:42:00Z")),
            ("2026-04-09T00:41:59Z", None, Err(TooOld)),
            // A clock an hour ahead, a day behind, in another year: what counts is how long it waited.
            ("2026-04-10T01:40:00Z", Some("2026-04-10T01:42:00Z"), Ok("2026-04-10T00:40:00Z")),
            ("2026-04-09T00:40:00Z", Some("2026-04-09T00:42:00Z"), Ok("2026-04-10T00:40:00Z")),
            ("1970-01-01T00:00:00Z", Some("1970-01-01T00:05:00Z"), Ok("2026-04-10T00:37:00Z")),
            ("2026-04-08T00:00:00Z", Some("2026-04-10T00:42:00Z"), Err(TooOld)),
            // A clock that was put back in between.
            ("2026-04-10T02:00:00Z", Some("2026-04-10T00:42:00Z"), Ok("2026-04-10T00:42:00Z")),
        ] {
            let said = Said { typed_at: at(typed), sent_at: sent.map(at) };
            assert_eq!(typed_at(said, now), expected.map(at), "{typed} {sent:?}");
        }
    }
}
