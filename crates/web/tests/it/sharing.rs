//! What a prefecture shares of its board: the rule holds on every road at once, also on those that were open before it.

use crate::harness::{Db, Person, TestApp};
use akidoko_domain::{board::Column, board::Sharing, organisation::OrganisationKind as Kind};
use axum::http::{Method, StatusCode};
use calamine::{Reader, Xlsx, open_workbook_from_rs};
use serde_json::json;
use std::time::{Duration, Instant};

/// Figures that stand nowhere by chance.
const SEVERE: u32 = 7_313;
const COMMENT: &str = "整形当直なし七三一三";

/// The form of the screen: everything is shared but this.
fn form(seen: &[&str], kept: &[&str]) -> String {
    let mut pairs: Vec<String> = seen.iter().map(|s| format!("seen={}", s.replace(':', "%3A"))).collect();
    for column in Column::ALL {
        for kind in Sharing::KINDS {
            let pair = format!("{}:{}", column.as_str(), kind.as_str());
            if !kept.contains(&pair.as_str()) {
                pairs.push(format!("show={}", pair.replace(':', "%3A")));
            }
        }
    }
    pairs.push("whole=1&act=save".to_owned());
    pairs.join("&")
}

/// Everything of the board that this person can reach: a name, and the text.
async fn everything(t: &TestApp, person: &Person<'_>, hospital: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for path in [
        "/board".to_owned(),
        "/board?severity=severe".to_owned(),
        "/wall".to_owned(),
        "/board.csv".to_owned(),
        "/board.csv?encoding=cp932".to_owned(),
        format!("/hospitals/{hospital}"),
        format!("/hospitals/{hospital}/why/available_beds_severe"),
        format!("/hospitals/{hospital}/why/board_comment"),
        "/api/v1/board".to_owned(),
    ] {
        let got = person.get(&path).await;
        assert!(!got.status.is_server_error(), "{path}: {}", got.status);
        all.push((path, got.text));
    }
    let got = t.send(person.request(Method::GET, "/board.xlsx", None)).await;
    let bytes = axum::body::to_bytes(got.into_body(), usize::MAX).await.unwrap();
    all.push(("/board.xlsx".to_owned(), cells(&bytes)));
    all
}

/// What a screen that comes back is sent of the events behind one, as a page and as a program.
async fn replayed(person: &Person<'_>, after: i64, until: &str) -> [String; 2] {
    [person.stream_until("/board/events", Some(after), until).await, person.stream_until("/api/v1/board/events", Some(after), until).await]
}

fn cells(workbook: &[u8]) -> String {
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(workbook)).unwrap();
    let sheets = book.worksheets();
    let rows =
        sheets.iter().flat_map(|(_, sheet)| sheet.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("\t")));
    rows.collect::<Vec<_>>().join("\n")
}

async fn a_rule_holds_at_once(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let (fire, centre) = (t.person(Kind::FireHeadquarters, Some(12)).await, t.person(Kind::HealthCentre, Some(12)).await);
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let beyond = t.person(Kind::FireHeadquarters, Some(13)).await;
    t.settled().await;
    let day = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let opened = async || health.get("/open-data/2026-04-10/daily.csv").await.text;
    let report = |severe: u32| {
        json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 9_000, "available_beds_severe": severe,
                             "board_comment": COMMENT }, "confirmed": ["available_over_licensed"] })
    };
    let got = reporter.put(&day, &report(SEVERE)).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.text);
    t.settled().await;
    let severe = SEVERE.to_string();
    let whole = opened().await;
    assert!(whole.contains(&severe) && whole.contains("9000") && whole.contains("2026-04-10") && !whole.contains(COMMENT), "{whole}");
    for (person, status) in [(&fire, StatusCode::FORBIDDEN), (&reporter, StatusCode::FORBIDDEN)] {
        assert_eq!(person.get("/open-data/2026-04-10/daily.csv").await.status, status);
    }
    let neighbour = t.person(Kind::PrefectureHealth, Some(13)).await;
    assert_eq!(neighbour.get("/open-data/2026-04-10/daily.csv?prefecture=12").await.status, StatusCode::NOT_FOUND);
    assert!(!neighbour.get("/open-data/2026-04-10/daily.csv").await.text.contains(hospital.as_str()));
    assert_eq!(health.get("/open-data/2026-04-11/daily.csv").await.status, StatusCode::BAD_REQUEST, "a day that has not come");
    let told = |all: &[(String, String)], words: &str| {
        all.iter().filter(|(_, text)| text.contains(words)).map(|(p, _)| p.clone()).collect::<Vec<_>>()
    };
    let before = everything(t, &fire, hospital.as_str()).await;
    let roads = told(&before, &severe);
    let silent: Vec<_> = before.iter().map(|(p, _)| p.clone()).filter(|p| !roads.contains(p)).collect();
    // The page that asks why a comment changed speaks of the comment only; headquarters read no history.
    assert!(silent.iter().all(|p| p.ends_with("board_comment")), "it is on every road but {silent:?}");
    let first = got.json()["event_id"].as_i64().unwrap();
    for text in replayed(&fire, first - 1, &severe).await {
        assert!(text.contains(&severe), "and in what a screen that comes back is sent: {text}");
    }

    // A screen that is open while the rule is set.
    let open = fire.stream_until("/board/events", None, "9001");
    let program = fire.stream_until("/api/v1/board/events", None, "9001");
    let kept = ["available_beds_severe:fire_headquarters", "board_comment:fire_headquarters"];
    let setting = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        let got = health.post("/board/sharing", &form(&[], &kept)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let after = everything(t, &fire, hospital.as_str()).await;
        assert!(began.elapsed() < Duration::from_secs(5));
        let mut next = report(SEVERE);
        next["answers"]["available_beds"] = json!(9_001);
        let got = reporter.put(&day, &next).await;
        assert_eq!(got.status, StatusCode::OK);
        (after, got.json()["event_id"].as_i64().unwrap())
    };
    let (heard, read, (after, second)) = tokio::join!(open, program, setting);
    t.settled().await;
    for text in replayed(&fire, second - 1, "9001").await {
        assert!(text.contains("9001") && !text.contains(&severe) && !text.contains(COMMENT), "a screen that comes back: {text}");
    }
    for words in [severe.as_str(), COMMENT] {
        assert_eq!(told(&after, words), Vec::<String>::new(), "{words} is still told");
        assert!(!heard.contains(words) && !read.contains(words), "{words} reached a screen that was open");
    }
    assert!(heard.contains("event: reset") && heard.contains("9001") && read.contains("9001"), "what is shared goes on: {heard}");
    assert!(after.iter().any(|(p, text)| p == "/board" && text.contains("非共有")), "it is said, and is no 未回答");
    assert!(after.iter().any(|(p, text)| p == "/board.csv" && text.contains("非共有")));

    // What a headquarters may not see, the public may not.
    for file in ["daily.csv", "daily.schema.json"] {
        let open = health.get(&format!("/open-data/2026-04-10/{file}")).await;
        assert_eq!(open.status, StatusCode::OK, "{}", open.text);
        let columns = ["available_beds_severe", "board_comment", "contact_day"];
        assert!(open.text.contains("available_beds") && !columns.iter().any(|c| open.text.contains(c)), "{}", open.text);
        assert!(!open.text.contains(&severe) && !open.text.contains(COMMENT));
    }
    // The others see it as before; so does the hospital of its own.
    for person in [&centre, &health, &reporter] {
        assert!(person.get("/board").await.text.contains(&severe), "{}", person.name);
    }
    assert!(reporter.get(&format!("/hospitals/{hospital}")).await.text.contains(&severe));
    // A look as each of them changes nothing.
    let look = form(&kept, &["available_beds_severe:hospital"]).replace("act=save", "act=preview%3Ahospital");
    let seen = health.post("/board/sharing", &look).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.text.contains("医療機関に見える形です") && !seen.text.contains(&severe) && seen.text.contains(COMMENT), "{}", seen.text);
    assert!(reporter.get("/board").await.text.contains(&severe));

    // Somebody was first: nothing changes, what was chosen stays.
    let got = health.post("/board/sharing", &form(&[], &["available_beds:hospital"])).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("ほかの人が") && !got.text.contains(r#"name="show" value="available_beds:hospital" checked"#));
    // What cannot be read, or was cut off, changes nothing.
    for wrong in
        ["", "act=save", "whole=1&show=nothing%3Ahospital", "whole=1&show=available_beds%3Aministry", "whole=1&act=preview%3Aministry"]
    {
        assert_eq!(health.post("/board/sharing", wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    for person in [&reporter, &fire, &centre, &t.person(Kind::Ministry, None).await] {
        assert_eq!(person.get("/board/sharing").await.status, StatusCode::FORBIDDEN, "{}", person.name);
        assert_eq!(person.post("/board/sharing", &form(&kept, &[])).await.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    // And back.
    assert_eq!(health.post("/board/sharing", &form(&kept, &[])).await.status, StatusCode::SEE_OTHER);
    assert!(fire.get("/board").await.text.contains(&severe));

    // Another system: on the board of those of the prefecture.
    let wrong =
        health.post("/board/other-system", "name=%E7%9C%8C%E3%81%AE%E7%B5%B1%E5%90%88%E6%83%85%E5%A0%B1&url=javascript%3Aalert(1)").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("アドレスを読めません") && wrong.text.contains("javascript:alert(1)"), "nothing typed is lost");
    let right = "name=%E7%9C%8C%E3%81%AE%E7%B5%B1%E5%90%88%E6%83%85%E5%A0%B1&url=https%3A%2F%2Fkyukyu.pref.example.jp%2F";
    assert_eq!(health.post("/board/other-system", right).await.status, StatusCode::SEE_OTHER);
    let page = fire.get("/board").await.text;
    assert!(page.contains("県の統合情報") && page.contains("https://kyukyu.pref.example.jp/"), "{page}");
    assert!(!beyond.get("/board").await.text.contains("県の統合情報"));
    assert_eq!(fire.post("/board/other-system", right).await.status, StatusCode::FORBIDDEN);
    assert_eq!(health.post("/board/other-system", "name=&url=").await.status, StatusCode::SEE_OTHER);
    assert!(!fire.get("/board").await.text.contains("県の統合情報"));
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    let log = crate::history::entries(t, &health).await;
    assert!(log.iter().any(|e| e["hidden"][0]["column"] == "available_beds_severe"), "{log:?}");
}

/// Who reads the reports of hospitals reads them by the same rule: history, why, the answers page, and the API by sign-in and by key.
async fn a_rule_holds_in_reports(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let (centre, health) = (t.person(Kind::HealthCentre, Some(12)).await, t.person(Kind::PrefectureHealth, Some(12)).await);
    t.settled().await;
    let day = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    for severe in [SEVERE - 1, SEVERE] {
        let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 9_000,
                                          "available_beds_severe": severe }, "confirmed": ["available_over_licensed"] });
        assert!(reporter.put(&day, &report).await.status.is_success());
    }
    t.settled().await;
    // A key of the health centre, narrowed to this hospital: it stands for it no more than its maker does.
    let program = crate::machine::key(&centre, &format!("report=1&which=some&hospital={hospital}")).await;
    let pages = [
        day.clone(),
        format!("/api/v1/hospitals/{hospital}/reports?from=2026-04-01&to=2026-04-10"),
        format!("/hospitals/{hospital}/reports?month=2026-04"),
        format!("/hospitals/{hospital}/reports/2026-04-10/versions/2/full"),
        format!("/answers/{hospital}/daily"),
        format!("/hospitals/{hospital}/why/available_beds_severe"),
    ];
    let severe = SEVERE.to_string();
    let told = async |person: &Person<'_>| {
        let mut all = Vec::new();
        for path in &pages {
            all.push(if path.starts_with("/api") { person.api(Method::GET, path, None).await.text } else { person.get(path).await.text });
        }
        all.into_iter().map(|text| text.contains(&severe)).collect::<Vec<_>>()
    };
    assert_eq!(told(&centre).await, [true; 6], "{pages:?}");
    assert!(program.get(&day).await.text.contains(&severe));

    let rule = form(&[], &["available_beds_severe:health_centre"]);
    assert_eq!(health.post("/board/sharing", &rule).await.status, StatusCode::SEE_OTHER);
    assert_eq!(told(&centre).await, [false; 6], "{pages:?}");
    let by_key = program.get(&day).await.text;
    assert!(by_key.contains("9000") && !by_key.contains(&severe), "{by_key}");
    assert_eq!(told(&health).await, [true; 6]);
    assert_eq!(told(&reporter).await, [true; 6], "nothing of its own is kept from a hospital");
}

#[tokio::test]
async fn a_rule_holds_in_reports_on_sqlite() {
    a_rule_holds_in_reports(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_rule_holds_in_reports_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_rule_holds_in_reports_on_postgres").await {
        a_rule_holds_in_reports(&t).await;
    }
}

#[tokio::test]
async fn a_rule_holds_at_once_on_sqlite() {
    a_rule_holds_at_once(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_rule_holds_at_once_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_rule_holds_at_once_on_postgres").await {
        a_rule_holds_at_once(&t).await;
    }
}
