//! 表示端末: the administrators of an organisation let a screen look at their prefecture's board without anybody's sign-in, so that a control
//! room is not signed out in the middle of an incident, and take it back. It sees what its organisation sees, and changes nothing.

use crate::{
    Service, StoreError,
    account::Session,
    chance,
    operators::{OperatorError, sign_in_name},
};
use akidoko_domain::{
    access::{ActFor, Action, Actor, Scope, may},
    audit::{Category, Entry},
    event::EventKind,
    id::{AccountId, SessionId},
    operator::read_name,
};
use akidoko_store::AccountRow;
pub use akidoko_store::TerminalRow;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

/// A link opens its terminal for so long: time to walk to the control room.
pub const LINK: TimeDelta = TimeDelta::minutes(30);
/// An organisation has so many at most.
pub const TERMINALS_MAX: usize = 50;
/// A terminal that looks goes on for so long from its last look of another day.
const LIFE: TimeDelta = TimeDelta::days(400);

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Not an administrator, or no such terminal.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The organisation has no board to look at.
    #[error("no board")]
    NoBoard,
    /// The name is empty or too long.
    #[error("a name is missing")]
    Name,
    /// There are too many.
    #[error("too many")]
    TooMany,
    /// This form has let a terminal in already, and its link is used up or over.
    #[error("used")]
    Used,
}

impl From<StoreError> for TerminalError {
    fn from(error: StoreError) -> Self {
        Self::Operator(error.into())
    }
}

/// A terminal that was let in. Its link is shown now or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTerminal {
    /// Its name.
    pub name: String,
    /// The secret of the link.
    pub token: String,
    /// Until when it opens.
    pub until: DateTime<Utc>,
}

/// Who may have the watch at a terminal, and who has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    /// The organisation's operators.
    pub names: Vec<String>,
    /// Who has it, and since when.
    pub on_duty: Option<(String, DateTime<Utc>)>,
}

/// The secrets of links and of terminals are told apart, and from those of the API, before they are looked up: none is good for the other.
fn link_hash(token: &str) -> [u8; 32] {
    chance::token_hash(&format!("akidoko-terminal-link {token}"))
}

fn terminal_hash(token: &str) -> [u8; 32] {
    chance::token_hash(&format!("akidoko-terminal {token}"))
}

impl Service {
    /// The terminals of my organisation.
    pub async fn terminals(&self, actor: &Actor) -> Result<Vec<TerminalRow>, TerminalError> {
        self.administrator(actor).await?;
        if !may(actor.kind, Action::ReadBoard) || actor.prefecture.is_none() {
            return Err(TerminalError::NoBoard);
        }
        Ok(self.store.terminals_unscoped(actor.organisation).await?)
    }

    /// Lets a terminal in. `once` is a secret of the form and the sign-in: sent again, it is the same link.
    pub async fn grant_terminal(&self, actor: &Actor, name: &str, once: &str) -> Result<NewTerminal, TerminalError> {
        self.terminals(actor).await?;
        let prefecture = actor.prefecture.ok_or(TerminalError::NoBoard)?;
        let name = read_name(name).ok_or(TerminalError::Name)?;
        let token = chance::hex(&chance::token_hash(&format!("akidoko-terminal-1 {once}")));
        let hash = link_hash(&token);
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if let Some(before) = self.store.terminal_of_link_unscoped(&hash, tx.now()).await?.filter(|t| t.organisation == actor.organisation)
        {
            return Ok(NewTerminal { name: before.name, token, until: before.link_expires_at.unwrap_or(tx.now()) });
        }
        if tx.had_terminal_link(&hash).await? {
            return Err(TerminalError::Used);
        }
        if tx.standing_terminals(actor.organisation).await? >= TERMINALS_MAX {
            return Err(TerminalError::TooMany);
        }
        let (id, until) = (SessionId(chance::uuid(tx.now())), tx.now() + LINK);
        let by = format!("{} {}", actor.operator_name, actor.sign_in_name());
        tx.add_terminal((id, prefecture, actor.organisation), (&name, &by), (&hash, until)).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("terminal_grant {id}"), json!({ "name": name })));
        tx.commit().await?;
        Ok(NewTerminal { name, token, until })
    }

    /// Takes a terminal back: at once, and on every node within a second.
    pub async fn end_terminal(&self, actor: &Actor, id: SessionId) -> Result<(), TerminalError> {
        self.administrator(actor).await?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        if !tx.end_terminal(id, actor.organisation).await? {
            return Err(OperatorError::NotFound.into());
        }
        tx.event(None, EventKind::SessionEnded(id));
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("terminal_end {id}"), json!(null)));
        tx.commit().await?;
        self.sessions.forget_session(id);
        Ok(())
    }

    /// What a link opens, as long as whoever made it may let a terminal in.
    async fn standing_link(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Option<TerminalRow>, StoreError> {
        let Some(row) = self.store.terminal_of_link_unscoped(hash, now).await? else { return Ok(None) };
        let all = self.store.accounts_unscoped(row.organisation).await?;
        // 「当直 F12…-01」: the sign-in name has no blank.
        let by = row.granted_by.rsplit(' ').next().unwrap_or_default();
        let may = |a: &AccountRow| a.active && a.is_administrator && sign_in_name(a).to_string() == by;
        Ok(all.iter().any(may).then_some(row))
    }

    /// What a link would open: the terminal's name and its organisation's. `None`: nothing, or nothing any more.
    pub async fn terminal_of_link(&self, token: &str) -> Result<Option<(String, String)>, StoreError> {
        let Some(row) = self.standing_link(&link_hash(token), self.clock.now()).await? else { return Ok(None) };
        let organisation = self.store.organisation_of_id_unscoped(row.organisation).await?;
        Ok(organisation.map(|o| (row.name, o.organisation.name)))
    }

    /// Opens a terminal by its link, once: gives the secret that the browser keeps. `None`: the link opens nothing.
    pub async fn open_terminal(&self, token: &str, user_agent: &str) -> Result<Option<String>, StoreError> {
        let hash = link_hash(token);
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let Some(row) = self.standing_link(&hash, tx.now()).await? else { return Ok(None) };
        let secret = chance::token();
        let agent: String = user_agent.chars().filter(|c| !c.is_control()).take(200).collect();
        if !tx.open_terminal(&hash, &terminal_hash(&secret), &agent).await? {
            return Ok(None);
        }
        let Some(actor) = self.actor_of_terminal(&row).await? else { return Ok(None) };
        tx.log(Entry::by(&actor, tx.now(), Category::SignIn, format!("terminal_open {}", row.id), json!({ "user_agent": agent })));
        tx.commit().await?;
        Ok(Some(secret))
    }

    /// The terminal of a cookie, if it stands.
    pub async fn terminal(&self, token: &str) -> Result<Option<Arc<Session>>, StoreError> {
        let (now, hash) = (self.clock.now(), terminal_hash(token));
        let session = if let Some(session) = self.sessions.standing(&hash, now) {
            session
        } else {
            let Some(row) = self.store.terminal_unscoped(&hash).await? else { return Ok(None) };
            let Some(actor) = self.actor_of_terminal(&row).await? else { return Ok(None) };
            let kept = self.sessions.keep(hash, Session::of_terminal(actor, now + LIFE, row.seen_at.unwrap_or(now)));
            // Taken back while it was looked up: whoever took it back found nothing to forget.
            if self.store.terminal_unscoped(&hash).await?.is_none_or(|r| r.organisation != row.organisation) {
                self.sessions.forget_session(row.id);
                return Ok(None);
            }
            kept
        };
        session.touch(now);
        Ok(Some(session))
    }

    async fn actor_of_terminal(&self, row: &TerminalRow) -> Result<Option<Actor>, StoreError> {
        let Some(found) = self.store.organisation_of_id_unscoped(row.organisation).await? else { return Ok(None) };
        let organisation = found.organisation;
        let Some(scope) = Scope::of(organisation.kind, organisation.prefecture, BTreeSet::default()) else { return Ok(None) };
        if !may(organisation.kind, Action::ReadBoard) {
            return Ok(None);
        }
        Ok(Some(Actor {
            session: row.id,
            // Nobody's account: nothing that an operator may do is a terminal's to do.
            account: AccountId(row.id.0),
            operator: 0,
            operator_name: format!("端末：{}", row.name),
            organisation: organisation.id,
            organisation_code: organisation.code,
            organisation_name: organisation.name,
            kind: organisation.kind,
            prefecture: organisation.prefecture,
            is_administrator: false,
            scope: Scope { act_for: ActFor::Nobody, ..scope },
            key: None,
        }))
    }

    /// The watch at a terminal.
    pub async fn watch_of(&self, actor: &Actor) -> Result<Watch, StoreError> {
        let all = self.store.accounts_unscoped(actor.organisation).await?;
        let names = all.into_iter().filter(|a| !a.suspended).map(|a| a.name).collect();
        let row = self.store.terminals_unscoped(actor.organisation).await?.into_iter().find(|t| t.id == actor.session);
        Ok(Watch { names, on_duty: row.and_then(|t| t.on_duty.zip(t.on_duty_at)) })
    }

    /// 交代: an operator of the organisation takes the watch. False: there is none of that name.
    pub async fn take_watch(&self, actor: &Actor, name: &str) -> Result<bool, StoreError> {
        if !self.watch_of(actor).await?.names.iter().any(|n| n == name) {
            return Ok(false);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.set_on_duty(actor.session, name).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("terminal_watch {}", actor.session), json!({ "name": name })));
        tx.commit().await?;
        Ok(true)
    }
}
