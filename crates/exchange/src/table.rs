//! Tables that people take away, by the government's rules for files that machines read（domain.md §5.5）: one header row, one datum a
//! cell, numbers as numbers, no merged cells, units in the header, codes as text.

mod csv;
mod workbook;

pub use csv::{Replaced, to_csv_cp932, to_csv_utf8};
pub use workbook::{TableError, to_xlsx};

use chrono::{DateTime, Utc};

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
    /// A number. One that is not finite is left blank.
    Number(f64),
    /// A moment, written on a Japanese wall clock to the minute.
    Time(DateTime<Utc>),
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

/// A table that is hard on every writer.
#[cfg(test)]
fn sample() -> Table {
    Table {
        title: "青嶺県 病床ボード".into(),
        columns: ["医療機関", "受入可能病床数（床）", "連絡事項", "更新日時"].map(|h| Column { header: h.into() }).into(),
        rows: vec![
            vec![
                Cell::Text("𠮷野病院".into()),
                Cell::Number(4.0),
                Cell::Text("=1+1".into()),
                Cell::Time("2026-03-31T15:00:00Z".parse().unwrap()),
            ],
            vec![Cell::Text("0120".into()), Cell::Blank, Cell::Text("9〜17時, \"内科\"".into()), Cell::Blank],
        ],
    }
}
