//! Bad input: a 4xx with a sentence that says what to do, never a 5xx, and nothing changed.

use crate::harness::TestApp;
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};

#[tokio::test]
async fn bad_reports_change_nothing() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空病院").await;
    let clerk = t.person_of(&hospital).await;
    let before = t.store.last_event_unscoped().await.unwrap();
    let path = format!("/api/v1/hospitals/{hospital}/reports/2026-04-10");
    let ok = r#""emergency_status":"normal","inpatient_status":"normal""#;
    for (body, status) in [
        ("", StatusCode::BAD_REQUEST),
        ("{", StatusCode::BAD_REQUEST),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"answers":{},"surprise":1}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"answers":{},"kind":"half"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"answers":{}}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok},"nonsense":1}}}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok},"available_beds":-1}}}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok},"available_beds":1e400}}}}"#), StatusCode::BAD_REQUEST),
        (&format!(r#"{{"answers":{{{ok},"available_beds":"四"}}}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok},"board_comment":"昭和15年4月3日生"}}}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok},"board_comment":"a\u0000b"}}}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"answers":{"emergency_status":"通常","inpatient_status":"normal"}}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (&format!(r#"{{"answers":{{{ok}}},"expected_version":7}}"#), StatusCode::CONFLICT),
        (&format!(r#"{{"answers":{{{ok}}},"expected_version":-7}}"#), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let got = clerk.api(Method::PUT, &path, Some(body)).await;
        assert_eq!(got.status, status, "{body}: {}", got.text);
        assert_eq!(got.headers["content-type"], "application/problem+json", "{body}");
        let problem = got.json();
        assert!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()), "{body}: {problem}");
    }
    let named = clerk.api(Method::PUT, &path, Some(&format!(r#"{{"answers":{{{ok},"available_beds":"四"}}}}"#))).await.json();
    assert_eq!(named["errors"][0]["item"], "available_beds", "the error names the item");
    for (path, status) in [
        (format!("/api/v1/hospitals/{hospital}/reports/2026-4-1"), StatusCode::BAD_REQUEST),
        (format!("/api/v1/hospitals/{hospital}/reports/2026-02-30"), StatusCode::BAD_REQUEST),
        (format!("/api/v1/hospitals/{hospital}/reports/9999-12-31"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("/api/v1/hospitals/{hospital}/reports/1900-01-01"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("/api/v1/hospitals/{hospital}/reports/%FF"), StatusCode::BAD_REQUEST),
        ("/api/v1/hospitals/XXXX/reports/2026-04-10".to_owned(), StatusCode::NOT_FOUND),
        ("/api/v1/nothing".to_owned(), StatusCode::NOT_FOUND),
    ] {
        let got = clerk.api(Method::PUT, &path, Some(&format!(r#"{{"answers":{{{ok}}}}}"#))).await;
        assert!(got.status == status || (path.contains("%FF") && got.status.is_client_error()), "{path}: {}", got.status);
    }
    let large = format!(r#"{{"answers":{{{ok}}},"reason":"{}"}}"#, "あ".repeat(200_000));
    assert_eq!(clerk.api(Method::PUT, &path, Some(&large)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let plain = Request::builder().method(Method::PUT).uri(&path).header("authorization", format!("Bearer {}", clerk.token));
    assert_eq!(t.ask(plain.body(Body::from("{}")).unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(clerk.api(Method::DELETE, &path, None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(t.store.last_event_unscoped().await.unwrap(), before, "nothing has happened");
    let day = clerk.api(Method::GET, &path, None).await.json();
    assert_eq!(day["versions"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn bad_addresses_headers_and_tokens() {
    let t = TestApp::sqlite().await;
    t.hospital(12, "架空病院").await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    for path in [
        "/board?area=x",
        "/board?area=%FF",
        "/board?care=love",
        "/board?within=0",
        "/board?order=random",
        "/board?prefecture=1",
        "/board?prefecture=%E5%8D%83",
        "/board.csv?encoding=ebcdic",
        "/board/events?after=x",
        "/api/v1/board/events?after=99999999999999999999",
        "/api/v1/board?severity=dead",
        "/hospitals/%00",
        "/hospitals/H12AAAAA",
        "/sessions/x/end",
        "/nothing",
        "/assets/x/../../etc/passwd",
    ] {
        let got = fire.get(path).await;
        assert!(got.status.is_client_error(), "{path}: {}", got.status);
        assert!(got.headers.contains_key("x-request-id"), "{path}");
    }
    let mut request = fire.request(Method::GET, "/board/events", None);
    request.headers_mut().insert("last-event-id", "x".parse().unwrap());
    assert_eq!(t.ask(request).await.status, StatusCode::BAD_REQUEST);
    for value in ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer akidoko_00"] {
        let request = Request::builder().uri("/api/v1/board").header("authorization", value).body(Body::empty()).unwrap();
        let got = t.ask(request).await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{value}");
        assert_eq!(got.headers["www-authenticate"], "Bearer");
    }
    for cookie in ["__Host-akidoko=", "__Host-akidoko=x", "a;b;=;__Host-akidoko"] {
        let request = Request::builder().uri("/board").header("cookie", cookie).body(Body::empty()).unwrap();
        assert_eq!(t.ask(request).await.status, StatusCode::SEE_OTHER, "{cookie}");
    }
    for (path, body) in [("/sign-in", "name"), ("/sign-in", "%FF=%FF"), ("/sign-in", ""), ("/set-password/x", "password=a&again=a")] {
        let got = t.ask(crate::harness::form(path, body)).await;
        assert!(got.status.is_client_error(), "{path} {body}: {}", got.status);
    }
    let document = t.ask(Request::builder().uri("/api/openapi.json").body(Body::empty()).unwrap()).await.json();
    for route in akidoko_web::ROUTES.iter().filter(|r| r.path.starts_with("/api/v1/")) {
        assert!(document["paths"][route.path][route.method].is_object(), "{} {} is not documented", route.method, route.path);
    }
}
