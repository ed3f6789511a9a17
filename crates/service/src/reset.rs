//! A forgotten password, by the organisation's mailbox together with the second factor（design.md「Accounts」）: neither alone opens anything.
//! Whether an operator exists, nobody learns from it.

use crate::{
    Service, StoreError, chance,
    second_factor::take_code,
    sign_in::{Browser, SignInError},
};
use akidoko_domain::{
    audit::{Category, Entry},
    id::SignInName,
};
use akidoko_store::{AccountRow, MailRow, NewMail};
use chrono::TimeDelta;
use serde_json::json;

/// パスワードの再設定
pub const RESET: &str = "reset";
/// 再設定に進んだ
pub const RESET_DONE: &str = "reset_done";
/// The link is good for so long after it left.
const LINK_LIFE: TimeDelta = TimeDelta::minutes(60);
/// One operator is written to so often at most.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// From one network so many are asked for, then none for a while.
const ASKED: i32 = 10;
const ASKED_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// The password is to be chosen within so long after the code was right.
const CHOOSE_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// What proves that it is the operator.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// A code of the authenticator, or a recovery code.
    Code(&'a str),
    /// What the browser says of a passkey, as JSON.
    Passkey(&'a str),
}

/// What the page behind the link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose password.
    pub name: SignInName,
    /// What the browser is to be asked about a passkey, as JSON.
    pub passkey: Option<String>,
}

impl Service {
    /// Asks for a link. The answer is the same for every name; too many from one network are refused.
    pub async fn ask_reset(&self, typed: &str, browser: Browser<'_>) -> Result<(), SignInError> {
        let now = self.clock.now();
        let network = crate::sign_in::network(browser.address);
        let key = format!("reset {network}");
        let name: Option<SignInName> = typed.parse().ok();
        let account = match &name {
            Some(name) => self.store.account_named_unscoped(name).await?,
            None => None,
        };
        let mut tx = self.store.write_system(now).await?;
        tx.lock().await?;
        let before = tx.sign_in_failures(&key).await?;
        if let Some(until) = before.blocked_until.filter(|until| *until > now) {
            return Err(SignInError::Blocked { minutes: ((until - now).num_seconds() + 59) / 60 });
        }
        let asked = if before.last_at.is_none_or(|at| now - at > ASKED_WITHIN) { 1 } else { before.failures + 1 };
        tx.put_sign_in_failures(&key, asked, (asked >= ASKED).then(|| now + ASKED_WITHIN)).await?;
        let who = name.map_or_else(|| "?".to_owned(), |n| n.to_string());
        tx.log(Entry::by_system(now, Category::SignIn, format!("reset_asked {who}"), json!({ "network": network })));
        if let Some(mail) = self.reset_mail(account.as_ref()).await? {
            tx.add_mails(&[mail], &self.post.domain).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The mail, where there is somebody to write to: an operator who is let in, with a second factor, of an organisation with a mailbox.
    async fn reset_mail(&self, account: Option<&AccountRow>) -> Result<Option<NewMail>, StoreError> {
        let Some(account) = account.filter(|a| a.active && a.has_factor) else { return Ok(None) };
        let last = self.store.last_mail_about_unscoped(account.id, RESET).await?;
        if last.is_some_and(|m| self.clock.now() < m.created_at + AGAIN_AFTER) {
            return Ok(None);
        }
        Ok(self.reset_letter(account, RESET).await?.map(|mail| NewMail { has_link: true, ..mail }))
    }

    async fn reset_letter(&self, account: &AccountRow, kind: &'static str) -> Result<Option<NewMail>, StoreError> {
        let organisation = &account.organisation;
        let mailbox = self.store.organisation_of_id_unscoped(organisation.id).await?.and_then(|o| o.mailbox);
        let name = SignInName { organisation: organisation.code.clone(), operator: account.operator };
        let facts = [("sign_in", name.to_string()), ("operator", account.name.clone())];
        Ok(self.mail_to((&organisation.name, organisation.prefecture, mailbox.as_deref()), account.id, kind, &facts))
    }

    /// Whose password a link is about. `None`: guessed, used, expired, asked for anew since, suspended; nothing says which.
    async fn reset_of(&self, token: &str) -> Result<Option<(AccountRow, MailRow)>, StoreError> {
        let Some(mail) = self.store.mail_of_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        let (true, Some(account), None) = (mail.kind == RESET, mail.account, mail.opened_at) else { return Ok(None) };
        let good = self.clock.now() < mail.sent_at.unwrap_or(mail.created_at) + LINK_LIFE && mail.state != "cancelled";
        let newest = self.store.last_mail_about_unscoped(account, RESET).await?.is_some_and(|m| m.id == mail.id);
        let account = self.store.account_unscoped(account).await?.filter(|a| a.active && a.has_factor);
        Ok(account.filter(|_| good && newest).map(|a| (a, mail)))
    }

    /// The page behind a link.
    pub async fn reset_page(&self, token: &str) -> Result<Option<Asked>, StoreError> {
        let Some((account, _)) = self.reset_of(token).await? else { return Ok(None) };
        let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
        Ok(Some(Asked { passkey: self.ask_passkey(account.id, ("reset", token)).await?, name }))
    }

    /// Takes the second factor. Right, it gives the token of a link to set a password; wrong ones count as those of sign-in do.
    pub async fn prove_reset(&self, token: &str, proof: Proof<'_>, browser: Browser<'_>) -> Result<String, SignInError> {
        let (account, mail) = self.reset_of(token).await?.ok_or(SignInError::Gone)?;
        let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
        let keys = self.keys(Some(&name), browser).await?;
        let codes = format!("{name} code");
        self.refuse_blocked(&keys).await?;
        self.refuse_if_blocked(&codes).await?;
        let totp = self.store.totp_unscoped(account.id).await?;
        let told = self.reset_letter(&account, RESET_DONE).await?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let right = match proof {
            Proof::Code(typed) => take_code(&tx, account.id, totp.as_ref(), typed).await?,
            Proof::Passkey(answer) => self.take_passkey(&tx, account.id, ("reset", token), answer).await?,
        };
        if !right {
            drop(tx);
            self.count_failure(&keys, Some(&codes)).await?;
            return Err(SignInError::Failed);
        }
        tx.mail_opened(mail.id).await?;
        tx.clear_sign_in_failures(&codes).await?;
        let link = chance::token();
        tx.add_password_link(&chance::token_hash(&link), account.id, tx.now() + CHOOSE_WITHIN).await?;
        if let Some(told) = told {
            tx.add_mails(&[told], &self.post.domain).await?;
        }
        let mut entry = Entry::by_system(tx.now(), Category::Admin, format!("reset_proved {name}"), json!(null));
        entry.prefecture = account.organisation.prefecture;
        tx.log(entry);
        tx.commit().await?;
        Ok(link)
    }
}
