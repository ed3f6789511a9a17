//! A survey is data: sections, items, types, units, bounds, rules between items, and what of it stands on the board
//! （design.md「Surveys and reports」）. The surveys that ship are JSON files beside this crate; the database holds them by version.

mod definition;
mod flaw;
mod marks;
mod period;
mod rate;
mod rule;
mod typed;
mod who;

pub use definition::{DefinitionError, NAME_MAX, RESERVED};
pub use flaw::{Flaw, Flawed, LABEL_MAX, Place, flaws, good_id};
pub use marks::{Mark, Marks};
pub use period::{Due, MonthDay, Period};
pub use rate::{Rate, permille};
pub use rule::{Broken, Rule, Severity};
pub use typed::{KINDS, TypedHead, TypedItem};
pub use who::Who;

use crate::{board::Column, organisation::OrganisationKind, text};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The five answers to "do you take patients": the same words everywhere. Unknown is not zero, and zero is not stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 通常
    Normal,
    /// 制限
    Limited,
    /// 停止
    Stopped,
    /// 設置なし
    NotAvailable,
    /// 未回答
    NoAnswer,
}

impl Status {
    /// All five, from "can take" to "unknown".
    pub const ALL: [Self; 5] = [Self::Normal, Self::Limited, Self::Stopped, Self::NotAvailable, Self::NoAnswer];

    /// The word in files, the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Limited => "limited",
            Self::Stopped => "stopped",
            Self::NotAvailable => "not_available",
            Self::NoAnswer => "no_answer",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == s)
    }

    /// Takes patients, if with limits.
    pub fn takes(self) -> bool {
        matches!(self, Self::Normal | Self::Limited)
    }
}

/// The four marks of special care（◎○△×, 99さがネット's words, domain.md §4.2）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    /// ◎ 積極受入
    Active,
    /// ○ 受入可
    Accept,
    /// △ 要相談
    Consult,
    /// × 不可
    Refuse,
}

impl Care {
    /// All four, from ◎ to ×.
    pub const ALL: [Self; 4] = [Self::Active, Self::Accept, Self::Consult, Self::Refuse];

    /// The word in files, the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Accept => "accept",
            Self::Consult => "consult",
            Self::Refuse => "refuse",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|care| care.as_str() == s)
    }
}

/// An answer. That there is none（未回答）is the absence of a value, never a zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A count, in the item's unit.
    Count(u32),
    /// A word of a choice, or text.
    Word(String),
}

// By hand: an untagged one is derived by trying, and a wrong try costs an error text. Records are read with every report.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Value;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a count or a word")
            }
            fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Value, E> {
                u32::try_from(n).map(Value::Count).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Value, E> {
                Ok(Value::Word(word.to_owned()))
            }
            fn visit_string<E: serde::de::Error>(self, word: String) -> Result<Value, E> {
                Ok(Value::Word(word))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Value {
    /// The count, if it is one.
    pub fn count(&self) -> Option<u32> {
        match self {
            Self::Count(n) => Some(*n),
            Self::Word(_) => None,
        }
    }

    /// The word, if it is one.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Count(_) => None,
            Self::Word(w) => Some(w),
        }
    }
}

/// Answers by item. In a full report an item that is absent is 未回答; in a quick one it is untouched, and `None` says 未回答.
pub type Answers = BTreeMap<String, Option<Value>>;

/// One of the words of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The word in files and the API.
    pub id: String,
    /// On the screen.
    pub label: String,
}

/// The type of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ItemKind {
    /// 受入状況: one of [`Status`], 未回答 being the absence.
    Status {
        /// Can the hospital be without this service（設置なし）?
        not_available: bool,
    },
    /// A whole number, `min` to `max`.
    Count {
        /// 床, 人, 台 …
        unit: String,
        /// The smallest that is taken.
        #[serde(default, skip_serializing_if = "is_zero")]
        min: u32,
        /// The largest that is taken.
        max: u32,
    },
    /// One of some words.
    Choice {
        /// The words.
        options: Vec<Choice>,
    },
    /// 特別対応: one of [`Care`].
    Care {},
    /// Free text. Checked for patients' names and numbers.
    Text {
        /// Characters.
        max: usize,
    },
    /// A telephone number.
    Phone {},
    /// A day, kept as 2026-04-10.
    Date {
        /// The first that is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<NaiveDate>,
        /// The last that is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<NaiveDate>,
    },
    /// A time of day, kept as 09:05.
    Time {
        /// The first that is taken.
        #[serde(default, with = "clock", skip_serializing_if = "Option::is_none")]
        min: Option<NaiveTime>,
        /// The last that is taken.
        #[serde(default, with = "clock", skip_serializing_if = "Option::is_none")]
        max: Option<NaiveTime>,
    },
    /// はい or いいえ, kept as `yes` or `no`.
    YesNo {},
}

impl ItemKind {
    /// The first and the last date or time that is taken, as they are kept. Of other kinds neither.
    pub fn bounds(&self) -> (Option<String>, Option<String>) {
        let day = |day: &Option<NaiveDate>| day.map(|day| day.to_string());
        let time = |time: &Option<NaiveTime>| time.map(text::clock);
        match self {
            Self::Date { min, max } => (day(min), day(max)),
            Self::Time { min, max } => (time(min), time(max)),
            _ => (None, None),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A time in a definition: 09:05.
mod clock {
    use super::{Deserialize, NaiveTime, text};
    use serde::{Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(time: &Option<NaiveTime>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.serialize_str(&text::clock(*time)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveTime>, D::Error> {
        let Some(word) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        text::parse_clock(&word).map(Some).ok_or_else(|| D::Error::custom(format!("{word} is no time of day")))
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its name, the same from the screen to the column.
    pub id: String,
    /// On the screen.
    pub label: String,
    /// Its type.
    #[serde(flatten)]
    pub kind: ItemKind,
    /// 「うち…」: stands under the item before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// Must be answered in a full report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// One sentence of help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The day of the year of which it speaks, where that is not the period's first day（基準日）.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<MonthDay>,
    /// The column of the board that it fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// Kinds of organisation that do not see it on the board. Empty: all of the prefecture see it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden_from: BTreeSet<OrganisationKind>,
}

/// Some items under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its name in code.
    pub id: String,
    /// The sheet it stands on, for surveys that have several; sections of one sheet follow each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// On the screen.
    pub title: String,
    /// A line beside the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Seldom changes: folded away on the screen until it is opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub folded: bool,
    /// One press says 「該当なし」 for all of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_skip: bool,
    /// The questions.
    pub items: Vec<Item>,
}

/// Before a section's id: the answer that says 「該当なし」 for all of it. No item is called so, since an id has no colon.
const SKIP: &str = "skip:";
/// The word of such an answer.
pub const SKIPPED: &str = "yes";

impl Section {
    /// The id of the answer that says 「該当なし」 for all of this section.
    pub fn skip_id(&self) -> String {
        format!("{SKIP}{}", self.id)
    }

    /// Do these answers say so?
    pub fn is_skipped(&self, answers: &Answers) -> bool {
        self.may_skip && answers.get(&self.skip_id()).is_some_and(|a| a.as_ref().and_then(Value::word) == Some(SKIPPED))
    }
}

/// How often a survey is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// 日次
    Daily,
    /// 週次: Monday to Sunday.
    Weekly,
    /// 月次
    Monthly,
    /// 年次
    Yearly,
    /// 随時
    AsNeeded,
}

/// A survey, in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Its name in code.
    pub code: String,
    /// Its version, from 1.
    pub version: u32,
    /// From when this version is answered.
    pub valid_from: NaiveDate,
    /// On the screen.
    pub title: String,
    /// How often.
    pub cadence: Cadence,
    /// Of a yearly one: on which day its year begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_from: Option<MonthDay>,
    /// When it is due; a daily one follows its prefecture's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Who must answer.
    #[serde(default, skip_serializing_if = "Who::is_every_hospital")]
    pub who: Who,
    /// The questions.
    pub sections: Vec<Section>,
    /// The rules between them.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The rates that are shown of its counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Rate>,
}

/// The name of the survey that hospitals answer on the screen.
pub const DAILY: &str = "daily";
/// The name of the survey whose published answers are imported（全国医療機関の医療提供体制の状況）.
pub const GMIS_DAILY: &str = "gmis_daily";

impl Survey {
    /// Every question, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|s| &s.items)
    }

    /// The question of this name.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items().find(|i| i.id == id)
    }

    /// The section that an answer of this id marks as 「該当なし」; see [`Section::skip_id`].
    pub fn skips(&self, id: &str) -> Option<&Section> {
        let section = id.strip_prefix(SKIP)?;
        self.sections.iter().find(|s| s.may_skip && s.id == section)
    }
}

/// The definitions that ship, as JSON.
pub const SHIPPED: [&str; 5] = [
    include_str!("../surveys/daily-1.json"),
    include_str!("../surveys/gmis_daily-1.json"),
    include_str!("../surveys/gmis_daily-2.json"),
    include_str!("../surveys/ppe_weekly-1.json"),
    include_str!("../surveys/agreement_yearly-1.json"),
];

/// All surveys in all versions.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    surveys: BTreeMap<String, BTreeMap<u32, Survey>>,
}

impl Catalogue {
    /// From definitions that were read.
    pub fn new(surveys: impl IntoIterator<Item = Survey>) -> Self {
        let mut catalogue = Self::default();
        for s in surveys {
            catalogue.surveys.entry(s.code.clone()).or_default().insert(s.version, s);
        }
        catalogue
    }

    /// Those that ship.
    pub fn shipped() -> Self {
        static READ: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::new(SHIPPED.iter().map(|json| Survey::from_json(json).expect("the shipped surveys are tested"))));
        READ.clone()
    }

    /// One version.
    pub fn version(&self, code: &str, version: u32) -> Option<&Survey> {
        self.surveys.get(code)?.get(&version)
    }

    /// The version that is answered on a day; before the first one, the first.
    pub fn on(&self, code: &str, day: NaiveDate) -> Option<&Survey> {
        let versions = self.surveys.get(code)?;
        versions.values().filter(|s| s.valid_from <= day).max_by_key(|s| s.valid_from).or_else(|| versions.values().next())
    }

    /// The newest version of each survey, by code.
    pub fn newest(&self) -> impl Iterator<Item = &Survey> {
        self.surveys.values().filter_map(|versions| versions.values().next_back())
    }

    /// The versions of a survey, the oldest first.
    pub fn versions(&self, code: &str) -> impl Iterator<Item = &Survey> {
        self.surveys.get(code).into_iter().flat_map(BTreeMap::values)
    }

    /// Every version of every survey.
    pub fn all(&self) -> impl Iterator<Item = &Survey> {
        self.surveys.values().flat_map(BTreeMap::values)
    }

    /// The item of any version of the survey that has this name. Versions agree on the column of an item.
    pub fn item(&self, code: &str, id: &str) -> Option<&Item> {
        self.surveys.get(code)?.values().rev().find_map(|s| s.item(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_surveys_read_and_agree_on_columns() {
        let all: Vec<Survey> = SHIPPED.iter().map(|json| Survey::from_json(json).unwrap()).collect();
        for a in &all {
            for b in all.iter().filter(|b| b.code == a.code) {
                for item in a.items() {
                    if let Some(other) = b.item(&item.id) {
                        assert_eq!(item.column, other.column, "{} in {} {} and {}", item.id, a.code, a.version, b.version);
                    }
                }
            }
        }
    }

    #[test]
    fn the_daily_survey_asks_what_the_field_asks() {
        // domain.md §1.2, and the list of the first issue.
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        for id in
            "outpatient_status inpatient_status emergency_status surgery_status dialysis_status chemotherapy_status physician_staffing \
                   nurse_staffing other_staffing secured_beds secured_beds_severe ready_beds ready_beds_severe suspended_beds \
                   inpatients_total inpatients_in_secured inpatients_severe inpatients_moderate2 inpatients_moderate1 inpatients_mild \
                   inpatients_icu inpatients_ventilator inpatients_ecmo new_admissions available_beds available_beds_severe \
                   available_beds_moderate available_beds_mild accept_pediatric accept_perinatal accept_dialysis accept_psychiatric \
                   accept_dementia accept_nursing_care ventilators_owned ventilators_usable ventilators_in_use ecmo_owned ecmo_usable \
                   ecmo_in_use board_comment contact_day contact_night"
                .split_whitespace()
        {
            assert!(daily.item(id).is_some(), "{id}");
        }
    }

    #[test]
    fn the_version_of_a_day() {
        let catalogue = Catalogue::shipped();
        for (day, version) in [("2020-05-14", 1), ("2021-03-31", 1), ("2021-04-01", 2), ("2021-04-05", 2)] {
            assert_eq!(catalogue.on(GMIS_DAILY, day.parse().unwrap()).unwrap().version, version, "{day}");
        }
    }

    #[test]
    fn a_broken_definition_says_why() {
        let json = |items: &str, rules: &str| {
            format!(
                r#"{{"code":"x","version":1,"valid_from":"2026-01-01","title":"x","cadence":"daily","sections":[{{"id":"a","title":"a","items":[{items}]}}],"rules":[{rules}]}}"#
            )
        };
        let item = r#"{"id":"beds","label":"床","type":"count","unit":"床","max":9}"#;
        assert!(Survey::from_json(&json(item, "")).is_ok());
        for (items, rules, word) in [
            (format!("{item},{item}"), "", "twice"),
            (item.to_owned(), r#"{"id":"r","severity":"hard","sum":["beds"],"at_most":{"item":"nothing"},"message":"m"}"#, "nothing"),
            (r#"{"id":"beds","label":"床","type":"colour"}"#.to_owned(), "", "colour"),
        ] {
            let error = Survey::from_json(&json(&items, rules)).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
