//! 表示端末: screens that look at a board without anybody's sign-in. A table of sign-in: only the system role reads it, so every read here
//! names the organisation or the secret that it is for.

use crate::{db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::id::{OrganisationId, PrefCode, SessionId};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRow {
    /// Its id; the log calls its looks by it.
    pub id: SessionId,
    /// Whose.
    pub organisation: OrganisationId,
    /// 指令室 正面
    pub name: String,
    /// Who let it in.
    pub granted_by: String,
    /// When.
    pub granted_at: DateTime<Utc>,
    /// Until when its link opens it, once.
    pub link_expires_at: Option<DateTime<Utc>>,
    /// When its link was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// The browser that opened it, as it names itself.
    pub user_agent: Option<String>,
    /// When it looked last, to the minute.
    pub seen_at: Option<DateTime<Utc>>,
    /// Who has the watch there, as they said.
    pub on_duty: Option<String>,
    /// Since when.
    pub on_duty_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    organisation_id: Uuid,
    name: String,
    granted_by: String,
    granted_at: DateTime<Utc>,
    link_expires_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    user_agent: Option<String>,
    seen_at: Option<DateTime<Utc>>,
    on_duty: Option<String>,
    on_duty_at: Option<DateTime<Utc>>,
}

impl From<Found> for TerminalRow {
    fn from(r: Found) -> Self {
        Self {
            id: SessionId(r.id),
            organisation: OrganisationId(r.organisation_id),
            name: r.name,
            granted_by: r.granted_by,
            granted_at: r.granted_at,
            link_expires_at: r.link_expires_at,
            opened_at: r.opened_at,
            user_agent: r.user_agent,
            seen_at: r.seen_at,
            on_duty: r.on_duty,
            on_duty_at: r.on_duty_at,
        }
    }
}

const TERMINAL: &str = "SELECT t.id, t.organisation_id, t.name, t.granted_by, t.granted_at, t.link_expires_at, t.opened_at, t.user_agent, t.seen_at, \
     t.on_duty, t.on_duty_at FROM terminal t JOIN organisation o ON o.id = t.organisation_id WHERE t.ended_at IS NULL AND o.suspended_at IS NULL";

impl Store {
    /// The terminals of an organisation that stand, the newest first.
    pub async fn terminals_unscoped(&self, organisation: OrganisationId) -> Result<Vec<TerminalRow>, StoreError> {
        let sql = format!("{TERMINAL} AND t.organisation_id = $1 ORDER BY t.granted_at DESC, t.id LIMIT 200");
        let found: Vec<Found> = self.system_rows().all(&sql, vec![organisation.0.into()]).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// The terminal of this secret.
    pub async fn terminal_unscoped(&self, token_hash: &[u8]) -> Result<Option<TerminalRow>, StoreError> {
        let found: Option<Found> =
            self.system_rows().one(&format!("{TERMINAL} AND t.token_hash = $1"), vec![token_hash.to_vec().into()]).await?;
        Ok(found.map(Into::into))
    }

    /// The terminal that this link opens, as long as it does.
    pub async fn terminal_of_link_unscoped(&self, link_hash: &[u8], now: DateTime<Utc>) -> Result<Option<TerminalRow>, StoreError> {
        let sql = format!("{TERMINAL} AND t.link_hash = $1 AND t.opened_at IS NULL AND t.link_expires_at > $2");
        let found: Option<Found> = self.system_rows().one(&sql, vec![link_hash.to_vec().into(), now.into()]).await?;
        Ok(found.map(Into::into))
    }
}

impl WriteTx {
    /// Was there a terminal with this link, whatever became of it? A link is never made a second time.
    pub async fn had_terminal_link(&self, link_hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM terminal WHERE link_hash = $1";
        let found: Option<crate::account::Number> = self.rows().one(sql, vec![link_hash.to_vec().into()]).await?;
        Ok(found.is_some_and(|n| n.n > 0))
    }

    /// Ends all terminals of an organisation.
    pub async fn end_terminals(&self, organisation: OrganisationId) -> Result<(), StoreError> {
        let sql = "UPDATE terminal SET ended_at = $2, token_hash = NULL WHERE organisation_id = $1 AND ended_at IS NULL";
        self.execute(sql, vec![organisation.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Lets a terminal in: its link opens it until then.
    pub async fn add_terminal(
        &self,
        (id, prefecture, organisation): (SessionId, PrefCode, OrganisationId),
        (name, by): (&str, &str),
        (link_hash, until): (&[u8], DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO terminal (id, pref_code, organisation_id, name, granted_by, granted_at, link_hash, link_expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            id.0.into(),
            prefecture.to_string().into(),
            organisation.0.into(),
            name.into(),
            by.into(),
            self.now().into(),
            link_hash.to_vec().into(),
            until.into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// How many terminals of an organisation stand, as this transaction sees it.
    pub async fn standing_terminals(&self, organisation: OrganisationId) -> Result<usize, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM terminal WHERE organisation_id = $1 AND ended_at IS NULL";
        let found: Option<crate::account::Number> = self.rows().one(sql, vec![organisation.0.into()]).await?;
        Ok(found.and_then(|n| usize::try_from(n.n).ok()).unwrap_or_default())
    }

    /// Opens a terminal by its link, once: from then on this secret is it. False where the link opens nothing any more.
    pub async fn open_terminal(&self, link_hash: &[u8], token_hash: &[u8], user_agent: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE terminal SET token_hash = $2, opened_at = $3, seen_at = $3, user_agent = $4 \
                   WHERE link_hash = $1 AND opened_at IS NULL AND link_expires_at > $3 AND ended_at IS NULL";
        let values = vec![link_hash.to_vec().into(), token_hash.to_vec().into(), self.now().into(), user_agent.into()];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Takes a terminal back. False if the organisation has none of this id.
    pub async fn end_terminal(&self, id: SessionId, organisation: OrganisationId) -> Result<bool, StoreError> {
        let sql = "UPDATE terminal SET ended_at = $3, token_hash = NULL WHERE id = $1 AND organisation_id = $2 AND ended_at IS NULL";
        Ok(self.execute(sql, vec![id.0.into(), organisation.0.into(), self.now().into()]).await? == 1)
    }

    /// Notes that a terminal looked.
    pub async fn touch_terminal(&self, id: SessionId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.execute("UPDATE terminal SET seen_at = $2 WHERE id = $1", vec![id.0.into(), at.into()]).await?;
        Ok(())
    }

    /// Notes who has the watch at a terminal.
    pub async fn set_on_duty(&self, id: SessionId, who: &str) -> Result<(), StoreError> {
        let sql = "UPDATE terminal SET on_duty = $2, on_duty_at = $3 WHERE id = $1 AND ended_at IS NULL";
        self.execute(sql, vec![id.0.into(), who.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Terminals go over with their organisation.
    pub async fn move_terminals(&self, from: OrganisationId, to: OrganisationId) -> Result<(), StoreError> {
        self.execute("UPDATE terminal SET organisation_id = $2 WHERE organisation_id = $1", vec![from.0.into(), to.0.into()]).await?;
        Ok(())
    }
}
