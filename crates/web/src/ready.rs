//! Boards as bytes that are ready: made once when a report changes them, the page's also each minute because ages are words. What is
//! personal stays outside of the shared bytes.

use crate::{
    api::board_json,
    extract::Tags,
    view::{BoardBody, Region, board_body},
};
use akidoko_domain::{
    board::{Column, Filter, Row, Totals},
    id::PrefCode,
};
use akidoko_service::live::Board;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Write as _,
    sync::{Arc, Mutex},
};

/// The board as one kind of organisation sees it.
type Key = (PrefCode, BTreeSet<Column>);

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
    page: Option<(i64, i64, Bytes)>,
    /// Whole pages, compressed, by the personal head that they carry.
    pages: HashMap<[u8; 16], Bytes>,
}

/// What is ready.
#[derive(Clone, Default)]
pub struct Ready {
    slots: Arc<Mutex<HashMap<Key, Arc<Mutex<Slot>>>>>,
}

/// Compresses quickly: it is done again with the next report.
pub fn gzip(parts: &[&[u8]]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        // Writing to memory cannot fail.
        let _ = encoder.write_all(part);
    }
    kept(encoder.finish().unwrap_or_default())
}

/// Bytes that stay: without the room in which they were made.
fn kept(bytes: impl Into<Vec<u8>>) -> Bytes {
    bytes.into().into_boxed_slice().into()
}

/// Rows without what this kind of organisation does not see.
pub fn visible(board: &Board, hidden: &BTreeSet<Column>) -> Vec<Arc<Row>> {
    let rows = board.rows.values();
    if hidden.is_empty() {
        return rows.cloned().collect();
    }
    rows.map(|row| Arc::new(without(row, hidden))).collect()
}

/// A row without some columns.
pub fn without(row: &Row, hidden: &BTreeSet<Column>) -> Row {
    let cells: BTreeMap<_, _> = row.cells.iter().filter(|(c, _)| !hidden.contains(c)).map(|(c, cell)| (*c, cell.clone())).collect();
    let as_of = cells.values().filter(|c| c.value.is_some()).map(|c| c.as_of).max();
    Row { card: row.card.clone(), cells, as_of }
}

/// The rows that a filter shows, in its order.
pub fn shown<'a>(rows: &'a [Arc<Row>], filter: &Filter, now: DateTime<Utc>) -> Vec<&'a Row> {
    let mut shown: Vec<&Row> = rows.iter().map(AsRef::as_ref).filter(|r| filter.shows(r, now)).collect();
    filter.sort(&mut shown);
    shown
}

/// The body of the page.
pub fn body(board: &Board, rows: &[Arc<Row>], filter: &Filter, now: DateTime<Utc>) -> String {
    let regions = |map: BTreeMap<String, String>| map.into_iter().map(|(code, name)| Region { code, name }).collect::<Vec<_>>();
    let (areas, municipalities) = (regions(board.areas()), regions(board.municipalities()));
    board_body(&BoardBody {
        prefecture: board.prefecture,
        name: &board.name,
        rows: &shown(rows, filter, now),
        totals: Totals::of(rows.iter().map(AsRef::as_ref), now),
        areas: &areas,
        municipalities: &municipalities,
        filter,
        now,
        cursor: board.event_id,
    })
}

impl Ready {
    fn slot(&self, board: &Board, hidden: &BTreeSet<Column>) -> Arc<Mutex<Slot>> {
        let key = (board.prefecture, hidden.clone());
        match self.slots.lock() {
            Ok(mut slots) => slots.entry(key).or_default().clone(),
            // Somebody panicked while holding it: serve without keeping.
            Err(_) => Arc::default(),
        }
    }

    /// The whole board as JSON.
    pub fn json(&self, board: &Board, hidden: &BTreeSet<Column>, now: DateTime<Utc>) -> Arc<Made> {
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
    pub fn page(&self, board: &Board, hidden: &BTreeSet<Column>, now: DateTime<Utc>) -> (Bytes, String) {
        let minute = now.timestamp() / 60;
        let tag = format!("{}-{minute}", board.event_id);
        let make = || kept(body(board, &visible(board, hidden), &Filter::default(), now));
        let slot = self.slot(board, hidden);
        let Ok(mut slot) = slot.lock() else { return (make(), tag) };
        match &slot.page {
            Some((event, at, bytes)) if (*event, *at) == (board.event_id, minute) => (bytes.clone(), tag),
            _ => {
                let bytes = make();
                slot.page = Some((board.event_id, minute, bytes.clone()));
                slot.pages.clear();
                (bytes, tag)
            }
        }
    }

    /// A whole page, compressed: the same screen asks again and again.
    pub fn whole_page(&self, board: &Board, hidden: &BTreeSet<Column>, who: [u8; 16], parts: &[&[u8]]) -> Bytes {
        let slot = self.slot(board, hidden);
        let Ok(mut slot) = slot.lock() else { return gzip(parts) };
        if slot.pages.len() > 32 {
            slot.pages.clear();
        }
        slot.pages.entry(who).or_insert_with(|| gzip(parts)).clone()
    }
}

fn make_json(board: &Board, hidden: &BTreeSet<Column>, now: DateTime<Utc>) -> Made {
    let rows = visible(board, hidden);
    let bytes = kept(board_json(board, &shown(&rows, &Filter::default(), now)));
    let gzip = gzip(&[&bytes]);
    Made { bytes, gzip, tags: Tags::of(&format!("{}-{}", board.prefecture, board.event_id)) }
}
