//! What a file for old spreadsheets cannot carry, before it is taken.

use super::{Frame, Here};
use akidoko_exchange::table::{Cell, Replaced, Table};
use askama::Template;

/// So many are listed.
const MOST: usize = 200;

struct Line {
    hospital: String,
    column: String,
    character: char,
    code: String,
}

/// The screen.
#[derive(Template)]
#[template(path = "replaced.html")]
pub struct ReplacedPage {
    frame: Frame,
    back: (String, &'static str),
    take: String,
    utf8: String,
    xlsx: String,
    count: usize,
    lines: Vec<Line>,
}

/// Where the same file is to be had.
pub struct Taken {
    /// The screen that led here, and its name.
    pub back: (String, &'static str),
    /// The CSV, with its parameters.
    pub csv: String,
    /// The workbook.
    pub xlsx: String,
}

impl ReplacedPage {
    /// What would be lost of a table.
    pub fn new(frame: Frame, of: Taken, table: &Table, replaced: &[Replaced]) -> Self {
        let text = |row: usize, header: &str| {
            let at = table.columns.iter().position(|c| c.header == header)?;
            match table.rows.get(row.checked_sub(1)?)?.get(at)? {
                Cell::Text(text) => Some(text.clone()),
                _ => None,
            }
        };
        let line = |r: &Replaced| Line {
            hospital: text(r.row, "医療機関名").unwrap_or_default(),
            column: table.columns.get(r.column.saturating_sub(1)).map(|c| c.header.clone()).unwrap_or_default(),
            character: r.character,
            code: format!("U+{:04X}", u32::from(r.character)),
        };
        Self {
            frame: frame.of("置き換わる文字", Here::Elsewhere, &[]),
            back: of.back,
            take: format!("{}&encoding=cp932&replaced=ok", of.csv),
            utf8: of.csv,
            xlsx: of.xlsx,
            count: replaced.len(),
            lines: replaced.iter().take(MOST).map(line).collect(),
        }
    }
}
