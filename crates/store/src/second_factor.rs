//! What stands between a right password and a sign-in: the second factor, recovery codes, the terms; and what an administrator does to
//! operators. Tables of sign-in: only the system role reads them.

use crate::{account::Number, db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::id::{AccountId, OrganisationId};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What somebody who is not inside yet has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfKind {
    /// Type a code.
    Code,
    /// Go the road of the first sign-in.
    Setup,
}

impl HalfKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Setup => "setup",
        }
    }
}

/// Somebody who is not inside yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfRow {
    /// Who.
    pub account: AccountId,
    /// What is left to do.
    pub kind: HalfKind,
    /// Recovery codes were made from its token.
    pub has_codes: bool,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A second factor, or the offer of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRow {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is on; `None`: an offer.
    pub confirmed_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct FoundHalf {
    account_id: Uuid,
    kind: String,
    codes_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct FoundTotp {
    secret: Vec<u8>,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Who is half inside by this token, unless that ended.
    pub async fn half_sign_in_unscoped(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<HalfRow>, StoreError> {
        let sql = "SELECT account_id, kind, codes_at, expires_at FROM half_sign_in WHERE token_hash = $1 AND expires_at > $2";
        let found: Option<FoundHalf> = self.system_rows().one(sql, vec![token_hash.to_vec().into(), now.into()]).await?;
        Ok(found.map(|r| HalfRow {
            account: AccountId(r.account_id),
            kind: if r.kind == "setup" { HalfKind::Setup } else { HalfKind::Code },
            has_codes: r.codes_at.is_some(),
            expires_at: r.expires_at,
        }))
    }

    /// The second factor of an operator, or the offer of one.
    pub async fn totp_unscoped(&self, account: AccountId) -> Result<Option<TotpRow>, StoreError> {
        let sql = "SELECT secret, created_at, confirmed_at FROM account_totp WHERE account_id = $1";
        let found: Option<FoundTotp> = self.system_rows().one(sql, vec![account.0.into()]).await?;
        Ok(found.map(|r| TotpRow { secret: r.secret, created_at: r.created_at, confirmed_at: r.confirmed_at }))
    }

    /// Is this one of the operator's recovery codes, not used yet?
    pub async fn is_recovery_code_unscoped(&self, account: AccountId, hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM recovery_code WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
        let found: Option<Number> = self.system_rows().one(sql, vec![account.0.into(), hash.to_vec().into()]).await?;
        Ok(found.is_some_and(|n| n.n == 1))
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left_unscoped(&self, account: AccountId) -> Result<usize, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";
        let found: Option<Number> = self.system_rows().one(sql, vec![account.0.into()]).await?;
        Ok(found.map_or(0, |n| usize::try_from(n.n).unwrap_or_default()))
    }
}

impl WriteTx {
    /// Lets somebody in by half. What ended long ago goes.
    pub async fn add_half_sign_in(
        &self,
        token_hash: &[u8],
        account: AccountId,
        kind: HalfKind,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.execute("DELETE FROM half_sign_in WHERE expires_at < $1", vec![self.now().into()]).await?;
        let sql = "INSERT INTO half_sign_in (token_hash, account_id, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        let values = vec![token_hash.to_vec().into(), account.0.into(), kind.as_str().into(), self.now().into(), expires_at.into()];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Ends a half sign-in. False if it ended before: whoever comes second is not let in by it.
    pub async fn end_half_sign_in(&self, token_hash: &[u8]) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM half_sign_in WHERE token_hash = $1", vec![token_hash.to_vec().into()]).await? == 1)
    }

    /// Ends all of an operator's.
    pub async fn end_half_sign_ins(&self, account: AccountId) -> Result<(), StoreError> {
        self.execute("DELETE FROM half_sign_in WHERE account_id = $1", vec![account.0.into()]).await?;
        Ok(())
    }

    /// Ends all of an operator's but this one: whoever came half inside before the second factor was on does not pass it by.
    pub async fn end_other_half_sign_ins(&self, account: AccountId, token_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "DELETE FROM half_sign_in WHERE account_id = $1 AND token_hash <> $2";
        self.execute(sql, vec![account.0.into(), token_hash.to_vec().into()]).await?;
        Ok(())
    }

    /// Notes that recovery codes were made from this token.
    pub async fn note_codes(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE half_sign_in SET codes_at = $2 WHERE token_hash = $1";
        self.execute(sql, vec![token_hash.to_vec().into(), self.now().into()]).await?;
        Ok(())
    }

    /// The operator accepts the terms.
    pub async fn accept_terms(&self, account: AccountId, version: i32) -> Result<(), StoreError> {
        let sql = "UPDATE account SET terms_version = $2, terms_at = $3 WHERE id = $1";
        self.execute(sql, vec![account.0.into(), version.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Offers a second factor. One that is on stays as it is.
    pub async fn offer_totp(&self, account: AccountId, secret: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_totp (account_id, secret, created_at) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE SET \
                   secret = excluded.secret, created_at = excluded.created_at, last_step = NULL WHERE account_totp.confirmed_at IS NULL";
        self.execute(sql, vec![account.0.into(), secret.to_vec().into(), self.now().into()]).await?;
        Ok(())
    }

    /// Switches on what was offered, by the code of this step. False if this secret is no offer any more.
    pub async fn confirm_totp(&self, account: AccountId, secret: &[u8], step: i64) -> Result<bool, StoreError> {
        let sql =
            "UPDATE account_totp SET confirmed_at = $3, last_step = $4 WHERE account_id = $1 AND secret = $2 AND confirmed_at IS NULL";
        Ok(self.execute(sql, vec![account.0.into(), secret.to_vec().into(), self.now().into(), step.into()]).await? == 1)
    }

    /// Takes the code of this step. False if it, or a later one, was taken before（RFC 6238 §5.2: no code twice）.
    pub async fn take_totp(&self, account: AccountId, step: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE account_totp SET last_step = $2 WHERE account_id = $1 AND confirmed_at IS NOT NULL \
                   AND (last_step IS NULL OR last_step < $2)";
        Ok(self.execute(sql, vec![account.0.into(), step.into()]).await? == 1)
    }

    /// Switches the authenticator off. Recovery codes go with the last second factor.
    pub async fn remove_totp(&self, account: AccountId) -> Result<(), StoreError> {
        self.execute("DELETE FROM account_totp WHERE account_id = $1", vec![account.0.into()]).await?;
        let sql =
            "DELETE FROM recovery_code WHERE account_id = $1 AND NOT EXISTS (SELECT 1 FROM account_passkey p WHERE p.account_id = $1)";
        self.execute(sql, vec![account.0.into()]).await?;
        Ok(())
    }

    /// Switches every second factor off: authenticator, passkeys, recovery codes.
    pub async fn remove_factors(&self, account: AccountId) -> Result<(), StoreError> {
        for table in ["account_totp", "account_passkey", "passkey_ceremony", "recovery_code"] {
            self.execute(&format!("DELETE FROM {table} WHERE account_id = $1"), vec![account.0.into()]).await?;
        }
        Ok(())
    }

    /// Puts new recovery codes in the place of the old ones.
    pub async fn put_recovery_codes(&self, account: AccountId, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
        self.execute("DELETE FROM recovery_code WHERE account_id = $1", vec![account.0.into()]).await?;
        for hash in hashes {
            let sql = "INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)";
            self.execute(sql, vec![account.0.into(), hash.to_vec().into()]).await?;
        }
        Ok(())
    }

    /// Takes a recovery code. False if there is none such, or it was taken before.
    pub async fn take_recovery_code(&self, account: AccountId, hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
        Ok(self.execute(sql, vec![account.0.into(), hash.to_vec().into(), self.now().into()]).await? == 1)
    }

    /// Makes an operator administrator, or no longer.
    pub async fn set_administrator(&self, account: AccountId, is: bool) -> Result<(), StoreError> {
        self.execute("UPDATE account SET is_administrator = $2 WHERE id = $1", vec![account.0.into(), is.into()]).await?;
        Ok(())
    }

    /// Who, beside this one, can administer the organisation: neither suspended nor removed, with a password. Read inside the
    /// transaction, under its lock, so that two who take each other away do not both succeed.
    pub async fn other_administrators(&self, organisation: OrganisationId, but: AccountId) -> Result<usize, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM account WHERE organisation_id = $1 AND id <> $2 AND is_administrator \
                   AND suspended_at IS NULL AND removed_at IS NULL AND password_hash IS NOT NULL";
        let found: Option<Number> = self.rows().one(sql, vec![organisation.0.into(), but.0.into()]).await?;
        Ok(found.map_or(0, |n| usize::try_from(n.n).unwrap_or_default()))
    }

    /// Removes an operator. The row stays: its number is never used again.
    pub async fn remove_account(&self, account: AccountId) -> Result<(), StoreError> {
        let sql = "UPDATE account SET removed_at = $2, password_hash = NULL, is_administrator = $3 WHERE id = $1";
        self.execute(sql, vec![account.0.into(), self.now().into(), false.into()]).await?;
        Ok(())
    }

    /// Takes an operator's password away.
    pub async fn clear_password(&self, account: AccountId) -> Result<(), StoreError> {
        let sql = "UPDATE account SET password_hash = NULL, password_short = $2 WHERE id = $1";
        self.execute(sql, vec![account.0.into(), false.into()]).await?;
        Ok(())
    }

    /// Ends the links of an operator that were not used.
    pub async fn end_password_links(&self, account: AccountId) -> Result<(), StoreError> {
        let sql = "UPDATE password_link SET expires_at = $2 WHERE account_id = $1 AND used_at IS NULL AND expires_at > $2";
        self.execute(sql, vec![account.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Ends every sign-in of an operator.
    pub async fn end_sessions(&self, account: AccountId) -> Result<(), StoreError> {
        let sql = "UPDATE session SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL";
        self.execute(sql, vec![account.0.into(), self.now().into()]).await?;
        Ok(())
    }
}
