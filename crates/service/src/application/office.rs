//! What the office does: decide, many at once, and undo within five minutes; and the steps that both sides may take later.

use super::{
    ApplicationError, Office, entrance,
    gather::{said, step},
    log, sees, who, words_of, worker,
};
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Applicant, Road, Role, State, Window},
    audit::{Category, Entry},
    event::EventKind,
    id::ApplicationId,
    time::from_jst,
};
use akidoko_store::{ApplicationRow, WriteTx};
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// One application to decide, as the decider saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Which.
    pub id: ApplicationId,
    /// The revision that was on the screen.
    pub revision: i32,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done(State),
    /// Somebody changed it first: it is left as it stands.
    Stale,
    /// Not from where it stands, or too late.
    NotFromHere,
    /// No such application.
    NotFound,
}

/// A change of what the office keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfficeChange {
    /// 受付期間を加える
    AddWindow(Window),
    /// 受付期間を取り除く. What was submitted in it keeps its day.
    RemoveWindow(Window),
    /// The figures.
    Figures(Office),
}

impl OfficeChange {
    /// Days follow one another, and figures are some.
    fn is_sound(&self) -> bool {
        match self {
            Self::AddWindow(w) => w.closes_on >= w.opens_on && w.issue_from >= w.opens_on,
            Self::RemoveWindow(_) => true,
            Self::Figures(f) => (1..=100_000).contains(&f.daily_capacity) && (1..=30).contains(&f.delivered_after_days),
        }
    }
}

impl Service {
    /// Takes one step with many applications at once. Each is taken or left on its own; two people never decide the same one twice.
    /// Steps: approve, return, reject, allow, undo（office）; withdraw, suspend, resume, close, unbundle.
    pub async fn step_applications(
        &self,
        actor: &Actor,
        decisions: &[Decision],
        action: Action,
        words: Option<&str>,
    ) -> Result<Vec<(ApplicationId, Outcome)>, ApplicationError> {
        let by_hand = matches!(
            action,
            Action::Approve
                | Action::Return
                | Action::Reject
                | Action::Allow
                | Action::Undo
                | Action::Withdraw
                | Action::Suspend
                | Action::Resume
                | Action::Close
                | Action::Unbundle
                | Action::Resend
        );
        let role = Self::role(actor);
        if !by_hand || !akidoko_domain::application::may_take(role, action) {
            return Err(ApplicationError::Forbidden);
        }
        if decisions.is_empty() {
            return Err(ApplicationError::Nothing);
        }
        let words = words_of(words)?;
        if matches!(action, Action::Return | Action::Reject) && words.is_none() {
            return Err(ApplicationError::ReasonMissing);
        }
        // What the wall hides from the actor does not exist.
        let reader = self.store.read(&actor.scope).await?;
        let ids: Vec<ApplicationId> = decisions.iter().map(|d| d.id).collect();
        let seen: HashMap<ApplicationId, akidoko_domain::id::PrefCode> = reader
            .applications()
            .await?
            .into_iter()
            .filter(|a| ids.contains(&a.id) && sees(actor.kind, a))
            .map(|a| (a.id, a.prefecture))
            .collect();
        drop(reader);
        let prefectures: BTreeSet<_> = seen.values().copied().collect();
        // An ID that is suspended or closed is another's table: the system role's.
        let tables = matches!(action, Action::Suspend | Action::Resume | Action::Close | Action::Resend);
        let mut tx = if tables {
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            tx
        } else {
            self.store.write_behind_wall(&prefectures, self.clock.now()).await?
        };
        let stand: HashMap<ApplicationId, ApplicationRow> =
            tx.applications(&seen.keys().copied().collect::<Vec<_>>()).await?.into_iter().map(|a| (a.id, a)).collect();
        let (mut outcomes, mut put, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        let mut met = HashSet::new();
        // What a hospital is told says why.
        let silent = |row: &ApplicationRow| action == Action::Withdraw && row.applicant.road() == Road::Hospital && words.is_none();
        if stand.values().any(silent) {
            return Err(ApplicationError::ReasonMissing);
        }
        // Sent twice, it is decided once.
        for decision in decisions.iter().filter(|d| met.insert(d.id)) {
            let Some(before) = stand.get(&decision.id) else {
                outcomes.push((decision.id, Outcome::NotFound));
                continue;
            };
            if before.revision != decision.revision {
                outcomes.push((decision.id, Outcome::Stale));
                continue;
            }
            let mut row = before.clone();
            // A no to a consultation that is undone opens the consultation again: undoing is no way past it.
            let consulted = before.applicant == Applicant::Other && before.state != State::Approved;
            let action = if action == Action::Undo && consulted { Action::Reopen } else { action };
            if step(&mut row, action, role, tx.now()).is_err() || !self.follow(&tx, before, &mut row, (action, role)).await? {
                outcomes.push((decision.id, Outcome::NotFromHere));
                continue;
            }
            let hospital = row.applicant.road() == Road::Hospital;
            let says_why = matches!(action, Action::Return | Action::Reject) || (hospital && action == Action::Withdraw);
            row.reason = words.clone().filter(|_| says_why);
            if hospital && says_why {
                self.tell_applicant(&tx, &row, (action, role)).await?;
            }
            outcomes.push((decision.id, Outcome::Done(row.state)));
            steps.push(said(&row, action, role, &who(actor), words.as_deref()));
            put.push(row);
        }
        for organisation in put.iter().filter(|_| tables).filter_map(|r| r.organisation) {
            tx.event(None, EventKind::OrganisationChanged(organisation));
        }
        tx.put_applications(&put).await?;
        tx.add_steps(&steps).await?;
        log(&mut tx, actor, action.as_str(), &put.iter().collect::<Vec<_>>());
        tx.commit().await?;
        Ok(outcomes)
    }

    /// What a step brings along. False where it is too late for it.
    async fn follow(
        &self,
        tx: &WriteTx,
        before: &ApplicationRow,
        row: &mut ApplicationRow,
        (action, role): (Action, Role),
    ) -> Result<bool, StoreError> {
        match action {
            // What a prefecture sends back was never decided by the office.
            Action::Return | Action::Reject if role != Role::Office => {}
            Action::Approve | Action::Return | Action::Reject => {
                row.decided_at = Some(tx.now());
                if action == Action::Approve {
                    self.notice(tx, row).await?;
                }
            }
            Action::Undo | Action::Reopen => {
                let in_time = before.decided_at.is_some_and(|at| tx.now() < at + self.post.undo);
                // A mail that a worker holds in its hands cannot be taken back.
                if !in_time || tx.is_leaving(row.id).await? {
                    return Ok(false);
                }
                // What was rejected is over: the prefecture may have begun the same headquarters anew.
                let key = row.form.key();
                let same = |o: &ApplicationRow| match row.applicant.road() {
                    Road::Hospital => row.hospital.is_some() && o.hospital == row.hospital,
                    _ => o.form.key() == key,
                };
                let again = |o: &ApplicationRow| o.id != row.id && !o.state.is_over() && same(o);
                if before.state == State::Rejected && tx.applications_of(row.prefecture).await?.iter().any(again) {
                    return Ok(false);
                }
                row.decided_at = None;
                for kind in [worker::NOTICE, entrance::RETURNED, entrance::REJECTED] {
                    tx.cancel_mails(row.id, kind).await?;
                }
            }
            Action::Suspend | Action::Resume | Action::Close => {
                let Some(organisation) = row.organisation else { return Ok(false) };
                if action == Action::Resume {
                    tx.resume_organisation(organisation, chance::uuid(tx.now())).await?;
                } else {
                    tx.suspend_organisation(organisation).await?;
                }
            }
            Action::Resend => return self.resend(tx, row).await,
            _ => {}
        }
        Ok(true)
    }

    /// The notice that proves the address: when it can no longer be undone, and not before the window's day（memo §1）.
    pub(super) async fn notice(&self, tx: &WriteTx, row: &ApplicationRow) -> Result<(), StoreError> {
        let nine = NaiveTime::from_hms_opt(9, 0, 0).expect("a time of day");
        let from = row.issue_from.map(|day| from_jst(day.and_time(nine)));
        let not_before: DateTime<Utc> = from.map_or(tx.now() + self.post.undo, |from| from.max(tx.now() + self.post.undo));
        tx.add_mails(&[self.notice_mail(row, not_before)], &self.post.domain).await
    }

    /// A corrected address: the notice goes out anew, or, where the ID exists, another link.
    pub(super) async fn renotify(&self, tx: &WriteTx, row: &ApplicationRow, action: Action) -> Result<(), StoreError> {
        match (action, row.organisation.filter(|_| row.state == State::Issued)) {
            (Action::CorrectAddress, None) => self.notice(tx, row).await,
            (Action::CorrectAddress, Some(organisation)) => {
                tx.set_mailbox(organisation, &row.form.email).await?;
                self.resend(tx, row).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Windows, in order.
    pub async fn windows(&self, actor: &Actor) -> Result<Vec<Window>, ApplicationError> {
        if !may(actor.kind, May::ReadApplications) {
            return Err(ApplicationError::Forbidden);
        }
        Ok(self.store.windows().await?)
    }

    /// Changes what the office keeps: its windows and its figures.
    pub async fn set_office(&self, actor: &Actor, change: &OfficeChange) -> Result<(), ApplicationError> {
        if !may(actor.kind, May::DecideApplications) {
            return Err(ApplicationError::Forbidden);
        }
        if !change.is_sound() {
            return Err(ApplicationError::NotFromHere);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let days = |w: &Window| json!({ "opens_on": w.opens_on, "closes_on": w.closes_on, "issue_from": w.issue_from });
        let detail = match change {
            OfficeChange::AddWindow(window) => {
                tx.add_window(chance::uuid(tx.now()), window).await?;
                json!({ "add_window": days(window) })
            }
            OfficeChange::RemoveWindow(window) => {
                if !tx.remove_window(window).await? {
                    return Err(ApplicationError::NotFound);
                }
                json!({ "remove_window": days(window) })
            }
            OfficeChange::Figures(figures) => {
                tx.set_office("daily_capacity", &figures.daily_capacity.to_string()).await?;
                tx.set_office("delivered_after_days", &figures.delivered_after_days.to_string()).await?;
                json!({ "daily_capacity": figures.daily_capacity, "delivered_after_days": figures.delivered_after_days })
            }
        };
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "application office", detail));
        tx.commit().await?;
        Ok(())
    }
}
