//! Applications for IDs, their steps, bundles and windows.

use crate::{
    db::Store,
    error::StoreError,
    read::{Reader, places, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    application::{Applicant, Form, Road, State, Window},
    id::{ApplicationId, BundleId, HospitalId, OrganisationCode, OrganisationId, PrefCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An application as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// Whose prefecture gathers it.
    pub prefecture: PrefCode,
    /// Who applies.
    pub applicant: Applicant,
    /// What it says.
    pub form: Form,
    /// Where it stands.
    pub state: State,
    /// Counts its changes: two people who saw the same one never both decide.
    pub revision: i32,
    /// The bundle in which it was submitted.
    pub bundle: Option<BundleId>,
    /// Why it was returned or rejected.
    pub reason: Option<String>,
    /// From which day its notice may leave.
    pub issue_from: Option<NaiveDate>,
    /// 提出
    pub submitted_at: Option<DateTime<Utc>>,
    /// The last decision.
    pub decided_at: Option<DateTime<Utc>>,
    /// When the notice left.
    pub noticed_at: Option<DateTime<Utc>>,
    /// When the ID came to exist.
    pub issued_at: Option<DateTime<Utc>>,
    /// When its first password was set.
    pub activated_at: Option<DateTime<Utc>>,
    /// Which hospital of the register applies; none where it becomes a new entry, or nobody has said yet.
    pub hospital: Option<HospitalId>,
    /// The organisation that came of it.
    pub organisation: Option<OrganisationId>,
    /// Its ID.
    pub code: Option<OrganisationCode>,
    /// 統合: the headquarters that takes over, and from which day.
    pub hand_over: Option<(ApplicationId, NaiveDate)>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Its last change.
    pub updated_at: DateTime<Utc>,
}

/// A step that was taken, or words that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// When.
    pub at: DateTime<Utc>,
    /// The step, or `comment`.
    pub action: String,
    /// Where it led.
    pub state: State,
    /// In which capacity.
    pub role: String,
    /// Who.
    pub who: String,
    /// What was written.
    pub words: Option<String>,
}

/// What was submitted with one press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRow {
    /// Its id.
    pub id: BundleId,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Counted per prefecture.
    pub number: i32,
    /// So many rows.
    pub rows: i32,
    /// When.
    pub submitted_at: DateTime<Utc>,
    /// By whom.
    pub submitted_by: String,
    /// The prefecture's fire department had agreed.
    pub agreed: bool,
}

/// 消防防災主管部局 agrees to what is to be submitted.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AgreementRow {
    /// When.
    pub agreed_at: DateTime<Utc>,
    /// Who.
    pub agreed_by: String,
    /// What they wrote.
    pub note: String,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    pref_code: String,
    applicant: String,
    form: String,
    state: String,
    revision: i32,
    bundle_id: Option<Uuid>,
    reason: Option<String>,
    issue_from: Option<NaiveDate>,
    submitted_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    noticed_at: Option<DateTime<Utc>>,
    issued_at: Option<DateTime<Utc>>,
    activated_at: Option<DateTime<Utc>>,
    hospital_id: Option<Uuid>,
    organisation_id: Option<Uuid>,
    code: Option<String>,
    successor_id: Option<Uuid>,
    hand_over_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Found> for ApplicationRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            id: ApplicationId(r.id),
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            applicant: Applicant::parse(&r.applicant).ok_or_else(|| StoreError::corrupt(&r.applicant))?,
            form: serde_json::from_str(&r.form).map_err(StoreError::corrupt)?,
            state: State::parse(&r.state).ok_or_else(|| StoreError::corrupt(&r.state))?,
            revision: r.revision,
            bundle: r.bundle_id.map(BundleId),
            reason: r.reason,
            issue_from: r.issue_from,
            submitted_at: r.submitted_at,
            decided_at: r.decided_at,
            noticed_at: r.noticed_at,
            issued_at: r.issued_at,
            activated_at: r.activated_at,
            hospital: r.hospital_id.map(HospitalId),
            organisation: r.organisation_id.map(OrganisationId),
            code: r.code.map(|c| c.parse()).transpose().map_err(StoreError::corrupt)?,
            hand_over: r.successor_id.map(ApplicationId).zip(r.hand_over_on),
            created_at: r.created_at,
            updated_at: r.updated_at,
        })
    }
}

const COLUMNS: &str = "SELECT a.id, a.pref_code, a.applicant, CAST(a.form AS TEXT) AS form, a.state, a.revision, a.bundle_id, a.reason, \
     a.issue_from, a.submitted_at, a.decided_at, a.noticed_at, a.issued_at, a.activated_at, a.hospital_id, a.organisation_id, o.code, a.successor_id, a.hand_over_on, \
     a.created_at, a.updated_at FROM application a LEFT JOIN organisation o ON o.id = a.organisation_id";

#[derive(FromQueryResult)]
struct FoundStep {
    at: DateTime<Utc>,
    action: String,
    state: String,
    role: String,
    who: String,
    words: Option<String>,
}

#[derive(FromQueryResult)]
struct FoundBundle {
    id: Uuid,
    pref_code: String,
    number: i32,
    row_count: i32,
    submitted_at: DateTime<Utc>,
    submitted_by: String,
    agreed: bool,
}

#[derive(FromQueryResult)]
struct FoundWindow {
    opens_on: NaiveDate,
    closes_on: NaiveDate,
    issue_from: NaiveDate,
}

#[derive(FromQueryResult)]
struct Setting {
    name: String,
    value: String,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// By this an applicant stands once in its prefecture. Of a hospital several may be received: who may speak for it, the prefecture says.
fn name_key(row: &ApplicationRow) -> String {
    match row.applicant.road() {
        Road::Hospital => format!("{} {}", row.form.key(), row.id),
        _ => row.form.key(),
    }
}

fn rows(found: Vec<Found>) -> Result<Vec<ApplicationRow>, StoreError> {
    found.into_iter().map(ApplicationRow::try_from).collect()
}

impl Reader {
    /// Every application that the scope sees: by prefecture, then as they were begun.
    pub async fn applications(&self) -> Result<Vec<ApplicationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} ORDER BY a.pref_code, a.created_at, a.id", wall_filter("a.pref_code"));
        rows(self.all(&sql, vec![self.wall()]).await?)
    }

    /// One of them.
    pub async fn application(&self, id: ApplicationId) -> Result<Option<ApplicationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND a.id = $2", wall_filter("a.pref_code"));
        let found: Option<Found> = self.one(&sql, vec![self.wall(), id.0.into()]).await?;
        found.map(ApplicationRow::try_from).transpose()
    }

    /// What happened to it, in order.
    pub async fn application_steps(&self, id: ApplicationId) -> Result<Vec<StepRow>, StoreError> {
        let sql = format!(
            "SELECT at, action, state, role, who, words FROM application_step WHERE {} AND application_id = $2 ORDER BY sequence",
            wall_filter("pref_code")
        );
        let found: Vec<FoundStep> = self.all(&sql, vec![self.wall(), id.0.into()]).await?;
        let step = |r: FoundStep| {
            let state = State::parse(&r.state).ok_or_else(|| StoreError::corrupt(&r.state))?;
            Ok(StepRow { at: r.at, action: r.action, state, role: r.role, who: r.who, words: r.words })
        };
        found.into_iter().map(step).collect()
    }

    /// What was submitted, the last first.
    pub async fn bundles(&self) -> Result<Vec<BundleRow>, StoreError> {
        let sql = format!(
            "SELECT id, pref_code, number, row_count, submitted_at, submitted_by, agreed FROM bundle WHERE {} ORDER BY submitted_at DESC",
            wall_filter("pref_code")
        );
        let found: Vec<FoundBundle> = self.all(&sql, vec![self.wall()]).await?;
        let bundle = |r: FoundBundle| {
            Ok(BundleRow {
                id: BundleId(r.id),
                prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
                number: r.number,
                rows: r.row_count,
                submitted_at: r.submitted_at,
                submitted_by: r.submitted_by,
                agreed: r.agreed,
            })
        };
        found.into_iter().map(bundle).collect()
    }

    /// The agreement of a prefecture's fire department, if it stands.
    pub async fn agreement(&self, prefecture: PrefCode) -> Result<Option<AgreementRow>, StoreError> {
        let sql = format!("SELECT agreed_at, agreed_by, note FROM bundle_agreement WHERE {} AND pref_code = $2", wall_filter("pref_code"));
        self.one(&sql, vec![self.wall(), prefecture.to_string().into()]).await
    }
}

impl Store {
    /// Applications in some state, over all prefectures, in the order of the queue.
    pub async fn applications_in_unscoped(&self, state: State) -> Result<Vec<ApplicationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE a.state = $1 ORDER BY a.submitted_at, a.id");
        rows(self.system_rows().all(&sql, vec![state.as_str().into()]).await?)
    }

    /// IDs in use whose day of handing over has come.
    pub async fn hand_overs_due_unscoped(&self, today: NaiveDate) -> Result<Vec<ApplicationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE a.hand_over_on <= $1 AND a.state IN ('issued', 'activated') ORDER BY a.hand_over_on, a.id");
        rows(self.system_rows().all(&sql, vec![today.into()]).await?)
    }

    /// The queue of the office: what waits to be decided, over all prefectures, the first first.
    pub async fn queue_unscoped(&self) -> Result<Vec<ApplicationId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Queued {
            id: Uuid,
        }
        let sql = "SELECT id FROM application WHERE state = 'submitted' ORDER BY submitted_at, id";
        let found: Vec<Queued> = self.system_rows().all(sql, vec![]).await?;
        Ok(found.into_iter().map(|q| ApplicationId(q.id)).collect())
    }

    /// The application that its applicant fills in by this link.
    pub async fn application_of_link_unscoped(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Option<ApplicationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE a.link_hash = $1 AND a.link_expires_at > $2");
        let found: Option<Found> = self.system_rows().one(&sql, vec![hash.to_vec().into(), now.into()]).await?;
        found.map(ApplicationRow::try_from).transpose()
    }

    /// One of them, whatever its prefecture.
    pub async fn application_unscoped(&self, id: ApplicationId) -> Result<Option<ApplicationRow>, StoreError> {
        let found: Option<Found> = self.system_rows().one(&format!("{COLUMNS} WHERE a.id = $1"), vec![id.0.into()]).await?;
        found.map(ApplicationRow::try_from).transpose()
    }

    /// The application from which an organisation came; of several the one that is not over, or the last.
    pub async fn application_of_organisation_unscoped(&self, id: OrganisationId) -> Result<Option<ApplicationRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE a.organisation_id = $1 ORDER BY CASE WHEN a.state IN ('rejected', 'withdrawn', 'closed') THEN 1 ELSE 0 END, \
             a.created_at DESC LIMIT 1"
        );
        let found: Option<Found> = self.system_rows().one(&sql, vec![id.0.into()]).await?;
        found.map(ApplicationRow::try_from).transpose()
    }

    /// The windows in which applications are taken, by their first day.
    pub async fn windows(&self) -> Result<Vec<Window>, StoreError> {
        let sql = "SELECT opens_on, closes_on, issue_from FROM application_window ORDER BY opens_on";
        let found: Vec<FoundWindow> = self.system_rows().all(sql, vec![]).await?;
        Ok(found.into_iter().map(|w| Window { opens_on: w.opens_on, closes_on: w.closes_on, issue_from: w.issue_from }).collect())
    }

    /// The office's figures, by name.
    pub async fn office_settings(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let found: Vec<Setting> = self.system_rows().all("SELECT name, value FROM office_setting", vec![]).await?;
        Ok(found.into_iter().map(|s| (s.name, s.value)).collect())
    }

    /// How many applications were decided from a moment on.
    pub async fn decided_since_unscoped(&self, from: DateTime<Utc>) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM application WHERE decided_at >= $1 AND state <> 'submitted'";
        let row: Option<Count> = self.system_rows().one(sql, vec![from.into()]).await?;
        Ok(row.map_or(0, |r| u32::try_from(r.n).unwrap_or(u32::MAX)))
    }
}

impl WriteTx {
    /// Some applications as they stand in this transaction; what the wall hides is not among them.
    pub async fn applications(&self, ids: &[ApplicationId]) -> Result<Vec<ApplicationRow>, StoreError> {
        let mut all = Vec::with_capacity(ids.len());
        for some in ids.chunks(1000) {
            let sql = format!("{COLUMNS} WHERE a.id IN ({})", places(1, some.len()));
            all.extend(rows(self.rows().all(&sql, some.iter().map(|id| id.0.into()).collect()).await?)?);
        }
        Ok(all)
    }

    /// Every application of a prefecture, as it stands in this transaction.
    pub async fn applications_of(&self, prefecture: PrefCode) -> Result<Vec<ApplicationRow>, StoreError> {
        rows(self.rows().all(&format!("{COLUMNS} WHERE a.pref_code = $1"), vec![prefecture.to_string().into()]).await?)
    }

    /// Writes applications, new or changed, with everything they say.
    pub async fn put_applications(&self, applications: &[ApplicationRow]) -> Result<(), StoreError> {
        let row = |a: &ApplicationRow| -> Result<Vec<Value>, StoreError> {
            Ok(vec![
                a.id.0.into(),
                a.prefecture.to_string().into(),
                a.applicant.as_str().into(),
                name_key(a).into(),
                serde_json::to_string(&a.form).map_err(StoreError::corrupt)?.into(),
                a.state.as_str().into(),
                a.revision.into(),
                a.bundle.map(|b| b.0).into(),
                a.reason.clone().into(),
                a.issue_from.into(),
                a.submitted_at.into(),
                a.decided_at.into(),
                a.noticed_at.into(),
                a.issued_at.into(),
                a.activated_at.into(),
                a.hospital.map(|h| h.0).into(),
                a.organisation.map(|o| o.0).into(),
                a.hand_over.map(|(to, _)| to.0).into(),
                a.hand_over.map(|(_, on)| on).into(),
                a.created_at.into(),
                a.updated_at.into(),
            ])
        };
        let rows = applications.iter().map(row).collect::<Result<_, _>>()?;
        let set = PUT.iter().map(|(name, _)| *name).filter(|n| !matches!(*n, "id" | "pref_code" | "created_at"));
        let set = set.map(|name| format!("{name} = excluded.{name}")).collect::<Vec<_>>().join(", ");
        self.insert_rows("application", &PUT, rows, &format!("ON CONFLICT (id) DO UPDATE SET {set}")).await
    }

    /// Appends steps. Their numbers follow what each application has.
    pub async fn add_steps(&self, steps: &[(ApplicationId, PrefCode, StepRow)]) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Last {
            application_id: Uuid,
            n: i32,
        }
        let mut next: BTreeMap<Uuid, i32> = BTreeMap::new();
        for some in steps.chunks(1000) {
            let sql = format!(
                "SELECT application_id, CAST(MAX(sequence) AS INTEGER) AS n FROM application_step WHERE application_id IN ({}) \
                 GROUP BY application_id",
                places(1, some.len())
            );
            let last: Vec<Last> = self.rows().all(&sql, some.iter().map(|(id, ..)| id.0.into()).collect()).await?;
            next.extend(last.into_iter().map(|l| (l.application_id, l.n)));
        }
        let row = |(id, prefecture, step): &(ApplicationId, PrefCode, StepRow)| {
            let n = next.entry(id.0).or_insert(0);
            *n += 1;
            vec![
                id.0.into(),
                (*n).into(),
                prefecture.to_string().into(),
                step.at.into(),
                step.action.as_str().into(),
                step.state.as_str().into(),
                step.role.as_str().into(),
                step.who.as_str().into(),
                step.words.clone().into(),
            ]
        };
        let rows = steps.iter().map(row).collect();
        self.insert_rows("application_step", &STEP, rows, "").await
    }

    /// Sets the link by which an applicant fills in its own row; an earlier one ends.
    pub async fn set_application_link(&self, id: ApplicationId, hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE application SET link_hash = $2, link_expires_at = $3 WHERE id = $1";
        self.execute(sql, vec![id.0.into(), hash.to_vec().into(), expires_at.into()]).await?;
        Ok(())
    }

    /// Notes a bundle; gives its number.
    pub async fn add_bundle(&self, id: BundleId, prefecture: PrefCode, rows: usize, by: &str, agreed: bool) -> Result<i32, StoreError> {
        let sql = "SELECT COUNT(*) + 1 AS n FROM bundle WHERE pref_code = $1";
        let next: Option<Count> = self.rows().one(sql, vec![prefecture.to_string().into()]).await?;
        let number = i32::try_from(next.map_or(1, |n| n.n)).map_err(StoreError::corrupt)?;
        let sql = "INSERT INTO bundle (id, pref_code, number, row_count, submitted_at, submitted_by, agreed) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            id.0.into(),
            prefecture.to_string().into(),
            number.into(),
            i32::try_from(rows).map_err(StoreError::corrupt)?.into(),
            self.now().into(),
            by.into(),
            agreed.into(),
        ];
        self.execute(sql, values).await?;
        Ok(number)
    }

    /// Notes the agreement of a prefecture's fire department, or takes it back.
    pub async fn set_agreement(&self, prefecture: PrefCode, agreement: Option<(&str, &str)>) -> Result<(), StoreError> {
        let (by, note) = agreement.unwrap_or_default();
        let at = if agreement.is_some() { self.now() } else { DateTime::UNIX_EPOCH };
        let sql = "INSERT INTO bundle_agreement (pref_code, agreed_at, agreed_by, note) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (pref_code) DO UPDATE SET agreed_at = excluded.agreed_at, agreed_by = excluded.agreed_by, note = excluded.note";
        self.execute(sql, vec![prefecture.to_string().into(), at.into(), by.into(), note.into()]).await?;
        Ok(())
    }

    /// Adds a window.
    pub async fn add_window(&self, id: Uuid, window: &Window) -> Result<(), StoreError> {
        let sql = "INSERT INTO application_window (id, opens_on, closes_on, issue_from, created_at) VALUES ($1, $2, $3, $4, $5)";
        let values = vec![id.into(), window.opens_on.into(), window.closes_on.into(), window.issue_from.into(), self.now().into()];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Removes a window. False if there is none such.
    pub async fn remove_window(&self, window: &Window) -> Result<bool, StoreError> {
        let sql = "DELETE FROM application_window WHERE opens_on = $1 AND closes_on = $2 AND issue_from = $3";
        Ok(self.execute(sql, vec![window.opens_on.into(), window.closes_on.into(), window.issue_from.into()]).await? > 0)
    }

    /// Sets a figure of the office.
    pub async fn set_office(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO office_setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.execute(sql, vec![name.into(), value.into()]).await?;
        Ok(())
    }
}

const fn plain(name: &'static str) -> (&'static str, Column) {
    (name, Column::Plain)
}

const PUT: [(&str, Column); 21] = [
    plain("id"),
    plain("pref_code"),
    plain("applicant"),
    plain("name_key"),
    ("form", Column::Json),
    plain("state"),
    plain("revision"),
    plain("bundle_id"),
    plain("reason"),
    plain("issue_from"),
    plain("submitted_at"),
    plain("decided_at"),
    plain("noticed_at"),
    plain("issued_at"),
    plain("activated_at"),
    plain("hospital_id"),
    plain("organisation_id"),
    plain("successor_id"),
    plain("hand_over_on"),
    plain("created_at"),
    plain("updated_at"),
];
const STEP: [(&str, Column); 9] = [
    plain("application_id"),
    plain("sequence"),
    plain("pref_code"),
    plain("at"),
    plain("action"),
    plain("state"),
    plain("role"),
    plain("who"),
    plain("words"),
];
