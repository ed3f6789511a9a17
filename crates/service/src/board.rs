//! Looking at the board: who may see which, the log of reads, exports.

use crate::{
    Service, StoreError,
    live::{Board, Change, RowChange},
    readers::{OpenScreen, Readers},
};
use akidoko_domain::{
    access::{Action, Actor, Read},
    audit::{Category, Entry},
    board::{Column, Row},
    event::{Event, EventKind},
    id::{HospitalId, OrganisationCode, PrefCode, SessionId},
    time::SharedClock,
};
use akidoko_store::{HospitalDetail, Writer};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::broadcast;

/// Why there is no board to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// This kind of organisation does not look at boards.
    #[error("not for this kind of organisation")]
    Forbidden,
    /// The ministry has to say which.
    #[error("a prefecture is to be chosen")]
    Choose,
    /// There is none, or it lies behind the wall: nobody learns which.
    #[error("no such board")]
    NotFound,
}

/// What a screen missed while it was away.
#[derive(Debug)]
pub enum Missed {
    /// Rows that changed, in the order of events, each as it stands on the board.
    Rows(Vec<RowChange>),
    /// So much, or it cannot be told any more: the board is to be read anew.
    Anew,
}

/// From so many missed events on the board is to be read anew.
const REPLAY: u32 = 1000;

impl Service {
    /// The prefecture whose board the actor looks at: the own one, or for the ministry the one asked for.
    pub fn board_of(&self, actor: &Actor, asked: Option<PrefCode>) -> Result<PrefCode, BoardError> {
        if !actor.may(Action::ReadBoard) {
            return Err(BoardError::Forbidden);
        }
        match (actor.scope.read, asked) {
            (Read::Prefecture(own), None) => Ok(own),
            (_, Some(p)) if actor.scope.sees(p) => Ok(p),
            (Read::Prefecture(_), Some(_)) => Err(BoardError::NotFound),
            (Read::Nation, _) => Err(BoardError::Choose),
        }
    }

    /// The board of a prefecture, if the actor may see it.
    pub fn board(&self, actor: &Actor, asked: Option<PrefCode>) -> Result<Arc<Board>, BoardError> {
        self.live.board(self.board_of(actor, asked)?).ok_or(BoardError::NotFound)
    }

    /// The changes of that board from now on.
    pub fn board_changes(&self, actor: &Actor, asked: Option<PrefCode>) -> Result<broadcast::Receiver<Change>, BoardError> {
        self.live.subscribe(self.board_of(actor, asked)?).ok_or(BoardError::NotFound)
    }

    /// What a screen that comes back behind `after` missed, up to a board that the actor was given. It listens already, so what is newer than
    /// this board comes to it as a change: told from this board, that would be the row as it was before under the number of its change.
    pub async fn missed(&self, actor: &Actor, board: &Board, after: i64) -> Result<Missed, StoreError> {
        if after >= board.event_id {
            // Ahead of this board is whoever comes from a node that was quicker: it has what this one will tell, and goes on behind it. Ahead
            // of the database is only a screen that saw what a restore took back: its place means nothing, and nothing would come behind it.
            let lost = after > board.event_id && after > self.store.last_event_unscoped().await?;
            return Ok(if lost { Missed::Anew } else { Missed::Rows(Vec::new()) });
        }
        let events = self.store.read(&actor.scope).await?.board_events(board.prefecture, after, board.event_id, REPLAY).await?;
        if events.len() >= REPLAY as usize || events.iter().any(|e| e.kind == EventKind::Board) {
            return Ok(Missed::Anew);
        }
        let row = |event: Event| match event.kind {
            EventKind::Hospital(id) => Some(RowChange::new(event.id, board.rows.get(&id)?.clone())),
            _ => None,
        };
        Ok(Missed::Rows(events.into_iter().filter_map(row).collect()))
    }

    /// What the surveys and the actor's prefecture do not share with this kind of organisation: as it stands now, so that an open screen
    /// asks again with each change.
    pub fn hidden_columns(&self, actor: &Actor) -> Arc<BTreeSet<Column>> {
        self.surveys.standing().hidden_from(actor.kind, actor.prefecture)
    }

    /// A hospital with its codes, if the actor may see it.
    pub async fn hospital(&self, actor: &Actor, code: &OrganisationCode) -> Result<Option<(HospitalDetail, Arc<Row>)>, StoreError> {
        let Some(detail) = self.store.read(&actor.scope).await?.hospital(code).await? else { return Ok(None) };
        let row = self.live.board(detail.hospital.prefecture).and_then(|b| b.rows.get(&detail.hospital.id).cloned());
        // A hospital so new that the projector has not seen it yet: as good as not there for this second.
        Ok(row.map(|row| (detail, row)))
    }

    /// The rows of some hospitals of one's own, by reading.
    pub fn rows_of(&self, hospitals: &BTreeSet<HospitalId>) -> Vec<Arc<Row>> {
        let reference = self.live.reference();
        let boards = reference.prefectures.keys().filter_map(|p| self.live.board(*p));
        let mut rows: Vec<Arc<Row>> =
            boards.flat_map(|b| hospitals.iter().filter_map(|h| b.rows.get(h).cloned()).collect::<Vec<_>>()).collect();
        rows.sort_by(|a, b| (&a.card.kana, &a.card.code).cmp(&(&b.card.kana, &b.card.code)));
        rows
    }

    /// The row of a hospital that was read behind the wall.
    pub fn row_of(&self, hospital: &HospitalDetail) -> Option<Arc<Row>> {
        self.live.board(hospital.hospital.prefecture)?.rows.get(&hospital.hospital.id).cloned()
    }

    /// The row of an organisation ID, if the actor may see it. The ID names its prefecture; what lies beyond the wall is not looked for.
    pub(crate) async fn row_behind_wall(&self, actor: &Actor, code: &OrganisationCode) -> Result<Option<Arc<Row>>, StoreError> {
        let Some(prefecture) = code.prefecture().filter(|p| actor.scope.sees(*p)) else { return Ok(None) };
        let look = || self.live.board(prefecture).and_then(|b| b.row(code).cloned());
        if let Some(row) = look() {
            return Ok(Some(row));
        }
        // A hospital that was made this second: the projector is on its way.
        if self.store.read(&actor.scope).await?.hospital(code).await?.is_none() {
            return Ok(None);
        }
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if let Some(row) = look() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Writes an export into the log, before it is handed out.
    pub async fn log_export(&self, actor: &Actor, what: &str, detail: serde_json::Value) -> Result<(), StoreError> {
        self.writer.log(vec![Entry::by(actor, self.clock.now(), Category::Export, what, detail)]).await
    }

    /// Notes that the board was looked at.
    pub fn note_read(&self, actor: &Actor, view: &'static str, prefecture: PrefCode) {
        self.reads.note(actor, view, prefecture);
        self.reads.readers.note(actor, prefecture, None);
    }

    /// Notes that a hospital's page was looked at.
    pub fn note_hospital_read(&self, actor: &Actor, prefecture: PrefCode, hospital: HospitalId) {
        self.reads.note(actor, "hospital", prefecture);
        self.reads.readers.note(actor, prefecture, Some(hospital));
    }

    /// Notes that a screen is open to which every change comes, as long as what is given back is held.
    pub fn open_screen(&self, actor: &Actor, view: &'static str, prefecture: PrefCode) -> OpenScreen {
        self.reads.note(actor, view, prefecture);
        self.reads.readers.open(actor, prefecture)
    }
}

/// Reads of the board, one entry per sign-in, view and five minutes with count, first and last（design.md rule 8）. The first read of a
/// window is in the log within a second, the rest when the window closes.
#[derive(Clone)]
pub(crate) struct Reads {
    waiting: Arc<Mutex<HashMap<ReadKey, Seen>>>,
    pub readers: Readers,
    writer: Writer,
    clock: SharedClock,
}

/// A sign-in, a view, a prefecture.
type ReadKey = (SessionId, &'static str, PrefCode);

struct Seen {
    entry: Entry,
    count: u64,
    written: u64,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

const WINDOW: TimeDelta = TimeDelta::minutes(5);

impl Reads {
    pub fn start(writer: Writer, clock: SharedClock) -> Self {
        let reads = Self { waiting: Arc::default(), readers: Readers::new(clock.clone()), writer, clock };
        let beat = reads.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                beat.write(false).await;
            }
        });
        reads
    }

    fn note(&self, actor: &Actor, view: &'static str, prefecture: PrefCode) {
        let now = self.clock.now();
        let Ok(mut waiting) = self.waiting.lock() else { return };
        let seen = waiting.entry((actor.session, view, prefecture)).or_insert_with(|| {
            let mut entry = Entry::by(actor, now, Category::BoardRead, view, json!(null));
            entry.prefecture = Some(prefecture);
            Seen { entry, count: 0, written: 0, first: now, last: now }
        });
        seen.count += 1;
        seen.last = now;
    }

    pub async fn flush(&self) {
        self.write(true).await;
    }

    async fn write(&self, all: bool) {
        let now = self.clock.now();
        let mut entries = Vec::new();
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.retain(|_, seen| {
                let closed = all || now - seen.first >= WINDOW;
                if seen.written == 0 || (closed && seen.count > seen.written) {
                    let mut entry = seen.entry.clone();
                    entry.detail = json!({ "count": seen.count - seen.written, "first": seen.first, "last": seen.last });
                    entries.push(entry);
                    seen.written = seen.count;
                }
                !closed
            });
        }
        let readers = self.readers.due(all);
        if (!entries.is_empty() || !readers.is_empty())
            && let Err(error) = self.writer.log_reads(entries, readers).await
        {
            tracing::error!(%error, "reads of the board were not written to the log");
        }
    }
}
