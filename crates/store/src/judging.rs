//! Judging what is committed together, group by group: whether a request was here before, what each of its reports comes to, and what is
//! to be answered. A group that is refused as a whole leaves nothing behind.

use crate::{
    answer::{KeptAnswer, Remember},
    error::StoreError,
    ledger::{Ledger, Standing},
    once::Taken,
    report::NewVersion,
    write::WriteTx,
    writer::{Accepted, GroupOutcome, ReportGroup, ReportWrite},
};
use akidoko_domain::{
    event::EventKind,
    id::{AccountId, HospitalId},
    report::{Checked, Refusal, ReportVersion},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// So far two clocks may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// What came of a group, before the number of the last event is known.
enum Judged {
    Again(String),
    Mismatch,
    /// The same request stands further ahead in this batch.
    SameAs(usize),
    Taken(Vec<Result<Taken, Refusal>>),
    Held(Vec<Result<(), Refusal>>),
}

/// What becomes of one report.
enum Step {
    /// It was answered before, and adds nothing.
    Before(Taken),
    /// It is accepted.
    New(Box<Checked>),
}

/// The groups of one transaction, judged one after the other.
pub(crate) struct Judging<'a> {
    ledger: Ledger<'a>,
    judged: Vec<Judged>,
    kept: HashMap<(Uuid, String), KeptAnswer>,
    /// Requests of this batch that did something: their hash, and which group they are.
    here: HashMap<(Uuid, &'a str), (&'a [u8], usize)>,
    /// Updates of this batch that a device named.
    named: HashMap<(AccountId, Uuid), Taken>,
    /// The versions of all groups: they are written together, for a statement of its own for each costs more than what it carries.
    added: Vec<NewVersion>,
    now: DateTime<Utc>,
}

impl<'a> Judging<'a> {
    pub fn new(kept: HashMap<(Uuid, String), KeptAnswer>, now: DateTime<Utc>) -> Self {
        Self { ledger: Ledger::default(), judged: Vec::new(), kept, here: HashMap::new(), named: HashMap::new(), added: Vec::new(), now }
    }

    /// Another server's clock may run ahead of ours. What is received under the lock is received after what stands: its moment is never an
    /// earlier one, or the board would keep the older figures. Farther apart than [`SKEW`] a clock is wrong, and nobody is drawn along.
    pub fn after(&mut self, standing: &[Standing]) {
        if let Some(last) = standing.iter().filter_map(Standing::received_at).max().filter(|at| *at > self.now) {
            if last - self.now > SKEW {
                tracing::warn!(ahead = %(last - self.now), "a report stands that was received later than now: a clock is wrong");
            } else {
                self.now = last;
            }
        }
    }

    /// Was this request not answered before this batch?
    pub fn is_new(&self, group: &ReportGroup) -> bool {
        group.remember.as_ref().is_none_or(|r| !self.kept.contains_key(&(r.caller, r.key.clone())))
    }

    /// What stands for a request that was here before.
    fn before(&self, request: &Remember) -> Option<Judged> {
        if let Some(kept) = self.kept.get(&(request.caller, request.key.clone())) {
            let same = kept.request_hash == request.request_hash;
            return Some(if same { Judged::Again(kept.answer.clone()) } else { Judged::Mismatch });
        }
        let (hash, place) = self.here.get(&(request.caller, request.key.as_str()))?;
        Some(if *hash == request.request_hash { Judged::SameAs(*place) } else { Judged::Mismatch })
    }

    /// What was answered to an update that a device sends until it is answered.
    async fn said(&self, report: &ReportWrite, tx: &WriteTx) -> Result<Option<Taken>, StoreError> {
        let Some((account, id)) = report.account.zip(report.once) else { return Ok(None) };
        match self.named.get(&(account, id)) {
            Some(taken) => Ok(Some(taken.clone())),
            None => tx.answered_once(account, id).await,
        }
    }

    /// Judges a group, and hands what it leaves to the transaction.
    pub async fn group(
        &mut self,
        group: &'a ReportGroup,
        standing: &mut std::vec::IntoIter<Standing>,
        tx: &mut WriteTx,
    ) -> Result<(), StoreError> {
        let is_new = self.is_new(group);
        let standing: Vec<Standing> = if is_new { standing.take(group.reports.len()).collect() } else { Vec::new() };
        if let Some(before) = group.remember.as_ref().and_then(|r| self.before(r)) {
            self.judged.push(before);
            return Ok(());
        }
        let mut own = Ledger::default();
        let mut outcomes: Vec<Result<Step, Refusal>> = Vec::with_capacity(group.reports.len());
        for (report, standing) in group.reports.iter().zip(standing) {
            outcomes.push(match self.said(report, tx).await? {
                Some(before) => Ok(Step::Before(before)),
                None => match own.judge(Some(&self.ledger), report, standing, self.now).1 {
                    Ok((checked, _)) => Ok(Step::New(Box::new(checked))),
                    Err(Refusal::Stands { version, as_of, received_at }) => {
                        let (report_date, overtaken) = (report.report_date, Vec::new());
                        Ok(Step::Before(Taken { report_date, version, as_of, received_at, overtaken, stood: true }))
                    }
                    Err(refusal) => Err(refusal),
                },
            });
        }
        if group.all_or_nothing && outcomes.iter().any(Result::is_err) {
            self.judged.push(Judged::Held(outcomes.into_iter().map(|o| o.map(|_| ())).collect()));
            return Ok(());
        }
        self.ledger.take(own);
        let mut taken = Vec::with_capacity(outcomes.len());
        for (report, outcome) in group.reports.iter().zip(outcomes) {
            taken.push(match outcome {
                Err(refusal) => Err(refusal),
                Ok(Step::Before(before)) => Ok(before),
                Ok(Step::New(checked)) => {
                    let left = left(report, &checked, self.now);
                    if let Some((account, id)) = report.account.zip(report.once) {
                        tx.answer_once(account, id, report.prefecture, &left).await?;
                        self.named.insert((account, id), left.clone());
                    }
                    self.added.push(write(report, *checked, self.now, tx));
                    Ok(left)
                }
            });
        }
        if let Some(request) = group.remember.as_ref().filter(|_| taken.iter().any(Result::is_ok)) {
            self.here.insert((request.caller, request.key.as_str()), (&request.request_hash, self.judged.len()));
        }
        self.judged.push(Judged::Taken(taken));
        Ok(())
    }

    /// Hands versions and records over to the transaction.
    pub fn leave(&mut self, tx: &mut WriteTx) -> Result<(), StoreError> {
        let added = std::mem::take(&mut self.added);
        if !added.is_empty() {
            tx.add_versions_at_commit(added)?;
        }
        let records = std::mem::take(&mut self.ledger.records);
        if records.is_empty() {
            return Ok(());
        }
        let put = records.iter().map(|((hospital, survey), (prefecture, cells))| (*hospital, *survey, *prefecture, cells.as_ref()));
        tx.put_records_at_commit(put)?;
        let mut surveys: HashMap<HospitalId, usize> = HashMap::with_capacity(records.len());
        for (hospital, _) in records.keys() {
            *surveys.entry(*hospital).or_default() += 1;
        }
        for ((hospital, survey), (_, cells)) in records {
            // Two surveys of one hospital in one batch: rare enough to be read again.
            if surveys[&hospital] == 1 {
                tx.left(hospital, survey, cells);
            }
        }
        Ok(())
    }

    /// The outcomes, with the number that the last event will have; answers that are to be kept are.
    pub fn outcomes(self, groups: &[&ReportGroup], tx: &mut WriteTx) -> Vec<GroupOutcome> {
        let event_id = tx.last_event();
        let mut answers: HashMap<usize, String> = HashMap::new();
        let mut outcomes = Vec::with_capacity(groups.len());
        for (place, (group, judged)) in groups.iter().zip(self.judged).enumerate() {
            outcomes.push(match judged {
                Judged::Again(answer) => GroupOutcome::Again(answer),
                Judged::Mismatch => GroupOutcome::Mismatch,
                Judged::SameAs(first) => answers.get(&first).cloned().map_or(GroupOutcome::Mismatch, GroupOutcome::Again),
                Judged::Held(all) => GroupOutcome::Held(all),
                Judged::Taken(all) => {
                    let all: Vec<Result<Accepted, Refusal>> = all.into_iter().map(|one| one.map(|t| t.accepted(event_id))).collect();
                    if let Some((request, answer)) = group.remember.as_ref().and_then(|r| Some((r, (r.answer)(&all)?))) {
                        tx.keep_answer_at_commit(request, &answer);
                        answers.insert(place, answer);
                    }
                    GroupOutcome::Written(all)
                }
            });
        }
        outcomes
    }
}

fn left(report: &ReportWrite, checked: &Checked, now: DateTime<Utc>) -> Taken {
    Taken {
        report_date: report.report_date,
        version: checked.version,
        as_of: checked.as_of,
        received_at: now,
        overtaken: checked.overtaken.clone(),
        stood: false,
    }
}

/// The event, the entry of the log and the version of a report that is accepted.
fn write(report: &ReportWrite, checked: Checked, now: DateTime<Utc>, tx: &mut WriteTx) -> NewVersion {
    let mut entry = report.entry.clone();
    entry.at = now;
    if let Some(detail) = entry.detail.as_object_mut() {
        detail.insert("version".to_owned(), checked.version.into());
        if !checked.confirmed.is_empty() {
            detail.insert("confirmed".to_owned(), checked.confirmed.into());
        }
    }
    tx.log(entry);
    tx.event(Some(report.prefecture), EventKind::Hospital(report.hospital));
    let version = ReportVersion {
        hospital: report.hospital,
        survey: report.survey.clone(),
        survey_version: report.survey_version,
        report_date: report.report_date,
        version: checked.version,
        kind: report.kind,
        answers: checked.answers,
        as_of: checked.as_of,
        received_at: now,
        author: checked.author,
        reason: checked.reason,
    };
    (version, report.prefecture, report.account)
}
