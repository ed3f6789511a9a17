//! The board as it was known at a past minute.

use crate::{
    harness::{Db, TestApp},
    survey::on_both,
};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

async fn what_was_known_then(t: &TestApp) {
    let minato = t.hospital(12, "架空みなと病院").await;
    t.hospital(13, "壁の向こう病院").await;
    let clerk = t.person_of(&minato).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let day = format!("/api/v1/hospitals/{minato}/reports/2026-04-10");
    // 09:42, 10:12: five beds, then three. 11:12: the first was wrong all the time.
    let full = |n: u32| json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": n } });
    assert_eq!(clerk.put(&day, &full(5)).await.status, StatusCode::CREATED);
    t.wait(TimeDelta::minutes(30));
    let quick = json!({ "kind": "quick", "answers": { "available_beds": 3, "emergency_status": "limited" } });
    assert_eq!(clerk.put(&day, &quick).await.status, StatusCode::OK);
    t.wait(TimeDelta::minutes(60));
    assert_eq!(clerk.put(&day, &full(8)).await.status, StatusCode::OK);
    t.settled().await;
    let beds = |page: &str| {
        page.split("架空みなと病院</a>").nth(1).unwrap().split("class=\"num\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    for (at, expected) in [("09:41", "未回答"), ("09:45", "5"), ("10:10", "5"), ("10:20", "3"), ("11:12", "8")] {
        let page = health.get(&format!("/board/past?at=2026-04-10T{at}")).await;
        assert_eq!((page.status, &*beds(&page.text)), (StatusCode::OK, expected), "{at}: {}", page.text);
        assert!(!page.text.contains("壁の向こう"));
    }
    // What is said late of yesterday replaces nothing of today, though it is a full report.
    t.wait(TimeDelta::minutes(60));
    assert_eq!(clerk.put(&format!("/api/v1/hospitals/{minato}/reports/2026-04-09"), &full(9)).await.status, StatusCode::CREATED);
    assert_eq!(beds(&health.get("/board/past?at=2026-04-10T12:12").await.text), "8");
    let both = health.get("/board/past?at=2026-04-10T09:45&and=2026-04-10T10:20").await.text;
    assert!(both.contains("2 か所") && both.contains("<td>5</td><td><b>3</b></td>") && both.contains("<b>制限</b>"), "{both}");
    let same = health.get("/board/past?at=2026-04-10T09:50&and=2026-04-10T10:00").await.text;
    assert!(same.contains("変わったところはありません"));
    for (query, words) in
        [("at=x", "形で入れて"), ("at=2026-04-10T23:00", "まだ来ていない"), ("at=2026-04-10T09:45&and=+262000-01-01T00:00", "形で入れて")]
    {
        let got = health.get(&format!("/board/past?{query}")).await;
        assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains(words), "{query}: {}", got.text);
    }
    assert_eq!(health.get("/board/past").await.status, StatusCode::OK);
    assert_eq!(health.get("/board/past?prefecture=13&at=2026-04-10T09:45").await.status, StatusCode::NOT_FOUND);
    for person in [&clerk, &t.person(Kind::FireHeadquarters, Some(12)).await] {
        assert_eq!(person.get("/board/past?at=2026-04-10T09:45").await.status, StatusCode::FORBIDDEN, "{}", person.name);
        assert_eq!(person.get("/board/past").await.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    let ministry = t.person(Kind::Ministry, None).await;
    assert_eq!(beds(&ministry.get("/board/past?prefecture=12&at=2026-04-10T09:45").await.text), "5");
}
on_both!(what_was_known_then, what_was_known_then_on_sqlite, what_was_known_then_on_postgres);
