//! Reports that come together, of one hospital or of many: all of them or each for itself, once however often they are sent, or tried
//! without changing anything.

use crate::{
    Service, StoreError,
    board::BoardError,
    report::{RawReport, Receipt, SubmitError},
};
use akidoko_domain::{
    access::Actor,
    id::OrganisationCode,
    report::{Checked, Kind, Refusal, ReportVersion},
    survey::{Answers, DAILY, Value},
    time::jst_day,
};
use akidoko_store::{Accepted, GroupOutcome, Reader, Remember, ReportGroup, ReportWrite};
use chrono::{DateTime, NaiveDate, Utc};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// So many reports at a time.
pub const BATCH_MAX: usize = 1_000;

/// One of them.
#[derive(Debug, Clone)]
pub struct BatchReport {
    /// Which hospital.
    pub hospital: OrganisationCode,
    /// Which day.
    pub date: NaiveDate,
    /// The report.
    pub raw: RawReport,
}

/// What is answered, as text, of what came of each report. `None`: nothing was done, so that nothing is kept.
pub type Answering = Arc<dyn Fn(&[Result<Receipt, SubmitError>]) -> Option<String> + Send + Sync>;

/// The name that a caller gave a request, so that it works once however often it is sent.
#[derive(Clone)]
pub struct Once {
    /// The name.
    pub key: String,
    /// What tells the request from another one.
    pub request_hash: Vec<u8>,
    /// What is to be answered, and answered again.
    pub answer: Answering,
}

/// What came of them.
#[derive(Debug)]
pub enum BatchOutcome {
    /// Those that are accepted are durable.
    Done(Vec<Result<Receipt, SubmitError>>),
    /// One was refused, so that nothing was done; `Ok` would have been accepted alone.
    Held(Vec<Result<(), SubmitError>>),
    /// This request was here before: what was answered then.
    Again(String),
    /// Another request was here under the same name.
    Mismatch,
}

/// What a report would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The item.
    pub item: String,
    /// What stands; `None` is 未回答.
    pub from: Option<Value>,
    /// What would stand.
    pub to: Option<Value>,
}

/// What would come of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The version that it would be.
    pub version: u32,
    /// From when its figures would be true.
    pub as_of: DateTime<Utc>,
    /// What it would change: of what is known today; of what that day says, for a day that is over.
    pub changes: Vec<Change>,
}

/// Why one of them never came to the writer. Of the database nothing is kept: it fails the whole.
fn copy(error: &SubmitError) -> SubmitError {
    match error {
        SubmitError::NotFound => SubmitError::NotFound,
        SubmitError::Forbidden => SubmitError::Forbidden,
        SubmitError::NothingBefore => SubmitError::NothingBefore,
        SubmitError::Refused(refusal) => SubmitError::Refused(refusal.clone()),
        SubmitError::Store(_) => SubmitError::Store(StoreError::Stopping),
    }
}

/// Reports made ready for the writer, and why others never come to it, in the order in which they came.
struct Prepared {
    dates: Vec<NaiveDate>,
    early: Vec<Option<SubmitError>>,
    writes: Vec<ReportWrite>,
}

impl Prepared {
    fn all_ready(&self) -> bool {
        self.early.iter().all(Option::is_none)
    }

    /// What came of those that were ready, with the others in their places.
    fn outcomes<T, U>(
        &self,
        came: impl IntoIterator<Item = Result<T, Refusal>>,
        with: impl Fn(NaiveDate, T) -> U,
    ) -> Vec<Result<U, SubmitError>> {
        let mut came = came.into_iter();
        let place = |(date, early): (&NaiveDate, &Option<SubmitError>)| match early {
            Some(error) => Some(Err(copy(error))),
            None => came.next().map(|one| one.map(|t| with(*date, t)).map_err(SubmitError::Refused)),
        };
        self.dates.iter().zip(&self.early).filter_map(place).collect()
    }

    fn receipts(&self, came: &[Result<Accepted, Refusal>]) -> Vec<Result<Receipt, SubmitError>> {
        self.outcomes(came.iter().cloned(), |date, accepted| Receipt { date, accepted })
    }
}

impl Service {
    /// Whose names of requests are kept apart: each key's or token's, and each operator's.
    fn caller(actor: &Actor, is_token: bool) -> Uuid {
        if is_token { actor.session.0 } else { actor.account.0 }
    }

    async fn prepared(&self, actor: &Actor, reports: Vec<BatchReport>) -> Result<Prepared, StoreError> {
        let mut prepared = Prepared { dates: Vec::new(), early: Vec::new(), writes: Vec::new() };
        for report in reports {
            prepared.dates.push(report.date);
            prepared.early.push(match self.prepare(actor, &report.hospital, (DAILY, report.date), report.raw).await {
                Ok(write) => {
                    prepared.writes.push(write);
                    None
                }
                Err(SubmitError::Store(error)) => return Err(error),
                Err(error) => Some(error),
            });
        }
        Ok(prepared)
    }

    /// Takes reports that came together. Those that are accepted are durable when this returns.
    pub async fn submit_all(
        &self,
        (actor, is_token): (&Actor, bool),
        reports: Vec<BatchReport>,
        all_or_nothing: bool,
        once: Option<Once>,
    ) -> Result<BatchOutcome, StoreError> {
        if let Some(once) = &once
            && let Some(kept) = self.store.read(&actor.scope).await?.kept_answer(Self::caller(actor, is_token), &once.key).await?
        {
            let same = kept.request_hash == once.request_hash;
            return Ok(if same { BatchOutcome::Again(kept.answer) } else { BatchOutcome::Mismatch });
        }
        let prepared = Arc::new(self.prepared(actor, reports).await?);
        if all_or_nothing && !prepared.all_ready() {
            let rehearsed = self.store.read(&actor.scope).await?.rehearse(&refs(&prepared.writes), self.clock.now()).await?;
            let alone = |r: akidoko_store::Rehearsed| match r.outcome {
                Ok(_) | Err(Refusal::Stands { .. }) => Ok(()),
                Err(refusal) => Err(refusal),
            };
            return Ok(BatchOutcome::Held(prepared.outcomes(rehearsed.into_iter().map(alone), |_, ()| ())));
        }
        let remember = once.zip(actor.prefecture).map(|(once, prefecture)| {
            let prepared = prepared.clone();
            Remember {
                caller: Self::caller(actor, is_token),
                key: once.key,
                prefecture,
                request_hash: once.request_hash,
                answer: Arc::new(move |came| (once.answer)(&prepared.receipts(came))),
            }
        });
        let group = ReportGroup { reports: prepared.writes.clone(), all_or_nothing, remember };
        Ok(match self.writer.group(group).await? {
            GroupOutcome::Written(came) => BatchOutcome::Done(prepared.receipts(&came)),
            GroupOutcome::Held(came) => BatchOutcome::Held(prepared.outcomes(came, |_, ()| ())),
            GroupOutcome::Again(answer) => BatchOutcome::Again(answer),
            GroupOutcome::Mismatch => BatchOutcome::Mismatch,
        })
    }

    /// What would come of reports. Nothing is changed.
    pub async fn rehearse(&self, actor: &Actor, reports: Vec<BatchReport>) -> Result<Vec<Result<Rehearsal, SubmitError>>, StoreError> {
        let prepared = self.prepared(actor, reports).await?;
        let now = self.clock.now();
        let reader = self.store.read(&actor.scope).await?;
        let mut rehearsals = Vec::with_capacity(prepared.writes.len());
        for (write, rehearsed) in prepared.writes.iter().zip(reader.rehearse(&refs(&prepared.writes), now).await?) {
            rehearsals.push(match rehearsed.outcome {
                Err(Refusal::Stands { version, as_of, .. }) => Ok(Rehearsal { version, as_of, changes: Vec::new() }),
                Err(refusal) => Err(refusal),
                Ok((checked, after)) => {
                    let changes = if write.report_date < jst_day(now) {
                        of_a_past_day(&reader, write, &checked).await?
                    } else {
                        let ids: BTreeSet<&String> = rehearsed.before.items.keys().chain(after.items.keys()).collect();
                        changes(ids, |id| rehearsed.before.value(id).cloned(), |id| after.value(id).cloned())
                    };
                    Ok(Rehearsal { version: checked.version, as_of: checked.as_of, changes })
                }
            });
        }
        Ok(prepared.outcomes(rehearsals, |_, rehearsal| rehearsal))
    }

    /// The versions of a hospital's days, the newest first, at most `limit`. The inner error: no such hospital, or not this actor's to read.
    pub async fn history_between(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        (survey, days): (&str, std::ops::RangeInclusive<NaiveDate>),
        limit: u32,
    ) -> Result<Result<Vec<ReportVersion>, BoardError>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(Err(BoardError::NotFound)) };
        let id = hospital.hospital.id;
        if !self.may_read_history(actor, id) {
            return Ok(Err(BoardError::Forbidden));
        }
        reader.report_versions(id, survey, days, limit).await.map(Ok)
    }
}

fn refs(writes: &[ReportWrite]) -> Vec<&ReportWrite> {
    writes.iter().collect()
}

fn changes<'a>(
    ids: impl IntoIterator<Item = &'a String>,
    from: impl Fn(&str) -> Option<Value>,
    to: impl Fn(&str) -> Option<Value>,
) -> Vec<Change> {
    let change = |id: &'a String| Change { item: id.clone(), from: from(id), to: to(id) };
    ids.into_iter().map(change).filter(|c| c.from != c.to).collect()
}

/// What the day says, version by version: a full one speaks of everything, a quick one of what it names.
fn laid_over(mut answers: Answers, kind: Kind, next: &Answers) -> Answers {
    if kind == Kind::Full {
        return next.clone();
    }
    answers.extend(next.clone());
    answers
}

async fn of_a_past_day(reader: &Reader, write: &ReportWrite, checked: &Checked) -> Result<Vec<Change>, StoreError> {
    let day = write.report_date;
    let versions = reader.report_versions(write.hospital, &write.survey, day..=day, 1000).await?;
    let before = akidoko_domain::report::standing(&versions);
    let after = laid_over(before.clone(), write.kind, &checked.answers);
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    Ok(changes(ids, |id| before.get(id).cloned().flatten(), |id| after.get(id).cloned().flatten()))
}
