//! Sheets of paper and a pile of them.

use crate::harness::TestApp;
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};

#[tokio::test]
async fn a_sheet_of_paper() {
    let t = TestApp::sqlite().await;
    let (a, b) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    let clerk = t.person_of(&a).await;
    t.settled().await;
    let body = "a.emergency_status=limited&a.inpatient_status=normal&a.available_beds=4&expected_version=0";
    assert_eq!(clerk.post(&format!("/hospitals/{a}/reports/2026-04-10"), body).await.status, StatusCode::SEE_OTHER);
    let own = clerk.get("/report/sheets").await.text;
    for words in ["架空みなと病院", a.short(), "前回（4/10）", "<b>3</b> 停止", "千葉県 衛生主管部局", "daily-1"] {
        assert!(own.contains(words), "{words}");
    }
    assert!(!own.contains("架空やま病院"));
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let choice = officer.get("/report/sheets").await.text;
    assert!(choice.contains("今日まだの 1 枚") && choice.contains("全部の 2 枚"), "{choice}");
    let missing = officer.get("/report/sheets?missing=1&to=%E6%9E%B6%E7%A9%BA%E8%AA%B2").await.text;
    assert!(missing.contains(b.short()) && !missing.contains(a.short()) && missing.contains("架空課"));
    assert!(officer.get("/report/sheets?all=1").await.text.contains(a.short()));
    let one = officer.get(&format!("/report/sheets?hospital={a}")).await.text;
    assert!(one.contains(a.short()) && !one.contains(b.short()));
    assert_eq!(officer.get("/report/sheets?hospital=H1300000").await.status, StatusCode::OK, "nothing of an ID that is none: the choice");
}

#[tokio::test]
async fn a_pile() {
    let t = TestApp::sqlite().await;
    let (a, b) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    let officer = t.person(Kind::HealthCentre, Some(12)).await;
    let clerk = t.person_of(&a).await;
    t.settled().await;
    assert_eq!(officer.get("/report").await.headers["location"], "/report/pile");
    assert_eq!(clerk.get("/report/pile").await.status, StatusCode::FORBIDDEN);
    // By number, small letters and full width; by name; by what several have; by nothing.
    let lower = a.short().to_lowercase();
    assert!(officer.get(&format!("/report/pile?q={lower}")).await.text.contains("架空みなと病院"));
    assert!(officer.get("/report/pile?q=%E6%9E%B6%E7%A9%BA%E3%82%84%E3%81%BE%E7%97%85%E9%99%A2").await.text.contains(b.short()));
    assert!(officer.get("/report/pile?q=%E3%81%8B%E3%81%8F%E3%81%86").await.text.contains("どれですか"));
    assert!(officer.get("/report/pile?q=zzz").await.text.contains("名簿に見つかりません"));

    // Numbers of choices, full-width figures, the time on the sheet.
    let sheet = format!(
        "code={a}&expected_version=0&why=fax&done=3&at=0930&a.emergency_status=2&a.inpatient_status=1&a.available_beds=%EF%BC%94&a.accept_pediatric=1"
    );
    let got = officer.post("/report/pile", &sheet).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let next = got.headers["location"].to_str().unwrap();
    assert!(next.contains("done=4") && next.contains(&format!("saved={a}")) && next.contains("version=1"), "{next}");
    let page = officer.get(next).await.text;
    assert!(page.contains("<b>4</b> 枚 済み") && page.contains("第 1 版を保存しました"));
    let day = clerk.api(Method::GET, &format!("/api/v1/hospitals/{a}/reports/2026-04-10"), None).await.json();
    let version = &day["versions"][0];
    assert_eq!(version["as_of"], "2026-04-10T00:30:00Z", "as old as the sheet says");
    assert_eq!(
        (version["answers"]["emergency_status"].clone(), version["answers"]["accept_pediatric"].clone()),
        ("limited".into(), "active".into())
    );

    // Refused: nothing is lost; a warning is confirmed without leaving.
    for (more, words) in [
        ("a.emergency_status=9&a.inpatient_status=1", "選択肢から選び直してください"),
        ("a.emergency_status=1&a.inpatient_status=1&at=2300", "過ぎた時刻"),
        ("a.emergency_status=1&a.inpatient_status=1&at=x", "過ぎた時刻"),
        ("a.emergency_status=1&a.inpatient_status=1&why=other", "代行の理由を書いて"),
    ] {
        let got = officer.post("/report/pile", &format!("code={b}&expected_version=0&{more}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{more}");
        assert!(got.text.contains(words), "{more}: {}", got.text);
    }
    let soft = format!("code={b}&expected_version=0&a.emergency_status=1&a.inpatient_status=1&a.ready_beds=5&a.secured_beds=4");
    let got = officer.post("/report/pile", &soft).await;
    assert!(got.text.contains("用紙のとおりで正しい") && got.text.contains("name=\"shown\" value=\"ready_over_secured\""));
    let got = officer.post("/report/pile", &format!("{soft}&shown=ready_over_secured&confirmed=1")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);

    // The next day nothing has changed: one press.
    t.wait(chrono::TimeDelta::hours(23));
    let officer = t.person(Kind::HealthCentre, Some(12)).await;
    assert!(officer.get(&format!("/report/pile?q={}", b.short())).await.text.contains("変更なしで保存"));
    let got = officer.post("/report/pile", &format!("code={b}&expected_version=0&act=same&why=phone")).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert_eq!(officer.post("/report/pile", "code=H1300000").await.status, StatusCode::NOT_FOUND);
}
