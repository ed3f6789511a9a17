//! Keys of the API. Tables of sign-in: only the system role reads them, so every read here names the organisation it is for.

use crate::{db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::{
    id::{AccountId, HospitalId, OrganisationId, PrefCode, SessionId},
    key::{KeyLimits, KeyWish},
};
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use sea_orm::FromQueryResult;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Who made it.
    pub account: AccountId,
    /// Their name.
    pub made_by: String,
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: KeyLimits,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where.
    pub last_network: Option<String>,
}

/// A token that stands for one operator, as the command line makes them.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct TokenLine {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The operator's number.
    pub operator: i32,
    /// The operator's name.
    pub operator_name: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A key that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringKey {
    /// Its id.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub account: AccountId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// So many days before, the mailbox was told last.
    pub told_days: Option<i64>,
    /// Its organisation's ID,
    pub code: String,
    /// name,
    pub organisation_name: String,
    /// prefecture
    pub prefecture: Option<PrefCode>,
    /// and mailbox.
    pub mailbox: Option<String>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    organisation_id: Uuid,
    account_id: Uuid,
    made_by: String,
    name: String,
    may_read: bool,
    may_report: bool,
    is_feed: bool,
    hospitals: Option<String>,
    networks: String,
    per_minute: Option<i32>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    last_network: Option<String>,
}

impl TryFrom<Found> for KeyRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        let hospitals: Option<BTreeSet<HospitalId>> =
            r.hospitals.map(|list| serde_json::from_str(&list)).transpose().map_err(StoreError::corrupt)?;
        let networks = r.networks.split_whitespace().map(str::parse::<IpNet>);
        let per_minute = r.per_minute.and_then(|n| u32::try_from(n).ok());
        Ok(Self {
            id: SessionId(r.id),
            organisation: OrganisationId(r.organisation_id),
            account: AccountId(r.account_id),
            made_by: r.made_by,
            name: r.name,
            limits: KeyLimits {
                read: r.may_read,
                report: r.may_report,
                hospitals,
                networks: networks.collect::<Result<_, _>>().map_err(StoreError::corrupt)?,
                per_minute: per_minute.ok_or_else(|| StoreError::corrupt("a key without a limit"))?,
                feed: r.is_feed,
            },
            created_at: r.created_at,
            expires_at: r.expires_at,
            revoked_at: r.revoked_at,
            last_used_at: r.last_used_at,
            last_network: r.last_network,
        })
    }
}

const KEY: &str = "SELECT k.id, k.organisation_id, k.account_id, a.name AS made_by, k.name, k.may_read, k.may_report, k.is_feed, k.hospitals, k.networks, \
     k.per_minute, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, k.last_network \
     FROM api_token k JOIN account a ON a.id = k.account_id JOIN organisation o ON o.id = k.organisation_id";

#[derive(FromQueryResult)]
struct FoundExpiring {
    id: Uuid,
    name: String,
    account_id: Uuid,
    expires_at: DateTime<Utc>,
    told_days: Option<i32>,
    code: String,
    organisation_name: String,
    pref_code: Option<String>,
    mailbox: Option<String>,
}

impl Store {
    /// The key of this secret, unless it was revoked or its organisation is suspended.
    pub async fn key_unscoped(&self, token_hash: &[u8]) -> Result<Option<KeyRow>, StoreError> {
        let sql = format!("{KEY} WHERE k.token_hash = $1 AND k.revoked_at IS NULL AND o.suspended_at IS NULL");
        let found: Option<Found> = self.system_rows().one(&sql, vec![token_hash.to_vec().into()]).await?;
        found.map(KeyRow::try_from).transpose()
    }

    /// The keys of an organisation, those that were revoked or ended before `since` left out, the newest first.
    pub async fn keys_unscoped(&self, organisation: OrganisationId, since: DateTime<Utc>) -> Result<Vec<KeyRow>, StoreError> {
        let sql = format!(
            "{KEY} WHERE k.organisation_id = $1 AND (k.revoked_at IS NULL OR k.revoked_at >= $2) AND k.expires_at >= $2 \
             ORDER BY k.created_at DESC, k.id LIMIT 500"
        );
        let found: Vec<Found> = self.system_rows().all(&sql, vec![organisation.0.into(), since.into()]).await?;
        found.into_iter().map(KeyRow::try_from).collect()
    }

    /// Tokens of an organisation's operators that stand.
    pub async fn tokens_unscoped(&self, organisation: OrganisationId, now: DateTime<Utc>) -> Result<Vec<TokenLine>, StoreError> {
        let sql = "SELECT k.id, k.name, a.operator, a.name AS operator_name, k.expires_at FROM api_token k JOIN account a ON a.id = k.account_id \
                   WHERE k.organisation_id IS NULL AND a.organisation_id = $1 AND k.revoked_at IS NULL AND k.expires_at > $2 \
                   ORDER BY a.operator, k.created_at, k.id LIMIT 500";
        self.system_rows().all(sql, vec![organisation.0.into(), now.into()]).await
    }

    /// Keys that end between two moments and were not told of with the last notice yet.
    pub async fn expiring_keys_unscoped(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<ExpiringKey>, StoreError> {
        let sql = "SELECT k.id, k.name, k.account_id, k.expires_at, k.told_days, o.code, o.name AS organisation_name, o.pref_code, o.mailbox \
                   FROM api_token k JOIN organisation o ON o.id = k.organisation_id WHERE k.revoked_at IS NULL AND o.suspended_at IS NULL \
                   AND k.expires_at > $1 AND k.expires_at <= $2 AND (k.told_days IS NULL OR k.told_days > 7) ORDER BY k.expires_at, k.id";
        let found: Vec<FoundExpiring> = self.system_rows().all(sql, vec![now.into(), until.into()]).await?;
        let key = |r: FoundExpiring| {
            Ok(ExpiringKey {
                id: SessionId(r.id),
                name: r.name,
                account: AccountId(r.account_id),
                expires_at: r.expires_at,
                told_days: r.told_days.map(i64::from),
                code: r.code,
                organisation_name: r.organisation_name,
                prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
                mailbox: r.mailbox,
            })
        };
        found.into_iter().map(key).collect()
    }
}

/// Networks as the table keeps them.
fn networks(limits: &KeyLimits) -> String {
    limits.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn hospitals(limits: &KeyLimits) -> Result<Option<String>, StoreError> {
    limits.hospitals.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::corrupt)
}

fn per_minute(limits: &KeyLimits) -> Result<i32, StoreError> {
    i32::try_from(limits.per_minute).map_err(StoreError::corrupt)
}

impl WriteTx {
    /// Adds a key. False where this secret has one already: the same form, sent twice.
    pub async fn add_key(
        &self,
        id: SessionId,
        (organisation, account): (OrganisationId, AccountId),
        token_hash: &[u8],
        key: &KeyWish,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO api_token (id, token_hash, account_id, organisation_id, name, may_read, may_report, hospitals, networks, \
                   per_minute, created_at, expires_at, is_feed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
                   ON CONFLICT (token_hash) DO NOTHING";
        let values = vec![
            id.0.into(),
            token_hash.to_vec().into(),
            account.0.into(),
            organisation.0.into(),
            key.name.as_str().into(),
            key.limits.read.into(),
            key.limits.report.into(),
            hospitals(&key.limits)?.into(),
            networks(&key.limits).into(),
            per_minute(&key.limits)?.into(),
            self.now().into(),
            key.expires_at.into(),
            key.limits.feed.into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// How many keys of an organisation stand, as this transaction sees it.
    pub async fn standing_keys(&self, organisation: OrganisationId) -> Result<usize, StoreError> {
        let sql =
            "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM api_token WHERE organisation_id = $1 AND revoked_at IS NULL AND expires_at > $2";
        let found: Option<crate::account::Number> = self.rows().one(sql, vec![organisation.0.into(), self.now().into()]).await?;
        Ok(found.and_then(|n| usize::try_from(n.n).ok()).unwrap_or_default())
    }

    /// Changes a key that stands. False if there is none. What was told of its end counts for nothing where the end moves.
    pub async fn change_key(&self, id: SessionId, organisation: OrganisationId, key: &KeyWish) -> Result<bool, StoreError> {
        let sql = "UPDATE api_token SET name = $3, may_read = $4, may_report = $5, hospitals = $6, networks = $7, per_minute = $8, \
                   told_days = CASE WHEN expires_at = $9 THEN told_days END, expires_at = $9, is_feed = $10 \
                   WHERE id = $1 AND organisation_id = $2 AND revoked_at IS NULL";
        let values = vec![
            id.0.into(),
            organisation.0.into(),
            key.name.as_str().into(),
            key.limits.read.into(),
            key.limits.report.into(),
            hospitals(&key.limits)?.into(),
            networks(&key.limits).into(),
            per_minute(&key.limits)?.into(),
            key.expires_at.into(),
            key.limits.feed.into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Revokes a key of an organisation, or a token of one of its operators. False if there is none.
    pub async fn revoke_key(&self, id: SessionId, organisation: OrganisationId) -> Result<bool, StoreError> {
        let sql = "UPDATE api_token SET revoked_at = $3 WHERE id = $1 AND revoked_at IS NULL AND (organisation_id = $2 \
                   OR (organisation_id IS NULL AND account_id IN (SELECT id FROM account WHERE organisation_id = $2)))";
        Ok(self.execute(sql, vec![id.0.into(), organisation.0.into(), self.now().into()]).await? == 1)
    }

    /// Notes that a key was used.
    pub async fn touch_key(&self, id: SessionId, at: DateTime<Utc>, network: &str) -> Result<(), StoreError> {
        let sql = "UPDATE api_token SET last_used_at = $2, last_network = $3 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        self.execute(sql, vec![id.0.into(), at.into(), network.into()]).await?;
        Ok(())
    }

    /// The mailbox was told that a key ends. False where another node did so.
    pub async fn note_key_told(&self, id: SessionId, days: i64) -> Result<bool, StoreError> {
        let days = i32::try_from(days).map_err(StoreError::corrupt)?;
        let sql = "UPDATE api_token SET told_days = $2 WHERE id = $1 AND revoked_at IS NULL AND (told_days IS NULL OR told_days > $2)";
        Ok(self.execute(sql, vec![id.0.into(), days.into()]).await? == 1)
    }

    /// Keys go over with their organisation.
    pub async fn move_keys(&self, from: OrganisationId, to: OrganisationId) -> Result<(), StoreError> {
        let sql = "UPDATE api_token SET organisation_id = $2 WHERE organisation_id = $1";
        self.execute(sql, vec![from.0.into(), to.0.into()]).await?;
        Ok(())
    }
}
