//! 統合・広域化: who takes over an ID, and from which day. The same part stands on the prefecture's page and on the office's.

use crate::words;
use akidoko_domain::{application::State, time::jst_day};
use akidoko_service::application::{ApplicationRow, HandOverPart};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// The part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    pub(in crate::view) href: String,
    pub(in crate::view) revision: i32,
    /// What is planned, or was done, in one sentence.
    pub(in crate::view) stands: Option<String>,
    pub(in crate::view) can_drop: bool,
    pub(in crate::view) successors: Vec<(String, String)>,
    pub(in crate::view) day: NaiveDate,
}

/// Municipalities merge on the first of April: the next one, unless somebody chooses another day.
fn next_april(today: NaiveDate) -> NaiveDate {
    let first = |year| NaiveDate::from_ymd_opt(year, 4, 1).unwrap_or(today);
    if first(today.year()) > today { first(today.year()) } else { first(today.year() + 1) }
}

impl HandOver {
    /// `None` where there is nothing to say and nothing to do.
    pub fn of(part: &HandOverPart, row: &ApplicationRow, href: String, now: DateTime<Utc>) -> Option<Self> {
        let stands = part.planned.as_ref().map(|(name, code, on)| match row.state {
            State::Closed => format!("{}に、{name}（{code}）へ引き継ぎました。", words::date(*on)),
            _ => format!("{}から、{name}（{code}）へ引き継ぎます。それまでは、これまでどおり使えます。", words::date(*on)),
        });
        if stands.is_none() && part.successors.is_empty() {
            return None;
        }
        Some(Self {
            href,
            revision: row.revision,
            stands,
            can_drop: part.can_drop,
            successors: part.successors.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
            day: next_april(jst_day(now)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_first_of_april() {
        for (today, day) in [("2026-03-31", "2026-04-01"), ("2026-04-01", "2027-04-01"), ("2026-11-25", "2027-04-01")] {
            assert_eq!(next_april(today.parse().unwrap()), day.parse::<NaiveDate>().unwrap(), "{today}");
        }
    }
}
