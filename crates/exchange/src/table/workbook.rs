//! Tables as a workbook.

use super::{Cell, Table};
use akidoko_domain::time::to_jst;
use chrono::{DateTime, Datelike, Timelike, Utc};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Why a workbook was not made: the table is larger than a sheet may be, or a text longer than a cell may be.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be made: {0}")]
pub struct TableError(#[from] XlsxError);

/// As a workbook. The first sheet is the table; the second says what it is, how many rows it has, and in its last row that it is whole.
pub fn to_xlsx(table: &Table) -> Result<Vec<u8>, TableError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(&table.title))?;
    write_table(sheet, table)?;
    let about = book.add_worksheet();
    about.set_name(ABOUT)?;
    about.write_string(0, 0, "項目")?.write_string(0, 1, "内容")?;
    about.write_string(1, 0, "表題")?.write_string(1, 1, &table.title)?;
    about.write_string(2, 0, "行数")?.write_number(2, 1, f64::from(row_number(table.rows.len())?))?;
    about.write_string(3, 0, "出力")?.write_string(3, 1, "完了（以上で全部です）")?;
    about.autofit();
    Ok(book.save_to_buffer()?)
}

const ABOUT: &str = "この表について";

fn write_table(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    // Codes are text also when somebody edits the cell.
    let text = Format::new().set_num_format("@");
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in table.columns.iter().enumerate() {
        sheet.write_string_with_format(0, column_number(at)?, &column.header, &bold)?;
    }
    for (row, cells) in table.rows.iter().enumerate() {
        let row = row_number(row + 1)?;
        for (at, cell) in cells.iter().enumerate() {
            let at = column_number(at)?;
            match cell {
                Cell::Text(words) => sheet.write_string_with_format(row, at, words, &text)?,
                Cell::Number(n) if n.is_finite() => sheet.write_number(row, at, *n)?,
                Cell::Time(moment) => sheet.write_datetime_with_format(row, at, wall_clock(*moment)?, &time)?,
                Cell::Number(_) | Cell::Blank => sheet,
            };
        }
    }
    sheet.autofit();
    Ok(())
}

/// Japan Standard Time as a spreadsheet has it, which knows no zones.
fn wall_clock(at: DateTime<Utc>) -> Result<ExcelDateTime, XlsxError> {
    let local = to_jst(at);
    let year = u16::try_from(local.year()).map_err(|_| XlsxError::DateTimeRangeError(local.to_string()))?;
    let small = |n: u32| u8::try_from(n).unwrap_or_default(); // months, days and minutes are small
    let day = ExcelDateTime::from_ymd(year, small(local.month()), small(local.day()))?;
    day.and_hms(u16::from(small(local.hour())), small(local.minute()), f64::from(local.second()))
}

fn row_number(n: usize) -> Result<u32, XlsxError> {
    u32::try_from(n).map_err(|_| XlsxError::RowColumnLimitError)
}

fn column_number(n: usize) -> Result<u16, XlsxError> {
    u16::try_from(n).map_err(|_| XlsxError::RowColumnLimitError)
}

/// A title without what the name of a sheet may not have.
fn sheet_name(title: &str) -> String {
    let mut name = String::new();
    let mut units = 0;
    for c in title.trim().chars().filter(|c| !c.is_control() && !"[]:*?/\\'".contains(*c)) {
        // The limit counts as the format does, in UTF-16.
        units += c.len_utf16();
        if units > 31 {
            break;
        }
        name.push(c);
    }
    if name.trim().is_empty() || name == ABOUT { "表".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};
    use calamine::{Data, Reader, Xlsx};
    use proptest::prelude::*;
    use std::io::Cursor;

    fn opened(table: &Table) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(to_xlsx(table).unwrap())).unwrap()
    }

    #[test]
    fn a_workbook_reads_back() {
        let mut book = opened(&sample());
        assert_eq!(book.sheet_names(), ["青嶺県 病床ボード", ABOUT]);
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(range.get_size(), (3, 4), "one header row and the rows");
        assert_eq!(range.get_value((0, 1)), Some(&Data::String("受入可能病床数（床）".into())));
        assert_eq!(range.get_value((1, 0)), Some(&Data::String("𠮷野病院".into())));
        assert_eq!(range.get_value((1, 1)), Some(&Data::Float(4.0)));
        assert_eq!(range.get_value((1, 2)), Some(&Data::String("=1+1".into())), "text is no formula in a workbook");
        let Some(Data::DateTime(at)) = range.get_value((1, 3)) else { panic!("{range:?}") };
        assert_eq!(at.to_ymd_hms_milli(), (2026, 4, 1, 0, 0, 0, 0), "on a Japanese clock");
        assert_eq!(range.get_value((2, 0)), Some(&Data::String("0120".into())), "a code stays text");
        assert_eq!(range.get_value((2, 1)), Some(&Data::Empty));
        let about = book.worksheet_range_at(1).unwrap().unwrap();
        assert_eq!(about.get_value((2, 1)), Some(&Data::Float(2.0)));
        assert_eq!(about.rows().next_back().unwrap()[1], Data::String("完了（以上で全部です）".into()));
    }

    #[test]
    fn names_of_sheets() {
        for (title, expected) in [("青嶺県 [病床]", "青嶺県 病床"), ("", "表"), ("'?*'", "表"), (ABOUT, "表")] {
            assert_eq!(sheet_name(title), expected);
        }
        for long in ["あ".repeat(40), "𠮷".repeat(40)] {
            let table = Table { title: long, columns: vec![], rows: vec![] };
            assert_eq!(opened(&table).sheet_names().len(), 2);
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let table = |text: String| Table { title: "表".into(), columns: vec![], rows: vec![vec![Cell::Text(text)]] };
        assert!(to_xlsx(&table("x".repeat(32_768))).is_err());
        assert!(to_xlsx(&table("x".repeat(32_767))).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(32)))]
        #[test]
        fn text_and_numbers_read_back(text in r"\PC{1,20}", number: i32, title in ".{0,40}") {
            let cells = vec![Cell::Text(text.clone()), Cell::Number(f64::from(number))];
            let headers = ["甲", "乙"].map(|h| Column { header: h.into() }).into();
            let mut book = opened(&Table { title, columns: headers, rows: vec![cells] });
            let range = book.worksheet_range_at(0).unwrap().unwrap();
            prop_assert_eq!(range.get_value((1, 0)), Some(&Data::String(text)));
            prop_assert_eq!(range.get_value((1, 1)), Some(&Data::Float(f64::from(number))));
        }
    }
}
