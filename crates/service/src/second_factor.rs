//! The second factor: codes of an authenticator（TOTP, RFC 6238: SHA-1, six digits, 30 seconds, one step either side, no code twice）and
//! recovery codes for the day when the authenticator is gone.

use crate::{
    Service, StoreError, chance,
    sign_in::{Browser, SignInError},
};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    id::{AccountId, SessionId, SignInName},
    operator::{RECOVERY_CODES, TypedCode, read_code},
    password::{PASSWORD_MAX, PASSWORD_MIN, PASSWORD_MIN_WITH_FACTOR, PasswordError, check_password, is_short},
};
use akidoko_store::{PasskeyRow, TotpRow, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Totp};

/// An offer that nobody took up for so long is made anew: its secret may have been seen.
const OFFER_LIFE: TimeDelta = TimeDelta::minutes(60);
/// The letters of recovery codes: 32 without look-alikes, as in IDs.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A second factor that can be switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What the picture says: `otpauth://totp/…`.
    pub address: String,
    /// The secret, for whoever types it: base 32, four at a time.
    pub secret: String,
}

/// How an operator's second factor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorState {
    /// Since when an authenticator is on.
    pub on_since: Option<DateTime<Utc>>,
    /// Passkeys.
    pub passkeys: Vec<PasskeyRow>,
    /// Passkeys can be added here.
    pub can_add: bool,
    /// So many recovery codes are left.
    pub codes_left: usize,
    /// The password is good only beside it.
    pub needed: bool,
}

/// Why my password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The new one.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The one that stands.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn totp(secret: &[u8]) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30).with_skew(1);
    builder.with_secret(secret.to_vec()).build().ok()
}

/// The step whose code this is.
pub(crate) fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let step = totp(secret)?.check(code, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

pub(crate) fn offer_of(secret: &[u8], name: &SignInName) -> Option<Offer> {
    let text = totp(secret)?.secret().to_base32();
    // An ID and a number need no encoding.
    let address = format!("otpauth://totp/Akidoko:{name}?secret={text}&issuer=Akidoko&algorithm=SHA1&digits=6&period=30");
    let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    Some(Offer { address, secret: groups.join(" ") })
}

/// Recovery codes, 80 bits each, made from a secret that only one browser has: a page that is loaded again shows the same ones, and the
/// database keeps hashes alone.
pub(crate) fn codes_from(seed: &str) -> Vec<String> {
    let code = |n: usize| {
        let digest = Sha256::digest(format!("akidoko-recovery-1 {n} {seed}").as_bytes());
        let letters: Vec<char> = digest.iter().take(16).map(|b| char::from(LETTERS[usize::from(b & 31)])).collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What the database keeps of a recovery code: it holds for one operator.
pub(crate) fn code_hash(account: AccountId, code: &str) -> [u8; 32] {
    let folded: String = code.chars().filter(|c| *c != '-').collect();
    Sha256::digest(format!("{account} {folded}").as_bytes()).into()
}

pub(crate) fn code_hashes(account: AccountId, codes: &[String]) -> Vec<[u8; 32]> {
    codes.iter().map(|code| code_hash(account, code)).collect()
}

/// Takes a code if it is right and new.
pub(crate) async fn take_code(tx: &WriteTx, account: AccountId, factor: Option<&TotpRow>, typed: &str) -> Result<bool, StoreError> {
    match read_code(typed) {
        TypedCode::Totp(code) => {
            let step = factor.filter(|f| f.confirmed_at.is_some()).and_then(|f| step_of(&f.secret, &code, tx.now()));
            match step {
                Some(step) => tx.take_totp(account, step).await,
                None => Ok(false),
            }
        }
        TypedCode::Recovery(code) => tx.take_recovery_code(account, &code_hash(account, &code)).await,
    }
}

fn name_of(actor: &Actor) -> SignInName {
    SignInName { organisation: actor.organisation_code.clone(), operator: actor.operator }
}

impl Service {
    /// The offer that stands, or a new one. `None`: a second factor is on.
    pub(crate) async fn standing_offer(&self, account: AccountId, name: &SignInName) -> Result<Option<Offer>, StoreError> {
        let now = self.clock.now();
        let standing = self.store.totp_unscoped(account).await?;
        if standing.as_ref().is_some_and(|t| t.confirmed_at.is_some()) {
            return Ok(None);
        }
        if let Some(fresh) = standing.filter(|t| now - t.created_at < OFFER_LIFE) {
            return Ok(offer_of(&fresh.secret, name));
        }
        let tx = self.store.write_system(now).await?;
        tx.offer_totp(account, &chance::bytes::<20>()).await?;
        tx.commit().await?;
        // Two pages opened at once: what was written last stands, and both show it.
        let stands = self.store.totp_unscoped(account).await?;
        Ok(stands.filter(|t| t.confirmed_at.is_none()).and_then(|t| offer_of(&t.secret, name)))
    }

    /// How my second factor stands.
    pub async fn my_factor(&self, actor: &Actor) -> Result<FactorState, StoreError> {
        let on_since = self.store.totp_unscoped(actor.account).await?.and_then(|t| t.confirmed_at);
        let account = self.store.account_unscoped(actor.account).await?;
        let codes_left = self.store.recovery_codes_left_unscoped(actor.account).await?;
        let passkeys = self.store.passkeys_unscoped(actor.account).await?;
        let needed = account.is_some_and(|a| a.password_short);
        Ok(FactorState { on_since, passkeys, can_add: self.has_passkeys(), codes_left, needed })
    }

    /// Asks for my password once more, before what it protects is changed. Failures count as those of sign-in do.
    pub async fn password_again(&self, actor: &Actor, password: &str, browser: Browser<'_>) -> Result<(), SignInError> {
        let keys = self.keys(Some(&name_of(actor)), browser).await?;
        self.refuse_blocked(&keys).await?;
        let account = self.store.account_unscoped(actor.account).await?;
        let hash = account.filter(|a| a.active).and_then(|a| a.password_hash);
        if self.passwords.check(password.chars().take(PASSWORD_MAX + 1).collect(), hash).await {
            return Ok(());
        }
        self.count_failure(&keys, None).await?;
        Err(SignInError::Failed)
    }

    /// Changes my own password: the one that stands is asked for, the rules are those of a new one, and my other sign-ins end on every
    /// node. This one goes on.
    pub async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        (password, again): (&str, &str),
        browser: Browser<'_>,
    ) -> Result<(), ChangePasswordError> {
        self.password_again(actor, current, browser).await?;
        let name = name_of(actor);
        let Some(account) = self.store.account_unscoped(actor.account).await? else { return Err(SignInError::Gone.into()) };
        let least = if account.has_factor { PASSWORD_MIN_WITH_FACTOR } else { PASSWORD_MIN };
        check_password(password, again, &name, least)?;
        let hash = self.passwords.hash(password.to_owned()).await;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        tx.set_password_hash(account.id, &hash, is_short(password)).await?;
        tx.end_half_sign_ins(account.id).await?;
        tx.end_password_links(account.id).await?;
        for ended in tx.end_other_sessions(account.id, actor.session.0).await? {
            tx.event(None, EventKind::SessionEnded(SessionId(ended)));
            self.sessions.forget_session(SessionId(ended));
        }
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "change_password", json!(null)));
        tx.commit().await?;
        Ok(())
    }

    /// Offers me a second factor. False if one is on.
    pub async fn offer_factor(&self, actor: &Actor) -> Result<bool, StoreError> {
        Ok(self.standing_offer(actor.account, &name_of(actor)).await?.is_some())
    }

    /// The second factor that I was offered within the hour.
    pub async fn offered_factor(&self, actor: &Actor) -> Result<Option<Offer>, StoreError> {
        let now = self.clock.now();
        let standing = self.store.totp_unscoped(actor.account).await?;
        let standing = standing.filter(|t| t.confirmed_at.is_none() && now - t.created_at < OFFER_LIFE);
        Ok(standing.and_then(|t| offer_of(&t.secret, &name_of(actor))))
    }

    /// Switches on what I was offered, by one code of it, and makes recovery codes. `None`: the code is wrong.
    pub async fn confirm_factor(&self, actor: &Actor, typed: &str) -> Result<Option<Vec<String>>, StoreError> {
        let now = self.clock.now();
        let Some(offer) = self.store.totp_unscoped(actor.account).await?.filter(|t| t.confirmed_at.is_none()) else { return Ok(None) };
        let TypedCode::Totp(code) = read_code(typed) else { return Ok(None) };
        let Some(step) = step_of(&offer.secret, &code, now) else { return Ok(None) };
        let codes = codes_from(&chance::token());
        let mut tx = self.store.write_system(now).await?;
        if !tx.confirm_totp(actor.account, &offer.secret, step).await? {
            return Ok(None);
        }
        tx.put_recovery_codes(actor.account, &code_hashes(actor.account, &codes)).await?;
        tx.end_half_sign_ins(actor.account).await?;
        tx.log(Entry::by(actor, now, Category::Admin, "second_factor_on", json!(null)));
        tx.commit().await?;
        Ok(Some(codes))
    }

    /// Switches my second factor off. False: my password is too short to stand alone.
    pub async fn drop_factor(&self, actor: &Actor) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let passkeys = self.store.passkeys_unscoped(actor.account).await?;
        if passkeys.is_empty() && self.store.account_unscoped(actor.account).await?.is_none_or(|a| a.password_short) {
            return Ok(false);
        }
        let mut tx = self.store.write_system(now).await?;
        tx.remove_totp(actor.account).await?;
        tx.log(Entry::by(actor, now, Category::Admin, "second_factor_off", json!(null)));
        tx.commit().await?;
        Ok(true)
    }

    /// Makes me new recovery codes; the old ones end. `None`: no second factor is on.
    pub async fn new_recovery_codes(&self, actor: &Actor) -> Result<Option<Vec<String>>, StoreError> {
        let now = self.clock.now();
        if self.store.account_unscoped(actor.account).await?.is_none_or(|a| !a.has_factor) {
            return Ok(None);
        }
        let codes = codes_from(&chance::token());
        let mut tx = self.store.write_system(now).await?;
        tx.put_recovery_codes(actor.account, &code_hashes(actor.account, &codes)).await?;
        tx.log(Entry::by(actor, now, Category::Admin, "recovery_codes", json!(null)));
        tx.commit().await?;
        Ok(Some(codes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238() {
        // Appendix B, SHA-1; the last six of its eight digits.
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let secret = b"12345678901234567890";
            assert_eq!(step_of(secret, code, at), Some(seconds / 30), "{seconds}");
            assert_eq!(step_of(secret, code, at + TimeDelta::seconds(30)), Some(seconds / 30), "one step late");
            assert_eq!(step_of(secret, code, at + TimeDelta::seconds(61)), None, "two steps late");
        }
    }

    #[test]
    fn recovery_codes_are_of_one_seed_and_one_operator() {
        let codes = codes_from("a");
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_eq!(codes, codes_from("a"));
        assert!(codes.iter().all(|c| c.len() == 19 && !codes_from("b").contains(c)));
        let (one, other) = (AccountId(uuid::Uuid::from_u128(1)), AccountId(uuid::Uuid::from_u128(2)));
        assert_ne!(code_hash(one, &codes[0]), code_hash(other, &codes[0]));
        assert_eq!(code_hash(one, &codes[0]), code_hash(one, &codes[0].replace('-', "")));
    }
}
