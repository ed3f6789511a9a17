//! The Japanese words of the screen: enum → words. The domain never speaks to people; templates hold the sentences of one screen, and
//! what several screens say stands here, once.

mod age;
pub mod announcement;
mod answer;
pub mod application;
pub mod behalf;
pub mod completeness;
mod correction;
pub mod definition;
mod finding;
pub mod office;
mod problem;
pub mod report_file;
pub mod road;
pub mod survey;
mod when;

pub use age::{Age, age, bars};
pub use answer::{care_label, care_mark, change, status_icon, status_label, typed, value, yes_no_label};
pub use behalf::{mark, proxy, source};
pub use correction::{correction_state, road, window_over, with_unit};
pub use finding::{Line, asked_beside, beside_confirmed, finding, label, problem, refusal};
pub use problem::{problem_detail, problem_title};
pub use when::{clock, date, day, moment, short_day, weekday};

use akidoko_domain::{
    board::{Band, Column, Device, Filter, Order, Severity},
    drive::Way,
    hospital::EmergencyLevel,
    organisation::OrganisationKind,
    place::drive_minutes,
    report::{Channel, Kind},
};
use std::collections::BTreeMap;

/// 消防本部, 医療機関 …
pub fn organisation_kind(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Hospital => "医療機関",
        OrganisationKind::FireHeadquarters => "消防本部",
        OrganisationKind::PrefectureHealth => "都道府県 衛生主管部局",
        OrganisationKind::PrefectureFire => "都道府県 消防防災主管部局",
        OrganisationKind::HealthCity => "保健所設置市・特別区",
        OrganisationKind::HealthCentre => "保健所",
        OrganisationKind::Association => "とりまとめ団体",
        OrganisationKind::Ministry => "厚生労働省",
    }
}

/// By which road a version came.
pub fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Screen => "画面",
        Channel::File => "ファイル",
        Channel::Api => "API",
    }
}

/// A whole report, or some items of it.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Full => "日次報告",
        Kind::Quick => "一部の更新",
    }
}

/// 三次 or 二次.
pub fn emergency_level(level: EmergencyLevel) -> &'static str {
    match level {
        EmergencyLevel::Tertiary => "三次",
        EmergencyLevel::Secondary => "二次",
    }
}

/// The heading of a group of rows.
pub fn band(band: Band) -> &'static str {
    match band {
        Band::Hour => "1時間以内",
        Band::Today => "今日",
        Band::Day => "24時間以内",
        Band::OverDay => "24時間超",
        Band::OverTwoDays => "48時間超",
        Band::Never => "未報告",
    }
}

/// What to know of a group of rows, beside its heading.
pub fn band_note(band: Band) -> &'static str {
    match band {
        Band::Hour | Band::Today => "",
        Band::Day => "前日の報告",
        Band::OverDay => "灰色：電話で確かめてください",
        Band::OverTwoDays => "受入可には数えません",
        Band::Never => "まだ報告がありません",
    }
}

/// The word of a band in the page, for the script that moves its heading.
pub fn band_name(band: Band) -> &'static str {
    match band {
        Band::Hour => "hour",
        Band::Today => "today",
        Band::Day => "day",
        Band::OverDay => "over-day",
        Band::OverTwoDays => "over-two-days",
        Band::Never => "never",
    }
}

/// The order of rows.
pub fn order(order: Order) -> &'static str {
    match order {
        Order::Fresh => "新しい順",
        Order::Kana => "よみの順",
        Order::Beds => "空床の多い順",
        Order::Area => "医療圏の順",
        Order::Distance => "近い順",
    }
}

/// 重症, 中等症, 軽症.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Severe => "重症",
        Severity::Moderate => "中等症",
        Severity::Mild => "軽症",
    }
}

/// A column of the board, as its heading and as the line of the hospital's page.
pub fn column(column: Column) -> &'static str {
    match column {
        Column::EmergencyStatus => "救急",
        Column::InpatientStatus => "入院",
        Column::OutpatientStatus => "外来",
        Column::OutpatientWeekendStatus => "外来（土日）",
        Column::SurgeryStatus => "手術",
        Column::DialysisStatus | Column::AcceptDialysis => "透析",
        Column::ChemotherapyStatus => "化学療法",
        Column::AvailableBeds => "受入可能病床数（空床） 計",
        Column::AvailableBedsSevere => "空床 うち重症",
        Column::AvailableBedsModerate => "空床 うち中等症",
        Column::AvailableBedsMild => "空床 うち軽症",
        Column::SecuredBeds => "確保病床数",
        Column::SecuredBedsSevere => "確保病床数 うち重症者用",
        Column::ReadyBeds => "即応病床数",
        Column::ReadyBedsSevere => "即応病床数 うち重症者用",
        Column::SuspendedBeds => "休止病床数",
        Column::InpatientsTotal => "入院患者数",
        Column::InpatientsInSecured => "うち確保病床に入院",
        Column::InpatientsSevere => "うち重症",
        Column::InpatientsIcu => "うちICU入院中",
        Column::InpatientsVentilator => "うち人工呼吸器管理中",
        Column::InpatientsEcmo => "うちECMO管理中",
        Column::AcceptPediatric => "小児",
        Column::AcceptPerinatal => "妊産婦",
        Column::AcceptPsychiatric => "精神",
        Column::AcceptDementia => "認知症",
        Column::AcceptNursingCare => "要介護",
        Column::VentilatorsUsable => "人工呼吸器 稼働可能",
        Column::VentilatorsInUse => "人工呼吸器 使用中",
        Column::EcmoUsable => "ECMO 稼働可能",
        Column::EcmoInUse => "ECMO 使用中",
        Column::BoardComment => "連絡事項",
        Column::ContactDay => "受入連絡先（日中）",
        Column::ContactNight => "受入連絡先（夜間）",
    }
}

/// A figure that a sharing rule keeps from whoever looks: not 未回答, for it was answered or not, nobody here is told.
pub const WITHHELD: &str = "非共有";

/// What a filter asks, in one line: 「重症に空床、透析、近い順」. `names` are those of areas and municipalities, by code.
pub fn conditions(filter: &Filter, names: &BTreeMap<String, String>) -> String {
    let name = |code: &String| names.get(code).unwrap_or(code).clone();
    let mut all = Vec::new();
    if !filter.search.is_empty() {
        all.push(format!("「{}」", filter.search));
    }
    all.extend(filter.area.as_ref().map(name));
    all.extend(filter.municipality.as_ref().map(name));
    if filter.accepting {
        all.push("受入可のみ".to_owned());
    }
    all.extend(filter.severity.map(|s| format!("{}に空床", severity(s))));
    all.extend(filter.care.iter().map(|c| column(*c).to_owned()));
    all.extend(filter.level.map(|l| emergency_level(l).to_owned()));
    all.extend(filter.devices.iter().map(|d| format!("{}に空き", device(*d))));
    all.extend(filter.within_hours.map(|h| format!("{h}時間以内")));
    all.push(order(filter.order).to_owned());
    all.join("、")
}

/// A device that a patient may need.
pub fn device(device: Device) -> &'static str {
    match device {
        Device::Ventilator => "呼吸器",
        Device::Ecmo => "ECMO",
    }
}

/// A straight line and the estimate of its drive: 「5.2 km 約10分」.
pub fn distance(kilometres: f64) -> String {
    let minutes = drive_minutes(kilometres);
    let drive = if minutes < 120 { format!("約{minutes}分") } else { format!("約{}時間", minutes / 60) };
    format!("{kilometres:.1} km {drive}")
}

/// A sum of what was answered: 「－」 where nobody did.
pub fn sum(sum: Option<u32>) -> String {
    sum.map_or_else(|| "－".to_owned(), |n| n.to_string())
}

/// How a hospital is reached: 「道のり 7.3 km 11分」. Where some of a list are by road, a straight line says that it is one; where no road leads,
/// no minutes are said.
pub fn way(way: Way, some_by_road: bool) -> String {
    let drive = match way {
        Way::Straight(kilometres) if some_by_road => return format!("直線 {}", distance(kilometres)),
        Way::Straight(kilometres) => return distance(kilometres),
        Way::NoRoad(kilometres) => return format!("直線 {kilometres:.1} km 経路なし"),
        Way::Road(drive) => drive,
    };
    let minutes = match drive.minutes() {
        minutes if minutes < 120 => format!("{minutes}分"),
        minutes => format!("{}時間{}分", minutes / 60, minutes % 60),
    };
    drive.kilometres().map_or_else(|| format!("道路で {minutes}"), |km| format!("道のり {km:.1} km {minutes}"))
}

/// The short heading of a column of special care.
pub fn care_heading(column: Column) -> &'static str {
    match column {
        Column::AcceptPerinatal => "妊産",
        Column::AcceptDementia => "認知",
        Column::AcceptNursingCare => "介護",
        other => self::column(other),
    }
}

/// The unit of a column of counts.
pub fn unit(column: Column) -> &'static str {
    use Column as C;
    match column {
        C::InpatientsTotal
        | C::InpatientsInSecured
        | C::InpatientsSevere
        | C::InpatientsIcu
        | C::InpatientsVentilator
        | C::InpatientsEcmo => "人",
        C::VentilatorsUsable | C::VentilatorsInUse | C::EcmoUsable | C::EcmoInUse => "台",
        _ => "床",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_words_and_no_two_of_a_kind_share_them() {
        let statuses: Vec<_> = Column::ALL.iter().filter(|c| c.is_status()).map(|c| column(*c)).collect();
        assert_eq!(statuses, ["救急", "入院", "外来", "外来（土日）", "手術", "透析", "化学療法"]);
        assert_eq!(Column::CARE.map(column), ["小児", "妊産婦", "透析", "精神", "認知症", "要介護"]);
        assert_eq!(Column::CARE.map(care_heading), ["小児", "妊産", "透析", "精神", "認知", "介護"]);
    }

    #[test]
    fn enums() {
        #[derive(serde::Deserialize)]
        struct Case {
            from: String,
            to: String,
            words: String,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../assets/js/place.cases.json")).unwrap();
        for Case { from, to, words } in cases {
            let (from, to): (akidoko_domain::place::Point, akidoko_domain::place::Point) = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(distance(from.kilometres_to(to)), words);
        }
        assert_eq!(Order::ALL.map(order), ["新しい順", "よみの順", "空床の多い順", "医療圏の順", "近い順"]);
        assert_eq!(Severity::ALL.map(severity), ["重症", "中等症", "軽症"]);
        assert_eq!([Channel::Screen, Channel::File, Channel::Api].map(channel), ["画面", "ファイル", "API"]);
        assert!(OrganisationKind::ALL.into_iter().all(|k| !organisation_kind(k).is_empty()));
        assert_eq!((kind(Kind::Full), kind(Kind::Quick)), ("日次報告", "一部の更新"));
        assert_eq!((unit(Column::SecuredBeds), unit(Column::InpatientsIcu), unit(Column::EcmoInUse)), ("床", "人", "台"));
    }
}
