//! What is asked for: a day, and which of its hospitals.

use super::chart::Unit;
use crate::view::path;
use akidoko_domain::{
    due::DayState,
    hospital::EmergencyLevel,
    id::PrefCode,
    survey::{DAILY, GMIS_DAILY},
};
use akidoko_service::completeness::HospitalDay;
use chrono::NaiveDate;
use std::fmt::Write as _;

/// The parameters of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletenessFilter {
    /// The ministry's choice.
    pub prefecture: Option<PrefCode>,
    /// Another day than today.
    pub date: Option<NaiveDate>,
    /// A state by its name, `all`, or nothing: those that owe a report.
    pub state: String,
    /// 医療圏
    pub area: String,
    /// `tertiary`, `secondary`, `none`.
    pub kind: String,
    /// Days or weeks in the chart.
    pub unit: Unit,
    /// The published survey instead of the daily one.
    pub published: bool,
}

/// The states by which can be filtered, in order; what comes first is shown where nothing is asked for.
pub(super) const STATES: [(&str, &str); 8] = [
    ("", "まだの病院"),
    ("missing", "未報告"),
    ("not_yet", "まだ（締切前）"),
    ("late", "遅延"),
    ("corrected", "訂正あり"),
    ("reported", "報告済"),
    ("exempt", "免除"),
    ("all", "すべて"),
];

impl CompletenessFilter {
    /// Reads it; what is not understood is not asked for.
    pub fn parse<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in parameters {
            match name {
                "date" => filter.date = value.parse().ok(),
                "state" if STATES.iter().any(|(s, _)| *s == value) => value.clone_into(&mut filter.state),
                "area" => value.clone_into(&mut filter.area),
                "kind" if ["tertiary", "secondary", "none"].contains(&value) => value.clone_into(&mut filter.kind),
                "unit" if value == "week" => filter.unit = Unit::Week,
                "survey" => filter.published = value == GMIS_DAILY,
                "prefecture" => filter.prefecture = value.parse().ok(),
                _ => {}
            }
        }
        filter
    }

    /// The survey that is asked about.
    pub fn survey(&self) -> &'static str {
        if self.published { GMIS_DAILY } else { DAILY }
    }

    /// Of an area or a kind only.
    pub fn narrows(&self) -> bool {
        !self.area.is_empty() || !self.kind.is_empty()
    }

    /// Is it of the area and kind?
    pub fn is_of(&self, h: &HospitalDay) -> bool {
        let card = &h.row.card;
        let kind = card.emergency_level.map_or("none", EmergencyLevel::as_str);
        (self.area.is_empty() || card.area_code.as_deref() == Some(&self.area)) && (self.kind.is_empty() || self.kind == kind)
    }

    /// Is it in the state that is asked for?
    pub fn has(state: &str, is: DayState) -> bool {
        match state {
            "" => is.is_open(),
            "all" => true,
            one => is.as_str() == one,
        }
    }

    /// The address with other parameters in their place.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        other.href()
    }

    /// Its address.
    pub fn href(&self) -> String {
        let mut href = path::COMPLETENESS.to_owned();
        for (name, value) in self.fields() {
            let mark = if href.contains('?') { '&' } else { '?' };
            // Writing to a String cannot fail.
            let _ = write!(href, "{mark}{name}={}", path::encode(&value));
        }
        href
    }

    /// Its parameters.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        [
            ("prefecture", self.prefecture.map(|p| p.to_string()).unwrap_or_default()),
            ("date", self.date.map(|d| d.to_string()).unwrap_or_default()),
            ("state", self.state.clone()),
            ("area", self.area.clone()),
            ("kind", self.kind.clone()),
            ("unit", if self.unit == Unit::Week { "week" } else { "" }.to_owned()),
            ("survey", if self.published { GMIS_DAILY } else { "" }.to_owned()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}
