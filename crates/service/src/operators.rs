//! Operators of one's own organisation, named and kept by its administrators. No other organisation's operator exists here; an organisation
//! is never left without an administrator who can sign in; every act is in the log and ends what it takes away, on every node.

use crate::{Service, StoreError, admin::LINK_LIFE, chance, watch::Watched};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    id::{AccountId, SignInName},
    operator::{OperatorAct, read_name},
};
use akidoko_store::{AccountRow, WriteTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// An operator, as the administrator sees them.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and a line of the list")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Who.
    pub id: AccountId,
    /// `F12K7QPX-02`
    pub sign_in: SignInName,
    /// The name.
    pub name: String,
    /// Suspended.
    pub suspended: bool,
    /// Has set a password.
    pub has_password: bool,
    /// A second factor is on.
    pub has_factor: bool,
    /// An administrator.
    pub is_administrator: bool,
    /// The one who asks.
    pub myself: bool,
}

/// A single-use link, to be handed over. The database has its hash alone, so it is shown now or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// For whom.
    pub sign_in: SignInName,
    /// Their name.
    pub name: String,
    /// The secret of the link.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Not an administrator.
    #[error("not an administrator")]
    Forbidden,
    /// No operator of this organisation.
    #[error("not found")]
    NotFound,
    /// Not a name.
    #[error("not a name")]
    Name,
    /// Nobody would be left to administer the organisation.
    #[error("the last administrator")]
    LastAdministrator,
    /// One's own password and second factor are changed elsewhere, with the password.
    #[error("oneself")]
    Myself,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) fn sign_in_name(account: &AccountRow) -> SignInName {
    SignInName { organisation: account.organisation.code.clone(), operator: account.operator }
}

/// The secret of a link, from a secret of the page that asks for it: the same form sent twice leads to the same link, not to a second one.
fn link_token(once: &str, subject: &str) -> String {
    let digest = Sha256::digest(format!("akidoko-link-1 {once} {subject}").as_bytes());
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

impl Service {
    /// The administrator's own account, read anew: rights that were taken away a moment ago are gone.
    pub(crate) async fn administrator(&self, actor: &Actor) -> Result<AccountRow, OperatorError> {
        let account = self.store.account_unscoped(actor.account).await?;
        account.filter(|a| a.active && a.is_administrator).ok_or(OperatorError::Forbidden)
    }

    /// The operators of my organisation.
    pub async fn operators(&self, actor: &Actor) -> Result<Vec<Operator>, OperatorError> {
        self.administrator(actor).await?;
        let all = self.store.accounts_unscoped(actor.organisation).await?;
        let operator = |a: AccountRow| Operator {
            sign_in: sign_in_name(&a),
            myself: a.id == actor.account,
            has_password: a.password_hash.is_some(),
            id: a.id,
            name: a.name,
            suspended: a.suspended,
            has_factor: a.has_factor,
            is_administrator: a.is_administrator,
        };
        Ok(all.into_iter().map(operator).collect())
    }

    /// What is to be seen of my organisation's sign-ins.
    pub async fn sign_in_watch(&self, actor: &Actor) -> Result<Watched, OperatorError> {
        self.administrator(actor).await?;
        Ok(self.watched(actor).await?)
    }

    /// I have seen to all of it up to a moment.
    pub async fn see_sign_ins(&self, actor: &Actor, until: DateTime<Utc>) -> Result<(), OperatorError> {
        self.administrator(actor).await?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let seen = tx.see_sign_in_notes(actor.organisation, until, &actor.operator_name).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "see_sign_ins", json!({ "notes": seen })));
        tx.commit().await?;
        Ok(())
    }

    /// One of them.
    pub async fn operator(&self, actor: &Actor, id: AccountId) -> Result<Operator, OperatorError> {
        self.operators(actor).await?.into_iter().find(|o| o.id == id).ok_or(OperatorError::NotFound)
    }

    /// The link that this form led to before.
    async fn handed_over(&self, actor: &Actor, token: &str) -> Result<Option<Handover>, StoreError> {
        let Some(link) = self.store.password_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        let account = self.store.account_unscoped(link.account).await?.filter(|a| a.organisation.id == actor.organisation);
        Ok(account.map(|a| Handover { sign_in: sign_in_name(&a), name: a.name, token: token.to_owned(), expires_at: link.expires_at }))
    }

    /// Adds an operator, with a link to set a password. `once` is a secret of the form: sent again, it adds nobody.
    pub async fn add_operator(&self, actor: &Actor, name: &str, once: &str) -> Result<Handover, OperatorError> {
        self.administrator(actor).await?;
        let name = read_name(name).ok_or(OperatorError::Name)?;
        let token = link_token(once, &format!("add {name}"));
        if let Some(before) = self.handed_over(actor, &token).await? {
            return Ok(before);
        }
        let id = AccountId(chance::uuid(self.clock.now()));
        let mut tx = self.store.write_system(self.clock.now()).await?;
        // Two who add at once get two numbers.
        tx.lock().await?;
        let operator = tx.add_account(id, actor.organisation, &name).await?;
        let expires_at = tx.now() + LINK_LIFE;
        tx.add_password_link(&chance::token_hash(&token), id, expires_at).await?;
        let sign_in = SignInName { organisation: actor.organisation_code.clone(), operator };
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("operator_add {sign_in}"), json!({ "name": name })));
        tx.commit().await?;
        Ok(Handover { sign_in, name, token, expires_at })
    }

    /// Does something to an operator of my organisation; where that asks for a new password, gives the link.
    pub async fn change_operator(
        &self,
        actor: &Actor,
        id: AccountId,
        act: OperatorAct,
        once: &str,
    ) -> Result<Option<Handover>, OperatorError> {
        self.administrator(actor).await?;
        let account = self.store.account_unscoped(id).await?.filter(|a| a.organisation.id == actor.organisation);
        let account = account.ok_or(OperatorError::NotFound)?;
        // Removed ones are not listed, and nothing is done to them.
        self.operator(actor, id).await?;
        if id == actor.account && matches!(act, OperatorAct::ResetPassword | OperatorAct::ResetFactor) {
            return Err(OperatorError::Myself);
        }
        let token = link_token(once, &format!("{} {id}", act.as_str()));
        if let Some(before) = self.handed_over(actor, &token).await? {
            return Ok(Some(before));
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if act.takes_administrator() && account.is_administrator && tx.other_administrators(actor.organisation, id).await? == 0 {
            return Err(OperatorError::LastAdministrator);
        }
        let new_link = change(&tx, &account, act).await?;
        let expires_at = tx.now() + LINK_LIFE;
        if new_link {
            tx.add_password_link(&chance::token_hash(&token), id, expires_at).await?;
        }
        tx.event(None, EventKind::AccountChanged(id));
        let target = format!("operator_{} {}", act.as_str(), sign_in_name(&account));
        tx.log(Entry::by(actor, tx.now(), Category::Admin, target, json!(null)));
        tx.commit().await?;
        self.sessions.forget_account(id);
        Ok(new_link.then(|| Handover { sign_in: sign_in_name(&account), name: account.name, token, expires_at }))
    }
}

/// What an act writes. True: a new link is needed.
async fn change(tx: &WriteTx, account: &AccountRow, act: OperatorAct) -> Result<bool, StoreError> {
    let id = account.id;
    match act {
        OperatorAct::Promote | OperatorAct::Demote => {
            tx.set_administrator(id, act == OperatorAct::Promote).await?;
            return Ok(false);
        }
        OperatorAct::Resume => {
            tx.suspend_account(id, false).await?;
            return Ok(false);
        }
        OperatorAct::Suspend => tx.suspend_account(id, true).await?,
        OperatorAct::Remove => {
            tx.remove_factors(id).await?;
            tx.remove_account(id).await?;
        }
        OperatorAct::ResetPassword => tx.clear_password(id).await?,
        OperatorAct::ResetFactor => {
            tx.remove_factors(id).await?;
            // Alone, a short password must not let anybody choose the next second factor.
            if account.password_short {
                tx.clear_password(id).await?;
            }
        }
    }
    // Whoever is inside, or half inside, or holds a link, is out.
    tx.end_sessions(id).await?;
    tx.end_half_sign_ins(id).await?;
    if act != OperatorAct::ResetFactor || account.password_short {
        tx.end_password_links(id).await?;
    }
    Ok(act == OperatorAct::ResetPassword || (act == OperatorAct::ResetFactor && account.password_short))
}
