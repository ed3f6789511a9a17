//! What a report did: who read it, how punctual the hospital is, its last weeks, and how its area stands. Counts and kinds of organisation
//! only, never who; all of it within the prefecture.

use crate::{Service, StoreError, past::CHART_DAYS};
use akidoko_domain::{
    access::Actor,
    board::{Band, Column, Row, Totals},
    id::{HospitalId, OrganisationId, PrefCode},
    organisation::OrganisationKind,
    report::{DayFigures, Punctuality, ReportVersion, day_figures},
    survey::DAILY,
    time::jst_day,
};
use chrono::{DateTime, Days, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How many organisations had a report before them since it came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadBy {
    /// 消防本部
    pub fire_headquarters: u32,
    /// 医療機関, without the hospital itself.
    pub hospitals: u32,
    /// 行政・団体
    pub others: u32,
}

/// The hospital's area today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaToday {
    /// Its name; `None` where the register knows no area: then it is the prefecture.
    pub name: Option<String>,
    /// Hospitals in it.
    pub hospitals: u32,
    /// With a figure of today.
    pub reported: u32,
    /// Sums, with who is missing.
    pub totals: Totals,
    /// Of the available beds, the hospital's own, where they are known and fresh.
    pub own: Option<u32>,
}

/// What a hospital is told.
#[derive(Debug, Clone, PartialEq)]
pub struct GiveBack {
    /// When the report came to stand on the board: the first version of its day. `None`: it never reported.
    pub shown: Option<(chrono::NaiveDate, DateTime<Utc>)>,
    /// Who read it since.
    pub read_by: ReadBy,
    /// Its last four weeks.
    pub punctuality: Punctuality,
    /// Its last eight weeks, day by day.
    pub days: Vec<DayFigures>,
    /// Its area.
    pub area: Option<AreaToday>,
}

impl Service {
    /// How many organisations had the board or the hospital's page before them since a moment. The hospital itself does not count.
    pub async fn read_by(
        &self,
        actor: &Actor,
        (prefecture, hospital, own): (PrefCode, HospitalId, OrganisationId),
        since: DateTime<Utc>,
    ) -> Result<ReadBy, StoreError> {
        let written = self.store.read(&actor.scope).await?.readers_since(prefecture, hospital, since).await?;
        let readers: BTreeMap<OrganisationId, OrganisationKind> =
            written.into_iter().chain(self.reads.readers.since(prefecture, hospital, since)).collect();
        let mut counts = ReadBy::default();
        for (_, kind) in readers.into_iter().filter(|(organisation, _)| *organisation != own) {
            match kind {
                OrganisationKind::FireHeadquarters => counts.fire_headquarters += 1,
                OrganisationKind::Hospital => counts.hospitals += 1,
                _ => counts.others += 1,
            }
        }
        Ok(counts)
    }

    /// When a version came, and who read it since: for the screen of the next report, which asks for nothing more. `None` without one.
    pub async fn last_shown(
        &self,
        actor: &Actor,
        row: &Row,
        version: Option<&ReportVersion>,
    ) -> Result<Option<((chrono::NaiveDate, DateTime<Utc>), ReadBy)>, StoreError> {
        let Some(version) = version else { return Ok(None) };
        let (card, own) = (&row.card, row.card.id);
        let Some(organisation) = self.store.read(&actor.scope).await?.hospital(&card.code).await? else { return Ok(None) };
        let organisation = organisation.hospital.organisation;
        let read_by = self.read_by(actor, (card.prefecture, own, organisation), version.received_at).await?;
        Ok(Some(((version.report_date, version.received_at), read_by)))
    }

    /// What the last report of a hospital did. `None`: not for this actor, who does not report for it.
    pub async fn give_back(&self, actor: &Actor, row: &Row) -> Result<Option<GiveBack>, StoreError> {
        let card = &row.card;
        if !actor.scope.acts_for(card.id, card.prefecture) {
            return Ok(None);
        }
        let now = self.clock.now();
        let today = jst_day(now);
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(&card.code).await? else { return Ok(None) };
        let first = today.checked_sub_days(Days::new(CHART_DAYS - 1)).unwrap_or(today);
        let versions = reader.telling_versions(card.id, DAILY, first..=today, None).await?;
        // The newest day that was reported, and when its first report was received. An update between reports is none.
        let newest_day = reader.first_reported(card.id, DAILY, first..=today).await?.into_iter().next_back();
        let punctuality = self.punctuality_of(&reader, row).await?;
        drop(reader);
        let shown = newest_day.or_else(|| row.newest().map(|cell| (cell.author.report_date, cell.author.received_at)));
        let read_by = match shown {
            Some((_, since)) => self.read_by(actor, (card.prefecture, card.id, hospital.hospital.organisation), since).await?,
            None => ReadBy::default(),
        };
        let days = day_figures(first.iter_days().take_while(|day| *day <= today), &versions, &self.catalogue());
        let hidden = self.hidden_columns(actor);
        let area = (!hidden.contains(&Column::AvailableBeds)).then(|| self.area_of(row, &hidden, now)).flatten();
        Ok(Some(GiveBack { shown, read_by, punctuality, days, area }))
    }

    fn area_of(&self, row: &Row, hidden: &BTreeSet<Column>, now: DateTime<Utc>) -> Option<AreaToday> {
        let board = self.live.board(row.card.prefecture)?;
        let in_area = |other: &&std::sync::Arc<Row>| row.card.area_code.is_none() || other.card.area_code == row.card.area_code;
        let rows: Vec<&Row> = board.rows.values().filter(in_area).map(AsRef::as_ref).collect();
        let today = jst_day(now);
        let fresh_today = |r: &&&Row| {
            let cells = r.cells.iter().filter(|(column, cell)| !hidden.contains(column) && cell.value.is_some());
            cells.map(|(_, cell)| cell.as_of).max().is_some_and(|at| jst_day(at) == today)
        };
        let own = row.cells.get(&Column::AvailableBeds).filter(|cell| Band::of(Some(cell.as_of), now).counts_as_accepting());
        Some(AreaToday {
            name: row.card.area_code.as_ref().and(row.card.area.clone()),
            hospitals: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            reported: u32::try_from(rows.iter().filter(fresh_today).count()).unwrap_or(u32::MAX),
            totals: Totals::of(rows.iter().copied(), now),
            own: own.and_then(|cell| cell.value.as_ref()?.count()),
        })
    }
}
