//! Updates that a device sends until it is answered. What was answered is kept in the transaction that took the update, so that the same
//! one sent again gets the same answer and adds nothing.

use crate::{
    db::Store,
    error::StoreError,
    read::Rows,
    write::{Column, WriteTx},
    writer::Accepted,
};
use akidoko_domain::{
    id::{AccountId, PrefCode},
    report::Overtaken,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// So long an answer is kept: longer than an update may wait on a device.
const KEPT_DAYS: i64 = 7;

/// What a report left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub report_date: NaiveDate,
    pub version: u32,
    pub as_of: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub overtaken: Vec<Overtaken>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stood: bool,
}

#[derive(FromQueryResult)]
struct Found {
    answer: String,
}

async fn answered<C: ConnectionTrait>(rows: &Rows<'_, C>, account: AccountId, id: Uuid) -> Result<Option<Taken>, StoreError> {
    let sql = "SELECT answer FROM update_once WHERE account_id = $1 AND id = $2";
    let found: Option<Found> = rows.one(sql, vec![account.0.into(), id.into()]).await?;
    found.map(|f| serde_json::from_str(&f.answer).map_err(StoreError::corrupt)).transpose()
}

impl Taken {
    /// As it is answered, with an event not before its own.
    pub fn accepted(self, event_id: i64) -> Accepted {
        let Self { report_date, version, as_of, received_at, overtaken, stood } = self;
        Accepted { version, as_of, received_at, event_id, report_date, overtaken, stood }
    }
}

impl Store {
    /// What became of an operator's update that was here before. Its event is past long since: 0.
    pub async fn accepted_once_unscoped(&self, account: AccountId, id: Uuid) -> Result<Option<Accepted>, StoreError> {
        Ok(answered(&self.system_rows(), account, id).await?.map(|taken| taken.accepted(0)))
    }
}

impl WriteTx {
    /// What was answered to this update before.
    pub(crate) async fn answered_once(&self, account: AccountId, id: Uuid) -> Result<Option<Taken>, StoreError> {
        answered(&self.rows(), account, id).await
    }

    /// Keeps an answer, and forgets the operator's old ones.
    pub(crate) async fn answer_once(
        &mut self,
        account: AccountId,
        id: Uuid,
        prefecture: PrefCode,
        taken: &Taken,
    ) -> Result<(), StoreError> {
        let old = self.now() - TimeDelta::days(KEPT_DAYS);
        self.execute("DELETE FROM update_once WHERE account_id = $1 AND received_at < $2", vec![account.0.into(), old.into()]).await?;
        let answer = serde_json::to_string(taken).map_err(StoreError::corrupt)?;
        let row = vec![account.0.into(), id.into(), prefecture.to_string().into(), answer.into(), taken.received_at.into()];
        self.insert_rows_at_commit("update_once", &ADD, vec![row], "");
        Ok(())
    }
}

const ADD: [(&str, Column); 5] = [
    ("account_id", Column::Plain),
    ("id", Column::Plain),
    ("pref_code", Column::Plain),
    ("answer", Column::Plain),
    ("received_at", Column::Plain),
];
