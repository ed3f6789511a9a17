//! Corrections after the window（訂正の申請）: what the hospital typed is kept and checked, and changes nothing until its prefecture consents.

use crate::{
    Service, StoreError, chance,
    report::{RawReport, SubmitError},
};
use akidoko_domain::{
    access::{ActFor, Actor},
    audit::{Category, Entry},
    board::Card,
    id::{CorrectionId, HospitalId, OrganisationCode},
    report::{
        Author, BEHALF, Checked, Correction, CorrectionState, CorrectionWindow, Decided, Problem, REASON, REASON_MAX, Refusal,
        ReportVersion, Submission, WINDOW_MAX, check, consents, last_day, must_ask, reread, standing, window_days,
    },
    survey::{Answers, Survey},
    text,
    time::jst_day,
};
use akidoko_store::{HospitalDetail, WriteTx};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// As with a report.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// One waits for this day.
    #[error("one waits already")]
    Waiting(CorrectionId),
    /// The window is open: it is to be reported.
    #[error("the window is open")]
    Open,
}

/// What is done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// 同意する. The newest version of that day that the officer saw.
    Consent {
        /// That version.
        expected_version: u32,
    },
    /// 同意しない, and why.
    Decline {
        /// Why.
        words: String,
    },
    /// 取り下げる, by who asked.
    Withdraw,
}

/// Why a request stands as it stood.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// No such request, as far as this actor can know.
    #[error("no such request")]
    NotFound,
    /// Not for this actor.
    #[error("not yours to decide")]
    Forbidden,
    /// It is decided already.
    #[error("decided already")]
    Decided,
    /// A refusal says why.
    #[error("no reason")]
    WordsMissing,
    /// What it says cannot be kept.
    #[error("the words cannot be kept")]
    BadWords(Problem),
    /// The rules: the survey changed, or another version came first.
    #[error("refused")]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A request with what it is held against.
pub struct CorrectionView {
    /// The request.
    pub correction: Correction,
    /// The hospital.
    pub hospital: HospitalDetail,
    /// The survey of that day, as it is now.
    pub survey: Survey,
    /// What stands of that day: its versions, the newest first.
    pub versions: Vec<ReportVersion>,
    /// Its answers now; `None` where the day was never reported.
    pub stands: Option<Answers>,
    /// What the rules say of it today.
    pub refusal: Option<Refusal>,
    /// The actor may consent or decline.
    pub may_decide: bool,
    /// The actor may withdraw it.
    pub may_withdraw: bool,
}

/// The hospital's own; or an organisation's that entered it for the hospital（保健所など）.
fn acts(actor: &Actor, c: &Correction) -> bool {
    let asked = || {
        let organisation = c.author.sign_in.rsplit_once('-').map_or(c.author.sign_in.as_str(), |(code, _)| code);
        organisation == actor.organisation_code.as_str() && actor.scope.acts_for(c.hospital, c.prefecture)
    };
    actor.scope.sees(c.prefecture) && (matches!(&actor.scope.act_for, ActFor::Hospitals(own) if own.contains(&c.hospital)) || asked())
}

fn decides(actor: &Actor, c: &Correction) -> bool {
    consents(actor.kind) && actor.scope.sees(c.prefecture)
}

/// The names of all findings about words.
fn asked_of_words(survey: &Survey) -> Vec<String> {
    survey.items().map(|i| i.id.as_str()).chain([REASON, BEHALF]).map(|place| format!("patient:{place}")).collect()
}

/// What was typed, checked anew by the survey of today.
fn submission_of(c: &Correction, survey: &Survey, expected_version: Option<u32>) -> Submission {
    let (answers, unreadable) = reread(survey, c.kind, &c.answers);
    Submission {
        report_date: c.report_date,
        kind: c.kind,
        answers,
        unreadable,
        // Whoever decides reads the words: consent is the confirmation, also of what is asked about only since.
        confirmed: c.confirmed.iter().cloned().chain(asked_of_words(survey)).collect(),
        reason: Some(c.reason.clone()),
        expected_version,
        channel: c.author.channel,
        on_behalf: c.author.on_behalf,
        typed_at: None,
        behalf: c.author.behalf.clone(),
        source: c.author.source.clone(),
        as_of: None,
    }
}

impl Service {
    /// What the ministry set, by the day from which it holds, and how many days hold today.
    pub async fn correction_windows(&self) -> Result<(Vec<CorrectionWindow>, u32), StoreError> {
        let set = self.store.correction_windows().await?;
        let days = window_days(&set, jst_day(self.clock.now()));
        Ok((set, days))
    }

    /// Whether this actor must ask before the report of a day is taken. Today's never asks anything, not even the database.
    pub(crate) async fn window_closed(&self, actor: &Actor, date: NaiveDate) -> Result<Option<Refusal>, StoreError> {
        let today = jst_day(self.clock.now());
        if date >= today || consents(actor.kind) {
            return Ok(None);
        }
        let set = self.store.correction_windows().await?;
        let days = window_days(&set, today);
        Ok(must_ask(date, &set, today).then(|| Refusal::WindowClosed { days, until: last_day(date, days) }))
    }

    /// The same for a screen, of the last day of a period: until when, and how many days.
    pub async fn must_ask(&self, actor: &Actor, date: NaiveDate) -> Result<Option<(u32, NaiveDate)>, StoreError> {
        Ok(match self.window_closed(actor, date).await? {
            Some(Refusal::WindowClosed { days, until }) => Some((days, until)),
            _ => None,
        })
    }

    /// The request that waits for a survey's period, by its first day.
    pub async fn waiting_correction(
        &self,
        actor: &Actor,
        hospital: HospitalId,
        (asked, date): (&str, NaiveDate),
    ) -> Result<Option<CorrectionId>, StoreError> {
        let found = self.store.read(&actor.scope).await?.corrections_for(hospital, date..=date).await?;
        let waits = |c: &&Correction| c.state == CorrectionState::Waiting && c.survey == asked && (acts(actor, c) || decides(actor, c));
        Ok(found.iter().find(waits).map(|c| c.id))
    }

    /// Sets how many days hold from a day on, which is today or later: what was decided by the old number stays decided.
    pub async fn set_correction_window(&self, actor: &Actor, window: CorrectionWindow) -> Result<bool, StoreError> {
        let now = self.clock.now();
        if window.days > WINDOW_MAX || window.valid_from < jst_day(now) {
            return Ok(false);
        }
        let mut tx = self.store.write_system(now).await?;
        tx.set_correction_window(window, &actor.sign_in_name()).await?;
        let detail = json!({ "days": window.days, "valid_from": window.valid_from });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "correction window", detail));
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps a correction of a day, or of another survey's period, whose window is closed, for the prefecture to decide. Nothing that
    /// stands changes.
    pub async fn request_correction(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        (asked, date): (&str, NaiveDate),
        raw: RawReport,
    ) -> Result<CorrectionId, RequestError> {
        let row = self.row_behind_wall(actor, code).await.map_err(SubmitError::from)?.ok_or(SubmitError::NotFound)?;
        let h = &row.card;
        let (on_behalf, may_report) = Self::rights(actor, h);
        if !may_report {
            return Err(SubmitError::Forbidden.into());
        }
        // What the prefecture requires holds here too.
        let survey = self.survey_demanded(asked, date, h.prefecture).ok_or(SubmitError::NotFound)?;
        if self.window_closed(actor, survey.period(date).last).await.map_err(SubmitError::from)?.is_none() {
            return Err(RequestError::Open);
        }
        let submission = raw.read(&survey, date, on_behalf);
        if submission.reason.as_deref().is_none_or(|r| r.trim().is_empty()) {
            return Err(SubmitError::Refused(Refusal::ReasonMissing).into());
        }
        self.keep_request(actor, h, &survey, submission).await
    }

    async fn keep_request(&self, actor: &Actor, h: &Card, survey: &Survey, submission: Submission) -> Result<CorrectionId, RequestError> {
        let (date, code) = (submission.report_date, &h.code);
        let store = |error: StoreError| RequestError::from(SubmitError::from(error));
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([h.prefecture]), self.clock.now()).await.map_err(store)?;
        let known = tx.known(h.id, &survey.code, date, h.beds_total).await.map_err(store)?;
        let author = Self::author(actor, &submission, tx.now());
        let checked = check(survey, &known, &submission, author, tx.now()).map_err(SubmitError::Refused)?;
        if let Some(waiting) = tx.waiting_correction(h.id, &survey.code, date).await.map_err(store)? {
            return Err(RequestError::Waiting(waiting.id));
        }
        // With why it is entered for the hospital, which the rules have put there: consent judges it again.
        let author = Author { version: 0, ..checked.author };
        let correction = Correction {
            id: CorrectionId(chance::uuid(tx.now())),
            hospital: h.id,
            prefecture: h.prefecture,
            survey: survey.code.clone(),
            survey_version: survey.version,
            report_date: date,
            kind: submission.kind,
            answers: checked.answers,
            confirmed: checked.confirmed.into_iter().collect(),
            reason: checked.reason.unwrap_or_default(),
            author,
            account: Some(actor.account),
            requested_at: tx.now(),
            state: CorrectionState::Waiting,
            decided: None,
            words: None,
            version: None,
        };
        tx.add_correction(&correction).await.map_err(store)?;
        self.write_of_correction(&tx, &correction, &h.name).await.map_err(store)?;
        log(&mut tx, actor, &correction, code, "requested");
        tx.commit().await.map_err(store)?;
        Ok(correction.id)
    }

    /// The requests that an actor has to do with, with the hospital's name: a prefecture's, or those of one's own hospitals. `None`: not
    /// for this kind of organisation.
    pub async fn corrections(&self, actor: &Actor) -> Result<Option<Vec<(Correction, String)>>, StoreError> {
        const MOST: u32 = 200;
        let own = match &actor.scope.act_for {
            ActFor::Hospitals(own) => Some(own),
            ActFor::Prefecture(_) => None,
            ActFor::Nobody => return Ok(None),
        };
        // Who enters for hospitals and decides nothing sees what they asked themselves.
        let asked_by = (own.is_none() && !consents(actor.kind)).then_some(&actor.organisation_code);
        let mut found = self.store.read(&actor.scope).await?.corrections(own, asked_by, MOST).await?;
        found.retain(|c| acts(actor, c) || decides(actor, c));
        let name = |c: &Correction| {
            let board = self.live.board(c.prefecture)?;
            Some(board.rows.get(&c.hospital)?.card.name.clone())
        };
        Ok(Some(
            found
                .into_iter()
                .map(|c| {
                    let name = name(&c).unwrap_or_default();
                    (c, name)
                })
                .collect(),
        ))
    }

    /// One request. `None`: there is none, as far as this actor can know.
    pub async fn correction(&self, actor: &Actor, id: CorrectionId) -> Result<Option<CorrectionView>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(correction) = reader.correction(id).await? else { return Ok(None) };
        if !acts(actor, &correction) && !decides(actor, &correction) {
            return Ok(None);
        }
        let Some(code) = self.code_of(&correction, correction.hospital) else { return Ok(None) };
        let Some(hospital) = reader.hospital(&code).await? else { return Ok(None) };
        let Some(survey) = self.catalogue().on(&correction.survey, correction.report_date).cloned() else { return Ok(None) };
        let date = correction.report_date;
        let versions = reader.report_versions(correction.hospital, &correction.survey, date..=date, 1000).await?;
        let stands = (!versions.is_empty()).then(|| standing(&versions));
        let waits = correction.state == CorrectionState::Waiting;
        let may_decide = waits && decides(actor, &correction);
        let refusal = may_decide.then(|| {
            let known = akidoko_domain::report::Known {
                version: versions.first().map_or(0, |v| v.version),
                licensed_beds: hospital.hospital.attributes.beds_total,
                ..Default::default()
            };
            check(&survey, &known, &submission_of(&correction, &survey, None), correction.author.clone(), self.clock.now()).err()
        });
        Ok(Some(CorrectionView {
            may_withdraw: waits && acts(actor, &correction),
            may_decide,
            correction,
            hospital,
            survey,
            versions,
            stands,
            refusal: refusal.flatten(),
        }))
    }

    fn code_of(&self, c: &Correction, hospital: HospitalId) -> Option<OrganisationCode> {
        Some(self.live.board(c.prefecture)?.rows.get(&hospital)?.card.code.clone())
    }

    /// Consents, declines, or withdraws. With consent it becomes the day's next version, its author the one who asked.
    pub async fn decide_correction(&self, actor: &Actor, id: CorrectionId, decision: Decision) -> Result<Correction, DecisionError> {
        let Some(view) = self.correction(actor, id).await? else { return Err(DecisionError::NotFound) };
        let allowed = if decision == Decision::Withdraw { acts(actor, &view.correction) } else { decides(actor, &view.correction) };
        if !allowed {
            return Err(DecisionError::Forbidden);
        }
        let code = view.hospital.hospital.code.clone();
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([view.correction.prefecture]), self.clock.now()).await?;
        let mut c = tx.correction(id).await?.ok_or(DecisionError::NotFound)?;
        if c.state != CorrectionState::Waiting {
            return Err(DecisionError::Decided);
        }
        let by =
            Decided { organisation: actor.organisation_name.clone(), sign_in: actor.sign_in_name(), operator: actor.operator_name.clone() };
        c.decided = Some((tx.now(), by));
        let step = match decision {
            Decision::Consent { expected_version } => {
                let beds = view.hospital.hospital.attributes.beds_total;
                c.version = Some(become_version(&mut tx, &c, &view.survey, beds, expected_version).await?);
                c.state = CorrectionState::Consented;
                "consented"
            }
            Decision::Decline { words } => {
                c.words = Some(kept_words(&words)?);
                c.state = CorrectionState::Declined;
                "declined"
            }
            Decision::Withdraw => {
                c.state = CorrectionState::Withdrawn;
                "withdrawn"
            }
        };
        tx.decide_correction(&c).await?;
        let name = view.hospital.hospital.attributes.name.clone().unwrap_or_default();
        self.write_of_correction(&tx, &c, &name).await?;
        log(&mut tx, actor, &c, &code, step);
        tx.commit().await?;
        Ok(c)
    }
}

async fn become_version(
    tx: &mut WriteTx,
    c: &Correction,
    survey: &Survey,
    beds: Option<u32>,
    expected_version: u32,
) -> Result<u32, DecisionError> {
    let known = tx.known(c.hospital, &c.survey, c.report_date, beds).await?;
    let submission = submission_of(c, survey, Some(expected_version));
    let Checked { version, as_of, answers, reason, author, cells, .. } =
        check(survey, &known, &submission, c.author.clone(), tx.now()).map_err(DecisionError::Refused)?;
    let report = ReportVersion {
        hospital: c.hospital,
        survey: c.survey.clone(),
        survey_version: survey.version,
        report_date: c.report_date,
        version,
        kind: c.kind,
        answers,
        as_of,
        received_at: tx.now(),
        author,
        reason,
    };
    tx.add_checked(report, c.prefecture, c.account, cells)?;
    Ok(version)
}

fn kept_words(words: &str) -> Result<String, DecisionError> {
    let words = words.trim();
    if words.is_empty() {
        return Err(DecisionError::WordsMissing);
    }
    if words.chars().count() > REASON_MAX {
        return Err(DecisionError::BadWords(Problem::TooLong { max: REASON_MAX }));
    }
    if words.chars().any(char::is_control) {
        return Err(DecisionError::BadWords(Problem::NotText));
    }
    // Nobody is asked here: who declines can say it without a name. An officer's own number is none of a patient's.
    match text::patient_hint(words).filter(|h| *h != text::PatientHint::PersonalPhone) {
        Some(hint) => Err(DecisionError::BadWords(Problem::Patient(hint))),
        None => Ok(words.to_owned()),
    }
}

fn log(tx: &mut WriteTx, actor: &Actor, c: &Correction, code: &OrganisationCode, step: &str) {
    let mut detail =
        json!({ "correction": c.id, "step": step, "report_date": c.report_date, "kind": c.kind, "on_behalf": c.author.on_behalf });
    if let Some(known) = detail.as_object_mut() {
        if !c.confirmed.is_empty() {
            known.insert("confirmed".to_owned(), json!(c.confirmed));
        }
        if let Some(version) = c.version {
            known.insert("version".to_owned(), json!(version));
        }
    }
    let mut entry = Entry::by(actor, tx.now(), Category::Report, code.as_str(), detail);
    entry.prefecture = Some(c.prefecture);
    tx.log(entry);
}
