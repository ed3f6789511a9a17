//! An ID comes to exist, with its first operator and the mail that lets them in. One for each applicant: an organisation that stands already
//! keeps its ID, and where somebody can sign in with it nobody is added.

use super::{
    gather::{said, step},
    hospital::registered,
    worker::{PASSWORD, first_operator, note},
};
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    application::{Action, Applicant, Role, State},
    event::EventKind,
    hospital::{Attributes, CodeSystem},
    id::{AccountId, ApplicationId, HospitalId, OrganisationId},
    organisation::{Organisation, OrganisationKind},
};
use akidoko_store::{ApplicationRow, WriteTx};

/// What stands in the history where an ID was in use before its application came to its end.
const WAS_IN_USE: &str = "この ID は、すでに使われています。操作者は加えていません。";

async fn new_organisation(row: &ApplicationRow, kind: OrganisationKind, tx: &WriteTx) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: OrganisationId(chance::uuid(tx.now())),
        code: tx.free_code(kind, Some(row.prefecture), chance::number()).await?,
        kind,
        prefecture: Some(row.prefecture),
        name: row.form.name.clone(),
    })
}

/// Has another application that is not over led to the same organisation, or does it in this very round?
async fn is_issued(tx: &WriteTx, row: &ApplicationRow, put: &[ApplicationRow]) -> Result<bool, StoreError> {
    if row.applicant != Applicant::Hospital {
        return Ok(false);
    }
    let same = |o: &ApplicationRow| o.id != row.id && !o.state.is_over() && o.organisation == row.organisation;
    Ok(put.iter().any(same) || tx.applications_of(row.prefecture).await?.iter().any(same))
}

impl Service {
    /// An ID for everyone whose notice arrived, and the mail with the link.
    pub(super) async fn issue(&self) -> Result<usize, StoreError> {
        let due = self.store.applications_in_unscoped(State::Delivered).await?;
        let mut issued = 0;
        for some in due.chunks(100) {
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            let ids: Vec<ApplicationId> = some.iter().map(|a| a.id).collect();
            let (mut put, mut steps) = (Vec::new(), Vec::new());
            for mut row in tx.applications(&ids).await? {
                if row.organisation.is_some() || step(&mut row, Action::Issue, Role::System, tx.now()).is_err() {
                    continue;
                }
                let organisation = self.organisation_for(&mut tx, &mut row).await?;
                row.organisation = Some(organisation.id);
                row.code = Some(organisation.code.clone());
                row.issued_at = Some(tx.now());
                steps.push(said(&row, Action::Issue, Role::System, "", None));
                let seat = if is_issued(&tx, &row, &put).await? { None } else { self.first_seat(&mut tx, &organisation, &row).await? };
                if let Some(operator) = seat {
                    tx.set_mailbox(organisation.id, &row.form.email).await?;
                    self.password_mail(&tx, &row, operator, &organisation.code, PASSWORD).await?;
                } else if step(&mut row, Action::Activate, Role::Applicant, tx.now()).is_ok() {
                    row.activated_at = Some(tx.now());
                    steps.push(said(&row, Action::Activate, Role::System, "", Some(WAS_IN_USE)));
                }
                put.push(row);
            }
            tx.put_applications(&put).await?;
            tx.add_steps(&steps).await?;
            note(&mut tx, Action::Issue, &put);
            tx.commit().await?;
            issued += put.len();
        }
        Ok(issued)
    }

    /// The organisation whose ID it is: the one that stands, or a new one.
    async fn organisation_for(&self, tx: &mut WriteTx, row: &mut ApplicationRow) -> Result<Organisation, StoreError> {
        let stands = match row.applicant {
            Applicant::FireHeadquarters | Applicant::Other => None,
            Applicant::Officer => self.invited_organisation(row.prefecture, &row.form).await?,
            Applicant::Hospital => return self.hospital_for(tx, row).await,
        };
        if let Some(organisation) = stands {
            return Ok(organisation);
        }
        let kind = row.form.organisation_kind.unwrap_or(OrganisationKind::FireHeadquarters);
        let organisation = new_organisation(row, kind, tx).await?;
        tx.add_organisation(&organisation).await?;
        Ok(organisation)
    }

    /// A hospital has one organisation. One that no register brought comes to exist together with it; if a register brought it since the
    /// prefecture looked, it is that one.
    async fn hospital_for(&self, tx: &mut WriteTx, row: &mut ApplicationRow) -> Result<Organisation, StoreError> {
        let stands = match row.hospital {
            Some(id) => tx.standing_hospital(id).await?,
            None => registered(&tx.hospitals_in(row.prefecture).await?, &row.form).cloned(),
        };
        if let Some(hospital) = stands {
            // Two that were merged since each was approved: the register's hospital stays with the application that had it.
            let held = |o: &ApplicationRow| o.id != row.id && !o.state.is_over() && o.hospital == Some(hospital.id);
            if !tx.applications_of(row.prefecture).await?.iter().any(held) {
                row.hospital = Some(hospital.id);
            }
            return Ok(Organisation {
                id: hospital.organisation,
                code: hospital.code,
                kind: OrganisationKind::Hospital,
                prefecture: Some(hospital.prefecture),
                name: hospital.attributes.name.unwrap_or_default(),
            });
        }
        let organisation = new_organisation(row, OrganisationKind::Hospital, tx).await?;
        let id = HospitalId(chance::uuid(tx.now()));
        let form = &row.form;
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let attributes = Attributes {
            name: said(&form.name),
            name_kana: said(&form.name_kana),
            municipality_code: form.municipalities.first().cloned(),
            postal_code: said(&form.postal_code),
            address: said(&form.address),
            phone: said(&form.phone.chars().filter(char::is_ascii_digit).collect::<String>()),
            institution_code: said(&form.institution_code),
            ..Attributes::default()
        };
        tx.add_own_hospital(&organisation, id, &attributes).await?;
        if !form.institution_code.is_empty() {
            tx.add_hospital_code(id, row.prefecture, CodeSystem::Institution, &form.institution_code).await?;
        }
        tx.event(Some(row.prefecture), EventKind::Board);
        row.hospital = Some(id);
        Ok(organisation)
    }

    /// The operator to whom the link goes. `None`: somebody can sign in already.
    async fn first_seat(
        &self,
        tx: &mut WriteTx,
        organisation: &Organisation,
        row: &ApplicationRow,
    ) -> Result<Option<(AccountId, u16)>, StoreError> {
        let stands = self.store.organisation_of_id_unscoped(organisation.id).await?;
        let mut accounts = if stands.is_some() { self.store.accounts_unscoped(organisation.id).await? } else { Vec::new() };
        if stands.is_some_and(|o| o.suspended_at.is_some()) {
            // It was closed, and begins anew: nobody of before comes in with it.
            for account in accounts.drain(..) {
                tx.end_password_links(account.id).await?;
                tx.end_sessions(account.id).await?;
                tx.remove_account(account.id).await?;
            }
            tx.resume_organisation(organisation.id, chance::uuid(tx.now())).await?;
            tx.event(None, EventKind::OrganisationChanged(organisation.id));
        }
        if accounts.iter().any(|a| !a.suspended && a.password_hash.is_some()) {
            return Ok(None);
        }
        let contact = &row.form.contact_name;
        let seat = if let Some(waiting) = first_operator(accounts) {
            tx.rename_account(waiting.id, contact).await?;
            (waiting.id, waiting.operator)
        } else {
            let id = AccountId(chance::uuid(tx.now()));
            (id, tx.add_account(id, organisation.id, contact).await?)
        };
        tx.set_administrator(seat.0, true).await?;
        Ok(Some(seat))
    }
}
