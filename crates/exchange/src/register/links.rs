//! Links: which rows of 医療情報ネット and of G-MIS are the same hospital.

use super::{
    Layout, Rows,
    record::{Column, Header, Record},
};
use crate::ReadErrorKind;
use akidoko_domain::hospital::Link;

/// Reads a CSV with the columns `mednet_id` and `gmis_id`; other columns may stand beside them. A row without a G-MIS id links
/// nothing: it is left out and counted.
pub type Reader<R> = Rows<R, Columns>;

/// The two columns.
pub struct Columns {
    mednet: Column,
    gmis: Column,
}

impl Layout for Columns {
    type Row = Link;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        Ok(Self { mednet: header.column("mednet_id")?, gmis: header.column("gmis_id")? })
    }

    fn row(&self, record: &Record) -> Result<Option<Link>, ReadErrorKind> {
        let mednet = record.identifier(self.mednet)?;
        if record.stated(self.gmis).is_none() {
            return Ok(None);
        }
        Ok(Some(Link { line: record.line(), mednet, gmis: record.identifier(self.gmis)? }))
    }
}
