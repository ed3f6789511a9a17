//! What a file for old spreadsheets cannot carry, before it is taken.

use super::{Frame, Here, path};
use akidoko_domain::{board::Filter, id::PrefCode};
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
    board: String,
    take: String,
    utf8: String,
    xlsx: String,
    count: usize,
    lines: Vec<Line>,
}

impl ReplacedPage {
    /// What would be lost of a table that a filter shows.
    pub fn new(frame: Frame, prefecture: PrefCode, filter: &Filter, table: &Table, replaced: &[Replaced]) -> Self {
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
            frame: frame.of("置き換わる文字", Here::Board, &[]),
            board: path::board(path::BOARD, prefecture, filter),
            take: format!("{}&encoding=cp932&replaced=ok", path::board(path::BOARD_CSV, prefecture, filter)),
            utf8: path::board(path::BOARD_CSV, prefecture, filter),
            xlsx: path::board(path::BOARD_XLSX, prefecture, filter),
            count: replaced.len(),
            lines: replaced.iter().take(MOST).map(line).collect(),
        }
    }
}
