//! From a plan of a prefecture (names and a few figures) to the prefecture: codes, positions, numbers, and what each hospital has.

use super::{
    Character, DemoArea, DemoHospital, DemoMunicipality, DemoPrefecture, Habit, Random, Services, SeverityCounting, SizeClass, aomine,
    asagi, organisation::organisations,
};
use akidoko_domain::{code::municipality_check_digit, hospital::EmergencyLevel, id::PrefCode, survey::Care};

pub(super) const TERTIARY: Option<EmergencyLevel> = Some(EmergencyLevel::Tertiary);
pub(super) const SECONDARY: Option<EmergencyLevel> = Some(EmergencyLevel::Secondary);
pub(super) const NONE: Option<EmergencyLevel> = None;

/// What is written down of a prefecture; the rest follows from it.
pub(super) struct Plan {
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) kana: &'static str,
    /// Degrees of its middle, on the open Pacific: no mark can stand on a real house.
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// The last four digits of the first hospital's telephone number.
    pub(super) first_phone: u32,
    pub(super) areas: &'static [Area],
    pub(super) municipalities: &'static [Municipality],
    pub(super) hospitals: &'static [Entry],
    pub(super) fire_headquarters: &'static str,
    pub(super) prefecture_health: &'static str,
    pub(super) prefecture_fire: &'static str,
    pub(super) health_city: &'static str,
    pub(super) health_centre: &'static str,
    pub(super) association: &'static str,
    /// The association's members, by their place in `hospitals`.
    pub(super) members: &'static [usize],
}

pub(super) struct Area {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
}

pub(super) struct Municipality {
    pub(super) name: &'static str,
    pub(super) kana: &'static str,
    /// Its place in `areas`.
    pub(super) area: usize,
    /// Hundredths of a degree from the prefecture's middle.
    pub(super) north: i32,
    pub(super) east: i32,
}

/// Name, reading, municipality, level of emergency care, beds, what it is, how it reports.
pub(super) type Entry = (&'static str, &'static str, usize, Option<EmergencyLevel>, u32, Character, Habit);

/// The two prefectures of the demo, always the same: 青嶺県（99）of the mock screens and its neighbour 浅葱県（98）.
pub fn prefectures() -> Vec<DemoPrefecture> {
    [aomine::PLAN, asagi::PLAN].iter().map(prefecture).collect()
}

fn prefecture(plan: &Plan) -> DemoPrefecture {
    let areas = plan.areas.iter().map(|a| DemoArea { code: a.code.to_owned(), name: a.name }).collect();
    let municipalities = (1..)
        .zip(plan.municipalities)
        .map(|(number, m)| DemoMunicipality {
            code: municipality_code(plan.number, number),
            name: m.name,
            kana: m.kana,
            area: plan.areas[m.area].code.to_owned(),
        })
        .collect();
    DemoPrefecture {
        code: PrefCode::new(plan.number).expect("the plans have codes from 1 to 99"),
        name: plan.name,
        kana: plan.kana,
        areas,
        municipalities,
        hospitals: (0..).zip(plan.hospitals).map(|(index, entry)| hospital(plan, index, entry)).collect(),
        organisations: organisations(plan),
    }
}

fn municipality_code(prefecture: u8, number: u32) -> String {
    let five = format!("{prefecture:02}2{number:02}");
    let check = municipality_check_digit(&five).expect("five digits have a check digit");
    format!("{five}{check}")
}

/// Parts of addresses that could stand anywhere.
const QUARTERS: [&str; 8] = ["港町", "本町", "緑町", "川端", "坂下", "北通り", "丘の上", "学園前"];

fn hospital(plan: &Plan, index: u32, &(name, kana, municipality, emergency_level, beds_total, character, habit): &Entry) -> DemoHospital {
    let mut random = Random::of(&[u64::from(plan.number), u64::from(index)]);
    let town = &plan.municipalities[municipality];
    let mut degrees = |middle: f64, hundredths: i32| {
        let scatter = f64::from(random.between(0, 600)) / 10_000.0 - 0.03;
        ((middle + f64::from(hundredths) / 100.0 + scatter) * 10_000.0).round() / 10_000.0
    };
    let (latitude, longitude) = (degrees(plan.latitude, town.north), degrees(plan.longitude, town.east));
    let quarter = QUARTERS[random.below(8) as usize];
    let secured_beds = secured(character, beds_total, &mut random);
    let severe = severe_beds(character, emergency_level, beds_total);
    DemoHospital {
        name,
        kana,
        municipality,
        address: format!("{}{}{quarter}{}-{}-{}", plan.name, town.name, random.between(1, 4), random.between(1, 18), random.between(1, 30)),
        latitude,
        longitude,
        phone: format!("000-000-{:04}", plan.first_phone + index),
        night_phone: emergency_level.map(|_| format!("000-000-{:04}", plan.first_phone + 1000 + index)),
        emergency_level,
        beds_total,
        size: match beds_total {
            0..100 => SizeClass::Small,
            100..300 => SizeClass::Medium,
            _ => SizeClass::Large,
        },
        character,
        habit,
        services: services(character, emergency_level, &mut random),
        secured_beds,
        secured_beds_severe: severe.min(secured_beds),
        ventilators: if character == Character::Core { random.between(18, 42) } else { severe * 3 + beds_total / 80 },
        ecmo: if character == Character::Core { random.between(1, 4) } else { 0 },
        care: care(character, &mut random),
        standing_comment: standing_comment(character),
        comments: comments(character),
        severity_counting: match random.below(100) {
            0..6 => SeverityCounting::Overlapping,
            6..13 => SeverityCounting::WholeOnly,
            _ => SeverityCounting::Once,
        },
    }
}

/// Beds agreed with the prefecture: many in the great houses, a few in the others.
fn secured(character: Character, beds_total: u32, random: &mut Random) -> u32 {
    let beds = match character {
        Character::Core => beds_total / 28 + random.between(2, 6),
        Character::General => beds_total / 24 + random.between(0, 5),
        Character::Community | Character::Heart | Character::Orthopaedic => beds_total / 24 + random.between(1, 4),
        Character::Children => beds_total / 18 + 1,
        _ => random.between(2, 6),
    };
    beds.min(beds_total)
}

fn severe_beds(character: Character, level: Option<EmergencyLevel>, beds_total: u32) -> u32 {
    match (character, level) {
        (Character::Core, _) => beds_total / 110,
        (Character::Heart | Character::Children, _) => 1 + beds_total / 120,
        (Character::General, Some(_)) => 1 + beds_total / 300,
        _ => 0,
    }
}

fn services(character: Character, level: Option<EmergencyLevel>, random: &mut Random) -> Services {
    use Character as C;
    let slow = matches!(character, C::Psychiatric | C::Rehabilitation | C::LongTerm | C::Dialysis);
    Services {
        emergency: level.is_some() || character == C::Children,
        surgery: !slow && (character != C::Community || random.chance(80)),
        dialysis: match character {
            C::Core | C::General | C::Dialysis => true,
            C::Community | C::LongTerm => random.chance(40),
            _ => false,
        },
        chemotherapy: matches!(character, C::Core | C::General) || (character == C::Community && random.chance(25)),
    }
}

/// ◎○△× by what the hospital is, with some spread, in the order 小児 妊産婦 透析 精神 認知症 要介護. A few never answer one.
fn care(character: Character, random: &mut Random) -> [Option<Care>; 6] {
    use Character as C;
    let marks = match character {
        C::Core => "◎○○△△×",
        C::General => "○△○×○○",
        C::Community => "△×△×○◎",
        C::Children => "◎○××××",
        C::Heart => "××○×△△",
        C::Orthopaedic => "△××△○○",
        C::Maternity => "△◎××××",
        C::Psychiatric => "×××◎◎△",
        C::Rehabilitation => "××△△○◎",
        C::LongTerm => "××××◎◎",
        C::Dialysis => "××◎×○○",
    };
    let mut care = [None; 6];
    for (slot, mark) in care.iter_mut().zip(marks.chars()) {
        let usual = match mark {
            '◎' => Care::Active,
            '○' => Care::Accept,
            '△' => Care::Consult,
            _ => Care::Refuse,
        };
        *slot = match random.below(100) {
            0..2 => None,
            2..14 => step(usual, 1),
            14..22 => step(usual, -1),
            _ => Some(usual),
        };
    }
    care
}

/// The mark one better or worse; the same where there is none.
fn step(care: Care, by: isize) -> Option<Care> {
    let at = Care::ALL.iter().position(|c| *c == care)?;
    Some(at.checked_add_signed(by).and_then(|i| Care::ALL.get(i)).copied().unwrap_or(care))
}

fn standing_comment(character: Character) -> Option<&'static str> {
    match character {
        Character::Children => Some("15歳以下"),
        Character::Heart => Some("心・大血管のみ"),
        Character::Maternity => Some("産科・婦人科のみ"),
        _ => None,
    }
}

fn comments(character: Character) -> &'static [&'static str] {
    match character {
        Character::Core | Character::General => &[
            "整形当直なし（17時まで）",
            "内視鏡不可 12時まで",
            "CT点検 10〜11時",
            "MRI保守のため使用不可（15時まで）",
            "夜間は内科系のみ",
            "手術室満床のため外傷は要相談",
            "脳外科当直なし",
            "救急外来混雑 30分ほど待ち",
        ],
        Character::Community | Character::Orthopaedic => &[
            "整形当直なし（17時まで）",
            "CT点検 10〜11時",
            "夜間は内科系のみ",
            "個室は要相談",
            "発熱は電話で要相談",
            "男女の病室の都合により要相談",
            "検査技師不在（22時以降）",
        ],
        Character::Children => &["15歳以下　RS流行のため個室は要相談", "15歳以下　夜間は電話で要相談"],
        Character::Heart => &["心・大血管のみ　カテーテル室使用中（15時まで）", "心・大血管のみ　夜間は電話で要相談"],
        Character::Maternity => &["産科・婦人科のみ　新生児室満床", "産科・婦人科のみ　夜間は電話で要相談"],
        Character::Psychiatric => &["身体合併症は要相談", "保護室満床", "平日日中のみ"],
        Character::Rehabilitation | Character::LongTerm => &["転院のみ（平日日中）", "酸素投与まで", "個室は要相談"],
        Character::Dialysis => &["透析は午後の枠のみ", "透析ベッド満床（17時まで）"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::{code::is_municipality_code, text};
    use std::collections::BTreeSet;

    #[test]
    fn two_prefectures_that_hold_together() {
        let all = prefectures();
        assert_eq!(all, prefectures(), "always the same");
        assert_eq!(all.iter().map(|p| p.code.to_string()).collect::<Vec<_>>(), ["99", "98"]);
        for p in &all {
            assert!(p.code.is_invented());
            assert_eq!(p.hospitals.len(), 60);
            let count = |level| p.hospitals.iter().filter(|h| h.emergency_level == level).count();
            assert!((3..=4).contains(&count(TERTIARY)) && (24..=30).contains(&count(SECONDARY)), "{}", p.name);
            assert!((10..=14).contains(&p.municipalities.len()) && (4..=5).contains(&p.areas.len()));
            for (number, m) in p.municipalities.iter().enumerate() {
                assert!(is_municipality_code(&m.code) && m.code.starts_with(&p.code.to_string()), "{}", m.code);
                assert!(p.areas.iter().any(|a| a.code == m.area));
                assert!(p.hospitals.iter().any(|h| h.municipality == number), "{} has no hospital", m.name);
                assert!(m.kana.chars().all(|c| ('ぁ'..='ん').contains(&c)), "{}", m.kana);
            }
            assert!(p.areas.iter().all(|a| a.code.starts_with(&p.code.to_string()) && a.code.len() == 4));
            for (index, h) in p.hospitals.iter().enumerate() {
                assert!(h.kana.chars().all(|c| ('ァ'..='ー').contains(&c)), "{}", h.kana);
                assert!((35.5..38.5).contains(&h.latitude) && (144.0..146.0).contains(&h.longitude), "{} stands on open sea", h.name);
                assert!(h.secured_beds <= h.beds_total && h.secured_beds_severe <= h.secured_beds);
                for words in h.comments.iter().copied().chain(h.standing_comment).chain([h.address.as_str(), h.name]) {
                    assert_eq!(text::patient_hint(words), None, "{words}");
                }
                assert!(p.attributes(index).is_some());
            }
            assert!(p.attributes(60).is_none());
        }
    }

    #[test]
    fn nothing_has_the_name_or_number_of_another() {
        let all = prefectures();
        let mut names = BTreeSet::new();
        let mut phones = BTreeSet::new();
        for p in &all {
            let of_hospitals = p.hospitals.iter().flat_map(|h| [h.name, h.kana]);
            let of_places = p.municipalities.iter().flat_map(|m| [m.name, m.kana]);
            for name in of_hospitals.chain(of_places).chain([p.name]) {
                assert!(names.insert(name), "{name} stands twice");
            }
            for phone in p.hospitals.iter().flat_map(|h| [Some(h.phone.clone()), h.night_phone.clone()]).flatten() {
                assert_eq!(text::read_phone(&phone).as_ref(), Some(&phone));
                assert!(phones.insert(phone.clone()), "{phone} stands twice");
            }
        }
    }

    #[test]
    fn no_name_is_a_real_one() {
        let Ok(folder) = std::env::var("AKIDOKO_TEST_DATA") else {
            assert!(std::env::var_os("CI").is_none(), "AKIDOKO_TEST_DATA must be set in CI");
            println!("skipped: AKIDOKO_TEST_DATA is not set");
            return;
        };
        // Tests run in the folder of their crate, the variable is written from the root of the project. An absolute one stays itself.
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        for (file, names) in [
            (
                "01_hospitals/hospitals.csv",
                prefectures().iter().flat_map(|p| p.hospitals.iter().map(|h| h.name).collect::<Vec<_>>()).collect::<Vec<_>>(),
            ),
            (
                "06_geo_codes/municipalities.csv",
                prefectures().iter().flat_map(|p| p.municipalities.iter().map(|m| m.name).collect::<Vec<_>>()).collect(),
            ),
        ] {
            let real = std::fs::read_to_string(folder.join(file)).unwrap();
            for name in names {
                assert!(!real.contains(&format!(",{name},")), "{name} is real");
            }
        }
    }
}
