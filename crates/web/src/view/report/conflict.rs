//! Two operators reported at once: what the other one said beside what was typed here, and a choice for each. Who did not touch an item
//! has nothing against the other's answer; where both said something, what was typed here stands first.

use super::form_values;
use crate::words;
use akidoko_domain::{
    report::{Kind, ReportVersion},
    survey::{Answers, Item, Survey},
};
use std::collections::BTreeMap;

/// What the second one has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub(in crate::view) by: String,
    pub(in crate::view) at: String,
    pub(in crate::view) version: u32,
    /// It is a report of the day or period, not a part update.
    pub(in crate::view) full: bool,
    pub(in crate::view) rows: Vec<ConflictRow>,
}

/// An item of which the two say different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::view) struct ConflictRow {
    pub id: String,
    pub label: String,
    pub mine: String,
    pub mine_words: String,
    pub theirs: String,
    pub theirs_words: String,
    pub take_theirs: bool,
    /// Both have changed it.
    pub both: bool,
}

impl Conflict {
    /// `base` is what stood when the form was opened, `theirs` what stands now, `values` what was typed; those are put right where the
    /// form did not touch an item.
    pub fn new(survey: &Survey, newest: &ReportVersion, base: &Answers, theirs: &Answers, values: &mut BTreeMap<String, String>) -> Self {
        let (base, theirs) = (form_values(base), form_values(theirs));
        let of = |map: &BTreeMap<String, String>, id: &str| map.get(id).cloned().unwrap_or_default();
        let mut rows = Vec::new();
        for item in survey.items() {
            let (mine, other, before) = (of(values, &item.id), of(&theirs, &item.id), of(&base, &item.id));
            if same(item, &mine, &other) {
                continue;
            }
            let untouched = same(item, &mine, &before);
            rows.push(ConflictRow {
                id: item.id.clone(),
                label: words::label(survey, &item.id),
                mine_words: words::typed(item, &mine),
                theirs_words: words::typed(item, &other),
                take_theirs: untouched,
                both: !untouched && !same(item, &other, &before),
                mine,
                theirs: other.clone(),
            });
            if untouched {
                values.insert(item.id.clone(), other);
            }
        }
        let by = format!("{} {}", newest.author.operator, newest.author.sign_in);
        Self {
            by: by.trim().to_owned(),
            at: words::clock(newest.received_at),
            version: newest.version,
            full: newest.kind == Kind::Full,
            rows,
        }
    }
}

fn same(item: &Item, a: &str, b: &str) -> bool {
    super::item::same_form(item, a) == super::item::same_form(item, b)
}

/// What was chosen in the table, for a form that was sent without a script: a field that was typed into afterwards speaks for itself.
pub fn chosen(fields: &[(String, String)], values: &mut BTreeMap<String, String>) {
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    for (name, pick) in fields {
        let Some(id) = name.strip_prefix("take.") else { continue };
        let (Some(mine), Some(theirs)) = (field(&format!("mine.{id}")), field(&format!("theirs.{id}"))) else { continue };
        let typed = values.get(id).map_or("", String::as_str);
        if typed == mine || typed == theirs {
            values.insert(id.to_owned(), if pick == "theirs" { theirs } else { mine }.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_counts_until_something_else_is_typed() {
        let fields = |pick: &str| {
            [("take.available_beds", pick), ("mine.available_beds", "2"), ("theirs.available_beds", "5")]
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
        };
        for (typed, pick, expected) in [("2", "theirs", "5"), ("2", "mine", "2"), ("5", "mine", "2"), ("3", "theirs", "3")] {
            let mut values = BTreeMap::from([("available_beds".to_owned(), typed.to_owned())]);
            chosen(&fields(pick), &mut values);
            assert_eq!(values["available_beds"], expected, "{typed} {pick}");
        }
    }
}
