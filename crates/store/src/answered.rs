//! Who has answered a survey's period.

use crate::{
    error::StoreError,
    read::{Reader, wall_filter},
};
use akidoko_domain::id::HospitalId;
use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Found {
    hospital_id: Uuid,
}

impl Reader {
    /// The hospitals, as far as the scope sees them, that have answered a survey's period.
    pub async fn answered(&self, survey: &str, date: NaiveDate) -> Result<BTreeSet<HospitalId>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT hospital_id FROM report_version WHERE {} AND survey = $2 AND report_date = $3 AND kind = 'full'",
            wall_filter("pref_code")
        );
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), survey.into(), date.into()]).await?;
        Ok(found.into_iter().map(|f| HospitalId(f.hospital_id)).collect())
    }
}
