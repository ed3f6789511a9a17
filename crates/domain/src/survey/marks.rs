//! What a prefecture wants of a survey's optional items: some it requires, some it hides（domain.md §1.4: items that are not needed vary by
//! prefecture, yet stood on everybody's screen）.

use super::Survey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a prefecture marks an item as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// 必須: a full report must answer it.
    Required,
    /// 表示しない: not on the screen.
    Hidden,
}

impl Mark {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Required, Self::Hidden];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Hidden => "hidden",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.as_str() == s)
    }
}

/// A prefecture's marks of one survey, by item. What the survey itself requires cannot be marked, and a mark on it does nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(pub BTreeMap<String, Mark>);

impl Marks {
    fn of(&self, mark: Mark) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, m)| **m == mark).map(|(id, _)| id.as_str())
    }

    /// The survey as this prefecture demands it: what it requires is required, on every road. Nothing is taken away, so that a file or a
    /// program that still names a hidden item is understood.
    pub fn demanded(&self, survey: &Survey) -> Survey {
        let required: BTreeSet<&str> = self.of(Mark::Required).collect();
        let mut survey = survey.clone();
        for item in survey.sections.iter_mut().flat_map(|s| &mut s.items) {
            item.required = item.required || required.contains(item.id.as_str());
        }
        survey
    }

    /// The same as it stands on the screen: without what the prefecture hides, and without sections that are empty for it.
    pub fn shown(&self, survey: &Survey) -> Survey {
        let hidden: BTreeSet<&str> = self.of(Mark::Hidden).collect();
        let mut survey = self.demanded(survey);
        // A report would be refused at a field that is not there.
        let bound = survey.bound_by_rules();
        for section in &mut survey.sections {
            section.items.retain(|item| item.required || bound.contains(&item.id) || !hidden.contains(item.id.as_str()));
        }
        survey.sections.retain(|section| !section.items.is_empty());
        survey
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    #[test]
    fn marks_of_a_prefecture() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let mark = |id: &str, mark| (id.to_owned(), mark);
        let marks = Marks(BTreeMap::from([
            mark("available_beds", Mark::Required),
            mark("surgery_status", Mark::Hidden),
            mark("dialysis_status", Mark::Hidden),
            mark("chemotherapy_status", Mark::Hidden),
            // The survey itself requires it: it stays.
            mark("emergency_status", Mark::Hidden),
            mark("of_another_version", Mark::Hidden),
        ]));
        let demanded = marks.demanded(daily);
        assert!(demanded.item("available_beds").unwrap().required && demanded.item("surgery_status").is_some());
        let shown = marks.shown(daily);
        assert!(shown.item("available_beds").unwrap().required && shown.item("surgery_status").is_none());
        assert!(shown.item("emergency_status").is_some());
        assert!(!shown.sections.iter().any(|s| s.id == "services"), "nothing is left of it");
        assert_eq!(Marks::default().shown(daily), *daily);
    }

    #[test]
    fn what_a_hard_rule_needs_cannot_be_hidden() {
        let catalogue = Catalogue::shipped();
        let goods = catalogue.version("ppe_weekly", 1).unwrap();
        let hide = |id: &str| (id.to_owned(), Mark::Hidden);
        let marks = Marks(BTreeMap::from([hide("surgical_mask_requested"), hide("surgical_mask_weekly_use")]));
        let shown = marks.shown(goods);
        assert!(shown.item("surgical_mask_requested").is_some(), "an urgent request is refused without a number");
        assert_eq!(shown.item("surgical_mask_weekly_use").is_some(), goods.bound_by_rules().contains("surgical_mask_weekly_use"));
        assert!(goods.bound_by_rules().iter().all(|id| goods.item(id).is_some()));
    }
}
