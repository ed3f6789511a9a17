//! What is wrong with a file that somebody gave us.

use std::{fmt, io};

/// Why a file, or one line of it, was not read.
#[derive(Debug, thiserror::Error)]
#[error("{}{kind}", At(*line))]
pub struct ReadError {
    /// The line, from 1, where there is one.
    pub line: Option<u64>,
    /// What is wrong.
    #[source]
    pub kind: ReadErrorKind,
}

/// The line before the words of an error.
struct At(Option<u64>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, "line {line}: "))
    }
}

/// What is wrong with a file or a line.
#[derive(Debug, thiserror::Error)]
pub enum ReadErrorKind {
    /// The file could not be read to its end.
    #[error("the file cannot be read: {0}")]
    Io(#[source] io::Error),
    /// Not UTF-8, and nothing else is expected here.
    #[error("the text is not UTF-8, which is expected here")]
    NotUtf8,
    /// Neither UTF-8 nor CP932.
    #[error("the text is neither UTF-8 nor Shift_JIS (CP932)")]
    UnknownEncoding,
    /// No header line.
    #[error("the file is empty")]
    Empty,
    /// A record that no register has: most often a quotation mark that is never closed.
    #[error("a record is longer than {limit} bytes; a quotation mark may not be closed")]
    RecordTooLong {
        /// The most that is read.
        limit: u64,
    },
    /// The header lacks a column.
    #[error("the column {0:?} is missing")]
    MissingColumn(String),
    /// The header has a column that this register does not have.
    #[error("the column {0:?} is not known")]
    UnknownColumn(String),
    /// The header has a column twice.
    #[error("the column {0:?} is there twice")]
    DuplicateColumn(String),
    /// A line has more or fewer cells than the header.
    #[error("{found} cells where the header has {expected}")]
    ColumnCount {
        /// As in the header.
        expected: usize,
        /// As in the line.
        found: usize,
    },
    /// A cell that must be filled is blank.
    #[error("{column:?} is blank")]
    Blank {
        /// The column.
        column: String,
    },
    /// A cell is not what its column holds.
    #[error("{column:?} is {value:?}, not {expected}")]
    Value {
        /// The column.
        column: String,
        /// What it says, cut to forty characters.
        value: String,
        /// What was expected.
        expected: Expected,
    },
    /// The name of the file gives no date.
    #[error("the file name {0:?} is not a date (YYYY-MM-DD.csv)")]
    FileName(String),
    /// A zip that cannot be opened.
    #[error("the zip is damaged or of an unknown kind")]
    Zip,
    /// A zip that asks for a password.
    #[error("the zip is encrypted")]
    Encrypted,
    /// A zip without a CSV.
    #[error("the zip holds no .csv")]
    NoCsv,
    /// A zip with more than one CSV.
    #[error("the zip holds {0} .csv files, one is expected")]
    SeveralCsv(usize),
    /// Unpacked it is larger than any register.
    #[error("unpacked, the file is larger than {limit} bytes")]
    TooLarge {
        /// The most that is unpacked.
        limit: u64,
    },
}

/// What a cell should have held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A day of the calendar.
    Date,
    /// A whole number.
    Count,
    /// Degrees.
    Coordinate,
    /// The official name of a prefecture.
    PrefectureName,
    /// Two digits.
    PrefectureCode,
    /// A 全国地方公共団体コード.
    MunicipalityCode,
    /// Four digits that begin with those of the prefecture.
    AreaCode,
    /// Letters and digits, as registers number hospitals.
    Identifier,
    /// One of the services of the G-MIS survey.
    Service,
    /// One of the five answers.
    Answer,
}

impl Expected {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Date => ("a date", "日付（例 2026-04-10）"),
            Self::Count => ("a whole number", "0 以上の整数"),
            Self::Coordinate => ("a coordinate in degrees", "緯度・経度（度）"),
            Self::PrefectureName => ("the name of a prefecture", "都道府県名"),
            Self::PrefectureCode => ("a prefecture code", "都道府県コード（2 桁）"),
            Self::MunicipalityCode => ("a municipality code", "全国地方公共団体コード"),
            Self::AreaCode => ("an area code", "二次医療圏コード（4 桁）"),
            Self::Identifier => ("an identifier of letters and digits", "英数字の ID"),
            Self::Service => ("a service of the survey", "調査の医療区分"),
            Self::Answer => ("an answer of the survey", "調査の回答区分"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

impl ReadErrorKind {
    /// This, of the whole file.
    pub(crate) fn of_file(self) -> ReadError {
        ReadError { line: None, kind: self }
    }

    /// This, at a line.
    pub(crate) fn at(self, line: u64) -> ReadError {
        ReadError { line: Some(line), kind: self }
    }

    /// A cell that is not what its column holds.
    pub(crate) fn value(column: &str, value: &str, expected: Expected) -> Self {
        Self::Value { column: column.to_owned(), value: value.chars().take(40).collect(), expected }
    }

    /// Unwraps what our own readers below a CSV parser had to say through `io::Error`.
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Stop>()) {
            Some(Stop::RecordTooLong(limit)) => Self::RecordTooLong { limit: *limit },
            Some(Stop::TooLarge(limit)) => Self::TooLarge { limit: *limit },
            None => Self::Io(error),
        }
    }
}

/// Why one of our readers stopped; travels inside an `io::Error`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("a record is longer than {0} bytes")]
    RecordTooLong(u64),
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
}

impl From<Stop> for io::Error {
    fn from(stop: Stop) -> Self {
        Self::new(io::ErrorKind::InvalidData, stop)
    }
}

impl ReadError {
    /// The same for whoever gave us the file: one sentence, what is wrong and what to do.
    pub fn japanese(&self) -> String {
        let at = self.line.map_or(String::new(), |line| format!("{line} 行目："));
        format!("{at}{}", self.kind.japanese())
    }
}

impl ReadErrorKind {
    fn japanese(&self) -> String {
        match self {
            Self::Io(_) => "ファイルを最後まで読めませんでした。ファイルが壊れていないか確かめて、もう一度お試しください。".into(),
            Self::NotUtf8 => "文字コードが UTF-8 ではありません。UTF-8 で保存し直してください。".into(),
            Self::UnknownEncoding => "文字コードが UTF-8 でも Shift_JIS でもありません。UTF-8 で保存し直してください。".into(),
            Self::Empty => "ファイルが空です。見出し行のある CSV を選んでください。".into(),
            Self::RecordTooLong { .. } => "1 行が長すぎます。閉じていない引用符（\"）がないか確かめてください。".into(),
            Self::MissingColumn(name) => format!("列「{name}」がありません。見出し行を確かめてください。"),
            Self::UnknownColumn(name) => {
                format!("列「{name}」はこの種類のファイルにない列です。ファイルの種類と見出し行を確かめてください。")
            }
            Self::DuplicateColumn(name) => format!("列「{name}」が二つあります。一つにしてください。"),
            Self::ColumnCount { expected, found } => {
                format!("列の数が {found} で、見出し行の {expected} と合いません。この行を直してください。")
            }
            Self::Blank { column } => format!("「{column}」が空です。値を入れてください。"),
            Self::Value { column, value, expected } => {
                format!("「{column}」の「{value}」は使えません。{}にしてください。", expected.words().1)
            }
            Self::FileName(name) => format!("ファイル名「{name}」から日付が分かりません。「2020-05-14.csv」のような名前にしてください。"),
            Self::Zip => "zip を開けません。壊れていないか確かめ、CSV のままでお試しください。".into(),
            Self::Encrypted => "zip にパスワードがかかっています。パスワードなしで作り直してください。".into(),
            Self::NoCsv => "zip の中に CSV がありません。CSV を一つ入れてください。".into(),
            Self::SeveralCsv(n) => format!("zip の中に CSV が {n} 個あります。一つだけ入れてください。"),
            Self::TooLarge { limit } => {
                format!("展開すると {} MiB を超えるため読み込めません。正しいファイルか確かめてください。", limit >> 20)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what() {
        let error = ReadErrorKind::value("医療区分回答", "休止", Expected::Answer).at(7);
        assert_eq!(error.to_string(), "line 7: \"医療区分回答\" is \"休止\", not an answer of the survey");
        assert_eq!(error.japanese(), "7 行目：「医療区分回答」の「休止」は使えません。調査の回答区分にしてください。");
        let error = ReadErrorKind::MissingColumn("提出日".into()).of_file();
        assert_eq!(error.to_string(), "the column \"提出日\" is missing");
        assert_eq!(error.japanese(), "列「提出日」がありません。見出し行を確かめてください。");
    }
}
