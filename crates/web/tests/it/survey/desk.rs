//! The ministry's desk: a survey made on screen, tried, published, changed while reports come in.

use super::{fields, forbidden, on_both, revision};
use crate::harness::{Db, Person, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::StatusCode;

const DRAFT: &str = "/office/surveys/oxygen/draft";

/// Posts to the draft with the revision that stands.
async fn change(ministry: &Person<'_>, path: &str, pairs: &[(&str, &str)]) -> crate::harness::Got {
    let seen = revision(&ministry.get(DRAFT).await);
    let mut all = vec![("revision", seen.as_str())];
    all.extend_from_slice(pairs);
    ministry.post(path, &fields(&all)).await
}

fn count<'a>(id: &'a str, label: &'a str, section: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("id", id), ("label", label), ("section", section), ("kind", "count"), ("unit", "本"), ("min", "0"), ("max", "9999")]
}

async fn made(ministry: &Person<'_>) {
    let got = ministry.post("/office/surveys", &fields(&[("code", "oxygen"), ("title", "酸素ボンベの調査")])).await;
    assert_eq!((got.status, got.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, DRAFT), "{}", got.text);
    for (id, label) in [("owned", "保有"), ("full", "うち充填済み")] {
        let got = change(ministry, &format!("{DRAFT}/new-item"), &count(id, label, "section_1")).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    }
    let head = [
        ("act", "head"),
        ("title", "酸素ボンベの調査"),
        ("cadence", "weekly"),
        ("is_due", "1"),
        ("due_days", "2"),
        ("due_time", "17:00"),
        ("who", "hospital"),
    ];
    assert_eq!(change(ministry, DRAFT, &head).await.status, StatusCode::SEE_OTHER);
}

async fn a_survey_made_on_screen(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let ministry = t.person(Kind::Ministry, None).await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    forbidden(&[&clerk, &t.person(Kind::PrefectureHealth, Some(12)).await], "/office/surveys").await;
    // Bad codes and taken ones.
    for (code, words) in [("酸素", "英小文字で始め"), ("daily", "すでにあります"), ("gmis_daily", "すでにあります")]
    {
        let got = ministry.post("/office/surveys", &fields(&[("code", code), ("title", "酸素")])).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert!(got.text.contains(words) && got.text.contains(&format!("value=\"{code}\"")), "{code}: {}", got.text);
    }
    made(&ministry).await;

    // What is wrong stands beside its field, and what was typed stays.
    let got = change(
        &ministry,
        &format!("{DRAFT}/new-item"),
        &[("id", "Owned"), ("label", ""), ("section", "section_1"), ("kind", "count"), ("max", "多い")],
    )
    .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("0 以上の整数を入れてください") && got.text.contains("value=\"多い\""), "{}", got.text);
    let got = change(&ministry, &format!("{DRAFT}/new-item"), &count("owned", "二度目", "section_1")).await;
    assert!(got.text.contains("同じ記号がほかにもあります"), "{}", got.text);
    // A rule that names what is not there, and one that divides by zero.
    for (holds, words) in [
        ("full <= nothing", "「nothing」は、この調査にありません"),
        ("full / 0 <= owned", "0 で割っています"),
        ("full <= (", "文字目のあたりで式を読めません"),
    ] {
        let rule = [("id", "full_within"), ("holds", holds), ("severity", "hard"), ("message", "充填済みが保有を超えています。")];
        let got = change(&ministry, &format!("{DRAFT}/new-rule"), &rule).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{holds}");
        assert!(got.text.contains(words), "{holds}: {}", got.text);
    }
    let rule = [("id", "full_within"), ("holds", "full <= owned"), ("severity", "hard"), ("message", "充填済みが保有を超えています。")];
    let got = change(&ministry, &format!("{DRAFT}/new-rule"), &rule).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    // The preview is the screen itself, and runs the rules. Nothing is kept.
    let preview = format!("{DRAFT}/preview");
    assert!(ministry.get(&preview).await.text.contains("name=\"a.owned\""));
    let got = ministry.post(&preview, "a.owned=1&a.full=2").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("充填済みが保有を超えています"));
    let got = ministry.post(&preview, "a.owned=2&a.full=1").await;
    assert!(got.status == StatusCode::OK && got.text.contains("報告として受け付けます"));

    // An item that a rule names is removed: the draft says so and is not published.
    let got = change(&ministry, DRAFT, &[("act", "item_remove:owned")]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
    let got = change(&ministry, DRAFT, &[("act", "publish"), ("from", "2026-04-10")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("「owned」は、この調査にありません"), "{}", got.text);
    assert_eq!(change(&ministry, &format!("{DRAFT}/new-item"), &count("owned", "保有", "section_1")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(change(&ministry, DRAFT, &[("act", "item_up:owned")]).await.status, StatusCode::SEE_OTHER);

    // Not from a day that has gone, nor from none.
    for from in ["2026-04-09", "四月", ""] {
        let got = change(&ministry, DRAFT, &[("act", "publish"), ("from", from)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{from}");
    }
    let page = format!("/answers/{hospital}/oxygen/2026-04-06");
    assert_eq!(clerk.get(&page).await.status, StatusCode::NOT_FOUND);
    let got = change(&ministry, DRAFT, &[("act", "publish"), ("from", "2026-04-10")]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    // The program goes by it at once.
    assert!(clerk.get("/surveys").await.text.contains("酸素ボンベの調査"));
    assert!(clerk.get(&page).await.text.contains("name=\"a.full\""));
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(a_survey_made_on_screen, a_survey_made_on_screen_on_sqlite, a_survey_made_on_screen_on_postgres);

async fn a_survey_that_changes_while_a_report_is_open(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let ministry = t.person(Kind::Ministry, None).await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    made(&ministry).await;
    assert_eq!(change(&ministry, DRAFT, &[("act", "publish"), ("from", "2026-04-06")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change(&ministry, DRAFT, &[("act", "publish"), ("from", "2026-04-10")]).await.status, StatusCode::SEE_OTHER);
    let page = format!("/answers/{hospital}/oxygen/2026-04-06");
    let got = clerk.post(&page, "a.owned=5&a.full=3&expected_version=0&survey_version=1").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    // The next version; two of the ministry at once.
    assert_eq!(ministry.post("/office/surveys/oxygen", "act=draft").await.status, StatusCode::SEE_OTHER);
    let seen = revision(&ministry.get(DRAFT).await);
    let item = |id: &str, label: &str| {
        let mut all = vec![("revision", seen.as_str())];
        all.extend(count(id, label, "section_1"));
        fields(&all)
    };
    assert_eq!(ministry.post(&format!("{DRAFT}/new-item"), &item("spare", "予備")).await.status, StatusCode::SEE_OTHER);
    let got = ministry.post(&format!("{DRAFT}/new-item"), &item("late", "遅れた人の項目")).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("ほかの人が下書きを変えました") && got.text.contains("遅れた人の項目"), "{}", got.text);
    // An id never changes its kind, nor its name.
    let seen = revision(&ministry.get(DRAFT).await);
    let kind = fields(&[("revision", &seen), ("id", "owned"), ("label", "保有"), ("section", "section_1"), ("kind", "yes_no")]);
    let got = ministry.post(&format!("{DRAFT}/items/owned"), &kind).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("公開した版と種類が違います"), "{}", got.text);

    // It holds from the week that begins with its day. This week stays with the first; the next one is open in the browser when it comes.
    t.wait(chrono::TimeDelta::days(3));
    let clerk = t.person_of(&hospital).await;
    let ministry = t.person(Kind::Ministry, None).await;
    let next = format!("/answers/{hospital}/oxygen/2026-04-13");
    assert!(clerk.get(&next).await.text.contains("name=\"survey_version\" value=\"1\""));
    assert_eq!(change(&ministry, DRAFT, &[("act", "publish"), ("from", "2026-04-13")]).await.status, StatusCode::SEE_OTHER);
    let got = clerk.post(&next, "a.owned=7&a.full=3&expected_version=0&survey_version=1").await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(
        got.text.contains("調査の項目が変わりました") && got.text.contains("value=\"7\"") && got.text.contains("name=\"a.spare\""),
        "{}",
        got.text
    );
    let got = clerk.post(&format!("{next}/confirmation"), "expected_version=0&survey_version=1").await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    let got = clerk.post(&next, "a.owned=7&a.full=3&a.spare=1&expected_version=0&survey_version=2").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    // The old report stays readable under its version.
    let history = clerk.get(&format!("/answers/{hospital}/oxygen")).await.text;
    assert!(history.contains("調査の第 1 版") && history.contains("調査の第 2 版"), "{history}");
    assert!(!clerk.get(&page).await.text.contains("name=\"a.spare\""));
    // A version that was answered is not taken back.
    assert_eq!(ministry.post("/office/surveys/oxygen", "act=withdraw&version=2").await.status, StatusCode::CONFLICT);
}
on_both!(
    a_survey_that_changes_while_a_report_is_open,
    a_survey_that_changes_while_a_report_is_open_on_sqlite,
    a_survey_that_changes_while_a_report_is_open_on_postgres
);

#[tokio::test]
async fn the_daily_report_too_is_answered_anew_when_its_survey_changes() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let ministry = t.person(Kind::Ministry, None).await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    assert_eq!(ministry.post("/office/surveys/daily", "act=draft").await.status, StatusCode::SEE_OTHER);
    let draft = "/office/surveys/daily/draft";
    let seen = revision(&ministry.get(draft).await);
    let got = ministry.post(draft, &fields(&[("revision", &seen), ("act", "publish"), ("from", "2026-04-12")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    // It has not begun: it can be taken back, and is a draft again.
    assert!(ministry.get("/office/surveys/daily").await.text.contains("これから始まる版"));
    assert_eq!(ministry.post("/office/surveys/daily", "act=withdraw&version=2").await.status, StatusCode::SEE_OTHER);
    let seen = revision(&ministry.get(draft).await);
    let got = ministry.post(draft, &fields(&[("revision", &seen), ("act", "publish"), ("from", "2026-04-10")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let got = clerk
        .post(&page, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=6&expected_version=0&survey_version=1")
        .await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("調査の項目が変わりました") && got.text.contains("value=\"6\""));
    let got = clerk
        .post(&page, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=6&expected_version=0&survey_version=2")
        .await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
}
