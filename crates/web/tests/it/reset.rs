//! A forgotten password, by the mailbox together with the second factor: neither alone opens anything, and nobody learns who exists.

use crate::{
    harness::TestApp,
    office::{Folder, on_both},
    second_factor::{Browser, code_at, link, now, to, with_factor},
};
use akidoko_domain::{id::SignInName, organisation::OrganisationKind as Kind};
use axum::http::StatusCode;
use chrono::TimeDelta;

const OLD: &str = "kirin-no-kubi-4731";
const NEW: &str = "kirin-no-kubi-9153";

async fn mailbox(t: &TestApp, name: &SignInName) {
    let id = t.store.organisation_unscoped(&name.organisation).await.unwrap().unwrap().organisation.id;
    let tx = t.store.write_system(t.service.now()).await.unwrap();
    tx.set_mailbox(id, "shirei@fd.example.jp").await.unwrap();
    tx.commit().await.unwrap();
}

async fn rounds(t: &TestApp) {
    while t.service.work().await.unwrap() > 0 {}
}

/// The links that were mailed.
fn links(folder: &Folder) -> Vec<String> {
    let resets = folder.texts().into_iter().filter(|l| l.contains("/reset/"));
    resets.map(|l| format!("/reset/{}", l.split("/reset/").nth(1).unwrap().split_whitespace().next().unwrap())).collect()
}

#[tokio::test]
async fn by_the_mailbox_and_the_second_factor() {
    on_both("by_the_mailbox_and_the_second_factor", async |t, folder| {
        let (code, name, first) = link(t, Kind::FireHeadquarters, 12).await;
        mailbox(t, &name).await;
        let (inside, secret, codes) = with_factor(t, &first, OLD).await;
        assert_eq!(inside.get("/board").await.status, StatusCode::OK);
        let (plain, _) = t.admin.create_account(&code, "係", Some(OLD)).await.unwrap();
        // Whatever is typed, the answer is the same.
        let door = Browser::new(t);
        let mut answers = Vec::new();
        for typed in [name.to_string(), plain.to_string(), "F12AAAAA-01".to_owned(), "x".to_owned()] {
            let got = door.post("/forgotten-password", &format!("name={typed}")).await;
            assert_eq!(got.status, StatusCode::OK);
            answers.push(got.text);
        }
        assert!(answers.iter().all(|a| *a == answers[0] && !a.contains(name.organisation.as_str())));
        rounds(t).await;
        let sent = links(folder);
        assert_eq!(sent.len(), 1, "only who has a second factor is written to");
        // Asked again at once: not again.
        door.post("/forgotten-password", &format!("name={name}")).await;
        rounds(t).await;
        assert_eq!(links(folder).len(), 1);
        // The link alone changes nothing, and shows what it asks for.
        let page = door.get(&sent[0]).await;
        assert!(page.status == StatusCode::OK && page.text.contains("2 段階の確認で確かめます"));
        assert_eq!(inside.get("/board").await.status, StatusCode::OK);
        let wrong = door.post(&sent[0], "code=000000").await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("コードが違います"));
        // A guessed link is the same page as a used one.
        let gone = door.get("/reset/nothing").await;
        assert_eq!(gone.status, StatusCode::GONE);
        t.wait(TimeDelta::seconds(61));
        let right = door.post(&sent[0], &format!("code={}", code_at(&secret, now(t)))).await;
        let choose = to(&right).to_owned();
        assert!(choose.starts_with("/set-password/"));
        assert_eq!(door.get(&sent[0]).await.text, gone.text, "used");
        assert_eq!(to(&door.post(&choose, &format!("password={NEW}&again={NEW}")).await), "/sign-in");
        t.settled().await;
        assert_eq!(inside.get("/board").await.status, StatusCode::SEE_OTHER, "every sign-in has ended");
        assert_eq!(door.sign_in(&name.to_string(), OLD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(to(&door.sign_in(&name.to_string(), NEW).await), "/sign-in/code", "the second factor stands");
        rounds(t).await;
        assert!(folder.texts().iter().any(|l| l.contains("再設定に進みました") && l.contains(&name.to_string())));
        // By a recovery code; a newer link ends the older one; too late; suspended.
        t.wait(TimeDelta::minutes(20));
        door.post("/forgotten-password", &format!("name={name}")).await;
        rounds(t).await;
        t.wait(TimeDelta::minutes(6));
        door.post("/forgotten-password", &format!("name={name}")).await;
        rounds(t).await;
        let all = links(folder);
        assert_eq!(all.len(), 3);
        let older: Vec<&String> = all.iter().filter(|l| **l != sent[0]).collect();
        let mut open = Vec::new();
        for link in older {
            open.push((door.get(link).await.status, link.clone()));
        }
        let good: Vec<&String> = open.iter().filter(|(status, _)| *status == StatusCode::OK).map(|(_, link)| link).collect();
        assert_eq!(good.len(), 1, "the newest one alone");
        t.admin.suspend(&name.to_string(), true).await.unwrap();
        assert_eq!(door.get(good[0]).await.text, gone.text, "suspended");
        t.admin.suspend(&name.to_string(), false).await.unwrap();
        assert!(to(&door.post(good[0], &format!("code={}", codes[0])).await).starts_with("/set-password/"));
        t.wait(TimeDelta::minutes(20));
        door.post("/forgotten-password", &format!("name={name}")).await;
        rounds(t).await;
        let last = links(folder).into_iter().find(|l| !all.contains(l)).unwrap();
        t.wait(TimeDelta::minutes(61));
        assert_eq!(door.get(&last).await.text, gone.text, "too late");
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn codes_and_askers_are_slowed() {
    on_both("codes_and_askers_are_slowed", async |t, folder| {
        let (_, name, first) = link(t, Kind::FireHeadquarters, 12).await;
        mailbox(t, &name).await;
        with_factor(t, &first, OLD).await;
        let door = Browser::new(t);
        door.post("/forgotten-password", &format!("name={name}")).await;
        rounds(t).await;
        let link = links(folder).remove(0);
        let mut last = StatusCode::OK;
        for _ in 0..6 {
            last = door.post(&link, "code=000000").await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
        for _ in 0..10 {
            last = door.post("/forgotten-password", "name=x").await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
        t.wait(TimeDelta::minutes(16));
        assert_eq!(door.post("/forgotten-password", "name=x").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_passkey_is_refused() {
    on_both("what_is_no_passkey_is_refused", async |t, _| {
        let (_, name, first) = link(t, Kind::FireHeadquarters, 12).await;
        let (inside, ..) = with_factor(t, &first, OLD).await;
        let door = Browser::new(t);
        door.sign_in(&name.to_string(), OLD).await;
        for (browser, path) in [(&door, "/sign-in/passkey"), (&inside, "/security/passkey"), (&door, "/reset/nothing/passkey")] {
            for body in ["", "{}", "[1]", "{\"answer\":", "\u{0}"] {
                assert_eq!(browser.post(path, body).await.status, StatusCode::BAD_REQUEST, "{path} {body:?}");
            }
            let got = browser.post(path, "{\"answer\":{\"id\":\"x\"}}").await;
            assert!(!got.status.is_server_error(), "{path} {}", got.status);
            assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY || got.text.contains("/sign-in"), "{path} {}", got.text);
        }
    })
    .await;
}
