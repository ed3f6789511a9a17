//! The sheets of a workbook as lines of cells, read cell by cell: a sheet that claims a million rows costs nothing until it has them.

use super::{
    COLUMN_LIMIT, Cell, FORM_VERSION, Line, SEEN_LIMIT, SheetError,
    header::{self, Headed},
    template,
};
use akidoko_domain::text::trim;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::{
    collections::BTreeMap,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

type Book = Xlsx<Cursor<Vec<u8>>>;

/// As many sheets are looked at.
const SHEET_LIMIT: usize = 32;
/// As many cells are looked at, blank ones too.
const CELL_LIMIT: usize = 2_000_000;
/// As much text is kept. One long text may stand in many cells.
const TEXT_LIMIT: usize = 16 << 20;

/// The sheets that may hold applications, by name.
pub(super) fn sheets(package: Vec<u8>) -> Result<Vec<(String, Vec<Line>)>, SheetError> {
    // The reader of workbooks computes with the numbers of a file without minding that they may not fit, which panics where
    // arithmetic is checked. Nothing of it outlives the panic.
    catch_unwind(AssertUnwindSafe(|| read(package))).unwrap_or(Err(SheetError::NotASheet))
}

fn read(package: Vec<u8>) -> Result<Vec<(String, Vec<Line>)>, SheetError> {
    let mut book: Book = Xlsx::new(Cursor::new(package)).map_err(|error| refusal(&error))?;
    let mut budget = Budget { cells: CELL_LIMIT, text: TEXT_LIMIT, columns: COLUMN_LIMIT };
    if let Some(version) = form_version(&mut book, &mut budget)
        && version != FORM_VERSION
    {
        return Err(SheetError::OldForm { version });
    }
    let names = candidates(&book, template::MARKER);
    names
        .into_iter()
        .map(|name| {
            let lines = lines(&mut book, &name, &mut budget, &has_header)?;
            Ok((name, lines))
        })
        .collect()
}

/// The lines of the hidden sheet, and the other sheets by name.
pub(crate) type Marked = (Vec<Line>, Vec<(String, Vec<Line>)>);

/// What the hidden sheet of a form of ours says, and every sheet that somebody may have filled in, whatever its header: for readers that
/// find their header themselves.
pub(crate) fn marked_sheets(package: Vec<u8>, marker: &str, columns: u16) -> Result<Marked, SheetError> {
    let read = || {
        let mut book: Book = Xlsx::new(Cursor::new(package)).map_err(|error| refusal(&error))?;
        let mut budget = Budget { cells: CELL_LIMIT, text: TEXT_LIMIT, columns };
        let is_there = book.sheets_metadata().iter().any(|s| s.name == marker && s.typ == SheetType::WorkSheet);
        let mark = if is_there { lines(&mut book, marker, &mut budget, &|_| true)? } else { Vec::new() };
        let names: Vec<String> = candidates(&book, marker);
        let read = |name: String| {
            let lines = lines(&mut book, &name, &mut budget, &|_| true)?;
            Ok((name, lines))
        };
        let sheets: Result<Vec<_>, SheetError> = names.into_iter().map(read).collect();
        Ok((mark, sheets?))
    };
    // As in `sheets`.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(SheetError::NotASheet))
}

/// What nobody sees, nobody meant to send.
fn candidates(book: &Book, marker: &str) -> Vec<String> {
    let is_candidate = |s: &&calamine::Sheet| {
        s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible && !is_example(&s.name) && s.name != marker
    };
    book.sheets_metadata().iter().filter(is_candidate).map(|s| s.name.clone()).take(SHEET_LIMIT).collect()
}

/// How much may still be read.
struct Budget {
    cells: usize,
    text: usize,
    /// Columns right of it fall into one: that there are more shows, not what they say.
    columns: u16,
}

fn refusal(error: &XlsxError) -> SheetError {
    if matches!(error, XlsxError::Password) { SheetError::Encrypted } else { SheetError::NotASheet }
}

/// Sheets that show how to fill in.
fn is_example(name: &str) -> bool {
    trim(name) == "例"
        || ["記入例", "記入のしかた", "記載例", "入力例", "作成例", "見本", "サンプル"].iter().any(|word| name.contains(word))
}

/// The version that our own form states of itself. Sheets made by hand state none.
fn form_version(book: &mut Book, budget: &mut Budget) -> Option<u32> {
    book.sheets_metadata().iter().find(|s| s.name == template::MARKER && s.typ == SheetType::WorkSheet)?;
    let lines = lines(book, template::MARKER, budget, &|_| true).ok()?;
    let first = lines.first()?;
    let is_ours = first.cells.get(&0).is_some_and(|c| c.text == template::MARK);
    first.cells.get(&1).filter(|_| is_ours)?.text.parse().ok()
}

fn has_header(lines: &BTreeMap<u32, Line>) -> bool {
    matches!(header::find(lines.values()), Headed::Full(_) | Headed::Doubled(_))
}

/// `is_wanted` looks at the first lines and says whether the rest is worth reading.
fn lines(
    book: &mut Book,
    name: &str,
    budget: &mut Budget,
    is_wanted: &dyn Fn(&BTreeMap<u32, Line>) -> bool,
) -> Result<Vec<Line>, SheetError> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| refusal(&error))?;
    let mut lines: BTreeMap<u32, Line> = BTreeMap::new();
    let mut is_checked = false;
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(|error| refusal(&error))? {
        budget.cells = budget.cells.checked_sub(1).ok_or(SheetError::TooManyRows)?;
        let Some(cell) = cell(&record.value, record.formula.is_some()) else { continue };
        let (row, column) = record.pos;
        budget.text = budget.text.checked_sub(cell.text.len()).ok_or(SheetError::TooLarge)?;
        if !lines.contains_key(&row) {
            if lines.len() == header::SEARCHED && !is_checked {
                is_checked = is_wanted(&lines);
                if !is_checked {
                    // The sheet is about something else, or its header is further down than anyone looks.
                    break;
                }
            }
            if lines.len() > SEEN_LIMIT {
                return Err(SheetError::TooManyRows);
            }
        }
        // One column more than is read shows that there are more.
        let column = u16::try_from(column).unwrap_or(u16::MAX).min(budget.columns);
        let line = lines.entry(row).or_insert_with(|| Line { number: row.saturating_add(1), cells: BTreeMap::new() });
        line.cells.entry(column).or_insert(cell);
    }
    Ok(lines.into_values().collect())
}

/// A cell, unless it is blank. A formula without a result is not blank: nobody knows what it would say.
fn cell(value: &DataRef<'_>, is_formula: bool) -> Option<Cell> {
    let (text, is_number) = match value {
        DataRef::SharedString(text) => (trim(text).to_owned(), false),
        DataRef::Int(n) => (n.to_string(), true),
        // Display writes whole numbers without a point.
        DataRef::Float(n) => (n.to_string(), true),
        DataRef::Bool(is_true) => (if *is_true { "TRUE" } else { "FALSE" }.to_owned(), false),
        DataRef::DateTime(at) => (moment(at), false),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (trim(text).to_owned(), false),
        DataRef::Error(error) => (error.to_string(), false),
        DataRef::Empty => return is_formula.then(|| Cell { text: String::new(), is_number: false, is_formula }),
    };
    (!text.is_empty()).then_some(Cell { text, is_number, is_formula })
}

/// `2026-04-01`, with the time where there is one.
fn moment(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}");
    match at.as_f64() {
        days if days < 1.0 => time,
        days if days.fract() == 0.0 => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {time}"),
    }
}
