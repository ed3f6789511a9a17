//! What a prefecture shares of its board, and with whom.

use super::{Frame, Here, hospital::GROUPS};
use crate::words;
use akidoko_domain::{
    board::{Column, OtherSystem, Sharing},
    organisation::OrganisationKind,
};
use askama::Template;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What was typed, where the page is shown again.
#[derive(Debug, Clone, Copy, Default)]
pub struct SharingTyped<'a> {
    /// Rules that were not taken, because somebody was first.
    pub sharing: Option<&'a Sharing>,
    /// The other system, and which of its fields cannot be kept.
    pub system: Option<(&'a str, &'a str, &'static str)>,
    /// It was saved a moment ago.
    pub saved: bool,
}

struct Cell {
    value: String,
    label: String,
    shown: bool,
    /// A survey keeps it from them everywhere.
    fixed: bool,
}

struct Line {
    label: &'static str,
    cells: Vec<Cell>,
}

struct Group {
    title: &'static str,
    lines: Vec<Line>,
}

/// The screen.
#[derive(Template)]
#[template(path = "sharing.html")]
pub struct SharingPage {
    frame: Frame,
    prefecture: String,
    kinds: Vec<(&'static str, &'static str)>,
    groups: Vec<Group>,
    seen: Vec<String>,
    saved: bool,
    conflict: bool,
    system: (String, String),
    problem: Option<&'static str>,
    today: NaiveDate,
}

const COMMENT: (&str, &[Column]) = ("連絡事項", &[Column::BoardComment]);

impl SharingPage {
    /// The rules that stand; `by_surveys` says what the surveys themselves keep from a kind.
    pub fn new(
        frame: Frame,
        (prefecture, today): (&str, NaiveDate),
        (sharing, system): (&Sharing, Option<&OtherSystem>),
        by_surveys: impl Fn(OrganisationKind) -> BTreeSet<Column>,
        typed: &SharingTyped<'_>,
    ) -> Self {
        let kept = Sharing::KINDS.map(by_surveys);
        let rules = typed.sharing.unwrap_or(sharing);
        let line = |column: &Column| Line {
            label: words::column(*column),
            cells: Sharing::KINDS
                .iter()
                .zip(&kept)
                .map(|(kind, kept)| Cell {
                    value: format!("{}:{}", column.as_str(), kind.as_str()),
                    label: format!("{}を{}に見せる", words::column(*column), words::organisation_kind(*kind)),
                    shown: !rules.hides(*column, *kind),
                    fixed: kept.contains(column),
                })
                .collect(),
        };
        let group = |(title, columns): (&'static str, &'static [Column])| Group { title, lines: columns.iter().map(line).collect() };
        let system = match (typed.system, system) {
            (Some((name, url, _)), _) => (name.to_owned(), url.to_owned()),
            (None, Some(s)) => (s.name.clone(), s.url.clone()),
            (None, None) => (String::new(), String::new()),
        };
        Self {
            frame: frame.of("ボードの共有範囲", Here::Sharing, &[]).with_sheets(&["survey.css"]),
            prefecture: prefecture.to_owned(),
            kinds: Sharing::KINDS.map(|k| (k.as_str(), words::organisation_kind(k))).into(),
            groups: GROUPS.into_iter().chain([COMMENT]).map(group).collect(),
            seen: sharing.rules().map(|(column, kind)| format!("{}:{}", column.as_str(), kind.as_str())).collect(),
            saved: typed.saved,
            conflict: typed.sharing.is_some(),
            system,
            today,
            problem: typed.system.map(|(_, _, wrong)| wrong),
        }
    }
}
