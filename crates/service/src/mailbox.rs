//! The shared mailbox of an organisation: an administrator changes it, and it counts once the link that was mailed to it has been used.

use crate::{
    Service, StoreError, chance,
    operators::OperatorError,
    sign_in::{Browser, SignInError},
};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    id::SignInName,
    text::read_mail,
};
use akidoko_store::{AccountRow, MailRow, NewMail};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// 新しい宛先の確認
pub const MAILBOX: &str = "mailbox";
/// 宛先が変わった: to the old one.
pub const MAILBOX_CHANGED: &str = "mailbox_changed";
/// A link that proves an address is good for so long.
const LINK_LIFE: TimeDelta = TimeDelta::hours(72);

/// How the mailbox stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The address that counts.
    pub address: Option<String>,
    /// What came back, if the last mail to it did.
    pub bounced: Option<String>,
    /// An address that waits to be proved, and until when.
    pub waiting: Option<(String, DateTime<Utc>)>,
}

/// Why the mailbox was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// Not an address.
    #[error("not an address")]
    Address,
    /// It stands already.
    #[error("the same")]
    Same,
    /// Not an administrator.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The password.
    #[error(transparent)]
    Password(#[from] SignInError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    /// The last mail that asked to prove an address for an organisation, if its link is still good.
    async fn proof(&self, account: &AccountRow) -> Result<Option<MailRow>, StoreError> {
        let last = self.store.last_mail_of_unscoped(account.organisation.id, MAILBOX).await?;
        let now = self.clock.now();
        Ok(last.filter(|m| m.opened_at.is_none() && now < m.created_at + LINK_LIFE && matches!(m.state.as_str(), "waiting" | "sent")))
    }

    /// How my organisation's mailbox stands, for its administrators.
    pub async fn mailbox(&self, actor: &Actor) -> Result<Mailbox, OperatorError> {
        let account = self.administrator(actor).await?;
        let address = self.store.organisation_of_id_unscoped(actor.organisation).await?.and_then(|o| o.mailbox);
        let last = match &address {
            Some(address) => self.store.last_mail_to_unscoped(actor.organisation, address).await?,
            None => None,
        };
        let bounced = last.filter(|m| matches!(m.state.as_str(), "bounced" | "failed")).map(|m| m.answer.unwrap_or_default());
        let waiting = self.proof(&account).await?.map(|m| (m.recipient.clone(), m.created_at + LINK_LIFE));
        Ok(Mailbox { address, bounced, waiting })
    }

    /// Asks for another mailbox: a link goes to the new address, and nothing changes before it is used.
    pub async fn ask_mailbox(&self, actor: &Actor, typed: &str, password: &str, browser: Browser<'_>) -> Result<(), MailboxError> {
        let account = self.administrator(actor).await?;
        let address = read_mail(typed).ok_or(MailboxError::Address)?;
        let stands = self.store.organisation_of_id_unscoped(actor.organisation).await?.and_then(|o| o.mailbox);
        if stands.as_deref().is_some_and(|s| s.eq_ignore_ascii_case(&address)) {
            return Err(MailboxError::Same);
        }
        self.password_again(actor, password, browser).await?;
        let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
        let to = (account.organisation.name.as_str(), account.organisation.prefecture, Some(address.as_str()));
        let facts = [("sign_in", name.to_string()), ("operator", account.name.clone())];
        let mail = self.mail_to(to, account.id, MAILBOX, &facts).ok_or(MailboxError::Address)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.add_mails(&[NewMail { has_link: true, ..mail }], &self.post.domain).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "mailbox_asked", json!(null)));
        tx.commit().await?;
        Ok(())
    }

    /// What a link would change: the organisation and the new address. `None`: guessed, used, expired, or asked for anew since.
    pub async fn mailbox_of_link(&self, token: &str) -> Result<Option<(AccountRow, MailRow)>, StoreError> {
        let Some(mail) = self.store.mail_of_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        let (true, Some(account)) = (mail.kind == MAILBOX, mail.account) else { return Ok(None) };
        // Whoever asked administers the organisation still.
        let account = self.store.account_unscoped(account).await?.filter(|a| a.active && a.is_administrator);
        let Some(account) = account else { return Ok(None) };
        let good = self.proof(&account).await?.is_some_and(|m| m.id == mail.id);
        Ok(good.then_some((account, mail)))
    }

    /// The link was used: the address counts from now on, and the old one is told. False: it is not good any more.
    pub async fn prove_mailbox(&self, token: &str) -> Result<bool, StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let Some((account, mail)) = self.mailbox_of_link(token).await? else { return Ok(false) };
        let organisation = &account.organisation;
        let old = self.store.organisation_of_id_unscoped(organisation.id).await?.and_then(|o| o.mailbox);
        tx.mail_opened(mail.id).await?;
        tx.set_mailbox(organisation.id, &mail.recipient).await?;
        let name = SignInName { organisation: organisation.code.clone(), operator: account.operator };
        let to = (organisation.name.as_str(), organisation.prefecture, old.as_deref());
        let facts = [("sign_in", name.to_string()), ("operator", account.name.clone())];
        if let Some(told) = self.mail_to(to, account.id, MAILBOX_CHANGED, &facts) {
            tx.add_mails(&[told], &self.post.domain).await?;
        }
        let mut entry =
            Entry::by_system(tx.now(), Category::Admin, format!("mailbox {}", organisation.code), json!({ "asked_by": name.to_string() }));
        entry.prefecture = organisation.prefecture;
        tx.log(entry);
        tx.commit().await?;
        Ok(true)
    }
}
