//! Taking files in. Each file is read whole into a waiting room first; only when all of it is good is the database touched, in one
//! transaction. The same file again changes nothing.

use crate::{Service, Store, StoreError, chance};
use akidoko_domain::{
    audit::{Category, Entry},
    event::EventKind,
    hospital::{Attributes, CodeSystem},
    id::{HospitalId, OrganisationId, PrefCode},
    survey::Catalogue,
    time::{SharedClock, jst_day},
};
use akidoko_exchange::{
    ReadError,
    input::{self, Progress},
    register::{facilities, geo, gmis, links},
};
use akidoko_store::{Applied, Counts, Duplicate, NewHospital, Refused, RegisterBatch, Staging, WriteTx};
use chrono::NaiveDate;
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap, hash_map::DefaultHasher},
    fmt::Write as _,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// 医療情報ネット's hospitals, or the G-MIS register of hospitals; told apart by the header.
    Hospitals {
        /// The day of the register; `None`: the day in the file's name, or else today.
        as_of: Option<NaiveDate>,
    },
    /// A day of the G-MIS open data.
    GmisDaily {
        /// The one-letter form, whose day is in the file's name.
        compact: bool,
    },
    /// Which hospitals of the two registers are the same.
    Links,
    /// Municipalities and wards.
    Municipalities,
    /// Medical areas.
    Areas,
    /// National holidays.
    Holidays,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Hospitals, links or rows of reference data.
    pub rows: Counts,
    /// Reports, where the file has some.
    pub reports: Option<Counts>,
    /// Rows rightly left out: links without a partner.
    pub left_out: u64,
}

/// Why a file was not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read: the first lines that show why.
    #[error("{} cannot be read", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The first errors.
        errors: Vec<ReadError>,
    },
    /// A key stands more than once.
    #[error("{} has doubled keys", .file.display())]
    Doubled {
        /// The file.
        file: PathBuf,
        /// The first of them.
        keys: Vec<Duplicate>,
    },
    /// It does not fit what is there.
    #[error("{} does not fit what is there", .file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// The first reasons, each with its line where there is one.
        reasons: Vec<(Option<u64>, Refused)>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    /// For the operator: what is wrong, with lines, and that nothing was changed.
    pub fn japanese(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Read { file, errors } => {
                let _ = writeln!(text, "{} は取り込めません。", file.display());
                for error in errors {
                    let _ = writeln!(text, "  {}", error.japanese());
                }
            }
            Self::Doubled { file, keys } => {
                let _ = writeln!(text, "{} に同じキーが重なっています。", file.display());
                for k in keys {
                    let _ = writeln!(text, "  {} 行目と {} 行目：{}", k.first, k.second, k.key);
                }
            }
            Self::Refused { file, reasons } => {
                let _ = writeln!(text, "{} は登録済みの内容と合いません。", file.display());
                for (line, reason) in reasons {
                    let at = line.map_or(String::new(), |l| format!("{l} 行目："));
                    let _ = writeln!(text, "  {at}{}", refused_japanese(reason));
                }
            }
            Self::Store(error) => {
                let _ = writeln!(text, "データベースで失敗しました：{error}");
            }
        }
        text.push_str("何も変更していません。");
        text
    }
}

fn refused_japanese(reason: &Refused) -> String {
    match reason {
        Refused::OtherPrefecture { code, stands_in } => {
            format!("{code} は都道府県 {stands_in} の医療機関として登録されています。都道府県をまたぐ変更はできません。")
        }
        Refused::UnknownHospital { code } => format!(
            "G-MIS の {code} は登録されていません。先に `akidoko import hospitals` で医療機関の一覧（gmis_facilities.csv など）を取り込んでください。"
        ),
        Refused::BothReported { mednet, gmis } => format!("{mednet} と {gmis} は同じ日の報告を別々に持っているため、一つにできません。"),
        Refused::LinkedElsewhere { mednet, gmis } => format!("{mednet} か {gmis} は別の番号と結び付けられています。"),
    }
}

/// An import without the rest of the service: for the command line.
pub struct Importer {
    store: Store,
    clock: SharedClock,
    catalogue: Arc<Catalogue>,
}

/// So many hospitals are taken at once: a bound on memory, and on the places of one statement.
const CHUNK: u32 = 500;

impl Importer {
    /// For a database whose schema is up to date.
    pub async fn new(store: Store, clock: SharedClock) -> Result<Self, StoreError> {
        store.install_surveys(clock.now()).await?;
        let catalogue = Arc::new(store.catalogue().await?);
        Ok(Self { store, clock, catalogue })
    }

    /// Takes a file. `started` is given its progress once it is open.
    pub async fn import(&self, source: Source, file: &Path, started: impl FnOnce(Progress)) -> Result<Outcome, ImportError> {
        let read = |error: ReadError| ImportError::Read { file: file.to_owned(), errors: vec![error] };
        let mut opened = input::open(file).map_err(read)?;
        started(opened.progress());
        let input = opened.reader().map_err(read)?;
        match source {
            Source::Hospitals { as_of } => {
                let day = as_of.or_else(|| day_in_name(file)).unwrap_or_else(|| jst_day(self.clock.now()));
                self.hospitals(input, file, day).await
            }
            Source::GmisDaily { compact: false } => self.gmis_daily(input, file).await,
            Source::GmisDaily { compact: true } => self.gmis_compact(input, file).await,
            Source::Links => self.links(input, file).await,
            Source::Municipalities => {
                let rows = all(file, geo::municipalities(input).map_err(read)?)?;
                self.reference(file, async |tx: &WriteTx| tx.put_municipalities(&rows).await, rows.iter().map(|m| m.prefecture)).await
            }
            Source::Areas => {
                let rows = all(file, geo::areas(input).map_err(read)?)?;
                self.reference(file, async |tx: &WriteTx| tx.put_areas(&rows).await, rows.iter().map(|a| a.prefecture)).await
            }
            Source::Holidays => {
                let rows = all(file, geo::holidays(input).map_err(read)?)?;
                self.reference(file, async |tx: &WriteTx| tx.put_holidays(&rows).await, std::iter::empty()).await
            }
        }
    }

    async fn hospitals(&self, input: Box<dyn std::io::Read + '_>, file: &Path, day: NaiveDate) -> Result<Outcome, ImportError> {
        let read = |error: ReadError| ImportError::Read { file: file.to_owned(), errors: vec![error] };
        let mut staging = self.staging().await?;
        let mut errors = Vec::new();
        let (system, rows) = facilities::open(input).map_err(read)?;
        for row in rows {
            match row {
                Ok(row) => staging.register(&row.code, day, row.prefecture, &row.attributes, row.line).await?,
                Err(error) => errors.push(error),
            }
            if errors.len() == 5 {
                break;
            }
        }
        Self::is_good(file, errors, staging.doubled_codes().await?)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let applied = self.take_registers(&mut tx, &mut staging, system, file).await?;
        self.finish(tx, file, "hospitals", &applied.counts, None, &applied.prefectures).await?;
        Ok(Outcome { rows: applied.counts, ..Outcome::default() })
    }

    async fn gmis_daily(&self, input: Box<dyn std::io::Read + '_>, file: &Path) -> Result<Outcome, ImportError> {
        let mut staging = self.staging().await?;
        let mut errors = Vec::new();
        // What a hospital is stands on each of its lines; it waits once, unless it differs. The memory is bounded by forgetting.
        let mut said: HashMap<String, u64> = HashMap::new();
        let rows = gmis::Reader::new(input).map_err(|e| ImportError::Read { file: file.to_owned(), errors: vec![e] })?;
        for row in rows {
            match row {
                Ok(row) => {
                    staging.answer(&row.gmis_id, row.report_date, row.service, row.answer, row.line).await?;
                    let says = fingerprint(row.report_date, row.prefecture, &row.attributes);
                    if said.get(&row.gmis_id) != Some(&says) {
                        staging.register(&row.gmis_id, row.report_date, row.prefecture, &row.attributes, row.line).await?;
                        if said.len() >= 20_000 {
                            said.clear();
                        }
                        said.insert(row.gmis_id, says);
                    }
                }
                Err(error) => errors.push(error),
            }
            if errors.len() == 5 {
                break;
            }
        }
        Self::is_good(file, errors, staging.doubled_answers().await?)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let hospitals = self.take_registers(&mut tx, &mut staging, CodeSystem::Gmis, file).await?;
        let reports = self.take_days(&mut tx, &mut staging, file).await?;
        let prefectures = hospitals.prefectures.union(&reports.prefectures).copied().collect();
        self.finish(tx, file, "gmis_daily", &hospitals.counts, Some(&reports.counts), &prefectures).await?;
        Ok(Outcome { rows: hospitals.counts, reports: Some(reports.counts), left_out: 0 })
    }

    async fn gmis_compact(&self, input: Box<dyn std::io::Read + '_>, file: &Path) -> Result<Outcome, ImportError> {
        let read = |error: ReadError| ImportError::Read { file: file.to_owned(), errors: vec![error] };
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let day = gmis::date_of_file(&name).map_err(read)?;
        let mut staging = self.staging().await?;
        let mut errors = Vec::new();
        for row in gmis::CompactReader::new(input, day).map_err(read)? {
            match row {
                Ok(row) => {
                    let a = row.answer;
                    staging.answer(&a.gmis_id, a.report_date, a.service, a.answer, row.line).await?;
                }
                Err(error) => errors.push(error),
            }
            if errors.len() == 5 {
                break;
            }
        }
        Self::is_good(file, errors, staging.doubled_answers().await?)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let reports = self.take_days(&mut tx, &mut staging, file).await?;
        self.finish(tx, file, "gmis_daily", &Counts::default(), Some(&reports.counts), &reports.prefectures).await?;
        Ok(Outcome { reports: Some(reports.counts), ..Outcome::default() })
    }

    async fn links(&self, input: Box<dyn std::io::Read + '_>, file: &Path) -> Result<Outcome, ImportError> {
        let read = |error: ReadError| ImportError::Read { file: file.to_owned(), errors: vec![error] };
        let mut rows = links::Reader::new(input).map_err(read)?;
        let links = all(file, rows.by_ref())?;
        let mut seen: HashMap<&str, u64> = HashMap::new();
        let mut doubled = Vec::new();
        for link in &links {
            for key in [link.mednet.as_str(), link.gmis.as_str()] {
                if let Some(first) = seen.insert(key, link.line) {
                    doubled.push(Duplicate { key: key.to_owned(), first, second: link.line });
                }
            }
        }
        doubled.truncate(5);
        Self::is_good(file, Vec::new(), doubled)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let mut total = Applied::default();
        for some in links.chunks(CHUNK as usize) {
            add(&mut total, tx.take_links(some).await?);
        }
        fits(file, &total)?;
        self.finish(tx, file, "links", &total.counts, None, &total.prefectures).await?;
        Ok(Outcome { rows: total.counts, reports: None, left_out: rows.left_out() })
    }

    async fn reference(
        &self,
        file: &Path,
        put: impl AsyncFnOnce(&WriteTx) -> Result<[u64; 3], StoreError>,
        prefectures: impl Iterator<Item = PrefCode>,
    ) -> Result<Outcome, ImportError> {
        let tx = self.store.write_system(self.clock.now()).await?;
        let touched: BTreeSet<PrefCode> = prefectures.collect();
        for prefecture in &touched {
            tx.ensure_prefecture(*prefecture, None).await?;
        }
        let [added, changed, kept] = put(&tx).await?;
        let counts = Counts { added, changed, kept };
        let touched = if added + changed > 0 { touched } else { BTreeSet::new() };
        self.finish(tx, file, "reference", &counts, None, &touched).await?;
        Ok(Outcome { rows: counts, ..Outcome::default() })
    }

    async fn staging(&self) -> Result<Staging, StoreError> {
        Staging::open(&chance::uuid(self.clock.now()).to_string()).await
    }

    fn is_good(file: &Path, errors: Vec<ReadError>, keys: Vec<Duplicate>) -> Result<(), ImportError> {
        if !errors.is_empty() {
            return Err(ImportError::Read { file: file.to_owned(), errors });
        }
        if keys.is_empty() { Ok(()) } else { Err(ImportError::Doubled { file: file.to_owned(), keys }) }
    }

    async fn take_registers(
        &self,
        tx: &mut WriteTx,
        staging: &mut Staging,
        system: CodeSystem,
        file: &Path,
    ) -> Result<Applied, ImportError> {
        let mut total = Applied::default();
        let mut after: Option<(NaiveDate, String)> = None;
        loop {
            let rows = staging.registers_after(after.as_ref().map(|(day, code)| (*day, code.as_str())), CHUNK).await?;
            let Some(last) = rows.last() else { return Ok(total) };
            after = Some((last.day, last.code.clone()));
            // A batch has each code once: days of a file are taken one after the other.
            let mut rest = rows.as_slice();
            while let Some(first) = rest.first() {
                let day = rest.iter().take_while(|r| r.day == first.day).count();
                let now = tx.now();
                let chance = || NewHospital {
                    id: HospitalId(chance::uuid(now)),
                    organisation: OrganisationId(chance::uuid(now)),
                    serial: chance::number(),
                };
                let applied = tx.take_registers(&RegisterBatch { system, rows: &rest[..day] }, chance).await?;
                add(&mut total, applied);
                fits(file, &total)?;
                rest = &rest[day..];
            }
        }
    }

    async fn take_days(&self, tx: &mut WriteTx, staging: &mut Staging, file: &Path) -> Result<Applied, ImportError> {
        const REGISTER: &str = "全国医療機関の医療提供体制の状況（公表データ）";
        let mut total = Applied::default();
        let mut after: Option<(NaiveDate, String)> = None;
        loop {
            let days = staging.days_after(after.as_ref().map(|(day, code)| (*day, code.as_str())), CHUNK).await?;
            let Some(last) = days.last() else { return Ok(total) };
            after = Some((last.day, last.code.clone()));
            add(&mut total, tx.take_days(CodeSystem::Gmis, &days, REGISTER, &self.catalogue).await?);
            fits(file, &total)?;
        }
    }

    async fn finish(
        &self,
        mut tx: WriteTx,
        file: &Path,
        what: &str,
        rows: &Counts,
        reports: Option<&Counts>,
        prefectures: &BTreeSet<PrefCode>,
    ) -> Result<(), StoreError> {
        let counts = |c: &Counts| json!({ "added": c.added, "changed": c.changed, "kept": c.kept });
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let detail = json!({ "file": name, "rows": counts(rows), "reports": reports.map(counts) });
        tx.log(Entry::by_system(tx.now(), Category::Import, what, detail));
        for prefecture in prefectures {
            tx.event(Some(*prefecture), EventKind::Board);
        }
        tx.commit().await.map(|_| ())
    }
}

/// All rows of a small file, or its first errors.
fn all<T>(file: &Path, rows: impl Iterator<Item = Result<T, ReadError>>) -> Result<Vec<T>, ImportError> {
    let mut good = Vec::new();
    let mut errors = Vec::new();
    for row in rows {
        match row {
            Ok(row) => good.push(row),
            Err(error) => errors.push(error),
        }
        if errors.len() == 5 {
            break;
        }
    }
    if errors.is_empty() { Ok(good) } else { Err(ImportError::Read { file: file.to_owned(), errors }) }
}

fn add(total: &mut Applied, applied: Applied) {
    total.counts.added += applied.counts.added;
    total.counts.changed += applied.counts.changed;
    total.counts.kept += applied.counts.kept;
    total.prefectures.extend(applied.prefectures);
    total.refused.extend(applied.refused);
}

fn fits(file: &Path, applied: &Applied) -> Result<(), ImportError> {
    if applied.refused.is_empty() {
        return Ok(());
    }
    let reasons = applied.refused.iter().take(5).cloned().collect();
    Err(ImportError::Refused { file: file.to_owned(), reasons })
}

fn fingerprint(day: NaiveDate, prefecture: PrefCode, attributes: &Attributes) -> u64 {
    let mut hasher = DefaultHasher::new();
    day.hash(&mut hasher);
    prefecture.hash(&mut hasher);
    // Floats have no Hash; their text is as good.
    format!("{attributes:?}").hash(&mut hasher);
    hasher.finish()
}

/// Eight digits in a file's name that are a day, as in `01-1_hospital_facility_info_20250601.zip`.
fn day_in_name(file: &Path) -> Option<NaiveDate> {
    let name = file.file_name()?.to_str()?;
    let runs = name.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() == 8).find_map(|run| NaiveDate::parse_from_str(run, "%Y%m%d").ok())
}

impl Service {
    /// An importer beside the running service.
    pub fn importer(&self) -> Importer {
        Importer { store: self.store.clone(), clock: self.clock.clone(), catalogue: self.catalogue() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_in_a_name() {
        for (name, day) in [
            ("01-1_hospital_facility_info_20250601.zip", Some("2025-06-01")),
            ("hospitals.csv", None),
            ("20251301.csv", None),
            ("202506011.csv", None),
        ] {
            assert_eq!(day_in_name(Path::new(name)), day.map(|d| d.parse().unwrap()), "{name}");
        }
    }
}
