//! Adding up days that are over: once when a day ends, and anew when a report comes that speaks of it. Beside the requests, a prefecture and a
//! month at a time, so that nobody waits for it; cut off anywhere it is taken up again, here or on another node.

use crate::{Service, StoreError, watch::Rounds};
use akidoko_domain::{
    board::Card,
    id::PrefCode,
    picture::{CARRIED_DAYS, FIGURES, Picture, pictures, reach},
    survey::DAILY,
    time::{day_before, jst_day},
};
use akidoko_store::PictureDue;
use chrono::{Days, NaiveDate, TimeDelta};
use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc};

/// So long after midnight the day before is added up for the first time: what was on its way has arrived.
const REST: TimeDelta = TimeDelta::minutes(2);
/// So many days at a time.
const SPAN: u64 = 31;

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

impl Service {
    /// One piece of what is to be added up; says how many days that were.
    pub(crate) async fn paint(&self) -> Result<usize, StoreError> {
        let last = day_before(jst_day(self.clock.now() - REST));
        let due = self.store.picture_due_unscoped(last).await?;
        if let Some(first) = due.first().copied() {
            let due: Vec<PictureDue> = due.into_iter().filter(|d| d.day < later(first.day, SPAN)).collect();
            let end = due.last().map_or(first.day, |d| later(d.day, CARRIED_DAYS - 1)).min(last);
            return self.paint_days(first.prefecture, first.day..=end, &due).await;
        }
        if !Rounds::is_new(&self.rounds.painted, last.signed_duration_since(NaiveDate::default()).num_days()) {
            return Ok(0);
        }
        let spans = self.store.picture_spans_unscoped(DAILY).await?;
        let from = |(first, known): (NaiveDate, Option<NaiveDate>)| known.map_or(first, |known| later(known, 1));
        let Some((prefecture, first)) = spans.into_iter().map(|(p, span)| (p, from(span))).find(|(_, first)| *first <= last) else {
            return Ok(0);
        };
        // There may be more: looked for again in the next round.
        self.rounds.forget_painted();
        self.paint_days(prefecture, first..=later(first, SPAN - 1).min(last), &[]).await
    }

    async fn paint_days(&self, prefecture: PrefCode, days: RangeInclusive<NaiveDate>, seen: &[PictureDue]) -> Result<usize, StoreError> {
        let painted = self.pictures_of(prefecture, days).await?;
        let tx = self.store.write_system(self.clock.now()).await?;
        tx.put_pictures(prefecture, &painted, seen).await?;
        tx.commit().await?;
        Ok(painted.len())
    }

    /// Days of a prefecture, added up from what the database has of them now.
    async fn pictures_of(&self, prefecture: PrefCode, days: RangeInclusive<NaiveDate>) -> Result<Vec<(NaiveDate, Picture)>, StoreError> {
        let catalogue = self.catalogue();
        let fills = |code: &str| {
            let items = catalogue.versions(code).flat_map(akidoko_domain::survey::Survey::items);
            items.filter_map(|i| i.column).any(|column| FIGURES.contains(&column))
        };
        let surveys: BTreeSet<&str> = catalogue.newest().map(|s| s.code.as_str()).filter(|code| fills(code)).collect();
        let mut versions = Vec::new();
        for survey in surveys {
            versions.extend(self.store.versions_of_unscoped(prefecture, survey, &(reach(*days.start())..=*days.end())).await?);
        }
        let cards: Vec<Arc<Card>> =
            self.live.board(prefecture).iter().flat_map(|b| b.rows.values().map(|r| r.card.clone()).collect::<Vec<_>>()).collect();
        let catalogue = catalogue.clone();
        // Work for a processor, a month of a large prefecture at a time: not on a thread that answers.
        let made = tokio::task::spawn_blocking(move || pictures(&cards, versions, &catalogue, days)).await;
        made.map_err(|_| StoreError::Stopping)
    }
}
