//! Reports as files: the template of a day for one hospital or many, made from the survey, and whatever comes back, however it was filled in.
//!
//! Templates obey the government's rules for files that machines read（domain.md §5.5）: one header row, one datum a cell, no merged cells,
//! units in the header, days of the western calendar. Reading tolerates the opposite: titles above, notes below, columns in another order,
//! headings of two rows, one hospital with its items down the rows. What is read here is text with its place; what it says is the business
//! of [`akidoko_domain::report`]. Any bytes come to an end with rows or an error.

mod error;
mod header;
mod read;
mod tall;
mod template;
#[cfg(test)]
mod tests;

pub use error::ReportFileError;
pub use read::read;
pub use template::{TemplateRow, table, workbook};

use std::collections::BTreeMap;

/// As large a file is read.
pub use crate::sheet::FILE_LIMIT;

/// As many hospitals may stand in one file. The largest prefecture has some 650 hospitals.
pub const ROW_LIMIT: usize = 2_000;
/// As many columns are looked at.
const COLUMN_LIMIT: u16 = 400;

/// The hidden sheet of a template that tells its survey and version.
const MARKER: &str = "様式";
/// What its first cell says.
const MARK: &str = "akidoko 報告";
/// The column that says it in every row, for files that have no hidden sheets.
const FORM_HEADING: &str = "様式";
const CODE_HEADING: &str = "医療機関ID";
const NAME_HEADING: &str = "医療機関名";
const DAY_HEADING: &str = "報告日";

/// The survey and version that a template states of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The survey.
    pub survey: String,
    /// Its version.
    pub version: u32,
}

impl Form {
    /// `daily-1`
    fn words(&self) -> String {
        format!("{}-{}", self.survey, self.version)
    }

    fn parse(text: &str) -> Option<Self> {
        let (survey, version) = text.rsplit_once('-')?;
        Some(Self { survey: survey.to_owned(), version: version.parse().ok()? })
    }
}

/// A cell as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCell {
    /// What it says, blanks at the ends cut.
    pub text: String,
    /// Where, as a spreadsheet shows it: `C7`.
    pub address: String,
    /// Its value comes from a formula.
    pub is_formula: bool,
}

/// What a file says of one hospital and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// The number of its row, from 1; of the first one where items stand down the rows.
    pub number: u32,
    /// The hospital's ID, or what stands in its column.
    pub code: Option<FileCell>,
    /// Its name.
    pub name: Option<FileCell>,
    /// The day.
    pub day: Option<FileCell>,
    /// By item, blank cells of the file's own columns too.
    pub items: BTreeMap<String, FileCell>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// What the template said of itself, where it was one of ours.
    pub form: Option<Form>,
    /// Every line above the header in which a day with its year stands: 「令和8年4月10日現在」.
    pub titles: Vec<FileCell>,
    /// The rows.
    pub rows: Vec<FileRow>,
    /// Rows with a hospital and not one item filled in.
    pub blank_rows: usize,
    /// Headings of columns, or items down the rows, that the survey does not have, and under which something stands.
    pub unknown: Vec<FileCell>,
}
