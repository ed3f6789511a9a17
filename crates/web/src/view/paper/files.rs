//! The page that gives templates and takes files, and the receipt of one.

use super::{
    super::{Frame, Here, path},
    SHEETS,
};
use crate::words;
use akidoko_service::ReportFileRow;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// A file that was received.
struct Received {
    href: String,
    number: u32,
    name: String,
    moment: String,
    operator: String,
    added: usize,
    same: usize,
}

impl Received {
    fn of(row: &ReportFileRow, now: DateTime<Utc>) -> Self {
        let added = row.lines.iter().filter(|l| l.added).count();
        Self {
            href: path::report_file(row.number),
            number: row.number,
            name: row.file_name.clone(),
            moment: words::moment(row.received_at, now),
            operator: row.operator.clone(),
            added,
            same: row.lines.len() - added,
        }
    }
}

/// The page that takes a file.
#[derive(Template)]
#[template(path = "paper/files.html")]
pub struct FilesPage {
    frame: Frame,
    count: usize,
    today: NaiveDate,
    received: Vec<Received>,
    problem: Option<String>,
}

impl FilesPage {
    /// `count`: for so many hospitals; `problem`: why the last one was not read.
    pub fn new(
        frame: Frame,
        count: usize,
        receipts: &[ReportFileRow],
        today: NaiveDate,
        now: DateTime<Utc>,
        problem: Option<String>,
    ) -> Self {
        Self {
            frame: frame.of("ファイルで報告する", Here::Report, &["js/sheet-drop.js"]).with_sheets(SHEETS),
            count,
            today,
            received: receipts.iter().map(|r| Received::of(r, now)).collect(),
            problem,
        }
    }

    fn acts_for_others(&self) -> bool {
        self.frame.acts_for_others()
    }
}

struct ReceiptLine {
    name: String,
    href: String,
    day: String,
    version: u32,
    added: bool,
}

/// The receipt of a file.
#[derive(Template)]
#[template(path = "paper/receipt.html")]
pub struct FileReceiptPage {
    frame: Frame,
    file: Received,
    hash: String,
    again: bool,
    clock: String,
    lines: Vec<ReceiptLine>,
}

impl FileReceiptPage {
    /// `again`: the same came a second time.
    pub fn new(frame: Frame, row: &ReportFileRow, again: bool, now: DateTime<Utc>) -> Self {
        let line = |l: &akidoko_service::FileLine| ReceiptLine {
            name: l.name.clone(),
            href: path::hospital(&l.code),
            day: words::day(l.day),
            version: l.version,
            added: l.added,
        };
        Self {
            frame: frame.of(format!("受領 第 {} 号", row.number), Here::Report, &["js/print.js"]).with_sheets(SHEETS),
            file: Received::of(row, now),
            hash: row.file_hash.clone(),
            again,
            clock: words::clock(row.received_at),
            lines: row.lines.iter().map(line).collect(),
        }
    }
}
