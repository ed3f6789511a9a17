//! Views of the board that were saved, and landmarks. They are an organisation's: besides the wall each question names it.

use crate::{
    error::StoreError,
    read::{Reader, wall_filter},
    write::WriteTx,
};
use akidoko_domain::{
    board::kept::{Landmark, SavedView},
    id::{AccountId, KeptId, OrganisationId, PrefCode},
    place::Point,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct ViewRow {
    id: Uuid,
    account_id: Option<Uuid>,
    name: String,
    parameters: String,
}

#[derive(FromQueryResult)]
struct LandmarkRow {
    id: Uuid,
    name: String,
    latitude: f64,
    longitude: f64,
}

impl Reader {
    /// The views of an organisation, the oldest first; of its operators' own ones only this operator's.
    pub async fn saved_views(&self, organisation: OrganisationId, account: AccountId) -> Result<Vec<SavedView>, StoreError> {
        let sql = format!(
            "SELECT id, account_id, name, parameters FROM saved_view WHERE {} AND organisation_id = $2 \
             AND (account_id IS NULL OR account_id = $3) ORDER BY saved_at, id",
            wall_filter("pref_code")
        );
        let rows: Vec<ViewRow> = self.all(&sql, vec![self.wall(), organisation.0.into(), account.0.into()]).await?;
        let view =
            |r: ViewRow| SavedView { id: KeptId(r.id), account: r.account_id.map(AccountId), name: r.name, parameters: r.parameters };
        Ok(rows.into_iter().map(view).collect())
    }

    /// The landmarks of an organisation, by name.
    pub async fn landmarks(&self, organisation: OrganisationId) -> Result<Vec<Landmark>, StoreError> {
        let sql = format!(
            "SELECT id, name, latitude, longitude FROM landmark WHERE {} AND organisation_id = $2 ORDER BY name, id",
            wall_filter("pref_code")
        );
        let rows: Vec<LandmarkRow> = self.all(&sql, vec![self.wall(), organisation.0.into()]).await?;
        let landmark = |r: LandmarkRow| {
            let place = Point::new(r.latitude, r.longitude).ok_or_else(|| StoreError::corrupt("no place on the earth"))?;
            Ok(Landmark { id: KeptId(r.id), name: r.name, place })
        };
        rows.into_iter().map(landmark).collect()
    }
}

#[derive(FromQueryResult)]
struct Counted {
    n: i64,
}

impl WriteTx {
    /// So many views an organisation has, all its operators' together; under the lock of the log.
    pub async fn count_views(&self, organisation: OrganisationId) -> Result<usize, StoreError> {
        self.count_kept("saved_view", organisation).await
    }

    /// So many landmarks an organisation has; under the lock of the log.
    pub async fn count_landmarks(&self, organisation: OrganisationId) -> Result<usize, StoreError> {
        self.count_kept("landmark", organisation).await
    }

    async fn count_kept(&self, table: &str, organisation: OrganisationId) -> Result<usize, StoreError> {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE organisation_id = $1");
        let counted = self.rows().one::<Counted>(&sql, vec![organisation.0.into()]).await?;
        Ok(counted.and_then(|c| usize::try_from(c.n).ok()).unwrap_or(0))
    }

    /// Adds a view.
    pub async fn add_view(&self, view: &SavedView, prefecture: PrefCode, of: OrganisationId, by: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO saved_view (id, pref_code, organisation_id, account_id, name, parameters, saved_at, saved_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            view.id.0.into(),
            prefecture.to_string().into(),
            of.0.into(),
            view.account.map(|a| a.0).into(),
            view.name.as_str().into(),
            view.parameters.as_str().into(),
            self.now().into(),
            by.into(),
        ];
        self.execute(sql, values).await.map(|_| ())
    }

    /// Adds a landmark.
    pub async fn add_landmark(&self, landmark: &Landmark, prefecture: PrefCode, of: OrganisationId, by: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO landmark (id, pref_code, organisation_id, name, latitude, longitude, saved_at, saved_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            landmark.id.0.into(),
            prefecture.to_string().into(),
            of.0.into(),
            landmark.name.as_str().into(),
            landmark.place.latitude().into(),
            landmark.place.longitude().into(),
            self.now().into(),
            by.into(),
        ];
        self.execute(sql, values).await.map(|_| ())
    }

    /// Takes a view of the organisation's or the operator's own away. `false`: there is none such.
    pub async fn remove_view(&self, id: KeptId, of: OrganisationId, account: AccountId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM saved_view WHERE id = $1 AND organisation_id = $2 AND (account_id IS NULL OR account_id = $3)";
        Ok(self.execute(sql, vec![id.0.into(), of.0.into(), account.0.into()]).await? == 1)
    }

    /// Takes a landmark away. `false`: there is none such.
    pub async fn remove_landmark(&self, id: KeptId, of: OrganisationId) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM landmark WHERE id = $1 AND organisation_id = $2", vec![id.0.into(), of.0.into()]).await? == 1)
    }
}
