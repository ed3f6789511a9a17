//! Signing in: slow and equal refusals, blocks, links, ends.

use crate::harness::{PASSWORD, TestApp, form};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;

fn typed(name: &str, password: &str) -> Request<axum::body::Body> {
    form("/sign-in", &format!("name={name}&password={}", password.replace(' ', "+")))
}

#[tokio::test]
async fn cookies_and_where_they_lead() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let request = form("/sign-in", &format!("name={}&password={}&next=/board%3Forder%3Dkana", fire.name, PASSWORD.replace(' ', "+")));
    let got = t.ask(request).await;
    assert_eq!((got.status, got.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/board?order=kana"));
    for cookie in got.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for word in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.contains(word), "{cookie} lacks {word}");
        }
    }
    for next in ["//example.com", "https://example.com", "/%5Cexample.com"] {
        let got = t.ask(form("/sign-in", &format!("name={}&password={}&next={next}", fire.name, PASSWORD.replace(' ', "+")))).await;
        assert_eq!(got.headers["location"], "/", "{next}");
    }
    let other = t.ask(typed(&fire.name.to_lowercase(), PASSWORD)).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "case is forgiven");
}

#[tokio::test]
async fn refusals_are_alike_and_repeated_ones_block() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let wrong_password = t.ask(typed(&fire.name, "wrong")).await;
    let nobody = t.ask(typed("F12AAAAA-01", "wrong")).await;
    assert_eq!((wrong_password.status, nobody.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(
        wrong_password.text.replace(&fire.name, "X"),
        nobody.text.replace("F12AAAAA-01", "X"),
        "which part was wrong, nobody learns"
    );
    for _ in 0..4 {
        t.ask(typed(&fire.name, "wrong")).await;
    }
    let blocked = t.ask(typed(&fire.name, PASSWORD)).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS, "even the right password");
    // A browser that has signed in here before is not held up by others.
    let mut known = typed(&fire.name, PASSWORD);
    known.headers_mut().insert(header::COOKIE, fire.cookie.parse().unwrap());
    assert_eq!(t.ask(known).await.status, StatusCode::SEE_OTHER);
    t.wait(TimeDelta::minutes(16));
    assert_eq!(t.ask(typed(&fire.name, PASSWORD)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sign_ins_end() {
    let t = TestApp::sqlite().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let second = t.ask(typed(&fire.name, PASSWORD)).await;
    let cookie = second.headers.get_all(header::SET_COOKIE).iter().next().unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    let asked = |cookie: &str| Request::builder().uri("/sessions").header("cookie", cookie).body(axum::body::Body::empty()).unwrap();
    assert_eq!(t.ask(asked(&cookie)).await.status, StatusCode::OK);
    assert_eq!(fire.post("/sessions/end-others", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(t.ask(asked(&cookie)).await.status, StatusCode::SEE_OTHER, "the other one has ended");
    assert_eq!(fire.get("/sessions").await.status, StatusCode::OK);
    t.wait(TimeDelta::hours(10));
    assert_eq!(fire.get("/sessions").await.status, StatusCode::SEE_OTHER, "idle too long");
    let again = t.ask(typed(&fire.name, PASSWORD)).await;
    let cookie = again.headers.get_all(header::SET_COOKIE).iter().next().unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    for _ in 0..6 {
        t.wait(TimeDelta::hours(4));
        assert_eq!(t.ask(asked(&cookie)).await.status, StatusCode::OK);
    }
    t.wait(TimeDelta::hours(4));
    assert_eq!(t.ask(asked(&cookie)).await.status, StatusCode::SEE_OTHER, "at the latest after a day's shift");
}

#[tokio::test]
async fn a_sign_out_leaves_no_board_behind() {
    let t = TestApp::sqlite().await;
    t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let kept = fire.get("/board").await;
    assert_eq!(kept.headers[header::CACHE_CONTROL], "private, no-cache", "the browser may keep it");
    assert!(kept.headers.get("clear-site-data").is_none());
    let out = fire.post("/sign-out", "").await;
    assert_eq!((out.status, out.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/sign-in"));
    // Not "storage": there an update may wait that was typed without a line.
    assert_eq!(out.headers["clear-site-data"], "\"cache\"");
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(fire.get("/board").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_link_sets_a_password_once() {
    let t = TestApp::sqlite().await;
    let organisation =
        t.admin.create_organisation(Kind::FireHeadquarters, akidoko_domain::id::PrefCode::new(12), "架空消防本部").await.unwrap();
    let (name, link) = t.admin.create_account(&organisation.code, "通信指令課", None).await.unwrap();
    let path = format!("/set-password/{}", link.unwrap());
    let set =
        |password: &str, again: &str| form(&path, &format!("password={}&again={}", password.replace(' ', "+"), again.replace(' ', "+")));
    for (password, again) in [
        ("short", "short"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa"),
        (PASSWORD, "another one it is"),
        (&format!("{}xyz12", organisation.code), &format!("{}xyz12", organisation.code)),
    ] {
        assert_eq!(t.ask(set(password, again)).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
    }
    assert_eq!(t.ask(set(PASSWORD, PASSWORD)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(t.ask(typed(&name.to_string(), PASSWORD)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(t.ask(set("a quite different one", "a quite different one")).await.status, StatusCode::GONE, "single use");
    let fresh = t.admin.reset_password(&name).await.unwrap();
    t.wait(TimeDelta::hours(73));
    let late = Request::builder().uri(format!("/set-password/{fresh}")).body(axum::body::Body::empty()).unwrap();
    assert_eq!(t.ask(late).await.status, StatusCode::GONE, "after 72 hours");
}
