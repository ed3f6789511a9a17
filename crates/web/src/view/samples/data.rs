//! The invented rows of 青嶺県 behind the samples.

use akidoko_domain::{
    board::{Card, Row},
    hospital::EmergencyLevel,
    id::{HospitalId, OrganisationCode, PrefCode},
    report::{Author, Behalf, BehalfWhy, Cells, Channel, Kind, ReportVersion},
    survey::{Answers, Catalogue, DAILY, GMIS_DAILY, Value},
    text::fold_search,
    time::jst_day,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-04-10T09:42:00+09:00").unwrap().to_utc()
}

/// An answer in a word; none for the empty one.
pub(crate) fn word(word: &str) -> Option<Value> {
    (!word.is_empty()).then(|| Value::Word(word.to_owned()))
}

fn author(received_at: DateTime<Utc>, version: u32, on_behalf: bool) -> Author {
    let (organisation, sign_in, operator) = if on_behalf {
        ("青嶺県健康医療部", "P9900001-01", "医療対策課")
    } else {
        ("凪浦市民病院", "H9900458-02", "病床管理室")
    };
    Author {
        organisation: organisation.into(),
        sign_in: sign_in.into(),
        operator: operator.into(),
        channel: Channel::Screen,
        on_behalf,
        behalf: on_behalf.then_some(Behalf { why: BehalfWhy::Fax, words: None }),
        source: None,
        report_date: jst_day(received_at),
        version,
        received_at,
    }
}

/// A full set of answers, as a hospital has them in the morning.
pub(crate) fn answers() -> Answers {
    let counts = [
        ("available_beds", 4),
        ("available_beds_severe", 1),
        ("available_beds_moderate", 2),
        ("available_beds_mild", 1),
        ("secured_beds", 16),
        ("secured_beds_severe", 2),
        ("ready_beds", 12),
        ("ready_beds_severe", 2),
        ("suspended_beds", 0),
        ("inpatients_total", 9),
        ("inpatients_in_secured", 9),
        ("inpatients_severe", 1),
        ("inpatients_ventilator", 1),
        ("new_admissions", 2),
        ("ventilators_owned", 12),
        ("ventilators_usable", 10),
        ("ventilators_in_use", 3),
    ];
    let words = [
        ("emergency_status", "normal"),
        ("inpatient_status", "normal"),
        ("outpatient_status", "normal"),
        ("surgery_status", "normal"),
        ("nurse_staffing", "short"),
        ("accept_pediatric", "accept"),
        ("accept_perinatal", "consult"),
        ("accept_dialysis", "accept"),
        ("accept_psychiatric", "refuse"),
        ("accept_dementia", "accept"),
        ("accept_nursing_care", "active"),
        ("board_comment", "夜間は救急外来（内線 2100）へ"),
        ("contact_day", "000-000-0100"),
        ("contact_night", "000-000-0190 内線2100"),
    ];
    let counts = counts.map(|(id, n)| (id.to_owned(), Some(Value::Count(n))));
    counts.into_iter().chain(words.map(|(id, w)| (id.to_owned(), word(w)))).collect()
}

pub(crate) fn version(number: u32, kind: Kind, answers: Answers, received_at: DateTime<Utc>) -> ReportVersion {
    ReportVersion {
        hospital: HospitalId(Uuid::from_u128(1)),
        survey: DAILY.to_owned(),
        survey_version: 1,
        report_date: jst_day(received_at),
        version: number,
        kind,
        answers,
        as_of: received_at,
        received_at,
        author: author(received_at, number, number == 2),
        reason: (number == 3).then(|| "状況が変わった：転院 2 名、看護師の配置".to_owned()),
    }
}

pub(super) fn versions() -> Vec<ReportVersion> {
    let quick = |beds| Answers::from([("available_beds".to_owned(), Some(Value::Count(beds)))]);
    let mut today = answers();
    today.insert("inpatients_total".to_owned(), None);
    vec![
        version(3, Kind::Quick, quick(4), now() - TimeDelta::minutes(3)),
        version(2, Kind::Quick, quick(2), now() - TimeDelta::minutes(40)),
        version(1, Kind::Full, today, now() - TimeDelta::minutes(71)),
        version(1, Kind::Full, answers(), now() - TimeDelta::days(1)),
    ]
}

type Entry = (&'static str, &'static str, usize, i64, &'static str, &'static str, [i64; 4], &'static str, &'static str);

/// Name, reading, municipality, minutes, 救急, 入院, beds (−1 for 未回答), care, comment.
const ENTRIES: [Entry; 25] = [
    ("凪浦市民病院", "ナギウラシミンビョウイン", 1, 3, "t normal", "normal", [4, 1, 2, 1], "bcbdbb", ""),
    ("青嶺県立救命センター", "アオミネケンリツキュウメイセンター", 0, 5, "t normal", "normal", [7, 2, 3, 2], "abbbcd", ""),
    (
        "霞野中央医療センター",
        "カスミノチュウオウイリョウセンター",
        2,
        8,
        "t limited",
        "normal",
        [3, 0, 2, 1],
        "bdadbc",
        "整形当直なし（17時まで）",
    ),
    ("青嶺大学附属病院", "アオミネダイガクフゾクビョウイン", 0, 11, "t normal", "limited", [2, 2, 0, 0], "aabbdd", ""),
    ("白帆こども医療センター", "シラホコドモイリョウセンター", 3, 14, "- normal", "normal", [6, 1, 2, 3], "abdddd", "15歳以下"),
    ("汐ノ音病院", "シオノネビョウイン", 1, 19, "s normal", "normal", [5, 0, 2, 3], "bdbdaa", ""),
    ("青嶺総合病院", "アオミネソウゴウビョウイン", 0, 22, "s limited", "normal", [1, 0, 1, 0], "cbbdbb", "内視鏡不可 12時まで"),
    ("星見台病院", "ホシミダイビョウイン", 2, 27, "p normal", "normal", [8, -1, -1, -1], "ddbcba", ""),
    ("青嶺東部医療センター", "アオミネトウブイリョウセンター", 0, 31, "s stopped", "normal", [0, 0, 0, 0], "bbadcc", ""),
    ("稲架木病院", "ハサギビョウイン", 4, 38, "s normal", "normal", [3, 0, 1, 2], "dddbaa", ""),
    ("凪浦港湾病院", "ナギウラコウワンビョウイン", 1, 40, "s limited", "limited", [2, 0, 0, 2], "cdbdbb", ""),
    ("風待総合病院", "カゼマチソウゴウビョウイン", 5, 47, "s normal", "normal", [4, 1, 1, 2], "bbcdbb", ""),
    ("白帆記念病院", "シラホキネンビョウイン", 3, 52, "s normal", "normal", [0, 0, 0, 0], "bdbdcb", ""),
    ("霞野赤松病院", "カスミノアカマツビョウイン", 2, 58, "- not_available", "normal", [6, -1, 2, 4], "ddbbaa", ""),
    ("灯台前病院", "トウダイマエビョウイン", 1, 96, "s normal", "normal", [2, 0, 1, 1], "cdddbb", ""),
    ("雁木坂病院", "ガンギザカビョウイン", 4, 104, "s limited", "normal", [1, 0, 0, 1], "ddbdba", "CT点検 10〜11時"),
    ("水鏡病院", "ミズカガミビョウイン", 0, 133, "- not_available", "normal", [5, 0, 2, 3], "ddacaa", ""),
    ("月待ち丘病院", "ツキマチオカビョウイン", 5, 141, "p normal", "normal", [3, 0, 2, 1], "bcddbb", ""),
    ("夕凪町立病院", "ユウナギチョウリツビョウイン", 5, 21 * 60 + 30, "s limited", "normal", [2, 0, 1, 1], "cdbdbb", ""),
    ("蛍沢病院", "ホタルザワビョウイン", 4, 23 * 60 + 45, "p not_available", "normal", [2, -1, -1, 2], "dddcaa", ""),
    ("花筏病院", "ハナイカダビョウイン", 0, 26 * 60 + 1, "s normal", "normal", [3, 0, 2, 1], "bdbdbb", ""),
    ("薄氷村診療病院", "ウスライムラシンリョウビョウイン", 3, 30 * 60, "s stopped", "limited", [1, 0, 0, 1], "nnnnnn", "冬期は要相談"),
    ("磯笛病院", "イソブエビョウイン", 2, 73 * 60, "s normal", "normal", [5, 1, 2, 2], "bdbdbb", ""),
    ("藍染診療病院", "アイゾメシンリョウビョウイン", 0, 400, "g normal", "normal", [-1, -1, -1, -1], "nnnnnn", ""),
    ("無音病院", "ムオンビョウイン", 2, -1, "- ", "", [-1, -1, -1, -1], "nnnnnn", ""),
];

const CITIES: [(&str, &str, &str); 6] = [
    ("990011", "青嶺市", "9901"),
    ("990020", "凪浦市", "9903"),
    ("990038", "霞野市", "9904"),
    ("990046", "白帆町", "9902"),
    ("990054", "稲架木町", "9902"),
    ("990062", "風待町", "9903"),
];

fn card(at: usize, entry: &Entry) -> Arc<Card> {
    let prefecture = PrefCode::new(99).unwrap();
    let (code, city, area) = CITIES[entry.2];
    let level = match entry.4.split(' ').next() {
        Some("t") => Some(EmergencyLevel::Tertiary),
        Some("s" | "p") => Some(EmergencyLevel::Secondary),
        _ => None,
    };
    let step = f64::from(u32::try_from(at).unwrap());
    Arc::new(Card {
        id: HospitalId(Uuid::from_u128(at as u128 + 1)),
        code: OrganisationCode::build('H', Some(prefecture), u32::try_from(at).unwrap() * 977 + 3),
        prefecture,
        name: entry.0.to_owned(),
        kana: entry.1.to_owned(),
        municipality_code: Some(code.to_owned()),
        municipality: Some(city.to_owned()),
        area_code: Some(area.to_owned()),
        area: Some("沿岸".to_owned()),
        address: Some(format!("{city}港町 1-1-{at}")),
        phone: (at != 24).then(|| format!("000-000-{:04}", at + 100)),
        latitude: Some(37.5 + (step * 0.7).sin() * 0.3),
        longitude: Some(145.0 + (step * 1.3).cos() * 0.3),
        emergency_level: level,
        beds_total: Some(320),
        search: fold_search(&format!("{} {} {city}", entry.0, entry.1)),
    })
}

/// One row from one set of answers.
pub(crate) fn row(card: Arc<Card>, survey: &str, answers: &Answers, at: DateTime<Utc>, on_behalf: bool) -> Row {
    let catalogue = Catalogue::shipped();
    let mut cells = Cells::default();
    let newest = catalogue.on(survey, jst_day(at)).unwrap();
    cells.apply(newest, Kind::Full, answers, author(at, 1, on_behalf), at);
    Row::project(card, [(survey, &cells)], &catalogue)
}

fn sample(at: usize, entry: &Entry) -> Row {
    let card = card(at, entry);
    let (mark, emergency) = entry.4.split_once(' ').unwrap();
    if entry.3 < 0 {
        return Row::project(card, [], &Catalogue::shipped());
    }
    let moment = now() - TimeDelta::minutes(entry.3);
    if mark == "g" {
        let answers = Answers::from([("emergency".to_owned(), word("normal")), ("inpatient".to_owned(), word("limited"))]);
        return row(card, GMIS_DAILY, &answers, moment, false);
    }
    let mut given = answers();
    given.remove("contact_night");
    given.remove("contact_day");
    given.insert("emergency_status".into(), word(emergency));
    given.insert("inpatient_status".into(), word(entry.5));
    for (id, n) in ["available_beds", "available_beds_severe", "available_beds_moderate", "available_beds_mild"].into_iter().zip(entry.6) {
        given.insert(id.into(), u32::try_from(n).ok().map(Value::Count));
    }
    let care = ["accept_pediatric", "accept_perinatal", "accept_dialysis", "accept_psychiatric", "accept_dementia", "accept_nursing_care"];
    for (id, mark) in care.into_iter().zip(entry.7.chars()) {
        given.insert(
            id.into(),
            word(match mark {
                'a' => "active",
                'b' => "accept",
                'c' => "consult",
                'd' => "refuse",
                _ => "",
            }),
        );
    }
    given.insert("board_comment".into(), word(entry.8));
    if at == 22 {
        // Once answered, then 未回答: the row says what it was.
        let mut cells = Cells::default();
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        cells.apply(daily, Kind::Full, &given, author(moment, 1, false), moment);
        let later = Answers::from([("emergency_status".to_owned(), word("limited"))]);
        cells.apply(daily, Kind::Full, &later, author(moment + TimeDelta::hours(1), 1, false), moment + TimeDelta::hours(1));
        return Row::project(card, [(DAILY, &cells)], &catalogue);
    }
    row(card, DAILY, &given, moment, mark == "p")
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = ENTRIES.iter().enumerate().map(|(at, entry)| sample(at, entry)).collect();
    rows[0] = row(rows[0].card.clone(), DAILY, &answers(), now() - TimeDelta::minutes(3), false);
    rows
}
