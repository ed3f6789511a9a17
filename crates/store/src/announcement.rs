//! お知らせ and to whom they went. They are asked for by organisation, not by prefecture, so only the system role reads these tables and
//! every read names whom it is for.

use crate::{
    db::Store,
    error::StoreError,
    read::{Rows, places},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    announcement::{Audience, State},
    id::{AnnouncementId, MailId, OrganisationCode, OrganisationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementRow {
    /// Its id.
    pub id: AnnouncementId,
    /// 件名
    pub subject: String,
    /// 本文
    pub body: String,
    /// To whom.
    pub audience: Audience,
    /// Where it stands.
    pub state: State,
    /// Counts its changes.
    pub revision: i32,
    /// When it is to be sent.
    pub send_at: Option<DateTime<Utc>>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Who wrote it last.
    pub written_by: String,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Its last change.
    pub updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    subject: String,
    body: String,
    audience: String,
    state: String,
    revision: i32,
    send_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    written_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Found> for AnnouncementRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            id: AnnouncementId(r.id),
            subject: r.subject,
            body: r.body,
            audience: serde_json::from_str(&r.audience).map_err(StoreError::corrupt)?,
            state: State::parse(&r.state).ok_or_else(|| StoreError::corrupt(&r.state))?,
            revision: r.revision,
            send_at: r.send_at,
            sent_at: r.sent_at,
            written_by: r.written_by,
            created_at: r.created_at,
            updated_at: r.updated_at,
        })
    }
}

const COLUMNS: &str = "SELECT n.id, n.subject, n.body, CAST(n.audience AS TEXT) AS audience, n.state, n.revision, n.send_at, n.sent_at, \
     n.written_by, n.created_at, n.updated_at FROM announcement n";

/// An organisation that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Which.
    pub organisation: Organisation,
    /// Its mailbox, if one is known.
    pub mailbox: Option<String>,
    /// Somebody of it has set a password.
    pub is_active: bool,
}

#[derive(FromQueryResult)]
struct FoundAddressee {
    id: Uuid,
    code: String,
    kind: String,
    pref_code: Option<String>,
    name: String,
    mailbox: Option<String>,
    is_active: bool,
}

impl TryFrom<FoundAddressee> for Addressee {
    type Error = StoreError;
    fn try_from(r: FoundAddressee) -> Result<Self, StoreError> {
        let organisation = Organisation {
            id: OrganisationId(r.id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            kind: OrganisationKind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?,
            prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
            name: r.name,
        };
        Ok(Self { organisation, mailbox: r.mailbox, is_active: r.is_active })
    }
}

/// One to whom it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    /// Which.
    pub organisation: OrganisationId,
    /// Its ID.
    pub code: OrganisationCode,
    /// Its name.
    pub name: String,
    /// Its prefecture.
    pub prefecture: Option<PrefCode>,
    /// The address it went to; `None`: no mailbox was known.
    pub recipient: Option<String>,
    /// How its mail stands, as in the outbox.
    pub mail_state: Option<String>,
    /// What the server said.
    pub answer: Option<String>,
    /// Who opened it on screen first, and when.
    pub read: Option<(DateTime<Utc>, String)>,
}

#[derive(FromQueryResult)]
struct FoundRecipient {
    organisation_id: Uuid,
    code: String,
    name: String,
    pref_code: Option<String>,
    recipient: Option<String>,
    mail_state: Option<String>,
    answer: Option<String>,
    read_at: Option<DateTime<Utc>>,
    read_by: Option<String>,
}

impl TryFrom<FoundRecipient> for RecipientRow {
    type Error = StoreError;
    fn try_from(r: FoundRecipient) -> Result<Self, StoreError> {
        Ok(Self {
            organisation: OrganisationId(r.organisation_id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            name: r.name,
            prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
            recipient: r.recipient,
            mail_state: r.mail_state,
            answer: r.answer,
            read: r.read_at.zip(r.read_by),
        })
    }
}

/// One that an organisation received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// By whom.
    pub organisation: OrganisationId,
    /// Which.
    pub id: AnnouncementId,
    /// 件名
    pub subject: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Somebody of the organisation opened it.
    pub is_read: bool,
}

#[derive(FromQueryResult)]
struct FoundReceived {
    organisation_id: Uuid,
    id: Uuid,
    subject: String,
    sent_at: DateTime<Utc>,
    is_read: bool,
}

/// How many it reached, in a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Reached {
    /// Which.
    pub announcement_id: Uuid,
    /// Organisations.
    pub recipients: i64,
    /// Without a mailbox.
    pub without_mail: i64,
    /// Mails that left and did not come back.
    pub delivered: i64,
    /// Mails that came back, or that nobody took.
    pub bounced: i64,
    /// Opened on screen.
    pub read: i64,
}

fn all(found: Vec<Found>) -> Result<Vec<AnnouncementRow>, StoreError> {
    found.into_iter().map(AnnouncementRow::try_from).collect()
}

/// Every organisation that may be written to: not suspended, and with an operator, so that there is an ID at all.
async fn addressees<C: ConnectionTrait>(rows: &Rows<'_, C>) -> Result<Vec<Addressee>, StoreError> {
    let sql = "SELECT o.id, o.code, o.kind, o.pref_code, o.name, o.mailbox, EXISTS (SELECT 1 FROM account b \
               WHERE b.organisation_id = o.id AND b.removed_at IS NULL AND b.password_hash IS NOT NULL) AS is_active \
               FROM organisation o WHERE o.suspended_at IS NULL AND o.kind <> 'ministry' \
               AND EXISTS (SELECT 1 FROM account a WHERE a.organisation_id = o.id AND a.removed_at IS NULL) \
               ORDER BY o.pref_code, o.kind, o.name, o.code";
    let found: Vec<FoundAddressee> = rows.all(sql, vec![]).await?;
    found.into_iter().map(Addressee::try_from).collect()
}

impl Store {
    /// Every one that was not thrown away, the newest first: the ministry's.
    pub async fn announcements_unscoped(&self) -> Result<Vec<AnnouncementRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE n.state <> 'discarded' ORDER BY n.created_at DESC, n.id DESC");
        all(self.system_rows().all(&sql, vec![]).await?)
    }

    /// One of them.
    pub async fn announcement_unscoped(&self, id: AnnouncementId) -> Result<Option<AnnouncementRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE n.id = $1 AND n.state <> 'discarded'");
        let found: Option<Found> = self.system_rows().one(&sql, vec![id.0.into()]).await?;
        found.map(AnnouncementRow::try_from).transpose()
    }

    /// One that was sent to an organisation, and whether somebody of it opened it. What did not go there is not there.
    pub async fn announcement_to_unscoped(
        &self,
        id: AnnouncementId,
        organisation: OrganisationId,
    ) -> Result<Option<(AnnouncementRow, bool)>, StoreError> {
        let sql = format!(
            "{COLUMNS} JOIN announcement_recipient r ON r.announcement_id = n.id \
             WHERE r.announcement_id = $1 AND r.organisation_id = $2 AND n.state = 'sent'"
        );
        let found: Option<Found> = self.system_rows().one(&sql, vec![id.0.into(), organisation.0.into()]).await?;
        let Some(row) = found.map(AnnouncementRow::try_from).transpose()? else { return Ok(None) };
        let is_read = self.received_unscoped(&[organisation]).await?.iter().any(|r| r.id == id && r.is_read);
        Ok(Some((row, is_read)))
    }

    /// What these organisations received, the newest first, without the texts.
    pub async fn received_unscoped(&self, organisations: &[OrganisationId]) -> Result<Vec<Received>, StoreError> {
        let mut received = Vec::new();
        for some in organisations.chunks(400) {
            let sql = format!(
                "SELECT r.organisation_id, n.id, n.subject, n.sent_at, (r.read_at IS NOT NULL) AS is_read FROM announcement_recipient r \
                 JOIN announcement n ON n.id = r.announcement_id AND n.state = 'sent' WHERE r.organisation_id IN ({}) \
                 ORDER BY n.sent_at DESC, n.id DESC",
                places(1, some.len())
            );
            let found: Vec<FoundReceived> = self.system_rows().all(&sql, some.iter().map(|o| o.0.into()).collect()).await?;
            received.extend(found.into_iter().map(|r| Received {
                organisation: OrganisationId(r.organisation_id),
                id: AnnouncementId(r.id),
                subject: r.subject,
                sent_at: r.sent_at,
                is_read: r.is_read,
            }));
        }
        Ok(received)
    }

    /// The texts of these, by id.
    pub async fn announcement_texts_unscoped(
        &self,
        ids: &[AnnouncementId],
    ) -> Result<BTreeMap<AnnouncementId, AnnouncementRow>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let sql = format!("{COLUMNS} WHERE n.id IN ({})", places(1, ids.len()));
        let rows = all(self.system_rows().all(&sql, ids.iter().map(|id| id.0.into()).collect()).await?)?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Those that are to be sent by now.
    pub async fn announcements_due_unscoped(&self, now: DateTime<Utc>) -> Result<Vec<AnnouncementId>, StoreError> {
        let sql = format!("{COLUMNS} WHERE n.state = 'scheduled' AND n.send_at <= $1 ORDER BY n.send_at, n.id");
        Ok(all(self.system_rows().all(&sql, vec![now.into()]).await?)?.into_iter().map(|n| n.id).collect())
    }

    /// Every organisation that may be written to now.
    pub async fn addressees_unscoped(&self) -> Result<Vec<Addressee>, StoreError> {
        addressees(&self.system_rows()).await
    }

    /// To whom one went, by prefecture.
    pub async fn recipients_unscoped(&self, id: AnnouncementId) -> Result<Vec<RecipientRow>, StoreError> {
        let sql = "SELECT r.organisation_id, o.code, o.name, o.pref_code, m.recipient, m.state AS mail_state, m.answer, r.read_at, r.read_by \
                   FROM announcement_recipient r JOIN organisation o ON o.id = r.organisation_id LEFT JOIN mail m ON m.id = r.mail_id \
                   WHERE r.announcement_id = $1 ORDER BY o.pref_code, o.name, o.code";
        let found: Vec<FoundRecipient> = self.system_rows().all(sql, vec![id.0.into()]).await?;
        found.into_iter().map(RecipientRow::try_from).collect()
    }

    /// How many each of them reached.
    pub async fn reached_unscoped(&self) -> Result<Vec<Reached>, StoreError> {
        let sql = "SELECT r.announcement_id, COUNT(*) AS recipients, COUNT(CASE WHEN r.mail_id IS NULL THEN 1 END) AS without_mail, \
                   COUNT(CASE WHEN m.state = 'sent' THEN 1 END) AS delivered, \
                   COUNT(CASE WHEN m.state IN ('bounced', 'failed') THEN 1 END) AS bounced, COUNT(r.read_at) AS read \
                   FROM announcement_recipient r LEFT JOIN mail m ON m.id = r.mail_id GROUP BY r.announcement_id";
        self.system_rows().all(sql, vec![]).await
    }
}

impl WriteTx {
    /// Every organisation that may be written to at the moment of this transaction.
    pub async fn addressees(&self) -> Result<Vec<Addressee>, StoreError> {
        addressees(&self.rows()).await
    }

    /// One as it stands in this transaction.
    pub async fn announcement(&self, id: AnnouncementId) -> Result<Option<AnnouncementRow>, StoreError> {
        let found: Option<Found> = self.rows().one(&format!("{COLUMNS} WHERE n.id = $1"), vec![id.0.into()]).await?;
        found.map(AnnouncementRow::try_from).transpose()
    }

    /// Writes one, new or changed.
    pub async fn put_announcement(&self, row: &AnnouncementRow) -> Result<(), StoreError> {
        let values = vec![
            row.id.0.into(),
            row.subject.as_str().into(),
            row.body.as_str().into(),
            serde_json::to_string(&row.audience).map_err(StoreError::corrupt)?.into(),
            row.state.as_str().into(),
            row.revision.into(),
            row.send_at.into(),
            row.sent_at.into(),
            row.written_by.as_str().into(),
            row.created_at.into(),
            row.updated_at.into(),
        ];
        let set = PUT.iter().map(|(name, _)| *name).filter(|n| !matches!(*n, "id" | "created_at"));
        let set = set.map(|name| format!("{name} = excluded.{name}")).collect::<Vec<_>>().join(", ");
        self.insert_rows("announcement", &PUT, vec![values], &format!("ON CONFLICT (id) DO UPDATE SET {set}")).await
    }

    /// Notes to whom it goes, with the mail of each.
    pub async fn add_recipients(&self, id: AnnouncementId, to: &[(OrganisationId, Option<MailId>)]) -> Result<(), StoreError> {
        let rows = to.iter().map(|(o, mail)| vec![id.0.into(), o.0.into(), mail.map(|m| m.0).into()]).collect();
        self.insert_rows("announcement_recipient", &RECIPIENT, rows, "").await
    }

    /// Somebody of the organisation opened it. False if that is known, or it never went there.
    pub async fn read_announcement(&self, id: AnnouncementId, organisation: OrganisationId, by: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE announcement_recipient SET read_at = $3, read_by = $4 WHERE announcement_id = $1 AND organisation_id = $2 \
                   AND read_at IS NULL";
        Ok(self.execute(sql, vec![id.0.into(), organisation.0.into(), self.now().into(), by.into()]).await? == 1)
    }
}

const fn plain(name: &'static str) -> (&'static str, Column) {
    (name, Column::Plain)
}

const PUT: [(&str, Column); 11] = [
    plain("id"),
    plain("subject"),
    plain("body"),
    ("audience", Column::Json),
    plain("state"),
    plain("revision"),
    plain("send_at"),
    plain("sent_at"),
    plain("written_by"),
    plain("created_at"),
    plain("updated_at"),
];
const RECIPIENT: [(&str, Column); 3] = [plain("announcement_id"), plain("organisation_id"), plain("mail_id")];
