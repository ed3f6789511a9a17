//! How IDs are used.

use super::{Frame, Here, operators::NoteLine, path};
use crate::words;
use akidoko_domain::id::PrefCode;
use akidoko_service::watch::UseOfIds;
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

struct Line {
    code: String,
    name: String,
    prefecture: String,
    last: String,
    suspended: String,
}

/// The page.
#[derive(Template)]
#[template(path = "ids.html")]
pub struct IdsPage {
    frame: Frame,
    back: (&'static str, &'static str),
    nation: bool,
    unused: Vec<Line>,
    notes: Vec<NoteLine>,
}

impl IdsPage {
    /// Of one prefecture, or of the nation.
    pub fn new(frame: Frame, uses: &UseOfIds, prefectures: &BTreeMap<PrefCode, String>, now: DateTime<Utc>) -> Self {
        let desk = frame.links().iter().any(|l| l.href == path::OFFICE);
        let line = |u: &akidoko_service::watch::UnusedId| Line {
            code: u.code.clone(),
            name: u.name.clone(),
            prefecture: u.prefecture.and_then(|p| prefectures.get(&p).cloned()).unwrap_or_default(),
            last: words::date(u.last_used_on),
            suspended: u.suspended_on.map_or_else(|| "今日、予告を送ります".to_owned(), |on| format!("{}に停止", words::date(on))),
        };
        let here = if desk { Here::Office } else { Here::Applications };
        Self {
            frame: frame.of("ID の利用状況", here, &[]).with_sheets(&["office.css", "account.css"]),
            back: if desk { (path::OFFICE, "作業一覧") } else { (path::APPLICATIONS, "ID 申請") },
            nation: desk,
            unused: uses.unused.iter().map(line).collect(),
            notes: uses.two_places.iter().map(|note| NoteLine::of(note, now)).collect(),
        }
    }
}
