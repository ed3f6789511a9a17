//! The outbox: mails are rows, written in the transaction that wants them sent, and taken by a worker. A mail leaves once; twice only if
//! the program died between the server's yes and our note of it, and then with the same `Message-ID`.

use crate::{db::Store, error::StoreError, read::Reader, read::wall_filter, write::WriteTx};
use akidoko_domain::id::{AccountId, ApplicationId, MailId, OrganisationId, PrefCode};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::FromQueryResult;
use sha2::Sha256;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A mail that is to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Its id.
    pub id: MailId,
    /// What it says: which text.
    pub kind: &'static str,
    /// Behind which wall it lies.
    pub prefecture: Option<PrefCode>,
    /// The application it is about.
    pub application: Option<ApplicationId>,
    /// The operator it is for.
    pub account: Option<AccountId>,
    /// To whom.
    pub recipient: String,
    /// What the text is filled with.
    pub facts: BTreeMap<String, String>,
    /// It carries a link that is good once.
    pub has_link: bool,
    /// Not before.
    pub not_before: DateTime<Utc>,
    /// Nor after: what has not left by then is taken back.
    pub good_until: Option<DateTime<Utc>>,
}

/// A mail of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Its id.
    pub id: MailId,
    /// `Message-ID`, without angle brackets.
    pub message_id: String,
    /// Which text.
    pub kind: String,
    /// The application it is about.
    pub application: Option<ApplicationId>,
    /// The operator it is for.
    pub account: Option<AccountId>,
    /// To whom.
    pub recipient: String,
    /// What the text is filled with.
    pub facts: BTreeMap<String, String>,
    /// `waiting`, `sent`, `failed`, `bounced`, `cancelled`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next.
    pub next_at: DateTime<Utc>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When a server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When its link was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// What the server said last.
    pub answer: Option<String>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    message_id: String,
    kind: String,
    application_id: Option<Uuid>,
    account_id: Option<Uuid>,
    recipient: String,
    facts: String,
    state: String,
    attempts: i32,
    next_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    answer: Option<String>,
}

impl TryFrom<Found> for MailRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            id: MailId(r.id),
            message_id: r.message_id,
            kind: r.kind,
            application: r.application_id.map(ApplicationId),
            account: r.account_id.map(AccountId),
            recipient: r.recipient,
            facts: serde_json::from_str(&r.facts).map_err(StoreError::corrupt)?,
            state: r.state,
            attempts: r.attempts,
            next_at: r.next_at,
            created_at: r.created_at,
            sent_at: r.sent_at,
            opened_at: r.opened_at,
            answer: r.answer,
        })
    }
}

const COLUMNS: &str = "SELECT id, message_id, kind, application_id, account_id, recipient, CAST(facts AS TEXT) AS facts, state, attempts, \
     next_at, created_at, sent_at, opened_at, answer FROM mail";

#[derive(FromQueryResult)]
struct One {
    n: i32,
}

/// So long a worker has to send what it took; then another takes it.
const CLAIM: TimeDelta = TimeDelta::minutes(5);

/// How the outbox stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    /// Mails that should have left.
    pub due: i64,
    /// Of them, those that were tried in vain.
    pub tried: i64,
    /// Mails that wait for their time.
    pub later: i64,
}

fn mails(found: Vec<Found>) -> Result<Vec<MailRow>, StoreError> {
    found.into_iter().map(MailRow::try_from).collect()
}

impl Store {
    /// The link of a mail: made of its id and the program's key, so that a second attempt carries the same, and nothing but a hash of
    /// it is kept.
    pub fn mail_link(&self, id: MailId) -> String {
        let mac = self.inner.audit_key.derived("mail link", id.0.as_bytes());
        mac.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// How the outbox stands.
    pub async fn backlog_unscoped(&self, now: DateTime<Utc>) -> Result<Backlog, StoreError> {
        let sql = "SELECT COUNT(CASE WHEN next_at <= $1 OR attempts > 0 THEN 1 END) AS due, COUNT(CASE WHEN attempts > 0 THEN 1 END) AS tried, \
                   COUNT(CASE WHEN next_at > $1 AND attempts = 0 THEN 1 END) AS later FROM mail WHERE state = 'waiting'";
        Ok(self.system_rows().one(sql, vec![now.into()]).await?.unwrap_or_default())
    }

    /// The mail with this link.
    pub async fn mail_of_link_unscoped(&self, hash: &[u8]) -> Result<Option<MailRow>, StoreError> {
        let found: Option<Found> = self.system_rows().one(&format!("{COLUMNS} WHERE link_hash = $1"), vec![hash.to_vec().into()]).await?;
        found.map(MailRow::try_from).transpose()
    }

    /// The mail with this `Message-ID`.
    pub async fn mail_of_message_unscoped(&self, message_id: &str) -> Result<Option<MailRow>, StoreError> {
        let found: Option<Found> = self.system_rows().one(&format!("{COLUMNS} WHERE message_id = $1"), vec![message_id.into()]).await?;
        found.map(MailRow::try_from).transpose()
    }

    /// The last mail of a kind about the operators of an organisation.
    pub async fn last_mail_of_unscoped(&self, organisation: OrganisationId, kind: &str) -> Result<Option<MailRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE account_id IN (SELECT id FROM account WHERE organisation_id = $1) AND kind = $2 \
             ORDER BY created_at DESC, id DESC LIMIT 1"
        );
        let found: Option<Found> = self.system_rows().one(&sql, vec![organisation.0.into(), kind.into()]).await?;
        found.map(MailRow::try_from).transpose()
    }

    /// The last mail of a kind about an operator.
    pub async fn last_mail_about_unscoped(&self, account: AccountId, kind: &str) -> Result<Option<MailRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE account_id = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT 1");
        let found: Option<Found> = self.system_rows().one(&sql, vec![account.0.into(), kind.into()]).await?;
        found.map(MailRow::try_from).transpose()
    }

    /// The last mail that left for an address about the operators of an organisation, or should have.
    pub async fn last_mail_to_unscoped(&self, organisation: OrganisationId, address: &str) -> Result<Option<MailRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE account_id IN (SELECT id FROM account WHERE organisation_id = $1) AND recipient = $2 \
             AND state IN ('sent', 'bounced', 'failed') ORDER BY created_at DESC, id DESC LIMIT 1"
        );
        let found: Option<Found> = self.system_rows().one(&sql, vec![organisation.0.into(), address.into()]).await?;
        found.map(MailRow::try_from).transpose()
    }

    /// Does it still wait, though a worker took it? What it asks for may have come meanwhile.
    pub async fn mail_waits_unscoped(&self, id: MailId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS n FROM mail WHERE id = $1 AND state = 'waiting' AND (good_until IS NULL OR good_until >= $2)";
        Ok(self.system_rows().one::<One>(sql, vec![id.0.into(), now.into()]).await?.is_some_and(|r| r.n == 1))
    }

    /// When something is to be sent next.
    pub async fn mail_due_unscoped(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 AS n FROM mail WHERE state = 'waiting' AND next_at <= $1 AND (claimed_until IS NULL OR claimed_until < $1) LIMIT 1";
        Ok(self.system_rows().one::<One>(sql, vec![now.into()]).await?.is_some_and(|r| r.n == 1))
    }
}

impl Reader {
    /// The last mail about each application that the scope sees.
    pub async fn last_mails(&self) -> Result<Vec<MailRow>, StoreError> {
        let filter = wall_filter("pref_code");
        let sql = format!(
            "{COLUMNS} WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY application_id ORDER BY created_at DESC, \
             id DESC) AS place FROM mail WHERE {filter} AND application_id IS NOT NULL) AS numbered WHERE place = 1)"
        );
        mails(self.all(&sql, vec![self.wall()]).await?)
    }

    /// The mails about applications that the scope sees, the last first for each.
    pub async fn mails(&self, application: Option<ApplicationId>) -> Result<Vec<MailRow>, StoreError> {
        let (filter, mut values) = (wall_filter("pref_code"), vec![self.wall()]);
        let one = if let Some(id) = application {
            values.push(id.0.into());
            "AND application_id = $2"
        } else {
            "AND application_id IS NOT NULL"
        };
        mails(self.all(&format!("{COLUMNS} WHERE {filter} {one} ORDER BY application_id, created_at DESC, id DESC"), values).await?)
    }
}

impl WriteTx {
    /// Puts mails into the outbox.
    pub async fn add_mails(&self, mails: &[NewMail], domain: &str) -> Result<(), StoreError> {
        let columns = [
            "id",
            "message_id",
            "kind",
            "pref_code",
            "application_id",
            "account_id",
            "recipient",
            "facts",
            "link_hash",
            "state",
            "attempts",
            "next_at",
            "created_at",
            "good_until",
        ];
        let columns: Vec<(&str, crate::write::Column)> =
            columns.iter().map(|c| (*c, if *c == "facts" { crate::write::Column::Json } else { crate::write::Column::Plain })).collect();
        let row = |m: &NewMail| -> Result<Vec<sea_orm::Value>, StoreError> {
            let hash = m.has_link.then(|| hash(&self.store().mail_link(m.id)));
            Ok(vec![
                m.id.0.into(),
                format!("{}@{domain}", m.id).into(),
                m.kind.into(),
                m.prefecture.map(|p| p.to_string()).into(),
                m.application.map(|a| a.0).into(),
                m.account.map(|a| a.0).into(),
                m.recipient.as_str().into(),
                serde_json::to_string(&m.facts).map_err(StoreError::corrupt)?.into(),
                hash.into(),
                "waiting".into(),
                0_i32.into(),
                m.not_before.into(),
                self.now().into(),
                m.good_until.into(),
            ])
        };
        let rows = mails.iter().map(row).collect::<Result<_, _>>()?;
        self.insert_rows("mail", &columns, rows, "").await
    }

    /// Takes back what has not left: mails of these applications of one kind.
    pub async fn cancel_mails(&self, application: ApplicationId, kind: &str) -> Result<(), StoreError> {
        let sql = "UPDATE mail SET state = 'cancelled' WHERE application_id = $1 AND kind = $2 AND state = 'waiting'";
        self.execute(sql, vec![application.0.into(), kind.into()]).await?;
        Ok(())
    }

    /// Has a worker taken a mail of this application that is not noted as sent?
    pub async fn is_leaving(&self, application: ApplicationId) -> Result<bool, StoreError> {
        let sql = format!("{COLUMNS} WHERE application_id = $1 AND state = 'waiting' AND claimed_until > $2");
        let found: Vec<Found> = self.rows().all(&sql, vec![application.0.into(), self.now().into()]).await?;
        Ok(!found.is_empty())
    }

    /// How many mails of a kind there were about an application.
    pub async fn count_mails(&self, application: ApplicationId, kind: &str) -> Result<usize, StoreError> {
        let sql = format!("{COLUMNS} WHERE application_id = $1 AND kind = $2 AND state <> 'cancelled'");
        let found: Vec<Found> = self.rows().all(&sql, vec![application.0.into(), kind.into()]).await?;
        Ok(found.len())
    }

    /// When the last mail of these kinds about an application was written, unless it was taken back.
    pub async fn last_mail(&self, application: ApplicationId, kinds: &[&str]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = format!("{COLUMNS} WHERE application_id = $1 AND state <> 'cancelled'");
        let found: Vec<Found> = self.rows().all(&sql, vec![application.0.into()]).await?;
        Ok(found.into_iter().filter(|m| kinds.contains(&m.kind.as_str())).map(|m| m.created_at).max())
    }

    /// A link to set a password is good until then.
    pub async fn extend_password_link(&self, token_hash: &[u8], until: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE password_link SET expires_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $3";
        self.execute(sql, vec![token_hash.to_vec().into(), until.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Takes some mails that are due, for this worker alone until the claim ends. Whoever waits for a link does not wait behind an
    /// announcement or a reminder to thousands.
    pub async fn claim_mails(&mut self, limit: u32) -> Result<Vec<MailRow>, StoreError> {
        self.lock().await?;
        let now = self.now();
        let late = "UPDATE mail SET state = 'cancelled', answer = '期限までに送れませんでした' WHERE state = 'waiting' AND good_until < $1";
        self.execute(late, vec![now.into()]).await?;
        let sql = format!(
            "{COLUMNS} WHERE state = 'waiting' AND next_at <= $1 AND (claimed_until IS NULL OR claimed_until < $1) \
             ORDER BY CASE kind WHEN 'announcement' THEN 2 WHEN 'report_due' THEN 1 ELSE 0 END, next_at, id LIMIT $2"
        );
        let found = mails(self.rows().all(&sql, vec![now.into(), i64::from(limit).into()]).await?)?;
        if !found.is_empty() {
            let sql = format!("UPDATE mail SET claimed_until = $1 WHERE id IN ({})", crate::read::places(2, found.len()));
            let ids = found.iter().map(|m| m.id.0.into());
            self.execute(&sql, std::iter::once((now + CLAIM).into()).chain(ids).collect()).await?;
        }
        Ok(found)
    }

    /// A server took it.
    pub async fn mail_sent(&self, id: MailId) -> Result<(), StoreError> {
        let sql =
            "UPDATE mail SET state = 'sent', sent_at = $2, attempts = attempts + 1, claimed_until = NULL, answer = NULL WHERE id = $1";
        self.execute(sql, vec![id.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// It did not leave: it is tried again at `next_at`, or given up.
    pub async fn mail_failed(&self, id: MailId, next_at: Option<DateTime<Utc>>, answer: &str) -> Result<(), StoreError> {
        let state = if next_at.is_some() { "waiting" } else { "failed" };
        let sql = "UPDATE mail SET state = CASE state WHEN 'cancelled' THEN state ELSE $2 END, attempts = attempts + 1, next_at = COALESCE($3, next_at), claimed_until = NULL, answer = $4 WHERE id = $1";
        self.execute(sql, vec![id.0.into(), state.into(), next_at.into(), answer.into()]).await?;
        Ok(())
    }

    /// It came back. False if that is known.
    pub async fn mail_bounced(&self, id: MailId, answer: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE mail SET state = 'bounced', answer = $2 WHERE id = $1 AND state <> 'bounced'";
        Ok(self.execute(sql, vec![id.0.into(), answer.into()]).await? == 1)
    }

    /// Its link was opened.
    pub async fn mail_opened(&self, id: MailId) -> Result<(), StoreError> {
        let sql = "UPDATE mail SET opened_at = COALESCE(opened_at, $2) WHERE id = $1";
        self.execute(sql, vec![id.0.into(), self.now().into()]).await?;
        Ok(())
    }
}

/// What the database keeps of a link.
fn hash(link: &str) -> Vec<u8> {
    use sha2::Digest;
    Sha256::digest(link.as_bytes()).to_vec()
}

impl crate::audit::AuditKey {
    /// Bytes that only who has the key can make.
    pub(crate) fn derived(&self, label: &str, bytes: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.bytes()).expect("HMAC takes a key of any length");
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
}
