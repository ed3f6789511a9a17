//! Passkeys and the ceremonies that are under way. Tables of sign-in: only the system role reads them.

use crate::{db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::id::AccountId;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PasskeyRow {
    /// Our own id.
    pub id: Uuid,
    /// What its operator calls it.
    pub name: String,
    /// Its public part, as the library keeps it.
    pub credential: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The passkeys of an operator, the oldest first.
    pub async fn passkeys_unscoped(&self, account: AccountId) -> Result<Vec<PasskeyRow>, StoreError> {
        let sql =
            "SELECT id, name, credential, created_at, last_used_at FROM account_passkey WHERE account_id = $1 ORDER BY created_at, id";
        self.system_rows().all(sql, vec![account.0.into()]).await
    }
}

impl WriteTx {
    /// Adds a passkey. False if this authenticator has one here already.
    pub async fn add_passkey(&self, account: AccountId, credential_id: &[u8], row: &PasskeyRow) -> Result<bool, StoreError> {
        let sql = "INSERT INTO account_passkey (id, account_id, credential_id, name, credential, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING";
        let values = vec![
            row.id.into(),
            account.0.into(),
            credential_id.to_vec().into(),
            row.name.as_str().into(),
            row.credential.as_str().into(),
            self.now().into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// A passkey was used: its counter goes on.
    pub async fn use_passkey(&self, id: Uuid, credential: &str) -> Result<(), StoreError> {
        let sql = "UPDATE account_passkey SET credential = $2, last_used_at = $3 WHERE id = $1";
        self.execute(sql, vec![id.into(), credential.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Removes one of an operator's. False if there is none such.
    pub async fn remove_passkey(&self, account: AccountId, id: Uuid) -> Result<bool, StoreError> {
        let sql = "DELETE FROM account_passkey WHERE account_id = $1 AND id = $2";
        Ok(self.execute(sql, vec![account.0.into(), id.into()]).await? == 1)
    }

    /// Begins a ceremony; an earlier one of the same page ends. What ended long ago goes.
    pub async fn begin_ceremony(
        &self,
        subject: &[u8],
        account: AccountId,
        state: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.execute("DELETE FROM passkey_ceremony WHERE expires_at < $1", vec![self.now().into()]).await?;
        let sql = "INSERT INTO passkey_ceremony (subject, account_id, state, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (subject) \
                   DO UPDATE SET account_id = excluded.account_id, state = excluded.state, expires_at = excluded.expires_at";
        self.execute(sql, vec![subject.to_vec().into(), account.0.into(), state.into(), expires_at.into()]).await?;
        Ok(())
    }

    /// Takes a ceremony: it is good once, whatever comes of it.
    pub async fn take_ceremony(&self, subject: &[u8], account: AccountId) -> Result<Option<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Found {
            state: String,
        }
        let sql = "SELECT state FROM passkey_ceremony WHERE subject = $1 AND account_id = $2 AND expires_at > $3";
        let found: Option<Found> = self.rows().one(sql, vec![subject.to_vec().into(), account.0.into(), self.now().into()]).await?;
        let ended = self.execute("DELETE FROM passkey_ceremony WHERE subject = $1", vec![subject.to_vec().into()]).await?;
        Ok(found.filter(|_| ended == 1).map(|f| f.state))
    }
}
