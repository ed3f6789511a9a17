//! What prefectures share of their boards, and by which other system they report.

use crate::{db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::{
    board::{Column, OtherSystem, Sharing},
    id::PrefCode,
    organisation::OrganisationKind,
};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

#[derive(FromQueryResult)]
struct RuleRow {
    pref_code: String,
    board_column: String,
    kind: String,
}

#[derive(FromQueryResult)]
struct OtherRow {
    pref_code: String,
    name: String,
    url: String,
}

impl Store {
    /// What every prefecture keeps from whom; those that share all are absent.
    pub async fn sharing_unscoped(&self) -> Result<BTreeMap<PrefCode, Sharing>, StoreError> {
        let rows: Vec<RuleRow> = self.system_rows().all("SELECT pref_code, board_column, kind FROM sharing", vec![]).await?;
        let mut sharing: BTreeMap<PrefCode, Sharing> = BTreeMap::new();
        for r in rows {
            let prefecture = r.pref_code.parse().map_err(StoreError::corrupt)?;
            let column = Column::parse(&r.board_column).ok_or_else(|| StoreError::corrupt(&r.board_column))?;
            let kind = OrganisationKind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?;
            sharing.entry(prefecture).or_default().hide(column, kind);
        }
        Ok(sharing)
    }

    /// The other systems, by prefecture.
    pub async fn other_systems_unscoped(&self) -> Result<BTreeMap<PrefCode, OtherSystem>, StoreError> {
        let rows: Vec<OtherRow> = self.system_rows().all("SELECT pref_code, name, url FROM other_system", vec![]).await?;
        let row = |r: OtherRow| Ok((r.pref_code.parse().map_err(StoreError::corrupt)?, OtherSystem { name: r.name, url: r.url }));
        rows.into_iter().map(row).collect()
    }
}

impl WriteTx {
    /// Sets all that a prefecture keeps from whom.
    pub async fn set_sharing(&self, prefecture: PrefCode, sharing: &Sharing) -> Result<(), StoreError> {
        self.execute("DELETE FROM sharing WHERE pref_code = $1", vec![prefecture.to_string().into()]).await?;
        for (column, kind) in sharing.rules() {
            let sql = "INSERT INTO sharing (pref_code, board_column, kind) VALUES ($1, $2, $3)";
            self.execute(sql, vec![prefecture.to_string().into(), column.as_str().into(), kind.as_str().into()]).await?;
        }
        Ok(())
    }

    /// Sets the other system of a prefecture, or that there is none.
    pub async fn set_other_system(&self, prefecture: PrefCode, system: Option<&OtherSystem>) -> Result<(), StoreError> {
        self.execute("DELETE FROM other_system WHERE pref_code = $1", vec![prefecture.to_string().into()]).await?;
        if let Some(OtherSystem { name, url }) = system {
            let sql = "INSERT INTO other_system (pref_code, name, url) VALUES ($1, $2, $3)";
            self.execute(sql, vec![prefecture.to_string().into(), name.as_str().into(), url.as_str().into()]).await?;
        }
        Ok(())
    }
}
