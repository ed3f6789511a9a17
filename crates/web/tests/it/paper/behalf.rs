//! 代行: who may, why it is said, where it shows.

use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;

const BODY: &str = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=4&expected_version=0";

async fn who_enters_says_why(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    t.settled().await;
    for kind in [Kind::FireHeadquarters, Kind::PrefectureFire] {
        let other = t.person(kind, Some(12)).await;
        assert_eq!(other.post(&page, BODY).await.status, StatusCode::FORBIDDEN, "{kind:?}");
    }
    let mut version = 0;
    for kind in [Kind::PrefectureHealth, Kind::HealthCity, Kind::HealthCentre] {
        let officer = t.person(kind, Some(12)).await;
        assert!(officer.get(&page).await.text.contains("代わって入力する理由"), "{kind:?}");
        let body = BODY.replace("expected_version=0", &format!("expected_version={version}"));
        let got = officer.post(&page, &body).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind:?}");
        assert!(got.text.contains("代わって入力する理由を選んでください"), "{kind:?}");
        let got = officer.post(&page, &format!("{body}&behalf=other")).await;
        assert!(got.text.contains("代行の理由を書いてください"), "{kind:?}");
        let got = officer.post(&page, &format!("{body}&behalf=fax&behalf_words=%E5%8F%97%E4%BB%98")).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{kind:?} {}", got.text);
        version += 1;
        let receipt = officer.get(&format!("{page}/versions/{version}")).await.text;
        assert!(receipt.contains("代行（FAX：受付）"), "{kind:?}");
    }
    let stranger = t.person(Kind::HealthCentre, Some(13)).await;
    assert_eq!(stranger.post(&page, BODY).await.status, StatusCode::NOT_FOUND);

    // The hospital sees it on its own screen, and everybody on its page.
    t.settled().await;
    let clerk = t.person_of(&hospital).await;
    assert!(clerk.get(&page).await.text.contains("架空のhealth_centreが 09:42 に代わって入力しました（FAX：受付）"));
    assert!(clerk.get(&format!("/hospitals/{hospital}")).await.text.contains("代行（FAX：受付）"));
    assert!(clerk.get(&format!("/hospitals/{hospital}/reports")).await.text.contains("代行（FAX：受付）"));

    // 変更なし on behalf says why too.
    t.wait(chrono::TimeDelta::hours(23));
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let next = format!("/hospitals/{hospital}/reports/2026-04-11");
    let got = officer.post(&format!("{next}/confirmation"), "expected_version=0").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = officer.post(&format!("{next}/confirmation"), "expected_version=0&behalf=phone").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    // The hospital itself is asked for nothing.
    let clerk = t.person_of(&hospital).await;
    let own = BODY.replace("expected_version=0", "expected_version=1");
    assert_eq!(clerk.post(&next, &own).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_enters_says_why_on_sqlite() {
    who_enters_says_why(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn who_enters_says_why_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "who_enters_says_why_on_postgres").await {
        who_enters_says_why(&t).await;
    }
}
