//! The board as it was known at a past minute: what had been received then, put together as it was then. What came later, though it speaks of
//! before, was not known.

use crate::{Service, StoreError, board::BoardError};
use akidoko_domain::{
    access::{Action, Actor, may},
    board::Row,
    id::{HospitalId, PrefCode},
    organisation::OrganisationKind,
    report::Cells,
    survey::{DAILY, GMIS_DAILY},
    time::jst_day,
};
use chrono::{DateTime, Days, Utc};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Reports of so many days before the moment are put together. A row that nobody reported for longer was grey long since.
pub const DAYS: u64 = 7;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum PastBoardError {
    /// As with the board.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The moment has not come.
    #[error("not yet")]
    Future,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A board of a past minute.
pub struct PastBoard {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// The moment.
    pub at: DateTime<Utc>,
    /// Its rows by hospital, as somebody of this kind sees them. The hospitals are those of today.
    pub rows: BTreeMap<HospitalId, Arc<Row>>,
}

impl Service {
    /// May this actor look at past boards: those who look after a prefecture and read history.
    pub fn may_read_past(actor: &Actor) -> bool {
        use OrganisationKind as K;
        !matches!(actor.kind, K::Hospital | K::Association | K::FireHeadquarters) && may(actor.kind, Action::ReadHistory)
    }

    /// The board as it was known at a moment.
    pub async fn board_at(&self, actor: &Actor, asked: Option<PrefCode>, at: DateTime<Utc>) -> Result<PastBoard, PastBoardError> {
        if !Self::may_read_past(actor) {
            return Err(BoardError::Forbidden.into());
        }
        let board = self.board(actor, asked)?;
        if at > self.clock.now() {
            return Err(PastBoardError::Future);
        }
        let last = jst_day(at);
        let first = last.checked_sub_days(Days::new(DAYS)).unwrap_or(last);
        let reader = self.store.read(&actor.scope).await?;
        let catalogue = self.catalogue();
        let mut records: HashMap<HospitalId, BTreeMap<&str, Cells>> = HashMap::new();
        for survey in [DAILY, GMIS_DAILY] {
            for v in reader.versions_known(board.prefecture, survey, first..=last, at).await? {
                let Some(asked) = catalogue.version(survey, v.survey_version) else { continue };
                let cells = records.entry(v.hospital).or_default().entry(survey).or_default();
                cells.apply(asked, v.kind, &v.answers, v.author, v.as_of);
            }
        }
        drop(reader);
        let hidden = self.hidden_columns(actor);
        let row = |(id, row): (&HospitalId, &Arc<Row>)| {
            let known = records.get(id).into_iter().flatten().map(|(survey, cells)| (*survey, cells));
            (*id, Arc::new(Row::project(row.card.clone(), known, &catalogue).without(&hidden)))
        };
        let rows = board.rows.iter().map(row).collect();
        Ok(PastBoard { prefecture: board.prefecture, name: board.name.clone(), at, rows })
    }
}
