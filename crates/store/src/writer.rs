//! The one writer of a node: reports that arrive together are committed together. It takes what is waiting, checks each on its own
//! against the record as it stands under the lock, writes versions, records, events and log entries in one transaction, and answers
//! each when it is durable. A report that fails its check leaves nothing behind and holds nobody up.

use crate::{
    board_reader::BoardReader,
    db::Store,
    error::StoreError,
    once::Taken,
    report_file::{NewReportFile, ReportFileRow},
    write::WriteTx,
};
use akidoko_domain::{
    audit::Entry,
    event::EventKind,
    id::{AccountId, HospitalId, PrefCode},
    report::{Cells, Checked, Kind, Known, Overtaken, Refusal, ReportVersion},
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

/// What became of a file: its receipt, or of each report that was refused its place and why.
pub type FileOutcome = Result<(ReportFileRow, i64), Vec<(usize, Refusal)>>;

/// A file on its way in, with its reports.
struct WholeFile {
    file: NewReportFile,
    reports: Vec<ReportWrite>,
}

enum Command {
    File(Box<WholeFile>, oneshot::Sender<Result<FileOutcome, StoreError>>),
    Report(Box<ReportWrite>, oneshot::Sender<Result<Accepted, WriteError>>),
    Log(Vec<Entry>, Vec<BoardReader>, oneshot::Sender<Result<(), StoreError>>),
}

/// The handle to the writer. When the last one is gone, the writer finishes what waits and ends.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Command>,
}

/// So many are committed together at most: a bound on how long the first of them waits.
const BATCH: usize = 64;

/// So many reports are asked for in one question. SQLite takes 500 parts.
const STANDING: usize = 400;

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
        let (answer, answered) = oneshot::channel();
        self.queue.send(Command::Report(Box::new(report), answer)).await.map_err(|_| StoreError::Stopping)?;
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

type Outcome = Result<Taken, Refusal>;

impl Batch<'_> {
    async fn take(store: &Store, now: DateTime<Utc>, commands: Vec<Command>) {
        let mut reports = Vec::new();
        let mut entries = Vec::new();
        let mut readers = Vec::new();
        let mut logged = Vec::new();
        let mut files = Vec::new();
        for command in commands {
            match command {
                Command::File(whole, answer) => files.push((whole, answer)),
                Command::Report(report, answer) => reports.push((report, answer)),
                Command::Log(some, read, answer) => {
                    entries.extend(some);
                    readers.extend(read);
                    logged.push(answer);
                }
            }
        }
        let batch = Batch { store, now };
        for (whole, answer) in files {
            let _ = answer.send(batch.whole(*whole).await);
        }
        if reports.is_empty() && logged.is_empty() {
            return;
        }
        let writes: Vec<&ReportWrite> = reports.iter().map(|(r, _)| r.as_ref()).collect();
        match batch.commit(&writes, entries.clone(), readers.clone()).await {
            Ok((event_id, outcomes)) => {
                for ((_, answer), outcome) in reports.into_iter().zip(outcomes) {
                    let _ = answer.send(Self::answer(event_id, outcome));
                }
                for answer in logged {
                    let _ = answer.send(Ok(()));
                }
            }
            Err(error) if reports.len() + logged.len() <= 1 => {
                for (_, answer) in reports {
                    let _ = answer.send(Err(StoreError::Corrupt(error.to_string()).into()));
                }
                for answer in logged {
                    let _ = answer.send(Err(StoreError::Corrupt(error.to_string())));
                }
            }
            Err(error) => {
                // One of them cannot be written. Each is tried alone, so that it falls alone.
                tracing::warn!(%error, reports = reports.len(), "a batch of writes failed and is taken one by one");
                for (report, answer) in reports {
                    let result = match batch.commit(&[report.as_ref()], vec![], vec![]).await {
                        Ok((event_id, mut outcomes)) => Self::answer(event_id, outcomes.remove(0)),
                        Err(error) => Err(error.into()),
                    };
                    let _ = answer.send(result);
                }
                if !logged.is_empty() {
                    let error = batch.commit(&[], entries, readers).await.err().map(|e| e.to_string());
                    for answer in logged {
                        let _ = answer.send(error.clone().map_or(Ok(()), |e| Err(StoreError::Corrupt(e))));
                    }
                }
            }
        }
    }

    fn answer(event_id: i64, outcome: Outcome) -> Result<Accepted, WriteError> {
        let accepted = |t: Taken| Accepted {
            version: t.version,
            as_of: t.as_of,
            received_at: t.received_at,
            event_id,
            report_date: t.report_date,
            overtaken: t.overtaken,
        };
        outcome.map(accepted).map_err(WriteError::Refused)
    }

    async fn commit(
        &self,
        reports: &[&ReportWrite],
        entries: Vec<Entry>,
        readers: Vec<BoardReader>,
    ) -> Result<(i64, Vec<Outcome>), StoreError> {
        let prefectures: BTreeSet<PrefCode> = reports.iter().map(|r| r.prefecture).chain(readers.iter().map(|r| r.prefecture)).collect();
        let mut tx = self.store.write_behind_wall(&prefectures, self.now).await?;
        let outcomes = self.write(&mut tx, reports).await?;
        tx.note_readers_at_commit(readers);
        for entry in entries {
            tx.log(entry);
        }
        let committed = tx.commit().await?;
        Ok((committed.event_id, outcomes))
    }

    /// A file, all of it or nothing: one refused report leaves the transaction uncommitted.
    async fn whole(&self, mut whole: WholeFile) -> Result<FileOutcome, StoreError> {
        let prefectures: BTreeSet<PrefCode> = whole.reports.iter().map(|r| r.prefecture).chain([whole.file.prefecture]).collect();
        let mut tx = self.store.write_behind_wall(&prefectures, self.now).await?;
        let reports: Vec<&ReportWrite> = whole.reports.iter().collect();
        let outcomes = self.write(&mut tx, &reports).await?;
        let mut versions = Vec::with_capacity(outcomes.len());
        let mut refused = Vec::new();
        for (place, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(taken) => versions.push(taken.version),
                Err(refusal) => refused.push((place, refusal)),
            }
        }
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        for (line, version) in whole.file.lines.iter_mut().filter(|l| l.added).zip(versions) {
            line.version = version;
        }
        let receipt = tx.add_report_file(whole.file).await?;
        let committed = tx.commit().await?;
        Ok(Ok((receipt, committed.event_id)))
    }

    /// Checks reports and lays what they leave into the transaction.
    async fn write(&self, tx: &mut WriteTx, reports: &[&ReportWrite]) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(reports.len());
        if reports.is_empty() {
            return Ok(outcomes);
        }
        // What an earlier report of this batch left counts more than what stood before it.
        let mut records: HashMap<(HospitalId, &str), (PrefCode, Cells)> = HashMap::with_capacity(reports.len());
        let mut versions: HashMap<(HospitalId, &str, NaiveDate), u32> = HashMap::with_capacity(reports.len());
        let mut added = Vec::with_capacity(reports.len());
        let mut named: HashMap<(AccountId, Uuid), Taken> = HashMap::new();
        for (report, standing) in reports.iter().zip(tx.all_standing(reports).await?) {
            let record_key = (report.hospital, report.survey.as_str());
            let version_key = (report.hospital, report.survey.as_str(), report.report_date);
            let once = report.account.zip(report.once);
            if let Some((account, id)) = once {
                let before = match named.get(&(account, id)) {
                    Some(taken) => Some(taken.clone()),
                    None => tx.answered_once(account, id).await?,
                };
                if let Some(taken) = before {
                    outcomes.push(Ok(taken));
                    continue;
                }
            }
            let known = Known {
                cells: records.get(&record_key).map_or(standing.cells, |(_, cells)| cells.clone()),
                version: versions.get(&version_key).copied().unwrap_or(standing.version),
                licensed_beds: report.licensed_beds,
            };
            let checked = match (report.check)(&known, self.now) {
                Ok(checked) => checked,
                Err(refusal) => {
                    outcomes.push(Err(refusal));
                    continue;
                }
            };
            let author = checked.author.clone();
            let mut entry = report.entry.clone();
            entry.at = self.now;
            if let Some(detail) = entry.detail.as_object_mut() {
                detail.insert("version".to_owned(), checked.version.into());
                if !checked.confirmed.is_empty() {
                    detail.insert("confirmed".to_owned(), checked.confirmed.into());
                }
            }
            tx.log(entry);
            tx.event(Some(report.prefecture), EventKind::Hospital(report.hospital));
            let taken = Taken {
                report_date: report.report_date,
                version: checked.version,
                as_of: checked.as_of,
                received_at: self.now,
                overtaken: checked.overtaken,
            };
            if let Some((account, id)) = once {
                tx.answer_once(account, id, report.prefecture, &taken).await?;
                named.insert((account, id), taken.clone());
            }
            outcomes.push(Ok(taken));
            versions.insert(version_key, checked.version);
            records.insert(record_key, (report.prefecture, checked.cells));
            let version = ReportVersion {
                hospital: report.hospital,
                survey: report.survey.clone(),
                survey_version: report.survey_version,
                report_date: report.report_date,
                version: checked.version,
                kind: report.kind,
                answers: checked.answers,
                as_of: checked.as_of,
                received_at: self.now,
                author,
                reason: checked.reason,
            };
            added.push((version, report.prefecture, report.account));
        }
        tx.add_versions_at_commit(added)?;
        let put = records.iter().map(|((hospital, survey), (prefecture, cells))| (*hospital, *survey, *prefecture, cells));
        tx.put_records_at_commit(put)?;
        let mut surveys: HashMap<HospitalId, usize> = HashMap::with_capacity(records.len());
        for (hospital, _) in records.keys() {
            *surveys.entry(*hospital).or_default() += 1;
        }
        for ((hospital, survey), (_, cells)) in records {
            // Two surveys of one hospital in one batch: rare enough to be read again.
            if surveys[&hospital] == 1 {
                tx.left(hospital, survey, Arc::new(cells));
            }
        }
        Ok(outcomes)
    }
}

/// What stands of a report's hospital, survey and day.
struct Standing {
    cells: Cells,
    version: u32,
}

impl WriteTx {
    /// What stands of each report; of a file in as many questions as a database takes parts.
    async fn all_standing(&self, reports: &[&ReportWrite]) -> Result<Vec<Standing>, StoreError> {
        let mut standing = Vec::with_capacity(reports.len());
        for some in reports.chunks(STANDING) {
            standing.extend(self.standing(some).await?);
        }
        Ok(standing)
    }

    /// What stands of each report, in their order, in one question: every part of it is one look into a primary key, so that the cost does
    /// not grow with the past.
    async fn standing(&self, reports: &[&ReportWrite]) -> Result<Vec<Standing>, StoreError> {
        #[derive(sea_orm::FromQueryResult)]
        struct Found {
            place: i32,
            cells: Option<String>,
            version: Option<i32>,
        }
        let mut values = Vec::with_capacity(reports.len() * 3);
        let mut parts = Vec::with_capacity(reports.len());
        for (place, report) in reports.iter().enumerate() {
            let (h, s, d) = (values.len() + 1, values.len() + 2, values.len() + 3);
            parts.push(format!(
                "SELECT {place} AS place, (SELECT CAST(cells AS TEXT) FROM hospital_record WHERE hospital_id = ${h} AND survey = ${s}) AS cells, \
                 (SELECT MAX(version) FROM report_version WHERE hospital_id = ${h} AND survey = ${s} AND report_date = ${d}) AS version"
            ));
            values.extend([report.hospital.0.into(), report.survey.as_str().into(), report.report_date.into()]);
        }
        let found: Vec<Found> = self.rows().all(&parts.join(" UNION ALL "), values).await?;
        let mut standing: Vec<Standing> = reports.iter().map(|_| Standing { cells: Cells::default(), version: 0 }).collect();
        for f in found {
            let s = usize::try_from(f.place).ok().and_then(|p| standing.get_mut(p)).ok_or_else(|| StoreError::corrupt("no such place"))?;
            if let Some(cells) = f.cells {
                s.cells = serde_json::from_str(&cells).map_err(StoreError::corrupt)?;
            }
            s.version = u32::try_from(f.version.unwrap_or(0)).map_err(StoreError::corrupt)?;
        }
        Ok(standing)
    }
}
