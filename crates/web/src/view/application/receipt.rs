//! The receipt of a bundle: its number, when, by whom, and where each of its applications stands now.

use super::{
    super::{Frame, Here, path},
    SHEETS,
    list::place,
};
use crate::words;
use akidoko_domain::application::State;
use akidoko_service::application::{ApplicationView, BundleRow};
use askama::Template;
use chrono::{DateTime, Utc};

struct Line {
    name: String,
    href: String,
    mark: (&'static str, &'static str),
    state: &'static str,
    place: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "application/bundle.html")]
pub struct BundlePage {
    frame: Frame,
    number: String,
    rows: i32,
    at: String,
    by: String,
    agreed: bool,
    counts: Vec<(&'static str, usize)>,
    lines: Vec<Line>,
}

impl BundlePage {
    /// `views`: every application of the prefecture.
    pub fn new(frame: Frame, bundle: &BundleRow, views: &[ApplicationView], now: DateTime<Utc>) -> Self {
        let of = || views.iter().filter(|v| v.row.bundle == Some(bundle.id));
        let count = |wanted: fn(State) -> bool| of().filter(|v| wanted(v.row.state)).count();
        let counts = [
            ("審査待ち", count(|s| s == State::Submitted)),
            ("受付期間待ち", count(|s| s == State::WaitingWindow)),
            ("個別相談中", count(|s| s == State::Consulting)),
            ("承認から利用まで", count(State::is_approved)),
            ("差し戻し・却下・取り下げ", count(|s| matches!(s, State::Returned | State::Rejected | State::Withdrawn))),
        ];
        let number = words::application::receipt_number(bundle.prefecture, bundle.number);
        let mut lines: Vec<Line> = of()
            .map(|v| Line {
                name: v.row.form.name.clone(),
                href: path::application(v.row.id),
                mark: words::office::state_mark(v.row.state),
                state: words::office::state(v.row.state),
                place: place(v),
            })
            .collect();
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            frame: frame.of(format!("受付 {number}"), Here::Applications, &[]).with_sheets(SHEETS),
            number,
            rows: bundle.rows,
            at: words::moment(bundle.submitted_at, now),
            by: bundle.submitted_by.clone(),
            agreed: bundle.agreed,
            counts: counts.into_iter().filter(|(_, n)| *n > 0).collect(),
            lines,
        }
    }
}
