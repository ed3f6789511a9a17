//! The wallboard: rows in fixed places for a whole room. The page brings the rows of the board; its script lays them out, follows the stream
//! and says what changed. And the terminals on which it hangs.

use super::{Frame, Here, path, qr, row::row_html};
use crate::words;
use akidoko_domain::{
    board::{Row, Totals},
    id::SessionId,
};
use akidoko_service::terminal::{LINK, NewTerminal, TerminalRow, Watch};
use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// What the wallboard shows.
pub struct WallInput<'a> {
    /// 千葉県
    pub name: &'a str,
    /// Its areas, by code.
    pub areas: BTreeMap<String, String>,
    /// The rows that hang, in their places.
    pub rows: Vec<&'a Row>,
    /// Why these: 「救急を受ける病院」.
    pub which: String,
    /// The figures of what hangs.
    pub totals: Totals,
    /// The last event that the rows contain.
    pub cursor: i64,
    /// The address that brings the same again.
    pub here: String,
    /// The address of its stream.
    pub stream: String,
    /// Who may have the watch, and who has it since when; `None`: it is no terminal.
    pub watch: Option<Watch>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The page.
#[derive(Template)]
#[template(path = "wall.html")]
pub struct WallPage {
    demo: bool,
    name: String,
    which: String,
    areas: String,
    rows: Vec<String>,
    totals: Totals,
    cursor: i64,
    now_ms: i64,
    here: String,
    stream: String,
    names: Vec<String>,
    on_duty: Option<(String, String)>,
    is_terminal: bool,
    statuses: [String; 4],
}

impl WallPage {
    /// The rows as the board has them.
    pub fn new(demo: bool, input: WallInput<'_>) -> Self {
        use akidoko_domain::survey::Status;
        let Watch { names, on_duty } = input.watch.clone().unwrap_or_default();
        Self {
            demo,
            name: input.name.to_owned(),
            which: input.which,
            areas: json!(input.areas).to_string(),
            rows: input.rows.iter().map(|r| row_html(r, input.now)).collect(),
            totals: input.totals,
            cursor: input.cursor,
            now_ms: input.now.timestamp_millis(),
            here: input.here,
            stream: input.stream,
            on_duty: on_duty.filter(|(who, _)| names.contains(who)).map(|(who, at)| (who, words::moment(at, input.now))),
            names,
            is_terminal: input.watch.is_some(),
            statuses: [Status::Normal, Status::Limited, Status::Stopped, Status::NoAnswer].map(super::row::status_html),
        }
    }
}

struct Line {
    id: SessionId,
    name: String,
    state: (&'static str, &'static str, String),
    granted: String,
    agent: Option<String>,
    on_duty: Option<String>,
}

/// The terminals of an organisation.
#[derive(Template)]
#[template(path = "terminals.html")]
pub struct TerminalsPage {
    frame: Frame,
    lines: Vec<Line>,
    once: String,
    typed: String,
    problem: Option<String>,
}

impl TerminalsPage {
    /// `problem`: why what was typed was not taken.
    pub fn new(frame: Frame, all: &[TerminalRow], once: String, (typed, problem): (&str, Option<String>), now: DateTime<Utc>) -> Self {
        let line = |t: &TerminalRow| Line {
            id: t.id,
            name: t.name.clone(),
            state: match (t.opened_at, t.seen_at, t.link_expires_at) {
                (Some(_), Some(at), _) => ("good", "i-check", format!("最後に表示 {}", words::moment(at, now))),
                (Some(at), None, _) => ("good", "i-check", format!("{}に開始", words::moment(at, now))),
                (None, _, Some(until)) if until > now => {
                    ("wait", "i-info", format!("端末で開くのを待っています（{}まで）", words::clock(until)))
                }
                _ => ("bad", "i-err", "開かれないまま期限が切れました。取り消して、もう一度加えてください。".to_owned()),
            },
            granted: format!("{}　{}", words::moment(t.granted_at, now), t.granted_by),
            agent: t.user_agent.clone(),
            on_duty: t.on_duty.clone(),
        };
        Self {
            frame: frame.of("表示端末", Here::Wall, &[]).with_sheets(&["account.css"]),
            lines: all.iter().map(line).collect(),
            once,
            typed: typed.to_owned(),
            problem,
        }
    }
}

/// A terminal's link, once.
#[derive(Template)]
#[template(path = "terminal_made.html")]
pub struct TerminalMadePage {
    frame: Frame,
    name: String,
    link: String,
    until: String,
    minutes: i64,
    qr: Option<String>,
}

impl TerminalMadePage {
    /// With the picture of the link, for a terminal that has a camera.
    pub fn new(frame: Frame, made: &NewTerminal, site: &str) -> Self {
        let link = format!("{site}{}", path::terminal(&made.token));
        Self {
            frame: frame.of("端末で開いてください", Here::Wall, &[]).with_sheets(&["account.css"]),
            name: made.name.clone(),
            qr: qr::svg(&link, "端末で開くリンク"),
            link,
            until: words::clock(made.until),
            minutes: LINK.num_minutes(),
        }
    }
}

/// What the terminal itself shows before it begins.
#[derive(Template)]
#[template(path = "terminal_open.html")]
pub struct TerminalOpenPage {
    frame: Frame,
    action: String,
    name: String,
    organisation: String,
}

impl TerminalOpenPage {
    /// Of whom, and what it will be called.
    pub fn new(frame: Frame, token: &str, (name, organisation): (String, String)) -> Self {
        Self { frame: frame.of("表示端末を始める", Here::Wall, &[]), action: path::terminal(token), name, organisation }
    }
}
