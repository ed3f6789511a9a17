//! The daily report on the screen and through the API: the same rules, versions, reasons.

use crate::harness::{Db, TestApp};
use axum::http::{Method, StatusCode};
use serde_json::json;

async fn a_day_of_a_hospital(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    assert_eq!(clerk.get("/report").await.headers["location"], page.as_str());
    assert_eq!(clerk.get(&page).await.status, StatusCode::OK);
    // Nothing to repeat yet.
    assert_eq!(clerk.post(&format!("{page}/confirmation"), "").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Full-width digits are digits.
    let got = clerk.post(&page, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=%EF%BC%94&expected_version=0").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert_eq!(got.headers["location"], format!("{page}/versions/1").as_str());
    assert_eq!(clerk.get(&format!("{page}/versions/1")).await.status, StatusCode::OK);

    // Somebody else reported in between: nothing is lost, the screen comes back with what was typed.
    let got = clerk.post(&page, "a.emergency_status=stopped&a.inpatient_status=normal&expected_version=0").await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains(r#"name="a.emergency_status" value="stopped" checked"#), "what was typed stays");

    // A hard rule, a soft one, its confirmation.
    let body = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=1&a.available_beds_severe=2&expected_version=1";
    let got = clerk.post(&page, body).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("空床の「うち重症」が「計」を超えています"));
    let soft = "a.emergency_status=normal&a.inpatient_status=normal&a.ready_beds=5&a.secured_beds=4&expected_version=1";
    let got = clerk.post(&page, soft).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("ready_over_secured"));
    let got = clerk.post(&page, &format!("{soft}&confirm=ready_over_secured")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    // The next day: 変更なし in one tap takes the figures over.
    t.wait(chrono::TimeDelta::hours(23));
    let clerk = t.person_of(&hospital).await;
    let next = format!("/hospitals/{hospital}/reports/2026-04-11");
    assert!(clerk.get(&next).await.text.contains("変更なしで報告"));
    assert_eq!(clerk.post(&format!("{next}/confirmation"), "expected_version=0").await.status, StatusCode::SEE_OTHER);
    let day = clerk.api(Method::GET, &format!("/api/v1{next}"), None).await.json();
    assert_eq!(day["versions"][0]["answers"]["ready_beds"], 5);

    // A past day is corrected with a reason, and today's board keeps today's figures.
    let correction = json!({ "answers": { "emergency_status": "stopped", "inpatient_status": "normal" } });
    let path = format!("/api/v1{page}");
    let got = clerk.put(&path, &correction).await;
    assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("reason_missing")));
    let correction = json!({ "answers": { "emergency_status": "stopped", "inpatient_status": "normal" }, "reason": "転記の誤り" });
    let got = clerk.put(&path, &correction).await;
    assert_eq!((got.status, got.json()["version"].clone()), (StatusCode::OK, json!(3)));
    t.settled().await;
    let board = clerk.get("/api/v1/board").await.json();
    assert_eq!(board["hospitals"][0]["columns"]["emergency_status"]["value"], "normal", "correcting yesterday never replaces today");
    let history = clerk.get(&format!("/hospitals/{hospital}/reports")).await;
    assert!(history.text.contains("転記の誤り"), "the history says why");
}

#[tokio::test]
async fn a_day_of_a_hospital_on_sqlite() {
    a_day_of_a_hospital(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_day_of_a_hospital_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_day_of_a_hospital_on_postgres").await {
        a_day_of_a_hospital(&t).await;
    }
}

async fn reports_side_by_side(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let good = |beds: u32| json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": beds } });
    let bad = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 1, "available_beds_severe": 2 } });
    let mut asked = Vec::new();
    for n in 0..40 {
        let body = if n % 4 == 3 { bad.clone() } else { good(n) };
        let (clerk, path) = (&clerk, &path);
        asked.push(async move { clerk.put(path, &body).await });
    }
    let mut versions = Vec::new();
    let mut refused = 0;
    for got in futures_util::future::join_all(asked).await {
        match got.status {
            StatusCode::OK | StatusCode::CREATED => versions.push(got.json()["version"].as_u64().unwrap()),
            StatusCode::UNPROCESSABLE_ENTITY => refused += 1,
            other => panic!("{other} {}", got.text),
        }
    }
    versions.sort_unstable();
    assert_eq!((versions, refused), ((1..=30).collect(), 10), "each its own version, and the refused hold nobody up");
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

#[tokio::test]
async fn reports_side_by_side_on_sqlite() {
    reports_side_by_side(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn reports_side_by_side_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "reports_side_by_side_on_postgres").await {
        reports_side_by_side(&t).await;
    }
}
