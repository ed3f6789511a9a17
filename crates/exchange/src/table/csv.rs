//! Tables as CSV, in UTF-8 or CP932. The lines are the table and nothing else: that a file is whole shows from its length, which
//! whoever sends it states.

use super::{Cell, Table};
use akidoko_domain::time::to_jst;
use encoding_rs::SHIFT_JIS;
use std::borrow::Cow;

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

/// As CSV: UTF-8 with a byte order mark, which spreadsheets need, and CRLF.
pub fn to_csv_utf8(table: &Table) -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    write(table, &mut out, |out, _, _, cell| out.extend_from_slice(cell.as_bytes()));
    out
}

/// As CSV in CP932. What it lacks becomes 〓 and is listed; never an escape that would pass for data. A variant of a Han letter becomes
/// the letter, and is listed too.
pub fn to_csv_cp932(table: &Table) -> (Vec<u8>, Vec<Replaced>) {
    let mut out = Vec::new();
    let mut replaced = Vec::new();
    write(table, &mut out, |out, row, column, cell| {
        let mut mended = String::with_capacity(cell.len());
        for character in cell.chars() {
            if let Some(same) = in_cp932(character) {
                mended.push(same);
                continue;
            }
            replaced.push(Replaced { row, column, character });
            if !is_variation_selector(character) {
                mended.push('〓');
            }
        }
        out.extend_from_slice(&SHIFT_JIS.encode(&mended).0);
    });
    (out, replaced)
}

/// Writes lines of cells that are guarded and quoted; `put` encodes one.
fn write(table: &Table, out: &mut Vec<u8>, mut put: impl FnMut(&mut Vec<u8>, usize, usize, &str)) {
    let header = table.columns.iter().map(|column| guarded(&column.header)).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(text).collect());
    for (row, line) in std::iter::once::<Vec<Cow<str>>>(header).chain(rows).enumerate() {
        for (at, cell) in line.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            put(out, row, at + 1, &quoted(cell));
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn text(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) => guarded(text),
        // Counts are whole; Display writes them without a point.
        Cell::Number(n) if n.is_finite() => n.to_string().into(),
        Cell::Time(at) => to_jst(*at).format("%Y-%m-%d %H:%M").to_string().into(),
        Cell::Number(_) | Cell::Blank => "".into(),
    }
}

/// What a spreadsheet would take for a formula is held back with an apostrophe.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}").into() } else { text.into() }
}

fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text.into() }
}

/// The character as CP932 has it, if it does.
fn in_cp932(character: char) -> Option<char> {
    let same_shape = match character {
        // The same shapes under the code points that CP932 means.
        '〜' => '～',
        '—' => '―',
        '‖' => '∥',
        '−' => '－',
        // The encoder would write these as the bytes of \ and ~.
        '¥' => '￥',
        '‾' => '￣',
        other => other,
    };
    let mut buffer = [0; 4];
    let (_, _, unmappable) = SHIFT_JIS.encode(same_shape.encode_utf8(&mut buffer));
    (!unmappable).then_some(same_shape)
}

fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};
    use proptest::prelude::*;

    fn one(text: &str) -> Table {
        Table { title: "表".into(), columns: vec![Column { header: "列".into() }], rows: vec![vec![Cell::Text(text.into())]] }
    }

    #[test]
    fn csv_for_spreadsheets() {
        let text = String::from_utf8(to_csv_utf8(&sample())).unwrap();
        let expected = "\u{feff}医療機関,受入可能病床数（床）,連絡事項,更新日時\r\n𠮷野病院,4,'=1+1,2026-04-01 00:00\r\n\
                        0120,,\"9〜17時, \"\"内科\"\"\",\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn cells_in_utf8() {
        for (cell, expected) in [
            (Cell::Number(0.0), "0"),
            (Cell::Number(1234.5), "1234.5"),
            (Cell::Number(f64::NAN), ""),
            (Cell::Number(-3.0), "-3"),
            (Cell::Text("+81".into()), "'+81"),
            (Cell::Text("-".into()), "'-"),
            (Cell::Text("@x".into()), "'@x"),
            (Cell::Text("\tx".into()), "'\tx"),
            (Cell::Text("\rx".into()), "\"'\rx\""),
            (Cell::Text("a=b".into()), "a=b"),
            (Cell::Text("葛\u{e0100}".into()), "葛\u{e0100}"),
        ] {
            assert_eq!(quoted(&text(&cell)), expected, "{cell:?}");
        }
    }

    #[test]
    fn csv_for_old_spreadsheets_says_what_it_lacks() {
        let (bytes, replaced) = to_csv_cp932(&sample());
        let (text, _, wrong) = SHIFT_JIS.decode(&bytes);
        assert!(!wrong);
        assert!(text.contains("〓野病院,4") && text.contains("9～17時") && !text.contains("&#"), "{text}");
        assert_eq!(replaced, [Replaced { row: 1, column: 1, character: '𠮷' }]);
    }

    #[test]
    fn letters_in_cp932() {
        for (text, expected, lost) in [
            ("9〜17—‖−", "9～17―∥－", 0),
            ("髙﨑德①㈱Ⅱ", "髙﨑德①㈱Ⅱ", 0),
            ("¥100‾", "￥100￣", 0),
            ("葛\u{e0100}飾", "葛飾", 1),
            ("🏥¢", "〓〓", 2),
            ("&#134071;", "&#134071;", 0),
        ] {
            let (bytes, replaced) = to_csv_cp932(&one(text));
            assert_eq!(SHIFT_JIS.decode(&bytes).0, format!("列\r\n{expected}\r\n"), "{text}");
            assert_eq!(replaced.len(), lost, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_read_back(text in "(?s).{0,20}") {
            let read = |bytes: &[u8]| {
                let mut csv = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
                csv.records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
            };
            // A line of one blank cell is no record to the reader.
            let text = format!("x{text}");
            prop_assert_eq!(&read(&to_csv_utf8(&one(&text)))[1][0], &text);
            let (bytes, replaced) = to_csv_cp932(&one(&text));
            let (decoded, _, wrong) = SHIFT_JIS.decode(&bytes);
            prop_assert!(!wrong);
            let lost = replaced.iter().filter(|r| is_variation_selector(r.character)).count();
            let cells = read(decoded.as_bytes());
            prop_assert_eq!(cells[1][0].chars().count() + lost, text.chars().count());
        }
    }
}
