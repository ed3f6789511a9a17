//! CSV records with their lines, in constant memory and strictly UTF-8.

use super::lines::{BOM, Lines};
use crate::{Expected, ReadError, ReadErrorKind};
use akidoko_domain::{code, id::PrefCode, text};
use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder, StringRecord, Terminator};
use std::{
    cell::Cell,
    io::{Chain, Cursor, Read},
};

/// The header of a file. It remembers which columns were asked for, so that what nobody asked for shows.
pub struct Header(Vec<(String, Cell<bool>)>);

/// Where a column stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    at: usize,
}

impl Header {
    fn new(record: &StringRecord) -> Result<Self, ReadErrorKind> {
        let mut names: Vec<(String, Cell<bool>)> = Vec::with_capacity(record.len());
        for name in record.iter().map(text::trim) {
            if names.iter().any(|(earlier, _)| earlier == name) {
                return Err(ReadErrorKind::DuplicateColumn(name.to_owned()));
            }
            names.push((name.to_owned(), Cell::new(false)));
        }
        Ok(Self(names))
    }

    /// A column that the file may have.
    pub(super) fn find(&self, name: &'static str) -> Option<Column> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        self.0[at].1.set(true);
        Some(Column { name, at })
    }

    /// A column that the file must have.
    pub(super) fn column(&self, name: &'static str) -> Result<Column, ReadErrorKind> {
        self.find(name).ok_or_else(|| ReadErrorKind::MissingColumn(name.to_owned()))
    }

    /// Refuses columns that nobody asked for and that are not known either: a file of another kind, or a register that has changed.
    pub(super) fn nothing_but(&self, known: impl Fn(&str) -> bool) -> Result<(), ReadErrorKind> {
        let unknown = self.0.iter().find(|(name, used)| !used.get() && !known(name));
        unknown.map_or(Ok(()), |(name, _)| Err(ReadErrorKind::UnknownColumn(name.clone())))
    }
}

/// The records of a file behind its header.
pub(super) struct Records<R: Read> {
    csv: csv::Reader<Lines<Chain<Cursor<Vec<u8>>, R>>>,
    header: Header,
}

impl<R: Read> Records<R> {
    pub(super) fn new(mut input: R) -> Result<Self, ReadError> {
        // The CSV parser looks for the mark in its first chunk only, and a stream may hand it less than three bytes.
        let mut head = Vec::new();
        input.by_ref().take(3).read_to_end(&mut head).map_err(|e| ReadErrorKind::from_io(e).of_file())?;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(ReadErrorKind::NotUtf8.at(1));
        }
        if head == BOM {
            head.clear();
        }
        let lines = Lines::new(Cursor::new(head).chain(input));
        let mut csv = ReaderBuilder::new().has_headers(false).flexible(true).terminator(Terminator::Any(b'\n')).from_reader(lines);
        let Some(record) = next_record(&mut csv, None)? else { return Err(ReadErrorKind::Empty.of_file()) };
        let header = Header::new(&record.cells).map_err(ReadErrorKind::of_file)?;
        Ok(Self { csv, header })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn next(&mut self) -> Result<Option<Record>, ReadError> {
        next_record(&mut self.csv, Some(self.header.0.len()))
    }
}

fn next_record<R: Read>(csv: &mut csv::Reader<Lines<R>>, width: Option<usize>) -> Result<Option<Record>, ReadError> {
    let mut bytes = ByteRecord::new();
    csv.get_ref().new_record();
    // Nothing but the input can fail here: widths are ours to check, nothing is deserialised or sought, the encoding comes next.
    let more = csv.read_byte_record(&mut bytes).map_err(|e| match e.into_kind() {
        csv::ErrorKind::Io(e) => ReadErrorKind::from_io(e).of_file(),
        other => ReadErrorKind::Io(std::io::Error::other(format!("{other:?}"))).of_file(),
    })?;
    if !more {
        return Ok(None);
    }
    // The parser notes where it stood before blank lines, so the line is counted back from the end: each record ends with a line
    // break, and what other breaks it has stand in its cells.
    let breaks = bytes.as_slice().split(|b| *b == b'\n').count() as u64 - 1;
    let line = csv.position().line().saturating_sub(1 + breaks).max(1);
    let width = width.unwrap_or(bytes.len());
    let cells = StringRecord::from_byte_record(bytes).map_err(|_| ReadErrorKind::NotUtf8.at(line))?;
    Ok(Some(Record { cells, width, line }))
}

/// One record.
pub struct Record {
    cells: StringRecord,
    width: usize,
    line: u64,
}

impl Record {
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn check_width(&self) -> Result<(), ReadErrorKind> {
        let found = self.cells.len();
        if found == self.width { Ok(()) } else { Err(ReadErrorKind::ColumnCount { expected: self.width, found }) }
    }

    /// A cell without blanks around it; `None` where nothing is left.
    pub(super) fn stated(&self, column: Column) -> Option<&str> {
        self.cells.get(column.at).map(text::trim).filter(|s| !s.is_empty())
    }

    /// A cell of a column that the file may have.
    pub(super) fn stated_if(&self, column: Option<Column>) -> Option<String> {
        column.and_then(|column| self.stated(column)).map(str::to_owned)
    }

    pub(super) fn text(&self, column: Column) -> Option<String> {
        self.stated(column).map(str::to_owned)
    }

    /// A cell that must be filled.
    pub(super) fn required(&self, column: Column) -> Result<&str, ReadErrorKind> {
        self.stated(column).ok_or_else(|| ReadErrorKind::Blank { column: column.name.to_owned() })
    }

    /// A cell read with `parse`, which must be filled.
    pub(super) fn parsed<T>(&self, column: Column, expected: Expected, parse: impl Fn(&str) -> Option<T>) -> Result<T, ReadErrorKind> {
        let cell = self.required(column)?;
        parse(cell).ok_or_else(|| ReadErrorKind::value(column.name, cell, expected))
    }

    /// A cell read with `parse`, which may be blank.
    pub(super) fn maybe<T>(
        &self,
        column: Column,
        expected: Expected,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ReadErrorKind> {
        self.stated(column).map_or(Ok(None), |_| self.parsed(column, expected, parse).map(Some))
    }

    /// The identifier of a hospital in a register: text, so that leading zeros stay.
    pub(super) fn identifier(&self, column: Column) -> Result<String, ReadErrorKind> {
        let is_identifier = |s: &str| s.len() <= 32 && s.bytes().all(|b| b.is_ascii_alphanumeric());
        self.parsed(column, Expected::Identifier, |s| is_identifier(s).then(|| s.to_owned()))
    }

    pub(super) fn date(&self, column: Column) -> Result<NaiveDate, ReadErrorKind> {
        self.parsed(column, Expected::Date, text::parse_date)
    }

    /// Beds: blank is not stated, 0 is none.
    pub(super) fn count(&self, column: Column) -> Result<Option<u32>, ReadErrorKind> {
        self.maybe(column, Expected::Count, |s| text::parse_count(s).ok().flatten())
    }

    pub(super) fn prefecture_code(&self, column: Column) -> Result<PrefCode, ReadErrorKind> {
        self.parsed(column, Expected::PrefectureCode, |s| s.parse().ok())
    }

    /// A municipality code of six digits.
    pub(super) fn municipality_code(&self, column: Column) -> Result<String, ReadErrorKind> {
        self.parsed(column, Expected::MunicipalityCode, |s| code::is_municipality_code(s).then(|| s.to_owned()))
    }

    /// Latitude and longitude; registers write 0.0, 0.0 where they do not know.
    pub(super) fn place(&self, latitude: Column, longitude: Column) -> Result<Option<(f64, f64)>, ReadErrorKind> {
        let degrees = |most: f64| move |s: &str| s.parse().ok().filter(|d: &f64| d.abs() <= most);
        let north = self.maybe(latitude, Expected::Coordinate, degrees(90.0))?;
        let east = self.maybe(longitude, Expected::Coordinate, degrees(180.0))?;
        Ok(north.zip(east).filter(|(north, east)| north.abs() + east.abs() > 0.0))
    }
}
