//! The three habits of published files（domain.md §5.5）, from the file to the board: read right, or refused with cell and reason.

use super::form::{drop_file, save};
use crate::harness::TestApp;
use akidoko_domain::{id::OrganisationCode, organisation::OrganisationKind as Kind};
use axum::http::{Method, StatusCode};
use rust_xlsxwriter::{Format, Formula, Workbook};

async fn answer(t: &TestApp, code: &OrganisationCode, day: &str, item: &str) -> serde_json::Value {
    let clerk = t.person_of(code).await;
    clerk.api(Method::GET, &format!("/api/v1/hospitals/{code}/reports/{day}"), None).await.json()["versions"][0]["answers"][item].clone()
}

#[tokio::test]
async fn merged_titles_full_width_and_notes() {
    let t = TestApp::sqlite().await;
    let (a, b) = (t.hospital(12, "架空みなと病院").await, t.hospital(12, "架空やま病院").await);
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let f = Format::new();
    sheet.merge_range(0, 0, 0, 5, "県内の病床（令和８年４月１０日 ９時現在）", &f).unwrap();
    sheet.merge_range(2, 3, 2, 4, "受入可能病床数（空床）", &f).unwrap();
    for (row, column, words) in [
        (2, 0, "医療機関ID"),
        (2, 1, "救急の受入状況"),
        (2, 2, "入院の受入状況"),
        (3, 3, "計"),
        (3, 4, "うち重症"),
        (4, 0, a.as_str()),
        (4, 1, "通常"),
        (4, 2, "通常"),
        (4, 3, "１，２３４床"),
        (4, 4, "▲５"),
        (5, 0, b.as_str()),
        (5, 1, "停止"),
        (5, 2, "制限"),
        (5, 3, "－"),
        (6, 0, "計"),
        (6, 3, "1,234"),
        (7, 0, "※ 速報値"),
    ] {
        sheet.write_string(row, column, words).unwrap();
    }
    let check = drop_file(&officer, "県内.xlsx", &book.save_to_buffer().unwrap()).await;
    assert_eq!(check.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["A1 に書かれた 2026年4月10日", "超えています", "E5", "「▲５」は符号の付いた数です", "D6", "「未回答」として読みました"]
    {
        assert!(check.text.contains(words), "{words}: {}", check.text);
    }
    let got = save(&officer, &check, &[("c.5.available_beds_severe", ""), ("confirm_all", "1"), ("notes", "1"), ("behalf", "fax")]).await;
    // That 1,234 beds are more than the register's 300 was said too, and is confirmed with the dash.
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    assert_eq!(answer(&t, &a, "2026-04-10", "available_beds").await, 1234);
    assert!(answer(&t, &b, "2026-04-10", "available_beds").await.is_null(), "a dash is unknown, never zero");
}

#[tokio::test]
async fn eras_letters_of_ones_own_and_cp932() {
    let t = TestApp::sqlite().await;
    let a = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&a).await;
    t.settled().await;
    // Columns in another order, 和暦, half-width kana, 外字 in a comment（F040）, all in CP932, no hospital named: it is one's own.
    let mut bytes = encoding_rs::SHIFT_JIS
        .encode("日付,空床 計,連絡事項,入院の受入状況,救急の受入状況\r\n令和８年４月１０日,４,ｾｲｹｲ@なし,制限,通常\r\n")
        .0
        .into_owned();
    let at = bytes.windows(2).position(|w| w == [0xb2, b'@']).unwrap() + 1;
    bytes.splice(at..=at, [0xf0, 0x40]);
    let check = drop_file(&clerk, "表.csv", &bytes).await;
    assert_eq!(check.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(check.text.contains("C2") && check.text.contains("外字が入っていて"), "{}", check.text);
    let got = save(&clerk, &check, &[("c.2.board_comment", "ｾｲｹｲなし")]).await;
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    assert_eq!(answer(&t, &a, "2026-04-10", "board_comment").await, "セイケイなし");
    assert_eq!(answer(&t, &a, "2026-04-10", "available_beds").await, 4);
}

#[tokio::test]
async fn items_down_the_rows_with_formulas() {
    let t = TestApp::sqlite().await;
    let a = t.hospital(12, "架空みなと病院").await;
    let clerk = t.person_of(&a).await;
    t.settled().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 1, "日報", &Format::new()).unwrap();
    for (row, words) in [(1, "項目"), (2, "報告日"), (3, "救急の受入状況"), (4, "入院の受入状況"), (5, "空床 計"), (6, "職員の出勤率")]
    {
        sheet.write_string(row, 0, words).unwrap();
    }
    sheet.write_string(1, 1, "値").unwrap().write_number(2, 1, 46_122).unwrap().write_string(3, 1, "①").unwrap();
    sheet.write_string(4, 1, "2").unwrap().write_formula(5, 1, Formula::new("=2+2").set_result("4")).unwrap();
    sheet.write_string(6, 1, "80%").unwrap();
    sheet
        .write_string(7, 0, "特別対応 小児")
        .unwrap()
        .write_formula(7, 1, Formula::new("=IF(TRUE,\"受入可\",\"\")").set_result("受入可"))
        .unwrap();
    let check = drop_file(&clerk, "日報.xlsx", &book.save_to_buffer().unwrap()).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.text);
    for words in ["B6", "数式です", "A7「職員の出勤率」は報告にない項目です"] {
        assert!(check.text.contains(words), "{words}: {}", check.text);
    }
    // A choice that is written in another word than the screen's stays chosen: to confirm it is not to change it.
    let select = check.text.split("<select").skip(1).find(|s| s.contains("accept_pediatric")).unwrap_or_else(|| panic!("{}", check.text));
    let name = select.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let chosen = select.split("<option selected>").nth(1).map(|s| s.split('<').next().unwrap().to_owned());
    assert_eq!(chosen.as_deref(), Some("受入可"), "{select}");
    let as_it_stands = (name.as_str(), "受入可");
    let got = save(&clerk, &check, &[as_it_stands, ("confirm_all", "1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "what is not read is to be confirmed");
    let got = save(&clerk, &got, &[as_it_stands, ("confirm_all", "1"), ("notes", "1")]).await;
    assert_eq!(got.headers["location"], "/report/files/1", "{}", got.text);
    assert_eq!(answer(&t, &a, "2026-04-10", "inpatient_status").await, "limited");
    assert_eq!(answer(&t, &a, "2026-04-10", "available_beds").await, 4);
    assert_eq!(answer(&t, &a, "2026-04-10", "accept_pediatric").await, "accept");
}

/// Counts what the database is asked on this thread.
struct Questions;

thread_local! {
    /// Each test has a thread of its own, and so have its questions.
    static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl tracing::Subscriber for Questions {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "akidoko_store::question"
    }
    fn event(&self, _: &tracing::Event<'_>) {
        ASKED.set(ASKED.get() + 1);
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// 600 rows are checked with hardly a question more than one.
#[tokio::test]
async fn six_hundred_rows() {
    let t = TestApp::sqlite().await;
    let mut lines = vec!["医療機関ID,救急の受入状況,入院の受入状況,空床 計".to_owned()];
    for n in 0..600 {
        let code = t.hospital(12, &format!("架空第{n}病院")).await;
        lines.push(format!("{code},通常,通常,{}", n % 9));
    }
    let sheet = lines.join("\n");
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    t.settled().await;
    // For the whole program, so that no other test's thread can make the place where questions are told fall silent.
    let _ = tracing::subscriber::set_global_default(Questions);
    tracing::callsite::rebuild_interest_cache();
    ASKED.set(0);
    let check = drop_file(&officer, "県内.csv", sheet.as_bytes()).await;
    let asked = ASKED.get();
    assert_eq!(check.status, StatusCode::OK);
    assert!(check.text.contains("変わる <b>600</b>"));
    // One for what stands; the projector and the log of reads may ask beside it.
    assert!((1..=8).contains(&asked), "{asked} questions for 600 rows");
    let got = save(&officer, &check, &[("behalf", "fax")]).await;
    assert_eq!(got.headers["location"], "/report/files/1");
    assert!(officer.get("/report/files/1").await.text.contains("600 件の報告を受け取りました"));
    assert!(t.store.verify_audit_unscoped(None).await.is_ok(), "six hundred entries, one chain");
}
