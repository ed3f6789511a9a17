//! Corrections after the window: asked, consented, declined, withdrawn.

use super::{beds, day, entries, on_both};
use crate::harness::{Db, Person, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;

const OLD: &str = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=7&expected_version=1&reason=%E5%85%A5%E5%8A%9B%E3%81%AE%E8%AA%A4%E3%82%8A";

/// A hospital that reported on 10 April; fifteen days later.
async fn fifteen_days_later(t: &TestApp) -> (akidoko_domain::id::OrganisationCode, Person<'_>, Person<'_>) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let clerk = t.person_of(&hospital).await;
    assert_eq!(clerk.put(&day(&hospital, "2026-04-10"), &beds(4)).await.status, StatusCode::CREATED);
    t.wait(TimeDelta::days(15));
    let clerk = t.person_of(&hospital).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    (hospital, clerk, health)
}

async fn versions(person: &Person<'_>, path: &str) -> Vec<serde_json::Value> {
    person.api(Method::GET, path, None).await.json()["versions"].as_array().unwrap().clone()
}

/// So many mails wait to leave.
async fn due(t: &TestApp) -> i64 {
    t.store.backlog_unscoped(t.service.now()).await.unwrap().due
}

async fn reachable(t: &TestApp, code: &akidoko_domain::id::OrganisationCode, mailbox: &str) {
    let id = t.store.organisation_unscoped(code).await.unwrap().unwrap().organisation.id;
    let tx = t.store.write_system(t.service.now()).await.unwrap();
    tx.set_mailbox(id, mailbox).await.unwrap();
    tx.commit().await.unwrap();
}

async fn an_old_correction_takes_consent(t: &TestApp) {
    let (hospital, clerk, health) = fifteen_days_later(t).await;
    reachable(t, &hospital, "iji@minato.example.jp").await;
    reachable(t, &health.name.split('-').next().unwrap().parse().unwrap(), "iryo@pref.example.jp").await;
    let api = day(&hospital, "2026-04-10");
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");

    // A program is told, and nothing is kept.
    let mut body = beds(7);
    body["reason"] = json!("転記の誤り");
    let got = clerk.put(&api, &body).await;
    assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("window_closed")), "{}", got.text);
    assert!(got.json()["detail"].as_str().unwrap().contains("画面から訂正を申請してください"));
    assert_eq!(got.json()["until"], "2026-04-24");

    // The screen says it before it is typed, asks why, and runs the rules.
    let form = clerk.get(&page).await.text;
    assert!(form.contains("訂正できる期間（14 日、4月24日（金）まで）を過ぎています") && form.contains("訂正を申請する"), "{form}");
    assert!(form.contains("訂正の理由 <span class=\"req\">※必須</span>"));
    let without = clerk.post(&page, &OLD[..OLD.find("&reason").unwrap()]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.text.contains("理由を選んでください") && without.text.contains("value=\"7\""), "nothing typed is lost");
    let broken = clerk.post(&page, &format!("{OLD}&a.available_beds_severe=9")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = clerk.post(&page, OLD).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let request = got.headers["location"].to_str().unwrap().to_owned();
    assert!(request.starts_with("/corrections/"), "{request}");

    // The prefecture is told by mail.
    assert_eq!(due(t).await, 1);
    // It changes nothing: neither the day, nor the board.
    assert_eq!(versions(&clerk, &api).await.len(), 1);
    let again = clerk.post(&page, OLD).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "one waits at a time");
    assert!(again.text.contains(&request) && again.text.contains("value=\"7\""), "nothing typed is lost: {}", again.text);
    let mine = clerk.get(&request).await.text;
    assert!(
        mine.contains("都道府県の同意を待っています") && mine.contains("申請を取り下げる") && !mine.contains("act\" value=\"consent"),
        "{mine}"
    );
    assert!(clerk.get(&page).await.text.contains(&request), "the day's screen leads to it");
    assert!(clerk.get(&format!("/hospitals/{hospital}/reports")).await.text.contains("同意待ち"));
    assert_eq!(clerk.post(&request, "act=consent&version=1").await.status, StatusCode::FORBIDDEN, "not the hospital's to consent");

    // The prefecture sees it with its differences and its reason.
    let list = health.get("/corrections").await.text;
    assert!(list.contains("同意待ち　1 件") && list.contains("空床 計 4 → 7") && list.contains("入力の誤り"), "{list}");
    assert!(health.get(&request).await.text.contains("同意する"));
    assert_eq!(health.post(&request, "act=withdraw").await.status, StatusCode::FORBIDDEN, "not the prefecture's to withdraw");
    // Another version came since the officer looked: nothing is decided unseen.
    assert_eq!(health.post(&request, "act=consent&version=0").await.status, StatusCode::CONFLICT);
    for wrong in ["act=consent", "act=consent&version=x", "act=burn", ""] {
        assert_eq!(health.post(&request, wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let got = health.post(&request, "act=consent&version=1").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert_eq!(due(t).await, 2, "the hospital is told what became of it");
    let all = versions(&clerk, &api).await;
    assert_eq!((all.len(), all[0]["answers"]["available_beds"].clone()), (2, json!(7)));
    assert_eq!(all[0]["author"]["organisation"], "架空みなと病院", "its author is the hospital");
    assert_eq!(all[0]["reason"], "入力の誤り");
    assert_eq!(all[0]["as_of"], "2026-04-10T14:59:59Z", "of its day, not of the day of consent");
    assert_eq!(health.post(&request, "act=decline&words=x").await.status, StatusCode::CONFLICT, "decided once");
    assert!(clerk.get(&request).await.text.contains("第 2 版"));
    let history = clerk.get(&format!("/hospitals/{hospital}/reports")).await.text;
    assert!(history.contains("架空のprefecture_healthの同意（4月25日（土）09:42）"), "{history}");
    let full = clerk.get(&format!("{page}/versions/2/full")).await.text;
    assert!(full.contains("架空のprefecture_health") && full.contains("4 床 → 7 床"), "{full}");
    let why = clerk.get(&format!("/hospitals/{hospital}/why/available_beds")).await.text;
    assert!(why.contains("4 床 → <b>7 床</b>") && why.contains("の同意"), "{why}");
    // All of it is in the log.
    let steps = |log: Vec<serde_json::Value>| log.into_iter().filter_map(|e| Some(e["step"].as_str()?.to_owned())).collect::<Vec<_>>();
    assert_eq!(steps(entries(t, &clerk).await), ["requested"]);
    let log = entries(t, &health).await;
    assert!(log.iter().any(|e| e["step"] == "consented" && e["version"] == 2), "{log:?}");
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
on_both!(an_old_correction_takes_consent, an_old_correction_takes_consent_on_sqlite, an_old_correction_takes_consent_on_postgres);

async fn declined_withdrawn_and_on_behalf(t: &TestApp) {
    let (hospital, clerk, health) = fifteen_days_later(t).await;
    let api = day(&hospital, "2026-04-10");
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let ask = async || clerk.post(&page, OLD).await.headers["location"].to_str().unwrap().to_owned();
    // Declined, with a reason, which is checked for patients.
    let request = ask().await;
    assert_eq!(health.post(&request, "act=decline&words=+").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let patient = health.post(&request, "act=decline&words=%E3%82%AB%E3%83%AB%E3%83%86%E7%95%AA%E5%8F%B7+0012345").await;
    assert_eq!(patient.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(patient.text.contains("患者さんの番号") && patient.text.contains("0012345</textarea>"), "{}", patient.text);
    let long = format!("act=decline&words={}", "x".repeat(201));
    assert_eq!(health.post(&request, &long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(health.post(&request, "act=decline&words=%E6%9C%88%E5%A0%B1%E6%B8%88%E3%81%BF").await.status, StatusCode::SEE_OTHER);
    let mine = clerk.get(&request).await.text;
    assert!(mine.contains("同意しませんでした") && mine.contains("月報済み"), "{mine}");
    // Asked again, and withdrawn.
    let request = ask().await;
    assert_eq!(clerk.post(&request, "act=withdraw").await.status, StatusCode::SEE_OTHER);
    assert!(clerk.get("/corrections").await.text.contains("取り下げ"));
    assert_eq!(health.post(&request, "act=consent&version=1").await.status, StatusCode::CONFLICT);
    assert_eq!(versions(&clerk, &api).await.len(), 1, "nothing changed by either");
    // What the prefecture enters itself has its consent.
    let mut body = beds(6);
    body["reason"] = json!("病院からの電話");
    let got = health.put(&api, &body).await;
    assert_eq!((got.status, got.json()["version"].clone()), (StatusCode::OK, json!(2)), "{}", got.text);
}
on_both!(declined_withdrawn_and_on_behalf, declined_withdrawn_and_on_behalf_on_sqlite, declined_withdrawn_and_on_behalf_on_postgres);

async fn asked_by_who_enters_for_the_hospital(t: &TestApp) {
    let (hospital, clerk, health) = fifteen_days_later(t).await;
    let centre = t.person(Kind::HealthCentre, Some(12)).await;
    let page = format!("/hospitals/{hospital}/reports/2026-04-10");
    let body = format!("{OLD}&behalf=phone");
    let got = centre.post(&page, &body).await;
    let request = got.headers.get("location").unwrap_or_else(|| panic!("{}", got.text)).to_str().unwrap().to_owned();
    assert!(request.starts_with("/corrections/"), "{request}");
    assert!(centre.get(&request).await.text.contains("申請を取り下げる"));
    assert!(centre.get("/corrections").await.text.contains("架空みなと病院"));
    let again = centre.post(&page, &body).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains(&request), "the one that waits is named");
    assert_eq!(centre.post(&request, "act=withdraw").await.status, StatusCode::SEE_OTHER);
    // With why it was entered for the hospital, so that consent does not ask for it again.
    let request = centre.post(&page, &body).await.headers["location"].to_str().unwrap().to_owned();
    let got = health.post(&request, "act=consent&version=1").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let all = versions(&clerk, &day(&hospital, "2026-04-10")).await;
    assert_eq!((all.len(), all[0]["answers"]["available_beds"].clone(), all[0]["author"]["on_behalf"].clone()), (2, json!(7), json!(true)));
}
on_both!(
    asked_by_who_enters_for_the_hospital,
    asked_by_who_enters_for_the_hospital_on_sqlite,
    asked_by_who_enters_for_the_hospital_on_postgres
);

async fn the_ministry_sets_the_window(t: &TestApp) {
    let (hospital, clerk, health) = fifteen_days_later(t).await;
    let ministry = t.person(Kind::Ministry, None).await;
    let page = "/office/settings/correction-window";
    assert!(ministry.get("/office/settings").await.text.contains("<b>14 日</b>まで"));
    for wrong in
        ["", "days=x&valid_from=2026-04-25", "days=14&valid_from=2026-04-24", "days=3651&valid_from=2026-05-01", "days=14&valid_from=x"]
    {
        let got = ministry.post(page, wrong).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(got.text.contains("日数は 0 から 3650"), "{wrong}");
    }
    for person in [&clerk, &health] {
        assert_eq!(person.post(page, "days=30&valid_from=2026-04-25").await.status, StatusCode::FORBIDDEN);
    }
    // From tomorrow on: today the old number still holds.
    assert_eq!(ministry.post(page, "days=%EF%BC%93%EF%BC%90&valid_from=2026-04-26").await.status, StatusCode::SEE_OTHER);
    let api = day(&hospital, "2026-04-10");
    let mut body = beds(7);
    body["reason"] = json!("転記の誤り");
    assert_eq!(clerk.put(&api, &body).await.json()["code"], "window_closed");
    t.wait(TimeDelta::days(1));
    let clerk = t.person_of(&hospital).await;
    assert_eq!(clerk.put(&api, &body).await.status, StatusCode::OK, "the longer window opens it again");
    let log = entries(t, &ministry).await;
    assert!(log.iter().any(|e| e["days"] == 30 && e["valid_from"] == "2026-04-26"), "{log:?}");
    let ministry = t.person(Kind::Ministry, None).await;
    assert!(ministry.get("/office/settings").await.text.contains("<td>30 日</td>"));
}
on_both!(the_ministry_sets_the_window, the_ministry_sets_the_window_on_sqlite, the_ministry_sets_the_window_on_postgres);

async fn whose_requests_are_whose(t: &TestApp) {
    let (hospital, clerk, _) = fifteen_days_later(t).await;
    let request =
        clerk.post(&format!("/hospitals/{hospital}/reports/2026-04-10"), OLD).await.headers["location"].to_str().unwrap().to_owned();
    let near = t.hospital(12, "架空きた病院").await;
    let neighbour = t.person_of(&near).await;
    let mut others = vec![(neighbour, StatusCode::OK)];
    for kind in [Kind::FireHeadquarters, Kind::PrefectureFire] {
        others.push((t.person(kind, Some(12)).await, StatusCode::FORBIDDEN));
    }
    // They enter for hospitals: what they asked themselves they see, and nothing of others.
    for kind in [Kind::HealthCity, Kind::HealthCentre] {
        others.push((t.person(kind, Some(12)).await, StatusCode::OK));
    }
    others.push((t.person(Kind::Association, Some(12)).await, StatusCode::OK));
    others.push((t.person(Kind::PrefectureHealth, Some(13)).await, StatusCode::OK));
    others.push((t.person(Kind::Ministry, None).await, StatusCode::FORBIDDEN));
    for (person, list) in &others {
        let got = person.get("/corrections").await;
        assert_eq!(got.status, *list, "{}", person.name);
        assert!(!got.text.contains("架空みなと病院"), "{}", person.name);
        assert_eq!(person.get(&request).await.status, StatusCode::NOT_FOUND, "{}", person.name);
        for act in ["act=consent&version=1", "act=decline&words=x", "act=withdraw"] {
            assert_eq!(person.post(&request, act).await.status, StatusCode::NOT_FOUND, "{act} {}", person.name);
        }
    }
    assert_eq!(clerk.get(&request).await.status, StatusCode::OK);
    assert_eq!(clerk.get("/corrections/nothing").await.status, StatusCode::NOT_FOUND);
}
on_both!(whose_requests_are_whose, whose_requests_are_whose_on_sqlite, whose_requests_are_whose_on_postgres);
