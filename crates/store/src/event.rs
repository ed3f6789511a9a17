//! The event table delivers; a wake-up only says "look". Ids are in the order of commits.

use crate::{
    db::{Backend, Store},
    error::StoreError,
    read::{Reader, wall_filter},
};
use akidoko_domain::{
    event::{Event, EventKind},
    id::PrefCode,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sqlx::postgres::PgListener;
use std::time::Duration;
use uuid::Uuid;

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

    /// Events after one, in order, at most `limit`.
    pub async fn events_after_unscoped(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let rows: Vec<EventRow> = self.system_rows().all(AFTER, vec![after.into(), i64::from(limit).into()]).await?;
        rows.into_iter().map(Event::try_from).collect()
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
    /// Events of boards after one, as the scope may see them, in order, at most `limit`.
    pub async fn board_events_after(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let sql = format!(
            "SELECT id, pref_code, kind, subject, at FROM event WHERE {} AND pref_code IS NOT NULL AND id > $2 ORDER BY id LIMIT $3",
            wall_filter("pref_code")
        );
        let rows: Vec<EventRow> = self.all(&sql, vec![self.wall(), after.into(), i64::from(limit).into()]).await?;
        rows.into_iter().map(Event::try_from).collect()
    }
}
