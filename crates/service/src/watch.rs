//! What is looked at beside sign-in, and blocks nobody: a new device is told to the organisation's mailbox and shown to its administrators;
//! one operator in two places is noted; IDs and operators that nobody used for thirteen months are told, and then suspended.

use crate::{Service, StoreError, application::worker::retire, chance, sign_in::Coming};
use akidoko_domain::{
    access::{Action as May, Actor, Read, may},
    audit::{Category, Entry},
    event::EventKind,
    id::{AccountId, MailId, OrganisationId, PrefCode, SignInName},
    time::{from_jst, jst_day, to_jst},
    watch::{Idle, TOGETHER, UNUSED_MONTHS, Use, idle, in_two_places},
};
pub use akidoko_store::SignInNote;
use akidoko_store::{LastUse, NewMail, SessionPair, WriteTx};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap, hash_map},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// 新しい端末からのサインイン
pub const NEW_DEVICE: &str = "new_device";
/// 使われていない ID の予告
pub const UNUSED: &str = "unused";
/// 使われていない ID を停止した
pub const UNUSED_SUSPENDED: &str = "unused_suspended";
/// What is shown of sign-ins goes back so far.
const SHOWN: TimeDelta = TimeDelta::days(90);

/// When the rounds that need not be made each second were made last.
#[derive(Clone, Default)]
pub(crate) struct Rounds {
    minute: Arc<AtomicI64>,
    hour: Arc<AtomicI64>,
    climbed: Arc<AtomicI64>,
    pub(crate) painted: Arc<AtomicI64>,
    pub(crate) held: Arc<AtomicI64>,
}

impl Rounds {
    pub(crate) fn is_new(last: &AtomicI64, now: i64) -> bool {
        last.swap(now, Ordering::Relaxed) != now
    }

    /// What was painted is looked at again in the next round.
    pub(crate) fn forget_painted(&self) {
        self.painted.store(i64::MIN, Ordering::Relaxed);
    }
}

/// An ID that nobody uses, or that was seen in two places, for prefecture and office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedId {
    /// Which.
    pub organisation: OrganisationId,
    /// The ID.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its prefecture.
    pub prefecture: Option<PrefCode>,
    /// The last day on which somebody was inside.
    pub last_used_on: NaiveDate,
    /// On this day it is suspended; `None`: its mailbox is told today.
    pub suspended_on: Option<NaiveDate>,
}

/// How IDs are used, for who watches over them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UseOfIds {
    /// Nobody used them for thirteen months.
    pub unused: Vec<UnusedId>,
    /// One operator in two places within the last weeks: sign-in name, organisation, and what was seen.
    pub two_places: Vec<(SignInName, String, SignInNote)>,
}

/// What an administrator is shown of the own organisation's sign-ins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Notes, the newest first, with the operator's sign-in name and name.
    pub notes: Vec<(SignInName, String, SignInNote)>,
    /// Operators who were not inside for thirteen months, with the day on which they are suspended.
    pub unused: HashMap<AccountId, Option<NaiveDate>>,
}

fn sign_in_name(of: &LastUse) -> SignInName {
    SignInName { organisation: of.code.clone(), operator: of.operator }
}

impl Service {
    /// A mail to an organisation's mailbox about one of its operators. `None`: no mailbox is known.
    pub(crate) fn mail_to(
        &self,
        (organisation, prefecture, mailbox): (&str, Option<PrefCode>, Option<&str>),
        account: AccountId,
        kind: &'static str,
        facts: &[(&str, String)],
    ) -> Option<NewMail> {
        let recipient = mailbox.filter(|m| !m.is_empty())?.to_owned();
        let now = self.clock.now();
        let mut all: BTreeMap<String, String> = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        all.insert("name".to_owned(), organisation.to_owned());
        Some(NewMail {
            id: MailId(chance::uuid(now)),
            kind,
            prefecture,
            application: None,
            account: Some(account),
            recipient,
            facts: all,
            has_link: false,
            not_before: now,
            good_until: None,
        })
    }

    /// Notes a sign-in from a device that the organisation does not know, and tells the mailbox, in the transaction of the sign-in. The
    /// very first sign-in of an operator is no news.
    pub(crate) async fn note_device(&self, tx: &mut WriteTx, coming: &Coming) -> Result<(), StoreError> {
        if coming.keys.is_known() || !tx.was_inside(coming.account.id).await? {
            return Ok(());
        }
        let (account, row) = (&coming.account, coming.session());
        let note = SignInNote {
            id: chance::uuid(tx.now()),
            organisation: account.organisation.id,
            account: account.id,
            two_places: false,
            at: tx.now(),
            user_agent: row.user_agent.clone(),
            network: row.network.clone(),
            other: None,
            seen: None,
        };
        if tx.is_noted(&note, tx.now() - TimeDelta::days(1)).await? {
            return Ok(());
        }
        tx.add_sign_in_note(&note).await?;
        let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
        let mailbox = self.store.organisation_of_id_unscoped(account.organisation.id).await?.and_then(|o| o.mailbox);
        let facts = [
            ("sign_in", name.to_string()),
            ("operator", account.name.clone()),
            ("at", to_jst(note.at).format("%Y年%-m月%-d日 %H:%M").to_string()),
            ("browser", device(&note.user_agent)),
            ("network", note.network.clone()),
        ];
        let to = (account.organisation.name.as_str(), account.organisation.prefecture, mailbox.as_deref());
        if let Some(mail) = self.mail_to(to, account.id, NEW_DEVICE, &facts) {
            tx.add_mails(&[mail], &self.post.domain).await?;
        }
        Ok(())
    }

    /// The rounds that need not be made each second; says how much was done.
    pub(crate) async fn watch(&self) -> Result<usize, StoreError> {
        let now = self.clock.now().timestamp();
        let mut done = 0;
        if Rounds::is_new(&self.rounds.minute, now.div_euclid(60)) {
            done += self.note_two_places().await?;
        }
        if Rounds::is_new(&self.rounds.hour, now.div_euclid(3600)) {
            done += self.retire_unused().await? + self.retire_operators().await? + self.tell_expiring_keys().await?;
            self.forget_answers().await?;
        }
        Ok(done)
    }

    /// Once a minute: the reminders that a prefecture's ladder asks for.
    pub(crate) async fn remind_hospitals(&self) -> Result<usize, StoreError> {
        let minute = self.clock.now().timestamp().div_euclid(60);
        if Rounds::is_new(&self.rounds.climbed, minute) { self.climb().await } else { Ok(0) }
    }

    /// One operator in two places: noted and logged, once for each pair of sign-ins.
    async fn note_two_places(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let pairs: Vec<SessionPair> = self.store.session_pairs_unscoped(now - TOGETHER - TimeDelta::minutes(2)).await?;
        let far = |p: &SessionPair| {
            let a = Use { network: &p.a_network, browser: &p.a_agent, at: p.a_at };
            in_two_places(&a, &Use { network: &p.b_network, browser: &p.b_agent, at: p.b_at })
        };
        let pairs: Vec<SessionPair> = pairs.into_iter().filter(far).collect();
        if pairs.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.write_system(now).await?;
        tx.lock().await?;
        let mut noted = 0;
        for p in pairs {
            let note = SignInNote {
                id: chance::uuid(now),
                organisation: OrganisationId(p.organisation_id),
                account: AccountId(p.account_id),
                two_places: true,
                at: p.a_at.max(p.b_at),
                user_agent: p.a_agent,
                network: p.a_network,
                other: Some((p.b_agent, p.b_network, format!("{} {}", p.a, p.b))),
                seen: None,
            };
            if !tx.add_sign_in_note(&note).await? {
                continue;
            }
            noted += 1;
            if let Some(account) = self.store.account_unscoped(note.account).await? {
                let name = SignInName { organisation: account.organisation.code.clone(), operator: account.operator };
                let networks = [note.network.as_str(), note.other.as_ref().map_or("", |o| o.1.as_str())];
                let mut entry = Entry::by_system(now, Category::SignIn, format!("two_places {name}"), json!({ "networks": networks }));
                entry.prefecture = account.organisation.prefecture;
                tx.log(entry);
            }
        }
        tx.commit().await?;
        Ok(noted)
    }

    /// Before this moment a use may be thirteen months ago; [`idle`] says it to the day.
    fn long_ago(&self) -> DateTime<Utc> {
        let day = jst_day(self.clock.now()) + TimeDelta::days(4);
        let day = day.checked_sub_months(Months::new(UNUSED_MONTHS)).unwrap_or(day);
        from_jst(day.and_time(NaiveTime::MIN))
    }

    /// Unused IDs with their operators.
    async fn unused(&self, prefecture: Option<PrefCode>) -> Result<Vec<(Idle, DateTime<Utc>, Vec<LastUse>)>, StoreError> {
        let now = self.clock.now();
        let mut by: BTreeMap<OrganisationId, Vec<LastUse>> = BTreeMap::new();
        for of in self.store.unused_unscoped(prefecture, self.long_ago()).await? {
            by.entry(of.organisation).or_default().push(of);
        }
        let state = |of: Vec<LastUse>| {
            // An ID that nobody took into use has its reminders.
            let last = of.iter().filter(|o| o.can_sign_in).map(|_| ()).next().and(of.iter().map(|o| o.last_used_at).max())?;
            let told = of.first().and_then(|o| o.organisation_told_at);
            let state = idle(last, told, now);
            (state != Idle::InUse).then_some((state, last, of))
        };
        Ok(by.into_values().filter_map(state).collect())
    }

    /// IDs that nobody used: told first, suspended a month later.
    async fn retire_unused(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        for (state, last, of) in self.unused(None).await? {
            let Some(first) = of.first() else { continue };
            let kind = match state {
                Idle::Unused => UNUSED,
                Idle::Over => UNUSED_SUSPENDED,
                Idle::InUse | Idle::Announced(_) => continue,
            };
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            // As it stands under the lock: another node may have been here, or somebody signed in a moment ago.
            let stands = self.store.last_uses_unscoped(first.organisation).await?;
            let again = stands.iter().map(|o| o.last_used_at).max();
            let told = stands.first().and_then(|o| o.organisation_told_at);
            if again != Some(last) || told != first.organisation_told_at {
                continue;
            }
            let suspended_on = jst_day(tx.now()) + TimeDelta::days(30);
            let facts = [
                ("code", first.code.to_string()),
                ("last", jst_day(last).format("%Y年%-m月%-d日").to_string()),
                ("on", suspended_on.format("%Y年%-m月%-d日").to_string()),
            ];
            if kind == UNUSED {
                tx.note_unused_organisation(first.organisation).await?;
            } else {
                retire(&mut tx, &self.store, first.organisation).await?;
                tx.suspend_organisation(first.organisation).await?;
                tx.event(None, EventKind::OrganisationChanged(first.organisation));
            }
            let to = (first.organisation_name.as_str(), first.prefecture, first.mailbox.as_deref());
            if let Some(mail) = self.mail_to(to, first.account, kind, &facts) {
                tx.add_mails(&[mail], &self.post.domain).await?;
            }
            let mut entry =
                Entry::by_system(tx.now(), Category::Admin, format!("{kind} {}", first.code), json!({ "last_used_on": jst_day(last) }));
            entry.prefecture = first.prefecture;
            tx.log(entry);
            tx.commit().await?;
            done += 1;
        }
        Ok(done)
    }

    /// Operators who were not inside, of IDs that are in use; never the last administrator.
    async fn retire_operators(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut done = 0;
        for of in self.store.unused_operators_unscoped(self.long_ago()).await? {
            let state = idle(of.last_used_at, of.told_at, now);
            if !matches!(state, Idle::Unused | Idle::Over) {
                continue;
            }
            let mut tx = self.store.write_system(now).await?;
            tx.lock().await?;
            if of.is_administrator && tx.other_administrators(of.organisation, of.account).await? == 0 {
                continue;
            }
            let stands = self.store.last_uses_unscoped(of.organisation).await?;
            if !stands.iter().any(|o| o.account == of.account && o.last_used_at == of.last_used_at && o.told_at == of.told_at) {
                continue;
            }
            let name = sign_in_name(&of);
            let on = jst_day(now) + TimeDelta::days(30);
            let facts = [
                ("sign_in", name.to_string()),
                ("operator", of.name.clone()),
                ("last", jst_day(of.last_used_at).format("%Y年%-m月%-d日").to_string()),
                ("on", on.format("%Y年%-m月%-d日").to_string()),
            ];
            let kind = if state == Idle::Unused { UNUSED } else { UNUSED_SUSPENDED };
            if kind == UNUSED {
                tx.note_unused_operator(of.account).await?;
            } else {
                tx.suspend_account(of.account, true).await?;
                tx.end_sessions(of.account).await?;
                tx.event(None, EventKind::AccountChanged(of.account));
            }
            let to = (of.organisation_name.as_str(), of.prefecture, of.mailbox.as_deref());
            if let Some(mail) = self.mail_to(to, of.account, kind, &facts) {
                tx.add_mails(&[mail], &self.post.domain).await?;
            }
            let mut entry =
                Entry::by_system(now, Category::Admin, format!("{kind} {name}"), json!({ "last_used_on": jst_day(of.last_used_at) }));
            entry.prefecture = of.prefecture;
            tx.log(entry);
            tx.commit().await?;
            done += 1;
        }
        Ok(done)
    }

    /// How the IDs of the own prefecture, or of the nation, are used. `None`: not this one's to see.
    pub async fn use_of_ids(&self, actor: &Actor) -> Result<Option<UseOfIds>, StoreError> {
        if !may(actor.kind, May::KeepApplications) && !may(actor.kind, May::DecideApplications) {
            return Ok(None);
        }
        let prefecture = match actor.scope.read {
            Read::Prefecture(p) => Some(p),
            Read::Nation => None,
        };
        let line = |(state, last, of): (Idle, DateTime<Utc>, Vec<LastUse>)| {
            let first = of.into_iter().next()?;
            let suspended_on = if let Idle::Announced(on) = state { Some(on) } else { None };
            Some(UnusedId {
                organisation: first.organisation,
                code: first.code.to_string(),
                name: first.organisation_name,
                prefecture: first.prefecture,
                last_used_on: jst_day(last),
                suspended_on,
            })
        };
        let unused = self.unused(prefecture).await?.into_iter().filter_map(line).collect();
        let notes = self.store.two_places_unscoped(prefecture, self.clock.now() - SHOWN).await?;
        Ok(Some(UseOfIds { unused, two_places: self.named(notes).await? }))
    }

    /// Notes with whom they are about.
    async fn named(&self, notes: Vec<SignInNote>) -> Result<Vec<(SignInName, String, SignInNote)>, StoreError> {
        let mut names: HashMap<AccountId, Option<(SignInName, String)>> = HashMap::new();
        let mut named = Vec::with_capacity(notes.len());
        for note in notes {
            let known = match names.entry(note.account) {
                hash_map::Entry::Occupied(known) => known.into_mut(),
                hash_map::Entry::Vacant(unknown) => {
                    let account = self.store.account_unscoped(note.account).await?;
                    unknown.insert(account.map(|a| {
                        let name = SignInName { organisation: a.organisation.code, operator: a.operator };
                        (name, format!("{} {}", a.organisation.name, a.name))
                    }))
                }
            };
            if let Some((name, who)) = known.clone() {
                named.push((name, who, note));
            }
        }
        Ok(named)
    }

    /// What an administrator is shown of the own organisation's sign-ins. Whoever asks was found to be one.
    pub(crate) async fn watched(&self, actor: &Actor) -> Result<Watched, StoreError> {
        let now = self.clock.now();
        let notes = self.store.sign_in_notes_unscoped(actor.organisation, now - SHOWN).await?;
        let uses = self.store.last_uses_unscoped(actor.organisation).await?;
        let unused = uses.iter().filter(|o| o.can_sign_in).filter_map(|o| match idle(o.last_used_at, o.told_at, now) {
            Idle::InUse => None,
            Idle::Announced(on) => Some((o.account, Some(on))),
            Idle::Unused | Idle::Over => Some((o.account, None)),
        });
        Ok(Watched { unused: unused.collect(), notes: self.named(notes).await? })
    }
}

/// 「Edge、Windows」: enough to know one's own devices apart.
pub fn device(user_agent: &str) -> String {
    let find = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, words)| *words);
    // The order matters: Edge and Chrome also call themselves Safari, Android also calls itself Linux.
    let browser = find(&[("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari")]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}、{system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "名前のわからない端末".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices() {
        for (user_agent, expected) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge、Windows"),
            ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1", "Safari、iPad"),
            ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome、Android"),
            ("curl/8.0", "名前のわからない端末"),
        ] {
            assert_eq!(device(user_agent), expected);
        }
    }
}
