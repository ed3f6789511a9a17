//! What leaves as mail, and what its links open.

use super::*;
use akidoko_domain::application::Action;
use std::{collections::BTreeSet, time::Duration};

#[tokio::test]
async fn windows_and_capacity() {
    on_both("windows_and_capacity", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let wrong = ministry.post("/office/settings", "opens_on=2026-04-20&closes_on=2026-04-01&issue_from=2026-05-01").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("2026-04-20") && wrong.text.contains("日付を確かめてください"));
        assert_eq!(ministry.post("/office/settings", "opens_on=&closes_on=x&issue_from=").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ministry.post("/office/settings", "daily_capacity=0").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ministry.post("/office/settings", &format!("daily_capacity={}", encode("２"))).await.status, StatusCode::SEE_OTHER);
        let added = ministry.post("/office/settings", "opens_on=2026-04-01&closes_on=2026-04-30&issue_from=2026-05-07").await;
        assert_eq!(added.headers["location"], "/office/settings?saved=1");
        let page = ministry.get("/office/settings?saved=1").await.text;
        assert!(page.contains("2026年5月7日（木）") && page.contains("受付中") && page.contains("いまは 2 件です"));
        // A window that was entered by mistake is removed, once; the days until a notice counts as delivered are set.
        let slip = "opens_on=2026-07-01&closes_on=2026-07-02&issue_from=2026-07-03";
        assert_eq!(ministry.post("/office/settings", slip).await.status, StatusCode::SEE_OTHER);
        assert!(ministry.get("/office/settings").await.text.contains("2026年7月3日（金）"));
        for _ in 0..2 {
            assert_eq!(ministry.post("/office/settings", &format!("{slip}&remove=1")).await.status, StatusCode::SEE_OTHER);
        }
        assert!(!ministry.get("/office/settings").await.text.contains("2026年7月3日（金）"));
        for wrong in ["0", "31", "x"] {
            let got = ministry.post("/office/settings", &format!("daily_capacity=2&delivered_after_days={wrong}")).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        assert_eq!(ministry.post("/office/settings", "daily_capacity=2&delivered_after_days=3").await.status, StatusCode::SEE_OTHER);
        assert!(ministry.get("/office/settings").await.text.contains("いまは 3 営業日です"));
        let prefecture = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ids = submitted(t, &actor(&prefecture).await, &["青波市消防本部", "白帆町消防本部", "緑丘市消防本部"]).await;
        // Friday: two today, the third on Monday.
        let page = ministry.get("/office").await.text;
        assert!(page.contains("3 番目") && page.contains("4月13日（月）") && page.contains("4/13<small>（月）"), "{page}");
        let here = ministry.get("/office?window=2026-05-07&prefecture=12&doubt=1").await.text;
        assert!(here.contains("この条件の申請はありません"), "none is doubtful");
        let got = ministry.post("/office/steps", &format!("{}&view=window%3D2026-05-07", press("approve", "", &offered(&page)))).await;
        let back = got.headers["location"].to_str().unwrap();
        assert!(back.starts_with("/office?window=2026-05-07&done=approve"));
        assert!(ministry.get(back).await.text.contains("事前連絡のメールは、発行開始日の 5月7日（木） から送ります"));
        t.wait(TimeDelta::days(20));
        t.service.work().await.unwrap();
        assert!(folder.letters().is_empty(), "not before the window's day");
        t.wait(TimeDelta::days(7));
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), ids.len());
    })
    .await;
}

#[tokio::test]
async fn the_link_of_a_notice() {
    on_both("the_link_of_a_notice", async |t, folder| {
        let person = t.person(Kind::PrefectureHealth, Some(12)).await;
        let prefecture = actor(&person).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let ids = submitted(t, &prefecture, &["青波市消防本部"]).await;
        ministry.post("/office/steps", &press("approve", "", &offered(&ministry.get("/office").await.text))).await;
        t.wait(TimeDelta::minutes(6));
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), 1);
        let mail = t.service.application(&prefecture, ids[0]).await.unwrap().2.remove(0);
        let link = format!("/mail/{}", t.store.mail_link(mail.id));
        let ask = async |path: &str| t.ask(axum::http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap()).await;
        let page = ask(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("メールが届いたことを確認しました") && page.text.contains("まだ発行していません"), "{}", page.text);
        t.service.work().await.unwrap();
        let page = ask(&link).await.text;
        assert!(page.contains("発行済みです") && page.contains("もう一度送る"));
        let again = async || t.ask(crate::harness::form(&format!("{link}/password-mail"), "")).await;
        let soon = again().await;
        assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(soon.text.contains("1 分以内に送ったばかりです"));
        t.wait(TimeDelta::seconds(70));
        assert_eq!(again().await.status, StatusCode::SEE_OTHER);
        assert_eq!(again().await.status, StatusCode::TOO_MANY_REQUESTS);
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), 3, "notice, password, password again");
        let page = ministry.get(&format!("/office/applications/{}", ids[0])).await.text;
        assert!(page.contains("パスワード設定のメールをもう一度送った") && page.contains("開封"));
        // By hand, from the office; and an ID that is closed opens nothing any more.
        let hidden = offered(&page);
        let got = ministry.post("/office/steps", &format!("{}&from={}", press("close", "", &hidden), ids[0])).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let gone = ask(&link).await;
        let guessed = ask("/mail/0000000000000000000000000000000000000000000000000000000000000000").await;
        let without_id = |text: &str| text.lines().filter(|l| !l.contains("番号")).collect::<Vec<_>>().join("\n");
        assert_eq!((gone.status, guessed.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        assert_eq!(without_id(&gone.text), without_id(&guessed.text), "no hint");
        assert_eq!(again().await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

/// 722 headquarters in the week before the end of March.
#[tokio::test]
async fn the_burst() {
    on_both("the_burst", async |t, folder| {
        const ALL: u32 = 722;
        let person = t.person(Kind::PrefectureHealth, Some(12)).await;
        let prefecture = actor(&person).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let names: Vec<String> = (1..=ALL).map(|n| format!("架空第{n}消防本部")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = submitted(t, &prefecture, &names).await;
        // The same places and days on both sides.
        let views = all(t, &prefecture).await;
        for (place, on) in [(1, "2026-04-10"), (150, "2026-04-10"), (151, "2026-04-13"), (ALL, "2026-04-16")] {
            let view = views.iter().find(|v| v.estimate.is_some_and(|e| e.place == place)).unwrap();
            assert_eq!(view.estimate.unwrap().decided_on.to_string(), on, "place {place}");
        }
        let started = std::time::Instant::now();
        let page = ministry.get("/office?select=all").await.text;
        println!("a list of {ALL} rows: {:?}, {} kB", started.elapsed(), page.len() / 1024);
        assert!(page.contains("722 件を承認する") && page.contains("722 番目") && page.contains("4月16日（木）"));
        let started = std::time::Instant::now();
        let got = ministry.post("/office/steps", &press("approve", "", &offered(&page))).await;
        println!("approved in {:?}", started.elapsed());
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        assert!(ministry.get(got.headers["location"].to_str().unwrap()).await.text.contains("722 件を承認しました"));
        t.service.work().await.unwrap();
        assert!(folder.letters().is_empty());
        t.wait(TimeDelta::minutes(5));
        // The worker is cut off in the middle, and again, and another goes on when its claim has ended.
        for cut in [30, 90, 10] {
            let _ = tokio::time::timeout(Duration::from_millis(cut), async { while t.service.work().await.unwrap() > 0 {} }).await;
            println!("cut off with {} letters in the folder", folder.letters().len());
            t.wait(TimeDelta::minutes(6));
        }
        let started = std::time::Instant::now();
        while t.service.work().await.unwrap() > 0 {}
        println!("the rest of the mails left in {:?}", started.elapsed());
        let letters = folder.letters();
        let header = |letter: &str, name: &str| letter.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        let to: BTreeSet<String> = letters.iter().map(|l| header(l, "To:")).collect();
        let known: BTreeSet<String> = letters.iter().map(|l| header(l, "Message-ID:")).collect();
        assert_eq!((letters.len(), to.len(), known.len()), (722, 722, 722), "each exactly once");
        let office = actor(&ministry).await;
        let states: BTreeSet<State> = all(t, &office).await.iter().map(|v| v.row.state).collect();
        assert_eq!(states, BTreeSet::from([State::NoticeSent]));
        let (_, steps, mails) = t.service.application(&office, ids[0]).await.unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(steps.iter().filter(|s| s.action == Action::SendNotice.as_str()).count(), 1);
    })
    .await;
}
