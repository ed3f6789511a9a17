//! 招待: the ministry invites a prefecture's own officers, a health centre, an association. The road is the same from the yes on.

use super::{
    ApplicationError, Decision,
    gather::{blank, said, step},
    log, sees, values, who,
};
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Column, Form, FormFinding, FormProblem, Road, Role, Weight, read_form},
    event::EventKind,
    id::{ApplicationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
    text::fold_search,
};
use akidoko_store::OrganisationRow;
use std::collections::BTreeMap;

/// The organisation of this kind and name in a prefecture.
pub(super) fn named(organisations: Vec<OrganisationRow>, prefecture: PrefCode, form: &Form) -> Option<Organisation> {
    let name = fold_search(&form.name);
    let same = |o: &Organisation| o.prefecture == Some(prefecture) && fold_search(&o.name) == name;
    organisations.into_iter().map(|row| row.organisation).find(same)
}

impl Service {
    /// The organisation that an invitation is for, if it exists.
    pub(super) async fn invited_organisation(&self, prefecture: PrefCode, form: &Form) -> Result<Option<Organisation>, StoreError> {
        let Some(kind) = form.organisation_kind else { return Ok(None) };
        Ok(named(self.store.organisations_unscoped(Some(kind)).await?, prefecture, form))
    }

    async fn is_in_use(&self, kind: OrganisationKind, prefecture: PrefCode, form: &Form) -> Result<bool, StoreError> {
        let Some(organisation) = self.invited_organisation(prefecture, form).await? else { return Ok(false) };
        Ok(self.store.organisations_in_use_unscoped(kind, prefecture).await?.contains_key(&organisation.id))
    }

    /// Invites an organisation. One that exists gets a first operator, unless somebody signs in with its ID already.
    pub async fn invite(&self, actor: &Actor, raw: &BTreeMap<Column, String>) -> Result<ApplicationId, ApplicationError> {
        if !may(actor.kind, May::DecideApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let (prefecture, form) = self.read_typed(Road::Invitation, raw).map_err(ApplicationError::Findings)?;
        let kind = form.organisation_kind.ok_or(ApplicationError::Nothing)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if self.is_in_use(kind, prefecture, &form).await? {
            return Err(ApplicationError::InUse);
        }
        let key = form.key();
        if tx.applications_of(prefecture).await?.iter().any(|a| !a.state.is_over() && a.form.key() == key) {
            return Err(ApplicationError::Taken);
        }
        if tx.ensure_prefecture(prefecture, None).await? {
            tx.event(Some(prefecture), EventKind::Board);
        }
        let mut row = blank(ApplicationId(chance::uuid(tx.now())), prefecture, form, tx.now());
        step(&mut row, Action::Invite, Role::Office, tx.now())?;
        (row.submitted_at, row.decided_at) = (Some(tx.now()), Some(tx.now()));
        tx.put_applications(std::slice::from_ref(&row)).await?;
        self.notice(&tx, &row).await?;
        tx.add_steps(&[said(&row, Action::Invite, Role::Office, &who(actor), None)]).await?;
        log(&mut tx, actor, Action::Invite.as_str(), &[&row]);
        tx.commit().await?;
        Ok(row.id)
    }

    /// Corrects the address of a hospital, or of whoever was invited; of a headquarters the whole row is saved.
    pub async fn correct_address(&self, actor: &Actor, decision: Decision, typed: &str, again: &str) -> Result<(), ApplicationError> {
        let seen = self.store.read(&actor.scope).await?.application(decision.id).await?.filter(|r| sees(actor.kind, r));
        let seen = seen.filter(|r| r.applicant.road() != Road::Bundle).ok_or(ApplicationError::NotFound)?;
        let reference = self.live.reference();
        let mut raw = values(&seen.form);
        raw.insert(Column::Email, typed.to_owned());
        raw.insert(Column::EmailAgain, again.to_owned());
        let (form, findings) = read_form(&raw, &Self::known(&reference, seen.prefecture).context(seen.form.road));
        let of_address = |f: &FormFinding| matches!(f.column, Column::Email | Column::EmailAgain);
        let wrong: Vec<FormFinding> = findings.into_iter().filter(|f| of_address(f) && f.problem.weight() != Weight::Soft).collect();
        if !wrong.is_empty() {
            return Err(ApplicationError::Findings(wrong));
        }
        if form.email.is_empty() || again.trim().is_empty() {
            return Err(ApplicationError::Findings(vec![FormFinding { column: Column::EmailAgain, problem: FormProblem::EmailsDiffer }]));
        }
        // Of an ID that was issued the links of sign-in change too: the system role's tables.
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut row = tx.applications(&[decision.id]).await?.pop().ok_or(ApplicationError::NotFound)?;
        if row.revision != decision.revision {
            return Err(ApplicationError::Stale);
        }
        let role = Self::role(actor);
        step(&mut row, Action::CorrectAddress, role, tx.now())?;
        row.form.email = form.email;
        row.reason = None;
        self.renotify(&tx, &row, Action::CorrectAddress).await?;
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, Action::CorrectAddress, role, &who(actor), None)]).await?;
        log(&mut tx, actor, Action::CorrectAddress.as_str(), &[&row]);
        tx.commit().await?;
        Ok(())
    }
}
