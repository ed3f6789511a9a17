//! The wall around files and paper.

use super::form::{bytes, drop_file, send};
use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;

const NAME: &str = "壁の向こう病院";

async fn nothing_of_another_prefecture(t: &TestApp) {
    let beyond = t.hospital(12, NAME).await;
    let own = t.hospital(13, "こちら側病院").await;
    let chiba = t.person(Kind::PrefectureHealth, Some(12)).await;
    let tokyo = t.person(Kind::PrefectureHealth, Some(13)).await;
    let hospital = t.person_of(&own).await;
    t.settled().await;

    // A receipt is one's own organisation's.
    let sheet = |code: &str| format!("医療機関ID,救急の受入状況,入院の受入状況,空床 計\n{code},通常,通常,4\n");
    let check = drop_file(&chiba, "a.csv", sheet(beyond.as_str()).as_bytes()).await;
    let got = super::form::save(&chiba, &check, &[("behalf", "fax")]).await;
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    let other = t.person(Kind::PrefectureHealth, Some(12)).await;
    for who in [&tokyo, &hospital, &other] {
        assert_eq!(who.get("/report/files/1").await.status, StatusCode::NOT_FOUND);
        assert!(!who.get("/report/files").await.text.contains("a.csv"));
    }

    // A hospital beyond is as one that nobody has: the same words, and no name.
    for who in [&tokyo, &hospital] {
        let nobody = akidoko_domain::id::OrganisationCode::build('H', akidoko_domain::id::PrefCode::new(12), 1);
        let by_name = format!("医療機関名,救急の受入状況,入院の受入状況,空床 計\n{NAME},通常,通常,4\n");
        let there = drop_file(who, "a.csv", sheet(beyond.as_str()).as_bytes()).await;
        let nowhere = drop_file(who, "a.csv", sheet(nobody.as_str()).as_bytes()).await;
        for got in [&there, &nowhere, &drop_file(who, "a.csv", by_name.as_bytes()).await] {
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(got.text.contains("この都道府県の名簿にない医療機関です"));
        }
        assert!(!there.text.contains(NAME));
        assert_eq!(there.text.replace(beyond.as_str(), "X").len(), nowhere.text.replace(nobody.as_str(), "X").len());
        let template = String::from_utf8(bytes(who, "/report/files/template.csv").await).unwrap();
        assert!(!template.contains(NAME) && template.contains("こちら側病院"));
        assert_eq!(who.get(&format!("/report/files/template.csv?hospital={beyond}")).await.status, StatusCode::NOT_FOUND);
        assert!(!who.get(&format!("/report/sheets?all=1&hospital={beyond}")).await.text.contains(NAME));
    }
    assert!(!tokyo.get(&format!("/report/pile?q={beyond}")).await.text.contains(NAME));
    assert!(!tokyo.get(&format!("/report/pile?q={}", beyond.short())).await.text.contains(NAME));
    assert!(!tokyo.get(&format!("/report/pile?saved={beyond}&version=1")).await.text.contains(NAME));
    assert_eq!(tokyo.post("/report/pile", &format!("code={beyond}&a.emergency_status=1")).await.status, StatusCode::NOT_FOUND);

    // Whoever does not report has nothing to do here.
    for kind in [Kind::FireHeadquarters, Kind::PrefectureFire, Kind::Ministry] {
        let looker = t.person(kind, (kind != Kind::Ministry).then_some(12)).await;
        for path in ["/report/files", "/report/files/template.csv", "/report/files/1", "/report/sheets", "/report/pile"] {
            assert_eq!(looker.get(path).await.status, StatusCode::FORBIDDEN, "{kind:?} {path}");
        }
        for path in ["/report/files", "/report/files/save"] {
            assert_eq!(send(&looker, path, &[("rows", "{}")], None).await.status, StatusCode::FORBIDDEN, "{kind:?} {path}");
        }
        assert_eq!(looker.post("/report/pile", "code=x").await.status, StatusCode::FORBIDDEN, "{kind:?}");
    }
}

#[tokio::test]
async fn nothing_of_another_prefecture_on_sqlite() {
    nothing_of_another_prefecture(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn nothing_of_another_prefecture_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "nothing_of_another_prefecture_on_postgres").await {
        nothing_of_another_prefecture(&t).await;
    }
}
