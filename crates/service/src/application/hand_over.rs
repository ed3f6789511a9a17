//! Headquarters that merge（統合・広域化）: one takes over from another on a day. Until then both work as before; on the day the operators go
//! on under the new ID with their own passwords, open screens stay open, and the old ID is closed.

use super::{
    ApplicationError, Decision,
    gather::{said, step},
    log, who,
    worker::{HAND_OVER, HAND_OVER_DROPPED, HANDED_OVER, note},
};
use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Applicant, Role, State},
    event::EventKind,
    id::{ApplicationId, PrefCode, SignInName},
    time::jst_day,
};
use akidoko_store::{ApplicationRow, MovedOperator, StepRow, WriteTx};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

/// A hand-over is planned at most so far ahead.
const AHEAD: TimeDelta = TimeDelta::days(2 * 366);

/// What a screen shows of handing over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandOverPart {
    /// What is planned, or was done: who takes over, its ID, from which day.
    pub planned: Option<(String, String, NaiveDate)>,
    /// Who could take over: every other ID in use of the prefecture. Empty where nothing can be planned.
    pub successors: Vec<(ApplicationId, String)>,
    /// The plan can be dropped.
    pub can_drop: bool,
}

/// Can this one take over?
fn takes(row: &ApplicationRow) -> bool {
    row.applicant == Applicant::FireHeadquarters
        && matches!(row.state, State::Issued | State::Activated)
        && row.organisation.is_some()
        && row.hand_over.is_none()
}

impl Service {
    /// What a screen shows of handing over this one.
    pub async fn hand_over_of(&self, actor: &Actor, row: &ApplicationRow) -> Result<HandOverPart, ApplicationError> {
        Self::may_see_applications(actor)?;
        let all = self.store.read(&actor.scope).await?.applications().await?;
        let planned = row.hand_over.and_then(|(to, on)| {
            let to = all.iter().find(|a| a.id == to)?;
            Some((to.form.name.clone(), to.code.as_ref().map(ToString::to_string).unwrap_or_default(), on))
        });
        let role = Self::role(actor);
        let can = |action| akidoko_domain::application::next(row.applicant.road(), row.state, action, role).is_ok();
        let is_headquarters = row.applicant == Applicant::FireHeadquarters && row.organisation.is_some();
        let others = all.iter().filter(|a| a.prefecture == row.prefecture && a.id != row.id && takes(a));
        let may_plan = row.hand_over.is_none() && is_headquarters && can(Action::PlanHandOver);
        Ok(HandOverPart {
            successors: others.filter(|_| may_plan).map(|a| (a.id, a.form.name.clone())).collect(),
            can_drop: row.hand_over.is_some() && can(Action::DropHandOver),
            planned,
        })
    }

    /// Plans that another headquarters of the same prefecture takes over from a day on.
    pub async fn plan_hand_over(
        &self,
        actor: &Actor,
        decision: Decision,
        to: ApplicationId,
        on: NaiveDate,
    ) -> Result<(), ApplicationError> {
        let today = jst_day(self.clock.now());
        if on < today || on > today + AHEAD {
            return Err(ApplicationError::Day);
        }
        let (mut tx, mut row) = self.to_plan(actor, decision).await?;
        let successor = tx.applications(&[to]).await?.pop().filter(|s| s.prefecture == row.prefecture && s.id != row.id);
        let successor = successor.ok_or(ApplicationError::NotFound)?;
        // Whom somebody else is to go over to does not itself go away.
        let awaited =
            tx.applications_of(row.prefecture).await?.iter().any(|a| a.hand_over.is_some_and(|(to, _)| to == row.id) && !a.state.is_over());
        if !takes(&successor) || awaited || row.hand_over.is_some() || row.applicant != Applicant::FireHeadquarters {
            return Err(ApplicationError::NotFromHere);
        }
        let role = Self::role(actor);
        step(&mut row, Action::PlanHandOver, role, tx.now())?;
        row.hand_over = Some((to, on));
        let words = format!("{}へ、{}から", successor.form.name, on.format("%Y/%m/%d"));
        // Both learn of it, when it can no longer be taken back by a slip of the hand.
        let facts = [("successor", successor.form.name.clone()), ("on", on.format("%Y年%-m月%-d日").to_string())];
        self.tell([&row, &successor], &row, (HAND_OVER, &facts), tx.now() + self.post.undo, &tx).await?;
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, Action::PlanHandOver, role, &who(actor), Some(&words))]).await?;
        log(&mut tx, actor, Action::PlanHandOver.as_str(), &[&row, &successor]);
        tx.commit().await?;
        Ok(())
    }

    /// Drops such a plan.
    pub async fn drop_hand_over(&self, actor: &Actor, decision: Decision) -> Result<(), ApplicationError> {
        let (mut tx, mut row) = self.to_plan(actor, decision).await?;
        let role = Self::role(actor);
        let planned = row.hand_over.take().ok_or(ApplicationError::NotFromHere)?;
        step(&mut row, Action::DropHandOver, role, tx.now())?;
        tx.cancel_mails(row.id, HAND_OVER).await?;
        // Whoever was told is told again.
        if tx.count_mails(row.id, HAND_OVER).await? > 0 {
            let (to, _) = planned;
            self.tell(&tx.applications(&[row.id, to]).await?, &row, (HAND_OVER_DROPPED, &[]), tx.now(), &tx).await?;
        }
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, Action::DropHandOver, role, &who(actor), None)]).await?;
        log(&mut tx, actor, Action::DropHandOver.as_str(), &[&row]);
        tx.commit().await?;
        Ok(())
    }

    /// The row as the actor saw it, in a transaction behind the wall.
    async fn to_plan(&self, actor: &Actor, decision: Decision) -> Result<(WriteTx, ApplicationRow), ApplicationError> {
        if !may(actor.kind, May::KeepApplications) && !may(actor.kind, May::DecideApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let seen = self.store.read(&actor.scope).await?.application(decision.id).await?.ok_or(ApplicationError::NotFound)?;
        let tx = self.store.write_behind_wall(&[seen.prefecture].into(), self.clock.now()).await?;
        let row = tx.applications(&[decision.id]).await?.pop().ok_or(ApplicationError::NotFound)?;
        if row.revision != decision.revision {
            return Err(ApplicationError::Stale);
        }
        Ok((tx, row))
    }

    /// Mails about a hand-over, to those whom it concerns: to the mailbox that counts, where it was changed since the application.
    async fn tell<'a>(
        &self,
        to: impl IntoIterator<Item = &'a ApplicationRow>,
        about: &ApplicationRow,
        (kind, facts): (&'static str, &[(&str, String)]),
        not_before: DateTime<Utc>,
        tx: &WriteTx,
    ) -> Result<(), StoreError> {
        let mut mails = Vec::new();
        for to in to {
            let mut mail = self.mail(to, kind, not_before);
            if let Some(organisation) = to.organisation {
                let mailbox = self.store.organisation_of_id_unscoped(organisation).await?.and_then(|o| o.mailbox);
                mail.recipient = mailbox.unwrap_or(mail.recipient);
            }
            mail.application = Some(about.id);
            mail.has_link = false;
            mail.facts.insert("predecessor".to_owned(), about.form.name.clone());
            mail.facts.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            mails.push(mail);
        }
        tx.add_mails(&mails, &self.post.domain).await
    }

    /// The day has come: operators go over, the old ID is closed. Each on its own, so that one that cannot go holds up no other.
    pub(super) async fn hand_over(&self) -> Result<usize, StoreError> {
        let today = jst_day(self.clock.now());
        let mut done = 0;
        for due in self.store.hand_overs_due_unscoped(today).await? {
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            let Some((to, _)) = due.hand_over else { continue };
            let mut rows: BTreeMap<ApplicationId, ApplicationRow> =
                tx.applications(&[due.id, to]).await?.into_iter().map(|a| (a.id, a)).collect();
            let (Some(row), Some(successor)) = (rows.remove(&due.id), rows.remove(&to)) else { continue };
            if row.hand_over != due.hand_over || !takes(&successor) {
                continue;
            }
            if self.go_over(&mut tx, row, successor).await? {
                tx.commit().await?;
                done += 1;
            }
        }
        Ok(done)
    }

    async fn go_over(&self, tx: &mut WriteTx, mut row: ApplicationRow, mut successor: ApplicationRow) -> Result<bool, StoreError> {
        let (Some(from), Some(to)) = (row.organisation, successor.organisation) else { return Ok(false) };
        let (Some(old), Some(new)) = (row.code.clone(), successor.code.clone()) else { return Ok(false) };
        // An ID that nobody took into use has no operators to bring along; its link ends with it.
        let in_use = row.state == State::Activated;
        if step(&mut row, Action::HandOver, Role::System, tx.now()).is_err() {
            return Ok(false);
        }
        let moved = if in_use { tx.move_operators(from, to).await? } else { Vec::new() };
        tx.suspend_organisation(from).await?;
        for municipality in &row.form.municipalities {
            if !successor.form.municipalities.contains(municipality) {
                successor.form.municipalities.push(municipality.clone());
            }
        }
        successor.revision += 1;
        successor.updated_at = tx.now();
        let line = |m: &MovedOperator| {
            let name =
                |organisation: &akidoko_domain::id::OrganisationCode, operator| SignInName { organisation: organisation.clone(), operator };
            format!("{} → {}　{}", name(&old, m.before), name(&new, m.now), m.name)
        };
        let list = moved.iter().map(line).collect::<Vec<_>>().join("\n");
        let facts = [("successor", successor.form.name.clone()), ("code", new.to_string()), ("operators", list)];
        self.tell([&row, &successor], &row, (HANDED_OVER, &facts), tx.now(), tx).await?;
        tx.put_applications(&[row.clone(), successor.clone()]).await?;
        let took: (ApplicationId, PrefCode, StepRow) = (
            successor.id,
            successor.prefecture,
            StepRow {
                at: tx.now(),
                action: "take_over".to_owned(),
                state: successor.state,
                role: Role::System.as_str().to_owned(),
                who: String::new(),
                words: Some(format!("{}（操作者 {} 名）", row.form.name, moved.len())),
            },
        );
        let words = format!("{}（{new}）へ。操作者 {} 名", successor.form.name, moved.len());
        tx.add_steps(&[said(&row, Action::HandOver, Role::System, "", Some(&words)), took]).await?;
        note(tx, Action::HandOver, &[row, successor]);
        for organisation in [from, to] {
            tx.event(None, EventKind::OrganisationChanged(organisation));
        }
        Ok(true)
    }
}
