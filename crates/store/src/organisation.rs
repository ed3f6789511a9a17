//! Organisations and their members.

use crate::{db::Store, due::jst_date, entity, error::StoreError, write::WriteTx};
use akidoko_domain::{
    id::{HospitalId, OrganisationCode, OrganisationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
    time::{day_before, jst_day},
};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An organisation with what only administration asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// The organisation.
    pub organisation: Organisation,
    /// Since when nobody signs in.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Its shared mailbox, if one is known. Several organisations may share one: it is an address, never a login.
    pub mailbox: Option<String>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    code: String,
    kind: String,
    pref_code: Option<String>,
    name: String,
    suspended_at: Option<DateTime<Utc>>,
    mailbox: Option<String>,
}

impl TryFrom<Found> for OrganisationRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        let organisation = Organisation {
            id: OrganisationId(r.id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            kind: OrganisationKind::parse(&r.kind).ok_or_else(|| StoreError::corrupt(&r.kind))?,
            prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
            name: r.name,
        };
        Ok(Self { organisation, suspended_at: r.suspended_at, mailbox: r.mailbox })
    }
}

const COLUMNS: &str = "SELECT id, code, kind, pref_code, name, suspended_at, mailbox FROM organisation";

#[derive(FromQueryResult)]
struct Member {
    hospital_id: Uuid,
    pref_code: String,
}

impl Store {
    /// The organisation with this ID.
    pub async fn organisation_unscoped(&self, code: &OrganisationCode) -> Result<Option<OrganisationRow>, StoreError> {
        let found: Option<Found> = self.system_rows().one(&format!("{COLUMNS} WHERE code = $1"), vec![code.as_str().into()]).await?;
        found.map(OrganisationRow::try_from).transpose()
    }

    /// The organisation.
    pub async fn organisation_of_id_unscoped(&self, id: OrganisationId) -> Result<Option<OrganisationRow>, StoreError> {
        let found: Option<Found> = self.system_rows().one(&format!("{COLUMNS} WHERE id = $1"), vec![id.0.into()]).await?;
        found.map(OrganisationRow::try_from).transpose()
    }

    /// Organisations, hospitals left out unless asked for, by prefecture and kind.
    pub async fn organisations_unscoped(&self, kind: Option<OrganisationKind>) -> Result<Vec<OrganisationRow>, StoreError> {
        let (filter, values): (&str, Vec<Value>) = match kind {
            Some(kind) => ("kind = $1", vec![kind.as_str().into()]),
            None => ("kind <> 'hospital'", vec![]),
        };
        let found: Vec<Found> = self.system_rows().all(&format!("{COLUMNS} WHERE {filter} ORDER BY pref_code, kind, code"), values).await?;
        found.into_iter().map(OrganisationRow::try_from).collect()
    }

    /// The hospitals an organisation stands for: itself, or the members of an association.
    pub async fn hospitals_of_unscoped(&self, organisation: &Organisation) -> Result<BTreeSet<HospitalId>, StoreError> {
        let sql = match organisation.kind {
            OrganisationKind::Hospital => {
                "SELECT COALESCE(merged_into, id) AS hospital_id, pref_code FROM hospital WHERE organisation_id = $1"
            }
            OrganisationKind::Association => "SELECT hospital_id, pref_code FROM association_member WHERE organisation_id = $1",
            _ => return Ok(BTreeSet::new()),
        };
        let members: Vec<Member> = self.system_rows().all(sql, vec![organisation.id.0.into()]).await?;
        // A member behind another wall is none of theirs, whatever the table says.
        let own = organisation.prefecture.map(|p| p.to_string());
        Ok(members.into_iter().filter(|m| Some(&m.pref_code) == own.as_ref()).map(|m| HospitalId(m.hospital_id)).collect())
    }
}

impl WriteTx {
    /// Makes an organisation. A taken ID is a unique violation.
    pub async fn add_organisation(&self, organisation: &Organisation) -> Result<(), StoreError> {
        self.insert(vec![model(organisation, self.now())]).await
    }

    /// Puts a hospital into an association.
    pub async fn add_member(&self, association: OrganisationId, hospital: HospitalId, prefecture: PrefCode) -> Result<(), StoreError> {
        let row = entity::association_member::Model {
            organisation_id: association.0,
            hospital_id: hospital.0,
            pref_code: prefecture.to_string(),
        };
        self.insert(vec![row]).await
    }

    /// Names and mailboxes of a prefecture's organisations of a kind: those that have one and are not suspended.
    pub async fn mailboxes_of(&self, prefecture: PrefCode, kind: OrganisationKind) -> Result<Vec<(String, String)>, StoreError> {
        #[derive(FromQueryResult)]
        struct Found {
            name: String,
            mailbox: String,
        }
        let sql = "SELECT name, mailbox FROM organisation WHERE pref_code = $1 AND kind = $2 AND suspended_at IS NULL AND mailbox <> '' ORDER BY code";
        let found: Vec<Found> = self.rows().all(sql, vec![prefecture.to_string().into(), kind.as_str().into()]).await?;
        Ok(found.into_iter().map(|f| (f.name, f.mailbox)).collect())
    }

    /// Notes the shared mailbox of an organisation.
    pub async fn set_mailbox(&self, id: OrganisationId, mailbox: &str) -> Result<(), StoreError> {
        self.execute("UPDATE organisation SET mailbox = $2 WHERE id = $1", vec![id.0.into(), mailbox.into()]).await?;
        Ok(())
    }

    /// Suspends an organisation; one that is suspended stays so since then. Its terminals end for good.
    pub async fn suspend_organisation(&self, id: OrganisationId) -> Result<(), StoreError> {
        let sql = "UPDATE organisation SET suspended_at = COALESCE(suspended_at, $2) WHERE id = $1";
        self.execute(sql, vec![id.0.into(), self.now().into()]).await?;
        self.end_terminals(id).await
    }

    /// Lets an organisation in again. The days on which a hospital's ID was suspended owe nothing afterwards either: they are written down as
    /// `exemption`.
    pub async fn resume_organisation(&self, id: OrganisationId, exemption: Uuid) -> Result<(), StoreError> {
        let since = jst_date(self.store().backend(), "o.suspended_at");
        let yesterday = day_before(jst_day(self.now()));
        let sql = format!(
            "INSERT INTO exemption (id, hospital_id, pref_code, from_on, to_on, weekdays, reason, set_at, set_by) \
             SELECT $2, h.id, h.pref_code, {since}, $3, 127, 'ID の停止', $4, '' FROM organisation o JOIN hospital h ON h.organisation_id = o.id \
             WHERE o.id = $1 AND o.kind = 'hospital' AND h.merged_into IS NULL AND {since} <= $3"
        );
        self.execute(&sql, vec![id.0.into(), exemption.into(), yesterday.into(), self.now().into()]).await?;
        self.execute("UPDATE organisation SET suspended_at = NULL WHERE id = $1", vec![id.0.into()]).await?;
        Ok(())
    }
}

pub(crate) fn model(organisation: &Organisation, now: DateTime<Utc>) -> entity::organisation::Model {
    entity::organisation::Model {
        id: organisation.id.0,
        code: organisation.code.to_string(),
        kind: organisation.kind.as_str().to_owned(),
        pref_code: organisation.prefecture.map(|p| p.to_string()),
        name: organisation.name.clone(),
        suspended_at: None,
        created_at: now,
        mailbox: None,
    }
}
