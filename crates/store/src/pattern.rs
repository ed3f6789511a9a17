//! 応需パターン, one row a hospital: they are changed together and read together.

use crate::{
    error::StoreError,
    read::{Reader, wall_filter},
    write::WriteTx,
};
use akidoko_domain::{
    id::{HospitalId, PrefCode},
    pattern::Pattern,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

/// The patterns of a hospital.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatternRow {
    /// Goes up with each change; 0 where there were never any.
    pub revision: i32,
    /// In the hospital's order.
    pub patterns: Vec<Pattern>,
    /// When they were last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// By whom, as a sign-in name.
    pub updated_by: String,
}

#[derive(FromQueryResult)]
struct Found {
    revision: i32,
    patterns: String,
    updated_at: DateTime<Utc>,
    updated_by: String,
}

impl Reader {
    /// The patterns of a hospital.
    pub async fn patterns(&self, hospital: HospitalId) -> Result<PatternRow, StoreError> {
        let sql = format!(
            "SELECT revision, patterns, updated_at, updated_by FROM hospital_pattern WHERE {} AND hospital_id = $2",
            wall_filter("pref_code")
        );
        let Some(found) = self.one::<Found>(&sql, vec![self.wall(), hospital.0.into()]).await? else { return Ok(PatternRow::default()) };
        Ok(PatternRow {
            revision: found.revision,
            patterns: serde_json::from_str(&found.patterns).map_err(StoreError::corrupt)?,
            updated_at: Some(found.updated_at),
            updated_by: found.updated_by,
        })
    }
}

impl WriteTx {
    /// Puts the patterns of a hospital in the place of those that were seen at `revision`. False if somebody changed them since.
    pub async fn put_patterns(
        &self,
        hospital: HospitalId,
        prefecture: PrefCode,
        revision: i32,
        patterns: &[Pattern],
        by: &str,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO hospital_pattern (hospital_id, pref_code, revision, patterns, updated_at, updated_by) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hospital_id) DO UPDATE SET revision = excluded.revision, \
                   patterns = excluded.patterns, updated_at = excluded.updated_at, updated_by = excluded.updated_by \
                   WHERE hospital_pattern.revision = excluded.revision - 1";
        let values = vec![
            hospital.0.into(),
            prefecture.to_string().into(),
            (revision + 1).into(),
            serde_json::to_string(patterns).map_err(StoreError::corrupt)?.into(),
            self.now().into(),
            by.into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }
}
