//! The demo: two invented prefectures, about sixty hospitals each, six weeks of their reports, and hospitals that keep reporting
//! while one watches.
//!
//! Everything here is invention, names included; codes, telephone numbers and positions are such that none can be taken for a real
//! one. All of it follows from a seed and from the moment that is passed in: no clock, no database. Every report passes
//! [`akidoko_domain::report::check`], its soft findings confirmed.

mod aomine;
mod asagi;
mod figures;
mod history;
mod organisation;
mod picture;
mod place;
mod random;
mod record;
mod schedule;
mod simulate;

pub use history::history;
pub use organisation::ministry;
pub use picture::{phases, threshold};
pub use place::prefectures;
pub use random::Random;
pub use simulate::next;

use akidoko_domain::{
    hospital::{Attributes, EmergencyLevel},
    id::PrefCode,
    organisation::OrganisationKind,
    report::{Behalf, BehalfWhy, Channel, Kind, Submission},
    survey::{Answers, Care, Severity, Survey},
};
use chrono::{DateTime, NaiveDate, Utc};

/// An invented prefecture with everything in it.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoPrefecture {
    /// A code that JIS X 0401 gives to no prefecture.
    pub code: PrefCode,
    /// Its name.
    pub name: &'static str,
    /// Its reading, in hiragana.
    pub kana: &'static str,
    /// 二次医療圏
    pub areas: Vec<DemoArea>,
    /// 市町村
    pub municipalities: Vec<DemoMunicipality>,
    /// 医療機関. Reports name a hospital by its place in this list.
    pub hospitals: Vec<DemoHospital>,
    /// The organisations that sign in, one of each kind; the ministry's is [`ministry`].
    pub organisations: Vec<DemoOrganisation>,
}

/// An invented medical area（二次医療圏）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoArea {
    /// Four digits, the first two those of the prefecture.
    pub code: String,
    /// Its name, without 医療圏.
    pub name: &'static str,
}

/// An invented municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoMunicipality {
    /// Six digits with check digit, as 全国地方公共団体コード.
    pub code: String,
    /// Its name.
    pub name: &'static str,
    /// Its reading, in hiragana.
    pub kana: &'static str,
    /// The code of its medical area.
    pub area: String,
}

/// An invented organisation with one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOrganisation {
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its name; a hospital's is that of the hospital.
    pub name: String,
    /// The operator's name: a role, never a person.
    pub operator: &'static str,
    /// The hospitals it stands for, by their place in [`DemoPrefecture::hospitals`]: itself for a hospital, its members for an association.
    pub hospitals: Vec<usize>,
}

/// An invented hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoHospital {
    /// Its name.
    pub name: &'static str,
    /// Its reading, in katakana.
    pub kana: &'static str,
    /// Its place in [`DemoPrefecture::municipalities`].
    pub municipality: usize,
    /// 所在地
    pub address: String,
    /// Degrees north, on open sea.
    pub latitude: f64,
    /// Degrees east, on open sea.
    pub longitude: f64,
    /// The switchboard; no exchange has such a number.
    pub phone: String,
    /// The line for the night, where there is one.
    pub night_phone: Option<String>,
    /// 三次・二次
    pub emergency_level: Option<EmergencyLevel>,
    /// 合計病床数, 床
    pub beds_total: u32,
    /// By its beds.
    pub size: SizeClass,
    /// What it is.
    pub character: Character,
    /// How it reports.
    pub habit: Habit,
    /// Which services it has.
    pub services: Services,
    /// 確保病床数, 床
    pub secured_beds: u32,
    /// うち重症者用, 床
    pub secured_beds_severe: u32,
    /// 人工呼吸器の保有, 台
    pub ventilators: u32,
    /// ECMOの保有, 台
    pub ecmo: u32,
    /// 特別対応, in the order of the board; `None` is never answered.
    pub care: [Option<Care>; 6],
    /// What always stands in its 連絡事項.
    pub standing_comment: Option<&'static str>,
    /// What it writes in its 連絡事項 at times.
    pub comments: &'static [&'static str],
    /// How it counts its available beds by severity.
    pub severity_counting: SeverityCounting,
}

/// By 合計病床数.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeClass {
    /// Below 100 beds.
    Small,
    /// 100 to 299 beds.
    Medium,
    /// 300 beds and more.
    Large,
}

/// What a hospital is; its figures, services and comments follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Character {
    /// 基幹病院・救命救急センター
    Core,
    /// 総合病院
    General,
    /// 地域の病院
    Community,
    /// 小児
    Children,
    /// 循環器
    Heart,
    /// 整形外科・脳神経外科
    Orthopaedic,
    /// 産婦人科
    Maternity,
    /// 精神科
    Psychiatric,
    /// 回復期リハビリテーション
    Rehabilitation,
    /// 療養
    LongTerm,
    /// 透析
    Dialysis,
}

/// How a hospital reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// In the morning, and again whenever its beds change.
    Lively,
    /// In the morning, at times once more.
    Steady,
    /// Often after the due time, at times the day after.
    Tardy,
    /// By telephone or FAX: the prefecture enters it（代行）.
    Proxy,
    /// It reported, but not for about so many hours.
    Silent {
        /// Since its last report.
        hours: u32,
    },
    /// Never yet.
    Never,
}

/// Which services a hospital has; what it has not is 設置なし.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four answers that do not depend on each other")]
pub struct Services {
    /// 救急
    pub emergency: bool,
    /// 手術
    pub surgery: bool,
    /// 透析
    pub dialysis: bool,
    /// 化学療法
    pub chemotherapy: bool,
}

/// How available beds are told by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeverityCounting {
    /// Each bed once.
    Once,
    /// A bed that can serve several severities in each of them: a soft finding, confirmed.
    Overlapping,
    /// Only the whole: the parts are 未回答.
    WholeOnly,
}

/// A report of a hospital of the demo.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoReport {
    /// Its place in [`DemoPrefecture::hospitals`].
    pub hospital: usize,
    /// For which day.
    pub report_date: NaiveDate,
    /// When it is received.
    pub received_at: DateTime<Utc>,
    /// Full or quick.
    pub kind: Kind,
    /// What is answered to the daily survey.
    pub answers: Answers,
    /// Why it is corrected.
    pub reason: Option<String>,
    /// 代行
    pub on_behalf: bool,
    /// Who enters it: the hospital, or on its behalf the prefecture or an association.
    pub organisation: OrganisationKind,
    /// The operator's name: a role, never a person.
    pub operator: &'static str,
}

impl DemoPrefecture {
    /// What a register would state of a hospital; `None` where there is no such place in the list.
    pub fn attributes(&self, hospital: usize) -> Option<Attributes> {
        let h = self.hospitals.get(hospital)?;
        let municipality = self.municipalities.get(h.municipality)?;
        Some(Attributes {
            name: Some(h.name.to_owned()),
            name_kana: Some(h.kana.to_owned()),
            municipality_code: Some(municipality.code.clone()),
            municipality_name: Some(municipality.name.to_owned()),
            address: Some(h.address.clone()),
            phone: Some(h.phone.clone()),
            latitude: Some(h.latitude),
            longitude: Some(h.longitude),
            beds_total: Some(h.beds_total),
            emergency_level: h.emergency_level,
            ..Attributes::default()
        })
    }

    /// The organisation of this kind that signs in.
    pub fn organisation(&self, kind: OrganisationKind) -> Option<&DemoOrganisation> {
        self.organisations.iter().find(|o| o.kind == kind)
    }

    /// True for the hospital that a visitor can sign in as: nobody else changes what it said.
    pub fn is_visitors(&self, hospital: usize) -> bool {
        self.organisation(OrganisationKind::Hospital).is_some_and(|o| o.hospitals.contains(&hospital))
    }
}

impl DemoReport {
    /// Why it is entered for the hospital: in the demo it is always heard on the telephone.
    pub fn behalf(&self) -> Option<Behalf> {
        self.on_behalf.then_some(Behalf { why: BehalfWhy::Phone, words: None })
    }

    /// The report as it would be sent. Every soft rule of the survey is confirmed, as its author would have confirmed it.
    pub fn submission(&self, survey: &Survey) -> Submission {
        Submission {
            report_date: self.report_date,
            kind: self.kind,
            answers: self.answers.clone(),
            unreadable: Vec::new(),
            confirmed: survey.rules.iter().filter(|r| r.severity == Severity::Soft).map(|r| r.id.clone()).collect(),
            reason: self.reason.clone(),
            expected_version: None,
            channel: Channel::Screen,
            on_behalf: self.on_behalf,
            typed_at: None,
            behalf: self.behalf(),
            source: None,
            as_of: None,
        }
    }
}
