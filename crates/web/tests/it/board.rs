//! The board: what stands on it, what changes on it, what is sent again.

use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;
use std::io::Read as _;

async fn a_report_reaches_open_screens(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = |beds: u32| json!({ "answers": { "emergency_status": "normal", "inpatient_status": "limited", "available_beds": beds } });

    let before = fire.get("/api/v1/board").await;
    let tag = before.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(before.json()["hospitals"][0]["as_of"], json!(null), "never reported");

    let listening = fire.stream_until("/board/events", None, "event: row");
    let reporting = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        reporter.put(&path, &report(4)).await
    };
    let (heard, got) = tokio::join!(listening, reporting);
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.text);
    assert!(heard.contains("event: row") && heard.contains(hospital.as_str()), "{heard}");
    let first = got.json()["event_id"].as_i64().unwrap();

    for beds in [3, 2] {
        assert_eq!(reporter.put(&path, &report(beds)).await.status, StatusCode::OK);
    }
    t.settled().await;
    // A screen that comes back misses nothing.
    let replayed = fire.stream_until("/api/v1/board/events", Some(first), &format!("id: {}", first + 2)).await;
    let ids: Vec<i64> = replayed.lines().filter_map(|l| l.strip_prefix("id: ")?.parse().ok()).collect();
    assert_eq!(ids, [first + 1, first + 2], "{replayed}");
    assert!(replayed.contains("\"available_beds\":{"), "{replayed}");

    let after = fire.get("/api/v1/board").await;
    let row = &after.json()["hospitals"][0];
    assert_eq!(row["columns"]["available_beds"]["value"], 2);
    assert_eq!(row["columns"]["outpatient_status"]["value"], "no_answer", "未回答 is said, not left out");
    assert_eq!(row["columns"]["secured_beds"]["value"], json!(null));
    assert_ne!(after.headers["etag"].to_str().unwrap(), tag);

    let tag = after.headers["etag"].clone();
    let mut request = fire.request(Method::GET, "/api/v1/board", None);
    request.headers_mut().insert("if-none-match", tag);
    let same = t.ask(request).await;
    assert_eq!((same.status, same.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn a_report_reaches_open_screens_on_sqlite() {
    a_report_reaches_open_screens(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_report_reaches_open_screens_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_report_reaches_open_screens_on_postgres").await {
        a_report_reaches_open_screens(&t).await;
    }
}

#[tokio::test]
async fn filters_exports_and_their_log() {
    let t = TestApp::sqlite().await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    for (name, beds) in [("空きあり病院", 3), ("空きなし病院", 0)] {
        let hospital = t.hospital(12, name).await;
        let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
        let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": beds, "accept_dialysis": "active" } });
        assert_eq!(health.put(&path, &report).await.status, StatusCode::CREATED);
    }
    t.settled().await;
    for (query, there, not) in [
        ("", vec!["空きあり病院", "空きなし病院"], vec![]),
        ("?accepting=1", vec!["空きあり病院"], vec!["空きなし病院"]),
        ("?care=dialysis", vec!["空きあり病院", "空きなし病院"], vec![]),
        ("?q=%E3%81%82%E3%82%8A", vec![], vec!["空きなし病院"]),
        ("?within=1&order=beds", vec!["空きあり病院", "空きなし病院"], vec![]),
    ] {
        for path in ["/board", "/board.csv", "/api/v1/board"] {
            let got = health.get(&format!("{path}{query}")).await;
            assert_eq!(got.status, StatusCode::OK, "{path}{query}");
            for name in &there {
                assert!(got.text.contains(name), "{path}{query} lacks {name}");
            }
            for name in &not {
                assert!(!got.text.contains(name), "{path}{query} shows {name}");
            }
        }
    }
    let csv = health.get("/board.csv").await;
    assert!(csv.text.starts_with('\u{feff}') && csv.text.contains("未回答") && csv.text.contains(",代行,"), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 3);
    assert!(health.get("/board.xlsx").await.status.is_success());
    // Each line says which of how many it is: a file that was cut off shows it.
    let numbers: Vec<String> = csv.text.lines().skip(1).map(|l| l.split(',').take(2).collect::<Vec<_>>().join("/")).collect();
    assert_eq!(numbers, ["1/2", "2/2"]);

    assert_eq!(health.get("/board.csv?near=35.6074,140.1065&order=distance").await.status, StatusCode::OK);

    t.service.finish().await;
    let log: Vec<_> = t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, c)| c).collect();
    let of = |category: &str| log.iter().filter(|c| c[3] == category).count();
    assert_eq!((of("report"), of("sign_in")), (2, 1));
    assert_eq!(of("export"), 8, "each export, before it was handed out");
    let told = |c: &&[String; 5]| c.iter().any(|part| part.contains("\"near\"") && part.contains("order=distance"));
    assert_eq!(log.iter().filter(told).count(), 1, "by distance");
    assert!(log.iter().flatten().all(|part| !part.contains("35.6") && !part.contains("140.1")), "and not from where");
    assert!(of("board_read") >= 2, "reads, one for each view: {log:?}");
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

#[tokio::test]
async fn what_an_old_spreadsheet_cannot_write() {
    let t = TestApp::sqlite().await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let hospital = t.hospital(12, "𠮷田記念病院").await;
    t.hospital(12, "架空みなと病院").await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "board_comment": "CTは☎で" } });
    assert_eq!(health.put(&path, &report).await.status, StatusCode::CREATED);
    t.settled().await;
    let told = health.get("/board.csv?encoding=cp932").await;
    assert!(told.headers["content-type"].to_str().unwrap().starts_with("text/html"), "told before it is taken");
    assert!(
        told.text.contains("置き換わる文字が 2 か所") && told.text.contains("U+20BB7") && told.text.contains("連絡事項"),
        "{}",
        told.text
    );
    let taken = t.send(health.request(Method::GET, "/board.csv?encoding=cp932&replaced=ok", None)).await;
    let bytes = axum::body::to_bytes(taken.into_body(), usize::MAX).await.unwrap();
    let text = encoding_rs::SHIFT_JIS.decode(&bytes).0.into_owned();
    assert!(text.contains("〓田記念病院") && text.contains("架空みなと病院"), "{text}");
    // Nothing to replace, nothing to ask.
    let plain = health.get("/board.csv?encoding=cp932&q=%E3%81%BF%E3%81%AA%E3%81%A8").await;
    assert!(plain.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    // The same with a template of reports.
    let told = health.get("/report/files/template.csv?day=2026-04-10&encoding=cp932").await;
    assert!(
        told.text.contains("置き換わる文字が 2 か所") && told.text.contains("U+20BB7") && told.text.contains("U+260E"),
        "{}",
        told.text
    );
    let again = "/report/files/template.csv?day=2026-04-10&#38;encoding=cp932&#38;replaced=ok";
    assert!(told.text.contains(again) && told.text.contains("ファイルで報告する"), "{}", told.text);
    let taken = health.get(&again.replace("&#38;", "&")).await;
    assert!(taken.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
}

#[tokio::test]
async fn a_sum_of_nobody_is_no_zero() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let sum = async |name: &str| {
        let page = fire.get("/board").await.text;
        page.split(&format!("data-t=\"{name}\">")).nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!((sum("available").await, sum("unanswered").await), ("－".to_owned(), "1".to_owned()));
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = json!({ "answers": { "emergency_status": "stopped", "inpatient_status": "normal", "available_beds": 0, "available_beds_severe": 0 } });
    assert_eq!(t.person_of(&hospital).await.put(&path, &report).await.status, StatusCode::CREATED);
    t.settled().await;
    assert_eq!((sum("available").await, sum("severe").await, sum("mild").await), ("0".to_owned(), "0".to_owned(), "－".to_owned()));
}

#[tokio::test]
async fn suspending_closes_open_streams() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.hospital(12, "架空病院").await;
    t.settled().await;
    let name = fire.name.clone();
    let suspend = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        t.admin.suspend(&name, true).await.unwrap();
    };
    let (heard, ()) = tokio::join!(fire.stream_until("/board/events", None, "signed_out"), suspend);
    assert!(heard.contains("event: signed_out"), "{heard}");
    assert_eq!(fire.get("/api/v1/board").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(fire.api(Method::GET, "/api/v1/board", None).await.status, StatusCode::UNAUTHORIZED, "its tokens too");
}

#[tokio::test]
async fn a_page_goes_out_as_its_reader_can_unpack_it() {
    let t = TestApp::sqlite().await;
    t.hospital(12, "架空みなと病院").await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    let whole = fire.get("/board").await;
    assert!(whole.text.contains("架空みなと病院") && !whole.headers.contains_key("content-encoding"));

    for (takes, packing) in [
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("gzip, zstd;q=0", Some("gzip")),
        ("zstd", Some("zstd")),
        ("gzip;q=0.5", Some("gzip")),
        ("br", None),
        ("gzip;q=0, zstd;q=0.0", None),
    ] {
        let ask = |tag: Option<&axum::http::HeaderValue>| {
            let mut request = fire.request(Method::GET, "/board", None);
            request.headers_mut().insert("accept-encoding", takes.parse().unwrap());
            if let Some(tag) = tag {
                request.headers_mut().insert("if-none-match", tag.clone());
            }
            request
        };
        let got = t.send(ask(None)).await;
        assert_eq!(got.headers().get("content-encoding").map(|e| e.to_str().unwrap()), packing, "{takes}");
        let (tag, length) = (got.headers()["etag"].clone(), got.headers()["content-length"].to_str().unwrap().parse::<usize>().unwrap());
        let bytes = got.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes.len(), length, "{takes}");
        let unpacked = match packing {
            Some("zstd") => zstd::stream::decode_all(bytes.as_ref()).unwrap(),
            Some(_) => {
                let mut plain = Vec::new();
                flate2::read::GzDecoder::new(bytes.as_ref()).read_to_end(&mut plain).unwrap();
                plain
            }
            None => bytes.to_vec(),
        };
        assert_eq!(String::from_utf8(unpacked).unwrap(), whole.text, "{takes}");
        assert_eq!(t.ask(ask(Some(&tag))).await.status, StatusCode::NOT_MODIFIED, "{takes}");
        // The same page packed in another way has another name.
        assert_eq!(tag == whole.headers["etag"], packing.is_none(), "{takes}");
    }
}

/// A file that is kept for ever says nothing of what pages may do: that the page says.
#[tokio::test]
async fn every_answer_says_what_it_may_do() {
    let t = TestApp::sqlite().await;
    let page = t.ask(crate::harness::form("/sign-in", "name=&password=")).await;
    let address = page.text.split('"').find(|part| part.starts_with("/assets/") && part.ends_with("app.css")).unwrap().to_owned();
    let file = t.ask(axum::http::Request::get(address).body(axum::body::Body::empty()).unwrap()).await;
    for (got, policy) in [(&page, true), (&file, false)] {
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        for name in ["content-security-policy", "referrer-policy", "permissions-policy", "cross-origin-opener-policy"] {
            assert_eq!(got.headers.contains_key(name), policy, "{name}");
        }
    }
}
