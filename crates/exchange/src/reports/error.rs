//! Why a file of reports was not read at all, and what its sender can do.

use super::ROW_LIMIT;
use crate::sheet::SheetError;

/// Why a file was not read. None of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFileError {
    /// What is true of every file that is no table.
    #[error(transparent)]
    File(SheetError),
    /// More than [`ROW_LIMIT`] rows.
    #[error("more than {ROW_LIMIT} rows")]
    TooManyRows,
    /// Neither a header nor items down the rows.
    #[error("no header row and no items")]
    NoHeader,
    /// A heading stands twice.
    #[error("headings twice: {}", headings.join(", "))]
    DoubledHeading {
        /// The headings with their cells.
        headings: Vec<String>,
    },
    /// More than one sheet is filled in.
    #[error("{} sheets are filled in", names.len())]
    SeveralSheets {
        /// Their names.
        names: Vec<String>,
    },
}

impl From<SheetError> for ReportFileError {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::TooManyRows => Self::TooManyRows,
            other => Self::File(other),
        }
    }
}

impl ReportFileError {
    /// The same for whoever sent the file.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(SheetError::NotASheet) => {
                "このファイルは表として読めません。Excel の「名前を付けて保存」で .xlsx か CSV にしてから、もう一度選んでください。".into()
            }
            Self::File(error) => error.japanese(),
            Self::TooManyRows => format!("行が多すぎます。一つのファイルに書けるのは {ROW_LIMIT} 行までです。ファイルを分けてください。"),
            Self::NoHeader => "報告の項目が見つかりません。見出しの行に「医療機関ID」と項目の名前を書くか、様式に記入してください。".into(),
            Self::DoubledHeading { headings } => {
                let headings: String = headings.iter().map(|h| format!("「{h}」")).collect();
                format!("同じ項目の見出しが二つあります（{headings}）。どちらが正しいか決められないため、一つにしてください。")
            }
            Self::SeveralSheets { names } => {
                let names: String = names.iter().map(|n| format!("「{n}」")).collect();
                format!("記入されたシートが複数あります（{names}）。一つのシートにまとめるか、ファイルを分けてください。")
            }
        }
    }
}
