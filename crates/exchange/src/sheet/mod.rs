//! The application sheet（様式・別添1）: written for a prefecture to fill in, and read back however it was filled in.
//!
//! Reading is kind about form and strict about content: headings are found wherever they stand, but nothing is guessed about a cell,
//! and a file that cannot be read as it is meant is refused as a whole, with what to do. What is read here is text only; what it says
//! is the business of [`akidoko_domain::application::read_form`]. Any bytes come to an end with rows or an error.

pub(crate) mod delimited;
mod error;
mod header;
pub(crate) mod package;
pub(crate) mod rows;
mod template;
pub(crate) mod workbook;

pub use error::SheetError;
pub use template::template;

use akidoko_domain::application::Column;
use header::Headed;
use package::Content;
use std::collections::BTreeMap;

/// The version of the form that [`template()`] writes and [`read`] takes.
pub const FORM_VERSION: u32 = 1;
/// As large a file is read.
pub const FILE_LIMIT: usize = 5 << 20;
/// As much may a workbook unpack to.
pub const UNPACKED_LIMIT: u64 = 64 << 20;
/// As many applications may stand in one file. There are 720 fire headquarters in all.
pub const ROW_LIMIT: usize = 5_000;
/// As many columns are looked at.
pub const COLUMN_LIMIT: u16 = 60;

/// What is seen of a sheet, rows to be skipped among it, before it has too many rows.
pub(crate) const SEEN_LIMIT: usize = 2 * ROW_LIMIT;

/// A row of the sheet: what was typed, blanks at the ends cut, columns without text left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// Its number in the file, from 1, as a spreadsheet shows it.
    pub number: u32,
    /// What stands in it.
    pub cells: BTreeMap<Column, String>,
}

/// A cell that is not blank.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// A number to the spreadsheet, so that leading zeros are lost.
    pub(crate) is_number: bool,
    pub(crate) is_formula: bool,
}

/// A line of a file with its cells by column, from 0.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: u32,
    pub(crate) cells: BTreeMap<u16, Cell>,
}

/// Reads a sheet that somebody filled in: .xlsx, or CSV in UTF-8 or CP932 with commas or tabs. What it is shows from its content; the
/// name only tells a workbook with macros.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<SheetRow>, SheetError> {
    match package::open(name, bytes)? {
        Content::Workbook(package) => of_sheets(&workbook::sheets(package)?),
        Content::Text(text) => {
            let commas = of_lines(&delimited::lines(&text, ',')?);
            match commas {
                Err(SheetError::NoHeader { missing }) => match of_lines(&delimited::lines(&text, '\t')?) {
                    // Of two ways to read it the one that knew more headings is what was meant.
                    Err(SheetError::NoHeader { missing: by_tabs }) if by_tabs.len() >= missing.len() => {
                        Err(SheetError::NoHeader { missing })
                    }
                    tabs => tabs,
                },
                commas => commas,
            }
        }
    }
}

fn of_lines(lines: &[Line]) -> Result<Vec<SheetRow>, SheetError> {
    match header::find(lines.iter()) {
        Headed::Full(header) => rows::data(lines, &header),
        Headed::Doubled(columns) => Err(SheetError::DoubledHeader { columns }),
        Headed::Partly(missing) => Err(SheetError::NoHeader { missing }),
        Headed::No => Err(SheetError::NoHeader { missing: header::required() }),
    }
}

/// The one sheet that has the header. Two that are filled in would leave one of them unread, so that is refused.
fn of_sheets(sheets: &[(String, Vec<Line>)]) -> Result<Vec<SheetRow>, SheetError> {
    let mut filled: Vec<(&str, Vec<SheetRow>)> = Vec::new();
    let mut has_header = false;
    let mut closest = None;
    for (name, lines) in sheets {
        match of_lines(lines) {
            Ok(rows) => {
                has_header = true;
                if !rows.is_empty() {
                    filled.push((name, rows));
                }
            }
            Err(SheetError::NoHeader { missing }) => {
                let is_closer = |best: &Vec<Column>| missing.len() < best.len();
                if closest.as_ref().is_none_or(is_closer) {
                    closest = Some(missing);
                }
            }
            Err(error) => return Err(error),
        }
    }
    if filled.len() > 1 {
        return Err(SheetError::SeveralSheets { names: filled.into_iter().map(|(name, _)| name.to_owned()).collect() });
    }
    match filled.pop() {
        Some((_, rows)) => Ok(rows),
        None if has_header => Ok(Vec::new()),
        None => Err(SheetError::NoHeader { missing: closest.unwrap_or_else(header::required) }),
    }
}
