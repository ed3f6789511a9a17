//! Real bed figures（must show 3）: a weekly survey of prefectures made on screen, the 40 weeks of the ministry's table as answers, and the
//! rates on the ministry's page equal to those computed from the file.

use super::{fields, on_both, revision};
use crate::harness::{Db, Person, TestApp, skipped};
use akidoko_domain::{
    id::PrefCode,
    organisation::OrganisationKind as Kind,
    report::{Channel, Kind as Report},
};
use akidoko_service::report::RawReport;
use axum::http::StatusCode;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

const DRAFT: &str = "/office/surveys/beds_weekly/draft";

/// The file's columns that are counts, with labels.
const ITEMS: [(&str, &str); 16] = [
    ("patients_under_care", "療養者数"),
    ("inpatients", "入院者数"),
    ("inpatients_in_secured_beds", "うち確保病床に入院している者数"),
    ("beds_ready", "即応病床数"),
    ("beds_secured", "確保病床数"),
    ("severe", "重症者数"),
    ("severe_in_secured_beds", "うち重症者用の確保病床に入院している者数"),
    ("severe_beds_ready", "重症者用の即応病床数"),
    ("severe_beds_secured", "重症者用の確保病床数"),
    ("in_hotel_care", "宿泊療養者数"),
    ("hotel_rooms_ready", "即応居室数"),
    ("hotel_rooms_secured", "確保居室数"),
    ("home_care", "自宅療養者数"),
    ("home_care_welfare_facility", "うち社会福祉施設等療養者数"),
    ("adjusting", "療養先調整中の人数"),
    ("adjusting_hospital", "うち入院先調整中の人数"),
];

struct Row {
    week: NaiveDate,
    prefecture: PrefCode,
    name: String,
    values: BTreeMap<String, String>,
}

fn file() -> Option<Vec<Row>> {
    let folder = env::var_os("AKIDOKO_TEST_DATA")?;
    let path = std::path::Path::new(&folder).join("03_covid_beds_by_prefecture/covid_beds_weekly.csv");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let get = |name: &str| cells[heads.iter().position(|h| *h == name).unwrap()].trim().to_owned();
        let day: NaiveDate = get("as_of_date").parse().unwrap();
        Row {
            week: day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            prefecture: get("pref_code").parse().unwrap(),
            name: get("pref_name"),
            values: ITEMS.iter().map(|(id, _)| ((*id).to_owned(), get(id))).collect(),
        }
    };
    Some(lines.filter(|l| !l.is_empty()).map(row).collect())
}

/// The oracle: by decimal digits of the quotient, rounded half up to a tenth of a percent, as a pocket calculator would.
fn rate(row: &Row, parts: [&str; 2], whole: &str) -> String {
    let number = |id: &str| row.values[id].parse::<f64>().ok();
    let part = number(parts[0]).or_else(|| number(parts[1]));
    match (part, number(whole)) {
        (Some(part), Some(whole)) if whole > 0.0 => format!("{:.1} %", (part * 1000.0 / whole + 1e-9).round() / 10.0),
        _ => "－".to_owned(),
    }
}

async fn change(ministry: &Person<'_>, path: &str, pairs: &[(&str, &str)]) {
    let seen = revision(&ministry.get(DRAFT).await);
    let mut all = vec![("revision", seen.as_str())];
    all.extend_from_slice(pairs);
    let got = ministry.post(path, &fields(&all)).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{pairs:?}: {}", got.text);
}

/// The ministry makes it on screen: every item, the rules, the two rates, and publishes it.
async fn make(ministry: &Person<'_>) {
    let got = ministry.post("/office/surveys", &fields(&[("code", "beds_weekly"), ("title", "療養状況等の調査")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let head = [
        ("act", "head"),
        ("title", "療養状況等の調査"),
        ("cadence", "weekly"),
        ("is_due", "1"),
        ("due_days", "2"),
        ("due_time", "24:00"),
        ("who", "prefecture_health"),
    ];
    // 24:00 is no time: the form says so.
    let seen = revision(&ministry.get(DRAFT).await);
    let mut all = vec![("revision", seen.as_str())];
    all.extend_from_slice(&head);
    assert_eq!(ministry.post(DRAFT, &fields(&all)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    change(ministry, DRAFT, &head.map(|(n, v)| if n == "due_time" { (n, "23:59") } else { (n, v) })).await;
    for (id, label) in ITEMS {
        let item =
            [("id", id), ("label", label), ("section", "section_1"), ("kind", "count"), ("unit", "人"), ("min", "0"), ("max", "999999")];
        change(ministry, &format!("{DRAFT}/new-item"), &item).await;
    }
    for (label, part, whole) in [
        ("使用率", "inpatients_in_secured_beds inpatients", "beds_secured"),
        ("重症者用の使用率", "severe_in_secured_beds severe", "severe_beds_secured"),
    ] {
        change(ministry, DRAFT, &[("act", "rate_add"), ("label", label), ("part", part), ("whole", whole)]).await;
    }
    change(ministry, DRAFT, &[("act", "publish"), ("from", "2020-12-21")]).await;
}

/// What the ministry's page says: by the line's name, its first two cells.
fn shown(page: &str) -> BTreeMap<String, (String, String)> {
    let words = |html: &str| {
        let mut out = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        out.trim().to_owned()
    };
    let body = page.split("<tbody>").nth(1).unwrap_or_default();
    body.split("<tr>")
        .filter_map(|line| {
            let head = words(line.split("</th>").next()?);
            let cell = |n: usize| Some(words(line.split("<td").nth(n)?.split_once('>')?.1.split("<br>").next()?));
            Some((head, (cell(1)?, cell(2)?)))
        })
        .collect()
}

async fn bed_figures_of_forty_weeks(t: &TestApp) {
    let Some(rows) = file() else { return skipped("bed_figures_of_forty_weeks", "AKIDOKO_TEST_DATA is not set") };
    assert_eq!(rows.len(), 1880);
    let begin: DateTime<Utc> = "2020-12-21T00:00:00Z".parse().unwrap();
    t.wait(begin - t.service.now());
    let ministry = t.person(Kind::Ministry, None).await;
    make(&ministry).await;

    // Every prefecture answers each week on its Wednesday, by the use case that screen and API share.
    let names: BTreeMap<PrefCode, String> = rows.iter().map(|r| (r.prefecture, r.name.clone())).collect();
    let mut departments = BTreeMap::new();
    for p in names.keys() {
        let made = t.admin.create_organisation(Kind::PrefectureHealth, Some(*p), "架空の県庁").await.unwrap();
        let person = t.person_of(&made.code).await;
        let actor = t.service.bearer(&person.token, std::net::Ipv4Addr::LOCALHOST.into()).await.unwrap().actor.clone();
        departments.insert(*p, (made.code.clone(), actor));
    }
    t.settled().await;
    let weeks: BTreeSet<NaiveDate> = rows.iter().map(|r| r.week).collect();
    for week in &weeks {
        let wednesday = (*week + Days::new(2)).and_hms_opt(6, 0, 0).unwrap().and_utc();
        t.wait(wednesday - t.service.now());
        for row in rows.iter().filter(|r| r.week == *week) {
            let (code, actor) = &departments[&row.prefecture];
            let raw = RawReport {
                kind: Report::Full,
                answers: row.values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect(),
                confirmed: BTreeSet::new(),
                reason: None,
                expected_version: Some(0),
                channel: Channel::Api,
                behalf: None,
                as_of: None,
            };
            let receipt = t.service.answer(actor, code, "beds_weekly", *week, raw).await;
            assert_eq!(receipt.unwrap_or_else(|e| panic!("{} {week}: {e:?}", row.name)).accepted.version, 1);
        }
    }

    t.wait(TimeDelta::hours(1));
    let ministry = t.person(Kind::Ministry, None).await;
    let nation = ministry.get("/nation").await.text;
    let measures: Vec<String> = nation
        .split("<option value=\"")
        .filter_map(|o| o.split('"').next().filter(|v| v.starts_with("survey.beds_weekly.")).map(str::to_owned))
        .collect();
    assert_eq!(measures.len(), 2, "the two rates of the survey: {nation}");
    let mut over = Vec::new();
    for week in &weeks {
        let page = ministry.get(&format!("/office/surveys/beds_weekly/answers?period={week}")).await;
        assert_eq!(page.status, StatusCode::OK);
        let shown = shown(&page.text);
        for row in rows.iter().filter(|r| r.week == *week) {
            let beds = rate(row, ["inpatients_in_secured_beds", "inpatients"], "beds_secured");
            let severe = rate(row, ["severe_in_secured_beds", "severe"], "severe_beds_secured");
            assert_eq!(shown[&row.name], (beds, severe.clone()), "{} {week}", row.name);
            if row.name == "東京都" && severe.trim_end_matches(" %").parse::<f64>().is_ok_and(|p| p > 100.0) {
                over.push(week.to_string());
            }
        }
        assert_eq!(shown.len(), 48, "47 prefectures and their sum");
        // The same in the picture of the nation.
        for (n, parts, whole) in [
            (1, ["inpatients_in_secured_beds", "inpatients"], "beds_secured"),
            (2, ["severe_in_secured_beds", "severe"], "severe_beds_secured"),
        ] {
            let page = ministry.get(&format!("/nation?measure={}&date={week}", measures[n - 1])).await;
            assert_eq!(page.status, StatusCode::OK);
            for row in rows.iter().filter(|r| r.week == *week) {
                let said = match rate(row, parts, whole) {
                    unknown if unknown == "－" => "未集計".to_owned(),
                    known => known,
                };
                let tile = format!("aria-label=\"{}　{said}　前週差", row.name);
                assert!(page.text.contains(&tile), "{tile} in {week}: {}", page.text);
            }
        }
    }
    for month in ["2021-01", "2021-02"] {
        assert!(over.iter().any(|w| w.starts_with(month)), "severe beds in 東京都 pass 100 % in {month}: {over:?}");
    }
    // The forty weeks as one file.
    let last = weeks.last().unwrap();
    let csv = ministry.get(&format!("/nation.csv?measure={}&date={last}&weeks=40", measures[0])).await.text;
    let lines: BTreeSet<&str> = csv.lines().map(|l| l.trim_end_matches('\r')).filter(|l| !l.is_empty()).collect();
    assert_eq!(lines.len(), 1 + 40 * 47);
    for row in &rows {
        let said = rate(row, ["inpatients_in_secured_beds", "inpatients"], "beds_secured");
        let said = said.trim_end_matches(" %").trim_end_matches(".0");
        let end = format!(",1880,{},{},{},{}", row.week, row.prefecture, row.name, if said == "－" { "" } else { said });
        assert!(lines.iter().any(|l| l.ends_with(&end)), "{end}");
    }
    // One prefecture over its weeks; the wall: a prefecture sees neither page, and only its own list.
    let tokyo = ministry.get("/office/surveys/beds_weekly/answers?prefecture=13").await.text;
    assert_eq!(tokyo.matches("の週（").count(), 40 + 40, "40 lines, 40 choices");
    let (code, _) = &departments[&PrefCode::new(12).unwrap()];
    let chiba = t.person_of(code).await;
    assert_eq!(chiba.get("/office/surveys/beds_weekly/answers").await.status, StatusCode::FORBIDDEN);
    assert!(chiba.get("/surveys").await.text.contains("療養状況等の調査"));
    let (tokyo, _) = &departments[&PrefCode::new(13).unwrap()];
    assert_eq!(chiba.get(&format!("/answers/{tokyo}/beds_weekly")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(chiba.get(&format!("/answers/{code}/beds_weekly")).await.status, StatusCode::OK);
}
on_both!(bed_figures_of_forty_weeks, bed_figures_of_forty_weeks_on_sqlite, bed_figures_of_forty_weeks_on_postgres);

#[tokio::test]
async fn nothing_divided_by_nothing() {
    let t = TestApp::sqlite().await;
    let ministry = t.person(Kind::Ministry, None).await;
    t.wait("2020-12-21T00:00:00Z".parse::<DateTime<Utc>>().unwrap() - t.service.now());
    let ministry_then = t.person(Kind::Ministry, None).await;
    drop(ministry);
    make(&ministry_then).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let code = health.name.split('-').next().unwrap().to_owned();
    let page = format!("/answers/{code}/beds_weekly/2020-12-21");
    let got = health.post(&page, "a.inpatients=3&a.beds_secured=0&a.severe=0&a.severe_beds_secured=0&expected_version=0").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let text = ministry_then.get("/office/surveys/beds_weekly/answers").await.text;
    assert_eq!(shown(&text)["千葉県"], ("－".to_owned(), "－".to_owned()), "{text}");
    assert!(!text.contains("NaN"));
}
