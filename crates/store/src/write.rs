//! Writing: a transaction that ends by appending its events and its entries of the log, under the lock of `log_head`, so that the order
//! of ids is the order of commits, and a reader who has seen event 7 has seen all before it.

use crate::{
    audit::EntryRow,
    db::{Backend, Store},
    error::StoreError,
    event::Told,
    read::Rows,
};
use akidoko_domain::{
    audit::Entry,
    event::{Event, EventKind},
    id::{HospitalId, PrefCode},
    report::Cells,
    time::{cut, jst_day},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, IntoActiveModel, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::OwnedMutexGuard;

/// A transaction that writes.
pub struct WriteTx {
    store: Store,
    tx: DatabaseTransaction,
    /// Held until the transaction ended; see `Inner::gate`.
    _gate: Option<OwnedMutexGuard<()>>,
    now: DateTime<Utc>,
    head: Option<LogHead>,
    events: Vec<(Option<PrefCode>, EventKind)>,
    /// Records that this transaction leaves, with their survey.
    left: HashMap<HospitalId, (String, Arc<Cells>)>,
    entries: Vec<Entry>,
    /// Written with the end of the transaction, in one trip.
    waiting: Vec<Part>,
}

/// A statement that answers nothing. Its places are `?`; they are numbered when it is sent.
pub(crate) struct Part {
    sql: String,
    values: Vec<Value>,
}

impl Part {
    /// Rows of one table, in as many statements as the databases need.
    fn inserts(backend: Backend, table: &str, columns: &[(&str, Column)], rows: Vec<Vec<Value>>, end: &str) -> Vec<Self> {
        let text = |names: &str, values: &str| format!("INSERT INTO {table} ({names}) VALUES {values} {end}");
        Self::lists(backend, columns, rows, text)
    }

    /// A statement over a list of rows that it calls `given`, in as many statements as the databases need.
    fn given(backend: Backend, columns: &[(&str, Column)], rows: Vec<Vec<Value>>, statement: &str) -> Vec<Self> {
        let text = |names: &str, values: &str| format!("WITH given ({names}) AS (VALUES {values}) {statement}");
        Self::lists(backend, columns, rows, text)
    }

    fn lists(backend: Backend, columns: &[(&str, Column)], rows: Vec<Vec<Value>>, text: impl Fn(&str, &str) -> String) -> Vec<Self> {
        let places = columns.iter().map(|(_, kind)| match (backend, kind) {
            (Backend::Postgres, Column::Json) => "CAST(? AS jsonb)",
            _ => "?",
        });
        let row = format!("({})", places.collect::<Vec<_>>().join(", "));
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::with_capacity(rows.len() / ROWS + 1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<Vec<Value>> = rows.by_ref().take(ROWS).collect();
            let sql = text(&names, &vec![row.as_str(); some.len()].join(", "));
            parts.push(Self { sql, values: some.into_iter().flatten().collect() });
        }
        parts
    }
}

/// What a column of [`Part::inserts`] holds.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    /// JSON that is text already: parsing it into a tree, only to write it out again, is half the cost of a report.
    Json,
    /// Anything else.
    Plain,
}

/// As many rows at a time, and as many values, as both databases take.
const ROWS: usize = 400;
const VALUES: usize = 16_000;

/// What a commit left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The last event of the transaction, or the last before it.
    pub event_id: i64,
}

#[derive(Debug, Clone, FromQueryResult)]
struct LogHead {
    event_id: i64,
    audit_sequence: i64,
    audit_segment_on: Option<NaiveDate>,
    audit_segment_first: i64,
    audit_head: Vec<u8>,
}

const HEAD: &str = "event_id, audit_sequence, audit_segment_on, audit_segment_first, audit_head FROM log_head WHERE id = 1";

impl Store {
    /// Opens a transaction of the system role.
    pub async fn write_system(&self, now: DateTime<Utc>) -> Result<WriteTx, StoreError> {
        self.begin(true, now).await
    }

    /// Opens a transaction behind the wall of these prefectures, under the lock of the log.
    pub async fn write_behind_wall(&self, prefectures: &BTreeSet<PrefCode>, now: DateTime<Utc>) -> Result<WriteTx, StoreError> {
        let mut write = self.begin(false, now).await?;
        match self.inner.backend {
            Backend::Sqlite => write.lock().await?,
            // Wall and lock in one trip.
            Backend::Postgres => {
                let wall = prefectures.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                let sql = format!("SELECT set_config('akidoko.prefectures', $1, true), {HEAD} FOR UPDATE");
                write.take_lock(&sql, vec![format!(",{wall},").into()]).await?;
            }
        }
        Ok(write)
    }

    async fn begin(&self, system: bool, now: DateTime<Utc>) -> Result<WriteTx, StoreError> {
        let connection = if system { &self.inner.system_writer } else { &self.inner.app_writer };
        let (gate, tx) = match self.inner.backend {
            Backend::Sqlite => {
                let gate = self.inner.gate.clone().lock_owned().await;
                let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
                (Some(gate), connection.begin_with_options(options).await?)
            }
            Backend::Postgres => {
                // A connection that died while nobody used it is found here, and the next one is new.
                let tx = match connection.begin().await {
                    Ok(tx) => tx,
                    Err(_) => connection.begin().await?,
                };
                (None, tx)
            }
        };
        Ok(WriteTx {
            store: self.clone(),
            tx,
            _gate: gate,
            now: cut(now),
            head: None,
            events: Vec::new(),
            left: HashMap::new(),
            entries: Vec::new(),
            waiting: Vec::new(),
        })
    }
}

impl WriteTx {
    /// When this transaction takes place.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn rows(&self) -> Rows<'_, DatabaseTransaction> {
        Rows::new(&self.tx)
    }

    pub(crate) async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values);
        Ok(self.tx.execute_raw(statement).await?.rows_affected())
    }

    /// Inserts rows of one table, as many at a time as both databases take.
    pub(crate) async fn insert<M, A>(&self, models: Vec<M>) -> Result<(), StoreError>
    where
        M: IntoActiveModel<A> + sea_orm::ModelTrait,
        A: sea_orm::ActiveModelTrait<Entity = M::Entity>,
    {
        let mut models = models.into_iter().peekable();
        while models.peek().is_some() {
            let some: Vec<A> = models.by_ref().take(400).map(IntoActiveModel::into_active_model).collect();
            <M::Entity as EntityTrait>::insert_many(some).exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }

    /// Inserts rows now.
    pub(crate) async fn insert_rows(
        &self,
        table: &str,
        columns: &[(&str, Column)],
        rows: Vec<Vec<Value>>,
        end: &str,
    ) -> Result<(), StoreError> {
        for part in Part::inserts(self.store.inner.backend, table, columns, rows, end) {
            self.send(vec![part]).await?;
        }
        Ok(())
    }

    /// Runs a statement over a list of rows that it calls `given`.
    pub(crate) async fn execute_given(&self, columns: &[(&str, Column)], rows: Vec<Vec<Value>>, statement: &str) -> Result<(), StoreError> {
        for part in Part::given(self.store.inner.backend, columns, rows, statement) {
            self.send(vec![part]).await?;
        }
        Ok(())
    }

    /// Inserts rows with the end of the transaction. Nothing in it reads them before.
    pub(crate) fn insert_rows_at_commit(&mut self, table: &str, columns: &[(&str, Column)], rows: Vec<Vec<Value>>, end: &str) {
        self.waiting.extend(Part::inserts(self.store.inner.backend, table, columns, rows, end));
    }

    /// Sends statements that neither read nor touch each other's rows, in as few trips as can be: each trip of a batch of reports
    /// costs more than what it carries.
    async fn send(&self, parts: Vec<Part>) -> Result<(), StoreError> {
        let mut parts = parts.into_iter().peekable();
        while let Some(first) = parts.next() {
            let mut values = first.values;
            let mut texts = vec![first.sql];
            while let Some(next) = parts.next_if(|p| values.len() + p.values.len() <= VALUES) {
                texts.push(next.sql);
                values.extend(next.values);
            }
            let sql = match self.store.inner.backend {
                // One statement after the other, handed over together.
                Backend::Sqlite => texts.join("; "),
                // One statement that writes all of it.
                Backend::Postgres => {
                    let last = texts.pop().unwrap_or_default();
                    let with = texts.iter().enumerate().map(|(n, text)| format!("part{n} AS ({text})")).collect::<Vec<_>>().join(", ");
                    if with.is_empty() { last } else { format!("WITH {with} {last}") }
                }
            };
            self.execute(&numbered(&sql), values).await?;
        }
        Ok(())
    }

    /// Appends to the log when this commits.
    pub fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Tells open screens when this commits.
    pub fn event(&mut self, prefecture: Option<PrefCode>, kind: EventKind) {
        self.events.push((prefecture, kind));
    }

    /// What the hospital's event of this transaction brought: the projector of this process need not read it again. Only where all
    /// that the transaction changes of the hospital is this record.
    pub(crate) fn left(&mut self, hospital: HospitalId, survey: &str, cells: Arc<Cells>) {
        self.left.insert(hospital, (survey.to_owned(), cells));
    }

    /// The number that the last event will have, as far as events are known; under the lock.
    pub(crate) fn last_event(&self) -> i64 {
        self.head.as_ref().map_or(0, |h| h.event_id) + i64::try_from(self.events.len()).unwrap_or_default()
    }

    /// Takes the lock of the log now, so that what is read after it is what stands when this commits.
    pub async fn lock(&mut self) -> Result<(), StoreError> {
        if self.head.is_some() {
            return Ok(());
        }
        let sql = match self.store.inner.backend {
            Backend::Sqlite => format!("SELECT {HEAD}"), // BEGIN IMMEDIATE holds the only write lock already
            Backend::Postgres => format!("SELECT {HEAD} FOR UPDATE"),
        };
        self.take_lock(&sql, vec![]).await
    }

    async fn take_lock(&mut self, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
        let head = self.rows().one::<LogHead>(sql, values).await?;
        self.head = Some(head.ok_or_else(|| StoreError::corrupt("log_head is empty"))?);
        Ok(())
    }

    /// Appends events and entries, and commits. When this returns, all of it is durable.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        if self.events.is_empty() && self.entries.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            self.send(waiting).await?;
            let event_id = self.head.as_ref().map_or(0, |h| h.event_id);
            self.tx.commit().await?;
            return Ok(Committed { event_id });
        }
        self.lock().await?;
        let mut head = self.head.take().expect("locked above");
        let told = !self.events.is_empty();

        let events = std::mem::take(&mut self.events).into_iter().map(|(prefecture, kind)| {
            head.event_id += 1;
            let record = if let EventKind::Hospital(id) = &kind { self.left.get(id).cloned() } else { None };
            Told { event: Event { id: head.event_id, prefecture, kind, at: self.now }, record }
        });
        let events: Vec<Told> = events.collect();
        let row = |Told { event: e, .. }: &Told| {
            let prefecture = e.prefecture.map(|p| p.to_string());
            vec![e.id.into(), prefecture.into(), e.kind.as_str().into(), e.kind.subject().into(), e.at.into()]
        };
        let rows = events.iter().map(row).collect();
        self.insert_rows_at_commit("event", &EVENT, rows, "");
        self.append_entries(&mut head);

        let notify =
            if told && self.store.inner.backend == Backend::Postgres { "RETURNING pg_notify('akidoko', event_id::text)" } else { "" };
        self.waiting.push(Part {
            sql: format!(
                "UPDATE log_head SET event_id = ?, audit_sequence = ?, audit_segment_on = ?, audit_segment_first = ?, audit_head = ? \
                 WHERE id = 1 {notify}"
            ),
            values: vec![
                head.event_id.into(),
                head.audit_sequence.into(),
                head.audit_segment_on.into(),
                head.audit_segment_first.into(),
                head.audit_head.into(),
            ],
        });
        let waiting = std::mem::take(&mut self.waiting);
        self.send(waiting).await?;
        let Self { tx, store, _gate, .. } = self;
        tx.commit().await.map_err(|error| StoreError::Unsure(error.to_string()))?;
        if told {
            store.inner.told.add(events);
            store.inner.wake.notify_one();
        }
        Ok(Committed { event_id: head.event_id })
    }

    /// Chains the entries. The first one of a day closes the day before.
    fn append_entries(&mut self, head: &mut LogHead) {
        let mut rows = Vec::with_capacity(self.entries.len());
        let mut closed = Vec::new();
        // The day of an entry is that of its commit, so that days never interleave.
        let today = jst_day(self.now);
        for entry in std::mem::take(&mut self.entries) {
            match head.audit_segment_on {
                Some(day) if day < today => {
                    closed.push(vec![
                        day.into(),
                        head.audit_segment_first.into(),
                        head.audit_sequence.into(),
                        head.audit_head.clone().into(),
                        false.into(),
                    ]);
                    head.audit_segment_on = Some(today);
                    head.audit_segment_first = head.audit_sequence + 1;
                }
                Some(_) => {}
                None => head.audit_segment_on = Some(today),
            }
            head.audit_sequence += 1;
            let mut row = EntryRow {
                sequence: head.audit_sequence,
                segment_on: head.audit_segment_on.unwrap_or(today),
                at: cut(entry.at),
                session_id: entry.session.map(|id| id.0),
                account_id: entry.account.map(|id| id.0),
                who: entry.who,
                name: entry.name,
                pref_code: entry.prefecture.map(|p| p.to_string()),
                category: entry.category.as_str().to_owned(),
                target: entry.target,
                detail: entry.detail.to_string(),
                mac: Vec::new(),
            };
            row.mac = row.expected_mac(&self.store.inner.audit_key, &head.audit_head);
            head.audit_head.clone_from(&row.mac);
            rows.push(row.into_values());
        }
        self.insert_rows_at_commit("audit_segment", &SEGMENT, closed, "");
        self.insert_rows_at_commit("audit_entry", &ENTRY, rows, "");
    }
}

const fn plain(name: &'static str) -> (&'static str, Column) {
    (name, Column::Plain)
}

const EVENT: [(&str, Column); 5] = [plain("id"), plain("pref_code"), plain("kind"), plain("subject"), plain("at")];
const SEGMENT: [(&str, Column); 5] =
    [plain("segment_on"), plain("first_sequence"), plain("last_sequence"), plain("head"), plain("expired")];
const ENTRY: [(&str, Column); 12] = [
    plain("sequence"),
    plain("segment_on"),
    plain("at"),
    plain("session_id"),
    plain("account_id"),
    plain("who"),
    plain("name"),
    plain("pref_code"),
    plain("category"),
    plain("target"),
    plain("detail"),
    plain("mac"),
];

/// Each `?` by its number. There is none in a text or a name of ours.
fn numbered(sql: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(sql.len() * 5 / 4);
    for (n, piece) in sql.split('?').enumerate() {
        if n > 0 {
            // Writing to a String cannot fail.
            let _ = write!(out, "${n}");
        }
        out.push_str(piece);
    }
    out
}
