//! Who has not reported: how a day stands, rates over days and weeks, reminders, calls, and what a prefecture sets for it.

mod call;
mod day;
mod remind;
mod settings;
mod trend;

pub use call::{CallError, NewCall};
pub use day::{HospitalDay, NationDay, PrefectureDay};
pub use remind::{Pressed, REPORT_DUE, ReminderPlan};
pub use settings::{ExemptionAsk, SettingsError, SettingsView};
pub use trend::{Counts, Trend};

pub use akidoko_store::{CallNote, ExemptionRow, LadderRow, Owing, Reminded};

use crate::{Service, StoreError, board::BoardError};
use akidoko_domain::{
    access::{Action, Actor, Read, may},
    id::PrefCode,
};

/// Why there is nothing to see or do.
#[derive(Debug, thiserror::Error)]
pub enum CompletenessError {
    /// Not for this kind of organisation.
    #[error("not for this kind of organisation")]
    Forbidden,
    /// There is none, or it lies behind the wall: nobody learns which.
    #[error("no such thing")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BoardError> for CompletenessError {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::Forbidden => Self::Forbidden,
            BoardError::NotFound | BoardError::Choose => Self::NotFound,
        }
    }
}

impl Service {
    /// The prefecture that the actor looks at; `None`: the ministry looks at all of them.
    pub fn completeness_of(&self, actor: &Actor, asked: Option<PrefCode>) -> Result<Option<PrefCode>, CompletenessError> {
        if !may(actor.kind, Action::ReadCompleteness) {
            return Err(CompletenessError::Forbidden);
        }
        match (actor.scope.read, asked) {
            (Read::Prefecture(own), None) => Ok(Some(own)),
            (Read::Nation, None) => Ok(None),
            (_, Some(p)) if actor.scope.sees(p) && self.live.board(p).is_some() => Ok(Some(p)),
            (_, Some(_)) => Err(CompletenessError::NotFound),
        }
    }

    /// The own prefecture of whoever keeps it.
    fn keeper(actor: &Actor) -> Result<PrefCode, CompletenessError> {
        match actor.prefecture {
            Some(own) if may(actor.kind, Action::KeepCompleteness) && actor.scope.sees(own) => Ok(own),
            _ => Err(CompletenessError::Forbidden),
        }
    }

    /// May the actor remind, note calls and set rules here?
    pub fn keeps_completeness(&self, actor: &Actor, prefecture: PrefCode) -> bool {
        Self::keeper(actor).is_ok_and(|own| own == prefecture)
    }
}
