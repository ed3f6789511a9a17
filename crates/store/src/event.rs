//! The event table delivers; a wake-up only says "look". Ids are in the order of commits.

use crate::{
    db::{Backend, Store},
    error::StoreError,
    read::{Reader, wall_filter},
};
use akidoko_domain::{
    event::{Event, EventKind},
    id::PrefCode,
    report::Cells,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sqlx::postgres::PgListener;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;

/// An event, with the record that it left where this process wrote it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// The survey and the hospital's merged record of it.
    pub record: Option<(String, Arc<Cells>)>,
}

/// What this process committed and its projector has not seen yet.
#[derive(Default)]
pub(crate) struct Committed {
    waiting: Mutex<BTreeMap<i64, Told>>,
}

/// More than this is not kept for a projector that lags, or that there is none of.
const WAITING: usize = 4096;

impl Committed {
    pub fn add(&self, told: impl IntoIterator<Item = Told>) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.extend(told.into_iter().map(|t| (t.event.id, t)));
            if waiting.len() > WAITING {
                waiting.clear();
            }
        }
    }

    /// Those that follow `after` without a gap. What is not after it has been seen and goes.
    fn after(&self, after: i64, limit: u32) -> Vec<Told> {
        let Ok(mut waiting) = self.waiting.lock() else { return Vec::new() };
        *waiting = waiting.split_off(&(after + 1));
        let mut next = after + 1;
        let mut ready = Vec::new();
        while ready.len() < limit as usize {
            let Some(told) = waiting.remove(&next) else { break };
            ready.push(told);
            next += 1;
        }
        ready
    }
}

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    pref_code: Option<String>,
    kind: String,
    subject: Option<Uuid>,
    at: DateTime<Utc>,
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;
    fn try_from(r: EventRow) -> Result<Self, StoreError> {
        let kind = EventKind::read(&r.kind, r.subject).ok_or_else(|| StoreError::corrupt(format!("event {} {}", r.id, r.kind)))?;
        let prefecture = r.pref_code.map(|p| p.parse::<PrefCode>()).transpose().map_err(StoreError::corrupt)?;
        Ok(Self { id: r.id, prefecture, kind, at: r.at })
    }
}

const AFTER: &str = "SELECT id, pref_code, kind, subject, at FROM event WHERE id > $1 ORDER BY id LIMIT $2";
const LAST: &str = "SELECT event_id FROM log_head WHERE id = 1";

#[derive(FromQueryResult)]
struct Last {
    event_id: i64,
}

impl Store {
    /// The last event.
    pub async fn last_event_unscoped(&self) -> Result<i64, StoreError> {
        let row: Option<Last> = self.system_rows().one(LAST, vec![]).await?;
        Ok(row.map_or(0, |r| r.event_id))
    }

    /// Events after one, in order, at most `limit`: what was committed here lies ready, and only where another process was first is the
    /// database asked.
    pub async fn told_after_unscoped(&self, after: i64, limit: u32) -> Result<Vec<Told>, StoreError> {
        let ready = self.inner.told.after(after, limit);
        if !ready.is_empty() {
            return Ok(ready);
        }
        let rows: Vec<EventRow> = self.system_rows().all(AFTER, vec![after.into(), i64::from(limit).into()]).await?;
        rows.into_iter().map(|row| Ok(Told { event: row.try_into()?, record: None })).collect()
    }

    /// Waits until something may have happened: a commit here, a notification from another process, or a second's time.
    pub fn wakes(&self) -> Wakes {
        Wakes { store: self.clone(), listener: None }
    }
}

/// See [`Store::wakes`].
pub struct Wakes {
    store: Store,
    listener: Option<PgListener>,
}

impl Wakes {
    /// The next wake-up of one who has seen all events up to `seen`. It may also return for nothing.
    pub async fn next(&mut self, seen: i64) {
        let poll = tokio::time::sleep(Duration::from_secs(1));
        match self.store.inner.backend {
            Backend::Sqlite => {
                tokio::select! {
                    () = self.store.inner.wake.notified() => {}
                    () = poll => {}
                }
            }
            Backend::Postgres => {
                if self.listener.is_none() {
                    self.listener = self.listen().await;
                }
                let Some(listener) = &mut self.listener else {
                    poll.await;
                    return;
                };
                // What was committed here is told twice, the second time by the database: that is no news.
                let news = async {
                    loop {
                        match listener.recv().await {
                            Ok(told) if told.payload().parse::<i64>().is_ok_and(|id| id <= seen) => {}
                            heard => return heard.is_ok(),
                        }
                    }
                };
                let heard = tokio::select! {
                    () = self.store.inner.wake.notified() => true,
                    heard = news => heard,
                    () = poll => true,
                };
                if !heard {
                    // The connection is gone: the poll carries on until a new one stands.
                    self.listener = None;
                }
            }
        }
    }

    async fn listen(&self) -> Option<PgListener> {
        let mut listener = PgListener::connect_with(self.store.inner.system.get_postgres_connection_pool()).await.ok()?;
        listener.listen("akidoko").await.ok()?;
        Some(listener)
    }
}

impl Reader {
    /// Events of a prefecture's board after one and up to another, as the scope may see them, in order, at most `limit`.
    pub async fn board_events(&self, prefecture: PrefCode, after: i64, until: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        // The prefecture beside the wall: who sees the nation asks for one of it, and the limit counts that one's events.
        let sql = format!(
            "SELECT id, pref_code, kind, subject, at FROM event WHERE {} AND pref_code = $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT $5",
            wall_filter("pref_code")
        );
        let values = vec![self.wall(), prefecture.to_string().into(), after.into(), until.into(), i64::from(limit).into()];
        let rows: Vec<EventRow> = self.all(&sql, values).await?;
        rows.into_iter().map(Event::try_from).collect()
    }
}
