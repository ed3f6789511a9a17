//! A day of G-MIS answers in one line per hospital: its id and one letter per service.

use super::{
    super::{
        Layout, Rows,
        record::{Column, Header, Record},
    },
    SERVICES,
};
use crate::{Expected, ReadError, ReadErrorKind};
use akidoko_domain::{summary::ServiceAnswer, survey::Status, text};
use chrono::NaiveDate;
use std::{io::Read, vec};

/// Reads `gmis_id` and any of the services as columns, with the letters N 通常, L 制限, S 停止, X 設置なし, U 未回答.
pub struct CompactReader<R: Read> {
    rows: Rows<R, CompactColumns>,
    date: NaiveDate,
    pending: vec::IntoIter<CompactRow>,
}

/// One answer of one hospital, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// The answer.
    pub answer: ServiceAnswer,
}

impl<R: Read> CompactReader<R> {
    /// Reads the header. The file does not say its day: see [`date_of_file`].
    pub fn new(input: R, date: NaiveDate) -> Result<Self, ReadError> {
        Ok(Self { rows: Rows::new(input)?, date, pending: vec::IntoIter::default() })
    }
}

impl<R: Read> Iterator for CompactReader<R> {
    type Item = Result<CompactRow, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.pending.next() {
                return Some(Ok(row));
            }
            let (line, gmis_id, answers) = match self.rows.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            };
            let answer = |(service, answer)| ServiceAnswer { gmis_id: gmis_id.clone(), report_date: self.date, service, answer };
            let rows: Vec<CompactRow> = answers.into_iter().map(|a| CompactRow { line, answer: answer(a) }).collect();
            self.pending = rows.into_iter();
        }
    }
}

/// The day in a file's name, 「2020-05-14.csv」, with or without folders before it.
pub fn date_of_file(name: &str) -> Result<NaiveDate, ReadError> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = base.split_once('.').map_or(base, |(stem, _)| stem);
    text::parse_date(stem).ok_or_else(|| ReadErrorKind::FileName(base.to_owned()).of_file())
}

/// The columns of a file.
struct CompactColumns {
    id: Column,
    services: Vec<(&'static str, Column)>,
}

impl Layout for CompactColumns {
    type Row = (u64, String, Vec<(&'static str, Status)>);

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        let id = header.column("gmis_id")?;
        let services: Vec<_> = SERVICES.iter().filter_map(|(_, id)| header.find(id).map(|column| (*id, column))).collect();
        header.nothing_but(|_| false)?;
        if services.is_empty() {
            return Err(ReadErrorKind::MissingColumn("inpatient".to_owned()));
        }
        Ok(Self { id, services })
    }

    fn row(&self, record: &Record) -> Result<Option<Self::Row>, ReadErrorKind> {
        let mut answers = Vec::with_capacity(self.services.len());
        for (service, column) in &self.services {
            answers.push((*service, record.parsed(*column, Expected::Answer, answer_lettered)?));
        }
        Ok(Some((record.line(), record.identifier(self.id)?, answers)))
    }
}

fn answer_lettered(letter: &str) -> Option<Status> {
    Some(match letter {
        "N" => Status::Normal,
        "L" => Status::Limited,
        "S" => Status::Stopped,
        "X" => Status::NotAvailable,
        "U" => Status::NoAnswer,
        _ => return None,
    })
}
