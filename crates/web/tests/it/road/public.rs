//! The form that anybody may fill in: it tells nothing, it is slowed, and its links are good or all alike.

use super::*;

fn without_id(text: &str) -> String {
    text.lines().filter(|l| !l.contains("番号") && !l.contains("request_id")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn it_tells_nothing_and_is_slowed() {
    on_both("it_tells_nothing_and_is_slowed", async |t, folder| {
        let known = registered(t, 12, "壁の向こう病院", CODE).await;
        let (_, link) = t.admin.create_account(&known, "当直", None).await.unwrap();
        assert!(link.is_some());
        let door = Browser::new(t);
        let form = door.get("/apply/hospital").await.text;
        assert!(form.contains("北海道") && form.contains("沖縄県") && !form.contains("壁の向こう"), "all prefectures, whoever is here");
        // Everything that is wrong is told at once, and what was typed is still there.
        let wrong = door
            .post(
                "/apply/hospital",
                &fields(&[("prefecture", ""), ("institution_code", "1210110701"), ("name", ""), ("email_again", "x@example.jp")]),
            )
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in
            ["都道府県を選んでください", "検査数字が合いません", "医療機関名が空です", "上のメールアドレスと違います", "1210110701"]
        {
            assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
        }
        for (column, value, words) in [
            ("institution_code", "0110113719", "ほかの都道府県の医療機関コード"),
            ("prefecture", "48", "都道府県を選んでください"),
            ("prefecture", "x", "都道府県を選んでください"),
            ("name", "=cmd|病院", "数式のような書き出し"),
            ("email", "iji@localhost", "メールアドレスの形が違います"),
            ("name_kana", "架空", "カタカナでない文字"),
        ] {
            let got = door.post("/apply/hospital", &fields(&[(column, value)])).await;
            assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains(words), "{column} {value}: {}", got.text);
        }
        assert!(door.post("/apply/hospital", "").await.status.is_client_error());
        work(t).await;
        assert!(folder.letters().is_empty(), "what is wrong sends nothing");

        // A hospital that has an ID, one that has none, a mailbox that was written to before: the same answer.
        let mut answers = Vec::new();
        for (name, code) in [("壁の向こう病院", CODE), ("無い病院", ""), ("壁の向こう病院", ""), ("無い病院", ""), ("無い病院", "")]
        {
            let got = door.post("/apply/hospital", &fields(&[("name", name), ("institution_code", code)])).await;
            answers.push((got.status, to(&got).to_owned(), got.text.clone(), got.headers.get("content-length").cloned()));
        }
        assert!(answers.iter().all(|a| *a == answers[0]), "{answers:?}");
        let said = door.get("/apply/hospital?sent=1").await.text;
        assert!(said.contains("まだ申請は終わっていません") && !said.contains("無い病院"));
        work(t).await;
        assert_eq!(folder.letters().len(), 3, "one address is not flooded");
        // Ten from one network, then none for a while; nothing is lost of what was typed.
        for n in 0..5 {
            let mail = format!("n{n}@hospital.example.jp");
            to(&door.post("/apply/hospital", &fields(&[("email", &mail), ("email_again", &mail)])).await);
        }
        let blocked = door.post("/apply/hospital", &fields(&[("name", "十一番病院")])).await;
        assert_eq!((blocked.status, blocked.headers["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "900"));
        assert!(blocked.text.contains("15 分待って") && blocked.text.contains("十一番病院"));
        t.wait(TimeDelta::minutes(16));
        to(&door
            .post("/apply/hospital", &fields(&[("email", "late@hospital.example.jp"), ("email_again", "late@hospital.example.jp")]))
            .await);
        work(t).await;
        assert_eq!(folder.letters().len(), 9);
    })
    .await;
}

#[tokio::test]
async fn links_that_are_not_good_are_one_page() {
    on_both("links_that_are_not_good_are_one_page", async |t, folder| {
        let door = Browser::new(t);
        let guessed = door.get("/apply/hospital/nothing").await;
        assert_eq!(guessed.status, StatusCode::NOT_FOUND);
        let same = async |link: &str, why: &str| {
            let got = door.get(link).await;
            assert_eq!((got.status, without_id(&got.text)), (guessed.status, without_id(&guessed.text)), "{why}");
            let sent = door.post(link, &fields(&[])).await;
            assert_eq!((sent.status, without_id(&sent.text)), (guessed.status, without_id(&guessed.text)), "{why}");
        };
        same("/apply/hospital/nothing", "guessed").await;
        let late = asked(t, folder, &[]).await;
        // The link of one page is none of another's.
        let token = late.rsplit('/').next().unwrap();
        for elsewhere in ["/apply", "/mail", "/mailbox", "/reset", "/set-password"] {
            assert!(door.get(&format!("{elsewhere}/{token}")).await.status.is_client_error(), "{elsewhere}");
        }
        t.wait(TimeDelta::hours(73));
        same(&late, "expired").await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let link = applied(t, folder, &[]).await;
        for elsewhere in ["/apply", "/mail", "/mailbox", "/reset", "/set-password"] {
            let token = link.rsplit('/').next().unwrap();
            assert!(door.get(&format!("{elsewhere}/{token}")).await.status.is_client_error(), "{elsewhere} {link}");
        }
        let id = only(t, &health, Road::Hospital).await.0.row.id;
        let path = format!("/applications/hospitals/{id}");
        to(&health.post(&path, "act=return&revision=2&words=x").await);
        work(t).await;
        same(&link, "replaced").await;
        let second =
            links(folder, "iji@chuo.hospital.example.jp", "/apply/hospital/").into_iter().find(|l| ![&late, &link].contains(&l)).unwrap();
        assert_eq!(door.get(&second).await.status, StatusCode::OK);
        to(&door.post(&second, &format!("revision=3&{}", fields(&[]))).await);
        to(&health.post(&path, "act=reject&revision=4&words=x").await);
        same(&second, "rejected").await;
        // A link of a headquarters' own row is none of a hospital's, and the other way round.
        let made = health.post("/applications/new", &format!("name={}", encode("架空新町消防本部"))).await;
        let row = to(&made).split('?').next().unwrap().to_owned();
        let given = health.post(&format!("{row}/link"), "").await.text;
        let token = given.split_once("/apply/").unwrap().1.split_once('<').unwrap().0.to_owned();
        same(&format!("/apply/hospital/{token}"), "a headquarters'").await;
        // What was never sent is forgotten.
        t.wait(TimeDelta::days(7));
        asked(t, folder, &[("email", "z@hospital.example.jp"), ("email_again", "z@hospital.example.jp")]).await;
        let hash = <sha2::Sha256 as sha2::Digest>::digest(late.rsplit('/').next().unwrap().as_bytes()).to_vec();
        let old = t.store.mail_of_link_unscoped(&hash).await.unwrap().unwrap();
        assert!(old.facts.is_empty() && old.recipient.is_empty());
    })
    .await;
}
