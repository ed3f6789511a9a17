//! What the ages, marks and answers mean, which decisions are ours, and where the data come from.

use super::{Frame, Here, row::status_html};
use akidoko_domain::{survey::Status, time::DueRule};
use askama::Template;

/// The screen.
#[derive(Debug, Clone, Template)]
#[template(path = "about.html")]
pub struct AboutPage {
    frame: Frame,
    statuses: [(String, &'static str); 5],
    due: String,
    late: String,
}

impl AboutPage {
    /// The screen; the hours are the prefecture's of the reader, or the usual ones.
    pub fn new(frame: Frame, due: DueRule) -> Self {
        Self {
            frame: frame.of("出典と使い方", Here::Elsewhere, &[]),
            statuses: [
                (status_html(Status::Normal), "ふだんどおり受け入れています。"),
                (status_html(Status::Limited), "一部を受け入れています。連絡事項を見て、電話で確かめてください。"),
                (status_html(Status::Stopped), "受け入れていません。"),
                (status_html(Status::NotAvailable), "その診療がもともとありません。"),
                (status_html(Status::NoAnswer), "病院が答えていません。受け入れるかどうかはわかりません。"),
            ],
            due: due.due.format("%H:%M").to_string(),
            late: due.late.format("%H:%M").to_string(),
        }
    }
}
