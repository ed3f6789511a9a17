//! The daily report, from any door.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action, Actor},
    audit::{Category, Entry},
    board::Card,
    id::{HospitalId, OrganisationCode},
    report::{Author, Channel, Kind, Refusal, ReportVersion, Submission, check, read_answers},
    survey::{Answers, DAILY, Survey},
    time::{day_before, jst_day, read_as_of},
};
use akidoko_store::{Accepted, HospitalDetail, ReportWrite, WriteError};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a day's screen opens with.
pub struct DayReport {
    /// The hospital.
    pub hospital: HospitalDetail,
    /// The survey of that day.
    pub survey: Survey,
    /// The day.
    pub date: NaiveDate,
    /// The versions of that day, the newest first.
    pub versions: Vec<ReportVersion>,
    /// The figures as they are known: the day's own where it has been reported, else the last report's with what changed since.
    pub answers: Answers,
    /// What the changes are held against: the last full report, its day and moment.
    pub previous: Option<ReportVersion>,
    /// The actor enters it on behalf of the hospital.
    pub on_behalf: bool,
    /// The actor may enter it at all.
    pub may_report: bool,
}

/// A report from a door, not read yet.
#[derive(Debug, Clone)]
pub struct RawReport {
    /// Full or quick.
    pub kind: Kind,
    /// Answers by item.
    pub answers: BTreeMap<String, Json>,
    /// Soft findings that were confirmed.
    pub confirmed: BTreeSet<String>,
    /// Why it is corrected.
    pub reason: Option<String>,
    /// The version that the writer saw.
    pub expected_version: Option<u32>,
    /// The door.
    pub channel: Channel,
    /// From when the figures are true, where the writer says so.
    pub as_of: Option<DateTime<Utc>>,
}

/// Why a report is not there. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// No such hospital, as far as this actor can know.
    #[error("no such hospital")]
    NotFound,
    /// Not for this actor to report.
    #[error("not yours to report")]
    Forbidden,
    /// There is nothing to repeat.
    #[error("no report to repeat")]
    NothingBefore,
    /// The moment from which the figures are said to be true is not on that day, or has not come.
    #[error("not a moment of that day")]
    AsOf,
    /// The rules.
    #[error("refused")]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A report that stands on the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The day.
    pub date: NaiveDate,
    /// Version and moments.
    pub accepted: Accepted,
}

impl Service {
    /// Opens a day's report. `None`: no such hospital.
    pub async fn day_report(&self, actor: &Actor, code: &OrganisationCode, date: NaiveDate) -> Result<Option<DayReport>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(None) };
        let id = hospital.hospital.id;
        let Some(row) = self.row_of(&hospital) else { return Ok(None) };
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        let Some(survey) = self.catalogue.on(DAILY, date).cloned() else { return Ok(None) };
        let versions = reader.report_versions(id, DAILY, date..=date, 1000).await?;
        let previous = reader.last_full_before(id, DAILY, date).await?;
        let own_full = versions.iter().position(|v| v.kind == Kind::Full);
        let (base, later) = if let Some(at) = own_full {
            (versions.get(at).cloned(), versions[..at].to_vec())
        } else {
            let since = previous.as_ref().map_or(date, |p| p.report_date);
            let between = reader.report_versions(id, DAILY, since..=date, 200).await?;
            let after = |v: &ReportVersion| previous.as_ref().is_none_or(|p| (v.report_date, v.version) > (p.report_date, p.version));
            (previous.clone(), between.into_iter().filter(|v| v.kind == Kind::Quick && after(v)).collect())
        };
        let mut answers = base.map(|b| b.answers).unwrap_or_default();
        for quick in later.iter().rev() {
            answers.extend(quick.answers.clone());
        }
        answers.retain(|id, value| value.is_some() && survey.item(id).is_some());
        Ok(Some(DayReport { hospital, survey, date, versions, answers, previous, on_behalf, may_report }))
    }

    fn rights(actor: &Actor, h: &Card) -> (bool, bool) {
        let own = h.code == actor.organisation_code;
        let action = if own { Action::Report } else { Action::ReportOnBehalf };
        (!own, actor.may(action) && actor.scope.acts_for(h.id, h.prefecture))
    }

    /// May this actor read the history of this hospital?
    pub fn may_read_history(&self, actor: &Actor, hospital: HospitalId) -> bool {
        use akidoko_domain::{access::ActFor, organisation::OrganisationKind as K};
        let own_only = matches!(actor.kind, K::Hospital | K::Association);
        let covered = actor.key.as_ref().is_none_or(|key| key.limits.covers(hospital));
        let own = match &actor.key {
            Some(key) => key.own.contains(&hospital),
            None => matches!(&actor.scope.act_for, ActFor::Hospitals(set) if set.contains(&hospital)),
        };
        actor.may(Action::ReadHistory) && covered && (!own_only || own)
    }

    /// Takes a report. It is durable when this returns.
    pub async fn submit(&self, actor: &Actor, code: &OrganisationCode, date: NaiveDate, raw: RawReport) -> Result<Receipt, SubmitError> {
        let write = self.prepare(actor, code, date, raw).await?;
        self.hand_in(date, write).await
    }

    /// Reads a report and makes ready what the writer needs: whether there is such a hospital, and whether it is this actor's to report.
    pub(crate) async fn prepare(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        date: NaiveDate,
        raw: RawReport,
    ) -> Result<ReportWrite, SubmitError> {
        // From memory: the database is asked once, by the writer, and its wall stands there too.
        let row = self.row_behind_wall(actor, code).await?.ok_or(SubmitError::NotFound)?;
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        if !may_report {
            return Err(SubmitError::Forbidden);
        }
        let said = |at| read_as_of(date, at, self.clock.now()).ok_or(SubmitError::AsOf);
        let as_of = raw.as_of.map(said).transpose()?;
        let survey = self.catalogue.on(DAILY, date).ok_or(SubmitError::NotFound)?.clone();
        let (answers, unreadable) = read_answers(&survey, raw.kind, &raw.answers);
        let submission = Submission {
            report_date: date,
            kind: raw.kind,
            answers,
            unreadable,
            confirmed: raw.confirmed,
            reason: raw.reason,
            expected_version: raw.expected_version,
            channel: raw.channel,
            on_behalf,
            as_of,
        };
        Ok(self.report_write(actor, &row.card, survey, submission))
    }

    /// 変更なし: yesterday's figures are today's. What changed since by a quick version counts.
    pub async fn confirm_unchanged(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        date: NaiveDate,
        expected_version: Option<u32>,
        channel: Channel,
    ) -> Result<Receipt, SubmitError> {
        let day = self.day_report(actor, code, date).await?.ok_or(SubmitError::NotFound)?;
        if !day.may_report {
            return Err(SubmitError::Forbidden);
        }
        if day.answers.is_empty() {
            return Err(SubmitError::NothingBefore);
        }
        // Confirmed once, confirmed again: the same figures raise the same soft findings.
        let confirmed =
            day.survey.rules.iter().map(|r| r.id.clone()).chain(day.survey.items().map(|i| format!("patient:{}", i.id))).collect();
        let submission = Submission {
            report_date: date,
            kind: Kind::Full,
            answers: day.answers,
            unreadable: Vec::new(),
            confirmed,
            reason: None,
            expected_version,
            channel,
            on_behalf: day.on_behalf,
            as_of: None,
        };
        let row = self.row_of(&day.hospital).ok_or(SubmitError::NotFound)?;
        let write = self.report_write(actor, &row.card, day.survey, submission);
        self.hand_in(date, write).await
    }

    fn report_write(&self, actor: &Actor, h: &Card, survey: Survey, submission: Submission) -> ReportWrite {
        let now = self.clock.now();
        let author = Author {
            organisation: actor.organisation_name.clone(),
            sign_in: actor.sign_in_name(),
            operator: actor.operator_name.clone(),
            channel: submission.channel,
            on_behalf: submission.on_behalf,
            report_date: submission.report_date,
            version: 0,
            received_at: now,
        };
        let detail = json!({
            "hospital": h.code, "report_date": submission.report_date, "kind": submission.kind, "channel": submission.channel,
            "on_behalf": submission.on_behalf,
        });
        let mut entry = Entry::by(actor, now, Category::Report, h.code.as_str(), detail);
        entry.prefecture = Some(h.prefecture);
        ReportWrite {
            hospital: h.id,
            prefecture: h.prefecture,
            survey: survey.code.clone(),
            survey_version: survey.version,
            report_date: submission.report_date,
            kind: submission.kind,
            account: actor.person(),
            licensed_beds: h.beds_total,
            check: Arc::new(move |known, now| check(&survey, known, &submission, author.clone(), now)),
            entry,
        }
    }

    async fn hand_in(&self, date: NaiveDate, write: ReportWrite) -> Result<Receipt, SubmitError> {
        match self.writer.report(write).await {
            Ok(accepted) => Ok(Receipt { date, accepted }),
            Err(WriteError::Refused(refusal)) => Err(SubmitError::Refused(refusal)),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    /// The versions of a hospital's last days, the newest first. `None`: no such hospital, or not this actor's to read.
    pub async fn history(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        days: u32,
    ) -> Result<Option<(HospitalDetail, Vec<ReportVersion>)>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(None) };
        if !self.may_read_history(actor, hospital.hospital.id) {
            return Ok(None);
        }
        let today = jst_day(self.clock.now());
        let first = today.checked_sub_days(Days::new(u64::from(days))).unwrap_or(today);
        let versions = reader.report_versions(hospital.hospital.id, DAILY, first..=today, 400).await?;
        Ok(Some((hospital, versions)))
    }

    /// The day in Japan now, and the day before.
    pub fn today(&self) -> (NaiveDate, NaiveDate) {
        let today = jst_day(self.clock.now());
        (today, day_before(today))
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
