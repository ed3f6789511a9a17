//! The merged record of each hospital and survey.

use crate::{
    db::Store,
    error::StoreError,
    read::places,
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{HospitalId, PrefCode},
    report::Cells,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A merged record.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRecord {
    /// The hospital.
    pub hospital: HospitalId,
    /// The survey.
    pub survey: String,
    /// What is known.
    pub cells: Cells,
}

#[derive(FromQueryResult)]
struct Found {
    hospital_id: Uuid,
    survey: String,
    /// As text: it is parsed once, into what it is.
    cells: String,
}

impl TryFrom<Found> for StoredRecord {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        let cells = serde_json::from_str(&r.cells).map_err(StoreError::corrupt)?;
        Ok(Self { hospital: HospitalId(r.hospital_id), survey: r.survey, cells })
    }
}

const COLUMNS: &str = "SELECT hospital_id, survey, CAST(cells AS TEXT) AS cells FROM hospital_record";

impl Store {
    /// The records of some hospitals.
    pub async fn records_unscoped(&self, hospitals: &[HospitalId]) -> Result<Vec<StoredRecord>, StoreError> {
        if hospitals.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{COLUMNS} WHERE hospital_id IN ({})", places(1, hospitals.len()));
        let found: Vec<Found> = self.system_rows().all(&sql, hospitals.iter().map(|h| h.0.into()).collect()).await?;
        found.into_iter().map(StoredRecord::try_from).collect()
    }

    /// The records of a prefecture.
    pub async fn records_in_unscoped(&self, prefecture: PrefCode) -> Result<Vec<StoredRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE pref_code = $1");
        let found: Vec<Found> = self.system_rows().all(&sql, vec![prefecture.to_string().into()]).await?;
        found.into_iter().map(StoredRecord::try_from).collect()
    }
}

impl WriteTx {
    /// The records of some hospitals, as they stand in this transaction.
    pub(crate) async fn records(&self, hospitals: &[HospitalId]) -> Result<Vec<StoredRecord>, StoreError> {
        if hospitals.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{COLUMNS} WHERE hospital_id IN ({})", places(1, hospitals.len()));
        let found: Vec<Found> = self.rows().all(&sql, hospitals.iter().map(|h| h.0.into()).collect()).await?;
        found.into_iter().map(StoredRecord::try_from).collect()
    }

    /// Writes records, new or anew.
    pub(crate) async fn put_records<'a>(
        &self,
        records: impl IntoIterator<Item = (HospitalId, &'a str, PrefCode, &'a Cells)>,
    ) -> Result<(), StoreError> {
        self.insert_rows(TABLE, &PUT, values(records, self.now())?, END).await
    }

    /// The same, with the end of the transaction.
    pub(crate) fn put_records_at_commit<'a>(
        &mut self,
        records: impl IntoIterator<Item = (HospitalId, &'a str, PrefCode, &'a Cells)>,
    ) -> Result<(), StoreError> {
        let rows = values(records, self.now())?;
        self.insert_rows_at_commit(TABLE, &PUT, rows, END);
        Ok(())
    }
}

const TABLE: &str = "hospital_record";
const PUT: [(&str, Column); 5] = [
    ("hospital_id", Column::Plain),
    ("survey", Column::Plain),
    ("pref_code", Column::Plain),
    ("cells", Column::Plain),
    ("updated_at", Column::Plain),
];
const END: &str = "ON CONFLICT (hospital_id, survey) DO UPDATE SET cells = excluded.cells, updated_at = excluded.updated_at";

fn values<'a>(
    records: impl IntoIterator<Item = (HospitalId, &'a str, PrefCode, &'a Cells)>,
    now: DateTime<Utc>,
) -> Result<Vec<Vec<sea_orm::Value>>, StoreError> {
    let row = |(hospital, survey, prefecture, cells): (HospitalId, &str, PrefCode, &Cells)| {
        let cells = serde_json::to_string(cells).map_err(StoreError::corrupt)?;
        Ok(vec![hospital.0.into(), survey.into(), prefecture.to_string().into(), cells.into(), now.into()])
    };
    records.into_iter().map(row).collect()
}
