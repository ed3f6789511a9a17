//! Boards as bytes that are ready: made once when a report changes them, the page's also each minute because ages are words. What is
//! personal stays outside of the shared bytes.

use crate::{
    api::board_json,
    extract::Tags,
    pack::{Piece, gzip},
    view::{BoardBody, Region, board_body},
};
use akidoko_domain::{
    board::{Column, Filter, Row, Totals},
    drive::Drives,
    id::PrefCode,
};
use akidoko_service::live::Board;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

/// The board as one kind of organisation sees it.
type Key = (PrefCode, Arc<BTreeSet<Column>>);

/// Bytes with their name.
#[derive(Clone)]
pub struct Made {
    /// As they are.
    pub bytes: Bytes,
    /// Compressed.
    pub gzip: Bytes,
    /// Change when they do.
    pub tags: Tags,
}

#[derive(Default)]
struct Slot {
    json: Option<(i64, Arc<Made>)>,
    /// The body of the page, which all share who see alike, to be put between a personal head and tail.
    page: Option<(i64, i64, Arc<Piece>)>,
}

/// What is ready.
#[derive(Clone, Default)]
pub struct Ready {
    slots: Arc<Mutex<HashMap<Key, Arc<Mutex<Slot>>>>>,
}

/// Bytes that stay: without the room in which they were made.
fn kept(bytes: impl Into<Vec<u8>>) -> Bytes {
    bytes.into().into_boxed_slice().into()
}

/// Rows without what this kind of organisation does not see.
pub fn visible(board: &Board, hidden: &Arc<BTreeSet<Column>>) -> Vec<Arc<Row>> {
    let rows = board.rows.values();
    if hidden.is_empty() {
        return rows.cloned().collect();
    }
    rows.map(|row| Arc::new(row.without(hidden))).collect()
}

/// The rows that a filter shows, in its order; `drives` are those from its place.
pub fn shown<'a>(rows: &'a [Arc<Row>], filter: &Filter, drives: &Drives, now: DateTime<Utc>) -> Vec<&'a Row> {
    let mut shown: Vec<&Row> = rows.iter().map(AsRef::as_ref).filter(|r| filter.shows(r, now)).collect();
    filter.sort(&mut shown, drives);
    shown
}

/// What a body says beside its rows.
pub struct Around<'a> {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// What the place is called from where distances are.
    pub start: Option<&'a str>,
    /// The drives from there; `None` where no routing service is asked.
    pub drives: Option<&'a Drives>,
    /// Whose view it is, in words, where it is not the reader's own.
    pub preview: Option<&'a str>,
}

/// The body of the page.
pub fn body(board: &Board, rows: &[Arc<Row>], filter: &Filter, around: &Around<'_>) -> String {
    let Around { now, start, drives, preview } = *around;
    let regions = |map: BTreeMap<String, String>| map.into_iter().map(|(code, name)| Region { code, name }).collect::<Vec<_>>();
    let (areas, municipalities) = (regions(board.areas()), regions(board.municipalities()));
    let starts = regions(board.starts().into_iter().map(|(code, name, _)| (code, name)).collect());
    board_body(&BoardBody {
        prefecture: board.prefecture,
        name: &board.name,
        rows: &shown(rows, filter, drives.unwrap_or(&Drives::new()), now),
        totals: Totals::of(rows.iter().map(AsRef::as_ref), now),
        areas: &areas,
        municipalities: &municipalities,
        starts: &starts,
        filter,
        now,
        cursor: board.event_id,
        other_system: board.other_system.as_ref(),
        phases: board.phases.as_ref(),
        start,
        drives,
        preview,
    })
}

impl Ready {
    fn slot(&self, board: &Board, hidden: &Arc<BTreeSet<Column>>) -> Arc<Mutex<Slot>> {
        let key = (board.prefecture, hidden.clone());
        match self.slots.lock() {
            Ok(mut slots) => slots.entry(key).or_default().clone(),
            // Somebody panicked while holding it: serve without keeping.
            Err(_) => Arc::default(),
        }
    }

    /// The whole board as JSON.
    pub fn json(&self, board: &Board, hidden: &Arc<BTreeSet<Column>>, now: DateTime<Utc>) -> Arc<Made> {
        let slot = self.slot(board, hidden);
        let Ok(mut slot) = slot.lock() else { return Arc::new(make_json(board, hidden, now)) };
        match &slot.json {
            Some((event, made)) if *event == board.event_id => made.clone(),
            _ => {
                let made = Arc::new(make_json(board, hidden, now));
                slot.json = Some((board.event_id, made.clone()));
                made
            }
        }
    }

    /// The body of the whole board's page, the newest first, and its tag.
    pub fn page(&self, board: &Board, hidden: &Arc<BTreeSet<Column>>, now: DateTime<Utc>) -> (Arc<Piece>, String) {
        let minute = now.timestamp() / 60;
        let tag = format!("{}-{minute}", board.event_id);
        let around = Around { now, start: None, drives: None, preview: None };
        let make = || Arc::new(Piece::new(kept(body(board, &visible(board, hidden), &Filter::default(), &around))));
        let slot = self.slot(board, hidden);
        let Ok(mut slot) = slot.lock() else { return (make(), tag) };
        match &slot.page {
            Some((event, at, body)) if (*event, *at) == (board.event_id, minute) => (body.clone(), tag),
            _ => {
                let body = make();
                slot.page = Some((board.event_id, minute, body.clone()));
                (body, tag)
            }
        }
    }
}

fn make_json(board: &Board, hidden: &Arc<BTreeSet<Column>>, now: DateTime<Utc>) -> Made {
    let rows = visible(board, hidden);
    let bytes = kept(board_json(board, &shown(&rows, &Filter::default(), &Drives::new(), now)));
    let gzip = gzip(&bytes);
    Made { bytes, gzip, tags: Tags::of(&format!("{}-{}", board.prefecture, board.event_id)) }
}
