//! What the prefecture does: fill in, take sheets, give links, submit.

use super::{ApplicationError, Known, Others, log, needs_consultation, who, words_of};
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::{Action as May, Actor, may},
    application::{Action, Column, Form, FormFinding, FormProblem, Road, Role, State, Weight, arrival, next, read_form},
    audit::{Category, Entry},
    id::{ApplicationId, BundleId, PrefCode},
    time::jst_day,
};
use akidoko_store::{ApplicationRow, StepRow, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// A link by which a headquarters fills in its own row stands for so long.
const LINK_LIFE: TimeDelta = TimeDelta::days(30);

/// What a row of a sheet would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChange {
    /// A headquarters that did not stand.
    New,
    /// One that stood, and says something else now.
    Changed,
    /// The same as it stood.
    Same,
    /// It is on its way and is not changed by a sheet any more.
    Locked(State),
}

/// A row of a sheet, checked.
#[derive(Debug, Clone)]
pub struct CheckedRow {
    /// Its number in the file.
    pub number: u32,
    /// As it was written, to be mended in place.
    pub raw: BTreeMap<Column, String>,
    /// As it was understood.
    pub form: Form,
    /// What is wrong or doubtful.
    pub findings: Vec<FormFinding>,
    /// What it would do.
    pub change: RowChange,
}

/// A sheet, checked: nothing is saved.
#[derive(Debug, Clone)]
pub struct SheetCheck {
    /// Its rows.
    pub rows: Vec<CheckedRow>,
}

impl SheetCheck {
    /// Rows that must be mended before anything is saved.
    pub fn hard(&self) -> usize {
        self.rows.iter().filter(|r| r.findings.iter().any(|f| f.problem.weight() == Weight::Hard)).count()
    }
}

/// What a sheet did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SheetSaved {
    /// New rows.
    pub added: usize,
    /// Rows that were changed.
    pub changed: usize,
    /// Rows that stood as they are, or are not changed any more.
    pub kept: usize,
}

/// Why a sheet was not saved: all of it, or nothing.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Rows must be mended.
    #[error("rows must be mended")]
    Rows(SheetCheck),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] ApplicationError),
}

impl From<StoreError> for SaveError {
    fn from(e: StoreError) -> Self {
        Self::Other(e.into())
    }
}

/// A submitted bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReceipt {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its number, counted per prefecture.
    pub number: i32,
    /// When.
    pub submitted_at: DateTime<Utc>,
    /// So many went to the office.
    pub submitted: usize,
    /// So many wait for the next window.
    pub waiting: usize,
    /// So many go to an individual consultation.
    pub consulting: usize,
}

pub(super) fn own(actor: &Actor) -> Result<PrefCode, ApplicationError> {
    actor.prefecture.ok_or(ApplicationError::Forbidden)
}

pub(super) fn blank(id: ApplicationId, prefecture: PrefCode, form: Form, now: DateTime<Utc>) -> ApplicationRow {
    ApplicationRow {
        id,
        prefecture,
        applicant: form.applicant(),
        form,
        state: State::Draft,
        revision: 1,
        bundle: None,
        reason: None,
        issue_from: None,
        submitted_at: None,
        decided_at: None,
        noticed_at: None,
        issued_at: None,
        activated_at: None,
        hospital: None,
        organisation: None,
        code: None,
        hand_over: None,
        created_at: now,
        updated_at: now,
    }
}

/// A headquarters' row, of which the prefecture writes, or lets be written, what it submits.
fn is_gathered(row: &ApplicationRow) -> bool {
    row.applicant.road() == Road::Bundle
}

/// Takes a step with a row.
pub(super) fn step(row: &mut ApplicationRow, action: Action, role: Role, now: DateTime<Utc>) -> Result<(), ApplicationError> {
    row.state = next(row.applicant.road(), row.state, action, role)?;
    row.revision += 1;
    row.updated_at = now;
    Ok(())
}

/// How it stands in the row's history.
pub(super) fn said(row: &ApplicationRow, action: Action, role: Role, who: &str, words: Option<&str>) -> (ApplicationId, PrefCode, StepRow) {
    let step = StepRow {
        at: row.updated_at,
        action: action.as_str().to_owned(),
        state: row.state,
        role: role.as_str().to_owned(),
        who: who.to_owned(),
        words: words.map(str::to_owned),
    };
    (row.id, row.prefecture, step)
}

impl Service {
    fn check_rows(
        &self,
        prefecture: PrefCode,
        rows: &[(u32, BTreeMap<Column, String>)],
        stand: &[ApplicationRow],
        role: Role,
    ) -> SheetCheck {
        let reference = self.live.reference();
        let known = Self::known(&reference, prefecture);
        let of_sheet = |a: &&ApplicationRow| !a.state.is_over() && is_gathered(a);
        let by_key: HashMap<String, &ApplicationRow> = stand.iter().filter(of_sheet).map(|a| (a.form.key(), a)).collect();
        let others = Others::of(stand.iter().filter(|a| is_gathered(a)));
        let mut seen: HashMap<String, u32> = HashMap::new();
        let mut mails: HashMap<String, String> = HashMap::new();
        let check = |(number, raw): &(u32, BTreeMap<Column, String>)| {
            let (form, mut findings) = read_form(raw, &known.context(Road::Bundle));
            let key = form.key();
            if !key.is_empty() {
                if let Some(first) = seen.get(&key) {
                    findings.push(FormFinding { column: Column::Name, problem: FormProblem::Doubled { row: *first } });
                } else {
                    seen.insert(key.clone(), *number);
                }
            }
            let before = by_key.get(&key).copied();
            let mail = form.email.to_ascii_lowercase();
            if !mail.is_empty()
                && let Some(other) = mails.insert(mail, form.name.clone()).filter(|o| *o != form.name)
            {
                findings.push(FormFinding { column: Column::Email, problem: FormProblem::SharedMail { other } });
            }
            findings.extend(others.findings(&form, before.map(|b| b.id)).into_iter().filter(|f| f.problem != FormProblem::HasId));
            let change = match before {
                None => RowChange::New,
                Some(b) if b.form == form => RowChange::Same,
                Some(b) if b.state == State::Bounced || next(Road::Bundle, b.state, Action::Edit, role).is_ok() => RowChange::Changed,
                Some(b) => RowChange::Locked(b.state),
            };
            CheckedRow { number: *number, raw: raw.clone(), form, findings, change }
        };
        SheetCheck { rows: rows.iter().map(check).collect() }
    }

    /// Checks the rows of a sheet against each other and against what stands. Nothing is saved.
    pub async fn check_sheet(&self, actor: &Actor, rows: &[(u32, BTreeMap<Column, String>)]) -> Result<SheetCheck, ApplicationError> {
        if !may(actor.kind, May::HelpApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let prefecture = own(actor)?;
        let stand = self.store.read(&actor.scope).await?.applications().await?;
        Ok(self.check_rows(prefecture, rows, &stand, Self::role(actor)))
    }

    /// Saves a sheet: all rows, or none where one must be mended. A headquarters that stands is updated, never doubled.
    pub async fn save_sheet(&self, actor: &Actor, rows: &[(u32, BTreeMap<Column, String>)]) -> Result<SheetSaved, SaveError> {
        if !may(actor.kind, May::HelpApplications) {
            return Err(ApplicationError::Forbidden.into());
        }
        let prefecture = own(actor)?;
        let role = Self::role(actor);
        let mut tx = self.store.write_behind_wall(&[prefecture].into(), self.clock.now()).await?;
        let stand = tx.applications_of(prefecture).await?;
        let check = self.check_rows(prefecture, rows, &stand, role);
        if check.hard() > 0 {
            return Err(SaveError::Rows(check));
        }
        let mut saved = SheetSaved::default();
        // Of the same moment the greater id is the later one: the queue keeps the order of the sheet.
        let mut ids: Vec<_> = check.rows.iter().map(|_| chance::uuid(tx.now())).collect();
        ids.sort_by(|a, b| b.cmp(a));
        let (mut put, mut steps) = (Vec::new(), Vec::new());
        for row in check.rows {
            match row.change {
                RowChange::New => {
                    let id = ids.pop().unwrap_or_else(|| chance::uuid(tx.now()));
                    let application = blank(ApplicationId(id), prefecture, row.form, tx.now());
                    steps.push(said(&application, Action::Edit, role, &who(actor), None));
                    put.push(application);
                    saved.added += 1;
                }
                RowChange::Changed => {
                    let key = row.form.key();
                    let Some(before) = stand.iter().find(|a| !a.state.is_over() && is_gathered(a) && a.form.key() == key) else { continue };
                    let (application, action) = Self::edited(&tx, before, row.form, role)?;
                    self.renotify(&tx, &application, action).await?;
                    steps.push(said(&application, action, role, &who(actor), None));
                    put.push(application);
                    saved.changed += 1;
                }
                RowChange::Same | RowChange::Locked(_) => saved.kept += 1,
            }
        }
        tx.put_applications(&put).await?;
        tx.add_steps(&steps).await?;
        log(&mut tx, actor, "sheet", &put.iter().collect::<Vec<_>>());
        tx.commit().await?;
        Ok(saved)
    }

    /// The transaction in which one form is saved. Of an ID that was issued the links of sign-in change too: the system role's tables.
    async fn write_for_form(&self, prefecture: PrefCode, id: Option<ApplicationId>) -> Result<WriteTx, StoreError> {
        let now = self.clock.now();
        let stands = match id {
            Some(id) => self.store.application_unscoped(id).await?.filter(|a| a.prefecture == prefecture),
            None => None,
        };
        if stands.is_none_or(|a| a.state != State::Issued) {
            return self.store.write_behind_wall(&[prefecture].into(), now).await;
        }
        let mut tx = self.store.write_system(now).await?;
        tx.lock().await?;
        Ok(tx)
    }

    /// The row as it stands after an edit: where its mail bounced, a corrected address sends the notice anew.
    fn edited(tx: &WriteTx, before: &ApplicationRow, form: Form, role: Role) -> Result<(ApplicationRow, Action), ApplicationError> {
        let mut row = before.clone();
        let corrects = matches!(row.state, State::Bounced | State::Issued);
        let action = if corrects { Action::CorrectAddress } else { Action::Edit };
        step(&mut row, action, role, tx.now())?;
        row.applicant = form.applicant();
        row.form = form;
        Ok((row, action))
    }

    /// Saves one headquarters, new or as it stands. `revision`: the one that the writer saw.
    pub async fn save_application(
        &self,
        actor: &Actor,
        id: Option<(ApplicationId, i32)>,
        raw: &BTreeMap<Column, String>,
    ) -> Result<ApplicationId, ApplicationError> {
        if !may(actor.kind, May::HelpApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let prefecture = own(actor)?;
        self.save_one(prefecture, id, raw, Self::role(actor), &who(actor), Some(actor)).await
    }

    async fn save_one(
        &self,
        prefecture: PrefCode,
        id: Option<(ApplicationId, i32)>,
        raw: &BTreeMap<Column, String>,
        role: Role,
        by: &str,
        actor: Option<&Actor>,
    ) -> Result<ApplicationId, ApplicationError> {
        let reference = self.live.reference();
        let known: Known<'_> = Self::known(&reference, prefecture);
        let (form, findings) = read_form(raw, &known.context(Road::Bundle));
        let mut tx = self.write_for_form(prefecture, id.map(|(id, _)| id)).await?;
        let stand = tx.applications_of(prefecture).await?;
        let before = match id {
            Some((id, revision)) => {
                let before = stand.iter().find(|a| a.id == id).ok_or(ApplicationError::NotFound)?;
                if !is_gathered(before) {
                    return Err(ApplicationError::NotFromHere);
                }
                if before.revision != revision {
                    return Err(ApplicationError::Stale);
                }
                Some(before)
            }
            None => None,
        };
        let mut hard: Vec<FormFinding> = findings
            .into_iter()
            .filter(|f| f.problem.weight() == Weight::Hard || (f.column, &f.problem) == (Column::Name, &FormProblem::Missing))
            .collect();
        if stand.iter().any(|a| !a.state.is_over() && before.map(|b| b.id) != Some(a.id) && a.form.key() == form.key()) {
            hard.push(FormFinding { column: Column::Name, problem: FormProblem::HasId });
        }
        // A yes is for the headquarters that it was said of.
        if before.is_some_and(|b| b.state.is_approved() && b.form.key() != form.key()) {
            hard.push(FormFinding { column: Column::Name, problem: FormProblem::Decided });
        }
        if !hard.is_empty() {
            return Err(ApplicationError::Findings(hard));
        }
        let (row, action) = match before {
            Some(before) => Self::edited(&tx, before, form, role)?,
            None => (blank(ApplicationId(chance::uuid(tx.now())), prefecture, form, tx.now()), Action::Edit),
        };
        self.renotify(&tx, &row, action).await?;
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&[said(&row, action, role, by, None)]).await?;
        if let Some(actor) = actor {
            log(&mut tx, actor, action.as_str(), &[&row]);
        } else {
            let detail = json!({ "id": row.id, "name": row.form.name });
            let mut entry = Entry::by_system(tx.now(), Category::Admin, "application edit by link", detail);
            entry.prefecture = Some(prefecture);
            tx.log(entry);
        }
        tx.commit().await?;
        Ok(row.id)
    }

    /// A link by which the headquarters fills in its own row. It is shown once; an earlier one ends.
    pub async fn application_link(&self, actor: &Actor, id: ApplicationId) -> Result<String, ApplicationError> {
        if !may(actor.kind, May::KeepApplications) {
            return Err(ApplicationError::Forbidden);
        }
        let row = self.store.read(&actor.scope).await?.application(id).await?.ok_or(ApplicationError::NotFound)?;
        next(row.applicant.road(), row.state, Action::Edit, Role::Applicant)?;
        let token = chance::token();
        let mut tx = self.store.write_behind_wall(&[row.prefecture].into(), self.clock.now()).await?;
        tx.set_application_link(id, &chance::token_hash(&token), tx.now() + LINK_LIFE).await?;
        log(&mut tx, actor, "link", &[&row]);
        tx.commit().await?;
        Ok(token)
    }

    /// The row of such a link. `None`: guessed, expired or ended; nothing says which.
    pub async fn application_of_link(&self, token: &str) -> Result<Option<(ApplicationRow, Vec<FormFinding>)>, StoreError> {
        let row = self.store.application_of_link_unscoped(&chance::token_hash(token), self.clock.now()).await?;
        let Some(row) = row.filter(|r| next(r.applicant.road(), r.state, Action::Edit, Role::Applicant).is_ok()) else { return Ok(None) };
        let findings = Self::known(&self.live.reference(), row.prefecture).findings(&row.form);
        Ok(Some((row, findings)))
    }

    /// Saves what a headquarters wrote by its link.
    pub async fn save_by_link(&self, token: &str, revision: i32, raw: &BTreeMap<Column, String>) -> Result<(), ApplicationError> {
        let (row, _) = self.application_of_link(token).await?.ok_or(ApplicationError::NotFound)?;
        let by = format!("{}（本部入力）", row.form.name);
        self.save_one(row.prefecture, Some((row.id, revision)), raw, Role::Applicant, &by, None).await?;
        Ok(())
    }

    /// 消防防災主管部局 agrees to what is to be submitted, or takes it back（memo: 「十分に協議」）.
    pub async fn agree(&self, actor: &Actor, agrees: bool, note: &str) -> Result<(), ApplicationError> {
        if Self::role(actor) != Role::PrefectureFire {
            return Err(ApplicationError::Forbidden);
        }
        let prefecture = own(actor)?;
        let note = words_of(Some(note))?.unwrap_or_default();
        let mut tx = self.store.write_behind_wall(&[prefecture].into(), self.clock.now()).await?;
        let by = who(actor);
        tx.set_agreement(prefecture, agrees.then_some((by.as_str(), note.as_str()))).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "application agreement", json!({ "agrees": agrees })));
        tx.commit().await?;
        Ok(())
    }

    /// Submits rows as one bundle, with one press. What is doubtful must have been confirmed; what is incomplete stops all of it.
    pub async fn submit_bundle(&self, actor: &Actor, ids: &[ApplicationId], confirmed: bool) -> Result<BundleReceipt, ApplicationError> {
        if !may(actor.kind, May::KeepApplications) {
            return Err(ApplicationError::Forbidden);
        }
        if ids.is_empty() {
            return Err(ApplicationError::Nothing);
        }
        let prefecture = own(actor)?;
        let role = Self::role(actor);
        let windows = self.store.windows().await?;
        let reference = self.live.reference();
        let known = Self::known(&reference, prefecture);
        let mut tx = self.store.write_behind_wall(&[prefecture].into(), self.clock.now()).await?;
        let now = tx.now();
        let stand = tx.applications_of(prefecture).await?;
        let others = Others::of(stand.iter().filter(|a| is_gathered(a)));
        let bundle = BundleId(chance::uuid(now));
        let mut receipt = BundleReceipt { prefecture, number: 0, submitted_at: now, submitted: 0, waiting: 0, consulting: 0 };
        let (mut put, mut steps, mut doubts) = (Vec::new(), Vec::new(), Vec::new());
        for id in ids {
            let mut row = stand.iter().find(|a| a.id == *id).ok_or(ApplicationError::NotFound)?.clone();
            if !is_gathered(&row) {
                return Err(ApplicationError::NotFromHere);
            }
            let mut findings = known.findings(&row.form);
            findings.extend(others.findings(&row.form, Some(row.id)));
            if findings.iter().any(|f| f.problem.weight() != Weight::Soft) {
                return Err(ApplicationError::Findings(findings));
            }
            // That it goes to a consultation is stated, not doubted.
            doubts.extend(findings.into_iter().filter(|f| f.problem != FormProblem::Consultation));
            if row.state != State::Bundled {
                step(&mut row, Action::Bundle, role, now)?;
            }
            let arrived = arrival(&windows, jst_day(now));
            let action = match arrived {
                _ if needs_consultation(&row.form) => Action::SubmitForConsultation,
                Ok(_) => Action::Submit,
                Err(_) => Action::SubmitEarly,
            };
            row.issue_from = arrived.unwrap_or_else(|next| next).map(|w| w.issue_from);
            step(&mut row, action, role, now)?;
            match row.state {
                State::Submitted => receipt.submitted += 1,
                State::WaitingWindow => receipt.waiting += 1,
                _ => receipt.consulting += 1,
            }
            row.bundle = Some(bundle);
            row.reason = None;
            row.submitted_at = Some(now);
            steps.push(said(&row, action, role, &who(actor), None));
            put.push(row);
        }
        if !doubts.is_empty() && !confirmed {
            return Err(ApplicationError::Confirm(doubts));
        }
        let agreed = self.store.read(&actor.scope).await?.agreement(prefecture).await?.is_some_and(|a| !a.agreed_by.is_empty());
        receipt.number = tx.add_bundle(bundle, prefecture, put.len(), &who(actor), agreed).await?;
        tx.put_applications(&put).await?;
        tx.add_steps(&steps).await?;
        // An agreement is to one bundle.
        tx.set_agreement(prefecture, None).await?;
        log(&mut tx, actor, "submit", &put.iter().collect::<Vec<_>>());
        tx.commit().await?;
        Ok(receipt)
    }
}
