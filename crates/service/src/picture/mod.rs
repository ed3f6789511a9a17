//! The picture of a prefecture and of the nation（病床の状況）: beds and patients added up, against yesterday and last week, over time, with phases,
//! thresholds and their alerts.

mod alert;
mod nation;
mod paint;
mod phase;
pub mod words;

pub use alert::{ALERT, Alerts, ThresholdProblem};
pub use nation::{NationMeasure, NationPicture, NationTile};
pub use phase::PhaseProblem;

pub use akidoko_store::{AlertRow, PhaseRow, PictureDay, ThresholdRow};

use crate::{Service, StoreError, board::BoardError};
use akidoko_domain::{
    access::{Action, Actor, Read},
    board::Column,
    id::PrefCode,
    picture::{Measure, Phases, Picture, Sums, picture},
    time::{day_before, jst_day},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::Arc,
};

/// So many changes of phases and so many alerts are shown.
const SHOWN: u32 = 20;

/// Why there is nothing to see or do.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Not for this kind of organisation.
    #[error("not for this kind of organisation")]
    Forbidden,
    /// There is none, or it lies behind the wall: nobody learns which.
    #[error("no such thing")]
    NotFound,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BoardError> for PictureError {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::Forbidden => Self::Forbidden,
            BoardError::NotFound | BoardError::Choose => Self::NotFound,
        }
    }
}

/// A prefecture, for a screen.
pub struct PictureView {
    /// Which.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// The moment of `now`.
    pub at: DateTime<Utc>,
    /// As the board stands.
    pub now: Picture,
    /// As it stood at the end of yesterday; `None`: not added up.
    pub yesterday: Option<Picture>,
    /// As it stood at the end of the day a week ago.
    pub last_week: Option<Picture>,
    /// 二次医療圏, code and name.
    pub areas: BTreeMap<String, String>,
    /// The days of the line, the oldest first; without today.
    pub days: Vec<PictureDay>,
    /// What is kept from whoever looks.
    pub hidden: Arc<BTreeSet<Column>>,
    /// The phases that hold; `None`: switched off.
    pub phases: Option<Phases>,
    /// What was set of phases, the newest first.
    pub changes: Vec<PhaseRow>,
    /// Thresholds that stand.
    pub thresholds: Vec<ThresholdRow>,
    /// Alerts, the newest first.
    pub alerts: Vec<AlertRow>,
}

impl PictureView {
    /// The sums now, of all or of an area.
    pub fn sums(&self, area: Option<&str>) -> Sums {
        of(&self.now, area)
    }
}

/// The sums of all, or of an area.
pub(crate) fn of(picture: &Picture, area: Option<&str>) -> Sums {
    match area {
        None => picture.all.clone(),
        Some(code) => picture.areas.get(code).cloned().unwrap_or_default(),
    }
}

/// May a measure be seen from whom these columns are kept?
pub fn shows(hidden: &BTreeSet<Column>, measure: Measure) -> bool {
    measure.columns().iter().all(|column| !hidden.contains(column))
}

impl Service {
    /// The prefecture whose picture the actor looks at; `None`: the ministry looks at all of them.
    pub fn picture_prefecture(&self, actor: &Actor, asked: Option<PrefCode>) -> Result<Option<PrefCode>, PictureError> {
        if !actor.may(Action::ReadPicture) {
            return Err(PictureError::Forbidden);
        }
        match (actor.scope.read, asked) {
            (Read::Prefecture(own), None) => Ok(Some(own)),
            (Read::Nation, None) => Ok(None),
            (_, Some(p)) if actor.scope.sees(p) && self.live.board(p).is_some() => Ok(Some(p)),
            (_, Some(_)) => Err(PictureError::NotFound),
        }
    }

    /// The own prefecture of whoever sets phases and thresholds.
    fn picture_keeper(actor: &Actor) -> Result<PrefCode, PictureError> {
        match actor.prefecture {
            Some(own) if actor.may(Action::KeepPicture) && actor.scope.sees(own) => Ok(own),
            _ => Err(PictureError::Forbidden),
        }
    }

    /// May the actor set phases and thresholds here?
    pub fn keeps_picture(&self, actor: &Actor, prefecture: PrefCode) -> bool {
        Self::picture_keeper(actor).is_ok_and(|own| own == prefecture)
    }

    /// A prefecture as its board stands.
    pub(crate) fn picture_now(&self, prefecture: PrefCode) -> Option<Picture> {
        let board = self.live.board(prefecture)?;
        Some(picture(board.rows.values().map(AsRef::as_ref), self.clock.now()))
    }

    /// The picture of a prefecture that the actor may see, with the days of a line for an area or for all of it.
    pub async fn picture(
        &self,
        actor: &Actor,
        prefecture: PrefCode,
        area: Option<&str>,
        days: RangeInclusive<NaiveDate>,
    ) -> Result<PictureView, PictureError> {
        let prefecture = self.picture_prefecture(actor, Some(prefecture))?.ok_or(PictureError::NotFound)?;
        let board = self.live.board(prefecture).ok_or(PictureError::NotFound)?;
        let areas = board.areas();
        if area.is_some_and(|code| !areas.contains_key(code)) {
            return Err(PictureError::NotFound);
        }
        let at = self.clock.now();
        let today = jst_day(at);
        let week = today.checked_sub_days(Days::new(7)).unwrap_or(today);
        let hidden = self.hidden_columns(actor);
        let measures: Vec<Measure> = Measure::all().filter(|m| shows(&hidden, *m)).collect();
        let reader = self.store.read(&actor.scope).await?;
        let lines = reader.picture_days(Some(prefecture), area, &days, &measures).await?;
        Ok(PictureView {
            prefecture,
            name: board.name.clone(),
            at,
            now: picture(board.rows.values().map(AsRef::as_ref), at),
            yesterday: reader.picture_of(prefecture, day_before(today)).await?,
            last_week: reader.picture_of(prefecture, week).await?,
            areas,
            days: lines,
            hidden,
            phases: self.phases_of(prefecture),
            changes: reader.phase_changes(prefecture, SHOWN).await?,
            thresholds: reader.thresholds(prefecture).await?,
            alerts: reader.alerts(prefecture, SHOWN).await?,
        })
    }
}
