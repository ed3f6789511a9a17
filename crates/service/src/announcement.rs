//! お知らせ（各種連絡事項）: the ministry writes to chosen organisations, by mail and on their screens. To whom it goes is fixed at the
//! moment when it is sent, in the transaction that puts the mails into the outbox; until five minutes after the press it can be taken back.

use crate::{Service, StoreError, application::worker::text_of, chance};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    announcement::{Audience, Problem, State, may_send_at, read},
    audit::{Category, Entry},
    event::EventKind,
    id::{AnnouncementId, MailId, OrganisationId},
};
pub use akidoko_store::{Addressee, AnnouncementRow, Reached, Received, RecipientRow};
use akidoko_store::{MailRow, NewMail, WriteTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// The mail of an announcement.
pub const ANNOUNCEMENT: &str = "announcement";
/// The fact of a mail that says which it carries.
const TEXT_OF: &str = "announcement";

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncementError {
    /// No such announcement, as far as this actor can know.
    #[error("no such announcement")]
    NotFound,
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// Not from where it stands.
    #[error("not from this state")]
    NotFromHere,
    /// What is written cannot be sent.
    #[error("problems")]
    Problems(Vec<Problem>),
    /// It reaches nobody.
    #[error("nobody")]
    Nobody,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// 件名
    pub subject: String,
    /// 本文
    pub body: String,
    /// To whom.
    pub audience: Audience,
}

/// What one would be, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// To whom it would go now.
    pub to: Vec<Addressee>,
    /// The mail: subject and text, as the first of them would get it.
    pub mail: (String, String),
}

fn desk(actor: &Actor) -> Result<(), AnnouncementError> {
    if may(actor.kind, May::DecideApplications) { Ok(()) } else { Err(AnnouncementError::Forbidden) }
}

fn writer(actor: &Actor) -> String {
    format!("{} {}", actor.organisation_name, actor.operator_name)
}

fn reached(all: Vec<Addressee>, audience: &Audience) -> Vec<Addressee> {
    let reaches = |a: &Addressee| audience.reaches(a.organisation.kind, a.organisation.prefecture, a.is_active);
    all.into_iter().filter(reaches).collect()
}

impl Service {
    /// Every announcement with how many it reached: for the ministry.
    pub async fn announcements(&self, actor: &Actor) -> Result<Vec<(AnnouncementRow, Reached)>, AnnouncementError> {
        desk(actor)?;
        let reached: HashMap<uuid::Uuid, Reached> =
            self.store.reached_unscoped().await?.into_iter().map(|r| (r.announcement_id, r)).collect();
        let all = self.store.announcements_unscoped().await?;
        Ok(all.into_iter().map(|n| (n.clone(), reached.get(&n.id.0).copied().unwrap_or_default())).collect())
    }

    /// One of them, with those to whom it went.
    pub async fn announcement(&self, actor: &Actor, id: AnnouncementId) -> Result<(AnnouncementRow, Vec<RecipientRow>), AnnouncementError> {
        desk(actor)?;
        let row = self.store.announcement_unscoped(id).await?.ok_or(AnnouncementError::NotFound)?;
        let recipients = if row.state == State::Sent { self.store.recipients_unscoped(id).await? } else { Vec::new() };
        Ok((row, recipients))
    }

    /// What it would be if it were sent now.
    pub async fn preview(&self, actor: &Actor, row: &AnnouncementRow) -> Result<Preview, AnnouncementError> {
        desk(actor)?;
        let to = reached(self.store.addressees_unscoped().await?, &row.audience);
        let name = to.first().map_or("（組織名）", |a| a.organisation.name.as_str());
        let facts = [("name", name), ("subject", row.subject.as_str()), ("body", row.body.as_str())];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let link = self.announcement_link(Some(row.id));
        Ok(Preview { mail: text_of(ANNOUNCEMENT, &facts, &link, &self.post.sender_domains), to })
    }

    /// Keeps a draft, new or as it stands. It may be incomplete; what is too long is refused.
    pub async fn save_announcement(
        &self,
        actor: &Actor,
        stands: Option<(AnnouncementId, i32)>,
        typed: &Typed,
    ) -> Result<AnnouncementId, AnnouncementError> {
        desk(actor)?;
        let (written, problems) = read(&typed.subject, &typed.body, &typed.audience);
        let hard: Vec<Problem> = problems.into_iter().filter(|p| matches!(p, Problem::Subject | Problem::Body)).collect();
        if !hard.is_empty() {
            return Err(AnnouncementError::Problems(hard));
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut row = match stands {
            Some((id, revision)) => Self::standing(&tx, id, revision, State::Draft).await?,
            None => AnnouncementRow {
                id: AnnouncementId(chance::uuid(tx.now())),
                subject: String::new(),
                body: String::new(),
                audience: Audience::default(),
                state: State::Draft,
                revision: 0,
                send_at: None,
                sent_at: None,
                written_by: String::new(),
                created_at: tx.now(),
                updated_at: tx.now(),
            },
        };
        row.subject = written.subject;
        row.body = written.body;
        row.audience = typed.audience.clone();
        self.put_announcement(tx, actor, row, "announcement_save").await
    }

    /// One as the actor saw it, in a state from which it goes on.
    async fn standing(tx: &WriteTx, id: AnnouncementId, revision: i32, state: State) -> Result<AnnouncementRow, AnnouncementError> {
        let row = tx.announcement(id).await?.filter(|n| n.state != State::Discarded).ok_or(AnnouncementError::NotFound)?;
        if row.revision != revision {
            return Err(AnnouncementError::Stale);
        }
        if row.state == state { Ok(row) } else { Err(AnnouncementError::NotFromHere) }
    }

    async fn put_announcement(
        &self,
        mut tx: WriteTx,
        actor: &Actor,
        mut row: AnnouncementRow,
        act: &'static str,
    ) -> Result<AnnouncementId, AnnouncementError> {
        row.revision += 1;
        row.updated_at = tx.now();
        row.written_by = writer(actor);
        tx.put_announcement(&row).await?;
        let detail = json!({ "id": row.id, "subject": row.subject, "send_at": row.send_at, "audience": row.audience });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, act, detail));
        tx.commit().await?;
        Ok(row.id)
    }

    /// Plans to send it: at a moment, or as soon as it can no longer be taken back.
    pub async fn schedule_announcement(
        &self,
        actor: &Actor,
        (id, revision): (AnnouncementId, i32),
        at: Option<DateTime<Utc>>,
    ) -> Result<(), AnnouncementError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut row = Self::standing(&tx, id, revision, State::Draft).await?;
        let (_, mut problems) = read(&row.subject, &row.body, &row.audience);
        if at.is_some_and(|at| !may_send_at(at, tx.now())) {
            problems.push(Problem::Moment);
        }
        if !problems.is_empty() {
            return Err(AnnouncementError::Problems(problems));
        }
        if reached(tx.addressees().await?, &row.audience).is_empty() {
            return Err(AnnouncementError::Nobody);
        }
        row.state = State::Scheduled;
        let soonest = tx.now() + self.post.undo;
        row.send_at = Some(at.map_or(soonest, |at| at.max(soonest)));
        self.put_announcement(tx, actor, row, "announcement_schedule").await.map(|_| ())
    }

    /// Takes it back before it is sent: a draft again.
    pub async fn unschedule_announcement(&self, actor: &Actor, (id, revision): (AnnouncementId, i32)) -> Result<(), AnnouncementError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut row = Self::standing(&tx, id, revision, State::Scheduled).await?;
        row.state = State::Draft;
        row.send_at = None;
        self.put_announcement(tx, actor, row, "announcement_unschedule").await.map(|_| ())
    }

    /// Throws a draft away.
    pub async fn discard_announcement(&self, actor: &Actor, (id, revision): (AnnouncementId, i32)) -> Result<(), AnnouncementError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut row = Self::standing(&tx, id, revision, State::Draft).await?;
        row.state = State::Discarded;
        self.put_announcement(tx, actor, row, "announcement_discard").await.map(|_| ())
    }

    /// Sends what is due; says how many.
    pub(crate) async fn announce(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        for id in self.store.announcements_due_unscoped(self.clock.now()).await? {
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            let Some(mut row) = tx.announcement(id).await?.filter(|n| n.state == State::Scheduled) else { continue };
            let to = reached(tx.addressees().await?, &row.audience);
            let mails: Vec<(OrganisationId, Option<NewMail>)> =
                to.iter().map(|a| (a.organisation.id, self.announcement_mail(&row, a))).collect();
            let recipients: Vec<(OrganisationId, Option<MailId>)> = mails.iter().map(|(o, m)| (*o, m.as_ref().map(|m| m.id))).collect();
            let mails: Vec<NewMail> = mails.into_iter().filter_map(|(_, m)| m).collect();
            tx.add_mails(&mails, &self.post.domain).await?;
            tx.add_recipients(id, &recipients).await?;
            row.state = State::Sent;
            row.sent_at = Some(tx.now());
            row.revision += 1;
            row.updated_at = tx.now();
            tx.put_announcement(&row).await?;
            tx.event(None, EventKind::Announced);
            let detail = json!({ "id": row.id, "subject": row.subject, "recipients": recipients.len(), "mails": mails.len() });
            tx.log(Entry::by_system(tx.now(), Category::Admin, "announcement_send", detail));
            tx.commit().await?;
            done += 1;
        }
        Ok(done)
    }

    fn announcement_mail(&self, row: &AnnouncementRow, to: &Addressee) -> Option<NewMail> {
        let recipient = to.mailbox.clone().filter(|m| !m.is_empty())?;
        let now = self.clock.now();
        // The text is kept once, and not once for each of thousands; it is put in when the mail leaves.
        let facts = [("name", to.organisation.name.clone()), (TEXT_OF, row.id.to_string())];
        Some(NewMail {
            id: MailId(chance::uuid(now)),
            kind: ANNOUNCEMENT,
            prefecture: to.organisation.prefecture,
            application: None,
            account: None,
            recipient,
            facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
            has_link: false,
            not_before: now,
            good_until: None,
        })
    }

    /// Where the same text stands on the screen.
    pub(crate) fn announcement_link(&self, id: Option<AnnouncementId>) -> String {
        let one = id.map(|id| format!("/{id}")).unwrap_or_default();
        format!("{}/announcements{one}", self.post.public_url)
    }

    /// Puts the texts into the mails that are about to leave. What was sent never changes, so a mail that leaves twice says the same.
    pub(crate) async fn with_texts(&self, mut mails: Vec<MailRow>) -> Result<Vec<MailRow>, StoreError> {
        let ids: BTreeSet<AnnouncementId> = mails.iter().filter_map(carried).collect();
        let texts = self.store.announcement_texts_unscoped(&ids.into_iter().collect::<Vec<_>>()).await?;
        for mail in &mut mails {
            if let Some(row) = carried(mail).and_then(|id| texts.get(&id)) {
                mail.facts.insert("subject".to_owned(), row.subject.clone());
                mail.facts.insert("body".to_owned(), row.body.clone());
            }
        }
        Ok(mails)
    }
}

/// Which announcement a mail carries.
pub(crate) fn carried(mail: &MailRow) -> Option<AnnouncementId> {
    let id = mail.facts.get(TEXT_OF).filter(|_| mail.kind == ANNOUNCEMENT)?;
    serde_json::from_value(serde_json::Value::String(id.clone())).ok()
}

/// A mail that carried one came back: it shows beside the organisation; the log keeps that it did.
pub(crate) fn note_bounce(tx: &mut WriteTx, mail: &MailRow) {
    if mail.kind == ANNOUNCEMENT {
        let detail = json!({ "id": carried(mail), "mail": mail.id });
        tx.log(Entry::by_system(tx.now(), Category::Admin, "announcement_bounce", detail));
    }
}
