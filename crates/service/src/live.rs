//! The boards in memory: the projection of the newest reports, kept up to date by one task that follows the event table. A reader never
//! waits for the database.

use crate::{StoreError, account::Sessions, inbox::Inboxes, picture::Alerts, surveys::Surveys};
use akidoko_domain::{
    board::{Card, Column, OtherSystem, Row},
    event::{Event, EventKind},
    id::{AccountId, HospitalId, OrganisationCode, OrganisationId, PrefCode, SessionId},
    picture::Phases,
    place::Point,
    report::Cells,
    text,
};
use akidoko_store::{Reference, Store, StoredHospital, StoredRecord, Told};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::broadcast;

/// The board of a prefecture at one moment. It never changes; the next one takes its place.
#[derive(Debug)]
pub struct Board {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// Rows by hospital.
    pub rows: BTreeMap<HospitalId, Arc<Row>>,
    /// Hospitals by organisation ID.
    codes: Arc<HashMap<OrganisationCode, HospitalId>>,
    /// The last event in it.
    pub event_id: i64,
    /// By which other system the prefecture reports too.
    pub other_system: Option<OtherSystem>,
    /// Its phases, and which holds.
    pub phases: Option<Phases>,
}

impl Board {
    /// A board of some rows, for a screen that is looked at alone.
    pub fn sample(prefecture: PrefCode, name: &str, rows: impl IntoIterator<Item = Arc<Row>>) -> Self {
        let rows: BTreeMap<HospitalId, Arc<Row>> = rows.into_iter().map(|r| (r.card.id, r)).collect();
        Self { prefecture, name: name.to_owned(), codes: codes_of(&rows), rows, event_id: 0, other_system: None, phases: None }
    }

    /// The row of an organisation ID.
    pub fn row(&self, code: &OrganisationCode) -> Option<&Arc<Row>> {
        self.rows.get(self.codes.get(code)?)
    }

    /// The medical areas on this board, code and name.
    pub fn areas(&self) -> BTreeMap<String, String> {
        let named = self.rows.values().filter_map(|r| Some((r.card.area_code.clone()?, r.card.area.clone()?)));
        named.collect()
    }

    /// From where distances can be measured without a position: of each municipality on this board its code, its name, and the middle of
    /// its hospitals.
    pub fn starts(&self) -> Vec<(String, String, Point)> {
        let mut places: BTreeMap<(&str, &str), Vec<Point>> = BTreeMap::new();
        for card in self.rows.values().map(|r| &r.card) {
            if let (Some(code), Some(name), Some(place)) = (&card.municipality_code, &card.municipality, card.place()) {
                places.entry((code, name)).or_default().push(place);
            }
        }
        let middle = |((code, name), places): ((&str, &str), Vec<Point>)| Some((code.to_owned(), name.to_owned(), Point::middle(places)?));
        places.into_iter().filter_map(middle).collect()
    }

    /// The municipalities on this board, code and name.
    pub fn municipalities(&self) -> BTreeMap<String, String> {
        let named = self.rows.values().filter_map(|r| Some((r.card.municipality_code.clone()?, r.card.municipality.clone()?)));
        named.collect()
    }
}

/// A row that changed. What it looks like on the wire is made once, by whoever needs it first.
#[derive(Debug)]
pub struct RowChange {
    /// The event.
    pub event_id: i64,
    /// The row as it is now.
    pub row: Arc<Row>,
    made: Mutex<Vec<(Reader, Arc<str>)>>,
}

/// For whom a message is: open pages or programs, and what is kept from them.
type Reader = (bool, Arc<BTreeSet<Column>>);

impl RowChange {
    /// A row that changed.
    pub fn new(event_id: i64, row: Arc<Row>) -> Self {
        Self { event_id, row, made: Mutex::default() }
    }

    /// The message for open pages, or for programs, from whom these columns are kept: made by the first of all who see alike, with `make`.
    pub fn message(&self, for_page: bool, withheld: &Arc<BTreeSet<Column>>, make: impl FnOnce(&Row) -> String) -> Arc<str> {
        // A lock that is poisoned still holds whole messages.
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, message)) = made.iter().find(|((page, columns), _)| *page == for_page && columns == withheld) {
            return message.clone();
        }
        let text = if withheld.is_empty() { make(&self.row) } else { make(&self.row.without(withheld)) };
        let message: Arc<str> = text.into();
        made.push(((for_page, withheld.clone()), message.clone()));
        message
    }
}

/// What an open screen learns.
#[derive(Debug, Clone)]
pub enum Change {
    /// A row changed.
    Row(Arc<RowChange>),
    /// Who has not reported, or the picture, is to be looked at anew; the board is as it was.
    Completeness,
    /// So much changed that the board is to be read anew.
    Reset {
        /// The event.
        event_id: i64,
    },
}

/// Whose streams close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A sign-in.
    Session(SessionId),
    /// An operator.
    Account(AccountId),
    /// An organisation.
    Organisation(OrganisationId),
}

struct Inner {
    boards: RwLock<HashMap<PrefCode, Arc<Board>>>,
    changes: RwLock<HashMap<PrefCode, broadcast::Sender<Change>>>,
    ended: broadcast::Sender<Ended>,
    reference: RwLock<Arc<Reference>>,
    shown: AtomicI64,
    inboxes: Inboxes,
    alerts: Alerts,
}

/// The boards of this node.
#[derive(Clone)]
pub struct Live {
    inner: Arc<Inner>,
}

struct Projector {
    store: Store,
    surveys: Surveys,
    sessions: Sessions,
    live: Live,
    cursor: i64,
}

/// An event of a hospital, with the record that it left where that is at hand.
struct Touch<'a> {
    event_id: i64,
    hospital: HospitalId,
    record: Option<&'a (String, Arc<Cells>)>,
}

impl Live {
    /// Loads every board and follows the events from there.
    pub(crate) async fn start(store: Store, surveys: Surveys, sessions: Sessions) -> Result<Self, StoreError> {
        let inner = Inner {
            boards: RwLock::default(),
            changes: RwLock::default(),
            ended: broadcast::channel(256).0,
            reference: RwLock::new(Arc::new(store.reference().await?)),
            shown: AtomicI64::new(0),
            inboxes: Inboxes::default(),
            alerts: Alerts::load(&store).await?,
        };
        let live = Self { inner: Arc::new(inner) };
        // The cursor first: what is committed while the boards load is seen again, never missed.
        let cursor = store.last_event_unscoped().await?;
        let mut projector = Projector { store, surveys, sessions, live: live.clone(), cursor };
        let prefectures: Vec<PrefCode> = live.reference().prefectures.keys().copied().collect();
        for prefecture in prefectures {
            projector.load(prefecture, cursor).await?;
        }
        live.inner.shown.store(cursor, Ordering::Release);
        tokio::spawn(async move { projector.follow().await });
        Ok(live)
    }

    /// The board of a prefecture. Whoever asks has passed the wall.
    pub(crate) fn board(&self, prefecture: PrefCode) -> Option<Arc<Board>> {
        self.inner.boards.read().ok()?.get(&prefecture).cloned()
    }

    /// The changes of a prefecture's board from now on. Whoever asks has passed the wall.
    pub(crate) fn subscribe(&self, prefecture: PrefCode) -> Option<broadcast::Receiver<Change>> {
        if let Some(sender) = self.inner.changes.read().ok()?.get(&prefecture) {
            return Some(sender.subscribe());
        }
        let mut changes = self.inner.changes.write().ok()?;
        Some(changes.entry(prefecture).or_insert_with(|| broadcast::channel(2048).0).subscribe())
    }

    /// The last event that the boards of this node show.
    pub fn shown(&self) -> i64 {
        self.inner.shown.load(Ordering::Acquire)
    }

    /// The ends of sign-ins from now on.
    pub fn ended(&self) -> broadcast::Receiver<Ended> {
        self.inner.ended.subscribe()
    }

    /// What organisations have received.
    pub fn inboxes(&self) -> &Inboxes {
        &self.inner.inboxes
    }

    /// Alerts that stand.
    pub fn alerts(&self) -> &Alerts {
        &self.inner.alerts
    }

    /// Reference data.
    pub fn reference(&self) -> Arc<Reference> {
        self.inner.reference.read().map(|r| r.clone()).unwrap_or_default()
    }

    fn put(&self, board: Arc<Board>) {
        if let Ok(mut boards) = self.inner.boards.write() {
            boards.insert(board.prefecture, board);
        }
    }

    fn tell(&self, prefecture: PrefCode, change: Change) {
        if let Ok(changes) = self.inner.changes.read()
            && let Some(sender) = changes.get(&prefecture)
        {
            // Nobody listening is fine.
            let _ = sender.send(change);
        }
    }
}

impl Projector {
    async fn follow(&mut self) {
        let mut wakes = self.store.wakes();
        loop {
            match self.step().await {
                // A full page: there is more.
                Ok(true) => {}
                Ok(false) => wakes.next(self.cursor).await,
                Err(error) => {
                    tracing::error!(%error, cursor = self.cursor, "the boards could not be brought up to date; trying again");
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<bool, StoreError> {
        const PAGE: u32 = 1000;
        let events = self.store.told_after_unscoped(self.cursor, PAGE).await?;
        let Some(last) = events.last().map(|t| t.event.id) else { return Ok(false) };
        let full = events.len() == PAGE as usize;
        self.take(events).await?;
        self.cursor = last;
        self.live.inner.shown.store(last, Ordering::Release);
        Ok(full)
    }

    async fn take(&mut self, told: Vec<Told>) -> Result<(), StoreError> {
        let events: Vec<&Event> = told.iter().map(|t| &t.event).collect();
        // First, so that a database that is away for a moment is asked again before anything was told.
        self.live.inner.inboxes.follow(&self.store, &events).await?;
        self.live.inner.alerts.follow(&self.store, &events).await?;
        let columns_moved = events.iter().any(|e| e.kind == EventKind::SurveysChanged) && self.surveys.reload(&self.store).await?;
        let anew: BTreeSet<PrefCode> = events.iter().filter(|e| e.kind == EventKind::Board).filter_map(|e| e.prefecture).collect();
        if !anew.is_empty() {
            let fresh = Arc::new(self.store.reference().await?);
            if let Ok(mut reference) = self.live.inner.reference.write() {
                *reference = fresh;
            }
        }
        if columns_moved {
            // A survey that fills other columns: every board is projected anew.
            let known = self.live.inner.boards.read().map(|boards| boards.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
            let last = events.last().map_or(self.cursor, |e| e.id);
            for prefecture in known.into_iter().filter(|p| !anew.contains(p)).collect::<Vec<_>>() {
                self.load(prefecture, last).await?;
                self.live.tell(prefecture, Change::Reset { event_id: last });
            }
        }
        for prefecture in &anew {
            let event_id = events.iter().filter(|e| e.prefecture == Some(*prefecture)).map(|e| e.id).max().unwrap_or(self.cursor);
            self.load(*prefecture, event_id).await?;
            // Whoever listens still learns of each hospital that reported beside it, in the order of events.
            let Some(board) = self.live.board(*prefecture) else { continue };
            for event in events.iter().filter(|e| e.prefecture == Some(*prefecture)) {
                match &event.kind {
                    EventKind::Board => self.live.tell(*prefecture, Change::Reset { event_id: event.id }),
                    EventKind::Hospital(id) => self.tell_row(*prefecture, event.id, board.rows.get(id)),
                    _ => {}
                }
            }
        }
        let mut touched: BTreeMap<PrefCode, Vec<Touch>> = BTreeMap::new();
        for Told { event, record } in &told {
            match (&event.kind, event.prefecture) {
                (EventKind::Hospital(id), Some(p)) if !anew.contains(&p) => {
                    touched.entry(p).or_default().push(Touch { event_id: event.id, hospital: *id, record: record.as_ref() });
                }
                (EventKind::Completeness | EventKind::Picture, Some(p)) => self.live.tell(p, Change::Completeness),
                (
                    EventKind::Completeness
                    | EventKind::Picture
                    | EventKind::SurveysChanged
                    | EventKind::Hospital(_)
                    | EventKind::Board
                    | EventKind::Announced
                    | EventKind::AnnouncementRead(_),
                    _,
                ) => {}
                (EventKind::SessionEnded(id), _) => {
                    self.sessions.forget_session(*id);
                    let _ = self.live.inner.ended.send(Ended::Session(*id));
                }
                (EventKind::AccountChanged(id), _) => {
                    self.sessions.forget_account(*id);
                    let _ = self.live.inner.ended.send(Ended::Account(*id));
                }
                (EventKind::OrganisationChanged(id), _) => {
                    self.sessions.forget_organisation(*id);
                    let _ = self.live.inner.ended.send(Ended::Organisation(*id));
                }
            }
        }
        for (prefecture, changes) in touched {
            self.change(prefecture, &changes).await?;
        }
        Ok(())
    }

    /// A report touches one row. Where this process wrote it, its record lies ready; else the records of the touched hospitals are read.
    async fn change(&mut self, prefecture: PrefCode, touches: &[Touch<'_>]) -> Result<(), StoreError> {
        let catalogue = self.surveys.catalogue();
        let event_id = touches.iter().map(|t| t.event_id).max().unwrap_or(self.cursor);
        let Some(board) = self.live.board(prefecture) else {
            self.load(prefecture, event_id).await?;
            self.live.tell(prefecture, Change::Reset { event_id });
            return Ok(());
        };
        let mut made: BTreeMap<HospitalId, Arc<Row>> = BTreeMap::new();
        let mut unread: BTreeSet<HospitalId> = BTreeSet::new();
        for touch in touches {
            let row = made.get(&touch.hospital).or_else(|| board.rows.get(&touch.hospital));
            if let (Some(row), Some((survey, cells))) = (row, touch.record) {
                let row = Row::clone(row).with(survey, cells, &catalogue);
                made.insert(touch.hospital, Arc::new(row));
            } else {
                unread.insert(touch.hospital);
            }
        }
        let unread: Vec<HospitalId> = unread.into_iter().collect();
        let mut records = by_hospital(self.store.records_unscoped(&unread).await?);
        let missing: Vec<HospitalId> = unread.iter().copied().filter(|id| !board.rows.contains_key(id)).collect();
        let reference = self.live.reference();
        let mut cards: HashMap<HospitalId, Arc<Card>> = HashMap::new();
        for hospital in self.store.hospitals_unscoped(&missing).await? {
            cards.insert(hospital.id, Arc::new(card_of(&hospital, &reference)));
        }
        for id in &unread {
            let Some(card) = board.rows.get(id).map(|r| r.card.clone()).or_else(|| cards.remove(id)) else { continue };
            made.insert(*id, Arc::new(self.project(card, &records.remove(id).unwrap_or_default())));
        }
        let mut rows = board.rows.clone();
        rows.extend(made.iter().map(|(id, row)| (*id, row.clone())));
        let codes = if missing.is_empty() { board.codes.clone() } else { codes_of(&rows) };
        let (name, other_system, phases) = (board.name.clone(), board.other_system.clone(), board.phases.clone());
        self.live.put(Arc::new(Board { prefecture, name, rows, codes, event_id, other_system, phases }));
        for touch in touches {
            self.tell_row(prefecture, touch.event_id, made.get(&touch.hospital));
        }
        Ok(())
    }

    fn tell_row(&self, prefecture: PrefCode, event_id: i64, row: Option<&Arc<Row>>) {
        if let Some(row) = row {
            let change = RowChange::new(event_id, row.clone());
            self.live.tell(prefecture, Change::Row(Arc::new(change)));
        }
    }

    async fn load(&mut self, prefecture: PrefCode, event_id: i64) -> Result<(), StoreError> {
        let reference = self.live.reference();
        let hospitals = self.store.hospitals_in_unscoped(prefecture).await?;
        let mut records = by_hospital(self.store.records_in_unscoped(prefecture).await?);
        let rows: BTreeMap<HospitalId, Arc<Row>> = hospitals
            .iter()
            .map(|h| (h.id, Arc::new(self.project(Arc::new(card_of(h, &reference)), &records.remove(&h.id).unwrap_or_default()))))
            .collect();
        let name = reference.prefectures.get(&prefecture).cloned().unwrap_or_default();
        let codes = codes_of(&rows);
        let standing = self.surveys.standing();
        let other_system = standing.other_systems.get(&prefecture).cloned();
        let phases = standing.phases.get(&prefecture).cloned();
        self.live.put(Arc::new(Board { prefecture, name, rows, codes, event_id, other_system, phases }));
        Ok(())
    }

    fn project(&self, card: Arc<Card>, records: &[(String, Cells)]) -> Row {
        Row::project(card, records.iter().map(|(survey, cells)| (survey.as_str(), cells)), &self.surveys.catalogue())
    }
}

fn codes_of(rows: &BTreeMap<HospitalId, Arc<Row>>) -> Arc<HashMap<OrganisationCode, HospitalId>> {
    Arc::new(rows.iter().map(|(id, row)| (row.card.code.clone(), *id)).collect())
}

fn by_hospital(records: Vec<StoredRecord>) -> HashMap<HospitalId, Vec<(String, Cells)>> {
    let mut map: HashMap<HospitalId, Vec<(String, Cells)>> = HashMap::new();
    for r in records {
        map.entry(r.hospital).or_default().push((r.survey, r.cells));
    }
    map
}

/// A hospital's card: what the registers say, with municipality and medical area from the reference data.
pub fn card_of(hospital: &StoredHospital, reference: &Reference) -> Card {
    let a = &hospital.attributes;
    let known = a.municipality_code.as_ref().and_then(|code| reference.municipalities.get(code));
    let municipality = known.map(|m| m.full_name.clone()).or_else(|| a.municipality_name.clone());
    let area_code = known.and_then(|m| m.area.clone());
    let area = area_code.as_ref().and_then(|code| reference.areas.get(code)).map(|(_, name)| name.clone());
    let name = a.name.clone().unwrap_or_else(|| hospital.code.to_string());
    let kana = a.name_kana.clone().unwrap_or_default();
    let municipality_kana = known.map(|m| m.kana.as_str()).unwrap_or_default();
    let words =
        [name.as_str(), &kana, a.short_name.as_deref().unwrap_or_default(), municipality.as_deref().unwrap_or_default(), municipality_kana];
    Card {
        id: hospital.id,
        code: hospital.code.clone(),
        prefecture: hospital.prefecture,
        search: text::fold_search(&words.join(" ")),
        name,
        kana,
        municipality_code: a.municipality_code.clone(),
        municipality,
        area_code,
        area,
        address: a.address.clone(),
        phone: a.phone.clone(),
        latitude: a.latitude,
        longitude: a.longitude,
        emergency_level: a.emergency_level,
        beds_total: a.beds_total,
    }
}
