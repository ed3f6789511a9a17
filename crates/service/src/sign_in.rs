//! Signing in. A bad sign-in is answered slowly and always alike; repeated ones are refused for a while, by ID and network, so that
//! nobody far away can lock a dispatcher out; a browser that signed in to the organisation before is not slowed by others.

use crate::{
    PASSWORD_MAX, PASSWORD_MIN, Service, StoreError,
    account::{ABSOLUTE, Session},
    chance,
};
use akidoko_domain::{
    audit::{Category, Entry},
    event::EventKind,
    id::{SessionId, SignInName},
};
use akidoko_store::SessionRow;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::{net::IpAddr, sync::Arc};

/// Failures in a row, from one network on one ID, before the ID is refused there.
const FAILURES: i32 = 5;
/// Failures in a row on one ID, from anywhere, before unknown browsers are refused.
const FAILURES_ANYWHERE: i32 = 30;
/// For so long.
const BLOCK: TimeDelta = TimeDelta::minutes(15);

/// Somebody at the door.
pub struct Attempt<'a> {
    /// What was typed as ID.
    pub name: &'a str,
    /// What was typed as password.
    pub password: &'a str,
    /// The token of a known browser.
    pub device: Option<&'a str>,
    /// From where.
    pub address: IpAddr,
    /// The browser, as it names itself.
    pub user_agent: &'a str,
}

/// Somebody inside.
pub struct SignedIn {
    /// The sign-in.
    pub session: Arc<Session>,
    /// For the cookie; known to nobody else.
    pub token: String,
    /// For the cookie that makes this browser a known one.
    pub device: String,
}

/// A link to set a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordLink {
    /// The organisation's name.
    pub organisation: String,
    /// Whose password.
    pub name: SignInName,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The ID or the password is wrong; which, nobody learns.
    #[error("authentication failed")]
    Failed,
    /// Too many failures.
    #[error("refused for {minutes} minutes")]
    Blocked {
        /// For so long.
        minutes: i64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Too short.
    #[error("too short")]
    TooShort,
    /// Too long.
    #[error("too long")]
    TooLong,
    /// The two differ.
    #[error("the two differ")]
    Differs,
    /// A few characters over and over.
    #[error("easily guessed")]
    Common,
    /// Contains the ID.
    #[error("contains the ID")]
    ContainsName,
}

/// The rules of a password（13 characters, domain.md §5.1）.
pub fn check_password(password: &str, again: &str, name: &SignInName) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(PasswordError::TooShort);
    }
    if length > PASSWORD_MAX {
        return Err(PasswordError::TooLong);
    }
    let mut characters: Vec<char> = password.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 5 {
        return Err(PasswordError::Common);
    }
    if password.to_uppercase().contains(name.organisation.as_str()) {
        return Err(PasswordError::ContainsName);
    }
    if password == again { Ok(()) } else { Err(PasswordError::Differs) }
}

/// The network of an address: /24, or /64. Whoever has one address of it has them all.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(a) => {
            let [x, y, z, _] = a.octets();
            format!("{x}.{y}.{z}.0/24")
        }
        IpAddr::V6(a) => {
            let [w, x, y, z, ..] = a.segments();
            format!("{w:x}:{x:x}:{y:x}:{z:x}::/64")
        }
    }
}

impl Service {
    /// Signs in.
    pub async fn sign_in(&self, attempt: Attempt<'_>) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let name: Option<SignInName> = attempt.name.parse().ok();
        let network = network(attempt.address);
        // A name that is none is counted by network alone, so that guessing names is slowed too.
        let who = name.as_ref().map_or_else(|| "?".to_owned(), |n| n.organisation.to_string());
        let here = format!("{who} {network}");
        let anywhere = format!("{who} *");
        let known = match (attempt.device, &name) {
            (Some(device), Some(name)) => self.store.is_known_device_unscoped(&chance::token_hash(device), &name.organisation).await?,
            _ => false,
        };
        // A known browser is counted by itself.
        let here = if known { format!("{here} {}", attempt.device.unwrap_or_default()) } else { here };
        for key in [&here, &anywhere] {
            if known && key == &anywhere {
                continue;
            }
            let failures = self.store.sign_in_failures_unscoped(key).await?;
            if let Some(until) = failures.blocked_until.filter(|until| *until > now) {
                return Err(SignInError::Blocked { minutes: ((until - now).num_seconds() + 59) / 60 });
            }
        }

        let account = match &name {
            Some(name) => self.store.account_named_unscoped(name).await?,
            None => None,
        };
        let hash = account.as_ref().filter(|a| a.active).and_then(|a| a.password_hash.clone());
        let password: String = attempt.password.chars().take(PASSWORD_MAX + 1).collect();
        let right = self.passwords.check(password, hash).await;
        let (Some(account), true) = (account, right) else {
            self.count_failure(&here, &anywhere, &who, &network).await?;
            return Err(SignInError::Failed);
        };

        let token = chance::token();
        let device = attempt.device.filter(|_| known).map_or_else(chance::token, str::to_owned);
        let row = SessionRow {
            id: SessionId(chance::uuid(now)),
            user_agent: attempt.user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
            network,
            created_at: now,
            last_seen_at: now,
            expires_at: now + ABSOLUTE,
            account: account.id,
        };
        let actor = self.actor_of(row.id, account.clone()).await?.ok_or(SignInError::Failed)?;
        let mut tx = self.store.write_system(now).await?;
        tx.add_session(&row, &chance::token_hash(&token)).await?;
        tx.add_known_device(&chance::token_hash(&device), account.organisation.id).await?;
        tx.clear_sign_in_failures(&here).await?;
        tx.log(Entry::by(&actor, now, Category::SignIn, "screen", json!({ "network": row.network, "session": row.id })));
        tx.commit().await?;
        let session = self.remember_session(&row, account, &token).await?.ok_or(SignInError::Failed)?;
        Ok(SignedIn { session, token, device })
    }

    async fn count_failure(&self, here: &str, anywhere: &str, who: &str, network: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        // Side by side attempts are counted one after the other.
        tx.lock().await?;
        for (key, limit) in [(here, FAILURES), (anywhere, FAILURES_ANYWHERE)] {
            let before = tx.sign_in_failures(key).await?;
            let forgotten = before.last_at.is_none_or(|at| now - at > BLOCK);
            let failures = if forgotten { 1 } else { before.failures + 1 };
            let blocked_until = (failures >= limit).then(|| now + BLOCK);
            tx.put_sign_in_failures(key, failures, blocked_until).await?;
        }
        tx.log(Entry::by_system(now, Category::SignInFailed, who, json!({ "network": network })));
        tx.commit().await?;
        Ok(())
    }

    /// Signs out.
    pub async fn sign_out(&self, session: &Session) -> Result<(), StoreError> {
        self.end_session(&session.actor, session.actor.session).await.map(|_| ())
    }

    /// Whose password a link sets, if it is good.
    pub async fn password_link(&self, token: &str) -> Result<Option<PasswordLink>, StoreError> {
        let now = self.clock.now();
        let Some(link) = self.store.password_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        if link.used || link.expires_at <= now {
            return Ok(None);
        }
        let account = self.store.account_unscoped(link.account).await?.filter(|a| a.active);
        Ok(account.map(|a| PasswordLink {
            organisation: a.organisation.name,
            name: SignInName { organisation: a.organisation.code, operator: a.operator },
            expires_at: link.expires_at,
        }))
    }

    /// Sets a password by a link, uses the link up, and ends every sign-in of the operator. `None`: the link is not good any more.
    pub async fn set_password(&self, token: &str, password: &str, again: &str) -> Result<Option<SignInName>, SetPasswordError> {
        let Some(PasswordLink { name, .. }) = self.password_link(token).await? else { return Ok(None) };
        check_password(password, again, &name)?;
        let Some(account) = self.store.account_named_unscoped(&name).await? else { return Ok(None) };
        let hash = self.passwords.hash(password.to_owned()).await;
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        if !tx.use_password_link(&chance::token_hash(token)).await? {
            return Ok(None);
        }
        tx.set_password_hash(account.id, &hash).await?;
        for session in self.store.sessions_unscoped(account.id, now).await? {
            tx.end_session(session.id, account.id).await?;
            tx.event(None, EventKind::SessionEnded(session.id));
        }
        tx.log(Entry::by_system(now, Category::Admin, "set_password", json!({ "account": name.to_string() })));
        tx.commit().await?;
        self.sessions.forget_account(account.id);
        Ok(Some(name))
    }
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
