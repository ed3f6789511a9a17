//! What follows by itself on the road of an ID: windows open, notices leave and arrive, IDs come to exist, reminders go out. One round
//! does all that is due; it may be cut off anywhere and taken up again, by this process or another.

use super::{
    entrance::{ASKED, RETURNED},
    gather::{said, step},
    text,
};
use crate::{
    Service, StoreError,
    announcement::{self, ANNOUNCEMENT},
    chance,
    completeness::REPORT_DUE,
    mailbox::MAILBOX,
    reset::RESET,
};
use akidoko_domain::{
    application::{Action, Role, State, UNDO, arrival, working_day_after},
    audit::{Category, Entry},
    id::{AccountId, ApplicationId, MailId, OrganisationCode, OrganisationId, SignInName},
    time::jst_day,
};
use akidoko_exchange::mail::{Letter, Mailbox, SendError, Transport};
use akidoko_store::{AccountRow, ApplicationRow, MailRow, NewMail, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The notice that proves the address.
pub const NOTICE: &str = "notice";
/// The link to set the first password.
pub const PASSWORD: &str = "password";
/// The same again, for who has not.
pub const REMINDER: &str = "reminder";
/// 引き継ぎの予告: to both headquarters.
pub const HAND_OVER: &str = "hand_over";
/// 引き継ぎの取りやめ: to whom it was announced.
pub const HAND_OVER_DROPPED: &str = "hand_over_dropped";
/// 引き継ぎの完了: with the new sign-in names.
pub const HANDED_OVER: &str = "handed_over";

/// A link to set a password is good for so long（design.md「Accounts」）.
pub const LINK_LIFE: TimeDelta = TimeDelta::hours(72);
/// Who has not signed in is reminded so many days after the ID was issued.
const REMINDERS: [i64; 2] = [7, 14];
/// A headquarters may ask for another link so long after the last.
const RESEND_AFTER: TimeDelta = TimeDelta::minutes(1);
/// So many mails are taken at a time, and so many are on their way at once.
const HANDFUL: u32 = 40;
const AT_ONCE: usize = 4;

/// What became of a wish for another password link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// It lies in the outbox.
    Sent,
    /// The last one is younger than a minute.
    TooSoon,
    /// No such link, or nothing to send.
    Gone,
}

/// How mail leaves, and what it says of itself.
#[derive(Clone)]
pub struct Post {
    /// The road out; without one the outbox waits.
    pub transport: Option<Arc<Transport>>,
    /// The sender.
    pub from: Mailbox,
    /// The domain of `Message-ID`.
    pub domain: String,
    /// Domains from which mail comes: shown on sheet and screen, so that they can be let in（memo §1）.
    pub sender_domains: Vec<String>,
    /// Where links lead, without a slash at the end.
    pub public_url: String,
    /// So long a decision can be undone, and its mail waits: five minutes, shorter only where the road is tried out.
    pub undo: TimeDelta,
    /// At most so many mails a minute.
    pub per_minute: u32,
}

impl Default for Post {
    fn default() -> Self {
        Self {
            transport: None,
            from: Mailbox { name: "空きどこ事務局".to_owned(), address: "office@akidoko.example".to_owned() },
            domain: "akidoko.example".to_owned(),
            sender_domains: vec!["@akidoko.example".to_owned()],
            public_url: "http://127.0.0.1:8080".to_owned(),
            undo: UNDO,
            per_minute: 1200,
        }
    }
}

/// After how long a mail is tried again that was tried so often before, in vain each time. `None`: three days have gone by, it counts as
/// come back. Counted by attempts, since a mail may have been written long before it was to leave.
fn patience(attempts: i32) -> Option<TimeDelta> {
    match attempts {
        ..=0 => Some(TimeDelta::seconds(30)),
        1 => Some(TimeDelta::minutes(2)),
        2 => Some(TimeDelta::minutes(10)),
        3 => Some(TimeDelta::minutes(30)),
        4..=75 => Some(TimeDelta::hours(1)),
        _ => None,
    }
}

impl Service {
    /// What mail says of itself.
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// How the outbox stands.
    pub async fn backlog(&self) -> Result<akidoko_store::Backlog, StoreError> {
        self.store.backlog_unscoped(self.clock.now()).await
    }

    /// Starts the worker of this process.
    pub fn start_worker(&self) {
        let service = self.clone();
        tokio::spawn(async move {
            loop {
                match service.work().await {
                    Ok(0) => tokio::time::sleep(Duration::from_secs(1)).await,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(%error, "the worker of applications stumbled and goes on");
                        tokio::time::sleep(Duration::from_secs(5)).await;
                    }
                }
            }
        });
    }

    /// One round of all that is due; says how much was done.
    pub async fn work(&self) -> Result<usize, StoreError> {
        Ok(self.open_windows().await?
            + self.deliver().await?
            + self.issue().await?
            + self.remind().await?
            + self.hand_over().await?
            + self.watch().await?
            + self.announce().await?
            + self.remind_hospitals().await?
            + self.watch_thresholds().await?
            + self.paint().await?
            + self.send().await?)
    }

    /// Takes a step with every application for which `due` says so, under the lock.
    async fn advance(&self, state: State, action: Action, due: impl Fn(&ApplicationRow) -> bool) -> Result<usize, StoreError> {
        let ids: Vec<ApplicationId> =
            self.store.applications_in_unscoped(state).await?.into_iter().filter(|a| due(a)).map(|a| a.id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let (mut put, mut steps) = (Vec::new(), Vec::new());
        for mut row in tx.applications(&ids).await? {
            if row.state == state && due(&row) && step(&mut row, action, Role::System, tx.now()).is_ok() {
                steps.push(said(&row, action, Role::System, "", None));
                put.push(row);
            }
        }
        tx.put_applications(&put).await?;
        tx.add_steps(&steps).await?;
        note(&mut tx, action, &put);
        tx.commit().await?;
        Ok(put.len())
    }

    async fn open_windows(&self) -> Result<usize, StoreError> {
        let windows = self.store.windows().await?;
        if arrival(&windows, jst_day(self.clock.now())).is_err() {
            return Ok(0);
        }
        self.advance(State::WaitingWindow, Action::OpenWindow, |_| true).await
    }

    /// Two working days without a bounce, and a notice counts as delivered.
    async fn deliver(&self) -> Result<usize, StoreError> {
        let days = self.office().await?.delivered_after_days;
        let (now, reference) = (self.clock.now(), self.live.reference());
        let due = |a: &ApplicationRow| {
            a.noticed_at.is_some_and(|at| {
                let day = working_day_after(jst_day(at), days, &reference.holidays);
                jst_day(now) > day || (jst_day(now) == day && now.time() >= at.time())
            })
        };
        self.advance(State::NoticeSent, Action::Deliver, due).await
    }

    /// A mail with a link to set a password; earlier links end.
    pub(super) async fn password_mail(
        &self,
        tx: &WriteTx,
        row: &ApplicationRow,
        (account, operator): (AccountId, u16),
        code: &OrganisationCode,
        kind: &'static str,
    ) -> Result<(), StoreError> {
        let mut mail = self.mail(row, kind, tx.now());
        let sign_in = SignInName { organisation: code.clone(), operator };
        mail.facts.insert("sign_in".to_owned(), sign_in.to_string());
        mail.account = Some(account);
        tx.add_password_link(&chance::token_hash(&self.store.mail_link(mail.id)), account, tx.now() + LINK_LIFE).await?;
        // The password's link is looked up as a password's, not as a notice's.
        tx.add_mails(&[NewMail { has_link: false, ..mail }], &self.post.domain).await
    }

    /// Another link for who lost the first.
    pub(super) async fn resend(&self, tx: &WriteTx, row: &ApplicationRow) -> Result<bool, StoreError> {
        let (Some(organisation), Some(code)) = (row.organisation, row.code.clone()) else { return Ok(false) };
        let Some(account) = first_operator(self.store.accounts_unscoped(organisation).await?) else { return Ok(false) };
        tx.cancel_mails(row.id, PASSWORD).await?;
        self.password_mail(tx, row, (account.id, account.operator), &code, PASSWORD).await?;
        Ok(true)
    }

    /// Who has not set a password is reminded, with a new link.
    async fn remind(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let age = |a: &ApplicationRow| a.issued_at.map_or(0, |at| (now - at).num_days());
        let due: Vec<ApplicationRow> =
            self.store.applications_in_unscoped(State::Issued).await?.into_iter().filter(|a| age(a) >= REMINDERS[0]).collect();
        let mut reminded = 0;
        for row in due {
            let owed = REMINDERS.iter().filter(|days| age(&row) >= **days).count();
            let mut tx = self.store.write_system(now).await?;
            tx.lock().await?;
            if tx.count_mails(row.id, REMINDER).await? >= owed {
                continue;
            }
            let Some(row) = tx.applications(&[row.id]).await?.into_iter().find(|r| r.state == State::Issued) else { continue };
            let (Some(organisation), Some(code)) = (row.organisation, row.code.clone()) else { continue };
            let Some(account) = first_operator(self.store.accounts_unscoped(organisation).await?) else { continue };
            self.password_mail(&tx, &row, (account.id, account.operator), &code, REMINDER).await?;
            tx.commit().await?;
            reminded += 1;
        }
        Ok(reminded)
    }

    pub(super) fn mail(&self, row: &ApplicationRow, kind: &'static str, not_before: DateTime<Utc>) -> NewMail {
        let prefecture = self.live.reference().prefectures.get(&row.prefecture).cloned().unwrap_or_default();
        let facts: BTreeMap<String, String> = [
            ("name".to_owned(), row.form.name.clone()),
            ("contact".to_owned(), row.form.contact_name.clone()),
            ("department".to_owned(), row.form.department.clone()),
            ("prefecture".to_owned(), prefecture),
            ("applicant".to_owned(), row.applicant.as_str().to_owned()),
        ]
        .into();
        NewMail {
            id: MailId(chance::uuid(self.clock.now())),
            kind,
            prefecture: Some(row.prefecture),
            application: Some(row.id),
            account: None,
            recipient: row.form.email.clone(),
            facts,
            has_link: true,
            not_before,
            good_until: None,
        }
    }

    pub(super) fn notice_mail(&self, row: &ApplicationRow, not_before: DateTime<Utc>) -> NewMail {
        self.mail(row, NOTICE, not_before)
    }

    fn letter(&self, mail: &MailRow) -> Letter {
        let path = match mail.kind.as_str() {
            NOTICE => "mail",
            ASKED | RETURNED => "apply/hospital",
            MAILBOX => "mailbox",
            RESET => "reset",
            _ => "set-password",
        };
        let link = match mail.kind.as_str() {
            // For everybody of the organisation, whoever reads its mailbox.
            REPORT_DUE | crate::correction_mail::CORRECTION | crate::picture::ALERT => {
                format!("{}{}", self.post.public_url, mail.facts.get("path").map_or("", String::as_str))
            }
            ANNOUNCEMENT => self.announcement_link(announcement::carried(mail)),
            crate::query::QUERY => self.query_link(&mail.facts),
            _ => format!("{}/{path}/{}", self.post.public_url, self.store.mail_link(mail.id)),
        };
        let written = text::write(&mail.kind, &mail.facts, &link, &self.post.sender_domains);
        Letter {
            message_id: mail.message_id.clone(),
            from: self.post.from.clone(),
            to: mail.recipient.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            at: self.clock.now(),
        }
    }

    /// Sends what is due.
    async fn send(&self) -> Result<usize, StoreError> {
        let Some(transport) = self.post.transport.clone() else { return Ok(0) };
        if !self.store.mail_due_unscoped(self.clock.now()).await? {
            return Ok(0);
        }
        let started = tokio::time::Instant::now();
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let mails = tx.claim_mails(HANDFUL).await?;
        tx.commit().await?;
        let mails = self.with_texts(mails).await?;
        let sent: Vec<(MailRow, Result<(), SendError>)> = stream::iter(mails)
            .map(|mail| {
                let transport = transport.clone();
                async move {
                    // A handful takes minutes where the server is slow: who reported meanwhile is not told that nothing has come.
                    // Where that cannot be asked it stays claimed, and is tried again.
                    if mail.kind == REPORT_DUE && !self.store.mail_waits_unscoped(mail.id, self.clock.now()).await.unwrap_or(false) {
                        return None;
                    }
                    let answer = transport.send(&self.letter(&mail)).await.map(|_| ());
                    Some((mail, answer))
                }
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let count = sent.len();
        self.note_sent(sent).await?;
        // The rate: what went out faster than allowed is waited for.
        let due = Duration::from_secs(60) * u32::try_from(count).unwrap_or(u32::MAX) / self.post.per_minute.max(1);
        tokio::time::sleep(due.saturating_sub(started.elapsed())).await;
        Ok(count)
    }

    async fn note_sent(&self, sent: Vec<(MailRow, Result<(), SendError>)>) -> Result<(), StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let ids: Vec<ApplicationId> = sent.iter().filter_map(|(m, _)| m.application).collect();
        let mut rows: BTreeMap<ApplicationId, ApplicationRow> = tx.applications(&ids).await?.into_iter().map(|a| (a.id, a)).collect();
        let mut steps = Vec::new();
        for (mail, answer) in &sent {
            let row = mail.application.and_then(|id| rows.get_mut(&id));
            match answer {
                Ok(()) => {
                    tx.mail_sent(mail.id).await?;
                    if mail.kind == NOTICE {
                        if let Some(row) = row.filter(|r| r.state == State::Approved) {
                            row.noticed_at = Some(tx.now());
                            take(row, Action::SendNotice, None, &tx, &mut steps);
                        }
                    } else {
                        // The link's time runs from when it left, however long the server was away.
                        tx.extend_password_link(&chance::token_hash(&self.store.mail_link(mail.id)), tx.now() + LINK_LIFE).await?;
                    }
                }
                Err(error) => {
                    let next = patience(mail.attempts).filter(|_| !error.permanent).map(|after| tx.now() + after);
                    let given_up = next.is_none();
                    tx.mail_failed(mail.id, next, &error.words).await?;
                    if let Some(row) = row.filter(|_| given_up && is_of_the_road(&mail.kind)) {
                        if row.state == State::Approved {
                            take(row, Action::SendNotice, None, &tx, &mut steps);
                        }
                        take(row, Action::Bounce, Some(&error.words), &tx, &mut steps);
                    }
                }
            }
        }
        let rows: Vec<ApplicationRow> = rows.into_values().collect();
        tx.put_applications(&rows).await?;
        tx.add_steps(&steps).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes in a mail that came back. False if it is none of ours, or known already.
    pub async fn take_bounce(&self, message_id: &str, words: &str) -> Result<bool, StoreError> {
        let Some(mail) = self.store.mail_of_message_unscoped(message_id).await? else { return Ok(false) };
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if !tx.mail_bounced(mail.id, words).await? {
            return Ok(false);
        }
        let mut steps = Vec::new();
        if let Some(id) = mail.application.filter(|_| is_of_the_road(&mail.kind)) {
            let mut rows = tx.applications(&[id]).await?;
            for row in &mut rows {
                take(row, Action::Bounce, Some(words), &tx, &mut steps);
            }
            tx.put_applications(&rows).await?;
            note(&mut tx, Action::Bounce, &rows);
        }
        announcement::note_bounce(&mut tx, &mail);
        tx.add_steps(&steps).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A notice's link was opened: the address is proved. Gives the application; `None` for a link that is none of ours.
    pub async fn open_notice(&self, token: &str) -> Result<Option<ApplicationRow>, StoreError> {
        let Some(mail) = self.store.mail_of_link_unscoped(&chance::token_hash(token)).await? else { return Ok(None) };
        let (Some(id), true) = (mail.application, matches!(mail.state.as_str(), "sent" | "waiting")) else { return Ok(None) };
        if mail.kind != NOTICE {
            return Ok(None);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let Some(mut row) = tx.applications(&[id]).await?.pop() else { return Ok(None) };
        // Only the address that stands now is proved by it.
        if mail.recipient != row.form.email || row.state.is_over() || row.state == State::Suspended {
            return Ok(None);
        }
        tx.mail_opened(mail.id).await?;
        let mut steps = Vec::new();
        // Opened before we noted that it left: the server was quicker than our commit.
        if row.state == State::Approved {
            row.noticed_at = Some(tx.now());
            take(&mut row, Action::SendNotice, None, &tx, &mut steps);
        }
        take(&mut row, Action::Deliver, None, &tx, &mut steps);
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&steps).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The headquarters asks for another password link, from the page of its notice: it goes to the address that stands, at most once
    /// a minute.
    pub async fn resend_by_notice(&self, token: &str) -> Result<Resent, StoreError> {
        let Some(row) = self.open_notice(token).await? else { return Ok(Resent::Gone) };
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let Some(mut row) = tx.applications(&[row.id]).await?.pop() else { return Ok(Resent::Gone) };
        let last = tx.last_mail(row.id, &[PASSWORD, REMINDER]).await?;
        if row.state == State::Issued && last.is_some_and(|at| tx.now() < at + RESEND_AFTER) {
            return Ok(Resent::TooSoon);
        }
        if step(&mut row, Action::Resend, Role::Applicant, tx.now()).is_err() || !self.resend(&tx, &row).await? {
            return Ok(Resent::Gone);
        }
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, Action::Resend, Role::Applicant, &row.form.name, None)]).await?;
        note(&mut tx, Action::Resend, std::slice::from_ref(&row));
        tx.commit().await?;
        Ok(Resent::Sent)
    }
}

/// What a mail says, as somebody who looks at it before is shown: subject and text. `site`: where its links lead.
pub(crate) fn text_of(kind: &str, facts: &BTreeMap<String, String>, site: &str, domains: &[String]) -> (String, String) {
    let written = text::write(kind, facts, site, domains);
    (written.subject, written.text)
}

/// The first password of an organisation was set: its application has arrived.
pub(crate) async fn activate(tx: &WriteTx, store: &akidoko_store::Store, organisation: OrganisationId) -> Result<(), StoreError> {
    let Some(found) = store.application_of_organisation_unscoped(organisation).await? else { return Ok(()) };
    let Some(mut row) = tx.applications(&[found.id]).await?.pop() else { return Ok(()) };
    let mut steps = Vec::new();
    if step(&mut row, Action::Activate, Role::Applicant, tx.now()).is_ok() {
        row.activated_at = Some(tx.now());
        steps.push(said(&row, Action::Activate, Role::Applicant, &row.form.name, None));
        tx.put_applications(std::slice::from_ref(&row)).await?;
    }
    tx.add_steps(&steps).await
}

/// An ID that nobody used is suspended: so is the application that it came of.
pub(crate) async fn retire(tx: &mut WriteTx, store: &akidoko_store::Store, organisation: OrganisationId) -> Result<(), StoreError> {
    let Some(found) = store.application_of_organisation_unscoped(organisation).await? else { return Ok(()) };
    let Some(mut row) = tx.applications(&[found.id]).await?.pop() else { return Ok(()) };
    let mut steps = Vec::new();
    take(&mut row, Action::Suspend, Some("13 か月使われていないため"), tx, &mut steps);
    tx.put_applications(std::slice::from_ref(&row)).await?;
    tx.add_steps(&steps).await
}

/// Who has the link that was mailed: the first operator that has no password yet.
pub(super) fn first_operator(accounts: Vec<AccountRow>) -> Option<AccountRow> {
    accounts.into_iter().find(|a| !a.suspended && a.password_hash.is_none())
}

/// Mails without which the road does not go on. Of all others only the mail shows that it came back.
fn is_of_the_road(kind: &str) -> bool {
    matches!(kind, NOTICE | PASSWORD | REMINDER)
}

type Said = (ApplicationId, akidoko_domain::id::PrefCode, akidoko_store::StepRow);

/// Takes a step of the program where it can be taken.
fn take(row: &mut ApplicationRow, action: Action, words: Option<&str>, tx: &WriteTx, steps: &mut Vec<Said>) {
    if step(row, action, Role::System, tx.now()).is_ok() {
        if action == Action::Bounce {
            row.reason = words.map(str::to_owned);
        }
        steps.push(said(row, action, Role::System, "", words));
    }
}

pub(super) fn note(tx: &mut WriteTx, action: Action, rows: &[ApplicationRow]) {
    for row in rows {
        let detail = json!({ "id": row.id, "name": row.form.name, "state": row.state.as_str() });
        let mut entry = Entry::by_system(tx.now(), Category::Admin, format!("application {}", action.as_str()), detail);
        entry.prefecture = Some(row.prefecture);
        tx.log(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_three_days() {
        let tried: TimeDelta = (0..).map_while(patience).sum();
        assert_eq!(tried.num_days(), 3);
        assert!((0..3).all(|n| patience(n) < patience(n + 1)), "at first soon, then seldom");
    }
}
