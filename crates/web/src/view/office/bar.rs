//! What the last press did: how many, until when it can be undone, and what was left as it stands.

use crate::words;
use akidoko_domain::{
    application::{Action, State},
    id::ApplicationId,
    time::jst_day,
};
use akidoko_service::application::{ApplicationView, Outcome};
use chrono::{DateTime, Utc};
use std::fmt::Write as _;

/// Which press: the step, and the moment that its rows bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// The step.
    pub action: Action,
    /// When it was written, in microseconds.
    pub at: i64,
}

impl Press {
    /// Reads `done` and `at` of an address.
    pub fn parse(done: Option<&str>, at: Option<&str>) -> Option<Self> {
        Some(Self { action: Action::parse(done?)?, at: at?.parse().ok()? })
    }

    /// As parameters.
    pub fn query(self) -> String {
        format!("done={}&at={}", self.action.as_str(), self.at)
    }

    fn did(self, view: &ApplicationView) -> bool {
        view.row.updated_at.timestamp_micros() == self.at
    }
}

/// An application that was left as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub(super) href: Option<String>,
    pub(super) name: String,
    pub(super) why: String,
}

impl Left {
    /// What was left, named one by one.
    pub fn all(outcomes: &[(ApplicationId, Outcome)], action: Action, views: &[ApplicationView]) -> Vec<Self> {
        let left = outcomes.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Done(_)));
        let name = |(id, outcome): &(ApplicationId, Outcome)| {
            let view = views.iter().find(|v| v.row.id == *id);
            Self {
                href: view.map(|_| super::super::path::office_application(*id)),
                name: view.map_or_else(|| "申請".to_owned(), |v| v.row.form.name.clone()),
                why: words::office::left(*outcome, action, view.map(|v| v.row.state)),
            }
        };
        left.map(name).collect()
    }
}

/// The bar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bar {
    pub(super) done: Option<String>,
    pub(super) undo: Vec<String>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) seconds: i64,
    pub(super) left: Vec<Left>,
}

impl Bar {
    /// Of a press among these applications.
    pub fn of(press: Option<Press>, left: Vec<Left>, views: &[ApplicationView], now: DateTime<Utc>) -> Self {
        let mut bar = Self { left, ..Self::default() };
        let Some(press) = press else { return bar };
        let did: Vec<&ApplicationView> = views.iter().filter(|v| press.did(v)).collect();
        let (Some(first), count) = (did.first(), did.len()) else { return bar };
        let who = if count == 1 { first.row.form.name.clone() } else { format!("{count} 件") };
        let mut sentence = format!("{who}{}。", words::office::done(press.action));
        bar.until = did.iter().filter_map(|v| v.undo_until).min();
        if let Some(until) = bar.until.filter(|_| matches!(press.action, Action::Approve | Action::Return | Action::Reject)) {
            // Writing to a String cannot fail.
            let _ = write!(sentence, "5 分以内は取り消せます（{} まで）。", words::clock(until));
            if press.action == Action::Approve && first.row.state == State::Approved {
                let later = did.iter().filter_map(|v| v.row.issue_from).filter(|day| *day > jst_day(until)).max();
                let _ = match later {
                    Some(day) => write!(sentence, "事前連絡のメールは、発行開始日の {} から送ります。", words::day(day)),
                    None => write!(sentence, "事前連絡のメールは、そのあとに送ります。"),
                };
            }
            bar.seconds = (until - now).num_seconds().max(0);
            bar.undo = did.iter().filter(|v| v.undo_until.is_some()).map(|v| super::decision(v)).collect();
        }
        bar.done = Some(sentence);
        bar
    }
}
