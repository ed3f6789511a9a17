//! Templates read back as they left, and files as people fill them in: the habits of published files（domain.md §5.5）, made here.

use super::*;
use crate::table::to_csv_cp932;
use akidoko_domain::survey::{Catalogue, DAILY, Survey, Value};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};

fn daily() -> Survey {
    Catalogue::shipped().version(DAILY, 1).unwrap().clone()
}

fn day() -> NaiveDate {
    "2026-04-10".parse().unwrap()
}

fn filled(code: &str, beds: u32) -> TemplateRow {
    let answers = [
        ("emergency_status", Value::Word("normal".into())),
        ("inpatient_status", Value::Word("limited".into())),
        ("available_beds", Value::Count(beds)),
        ("accept_pediatric", Value::Word("accept".into())),
        ("contact_day", Value::Word("03-1234-5678".into())),
        ("board_comment", Value::Word("=1 床は調整中".into())),
    ];
    TemplateRow { code: code.into(), name: "架空みなと病院".into(), answers: answers.map(|(id, v)| (id.to_owned(), Some(v))).into() }
}

fn text<'a>(row: &'a FileRow, id: &str) -> &'a str {
    row.items.get(id).map_or("（ない）", |c| c.text.as_str())
}

fn check_filled(row: &FileRow, beds: &str) {
    for (id, expected) in [
        ("emergency_status", "通常"),
        ("inpatient_status", "制限"),
        ("available_beds", beds),
        ("ready_beds", ""),
        ("accept_pediatric", "○"),
        ("contact_day", "03-1234-5678"),
        ("board_comment", "=1 床は調整中"),
    ] {
        assert_eq!(text(row, id), expected, "{id}");
    }
}

#[test]
fn templates_come_back_as_they_left() {
    let survey = daily();
    let many = [filled("H12AAAAA", 4), filled("H12BBBBB", 0)];
    let form = Some(Form { survey: DAILY.into(), version: 1 });
    let one_book = workbook(&survey, day(), &many[..1]).unwrap();
    let book = workbook(&survey, day(), &many).unwrap();
    let utf8 = crate::table::to_csv_utf8(&table(&survey, day(), &many));
    let (cp932, replaced) = to_csv_cp932(&table(&survey, day(), &many));
    assert!(replaced.is_empty());
    for (name, bytes, rows) in [("one.xlsx", one_book, 1), ("many.xlsx", book, 2), ("many.csv", utf8, 2), ("many.csv", cp932, 2)] {
        let file = read(name, &bytes, &survey).unwrap();
        assert_eq!(file.form, form, "{name}");
        assert_eq!((file.rows.len(), file.unknown.len(), file.blank_rows), (rows, 0, 0), "{name}");
        assert_eq!(file.rows[0].items.len(), survey.items().count(), "{name}: every item has its place");
        check_filled(&file.rows[0], "4");
        for row in &file.rows {
            assert_eq!(row.day.as_ref().unwrap().text, "2026-04-10", "{name}");
            assert!(row.code.as_ref().unwrap().text.starts_with("H12"), "{name}");
        }
        if rows == 2 {
            check_filled(&file.rows[1], "0");
            assert_eq!(file.rows[1].items["emergency_status"].address, "E3", "{name}");
        }
    }
}

#[test]
fn templates_obey_the_rules_for_machines() {
    use calamine::{Data, Reader, Xlsx};
    let survey = daily();
    let bytes = workbook(&survey, day(), &[filled("H12AAAAA", 4), filled("H12BBBBB", 0)]).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    assert!(book.merge_cells_by_sheet_name("報告").unwrap().is_empty(), "no merged cells");
    let range = book.worksheet_range("報告").unwrap();
    assert_eq!(range.get_value((0, 0)), Some(&Data::String("医療機関ID".into())), "the first row is the header");
    let beds = (0..range.width()).find(|c| range.get_value((0, u32::try_from(*c).unwrap())) == Some(&Data::String("空床 計（床）".into())));
    let beds = u32::try_from(beds.unwrap()).unwrap();
    assert_eq!(range.get_value((1, beds)), Some(&Data::Float(4.0)), "numbers are numbers");
    assert_eq!(range.get_value((2, beds)), Some(&Data::Float(0.0)), "and zero is one");
}

/// 一つめの癖: a title and a day over merged cells, headings of two rows, 全角, units in cells, a sum and notes below.
#[test]
fn merged_titles_and_notes() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let f = Format::new();
    sheet.merge_range(0, 0, 0, 6, "病床の状況（令和８年４月１０日現在）", &f).unwrap();
    sheet.merge_range(2, 3, 2, 5, "受入可能病床数（空床）", &f).unwrap();
    for (row, column, words) in [
        (1, 5, "単位：床"),
        (2, 0, "医療機関ID"),
        (2, 1, "医療機関名"),
        (2, 2, "救急の\n受入状況"),
        (3, 3, "計"),
        (3, 4, "うち重症"),
        (3, 5, "うち中等症"),
        (2, 6, "備考"),
        (4, 0, "Ｈ１２ＡＡＡＡＡ"),
        (4, 1, "架空みなと病院"),
        (4, 2, "通常"),
        (4, 3, "１，２３４"),
        (4, 4, "▲５"),
        (4, 5, "２床"),
        (4, 6, "夜間は要連絡"),
        (6, 0, "H12BBBBB"),
        (6, 1, "架空やま病院"),
        (6, 2, "停止"),
        (6, 3, "－"),
        (7, 1, "合計"),
        (7, 3, "1234"),
        (8, 0, "※ 速報値です。"),
    ] {
        sheet.write_string(row, column, words).unwrap();
    }
    let file = read("まとめ.xlsx", &book.save_to_buffer().unwrap(), &daily()).unwrap();
    assert_eq!(file.titles.iter().map(|t| t.address.as_str()).collect::<Vec<_>>(), ["A1"]);
    assert_eq!(file.rows.len(), 2, "{:?}", file.rows);
    let first = &file.rows[0];
    assert_eq!((first.number, first.code.as_ref().unwrap().text.as_str()), (5, "Ｈ１２ＡＡＡＡＡ"));
    assert_eq!((text(first, "available_beds"), text(first, "available_beds_severe")), ("１，２３４", "▲５"));
    assert_eq!(first.items["available_beds_severe"].address, "E5");
    assert_eq!(text(first, "available_beds_moderate"), "２床");
    assert_eq!(text(&file.rows[1], "available_beds"), "－");
    assert_eq!(file.unknown.iter().map(|u| (u.text.as_str(), u.address.as_str())).collect::<Vec<_>>(), [("備考", "G3")]);
}

/// 二つめの癖: columns in another order, headings with ids, days of an era, half-width kana, CP932 with 外字, tabs for commas.
#[test]
fn another_order_in_cp932() {
    let text_of = |separator: char| {
        [
            "日付,病院名,空床 計（床） [available_beds],emergency_status,小児,受入連絡先（日中）,ID",
            "令和8年4月10日,架空ﾐﾅﾄ病院,4,通常,◎,03-1234-5678,h12aaaaa",
            "R8.4.9,架空やま病院,０,Stopped,×,,H12BBBBB",
            ",,,,,,",
            "注） 暫定です,,,,,,",
        ]
        .join("\r\n")
        .replace(',', &separator.to_string())
    };
    for separator in [',', '\t'] {
        let mut bytes = encoding_rs::SHIFT_JIS.encode(&text_of(separator)).0.into_owned();
        // 外字 in the name of the second hospital.
        let at = bytes.windows(4).position(|w| w == [0x82, 0xe2, 0x82, 0xdc]).unwrap();
        bytes.splice(at..at + 4, [0xf0, 0x40]);
        let file = read("表.csv", &bytes, &daily()).unwrap();
        assert_eq!(file.rows.len(), 2);
        let (a, b) = (&file.rows[0], &file.rows[1]);
        assert_eq!(
            (a.day.as_ref().unwrap().text.as_str(), text(a, "available_beds"), text(a, "accept_pediatric")),
            ("令和8年4月10日", "4", "◎")
        );
        assert_eq!(
            (b.day.as_ref().unwrap().text.as_str(), text(b, "available_beds"), text(b, "emergency_status")),
            ("R8.4.9", "０", "Stopped")
        );
        assert_eq!(b.items["available_beds"].address, "C3");
        assert!(b.name.as_ref().unwrap().text.contains('\u{e000}'), "a letter of one's own is kept, for whoever checks");
        assert!(!a.items.contains_key("ready_beds"), "what the file does not ask has no place");
    }
}

/// 三つめの癖: one hospital with its items down the rows, under group headings, with formulas, dates as numbers, a telephone number as a number.
#[test]
fn items_down_the_rows() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 2, "日報　架空みなと病院", &Format::new()).unwrap();
    for (row, words) in [
        (2, "項目"),
        (3, "医療機関ID"),
        (4, "報告日"),
        (5, "救急の受入状況"),
        (6, "受入可能病床数（空床）"),
        (7, "計"),
        (8, "うち重症"),
        (10, "受入連絡先（日中）"),
        (11, "職員の出勤率"),
        (12, "※ 17 時に提出"),
    ] {
        sheet.write_string(row, 0, words).unwrap();
    }
    sheet.write_string(2, 1, "前回の値").unwrap().write_string(2, 2, "今日の値").unwrap();
    sheet.write_string(3, 2, "H12AAAAA").unwrap().write_number(4, 2, 46_122).unwrap().write_string(5, 2, "②").unwrap();
    sheet.write_number(7, 1, 9).unwrap().write_formula(7, 2, Formula::new("=1+3").set_result("4")).unwrap().write_number(8, 2, 1).unwrap();
    sheet.write_number(10, 2, 312_345_678).unwrap().write_string(11, 2, "80%").unwrap();
    let file = read("日報.xlsx", &book.save_to_buffer().unwrap(), &daily()).unwrap();
    let [row] = file.rows.as_slice() else { panic!("{:?}", file.rows) };
    assert_eq!((row.code.as_ref().unwrap().text.as_str(), row.day.as_ref().unwrap().text.as_str()), ("H12AAAAA", "2026-04-10"));
    assert_eq!((text(row, "available_beds"), text(row, "available_beds_severe"), text(row, "emergency_status")), ("4", "1", "②"));
    assert!(row.items["available_beds"].is_formula && row.items["available_beds"].address == "C8");
    assert_eq!(text(row, "contact_day"), "0312345678");
    assert_eq!(file.unknown.iter().map(|u| u.address.as_str()).collect::<Vec<_>>(), ["A12"]);
}

#[test]
fn what_is_no_table_is_refused() {
    let survey = daily();
    let book = workbook(&survey, day(), &[filled("H12AAAAA", 4), filled("H12BBBBB", 4)]).unwrap();
    let twice = "医療機関ID,available_beds,空床 計,emergency_status\nH12AAAAA,1,2,通常\n";
    let mut rows = String::from("医療機関ID,available_beds,emergency_status,inpatient_status\n");
    rows.push_str(&"H12AAAAA,1,通常,通常\n".repeat(ROW_LIMIT + 1));
    for (name, bytes, expected) in [
        ("a.pdf", b"%PDF-1.7 x".to_vec(), "表として読めません"),
        ("a.xlsx", b"%PDF-1.7 x".to_vec(), "表として読めません"),
        ("a.xlsm", book.clone(), "マクロ"),
        ("a.csv", "品名,数\nマスク,3\n".into(), "項目が見つかりません"),
        ("a.csv", b"".to_vec(), "項目が見つかりません"),
        ("a.csv", twice.into(), "二つあります"),
        ("a.csv", rows.into_bytes(), "行が多すぎます"),
        ("a.csv", vec![b'a'; FILE_LIMIT + 1], "大きすぎます"),
        ("a.xlsx", book[..book.len() / 2].to_vec(), "表として読めません"),
    ] {
        let words = read(name, &bytes, &survey).unwrap_err().japanese();
        assert!(words.contains(expected) && words.ends_with('。'), "{name}: {words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)))]
    #[test]
    fn any_text_comes_to_an_end(text in r"(医療機関ID|available_beds|空床 計|通常|,|\n|\t|[0-9０-９▲－]|項目|値|\PC){0,60}") {
        let _ = read("x.csv", text.as_bytes(), &daily());
    }
}
