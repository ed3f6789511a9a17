//! What hospitals and invited organisations need on the road of an ID: the hospitals of a prefecture to choose from, who uses an
//! organisation's ID already, and the mail by which an applicant proves its address.

use crate::{db::Store, error::StoreError, hospital::StoredHospital, outbox::MailRow, write::WriteTx};
use akidoko_domain::{
    hospital::CodeSystem,
    id::{AccountId, ApplicationId, HospitalId, OrganisationId, PrefCode},
    organisation::OrganisationKind,
    time,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct InUse {
    id: Uuid,
    n: i64,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

#[derive(FromQueryResult)]
struct Standing {
    id: Uuid,
}

impl Store {
    /// Organisations of a kind in a prefecture that somebody can sign in to, with the number of such operators.
    pub async fn organisations_in_use_unscoped(
        &self,
        kind: OrganisationKind,
        prefecture: PrefCode,
    ) -> Result<BTreeMap<OrganisationId, u32>, StoreError> {
        let sql = "SELECT o.id, COUNT(*) AS n FROM organisation o JOIN account a ON a.organisation_id = o.id \
                   WHERE o.kind = $1 AND o.pref_code = $2 AND o.suspended_at IS NULL \
                   AND a.suspended_at IS NULL AND a.removed_at IS NULL AND a.password_hash IS NOT NULL GROUP BY o.id";
        let found: Vec<InUse> = self.system_rows().all(sql, vec![kind.as_str().into(), prefecture.to_string().into()]).await?;
        Ok(found.into_iter().map(|r| (OrganisationId(r.id), u32::try_from(r.n).unwrap_or(u32::MAX))).collect())
    }

    /// How many mails of a kind were written to an address since.
    pub async fn mails_to_unscoped(&self, kind: &str, recipient: &str, since: DateTime<Utc>) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM mail WHERE kind = $1 AND LOWER(recipient) = LOWER($2) AND created_at > $3";
        let found: Option<Count> = self.system_rows().one(sql, vec![kind.into(), recipient.into(), since.into()]).await?;
        Ok(found.map_or(0, |c| c.n))
    }
}

impl WriteTx {
    /// The hospitals of a prefecture, as they stand in this transaction.
    pub async fn hospitals_in(&self, prefecture: PrefCode) -> Result<Vec<StoredHospital>, StoreError> {
        StoredHospital::all(&self.rows(), "h.pref_code = $1", vec![prefecture.to_string().into()]).await
    }

    /// The hospital, or the one into which it was merged since.
    pub async fn standing_hospital(&self, id: HospitalId) -> Result<Option<StoredHospital>, StoreError> {
        let sql = "SELECT COALESCE(merged_into, id) AS id FROM hospital WHERE id = $1";
        let Some(standing) = self.rows().one::<Standing>(sql, vec![id.0.into()]).await? else { return Ok(None) };
        Ok(StoredHospital::all(&self.rows(), "h.id = $1", vec![standing.id.into()]).await?.pop())
    }

    /// Notes an outside code of a hospital, unless it is noted of one already.
    pub async fn add_hospital_code(
        &self,
        hospital: HospitalId,
        prefecture: PrefCode,
        system: CodeSystem,
        code: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO hospital_code (system, code, hospital_id, pref_code, valid_from) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (system, code) DO NOTHING";
        let day = time::jst_day(self.now());
        let values = vec![system.as_str().into(), code.into(), hospital.0.into(), prefecture.to_string().into(), day.into()];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Gives an operator another name.
    pub async fn rename_account(&self, id: AccountId, name: &str) -> Result<(), StoreError> {
        self.execute("UPDATE account SET name = $2 WHERE id = $1", vec![id.0.into(), name.into()]).await?;
        Ok(())
    }

    /// The mail led to this application; what it carried stands there now.
    pub async fn mail_led_to(&self, mail: &MailRow, application: ApplicationId) -> Result<(), StoreError> {
        let sql = "UPDATE mail SET application_id = $2, facts = '{}', opened_at = COALESCE(opened_at, $3) WHERE id = $1";
        self.execute(sql, vec![mail.id.0.into(), application.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Forgets what mails of a kind carried that led to nothing until then.
    pub async fn forget_mails(&self, kind: &str, before: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE mail SET facts = '{}', recipient = '' WHERE kind = $1 AND created_at < $2 AND application_id IS NULL \
                   AND recipient <> '' AND state <> 'waiting'";
        self.execute(sql, vec![kind.into(), before.into()]).await?;
        Ok(())
    }
}
