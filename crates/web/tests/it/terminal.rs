//! 表示端末: let in by an administrator, opened once by a link, sees the board of its prefecture and nothing else, and is taken back at once.

use crate::{
    harness::{Db, Got, Person, TestApp, form},
    survey::on_both,
};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use serde_json::json;

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).unwrap_or_else(|| panic!("no {before}: {text}")).split(after).next().unwrap()
}

async fn granted(admin: &Person<'_>, name: &str) -> String {
    let list = admin.get("/terminals").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text);
    let once = between(&list.text, "name=\"once\" value=\"", "\"");
    let made = admin.post("/terminals", &format!("name={name}&once={once}")).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    // Sent twice it is one terminal with one link.
    let link = between(&made.text, "/terminal/", "<").to_owned();
    let again = admin.post("/terminals", &format!("name={name}&once={once}")).await;
    assert_eq!(between(&again.text, "/terminal/", "<"), link);
    format!("/terminal/{link}")
}

fn cookie_of(got: &Got) -> String {
    got.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn a_terminal_from_first_to_last(t: &TestApp) {
    let (minato, beyond) = (t.hospital(12, "架空みなと病院").await, t.hospital(13, "壁の向こう病院").await);
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let reporter = t.person_of(&minato).await;
    t.settled().await;
    let link = granted(&fire, "wall-1").await;

    // Looking at the link does nothing; pressing opens it, once.
    let nobody = |path: &str| axum::http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
    for _ in 0..2 {
        let page = t.ask(nobody(&link)).await;
        assert!(page.status == StatusCode::OK && page.text.contains("wall-1"), "{}", page.text);
    }
    let opened = t.ask(form(&link, "")).await;
    assert_eq!((opened.status, opened.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/wall"));
    let cookie = cookie_of(&opened);
    assert!(cookie.starts_with("__Host-akidoko-terminal="));
    let again = t.ask(form(&link, "")).await;
    assert!(again.status == StatusCode::NOT_FOUND && again.headers.get(header::SET_COOKIE).is_none(), "a link opens once");
    assert_eq!(t.ask(nobody(&link)).await.status, StatusCode::NOT_FOUND);

    // It sees the board of its prefecture, days later too, and learns of a report; it is nobody's sign-in anywhere else.
    let terminal = Person { app: t, cookie, token: String::new(), name: "a terminal".to_owned() };
    t.wait(TimeDelta::days(3));
    let wall = terminal.get("/wall").await;
    assert!(wall.status == StatusCode::OK && wall.text.contains("架空みなと病院"), "{}", wall.text);
    assert!(!wall.text.contains("壁の向こう") && !wall.text.contains(beyond.as_str()));
    assert_eq!(terminal.get("/wall?prefecture=13").await.status, StatusCode::NOT_FOUND);
    assert_eq!(terminal.get("/wall/events?prefecture=13").await.status, StatusCode::NOT_FOUND);
    for path in ["/board", "/board.csv", &format!("/hospitals/{minato}"), "/terminals", "/sessions"] {
        let got = terminal.get(path).await;
        assert!(
            got.status == StatusCode::SEE_OTHER && got.headers["location"].to_str().unwrap().starts_with("/sign-in"),
            "{path}: {}",
            got.status
        );
    }
    let bearer = terminal.cookie.split('=').nth(1).unwrap().to_owned();
    for token in [bearer.clone(), format!("akidoko-terminal {bearer}")] {
        let program = Person { app: t, cookie: String::new(), token, name: "a thief".to_owned() };
        let got = program.api(Method::GET, "/api/v1/board", None).await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "its secret opens no API: {}", program.token);
    }
    let reporter = {
        t.wait(TimeDelta::days(-3));
        reporter
    };
    let answers = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 7 } });
    let day = format!("/api/v1/hospitals/{minato}/reports/2026-04-10");
    let (heard, put) = tokio::join!(terminal.stream_until("/wall/events", None, "event: row"), async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        reporter.put(&day, &answers).await
    });
    assert!(put.status == StatusCode::CREATED && heard.contains(minato.as_str()), "{heard}");

    // 交代: whoever takes the watch is one of the organisation's operators.
    assert_eq!(terminal.post("/wall/watch", "name=%E3%81%A0%E3%82%8C%E3%81%8B").await.status, StatusCode::BAD_REQUEST);
    let name = between(&wall.text, "選んでください</option><option value=\"", "\"").to_owned();
    let encoded: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
    assert_eq!(terminal.post("/wall/watch", &format!("name={encoded}")).await.status, StatusCode::NO_CONTENT);
    assert!(terminal.get("/wall").await.text.contains(&format!("selected>{name}")));
    assert_eq!(
        fire.post("/wall/watch", &format!("name={encoded}")).await.status,
        StatusCode::FORBIDDEN,
        "a person has no watch to hand over"
    );

    // Others have no say; taken back, it is dark at once, also where it was open.
    let list = fire.get("/terminals").await.text;
    let end = format!("/terminals/{}/end", between(&list, "action=\"/terminals/", "/end"));
    let stranger = t.person(Kind::FireHeadquarters, Some(13)).await;
    assert_eq!(stranger.post(&end, "").await.status, StatusCode::NOT_FOUND);
    assert!(!stranger.get("/terminals").await.text.contains("wall-1"));
    let (heard, ended) = tokio::join!(terminal.stream_until("/wall/events", None, "signed_out"), async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        fire.post(&end, "").await
    });
    assert!(ended.status == StatusCode::SEE_OTHER && heard.contains("event: signed_out"), "{heard}");
    assert_eq!(terminal.get("/wall").await.status, StatusCode::SEE_OTHER, "to the sign-in");
    // A link that nobody opened is over in half an hour; the list says so.
    let late = granted(&fire, "wall-2").await;
    t.wait(TimeDelta::minutes(31));
    assert_eq!(t.ask(form(&late, "")).await.status, StatusCode::NOT_FOUND);
    assert!(fire.get("/terminals").await.text.contains("開かれないまま期限が切れました"));
    // Nor does one open while whoever made it is suspended, and none after the whole organisation was.
    let (one, other) = (granted(&fire, "wall-3").await, granted(&fire, "wall-4").await);
    let refused = async |link: &str| {
        assert_eq!(t.ask(nobody(link)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(t.ask(form(link, "")).await.status, StatusCode::NOT_FOUND);
    };
    t.admin.suspend(&fire.name, true).await.unwrap();
    refused(&one).await;
    t.admin.suspend(&fire.name, false).await.unwrap();
    assert_eq!(t.ask(form(&one, "")).await.status, StatusCode::SEE_OTHER);
    let organisation = fire.name.split('-').next().unwrap();
    t.admin.suspend(organisation, true).await.unwrap();
    refused(&other).await;
    t.admin.suspend(organisation, false).await.unwrap();
    refused(&other).await;
    // Whoever has no board has no terminals.
    assert_eq!(t.person(Kind::Association, Some(12)).await.get("/terminals").await.status, StatusCode::FORBIDDEN);
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(a_terminal_from_first_to_last, a_terminal_on_sqlite, a_terminal_on_postgres);
