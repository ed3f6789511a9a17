//! What of a hospital's past everybody of its board may know: its last weeks, how punctual it is, what came today, and its patterns. Without
//! what the sharing rules keep from whoever looks.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    board::Row,
    pattern::Pattern,
    report::{DayFigures, Punctuality, ReportVersion, day_figures, punctuality},
    survey::{DAILY, Survey},
    time::{from_jst, jst_day},
};
use chrono::Days;
use std::collections::BTreeSet;

/// Days of the charts.
pub(crate) const CHART_DAYS: u64 = 56;
/// Days of which punctuality is counted.
pub(crate) const PUNCTUAL_DAYS: u64 = 28;
/// So many versions of today are read: another system may come every few minutes.
const MOST: u32 = 500;

/// What is known of a hospital beside its row.
pub struct Past {
    /// The survey of today.
    pub survey: Survey,
    /// Its last eight weeks, day by day.
    pub days: Vec<DayFigures>,
    /// Its last four weeks.
    pub punctuality: Punctuality,
    /// The versions of today, the newest first.
    pub today: Vec<ReportVersion>,
    /// There are older ones of today.
    pub is_cut: bool,
    /// 応需パターン
    pub patterns: Vec<Pattern>,
}

impl Service {
    /// The past of a hospital. `None`: there is no daily survey.
    pub async fn past(&self, actor: &Actor, row: &Row) -> Result<Option<Past>, StoreError> {
        let (card, now) = (&row.card, self.clock.now());
        let today = jst_day(now);
        let Some(survey) = self.survey_shown(DAILY, today, card.prefecture) else { return Ok(None) };
        let first = today.checked_sub_days(Days::new(CHART_DAYS - 1)).unwrap_or(today);
        let reader = self.store.read(&actor.scope).await?;
        let telling = self.as_seen(actor, reader.telling_versions(card.id, DAILY, first..=today, None).await?);
        let of_today = reader.report_versions(card.id, DAILY, today..=today, MOST).await?;
        let punctuality = self.punctuality_of(&reader, row).await?;
        let mut patterns = reader.patterns(card.id).await?.patterns;
        drop(reader);
        for pattern in &mut patterns {
            pattern.answers.retain(|id, _| survey.item(id).is_some_and(|item| self.sees_item(actor, card.id, item)));
        }
        patterns.retain(|p| !p.answers.is_empty());
        let days = day_figures(first.iter_days().take_while(|day| *day <= today), &telling, &self.catalogue());
        let is_cut = of_today.len() >= MOST as usize;
        let spoke: BTreeSet<u32> = of_today.iter().filter(|v| !v.answers.is_empty()).map(|v| v.version).collect();
        let mut today = self.as_seen(actor, of_today);
        // Of what nothing is left for whoever asks, nor when it came and where from.
        today.retain(|v| !(v.answers.is_empty() && spoke.contains(&v.version)));
        Ok(Some(Past { survey, days, punctuality, today, is_cut, patterns }))
    }

    /// How punctual a hospital was in the last four weeks. From its first report on: one that is new was not late before it came.
    pub(crate) async fn punctuality_of(&self, reader: &akidoko_store::Reader, row: &Row) -> Result<Punctuality, StoreError> {
        let (card, now) = (&row.card, self.clock.now());
        let today = jst_day(now);
        let first = today.checked_sub_days(Days::new(CHART_DAYS - 1)).unwrap_or(today);
        let reported = reader.first_reported(card.id, DAILY, first..=today).await?;
        let mut exemptions = reader.exemptions(Some(card.prefecture)).await?;
        exemptions.retain(|e| e.hospital == card.id);
        let last_weeks = today.checked_sub_days(Days::new(PUNCTUAL_DAYS - 1)).unwrap_or(today);
        let since = reported.keys().next().copied().unwrap_or(today).max(last_weeks);
        let due = |day| {
            let owes = exemptions.iter().all(|e| e.exemption.on(day).is_none());
            self.due_of(card.prefecture, day).filter(|_| owes).map(|rule| from_jst(day.and_time(rule.due)))
        };
        Ok(punctuality(since.iter_days().take_while(|day| *day <= today), &reported, due, now))
    }
}
