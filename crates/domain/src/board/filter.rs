//! What a person asks of the board: the same in an address, on the screen and in an export.

use super::{Column, Row};
use crate::{
    drive::{Drives, Way},
    hospital::EmergencyLevel,
    place::Point,
    survey::Care,
    text,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{cmp::Reverse, collections::BTreeSet};

/// 重症度
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// 重症
    Severe,
    /// 中等症
    Moderate,
    /// 軽症
    Mild,
}

impl Severity {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Severe, Self::Moderate, Self::Mild];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severe => "severe",
            Self::Moderate => "moderate",
            Self::Mild => "mild",
        }
    }

    /// Its available beds.
    pub fn column(self) -> Column {
        match self {
            Self::Severe => Column::AvailableBedsSevere,
            Self::Moderate => Column::AvailableBedsModerate,
            Self::Mild => Column::AvailableBedsMild,
        }
    }
}

/// A device that a patient may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Device {
    /// 人工呼吸器
    Ventilator,
    /// ECMO
    Ecmo,
}

impl Device {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ventilator, Self::Ecmo];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ventilator => "ventilator",
            Self::Ecmo => "ecmo",
        }
    }

    /// How many are usable, and how many in use.
    pub fn columns(self) -> (Column, Column) {
        match self {
            Self::Ventilator => (Column::VentilatorsUsable, Column::VentilatorsInUse),
            Self::Ecmo => (Column::EcmoUsable, Column::EcmoInUse),
        }
    }
}

/// The order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// The newest first: fresh information is rewarded（99さがネット, domain.md §4.2）.
    #[default]
    Fresh,
    /// By reading.
    Kana,
    /// Most available beds first.
    Beds,
    /// By medical area, then reading.
    Area,
    /// The nearest to the place of the filter first; without one, the newest.
    Distance,
}

impl Order {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Fresh, Self::Kana, Self::Beds, Self::Area, Self::Distance];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Kana => "kana",
            Self::Beds => "beds",
            Self::Area => "area",
            Self::Distance => "distance",
        }
    }
}

/// A filter of the board. The empty one shows all rows, the newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Words to find in name, reading and municipality, as typed.
    pub search: String,
    /// 二次医療圏, by code.
    pub area: Option<String>,
    /// 市区町村, by code.
    pub municipality: Option<String>,
    /// 受入可のみ
    pub accepting: bool,
    /// At least one bed at this severity.
    pub severity: Option<Severity>,
    /// ◎ or ○ in each of these.
    pub care: BTreeSet<Column>,
    /// 救急区分: 三次 or 二次.
    pub level: Option<EmergencyLevel>,
    /// More of it usable than in use.
    pub devices: BTreeSet<Device>,
    /// Not older than so many hours.
    pub within_hours: Option<u32>,
    /// From where distances are.
    pub near: Option<Point>,
    /// The order.
    pub order: Order,
}

/// What in an address is not a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} cannot be {value:?}")]
pub struct FilterError {
    /// The parameter.
    pub name: String,
    /// What it was.
    pub value: String,
}

impl Filter {
    /// Reads the parameters of an address: `q area municipality accepting severity care level device within near order`. `care`
    /// and `device` may repeat. Empty
    /// values are no filter; unknown names are left to others.
    pub fn parse<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (name, value) in parameters {
            let wrong = || FilterError { name: name.to_owned(), value: value.chars().take(40).collect() };
            let code = |length: usize| {
                (value.len() == length && value.bytes().all(|b| b.is_ascii_digit())).then(|| value.to_owned()).ok_or_else(wrong)
            };
            match name {
                _ if value.is_empty() => {}
                "q" if value.chars().count() <= 100 => value.clone_into(&mut filter.search),
                "area" => filter.area = Some(code(4)?),
                "municipality" => filter.municipality = Some(code(6)?),
                "accepting" if value == "1" => filter.accepting = true,
                "severity" => filter.severity = Some(Severity::ALL.into_iter().find(|s| s.as_str() == value).ok_or_else(wrong)?),
                "care" => {
                    let care = Column::CARE.into_iter().find(|c| c.as_str() == value || c.as_str().strip_prefix("accept_") == Some(value));
                    filter.care.insert(care.ok_or_else(wrong)?);
                }
                "level" => filter.level = Some(EmergencyLevel::ALL.into_iter().find(|l| l.as_str() == value).ok_or_else(wrong)?),
                "device" => {
                    filter.devices.insert(Device::ALL.into_iter().find(|d| d.as_str() == value).ok_or_else(wrong)?);
                }
                "near" => filter.near = Some(value.parse().map_err(|_| wrong())?),
                "within" => filter.within_hours = Some(value.parse().ok().filter(|h| (1..=8760).contains(h)).ok_or_else(wrong)?),
                "order" => filter.order = Order::ALL.into_iter().find(|o| o.as_str() == value).ok_or_else(wrong)?,
                "q" | "accepting" => return Err(wrong()),
                _ => {}
            }
        }
        Ok(filter)
    }

    /// The parameters that say the same, in a fixed order.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if !self.search.is_empty() {
            out.push(("q", self.search.clone()));
        }
        out.extend(self.area.clone().map(|v| ("area", v)));
        out.extend(self.municipality.clone().map(|v| ("municipality", v)));
        if self.accepting {
            out.push(("accepting", "1".to_owned()));
        }
        out.extend(self.severity.map(|s| ("severity", s.as_str().to_owned())));
        out.extend(self.care.iter().map(|c| ("care", c.as_str().trim_start_matches("accept_").to_owned())));
        out.extend(self.level.map(|l| ("level", l.as_str().to_owned())));
        out.extend(self.devices.iter().map(|d| ("device", d.as_str().to_owned())));
        out.extend(self.within_hours.map(|h| ("within", h.to_string())));
        out.extend(self.near.map(|place| ("near", place.to_string())));
        if self.order != Order::default() {
            out.push(("order", self.order.as_str().to_owned()));
        }
        out
    }

    /// Shows this row?
    pub fn shows(&self, row: &Row, now: DateTime<Utc>) -> bool {
        let card = &row.card;
        self.search.split_whitespace().map(text::fold_search).all(|word| card.search.contains(&word))
            && (self.area.is_none() || self.area == card.area_code)
            && (self.municipality.is_none() || self.municipality == card.municipality_code)
            && (!self.accepting || row.accepts(now))
            && self.severity.is_none_or(|s| row.count(s.column()).is_some_and(|n| n > 0))
            && self.care.iter().all(|c| row.text(*c).and_then(Care::parse).is_some_and(|mark| matches!(mark, Care::Active | Care::Accept)))
            && self.level.is_none_or(|level| row.card.emergency_level == Some(level))
            && self.devices.iter().all(|device| row.has_spare(*device))
            && self.within_hours.is_none_or(|h| row.as_of.is_some_and(|at| now - at <= TimeDelta::hours(i64::from(h))))
    }

    /// Puts rows in order; by distance, the quickest to reach first, where `drives` are those from the place of the filter. Equal ones stand
    /// by reading, so that the order never flickers.
    pub fn sort(&self, rows: &mut [&Row], drives: &Drives) {
        let kana = |row: &&Row| (row.card.kana.clone(), row.card.code.clone());
        match (self.order, self.near) {
            (Order::Distance, Some(near)) => {
                // Where a hospital is may be unknown.
                let rank = |row: &&Row| Way::to(row.card.id, row.card.place(), near, drives).map_or(u64::MAX, Way::rank);
                rows.sort_by_cached_key(|r| (rank(r), kana(r)));
            }
            (Order::Fresh | Order::Distance, _) => rows.sort_by(|a, b| b.as_of.cmp(&a.as_of).then_with(|| kana(a).cmp(&kana(b)))),
            (Order::Kana, _) => rows.sort_by_cached_key(kana),
            (Order::Beds, _) => rows.sort_by_cached_key(|r| (Reverse(r.count(Column::AvailableBeds)), kana(r))),
            (Order::Area, _) => rows.sort_by_cached_key(|r| (r.card.area_code.is_none(), r.card.area_code.clone(), kana(r))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::{now, row, word};
    use super::*;
    use crate::survey::Value;
    use proptest::prelude::*;

    fn filter(query: &[(&str, &str)]) -> Result<Filter, FilterError> {
        Filter::parse(query.iter().copied())
    }

    #[test]
    fn what_shows() {
        let r = row(
            &[
                ("emergency_status", word("normal")),
                ("available_beds", Value::Count(2)),
                ("available_beds_severe", Value::Count(0)),
                ("available_beds_mild", Value::Count(1)),
                ("accept_pediatric", word("active")),
                ("accept_dialysis", word("consult")),
            ],
            90,
        );
        for (query, expected) in [
            (vec![], true),
            (vec![("q", "なぎうら")], true),
            (vec![("q", "ﾅｷﾞｳﾗ 市民")], true),
            (vec![("q", "東京")], false),
            (vec![("area", "9901")], true),
            (vec![("area", "9902")], false),
            (vec![("municipality", "990001")], false),
            (vec![("accepting", "1")], true),
            (vec![("severity", "severe")], false),
            (vec![("severity", "moderate")], false),
            (vec![("severity", "mild")], true),
            (vec![("care", "pediatric")], true),
            (vec![("care", "pediatric"), ("care", "dialysis")], false),
            (vec![("level", "tertiary")], false),
            (vec![("device", "ecmo")], false),
            (vec![("near", "35.6,140.1")], true),
            (vec![("within", "1")], false),
            (vec![("within", "2")], true),
            (vec![("q", ""), ("area", ""), ("unknown", "x")], true),
        ] {
            assert_eq!(filter(&query).unwrap().shows(&r, now()), expected, "{query:?}");
        }
    }

    #[test]
    fn what_is_no_filter() {
        for (name, value) in [
            ("area", "12"),
            ("area", "あああ1"),
            ("severity", "bad"),
            ("care", "x"),
            ("within", "0"),
            ("within", "-1"),
            ("order", "x"),
            ("level", "first"),
            ("device", "fax"),
            ("near", "91,0"),
            ("near", "35.6"),
            ("accepting", "yes"),
        ] {
            assert_eq!(filter(&[(name, value)]).unwrap_err().name, name);
        }
        assert!(filter(&[("q", &"あ".repeat(101))]).is_err());
    }

    proptest! {
        #[test]
        fn an_address_says_the_same_again(q in "[a-zあ-ん]{0,5}", accepting: bool, care in 0usize..6, hours in 1u32..100, order in 0usize..5, lat in -90.0..90.0, lon in -180.0..180.0, device in 0usize..2) {
            let mut f = Filter { search: q, accepting, within_hours: Some(hours), order: Order::ALL[order], ..Filter::default() };
            f.care.insert(Column::CARE[care]);
            f.devices.insert(Device::ALL[device]);
            f.near = Point::new(lat, lon);
            let parameters = f.parameters();
            prop_assert_eq!(Filter::parse(parameters.iter().map(|(n, v)| (*n, v.as_str()))).unwrap(), f);
        }

        #[test]
        fn parsing_never_panics(name in "q|area|municipality|accepting|severity|care|within|level|device|near|order|x", value in ".*") {
            let _ = filter(&[(&name, &value)]);
        }
    }
}
