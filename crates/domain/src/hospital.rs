//! A hospital（医療機関）: its codes, and what registers say of it over time.

use crate::id::PrefCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeSystem {
    /// 医療情報ネット's id, 5 to 13 characters, nearly always digits; not permanent.
    Mednet,
    /// The G-MIS id, 8 or 10 digits.
    Gmis,
    /// 医療機関コード, 10 digits（domain.md §3.5）.
    Institution,
    /// Our own register: what an operator of the machine wrote.
    Own,
}

impl CodeSystem {
    /// The name in files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mednet => "mednet",
            Self::Gmis => "gmis",
            Self::Institution => "institution",
            Self::Own => "own",
        }
    }
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CodeSystem {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Mednet, Self::Gmis, Self::Institution, Self::Own].into_iter().find(|c| c.as_str() == s).ok_or(())
    }
}

/// What a register says of a hospital on a day. `None` is "not stated": it is never zero and never wipes what another register states.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// 正式名称
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// フリガナ
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_kana: Option<String>,
    /// 略称
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// 全国地方公共団体コード, six digits with check digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality_code: Option<String>,
    /// 市区町村名, as the register writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality_name: Option<String>,
    /// `nnn-nnnn`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// 所在地
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// 電話番号, digits only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Degrees, WGS84.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees, WGS84.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// ホームページ
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// 医療機関コード as the register writes it, even where it is not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution_code: Option<String>,
    /// 一般病床
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_general: Option<u32>,
    /// 療養病床
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_recuperation: Option<u32>,
    /// 精神病床
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_psychiatric: Option<u32>,
    /// 結核病床
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_tuberculosis: Option<u32>,
    /// 感染症病床
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_infectious: Option<u32>,
    /// 合計病床数, as published: the parts need not add up to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds_total: Option<u32>,
    /// 三次・二次救急
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_level: Option<EmergencyLevel>,
}

/// 救急医療の区分
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyLevel {
    /// 三次
    Tertiary,
    /// 二次
    Secondary,
}

impl EmergencyLevel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tertiary, Self::Secondary];

    /// The word in addresses and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tertiary => "tertiary",
            Self::Secondary => "secondary",
        }
    }
}

/// One statement of one register: from this day on it said this.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The register.
    pub system: CodeSystem,
    /// The day of the register.
    pub valid_from: NaiveDate,
    /// What it said.
    pub attributes: Attributes,
}

macro_rules! overlay {
    ($into:ident, $from:ident, $($field:ident),+ $(,)?) => { $( if $from.$field.is_some() { $into.$field.clone_from(&$from.$field); } )+ };
}

impl Attributes {
    /// The newest statement wins, field by field; what it does not state stays. The order given does not matter.
    pub fn merge<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Self {
        let mut ordered: Vec<&Statement> = statements.into_iter().collect();
        ordered.sort_by_key(|s| (s.valid_from, s.system));
        let mut merged = Self::default();
        for s in ordered {
            let from = &s.attributes;
            overlay!(
                merged,
                from,
                name,
                name_kana,
                short_name,
                municipality_code,
                municipality_name,
                postal_code,
                address,
                phone,
                latitude,
                longitude,
                url,
                institution_code,
                beds_general,
                beds_recuperation,
                beds_psychiatric,
                beds_tuberculosis,
                beds_infectious,
                beds_total,
                emergency_level,
            );
        }
        merged
    }
}

/// One row of a register of hospitals, read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// The code that the register gives.
    pub code: String,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// What the row states.
    pub attributes: Attributes,
}

/// Two registers speak of the same hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The line of the file, from 1.
    pub line: u64,
    /// 医療情報ネット's id.
    pub mednet: String,
    /// The G-MIS id.
    pub gmis: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_statement_wins_and_blank_never_wipes() {
        let statement = |day: &str, name: Option<&str>, beds: Option<u32>| Statement {
            system: CodeSystem::Gmis,
            valid_from: day.parse().unwrap(),
            attributes: Attributes { name: name.map(str::to_owned), beds_total: beds, ..Attributes::default() },
        };
        let newer = statement("2021-04-05", Some("新"), None);
        let older = statement("2020-05-14", Some("旧"), Some(0));
        let merged = Attributes::merge([&newer, &older]);
        assert_eq!(merged.name.as_deref(), Some("新"));
        assert_eq!(merged.beds_total, Some(0), "0 beds stays 0 beds");
        assert_eq!(merged, Attributes::merge([&older, &newer]));
    }
}
