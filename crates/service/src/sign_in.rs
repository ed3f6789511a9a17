//! Signing in: a name with its password, then, where one is on, the second factor. A bad sign-in is answered
//! slowly and always alike; repeated ones are refused for a while, by ID and network, so that nobody far away can lock a dispatcher out;
//! a browser that signed in to the organisation before is not slowed by others.

use crate::{
    Service, StoreError,
    account::{ABSOLUTE, Session},
    chance,
    reset::Proof,
    second_factor::take_code,
};
pub use akidoko_domain::password::PasswordError;
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    id::{SessionId, SignInName},
    operator::TERMS,
    password::PASSWORD_MAX,
};
pub use akidoko_store::HalfKind;
use akidoko_store::{AccountRow, SessionRow, WriteTx};
use chrono::TimeDelta;
use serde_json::json;
use std::{net::IpAddr, sync::Arc};

/// Failures in a row, from one network on one ID, before the ID is refused there.
const FAILURES: i32 = 5;
/// Failures in a row on one ID, from anywhere, before unknown browsers are refused.
const FAILURES_ANYWHERE: i32 = 30;
/// Wrong codes in a row for one operator, from anywhere: whoever tries them has the password already.
const CODE_FAILURES: i32 = 10;
/// For so long.
const BLOCK: TimeDelta = TimeDelta::minutes(15);
/// The code is to be typed within so long.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(5);
/// The road of the first sign-in is open for so long; after that, the password leads back to where it was left.
pub(crate) const SETUP_LIFE: TimeDelta = TimeDelta::minutes(60);

/// The browser of somebody at the door.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// The token of a known browser.
    pub device: Option<&'a str>,
    /// From where.
    pub address: IpAddr,
    /// The browser, as it names itself.
    pub user_agent: &'a str,
}

/// Somebody at the door.
pub struct Attempt<'a> {
    /// What was typed as ID.
    pub name: &'a str,
    /// What was typed as password.
    pub password: &'a str,
    /// With what.
    pub browser: Browser<'a>,
}

/// Where the right password leads.
pub enum Door {
    /// Inside.
    Inside(SignedIn),
    /// To the next step. The token opens its pages and nothing else.
    Half {
        /// For a cookie.
        token: String,
        /// What is left to do.
        kind: HalfKind,
    },
}

/// What is asked for on the second page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitsFor {
    /// What the browser is to be asked about a passkey, as JSON; `None`: the operator has none.
    pub passkey: Option<String>,
    /// A code of an authenticator does.
    pub totp: bool,
}

/// Under which keys failures of somebody are counted.
pub(crate) struct Keys {
    here: String,
    anywhere: String,
    who: String,
    network: String,
    known: bool,
}

impl Keys {
    /// The browser signed in to the organisation before.
    pub fn is_known(&self) -> bool {
        self.known
    }
}

/// Somebody about to be let in.
pub(crate) struct Coming {
    pub account: AccountRow,
    pub keys: Keys,
    row: SessionRow,
    pub actor: Actor,
    device: String,
}

impl Coming {
    /// The sign-in that is to begin.
    pub fn session(&self) -> &SessionRow {
        &self.row
    }
}

/// Has this operator something left to do before coming in: new terms, or the second factor that a short password needs?
pub(crate) fn needs_setup(account: &AccountRow) -> bool {
    account.terms != Some(TERMS) || (account.password_short && !account.has_factor)
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

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The ID, the password or the code is wrong; which, nobody learns.
    #[error("authentication failed")]
    Failed,
    /// Too many failures.
    #[error("refused for {minutes} minutes")]
    Blocked {
        /// For so long.
        minutes: i64,
    },
    /// What was begun with the password has ended: it begins anew there.
    #[error("begin anew")]
    Gone,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    pub(crate) async fn keys(&self, name: Option<&SignInName>, browser: Browser<'_>) -> Result<Keys, StoreError> {
        let network = network(browser.address);
        // A name that is none is counted by network alone, so that guessing names is slowed too.
        let who = name.map_or_else(|| "?".to_owned(), |n| n.organisation.to_string());
        let known = match (browser.device, name) {
            (Some(device), Some(name)) => self.store.is_known_device_unscoped(&chance::token_hash(device), &name.organisation).await?,
            _ => false,
        };
        // A known browser is counted by itself.
        let mine = if known { format!(" {}", browser.device.unwrap_or_default()) } else { String::new() };
        Ok(Keys { here: format!("{who} {network}{mine}"), anywhere: format!("{who} *"), who, network, known })
    }

    pub(crate) async fn refuse_if_blocked(&self, key: &str) -> Result<(), SignInError> {
        let now = self.clock.now();
        let failures = self.store.sign_in_failures_unscoped(key).await?;
        match failures.blocked_until.filter(|until| *until > now) {
            Some(until) => Err(SignInError::Blocked { minutes: ((until - now).num_seconds() + 59) / 60 }),
            None => Ok(()),
        }
    }

    pub(crate) async fn refuse_blocked(&self, keys: &Keys) -> Result<(), SignInError> {
        self.refuse_if_blocked(&keys.here).await?;
        if keys.known { Ok(()) } else { self.refuse_if_blocked(&keys.anywhere).await }
    }

    /// Takes a name and a password. Right, they lead inside, or to what is left to do before.
    pub async fn sign_in(&self, attempt: Attempt<'_>) -> Result<Door, SignInError> {
        let name: Option<SignInName> = attempt.name.parse().ok();
        let keys = self.keys(name.as_ref(), attempt.browser).await?;
        self.refuse_blocked(&keys).await?;

        let account = match &name {
            Some(name) => self.store.account_named_unscoped(name).await?,
            None => None,
        };
        let hash = account.as_ref().filter(|a| a.active).and_then(|a| a.password_hash.clone());
        let password: String = attempt.password.chars().take(PASSWORD_MAX + 1).collect();
        let right = self.passwords.check(password, hash).await;
        let (Some(account), true) = (account, right) else {
            self.count_failure(&keys, None).await?;
            return Err(SignInError::Failed);
        };
        let now = self.clock.now();
        let (kind, life) = if account.has_factor {
            (HalfKind::Code, CODE_LIFE)
        } else if needs_setup(&account) {
            (HalfKind::Setup, SETUP_LIFE)
        } else {
            let entry = self.entry(account, keys, attempt.browser).await?;
            let tx = self.store.write_system(now).await?;
            return self.let_in(tx, entry).await.map(Door::Inside);
        };
        // Failures stay counted: the right password does not buy more tries at the code.
        let token = chance::token();
        let tx = self.store.write_system(now).await?;
        tx.add_half_sign_in(&chance::token_hash(&token), account.id, kind, now + life).await?;
        tx.commit().await?;
        Ok(Door::Half { token, kind })
    }

    /// Takes the second factor on the second page: a code of an authenticator, a recovery code, or a passkey.
    pub async fn enter_code(&self, half: &str, proof: Proof<'_>, browser: Browser<'_>) -> Result<Door, SignInError> {
        let now = self.clock.now();
        let hash = chance::token_hash(half);
        let account = self.half_account(half, HalfKind::Code).await?.ok_or(SignInError::Gone)?;
        let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
        let keys = self.keys(Some(&name), browser).await?;
        let codes = format!("{name} code");
        self.refuse_blocked(&keys).await?;
        self.refuse_if_blocked(&codes).await?;

        let totp = self.store.totp_unscoped(account.id).await?;
        let entry = self.entry(account, keys, browser).await?;
        let account = &entry.account;
        let tx = self.store.write_system(now).await?;
        let right = match proof {
            Proof::Code(typed) => take_code(&tx, account.id, totp.as_ref(), typed).await?,
            Proof::Passkey(answer) => self.take_passkey(&tx, account.id, ("sign in", half), answer).await?,
        };
        if !right {
            drop(tx);
            self.count_failure(&entry.keys, Some(&codes)).await?;
            return Err(SignInError::Failed);
        }
        if !tx.end_half_sign_in(&hash).await? {
            return Err(SignInError::Gone);
        }
        tx.clear_sign_in_failures(&codes).await?;
        if needs_setup(account) {
            let token = chance::token();
            tx.add_half_sign_in(&chance::token_hash(&token), account.id, HalfKind::Setup, now + SETUP_LIFE).await?;
            tx.commit().await?;
            return Ok(Door::Half { token, kind: HalfKind::Setup });
        }
        self.let_in(tx, entry).await.map(Door::Inside)
    }

    /// Whose half sign-in of this kind it is, if both stand.
    pub(crate) async fn half_account(&self, half: &str, kind: HalfKind) -> Result<Option<AccountRow>, StoreError> {
        let found = self.store.half_sign_in_unscoped(&chance::token_hash(half), self.clock.now()).await?;
        let Some(found) = found.filter(|h| h.kind == kind) else { return Ok(None) };
        Ok(self.store.account_unscoped(found.account).await?.filter(|a| a.active))
    }

    /// What this half sign-in waits for. `None`: it waits for nothing, or has ended.
    pub async fn waits_for(&self, half: &str) -> Result<Option<WaitsFor>, StoreError> {
        let Some(account) = self.half_account(half, HalfKind::Code).await? else { return Ok(None) };
        let passkey = self.ask_passkey(account.id, ("sign in", half)).await?;
        Ok(Some(WaitsFor { passkey, totp: account.has_totp }))
    }

    /// Reads what a sign-in needs, before its transaction opens: within it nobody waits for a second connection.
    pub(crate) async fn entry(&self, account: AccountRow, keys: Keys, browser: Browser<'_>) -> Result<Coming, SignInError> {
        let now = self.clock.now();
        let row = SessionRow {
            id: SessionId(chance::uuid(now)),
            user_agent: browser.user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
            network: keys.network.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + ABSOLUTE,
            account: account.id,
        };
        let actor = self.actor_of(row.id, account.clone()).await?.ok_or(SignInError::Failed)?;
        let device = browser.device.filter(|_| keys.known).map_or_else(chance::token, str::to_owned);
        Ok(Coming { account, keys, row, actor, device })
    }

    /// Starts the sign-in, and ends the transaction.
    pub(crate) async fn let_in(&self, mut tx: WriteTx, coming: Coming) -> Result<SignedIn, SignInError> {
        self.note_device(&mut tx, &coming).await?;
        tx.touch_account(coming.account.id, tx.now()).await?;
        let Coming { account, keys, row, actor, device } = coming;
        let token = chance::token();
        tx.add_session(&row, &chance::token_hash(&token)).await?;
        tx.add_known_device(&chance::token_hash(&device), account.organisation.id).await?;
        tx.clear_sign_in_failures(&keys.here).await?;
        let detail = json!({ "network": row.network, "session": row.id, "second_factor": account.has_factor });
        tx.log(Entry::by(&actor, tx.now(), Category::SignIn, "screen", detail));
        tx.commit().await?;
        let session = self.remember_session(&row, account, &token).await?.ok_or(SignInError::Failed)?;
        Ok(SignedIn { session, token, device })
    }

    pub(crate) async fn count_failure(&self, keys: &Keys, codes: Option<&str>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        // Side by side attempts are counted one after the other.
        tx.lock().await?;
        let of_codes = codes.map(|key| (key, CODE_FAILURES));
        for (key, limit) in [(keys.here.as_str(), FAILURES), (keys.anywhere.as_str(), FAILURES_ANYWHERE)].into_iter().chain(of_codes) {
            let before = tx.sign_in_failures(key).await?;
            let forgotten = before.last_at.is_none_or(|at| now - at > BLOCK);
            let failures = if forgotten { 1 } else { before.failures + 1 };
            let blocked_until = (failures >= limit).then(|| now + BLOCK);
            tx.put_sign_in_failures(key, failures, blocked_until).await?;
        }
        tx.log(Entry::by_system(now, Category::SignInFailed, keys.who.as_str(), json!({ "network": keys.network })));
        tx.commit().await?;
        Ok(())
    }

    /// Signs out.
    pub async fn sign_out(&self, session: &Session) -> Result<(), StoreError> {
        self.end_session(&session.actor, session.actor.session).await.map(|_| ())
    }
}
