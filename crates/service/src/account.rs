//! Sign-ins that stand: held in memory on each node, ended everywhere by an event.

use crate::{Service, StoreError, chance, keys::KeyUse};
use akidoko_domain::{
    access::{Actor, Scope},
    audit::{Category, Entry},
    event::EventKind,
    id::{AccountId, OrganisationId, SessionId},
    time::jst_day,
};
use akidoko_store::{AccountRow, SessionRow};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI32, AtomicI64, Ordering},
    },
    time::Duration,
};

/// Without a request for so long a sign-in ends. An open stream is no use by a person, so this is a shift's length: a dispatcher who
/// only looks is not signed out in the middle of an incident.
pub const IDLE: TimeDelta = TimeDelta::hours(9);
/// A sign-in ends at the latest after so long: one day's shift and its handover.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(26);

/// A sign-in in memory.
#[derive(Debug)]
pub struct Session {
    /// Who is signed in, and what they may see.
    pub actor: Actor,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// A program with a token, not a person with a browser.
    pub is_token: bool,
    /// A screen that an administrator let in（表示端末）.
    pub is_terminal: bool,
    last_seen: AtomicI64,
    written: AtomicI64,
    /// The day, in Japan, on which its operator's last use was written.
    day: AtomicI32,
    /// How a key is used.
    key: Option<KeyUse>,
}

impl Session {
    fn new(actor: Actor, expires_at: DateTime<Utc>, last_seen: DateTime<Utc>, is_token: bool) -> Self {
        let seen = last_seen.timestamp_micros();
        let (last_seen, written) = (AtomicI64::new(seen), AtomicI64::new(seen));
        Self { actor, expires_at, is_token, last_seen, written, day: AtomicI32::new(0), key: None, is_terminal: false }
    }

    /// A terminal that looks at a board: it has no idle limit.
    pub(crate) fn of_terminal(actor: Actor, expires_at: DateTime<Utc>, last_seen: DateTime<Utc>) -> Self {
        Self { is_terminal: true, ..Self::new(actor, expires_at, last_seen, true) }
    }

    fn alive(&self, now: DateTime<Utc>) -> bool {
        let idle = now.timestamp_micros() - self.last_seen.load(Ordering::Relaxed);
        now < self.expires_at && (self.is_token || idle < IDLE.num_microseconds().unwrap_or(i64::MAX))
    }

    /// How its key is used; `None` where it has none.
    pub(crate) fn key_use(&self) -> Option<&KeyUse> {
        self.key.as_ref()
    }

    fn seen_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.last_seen.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Notes a request.
    pub fn touch(&self, now: DateTime<Utc>) {
        self.last_seen.store(now.timestamp_micros(), Ordering::Relaxed);
    }
}

/// A sign-in as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// From where.
    pub network: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// The last request.
    pub last_seen_at: DateTime<Utc>,
    /// The one that asks.
    pub current: bool,
}

/// The sign-ins that this node knows, by the hash of their token.
#[derive(Clone, Default)]
pub(crate) struct Sessions {
    known: Arc<RwLock<HashMap<[u8; 32], Arc<Session>>>>,
}

impl Sessions {
    fn get(&self, hash: &[u8; 32]) -> Option<Arc<Session>> {
        self.known.read().ok()?.get(hash).cloned()
    }

    /// The terminal of this hash, if this node knows it.
    pub fn standing(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Option<Arc<Session>> {
        self.get(hash).filter(|s| s.is_terminal && s.alive(now))
    }

    /// Keeps a terminal.
    pub fn keep(&self, hash: [u8; 32], session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.put(hash, session.clone());
        session
    }

    fn put(&self, hash: [u8; 32], session: Arc<Session>) {
        if let Ok(mut known) = self.known.write() {
            known.insert(hash, session);
        }
    }

    fn forget(&self, which: impl Fn(&Session) -> bool) {
        if let Ok(mut known) = self.known.write() {
            known.retain(|_, s| !which(s));
        }
    }

    pub fn forget_session(&self, id: SessionId) {
        self.forget(|s| s.actor.session == id);
    }

    pub fn forget_account(&self, id: AccountId) {
        self.forget(|s| s.actor.account == id);
    }

    pub fn forget_organisation(&self, id: OrganisationId) {
        self.forget(|s| s.actor.organisation == id);
    }

    /// When a key was used last on this node, and from where.
    pub fn use_of_key(&self, id: SessionId) -> Option<(DateTime<Utc>, String)> {
        let session = self.known.read().ok()?.values().find(|s| s.is_token && s.actor.session == id).cloned()?;
        Some((session.seen_at(), session.key_use()?.network()?))
    }

    fn all(&self) -> Vec<Arc<Session>> {
        self.known.read().map(|k| k.values().cloned().collect()).unwrap_or_default()
    }
}

impl Service {
    /// The sign-in of a cookie, if it stands.
    pub async fn session(&self, token: &str) -> Result<Option<Arc<Session>>, StoreError> {
        let now = self.clock.now();
        let hash = chance::token_hash(token);
        if let Some(session) = self.sessions.get(&hash).filter(|s| !s.is_token) {
            if session.alive(now) {
                session.touch(now);
                return Ok(Some(session));
            }
            self.sessions.forget_session(session.actor.session);
        }
        let Some(row) = self.store.session_unscoped(&hash).await? else { return Ok(None) };
        let Some(account) = self.store.account_unscoped(row.account).await?.filter(|a| a.active) else { return Ok(None) };
        let session = self.session_of(row.id, account, row.expires_at, row.last_seen_at, false).await?;
        let Some(session) = session.filter(|s| s.alive(now)) else { return Ok(None) };
        session.touch(now);
        self.sessions.put(hash, session.clone());
        Ok(Some(session))
    }

    /// The program of a bearer token, if it stands: an organisation's key, or a token of one operator.
    pub(crate) async fn token_session(&self, token: &str) -> Result<Option<Arc<Session>>, StoreError> {
        let now = self.clock.now();
        let hash = chance::token_hash(token);
        if let Some(session) = self.sessions.get(&hash).filter(|s| s.is_token && !s.is_terminal && s.alive(now)) {
            return Ok(Some(session));
        }
        if let Some(key) = self.store.key_unscoped(&hash).await? {
            let Some(actor) = self.actor_of_key(&key).await? else { return Ok(None) };
            self.live.inboxes().open(&self.store, actor.organisation).await?;
            let session = Session::new(actor, key.expires_at, key.last_used_at.unwrap_or_default(), true);
            let session = Some(Arc::new(Session { key: Some(KeyUse::default()), ..session })).filter(|s| s.alive(now));
            if let Some(session) = &session {
                self.sessions.put(hash, session.clone());
            }
            return Ok(session);
        }
        let Some(row) = self.store.api_token_unscoped(&hash).await? else { return Ok(None) };
        let Some(account) = self.store.account_unscoped(row.account).await?.filter(|a| a.active) else { return Ok(None) };
        let session = self.session_of(row.id, account, row.expires_at, now, true).await?;
        let Some(session) = session.filter(|s| s.alive(now)) else { return Ok(None) };
        self.sessions.put(hash, session.clone());
        Ok(Some(session))
    }

    async fn session_of(
        &self,
        id: SessionId,
        account: AccountRow,
        expires_at: DateTime<Utc>,
        last_seen: DateTime<Utc>,
        is_token: bool,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let Some(actor) = self.actor_of(id, account).await? else { return Ok(None) };
        self.live.inboxes().open(&self.store, actor.organisation).await?;
        Ok(Some(Arc::new(Session::new(actor, expires_at, last_seen, is_token))))
    }

    pub(crate) async fn actor_of(&self, session: SessionId, account: AccountRow) -> Result<Option<Actor>, StoreError> {
        let hospitals = self.store.hospitals_of_unscoped(&account.organisation).await?;
        let organisation = account.organisation;
        let Some(scope) = Scope::of(organisation.kind, organisation.prefecture, hospitals) else { return Ok(None) };
        Ok(Some(Actor {
            session,
            account: account.id,
            operator: account.operator,
            operator_name: account.name,
            organisation: organisation.id,
            organisation_code: organisation.code,
            organisation_name: organisation.name,
            kind: organisation.kind,
            prefecture: organisation.prefecture,
            is_administrator: account.is_administrator,
            scope,
            key: None,
        }))
    }

    pub(crate) async fn remember_session(
        &self,
        row: &SessionRow,
        account: AccountRow,
        token: &str,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let session = self.session_of(row.id, account, row.expires_at, row.last_seen_at, false).await?;
        if let Some(session) = &session {
            self.sessions.put(chance::token_hash(token), session.clone());
        }
        Ok(session)
    }

    /// My sign-ins, the last used first.
    pub async fn my_sessions(&self, actor: &Actor) -> Result<Vec<SessionInfo>, StoreError> {
        let now = self.clock.now();
        let rows = self.store.sessions_unscoped(actor.account, now).await?;
        let info = |r: SessionRow| SessionInfo {
            current: r.id == actor.session,
            last_seen_at: if r.id == actor.session { now } else { r.last_seen_at },
            id: r.id,
            user_agent: r.user_agent,
            network: r.network,
            created_at: r.created_at,
        };
        Ok(rows.into_iter().filter(|r| now - r.last_seen_at < IDLE || r.id == actor.session).map(info).collect())
    }

    /// Ends one of my sign-ins, on every node within a second. False if it is none of mine.
    pub async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.write_system(now).await?;
        if !tx.end_session(id, actor.account).await? {
            return Ok(false);
        }
        tx.event(None, EventKind::SessionEnded(id));
        tx.log(Entry::by(actor, now, Category::SignOut, "session", serde_json::json!({ "session": id })));
        tx.commit().await?;
        self.sessions.forget_session(id);
        Ok(true)
    }

    /// Ends all my sign-ins but this one; says how many.
    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<usize, StoreError> {
        let mut ended = 0;
        for session in self.my_sessions(actor).await?.into_iter().filter(|s| !s.current) {
            ended += usize::from(self.end_session(actor, session.id).await?);
        }
        Ok(ended)
    }

    /// Once a minute the times of last use are written down, so that another node, or this one after a restart, knows them.
    pub(crate) fn flush_last_seen(self) {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                if let Err(error) = self.write_last_seen().await {
                    tracing::warn!(%error, "the times of last use were not written");
                }
            }
        });
    }

    /// Writes them down now.
    pub async fn write_last_seen(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.sessions.forget(|s| !s.alive(now));
        let unwritten = |s: &Arc<Session>| s.last_seen.load(Ordering::Relaxed) > s.written.load(Ordering::Relaxed);
        let used: Vec<Arc<Session>> = self.sessions.all().into_iter().filter(unwritten).collect();
        if used.is_empty() {
            return Ok(());
        }
        let tx = self.store.write_system(now).await?;
        for session in &used {
            let at = session.seen_at();
            if let Some(key) = session.key_use() {
                // Its use is nobody's sign-in.
                tx.touch_key(session.actor.session, at, &key.network().unwrap_or_default()).await?;
                session.written.store(at.timestamp_micros(), Ordering::Relaxed);
                continue;
            }
            if session.is_terminal {
                tx.touch_terminal(session.actor.session, at).await?;
                session.written.store(at.timestamp_micros(), Ordering::Relaxed);
                continue;
            }
            // A program's token is no sign-in; its use is the operator's all the same.
            if !session.is_token && tx.touch_session(session.actor.session, at).await.is_err() {
                continue;
            }
            let day = jst_day(at).num_days_from_ce();
            if session.day.load(Ordering::Relaxed) != day && tx.touch_account(session.actor.account, at).await.is_ok() {
                session.day.store(day, Ordering::Relaxed);
            }
            session.written.store(at.timestamp_micros(), Ordering::Relaxed);
        }
        tx.commit().await.map(|_| ())
    }
}
