//! What leaves, to whom, how often; and what those it did not go to can find out: nothing.

use super::*;
use std::{collections::BTreeSet, time::Duration};

fn header(letter: &str, name: &str) -> String {
    letter.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().trim_matches(['<', '>']).to_owned()
}

async fn log(t: &TestApp) -> Vec<String> {
    t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, e)| e.join(" ")).collect()
}

/// Written and sent; gives its id.
async fn sent(t: &TestApp, ministry: &Person<'_>, subject: &str, rest: &str) -> String {
    let (id, revision) = made(ministry, &draft(0, subject, "本文です。", rest)).await;
    let got = ministry.post(&format!("/office/announcements/{id}"), &format!("act=send&revision={revision}")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    t.wait(TimeDelta::minutes(5));
    rounds(t).await;
    id
}

#[tokio::test]
async fn each_gets_one_mail_however_often_the_worker_is_cut_off() {
    on_both("each_gets_one_mail_however_often_the_worker_is_cut_off", async |t, folder| {
        const ALL: usize = 200;
        let ministry = t.person(Kind::Ministry, None).await;
        for n in 1..=ALL {
            let prefecture = akidoko_domain::id::PrefCode::new(12);
            let made = t.admin.create_organisation(Kind::FireHeadquarters, prefecture, &format!("架空第{n}消防本部")).await.unwrap();
            t.admin.create_account(&made.code, "当直", None).await.unwrap();
            let tx = t.store.write_system(t.service.now()).await.unwrap();
            tx.set_mailbox(made.id, &format!("keibo@fd{n}.example.jp")).await.unwrap();
            tx.commit().await.unwrap();
        }
        let (id, _) = made(&ministry, &draft(0, "全員へ", "本文です。", "kind=fire_headquarters&where=all")).await;
        ministry.post(&format!("/office/announcements/{id}"), "act=send&revision=1").await;
        t.wait(TimeDelta::minutes(5));
        for cut in [40, 80, 10] {
            let _ = tokio::time::timeout(Duration::from_millis(cut), async { while t.service.work().await.unwrap() > 0 {} }).await;
            t.wait(TimeDelta::minutes(6));
        }
        // Two workers at once.
        let (a, b) = tokio::join!(t.service.work(), t.service.work());
        let _ = (a.unwrap(), b.unwrap());
        rounds(t).await;
        let letters = folder.letters();
        let to: BTreeSet<String> = letters.iter().map(|l| header(l, "To:")).collect();
        let known: BTreeSet<String> = letters.iter().map(|l| header(l, "Message-ID:")).collect();
        assert_eq!((letters.len(), to.len(), known.len()), (ALL, ALL, ALL), "each exactly once");
        assert!(ministry.get(&format!("/office/announcements/{id}")).await.text.contains("届いた 200"));
        assert_eq!(log(t).await.iter().filter(|e| e.contains("announcement_send")).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_went_to_13_does_not_exist_in_12() {
    on_both("what_went_to_13_does_not_exist_in_12", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let near = somebody(t, Kind::FireHeadquarters, 12, Some("near@fd.example.jp")).await;
        let far = somebody(t, Kind::FireHeadquarters, 13, Some("far@fd.example.jp")).await;
        let officer = t.person(Kind::PrefectureHealth, Some(13)).await;
        let id = sent(t, &ministry, "壁の向こう", "kind=fire_headquarters&where=some&prefecture=13").await;
        assert!(far.get("/board").await.text.contains("壁の向こう"));
        let without_id = |text: &str| text.lines().filter(|l| !l.contains("番号")).collect::<Vec<_>>().join("\n");
        let nothing = near.get("/announcements/018f0000-0000-7000-8000-000000000000").await;
        // One's own prefecture is not enough: it was not sent to its officers, nor to who wrote it.
        for person in [&near, &officer, &ministry] {
            let got = person.get(&format!("/announcements/{id}")).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{}", person.name);
            for path in ["/board", "/announcements"] {
                assert!(!person.get(path).await.text.contains("壁の向こう"), "{path} {}", person.name);
            }
        }
        let theirs = near.get(&format!("/announcements/{id}")).await;
        assert_eq!(without_id(&nothing.text), without_id(&theirs.text), "no hint");
        let page = format!("/office/announcements/{id}");
        assert!(ministry.get(&page).await.text.contains("既読 0"), "and nothing was noted by asking");
        // Read once, by whom and when; the second reader changes nothing.
        assert_eq!(far.get(&format!("/announcements/{id}")).await.status, StatusCode::OK);
        let colleague = t.person_of(&far.name.split('-').next().unwrap().parse().unwrap()).await;
        assert_eq!(colleague.get(&format!("/announcements/{id}")).await.status, StatusCode::OK);
        let told = ministry.get(&format!("{page}?show=read&prefecture=13")).await.text;
        assert!(told.contains("既読 1") && told.contains(&far.name) && !told.contains(&colleague.name), "{told}");
        let lost = folder.letters().iter().map(|l| header(l, "Message-ID:")).next_back().unwrap();
        assert!(t.service.take_bounce(&lost, "550 5.1.1 user unknown").await.unwrap());
        assert!(!t.service.take_bounce(&lost, "550 5.1.1 user unknown").await.unwrap(), "told twice, taken once");
        let log = log(t).await;
        for (words, times) in
            [("announcement_save", 1), ("announcement_schedule", 1), ("announcement_send", 1), ("announcement_bounce", 1), (&id, 5)]
        {
            assert_eq!(log.iter().filter(|e| e.contains(words)).count(), times, "{words}: {log:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_written_and_not_saved_is_neither_sent_nor_lost() {
    on_both("what_is_written_and_not_saved_is_neither_sent_nor_lost", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        somebody(t, Kind::FireHeadquarters, 12, Some("near@fd.example.jp")).await;
        let rest = "kind=fire_headquarters&where=all";
        let (id, _) = made(&ministry, &draft(0, "件名", "はじめの本文", rest)).await;
        let path = format!("/office/announcements/{id}");
        let press = |body: &str| draft(1, "件名", body, rest).replace("act=save", "act=send");
        let got = ministry.post(&path, &press("直した本文")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.text.contains("保存していない変更がある") && got.text.contains("直した本文"), "{}", got.text);
        t.wait(TimeDelta::minutes(6));
        rounds(t).await;
        assert!(folder.letters().is_empty());
        // What was pasted and is too long comes back whole: no field cuts it off unseen.
        let long = "あ".repeat(5001);
        let got = ministry.post(&path, &draft(1, "件名", &long, rest)).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.text.contains(&long) && got.text.contains("5000 文字まで"));
        assert!(!got.text.split("<main").nth(1).unwrap().contains("maxlength"));
        let got = ministry.post(&path, &press("はじめの本文\r\n")).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "the same text, as a browser sends it: {}", got.text);
    })
    .await;
}
