//! Applications for IDs: what the prefecture gathers and submits, what the office decides（memo §1, §3, §4）. Each use case is one
//! transaction, all or nothing; what follows by itself (mails, windows, IDs) is the [`worker`]'s.

mod entrance;
mod findings;
mod gather;
mod hand_over;
mod hospital;
mod invitation;
mod issue;
mod office;
mod text;
pub mod worker;

pub use entrance::{ApplyError, HospitalLink, HospitalWish};
pub use gather::{BundleReceipt, CheckedRow, RowChange, SaveError, SheetCheck, SheetSaved};
pub use hand_over::HandOverPart;
pub use hospital::{Chosen, HospitalChoice, HospitalOption, Match};
pub use office::{Decision, OfficeChange, Outcome};

pub(crate) use findings::Judged;
use findings::{Known, Others, values};

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Applicant, Estimate, Form, FormFinding, Road, Role, State, StepError, Weight, estimate},
    audit::{Category, Entry},
    id::{ApplicationId, PrefCode},
    organisation::OrganisationKind,
    time::{from_jst, jst_day},
};
use akidoko_store::WriteTx;
pub use akidoko_store::{AgreementRow, ApplicationRow, BundleRow, MailRow, StepRow};
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// An application as a screen shows it.
#[derive(Debug, Clone)]
pub struct ApplicationView {
    /// What stands.
    pub row: ApplicationRow,
    /// What is wrong or doubtful with it.
    pub findings: Vec<FormFinding>,
    /// Its place in the queue, while it waits to be decided. The same on every side's screen.
    pub estimate: Option<Estimate>,
    /// Its last mail.
    pub mail: Option<MailRow>,
    /// Until when its decision can be undone.
    pub undo_until: Option<DateTime<Utc>>,
}

impl ApplicationView {
    /// Nothing is missing and nothing hard is wrong: it can be submitted.
    pub fn is_complete(&self) -> bool {
        self.findings.iter().all(|f| f.problem.weight() == Weight::Soft)
    }
}

/// All that a list shows.
#[derive(Debug, Clone, Default)]
pub struct ApplicationList {
    /// The applications, by prefecture and as they were begun.
    pub rows: Vec<ApplicationView>,
    /// What was submitted, the last first.
    pub bundles: Vec<BundleRow>,
    /// 消防防災主管部局 has agreed, if the list is one prefecture's.
    pub agreement: Option<AgreementRow>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// No such application, as far as this actor can know.
    #[error("no such application")]
    NotFound,
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// Not from where it stands.
    #[error("not from this state")]
    NotFromHere,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// A return or a rejection says why.
    #[error("no reason")]
    ReasonMissing,
    /// What was written is too long.
    #[error("too long")]
    TooLong,
    /// Nothing was chosen.
    #[error("nothing chosen")]
    Nothing,
    /// Not a day on which this can be.
    #[error("not such a day")]
    Day,
    /// The five minutes are over, or the mail has left.
    #[error("too late to undo")]
    TooLate,
    /// Somebody can sign in with this ID already: there is no second first operator.
    #[error("in use")]
    InUse,
    /// Another application is for the same hospital, or organisation.
    #[error("taken")]
    Taken,
    /// The register has a hospital of this code.
    #[error("in the register")]
    Registered,
    /// What is written cannot be taken.
    #[error("findings")]
    Findings(Vec<FormFinding>),
    /// Doubtful, and not confirmed.
    #[error("to be confirmed")]
    Confirm(Vec<FormFinding>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StepError> for ApplicationError {
    fn from(e: StepError) -> Self {
        match e {
            StepError::NotYours => Self::Forbidden,
            StepError::NotFromHere => Self::NotFromHere,
        }
    }
}

/// The longest comment or reason, in characters.
pub const WORDS_MAX: usize = 1000;

/// The office's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Office {
    /// So many applications are decided a working day.
    pub daily_capacity: u32,
    /// A notice counts as delivered after so many working days without a bounce.
    pub delivered_after_days: u32,
}

impl Default for Office {
    fn default() -> Self {
        Self { daily_capacity: 150, delivered_after_days: 2 }
    }
}

impl Office {
    fn read(settings: &BTreeMap<String, String>) -> Self {
        let number = |name: &str, default| settings.get(name).and_then(|v| v.parse().ok()).filter(|n| *n > 0).unwrap_or(default);
        let default = Self::default();
        Self {
            daily_capacity: number("daily_capacity", default.daily_capacity),
            delivered_after_days: number("delivered_after_days", default.delivered_after_days),
        }
    }
}

/// The queue at one moment: who stands at which place, and what that means.
struct Queue {
    places: HashMap<ApplicationId, u32>,
    office: Office,
    done_today: u32,
}

/// Whose business is it? Of hospitals the prefecture's health department and the office, of invitations the office alone.
fn sees(kind: OrganisationKind, row: &ApplicationRow) -> bool {
    match row.applicant.road() {
        Road::Bundle => true,
        Road::Hospital => may(kind, May::KeepApplications) || may(kind, May::DecideApplications),
        Road::Invitation => may(kind, May::DecideApplications),
    }
}

impl Service {
    fn may_see_applications(actor: &Actor) -> Result<(), ApplicationError> {
        if may(actor.kind, May::ReadApplications) { Ok(()) } else { Err(ApplicationError::Forbidden) }
    }

    fn role(actor: &Actor) -> Role {
        Role::of(actor.kind)
    }

    fn known(reference: &akidoko_store::Reference, prefecture: PrefCode) -> Known<'_> {
        let name = reference.prefectures.get(&prefecture).map_or("", String::as_str);
        let named = reference.municipalities.iter();
        Known { name, prefecture, municipalities: named.map(|(code, m)| (code.clone(), m.full_name.clone())).collect() }
    }

    async fn queue(&self) -> Result<Queue, StoreError> {
        let office = self.office().await?;
        let places = self.store.queue_unscoped().await?.into_iter().zip(1..).collect();
        let midnight = from_jst(jst_day(self.clock.now()).and_time(NaiveTime::MIN));
        let done_today = self.store.decided_since_unscoped(midnight).await?;
        Ok(Queue { places, office, done_today })
    }

    /// The office's figures.
    pub async fn office(&self) -> Result<Office, StoreError> {
        Ok(Office::read(&self.store.office_settings().await?))
    }

    fn view(&self, row: ApplicationRow, findings: Vec<FormFinding>, mail: Option<MailRow>, queue: &Queue) -> ApplicationView {
        let now = self.clock.now();
        let reference = self.live.reference();
        let place = queue.places.get(&row.id).copied();
        let estimate = place.map(|place| estimate(place, queue.office.daily_capacity, queue.done_today, jst_day(now), &reference.holidays));
        let can_undo = matches!(row.state, State::Approved | State::Returned | State::Rejected);
        let undo_until = row.decided_at.filter(|_| can_undo).map(|at| at + self.post.undo).filter(|until| *until > now);
        ApplicationView { row, findings, estimate, mail, undo_until }
    }

    /// Every application that the actor may see.
    pub async fn applications(&self, actor: &Actor) -> Result<ApplicationList, ApplicationError> {
        Self::may_see_applications(actor)?;
        let queue = self.queue().await?;
        let reader = self.store.read(&actor.scope).await?;
        let rows = reader.applications().await?.into_iter().filter(|r| sees(actor.kind, r));
        let mut last: HashMap<ApplicationId, MailRow> = HashMap::new();
        for mail in reader.last_mails().await? {
            if let Some(id) = mail.application {
                last.insert(id, mail);
            }
        }
        let bundles = reader.bundles().await?;
        let agreement = match actor.prefecture {
            Some(p) => reader.agreement(p).await?.filter(|a| !a.agreed_by.is_empty()),
            None => None,
        };
        let mut by_prefecture: BTreeMap<PrefCode, Vec<ApplicationRow>> = BTreeMap::new();
        for row in rows {
            by_prefecture.entry(row.prefecture).or_default().push(row);
        }
        let reference = self.live.reference();
        let mut judged = self.judged.of(&reference);
        let mut views = Vec::new();
        let mut known = Self::known(&reference, PrefCode::new(1).expect("a code"));
        for (prefecture, rows) in by_prefecture {
            known.prefecture = prefecture;
            known.name = reference.prefectures.get(&prefecture).map_or("", String::as_str);
            let others = Others::of(&rows);
            for row in &rows {
                // What is decided is not judged again.
                let open = row.state.is_editable() || row.state.is_undecided() || row.state == State::WaitingWindow;
                let mut findings = Vec::new();
                if open {
                    findings = judged.findings(&known, row);
                    findings.extend(others.findings(&row.form, Some(row.id)));
                }
                views.push(self.view(row.clone(), findings, last.remove(&row.id), &queue));
            }
        }
        Ok(ApplicationList { rows: views, bundles, agreement })
    }

    /// One of them, with its steps and its mails.
    pub async fn application(
        &self,
        actor: &Actor,
        id: ApplicationId,
    ) -> Result<(ApplicationView, Vec<StepRow>, Vec<MailRow>), ApplicationError> {
        Self::may_see_applications(actor)?;
        let queue = self.queue().await?;
        let reader = self.store.read(&actor.scope).await?;
        let row = reader.application(id).await?.filter(|r| sees(actor.kind, r)).ok_or(ApplicationError::NotFound)?;
        let steps = reader.application_steps(id).await?;
        let mails = reader.mails(Some(id)).await?;
        let beside = |o: &ApplicationRow| o.prefecture == row.prefecture && sees(actor.kind, o);
        let others: Vec<ApplicationRow> = reader.applications().await?.into_iter().filter(beside).collect();
        let mut findings = Self::known(&self.live.reference(), row.prefecture).findings(&row.form);
        findings.extend(Others::of(&others).findings(&row.form, Some(row.id)));
        Ok((self.view(row, findings, mails.first().cloned(), &queue), steps, mails))
    }

    /// Writes on a row: a comment, or an answer of the individual consultation.
    pub async fn comment_application(&self, actor: &Actor, id: ApplicationId, words: &str) -> Result<(), ApplicationError> {
        if !may(actor.kind, May::HelpApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let words = words_of(Some(words))?.ok_or(ApplicationError::Nothing)?;
        let row = self.store.read(&actor.scope).await?.application(id).await?.filter(|r| sees(actor.kind, r));
        let row = row.ok_or(ApplicationError::NotFound)?;
        let mut tx = self.store.write_behind_wall(&[row.prefecture].into(), self.clock.now()).await?;
        let step = StepRow {
            at: tx.now(),
            action: "comment".to_owned(),
            state: row.state,
            role: Self::role(actor).as_str().to_owned(),
            who: who(actor),
            words: Some(words),
        };
        tx.add_steps(&[(id, row.prefecture, step)]).await?;
        log(&mut tx, actor, "comment", &[&row]);
        tx.commit().await?;
        Ok(())
    }
}

/// What somebody wrote; `None` where nothing.
fn words_of(words: Option<&str>) -> Result<Option<String>, ApplicationError> {
    let words = words.map(str::trim).filter(|w| !w.is_empty());
    match words {
        Some(w) if w.chars().count() > WORDS_MAX || w.chars().any(|c| c.is_control() && c != '\n' && c != '\r') => {
            Err(ApplicationError::TooLong)
        }
        other => Ok(other.map(str::to_owned)),
    }
}

/// How a person stands in the history of a row.
fn who(actor: &Actor) -> String {
    format!("{} {}", actor.organisation_name, actor.operator_name)
}

/// An entry of the log for what was done to some applications: one for each prefecture.
fn log(tx: &mut WriteTx, actor: &Actor, action: &str, rows: &[&ApplicationRow]) {
    let mut by: BTreeMap<PrefCode, Vec<&ApplicationRow>> = BTreeMap::new();
    for row in rows {
        by.entry(row.prefecture).or_default().push(row);
    }
    for (prefecture, rows) in by {
        let detail = json!({ "applications": rows.iter().map(|r| json!({ "id": r.id, "name": r.form.name, "state": r.state.as_str() })).collect::<Vec<_>>() });
        let mut entry = Entry::by(actor, tx.now(), Category::Admin, format!("application {action}"), detail);
        entry.prefecture = Some(prefecture);
        tx.log(entry);
    }
}

/// Does the program let an applicant of this kind be decided without a consultation?
fn needs_consultation(form: &Form) -> bool {
    form.applicant() == Applicant::Other
}
