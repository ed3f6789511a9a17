//! The one writer of a node: reports that arrive together are committed together. It takes what is waiting, checks each on its own
//! against the record as it stands under the lock, writes versions, records, events and log entries in one transaction, and answers
//! each when it is durable. A report that fails its check leaves nothing behind and holds nobody up.

use crate::{db::Store, error::StoreError};
use akidoko_domain::{
    audit::Entry,
    event::EventKind,
    id::{AccountId, HospitalId, PrefCode},
    report::{Cells, Checked, Kind, Known, Refusal, ReportVersion},
    time::{SharedClock, cut},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot};

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

enum Command {
    Report(Box<ReportWrite>, oneshot::Sender<Result<Accepted, WriteError>>),
    Log(Vec<Entry>, oneshot::Sender<Result<(), StoreError>>),
}

/// The handle to the writer. When the last one is gone, the writer finishes what waits and ends.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Command>,
}

/// So many are committed together at most: a bound on how long the first of them waits.
const BATCH: usize = 64;

impl Writer {
    /// Starts the writer of this node.
    pub fn start(store: Store, clock: SharedClock) -> Self {
        let (queue, mut waiting) = mpsc::channel(4096);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                Batch::take(&store, cut(clock.now()), std::mem::take(&mut batch)).await;
            }
        });
        Self { queue }
    }

    /// Hands a report in and waits until it is durable or refused.
    pub async fn report(&self, report: ReportWrite) -> Result<Accepted, WriteError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Command::Report(Box::new(report), answer)).await.map_err(|_| StoreError::Stopping)?;
        answered.await.map_err(|_| StoreError::Stopping)?
    }

    /// Appends to the log and waits until it is durable.
    pub async fn log(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Command::Log(entries, answer)).await.map_err(|_| StoreError::Stopping)?;
        answered.await.map_err(|_| StoreError::Stopping)?
    }
}

struct Batch<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
}

type Outcome = Result<(u32, DateTime<Utc>), Refusal>;

impl Batch<'_> {
    async fn take(store: &Store, now: DateTime<Utc>, commands: Vec<Command>) {
        let mut reports = Vec::new();
        let mut entries = Vec::new();
        let mut logged = Vec::new();
        for command in commands {
            match command {
                Command::Report(report, answer) => reports.push((report, answer)),
                Command::Log(some, answer) => {
                    entries.extend(some);
                    logged.push(answer);
                }
            }
        }
        let batch = Batch { store, now };
        let writes: Vec<&ReportWrite> = reports.iter().map(|(r, _)| r.as_ref()).collect();
        match batch.commit(&writes, entries.clone()).await {
            Ok((event_id, outcomes)) => {
                for ((_, answer), outcome) in reports.into_iter().zip(outcomes) {
                    let _ = answer.send(batch.answer(event_id, outcome));
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
                    let result = match batch.commit(&[report.as_ref()], vec![]).await {
                        Ok((event_id, mut outcomes)) => batch.answer(event_id, outcomes.remove(0)),
                        Err(error) => Err(error.into()),
                    };
                    let _ = answer.send(result);
                }
                if !logged.is_empty() {
                    let error = batch.commit(&[], entries).await.err().map(|e| e.to_string());
                    for answer in logged {
                        let _ = answer.send(error.clone().map_or(Ok(()), |e| Err(StoreError::Corrupt(e))));
                    }
                }
            }
        }
    }

    fn answer(&self, event_id: i64, outcome: Outcome) -> Result<Accepted, WriteError> {
        outcome.map(|(version, as_of)| Accepted { version, as_of, received_at: self.now, event_id }).map_err(WriteError::Refused)
    }

    async fn commit(&self, reports: &[&ReportWrite], entries: Vec<Entry>) -> Result<(i64, Vec<Outcome>), StoreError> {
        let prefectures: BTreeSet<PrefCode> = reports.iter().map(|r| r.prefecture).collect();
        let mut tx = self.store.write_behind_wall(&prefectures, self.now).await?;
        let mut outcomes = Vec::with_capacity(reports.len());
        if !reports.is_empty() {
            tx.lock().await?;
            let hospitals: Vec<HospitalId> = reports.iter().map(|r| r.hospital).collect::<BTreeSet<_>>().into_iter().collect();
            let mut records: HashMap<(HospitalId, String), Cells> =
                tx.records(&hospitals).await?.into_iter().map(|r| ((r.hospital, r.survey), r.cells)).collect();
            let mut versions = tx.version_numbers(reports).await?;
            let mut added = Vec::with_capacity(reports.len());
            let mut touched: BTreeSet<usize> = BTreeSet::new();
            for (at, report) in reports.iter().enumerate() {
                let record_key = (report.hospital, report.survey.clone());
                let version_key = (report.hospital, report.survey.clone(), report.report_date);
                let known = Known {
                    cells: records.get(&record_key).cloned().unwrap_or_default(),
                    version: versions.get(&version_key).copied().unwrap_or(0),
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
                }
                tx.log(entry);
                tx.event(Some(report.prefecture), EventKind::Hospital(report.hospital));
                outcomes.push(Ok((checked.version, checked.as_of)));
                versions.insert(version_key, checked.version);
                records.insert(record_key, checked.cells);
                touched.insert(at);
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
            tx.add_versions(added).await?;
            let changed: HashMap<(HospitalId, &str), PrefCode> =
                touched.iter().map(|at| ((reports[*at].hospital, reports[*at].survey.as_str()), reports[*at].prefecture)).collect();
            let put = changed.iter().filter_map(|((hospital, survey), prefecture)| {
                records.get(&(*hospital, (*survey).to_owned())).map(|cells| (*hospital, *survey, *prefecture, cells))
            });
            tx.put_records(put).await?;
        }
        for entry in entries {
            tx.log(entry);
        }
        let committed = tx.commit().await?;
        Ok((committed.event_id, outcomes))
    }
}

impl crate::write::WriteTx {
    /// The newest version's number for each hospital, survey and day of some reports.
    async fn version_numbers(&self, reports: &[&ReportWrite]) -> Result<HashMap<(HospitalId, String, NaiveDate), u32>, StoreError> {
        #[derive(sea_orm::FromQueryResult)]
        struct Newest {
            hospital_id: uuid::Uuid,
            survey: String,
            report_date: NaiveDate,
            version: i32,
        }
        // Nearly always one day and one survey: hospitals × days asks for a few more than needed, in one query.
        let hospitals: BTreeSet<HospitalId> = reports.iter().map(|r| r.hospital).collect();
        let days: BTreeSet<NaiveDate> = reports.iter().map(|r| r.report_date).collect();
        let surveys: BTreeSet<&str> = reports.iter().map(|r| r.survey.as_str()).collect();
        // The survey stands before the day in the key: without it every version that a hospital ever had would be read.
        let sql = format!(
            "SELECT hospital_id, survey, report_date, CAST(MAX(version) AS INTEGER) AS version FROM report_version \
             WHERE hospital_id IN ({}) AND survey IN ({}) AND report_date IN ({}) GROUP BY hospital_id, survey, report_date",
            crate::read::places(1, hospitals.len()),
            crate::read::places(1 + hospitals.len(), surveys.len()),
            crate::read::places(1 + hospitals.len() + surveys.len(), days.len())
        );
        let ids = hospitals.iter().map(|h| h.0.into());
        let values = ids.chain(surveys.iter().map(|s| (*s).into())).chain(days.iter().map(|d| (*d).into())).collect();
        let found: Vec<Newest> = self.rows().all(&sql, values).await?;
        found
            .into_iter()
            .map(|r| Ok(((HospitalId(r.hospital_id), r.survey, r.report_date), u32::try_from(r.version).map_err(StoreError::corrupt)?)))
            .collect()
    }
}
