//! The application sheet: what goes out comes back, what people make of it is understood, and what cannot be is refused with what to do.

mod refused;

use akidoko_domain::application::Column as C;
use akidoko_exchange::sheet::{FORM_VERSION, SheetError, SheetRow, read, template};
use calamine::{Data, Reader, Xlsx};
use encoding_rs::SHIFT_JIS;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    sync::LazyLock,
    time::Instant,
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A headquarters that does not exist, in all columns but the prefecture's.
fn application(n: usize) -> BTreeMap<C, String> {
    let mut cells: BTreeMap<C, String> = [
        (C::Name, format!("青波{n}市消防本部")),
        (C::NameKana, "アオナミシショウボウホンブ".into()),
        (C::HeadquartersType, "単独".into()),
        (C::Municipalities, "011002".into()),
        (C::PostalCode, "060-0001".into()),
        (C::Address, "青波市中央1-2-3".into()),
        (C::Phone, format!("011-000-{n:04}")),
        (C::Department, "警防課".into()),
        (C::ContactName, "髙﨑 一郎".into()),
        (C::ContactKana, "タカサキ イチロウ".into()),
    ]
    .into();
    cells.extend([C::Email, C::EmailAgain].map(|c| (c, format!("keibou{n}@city.aonami.example.jp"))));
    cells
}

fn with_prefecture(mut cells: BTreeMap<C, String>, name: &str) -> BTreeMap<C, String> {
    cells.insert(C::Prefecture, name.to_owned());
    cells
}

/// A workbook of one sheet.
fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
        sheet.write_string(row, column, *text).unwrap();
    }
}

/// The headings that are required, each in its column.
fn write_header(sheet: &mut Worksheet, row: u32) {
    let headings: Vec<&str> = C::SHEET.iter().map(|c| c.heading()).collect();
    write_row(sheet, row, &headings);
}

fn write_application(sheet: &mut Worksheet, row: u32, n: usize) {
    let cells = application(n);
    let texts: Vec<&str> = C::SHEET.iter().map(|c| cells.get(c).map(String::as_str).unwrap_or_default()).collect();
    write_row(sheet, row, &texts);
}

fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|i| {
            let mut entry = archive.by_index(i).unwrap();
            let mut part = Vec::new();
            entry.read_to_end(&mut part).unwrap();
            (entry.name().to_owned(), part)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(part).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn refused(name: &str, bytes: &[u8]) -> SheetError {
    let error = read(name, bytes).unwrap_err();
    assert!(error.japanese().ends_with("ください。"), "says what to do: {}", error.japanese());
    error
}

static TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let rows = [application(1), application(2)];
    template("千葉県", &["akidoko.example.go.jp".to_owned()], &rows).unwrap()
});

#[test]
fn what_goes_out_comes_back() {
    let rows = read("様式.xlsx", &TEMPLATE).unwrap();
    let expected: Vec<SheetRow> =
        [(4, 1), (5, 2)].map(|(number, n)| SheetRow { number, cells: with_prefecture(application(n), "千葉県") }).into();
    assert_eq!(rows, expected, "the blank rows and the example are no applications");
    assert_eq!(read("x.xlsx", &template("", &[], &[]).unwrap()).unwrap(), []);
}

#[test]
fn the_sheet_is_ready_to_be_filled_in() {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(TEMPLATE.clone())).unwrap();
    assert_eq!(book.sheet_names(), ["ID発行申請", "記入例", "様式"]);
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let notes = range.get_value((1, 0)).unwrap().to_string();
    assert!(notes.contains("「akidoko.example.go.jp」からのメールを受信できるように"), "{notes}");
    assert_eq!(range.get_value((2, 2)), Some(&Data::String("※消防本部名".into())));
    assert_eq!(range.get_value((62, 0)), Some(&Data::Float(60.0)));
    assert_eq!(range.get_value((62, 1)), Some(&Data::String("千葉県".into())));
    let example = book.worksheet_range_at(1).unwrap().unwrap();
    assert_eq!(example.get_value((3, 2)), Some(&Data::String("青波市消防本部".into())));
    let marker = book.worksheet_range_at(2).unwrap().unwrap();
    assert_eq!(marker.get_value((0, 1)), Some(&Data::Float(f64::from(FORM_VERSION))));
    let sheet = unpacked(&TEMPLATE).into_iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap().1;
    let xml = String::from_utf8(sheet).unwrap();
    for part in [
        "<sheetProtection sheet=\"1\"",
        "state=\"frozen\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "単独,一部事務組合・広域連合,東京消防庁",
    ] {
        assert!(xml.contains(part), "{part}");
    }
    assert!(!xml.contains("password"));
}

/// What comes back from people: pasted into a file of their own, with more around it.
fn messy() -> Vec<u8> {
    let mut book = Workbook::new();
    write_row(book.add_worksheet().set_name("記入例").unwrap(), 0, &["消防本部名", "電話", "メール"]);
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 12, "令和8年度　ID発行申請（千葉県）", &Format::new()).unwrap();
    sheet.merge_range(1, 0, 1, 12, "※印は必ず記入してください。", &Format::new()).unwrap();
    write_row(sheet, 3, &["", "都道府県名", "千葉県", "担当者名", "県庁 太郎", "電話", "043-000-0000"]);
    let header = [
        "番号",
        "県名",
        "消防本部名\n（必須）",
        "ﾌﾘｶﾞﾅ",
        "受付日",
        "〒",
        "住　所",
        "ＴＥＬ",
        "担当課",
        "担当者名",
        "（フリガナ）",
        "e-mail",
        "確認用",
        "備考",
        "メモ",
    ];
    write_row(sheet, 5, &header);
    let first = [
        "１",
        "千葉県",
        "　青波市消防本部 ",
        "ｱｵﾅﾐ",
        "",
        "",
        "青波市１－１",
        "",
        "警防課",
        "髙﨑",
        "タカサキ",
        "a@x.jp",
        "a@x.jp",
        "",
        "よその列",
    ];
    write_row(sheet, 7, &first);
    sheet.write_number(7, 5, 600_001).unwrap().write_number(7, 7, 430_000_119).unwrap();
    let day = Format::new().set_num_format("yyyy/m/d");
    sheet.write_datetime_with_format(7, 13, ExcelDateTime::from_ymd(2026, 4, 1).unwrap(), &day).unwrap();
    sheet.write_number(8, 0, 2).unwrap().write_string(8, 1, "千葉県").unwrap();
    write_row(sheet, 9, &header);
    write_row(sheet, 11, &["3", "千葉県", "赤浜市消防本部", "", "", "２６００００２", "", "０４３－０００－０１２０"]);
    sheet.write_formula(11, 4, Formula::new("=TODAY()")).unwrap().write_number(11, 13, 3.5).unwrap();
    write_row(sheet, 12, &["例", "千葉県", "見本市消防本部", "", "", "", "", "", "", "", "", "x@x.jp"]);
    write_row(sheet, 13, &["合計", "", "2"]);
    sheet.write_formula(13, 5, Formula::new("=COUNTA(C8:C12)")).unwrap();
    write_row(sheet, 14, &["4", "千葉県", "※ 消防署は含みません。"]);
    write_row(sheet, 15, &["", "", "注1　押印は要りません。"]);
    sheet.write_string(17, 2, "　 \u{200b}").unwrap();
    sheet.protect();
    book.save_to_buffer().unwrap()
}

#[test]
fn what_people_make_of_it_is_understood() {
    let rows = read("提出.xlsx", &messy()).unwrap();
    assert_eq!(rows.iter().map(|r| r.number).collect::<Vec<_>>(), [8, 12]);
    let expected = [
        (C::Prefecture, "千葉県"),
        (C::Name, "青波市消防本部"),
        (C::NameKana, "ｱｵﾅﾐ"),
        (C::PostalCode, "0600001"),
        (C::Address, "青波市１－１"),
        (C::Phone, "0430000119"),
        (C::Department, "警防課"),
        (C::ContactName, "髙﨑"),
        (C::ContactKana, "タカサキ"),
        (C::Email, "a@x.jp"),
        (C::EmailAgain, "a@x.jp"),
        (C::Remarks, "2026-04-01"),
    ];
    assert_eq!(rows[0].cells, expected.map(|(c, text)| (c, text.to_owned())).into());
    assert_eq!(rows[1].cells[&C::Phone], "０４３－０００－０１２０", "text stays as it was typed");
    assert_eq!(rows[1].cells[&C::Remarks], "3.5");
}

#[test]
fn csv_of_any_kind() {
    let header: Vec<&str> = C::SHEET.iter().map(|c| c.heading()).collect();
    let mut cells = application(1);
    cells.insert(C::Remarks, "①\n二行目, \"括弧\"".into());
    let line = |separator: &str| {
        let quoted = |c: &C| format!("\"{}\"", cells.get(c).map(String::as_str).unwrap_or_default().replace('"', "\"\""));
        C::SHEET.iter().map(quoted).collect::<Vec<_>>().join(separator)
    };
    for separator in [",", "\t"] {
        let text = format!("申請書\r\n\r\n{}\r\n{}\r\n\r\n{}", header.join(separator), line(separator), line(separator));
        let (cp932, _, lost) = SHIFT_JIS.encode(&text);
        assert!(!lost);
        for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), cp932.into_owned()] {
            let rows = read("a.csv", &bytes).unwrap();
            assert_eq!(rows.iter().map(|r| r.number).collect::<Vec<_>>(), [4, 6], "a break within a cell is no row");
            assert_eq!(rows[0].cells, cells);
        }
    }
}

#[test]
fn which_sheet() {
    let of = |fill: fn(&mut Workbook)| {
        let mut book = Workbook::new();
        fill(&mut book);
        read("a.xlsx", &book.save_to_buffer().unwrap())
    };
    let rows = of(|book| {
        let codes = book.add_worksheet();
        write_row(codes, 0, &["都道府県名", "市区町村", "郵便番号", "電話", "電話"]);
        for n in 1..12_000 {
            write_row(codes, n, &["東京都", "千代田区", "1000000"]);
        }
        let sheet = book.add_worksheet();
        write_header(sheet, 4);
        write_application(sheet, 5, 7);
        write_header(book.add_worksheet(), 0);
        let hidden = book.add_worksheet().set_hidden(true);
        write_header(hidden, 0);
        write_application(hidden, 1, 8);
    });
    assert_eq!(rows.unwrap(), [SheetRow { number: 6, cells: application(7) }]);
    let several = of(|book| {
        for n in 1..=2 {
            let sheet = book.add_worksheet();
            write_header(sheet, 0);
            write_application(sheet, 1, n);
        }
    });
    assert_eq!(several, Err(SheetError::SeveralSheets { names: vec!["Sheet1".into(), "Sheet2".into()] }));
}

#[test]
fn all_headquarters_at_once() {
    let rows: Vec<_> = (0..722).map(application).collect();
    let started = Instant::now();
    let bytes = template("千葉県", &[], &rows).unwrap();
    let written = started.elapsed();
    let started = Instant::now();
    let back = read("a.xlsx", &bytes).unwrap();
    println!("722 rows: written in {written:?} ({} KiB), read in {:?}", bytes.len() >> 10, started.elapsed());
    assert_eq!(back.len(), 722);
    assert!(back.iter().zip(rows).all(|(back, row)| back.cells == with_prefecture(row, "千葉県")));
}
