//! Surveys as data: what a prefecture marks, answering weekly and yearly ones, the ministry's desk.

use crate::harness::{Db, Got, Person, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};
use serde_json::json;

mod beds;
mod desk;

macro_rules! on_both {
    ($test:ident, $sqlite:ident, $postgres:ident) => {
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
    };
}
pub(crate) use on_both;

/// The revision that a page's forms carry.
pub(crate) fn revision(page: &Got) -> String {
    page.text.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// A form's fields, encoded.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> String {
    let encode = |s: &str| {
        s.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
    };
    pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
}

async fn marks_of_a_prefecture(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let beyond = t.hospital(13, "架空となり病院").await;
    let clerk = t.person_of(&hospital).await;
    let other = t.person_of(&beyond).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    assert!(clerk.get(&page).await.text.contains("name=\"a.surgery_status\""));

    assert_eq!(health.get("/surveys/daily/items").await.status, StatusCode::OK);
    let marks = fields(&[("m.available_beds", "required"), ("m.surgery_status", "hidden"), ("m.dialysis_status", "")]);
    let got = health.post("/surveys/daily/items", &marks).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert!(health.get("/surveys/daily/items").await.text.contains(r#"name="m.available_beds" value="required" checked"#));

    // At once, on the screen, in a form and through the API.
    let shown = clerk.get(&page).await.text;
    assert!(!shown.contains("name=\"a.surgery_status\"") && shown.contains("name=\"a.available_beds\""));
    let got = clerk.post(&page, "a.emergency_status=normal&a.inpatient_status=normal&expected_version=0").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("空床 計：選んでください") || got.text.contains("id=\"e-available_beds\""), "{}", got.text);
    let answers = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal" } });
    let got = clerk.put(&format!("/api/v1{page}"), &answers).await;
    assert_eq!((got.status, got.json()["errors"][0]["item"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("available_beds")));
    // A program that still names what is hidden is understood.
    let answers = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 3, "surgery_status": "normal" } });
    assert_eq!(clerk.put(&format!("/api/v1{page}"), &answers).await.status, StatusCode::CREATED);

    // Another prefecture has its own.
    let page = format!("/hospitals/{beyond}/reports/2026-04-10");
    assert!(other.get(&page).await.text.contains("name=\"a.surgery_status\""));
    let got = other.post(&page, "a.emergency_status=normal&a.inpatient_status=normal&expected_version=0").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);

    // Somebody else was first: nothing changes, what was chosen stays.
    let got = health.post("/surveys/daily/items", &fields(&[("m.ready_beds", "required")])).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains(r#"name="m.ready_beds" value="required" checked"#) && got.text.contains("ほかの人が"));
    // What the survey itself requires, or does not have, is no optional item.
    let seen = [("seen.available_beds", "required"), ("seen.surgery_status", "hidden")];
    for wrong in ["m.emergency_status", "m.nonsense"] {
        let got = health.post("/surveys/daily/items", &fields(&[seen[0], seen[1], (wrong, "hidden")])).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    for person in [&clerk, &t.person(Kind::FireHeadquarters, Some(12)).await, &t.person(Kind::Ministry, None).await] {
        assert_eq!(person.get("/surveys/daily/items").await.status, StatusCode::FORBIDDEN, "{}", person.name);
        assert_eq!(person.post("/surveys/daily/items", &marks).await.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    assert_eq!(health.get("/surveys/nothing/items").await.status, StatusCode::NOT_FOUND);
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(marks_of_a_prefecture, marks_of_a_prefecture_on_sqlite, marks_of_a_prefecture_on_postgres);

fn ppe(more: &[(&str, &str)]) -> String {
    let mut all: Vec<(String, String)> = Vec::new();
    for good in ["surgical_mask", "n95_mask", "isolation_gown", "face_shield"] {
        all.push((format!("a.{good}_stock"), "1200".into()));
        all.push((format!("a.{good}_weekly_use"), "３００".into()));
        all.push((format!("a.{good}_outlook"), "w4_plus".into()));
        all.push((format!("a.{good}_urgent_request"), "no".into()));
    }
    let pairs: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(more.iter().copied()).collect();
    fields(&pairs)
}

async fn an_old_week_takes_consent(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let page = format!("/answers/{hospital}/ppe_weekly/2026-04-06");
    let typed = |more: &[(&str, &str)]| ppe(&[&[("a.skip:glove", "yes")], more].concat());
    let got = clerk.post(&page, &typed(&[("expected_version", "0")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    // The week ends on Sunday the 12th: its fourteenth day after is the 26th.
    let stock = ("a.n95_mask_stock", "900");
    let fix = |version, reason: &[(&str, &str)]| {
        let kept = typed(&[&[("expected_version", version)], reason].concat());
        kept.replace(&fields(&[("a.n95_mask_stock", "1200")]), &fields(&[stock]))
    };
    t.wait(chrono::TimeDelta::days(16));
    let clerk = t.person_of(&hospital).await;
    let got = clerk.post(&page, &fix("1", &[("reason", "入力の誤り")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "the window counts from the end of the week: {}", got.text);
    assert!(got.headers["location"].to_str().unwrap().ends_with("/versions/2"));

    t.wait(chrono::TimeDelta::days(1));
    let clerk = t.person_of(&hospital).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let form = clerk.get(&page).await.text;
    assert!(form.contains("訂正できる期間（14 日、4月26日（日）まで）を過ぎています") && form.contains("訂正を申請する"), "{form}");
    let again = ("a.n95_mask_stock", "800");
    let fix = |reason: &[(&str, &str)]| fix("2", reason).replace(&fields(&[stock]), &fields(&[again]));
    let got = clerk.post(&page, &fix(&[])).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "without a reason");
    assert!(got.text.contains("value=\"800\""), "nothing typed is lost");
    let got = clerk.post(&page, &fix(&[("reason", "入力の誤り")])).await;
    let request = got.headers["location"].to_str().unwrap().to_owned();
    assert!(request.starts_with("/corrections/"), "{request}");
    let got = clerk.post(&page, &fix(&[("reason", "入力の誤り")])).await;
    assert_eq!(got.status, StatusCode::CONFLICT, "one waits at a time");
    assert!(got.text.contains(&request) && got.text.contains("value=\"800\""));

    let list = health.get("/corrections").await.text;
    assert!(list.contains("個人防護具の週次調査　4月6日（月）の週") && list.contains("900 → 800"), "{list}");
    assert!(
        !health.get(&format!("/hospitals/{hospital}/reports?month=2026-04")).await.text.contains("同意待ち"),
        "not of the daily report"
    );
    assert_eq!(health.post(&request, "act=consent&version=2").await.status, StatusCode::SEE_OTHER);
    let told = clerk.get(&request).await.text;
    assert!(told.contains("第 3 版") && told.contains(&format!("{page}/versions/3")), "{told}");
    assert!(clerk.get(&page).await.text.contains("value=\"800\""));
}
on_both!(an_old_week_takes_consent, an_old_week_takes_consent_on_sqlite, an_old_week_takes_consent_on_postgres);

async fn a_week_of_goods(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let page = format!("/answers/{hospital}/ppe_weekly/2026-04-06");
    let list = clerk.get("/surveys").await.text;
    assert!(list.contains("個人防護具の週次調査") && list.contains(&page), "{list}");
    // Wednesday 17:00 has gone by on Friday morning.
    assert!(list.contains("締切を過ぎています") && list.contains("4月8日（水）17:00"));
    assert!(!list.contains("医療措置協定"), "only those that the prefecture named");
    assert_eq!(clerk.get(&page).await.status, StatusCode::OK);
    assert_eq!(
        clerk.get(&format!("/answers/{hospital}/ppe_weekly/2026-04-08")).await.status,
        StatusCode::NOT_FOUND,
        "a week begins on Monday"
    );
    assert_eq!(clerk.get(&format!("/answers/{hospital}/ppe_weekly/2026-04-13")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(clerk.get(&format!("/answers/{hospital}/nothing/2026-04-06")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.get(&format!("/answers/{hospital}/gmis_daily/2026-04-06")).await.status, StatusCode::NOT_FOUND);

    // Gloves are not answered: the outlook is required. 該当なし settles the section with one press.
    let got = clerk.post(&page, &ppe(&[("expected_version", "0")])).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("id=\"e-glove_outlook\"") && got.text.contains(r#"name="a.surgical_mask_stock""#));
    // A request without a number: the rule says it.
    let wants = [("a.skip:glove", "yes"), ("a.n95_mask_urgent_request", "yes"), ("expected_version", "0")];
    let body = ppe(&wants)
        .replace("a%2En95%5Fmask%5Furgent%5Frequest=no", "x=1")
        .replace("a%2En95%5Fmask%5Foutlook=w4%5Fplus", "a%2En95%5Fmask%5Foutlook=within%5F1w");
    let got = clerk.post(&page, &body).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("要請する数を入れてください"), "{}", got.text);
    let body = format!("{body}&{}", fields(&[("a.n95_mask_requested", "500")]));
    let got = clerk.post(&page, &body).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let receipt = clerk.get(got.headers["location"].to_str().unwrap()).await;
    assert!(receipt.text.contains("該当なし：非滅菌手袋"), "{}", receipt.text);
    assert!(clerk.get("/surveys").await.text.contains("報告済み"));
    // What the prefecture sees of it.
    let list = health.get("/surveys").await.text;
    assert!(list.contains("県内の医療機関の調査") && list.contains("個人防護具の週次調査"), "{list}");

    // What they answered, with sums; as a file; to nobody else. The ministry sees prefectures.
    let answers = health.get("/surveys/ppe_weekly/answers").await.text;
    assert!(answers.contains("報告済み 1 / ") && answers.contains("計 1200 枚") && answers.contains("架空みなと病院"), "{answers}");
    let csv = health.get("/surveys/ppe_weekly/answers.csv?period=2026-04-06").await;
    assert!(csv.text.contains("架空みなと病院") && csv.text.contains("報告済み"), "{}", csv.text);
    let stranger = t.person(Kind::PrefectureHealth, Some(13)).await;
    let beside = stranger.get("/surveys/ppe_weekly/answers").await.text;
    assert!(!beside.contains("架空みなと病院") && !beside.contains("計 1200"), "{beside}");
    let beside = stranger.get("/surveys/ppe_weekly/answers.csv").await.text;
    assert!(!beside.contains("架空みなと病院"), "{beside}");
    let nation = t.person(Kind::Ministry, None).await.get("/office/surveys/ppe_weekly/answers").await.text;
    assert!(nation.contains("千葉県") && nation.contains("計 1200") && !nation.contains("架空みなと病院"), "{nation}");
    for path in ["/surveys/ppe_weekly/answers", "/surveys/ppe_weekly/answers.csv"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(t.person(Kind::FireHeadquarters, Some(12)).await.get(path).await.status, StatusCode::FORBIDDEN);
    }
    let list = health.get("/surveys/ppe_weekly/hospitals").await.text;
    assert!(list.contains("架空みなと病院") && list.contains("報告済み 1 / 1"), "{list}");
    assert_eq!(health.get("/surveys/daily/hospitals").await.status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.get("/surveys/ppe_weekly/hospitals").await.status, StatusCode::FORBIDDEN);

    // Two at once: the second sees what the first did.
    let got = clerk.post(&page, &ppe(&[("a.skip:glove", "yes"), ("expected_version", "0")])).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("第 1 版"));
    assert!(
        got.text.contains("さんが先に報告しました") && got.text.contains("class=\"panel conflict\""),
        "with what differs: {}",
        got.text
    );
    assert!(got.text.contains(r#"name="expected_version" value="1""#), "the next press is held against what was shown");
    // In the same week a correction needs no reason; the next week it does.
    let got = clerk.post(&page, &ppe(&[("a.skip:glove", "yes"), ("expected_version", "1")])).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    t.wait(chrono::TimeDelta::days(4));
    let clerk = t.person_of(&hospital).await;
    let got = clerk.post(&page, &ppe(&[("a.skip:glove", "yes"), ("expected_version", "2")])).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.text);
    let next = format!("/answers/{hospital}/ppe_weekly/2026-04-13");
    assert!(clerk.get(&next).await.text.contains("前回と同じなら、これで終わりです"));
    let got = clerk.post(&format!("{next}/confirmation"), "expected_version=0&survey_version=1").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let history = clerk.get(&format!("/answers/{hospital}/ppe_weekly")).await;
    assert!(history.text.contains("4月13日（月）の週") && history.text.contains("前の版と同じ内容"), "{}", history.text);

    // Whose it is not.
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    assert_eq!(fire.get(&next).await.status, StatusCode::FORBIDDEN);
    assert_eq!(fire.get("/surveys").await.status, StatusCode::FORBIDDEN);
    assert_eq!(fire.get(&format!("/answers/{hospital}/ppe_weekly")).await.status, StatusCode::NOT_FOUND);
    let stranger = t.person(Kind::PrefectureHealth, Some(13)).await;
    assert_eq!(stranger.get(&next).await.status, StatusCode::NOT_FOUND);
}
on_both!(a_week_of_goods, a_week_of_goods_on_sqlite, a_week_of_goods_on_postgres);

async fn an_agreement_in_two_sheets(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let beyond = t.hospital(13, "架空となり病院").await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let name = |code: &str| fields(&[("hospital", code)]);
    let got = health.post("/surveys/agreement_yearly/hospitals", &name(beyond.as_str())).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST, "what lies beyond does not exist");
    let got = health.post("/surveys/agreement_yearly/hospitals", &name(hospital.as_str())).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert_eq!(health.post("/surveys/ppe_weekly/hospitals", &name(hospital.as_str())).await.status, StatusCode::NOT_FOUND);

    let clerk = t.person_of(&hospital).await;
    let page = format!("/answers/{hospital}/agreement_yearly/2025-10-01");
    assert!(clerk.get("/surveys").await.text.contains(&page));
    let form = clerk.get(&page).await.text;
    assert!(form.contains("（10/1 時点）") && form.contains("（12/1 時点）") && form.contains("シート1はすべて該当なし"), "{form}");
    // One press marks a sheet; nothing is sent yet, what was typed stays.
    let got = clerk.post(&page, &fields(&[("skip_sheet", "シート1"), ("a.dispatch_nurses", "4")])).await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.text.contains("まだ報告していません") && got.text.contains(r#"name="a.skip:secured" value="yes" checked"#), "{}", got.text);
    assert!(
        got.text.contains(r#"name="a.dispatch_nurses" inputmode="numeric" autocomplete="off" maxlength="12" value="4""#),
        "{}",
        got.text
    );
    // Nothing to enter at all, and yet it counts as answered.
    let all = ["secured", "fever", "support", "home_care", "dispatch", "ppe", "training"].map(|s| format!("a.skip:{s}"));
    let all: Vec<(&str, &str)> = all.iter().map(|s| (s.as_str(), "yes")).chain([("expected_version", "0")]).collect();
    let got = clerk.post(&page, &fields(&all)).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert!(clerk.get("/surveys").await.text.contains("報告済み"));
}
on_both!(an_agreement_in_two_sheets, an_agreement_in_two_sheets_on_sqlite, an_agreement_in_two_sheets_on_postgres);

/// Whoever asks for a page of a role that is not theirs.
pub(crate) async fn forbidden(people: &[&Person<'_>], path: &str) {
    for person in people {
        assert_eq!(person.get(path).await.status, StatusCode::FORBIDDEN, "{path} {}", person.name);
    }
}

#[tokio::test]
async fn a_survey_of_the_api_stays_the_daily_one() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&hospital).await;
    t.settled().await;
    let got = clerk.api(Method::GET, &format!("/api/v1/hospitals/{hospital}/reports/2026-04-10"), None).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
}
