//! Why an application sheet was not read, and what its sender can do.

use super::{COLUMN_LIMIT, FILE_LIMIT, FORM_VERSION, ROW_LIMIT, UNPACKED_LIMIT};
use akidoko_domain::application::Column;

/// Why an application sheet was not read. None of it is read then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Neither a workbook（.xlsx）nor text: a PDF, a picture, an old .xls, or damaged.
    #[error("the file is neither an .xlsx workbook nor CSV, or it is damaged")]
    NotASheet,
    /// A workbook with macros.
    #[error("the workbook holds macros")]
    Macros,
    /// Asks for a password to open.
    #[error("the file asks for a password")]
    Encrypted,
    /// Larger than [`FILE_LIMIT`], or than [`UNPACKED_LIMIT`] unpacked.
    #[error("the file is larger than {} MiB, or {} MiB unpacked", FILE_LIMIT >> 20, UNPACKED_LIMIT >> 20)]
    TooLarge,
    /// More rows than [`ROW_LIMIT`].
    #[error("the sheet has more than {ROW_LIMIT} rows")]
    TooManyRows,
    /// Headings right of [`COLUMN_LIMIT`].
    #[error("the header has more than {COLUMN_LIMIT} columns")]
    TooManyColumns,
    /// No row has all headings that are required.
    #[error("no header row; missing: {}", codes(missing))]
    NoHeader {
        /// Those not found in the row that comes closest.
        missing: Vec<Column>,
    },
    /// A heading stands twice in the header, or another header follows further below.
    #[error("the header has columns twice: {}", codes(columns))]
    DoubledHeader {
        /// The columns.
        columns: Vec<Column>,
    },
    /// More than one sheet is filled in.
    #[error("{} sheets are filled in", names.len())]
    SeveralSheets {
        /// Their names.
        names: Vec<String>,
    },
    /// Made with another version of the form.
    #[error("the form has version {version}, not {FORM_VERSION}")]
    OldForm {
        /// Its version.
        version: u32,
    },
    /// Cells of applications are formulas: what they show depends on who opens the file.
    #[error("formulas in {}", cells.join(", "))]
    Formulas {
        /// The cells, such as `C7`.
        cells: Vec<String>,
    },
    /// A quotation mark opens a cell and nothing closes it: all that follows would be one cell.
    #[error("a quotation mark in line {line} is not closed")]
    UnclosedQuote {
        /// The line that it opens in.
        line: u32,
    },
    /// Text, but neither UTF-8 nor CP932.
    #[error("the text is neither UTF-8 nor Shift_JIS (CP932)")]
    BadEncoding,
}

fn codes(columns: &[Column]) -> String {
    columns.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", ")
}

fn headings(columns: &[Column]) -> String {
    columns.iter().map(|c| format!("「{}」", c.heading())).collect()
}

/// As many cells are named to a person.
const NAMED: usize = 10;

impl SheetError {
    /// The same for whoever sent the file: what is wrong and what to do.
    pub fn japanese(&self) -> String {
        match self {
            Self::UnclosedQuote { line } => format!(
                "{line} 行目の「\"」が閉じていないため、そのあとの行を読み分けられません。その行の「\"」を消すか、もう一つ書いて閉じてください。"
            ),
            Self::NotASheet => "このファイルは様式として読めません。Excel の「名前を付けて保存」で .xlsx にしてから、もう一度選んでください。".into(),
            Self::Macros => {
                "マクロの入ったファイルは受け付けません。Excel の「名前を付けて保存」で「Excel ブック（*.xlsx）」を選んで保存してから、\
                 もう一度選んでください。"
                    .into()
            }
            Self::Encrypted => {
                "ファイルにパスワードがかかっています。Excel の「ファイル」→「情報」→「ブックの保護」でパスワードを外して保存してから、\
                 もう一度選んでください。"
                    .into()
            }
            Self::TooLarge => format!(
                "ファイルが大きすぎます。読めるのは {} MiB までです。画像などを取り除くか、新しい様式に値だけを貼り付けて保存してください。",
                FILE_LIMIT >> 20
            ),
            Self::TooManyRows => format!("行が多すぎます。一つのファイルに書けるのは {ROW_LIMIT} 行までです。ファイルを分けてください。"),
            Self::TooManyColumns => {
                format!("見出しの列が多すぎます。読めるのは左から {COLUMN_LIMIT} 列までです。様式にない列を取り除いてください。")
            }
            Self::NoHeader { missing } => {
                format!("見出しの行に{}が見つかりません。様式の見出しを変えずに、値だけを記入してください。", headings(missing))
            }
            Self::DoubledHeader { columns } => {
                format!("見出し{}が二つあります。どちらが正しいか決められないため、一つにしてください。", headings(columns))
            }
            Self::SeveralSheets { names } => {
                let names: String = names.iter().map(|n| format!("「{n}」")).collect();
                format!("記入されたシートが複数あります（{names}）。一つのシートにまとめるか、ファイルを分けてください。")
            }
            Self::OldForm { version } => format!(
                "別の版の様式です（第 {version} 版）。第 {FORM_VERSION} 版の様式をダウンロードし直して、値を貼り付けてください。"
            ),
            Self::Formulas { cells } => {
                let more = if cells.len() > NAMED { format!(" ほか {} か所", cells.len() - NAMED) } else { String::new() };
                let named = cells.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("、");
                format!("セル {named}{more}に数式があります。コピーして「値の貼り付け」で値に置き換えてから、もう一度選んでください。")
            }
            Self::BadEncoding => {
                "文字コードが UTF-8 でも Shift_JIS でもありません。Excel の「名前を付けて保存」で .xlsx にしてから、もう一度選んでください。"
                    .into()
            }
        }
    }
}
