//! Surveys by version, the drafts of what they will be, and what prefectures want of them.

use crate::{db::Store, error::StoreError, read::places, write::WriteTx};
use akidoko_domain::{
    id::{HospitalId, PrefCode},
    survey::{Catalogue, Mark, Marks, SHIPPED, Survey},
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct SurveyRow {
    definition: String,
}

/// What the next version of a survey will be. It need not be whole.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyDraft {
    /// The survey, with the number that its version would get.
    pub survey: Survey,
    /// Counts its changes.
    pub revision: i32,
    /// Who wrote it last.
    pub written_by: String,
    /// Its last change.
    pub updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct DraftRow {
    definition: String,
    revision: i32,
    written_by: String,
    updated_at: DateTime<Utc>,
}

impl TryFrom<DraftRow> for SurveyDraft {
    type Error = StoreError;
    fn try_from(r: DraftRow) -> Result<Self, StoreError> {
        let survey = serde_json::from_str(&r.definition).map_err(StoreError::corrupt)?;
        Ok(Self { survey, revision: r.revision, written_by: r.written_by, updated_at: r.updated_at })
    }
}

/// Who published a version, and when. What shipped has neither.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Publishing {
    /// The survey.
    pub code: String,
    /// Its version.
    pub version: i32,
    /// When.
    pub published_at: Option<DateTime<Utc>>,
    /// Who.
    pub published_by: Option<String>,
}

#[derive(FromQueryResult)]
struct MarkRow {
    pref_code: String,
    survey: String,
    item: String,
    mark: String,
}

#[derive(FromQueryResult)]
struct NamedRow {
    survey: String,
    hospital_id: Uuid,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

const DRAFT: &str = "SELECT definition, revision, written_by, updated_at FROM survey_draft";

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

    /// Every draft, by code.
    pub async fn survey_drafts_unscoped(&self) -> Result<Vec<SurveyDraft>, StoreError> {
        let rows: Vec<DraftRow> = self.system_rows().all(&format!("{DRAFT} ORDER BY code"), vec![]).await?;
        rows.into_iter().map(SurveyDraft::try_from).collect()
    }

    /// The draft of a survey.
    pub async fn survey_draft_unscoped(&self, code: &str) -> Result<Option<SurveyDraft>, StoreError> {
        let row: Option<DraftRow> = self.system_rows().one(&format!("{DRAFT} WHERE code = $1"), vec![code.into()]).await?;
        row.map(SurveyDraft::try_from).transpose()
    }

    /// Who published the versions.
    pub async fn survey_publishings_unscoped(&self) -> Result<Vec<Publishing>, StoreError> {
        let sql = "SELECT code, version, published_at, published_by FROM survey_version ORDER BY code, version";
        self.system_rows().all(sql, vec![]).await
    }

    /// What every prefecture requires and hides, by prefecture and survey.
    pub async fn survey_marks_unscoped(&self) -> Result<BTreeMap<(PrefCode, String), Marks>, StoreError> {
        let rows: Vec<MarkRow> = self.system_rows().all("SELECT pref_code, survey, item, mark FROM survey_mark", vec![]).await?;
        let mut marks: BTreeMap<(PrefCode, String), Marks> = BTreeMap::new();
        for r in rows {
            let prefecture = r.pref_code.parse().map_err(StoreError::corrupt)?;
            let mark = Mark::parse(&r.mark).ok_or_else(|| StoreError::corrupt(&r.mark))?;
            marks.entry((prefecture, r.survey)).or_default().0.insert(r.item, mark);
        }
        Ok(marks)
    }

    /// The hospitals that prefectures named, by survey. Of two entries that turned out to be one, the one that lives on.
    pub async fn survey_hospitals_unscoped(&self) -> Result<BTreeMap<String, BTreeSet<HospitalId>>, StoreError> {
        let sql =
            "SELECT s.survey, COALESCE(h.merged_into, h.id) AS hospital_id FROM survey_hospital s JOIN hospital h ON h.id = s.hospital_id";
        let mut named: BTreeMap<String, BTreeSet<HospitalId>> = BTreeMap::new();
        for r in self.system_rows().all::<NamedRow>(sql, vec![]).await? {
            named.entry(r.survey).or_default().insert(HospitalId(r.hospital_id));
        }
        Ok(named)
    }
}

impl WriteTx {
    /// The draft of a survey as it stands in this transaction.
    pub async fn survey_draft(&self, code: &str) -> Result<Option<SurveyDraft>, StoreError> {
        let row: Option<DraftRow> = self.rows().one(&format!("{DRAFT} WHERE code = $1"), vec![code.into()]).await?;
        row.map(SurveyDraft::try_from).transpose()
    }

    /// Writes a draft, new or anew.
    pub async fn put_survey_draft(&self, draft: &SurveyDraft) -> Result<(), StoreError> {
        let sql = "INSERT INTO survey_draft (code, revision, definition, written_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) \
                   ON CONFLICT (code) DO UPDATE SET revision = excluded.revision, definition = excluded.definition, \
                   written_by = excluded.written_by, updated_at = excluded.updated_at";
        let definition = serde_json::to_string(&draft.survey).map_err(StoreError::corrupt)?;
        let values = vec![
            draft.survey.code.as_str().into(),
            draft.revision.into(),
            definition.into(),
            draft.written_by.as_str().into(),
            draft.updated_at.into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Throws a draft away.
    pub async fn drop_survey_draft(&self, code: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM survey_draft WHERE code = $1", vec![code.into()]).await?;
        Ok(())
    }

    /// The versions of a survey as they stand in this transaction.
    pub async fn survey_versions(&self, code: &str) -> Result<Vec<Survey>, StoreError> {
        let sql = "SELECT definition FROM survey_version WHERE code = $1 ORDER BY version";
        let rows: Vec<SurveyRow> = self.rows().all(sql, vec![code.into()]).await?;
        rows.iter().map(|r| Survey::from_json(&r.definition).map_err(StoreError::corrupt)).collect()
    }

    /// Publishes a version. One that stands is a unique violation.
    pub async fn publish_survey(&self, survey: &Survey, by: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO survey_version (code, version, valid_from, definition, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6)";
        let definition = serde_json::to_string(survey).map_err(StoreError::corrupt)?;
        let version = i32::try_from(survey.version).map_err(StoreError::corrupt)?;
        let values =
            vec![survey.code.as_str().into(), version.into(), survey.valid_from.into(), definition.into(), self.now().into(), by.into()];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Takes a version back that nobody has answered. `false`: somebody has.
    pub async fn withdraw_survey(&self, code: &str, version: u32) -> Result<bool, StoreError> {
        let version = i32::try_from(version).map_err(StoreError::corrupt)?;
        let sql = "SELECT (SELECT COUNT(*) FROM report_version WHERE survey = $1 AND survey_version = $2) + \
                   (SELECT COUNT(*) FROM prefecture_report_version WHERE survey = $1 AND survey_version = $2) AS n";
        let answered: Option<Count> = self.rows().one(sql, vec![code.into(), version.into()]).await?;
        if answered.is_some_and(|c| c.n > 0) {
            return Ok(false);
        }
        self.execute("DELETE FROM survey_version WHERE code = $1 AND version = $2", vec![code.into(), version.into()]).await?;
        Ok(true)
    }

    /// Sets all that a prefecture requires and hides of a survey.
    pub async fn set_survey_marks(&self, prefecture: PrefCode, survey: &str, marks: &Marks) -> Result<(), StoreError> {
        self.execute("DELETE FROM survey_mark WHERE pref_code = $1 AND survey = $2", vec![prefecture.to_string().into(), survey.into()])
            .await?;
        for (item, mark) in &marks.0 {
            let sql = "INSERT INTO survey_mark (pref_code, survey, item, mark) VALUES ($1, $2, $3, $4)";
            let values = vec![prefecture.to_string().into(), survey.into(), item.as_str().into(), mark.as_str().into()];
            self.execute(sql, values).await?;
        }
        Ok(())
    }

    /// What a prefecture marked of a survey, as it stands in this transaction.
    pub async fn survey_marks(&self, prefecture: PrefCode, survey: &str) -> Result<Marks, StoreError> {
        let sql = "SELECT pref_code, survey, item, mark FROM survey_mark WHERE pref_code = $1 AND survey = $2";
        let rows: Vec<MarkRow> = self.rows().all(sql, vec![prefecture.to_string().into(), survey.into()]).await?;
        let one = |r: MarkRow| Ok((r.item, Mark::parse(&r.mark).ok_or_else(|| StoreError::corrupt(&r.mark))?));
        Ok(Marks(rows.into_iter().map(one).collect::<Result<_, StoreError>>()?))
    }

    /// Whom a prefecture named for a survey, as it stands in this transaction.
    pub async fn survey_hospitals(&self, prefecture: PrefCode, survey: &str) -> Result<BTreeSet<HospitalId>, StoreError> {
        let sql = "SELECT s.survey, COALESCE(h.merged_into, h.id) AS hospital_id FROM survey_hospital s JOIN hospital h ON h.id = s.hospital_id \
                   WHERE s.pref_code = $1 AND s.survey = $2";
        let rows: Vec<NamedRow> = self.rows().all(sql, vec![prefecture.to_string().into(), survey.into()]).await?;
        Ok(rows.into_iter().map(|r| HospitalId(r.hospital_id)).collect())
    }

    /// Sets all the hospitals that a prefecture names for a survey.
    pub async fn set_survey_hospitals(
        &self,
        prefecture: PrefCode,
        survey: &str,
        hospitals: &BTreeSet<HospitalId>,
    ) -> Result<(), StoreError> {
        let of = vec![prefecture.to_string().into(), survey.into()];
        self.execute("DELETE FROM survey_hospital WHERE pref_code = $1 AND survey = $2", of).await?;
        let ids: Vec<HospitalId> = hospitals.iter().copied().collect();
        for some in ids.chunks(400) {
            // The hospital's own prefecture: another one's cannot be named, whatever was asked.
            let sql = format!(
                "INSERT INTO survey_hospital (survey, hospital_id, pref_code) SELECT $1, id, pref_code FROM hospital \
                 WHERE pref_code = $2 AND id IN ({})",
                places(3, some.len())
            );
            let mut values = vec![survey.into(), prefecture.to_string().into()];
            values.extend(some.iter().map(|h| h.0.into()));
            self.execute(&sql, values).await?;
        }
        Ok(())
    }
}
