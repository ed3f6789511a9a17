//! The counts of a day: prefecture × service × answer.

use crate::id::PrefCode;
use crate::survey::Status;
use chrono::NaiveDate;

/// How many hospitals gave which answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// The day of the report.
    pub report_date: NaiveDate,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// The service: the item's id in its survey.
    pub category: String,
    /// 通常
    pub normal: u64,
    /// 制限
    pub limited: u64,
    /// 停止
    pub stopped: u64,
    /// 設置なし
    pub not_available: u64,
    /// 未回答
    pub no_answer: u64,
}

impl SummaryRow {
    /// A row of zeros.
    pub fn new(report_date: NaiveDate, prefecture: PrefCode, category: String) -> Self {
        Self { report_date, prefecture, category, normal: 0, limited: 0, stopped: 0, not_available: 0, no_answer: 0 }
    }

    /// Counts hospitals that gave an answer.
    pub fn add(&mut self, answer: Status, hospitals: u64) {
        *match answer {
            Status::Normal => &mut self.normal,
            Status::Limited => &mut self.limited,
            Status::Stopped => &mut self.stopped,
            Status::NotAvailable => &mut self.not_available,
            Status::NoAnswer => &mut self.no_answer,
        } += hospitals;
    }
}

/// One answer of one hospital to one service on one day, read from the G-MIS open data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// 医療機関ID
    pub gmis_id: String,
    /// 提出日
    pub report_date: NaiveDate,
    /// The item's id in its survey.
    pub service: &'static str,
    /// 医療区分回答
    pub answer: Status,
}
