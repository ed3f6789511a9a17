//! The history of a hospital's reports, and why a figure changed. Nothing is overwritten, so all of it can be told; what a survey keeps from
//! a kind of organisation does not exist for it here either.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action, Actor, may},
    board::{Column, Row},
    id::{HospitalId, OrganisationCode},
    report::{Cells, Correction, Kind, ReportVersion},
    survey::{Catalogue, Item},
    time::jst_day,
};
use akidoko_store::{HospitalDetail, Reader};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use std::{collections::BTreeSet, sync::Arc};

/// A month of a hospital's reports.
pub struct History {
    /// The hospital.
    pub hospital: HospitalDetail,
    /// The first day of the month.
    pub month: NaiveDate,
    /// The versions of the month, of every survey; without those of another system that only repeat.
    pub versions: Vec<ReportVersion>,
    /// There are older ones of the month: so many are shown.
    pub is_cut: Option<u32>,
    /// What stood before the month: of each survey the last full version, and the quick ones after it.
    pub before: Vec<ReportVersion>,
    /// The corrections that were asked for the days of the month.
    pub corrections: Vec<Correction>,
    /// The months before and after it that have reports, by their first days.
    pub around: (Option<NaiveDate>, Option<NaiveDate>),
    /// As it was known at a past minute: the record of each survey then.
    pub known: Option<KnownThen>,
}

/// A moment, and the record of each survey as it was known then.
pub type KnownThen = (DateTime<Utc>, Vec<(String, Cells)>);

/// One version, with what stood before it.
pub struct OneVersion {
    /// The hospital.
    pub hospital: HospitalDetail,
    /// The version.
    pub version: ReportVersion,
    /// What stood before: the day's earlier versions and the last full one before them.
    pub before: Vec<ReportVersion>,
    /// The correction that it was, if it took consent.
    pub correction: Option<Correction>,
    /// The newest version of that day.
    pub newest: u32,
}

/// What is known of a figure's past.
pub struct Why {
    /// The hospital, as the board shows it.
    pub row: Arc<Row>,
    /// The column of the board that it fills, if it fills one.
    pub column: Option<Column>,
    /// The newest version of its question.
    pub item: Item,
    /// The survey and version that ask it so.
    pub survey: (String, u32),
    /// The versions that speak of it or may, from `first` on and what stood before.
    pub versions: Vec<ReportVersion>,
    /// From which day on they were read.
    pub first: NaiveDate,
    /// There are older reports.
    pub more: bool,
    /// The corrections that took consent.
    pub corrections: Vec<Correction>,
    /// Whoever asks may know which operator it was, and the reason.
    pub operators: bool,
}

/// So many days are looked through at once.
const DAYS: u64 = 92;
/// The most versions of one survey that are read at once; a hospital that updates forty times a day for a month.
const MOST: u32 = 1500;

/// The item of a version that is asked for: by the column that it fills, or by its name.
pub fn item_of<'a>(catalogue: &'a Catalogue, name: &str, survey: &str, version: u32) -> Option<&'a Item> {
    let survey = catalogue.version(survey, version)?;
    match Column::parse(name) {
        Some(column) => survey.items().find(|i| i.column == Some(column)),
        None => survey.item(name),
    }
}

impl Service {
    /// Does this item exist for the actor? For the hospital itself, and an association that reports for it, all do.
    pub fn sees_item(&self, actor: &Actor, hospital: HospitalId, item: &Item) -> bool {
        let own = Self::stands_for(actor, hospital);
        // What one version of a survey keeps from a kind, the board keeps from it altogether.
        let hidden = || item.column.is_some_and(|column| self.hidden_columns(actor).contains(&column));
        own || !(item.hidden_from.contains(&actor.kind) || hidden())
    }

    /// Versions as the actor may read them: without the answers to items that do not exist for it.
    pub fn as_seen(&self, actor: &Actor, mut versions: Vec<ReportVersion>) -> Vec<ReportVersion> {
        let catalogue = self.catalogue();
        for v in &mut versions {
            let Some(survey) = catalogue.version(&v.survey, v.survey_version) else { continue };
            v.answers.retain(|id, _| survey.item(id).is_none_or(|item| self.sees_item(actor, v.hospital, item)));
        }
        versions
    }

    fn survey_codes(&self) -> BTreeSet<String> {
        self.catalogue().all().map(|s| s.code.clone()).collect()
    }

    /// The versions of every survey for the last days of a range that can be read at once, and the first of these days.
    async fn last_versions(
        &self,
        reader: &Reader,
        id: HospitalId,
        mut first: NaiveDate,
        last: NaiveDate,
    ) -> Result<(Vec<ReportVersion>, NaiveDate), StoreError> {
        let mut all = Vec::new();
        for survey in self.survey_codes() {
            let versions = reader.report_versions(id, &survey, first..=last, MOST).await?;
            // Of the oldest of these days some may be missing.
            if let Some(oldest) = versions.last().filter(|_| versions.len() >= MOST as usize) {
                first = first.max(oldest.report_date.succ_opt().unwrap_or(last).min(last));
            }
            all.extend(versions);
        }
        all.retain(|v| v.report_date >= first);
        Ok((all, first))
    }

    /// What stood before a day: of each survey the last full version, and the quick ones after it that count. `known_at`: of what had been received then.
    async fn stood_before(
        &self,
        reader: &Reader,
        id: HospitalId,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<ReportVersion>, StoreError> {
        let mut all = Vec::new();
        let eve = day.pred_opt().unwrap_or(day);
        for survey in self.survey_codes() {
            let Some(full) = reader.last_full_before(id, &survey, day, known_at).await? else { continue };
            let since = reader.telling_versions(id, &survey, full.report_date..=eve, known_at).await?;
            all.extend(since.into_iter().filter(|v| (v.report_date, v.version) >= (full.report_date, full.version)));
        }
        Ok(all)
    }

    /// A month of the history: the one asked for, else the newest with a report. `Err(false)`: no such hospital; `Err(true)`: not for this actor.
    pub async fn history(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        month: Option<NaiveDate>,
        at: Option<DateTime<Utc>>,
    ) -> Result<Result<History, bool>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(Err(false)) };
        let id = hospital.hospital.id;
        if !self.may_read_history(actor, id) {
            return Ok(Err(true));
        }
        let today = jst_day(self.clock.now());
        let month = match month.or(at.map(jst_day)) {
            Some(month) => month,
            None => reader.reported_around(id, today.succ_opt().unwrap_or(today), today).await?.0.unwrap_or(today),
        };
        let month = month.with_day(1).unwrap_or(month);
        let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
        let last = next.pred_opt().unwrap_or(month);
        let (mut versions, mut is_cut) = (Vec::new(), None);
        for survey in self.survey_codes() {
            let some = reader.changing_versions(id, &survey, month..=last, MOST).await?;
            is_cut = is_cut.or((some.len() >= MOST as usize).then_some(MOST));
            versions.extend(some);
        }
        let before = self.stood_before(&reader, id, month, at).await?;
        let mut known = None;
        if let Some(at) = at {
            versions.retain(|v| v.received_at <= at);
            known = Some((at, self.known_at(&reader, id, at).await?));
        }
        let around = reader.reported_around(id, month, next).await?;
        let first = |day: NaiveDate| day.with_day(1).unwrap_or(day);
        // Another survey's have its own page of answers.
        let mut corrections = reader.corrections_for(id, month..=last).await?;
        corrections.retain(|c| c.survey == akidoko_domain::survey::DAILY);
        Ok(Ok(History {
            hospital,
            month,
            versions,
            is_cut,
            before,
            corrections,
            around: (around.0.map(first), around.1.map(first)),
            known,
        }))
    }

    /// The record of each survey as it was known at a moment: the versions that had been received, put together as they were then.
    async fn known_at(&self, reader: &Reader, id: HospitalId, at: DateTime<Utc>) -> Result<Vec<(String, Cells)>, StoreError> {
        let last = jst_day(at);
        let first = last.checked_sub_days(Days::new(60)).unwrap_or(last);
        let mut versions = self.stood_before(reader, id, first, Some(at)).await?;
        for survey in self.survey_codes() {
            versions.extend(reader.telling_versions(id, &survey, first..=last, Some(at)).await?);
        }
        versions.sort_by_key(|v| (v.received_at, v.report_date, v.version));
        let mut records: std::collections::BTreeMap<String, Cells> = std::collections::BTreeMap::new();
        let catalogue = self.catalogue();
        for v in versions {
            let Some(survey) = catalogue.version(&v.survey, v.survey_version) else { continue };
            records.entry(v.survey.clone()).or_default().apply(survey, v.kind, &v.answers, v.author.clone(), v.as_of);
        }
        Ok(records.into_iter().collect())
    }

    /// One version in full, under the version of the survey that it answered.
    pub async fn one_version(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        (survey, date): (&str, NaiveDate),
        number: u32,
    ) -> Result<Result<OneVersion, bool>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(Err(false)) };
        let id = hospital.hospital.id;
        if !self.may_read_history(actor, id) {
            return Ok(Err(true));
        }
        let day = reader.report_versions(id, survey, date..=date, MOST).await?;
        let newest = day.first().map_or(0, |v| v.version);
        let Some(version) = day.iter().find(|v| v.version == number).cloned() else { return Ok(Err(false)) };
        let mut before: Vec<_> = day.into_iter().filter(|v| v.version < number).collect();
        if !before.iter().any(|v| v.kind == Kind::Full) {
            before.extend(self.stood_before(&reader, id, date, None).await?.into_iter().filter(|v| v.survey == survey));
        }
        let corrections = reader.corrections_for(id, date..=date).await?;
        let correction = corrections.into_iter().find(|c| c.survey == survey && c.version == Some(number));
        Ok(Ok(OneVersion { hospital, version, before, correction, newest }))
    }

    /// Why a figure is what it is. `None`: no such hospital or figure, as far as this actor can know.
    pub async fn why(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        name: &str,
        until: Option<NaiveDate>,
    ) -> Result<Option<Why>, StoreError> {
        let Some((detail, row)) = self.hospital(actor, code).await? else { return Ok(None) };
        let id = detail.hospital.id;
        let operators = self.may_read_history(actor, id);
        if !may(actor.kind, Action::ReadBoard) && !operators {
            return Ok(None);
        }
        // Whoever reads no history knows what stands on the board, and nothing else.
        let catalogue = self.catalogue();
        let asked = |s: &akidoko_domain::survey::Survey| item_of(&catalogue, name, &s.code, s.version).cloned();
        let found = catalogue.all().filter_map(|s| Some((s, asked(s)?))).filter(|(_, i)| operators || i.column.is_some());
        let mut found: Vec<_> = found.filter(|(_, item)| self.sees_item(actor, id, item)).collect();
        // The one that the hospital answers on the screen says how it is called.
        found.sort_by_key(|(s, _)| (s.code == akidoko_domain::survey::DAILY, s.valid_from, s.version));
        let Some((survey, item)) = found.pop() else { return Ok(None) };
        let survey = (survey.code.clone(), survey.version);
        let reader = self.store.read(&actor.scope).await?;
        let today = jst_day(self.clock.now());
        let last = until.unwrap_or(today).min(today);
        let first = last.checked_sub_days(Days::new(DAYS)).unwrap_or(last);
        let (mut versions, first) = self.last_versions(&reader, id, first, last).await?;
        versions.extend(self.stood_before(&reader, id, first, None).await?);
        versions.retain(|v| item_of(&catalogue, name, &v.survey, v.survey_version).is_some_and(|i| self.sees_item(actor, id, i)));
        let more = reader.reported_around(id, first, today).await?.0.is_some();
        let corrections = if operators { reader.corrections_for(id, first..=last).await? } else { Vec::new() };
        Ok(Some(Why { row, column: item.column, item, survey, versions, first, more, corrections, operators }))
    }
}
