//! The daily report on the screen and through the API: the same rules, versions, reasons.

use crate::{
    harness::{Db, TestApp},
    survey::on_both,
};
use akidoko_domain::organisation::OrganisationKind as Kind;
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

/// What is entered later than it was true — a sheet that says when it was written, a program that knows — undoes nothing newer: on the board,
/// on the next screen, in a template, and in the 変更なし of the day after.
async fn what_came_too_late_stays_overtaken(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let quick = json!({ "kind": "quick", "answers": { "available_beds": 2 } });
    assert_eq!(clerk.put(&path, &quick).await.status, StatusCode::CREATED);
    let sheet = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4, "inpatients_total": 9 },
                        "as_of": "2026-04-10T08:30:00+09:00" });
    assert_eq!(clerk.put(&path, &sheet).await.status, StatusCode::OK);
    t.settled().await;
    let beds = async |clerk: &crate::harness::Person<'_>| {
        clerk.get("/api/v1/board").await.json()["hospitals"][0]["columns"]["available_beds"]["value"].clone()
    };
    assert_eq!(beds(&clerk).await, 2);
    let page = clerk.get(&format!("/hospitals/{hospital}/reports/2026-04-10")).await.text;
    let field = page.split('<').find(|tag| tag.contains(r#"name="a.available_beds""#)).unwrap();
    assert!(field.contains(r#"value="2""#), "the screen: {field}");
    let template = clerk.get("/report/files/template.csv").await.text;
    let place = template.lines().next().unwrap().split(',').position(|h| h.contains("空床 計") || h.contains("計（床）")).unwrap();
    assert_eq!(template.lines().find(|l| l.contains(hospital.as_str())).unwrap().split(',').nth(place), Some("2"), "the template");
    // Rules bind what is left standing: of 2 beds none can be 3 severe ones, though of the sheet's 4 they could.
    let late =
        json!({ "kind": "quick", "answers": { "available_beds": 4, "available_beds_severe": 3 }, "as_of": "2026-04-10T08:40:00+09:00" });
    let got = clerk.put(&path, &late).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.text);

    t.wait(chrono::TimeDelta::days(1));
    let clerk = t.person_of(&hospital).await;
    let got = clerk.post(&format!("/hospitals/{hospital}/reports/2026-04-11/confirmation"), "expected_version=0").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    t.settled().await;
    assert_eq!(beds(&clerk).await, 2, "one press does not bring back what was overtaken");
}
on_both!(what_came_too_late_stays_overtaken, what_came_too_late_stays_overtaken_on_sqlite, what_came_too_late_stays_overtaken_on_postgres);

/// After a refusal the next press is held against what was seen, and what was typed is there, with why it is entered for the hospital.
#[tokio::test]
async fn a_refusal_does_not_take_the_newest_version_as_seen() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let first = "a.emergency_status=stopped&a.inpatient_status=normal&a.available_beds=1&expected_version=0";
    assert_eq!(clerk.post(&page, first).await.status, StatusCode::SEE_OTHER);
    // Opened before that, under a version of the survey that is no more.
    let mine = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=7&behalf=fax&expected_version=0";
    let got = health.post(&page, &format!("{mine}&survey_version=99")).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains(r#"name="expected_version" value="0""#), "what was seen: {}", got.text);
    assert!(got.text.contains(r#"value="fax" checked"#) || got.text.contains(r#"value="fax" selected"#), "why it is entered: {}", got.text);
    // The second press is told who was first, and shows the differences; only the third is held against them.
    let got = health.post(&page, &format!("{mine}&survey_version=1")).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("さんが先に報告しました") && got.text.contains(r#"name="expected_version" value="1""#), "{}", got.text);
    let day = clerk.api(Method::GET, &format!("/api/v1{page}"), None).await.json();
    assert_eq!(day["versions"].as_array().unwrap().len(), 1, "nothing was overwritten unseen");
    // A rule that is broken beside it: the same.
    let broken = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=1&a.available_beds_severe=3&expected_version=1";
    let got = clerk.post(&page, broken).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains(r#"name="expected_version" value="1""#));
}

/// 変更なし confirms again what was confirmed, and nothing that a pattern brings or that nobody was asked.
#[tokio::test]
async fn unchanged_confirms_only_what_was_confirmed() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let soft =
        "a.emergency_status=normal&a.inpatient_status=normal&a.ready_beds=5&a.secured_beds=4&expected_version=0&confirm=ready_over_secured";
    assert_eq!(clerk.post(&page, soft).await.status, StatusCode::SEE_OTHER);
    t.wait(chrono::TimeDelta::days(1));
    let clerk = t.person_of(&hospital).await;
    let next = "/hospitals/".to_owned() + hospital.as_str() + "/reports/2026-04-11/confirmation";
    // A guess at a patient in what a pattern brings is asked; the field shows what is spoken of.
    let got = clerk
        .post(&next, "expected_version=0&p.board_comment=%E5%B1%B1%E7%94%B0%E6%A7%98%E3%81%AE%E8%BB%A2%E9%99%A2%E5%BE%85%E3%81%A1")
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("patient:board_comment") && got.text.contains("山田様の転院待ち"), "{}", got.text);
    // What stands beside it was confirmed yesterday, under the same rules: a pattern that does not touch it goes through.
    let got = clerk.post(&next, "expected_version=0&p.board_comment=%E5%A4%9C%E9%96%93%E3%81%AF%E5%86%85%E7%A7%91%E3%81%AE%E3%81%BF").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
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
