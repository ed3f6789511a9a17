//! Passkeys as a second factor（WebAuthn Level 3）, by `webauthn-rs`. A ceremony is begun for one page, kept in the database for a few minutes
//! under a hash of that page's secret, and taken once. The authenticator itself asks who is there（user verification）, so that a stolen
//! security key is no second factor by itself.

use crate::{
    Service, StoreError,
    application::worker::Post,
    chance,
    second_factor::{code_hash, code_hashes, codes_from},
};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    id::{AccountId, SignInName},
    operator::read_name,
};
pub use akidoko_store::PasskeyRow;
use akidoko_store::WriteTx;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential},
};

/// An authenticator answers within so long.
const CEREMONY_LIFE: TimeDelta = TimeDelta::minutes(10);
/// More of them nobody needs.
const MOST: usize = 10;

/// What can go wrong with a passkey.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Here passkeys are not to be had: the site's address is no name, or no https.
    #[error("no passkeys here")]
    NotHere,
    /// What the authenticator said is not right, or came too late, or twice.
    #[error("not right")]
    Wrong,
    /// As many as can be are registered.
    #[error("too many")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The library, for the site's own address. `None` where passkeys cannot be: an address that is no name（W3C: a relying party is a domain）.
pub(crate) fn relying_party(post: &Post) -> Option<Arc<Webauthn>> {
    let origin = Url::parse(&post.public_url).ok()?;
    let name = origin.domain()?.to_owned();
    if origin.scheme() != "https" && name != "localhost" {
        return None;
    }
    let built = WebauthnBuilder::new(&name, &origin).ok()?.rp_name("Akidoko").build();
    match built {
        Ok(webauthn) => Some(Arc::new(webauthn)),
        Err(error) => {
            tracing::warn!(%error, "passkeys cannot be offered");
            None
        }
    }
}

/// The subject of a ceremony: what it is for, and the secret of the page that began it.
fn subject(purpose: &str, secret: &str) -> [u8; 32] {
    chance::token_hash(&format!("{purpose} {secret}"))
}

/// What recovery codes are made of: a secret of the browser, and the passkey that they came with.
fn seed(secret: &str, passkey: Uuid) -> String {
    format!("passkey {secret} {passkey}")
}

fn read(rows: &[PasskeyRow]) -> Vec<Passkey> {
    rows.iter().filter_map(|r| serde_json::from_str(&r.credential).ok()).collect()
}

impl Service {
    /// Can passkeys be used on this site at all?
    pub fn has_passkeys(&self) -> bool {
        self.webauthn.is_some()
    }

    /// Begins to register a passkey; what the browser is to be asked, as JSON. `None`: not to be had here, or as many as can be are there.
    pub(crate) async fn begin_passkey(
        &self,
        account: AccountId,
        name: &SignInName,
        (purpose, secret): (&str, &str),
    ) -> Result<Option<String>, StoreError> {
        let Some(webauthn) = &self.webauthn else { return Ok(None) };
        let stands = read(&self.store.passkeys_unscoped(account).await?);
        if stands.len() >= MOST {
            return Ok(None);
        }
        let known = stands.iter().map(|p| p.cred_id().clone()).collect();
        let begun = webauthn.start_passkey_registration(account.0, &name.to_string(), &name.to_string(), Some(known));
        let Ok((challenge, state)) = begun else { return Ok(None) };
        let state = serde_json::to_string(&state).expect("what the library made can be written");
        let tx = self.store.write_system(self.clock.now()).await?;
        tx.begin_ceremony(&subject(purpose, secret), account, &state, tx.now() + CEREMONY_LIFE).await?;
        tx.commit().await?;
        Ok(Some(serde_json::to_string(&challenge).expect("what the library made can be written")))
    }

    /// Takes a passkey into use, in the caller's transaction; its id.
    pub(crate) async fn take_new_passkey(
        &self,
        tx: &WriteTx,
        account: AccountId,
        (purpose, secret): (&str, &str),
        answer: &str,
        label: &str,
    ) -> Result<Uuid, PasskeyError> {
        let webauthn = self.webauthn.as_ref().ok_or(PasskeyError::NotHere)?;
        let state = tx.take_ceremony(&subject(purpose, secret), account).await?.ok_or(PasskeyError::Wrong)?;
        let state: PasskeyRegistration = serde_json::from_str(&state).map_err(|_| PasskeyError::Wrong)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(|_| PasskeyError::Wrong)?;
        let passkey = webauthn.finish_passkey_registration(&answer, &state).map_err(|_| PasskeyError::Wrong)?;
        let row = PasskeyRow {
            id: chance::uuid(tx.now()),
            name: read_name(label).unwrap_or_else(|| "パスキー".to_owned()),
            credential: serde_json::to_string(&passkey).expect("what the library made can be written"),
            created_at: tx.now(),
            last_used_at: None,
        };
        if tx.add_passkey(account, passkey.cred_id().as_ref(), &row).await? { Ok(row.id) } else { Err(PasskeyError::Wrong) }
    }

    /// Begins to ask for a passkey. `None`: the operator has none, or they are not to be had here.
    pub(crate) async fn ask_passkey(&self, account: AccountId, (purpose, secret): (&str, &str)) -> Result<Option<String>, StoreError> {
        let Some(webauthn) = &self.webauthn else { return Ok(None) };
        let stands = read(&self.store.passkeys_unscoped(account).await?);
        if stands.is_empty() {
            return Ok(None);
        }
        let Ok((challenge, state)) = webauthn.start_passkey_authentication(&stands) else { return Ok(None) };
        let state = serde_json::to_string(&state).expect("what the library made can be written");
        let tx = self.store.write_system(self.clock.now()).await?;
        tx.begin_ceremony(&subject(purpose, secret), account, &state, tx.now() + CEREMONY_LIFE).await?;
        tx.commit().await?;
        Ok(Some(serde_json::to_string(&challenge).expect("what the library made can be written")))
    }

    /// Is it the operator's passkey, and does its counter go on? In the caller's transaction; the ceremony is used up either way.
    pub(crate) async fn take_passkey(
        &self,
        tx: &WriteTx,
        account: AccountId,
        (purpose, secret): (&str, &str),
        answer: &str,
    ) -> Result<bool, StoreError> {
        let Some(webauthn) = &self.webauthn else { return Ok(false) };
        let Some(state) = tx.take_ceremony(&subject(purpose, secret), account).await? else { return Ok(false) };
        let (Ok(state), Ok(answer)) =
            (serde_json::from_str::<PasskeyAuthentication>(&state), serde_json::from_str::<PublicKeyCredential>(answer))
        else {
            return Ok(false);
        };
        let Ok(result) = webauthn.finish_passkey_authentication(&answer, &state) else { return Ok(false) };
        for row in self.store.passkeys_unscoped(account).await? {
            let Ok(mut passkey) = serde_json::from_str::<Passkey>(&row.credential) else { continue };
            if passkey.cred_id() == result.cred_id() {
                passkey.update_credential(&result);
                tx.use_passkey(row.id, &serde_json::to_string(&passkey).expect("what the library made can be written")).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// My passkeys.
    pub async fn my_passkeys(&self, actor: &Actor) -> Result<Vec<PasskeyRow>, StoreError> {
        self.store.passkeys_unscoped(actor.account).await
    }

    /// Begins to add a passkey of mine; my password was asked for. What the browser is to be asked, as JSON.
    pub async fn offer_passkey(&self, actor: &Actor) -> Result<Option<String>, StoreError> {
        let name = SignInName { organisation: actor.organisation_code.clone(), operator: actor.operator };
        self.begin_passkey(actor.account, &name, ("add", &actor.session.to_string())).await
    }

    /// Adds it. True: it is my first second factor, and recovery codes came with it; [`Self::fresh_codes`] shows them. `secret` is one
    /// that only my browser has.
    pub async fn add_passkey(&self, actor: &Actor, secret: &str, answer: &str, label: &str) -> Result<bool, PasskeyError> {
        let first = self.store.account_unscoped(actor.account).await?.is_some_and(|a| !a.has_factor);
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let id = self.take_new_passkey(&tx, actor.account, ("add", &actor.session.to_string()), answer, label).await?;
        if first {
            let codes = codes_from(&seed(secret, id));
            tx.put_recovery_codes(actor.account, &code_hashes(actor.account, &codes)).await?;
            tx.end_half_sign_ins(actor.account).await?;
        }
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "passkey_on", json!(null)));
        tx.commit().await?;
        Ok(first)
    }

    /// The recovery codes that came with my first passkey, for some minutes, in the browser that added it.
    pub async fn fresh_codes(&self, actor: &Actor, secret: &str) -> Result<Option<Vec<String>>, StoreError> {
        let passkeys = self.store.passkeys_unscoped(actor.account).await?;
        let Some(first) = passkeys.first().filter(|p| self.clock.now() < p.created_at + CEREMONY_LIFE) else { return Ok(None) };
        let codes = codes_from(&seed(secret, first.id));
        let stands = self.store.is_recovery_code_unscoped(actor.account, &code_hash(actor.account, &codes[0])).await?;
        Ok(stands.then_some(codes))
    }

    /// Removes one of mine; my password was asked for. False: it is the last second factor, and my password is too short to stand alone.
    pub async fn remove_passkey(&self, actor: &Actor, id: Uuid) -> Result<bool, StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let Some(account) = self.store.account_unscoped(actor.account).await? else { return Ok(false) };
        let others = self.store.passkeys_unscoped(actor.account).await?.iter().any(|p| p.id != id);
        let last = !others && !account.has_totp;
        if last && account.password_short {
            return Ok(false);
        }
        if tx.remove_passkey(actor.account, id).await? {
            if last {
                tx.remove_factors(actor.account).await?;
            }
            tx.log(Entry::by(actor, tx.now(), Category::Admin, "passkey_off", json!(null)));
            tx.commit().await?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_passkeys_can_be() {
        for (address, can) in [
            ("https://akidoko.example.jp", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", false),
            ("https://192.0.2.1", false),
            ("http://akidoko.example.jp", false),
            ("nonsense", false),
        ] {
            let post = Post { public_url: address.to_owned(), ..Post::default() };
            assert_eq!(relying_party(&post).is_some(), can, "{address}");
        }
    }
}
