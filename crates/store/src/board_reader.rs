//! Who had a board, or the page of one hospital, before them, and when last: one row for each organisation, so that a hospital can be told
//! how many read its report, and the row tells nobody how often.

use crate::{
    error::StoreError,
    read::{Reader, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{HospitalId, OrganisationId, PrefCode},
    organisation::OrganisationKind,
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// An organisation that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardReader {
    /// Whose board.
    pub prefecture: PrefCode,
    /// The page of this hospital; `None` is the board.
    pub hospital: Option<HospitalId>,
    /// Who.
    pub organisation: OrganisationId,
    /// Its kind.
    pub kind: OrganisationKind,
    /// When.
    pub read_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Found {
    organisation_id: Uuid,
    kind: String,
}

impl Reader {
    /// The organisations that had the board of a prefecture or the page of one of its hospitals before them since a moment.
    pub async fn readers_since(
        &self,
        prefecture: PrefCode,
        hospital: HospitalId,
        since: DateTime<Utc>,
    ) -> Result<Vec<(OrganisationId, OrganisationKind)>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT organisation_id, kind FROM board_reader WHERE {} AND pref_code = $2 AND hospital_id IN ($3, $4) AND read_at >= $5",
            wall_filter("pref_code")
        );
        let values = vec![self.wall(), prefecture.to_string().into(), Uuid::nil().into(), hospital.0.into(), since.into()];
        let found: Vec<Found> = self.all(&sql, values).await?;
        let read = |f: Found| {
            let kind = OrganisationKind::parse(&f.kind).ok_or_else(|| StoreError::corrupt(&f.kind))?;
            Ok((OrganisationId(f.organisation_id), kind))
        };
        found.into_iter().map(read).collect()
    }
}

const PUT: [(&str, Column); 5] = [
    ("pref_code", Column::Plain),
    ("hospital_id", Column::Plain),
    ("organisation_id", Column::Plain),
    ("kind", Column::Plain),
    ("read_at", Column::Plain),
];
const END: &str = "ON CONFLICT (pref_code, hospital_id, organisation_id) DO UPDATE SET read_at = excluded.read_at";

impl WriteTx {
    /// Notes readers with the end of the transaction. Each stands in the list once.
    pub(crate) fn note_readers_at_commit(&mut self, readers: Vec<BoardReader>) {
        let row = |r: BoardReader| {
            let hospital = r.hospital.map_or_else(Uuid::nil, |h| h.0);
            vec![r.prefecture.to_string().into(), hospital.into(), r.organisation.0.into(), r.kind.as_str().into(), r.read_at.into()]
        };
        self.insert_rows_at_commit("board_reader", &PUT, readers.into_iter().map(row).collect(), END);
    }
}
