//! Registers of hospitals without answers: 医療情報ネット, and the list of all that ever stood in the G-MIS open data.

use super::{
    Layout, Rows, mednet,
    record::{Column, Header, Record},
};
use crate::{Expected, ReadError, ReadErrorKind};
use akidoko_domain::{
    code,
    hospital::{Attributes, CodeSystem, RegisterRow},
    id::PrefCode,
};
use std::io::Read;

/// Rows of either register.
pub type AnyRows<'a> = Box<dyn Iterator<Item = Result<RegisterRow, ReadError>> + 'a>;

/// Opens a register of hospitals and says whose codes it has: by the header, whose first column is `gmis_id` in one of them.
pub fn open<'a>(input: impl Read + 'a) -> Result<(CodeSystem, AnyRows<'a>), ReadError> {
    let rows = Rows::<_, Either>::new(input)?;
    let system = match rows.layout {
        Either::Mednet(_) => CodeSystem::Mednet,
        Either::Gmis(_) => CodeSystem::Gmis,
    };
    Ok((system, Box::new(rows)))
}

enum Either {
    Mednet(mednet::Columns),
    Gmis(Columns),
}

impl Layout for Either {
    type Row = RegisterRow;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        match Columns::columns(header) {
            Ok(columns) => Ok(Self::Gmis(columns)),
            // Without its id it is the other register, whose header then says what it lacks.
            Err(ReadErrorKind::MissingColumn(name)) if name == "gmis_id" => mednet::Columns::columns(header).map(Self::Mednet),
            Err(error) => Err(error),
        }
    }

    fn row(&self, record: &Record) -> Result<Option<RegisterRow>, ReadErrorKind> {
        match self {
            Self::Mednet(columns) => columns.row(record),
            Self::Gmis(columns) => columns.row(record),
        }
    }
}

/// The columns of the G-MIS register that are kept.
struct Columns {
    id: Column,
    name: Column,
    postal_code: Column,
    prefecture: Column,
    municipality_code: Column,
    municipality_name: Column,
    address: Column,
    phone: Column,
    latitude: Column,
    longitude: Column,
    institution_code: Column,
}

impl Layout for Columns {
    type Row = RegisterRow;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        Ok(Self {
            id: header.column("gmis_id")?,
            name: header.column("name")?,
            postal_code: header.column("postal_code")?,
            prefecture: header.column("pref_code")?,
            municipality_code: header.column("muni_code6")?,
            municipality_name: header.column("muni_name")?,
            address: header.column("address")?,
            phone: header.column("phone")?,
            latitude: header.column("latitude")?,
            longitude: header.column("longitude")?,
            institution_code: header.column("med_inst_code10")?,
        })
    }

    fn row(&self, record: &Record) -> Result<Option<RegisterRow>, ReadErrorKind> {
        let place = record.place(self.latitude, self.longitude)?;
        let prefecture: PrefCode = record.prefecture_code(self.prefecture)?;
        let own = |s: &str| (code::is_municipality_code(s) && s.starts_with(&prefecture.to_string())).then(|| s.to_owned());
        Ok(Some(RegisterRow {
            line: record.line(),
            code: record.identifier(self.id)?,
            prefecture,
            attributes: Attributes {
                name: Some(record.required(self.name)?.to_owned()),
                postal_code: record.text(self.postal_code),
                municipality_code: record.maybe(self.municipality_code, Expected::MunicipalityCode, own)?,
                municipality_name: record.text(self.municipality_name),
                address: record.text(self.address),
                phone: record.text(self.phone),
                latitude: place.map(|(north, _)| north),
                longitude: place.map(|(_, east)| east),
                institution_code: record.text(self.institution_code),
                ..Attributes::default()
            },
        }))
    }
}
