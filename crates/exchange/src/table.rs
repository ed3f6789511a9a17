//! Tables that people take away, by the government's rules for files that machines read（domain.md §5.5）: one header row, one datum a
//! cell, numbers as numbers, no merged cells, units in the header, codes as text.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading, with the unit.
    pub header: String,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, codes among it.
    Text(String),
    /// A number.
    Number(f64),
    /// Nothing stands there: 未回答 is said in words, never by a blank.
    Blank,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name of the sheet.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as wide as the columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A character that CP932 lacks, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The row, from 1; 0 for the header.
    pub row: usize,
    /// The column, from 1.
    pub column: usize,
    /// The character.
    pub character: char,
}

/// What a spreadsheet would take for a formula is held back with an apostrophe.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn number(n: f64) -> String {
    // Counts are whole; Display writes them without a point.
    format!("{n}")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn lines(table: &Table) -> impl Iterator<Item = Vec<String>> + '_ {
    let header = table.columns.iter().map(|c| c.header.clone()).collect();
    let cell = |c: &Cell| match c {
        Cell::Text(text) => guarded(text),
        Cell::Number(n) => number(*n),
        Cell::Blank => String::new(),
    };
    std::iter::once(header).chain(table.rows.iter().map(move |row| row.iter().map(cell).collect()))
}

/// As CSV: UTF-8 with a byte order mark, which spreadsheets need, and CRLF.
pub fn to_csv_utf8(table: &Table) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    for line in lines(table) {
        out.push_str(&line.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    }
    out.into_bytes()
}

/// As CSV in CP932. What it lacks becomes 〓 and is listed; never an escape that would pass for data.
pub fn to_csv_cp932(table: &Table) -> (Vec<u8>, Vec<Replaced>) {
    let mut out = Vec::new();
    let mut replaced = Vec::new();
    for (row, line) in lines(table).enumerate() {
        for (column, text) in line.iter().enumerate() {
            if column > 0 {
                out.push(b',');
            }
            let mut mended = String::with_capacity(text.len());
            for character in quoted(text).chars() {
                // The same shapes under the code points that CP932 means.
                let character = match character {
                    '〜' => '～',
                    '—' => '―',
                    '‖' => '∥',
                    '−' => '－',
                    other => other,
                };
                let mut buffer = [0; 4];
                let (_, _, unmappable) = encoding_rs::SHIFT_JIS.encode(character.encode_utf8(&mut buffer));
                if unmappable {
                    replaced.push(Replaced { row, column: column + 1, character });
                    mended.push('〓');
                } else {
                    mended.push(character);
                }
            }
            out.extend_from_slice(&encoding_rs::SHIFT_JIS.encode(&mended).0);
        }
        out.extend_from_slice(b"\r\n");
    }
    (out, replaced)
}

/// As a workbook of one sheet.
pub fn to_xlsx(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let text = Format::new().set_num_format("@");
    let sheet = book.add_worksheet();
    sheet.set_name(table.title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect::<String>())?;
    sheet.set_freeze_panes(1, 0)?;
    let place = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    for (at, column) in table.columns.iter().enumerate() {
        sheet.write_string_with_format(0, place(at), &column.header, &bold)?;
    }
    for (row, cells) in table.rows.iter().enumerate() {
        let row = u32::try_from(row + 1).unwrap_or(u32::MAX);
        for (at, cell) in cells.iter().enumerate() {
            match cell {
                Cell::Text(words) => {
                    sheet.write_string_with_format(row, place(at), words, &text)?;
                }
                Cell::Number(n) => {
                    sheet.write_number(row, place(at), *n)?;
                }
                Cell::Blank => {}
            }
        }
    }
    sheet.autofit();
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};
    use std::io::Cursor;

    fn table() -> Table {
        Table {
            title: "青嶺県 病床ボード".into(),
            columns: ["医療機関", "受入可能病床数（床）", "連絡事項"].map(|h| Column { header: h.into() }).into(),
            rows: vec![
                vec![Cell::Text("𠮷野病院".into()), Cell::Number(4.0), Cell::Text("=1+1".into())],
                vec![Cell::Text("0120".into()), Cell::Blank, Cell::Text("9〜17時, \"内科\"".into())],
            ],
        }
    }

    #[test]
    fn csv_for_spreadsheets() {
        let text = String::from_utf8(to_csv_utf8(&table())).unwrap();
        assert_eq!(text, "\u{feff}医療機関,受入可能病床数（床）,連絡事項\r\n𠮷野病院,4,'=1+1\r\n0120,,\"9〜17時, \"\"内科\"\"\"\r\n");
    }

    #[test]
    fn csv_for_old_spreadsheets_says_what_it_lacks() {
        let (bytes, replaced) = to_csv_cp932(&table());
        let (text, _, wrong) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!wrong);
        assert!(text.contains("〓野病院,4") && text.contains("9～17時") && !text.contains("&#"), "{text}");
        assert_eq!(replaced, [Replaced { row: 1, column: 1, character: '𠮷' }]);
    }

    #[test]
    fn a_workbook_reads_back() {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(to_xlsx(&table()).unwrap())).unwrap();
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(range.get_value((1, 1)), Some(&Data::Float(4.0)));
        assert_eq!(range.get_value((2, 0)), Some(&Data::String("0120".into())), "a code stays text");
        assert_eq!(range.get_value((1, 2)), Some(&Data::String("=1+1".into())), "text is no formula in a workbook");
    }
}
