//! The merged record of a hospital: of each item the greatest `as_of`, then the newest version（design.md「Surveys and reports」）.

use super::{Behalf, Channel, Kind};
use crate::survey::{Answers, Survey, Value};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who wrote a figure, and where it can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The organisation's name at that time; a register's for an import.
    pub organisation: String,
    /// The sign-in name; empty for an import.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sign_in: String,
    /// The operator's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// The road.
    pub channel: Channel,
    /// 代行
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_behalf: bool,
    /// Why it was entered for the hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<Behalf>,
    /// The other system out of which a program of the prefecture took it（他システム連携）, as it was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The day of the report.
    pub report_date: NaiveDate,
    /// Its version.
    pub version: u32,
    /// When it was received.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub received_at: DateTime<Utc>,
}

impl Author {
    /// What counts of two words that are true from the same moment: the hospital's, or whoever's speaks for it, before another system's; then
    /// what was received later. A system that counts whole hours would else undo a person's word of that hour.
    pub fn weight(&self) -> (bool, DateTime<Utc>) {
        (self.source.is_none(), self.received_at)
    }
}

/// What is known of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The newest answer; `None` is 未回答.
    pub value: Option<Value>,
    /// From when it is true.
    pub as_of: DateTime<Utc>,
    /// Index into [`Cells::authors`].
    pub author: usize,
    /// Before a 未回答: what was last answered, and from when that was true.
    pub last: Option<(Value, DateTime<Utc>)>,
}

/// The merged record of one hospital in one survey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Cells {
    /// Who wrote the cells.
    pub authors: Vec<Author>,
    /// By item.
    pub items: BTreeMap<String, Cell>,
}

/// The form in the database: short, since it is written with every report. Times are microseconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    by: Vec<Author>,
    items: BTreeMap<String, StoredCell>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredCell(Option<Value>, i64, usize, #[serde(default, skip_serializing_if = "Option::is_none")] Option<(Value, i64)>);

fn micros(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at).unwrap_or_default()
}

impl From<Stored> for Cells {
    fn from(stored: Stored) -> Self {
        let items = stored
            .items
            .into_iter()
            .map(|(id, StoredCell(value, at, author, last))| {
                (id, Cell { value, as_of: micros(at), author, last: last.map(|(v, at)| (v, micros(at))) })
            })
            .collect();
        Self { authors: stored.by, items }
    }
}

impl From<Cells> for Stored {
    fn from(cells: Cells) -> Self {
        let items = cells
            .items
            .into_iter()
            .map(|(id, c)| {
                (id, StoredCell(c.value, c.as_of.timestamp_micros(), c.author, c.last.map(|(v, at)| (v, at.timestamp_micros()))))
            })
            .collect();
        Self { by: cells.authors, items }
    }
}

impl Cells {
    /// Takes a version into the record. A full version speaks of every item of its survey, a quick one of those it names. Where the
    /// record knows something truer (a greater `as_of`, or the same and a greater [`Author::weight`]), it stays.
    pub fn apply(&mut self, survey: &Survey, kind: Kind, answers: &Answers, author: Author, as_of: DateTime<Utc>) {
        let weight = author.weight();
        let index = self.authors.len();
        self.authors.push(author);
        let mut take = |id: &str, value: Option<Value>| {
            let Some(known) = self.items.get_mut(id) else {
                self.items.insert(id.to_owned(), Cell { value, as_of, author: index, last: None });
                return;
            };
            let known_weight = self.authors.get(known.author).map(Author::weight);
            if (as_of, Some(weight)) >= (known.as_of, known_weight) {
                let last = match value {
                    Some(_) => None,
                    None => known.value.take().map(|v| (v, known.as_of)).or(known.last.take()),
                };
                *known = Cell { value, as_of, author: index, last };
            } else if known.value.is_none()
                && let Some(value) = value
                && known.last.as_ref().is_none_or(|(_, at)| *at <= as_of)
            {
                known.last = Some((value, as_of));
            }
        };
        match kind {
            Kind::Full => survey.items().for_each(|item| take(&item.id, answers.get(&item.id).cloned().flatten())),
            Kind::Quick => answers.iter().for_each(|(id, value)| take(id, value.clone())),
        }
        self.forget_unused_authors();
    }

    /// The record of two entries that turned out to be one hospital: of each item the truer cell.
    #[must_use]
    pub fn joined(mut self, other: &Self) -> Self {
        let offset = self.authors.len();
        self.authors.extend(other.authors.iter().cloned());
        for (id, cell) in &other.items {
            let cell = Cell { author: cell.author + offset, ..cell.clone() };
            let weight = |c: &Cell| self.authors.get(c.author).map(Author::weight);
            if self.items.get(id).is_none_or(|own| (own.as_of, weight(own)) < (cell.as_of, weight(&cell))) {
                self.items.insert(id.clone(), cell);
            }
        }
        self.forget_unused_authors();
        self
    }

    /// The answer to an item now; `None` is 未回答.
    pub fn value(&self, item: &str) -> Option<&Value> {
        self.items.get(item)?.value.as_ref()
    }

    /// The same, unless it was said of a later day.
    pub fn value_until(&self, id: &str, day: NaiveDate) -> Option<&Value> {
        let cell = self.items.get(id)?;
        cell.value.as_ref().filter(|_| self.authors.get(cell.author).is_some_and(|a| a.report_date <= day))
    }

    fn forget_unused_authors(&mut self) {
        let mut place = vec![None; self.authors.len()];
        let mut kept = Vec::new();
        for cell in self.items.values_mut() {
            let slot = &mut place[cell.author];
            cell.author = *slot.get_or_insert_with(|| {
                kept.push(self.authors[cell.author].clone());
                kept.len() - 1
            });
        }
        self.authors = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn author(version: u32, received: &str) -> Author {
        Author {
            organisation: "凪浦市民病院".into(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: "2026-04-10".parse().unwrap(),
            version,
            received_at: at(received),
        }
    }

    fn beds(n: Option<u32>) -> Answers {
        Answers::from([("available_beds".to_owned(), n.map(Value::Count))])
    }

    #[test]
    fn what_the_record_keeps() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let mut cells = Cells::default();
        cells.apply(daily, Kind::Full, &beds(Some(4)), author(1, "2026-04-10T00:00:00Z"), at("2026-04-10T00:00:00Z"));
        assert_eq!(cells.value("available_beds"), Some(&Value::Count(4)));
        assert_eq!(cells.items["ready_beds"].value, None, "a full report says 未回答 of what it leaves empty");

        // A quick version changes only what it names.
        cells.apply(daily, Kind::Quick, &beds(Some(2)), author(2, "2026-04-10T03:00:00Z"), at("2026-04-10T03:00:00Z"));
        assert_eq!(cells.value("available_beds"), Some(&Value::Count(2)));
        assert_eq!(cells.items["ready_beds"].as_of, at("2026-04-10T00:00:00Z"));
        assert_eq!(cells.authors.len(), 2);

        // Correcting yesterday never replaces today.
        cells.apply(daily, Kind::Full, &beds(Some(9)), author(3, "2026-04-10T05:00:00Z"), at("2026-04-09T14:59:59Z"));
        assert_eq!(cells.value("available_beds"), Some(&Value::Count(2)));

        // The same moment: the version received later.
        cells.apply(daily, Kind::Quick, &beds(Some(5)), author(4, "2026-04-10T06:00:00Z"), at("2026-04-10T03:00:00Z"));
        assert_eq!(cells.value("available_beds"), Some(&Value::Count(5)));

        // 未回答 is newer than the figure, and remembers it.
        cells.apply(daily, Kind::Quick, &beds(None), author(5, "2026-04-10T07:00:00Z"), at("2026-04-10T07:00:00Z"));
        assert_eq!(cells.value("available_beds"), None);
        assert_eq!(cells.items["available_beds"].last, Some((Value::Count(5), at("2026-04-10T03:00:00Z"))));
    }

    #[test]
    fn of_the_same_moment_another_system_gives_way() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let nine = at("2026-04-10T00:00:00Z");
        let fed = |received| Author { source: Some("架空県のシステム".into()), ..author(1, received) };
        let own = |received| author(2, received);
        for (first, second, expected, why) in [
            (fed("2026-04-10T00:05:00Z"), own("2026-04-10T00:01:00Z"), 2, "received before it"),
            (own("2026-04-10T00:01:00Z"), fed("2026-04-10T00:05:00Z"), 1, "received after it"),
            (fed("2026-04-10T00:05:00Z"), fed("2026-04-10T00:06:00Z"), 2, "its own correction"),
            (own("2026-04-10T00:05:00Z"), own("2026-04-10T00:06:00Z"), 2, "a correction"),
        ] {
            let mut cells = Cells::default();
            cells.apply(daily, Kind::Quick, &beds(Some(1)), first.clone(), nine);
            cells.apply(daily, Kind::Quick, &beds(Some(2)), second.clone(), nine);
            assert_eq!(cells.value("available_beds"), Some(&Value::Count(expected)), "{why}");
            let (mut one, mut other) = (Cells::default(), Cells::default());
            one.apply(daily, Kind::Quick, &beds(Some(1)), first, nine);
            other.apply(daily, Kind::Quick, &beds(Some(2)), second, nine);
            assert_eq!(one.joined(&other).value("available_beds"), Some(&Value::Count(expected)), "joined: {why}");
        }
    }

    #[test]
    fn the_stored_form_reads_back() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let mut cells = Cells::default();
        cells.apply(daily, Kind::Full, &beds(Some(4)), author(1, "2026-04-10T00:00:00Z"), at("2026-04-10T00:00:00Z"));
        cells.apply(daily, Kind::Quick, &beds(None), author(2, "2026-04-10T01:00:00Z"), at("2026-04-10T01:00:00Z"));
        let json = serde_json::to_string(&cells).unwrap();
        assert_eq!(serde_json::from_str::<Cells>(&json).unwrap(), cells);
    }
}
