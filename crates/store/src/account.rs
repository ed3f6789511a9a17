//! Operators, their sign-ins, tokens and links. Only the system role reads these tables: nothing that serves people behind the wall
//! can reach a password hash.

use crate::{db::Store, entity, error::StoreError, write::WriteTx};
use akidoko_domain::{
    id::{AccountId, OrganisationCode, OrganisationId, SessionId, SignInName},
    organisation::{Organisation, OrganisationKind},
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// An operator with the organisation.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as it stands in the database")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The operator.
    pub id: AccountId,
    /// Their number.
    pub operator: u16,
    /// Their name.
    pub name: String,
    /// argon2id, in PHC form; `None` until a password was set.
    pub password_hash: Option<String>,
    /// Neither the operator nor the organisation is suspended, and the operator was not removed.
    pub active: bool,
    /// The operator is suspended.
    pub suspended: bool,
    /// Administers the organisation's operators.
    pub is_administrator: bool,
    /// The password is good only beside a second factor.
    pub password_short: bool,
    /// A second factor is on, of either kind.
    pub has_factor: bool,
    /// An authenticator is on.
    pub has_totp: bool,
    /// The terms that were accepted last.
    pub terms: Option<i32>,
    /// The organisation.
    pub organisation: Organisation,
}

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// From where.
    pub network: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// The last request, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// Whose.
    pub account: AccountId,
}

/// A token of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenRow {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A link to set a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordLinkRow {
    /// Whose.
    pub account: AccountId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Used already.
    pub used: bool,
}

/// How often a sign-in failed under a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct FailureRow {
    /// In a row.
    pub failures: i32,
    /// Refused until.
    pub blocked_until: Option<DateTime<Utc>>,
    /// The last one.
    pub last_at: Option<DateTime<Utc>>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as it stands in the database")]
#[derive(FromQueryResult)]
struct FoundAccount {
    id: Uuid,
    operator: i32,
    name: String,
    password_hash: Option<String>,
    active: bool,
    suspended: bool,
    is_administrator: bool,
    password_short: bool,
    has_totp: bool,
    has_passkey: bool,
    terms_version: Option<i32>,
    organisation_id: Uuid,
    code: String,
    kind: String,
    pref_code: Option<String>,
    organisation_name: String,
}

impl TryFrom<FoundAccount> for AccountRow {
    type Error = StoreError;
    fn try_from(r: FoundAccount) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(r.id),
            operator: u16::try_from(r.operator).map_err(StoreError::corrupt)?,
            name: r.name,
            password_hash: r.password_hash,
            active: r.active,
            suspended: r.suspended,
            is_administrator: r.is_administrator,
            password_short: r.password_short,
            has_factor: r.has_totp || r.has_passkey,
            has_totp: r.has_totp,
            terms: r.terms_version,
            organisation: Organisation {
                id: OrganisationId(r.organisation_id),
                code: r.code.parse().map_err(StoreError::corrupt)?,
                kind: OrganisationKind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?,
                prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
                name: r.organisation_name,
            },
        })
    }
}

const ACCOUNT: &str = "SELECT a.id, a.operator, a.name, a.password_hash, a.is_administrator, a.password_short, a.terms_version, \
     (a.suspended_at IS NULL AND o.suspended_at IS NULL AND a.removed_at IS NULL) AS active, (a.suspended_at IS NOT NULL) AS suspended, \
     EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.confirmed_at IS NOT NULL) AS has_totp, \
     EXISTS (SELECT 1 FROM account_passkey p WHERE p.account_id = a.id) AS has_passkey, \
     o.id AS organisation_id, o.code, o.kind, o.pref_code, o.name AS organisation_name \
     FROM account a JOIN organisation o ON o.id = a.organisation_id";

#[derive(FromQueryResult)]
struct FoundSession {
    id: Uuid,
    account_id: Uuid,
    user_agent: String,
    network: String,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<FoundSession> for SessionRow {
    fn from(r: FoundSession) -> Self {
        Self {
            id: SessionId(r.id),
            user_agent: r.user_agent,
            network: r.network,
            created_at: r.created_at,
            last_seen_at: r.last_seen_at,
            expires_at: r.expires_at,
            account: AccountId(r.account_id),
        }
    }
}

const SESSION: &str =
    "SELECT id, account_id, user_agent, network, created_at, last_seen_at, expires_at FROM session WHERE ended_at IS NULL";

#[derive(FromQueryResult)]
struct FoundToken {
    id: Uuid,
    account_id: Uuid,
    expires_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct FoundLink {
    account_id: Uuid,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
pub(crate) struct Number {
    pub n: i32,
}

impl Store {
    /// The operator who signs in by this name, or did before the headquarters was taken over by another.
    pub async fn account_named_unscoped(&self, name: &SignInName) -> Result<Option<AccountRow>, StoreError> {
        let sql = format!(
            "{ACCOUNT} WHERE (o.code = $1 AND a.operator = $2) OR a.id = (SELECT f.account_id FROM former_sign_in f \
             JOIN organisation fo ON fo.id = f.organisation_id WHERE fo.code = $1 AND f.operator = $2)"
        );
        let found: Option<FoundAccount> =
            self.system_rows().one(&sql, vec![name.organisation.as_str().into(), i32::from(name.operator).into()]).await?;
        found.map(AccountRow::try_from).transpose()
    }

    /// The operator.
    pub async fn account_unscoped(&self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        let found: Option<FoundAccount> = self.system_rows().one(&format!("{ACCOUNT} WHERE a.id = $1"), vec![id.0.into()]).await?;
        found.map(AccountRow::try_from).transpose()
    }

    /// The operators of an organisation, without those who were removed.
    pub async fn accounts_unscoped(&self, organisation: OrganisationId) -> Result<Vec<AccountRow>, StoreError> {
        let sql = format!("{ACCOUNT} WHERE a.organisation_id = $1 AND a.removed_at IS NULL ORDER BY a.operator");
        let found: Vec<FoundAccount> = self.system_rows().all(&sql, vec![organisation.0.into()]).await?;
        found.into_iter().map(AccountRow::try_from).collect()
    }

    /// The sign-in of a cookie, unless it ended.
    pub async fn session_unscoped(&self, token_hash: &[u8]) -> Result<Option<SessionRow>, StoreError> {
        let found: Option<FoundSession> =
            self.system_rows().one(&format!("{SESSION} AND token_hash = $1"), vec![token_hash.to_vec().into()]).await?;
        Ok(found.map(SessionRow::from))
    }

    /// The sign-ins of an operator that have not ended.
    pub async fn sessions_unscoped(&self, account: AccountId, now: DateTime<Utc>) -> Result<Vec<SessionRow>, StoreError> {
        let sql = format!("{SESSION} AND account_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC");
        let found: Vec<FoundSession> = self.system_rows().all(&sql, vec![account.0.into(), now.into()]).await?;
        Ok(found.into_iter().map(SessionRow::from).collect())
    }

    /// A token of the API that stands for an operator, unless it was revoked.
    pub async fn api_token_unscoped(&self, token_hash: &[u8]) -> Result<Option<ApiTokenRow>, StoreError> {
        let sql =
            "SELECT id, account_id, expires_at FROM api_token WHERE revoked_at IS NULL AND organisation_id IS NULL AND token_hash = $1";
        let found: Option<FoundToken> = self.system_rows().one(sql, vec![token_hash.to_vec().into()]).await?;
        Ok(found.map(|r| ApiTokenRow { id: SessionId(r.id), account: AccountId(r.account_id), expires_at: r.expires_at }))
    }

    /// A link to set a password.
    pub async fn password_link_unscoped(&self, token_hash: &[u8]) -> Result<Option<PasswordLinkRow>, StoreError> {
        let sql = "SELECT account_id, expires_at, used_at FROM password_link WHERE token_hash = $1";
        let found: Option<FoundLink> = self.system_rows().one(sql, vec![token_hash.to_vec().into()]).await?;
        Ok(found.map(|r| PasswordLinkRow { account: AccountId(r.account_id), expires_at: r.expires_at, used: r.used_at.is_some() }))
    }

    /// How often sign-in failed under this key.
    pub async fn sign_in_failures_unscoped(&self, key: &str) -> Result<FailureRow, StoreError> {
        let sql = "SELECT failures, blocked_until, last_at FROM sign_in_failure WHERE key = $1";
        Ok(self.system_rows().one(sql, vec![key.into()]).await?.unwrap_or_default())
    }

    /// Has this browser signed in to the organisation before?
    pub async fn is_known_device_unscoped(&self, token_hash: &[u8], organisation: &OrganisationCode) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 AS n FROM known_device d JOIN organisation o ON o.id = d.organisation_id WHERE d.token_hash = $1 AND o.code = $2";
        let found: Option<Number> = self.system_rows().one(sql, vec![token_hash.to_vec().into(), organisation.as_str().into()]).await?;
        Ok(found.is_some_and(|f| f.n == 1))
    }
}

impl WriteTx {
    /// Adds an operator with the next number; numbers are never reused. The first one administers the others.
    pub async fn add_account(&self, id: AccountId, organisation: OrganisationId, name: &str) -> Result<u16, StoreError> {
        let sql = "SELECT CAST(COALESCE(MAX(operator), 0) + 1 AS INTEGER) AS n FROM account WHERE organisation_id = $1";
        let next: Option<Number> = self.rows().one(sql, vec![organisation.0.into()]).await?;
        let operator = next.map_or(1, |n| n.n);
        let row = entity::account::Model {
            id: id.0,
            organisation_id: organisation.0,
            operator,
            name: name.to_owned(),
            password_hash: None,
            suspended_at: None,
            created_at: self.now(),
            is_administrator: operator == 1,
            password_short: false,
            removed_at: None,
            terms_version: None,
            terms_at: None,
        };
        self.insert(vec![row]).await?;
        u16::try_from(operator).map_err(StoreError::corrupt)
    }

    /// Sets the password's hash; `short` where it is good only beside a second factor.
    pub async fn set_password_hash(&self, account: AccountId, hash: &str, short: bool) -> Result<(), StoreError> {
        let sql = "UPDATE account SET password_hash = $2, password_short = $3 WHERE id = $1";
        self.execute(sql, vec![account.0.into(), hash.into(), short.into()]).await?;
        Ok(())
    }

    /// Suspends an operator, or lets them in again.
    pub async fn suspend_account(&self, account: AccountId, suspended: bool) -> Result<(), StoreError> {
        let at = suspended.then(|| self.now());
        self.execute("UPDATE account SET suspended_at = $2 WHERE id = $1", vec![account.0.into(), at.into()]).await?;
        Ok(())
    }

    /// Adds a link to set a password; earlier ones of the account end.
    pub async fn add_password_link(&self, token_hash: &[u8], account: AccountId, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE password_link SET expires_at = $2 WHERE account_id = $1 AND used_at IS NULL AND expires_at > $2";
        self.execute(sql, vec![account.0.into(), self.now().into()]).await?;
        let row = entity::password_link::Model {
            token_hash: token_hash.to_vec(),
            account_id: account.0,
            created_at: self.now(),
            expires_at,
            used_at: None,
        };
        self.insert(vec![row]).await
    }

    /// Uses a link up. False if somebody did before, or it expired.
    pub async fn use_password_link(&self, token_hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "UPDATE password_link SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        Ok(self.execute(sql, vec![token_hash.to_vec().into(), self.now().into()]).await? == 1)
    }

    /// Starts a sign-in.
    pub async fn add_session(&self, session: &SessionRow, token_hash: &[u8]) -> Result<(), StoreError> {
        let row = entity::session::Model {
            id: session.id.0,
            token_hash: token_hash.to_vec(),
            account_id: session.account.0,
            user_agent: session.user_agent.clone(),
            network: session.network.clone(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            ended_at: None,
        };
        self.insert(vec![row]).await
    }

    /// Ends a sign-in of this operator. False if there is none.
    pub async fn end_session(&self, id: SessionId, account: AccountId) -> Result<bool, StoreError> {
        let sql = "UPDATE session SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
        Ok(self.execute(sql, vec![id.0.into(), account.0.into(), self.now().into()]).await? == 1)
    }

    /// Notes that a sign-in was used.
    pub async fn touch_session(&self, id: SessionId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.execute("UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2", vec![id.0.into(), at.into()]).await?;
        Ok(())
    }

    /// Adds a token of the API.
    pub async fn add_api_token(&self, token: &ApiTokenRow, token_hash: &[u8], name: &str) -> Result<(), StoreError> {
        let row = entity::api_token::Model {
            id: token.id.0,
            token_hash: token_hash.to_vec(),
            account_id: token.account.0,
            name: name.to_owned(),
            created_at: self.now(),
            expires_at: token.expires_at,
            revoked_at: None,
        };
        self.insert(vec![row]).await
    }

    /// Revokes a token. False if there is none.
    pub async fn revoke_api_token(&self, id: SessionId) -> Result<bool, StoreError> {
        let sql = "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.execute(sql, vec![id.0.into(), self.now().into()]).await? == 1)
    }

    /// Remembers a browser.
    pub async fn add_known_device(&self, token_hash: &[u8], organisation: OrganisationId) -> Result<(), StoreError> {
        let sql = "INSERT INTO known_device (token_hash, organisation_id, seen_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (token_hash, organisation_id) DO UPDATE SET seen_at = excluded.seen_at";
        self.execute(sql, vec![token_hash.to_vec().into(), organisation.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Writes down how often sign-in failed under this key.
    pub async fn put_sign_in_failures(&self, key: &str, failures: i32, blocked_until: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        let sql = "INSERT INTO sign_in_failure (key, failures, last_at, blocked_until) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until";
        self.execute(sql, vec![key.into(), failures.into(), self.now().into(), blocked_until.into()]).await?;
        Ok(())
    }

    /// How often sign-in failed under this key, read inside the transaction so that attempts side by side are all counted.
    pub async fn sign_in_failures(&self, key: &str) -> Result<FailureRow, StoreError> {
        let sql = "SELECT failures, blocked_until, last_at FROM sign_in_failure WHERE key = $1";
        Ok(self.rows().one(sql, vec![key.into()]).await?.unwrap_or_default())
    }

    /// Forgets failures after a sign-in.
    pub async fn clear_sign_in_failures(&self, key: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM sign_in_failure WHERE key = $1", vec![key.into()]).await?;
        Ok(())
    }
}
