//! Keys of the API: made, limited, changed and revoked on the screen; what they may do, and what they never may.

use crate::{
    harness::{Db, TestApp},
    machine::{Machine, association, fields, key, once},
    office::on_both,
};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;

const QUICK: &str = r#"{"kind":"quick","answers":{"available_beds":3}}"#;

fn quick() -> serde_json::Value {
    serde_json::from_str(QUICK).unwrap()
}

fn path(hospital: &akidoko_domain::id::OrganisationCode) -> String {
    format!("/api/v1/hospitals/{hospital}/reports/2026-04-10")
}

async fn the_life_of_a_key(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let chief = t.person_of(&hospital).await;
    let made = key(&chief, "report=1&read=1").await;

    // It reports, and the report says so.
    let got = made.put(&path(&hospital), &quick()).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.text);
    let day = made.get(&path(&hospital)).await.json();
    assert_eq!(day["versions"][0]["author"]["operator"], "API：test");
    assert_eq!(day["versions"][0]["author"]["sign_in"], format!("{hospital}-API"));
    assert_eq!(day["versions"][0]["author"]["channel"], "api");
    t.settled().await;
    assert_eq!(made.get("/api/v1/board").await.json()["hospitals"][0]["columns"]["available_beds"]["value"], 3);
    assert!(chief.get(&format!("/hospitals/{hospital}/reports")).await.text.contains("API：test"), "the history names the key");

    // The list says when it was used last, and never the secret.
    let list = chief.get("/keys").await.text;
    assert!(list.contains("192.0.2.0/24") && !list.contains(&made.secret), "{list}");
    t.service.write_last_seen().await.unwrap();

    // Changed: it may no longer report; then from one network only.
    let change = |more: &str| fields("test", more);
    assert_eq!(chief.post(&format!("/keys/{}", made.id), &change("read=1")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(made.put(&path(&hospital), &quick()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(made.get(&path(&hospital)).await.status, StatusCode::OK, "what it reads it goes on reading");
    let change = format!("{}&networks=198.51.100.0%2F24", change("report=1"));
    assert_eq!(chief.post(&format!("/keys/{}", made.id), &change).await.status, StatusCode::SEE_OTHER);
    let got = made.put(&path(&hospital), &quick()).await;
    assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::FORBIDDEN, json!("network")));
    assert_eq!(got.json()["title"], "このネットワークからは使えません");
    let inside = Machine { app: t, secret: made.secret.clone(), id: made.id.clone(), address: "198.51.100.9" };
    assert_eq!(inside.put(&path(&hospital), &quick()).await.status, StatusCode::OK);
    assert_eq!(inside.get("/api/v1/board").await.status, StatusCode::FORBIDDEN, "it only reports");

    // Revoked: at once, and its row stays to be seen.
    assert_eq!(chief.post(&format!("/keys/{}/end", made.id), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(inside.put(&path(&hospital), &quick()).await.status, StatusCode::UNAUTHORIZED);
    assert!(chief.get("/keys").await.text.contains("取り消し済み"));
    assert_eq!(chief.get(&format!("/keys/{}", made.id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(chief.post(&format!("/keys/{}/end", made.id), "").await.status, StatusCode::NOT_FOUND);
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

#[tokio::test]
async fn the_life_of_a_key_on_sqlite() {
    the_life_of_a_key(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn the_life_of_a_key_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "the_life_of_a_key_on_postgres").await {
        the_life_of_a_key(&t).await;
    }
}

async fn a_key_is_never_wider_than_its_organisation(t: &TestApp) {
    let (a, b, c) = (t.hospital(12, "い病院").await, t.hospital(12, "ろ病院").await, t.hospital(12, "は病院").await);
    let beyond = t.hospital(13, "壁の向こう病院").await;
    t.settled().await;
    let union = association(t, &[&a, &b]).await;
    let all = key(&union, "report=1").await;
    let some = key(&union, &format!("report=1&which=some&hospital={a}&hospital={c}&hospital={beyond}")).await;
    let own = key(&t.person_of(&a).await, "report=1").await;
    let fire = key(&t.person(Kind::FireHeadquarters, Some(12)).await, "read=1").await;
    let health = key(&t.person(Kind::PrefectureHealth, Some(12)).await, &format!("report=1&which=some&hospital={c}")).await;
    for (machine, name, allowed) in [
        (&all, "an association's, for all", [true, true, false]),
        (&some, "for some of them", [true, false, false]),
        (&own, "a hospital's", [true, false, false]),
        (&fire, "a reader's", [false, false, false]),
        (&health, "a prefecture's, for one", [false, false, true]),
    ] {
        for (hospital, may) in [&a, &b, &c].into_iter().zip(allowed) {
            let got = machine.put(&path(hospital), &quick()).await;
            assert_eq!(got.status.is_success(), may, "{name} {hospital}: {}", got.text);
            assert!(may || got.status == StatusCode::FORBIDDEN, "{name} {hospital}: {}", got.status);
        }
        let got = machine.put(&path(&beyond), &quick()).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{name}");
        assert!(!got.text.contains("壁の向こう"));
        assert_eq!(machine.get(&format!("/api/v1/hospitals/{beyond}/reports")).await.status, StatusCode::NOT_FOUND, "{name}");
        let known = machine.get("/api/v1/hospitals").await;
        assert!(!known.text.contains(beyond.as_str()) && !known.text.contains("壁の向こう"), "{name}");
    }
    let codes = |got: crate::harness::Got| {
        let mut codes: Vec<String> =
            got.json()["hospitals"].as_array().unwrap().iter().map(|h| h["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes
    };
    let sorted = |all: &[&akidoko_domain::id::OrganisationCode]| {
        let mut codes: Vec<String> = all.iter().map(ToString::to_string).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(all.get("/api/v1/hospitals").await), sorted(&[&a, &b]));
    assert_eq!(codes(some.get("/api/v1/hospitals").await), sorted(&[&a]));
    assert_eq!(codes(fire.get("/api/v1/hospitals").await), Vec::<String>::new());
    assert_eq!(codes(health.get("/api/v1/hospitals").await), sorted(&[&c]));
    // History: one's own, as far as the key goes.
    for (machine, hospital, status) in [
        (&all, &b, StatusCode::OK),
        (&some, &b, StatusCode::FORBIDDEN),
        (&own, &a, StatusCode::OK),
        (&own, &b, StatusCode::FORBIDDEN),
        (&fire, &a, StatusCode::FORBIDDEN),
        (&health, &c, StatusCode::OK),
        (&health, &a, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(machine.get(&format!("/api/v1/hospitals/{hospital}/reports")).await.status, status, "{hospital}");
    }
    // The board of one's own prefecture, and no other.
    t.settled().await;
    let board = fire.get("/api/v1/board").await;
    assert!(board.text.contains(a.as_str()) && !board.text.contains(beyond.as_str()));
    assert_eq!(fire.get("/api/v1/board?prefecture=13").await.status, StatusCode::NOT_FOUND);
    assert_eq!(fire.get("/api/v1/board/events?prefecture=13").await.status, StatusCode::NOT_FOUND);
    // A key is no sign-in.
    for path in ["/board", "/keys", "/operators", "/report"] {
        assert_eq!(fire.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    // A member that leaves the association leaves its key. A suspended organisation has none.
    t.admin.suspend(union.name.split('-').next().unwrap(), true).await.unwrap();
    t.settled().await;
    assert_eq!(all.get("/api/v1/hospitals").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_is_never_wider_than_its_organisation_on_sqlite() {
    a_key_is_never_wider_than_its_organisation(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_key_is_never_wider_than_its_organisation_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_key_is_never_wider_than_its_organisation_on_postgres").await {
        a_key_is_never_wider_than_its_organisation(&t).await;
    }
}

#[tokio::test]
async fn who_makes_keys_and_what_is_typed() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let chief = t.person_of(&hospital).await;
    let other = t.person_of(&hospital).await;
    assert_eq!(other.get("/keys").await.status, StatusCode::FORBIDDEN, "the second operator is no administrator");
    assert_eq!(other.post("/keys", &fields("x", "report=1")).await.status, StatusCode::FORBIDDEN);
    // A form sent twice makes one key, and shows it again.
    let form = fields("%E9%9B%BB%E5%AD%90%E3%82%AB%E3%83%AB%E3%83%86", "report=1");
    let secret = |text: &str| text.split(r#"id="secret">"#).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let first = secret(&chief.post("/keys", &form).await.text);
    assert_eq!(secret(&chief.post("/keys", &form).await.text), first);
    let list = chief.get("/keys").await.text;
    assert_eq!(list.matches("<h2 class=\"h3\">電子カルテ</h2>").count(), 1);
    assert_eq!(list.matches(r#"href="/keys/"#).count(), 1);
    // What is wrong is told at once, and what was typed stays.
    let bad = format!("name=&per_minute=0&expires_on=2029-01-01&networks=here&once={}", once());
    let got = chief.post("/keys", &bad).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["5 か所", "名前を 1 文字", "できることを 1 つ", "「here」", "1 から 6000", "2028年4月9日", ">here</textarea>"]
    {
        assert!(got.text.contains(words), "{words}");
    }
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    assert_eq!(fire.post("/keys", &fields("x", "report=1")).await.status, StatusCode::UNPROCESSABLE_ENTITY, "it may not report itself");
    // Another organisation's key does not exist.
    let made = key(&chief, "report=1").await;
    for (path, body) in [(format!("/keys/{}", made.id), fields("x", "read=1")), (format!("/keys/{}/end", made.id), String::new())] {
        assert_eq!(fire.post(&path, &body).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(fire.get(&format!("/keys/{}", made.id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(made.get("/api/v1/hospitals").await.status, StatusCode::OK);
    // An operator's token goes on, and is revoked here too.
    assert_eq!(chief.api(Method::GET, "/api/v1/hospitals", None).await.status, StatusCode::OK);
    let list = chief.get("/keys").await.text;
    let id = list.split("操作者のトークン").nth(1).unwrap().split("/keys/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(chief.post(&format!("/keys/{id}/end"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(chief.api(Method::GET, "/api/v1/hospitals", None).await.status, StatusCode::UNAUTHORIZED);
    // No more than twenty stand.
    for _ in 0..18 {
        key(&chief, "report=1").await;
    }
    let got = chief.post("/keys", &fields("x", "report=1")).await;
    assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("20 個まで"), "{}", got.status);
}

#[tokio::test]
async fn too_many_requests_wait() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    let form = format!("name=test&read=1&per_minute=3&expires_on=2027-04-10&once={}", once());
    let got = fire.post("/keys", &form).await;
    let secret = got.text.split(r#"id="secret">"#).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let machine = Machine { app: &t, secret, id: String::new(), address: "192.0.2.7" };
    for _ in 0..3 {
        assert_eq!(machine.get("/api/v1/board").await.status, StatusCode::OK);
    }
    let got = machine.get("/api/v1/board").await;
    assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::TOO_MANY_REQUESTS, json!("rate_limited")));
    let wait: i64 = got.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    t.wait(TimeDelta::seconds(wait));
    assert_eq!(machine.get("/api/v1/board").await.status, StatusCode::OK);
    assert_eq!(machine.get("/api/v1/board").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_key_that_ends_is_told_of_and_ends() {
    on_both("a_key_that_ends_is_told_of_and_ends", async |t, folder| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let chief = t.person_of(&hospital).await;
        let organisation = t.store.organisation_unscoped(&hospital).await.unwrap().unwrap().organisation;
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.set_mailbox(organisation.id, "joho@hospital.example").await.unwrap();
        tx.commit().await.unwrap();
        let machine = key(&chief, "report=1").await;
        let told = || folder.texts().into_iter().filter(|text| text.contains("API キー「test」の期限")).collect::<Vec<_>>();
        for (days, mails) in [(300, 0), (35, 1), (1, 1), (22, 2), (3, 2)] {
            t.wait(TimeDelta::days(days));
            while t.service.work().await.unwrap() > 0 {}
            assert_eq!(told().len(), mails, "after {days} more days");
        }
        assert!(told().iter().all(|text| text.contains("To: joho@hospital.example") && text.contains("2027年4月10日")), "{:?}", told());
        assert_eq!(machine.get("/api/v1/hospitals").await.status, StatusCode::OK);
        t.wait(TimeDelta::days(5));
        assert_eq!(machine.get("/api/v1/hospitals").await.status, StatusCode::UNAUTHORIZED);
        while t.service.work().await.unwrap() > 0 {}
        assert_eq!(told().len(), 2);
    })
    .await;
}
