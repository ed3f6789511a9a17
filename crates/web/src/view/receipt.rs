//! The receipt of a report: it stands on the board, since when, and what changed.

use super::{
    Frame, Here,
    change::{Change, changes},
    path,
};
use crate::words;
use akidoko_domain::{
    board::Card,
    report::{Kind, ReportVersion},
    survey::{Answers, Survey},
    time::jst_day,
};
use askama::Template;
use chrono::{DateTime, Utc};

/// The receipt.
#[derive(Debug, Clone, Template)]
#[template(path = "receipt.html")]
pub struct ReceiptPage {
    frame: Frame,
    hospital: String,
    href: String,
    correct: String,
    history: Option<String>,
    draft: String,
    day: String,
    today: bool,
    /// Only an update between reports; and whether the day has been reported.
    quick: Option<bool>,
    version: u32,
    clock: String,
    proxy: String,
    compared: bool,
    changes: Vec<Change>,
    reason: Option<String>,
    prefecture: String,
    /// What the report did, as HTML.
    give: String,
}

impl ReceiptPage {
    /// `before` are the answers that stood before this version; `history` says whether the reader may see the versions, `reported` whether the
    /// day has a full report.
    pub fn new(
        frame: Frame,
        (card, prefecture): (&Card, &str),
        survey: &Survey,
        version: &ReportVersion,
        before: Option<&Answers>,
        (history, reported): (bool, bool),
        now: DateTime<Utc>,
    ) -> Self {
        let draft = super::report::draft_key(&frame, card, version.report_date);
        let after = super::change::after(before, version);
        Self {
            frame: frame.of("報告しました", Here::Report, &["js/report-form.js"]),
            hospital: card.name.clone(),
            href: path::hospital(&card.code),
            correct: path::report(&card.code, version.report_date),
            history: history.then(|| path::history(&card.code)),
            draft,
            day: words::day(version.report_date),
            today: version.report_date == jst_day(now),
            quick: (version.kind == Kind::Quick).then_some(reported),
            version: version.version,
            clock: words::clock(version.received_at),
            proxy: words::proxy(&version.author),
            compared: before.is_some(),
            changes: before.map(|before| changes(survey, before, &after)).unwrap_or_default(),
            reason: version.reason.clone(),
            prefecture: prefecture.to_owned(),
            give: String::new(),
        }
    }

    /// With what the report did: [`super::give_back`].
    #[must_use]
    pub fn with_give(mut self, give: String) -> Self {
        self.frame = self.frame.with_sheets(&["history.css"]);
        self.give = give;
        self
    }
}
