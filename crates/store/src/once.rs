//! Updates that a device sends until it is answered. What was answered is kept in the transaction that took the update, so that the same
//! one sent again gets the same answer and adds nothing.

use crate::{
    error::StoreError,
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{AccountId, PrefCode},
    report::Overtaken,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::FromQueryResult;
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
}

#[derive(FromQueryResult)]
struct Found {
    answer: String,
}

impl WriteTx {
    /// What was answered to this update before.
    pub(crate) async fn answered_once(&self, account: AccountId, id: Uuid) -> Result<Option<Taken>, StoreError> {
        let sql = "SELECT answer FROM update_once WHERE account_id = $1 AND id = $2";
        let found: Option<Found> = self.rows().one(sql, vec![account.0.into(), id.into()]).await?;
        found.map(|f| serde_json::from_str(&f.answer).map_err(StoreError::corrupt)).transpose()
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
