//! Between two reports: quick updates, from a form and from a device that kept them, and 応需パターン.

use crate::harness::{Db, Person, TestApp, form};
use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// As a script sends it.
async fn send(person: &Person<'_>, path: &str, body: &str) -> (StatusCode, Value) {
    let mut request = form(path, body);
    request.headers_mut().insert(header::COOKIE, person.cookie.parse().unwrap());
    request.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
    let got = person.app.ask(request).await;
    (got.status, serde_json::from_str(&got.text).unwrap_or(Value::Null))
}

async fn board(t: &TestApp, person: &Person<'_>, column: &str) -> Value {
    t.settled().await;
    person.get("/api/v1/board").await.json()["hospitals"][0]["columns"][column]["value"].clone()
}

const START: i64 = 1_775_781_720_000; // 2026-04-10T09:42 in Japan

async fn between_two_reports(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let night = t.person_of(&hospital).await;
    t.settled().await;
    let day = format!("/hospitals/{hospital}/reports/2026-04-10");
    let path = format!("/hospitals/{hospital}/quick");
    assert!(clerk.get("/quick").await.text.contains("まだ報告がありません"));
    assert_eq!(
        clerk.post(&day, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=5&a.available_beds_severe=3").await.status,
        StatusCode::SEE_OTHER
    );
    t.settled().await;
    let page = clerk.get("/quick").await;
    assert!(page.text.contains(r#"name="was.available_beds" value="5""#), "{}", page.text);

    // A form without a script: only what differs from what it showed, the rules on the merged record, the receipt.
    let was =
        "was.available_beds=5&was.available_beds_severe=3&was.emergency_status=normal&a.available_beds_severe=3&a.emergency_status=normal";
    let got = clerk.post(&path, &format!("{was}&a.available_beds=5")).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("変えたところがありません"));
    let got = clerk.post(&path, &format!("{was}&a.available_beds=2")).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("空床の「うち重症」が「計」を超えています") && got.text.contains(r#"value="2""#));
    let got = clerk.post(&path, &format!("{was}&a.available_beds=4")).await;
    assert_eq!(got.headers["location"], format!("{day}/versions/2").as_str(), "{}", got.text);
    assert_eq!(board(t, &clerk, "available_beds").await, 4);
    let versions = clerk.api(axum::http::Method::GET, &format!("/api/v1{day}"), None).await.json();
    assert_eq!(
        (versions["versions"][0]["kind"].clone(), versions["versions"][0]["answers"].clone()),
        (json!("quick"), json!({"available_beds": 4}))
    );

    // From a device: twice under one name is one.
    let id = "018f0000-0000-4000-8000-000000000001";
    let mine = format!("id={id}&operator={}&typed_at={}", clerk.name, START + 1000);
    let (status, first) = send(&clerk, &path, &format!("{mine}&a.available_beds=6")).await;
    assert_eq!((status, first["version"].clone(), first["overtaken"].clone()), (StatusCode::OK, json!(3), json!([])));
    let (status, again) = send(&clerk, &path, &format!("{mine}&a.available_beds=6")).await;
    assert_eq!((status, again), (StatusCode::OK, first), "answered as before");
    assert_eq!(clerk.api(axum::http::Method::GET, &format!("/api/v1{day}"), None).await.json()["versions"].as_array().unwrap().len(), 3);

    // Never under another's name: kept by the device until its own operator is there.
    let (status, other) = send(&night, &path, &format!("{mine}&a.available_beds=7")).await;
    assert_eq!((status, other["code"].clone()), (StatusCode::CONFLICT, json!("other_operator")));

    // Typed before what somebody else said since: a version of the history, not on the board, and told.
    t.wait(TimeDelta::minutes(30));
    let (status, _) = send(&night, &path, "a.available_beds=9").await;
    assert_eq!(status, StatusCode::OK);
    let late = format!("id=018f0000-0000-4000-8000-000000000002&operator={}&typed_at={}", clerk.name, START + 15 * 60_000);
    let (status, taken) = send(&clerk, &path, &format!("{late}&a.available_beds=3&a.board_comment=CT+%E5%81%9C%E6%AD%A2")).await;
    assert_eq!(status, StatusCode::OK);
    let told = taken["overtaken"][0]["sentence"].as_str().unwrap();
    assert!(told.contains("空床 計 3 は載せませんでした") && told.contains("9 と報告"), "{told}");
    assert_eq!(taken["typed"], "09:57");
    assert_eq!((board(t, &clerk, "available_beds").await, board(t, &clerk, "board_comment").await), (json!(9), json!("CT 停止")));
    // The day's screen does not fall back to it either.
    assert!(
        clerk.get(&day).await.text.contains(r#"name="a.available_beds" inputmode="numeric" autocomplete="off" maxlength="12" value="9""#)
    );

    clocks(t, &clerk, &path).await;
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

async fn clocks(t: &TestApp, clerk: &Person<'_>, path: &str) {
    let now = START + 30 * 60_000;
    for (fields, status, code) in [
        (format!("typed_at={}", now - 25 * 3_600_000), StatusCode::CONFLICT, json!("too_old")),
        (format!("typed_at={}", now + 3_600_000), StatusCode::OK, Value::Null), // the future is now
        // A clock of 1970: what counts is how long it waited.
        ("typed_at=0&sent_at=1000".to_owned(), StatusCode::OK, Value::Null),
        ("typed_at=yesterday".to_owned(), StatusCode::BAD_REQUEST, Value::Null),
        ("typed_at=99999999999999999".to_owned(), StatusCode::BAD_REQUEST, Value::Null),
        ("id=one".to_owned(), StatusCode::BAD_REQUEST, Value::Null),
    ] {
        let (got, body) = send(clerk, path, &format!("{fields}&a.emergency_status=limited")).await;
        assert_eq!((got, body["code"].clone()), (status, code), "{fields}");
    }
    for (fields, status, code) in [
        ("a.available_beds=-1", StatusCode::UNPROCESSABLE_ENTITY, json!("invalid")),
        ("a.available_beds=99999999999", StatusCode::UNPROCESSABLE_ENTITY, json!("invalid")),
        ("a.nonsense=1", StatusCode::UNPROCESSABLE_ENTITY, json!("invalid")),
        ("a.available_beds=400", StatusCode::UNPROCESSABLE_ENTITY, json!("confirm")),
        ("a.available_beds=400&confirm=available_over_licensed", StatusCode::OK, Value::Null),
        ("", StatusCode::CONFLICT, json!("nothing")),
    ] {
        let (got, body) = send(clerk, path, fields).await;
        assert_eq!((got, body["code"].clone()), (status, code), "{fields}");
    }
    // Before midnight typed, after it sent: of the day on which it was typed.
    let midnight = START + (14 * 60 + 18) * 60_000;
    t.wait(TimeDelta::microseconds((midnight + 10 * 60_000 - now) * 1000));
    let clerk = t.person_of(&clerk.name.split('-').next().unwrap().parse().unwrap()).await;
    let (got, body) = send(&clerk, path, &format!("typed_at={}&a.available_beds=1&a.available_beds_severe=0", midnight - 60_000)).await;
    assert_eq!((got, body["report_date"].clone(), body["typed"].clone()), (StatusCode::OK, json!("2026-04-10"), json!("23:59")));
    assert_eq!(board(t, &clerk, "available_beds").await, 1);
}

#[tokio::test]
async fn between_two_reports_on_sqlite() {
    between_two_reports(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn between_two_reports_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "between_two_reports_on_postgres").await {
        between_two_reports(&t).await;
    }
}

async fn patterns_fill_in_and_change_nothing_by_themselves(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let day = format!("/hospitals/{hospital}/reports/2026-04-10");
    let path = format!("/hospitals/{hospital}/patterns");
    assert!(clerk.get(&path).await.text.contains("まだパターンがありません"));
    assert!(clerk.get(&format!("{path}?new=night")).await.text.contains(r#"value="17:15""#));
    let weekdays = "day=mon&day=tue&day=wed&day=thu&day=fri";
    let by_day = format!(
        "act=put&revision=0&name=%E5%B9%B3%E6%97%A5%E6%97%A5%E4%B8%AD&{weekdays}&starts=08:30&ends=17:15&a.emergency_status=limited"
    );
    assert_eq!(clerk.post(&path, &by_day).await.headers["location"], path.as_str());
    let got = clerk.post(&path, &by_day).await;
    assert_eq!(got.status, StatusCode::CONFLICT, "seen at another revision");
    assert!(got.text.contains("ほかの人が先に"));
    for (body, words) in [
        ("act=put&revision=1&name=&starts=x&ends=", "名前を入れてください"),
        ("act=put&revision=1&name=a&day=mon&starts=1:00&ends=2:00&a.inpatients_total=1", "まだ保存していません"),
        ("act=put&revision=1&name=a&day=mon&starts=1:00&ends=2:00", "一つ以上の項目に値"),
    ] {
        let got = clerk.post(&path, body).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(got.text.contains(words), "{body}");
    }
    for (body, status) in [
        ("act=put&revision=x", StatusCode::BAD_REQUEST),
        ("act=dance&revision=1", StatusCode::BAD_REQUEST),
        ("act=remove&revision=1&at=9", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(clerk.post(&path, body).await.status, status, "{body}");
    }

    // It fills in, says so, and the board stays until a person sends it.
    assert_eq!(
        clerk.post(&day, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=5").await.status,
        StatusCode::SEE_OTHER
    );
    let night = format!(
        "act=put&revision=1&name=%E5%B9%B3%E6%97%A5%E5%A4%9C%E9%96%93&{weekdays}&starts=17:15&ends=8:30&a.emergency_status=stopped&a.available_beds=1"
    );
    assert_eq!(clerk.post(&path, &night).await.status, StatusCode::SEE_OTHER);
    t.wait(TimeDelta::hours(8)); // 17:42
    t.settled().await;
    let page = clerk.get("/quick").await.text;
    assert!(page.contains("平日夜間の体制に切り替える") && page.contains(r#"name="a.emergency_status" value="stopped""#));
    assert_eq!(board(t, &clerk, "emergency_status").await, "normal", "nothing by itself");
    let quick = format!("/hospitals/{hospital}/quick");
    assert_eq!(send(&clerk, &quick, "a.emergency_status=stopped&a.available_beds=1").await.0, StatusCode::OK);
    assert_eq!(board(t, &clerk, "emergency_status").await, "stopped");
    assert!(!clerk.get("/quick").await.text.contains("体制に切り替える"), "there is nothing to switch");
    // What a person says in the same night is not the pattern's to change.
    assert_eq!(send(&clerk, &quick, "a.emergency_status=limited").await.0, StatusCode::OK);
    t.settled().await;
    assert!(!clerk.get("/quick").await.text.contains("体制に切り替える"));

    // Monday 09:42: the pattern of the day, one tap, exactly what was shown.
    t.wait(TimeDelta::hours(64));
    let clerk = t.person_of(&hospital).await;
    let monday = format!("/hospitals/{hospital}/reports/2026-04-13");
    let page = clerk.get(&monday).await.text;
    assert!(!page.contains("平日日中のパターンで報告"), "limited stands already");
    assert_eq!(send(&clerk, &quick, "a.emergency_status=normal").await.0, StatusCode::OK);
    assert!(!clerk.get(&monday).await.text.contains("平日日中のパターンで報告"), "said since the pattern holds");
    t.wait(TimeDelta::hours(24));
    let clerk = t.person_of(&hospital).await;
    let tuesday = format!("/hospitals/{hospital}/reports/2026-04-14");
    let page = clerk.get(&tuesday).await.text;
    assert!(page.contains("平日日中のパターンで報告") && page.contains("平日日中のパターンから"));
    assert!(page.contains(r#"name="a.emergency_status" value="limited" checked"#), "filled in");
    assert!(clerk.get(&format!("{tuesday}?pattern=0")).await.text.contains(r#"name="a.emergency_status" value="normal" checked"#));
    let sent = clerk.post(&format!("{tuesday}/confirmation"), "expected_version=0&p.emergency_status=limited").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let day = clerk.api(axum::http::Method::GET, &format!("/api/v1{tuesday}"), None).await.json();
    assert_eq!(
        (&day["versions"][0]["answers"]["emergency_status"], &day["versions"][0]["answers"]["available_beds"]),
        (&json!("limited"), &json!(1))
    );
    // Whoever asks for a hospital sees what it decided for nights and days, what came today, and how punctual it is.
    t.settled().await;
    let fire = t.person(akidoko_domain::organisation::OrganisationKind::FireHeadquarters, Some(12)).await;
    let seen = fire.get(&format!("/hospitals/{hospital}")).await.text;
    for words in ["応需パターン", "平日夜間", "月火水木金　17:15〜翌 08:30", "今日の報告と更新", "この 4 週間は、締切までに"]
    {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert!(!seen.contains(&clerk.name), "no operator is named to headquarters");
    assert_eq!(clerk.post(&path, "act=remove&revision=2&at=0").await.status, StatusCode::SEE_OTHER);
    assert!(!clerk.get(&path).await.text.contains("平日日中</h2>"));
}

#[tokio::test]
async fn patterns_fill_in_on_sqlite() {
    patterns_fill_in_and_change_nothing_by_themselves(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn patterns_fill_in_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "patterns_fill_in_on_postgres").await {
        patterns_fill_in_and_change_nothing_by_themselves(&t).await;
    }
}

async fn two_operators_at_once(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let (one, two) = (t.person_of(&hospital).await, t.person_of(&hospital).await);
    t.settled().await;
    let day = format!("/hospitals/{hospital}/reports/2026-04-10");
    let base = "a.emergency_status=normal&a.inpatient_status=normal";
    assert_eq!(
        one.post(&day, &format!("{base}&a.available_beds=5&a.ready_beds=10&expected_version=0")).await.status,
        StatusCode::SEE_OTHER
    );
    // Both opened the first version; the first changes two figures, the second one of them and the status.
    assert_eq!(
        one.post(&day, &format!("{base}&a.available_beds=4&a.ready_beds=12&expected_version=1")).await.status,
        StatusCode::SEE_OTHER
    );
    let typed = "a.emergency_status=limited&a.inpatient_status=normal&a.available_beds=3&a.ready_beds=10&expected_version=1";
    let got = two.post(&day, typed).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("さんが先に報告しました（第 2 版）") && got.text.contains(&one.name), "{}", got.text);
    let checked = |item: &str, side: &str| {
        let at = got.text.find(&format!(r#"name="take.{item}" value="{side}""#)).unwrap_or_else(|| panic!("{item} {side}"));
        got.text[at..].split('>').next().unwrap().contains(" checked")
    };
    assert!(checked("available_beds", "mine") && got.text.contains("どちらも変更"), "what both changed is asked, mine first");
    assert!(checked("emergency_status", "mine"), "only the second changed it");
    assert!(checked("ready_beds", "theirs"), "only the first changed it");
    assert!(got.text.contains(r#"id="i-ready_beds" name="a.ready_beds" inputmode="numeric" autocomplete="off" maxlength="12" value="12""#));
    // The second keeps their status and takes the other's beds, without a script.
    let chosen = "a.emergency_status=limited&a.inpatient_status=normal&a.available_beds=3&a.ready_beds=12&expected_version=2\
                  &take.available_beds=theirs&mine.available_beds=3&theirs.available_beds=4";
    assert_eq!(two.post(&day, chosen).await.status, StatusCode::SEE_OTHER);
    let answers = two.api(axum::http::Method::GET, &format!("/api/v1{day}"), None).await.json()["versions"][0]["answers"].clone();
    assert_eq!(
        (&answers["available_beds"], &answers["ready_beds"], &answers["emergency_status"]),
        (&json!(4), &json!(12), &json!("limited"))
    );
    // 変更なし after somebody else: the screen shows what stands now, and there is nothing to choose.
    let got = one.post(&format!("{day}/confirmation"), "expected_version=2").await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("いまの数字に直して示しています") && !got.text.contains("data-take"), "{}", got.text);
    assert!(got.text.contains(r#"name="expected_version" value="3""#), "the next press is held against what is shown");
    // Pressed twice on a slow line, it is one report, and the second press leads where the first did.
    for _ in 0..2 {
        let got = one.post(&format!("{day}/confirmation"), "expected_version=3").await;
        assert_eq!((got.status, got.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, &*format!("{day}/versions/4")));
    }
    // A part update that says the same is no report of the day: the report that follows it at once is one of its own.
    let other = t.hospital(12, "架空やま病院").await;
    let clerk = t.person_of(&other).await;
    t.settled().await;
    let (report, quick) = (format!("/hospitals/{other}/reports/2026-04-10"), format!("/hospitals/{other}/quick"));
    assert_eq!(
        clerk.post(&quick, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=2").await.status,
        StatusCode::SEE_OTHER
    );
    let got = clerk.post(&report, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=2&expected_version=0").await;
    assert!(got.status == StatusCode::CONFLICT && got.text.contains("報告はまだなので"), "{}", got.text);
    let got = clerk.post(&report, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=2&expected_version=1").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    // Whoever saw other figures than those that stand says nothing of these.
    let next = format!("/hospitals/{hospital}/reports/2026-04-11");
    t.wait(TimeDelta::hours(24));
    let one = t.person_of(&hospital).await;
    let seen = |page: &str| page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let opened = one.get(&next).await.text;
    let corrected = format!("{base}&a.available_beds=9&a.ready_beds=12&expected_version=4&reason=転記の誤り");
    assert_eq!(one.post(&day, &corrected).await.status, StatusCode::SEE_OTHER);
    let got = one.post(&format!("{next}/confirmation"), &format!("expected_version=0&seen={}", seen(&opened))).await;
    assert_eq!(got.status, StatusCode::CONFLICT, "yesterday was corrected meanwhile");
    assert!(
        got.text.contains(r#"name="a.available_beds" inputmode="numeric" autocomplete="off" maxlength="12" value="9""#),
        "{}",
        got.text
    );
    let again = one.get(&next).await.text;
    let got = one.post(&format!("{next}/confirmation"), &format!("expected_version=0&seen={}", seen(&again))).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_operators_at_once_on_sqlite() {
    two_operators_at_once(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn two_operators_at_once_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "two_operators_at_once_on_postgres").await {
        two_operators_at_once(&t).await;
    }
}

#[tokio::test]
async fn the_app_and_a_sign_in_that_is_over() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let manifest = t.ask(axum::http::Request::builder().uri("/manifest.webmanifest").body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(
        (manifest.json()["start_url"].clone(), manifest.headers["content-type"].to_str().unwrap()),
        (json!("/quick"), "application/manifest+json; charset=utf-8")
    );
    for icon in manifest.json()["icons"].as_array().unwrap() {
        assert_eq!(clerk.get(icon["src"].as_str().unwrap()).await.status, StatusCode::OK, "{icon}");
    }
    let worker = clerk.get("/quick-worker.js").await;
    assert!(worker.headers["content-type"].to_str().unwrap().starts_with("text/javascript") && worker.text.contains("/assets/"));
    assert_eq!(clerk.post(&format!("/hospitals/{hospital}/quick"), "a.available_beds=5").await.status, StatusCode::SEE_OTHER);
    t.settled().await;
    let shell = clerk.get("/quick/shell").await;
    assert_eq!(shell.status, StatusCode::OK);
    assert!(!shell.text.contains(r#"value="5""#), "the page that a device keeps has no figures");
    assert!(shell.headers["content-security-policy"].to_str().unwrap().contains("worker-src 'self'"));

    // What was sent with a sign-in that is over leads to the sign-in and back.
    t.wait(TimeDelta::hours(10));
    let day = format!("/hospitals/{hospital}/reports/2026-04-10");
    for (path, next) in [(day.clone(), &day), (format!("{day}/confirmation"), &day)] {
        let got = clerk.post(&path, "a.available_beds=1").await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED);
        assert!(
            got.text.contains(&format!("next={}", next.replace('/', "%2F"))) && got.text.contains("この端末に残っています"),
            "{}",
            got.text
        );
    }
    let fire = t.person(akidoko_domain::organisation::OrganisationKind::FireHeadquarters, Some(12)).await;
    assert_eq!(fire.get("/quick").await.status, StatusCode::FORBIDDEN);
    assert_eq!(fire.get(&format!("/hospitals/{hospital}/patterns")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(fire.post(&format!("/hospitals/{hospital}/quick"), "a.available_beds=1").await.status, StatusCode::FORBIDDEN);
    let health = t.person(akidoko_domain::organisation::OrganisationKind::PrefectureHealth, Some(12)).await;
    assert!(health.get(&format!("/hospitals/{hospital}/quick")).await.text.contains("代行"));
}
