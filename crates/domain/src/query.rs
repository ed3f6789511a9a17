//! 緊急調査: a prefecture asks chosen hospitals a few items by a time. Its items are those of a survey, and are read and checked as such.

use crate::{
    report::Kind,
    survey::{Answers, Cadence, Item, ItemKind, Section, Survey, Value, Who},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

/// As many items are asked at most: it is to be answered on a telephone, on one screen.
pub const ITEMS_MAX: usize = 6;
/// The longest title.
pub const TITLE_MAX: usize = 60;
/// The longest note.
pub const NOTE_MAX: usize = 500;
/// Between two reminders.
pub const REMIND_AFTER: TimeDelta = TimeDelta::minutes(30);

/// What is wrong with a query as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryProblem {
    /// No title, or one that is too long.
    Title,
    /// A note that is too long.
    Note,
    /// No item.
    NoItems,
    /// Not a moment to come, within a year.
    Due,
    /// It asks nobody.
    Nobody,
    /// Title or note speak of a patient.
    Patient,
}

/// Is this a time by which a query can be due?
pub fn may_be_due(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now && at <= now + TimeDelta::days(366)
}

/// The query as a survey of one section, by which its answers are read and checked. Every item must be answered: there are few.
pub fn as_survey(title: &str, items: &[Item]) -> Survey {
    Survey {
        code: "query".to_owned(),
        version: 1,
        valid_from: NaiveDate::MIN,
        title: title.to_owned(),
        cadence: Cadence::AsNeeded,
        year_from: None,
        due: None,
        who: Who::default(),
        sections: vec![Section {
            id: "items".to_owned(),
            sheet: None,
            title: "回答".to_owned(),
            note: None,
            folded: false,
            may_skip: false,
            items: items.to_vec(),
        }],
        rules: vec![],
        rates: vec![],
    }
}

/// How answers are read: all of them at once.
pub const KIND: Kind = Kind::Full;

/// What all answers to an item say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    /// The sum of so many counts.
    Count {
        /// The sum.
        sum: u64,
        /// Of so many answers.
        answers: usize,
    },
    /// How often each word was chosen, in the order of the item.
    Words(Vec<(String, usize)>),
    /// So many texts.
    Texts(usize),
}

/// Sums the answers to an item. What is not answered is not counted.
pub fn sum<'a>(item: &Item, answers: impl Iterator<Item = &'a Answers>) -> Sum {
    let values: Vec<&Value> = answers.filter_map(|a| a.get(&item.id)?.as_ref()).collect();
    let words = match &item.kind {
        ItemKind::Count { .. } => {
            let counts: Vec<u32> = values.iter().filter_map(|v| v.count()).collect();
            return Sum::Count { sum: counts.iter().map(|n| u64::from(*n)).sum(), answers: counts.len() };
        }
        ItemKind::Choice { options } => options.iter().map(|o| o.id.clone()).collect(),
        ItemKind::YesNo {} => vec!["yes".to_owned(), "no".to_owned()],
        _ => return Sum::Texts(values.len()),
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in values.iter().filter_map(|v| v.word()) {
        *counts.entry(word).or_default() += 1;
    }
    Sum::Words(words.iter().map(|w| (w.clone(), counts.get(w.as_str()).copied().unwrap_or(0))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::TypedItem;

    #[test]
    fn sums() {
        let item = |kind: &str| {
            let typed =
                TypedItem { id: "q1".into(), label: "問".into(), kind: kind.into(), options: "a あ\nb い".into(), ..TypedItem::fresh() };
            typed.read().unwrap()
        };
        let answers = |values: Vec<Option<Value>>| values.into_iter().map(|v| Answers::from([("q1".to_owned(), v)])).collect::<Vec<_>>();
        let word = |w: &str| Some(Value::Word(w.into()));
        let given = answers(vec![Some(Value::Count(3)), Some(Value::Count(0)), None]);
        assert_eq!(sum(&item("count"), given.iter()), Sum::Count { sum: 3, answers: 2 });
        let given = answers(vec![word("b"), word("b"), None]);
        assert_eq!(sum(&item("choice"), given.iter()), Sum::Words(vec![("a".into(), 0), ("b".into(), 2)]));
        let given = answers(vec![word("no")]);
        assert_eq!(sum(&item("yes_no"), given.iter()), Sum::Words(vec![("yes".into(), 0), ("no".into(), 1)]));
        assert_eq!(sum(&item("text"), given.iter()), Sum::Texts(1));
    }

    #[test]
    fn by_when() {
        let now = DateTime::parse_from_rfc3339("2026-04-10T00:42:00Z").unwrap().to_utc();
        assert!(!may_be_due(now, now) && may_be_due(now + TimeDelta::minutes(1), now) && !may_be_due(now + TimeDelta::days(400), now));
    }
}
