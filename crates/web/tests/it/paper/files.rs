//! A file: template, check, mending, taking, receipt, twice.

use super::form::{bytes, drop_file, hidden, save, send};
use crate::harness::{Db, TestApp};
use akidoko_domain::organisation::OrganisationKind as Kind;
use axum::http::{Method, StatusCode};

const HEAD: &str = "医療機関ID,報告日,救急の受入状況,入院の受入状況,空床 計（床）,空床 うち重症（床）";

async fn a_file_is_taken_whole(t: &TestApp) {
    let (a, b) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;

    // The template names both; filled in, it comes back.
    let template = bytes(&officer, "/report/files/template.csv").await;
    let template = String::from_utf8(template).unwrap();
    assert!(
        template.starts_with("\u{feff}医療機関ID,医療機関名,報告日,様式,")
            && template.contains(a.as_str())
            && template.contains(b.as_str())
    );
    assert!(bytes(&officer, "/report/files/template.xlsx").await.starts_with(b"PK"));
    assert!(bytes(&officer, &format!("/report/files/template.xlsx?hospital={a}")).await.starts_with(b"PK"));

    // Wrong in two cells: said with their places; nothing is taken.
    let sheet = format!("{HEAD}\n{a},令和8年4月10日,通常,通常,４,▲1\n{b},2026-04-10,ふつう,停止,\"1,234\",\n");
    let check = drop_file(&officer, "病床.csv", sheet.as_bytes()).await;
    assert_eq!(check.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["F2", "「▲1」は符号の付いた数です", "C3", "「ふつう」は選択肢にありません", "要修正 <b>2</b>"]
    {
        assert!(check.text.contains(words), "{words}");
    }
    let got = save(&officer, &check, &[("behalf", "fax")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "as it is it is not taken");

    // Mended in place; who enters for others says why.
    let mended = [("c.2.available_beds_severe", "1"), ("c.3.emergency_status", "停止")];
    let got = save(&officer, &check, &mended).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("代わって入力する理由を選んでください"));
    let got = save(&officer, &got, &[("behalf", "phone"), ("behalf_words", "病棟から"), ("notes", "1"), ("confirm_all", "1")]).await;
    assert_eq!(
        (got.status, got.headers.get("location").map(|l| l.to_str().unwrap())),
        (StatusCode::SEE_OTHER, Some("/report/files/1")),
        "{}",
        got.text
    );
    let receipt = officer.get("/report/files/1").await;
    for words in ["2 件の報告を受け取りました", "第 1 号", "病床.csv", "架空みなと病院"] {
        assert!(receipt.text.contains(words), "{words}");
    }
    assert!(officer.get("/report/files").await.text.contains("病床.csv"), "it is listed");

    // The board follows, the mark and the reason stand.
    t.settled().await;
    let board = fire.get("/board").await.text;
    assert!(board.contains("1234") && board.contains("代行"));
    let history = officer.get(&format!("/hospitals/{a}/reports")).await.text;
    assert!(history.contains("代行（電話で聞き取り：病棟から）") && history.contains("ファイル"));

    // The same again, even as another file: no version is added.
    let same = format!("{HEAD}\n{b},R8.4.10,停止,停止,1234,\n{a},2026/4/10,通常,通常,4,1\n");
    let check = drop_file(&officer, "また.csv", same.as_bytes()).await;
    assert!(check.text.contains("同じ内容を") && check.text.contains("09:42"), "{}", check.text);
    let got = save(&officer, &check, &[("behalf", "phone"), ("notes", "1")]).await;
    assert_eq!(got.headers["location"], "/report/files/1?again=1");
    assert!(officer.get("/report/files/1?again=1").await.text.contains("同じ内容を"));
    let day = officer.api(Method::GET, &format!("/api/v1/hospitals/{a}/reports/2026-04-10"), None).await.json();
    assert_eq!(day["versions"].as_array().unwrap().len(), 1);

    // All or nothing: one good row beside one that breaks a rule leaves nothing.
    let half = format!("{HEAD}\n{a},2026-04-10,通常,通常,9,1\n{b},2026-04-10,停止,停止,1,2\n");
    let check = drop_file(&officer, "半分.csv", half.as_bytes()).await;
    assert!(check.text.contains("うち重症") && check.text.contains("F3"), "the rules of the screen run");
    let got = save(&officer, &check, &[("behalf", "fax"), ("notes", "1"), ("confirm_all", "1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let day = officer.api(Method::GET, &format!("/api/v1/hospitals/{a}/reports/2026-04-10"), None).await.json();
    assert_eq!(day["versions"].as_array().unwrap().len(), 1, "nothing was taken");
    // Left out, the rest is taken.
    let got = save(&officer, &got, &[("leave", "3"), ("behalf", "fax"), ("notes", "1"), ("confirm_all", "1")]).await;
    assert_eq!(got.headers["location"], "/report/files/2", "{}", got.text);
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

#[tokio::test]
async fn a_file_is_taken_whole_on_sqlite() {
    a_file_is_taken_whole(&TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_file_is_taken_whole_on_postgres() {
    if let Some(t) = TestApp::start(Db::Postgres, "a_file_is_taken_whole_on_postgres").await {
        a_file_is_taken_whole(&t).await;
    }
}

/// Somebody reports between check and taking: it is seen, and chosen.
#[tokio::test]
async fn a_report_in_between_is_seen() {
    let t = TestApp::sqlite().await;
    let a = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&a).await;
    t.settled().await;
    let sheet = format!("{HEAD}\n{a},,通常,通常,4,1\n");
    let check = drop_file(&clerk, "a.csv", sheet.as_bytes()).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.text);
    let page = format!("/hospitals/{a}/reports/2026-04-10");
    assert_eq!(
        clerk.post(&page, "a.emergency_status=stopped&a.inpatient_status=normal&expected_version=0").await.status,
        StatusCode::SEE_OTHER
    );
    let got = save(&clerk, &check, &[]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("第 1 版が報告されました") && got.text.contains("停止 → 通常"), "{}", got.text);
    let got = save(&clerk, &got, &[("confirm", "2")]).await;
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    // Nothing of it is on behalf: it is the hospital's own.
    assert!(!clerk.get(&format!("/hospitals/{a}/reports")).await.text.contains("代行"));
}

/// Past days, days to come, doubled rows, old and other forms, what has no place in the file.
#[tokio::test]
async fn days_and_forms() {
    let t = TestApp::sqlite().await;
    let a = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&a).await;
    t.settled().await;
    let page = format!("/hospitals/{a}/reports/2026-04-10");
    let body = "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=4&a.ready_beds=7&expected_version=0";
    assert_eq!(clerk.post(&page, body).await.status, StatusCode::SEE_OTHER);

    let sheet =
        format!("{HEAD}\n{a},2026-04-11,通常,通常,4,1\n{a},2026-04-09,通常,通常,3,1\n{a},R8.4.9,通常,通常,2,1\n{a},4月8日,通常,通常,2,1\n");
    let check = drop_file(&clerk, "a.csv", sheet.as_bytes()).await;
    for words in ["まだ来ていない日です", "同じ日が 3 行にもあります", "「4月8日」は日付として読めません", "今日より前の日の報告が 2 行"]
    {
        assert!(check.text.contains(words), "{words}");
    }
    let got = save(&clerk, &check, &[("leave", "2"), ("leave", "4"), ("leave", "5"), ("notes", "1"), ("unchanged", "take")]).await;
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    // A correction of a past day says why.
    let sheet = format!("令和8年4月9日 現在,,,,,\n{HEAD}\n{a},,通常,通常,5,1\n");
    let check = drop_file(&clerk, "a.csv", sheet.as_bytes()).await;
    assert!(check.text.contains("A1 に書かれた 2026年4月9日（木）") && check.text.contains("訂正の理由"), "{}", check.text);
    let got = save(&clerk, &check, &[("notes", "1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = save(&clerk, &got, &[("notes", "1"), ("reason", "入力の誤り")]).await;
    assert_eq!(got.headers["location"], "/report/files/2", "{}", got.text);

    // What has no column keeps what was reported; today's record stands.
    let sheet = format!("{HEAD}\n{a},,通常,通常,6,1\n");
    let check = drop_file(&clerk, "a.csv", sheet.as_bytes()).await;
    assert!(check.text.contains("前回の値のままにします"));
    assert_eq!(save(&clerk, &check, &[]).await.headers["location"], "/report/files/3");
    let day = clerk.api(Method::GET, &format!("/api/v1{page}"), None).await.json();
    assert_eq!(
        (day["versions"][0]["answers"]["available_beds"].clone(), day["versions"][0]["answers"]["ready_beds"].clone()),
        (6.into(), 7.into())
    );

    for (form, words) in [("daily-9", "第 9 版の様式です"), ("ppe-1", "別の調査の様式です")] {
        let sheet = format!("様式,{HEAD}\n{form},{a},,通常,通常,7,1\n");
        let check = drop_file(&clerk, "a.csv", sheet.as_bytes()).await;
        assert!(check.text.contains(words), "{words}: {}", check.text);
    }
    // Formulas of a file are nobody's: a file of nothing, a wrong one, one that is too large, a tampered form.
    for (name, content) in [("a.csv", ""), ("a.pdf", "%PDF-1.4"), ("a.csv", "品名,数\nマスク,1\n")] {
        let got = drop_file(&clerk, name, content.as_bytes()).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(got.text.contains("何も受け取っていません"), "{name}");
    }
    assert_eq!(drop_file(&clerk, "a.csv", &vec![b'a'; 7 << 20]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for rows in ["", "{}", "[]", "{\"name\":\"x\"}"] {
        assert_eq!(send(&clerk, "/report/files/save", &[("rows", rows)], None).await.status, StatusCode::BAD_REQUEST, "{rows}");
    }
    assert_eq!(clerk.get("/report/files/template.csv?day=2026-04-11").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(clerk.get("/report/files/99").await.status, StatusCode::NOT_FOUND);
    assert!(!hidden("", "rows").contains('x'));
}

/// Whoever acts for a whole prefecture does not report for hospitals whose rows were left as they were.
#[tokio::test]
async fn unchanged_rows_are_left_unless_they_are_meant() {
    let t = TestApp::sqlite().await;
    let (a, b) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    for code in [&a, &b] {
        let clerk = t.person_of(code).await;
        t.settled().await;
        let page = format!("/hospitals/{code}/reports/2026-04-10");
        assert_eq!(
            clerk.post(&page, "a.emergency_status=normal&a.inpatient_status=normal&a.available_beds=4").await.status,
            StatusCode::SEE_OTHER
        );
    }
    t.wait(chrono::TimeDelta::hours(24));
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let template = String::from_utf8(bytes(&officer, "/report/files/template.csv").await).unwrap();
    let changed = template
        .lines()
        .map(|l| if l.contains(a.as_str()) { l.replacen(",4,", ",2,", 1) } else { l.to_owned() })
        .collect::<Vec<_>>()
        .join("\n");
    let check = drop_file(&officer, "a.csv", changed.as_bytes()).await;
    assert!(check.text.contains("変わる <b>1</b>") && check.text.contains("前回と同じ <b>1</b>"), "{}", check.text);
    let got = save(&officer, &check, &[("behalf", "outage"), ("unchanged", "leave")]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let versions = async |code: &akidoko_domain::id::OrganisationCode| {
        let day = officer.api(Method::GET, &format!("/api/v1/hospitals/{code}/reports/2026-04-11"), None).await.json();
        day["versions"].as_array().unwrap().len()
    };
    assert_eq!((versions(&a).await, versions(&b).await), (1, 0));
    let check = drop_file(&officer, "a.csv", changed.as_bytes()).await;
    let got = save(&officer, &check, &[("behalf", "outage"), ("unchanged", "take")]).await;
    assert_eq!(got.headers["location"], "/report/files/2", "{}", got.text);
    assert_eq!((versions(&a).await, versions(&b).await), (1, 1));
}
