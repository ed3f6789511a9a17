//! Registers of hospitals and reference data, as others publish them.
//!
//! Each reader is an iterator over any `Read`: `Reader::new(input)` reads the header and says what is wrong with it, every item after
//! that is a row or an error with its line. After an error of one row the next rows follow, so that a caller can collect all that is
//! wrong; after an error of the file (it breaks off, it is not UTF-8) nothing follows. Columns are found by name, never by position.

pub mod facilities;
pub mod geo;
pub mod gmis;
mod lines;
pub mod links;
pub mod mednet;
mod record;

use crate::{ReadError, ReadErrorKind};
use record::{Header, Record, Records};
use std::io::Read;

/// How one kind of file is laid out: finds its columns once, then reads each record.
pub trait Layout: Sized {
    /// What a record is read as.
    type Row;

    /// Finds the columns, or says which is missing or unknown.
    fn columns(header: &Header) -> Result<Self, ReadErrorKind>;

    /// Reads a record; `None` for one that is rightly left out.
    fn row(&self, record: &Record) -> Result<Option<Self::Row>, ReadErrorKind>;
}

/// The rows of a file.
pub struct Rows<R: Read, L: Layout> {
    records: Records<R>,
    layout: L,
    left_out: u64,
    ended: bool,
}

impl<R: Read, L: Layout> Rows<R, L> {
    /// Reads the header.
    pub fn new(input: R) -> Result<Self, ReadError> {
        let records = Records::new(input)?;
        let layout = L::columns(records.header()).map_err(ReadErrorKind::of_file)?;
        Ok(Self { records, layout, left_out: 0, ended: false })
    }

    /// How many rows were rightly left out so far.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl<R: Read, L: Layout> Iterator for Rows<R, L> {
    type Item = Result<L::Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.records.next() {
                Ok(Some(record)) => {
                    let line = record.line();
                    match record.check_width().and_then(|()| self.layout.row(&record)) {
                        Ok(Some(row)) => return Some(Ok(row)),
                        Ok(None) => self.left_out += 1,
                        Err(kind) => return Some(Err(kind.at(line))),
                    }
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
