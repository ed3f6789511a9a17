//! Between two reports: one figure, one status or a comment, from any device, with or without a line.

use crate::{
    Service, StoreError,
    report::{Receipt, SubmitError},
};
use akidoko_domain::{
    access::Actor,
    board::{BoardCell, Column, Row},
    id::OrganisationCode,
    pattern::fitting,
    report::{Behalf, Channel, Kind, Said, Submission, read_answers, typed_at},
    survey::{Answers, DAILY, Item, Survey},
    time::jst_day,
};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What a quick update may be about, in this order: the columns whose word is trusted by the hour.
const COLUMNS: [Column; 8] = [
    Column::AvailableBeds,
    Column::AvailableBedsSevere,
    Column::AvailableBedsModerate,
    Column::AvailableBedsMild,
    Column::EmergencyStatus,
    Column::InpatientStatus,
    Column::OutpatientStatus,
    Column::BoardComment,
];

/// The questions of the quick screen.
pub fn quick_items(survey: &Survey) -> Vec<&Item> {
    COLUMNS.into_iter().filter_map(|column| survey.items().find(|i| i.column == Some(column))).collect()
}

/// A pattern that holds now and says something else than the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// 平日夜間
    pub name: String,
    /// What it would change.
    pub answers: Answers,
}

/// What the quick screen shows.
pub struct QuickScreen {
    /// What stands on the board.
    pub row: Arc<Row>,
    /// The survey of today.
    pub survey: Survey,
    /// 代行
    pub on_behalf: bool,
    /// The actor may change it.
    pub may_report: bool,
    /// The pattern that holds now, where it differs.
    pub offer: Option<Offer>,
    /// The hospital keeps patterns.
    pub has_patterns: bool,
}

/// An update from a door.
#[derive(Debug, Clone, Default)]
pub struct QuickUpdate {
    /// Only what changes.
    pub answers: BTreeMap<String, Json>,
    /// Soft findings that were confirmed.
    pub confirmed: BTreeSet<String>,
    /// When it was typed, if it waited; `None`: now.
    pub said: Option<Said>,
    /// The name that its device gave it.
    pub once: Option<Uuid>,
    /// Who typed it, as a sign-in name: it is never sent under another's. `None`: whoever is signed in.
    pub operator: Option<String>,
    /// 代行: why.
    pub behalf: Option<Behalf>,
}

/// Why an update is not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum QuickError {
    /// It changes nothing.
    #[error("nothing changes")]
    Nothing,
    /// It waited too long.
    #[error("too old")]
    TooOld,
    /// Somebody else typed it.
    #[error("typed by another operator")]
    OtherOperator,
    /// As any report.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl Service {
    /// Opens the quick screen of a hospital: what stands is in memory. `None`: no such hospital.
    pub async fn quick_screen(&self, actor: &Actor, code: &OrganisationCode) -> Result<Option<QuickScreen>, StoreError> {
        let Some(row) = self.row_behind_wall(actor, code).await? else { return Ok(None) };
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        let now = self.clock.now();
        let Some(survey) = self.survey_shown(DAILY, jst_day(now), row.card.prefecture) else { return Ok(None) };
        let kept = if may_report { self.store.read(&actor.scope).await?.patterns(row.card.id).await?.patterns } else { vec![] };
        let cell = |item: &Item| -> Option<&BoardCell> { row.cells.get(&item.column?) };
        let offer = fitting(&kept, now, &self.live.reference().holidays).map(|fits| Offer {
            name: fits.pattern.name.clone(),
            answers: fits.differing(&survey, |i| cell(i).and_then(|c| c.value.clone()), |i| cell(i).map(|c| c.as_of)),
        });
        let offer = offer.filter(|o| !o.answers.is_empty());
        Ok(Some(QuickScreen { row, survey, on_behalf, may_report, offer, has_patterns: !kept.is_empty() }))
    }

    /// Takes an update. It is durable when this returns; what something newer has overtaken is named.
    pub async fn update_quickly(&self, actor: &Actor, code: &OrganisationCode, update: QuickUpdate) -> Result<Receipt, QuickError> {
        // First: what somebody else typed on this device waits for them, whatever this one may do or see.
        if update.operator.as_deref().is_some_and(|o| o != actor.sign_in_name()) {
            return Err(QuickError::OtherOperator);
        }
        let row = self.row_behind_wall(actor, code).await.map_err(SubmitError::from)?.ok_or(SubmitError::NotFound)?;
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        if !may_report {
            return Err(SubmitError::Forbidden.into());
        }
        if update.answers.is_empty() {
            return Err(QuickError::Nothing);
        }
        let now = self.clock.now();
        // Sent again after its answer was lost, it is not too old: it is here.
        if let Some((account, once)) = actor.person().zip(update.once)
            && let Some(accepted) = self.store.accepted_once_unscoped(account, once).await.map_err(SubmitError::from)?
        {
            return Ok(Receipt { date: accepted.report_date, accepted });
        }
        let typed = update.said.map(|said| typed_at(said, now)).transpose().map_err(|_| QuickError::TooOld)?;
        let date = jst_day(typed.unwrap_or(now));
        let survey = self.survey_demanded(DAILY, date, row.card.prefecture).ok_or(SubmitError::NotFound)?;
        let (answers, unreadable) = read_answers(&survey, Kind::Quick, &update.answers);
        let submission = Submission {
            report_date: date,
            kind: Kind::Quick,
            answers,
            unreadable,
            confirmed: update.confirmed,
            reason: None,
            expected_version: None,
            channel: Channel::Screen,
            on_behalf,
            typed_at: typed,
            behalf: update.behalf,
            source: None,
            as_of: None,
        };
        Ok(self.write(actor, &row.card, survey, submission, update.once).await?)
    }
}
