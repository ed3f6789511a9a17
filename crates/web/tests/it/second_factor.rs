//! From the link to the board, and every later sign-in with a code; operators and who may change them. On both databases.

use crate::harness::{Db, Got, PASSWORD, Person, TestApp, form};
use akidoko_domain::{
    id::{OrganisationCode, PrefCode, SignInName},
    organisation::OrganisationKind as Kind,
};
use axum::http::{Method, Request, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, sync::Mutex};
use totp_rs::{Builder, Secret};

/// A browser: it keeps its cookies.
pub struct Browser<'a> {
    app: &'a TestApp,
    jar: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, jar: Mutex::default() }
    }

    async fn send(&self, mut request: Request<axum::body::Body>) -> Got {
        let cookies = self.jar.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        request.headers_mut().insert(header::COOKIE, cookies.parse().unwrap());
        let got = self.app.ask(request).await;
        for cookie in got.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        got
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send(Request::builder().method(Method::GET).uri(path).body(axum::body::Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Got {
        self.send(form(path, &body.replace(' ', "+"))).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Got {
        self.post("/sign-in", &format!("name={name}&password={password}")).await
    }

    fn cookie(&self, name: &str) -> String {
        self.jar.lock().unwrap().get(name).cloned().unwrap_or_default()
    }
}

pub fn to(got: &Got) -> &str {
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    got.headers["location"].to_str().unwrap()
}

pub fn now(t: &TestApp) -> DateTime<Utc> {
    t.service.clock().now()
}

/// The secret as the page says it to whoever cannot read the picture.
fn secret_of(page: &str) -> String {
    page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "")
}

/// What an authenticator shows.
pub fn code_at(secret: &str, at: DateTime<Utc>) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(at.timestamp()).unwrap()).to_string()
}

fn hidden(page: &str, name: &str) -> String {
    page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn codes_of(page: &str) -> Vec<String> {
    let list = page.split("class=\"codes").nth(1).unwrap().split("</ul>").next().unwrap();
    list.split("<code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect()
}

pub async fn link(t: &TestApp, kind: Kind, prefecture: u8) -> (OrganisationCode, SignInName, String) {
    let organisation = t.admin.create_organisation(kind, PrefCode::new(prefecture), "架空消防本部").await.unwrap();
    let (name, link) = t.admin.create_account(&organisation.code, "通信指令課", None).await.unwrap();
    (organisation.code, name, format!("/set-password/{}", link.unwrap()))
}

/// An operator with a second factor that is on: the browser, the secret, the recovery codes.
pub async fn with_factor<'a>(t: &'a TestApp, path: &str, password: &str) -> (Browser<'a>, String, Vec<String>) {
    let b = Browser::new(t);
    assert_eq!(to(&b.post(path, &format!("password={password}&again={password}")).await), "/welcome");
    b.post("/welcome/terms", "accept=1").await;
    let secret = secret_of(&b.get("/welcome/second-factor").await.text);
    assert_eq!(to(&b.post("/welcome/second-factor", &format!("code={}", code_at(&secret, now(t)))).await), "/welcome/recovery-codes");
    let codes = codes_of(&b.get("/welcome/recovery-codes").await.text);
    b.post("/welcome/recovery-codes", "").await;
    (b, secret, codes)
}

/// Runs a test on both databases.
macro_rules! on_both {
    ($($test:ident $sqlite:ident $postgres:ident),+ $(,)?) => { $(
        #[tokio::test]
        async fn $sqlite() {
            $test(&TestApp::sqlite().await).await;
        }

        #[tokio::test]
        async fn $postgres() {
            if let Some(t) = TestApp::start(Db::Postgres, stringify!($postgres)).await {
                $test(&t).await;
            }
        }
    )+ };
}

on_both! {
    the_whole_road the_whole_road_on_sqlite the_whole_road_on_postgres,
    a_code_is_taken_once a_code_is_taken_once_on_sqlite a_code_is_taken_once_on_postgres,
    wrong_codes_block wrong_codes_block_on_sqlite wrong_codes_block_on_postgres,
    half_inside_is_outside half_inside_is_outside_on_sqlite half_inside_is_outside_on_postgres,
    a_dead_link_is_one_page a_dead_link_is_one_page_on_sqlite a_dead_link_is_one_page_on_postgres,
    operators_are_ones_own operators_are_ones_own_on_sqlite operators_are_ones_own_on_postgres,
    acts_end_what_they_take_away acts_end_what_they_take_away_on_sqlite acts_end_what_they_take_away_on_postgres,
    somebody_administers somebody_administers_on_sqlite somebody_administers_on_postgres,
    my_own_factor my_own_factor_on_sqlite my_own_factor_on_postgres,
    terms_are_asked_for_once terms_are_asked_for_once_on_sqlite terms_are_asked_for_once_on_postgres,
}

async fn the_whole_road(t: &TestApp) {
    let hospital = t.hospital(12, "うみかぜ架空病院").await;
    t.hospital(13, "となりの県の病院").await;
    let (code, name, path) = link(t, Kind::FireHeadquarters, 12).await;
    t.settled().await;
    let b = Browser::new(t);
    // Looking spends nothing.
    for _ in 0..3 {
        let page = b.get(&path).await;
        assert!(page.status == StatusCode::OK && page.text.contains(&name.to_string()));
    }
    // A refused password spends nothing either.
    for (password, words) in [("short", "あと 3 文字"), ("hospital119", "よく使われる"), (&*format!("{code}xyz"), "ID を含まない")]
    {
        let refused = b.post(&path, &format!("password={password}&again={password}")).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains(words), "{password}: {}", refused.text);
    }
    // Eight characters will do, with a second factor.
    assert_eq!(to(&b.post(&path, "password=tx9-kelp&again=tx9-kelp").await), "/welcome");
    assert_eq!(b.get(&path).await.status, StatusCode::GONE);
    assert_eq!(to(&b.get("/welcome").await), "/welcome/terms");
    for ahead in ["/welcome/second-factor", "/welcome/recovery-codes"] {
        assert_eq!(to(&b.get(ahead).await), "/welcome/terms", "no step is left out");
    }
    let terms = b.get("/welcome/terms").await.text;
    assert!(terms.contains("その消防本部の外と共有しません"), "{terms}");
    assert_eq!(b.post("/welcome/terms", "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(to(&b.post("/welcome/terms", "accept=1").await), "/welcome");

    let page = b.get("/welcome/second-factor").await.text;
    let secret = secret_of(&page);
    assert!(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/Akidoko:"), "{page}");
    assert!(!page.contains("second-factor/skip"), "a short password needs it");
    assert_eq!(secret_of(&b.get("/welcome/second-factor").await.text), secret, "the same one when the page is loaded again");
    assert_eq!(to(&b.post("/welcome/second-factor/skip", "").await), "/welcome", "nor is it left out by hand");
    assert_eq!(b.post("/welcome/second-factor", "code=000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = code_at(&secret, now(t));
    // The road goes on from another browser, by the password alone, as long as no second factor is on.
    let other = Browser::new(t);
    assert_eq!(to(&other.sign_in(&name.to_string(), "tx9-kelp").await), "/welcome");
    assert_eq!(to(&b.post("/welcome/second-factor", &format!("code={typed}")).await), "/welcome/recovery-codes");
    assert_eq!(to(&other.get("/welcome").await), "/sign-in", "that one must not come in past the code");

    let codes = codes_of(&b.get("/welcome/recovery-codes").await.text);
    assert_eq!(codes.len(), 10);
    assert_eq!(codes_of(&b.get("/welcome/recovery-codes").await.text), codes, "loaded again, they are the same");
    assert_eq!(to(&b.get("/board").await), "/sign-in?next=%2Fboard", "not inside yet");
    assert_eq!(to(&b.post("/welcome/recovery-codes", "").await), "/welcome/operators");
    assert_eq!(to(&b.get("/welcome/recovery-codes").await), "/sign-in", "they are shown no more");

    let page = b.get("/welcome/operators").await.text;
    let add = format!("first=1&once={}&name=%E4%BA%8C%E7%95%AA%E7%9B%AE", hidden(&page, "once"));
    let handed = b.post("/operators", &add).await;
    let colleague = secret_of(&handed.text);
    assert!(handed.status == StatusCode::OK && handed.text.contains(&format!("{code}-02")), "{}", handed.text);
    assert_eq!(secret_of(&b.post("/operators", &add).await.text), colleague, "sent again, the form adds nobody");
    assert!(!b.get("/operators").await.text.contains(&format!("{code}-03")));
    assert!(!b.get("/operators").await.text.contains("/set-password/"), "the link was shown once");

    let board = b.get("/board").await;
    assert!(board.status == StatusCode::OK && board.text.contains("うみかぜ架空病院") && !board.text.contains("となりの県の病院"));
    assert_eq!(b.get("/board?prefecture=13").await.status, StatusCode::NOT_FOUND);
    assert!(board.text.contains(hospital.as_str()));

    // The colleague takes the link and leaves the second factor out.
    let path = &colleague[colleague.find("/set-password/").unwrap()..];
    let second = Browser::new(t);
    assert_eq!(to(&second.post(path, &format!("password={PASSWORD}&again={PASSWORD}")).await), "/welcome");
    second.post("/welcome/terms", "accept=1").await;
    assert!(second.get("/welcome/second-factor").await.text.contains("second-factor/skip"));
    assert_eq!(to(&second.post("/welcome/second-factor/skip", "").await), "/", "only the first names the first operators");
    assert_eq!(second.get("/board").await.status, StatusCode::OK);
    assert_eq!(second.get("/operators").await.status, StatusCode::FORBIDDEN);

    let log: Vec<_> = t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, columns)| format!("{columns:?}")).collect();
    for act in ["set_password", "accept_terms", "second_factor_on", &format!("operator_add {code}-02")] {
        assert!(log.iter().any(|entry| entry.contains(act)), "{act} is not in the log");
    }
    assert!(log.iter().all(|entry| !entry.contains(&secret) && !entry.contains("tx9-kelp") && codes.iter().all(|c| !entry.contains(c))));
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

async fn a_code_is_taken_once(t: &TestApp) {
    let (_, name, path) = link(t, Kind::FireHeadquarters, 12).await;
    let (_, secret, recovery) = with_factor(t, &path, PASSWORD).await;
    let name = name.to_string();
    let enrolled = code_at(&secret, now(t));
    let b = Browser::new(t);
    assert_eq!(to(&b.sign_in(&name, &format!("{PASSWORD}&next=/board")).await), "/sign-in/code?next=%2Fboard");
    assert_eq!(
        b.post("/sign-in/code", &format!("code={enrolled}")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the one that switched it on"
    );
    t.wait(TimeDelta::seconds(30));
    let code = code_at(&secret, now(t));
    assert_eq!(to(&b.post("/sign-in/code", &format!("code={code}&next=/board")).await), "/board");
    assert_eq!(b.get("/board").await.status, StatusCode::OK);

    let again = Browser::new(t);
    again.sign_in(&name, PASSWORD).await;
    let replayed = again.post("/sign-in/code", &format!("code={code}")).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    // One step early or late is forgiven, two are not; an earlier step than the last one is gone.
    t.wait(TimeDelta::seconds(90));
    let wrong = again.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t) - TimeDelta::seconds(60)))).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(to(&again.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t) + TimeDelta::seconds(30)))).await), "/");
    let third = Browser::new(t);
    third.sign_in(&name, PASSWORD).await;
    let earlier = third.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await;
    assert_eq!(earlier.status, StatusCode::UNPROCESSABLE_ENTITY, "a later one was taken already");

    // A recovery code, as people copy it, and once.
    let typed = recovery[3].to_lowercase().replace('-', "+");
    assert_eq!(to(&third.post("/sign-in/code", &format!("code={typed}")).await), "/");
    let fourth = Browser::new(t);
    fourth.sign_in(&name, PASSWORD).await;
    let twice = fourth.post("/sign-in/code", &format!("code={}", recovery[3])).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(twice.text, replayed.text, "whether a code or a recovery code was wrong, nobody learns");
    assert_eq!(to(&fourth.post("/sign-in/code", &format!("code={}", recovery[4])).await), "/");
    assert!(third.get("/security").await.text.contains("残り 8 個"));
}

async fn wrong_codes_block(t: &TestApp) {
    let (_, name, path) = link(t, Kind::FireHeadquarters, 12).await;
    let (_, secret, _) = with_factor(t, &path, PASSWORD).await;
    let name = name.to_string();
    t.wait(TimeDelta::seconds(60));
    let b = Browser::new(t);
    // Wrong passwords and wrong codes are counted together, and the right password between them forgives nothing.
    b.sign_in(&name, "wrong one it is").await;
    b.sign_in(&name, "wrong one it is").await;
    b.sign_in(&name, PASSWORD).await;
    for _ in 0..2 {
        assert_eq!(b.post("/sign-in/code", "code=000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    b.sign_in(&name, PASSWORD).await;
    assert_eq!(b.post("/sign-in/code", "code=AAAA-AAAA-AAAA-AAAA").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let blocked = b.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS, "even the right code");
    assert_eq!(b.sign_in(&name, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    t.wait(TimeDelta::minutes(16));
    assert_eq!(to(&b.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await), "/sign-in?ended=1", "too late");
    b.sign_in(&name, PASSWORD).await;
    assert_eq!(to(&b.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await), "/");
}

async fn half_inside_is_outside(t: &TestApp) {
    let (_, name, path) = link(t, Kind::FireHeadquarters, 12).await;
    let (_, secret, _) = with_factor(t, &path, PASSWORD).await;
    t.wait(TimeDelta::seconds(60));
    let b = Browser::new(t);
    b.sign_in(&name.to_string(), PASSWORD).await;
    let half = b.cookie("__Host-akidoko-half");
    assert_eq!(half.len(), 64);
    for path in ["/board", "/operators", "/security", "/sessions", "/welcome/operators"] {
        assert!(to(&b.get(path).await).starts_with("/sign-in?next="), "{path}");
    }
    assert_eq!(to(&b.get("/welcome").await), "/sign-in", "nor does it open the road");
    assert_eq!(b.get("/api/v1/board").await.status, StatusCode::UNAUTHORIZED);
    // As a cookie of a sign-in it is worth nothing.
    let mut request = Request::builder().uri("/board").body(axum::body::Body::empty()).unwrap();
    request.headers_mut().insert(header::COOKIE, format!("__Host-akidoko={half}").parse().unwrap());
    assert!(to(&t.ask(request).await).starts_with("/sign-in?next="));
    // Nor is the cookie of the road worth a code.
    let (_, _, other) = link(t, Kind::FireHeadquarters, 12).await;
    let road = Browser::new(t);
    road.post(&other, &format!("password={PASSWORD}&again={PASSWORD}")).await;
    assert_eq!(to(&road.get("/sign-in/code").await), "/sign-in");
    assert_eq!(to(&road.post("/sign-in/code", "code=123456").await), "/sign-in?ended=1");
    // Five minutes.
    assert_eq!(b.get("/sign-in/code").await.status, StatusCode::OK);
    t.wait(TimeDelta::minutes(6));
    assert_eq!(to(&b.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await), "/sign-in?ended=1");
    // It works once.
    b.sign_in(&name.to_string(), PASSWORD).await;
    let twin = Browser { app: t, jar: Mutex::new(b.jar.lock().unwrap().clone()) };
    assert_eq!(to(&b.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await), "/");
    t.wait(TimeDelta::seconds(30));
    assert_eq!(to(&twin.post("/sign-in/code", &format!("code={}", code_at(&secret, now(t)))).await), "/sign-in?ended=1");
}

async fn a_dead_link_is_one_page(t: &TestApp) {
    let b = Browser::new(t);
    let set = format!("password={PASSWORD}&again={PASSWORD}");
    let mut pages = vec![("guessed", b.get(&format!("/set-password/{}", "0".repeat(64))).await)];
    let (_, _, used) = link(t, Kind::FireHeadquarters, 12).await;
    b.post(&used, &set).await;
    pages.push(("used", Browser::new(t).get(&used).await));
    pages.push(("used again", Browser::new(t).post(&used, &set).await));
    let (_, name, old) = link(t, Kind::FireHeadquarters, 13).await;
    t.admin.reset_password(&name).await.unwrap();
    pages.push(("re-issued", Browser::new(t).get(&old).await));
    pages.push(("re-issued, set", Browser::new(t).post(&old, &set).await));
    let (_, name, suspended) = link(t, Kind::FireHeadquarters, 12).await;
    t.admin.suspend(&name.to_string(), true).await.unwrap();
    pages.push(("suspended", Browser::new(t).get(&suspended).await));
    let (code, _, closed) = link(t, Kind::FireHeadquarters, 12).await;
    t.admin.suspend(code.as_str(), true).await.unwrap();
    pages.push(("organisation suspended", Browser::new(t).post(&closed, &set).await));
    let (_, _, late) = link(t, Kind::FireHeadquarters, 12).await;
    t.wait(TimeDelta::hours(73));
    pages.push(("expired", Browser::new(t).get(&late).await));
    for (why, page) in &pages {
        assert_eq!(page.status, StatusCode::GONE, "{why}");
        assert_eq!(page.text, pages[0].1.text, "{why} says more than the others");
    }
}

async fn once(person: &Person<'_>) -> String {
    hidden(&person.get("/operators").await.text, "once")
}

/// The address of the operator of that number.
async fn operator(person: &Person<'_>, number: &str) -> String {
    let page = person.get("/operators").await.text;
    let rest = page.split(&format!("-{number}</code>")).nth(1).unwrap();
    rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn act(person: &Person<'_>, path: &str, act: &str) -> Got {
    person.post(path, &format!("act={act}&once={}", once(person).await)).await
}

async fn operators_are_ones_own(t: &TestApp) {
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let code: OrganisationCode = fire.name.split('-').next().unwrap().parse().unwrap();
    let colleague = t.person_of(&code).await;
    let mut strangers = vec![];
    for (kind, prefecture) in
        [(Kind::FireHeadquarters, Some(12)), (Kind::PrefectureHealth, Some(12)), (Kind::FireHeadquarters, Some(13)), (Kind::Ministry, None)]
    {
        strangers.push(t.person(kind, prefecture).await);
    }
    let second = operator(&fire, "02").await;
    assert!(fire.get(&second).await.text.contains(&colleague.name));
    let nobody = "/operators/018f0000-0000-7000-8000-000000000000";
    let without_id = |text: &str| text.lines().filter(|l| !l.contains("番号")).collect::<Vec<_>>().join("\n");
    for stranger in &strangers {
        assert!(!stranger.get("/operators").await.text.contains(code.as_str()), "{}", stranger.name);
        let (theirs, none) = (stranger.get(&second).await, stranger.get(nobody).await);
        assert_eq!((theirs.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{}", stranger.name);
        assert_eq!(without_id(&theirs.text), without_id(&none.text));
        for what in ["suspend", "resume", "remove", "promote", "demote", "reset_password", "reset_factor"] {
            assert_eq!(act(stranger, &second, what).await.status, StatusCode::NOT_FOUND, "{} {what}", stranger.name);
        }
    }
    // An ordinary operator of the same organisation is no administrator.
    for path in ["/operators", &second, "/welcome/operators"] {
        assert_eq!(colleague.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let posted = colleague.post(&second, &format!("act=promote&once={}", "0".repeat(32))).await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN);
    assert_eq!(colleague.post("/operators", &format!("name=x&once={}", "0".repeat(32))).await.status, StatusCode::FORBIDDEN);
    assert!(!colleague.get("/board").await.text.contains("href=\"/operators\""), "no link to what is not theirs");
    assert_eq!(fire.post(&second, &format!("act=explode&once={}", "0".repeat(32))).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(fire.post("/operators", "name=x&once=1").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(fire.post("/operators", &format!("name=+&once={}", once(&fire).await)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(colleague.get("/board").await.status, StatusCode::OK, "nothing has happened to them");
}

async fn acts_end_what_they_take_away(t: &TestApp) {
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let code: OrganisationCode = fire.name.split('-').next().unwrap().parse().unwrap();
    let colleague = t.person_of(&code).await;
    let second = operator(&fire, "02").await;
    let b = Browser::new(t);

    assert_eq!(to(&act(&fire, &second, "suspend").await), second);
    assert!(to(&colleague.get("/board").await).starts_with("/sign-in"), "at once");
    assert_eq!(b.sign_in(&colleague.name, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    act(&fire, &second, "resume").await;
    assert!(to(&colleague.get("/board").await).starts_with("/sign-in"), "the old sign-in does not come back");
    assert_eq!(to(&b.sign_in(&colleague.name, PASSWORD).await), "/");

    // A new link: the old password and the sign-in are gone, an earlier link too.
    let first = act(&fire, &second, "reset_password").await;
    let first = secret_of(&first.text);
    assert!(to(&b.get("/board").await).starts_with("/sign-in"));
    assert_eq!(b.sign_in(&colleague.name, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let newer = secret_of(&act(&fire, &second, "reset_password").await.text);
    let path = |link: &str| link[link.find("/set-password/").unwrap()..].to_owned();
    assert_eq!(b.get(&path(&first)).await.status, StatusCode::GONE);
    let (again, _, _) = with_factor(t, &path(&newer), "tx9-kelp").await;
    assert_eq!(again.get("/board").await.status, StatusCode::OK);

    // A short password does not outlive its second factor.
    let relinked = act(&fire, &second, "reset_factor").await;
    assert!(to(&again.get("/board").await).starts_with("/sign-in"));
    assert_eq!(b.sign_in(&colleague.name, "tx9-kelp").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(b.get(&path(&secret_of(&relinked.text))).await.status, StatusCode::OK);

    // Removed: the number stays used, the link dies, nothing more is done to them.
    assert_eq!(to(&act(&fire, &second, "remove").await), "/operators");
    assert_eq!(b.get(&path(&secret_of(&relinked.text))).await.status, StatusCode::GONE);
    assert_eq!(fire.get(&second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(act(&fire, &second, "resume").await.status, StatusCode::NOT_FOUND);
    let added = fire.post("/operators", &format!("name=x&once={}", once(&fire).await)).await;
    assert!(added.text.contains(&format!("{code}-03")), "{}", added.text);
    let log: Vec<_> = t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, columns)| format!("{columns:?}")).collect();
    for what in ["suspend", "resume", "reset_password", "reset_factor", "remove"] {
        assert!(log.iter().any(|entry| entry.contains(&format!("operator_{what} {code}-02"))), "{what}");
    }
}

async fn somebody_administers(t: &TestApp) {
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let code: OrganisationCode = fire.name.split('-').next().unwrap().parse().unwrap();
    let colleague = t.person_of(&code).await;
    let (first, second) = (operator(&fire, "01").await, operator(&fire, "02").await);
    for what in ["demote", "suspend", "remove"] {
        let refused = act(&fire, &first, what).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(refused.text.contains("先に、ほかの操作者を管理者にしてください"), "{what}");
    }
    for what in ["reset_password", "reset_factor"] {
        assert_eq!(act(&fire, &first, what).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} of oneself");
    }
    act(&fire, &second, "promote").await;
    assert_eq!(colleague.get("/operators").await.status, StatusCode::OK, "at once");
    // One who could not sign in does not count.
    act(&fire, &second, "suspend").await;
    assert_eq!(act(&fire, &first, "demote").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    act(&fire, &second, "resume").await;
    assert_eq!(to(&act(&fire, &first, "demote").await), first);
    assert_eq!(fire.get("/operators").await.status, StatusCode::FORBIDDEN, "at once");
    assert_eq!(fire.get("/board").await.status, StatusCode::OK);
    let b = Browser::new(t);
    assert_eq!(to(&b.sign_in(&colleague.name, PASSWORD).await), "/");
    assert_eq!(b.get("/operators").await.status, StatusCode::OK);
}

async fn my_own_factor(t: &TestApp) {
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let typed = format!("password={}", PASSWORD.replace(' ', "+"));
    assert!(fire.get("/security").await.text.contains("まだ使っていません"));
    assert_eq!(to(&fire.get("/security/second-factor").await), "/security", "not without the password");
    assert_eq!(fire.post("/security/on", "password=wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(to(&fire.post("/security/on", &typed).await), "/security/second-factor");
    let secret = secret_of(&fire.get("/security/second-factor").await.text);
    assert_eq!(fire.post("/security/second-factor", "code=000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let b = Browser::new(t);
    assert_eq!(to(&b.sign_in(&fire.name, PASSWORD).await), "/", "an offer asks for no code");
    let on = fire.post("/security/second-factor", &format!("code={}", code_at(&secret, now(t)))).await;
    assert_eq!(codes_of(&on.text).len(), 10);
    assert_eq!(to(&Browser::new(t).sign_in(&fire.name, PASSWORD).await), "/sign-in/code");

    let fresh = fire.post("/security/recovery-codes", &typed).await;
    let old = Browser::new(t);
    old.sign_in(&fire.name, PASSWORD).await;
    let refused = old.post("/sign-in/code", &format!("code={}", codes_of(&on.text)[0])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the old ones have ended");
    assert_eq!(to(&old.post("/sign-in/code", &format!("code={}", codes_of(&fresh.text)[0])).await), "/");

    assert_eq!(fire.post("/security/off", "password=wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(to(&fire.post("/security/off", &typed).await), "/security");
    assert_eq!(to(&Browser::new(t).sign_in(&fire.name, PASSWORD).await), "/");
    // A password that is guessed here is counted as at the door.
    for _ in 0..6 {
        fire.post("/security/on", "password=wrong").await;
    }
    assert_eq!(fire.post("/security/on", &typed).await.status, StatusCode::TOO_MANY_REQUESTS);

    // What is good only beside a second factor keeps it.
    let (_, _, path) = link(t, Kind::FireHeadquarters, 12).await;
    let (short, _, _) = with_factor(t, &path, "tx9-kelp").await;
    assert_eq!(short.post("/security/off", "password=tx9-kelp").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.get("/security").await.text.contains("13 文字より短い"));
}

async fn terms_are_asked_for_once(t: &TestApp) {
    let (_, name, path) = link(t, Kind::PrefectureFire, 12).await;
    let b = Browser::new(t);
    b.post(&path, &format!("password={PASSWORD}&again={PASSWORD}")).await;
    // Who leaves the road and comes by the door is led back to it, as long as something is left.
    let door = Browser::new(t);
    assert_eq!(to(&door.sign_in(&name.to_string(), PASSWORD).await), "/welcome");
    assert_eq!(to(&door.get("/board").await), "/sign-in?next=%2Fboard");
    door.post("/welcome/terms", "accept=1").await;
    assert_eq!(to(&Browser::new(t).sign_in(&name.to_string(), PASSWORD).await), "/");
    // A road stands an hour.
    t.wait(TimeDelta::minutes(61));
    assert_eq!(to(&door.get("/welcome/second-factor").await), "/sign-in");
}

#[tokio::test]
async fn the_page_for_a_forgotten_password_knows_nobody() {
    let t = TestApp::sqlite().await;
    let b = Browser::new(&t);
    assert!(b.get("/sign-in").await.text.contains("href=\"/forgotten-password\""));
    let page = b.get("/forgotten-password").await;
    assert!(page.status == StatusCode::OK && page.text.contains("組織の管理者"), "{}", page.text);
}
