//! Hospitals, their codes and what registers say of them.

use crate::{
    db::Store,
    error::StoreError,
    read::{Reader, Rows, places, wall_filter},
};
use akidoko_domain::{
    hospital::{Attributes, CodeSystem},
    id::{HospitalId, OrganisationCode, OrganisationId, PrefCode},
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// A hospital as it stands in the database.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredHospital {
    /// Our id.
    pub id: HospitalId,
    /// Its organisation ID.
    pub code: OrganisationCode,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// What the registers say, merged.
    pub attributes: Attributes,
}

/// A hospital with its outside codes.
#[derive(Debug, Clone, PartialEq)]
pub struct HospitalDetail {
    /// The hospital.
    pub hospital: StoredHospital,
    /// Outside codes by system.
    pub codes: Vec<(CodeSystem, String)>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    code: String,
    organisation_id: Uuid,
    pref_code: String,
    attributes: serde_json::Value,
}

impl TryFrom<Found> for StoredHospital {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            id: HospitalId(r.id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            organisation: OrganisationId(r.organisation_id),
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            attributes: serde_json::from_value(r.attributes).map_err(StoreError::corrupt)?,
        })
    }
}

#[derive(FromQueryResult)]
struct FoundCode {
    system: String,
    code: String,
}

const COLUMNS: &str = "SELECT h.id, o.code, h.organisation_id, h.pref_code, h.attributes FROM hospital h JOIN organisation o ON o.id = h.organisation_id \
     WHERE h.merged_into IS NULL";

impl StoredHospital {
    /// Hospitals that stand for themselves, and fit.
    pub(crate) async fn all<C: ConnectionTrait>(rows: &Rows<'_, C>, filter: &str, values: Vec<Value>) -> Result<Vec<Self>, StoreError> {
        let found: Vec<Found> = rows.all(&format!("{COLUMNS} AND {filter}"), values).await?;
        found.into_iter().map(Self::try_from).collect()
    }
}

impl Store {
    /// Hospitals after one in the order of ids, at most `limit`: for the projector, so that memory does not grow with the nation.
    pub async fn hospitals_after_unscoped(&self, after: HospitalId, limit: u32) -> Result<Vec<StoredHospital>, StoreError> {
        let sql = format!("{COLUMNS} AND h.id > $1 ORDER BY h.id LIMIT $2");
        let found: Vec<Found> = self.system_rows().all(&sql, vec![after.0.into(), i64::from(limit).into()]).await?;
        found.into_iter().map(StoredHospital::try_from).collect()
    }

    /// The hospitals of a prefecture.
    pub async fn hospitals_in_unscoped(&self, prefecture: PrefCode) -> Result<Vec<StoredHospital>, StoreError> {
        let sql = format!("{COLUMNS} AND h.pref_code = $1");
        let found: Vec<Found> = self.system_rows().all(&sql, vec![prefecture.to_string().into()]).await?;
        found.into_iter().map(StoredHospital::try_from).collect()
    }

    /// These hospitals.
    pub async fn hospitals_unscoped(&self, ids: &[HospitalId]) -> Result<Vec<StoredHospital>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{COLUMNS} AND h.id IN ({})", places(1, ids.len()));
        let found: Vec<Found> = self.system_rows().all(&sql, ids.iter().map(|id| id.0.into()).collect()).await?;
        found.into_iter().map(StoredHospital::try_from).collect()
    }
}

#[derive(FromQueryResult)]
struct CodeOf {
    hospital_id: Uuid,
    system: String,
    code: String,
}

impl Reader {
    /// The outside codes of some hospitals, as far as the scope sees them.
    pub async fn hospital_codes(&self, hospitals: &[HospitalId]) -> Result<HashMap<HospitalId, Vec<(CodeSystem, String)>>, StoreError> {
        let mut codes: HashMap<HospitalId, Vec<(CodeSystem, String)>> = HashMap::new();
        for some in hospitals.chunks(400) {
            let sql = format!(
                "SELECT hospital_id, system, code FROM hospital_code WHERE {} AND hospital_id IN ({}) ORDER BY system, code",
                wall_filter("pref_code"),
                places(2, some.len())
            );
            let values = std::iter::once(self.wall()).chain(some.iter().map(|h| h.0.into())).collect();
            for found in self.all::<CodeOf>(&sql, values).await? {
                if let Ok(system) = found.system.parse() {
                    codes.entry(HospitalId(found.hospital_id)).or_default().push((system, found.code));
                }
            }
        }
        Ok(codes)
    }

    /// The hospitals of a prefecture, if the scope sees it.
    pub async fn hospitals(&self, prefecture: PrefCode) -> Result<Vec<StoredHospital>, StoreError> {
        let sql = format!("{COLUMNS} AND {} AND h.pref_code = $2", wall_filter("h.pref_code"));
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), prefecture.to_string().into()]).await?;
        found.into_iter().map(StoredHospital::try_from).collect()
    }

    /// The hospital with this organisation ID, if the scope sees it.
    pub async fn hospital(&self, code: &OrganisationCode) -> Result<Option<HospitalDetail>, StoreError> {
        let sql = format!("{COLUMNS} AND {} AND o.code = $2", wall_filter("h.pref_code"));
        let Some(found) = self.one::<Found>(&sql, vec![self.wall(), code.as_str().into()]).await? else { return Ok(None) };
        let hospital = StoredHospital::try_from(found)?;
        let sql =
            format!("SELECT system, code FROM hospital_code WHERE {} AND hospital_id = $2 ORDER BY system, code", wall_filter("pref_code"));
        let codes: Vec<FoundCode> = self.all(&sql, vec![self.wall(), hospital.id.0.into()]).await?;
        let codes = codes.into_iter().filter_map(|c| Some((c.system.parse().ok()?, c.code))).collect();
        Ok(Some(HospitalDetail { hospital, codes }))
    }
}
