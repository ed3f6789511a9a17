//! Keys of the API: made, changed and revoked by the administrators of an organisation, told of before they end, and asked of every
//! request: whether they stand, from where, and how many a minute.

use crate::{Service, StoreError, account::Session, chance, operators::OperatorError, report::SubmitError, sign_in::network};
use akidoko_domain::{
    access::{ActFor, Action, Actor, Scope, may},
    audit::{Category, Entry},
    board::Row,
    event::EventKind,
    hospital::CodeSystem,
    id::{HospitalId, OrganisationCode, SessionId},
    key::{KEYS_MAX, KeyGrant, KeyProblem, KeyRights, KeyWish, NOTICE_DAYS, TypedKey, due_notice, last_day, read_key, take_turn},
    organisation::OrganisationKind,
    report::{FeedProblem, Refusal},
    time::jst_day,
};
pub use akidoko_store::{KeyRow, TokenLine};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

/// キーの期限の予告
pub const KEY_EXPIRING: &str = "key_expiring";
/// What was revoked or ended stays on the page for so long.
const SHOWN: TimeDelta = TimeDelta::days(90);
/// Answers to requests with an `Idempotency-Key` are kept for so long.
const ANSWERS: TimeDelta = TimeDelta::hours(48);

/// A key in use on this node: how fast, and from where.
#[derive(Debug, Default)]
pub(crate) struct KeyUse {
    next: AtomicI64,
    network: Mutex<Option<String>>,
}

impl KeyUse {
    /// Where it was used from last.
    pub fn network(&self) -> Option<String> {
        self.network.lock().ok()?.clone()
    }

    /// Lets a request in, or says why not.
    fn admit(&self, grant: &KeyGrant, address: IpAddr, now: DateTime<Utc>) -> Result<(), BearerError> {
        if !grant.limits.admits(address) {
            return Err(BearerError::Network);
        }
        let turn = |next| take_turn(next, grant.limits.per_minute, now.timestamp_micros()).ok();
        if let Err(next) = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, turn) {
            let wait = take_turn(next, grant.limits.per_minute, now.timestamp_micros()).err().unwrap_or_default();
            return Err(BearerError::TooMany { seconds: u64::try_from(wait).unwrap_or_default().div_ceil(1_000_000).max(1) });
        }
        if let Ok(mut network) = self.network.lock() {
            *network = Some(self::network(address));
        }
        Ok(())
    }
}

/// Why a bearer token opens nothing now.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// No such token, or it holds no longer.
    #[error("unknown")]
    Unknown,
    /// Not from this network.
    #[error("not from this network")]
    Network,
    /// Too many requests.
    #[error("too many requests")]
    TooMany {
        /// Not before so many seconds.
        seconds: u64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not an administrator, or no such key.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// What was typed.
    #[error("not taken")]
    Problems(Vec<KeyProblem>),
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Operator(error.into())
    }
}

/// What an administrator sees of the organisation's keys.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Keys, the newest first; those that ended lately too.
    pub keys: Vec<KeyRow>,
    /// Tokens that stand for one operator, from the command line.
    pub tokens: Vec<TokenLine>,
    /// Hospitals for which a key can report, by reading.
    pub hospitals: Vec<Arc<Row>>,
    /// What a key may, of what the organisation itself may.
    pub may: KeyRights,
    /// The other system out of which a key may feed in, by the name that the prefecture gave it.
    pub other_system: Option<String>,
}

/// What a form says of a key, with hospitals by their codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyForm {
    /// All but the hospitals.
    pub typed: TypedKey,
    /// Codes of the chosen hospitals.
    pub codes: Vec<String>,
}

/// A key that was made. Its secret is shown now or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// The secret.
    pub secret: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The secret of a key, from a secret of the form that asks for it and one of the sign-in: the same form sent twice makes one key.
fn secret(once: &str) -> String {
    format!("akidoko_{}", chance::hex(&chance::token_hash(&format!("akidoko-key-1 {once}"))))
}

fn rights(actor: &Actor) -> KeyRights {
    KeyRights {
        read: may(actor.kind, Action::ReadBoard),
        report: may(actor.kind, Action::Report) || may(actor.kind, Action::ReportOnBehalf),
        // Whoever declares the other system.
        feed: actor.kind == OrganisationKind::PrefectureHealth,
    }
}

fn detail(wish: &KeyWish) -> serde_json::Value {
    json!({
        "name": wish.name, "read": wish.limits.read, "report": wish.limits.report, "feed": wish.limits.feed,
        "hospitals": wish.limits.hospitals.as_ref().map(BTreeSet::len),
        "networks": wish.limits.networks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "per_minute": wish.limits.per_minute, "expires_at": wish.expires_at,
    })
}

impl Service {
    /// The program of a bearer token: it stands, comes from where it may, and not too often.
    pub async fn bearer(&self, token: &str, address: IpAddr) -> Result<Arc<Session>, BearerError> {
        let session = self.token_session(token).await?.ok_or(BearerError::Unknown)?;
        if let (Some(grant), Some(used)) = (&session.actor.key, session.key_use()) {
            used.admit(grant, address, self.clock.now())?;
        }
        session.touch(self.clock.now());
        Ok(session)
    }

    /// Who comes by a key: its organisation, as narrow as the key.
    pub(crate) async fn actor_of_key(&self, key: &KeyRow) -> Result<Option<Actor>, StoreError> {
        let Some(row) = self.store.organisation_of_id_unscoped(key.organisation).await? else { return Ok(None) };
        let organisation = row.organisation;
        let own = self.store.hospitals_of_unscoped(&organisation).await?;
        let Some(scope) = Scope::of(organisation.kind, organisation.prefecture, own.clone()) else { return Ok(None) };
        let limits = key.limits.clone();
        let own = own.into_iter().filter(|id| limits.covers(*id)).collect();
        Ok(Some(Actor {
            session: key.id,
            account: key.account,
            operator: 0,
            operator_name: format!("API：{}", key.name),
            organisation: organisation.id,
            organisation_code: organisation.code,
            organisation_name: organisation.name,
            kind: organisation.kind,
            prefecture: organisation.prefecture,
            is_administrator: false,
            scope: limits.narrow(scope),
            key: Some(Arc::new(KeyGrant { name: key.name.clone(), limits, own })),
        }))
    }

    /// The hospitals for which the actor may speak: reports, or a hospital's own where its key only reads. By reading.
    pub fn hospitals_for(&self, actor: &Actor) -> Vec<Arc<Row>> {
        let mut rows: Vec<Arc<Row>> = match &actor.scope.act_for {
            ActFor::Hospitals(set) => return self.rows_of(set),
            ActFor::Prefecture(p) => self.live.board(*p).map(|b| b.rows.values().cloned().collect()).unwrap_or_default(),
            ActFor::Nobody => return actor.key.as_ref().map(|key| self.rows_of(&key.own)).unwrap_or_default(),
        };
        sort(&mut rows);
        rows
    }

    /// The same, with their codes in other registers.
    pub async fn hospitals_with_codes(&self, actor: &Actor) -> Result<Vec<(Arc<Row>, Vec<(CodeSystem, String)>)>, StoreError> {
        let rows = self.hospitals_for(actor);
        let ids: Vec<HospitalId> = rows.iter().map(|r| r.card.id).collect();
        let mut codes = self.store.read(&actor.scope).await?.hospital_codes(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.clone(), codes.remove(&row.card.id).unwrap_or_default())).collect())
    }

    /// The keys of my organisation.
    pub async fn api_keys(&self, actor: &Actor) -> Result<Keys, KeyError> {
        self.administrator(actor).await?;
        let now = self.clock.now();
        let mut keys = self.store.keys_unscoped(actor.organisation, now - SHOWN).await?;
        for key in &mut keys {
            // What this node knows and has not written down yet.
            if let Some((at, network)) = self.sessions.use_of_key(key.id).filter(|(at, _)| key.last_used_at.is_none_or(|last| *at > last)) {
                (key.last_used_at, key.last_network) = (Some(at), Some(network));
            }
        }
        let tokens = self.store.tokens_unscoped(actor.organisation, now).await?;
        Ok(Keys { keys, tokens, hospitals: self.hospitals_for(actor), may: rights(actor), other_system: self.other_system_of(actor) })
    }

    /// The other system by which the actor's prefecture says that it reports too.
    pub(crate) fn other_system_of(&self, actor: &Actor) -> Option<String> {
        Some(self.surveys.standing().other_systems.get(&actor.prefecture?)?.name.clone())
    }

    /// The other system that speaks through this actor's key, as its prefecture calls it now; `None`: none does.
    pub(crate) fn source_of(&self, actor: &Actor) -> Result<Option<String>, SubmitError> {
        if !actor.key.as_ref().is_some_and(|key| key.limits.feed) {
            return Ok(None);
        }
        self.other_system_of(actor).map(Some).ok_or(SubmitError::Refused(Refusal::Feed(FeedProblem::NotDeclared)))
    }

    /// The hospitals of a form: those of its codes for which the organisation acts. Others do not exist.
    fn chosen(&self, actor: &Actor, form: &KeyForm) -> BTreeSet<HospitalId> {
        let rows = self.hospitals_for(actor);
        let by_code: BTreeMap<&OrganisationCode, HospitalId> = rows.iter().map(|r| (&r.card.code, r.card.id)).collect();
        form.codes.iter().filter_map(|code| by_code.get(&code.parse::<OrganisationCode>().ok()?).copied()).collect()
    }

    fn read_form(&self, actor: &Actor, form: &KeyForm, made_at: DateTime<Utc>) -> Result<KeyWish, KeyError> {
        let typed = TypedKey { hospitals: self.chosen(actor, form), ..form.typed.clone() };
        let today = jst_day(self.clock.now());
        let wish = read_key(&typed, rights(actor), jst_day(made_at), today).map_err(KeyError::Problems)?;
        if wish.limits.feed && self.other_system_of(actor).is_none() {
            return Err(KeyError::Problems(vec![KeyProblem::NoOtherSystem]));
        }
        Ok(wish)
    }

    /// Makes a key. `once` is a secret of the form and the sign-in: sent again, it shows the same key.
    pub async fn make_key(&self, actor: &Actor, form: &KeyForm, once: &str) -> Result<NewKey, KeyError> {
        self.administrator(actor).await?;
        let now = self.clock.now();
        let wish = self.read_form(actor, form, now)?;
        let secret = secret(once);
        let hash = chance::token_hash(&secret);
        let id = SessionId(chance::uuid(now));
        let mut tx = self.store.write_system(now).await?;
        tx.lock().await?;
        if tx.standing_keys(actor.organisation).await? >= KEYS_MAX {
            return Err(KeyError::Problems(vec![KeyProblem::TooMany]));
        }
        if tx.add_key(id, (actor.organisation, actor.account), &hash, &wish).await? {
            tx.log(Entry::by(actor, now, Category::Admin, format!("key_make {id}"), detail(&wish)));
            tx.commit().await?;
            return Ok(NewKey { id, name: wish.name, secret, expires_at: wish.expires_at });
        }
        drop(tx);
        let before = self.store.key_unscoped(&hash).await?.filter(|k| k.organisation == actor.organisation);
        let before = before.ok_or(OperatorError::NotFound)?;
        Ok(NewKey { id: before.id, name: before.name, secret, expires_at: before.expires_at })
    }

    /// A key of my organisation that stands.
    pub async fn api_key(&self, actor: &Actor, id: SessionId) -> Result<(KeyRow, Keys), KeyError> {
        let keys = self.api_keys(actor).await?;
        let now = self.clock.now();
        let key = keys.keys.iter().find(|k| k.id == id && k.revoked_at.is_none() && k.expires_at > now).cloned();
        Ok((key.ok_or(OperatorError::NotFound)?, keys))
    }

    /// Changes a key, for every node: what it may from now on.
    pub async fn change_key(&self, actor: &Actor, id: SessionId, form: &KeyForm) -> Result<(), KeyError> {
        let (key, _) = self.api_key(actor, id).await?;
        let wish = self.read_form(actor, form, key.created_at)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        if !tx.change_key(id, actor.organisation, &wish).await? {
            return Err(OperatorError::NotFound.into());
        }
        tx.event(None, EventKind::SessionEnded(id));
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("key_change {id}"), detail(&wish)));
        tx.commit().await?;
        self.sessions.forget_session(id);
        Ok(())
    }

    /// Revokes a key of my organisation, or a token of one of its operators: at once, and on every node within a second.
    pub async fn revoke_key(&self, actor: &Actor, id: SessionId) -> Result<(), KeyError> {
        self.administrator(actor).await?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        if !tx.revoke_key(id, actor.organisation).await? {
            return Err(OperatorError::NotFound.into());
        }
        tx.event(None, EventKind::SessionEnded(id));
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("key_revoke {id}"), json!(null)));
        tx.commit().await?;
        self.sessions.forget_session(id);
        Ok(())
    }

    /// Mailboxes are told of keys that end in a month, and in a week; says how many.
    pub(crate) async fn tell_expiring_keys(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let until = now + TimeDelta::days(NOTICE_DAYS[0] + 1);
        let mut told = 0;
        for key in self.store.expiring_keys_unscoped(now, until).await? {
            let Some(days) = due_notice(key.expires_at, key.told_days, now) else { continue };
            let mut tx = self.store.write_system(now).await?;
            if !tx.note_key_told(key.id, days).await? {
                continue;
            }
            let facts = [
                ("key", key.name.clone()),
                ("on", last_day(key.expires_at).format("%Y年%-m月%-d日").to_string()),
                ("left", (last_day(key.expires_at) - jst_day(now)).num_days().to_string()),
            ];
            let to = (key.organisation_name.as_str(), key.prefecture, key.mailbox.as_deref());
            if let Some(mail) = self.mail_to(to, key.account, KEY_EXPIRING, &facts) {
                tx.add_mails(&[mail], &self.post.domain).await?;
            }
            let mut entry =
                Entry::by_system(now, Category::Admin, format!("key_expiring {}", key.code), json!({ "key": key.id, "days": days }));
            entry.prefecture = key.prefecture;
            tx.log(entry);
            tx.commit().await?;
            told += 1;
        }
        Ok(told)
    }

    /// Answers that nobody can ask for again are forgotten.
    pub(crate) async fn forget_answers(&self) -> Result<(), StoreError> {
        self.store.forget_answers_unscoped(self.clock.now() - ANSWERS).await.map(|_| ())
    }
}

fn sort(rows: &mut [Arc<Row>]) {
    rows.sort_by(|a, b| (&a.card.kana, &a.card.code).cmp(&(&b.card.kana, &b.card.code)));
}
