//! Surveys by version.

use crate::{db::Store, error::StoreError};
use akidoko_domain::survey::{Catalogue, SHIPPED, Survey};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct SurveyRow {
    definition: String,
}

impl Store {
    /// Every version of every survey.
    pub async fn catalogue(&self) -> Result<Catalogue, StoreError> {
        let rows: Vec<SurveyRow> = self.system_rows().all("SELECT definition FROM survey_version ORDER BY code, version", vec![]).await?;
        let surveys = rows.iter().map(|r| Survey::from_json(&r.definition)).collect::<Result<Vec<_>, _>>();
        Ok(Catalogue::new(surveys.map_err(StoreError::corrupt)?))
    }

    /// Puts the surveys that ship into the database. A version that stands there is never touched: it is what was answered.
    pub async fn install_surveys(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.write_system(now).await?;
        for definition in SHIPPED {
            let survey = Survey::from_json(definition).map_err(StoreError::corrupt)?;
            let sql = "INSERT INTO survey_version (code, version, valid_from, definition) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
            let version = i32::try_from(survey.version).map_err(StoreError::corrupt)?;
            tx.execute(sql, vec![survey.code.into(), version.into(), survey.valid_from.into(), definition.into()]).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
