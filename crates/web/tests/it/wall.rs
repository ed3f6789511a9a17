//! Every route, asked without sign-in, from another prefecture, and with the wrong role.

use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use akidoko_web::{ROUTES, Who};
use axum::http::{Method, StatusCode};
use serde_json::json;

const NAME: &str = "壁の向こう病院";

fn filled(path: &str, code: &str) -> String {
    path.replace("{code}", code)
        .replace("{date}", "2026-04-10")
        .replace("{version}", "1")
        .replace("{item}", "available_beds")
        .replace("{number}", "1")
        .replace("{id}", "018f0000-0000-7000-8000-000000000000")
        .replace("{token}", "nothing")
        .replace("{survey}", "daily")
        .replace("{item}", "available_beds")
        .replace("{rule}", "available_severe_within")
        .replace("{hash}", "x")
        .replace("{*path}", "x.css")
}

fn method(name: &str) -> Method {
    name.to_uppercase().parse().unwrap()
}

#[tokio::test]
async fn nobody_gets_in_without_sign_in() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, NAME).await;
    t.settled().await;
    for route in ROUTES {
        let path = filled(route.path, hospital.as_str());
        let request = axum::http::Request::builder().method(method(route.method)).uri(&path).body(axum::body::Body::empty()).unwrap();
        let got = t.ask(request).await;
        assert!(!got.text.contains(NAME), "{} {path} tells a stranger", route.method);
        match route.who {
            Who::Anyone => assert!(!got.status.is_server_error(), "{path} {}", got.status),
            Who::Caller => assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{path}"),
            Who::SignedIn if route.method == "get" && !path.ends_with("/events") => {
                assert_eq!(got.status, StatusCode::SEE_OTHER, "{path}");
                assert!(got.headers["location"].to_str().unwrap().starts_with("/sign-in?next="), "{path}");
            }
            Who::SignedIn => assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{} {path}", route.method),
        }
    }
}

async fn what_lies_beyond_does_not_exist(t: &TestApp) {
    let hospital = t.hospital(12, NAME).await;
    let own = t.hospital(13, "こちら側病院").await;
    let reporter = t.person_of(&hospital).await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 7 } });
    assert_eq!(reporter.put(&path, &report).await.status, StatusCode::CREATED);
    t.settled().await;
    assert!(reporter.get("/board").await.text.contains(NAME), "its own prefecture sees it");

    let nobody = akidoko_domain::id::OrganisationCode::build('H', akidoko_domain::id::PrefCode::new(12), 1);
    let mut strangers = vec![t.person_of(&own).await];
    for kind in Kind::ALL.into_iter().filter(|k| !matches!(k, Kind::Hospital | Kind::Ministry)) {
        strangers.push(t.person(kind, Some(13)).await);
    }
    let without_id = |text: &str| text.lines().filter(|l| !l.contains("request_id") && !l.contains("番号")).collect::<Vec<_>>().join("\n");
    for stranger in &strangers {
        for route in ROUTES.iter().filter(|r| r.who != Who::Anyone && r.path != "/sign-out" && !r.path.starts_with("/sessions")) {
            let path = filled(route.path, hospital.as_str());
            let empty = filled(route.path, nobody.as_str());
            let ask = async |path: &str| match (route.method, route.who) {
                ("get", _) if path.ends_with("/events") => {
                    // A stream does not end: what matters is whether it opens.
                    let response = t.send(stranger.request(Method::GET, path, None)).await;
                    crate::harness::Got { status: response.status(), headers: response.headers().clone(), text: String::new() }
                }
                ("get", _) => stranger.get(path).await,
                ("put", _) => stranger.put(path, &report).await,
                _ => stranger.post(path, "a.emergency_status=normal").await,
            };
            let got = ask(&path).await;
            assert!(!got.text.contains(NAME), "{} {path} tells {}", route.method, stranger.name);
            assert!(!got.text.contains(hospital.as_str()) || got.status.is_client_error(), "{path} tells {}", stranger.name);
            if route.path.contains("{code}") {
                assert_eq!(got.status, StatusCode::NOT_FOUND, "{} {path} {}", route.method, stranger.name);
                let none = ask(&empty).await;
                assert_eq!(
                    without_id(&none.text.replace(nobody.as_str(), "X")),
                    without_id(&got.text.replace(hospital.as_str(), "X")),
                    "{path} differs from what is not there"
                );
            }
        }
        let boards = ["/board", "/board/map-ground", "/board.csv", "/board.xlsx", "/board/events", "/api/v1/board", "/api/v1/board/events"];
        for path in boards {
            let got = stranger.get(&format!("{path}?prefecture=12")).await;
            let forbidden = stranger.name.starts_with('A');
            assert_eq!(got.status, if forbidden { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND }, "{path} {}", stranger.name);
            assert!(!got.text.contains("千葉県"), "{path}");
        }
        for query in ["q=壁の向こう", "q=カクウ", "municipality=121002", "area=1201"] {
            let path = format!(
                "/board?{}",
                query.replace("壁の向こう", "%E5%A3%81%E3%81%AE%E5%90%91%E3%81%93%E3%81%86").replace("カクウ", "%E3%82%AB")
            );
            assert!(!stranger.get(&path).await.text.contains(NAME), "{path}");
        }
    }
    // A stream of the other side carries nothing of it.
    let events = strangers[0].stream_until("/api/v1/board/events?after=0", None, NAME).await;
    assert!(!events.contains(NAME) && !events.contains(hospital.as_str()));
    // Nothing was written by any of them.
    let day = reporter.api(Method::GET, &path, None).await.json();
    assert_eq!(day["versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_lies_beyond_does_not_exist_on_sqlite() {
    what_lies_beyond_does_not_exist(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn what_lies_beyond_does_not_exist_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "what_lies_beyond_does_not_exist_on_postgres").await {
        what_lies_beyond_does_not_exist(&t).await;
    }
}

#[tokio::test]
async fn the_wrong_role_changes_nothing() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, NAME).await;
    let other = t.hospital(12, "となりの病院").await;
    t.settled().await;
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let report = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal" } });
    let mut wrong = vec![t.person_of(&other).await];
    for kind in [Kind::FireHeadquarters, Kind::PrefectureFire, Kind::Association] {
        wrong.push(t.person(kind, Some(12)).await);
    }
    wrong.push(t.person(Kind::Ministry, None).await);
    for person in &wrong {
        let got = person.put(&path, &report).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{}", person.name);
        assert_eq!(got.json()["code"], "forbidden");
        let form =
            person.post(&format!("/hospitals/{hospital}/reports/2026-04-10"), "a.emergency_status=normal&a.inpatient_status=normal").await;
        assert_eq!(form.status, StatusCode::FORBIDDEN, "{}", person.name);
        let confirm = person.post(&format!("/hospitals/{hospital}/reports/2026-04-10/confirmation"), "").await;
        assert_eq!(confirm.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    let fire = &wrong[1];
    assert_eq!(fire.get(&format!("/hospitals/{hospital}/reports")).await.status, StatusCode::FORBIDDEN, "history is not theirs");
    for (kind, status) in
        [(Kind::PrefectureHealth, StatusCode::CREATED), (Kind::HealthCity, StatusCode::OK), (Kind::HealthCentre, StatusCode::OK)]
    {
        let health = t.person(kind, Some(12)).await;
        assert_eq!(health.put(&path, &report).await.status, status, "{kind:?} enters on behalf");
        let day = health.api(Method::GET, &path, None).await.json();
        assert_eq!(day["versions"][0]["author"]["on_behalf"], true, "{kind:?}");
    }
}

#[tokio::test]
async fn other_sites_are_refused() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://example.com"), ("origin", "null")]
    {
        let mut request = crate::harness::form("/sign-out", "");
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert("cookie", fire.cookie.parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(t.ask(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(fire.get("/board").await.status, StatusCode::OK, "still signed in");
}
