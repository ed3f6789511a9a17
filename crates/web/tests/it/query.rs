//! 緊急調査: asked by a prefecture, answered by hospitals, seen as it comes in.

use crate::{
    harness::{Db, TestApp},
    survey::{fields, on_both, revision},
};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;

fn asked<'a>(hospital: &'a str, due: &'a str, act: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("title", "停電の影響"),
        ("note", "10 時の時点で答えてください。"),
        ("due_at", due),
        ("q1.label", "受け入れられる透析患者"),
        ("q1.kind", "count"),
        ("q1.unit", "人"),
        ("q2.label", "自家発電で動いていますか"),
        ("q2.kind", "yes_no"),
        ("q3.label", "水"),
        ("q3.kind", "choice"),
        ("q3.options", "足りている、少ない、ない"),
        ("q4.label", "困っていること"),
        ("q4.kind", "text"),
        ("hospital", hospital),
        ("act", act),
    ]
}

fn hidden(page: &str, name: &str) -> String {
    page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default().split('"').next().unwrap_or_default().to_owned()
}

async fn a_query_from_first_to_last(t: &TestApp) {
    let (minato, yama) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    let beyond = t.hospital(13, "架空となり病院").await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let clerk = t.person_of(&minato).await;
    t.settled().await;

    // Bad input: everything at once, everything stays.
    let got = health
        .post(
            "/queries/new",
            &fields(&[
                ("title", "停電の影響"),
                ("due_at", "2026-04-10T09:00"),
                ("q1.label", "水"),
                ("q1.kind", "choice"),
                ("q1.options", "ある"),
            ]),
        )
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["これから 1 年以内の日時", "聞く医療機関を選んで", "選択肢を 2 つ以上", "value=\"停電の影響\""]
    {
        assert!(got.text.contains(words), "{words}: {}", got.text);
    }
    let due = "2026-04-10T12:00";
    let got = health.post("/queries/new", &fields(&asked(beyond.as_str(), due, "send"))).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "what lies beyond is nobody: {}", got.text);
    // First it says whom it asks.
    let mut both = asked(minato.as_str(), due, "check");
    both.push(("hospital", yama.as_str()));
    let got = health.post("/queries/new", &fields(&both)).await;
    assert!(got.status == StatusCode::OK && got.text.contains("2 医療機関に聞きます"), "{}", got.text);
    assert!(!clerk.get("/surveys").await.text.contains("停電の影響"));
    *both.iter_mut().find(|(n, _)| *n == "act").unwrap() = ("act", "send");
    let again = health.post("/queries/new", &fields(&both)).await;
    assert!(again.status == StatusCode::OK && again.text.contains("2 医療機関に聞きます"), "nothing leaves that was not shown");
    let (mark, once) = (hidden(&got.text, "asked"), hidden(&got.text, "once"));
    both.extend([("asked", mark.as_str()), ("once", once.as_str())]);
    // What was changed since is shown once more.
    let mut other = both.clone();
    other[0].1 = "断水の影響";
    assert_eq!(health.post("/queries/new", &fields(&other)).await.status, StatusCode::OK);
    // Pressed twice it is asked once.
    let got = health.post("/queries/new", &fields(&both)).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let query = got.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(health.post("/queries/new", &fields(&both)).await.headers["location"].to_str().unwrap(), query);
    assert_eq!(health.get("/queries").await.text.matches("停電の影響").count(), 1);

    // The hospital sees it at once, where it reports and among its surveys.
    let page = format!("{query}/answers/{minato}");
    for place in [format!("/hospitals/{minato}/reports/2026-04-10"), "/surveys".to_owned()] {
        let text = clerk.get(&place).await.text;
        assert!(text.contains("停電の影響") && text.contains(&page), "{place}: {text}");
    }
    assert_eq!(clerk.get(&page).await.status, StatusCode::OK);
    let got = clerk.post(&page, "a.q1=x&a.q2=yes&a.q3=option_2").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("0 以上の整数") && got.text.contains("value=\"x\""), "{}", got.text);
    let answer = |words: &str| fields(&[("a.q1", "４"), ("a.q2", "yes"), ("a.q3", "option_2"), ("a.q4", words)]);
    let got = clerk.post(&page, &answer("昭和15年4月3日生の方の搬送")).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "no patient: {}", got.text);
    let got = clerk.post(&page, &answer("給水車")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert!(clerk.get(&page).await.text.contains("回答を受け取りました"));
    assert!(!clerk.get("/surveys").await.text.contains(&page), "it waits no more");
    // Two of one hospital: the second is shown what the first said, and sends on purpose. The same answer once more is the same answer.
    assert_eq!(clerk.post(&page, &answer("給水車")).await.status, StatusCode::SEE_OTHER);
    let colleague = t.person_of(&minato).await;
    let got = colleague.post(&page, &answer("給水車と軽油")).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("さんが回答しました") && got.text.contains("先の回答") && got.text.contains("給水車と軽油"), "{}", got.text);
    let seen = hidden(&got.text, "seen");
    assert_eq!(colleague.post(&page, &format!("{}&seen={seen}", answer("給水車と軽油"))).await.status, StatusCode::SEE_OTHER);

    // The prefecture sees answered and outstanding, sums per item, and takes them away.
    let seen = health.get(&query).await;
    for words in ["計 4 人", "はい 1", "少ない 1", "給水車", "架空やま病院", "未回答 <b>1</b>"] {
        assert!(seen.text.contains(words), "{words}: {}", seen.text);
    }
    let csv = health.get(&format!("{query}/answers.csv")).await;
    assert!(csv.text.contains("架空みなと病院") && csv.text.contains("未回答"), "{}", csv.text);
    let act = |seen: &crate::harness::Got, act: &str, due: &str| fields(&[("revision", &revision(seen)), ("act", act), ("due_at", due)]);
    assert_eq!(health.post(&query, &act(&seen, "remind", "")).await.status, StatusCode::SEE_OTHER);
    let got = health.post(&query, &act(&seen, "close", "")).await;
    assert_eq!(got.status, StatusCode::CONFLICT, "seen before the reminder");
    let seen = health.get(&query).await;
    let got = health.post(&query, &act(&seen, "remind", "")).await;
    assert!(got.status == StatusCode::CONFLICT && got.text.contains("30 分"), "{}", got.text);
    assert_eq!(health.post(&query, &act(&seen, "extend", "2026-04-10T11:00")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(health.post(&query, &act(&seen, "extend", "2026-04-10T15:00")).await.status, StatusCode::SEE_OTHER);
    let seen = health.get(&query).await;
    assert!(seen.text.contains("4月10日（金）15:00"));

    // The wall, and the wrong role.
    let stranger = t.person(Kind::PrefectureHealth, Some(13)).await;
    for path in [query.clone(), format!("{query}/answers.csv"), page.clone()] {
        let got = stranger.get(&path).await;
        assert!(got.status == StatusCode::NOT_FOUND && !got.text.contains("停電"), "{path}");
    }
    assert_eq!(stranger.post(&page, &answer("x")).await.status, StatusCode::NOT_FOUND);
    let other = t.person_of(&yama).await;
    assert_eq!(other.get(&page).await.status, StatusCode::NOT_FOUND, "the answers of others are theirs");
    assert_eq!(other.get(&query).await.status, StatusCode::FORBIDDEN);
    assert_eq!(t.person(Kind::FireHeadquarters, Some(12)).await.get("/queries").await.status, StatusCode::FORBIDDEN);

    assert_eq!(health.post(&query, &act(&seen, "close", "")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.post(&format!("{query}/answers/{yama}"), &answer("x")).await.status, StatusCode::CONFLICT);
    assert!(!other.get("/surveys").await.text.contains("停電の影響"));
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(a_query_from_first_to_last, a_query_from_first_to_last_on_sqlite, a_query_from_first_to_last_on_postgres);
