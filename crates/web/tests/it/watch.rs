//! What is looked at beside sign-in: new devices, one operator in two places, IDs that nobody uses, one's own password, the mailbox.

use crate::{
    harness::{Got, PASSWORD, TestApp, form},
    office::{Folder, on_both},
};
use akidoko_domain::{
    id::{OrganisationCode, SignInName},
    organisation::OrganisationKind as Kind,
};
use akidoko_service::watch::SignInNote;
use axum::{
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use chrono::TimeDelta;
use std::net::SocketAddr;

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
const TELEPHONE: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";

/// A browser somewhere: it keeps its cookies.
struct Browser<'a> {
    app: &'a TestApp,
    agent: &'static str,
    address: &'static str,
    cookies: Vec<String>,
}

impl<'a> Browser<'a> {
    fn new(app: &'a TestApp, agent: &'static str, address: &'static str) -> Self {
        Self { app, agent, address, cookies: Vec::new() }
    }

    async fn send(&mut self, mut request: Request<axum::body::Body>) -> Got {
        let peer: SocketAddr = self.address.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        request.headers_mut().insert(header::USER_AGENT, self.agent.parse().unwrap());
        request.headers_mut().insert(header::COOKIE, self.cookies.join("; ").parse().unwrap());
        let got = self.app.ask(request).await;
        for cookie in got.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = format!("{}=", pair.split('=').next().unwrap());
            self.cookies.retain(|c| !c.starts_with(&name));
            self.cookies.push(pair);
        }
        got
    }

    async fn get(&mut self, path: &str) -> Got {
        self.send(Request::builder().method(Method::GET).uri(path).body(axum::body::Body::empty()).unwrap()).await
    }

    async fn post(&mut self, path: &str, body: &str) -> Got {
        self.send(form(path, &body.replace(' ', "+"))).await
    }

    async fn sign_in(&mut self, name: &SignInName) -> StatusCode {
        self.post("/sign-in", &format!("name={name}&password={PASSWORD}")).await.status
    }
}

/// A headquarters with a mailbox and so many operators.
async fn headquarters(t: &TestApp, operators: u16) -> (OrganisationCode, Vec<SignInName>) {
    let organisation =
        t.admin.create_organisation(Kind::FireHeadquarters, akidoko_domain::id::PrefCode::new(12), "架空消防本部").await.unwrap();
    let tx = t.store.write_system(t.service.now()).await.unwrap();
    tx.set_mailbox(organisation.id, "shirei@fd.example.jp").await.unwrap();
    tx.commit().await.unwrap();
    let mut names = Vec::new();
    for n in 0..operators {
        names.push(t.admin.create_account(&organisation.code, &format!("当直{n}"), Some(PASSWORD)).await.unwrap().0);
    }
    (organisation.code, names)
}

async fn notes(t: &TestApp, code: &OrganisationCode) -> Vec<SignInNote> {
    let organisation = t.store.organisation_unscoped(code).await.unwrap().unwrap().organisation.id;
    t.store.sign_in_notes_unscoped(organisation, t.service.now() - TimeDelta::days(365)).await.unwrap()
}

async fn rounds(t: &TestApp) {
    while t.service.work().await.unwrap() > 0 {}
}

fn decoded(folder: &Folder) -> Vec<String> {
    folder.texts()
}

#[tokio::test]
async fn a_new_device_is_told() {
    on_both("a_new_device_is_told", async |t, folder| {
        let (code, names) = headquarters(t, 2).await;
        let mut desk = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(desk.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        rounds(t).await;
        assert!(notes(t, &code).await.is_empty() && folder.letters().is_empty(), "the first sign-in of all is no news");
        // The same desk, another operator: the organisation knows this browser.
        assert_eq!(desk.sign_in(&names[1]).await, StatusCode::SEE_OTHER);
        // A telephone that nobody knows, twice without keeping its cookies: told once.
        for _ in 0..2 {
            assert_eq!(Browser::new(t, TELEPHONE, "198.51.100.7:40000").sign_in(&names[1]).await, StatusCode::SEE_OTHER);
        }
        rounds(t).await;
        let all = notes(t, &code).await;
        assert_eq!(all.len(), 1 + usize::from(all.iter().any(|n| n.two_places)));
        let letters: Vec<String> = decoded(folder).into_iter().filter(|l| l.contains("新しい端末")).collect();
        assert_eq!(letters.len(), 1);
        assert!(
            letters[0].contains(&names[1].to_string()) && letters[0].contains("Chrome、Android") && letters[0].contains("198.51.100.0/24")
        );
        // The administrator sees it and says so; another operator does not.
        let mut admin = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(admin.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        let page = admin.get("/operators").await.text;
        assert!(page.contains("新しい端末からのサインイン") && page.contains("Chrome、Android"), "{page}");
        let until = page.split("name=\"until\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(desk.get("/operators").await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.post("/operators/notes", &format!("until={until}")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(admin.post("/operators/notes", "until=x").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(admin.post("/operators/notes", &format!("until={until}")).await.status, StatusCode::SEE_OTHER);
        assert!(admin.get("/operators").await.text.contains("当直0が確認"));
        // Another organisation's administrator sees nothing of it.
        let (_, others) = headquarters(t, 1).await;
        let mut stranger = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(stranger.sign_in(&others[0]).await, StatusCode::SEE_OTHER);
        assert!(!stranger.get("/operators").await.text.contains("Android"));
    })
    .await;
}

#[tokio::test]
async fn one_operator_in_two_places_is_noted_and_not_blocked() {
    on_both("one_operator_in_two_places_is_noted_and_not_blocked", async |t, _| {
        let (code, names) = headquarters(t, 1).await;
        let mut desk = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(desk.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        t.wait(TimeDelta::minutes(3));
        let mut far = Browser::new(t, TELEPHONE, "[2001:db8::1]:40000");
        assert_eq!(far.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        rounds(t).await;
        t.wait(TimeDelta::minutes(2));
        rounds(t).await;
        let two: Vec<SignInNote> = notes(t, &code).await.into_iter().filter(|n| n.two_places).collect();
        assert_eq!(two.len(), 1, "once for a pair");
        for browser in [&mut desk, &mut far] {
            assert_eq!(browser.get("/board").await.status, StatusCode::OK, "nobody is blocked");
        }
        // The own prefecture and the ministry see it, another prefecture does not.
        for (kind, prefecture, sees) in
            [(Kind::PrefectureHealth, Some(12), true), (Kind::PrefectureHealth, Some(13), false), (Kind::Ministry, None, true)]
        {
            let page = t.person(kind, prefecture).await.get("/ids").await;
            assert_eq!(page.status, StatusCode::OK);
            assert_eq!(page.text.contains(code.as_str()), sees, "{kind:?} {prefecture:?}");
        }
        assert_eq!(t.person(Kind::FireHeadquarters, Some(12)).await.get("/ids").await.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn an_id_that_nobody_uses_is_told_and_then_suspended() {
    on_both("an_id_that_nobody_uses_is_told_and_then_suspended", async |t, folder| {
        let (code, names) = headquarters(t, 2).await;
        let (busy, others) = headquarters(t, 3).await;
        for name in names.iter().chain(&others) {
            assert_eq!(Browser::new(t, WINDOWS, "192.0.2.7:40000").sign_in(name).await, StatusCode::SEE_OTHER);
        }
        // Thirteen months on, only one operator of the second headquarters was inside.
        t.wait(TimeDelta::days(390));
        assert_eq!(Browser::new(t, WINDOWS, "192.0.2.7:40000").sign_in(&others[1]).await, StatusCode::SEE_OTHER);
        t.wait(TimeDelta::days(10));
        rounds(t).await;
        rounds(t).await;
        let told: Vec<String> = decoded(folder).into_iter().filter(|l| l.contains("使われていません")).collect();
        assert_eq!(told.iter().filter(|l| l.contains(&format!("ID {code}"))).count(), 1, "{told:?}");
        // Of the second one only the third operator: the first is its last administrator.
        assert_eq!(told.iter().filter(|l| l.contains(&others[2].to_string())).count(), 1);
        assert!(!told.iter().any(|l| l.contains(&others[0].to_string())));
        let ministry = t.person(Kind::Ministry, None).await;
        assert!(ministry.get("/ids").await.text.contains(code.as_str()));
        // Before the month is over, one of the first headquarters signs in: it goes on. The lone operator does not.
        t.wait(TimeDelta::days(20));
        assert_eq!(Browser::new(t, WINDOWS, "192.0.2.7:40000").sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        t.wait(TimeDelta::days(11));
        rounds(t).await;
        let suspended = async |name: &SignInName| !t.store.account_named_unscoped(name).await.unwrap().unwrap().active;
        assert!(!suspended(&names[0]).await && !suspended(&others[0]).await && suspended(&others[2]).await);
        // Forgotten again: told again, and then it is over.
        t.wait(TimeDelta::days(400));
        rounds(t).await;
        t.wait(TimeDelta::days(31));
        rounds(t).await;
        assert!(suspended(&names[0]).await, "the whole ID");
        let over: Vec<String> = decoded(folder).into_iter().filter(|l| l.contains("停止しました")).collect();
        assert!(over.iter().any(|l| l.contains(&format!("ID {code}"))) && over.iter().any(|l| l.contains(&others[2].to_string())));
        assert!(t.store.organisation_unscoped(&busy).await.unwrap().unwrap().suspended_at.is_some(), "so is the second by now");
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn my_own_password() {
    on_both("my_own_password", async |t, _| {
        let (_, names) = headquarters(t, 1).await;
        let mut here = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        let mut there = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(here.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        assert_eq!(there.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        let change = |current: &str, new: &str, again: &str| format!("current={current}&password={new}&again={again}");
        let good = "kirin-no-kubi-9153";
        for (body, words) in [
            (change("wrong", good, good), "いまのパスワードを確かめて"),
            (change(PASSWORD, "short-9153", "short-9153"), "あと 3 文字"),
            (change(PASSWORD, good, "other-no-kubi-9153"), "2 つのパスワードが違います"),
            (change(PASSWORD, &format!("{}-kirin-kubi", names[0].organisation), "x"), "ID を含まない"),
            (change(PASSWORD, "password password", "password password"), "よく使われる"),
        ] {
            let got = here.post("/security/password", &body).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert!(got.text.contains(words), "{body}");
        }
        assert_eq!(there.get("/security").await.status, StatusCode::OK, "nothing has changed");
        assert_eq!(here.post("/security/password", &change(PASSWORD, good, good)).await.headers["location"], "/security?changed=1");
        t.settled().await;
        assert!(here.get("/security?changed=1").await.text.contains("パスワードを変えました"), "this one goes on");
        assert_eq!(there.get("/security").await.status, StatusCode::SEE_OTHER, "the other is out");
        assert_eq!(there.sign_in(&names[0]).await, StatusCode::UNPROCESSABLE_ENTITY);
        // Failures count as those of sign-in do.
        let mut last = StatusCode::OK;
        for _ in 0..6 {
            last = here.post("/security/password", &change("wrong", good, good)).await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    })
    .await;
}

#[tokio::test]
async fn the_mailbox_is_proved_before_it_counts() {
    on_both("the_mailbox_is_proved_before_it_counts", async |t, folder| {
        let (code, names) = headquarters(t, 2).await;
        let mailbox = async || t.store.organisation_unscoped(&code).await.unwrap().unwrap().mailbox.unwrap();
        let mut admin = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        let mut other = Browser::new(t, WINDOWS, "192.0.2.7:40000");
        assert_eq!(admin.sign_in(&names[0]).await, StatusCode::SEE_OTHER);
        assert_eq!(other.sign_in(&names[1]).await, StatusCode::SEE_OTHER);
        let ask = |address: &str, password: &str| format!("address={address}&password={password}");
        assert_eq!(other.post("/operators/mailbox", &ask("new@fd.example.jp", PASSWORD)).await.status, StatusCode::FORBIDDEN);
        for (body, words) in [
            (ask("new", PASSWORD), "形が違います"),
            (ask("SHIREI@fd.example.jp", PASSWORD), "いまのアドレスと同じ"),
            (ask("new@fd.example.jp", "wrong"), "パスワードを確かめて"),
        ] {
            let got = admin.post("/operators/mailbox", &body).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert!(got.text.contains(words), "{body}");
        }
        let link = |letters: &[String], to: &str| {
            let letter = letters.iter().find(|l| l.contains(&format!("To: {to}"))).unwrap_or_else(|| panic!("{to} of {letters:?}"));
            let path = letter.split("/mailbox/").nth(1).unwrap().split_whitespace().next().unwrap();
            format!("/mailbox/{path}")
        };
        assert_eq!(admin.post("/operators/mailbox", &ask("first@fd.example.jp", PASSWORD)).await.status, StatusCode::SEE_OTHER);
        rounds(t).await;
        let first = link(&decoded(folder), "first@fd.example.jp");
        t.wait(TimeDelta::minutes(1));
        assert_eq!(admin.post("/operators/mailbox", &ask("ｎｅｗ@fd.example.jp", PASSWORD)).await.status, StatusCode::SEE_OTHER);
        rounds(t).await;
        let second = link(&decoded(folder), "new@fd.example.jp");
        assert!(admin.get("/operators").await.text.contains("new@fd.example.jp</b> に確認のメールを送りました"));
        // Opened by whatever looks at mail: nothing changes. The earlier link has ended; a guessed one never was.
        let mut anybody = Browser::new(t, TELEPHONE, "198.51.100.7:40000");
        assert!(anybody.get(&second).await.text.contains("このアドレスに変える"));
        for gone in [first.as_str(), "/mailbox/nothing"] {
            assert_eq!(anybody.get(gone).await.status, StatusCode::GONE);
            assert_eq!(anybody.post(gone, "").await.status, StatusCode::GONE);
        }
        assert_eq!(mailbox().await, "shirei@fd.example.jp");
        assert_eq!(anybody.post(&second, "").await.status, StatusCode::OK);
        assert_eq!(mailbox().await, "new@fd.example.jp");
        assert_eq!(anybody.post(&second, "").await.status, StatusCode::GONE, "once");
        rounds(t).await;
        assert!(decoded(folder).iter().any(|l| l.contains("To: shirei@fd.example.jp") && l.contains("別のアドレスに変わりました")));
        // Too late; and whoever asked is no administrator any more.
        assert_eq!(admin.post("/operators/mailbox", &ask("late@fd.example.jp", PASSWORD)).await.status, StatusCode::SEE_OTHER);
        rounds(t).await;
        let late = link(&decoded(folder), "late@fd.example.jp");
        t.wait(TimeDelta::hours(73));
        assert_eq!(anybody.post(&late, "").await.status, StatusCode::GONE);
        assert_eq!(mailbox().await, "new@fd.example.jp");
    })
    .await;
}
