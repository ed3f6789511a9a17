//! Reference data: municipalities, medical areas, national holidays.

use super::{
    Layout, Rows,
    record::{Column, Header, Record},
};
use crate::{Expected, ReadError, ReadErrorKind, error::Stop};
use akidoko_domain::{
    area::{Holiday, MedicalArea, Municipality},
    code,
    id::PrefCode,
};
use std::io::{Cursor, Read};

/// Municipalities and wards of a CSV with the columns `muni_code6, pref_code, muni_name, muni_kana, parent_code6, area_code`; others
/// may stand beside them.
pub fn municipalities<R: Read>(input: R) -> Result<Rows<R, MunicipalityColumns>, ReadError> {
    Rows::new(input)
}

/// Medical areas of a CSV with the columns `area_code, area_name, pref_code`; others may stand beside them.
pub fn areas<R: Read>(input: R) -> Result<Rows<R, AreaColumns>, ReadError> {
    Rows::new(input)
}

/// National holidays: the CSV of the Cabinet Office as published（CP932, dates like 2027/1/1）, or one in UTF-8 with the columns
/// `date, name`. The encoding is seen from the mark at the beginning, then from the text; for that the whole file is read, which
/// is small.
pub fn holidays<R: Read>(input: R) -> Result<Rows<Cursor<Vec<u8>>, HolidayColumns>, ReadError> {
    let mut bytes = Vec::new();
    input.take(HOLIDAYS_LIMIT + 1).read_to_end(&mut bytes).map_err(|e| ReadErrorKind::from_io(e).of_file())?;
    if bytes.len() as u64 > HOLIDAYS_LIMIT {
        return Err(ReadErrorKind::from_io(Stop::TooLarge(HOLIDAYS_LIMIT).into()).of_file());
    }
    Rows::new(Cursor::new(utf8(bytes)?))
}

/// A thousand years of holidays fit.
const HOLIDAYS_LIMIT: u64 = 1 << 20;

fn utf8(bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let marked = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| bytes.starts_with(mark));
    if marked || str::from_utf8(&bytes).is_ok() {
        return Ok(bytes);
    }
    match encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(text) => Ok(text.into_owned().into_bytes()),
        None => Err(ReadErrorKind::UnknownEncoding.of_file()),
    }
}

/// The columns of municipalities.
pub struct MunicipalityColumns {
    code: Column,
    prefecture: Column,
    name: Column,
    kana: Column,
    parent: Column,
    area: Column,
}

impl Layout for MunicipalityColumns {
    type Row = Municipality;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        Ok(Self {
            code: header.column("muni_code6")?,
            prefecture: header.column("pref_code")?,
            name: header.column("muni_name")?,
            kana: header.column("muni_kana")?,
            parent: header.column("parent_code6")?,
            area: header.column("area_code")?,
        })
    }

    fn row(&self, record: &Record) -> Result<Option<Municipality>, ReadErrorKind> {
        // A municipality of one prefecture in an area of another would show there: it is refused here, where its line is known.
        let prefecture = record.prefecture_code(self.prefecture)?;
        let own = |s: &str| code::is_municipality_code(s).then(|| s.to_owned()).filter(|code| lies_in(code, prefecture));
        let own_area = |s: &str| area_code(s).filter(|code| lies_in(code, prefecture));
        Ok(Some(Municipality {
            line: record.line(),
            code: record.parsed(self.code, Expected::MunicipalityCode, own)?,
            prefecture,
            name: record.required(self.name)?.to_owned(),
            kana: record.text(self.kana).unwrap_or_default(),
            parent: record.maybe(self.parent, Expected::MunicipalityCode, own)?,
            area: record.maybe(self.area, Expected::AreaCode, own_area)?,
        }))
    }
}

/// The columns of medical areas.
pub struct AreaColumns {
    code: Column,
    name: Column,
    prefecture: Column,
}

impl Layout for AreaColumns {
    type Row = MedicalArea;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        Ok(Self { code: header.column("area_code")?, name: header.column("area_name")?, prefecture: header.column("pref_code")? })
    }

    fn row(&self, record: &Record) -> Result<Option<MedicalArea>, ReadErrorKind> {
        let prefecture = record.prefecture_code(self.prefecture)?;
        let in_prefecture = |s: &str| area_code(s).filter(|code| lies_in(code, prefecture));
        Ok(Some(MedicalArea {
            line: record.line(),
            code: record.parsed(self.code, Expected::AreaCode, in_prefecture)?,
            prefecture,
            name: record.required(self.name)?.to_owned(),
        }))
    }
}

/// Codes of municipalities and areas begin with that of their prefecture.
fn lies_in(code: &str, prefecture: PrefCode) -> bool {
    code.starts_with(&prefecture.to_string())
}

fn area_code(s: &str) -> Option<String> {
    (s.len() == 4 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.to_owned())
}

/// The columns of holidays.
pub struct HolidayColumns {
    on: Column,
    name: Column,
}

impl Layout for HolidayColumns {
    type Row = Holiday;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        let published = ["国民の祝日・休日月日", "国民の祝日・休日名称"];
        let [on, name] = if header.find(published[0]).is_some() { published } else { ["date", "name"] };
        let columns = Self { on: header.column(on)?, name: header.column(name)? };
        header.nothing_but(|_| false)?;
        Ok(columns)
    }

    fn row(&self, record: &Record) -> Result<Option<Holiday>, ReadErrorKind> {
        Ok(Some(Holiday { line: record.line(), on: record.date(self.on)?, name: record.required(self.name)?.to_owned() }))
    }
}
