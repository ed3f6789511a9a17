//! The daily report: what was typed becomes answers, answers become a version, versions become the merged record of a hospital.

mod behalf;
mod cell;
mod cells;
mod check;
mod correction;
mod feed;
mod label;
mod punctuality;
mod read;
mod typed;
mod usual;
mod weeks;
mod why;
mod window;

pub use behalf::{BEHALF_MAX, Behalf, BehalfProblem, BehalfWhy};
pub use cell::{TypedCell, options, typed_cell};
pub use cells::{Author, Cell, Cells};
pub use check::{BEHALF, Checked, Known, REASON, REASON_MAX, Refusal, Submission, TWICE, check};
pub use correction::{Correction, CorrectionState, Decided, consents};
pub use feed::{FEED_HOURS, FeedProblem, check_feed};
pub use label::{headings, label};
pub use punctuality::{Punctuality, punctuality};
pub use read::{Finding, Problem, missing, read_answers, reread};
pub use typed::{KEPT_HOURS, Overtaken, Said, TooOld, typed_at};
pub use usual::{USUAL, mark, speaker, standing, usual_items};
pub use weeks::{DayFigures, day_figures};
pub use why::{Effect, ItemChange, item_changes};
pub use window::{CorrectionWindow, WINDOW_DAYS, WINDOW_MAX, last_day, must_ask, window_days};

use crate::{id::HospitalId, survey::Answers};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A whole report, or only what changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every item; the day counts as reported by this alone.
    Full,
    /// Only the items it changes.
    Quick,
}

impl Kind {
    /// The word in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Quick => "quick",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Full, Self::Quick].into_iter().find(|k| k.as_str() == s)
    }
}

/// By which road a version came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 画面
    Screen,
    /// ファイル
    File,
    /// API
    Api,
}

impl Channel {
    /// The word in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::File => "file",
            Self::Api => "api",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Screen, Self::File, Self::Api].into_iter().find(|c| c.as_str() == s)
    }
}

/// One version of a report. Nothing is overwritten: a correction is the next one（design.md rule 5）.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportVersion {
    /// Of which hospital.
    pub hospital: HospitalId,
    /// Of which survey.
    pub survey: String,
    /// In which version of the survey.
    pub survey_version: u32,
    /// For which day.
    pub report_date: NaiveDate,
    /// From 1.
    pub version: u32,
    /// Full or quick.
    pub kind: Kind,
    /// What was answered. In a full version what is absent is 未回答.
    pub answers: Answers,
    /// From when the figures are true.
    pub as_of: DateTime<Utc>,
    /// When it was received, by our clock.
    pub received_at: DateTime<Utc>,
    /// Who wrote it.
    pub author: Author,
    /// Why it was corrected.
    pub reason: Option<String>,
}
