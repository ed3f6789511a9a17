//! Writing: a transaction that ends by appending its events and its entries of the log, under the lock of `log_head`, so that the order
//! of ids is the order of commits, and a reader who has seen event 7 has seen all before it.

use crate::{
    audit::EntryRow,
    db::{Backend, Store},
    entity,
    error::StoreError,
    read::{Rows, set_wall},
};
use akidoko_domain::{
    audit::Entry,
    event::EventKind,
    id::PrefCode,
    time::{cut, jst_day},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, IntoActiveModel, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};
use std::collections::BTreeSet;
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
    entries: Vec<Entry>,
}

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

const HEAD: &str = "SELECT event_id, audit_sequence, audit_segment_on, audit_segment_first, audit_head FROM log_head WHERE id = 1";

impl Store {
    /// Opens a transaction of the system role.
    pub async fn write_system(&self, now: DateTime<Utc>) -> Result<WriteTx, StoreError> {
        self.begin(true, now).await
    }

    /// Opens a transaction behind the wall of these prefectures.
    pub async fn write_behind_wall(&self, prefectures: &BTreeSet<PrefCode>, now: DateTime<Utc>) -> Result<WriteTx, StoreError> {
        let write = self.begin(false, now).await?;
        if self.inner.backend == Backend::Postgres {
            let wall = prefectures.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            set_wall(&write.tx, &wall).await?;
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
            Backend::Postgres => (None, connection.begin().await?),
        };
        Ok(WriteTx { store: self.clone(), tx, _gate: gate, now: cut(now), head: None, events: Vec::new(), entries: Vec::new() })
    }
}

impl WriteTx {
    /// When this transaction takes place.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
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

    /// Inserts rows whose JSON is text already: parsing it into a tree, only to write it out again, is half the cost of a report.
    pub(crate) async fn insert_text(
        &self,
        table: &str,
        columns: &[&str],
        json: &[&str],
        rows: Vec<Vec<Value>>,
        end: &str,
    ) -> Result<(), StoreError> {
        for some in rows.chunks(400) {
            let mut place = 0;
            let row = |_: &Vec<Value>| {
                let places = columns.iter().map(|column| {
                    place += 1;
                    match self.store.inner.backend {
                        Backend::Postgres if json.contains(column) => format!("CAST(${place} AS jsonb)"),
                        _ => format!("${place}"),
                    }
                });
                format!("({})", places.collect::<Vec<_>>().join(", "))
            };
            let rows = some.iter().map(row).collect::<Vec<_>>().join(", ");
            let sql = format!("INSERT INTO {table} ({}) VALUES {rows} {end}", columns.join(", "));
            self.execute(&sql, some.concat()).await?;
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

    /// Takes the lock of the log now, so that what is read after it is what stands when this commits.
    pub async fn lock(&mut self) -> Result<(), StoreError> {
        if self.head.is_none() {
            let sql = match self.store.inner.backend {
                Backend::Sqlite => HEAD.to_owned(), // BEGIN IMMEDIATE holds the only write lock already
                Backend::Postgres => format!("{HEAD} FOR UPDATE"),
            };
            let head = self.rows().one::<LogHead>(&sql, vec![]).await?;
            self.head = Some(head.ok_or_else(|| StoreError::corrupt("log_head is empty"))?);
        }
        Ok(())
    }

    /// Appends events and entries, and commits. When this returns, all of it is durable.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        if self.events.is_empty() && self.entries.is_empty() {
            let event_id = self.head.as_ref().map_or(0, |h| h.event_id);
            self.tx.commit().await?;
            return Ok(Committed { event_id });
        }
        self.lock().await?;
        let mut head = self.head.take().expect("locked above");
        let told = !self.events.is_empty();

        let events: Vec<entity::event::Model> = std::mem::take(&mut self.events)
            .into_iter()
            .map(|(prefecture, kind)| {
                head.event_id += 1;
                entity::event::Model {
                    id: head.event_id,
                    pref_code: prefecture.map(|p| p.to_string()),
                    kind: kind.as_str().to_owned(),
                    subject: kind.subject(),
                    at: self.now,
                }
            })
            .collect();
        self.insert(events).await?;
        self.append_entries(&mut head).await?;

        let sql = "UPDATE log_head SET event_id = $1, audit_sequence = $2, audit_segment_on = $3, audit_segment_first = $4, audit_head = $5 \
                   WHERE id = 1";
        let values = vec![
            head.event_id.into(),
            head.audit_sequence.into(),
            head.audit_segment_on.into(),
            head.audit_segment_first.into(),
            head.audit_head.into(),
        ];
        self.execute(sql, values).await?;
        if told && self.store.inner.backend == Backend::Postgres {
            self.execute("SELECT pg_notify('akidoko', '')", vec![]).await?;
        }
        let Self { tx, store, _gate, .. } = self;
        tx.commit().await?;
        if told {
            store.inner.wake.notify_one();
        }
        Ok(Committed { event_id: head.event_id })
    }

    /// Chains the entries. The first one of a day closes the day before.
    async fn append_entries(&mut self, head: &mut LogHead) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(self.entries.len());
        let mut closed = Vec::new();
        // The day of an entry is that of its commit, so that days never interleave.
        let today = jst_day(self.now);
        for entry in std::mem::take(&mut self.entries) {
            match head.audit_segment_on {
                Some(day) if day < today => {
                    closed.push(entity::audit_segment::Model {
                        segment_on: day,
                        first_sequence: head.audit_segment_first,
                        last_sequence: head.audit_sequence,
                        head: head.audit_head.clone(),
                        expired: false,
                    });
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
            rows.push(entity::audit_entry::Model::from(row));
        }
        self.insert(closed).await?;
        self.insert(rows).await
    }
}
