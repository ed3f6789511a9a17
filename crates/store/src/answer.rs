//! What was answered to requests that carried an `Idempotency-Key`: written in the transaction of what they did, so that whoever sends one
//! again gets the same answer, or nothing had happened.

use crate::{
    db::Store,
    error::StoreError,
    read::{Reader, wall_filter},
    write::{Column, WriteTx},
    writer::Accepted,
};
use akidoko_domain::{id::PrefCode, report::Refusal};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// What is to be answered, of what came of each report. `None`: nothing was done, and nothing is kept.
pub type Answering = Arc<dyn Fn(&[Result<Accepted, Refusal>]) -> Option<String> + Send + Sync>;

/// A request whose answer is kept.
#[derive(Clone)]
pub struct Remember {
    /// Who asks: a key, or an operator.
    pub caller: Uuid,
    /// The key that the caller gave the request.
    pub key: String,
    /// Behind whose wall.
    pub prefecture: PrefCode,
    /// What tells this request from another.
    pub request_hash: Vec<u8>,
    /// What is to be answered.
    pub answer: Answering,
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Of which request.
    pub request_hash: Vec<u8>,
    /// The answer.
    pub answer: String,
}

#[derive(FromQueryResult)]
struct Found {
    caller: Uuid,
    key: String,
    request_hash: Vec<u8>,
    answer: String,
}

const COLUMNS: &str = "SELECT caller, key, request_hash, answer FROM api_answer";

impl Reader {
    /// What was answered to this caller under this key.
    pub async fn kept_answer(&self, caller: Uuid, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND caller = $2 AND key = $3", wall_filter("pref_code"));
        let found: Option<Found> = self.one(&sql, vec![self.wall(), caller.into(), key.into()]).await?;
        Ok(found.map(|f| KeptAnswer { request_hash: f.request_hash, answer: f.answer }))
    }
}

impl WriteTx {
    /// What was answered to these requests before, by caller and key.
    pub(crate) async fn kept_answers<'a>(
        &self,
        requests: impl Iterator<Item = &'a Remember>,
    ) -> Result<HashMap<(Uuid, String), KeptAnswer>, StoreError> {
        let mut values: Vec<Value> = Vec::new();
        let mut asked = Vec::new();
        for request in requests {
            asked.push(format!("(caller = ${} AND key = ${})", values.len() + 1, values.len() + 2));
            values.extend([request.caller.into(), request.key.as_str().into()]);
        }
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<Found> = self.rows().all(&format!("{COLUMNS} WHERE {}", asked.join(" OR ")), values).await?;
        Ok(found.into_iter().map(|f| ((f.caller, f.key), KeptAnswer { request_hash: f.request_hash, answer: f.answer })).collect())
    }

    /// Keeps an answer, with the end of the transaction.
    pub(crate) fn keep_answer_at_commit(&mut self, request: &Remember, answer: &str) {
        let row = vec![
            request.caller.into(),
            request.key.as_str().into(),
            request.prefecture.to_string().into(),
            request.request_hash.clone().into(),
            answer.into(),
            self.now().into(),
        ];
        self.insert_rows_at_commit("api_answer", &KEEP, vec![row], "");
    }
}

const KEEP: [(&str, Column); 6] = [
    ("caller", Column::Plain),
    ("key", Column::Plain),
    ("pref_code", Column::Plain),
    ("request_hash", Column::Plain),
    ("answer", Column::Plain),
    ("created_at", Column::Plain),
];

impl Store {
    /// Forgets answers from before a moment; says how many.
    pub async fn forget_answers_unscoped(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let tx = self.write_system(before).await?;
        let gone = tx.execute("DELETE FROM api_answer WHERE created_at < $1", vec![before.into()]).await?;
        tx.commit().await?;
        Ok(gone)
    }
}
