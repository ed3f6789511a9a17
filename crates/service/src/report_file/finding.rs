//! What is wrong or doubtful in a row of a file, and where.

use akidoko_domain::report::{Finding, Problem};
use chrono::NaiveDate;

/// Where in a row something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Its hospital.
    Code,
    /// Its day.
    Day,
    /// An item.
    Item(String),
}

impl Place {
    /// The field's name.
    pub fn field(&self) -> &str {
        match self {
            Self::Code => "code",
            Self::Day => "day",
            Self::Item(id) => id,
        }
    }
}

/// What is wrong or doubtful in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// No hospital is named.
    NoHospital,
    /// Not a hospital that this actor may report for; nobody learns whether it exists.
    NotOnRoster,
    /// Several hospitals are called so.
    Ambiguous,
    /// The ID is one hospital's, the name another's. Soft.
    NameDiffers {
        /// The name of the register.
        roster: String,
    },
    /// The same hospital and day stand in an earlier row.
    Twice {
        /// Its number.
        first: u32,
    },
    /// Not a day with its year.
    BadDay,
    /// The row has no day, and two stand above the header.
    TwoDays {
        /// One of them.
        first: NaiveDate,
        /// Another.
        other: NaiveDate,
    },
    /// A day that has not come.
    FutureDay,
    /// A day before the survey.
    BeforeSurvey,
    /// The window for corrections is over: only the hospital's screen can ask for consent.
    WindowClosed {
        /// Its days.
        days: u32,
        /// The last day on which it was open.
        until: NaiveDate,
    },
    /// More days than a file may have.
    TooManyDays,
    /// The answer.
    Answer(Problem),
    /// A dash was read as 未回答. Soft.
    Dash,
    /// The value is a formula's, as it was when the file was saved. Soft.
    Formula,
    /// A formula without a value.
    FormulaWithoutValue,
    /// A letter of somebody's own（外字）that others cannot read.
    PrivateLetter,
    /// Somebody reported since the file was checked. Soft, once.
    Newer {
        /// The version.
        version: u32,
    },
}

impl RowProblem {
    pub(super) fn is_soft(&self) -> bool {
        matches!(self, Self::NameDiffers { .. } | Self::Dash | Self::Formula | Self::Newer { .. })
    }
}

/// A problem, where, and the name by which a soft one is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFinding {
    /// Where.
    pub place: Place,
    /// The name.
    pub id: String,
    /// What.
    pub problem: RowProblem,
}

impl RowFinding {
    pub(super) fn of(place: Place, problem: RowProblem) -> Self {
        let kind = match problem {
            RowProblem::NameDiffers { .. } => "name".to_owned(),
            RowProblem::Dash => "dash".to_owned(),
            RowProblem::Formula => "formula".to_owned(),
            RowProblem::Newer { version } => format!("newer-{version}"),
            _ => "row".to_owned(),
        };
        Self { id: format!("{kind}:{}", place.field()), place, problem }
    }

    pub(super) fn of_answer(finding: Finding) -> Self {
        Self { id: finding.id, place: Place::Item(finding.item), problem: RowProblem::Answer(finding.problem) }
    }
}
