//! The road of the first sign-in: link, password, terms, second factor, recovery codes. Each step is kept, so that a page may be loaded
//! again and the road gone on with another day; until its end nobody is signed in.

use crate::{
    Service, StoreError,
    application::worker::activate,
    chance,
    passkey::PasskeyError,
    second_factor::{Offer, code_hashes, codes_from, step_of},
    sign_in::{Browser, HalfKind, SETUP_LIFE, SignInError, SignedIn},
};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    id::SignInName,
    operator::{TERMS, TypedCode, read_code},
    organisation::OrganisationKind,
    password::{PASSWORD_MIN_WITH_FACTOR, PasswordError, check_password, is_short},
};
use akidoko_store::AccountRow;
use chrono::{DateTime, Utc};
use serde_json::json;

/// A link to set a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordLink {
    /// The organisation's name.
    pub organisation: String,
    /// Whose password.
    pub name: SignInName,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The first one: the whole road lies ahead.
    pub first: bool,
}

/// Where a password that was just set leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSet {
    /// To the sign-in: a second factor stands, and a link is none.
    SignIn,
    /// On along the road, by this token.
    Road(String),
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

/// What is next on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The terms.
    Terms,
    /// The second factor.
    Factor,
    /// Recovery codes are there to be written down.
    Codes,
    /// Nothing.
    End,
}

/// Somebody on the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Road {
    /// The organisation's name.
    pub organisation: String,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Who.
    pub name: SignInName,
    /// What is next.
    pub step: Step,
    /// The second factor may be left out: the password is long enough alone.
    pub may_skip: bool,
    account: AccountRow,
}

impl Road {
    /// The recovery codes that it brought, as long as it is open. `token` is its own.
    pub fn codes(&self, token: &str) -> Vec<String> {
        if self.step == Step::Codes { codes_from(token) } else { Vec::new() }
    }
}

impl Service {
    /// Whose password a link sets, if it is good.
    pub async fn password_link(&self, token: &str) -> Result<Option<PasswordLink>, StoreError> {
        let now = self.clock.now();
        let Some(link) = self.store.password_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        if link.used || link.expires_at <= now {
            return Ok(None);
        }
        let account = self.store.account_unscoped(link.account).await?.filter(|a| a.active);
        Ok(account.map(|a| PasswordLink {
            first: a.terms.is_none(),
            organisation: a.organisation.name,
            name: SignInName { organisation: a.organisation.code, operator: a.operator },
            expires_at: link.expires_at,
        }))
    }

    /// Sets a password by a link, uses the link up, and ends every sign-in of the operator. `None`: the link is not good any more.
    pub async fn set_password(&self, token: &str, password: &str, again: &str) -> Result<Option<PasswordSet>, SetPasswordError> {
        let Some(PasswordLink { name, .. }) = self.password_link(token).await? else { return Ok(None) };
        // A short one is taken here: the road then does not end before a second factor is on.
        check_password(password, again, &name, PASSWORD_MIN_WITH_FACTOR)?;
        let Some(account) = self.store.account_named_unscoped(&name).await? else { return Ok(None) };
        let hash = self.passwords.hash(password.to_owned()).await;
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        if !tx.use_password_link(&chance::token_hash(token)).await? {
            return Ok(None);
        }
        tx.set_password_hash(account.id, &hash, is_short(password)).await?;
        tx.end_sessions(account.id).await?;
        tx.end_half_sign_ins(account.id).await?;
        let next = if account.has_factor {
            PasswordSet::SignIn
        } else {
            let road = chance::token();
            tx.add_half_sign_in(&chance::token_hash(&road), account.id, HalfKind::Setup, now + SETUP_LIFE).await?;
            PasswordSet::Road(road)
        };
        // Under the lock: an application that came of it moves on with it, once.
        tx.lock().await?;
        activate(&tx, &self.store, account.organisation.id).await?;
        tx.event(None, EventKind::AccountChanged(account.id));
        tx.log(Entry::by_system(now, Category::Admin, "set_password", json!({ "account": name.to_string() })));
        tx.commit().await?;
        self.sessions.forget_account(account.id);
        Ok(Some(next))
    }

    /// Who is on the road by this token, and where.
    pub async fn road(&self, token: &str) -> Result<Option<Road>, StoreError> {
        let half = self.store.half_sign_in_unscoped(&chance::token_hash(token), self.clock.now()).await?;
        let Some(half) = half.filter(|h| h.kind == HalfKind::Setup) else { return Ok(None) };
        let Some(account) = self.store.account_unscoped(half.account).await?.filter(|a| a.active) else { return Ok(None) };
        let step = if account.terms != Some(TERMS) {
            Step::Terms
        } else if !account.has_factor {
            Step::Factor
        } else if half.has_codes {
            Step::Codes
        } else {
            Step::End
        };
        Ok(Some(Road {
            organisation: account.organisation.name.clone(),
            kind: account.organisation.kind,
            name: SignInName { organisation: account.organisation.code.clone(), operator: account.operator },
            step,
            may_skip: !account.password_short,
            account,
        }))
    }

    /// Accepts the terms.
    pub async fn accept_terms(&self, road: &Road) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        tx.accept_terms(road.account.id, TERMS).await?;
        let detail = json!({ "account": road.name.to_string(), "version": TERMS });
        tx.log(Entry::by_system(now, Category::Admin, "accept_terms", detail));
        tx.commit().await?;
        Ok(())
    }

    /// The second factor that is offered on the road.
    pub async fn road_offer(&self, road: &Road) -> Result<Option<Offer>, StoreError> {
        self.standing_offer(road.account.id, &road.name).await
    }

    /// What the browser is to be asked to register a passkey on the road, as JSON. `None`: not to be had here.
    pub async fn road_passkey(&self, token: &str, road: &Road) -> Result<Option<String>, StoreError> {
        self.begin_passkey(road.account.id, &road.name, ("road", token)).await
    }

    /// Takes the passkey into use as the second factor. False: what the authenticator said is not right.
    pub async fn road_take_passkey(&self, token: &str, road: &Road, answer: &str, label: &str) -> Result<bool, StoreError> {
        let id = road.account.id;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        match self.take_new_passkey(&tx, id, ("road", token), answer, label).await {
            Ok(_) => {}
            Err(PasskeyError::Store(error)) => return Err(error),
            Err(_) => return Ok(false),
        }
        tx.put_recovery_codes(id, &code_hashes(id, &codes_from(token))).await?;
        tx.note_codes(&chance::token_hash(token)).await?;
        tx.end_other_half_sign_ins(id, &chance::token_hash(token)).await?;
        tx.log(Entry::by_system(tx.now(), Category::Admin, "passkey_on", json!({ "account": road.name.to_string() })));
        tx.commit().await?;
        Ok(true)
    }

    /// Switches the offered second factor on, by one code of it. False: the code is wrong.
    pub async fn road_confirm(&self, token: &str, road: &Road, typed: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let id = road.account.id;
        let Some(offer) = self.store.totp_unscoped(id).await?.filter(|t| t.confirmed_at.is_none()) else { return Ok(false) };
        let TypedCode::Totp(code) = read_code(typed) else { return Ok(false) };
        let Some(step) = step_of(&offer.secret, &code, now) else { return Ok(false) };
        let mut tx = self.store.write_system(now).await?;
        if !tx.confirm_totp(id, &offer.secret, step).await? {
            return Ok(false);
        }
        tx.put_recovery_codes(id, &code_hashes(id, &codes_from(token))).await?;
        tx.note_codes(&chance::token_hash(token)).await?;
        tx.end_other_half_sign_ins(id, &chance::token_hash(token)).await?;
        tx.log(Entry::by_system(now, Category::Admin, "second_factor_on", json!({ "account": road.name.to_string() })));
        tx.commit().await?;
        Ok(true)
    }

    /// Ends the road and signs in. `None`: something is left to do.
    pub async fn end_road(&self, token: &str, road: Road, browser: Browser<'_>) -> Result<Option<SignedIn>, SignInError> {
        let done = match road.step {
            Step::Terms => false,
            Step::Factor => road.may_skip,
            Step::Codes | Step::End => true,
        };
        if !done {
            return Ok(None);
        }
        let keys = self.keys(Some(&road.name), browser).await?;
        let entry = self.entry(road.account, keys, browser).await?;
        let tx = self.store.write_system(self.clock.now()).await?;
        if !tx.end_half_sign_in(&chance::token_hash(token)).await? {
            return Ok(None);
        }
        self.let_in(tx, entry).await.map(Some)
    }

    /// Is this the organisation's only operator, who may name the others?
    pub async fn is_first_operator(&self, actor: &Actor) -> Result<bool, StoreError> {
        Ok(actor.is_administrator && self.store.accounts_unscoped(actor.organisation).await?.len() == 1)
    }
}
