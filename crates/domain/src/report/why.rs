//! 「なぜ変わった？」: what each version did to one figure of the board. Versions are taken in the order in which they were received, and
//! weighed as the merged record weighs them: the greater `as_of` counts, then what no other system said, then what came later.

use super::{Kind, ReportVersion};
use crate::survey::Value;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// What a version did to the figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The figure changed, or came to be.
    Changed,
    /// The same was said again.
    Confirmed,
    /// A past day was reported or corrected: the figure on the board is newer, and stayed.
    PastOnly,
}

/// A version that speaks of the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemChange<'a> {
    /// The version.
    pub version: &'a ReportVersion,
    /// What it did.
    pub effect: Effect,
    /// What stood before: on the board, or for [`Effect::PastOnly`] on its day. `None`: nothing yet; `Some(None)`: 未回答.
    pub from: Option<Option<Value>>,
    /// What it says.
    pub to: Option<Value>,
}

/// From when a figure is true, and whether no other system says so: the greater counts.
type TrueFrom = (DateTime<Utc>, bool);

/// What versions did to the figure that `item` names in each of them (an item of its survey, or `None` where the survey does not ask it), the
/// newest first.
pub fn item_changes<'a>(
    versions: impl IntoIterator<Item = &'a ReportVersion>,
    item: impl Fn(&ReportVersion) -> Option<String>,
) -> Vec<ItemChange<'a>> {
    let mut ordered: Vec<&ReportVersion> = versions.into_iter().collect();
    ordered.sort_by(|a, b| (a.received_at, &a.survey, a.report_date, a.version).cmp(&(b.received_at, &b.survey, b.report_date, b.version)));
    let mut stands: Option<(TrueFrom, Option<Value>)> = None;
    let mut days: BTreeMap<(&str, NaiveDate), Option<Value>> = BTreeMap::new();
    let mut changes = Vec::new();
    for version in ordered {
        let Some(id) = item(version) else { continue };
        let to = match (version.answers.get(&id), version.kind) {
            (Some(answer), _) => answer.clone(),
            (None, Kind::Full) => None,
            (None, Kind::Quick) => continue,
        };
        let of_day = days.insert((version.survey.as_str(), version.report_date), to.clone());
        let true_from = (version.as_of, version.author.source.is_none());
        let counts = stands.as_ref().is_none_or(|(stood_from, _)| true_from >= *stood_from);
        let (effect, from) = if counts {
            let from = stands.replace((true_from, to.clone())).map(|(_, value)| value);
            (if from.as_ref() == Some(&to) { Effect::Confirmed } else { Effect::Changed }, from)
        } else {
            (Effect::PastOnly, of_day)
        };
        changes.push(ItemChange { version, effect, from, to });
    }
    changes.reverse();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::HospitalId,
        report::{Author, Channel},
        survey::{Answers, DAILY},
        time::{as_of, from_jst},
    };
    use uuid::Uuid;

    /// A version for a day, received at a moment in Japan, with so many beds; −1 for 未回答, −2 for a quick one that says nothing of them.
    fn version(date: &str, received: &str, number: u32, kind: Kind, beds: i64) -> ReportVersion {
        let received_at = from_jst(received.parse().unwrap());
        let report_date: NaiveDate = date.parse().unwrap();
        let answers = match (beds, kind) {
            (0.., _) => Answers::from([("available_beds".into(), Some(Value::Count(u32::try_from(beds).unwrap())))]),
            (-1, Kind::Quick) => Answers::from([("available_beds".into(), None)]),
            _ => Answers::new(),
        };
        ReportVersion {
            hospital: HospitalId(Uuid::from_u128(1)),
            survey: DAILY.into(),
            survey_version: 1,
            report_date,
            version: number,
            kind,
            answers,
            as_of: as_of(report_date, received_at),
            received_at,
            author: Author {
                organisation: "凪浦市民病院".into(),
                sign_in: String::new(),
                operator: String::new(),
                channel: Channel::Screen,
                on_behalf: false,
                behalf: None,
                source: None,
                report_date,
                version: number,
                received_at,
            },
            reason: None,
        }
    }

    #[test]
    fn changed_confirmed_and_only_of_a_past_day() {
        let (full, quick) = (Kind::Full, Kind::Quick);
        let versions = [
            version("2026-04-09", "2026-04-09T09:00:00", 1, full, 4),
            version("2026-04-10", "2026-04-10T09:00:00", 1, full, 4), // the same again
            version("2026-04-10", "2026-04-10T11:00:00", 2, quick, 2),
            version("2026-04-10", "2026-04-10T11:30:00", 3, quick, -2), // does not speak of it
            version("2026-04-09", "2026-04-10T12:00:00", 2, full, 5),   // corrects yesterday
            version("2026-04-10", "2026-04-10T13:00:00", 4, full, -1),  // 未回答
            version("2026-04-10", "2026-04-10T14:00:00", 5, full, 0),   // zero is not 未回答
        ];
        let ask = |v: &ReportVersion| (v.survey == DAILY).then(|| "available_beds".to_owned());
        let got: Vec<_> = item_changes(&versions, ask).into_iter().map(|c| (c.version.version, c.effect, c.from, c.to)).collect();
        let n = |n: u32| Some(Value::Count(n));
        assert_eq!(
            got,
            [
                (5, Effect::Changed, Some(None), n(0)),
                (4, Effect::Changed, Some(n(2)), None),
                (2, Effect::PastOnly, Some(n(4)), n(5)),
                (2, Effect::Changed, Some(n(4)), n(2)),
                (1, Effect::Confirmed, Some(n(4)), n(4)),
                (1, Effect::Changed, None, n(4)),
            ]
        );
        // Another system says otherwise of the moment of which the hospital spoke: nothing changed.
        let mut fed = version("2026-04-10", "2026-04-10T14:00:00", 6, quick, 9);
        fed.received_at += chrono::TimeDelta::minutes(5);
        fed.author.source = Some("架空県のシステム".into());
        let with_it: Vec<_> = versions.iter().cloned().chain([fed]).collect();
        let first = item_changes(&with_it, ask).remove(0);
        assert_eq!((first.version.version, first.effect), (6, Effect::PastOnly));
        assert!(item_changes(&versions, |_| None).is_empty(), "a survey that does not ask it says nothing of it");
        // The order in which they are handed in does not matter.
        let mut turned = versions.to_vec();
        turned.reverse();
        assert_eq!(item_changes(&turned, ask).len(), 6);
    }
}
