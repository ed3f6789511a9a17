//! The one writer of a node: reports that arrive together are committed together. It takes what is waiting, checks each on its own
//! against the record as it stands under the lock, writes versions, records, events and log entries in one transaction, and answers
//! each when it is durable. A report that fails its check leaves nothing behind and holds nobody up.

use crate::{
    answer::Remember,
    board_reader::BoardReader,
    db::Store,
    error::StoreError,
    judging::Judging,
    report_file::{NewReportFile, ReportFileRow},
};
use akidoko_domain::{
    audit::Entry,
    id::{AccountId, HospitalId, PrefCode},
    report::{Checked, Kind, Known, Overtaken, Refusal},
    time::{SharedClock, cut},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

/// The rules of one report: given what is known and the moment, the version or why not.
pub type Check = Arc<dyn Fn(&Known, DateTime<Utc>) -> Result<Checked, Refusal> + Send + Sync>;

/// A report on its way in.
#[derive(Clone)]
pub struct ReportWrite {
    /// The hospital.
    pub hospital: HospitalId,
    /// Its prefecture: the writer stands behind its wall.
    pub prefecture: PrefCode,
    /// The survey.
    pub survey: String,
    /// Its version.
    pub survey_version: u32,
    /// The day.
    pub report_date: NaiveDate,
    /// Full or quick.
    pub kind: Kind,
    /// Who writes.
    pub account: Option<AccountId>,
    /// 合計病床数 of the register, which some rules ask for.
    pub licensed_beds: Option<u32>,
    /// Another system of the prefecture says it: what it said before is not added again.
    pub is_feed: bool,
    /// The rules.
    pub check: Check,
    /// The entry of the log; the writer adds the version to its detail.
    pub entry: Entry,
    /// The name that the sender gave it: sent again under the same name by the same operator, it is answered as before and adds nothing.
    pub once: Option<Uuid>,
}

/// A report that is durable.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Its version.
    pub version: u32,
    /// From when its figures are true.
    pub as_of: DateTime<Utc>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// An event not before its own: whoever has seen it, shows the report.
    pub event_id: i64,
    /// For which day it counts.
    pub report_date: NaiveDate,
    /// What of it came too late: something newer stands.
    pub overtaken: Vec<Overtaken>,
    /// It stood already, and nothing was added.
    pub stood: bool,
}

/// Why a report is not there.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The rules refused it.
    #[error("refused")]
    Refused(Refusal),
    /// The database failed. Nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reports that came in one request.
#[derive(Clone)]
pub struct ReportGroup {
    /// The reports, in their order.
    pub reports: Vec<ReportWrite>,
    /// One that is refused holds all of them back.
    pub all_or_nothing: bool,
    /// The answer is kept with what they did.
    pub remember: Option<Remember>,
}

/// What came of a group.
#[derive(Debug, PartialEq)]
pub enum GroupOutcome {
    /// Those that are accepted are durable.
    Written(Vec<Result<Accepted, Refusal>>),
    /// One was refused, so that nothing was written; `Ok` would have been accepted alone.
    Held(Vec<Result<(), Refusal>>),
    /// This request was here before: what was answered then.
    Again(String),
    /// Another request was here under the same key.
    Mismatch,
}

/// What became of a file: its receipt, or of each report that was refused its place and why.
pub type FileOutcome = Result<(ReportFileRow, i64), Vec<(usize, Refusal)>>;

/// A file on its way in, with its reports.
struct WholeFile {
    file: NewReportFile,
    reports: Vec<ReportWrite>,
}

enum Command {
    File(Box<WholeFile>, oneshot::Sender<Result<FileOutcome, StoreError>>),
    Group(Box<ReportGroup>, Answer),
    Log(Vec<Entry>, Vec<BoardReader>, oneshot::Sender<Result<(), StoreError>>),
}

type Answer = oneshot::Sender<Result<GroupOutcome, StoreError>>;

/// The handle to the writer. When the last one is gone, the writer finishes what waits and ends.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Command>,
}

/// So many are committed together at most: a bound on how long the first of them waits.
const BATCH: usize = 64;

/// So long a batch waits at most for as many as there were last time. Whoever reports alone never waits.
const COMPANY: Duration = Duration::from_millis(1);

impl Writer {
    /// Starts the writer of this node.
    pub fn start(store: Store, clock: SharedClock) -> Self {
        let (queue, waiting) = mpsc::channel(4096);
        tokio::spawn(take_turns(store, clock, waiting));
        Self { queue }
    }

    /// Hands a report in and waits until it is durable or refused.
    pub async fn report(&self, report: ReportWrite) -> Result<Accepted, WriteError> {
        let group = ReportGroup { reports: vec![report], all_or_nothing: false, remember: None };
        match self.group(group).await? {
            GroupOutcome::Written(mut all) if all.len() == 1 => all.remove(0).map_err(WriteError::Refused),
            _ => Err(StoreError::corrupt("a report without an outcome").into()),
        }
    }

    /// Hands in reports that came together, and waits until they are durable or refused.
    pub async fn group(&self, group: ReportGroup) -> Result<GroupOutcome, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Command::Group(Box::new(group), answer)).await.map_err(|_| StoreError::Stopping)?;
        answered.await.map_err(|_| StoreError::Stopping)?
    }

    /// Hands the reports of a file in, all of them or none, in a transaction of their own, and waits until they are durable or refused.
    pub async fn file(&self, file: NewReportFile, reports: Vec<ReportWrite>) -> Result<FileOutcome, StoreError> {
        let (answer, answered) = oneshot::channel();
        let whole = Box::new(WholeFile { file, reports });
        self.queue.send(Command::File(whole, answer)).await.map_err(|_| StoreError::Stopping)?;
        answered.await.map_err(|_| StoreError::Stopping)?
    }

    /// Appends to the log and waits until it is durable.
    pub async fn log(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.log_reads(entries, Vec::new()).await
    }

    /// Appends reads to the log, with who had a board before them. Each reader once.
    pub async fn log_reads(&self, entries: Vec<Entry>, readers: Vec<BoardReader>) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Command::Log(entries, readers, answer)).await.map_err(|_| StoreError::Stopping)?;
        answered.await.map_err(|_| StoreError::Stopping)?
    }
}

async fn take_turns(store: Store, clock: SharedClock, mut waiting: mpsc::Receiver<Command>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut last = 0;
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        // Who was answered together comes back together. Taking the first of them alone would let the others wait a whole commit.
        let deadline = Instant::now() + COMPANY;
        while batch.len() < last {
            let room = BATCH - batch.len();
            match timeout_at(deadline, waiting.recv_many(&mut batch, room)).await {
                Ok(some) if some > 0 => {}
                _ => break,
            }
        }
        last = batch.len();
        Batch::take(&store, cut(clock.now()), std::mem::take(&mut batch)).await;
    }
}

struct Batch<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
}

type Groups = Vec<(Box<ReportGroup>, Answer)>;
type Answers = Vec<oneshot::Sender<Result<(), StoreError>>>;

/// What is appended to the log, and who waits for it.
#[derive(Default)]
struct Logged {
    entries: Vec<Entry>,
    readers: Vec<BoardReader>,
    answers: Answers,
}

/// A group of more reports is committed on its own: nobody waits for it who reports beside.
const LARGE: usize = 16;

impl Batch<'_> {
    async fn take(store: &Store, now: DateTime<Utc>, commands: Vec<Command>) {
        let mut groups: Groups = Vec::new();
        let mut large: Groups = Vec::new();
        let mut logged = Logged::default();
        let mut files = Vec::new();
        for command in commands {
            match command {
                Command::File(whole, answer) => files.push((whole, answer)),
                Command::Group(group, answer) if group.reports.len() > LARGE => large.push((group, answer)),
                Command::Group(group, answer) => groups.push((group, answer)),
                Command::Log(some, read, answer) => {
                    logged.entries.extend(some);
                    logged.readers.extend(read);
                    logged.answers.push(answer);
                }
            }
        }
        let batch = Batch { store, now };
        if !groups.is_empty() || !logged.answers.is_empty() {
            batch.together(groups, logged).await;
        }
        for group in large {
            batch.together(vec![group], Logged::default()).await;
        }
        for (whole, answer) in files {
            let _ = answer.send(batch.whole(*whole).await);
        }
    }

    async fn together(&self, groups: Groups, logged: Logged) {
        let Logged { entries, readers, answers: logged } = logged;
        let writes: Vec<&ReportGroup> = groups.iter().map(|(g, _)| g.as_ref()).collect();
        match self.commit(&writes, entries.clone(), readers.clone()).await {
            Ok(outcomes) => {
                for ((_, answer), outcome) in groups.into_iter().zip(outcomes) {
                    let _ = answer.send(Ok(outcome));
                }
                for answer in logged {
                    let _ = answer.send(Ok(()));
                }
            }
            // Tried again, what may stand already would stand twice.
            Err(error) if matches!(error, StoreError::Unsure(_)) || groups.len() + logged.len() <= 1 => {
                for (_, answer) in groups {
                    let _ = answer.send(Err(StoreError::Corrupt(error.to_string())));
                }
                for answer in logged {
                    let _ = answer.send(Err(StoreError::Corrupt(error.to_string())));
                }
            }
            Err(error) => {
                // One of them cannot be written. Each is tried alone, so that it falls alone.
                tracing::warn!(%error, groups = groups.len(), "a batch of writes failed and is taken one by one");
                for (group, answer) in groups {
                    let _ = answer.send(self.commit(&[group.as_ref()], vec![], vec![]).await.map(|mut outcomes| outcomes.remove(0)));
                }
                if !logged.is_empty() {
                    let error = self.commit(&[], entries, readers).await.err().map(|e| e.to_string());
                    for answer in logged {
                        let _ = answer.send(error.clone().map_or(Ok(()), |e| Err(StoreError::Corrupt(e))));
                    }
                }
            }
        }
    }

    async fn commit(
        &self,
        groups: &[&ReportGroup],
        entries: Vec<Entry>,
        readers: Vec<BoardReader>,
    ) -> Result<Vec<GroupOutcome>, StoreError> {
        let remembering = || groups.iter().filter_map(|g| g.remember.as_ref());
        let reporting = groups.iter().flat_map(|g| &g.reports).map(|r| r.prefecture);
        let prefectures: BTreeSet<PrefCode> =
            reporting.chain(remembering().map(|r| r.prefecture)).chain(readers.iter().map(|r| r.prefecture)).collect();
        let mut tx = self.store.write_behind_wall(&prefectures, self.now).await?;
        let kept = tx.kept_answers(remembering()).await?;
        let mut judging = Judging::new(kept, self.now);
        let fresh: Vec<&ReportWrite> = groups.iter().filter(|g| judging.is_new(g)).flat_map(|g| &g.reports).collect();
        let standing = tx.standing(&fresh).await?;
        judging.after(&standing);
        let mut standing = standing.into_iter();
        for group in groups {
            judging.group(group, &mut standing, &mut tx).await?;
        }
        judging.leave(&mut tx)?;
        tx.note_readers_at_commit(readers);
        for entry in entries {
            tx.log(entry);
        }
        let outcomes = judging.outcomes(groups, &mut tx);
        tx.commit().await?;
        Ok(outcomes)
    }

    /// A file, all of it or nothing: one refused report leaves the transaction uncommitted.
    async fn whole(&self, whole: WholeFile) -> Result<FileOutcome, StoreError> {
        let WholeFile { mut file, reports } = whole;
        let prefectures: BTreeSet<PrefCode> = reports.iter().map(|r| r.prefecture).chain([file.prefecture]).collect();
        let group = ReportGroup { reports, all_or_nothing: true, remember: None };
        let mut tx = self.store.write_behind_wall(&prefectures, self.now).await?;
        let reports: Vec<&ReportWrite> = group.reports.iter().collect();
        let standing = tx.standing(&reports).await?;
        let mut judging = Judging::new(HashMap::new(), self.now);
        judging.after(&standing);
        let mut standing = standing.into_iter();
        judging.group(&group, &mut standing, &mut tx).await?;
        judging.leave(&mut tx)?;
        let versions = match judging.outcomes(&[&group], &mut tx).pop() {
            Some(GroupOutcome::Written(all)) => all.into_iter().map(|one| one.map(|a| a.version)).collect::<Result<Vec<u32>, Refusal>>(),
            Some(GroupOutcome::Held(all)) => {
                let refused = all.into_iter().enumerate().filter_map(|(place, one)| Some((place, one.err()?)));
                return Ok(Err(refused.collect()));
            }
            _ => return Err(StoreError::corrupt("a file without an outcome")),
        };
        let versions = versions.map_err(|_| StoreError::corrupt("a refused report in a file that was taken"))?;
        for (line, version) in file.lines.iter_mut().filter(|l| l.added).zip(versions) {
            line.version = version;
        }
        let receipt = tx.add_report_file(file).await?;
        let committed = tx.commit().await?;
        Ok(Ok((receipt, committed.event_id)))
    }
}
