//! What a report did, its history, why a figure changed, and corrections that take consent.

mod correction;

use crate::harness::{Db, Person, TestApp};
use akidoko_domain::{id::OrganisationCode, organisation::OrganisationKind as Kind};
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Runs a test on both databases.
macro_rules! on_both {
    ($name:ident, $sqlite:ident, $postgres:ident) => {
        #[tokio::test]
        async fn $sqlite() {
            $name(&TestApp::sqlite().await).await;
        }
        #[tokio::test]
        async fn $postgres() {
            if let Some(t) = TestApp::start(Db::Postgres, stringify!($postgres)).await {
                $name(&t).await;
            }
        }
    };
}
pub(crate) use on_both;

/// A whole report with so many beds.
pub fn beds(available: u32) -> Value {
    json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": available } })
}

/// The path of a day of the API.
pub fn day(code: &OrganisationCode, date: &str) -> String {
    format!("/api/v1/hospitals/{code}/reports/{date}")
}

async fn a_report_is_read(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let other = t.hospital(12, "架空きた病院").await;
    let clerk = t.person_of(&hospital).await;
    let neighbour = t.person_of(&other).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    // Who looked before it came has not seen it.
    assert_eq!(fire.get("/board").await.status, StatusCode::OK);
    t.wait(TimeDelta::seconds(5));
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let form = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=4";
    assert_eq!(clerk.post(&page, form).await.status, StatusCode::SEE_OTHER);
    t.settled().await;
    let own = format!("/hospitals/{hospital}");
    let receipt = format!("{page}/versions/1");
    let text = clerk.get(&receipt).await.text;
    assert!(text.contains("まだだれも見ていません") && text.contains("今日の報告は 09:42 に掲載しました"), "{text}");

    t.wait(TimeDelta::seconds(5));
    // Twice by two operators of one headquarters: one organisation.
    fire.get("/board").await;
    fire.get(&own).await;
    assert!(clerk.get(&receipt).await.text.contains("1 消防本部が見ました"), "at once, on the same node");
    neighbour.get(&format!("{own}/why/available_beds")).await;
    clerk.get("/board").await;
    t.service.finish().await;
    let text = clerk.get(&own).await.text;
    assert!(text.contains("1 消防本部・1 病院が見ました"), "the hospital itself does not count: {text}");
    assert!(!text.contains("架空のfire_headquarters"), "nobody is named");
    assert!(text.contains("県内の今日") && text.contains("<b>1</b> / 2 病院") && text.contains("1 病院が未回答"), "{text}");
    assert!(clerk.get(&page).await.text.contains("1 消防本部・1 病院が見ました"), "the report screen says it too");
    // What others see of it is not what it did.
    for person in [&fire, &neighbour] {
        assert!(!person.get(&own).await.text.contains("id=\"give\""));
    }
    // An update later: who had the board open sees it come; who went away does not.
    t.wait(TimeDelta::minutes(20));
    let quick = json!({ "kind": "quick", "answers": { "available_beds": 3 } });
    assert_eq!(clerk.put(&day(&hospital, "2026-04-10"), &quick).await.status, StatusCode::OK);
    t.settled().await;
    assert!(clerk.get(&format!("{page}/versions/2")).await.text.contains("id=\"give\""));
}
on_both!(a_report_is_read, a_report_is_read_on_sqlite, a_report_is_read_on_postgres);

#[tokio::test]
async fn an_open_screen_reads_what_comes() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    let stream = t.send(fire.request(axum::http::Method::GET, "/board/events?after=0", None)).await;
    assert_eq!(stream.status(), StatusCode::OK);
    t.wait(TimeDelta::minutes(30));
    assert_eq!(clerk.put(&day(&hospital, "2026-04-10"), &beds(4)).await.status, StatusCode::CREATED);
    t.settled().await;
    let own = format!("/hospitals/{hospital}");
    assert!(clerk.get(&own).await.text.contains("1 消防本部が見ました"), "it lay open before them");
    drop(stream);
    t.wait(TimeDelta::minutes(30));
    t.service.finish().await;
    assert_eq!(clerk.put(&day(&hospital, "2026-04-10"), &beds(5)).await.status, StatusCode::OK);
    t.settled().await;
    t.wait(TimeDelta::hours(20));
    let clerk = t.person_of(&hospital).await;
    assert_eq!(clerk.put(&day(&hospital, "2026-04-11"), &beds(5)).await.status, StatusCode::CREATED);
    t.settled().await;
    assert!(clerk.get(&own).await.text.contains("まだだれも見ていません"), "who closed it saw nothing of the next day");
}

async fn why_it_changed(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let ministry = t.person(Kind::Ministry, None).await;
    let stranger = t.person(Kind::FireHeadquarters, Some(13)).await;
    t.settled().await;
    let why = format!("/hospitals/{hospital}/why/available_beds");
    assert!(fire.get(&why).await.text.contains("変わっていません"), "nothing yet is no error");
    clerk.put(&day(&hospital, "2026-04-10"), &beds(4)).await;
    let mut second = beds(0);
    second["reason"] = json!("看護師の欠員");
    t.wait(TimeDelta::minutes(5));
    health.put(&day(&hospital, "2026-04-10"), &second).await;
    t.settled().await;

    let seen = fire.get(&why).await;
    assert_eq!(seen.status, StatusCode::OK);
    for words in ["4 床 → <b>0 床</b>", "架空のprefecture_health", "代行", "API", "4月10日（金）09:47", "はじめての値"]
    {
        assert!(seen.text.contains(words), "{words}: {}", seen.text);
    }
    for secret in ["当直", "-01", "看護師の欠員"] {
        let main = seen.text.split("<main").nth(1).unwrap();
        assert!(!main.contains(secret), "a dispatcher learns {secret}: {main}");
    }
    for person in [&clerk, &health, &ministry] {
        let text = person.get(&why).await.text;
        assert!(text.contains("看護師の欠員") && text.contains("当直"), "{}", person.name);
    }
    // What a dispatcher sees of the board leads there; what is not on the board does not exist for them.
    assert!(fire.get("/board").await.text.contains(&format!("href=\"{why}\">0</a>")));
    let page = fire.get(&format!("/hospitals/{hospital}")).await.text;
    assert!(page.contains(&why) && !page.split("<main").nth(1).unwrap().contains("当直"));
    for (person, item, status) in [
        (&fire, "nurse_staffing", StatusCode::NOT_FOUND),
        (&fire, "nonsense", StatusCode::NOT_FOUND),
        (&fire, "emergency_status", StatusCode::OK),
        (&clerk, "nurse_staffing", StatusCode::OK),
        (&health, "nurse_staffing", StatusCode::OK),
        (&stranger, "available_beds", StatusCode::NOT_FOUND),
    ] {
        let path = format!("/hospitals/{hospital}/why/{item}");
        assert_eq!(person.get(&path).await.status, status, "{item} {}", person.name);
    }
    assert_eq!(fire.get(&format!("{why}?until=x")).await.status, StatusCode::BAD_REQUEST);
    assert!(fire.get(&format!("{why}?until=2026-01-01")).await.text.contains("2026年1月1日"));
}
on_both!(why_it_changed, why_it_changed_on_sqlite, why_it_changed_on_postgres);

async fn the_history_explains(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let centre = t.person(Kind::HealthCentre, Some(12)).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    clerk.put(&day(&hospital, "2026-04-10"), &beds(4)).await;
    t.wait(TimeDelta::minutes(20));
    let quick = json!({ "kind": "quick", "answers": { "available_beds": 2 } });
    clerk.put(&day(&hospital, "2026-04-10"), &quick).await;
    let mut past = beds(9);
    past["reason"] = json!("転記の誤り");
    clerk.put(&day(&hospital, "2026-03-30"), &past).await;
    t.settled().await;

    let path = format!("/hospitals/{hospital}/reports");
    let month = centre.get(&path).await;
    assert_eq!(month.status, StatusCode::OK);
    assert!(month.text.contains("空床 計 4 → 2") && month.text.contains("一部の更新") && month.text.contains("4月10日（金）09:42 受信"));
    assert!(month.text.contains("?month=2026-03"), "the month before has reports");
    let march = centre.get(&format!("{path}?month=2026-03")).await.text;
    assert!(march.contains("転記の誤り") && march.contains("3月30日（月）23:59 の値") && march.contains("?month=2026-04"), "{march}");
    // By item.
    let item = centre.get(&format!("{path}?item=emergency_status")).await.text;
    assert!(!item.contains("空床 計 4 → 2"), "that version did not touch it");
    assert!(centre.get(&format!("{path}?item=available_beds")).await.text.contains("空床 計 4 → 2"));
    // As it was known ten minutes after the first one: before the update, and before the report of March came.
    let then = centre.get(&format!("{path}?at=2026-04-10T09:52")).await.text;
    assert!(then.contains("分かっていた値") && then.contains("<b>4 床</b>") && !then.contains("4 → 2"), "{then}");
    let before = centre.get(&format!("{path}?at=2026-04-10T09:00")).await.text;
    assert!(before.contains("まだ報告がありませんでした"), "{before}");

    // A version in full, under its survey.
    let one = format!("{path}/2026-04-10/versions/2/full");
    let full = centre.get(&one).await.text;
    assert!(full.contains("4 床 → 2 床") && full.contains("そのまま") && full.contains("日次報告（第 1 版の設問）"), "{full}");
    for (query, status) in [
        ("?month=2026-4", StatusCode::BAD_REQUEST),
        ("?month=x", StatusCode::BAD_REQUEST),
        ("?at=yesterday", StatusCode::BAD_REQUEST),
        ("?item=nonsense", StatusCode::NOT_FOUND),
        ("?month=1999-01", StatusCode::OK),
        ("/2026-04-10/versions/7/full", StatusCode::NOT_FOUND),
        ("/2026-04-10/versions/x/full", StatusCode::NOT_FOUND),
        ("/2026-04-10/versions/1/full?survey=none", StatusCode::NOT_FOUND),
        ("/2026-04-1/versions/1/full", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(centre.get(&format!("{path}{query}")).await.status, status, "{query}");
    }
    for path in [path.clone(), one] {
        assert_eq!(fire.get(&path).await.status, StatusCode::FORBIDDEN, "the history is not a dispatcher's");
    }
}
on_both!(the_history_explains, the_history_explains_on_sqlite, the_history_explains_on_postgres);

/// The details of the log's entries that a person made, in order.
pub async fn entries(t: &TestApp, person: &Person<'_>) -> Vec<Value> {
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let page = t.store.audit_after_unscoped(after).await.unwrap();
        let Some((last, _)) = page.last() else { return found };
        after = *last;
        found.extend(
            page.into_iter().filter(|(_, e)| e[0] == person.name).filter_map(|(_, e)| serde_json::from_str(&e[4][e[4].find('{')?..]).ok()),
        );
    }
}

async fn what_looks_like_a_patient_is_confirmed_and_logged(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let form = "a.emergency_status=normal&a.inpatient_status=normal&a.contact_day=090-1234-5678";
    let comment = |text: &str| format!("{form}&a.board_comment={}", text.replace(' ', "+"));
    // A record number is refused whatever is confirmed; a mobile number and a name ask. A contact's own number is what its item is for.
    for (text, words) in [("カルテ番号 0012345", "患者さんの番号"), ("家族 090-1234-5678", "個人の電話番号"), ("山田太郎様", "人の名前")]
    {
        let got = clerk.post(&page, &comment(text)).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        assert!(got.text.contains(words), "{text}: {}", got.text);
    }
    let confirmed = |text: &str| format!("{}&confirm=patient%3Aboard_comment&confirm=never_raised", comment(text));
    assert_eq!(clerk.post(&page, &confirmed("カルテ番号 0012345")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(clerk.post(&page, &confirmed("家族 090-1234-5678")).await.status, StatusCode::SEE_OTHER);
    let log = entries(t, &clerk).await;
    let report = log.iter().find(|e| e["version"] == 1).unwrap();
    assert_eq!(report["confirmed"], json!(["patient:board_comment"]), "what was raised and confirmed, and nothing else: {log:?}");
    assert!(!report.to_string().contains("1234"), "never what was typed");
    // 変更なし confirms it again, and says so.
    t.wait(TimeDelta::hours(24));
    let clerk = t.person_of(&hospital).await;
    assert_eq!(clerk.post(&format!("/hospitals/{hospital}/reports/2026-04-11/confirmation"), "").await.status, StatusCode::SEE_OTHER);
    let log = entries(t, &clerk).await;
    assert!(log.iter().any(|e| e["report_date"] == "2026-04-11" && e["confirmed"] == json!(["patient:board_comment"])), "{log:?}");
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(
    what_looks_like_a_patient_is_confirmed_and_logged,
    what_looks_like_a_patient_is_confirmed_and_logged_on_sqlite,
    what_looks_like_a_patient_is_confirmed_and_logged_on_postgres
);
