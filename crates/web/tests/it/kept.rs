//! Saved views, landmarks, and the order by distance.

use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;
use serde_json::json;

fn encoded(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn id_of(page: &str) -> String {
    page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn what_people_keep(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let other = t.person(Kind::FireHeadquarters, Some(12)).await;
    let beyond = t.person(Kind::FireHeadquarters, Some(13)).await;
    let view = encoded("severity=severe&care=dialysis&near=35.6074,140.1065&order=distance&prefecture=13&junk=1");
    let name = encoded("夜の重症と透析");

    // Offered by the board, saved under a name.
    let page = fire.get(&format!("/board/kept?view={view}")).await.text;
    assert!(page.contains("重症に空床、透析、近い順"), "{page}");
    let got = fire.post("/board/kept", &format!("act=view&name={name}&view={view}&for_all=1")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let strip = fire.get("/board/kept/strip").await;
    assert!(strip.text.contains("夜の重症と透析") && strip.text.contains("/board?prefecture=12&#38;severity=severe"), "{}", strip.text);
    assert!(!strip.text.contains("junk") && !strip.text.contains("prefecture=13"), "only what a filter says: {}", strip.text);
    let href = strip.text.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(fire.get(&href).await.status, StatusCode::OK);
    assert_eq!(fire.get(&format!("{href}&care=oxygen")).await.status, StatusCode::BAD_REQUEST);
    // One's own.
    assert_eq!(
        fire.post("/board/kept", &format!("act=view&name={}&view=accepting%3D1", encoded("自分用"))).await.status,
        StatusCode::SEE_OTHER
    );
    // A landmark.
    let mark = format!("act=landmark&name={}&place={}", encoded("本署"), encoded("35.6074, 140.1065"));
    assert_eq!(fire.post("/board/kept", &mark).await.status, StatusCode::SEE_OTHER);
    let board = fire.get("/board?near=35.6074,140.1065&order=distance").await.text;
    assert!(board.contains("本署</b><span data-way>からの直線距離") && board.contains("位置未登録"), "{board}");

    // What cannot be kept, with nothing lost.
    for (body, words) in [
        (format!("act=view&name=&view={view}"), "名前を入れてください"),
        (format!("act=view&name={}&view={view}", encoded(&"あ".repeat(41))), "40 字まで"),
        (format!("act=view&name={}&view={view}", encoded("山田太郎 昭和15年3月4日生")), "患者さんの情報は書けません"),
        (format!("act=view&name={name}&view=care%3Doxygen"), "いまのボードで使えません"),
        (format!("act=view&name={name}&view=q%3D{}", "x".repeat(10_000)), "いまのボードで使えません"),
        (format!("act=landmark&name={}&place=91,0", encoded("北極の先")), "位置を読めません"),
        (format!("act=landmark&name={}&place=here", encoded("ここ")), "位置を読めません"),
    ] {
        let got = fire.post("/board/kept", &body).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(got.text.contains(words), "{words}: {}", got.text);
    }
    assert!(fire.post("/board/kept", "act=landmark&name=x&place=91,0").await.text.contains("value=\"91,0\""));
    for wrong in ["", "act=burn", "act=view"] {
        assert!(fire.post("/board/kept", wrong).await.status.is_client_error(), "{wrong}");
    }

    // Another headquarters of the same prefecture, and one beyond the wall, have nothing of it and take nothing away.
    let mine = fire.get("/board/kept").await.text;
    let id = id_of(&mine);
    for stranger in [&other, &beyond] {
        let page = stranger.get("/board/kept").await.text;
        assert!(!page.contains("夜の重症") && !page.contains("本署"), "{}", stranger.name);
        assert_eq!(stranger.get("/board/kept/strip").await.text.trim(), "");
        assert_eq!(stranger.post("/board/kept", &format!("act=remove&id={id}")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(t.person(Kind::Ministry, None).await.get("/board/kept").await.headers["location"], "/board");
    assert_eq!(t.person(Kind::Association, Some(12)).await.get("/board/kept").await.status, StatusCode::FORBIDDEN);
    assert_eq!(fire.post("/board/kept", &format!("act=remove&id={id}")).await.status, StatusCode::SEE_OTHER);
    assert!(!fire.get("/board/kept").await.text.contains("夜の重症"));
    assert_eq!(fire.post("/board/kept", &format!("act=remove&id={id}")).await.status, StatusCode::NOT_FOUND);

    // A hospital's own figures stand in distances too: hostile places are told off.
    for wrong in ["near=91,0", "near=a,b", "near=1", "near=NaN,1", "order=distance&near=,", "start=999999"] {
        assert_eq!(fire.get(&format!("/board?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    for fine in ["near=90,180&order=distance", "near=-90,-180&order=distance", "order=distance", "start="] {
        assert_eq!(fire.get(&format!("/board?{fine}")).await.status, StatusCode::OK, "{fine}");
    }
    let day = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "ventilators_usable": 3, "ventilators_in_use": 3 } });
    assert_eq!(t.person_of(&hospital).await.put(&day, &report).await.status, StatusCode::CREATED);
    t.settled().await;
    assert!(fire.get("/board").await.text.contains("3/3"));
    assert!(!fire.get("/board?device=ventilator").await.text.contains("架空みなと病院"), "all of them are in use");
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

#[tokio::test]
async fn what_people_keep_on_sqlite() {
    what_people_keep(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn what_people_keep_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "what_people_keep_on_postgres").await {
        what_people_keep(&t).await;
    }
}
