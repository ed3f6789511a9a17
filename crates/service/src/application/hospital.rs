//! What a prefecture does with a hospital that applies: it says which hospital of its register that is, and approves, so that the office may
//! issue. Sending back and refusing are steps like the office's.

use super::{
    ApplicationError, Decision,
    gather::{own, said, step},
    log, sees, who,
};
use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Applicant, Form, State},
    hospital::Attributes,
    id::{HospitalId, OrganisationId, PrefCode},
    organisation::OrganisationKind,
    text::{fold_code, fold_search},
};
use akidoko_store::{ApplicationRow, StoredHospital};
use std::collections::BTreeMap;

/// Which hospital applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HospitalChoice {
    /// One of the register.
    Known(HospitalId),
    /// 名簿にない病院: with the ID a new entry comes to exist.
    New,
}

/// Why a hospital of the register may be the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// The same 医療機関コード.
    Code,
    /// The same name, and no other municipality.
    Name,
}

/// A hospital of the register, to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalOption {
    /// Which.
    pub id: HospitalId,
    /// Its name.
    pub name: String,
    /// Its reading, by which the list is ordered.
    pub name_kana: String,
    /// Where it lies.
    pub municipality: String,
    /// Its ID: with it the hospital will sign in.
    pub code: String,
    /// So many operators can sign in already.
    pub operators: u32,
    /// Another application is for it.
    pub taken: bool,
    /// Why it may be the one.
    pub is_like: Option<Match>,
}

/// Which hospital was chosen: its name and its ID. `None`: a new entry.
pub type Chosen = Option<(String, String)>;

/// How alike what was written and what the register says are.
pub(super) fn is_like(form: &Form, attributes: &Attributes) -> Option<Match> {
    if has_code(attributes, &form.institution_code) {
        return Some(Match::Code);
    }
    let name = attributes.name.as_deref().map(fold_search).filter(|name| !name.is_empty())?;
    let lies = form.municipalities.first().zip(attributes.municipality_code.as_ref()).is_none_or(|(a, b)| a == b);
    (name == fold_search(&form.name) && lies).then_some(Match::Name)
}

/// A register may write the last seven digits only.
fn has_code(attributes: &Attributes, code: &str) -> bool {
    let Some(written) = attributes.institution_code.as_deref().map(fold_code).filter(|_| code.len() == 10) else { return false };
    written == code || (written.len() == 7 && code.ends_with(&written))
}

/// The hospital of a prefecture that has this 医療機関コード.
pub(super) fn registered<'a>(hospitals: &'a [StoredHospital], form: &Form) -> Option<&'a StoredHospital> {
    hospitals.iter().find(|h| has_code(&h.attributes, &form.institution_code))
}

/// Past the prefecture's yes, and not over.
fn is_vouched(row: &ApplicationRow) -> bool {
    row.applicant == Applicant::Hospital && !row.state.is_over() && !matches!(row.state, State::Draft | State::Bundled)
}

impl Service {
    async fn hospitals_in_use(&self, prefecture: PrefCode) -> Result<BTreeMap<OrganisationId, u32>, StoreError> {
        self.store.organisations_in_use_unscoped(OrganisationKind::Hospital, prefecture).await
    }

    /// The hospitals of the own prefecture's register, those first that may be the one that applies.
    pub async fn hospital_options(&self, actor: &Actor, row: &ApplicationRow) -> Result<Vec<HospitalOption>, ApplicationError> {
        if !may(actor.kind, May::KeepApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let prefecture = own(actor)?;
        let reader = self.store.read(&actor.scope).await?;
        let hospitals = reader.hospitals(prefecture).await?;
        let others = reader.applications().await?;
        drop(reader);
        let in_use = self.hospitals_in_use(prefecture).await?;
        let reference = self.live.reference();
        let option = |h: StoredHospital| {
            let named = h.attributes.municipality_code.as_ref().and_then(|c| reference.municipalities.get(c));
            HospitalOption {
                id: h.id,
                municipality: named.map(|m| m.full_name.clone()).or_else(|| h.attributes.municipality_name.clone()).unwrap_or_default(),
                operators: in_use.get(&h.organisation).copied().unwrap_or_default(),
                taken: others.iter().any(|o| o.id != row.id && is_vouched(o) && o.hospital == Some(h.id)),
                is_like: is_like(&row.form, &h.attributes),
                name: h.attributes.name.unwrap_or_default(),
                name_kana: h.attributes.name_kana.unwrap_or_default(),
                code: h.code.to_string(),
            }
        };
        let mut options: Vec<HospitalOption> = hospitals.into_iter().map(option).collect();
        options.sort_by(|a, b| {
            let order = |o: &HospitalOption| (o.is_like.is_none(), o.is_like, o.name_kana.clone(), o.name.clone());
            order(a).cmp(&order(b))
        });
        Ok(options)
    }

    /// Which hospital was chosen for an application that the actor sees.
    pub async fn chosen_hospital(&self, actor: &Actor, row: &ApplicationRow) -> Result<Chosen, ApplicationError> {
        let Some(id) = row.hospital.filter(|_| actor.scope.sees(row.prefecture)) else { return Ok(None) };
        let found = self.store.hospitals_unscoped(&[id]).await?.pop();
        Ok(found.map(|h| (h.attributes.name.unwrap_or_default(), h.code.to_string())))
    }

    /// The prefecture approves: this hospital applies, and it is one of ours. From now on it stands in the office's queue.
    pub async fn vouch_for_hospital(&self, actor: &Actor, decision: Decision, choice: HospitalChoice) -> Result<(), ApplicationError> {
        if !may(actor.kind, May::KeepApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let prefecture = own(actor)?;
        let seen = self.store.read(&actor.scope).await?.application(decision.id).await?.filter(|r| sees(actor.kind, r));
        seen.filter(|r| r.applicant == Applicant::Hospital).ok_or(ApplicationError::NotFound)?;
        let in_use = self.hospitals_in_use(prefecture).await?;
        let mut tx = self.store.write_behind_wall(&[prefecture].into(), self.clock.now()).await?;
        let stand = tx.applications_of(prefecture).await?;
        let before = stand.iter().find(|a| a.id == decision.id).ok_or(ApplicationError::NotFound)?;
        if before.revision != decision.revision {
            return Err(ApplicationError::Stale);
        }
        let mut row = before.clone();
        let role = Self::role(actor);
        step(&mut row, Action::Submit, role, tx.now())?;
        let others = || stand.iter().filter(|o| o.id != row.id && is_vouched(o));
        row.hospital = match choice {
            HospitalChoice::Known(id) => {
                let hospital = tx.standing_hospital(id).await?.filter(|h| h.prefecture == prefecture).ok_or(ApplicationError::NotFound)?;
                // One that was a new entry when it was approved, before a register brought it, is the same.
                let same = |o: &ApplicationRow| match o.hospital {
                    Some(id) => id == hospital.id,
                    None => has_code(&hospital.attributes, &o.form.institution_code),
                };
                if others().any(same) {
                    return Err(ApplicationError::Taken);
                }
                if in_use.contains_key(&hospital.organisation) {
                    return Err(ApplicationError::InUse);
                }
                Some(hospital.id)
            }
            HospitalChoice::New => {
                if registered(&tx.hospitals_in(prefecture).await?, &row.form).is_some() {
                    return Err(ApplicationError::Registered);
                }
                if others().any(|o| o.hospital.is_none() && o.form.key() == row.form.key()) {
                    return Err(ApplicationError::Taken);
                }
                None
            }
        };
        row.submitted_at = Some(tx.now());
        (row.reason, row.decided_at) = (None, None);
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, Action::Submit, role, &who(actor), None)]).await?;
        log(&mut tx, actor, Action::Submit.as_str(), &[&row]);
        tx.commit().await?;
        Ok(())
    }
}
