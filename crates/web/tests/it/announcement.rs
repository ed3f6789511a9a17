//! お知らせ: written, looked at, planned, taken back, sent, read; and whoever it did not go to knows nothing of it.

mod sending;

use crate::{
    harness::{Person, TestApp},
    office::{Folder, on_both},
};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;
use chrono::TimeDelta;

fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn draft(revision: i32, subject: &str, body: &str, rest: &str) -> String {
    format!("act=save&revision={revision}&subject={}&body={}&{rest}", encode(subject), encode(body))
}

/// The id and the revision of the draft that a form made.
async fn made(ministry: &Person<'_>, body: &str) -> (String, i32) {
    let got = ministry.post("/office/announcements/new", body).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let id = got.headers["location"].to_str().unwrap().trim_start_matches("/office/announcements/").trim_end_matches("#preview").to_owned();
    (id, 1)
}

/// Organisations with an operator and a mailbox each.
async fn somebody<'a>(t: &'a TestApp, kind: Kind, prefecture: u8, mailbox: Option<&str>) -> Person<'a> {
    let person = t.person(kind, Some(prefecture)).await;
    if let Some(mailbox) = mailbox {
        let code = person.name.split('-').next().unwrap().parse().unwrap();
        let id = t.store.organisation_unscoped(&code).await.unwrap().unwrap().organisation.id;
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.set_mailbox(id, mailbox).await.unwrap();
        tx.commit().await.unwrap();
    }
    person
}

async fn rounds(t: &TestApp) {
    while t.service.work().await.unwrap() > 0 {}
    t.settled().await;
}

fn subjects(folder: &Folder) -> Vec<String> {
    folder.texts().into_iter().filter(|l| l.contains("【空きどこ】研修会")).collect()
}

#[tokio::test]
async fn it_reaches_whom_it_is_for() {
    on_both("it_reaches_whom_it_is_for", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let near = somebody(t, Kind::FireHeadquarters, 12, Some("near@fd.example.jp")).await;
        let silent = somebody(t, Kind::FireHeadquarters, 12, None).await;
        let far = somebody(t, Kind::FireHeadquarters, 13, Some("far@fd.example.jp")).await;
        let health = somebody(t, Kind::PrefectureHealth, 12, Some("health@pref.example.jp")).await;
        let body = "4 月 20 日に開きます。\r\n\r\n<script>alert(1)</script> を実行しないでください。";
        let rest = "kind=fire_headquarters&where=some&prefecture=12";
        let (id, revision) = made(&ministry, &draft(0, "研修会のご案内", body, rest)).await;
        let path = format!("/office/announcements/{id}");
        // What is seen before is what will be sent, to so many.
        let page = ministry.get(&path).await.text;
        assert!(page.contains("いまの宛先 2 組織") && page.contains("【空きどこ】研修会のご案内"), "{page}");
        assert!(page.contains("&#60;script&#62;") && !page.contains("<script>alert"), "text is text");
        // A draft is nobody's news.
        assert_eq!(near.get(&format!("/announcements/{id}")).await.status, StatusCode::NOT_FOUND);
        // Sent, and taken back in time; planned for another day, and taken back too.
        assert_eq!(ministry.post(&path, &format!("act=send&revision={revision}")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(
            ministry.post(&path, &draft(2, "別の件名", body, rest)).await.status,
            StatusCode::CONFLICT,
            "what is planned is not changed"
        );
        assert_eq!(ministry.post(&path, "act=unschedule&revision=2").await.status, StatusCode::SEE_OTHER);
        t.wait(TimeDelta::minutes(6));
        rounds(t).await;
        assert!(subjects(folder).is_empty());
        let later = ministry.post(&path, "act=schedule&revision=3&send_at=2026-04-11T09%3A00").await;
        assert_eq!(later.status, StatusCode::SEE_OTHER, "{}", later.text);
        assert!(ministry.get(&path).await.text.contains("4月11日（土）09:00"));
        assert_eq!(near.get(&format!("/announcements/{id}")).await.status, StatusCode::NOT_FOUND, "not before it is sent");
        // Somebody who gets an ID meanwhile is reached as well: it is fixed when it is sent.
        t.wait(TimeDelta::hours(20));
        let young = somebody(t, Kind::FireHeadquarters, 12, Some("young@fd.example.jp")).await;
        t.wait(TimeDelta::hours(4));
        rounds(t).await;
        rounds(t).await;
        let mails = subjects(folder);
        assert_eq!(mails.len(), 2, "one for each mailbox, once: {mails:?}");
        assert!(mails.iter().any(|m| m.contains("To: near@")) && mails.iter().any(|m| m.contains("To: young@")));
        assert!(mails[0].contains("<script>alert(1)</script>"), "plain text is plain");
        // A day has gone by: everybody signs in anew.
        let anew = async |p: &Person<'_>| t.person_of(&p.name.split('-').next().unwrap().parse().unwrap()).await;
        let ministry = anew(&ministry).await;
        let (near, silent, young, far, health) =
            (anew(&near).await, anew(&silent).await, anew(&young).await, anew(&far).await, anew(&health).await);
        // On the screens of those it went to, and of nobody else.
        for (person, reached) in [(&near, true), (&silent, true), (&young, true), (&far, false), (&health, false)] {
            let first = person.get(if reached { "/board" } else { "/announcements" }).await.text;
            assert_eq!(first.contains("研修会のご案内"), reached, "{}", person.name);
            let status = person.get(&format!("/announcements/{id}")).await.status;
            assert_eq!(status, if reached { StatusCode::OK } else { StatusCode::NOT_FOUND });
        }
        assert!(!near.get("/board").await.text.contains("研修会のご案内"), "read by one, read for the organisation");
        assert!(near.get("/announcements").await.text.contains("研修会のご案内"));
        let page = ministry.get(&path).await.text;
        assert!(page.contains("すべて 3") && page.contains("未読 0") && page.contains("宛先なし 1"), "{page}");
        // A mail that comes back shows on its row.
        let id_of = |to: &str| {
            folder.letters().iter().find(|l| l.contains(to)).and_then(|l| {
                l.lines().find(|l| l.to_lowercase().starts_with("message-id:")).map(|l| l.split(['<', '>']).nth(1).unwrap().to_owned())
            })
        };
        assert!(t.service.take_bounce(&id_of("near@fd").unwrap(), "550 5.1.1 user unknown").await.unwrap());
        let page = ministry.get(&format!("{path}?show=bounced")).await.text;
        assert!(page.contains("不達 1") && page.contains("550 5.1.1 user unknown"));
        // Nothing of it is undone any more.
        for act in ["send", "unschedule", "discard", "save"] {
            let got = ministry.post(&path, &format!("act={act}&revision=5&subject=x&body=x&kind=hospital")).await;
            assert!(got.status.is_client_error(), "{act} {}", got.status);
        }
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_those_that_are_not_yet_active() {
    on_both("only_those_that_are_not_yet_active", async |t, _| {
        let ministry = t.person(Kind::Ministry, None).await;
        let active = somebody(t, Kind::FireHeadquarters, 12, None).await;
        let organisation =
            t.admin.create_organisation(Kind::FireHeadquarters, akidoko_domain::id::PrefCode::new(12), "眠る消防本部").await.unwrap();
        t.admin.create_account(&organisation.code, "当直", None).await.unwrap();
        let rest = "kind=fire_headquarters&where=all&only_not_yet_active=1";
        let (id, _) = made(&ministry, &draft(0, "設定のお願い", "本文", rest)).await;
        let page = ministry.get(&format!("/office/announcements/{id}")).await.text;
        assert!(page.contains("いまの宛先 1 組織") && page.contains("眠る消防本部"));
        ministry.post(&format!("/office/announcements/{id}"), "act=send&revision=1").await;
        t.wait(TimeDelta::minutes(6));
        rounds(t).await;
        assert!(!active.get("/announcements").await.text.contains("設定のお願い"));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_loses_nothing() {
    on_both("what_cannot_be_sent_says_why_and_loses_nothing", async |t, _| {
        let ministry = t.person(Kind::Ministry, None).await;
        let other = t.person(Kind::PrefectureHealth, Some(12)).await;
        for path in ["/office/announcements", "/office/announcements/new"] {
            assert_eq!(other.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(other.post("/office/announcements/new", &draft(0, "x", "y", "kind=hospital")).await.status, StatusCode::FORBIDDEN);
        let long = "あ".repeat(101);
        let got = ministry.post("/office/announcements/new", &draft(0, &long, "書いたもの", "kind=hospital")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.text.contains("100 文字まで") && got.text.contains("書いたもの") && got.text.contains(&long), "what was typed stays");
        // A draft may be empty; what is sent may not.
        let (id, _) = made(&ministry, &draft(0, "", "", "")).await;
        let path = format!("/office/announcements/{id}");
        let got = ministry.post(&path, "act=send&revision=1").await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["件名を書いて", "本文を書いて", "宛先の組織を"] {
            assert!(got.text.contains(words), "{words}");
        }
        ministry.post(&path, &draft(1, "件名", "本文", "kind=health_centre&where=all")).await;
        let got = ministry.post(&path, "act=send&revision=2").await;
        assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("当てはまる組織がありません"));
        somebody(t, Kind::HealthCentre, 12, None).await;
        for at in ["", "x", "2026-04-09T09%3A00", "2030-01-01T00%3A00"] {
            let got = ministry.post(&path, &format!("act=schedule&revision=2&send_at={at}")).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{at}");
            assert!(got.text.contains("1 年以内"), "{at}");
        }
        // Two at the same draft: the second is told, and keeps what was typed.
        ministry.post(&path, &draft(2, "件名", "先に直した", "kind=health_centre&where=all")).await;
        let got = ministry.post(&path, &draft(2, "件名", "後から直した", "kind=health_centre&where=all")).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.text.contains("後から直した"));
        assert_eq!(ministry.post(&path, "act=discard&revision=3").await.status, StatusCode::SEE_OTHER);
        assert_eq!(ministry.get(&path).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
