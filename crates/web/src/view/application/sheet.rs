//! The sheet: where it is taken from and dropped back, and its check before anything is saved — what is to be mended first, the whole
//! of it behind.

use super::{
    super::{Frame, Here},
    SHEETS, allow,
    field::{Note, choices},
};
use crate::words::application::row_change;
use akidoko_domain::application::{Column, FormFinding, Weight};
use akidoko_service::application::{CheckedRow, RowChange, SheetCheck};
use askama::Template;
use std::collections::BTreeSet;

/// So many rows are mended at a time.
const FOCUS_MAX: usize = 200;
/// So many columns stand side by side.
const COLUMNS_MAX: usize = 4;

/// Where a file is dropped.
struct DropZone {
    label: String,
    /// It is what the page is for.
    first: bool,
}

/// The page that takes a sheet.
#[derive(Template)]
#[template(path = "application/sheet.html")]
pub struct SheetPage {
    frame: Frame,
    prefecture: String,
    allow: String,
    drop_zone: DropZone,
    problem: Option<String>,
}

impl SheetPage {
    /// `problem`: why the last one was not read.
    pub fn new(frame: Frame, prefecture: &str, domains: &[String], problem: Option<String>) -> Self {
        let frame = frame.of("シートを取り込む", Here::Applications, &["js/sheet-drop.js"]).with_sheets(SHEETS);
        let drop_zone = DropZone { label: "記入したシート".to_owned(), first: true };
        Self { frame, prefecture: prefecture.to_owned(), allow: allow(domains), drop_zone, problem }
    }
}

/// A sheet as it lies in the browser, between upload and saving.
pub struct Uploaded<'a> {
    /// The name of its file.
    pub file: &'a str,
    /// Cells that were mended here: row and column.
    pub mended: &'a BTreeSet<(u32, Column)>,
    /// All of it, to be sent back.
    pub json: String,
}

struct FocusCell {
    heading: &'static str,
    /// Its name in the form, where it is to be mended.
    name: String,
    value: String,
    class: &'static str,
    notes: Vec<Note>,
    choices: Vec<(&'static str, bool)>,
}

struct FocusRow {
    number: u32,
    name: String,
    class: &'static str,
    cells: Vec<FocusCell>,
}

struct FullCell {
    value: String,
    class: &'static str,
}

struct FullRow {
    number: u32,
    class: &'static str,
    change: String,
    cells: Vec<FullCell>,
}

/// The check.
#[derive(Template)]
#[template(path = "application/check.html")]
pub struct SheetCheckPage {
    frame: Frame,
    allow: String,
    drop_zone: DropZone,
    file: String,
    json: String,
    rows: usize,
    hard: usize,
    doubtful: usize,
    good: usize,
    changes: Vec<(String, usize)>,
    headings: Vec<&'static str>,
    /// So many columns that a table of them would not fit: each row shows its own only.
    stacked: bool,
    focus: Vec<FocusRow>,
    more: usize,
    all_headings: Vec<&'static str>,
    full: Vec<FullRow>,
}

fn weight<'a>(findings: impl Iterator<Item = &'a FormFinding>) -> Option<Weight> {
    findings.map(|f| f.problem.weight()).max()
}

fn row_class(row: &CheckedRow) -> &'static str {
    match weight(row.findings.iter()) {
        Some(Weight::Hard) => "r-e",
        Some(_) => "r-w",
        None => "",
    }
}

fn name(row: &CheckedRow) -> String {
    let name = row.raw.get(&Column::Name).map(String::as_str).unwrap_or_default();
    if name.is_empty() { "（消防本部名なし）".to_owned() } else { name.to_owned() }
}

fn focus_row(row: &CheckedRow, columns: &[Column]) -> FocusRow {
    let cell = |column: &Column| {
        let found = || row.findings.iter().filter(|f| f.column == *column);
        let value = row.raw.get(column).cloned().unwrap_or_default();
        FocusCell {
            heading: column.heading(),
            name: format!("c.{}.{}", row.number, column.as_str()),
            choices: choices(*column, &value),
            value,
            class: match weight(found()) {
                Some(Weight::Hard) => "e",
                Some(_) => "w",
                None => "",
            },
            notes: found().map(Note::of).collect(),
        }
    };
    FocusRow { number: row.number, name: name(row), class: row_class(row), cells: columns.iter().map(cell).collect() }
}

fn full_row(row: &CheckedRow, mended: &BTreeSet<(u32, Column)>) -> FullRow {
    let cell = |column: &Column| FullCell {
        value: row.raw.get(column).cloned().unwrap_or_default(),
        class: match weight(row.findings.iter().filter(|f| f.column == *column)) {
            Some(Weight::Hard) => "lite",
            Some(_) => "litew",
            None if mended.contains(&(row.number, *column)) => "fixed",
            None => "",
        },
    };
    FullRow { number: row.number, class: row_class(row), change: row_change(row.change), cells: Column::SHEET.iter().map(cell).collect() }
}

impl SheetCheckPage {
    /// The check of what was uploaded.
    pub fn new(frame: Frame, domains: &[String], check: &SheetCheck, uploaded: Uploaded<'_>) -> Self {
        let mut faulty: Vec<&CheckedRow> = check.rows.iter().filter(|r| !r.findings.is_empty()).collect();
        let hard = check.hard();
        let doubtful = faulty.len() - hard;
        let good = check.rows.len() - faulty.len();
        // What stops the sheet comes first; within it the order of the file.
        faulty.sort_by_key(|r| row_class(r) != "r-e");
        let more = faulty.len().saturating_sub(FOCUS_MAX);
        faulty.truncate(FOCUS_MAX);
        let found: BTreeSet<Column> = faulty.iter().flat_map(|r| r.findings.iter().map(|f| f.column)).collect();
        let stacked = found.len() > COLUMNS_MAX;
        let columns: Vec<Column> = found.into_iter().collect();
        let count = |wanted: fn(RowChange) -> bool| check.rows.iter().filter(|r| wanted(r.change)).count();
        let changes = [
            (row_change(RowChange::New), count(|c| c == RowChange::New)),
            (row_change(RowChange::Changed), count(|c| c == RowChange::Changed)),
            ("そのまま".to_owned(), count(|c| matches!(c, RowChange::Same | RowChange::Locked(_)))),
        ];
        Self {
            frame: frame.of("シートを確かめる", Here::Applications, &["js/sheet-drop.js"]).with_sheets(SHEETS),
            allow: allow(domains),
            drop_zone: DropZone {
                label: format!("{}　{} 行　別のシートに替える", uploaded.file, check.rows.len()), first: false
            },
            file: uploaded.file.to_owned(),
            json: uploaded.json,
            rows: check.rows.len(),
            hard,
            doubtful,
            good,
            changes: changes.into(),
            stacked,
            headings: columns.iter().map(|c| c.heading()).collect(),
            focus: faulty.iter().map(|r| focus_row(r, &columns)).collect(),
            more,
            all_headings: Column::SHEET.iter().map(|c| c.heading()).collect(),
            full: check.rows.iter().map(|r| full_row(r, uploaded.mended)).collect(),
        }
    }
}
