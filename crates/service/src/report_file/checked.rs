//! A file as it was checked: what each row would do, what is to be said of all of it.

use super::{FileChoices, RowFinding};
use akidoko_domain::{
    board::Card,
    report::{Refusal, Submission},
    survey::Value,
};
use akidoko_store::ReportFileRow;
use chrono::NaiveDate;
use std::sync::Arc;

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// The day's first report, with other figures than the last.
    New,
    /// The day's first report, with the figures of the last.
    Unchanged,
    /// A new version of a day that has been reported.
    Changed,
    /// What stands already: no version comes of it.
    Same,
    /// It cannot be said.
    Unknown,
}

/// A row, checked.
#[derive(Debug, Clone)]
pub struct CheckedRow {
    /// Its number in the file.
    pub number: u32,
    /// The hospital, where it was found.
    pub card: Option<Arc<Card>>,
    /// The day, where it was read.
    pub day: Option<NaiveDate>,
    /// What it would do.
    pub state: RowState,
    /// By item: from what to what.
    pub changes: Vec<(String, Option<Value>, Option<Value>)>,
    /// Must be mended.
    pub errors: Vec<RowFinding>,
    /// Must be confirmed or mended.
    pub warnings: Vec<RowFinding>,
    /// A past day that has been reported: its correction says why.
    pub is_correction: bool,
    /// As it would be handed in.
    pub submission: Option<Submission>,
}

/// What is to be said of the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNote {
    /// A template of another survey: nothing of it is taken.
    OtherSurvey,
    /// A template of another version. To be confirmed.
    OldForm {
        /// Its version.
        version: u32,
        /// The one in force.
        current: u32,
    },
    /// A column that is not read. To be confirmed.
    Unknown {
        /// Its heading.
        heading: String,
        /// Where.
        address: String,
    },
    /// Rows of days that are over. To be confirmed.
    PastDays {
        /// How many.
        rows: usize,
    },
    /// The day was taken from above the header.
    DayFromTitle {
        /// Where.
        address: String,
        /// The day.
        day: NaiveDate,
    },
    /// Items without a place in the file keep what was reported last.
    Kept {
        /// They.
        items: Vec<String>,
    },
    /// Hospitals without one figure were left out.
    BlankRows(usize),
}

impl FileNote {
    /// Must it be confirmed?
    pub fn is_soft(&self) -> bool {
        matches!(self, Self::OldForm { .. } | Self::Unknown { .. } | Self::PastDays { .. })
    }
}

/// A file, checked: nothing is taken.
#[derive(Debug, Clone)]
pub struct CheckedFile {
    /// Its rows.
    pub rows: Vec<CheckedRow>,
    /// What is to be said of all of it.
    pub notes: Vec<FileNote>,
    /// Reports for others are among it, so that it is to be said why.
    pub on_behalf: bool,
    /// What is wrong with that, or with the reason of a correction. Not said before it was asked for.
    pub refusal: Option<Refusal>,
    /// This has been received already, and nothing has changed since.
    pub again: Option<ReportFileRow>,
}

impl CheckedFile {
    /// Rows that must be mended.
    pub fn hard(&self) -> usize {
        self.rows.iter().filter(|r| !r.errors.is_empty()).count()
    }

    /// Rows that must be confirmed.
    pub fn doubtful(&self) -> usize {
        self.rows.iter().filter(|r| r.errors.is_empty() && !r.warnings.is_empty()).count()
    }

    /// Some past day is corrected.
    pub fn needs_reason(&self) -> bool {
        self.rows.iter().any(|r| r.is_correction)
    }

    /// Something of the whole file must be confirmed.
    pub fn needs_note(&self, choices: &FileChoices) -> bool {
        !choices.notes_confirmed && self.notes.iter().any(FileNote::is_soft)
    }

    /// Nothing of it can be taken, whatever is mended.
    pub fn is_hopeless(&self) -> bool {
        self.notes.contains(&FileNote::OtherSurvey)
    }

    /// The places of the rows that would be handed in.
    pub fn taken(&self, choices: &FileChoices) -> Vec<usize> {
        let takes = |row: &CheckedRow| match row.state {
            RowState::New | RowState::Changed => true,
            RowState::Unchanged => choices.take_unchanged,
            RowState::Same | RowState::Unknown => false,
        };
        (0..self.rows.len()).filter(|i| takes(&self.rows[*i])).collect()
    }
}
