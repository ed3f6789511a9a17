//! Who has not reported: rules, rungs, presses, calls, and what the screens show of them, on both databases.

mod clock;
mod real;

use crate::{
    harness::{Db, Person, TestApp},
    office::on_both,
};
use akidoko_domain::{
    access::Actor,
    area::Holiday,
    id::{OrganisationCode, PrefCode},
    organisation::OrganisationKind as Kind,
};
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

async fn actor(person: &Person<'_>) -> Actor {
    let token = person.cookie.split("; ").find_map(|c| c.strip_prefix("__Host-akidoko=")).unwrap();
    person.app.service.session(token).await.unwrap().unwrap().actor.clone()
}

/// A hospital of 12 with a mailbox, or without.
async fn hospital(t: &TestApp, name: &str, mailbox: Option<&str>) -> OrganisationCode {
    let code = t.hospital(12, name).await;
    if let Some(mailbox) = mailbox {
        let id = t.store.organisation_unscoped(&code).await.unwrap().unwrap().organisation.id;
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.set_mailbox(id, mailbox).await.unwrap();
        tx.commit().await.unwrap();
    }
    t.settled().await;
    code
}

async fn report(person: &Person<'_>, code: &OrganisationCode, date: &str, more: serde_json::Value) -> StatusCode {
    let mut body = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 3 } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.put(&format!("/api/v1/hospitals/{code}/reports/{date}"), &body).await.status
}

async fn holidays(t: &TestApp, days: &[&str]) {
    let mut tx = t.store.write_system(t.service.now()).await.unwrap();
    let days: Vec<Holiday> = days.iter().map(|d| Holiday { line: 1, on: d.parse().unwrap(), name: "休日".to_owned() }).collect();
    tx.put_holidays(&days).await.unwrap();
    tx.event(PrefCode::new(12), akidoko_domain::event::EventKind::Board);
    tx.commit().await.unwrap();
    t.settled().await;
}

fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b == b'-' { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A form of some fields.
fn fields(all: &[(&str, &str)]) -> String {
    all.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect::<Vec<_>>().join("&")
}

/// What stands in a page for a hospital: its line.
fn line(page: &str, code: &OrganisationCode) -> String {
    let from = page.find(&format!("id=\"c-{code}\"")).unwrap_or_else(|| panic!("{code} is not in the list"));
    page[from..].split("</tr>").next().unwrap().to_owned()
}

#[tokio::test]
async fn how_a_day_stands() {
    on_both("how_a_day_stands", async |t, _| {
        let [one, two, three] =
            [hospital(t, "架空第一病院", None).await, hospital(t, "架空第二病院", None).await, hospital(t, "架空第三病院", None).await];
        let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
        let clerk = t.person_of(&one).await;
        // 09:42 in Japan.
        let page = officer.get("/completeness").await.text;
        assert!(page.contains("締切 10:00 まで 18 分") || page.contains("締切 10:00 まで 17 分"), "{page}");
        assert!(page.contains("まだの病院　3") && line(&page, &two).contains("まだ（締切前）"));
        assert!(page.contains("未報告の 3 病院に催促を送る"));
        assert_eq!(report(&clerk, &one, "2026-04-10", json!({})).await, StatusCode::CREATED);
        // Only some items: that is no report of the day.
        let quick = json!({ "kind": "quick", "answers": { "available_beds": 1 } });
        let second = t.person_of(&two).await;
        let got = second.put(&format!("/api/v1/hospitals/{two}/reports/2026-04-10"), &quick).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.text);
        let page = officer.get("/completeness?state=all").await.text;
        assert!(line(&page, &one).contains("報告済") && line(&page, &two).contains("まだ（締切前）"), "{}", line(&page, &two));
        assert!(page.contains("33.3 %"), "one of three");
        t.wait(TimeDelta::minutes(25));
        let page = officer.get("/completeness?state=missing").await.text;
        assert!(line(&page, &two).contains("未報告") && !page.contains(&format!("id=\"c-{one}\"")));
        assert!(page.contains("締切 10:00 を過ぎました（13:00 から遅延）"));
        // On behalf, after the due time but not late.
        assert!(report(&officer, &two, "2026-04-10", json!({ "reason": "電話で聞き取り", "expected_version": 1 })).await.is_success());
        let page = officer.get("/completeness?state=reported").await.text;
        assert!(line(&page, &two).contains("（締切後）") && line(&page, &two).contains("代行"), "{}", line(&page, &two));
        t.wait(TimeDelta::hours(3));
        let third = t.person_of(&three).await;
        assert_eq!(report(&third, &three, "2026-04-10", json!({})).await, StatusCode::CREATED);
        assert!(report(&clerk, &one, "2026-04-10", json!({ "reason": "数え違い", "expected_version": 1 })).await.is_success());
        let page = officer.get("/completeness?state=all").await.text;
        assert!(line(&page, &three).contains("遅延") && line(&page, &one).contains("訂正あり"), "{}", line(&page, &one));
        assert!(page.contains("3 <span>/ 3 病院　100 %"));
        // The day is over: another opens, and the old one stays as it was.
        t.wait(TimeDelta::hours(24));
        let officer = t.person_of(&officer.name[..8].parse().unwrap()).await;
        let page = officer.get("/completeness").await.text;
        assert!(page.contains("前日 4/10") && page.contains("まだの病院　3"));
        let page = officer.get("/completeness?date=2026-04-10&state=late").await.text;
        assert!(line(&page, &three).contains("遅延") && page.contains("締切は 10:00 でした"));
        assert!(page.contains("報告率 100 %") && page.contains("締切内 33.3 %"), "the chart of the day that is over");
        for (path, status) in [
            ("/completeness?date=2026-13-40", StatusCode::BAD_REQUEST),
            ("/completeness?date=2999-01-01", StatusCode::OK),
            ("/completeness?date=0001-01-01", StatusCode::OK),
            ("/completeness?unit=week&state=%3Cscript%3E&area=%27%22&kind=x&survey=gmis_daily", StatusCode::OK),
            ("/completeness?prefecture=13", StatusCode::NOT_FOUND),
            ("/completeness?prefecture=xx", StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(officer.get(path).await.status, status, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_prefecture_sets() {
    on_both("what_a_prefecture_sets", async |t, _| {
        let closed = hospital(t, "架空日曜休診病院", None).await;
        let open = hospital(t, "架空毎日病院", None).await;
        let beyond = t.hospital(13, "架空東京病院").await;
        t.settled().await;
        let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
        let set = async |all: &[(&str, &str)]| officer.post("/completeness/settings", &fields(all)).await;
        let due = |from: &'static str, due: &'static str, off: &'static str| {
            [
                ("act", "due"),
                ("valid_from", from),
                ("working_due", due),
                ("working_late", "12:00"),
                ("off", off),
                ("off_due", "11:00"),
                ("off_late", "15:00"),
            ]
        };
        // Today is not judged anew; a late time before the due time is none.
        for (wrong, words) in [
            (due("2026-04-10", "０９：００", "none"), "明日から"),
            (due("2026-04-11", "12:30", "none"), "締切より前"),
            (due("2026-04-11", "9時", "none"), "時刻は"),
            (due("x", "09:00", "none"), "日付は"),
            (due("2026-04-11", "09:00", ""), "選んでください"),
        ] {
            let got = set(&wrong).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
            assert!(got.text.contains(words), "{words}");
        }
        assert_eq!(set(&due("2026-04-11", "09:00", "none")).await.status, StatusCode::SEE_OTHER);
        let page = officer.get("/completeness/settings?saved=1").await.text;
        assert!(
            page.contains("2026年4月11日（土）から")
                && page.contains("締切 09:00（12:00 を過ぎると遅延）")
                && page.contains("報告のない日とする"),
            "{page}"
        );
        // The hospital's own screen says it too: today still ten o'clock.
        let clerk = t.person_of(&open).await;
        assert!(clerk.get(&format!("/hospitals/{open}/reports/2026-04-10")).await.text.contains("締切 10:00"));
        // An exemption of a weekday; of days without an end, without a reason, of another prefecture's hospital.
        let exempt = |hospital: &str, from: &'static str, to: &'static str, weekday: &'static str, reason: &'static str| {
            let mut all = vec![
                ("act", "exempt".to_owned()),
                ("hospital", hospital.to_owned()),
                ("from_on", from.to_owned()),
                ("to_on", to.to_owned()),
                ("reason", reason.to_owned()),
            ];
            if !weekday.is_empty() {
                all.push(("weekday", weekday.to_owned()));
            }
            all.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect::<Vec<_>>().join("&")
        };
        let code = closed.as_str();
        for (body, status) in [
            (exempt(code, "2026-04-10", "", "", "休診"), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt(code, "2026-04-10", "2026-04-09", "", "休診"), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt(code, "2020-04-10", "", "sun", "休診"), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt(code, "2026-04-10", "", "sun", ""), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt(code, "2026-04-10", "", "sun", "山田太郎様の件"), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt("", "2026-04-10", "", "sun", "休診"), StatusCode::UNPROCESSABLE_ENTITY),
            (exempt(beyond.as_str(), "2026-04-10", "", "sun", "休診"), StatusCode::NOT_FOUND),
            (exempt(code, "2026-04-01", "", "fri", "金曜休診"), StatusCode::SEE_OTHER),
        ] {
            let got = officer.post("/completeness/settings", &body).await;
            assert_eq!(got.status, status, "{body}");
        }
        let page = officer.get("/completeness?state=all").await.text;
        assert!(line(&page, &closed).contains("免除") && line(&page, &closed).contains("休診の曜日"), "a Friday");
        assert!(page.contains("/ 1 病院"), "one is asked");
        // Who owes nothing and reports all the same has reported, and is in no rate.
        let second = t.person_of(&closed).await;
        assert_eq!(report(&second, &closed, "2026-04-10", json!({})).await, StatusCode::CREATED);
        let today = "2026-04-10".parse().unwrap();
        let who = actor(&officer).await;
        let counts = t.service.completeness_counts(&who, None, "daily", today..=today, None).await.unwrap();
        let count = counts.days()[0].count;
        assert_eq!((count.hospitals, count.exempt, count.reported, count.voluntary, count.missing()), (2, 1, 1, 1, 1));
        assert_eq!(count.rate().per_mille(), Some(0));
        // A suspended ID owes nothing from that day on.
        let id = t.store.organisation_unscoped(&open).await.unwrap().unwrap().organisation.id;
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.suspend_organisation(id).await.unwrap();
        tx.commit().await.unwrap();
        let page = officer.get("/completeness?state=all").await.text;
        assert!(line(&page, &open).contains("ID 停止中"));
        assert!(page.contains("/ 0 病院　－"), "nobody is asked: －");
        // Let in again three days later, it owes nothing of the days between.
        t.wait(TimeDelta::hours(72));
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.resume_organisation(id, uuid::Uuid::from_u128(7)).await.unwrap();
        tx.commit().await.unwrap();
        let days = "2026-04-09".parse().unwrap()..="2026-04-13".parse().unwrap();
        let counts = t.service.completeness_counts(&who, None, "daily", days, None).await.unwrap();
        let of =
            |day: &str| counts.days().into_iter().find(|d| d.from == day.parse().unwrap()).map(|d| (d.count.hospitals, d.count.exempt));
        // The other hospital is closed on Fridays: before both were entered nobody was asked, and nobody was exempt.
        assert_eq!((of("2026-04-09"), of("2026-04-10"), of("2026-04-13")), (None, Some((2, 2)), Some((2, 0))));
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.suspend_organisation(id).await.unwrap();
        tx.commit().await.unwrap();
        t.wait(TimeDelta::hours(-72));
        // A Saturday after the change: nothing is due.
        t.wait(TimeDelta::hours(24));
        let officer = t.person_of(&officer.name[..8].parse().unwrap()).await;
        let page = officer.get("/completeness?state=all").await.text;
        assert!(page.contains("今日は報告のない日です"), "{page}");
        assert!(officer.get("/completeness/reminders").await.text.contains("今日は報告のない日なので"));
        let page = officer.get("/completeness/settings").await.text;
        let friday = page.split("金曜休診").nth(1).unwrap();
        let id = friday.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(officer.post("/completeness/settings", &format!("act=end_exemption&id={id}")).await.status, StatusCode::SEE_OTHER);
        assert!(!officer.get("/completeness/settings").await.text.contains("金曜休診"));
        let page = officer.get("/completeness?state=all&date=2026-04-10").await.text;
        assert!(line(&page, &closed).contains("報告済"), "the past stays as it was");
        for wrong in ["act=end_exemption&id=x", "act=x", "act=drop_due&valid_from=x", ""] {
            assert!(officer.post("/completeness/settings", wrong).await.status.is_client_error(), "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn calls_are_noted() {
    on_both("calls_are_noted", async |t, _| {
        let code = hospital(t, "架空電話病院", None).await;
        let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
        let colleague = t.person_of(&officer.name[..8].parse().unwrap()).await;
        let page = officer.get("/completeness/calls").await.text;
        let once = page.split("name=\"once\" value=\"").nth(1).unwrap()[..32].to_owned();
        let note = async |result: &str, words: &str, more: &str| {
            let all = [("hospital", code.as_str()), ("date", "2026-04-10"), ("once", once.as_str()), ("result", result), ("words", words)];
            officer.post("/completeness/calls", &format!("{}{more}", fields(&all))).await
        };
        for (result, words, expected) in [
            ("", "", "電話の結果を選んでください"),
            ("later", &*"長".repeat(201), "200 文字"),
            ("later", "患者ID 12345 の件", "患者番号のような"),
            ("later", "鈴木さんに伝えた", "人の名前のような"),
        ] {
            let got = note(result, words, "").await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            assert!(got.text.contains(expected) && got.text.contains(&encode_html(words)), "{expected}");
        }
        assert_eq!(note("later", "患者ID 12345 の件", "&confirmed=1").await.status, StatusCode::UNPROCESSABLE_ENTITY, "that is certain");
        assert!(!officer.get("/completeness/calls").await.text.contains("co-notes"), "nothing was noted");
        let stream = colleague.stream_until("/completeness/events", None, "ping").await;
        assert!(stream.contains("ping"));
        let (noted, heard) = tokio::join!(
            note("later", "鈴木さんに伝えた", "&confirmed=1"),
            colleague.stream_until("/completeness/events", None, "event: completeness")
        );
        assert_eq!(noted.status, StatusCode::SEE_OTHER, "{}", noted.text);
        assert!(heard.contains("event: completeness"), "{heard}");
        // The same form again is the same call.
        assert_eq!(note("later", "鈴木さんに伝えた", "&confirmed=1").await.status, StatusCode::SEE_OTHER);
        let page = colleague.get("/completeness/calls").await.text;
        assert_eq!(page.matches("鈴木さんに伝えた").count(), 1, "{page}");
        assert!(colleague.get("/completeness").await.text.contains("後で入力：鈴木さんに伝えた"));
        for body in [
            format!("hospital=x&date=2026-04-10&once={once}&result=later"),
            format!("hospital={code}&date=x&once={once}&result=later"),
            format!("hospital={code}&date=2026-04-11&once={once}&result=later"),
            format!("hospital={code}&date=1900-01-01&once={once}&result=later"),
            format!("hospital={code}&date=2026-04-10&once=zz&result=later"),
        ] {
            assert!(officer.post("/completeness/calls", &body).await.status.is_client_error(), "{body}");
        }
    })
    .await;
}

fn encode_html(text: &str) -> String {
    text.replace('&', "&#38;")
}

#[tokio::test]
async fn who_may_what() {
    let t = TestApp::sqlite().await;
    let code = hospital(&t, "架空第一病院", None).await;
    t.hospital(13, "壁の向こう病院").await;
    t.settled().await;
    let pages = ["/completeness", "/completeness/events", "/completeness/reminders", "/completeness/calls", "/completeness/settings"];
    for (kind, reads, keeps) in [
        (Kind::PrefectureHealth, true, true),
        (Kind::HealthCity, true, false),
        (Kind::HealthCentre, true, false),
        (Kind::PrefectureFire, false, false),
        (Kind::FireHeadquarters, false, false),
        (Kind::Association, false, false),
    ] {
        let person = t.person(kind, Some(12)).await;
        for (n, path) in pages.iter().enumerate() {
            let expected = if n < 2 { reads } else { keeps };
            let status = t.send(person.request(axum::http::Method::GET, path, None)).await.status();
            assert_eq!(status, if expected { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{kind:?} {path}");
        }
        if !keeps {
            let call = fields(&[("hospital", code.as_str()), ("date", "2026-04-10"), ("once", "1"), ("result", "later")]);
            for (path, body) in [("/completeness/reminders", ""), ("/completeness/calls", &*call), ("/completeness/settings", "act=ladder")]
            {
                assert_eq!(person.post(path, body).await.status, StatusCode::FORBIDDEN, "{kind:?} {path}");
            }
        }
        if reads {
            let page = person.get("/completeness").await.text;
            assert!(page.contains("架空第一病院") && !page.contains("壁の向こう") && page.contains("催促を送る") == keeps, "{kind:?}");
            assert_eq!(person.get("/completeness?prefecture=13").await.status, StatusCode::NOT_FOUND, "{kind:?}");
            assert_eq!(person.get("/completeness/events?prefecture=13").await.status, StatusCode::NOT_FOUND, "{kind:?}");
        }
    }
    let clerk = t.person_of(&code).await;
    assert_eq!(clerk.get("/completeness").await.status, StatusCode::FORBIDDEN, "a hospital is not shown the others");
    let ministry = t.person(Kind::Ministry, None).await;
    let nation = ministry.get("/completeness").await;
    assert!(nation.text.contains("全国") && nation.text.contains("千葉県") && nation.text.contains("東京都"), "{}", nation.text);
    assert!(ministry.get("/completeness?prefecture=13").await.text.contains("壁の向こう病院"));
    assert_eq!(ministry.get("/completeness/calls").await.status, StatusCode::FORBIDDEN);
    assert_eq!(ministry.get("/completeness/events").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ministry.get("/completeness?prefecture=48").await.status, StatusCode::NOT_FOUND, "there is no such board");
}

#[tokio::test]
async fn a_press_reminds_all_and_not_twice() {
    on_both("a_press_reminds_all_and_not_twice", async |t, folder| {
        let mut codes = Vec::new();
        for n in 0..3 {
            codes.push(hospital(t, &format!("架空第{n}病院"), Some(&format!("iji{n}@h.example.jp"))).await);
        }
        let silent = hospital(t, "架空メールなし病院", None).await;
        let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
        let clerk = t.person_of(&codes[0]).await;
        assert_eq!(report(&clerk, &codes[0], "2026-04-10", json!({})).await, StatusCode::CREATED);
        let page = officer.get("/completeness/reminders").await.text;
        assert!(page.contains("2 病院に催促を送る") && page.contains("iji1@h.example.jp") && !page.contains("iji0@"), "{page}");
        assert!(page.contains("メールアドレスのない病院　1") && page.contains("架空メールなし病院"));
        let got = officer.post("/completeness/reminders", "").await;
        assert_eq!(got.headers["location"], "/completeness?reminded=2");
        let page = officer.get("/completeness?reminded=2").await.text;
        assert!(page.contains("2 病院への催促を送信待ちに入れました") && line(&page, &codes[1]).contains("送信待ち"));
        assert!(line(&page, &silent).contains("メールアドレスなし"));
        // Before it leaves, one reports: its mail is taken back with that commit.
        let second = t.person_of(&codes[1]).await;
        assert_eq!(report(&second, &codes[1], "2026-04-10", json!({})).await, StatusCode::CREATED);
        while t.service.work().await.unwrap() > 0 {}
        let texts = folder.texts();
        assert_eq!(texts.len(), 1, "{texts:?}");
        for words in [
            "To: iji2@h.example.jp",
            "架空第2病院",
            "4月10日（金）",
            "締切は 10:00",
            "変更なしで報告",
            &format!("/hospitals/{}/reports/2026-04-10", codes[2]),
        ] {
            assert!(texts[0].contains(words), "{words}: {}", texts[0]);
        }
        // Again within the hour: nobody.
        assert_eq!(officer.post("/completeness/reminders", "").await.headers["location"], "/completeness?reminded=0");
        assert!(officer.get("/completeness/reminders").await.text.contains("1 時間以内に催促した病院　1"));
        t.wait(TimeDelta::minutes(61));
        assert_eq!(officer.post("/completeness/reminders", "").await.headers["location"], "/completeness?reminded=1");
        while t.service.work().await.unwrap() > 0 {}
        let texts = folder.texts();
        assert_eq!(texts.len(), 2);
        assert!(texts.iter().any(|t| t.contains("締切の 10:00 を過ぎました")), "after the due time it says so");
        let page = officer.get("/completeness").await.text;
        assert!(line(&page, &codes[2]).contains("2 回・") && line(&page, &codes[2]).contains("送信済"), "{}", line(&page, &codes[2]));
        // An outbox that stood still says nothing hours later.
        t.wait(TimeDelta::minutes(61));
        assert_eq!(officer.post("/completeness/reminders", "").await.headers["location"], "/completeness?reminded=1");
        t.wait(TimeDelta::minutes(125));
        while t.service.work().await.unwrap() > 0 {}
        assert_eq!(folder.texts().len(), 2, "what was to be said in the morning is not said in the afternoon");
    })
    .await;
}
