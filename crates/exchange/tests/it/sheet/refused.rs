//! Files that are refused, each with what to do; and any bytes at all.

use super::{C, SheetError, TEMPLATE, book, messy, packed, read, refused, unpacked, write_application, write_header, write_row};
use akidoko_exchange::sheet::{COLUMN_LIMIT, FILE_LIMIT, ROW_LIMIT};
use proptest::prelude::*;
use rust_xlsxwriter::Formula;
use std::{sync::LazyLock, time::Instant};

#[test]
fn what_is_no_sheet() {
    for bytes in
        [b"%PDF-1.7\n%\xe2\xe3".as_slice(), b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04", b"<html><table>", b"\0\x01\x02", b"PK\x05\x06"]
    {
        assert_eq!(refused("様式.xlsx", bytes), SheetError::NotASheet, "{bytes:?}");
    }
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    assert_eq!(refused("a.xls", &[ole.clone(), vec![0; 600]].concat()), SheetError::NotASheet);
    let secret: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused("a.xlsx", &[ole, vec![0; 600], secret].concat()), SheetError::Encrypted);
    assert_eq!(refused("a.zip", &packed(&[("a.csv".into(), b"a,b".to_vec())])), SheetError::NotASheet);
    assert_eq!(refused("a.csv", "a,b\n\"c,d\ne,f\n".as_bytes()), SheetError::UnclosedQuote { line: 2 });
    assert_eq!(refused("a.csv", b"\xff\xfea\0"), SheetError::BadEncoding);
    assert_eq!(refused("a.csv", b"\xa1\xfe\xfe\xff\xff"), SheetError::BadEncoding);
    let jis = encoding_rs::ISO_2022_JP.encode("消防本部名").0.into_owned();
    assert_eq!(refused("a.csv", &jis), SheetError::BadEncoding);
}

#[test]
fn macros() {
    assert_eq!(refused("様式.XLSM", &TEMPLATE), SheetError::Macros);
    let mut parts = unpacked(&TEMPLATE);
    parts.push(("xl/vbaProject.bin".into(), vec![1; 10]));
    assert_eq!(refused("様式.xlsx", &packed(&parts)), SheetError::Macros, "whatever it is called");
}

#[test]
fn what_is_too_large() {
    assert_eq!(refused("a.csv", &vec![b'a'; FILE_LIMIT + 1]), SheetError::TooLarge);
    let mut parts = unpacked(&TEMPLATE);
    parts.push(("xl/media/image1.png".into(), vec![0; 65 << 20]));
    let bomb = packed(&parts);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(refused("a.xlsx", &bomb), SheetError::TooLarge);
    let started = Instant::now();
    let many = book(|sheet| {
        write_header(sheet, 0);
        for row in 1..=150_000 {
            sheet.write_string(row, 1, "青波市消防本部").unwrap();
        }
    });
    println!("150,000 rows written in {:?}, {} KiB", started.elapsed(), many.len() >> 10);
    let started = Instant::now();
    assert_eq!(refused("a.xlsx", &many), SheetError::TooManyRows);
    println!("150,000 rows refused in {:?}", started.elapsed());
    let header: Vec<&str> = C::SHEET.iter().map(|c| c.heading()).collect();
    let csv = |rows: usize| format!("{}\n{}", header.join(","), ",青波市消防本部\n".repeat(rows));
    assert_eq!(refused("a.csv", csv(ROW_LIMIT + 1).as_bytes()), SheetError::TooManyRows);
    assert_eq!(read("a.csv", csv(ROW_LIMIT).as_bytes()).unwrap().len(), ROW_LIMIT);
    let wide = book(|sheet| {
        write_header(sheet, 0);
        sheet.write_string(0, COLUMN_LIMIT + 7, "よその列").unwrap();
    });
    assert_eq!(refused("a.xlsx", &wide), SheetError::TooManyColumns);
}

#[test]
fn claims_of_size_cost_nothing() {
    let mut parts = unpacked(&TEMPLATE);
    for (name, part) in &mut parts {
        let text = String::from_utf8(part.clone()).unwrap();
        if name.ends_with("sharedStrings.xml") {
            let (before, after) = text.split_once("uniqueCount=\"").unwrap();
            let rest = after.split_once('"').unwrap().1;
            *part = format!("{before}uniqueCount=\"9999999999999\"{rest}").into_bytes();
        } else if name.ends_with("sheet1.xml") {
            *part = text.replacen("<dimension ref=\"A1:P63\"", "<dimension ref=\"A1:XFD1048576\"", 1).into_bytes();
            assert_ne!(part.len(), text.len());
        }
    }
    assert_eq!(read("a.xlsx", &packed(&parts)).unwrap().len(), 2);
}

#[test]
fn headers_that_do_not_fit() {
    let of = |headings: &[&str]| refused("a.xlsx", &book(|sheet| write_row(sheet, 0, headings)));
    let required: Vec<C> = C::SHEET.iter().copied().filter(|c| c.is_required()).collect();
    assert_eq!(of(&["Fire department", "Address"]), SheetError::NoHeader { missing: required.clone() });
    assert_eq!(refused("a.csv", b""), SheetError::NoHeader { missing: required });
    let mut headings: Vec<&str> = C::SHEET.iter().map(|c| c.heading()).collect();
    headings.retain(|h| *h != "電話番号" && *h != "備考");
    let error = of(&headings);
    assert_eq!(error, SheetError::NoHeader { missing: vec![C::Phone] });
    assert!(error.japanese().contains("「電話番号」"));
    headings.extend(["電話番号", "電話番号"]);
    assert_eq!(of(&headings), SheetError::DoubledHeader { columns: vec![C::Phone] });
    let moved = book(|sheet| {
        write_header(sheet, 0);
        write_application(sheet, 1, 1);
        write_row(sheet, 2, &["", "", "消防本部名", "所在地", "電話番号"]);
    });
    assert_eq!(refused("a.xlsx", &moved), SheetError::DoubledHeader { columns: vec![C::Name, C::Address, C::Phone] });
}

#[test]
fn another_version_of_the_form() {
    let mut parts = unpacked(&TEMPLATE);
    let marker = &mut parts.iter_mut().find(|(name, _)| name == "xl/worksheets/sheet3.xml").unwrap().1;
    let text = String::from_utf8(marker.clone()).unwrap();
    *marker = text.replace("<v>1</v>", "<v>99</v>").into_bytes();
    assert_ne!(text.as_bytes(), marker.as_slice());
    assert_eq!(refused("a.xlsx", &packed(&parts)), SheetError::OldForm { version: 99 });
}

#[test]
fn formulas_are_named() {
    let bytes = book(|sheet| {
        write_header(sheet, 0);
        for (row, n) in [(1, 1), (2, 2)] {
            write_application(sheet, row, n);
        }
        sheet.write_formula(1, 12, Formula::new("=L2").set_result("keibou1@city.aonami.example.jp")).unwrap();
        sheet.write_formula(2, 2, Formula::new("=PHONETIC(B3)").set_result("アオナミ")).unwrap();
        sheet.write_formula(2, 20, Formula::new("=1+1")).unwrap();
        sheet.write_formula(3, 1, Formula::new("=\"\"").set_result("")).unwrap();
        sheet.write_formula(5, 0, Formula::new("=A2").set_result("千葉県")).unwrap();
    });
    let named = |cells: &[&str]| SheetError::Formulas { cells: cells.iter().map(|c| (*c).to_owned()).collect() };
    let with_b4 = |cell: &str| {
        let mut parts = unpacked(&bytes);
        let sheet = &mut parts.iter_mut().find(|(name, _)| name.ends_with("sheet1.xml")).unwrap().1;
        let text = String::from_utf8(sheet.clone()).unwrap();
        let (before, after) = text.split_once("<c r=\"B4\"").unwrap();
        *sheet = format!("{before}{cell}{}", after.split_once("</c>").unwrap().1).into_bytes();
        refused("a.xlsx", &packed(&parts))
    };
    let empty = with_b4(r#"<c r="B4" t="str"><f>IF(A4="","",A4)</f><v></v></c>"#);
    assert_eq!(empty, named(&["M2", "C3"]), "what came to nothing is nothing");
    assert!(empty.japanese().contains("M2、C3"));
    let unknown = with_b4(r#"<c r="B4"><f>IF(A4="","",A4)</f></c>"#);
    assert_eq!(unknown, named(&["M2", "C3", "B4"]), "what was never computed may be anything");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(128)))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "(?s)[消防本部名,\t\"\r\n\\PC]{0,60}") {
        for start in ["", "PK\u{3}\u{4}", "消防本部名,電話,メール\n"] {
            let _ = read("a", &[start.as_bytes(), &bytes].concat());
        }
        let _ = read("a.csv", text.as_bytes());
    }

    #[test]
    fn a_file_with_bytes_changed(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut bytes = TEMPLATE.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read("a.xlsx", &bytes);
        bytes.truncate(cut.index(bytes.len()));
        let _ = read("a.xlsx", &bytes);
    }

    /// Within the parts, where no checksum stands before the reader.
    #[test]
    fn a_part_with_bytes_changed(
        part in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"<>/\"=0159AZ&; \xff".to_vec())), 1..12),
    ) {
        static PARTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| unpacked(&messy()));
        let mut parts = PARTS.clone();
        let at = part.index(parts.len());
        let bytes = &mut parts[at].1;
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read("a.xlsx", &packed(&parts));
    }
}

#[test]
fn numbers_that_do_not_fit_are_refused_too() {
    let mut parts = unpacked(&TEMPLATE);
    let sheet = &mut parts.iter_mut().find(|(name, _)| name.ends_with("sheet1.xml")).unwrap().1;
    *sheet = String::from_utf8(sheet.clone()).unwrap().replacen("r=\"B4\"", "r=\"ZZZZZZZZZZ99999999999\"", 1).into_bytes();
    let _ = read("a.xlsx", &packed(&parts));
}
