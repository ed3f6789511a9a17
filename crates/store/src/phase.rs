//! フェーズ by prefecture. Nothing is overwritten: each change is a row, and the newest holds.

use crate::{
    db::Store,
    error::StoreError,
    read::{Reader, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{id::PrefCode, picture::Phases};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// What a prefecture set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseRow {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// When.
    pub set_at: DateTime<Utc>,
    /// What; `None`: switched off.
    pub phases: Option<Phases>,
    /// Why, in words.
    pub reason: String,
    /// By whom.
    pub set_by: String,
}

#[derive(FromQueryResult)]
struct Found {
    pref_code: String,
    set_at: DateTime<Utc>,
    phases: Option<String>,
    reason: String,
    set_by: String,
}

impl TryFrom<Found> for PhaseRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            set_at: r.set_at,
            phases: r.phases.map(|json| serde_json::from_str(&json)).transpose().map_err(StoreError::corrupt)?,
            reason: r.reason,
            set_by: r.set_by,
        })
    }
}

const COLUMNS: &str = "SELECT pref_code, set_at, CAST(phases AS TEXT) AS phases, reason, set_by FROM phase p";

impl Store {
    /// What holds, by prefecture; those without phases are absent.
    pub async fn phases_unscoped(&self) -> Result<BTreeMap<PrefCode, Phases>, StoreError> {
        let sql = format!("{COLUMNS} WHERE set_at = (SELECT MAX(q.set_at) FROM phase q WHERE q.pref_code = p.pref_code)");
        let found: Vec<Found> = self.system_rows().all(&sql, vec![]).await?;
        let mut phases = BTreeMap::new();
        for row in found {
            let row = PhaseRow::try_from(row)?;
            if let Some(standing) = row.phases {
                phases.insert(row.prefecture, standing);
            }
        }
        Ok(phases)
    }
}

impl Reader {
    /// What a prefecture set, the newest first, at most `limit`.
    pub async fn phase_changes(&self, prefecture: PrefCode, limit: u32) -> Result<Vec<PhaseRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND pref_code = $2 ORDER BY set_at DESC LIMIT $3", wall_filter("pref_code"));
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), prefecture.to_string().into(), i64::from(limit).into()]).await?;
        found.into_iter().map(PhaseRow::try_from).collect()
    }
}

impl WriteTx {
    /// What a prefecture set last, as it stands in this transaction.
    pub async fn newest_phase(&self, prefecture: PrefCode) -> Result<Option<PhaseRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE pref_code = $1 ORDER BY set_at DESC LIMIT 1");
        let found: Option<Found> = self.rows().one(&sql, vec![prefecture.to_string().into()]).await?;
        found.map(PhaseRow::try_from).transpose()
    }

    /// Adds what a prefecture sets.
    pub async fn add_phase(&self, row: &PhaseRow) -> Result<(), StoreError> {
        let columns = [
            ("pref_code", Column::Plain),
            ("set_at", Column::Plain),
            ("phases", Column::Json),
            ("reason", Column::Plain),
            ("set_by", Column::Plain),
        ];
        let phases = row.phases.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::corrupt)?;
        let values = vec![
            row.prefecture.to_string().into(),
            row.set_at.into(),
            phases.into(),
            row.reason.as_str().into(),
            row.set_by.as_str().into(),
        ];
        self.insert_rows("phase", &columns, vec![values], "").await
    }
}
