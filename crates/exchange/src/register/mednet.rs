//! 医療情報ネット: the national register of hospitals, as the ministry publishes it twice a year.

use super::{
    Layout, Rows,
    record::{Column, Header, Record},
};
use crate::{Expected, ReadErrorKind};
use akidoko_domain::{
    code,
    hospital::{Attributes, RegisterRow},
    id::PrefCode,
    text,
};

/// Reads the CSV of hospitals（病院・施設票）: UTF-8, 65 columns, of which sixteen are kept.
pub type Reader<R> = Rows<R, Columns>;

/// The columns that are kept.
pub struct Columns {
    id: Column,
    name: Column,
    name_kana: Column,
    short_name: Column,
    prefecture: Column,
    municipality: Column,
    address: Column,
    latitude: Column,
    longitude: Column,
    url: Column,
    general: Column,
    recuperation: Column,
    psychiatric: Column,
    tuberculosis: Column,
    infectious: Column,
    total: Column,
}

/// Columns that are known and not kept, besides the closing days.
const NOT_KEPT: [&str; 5] =
    ["略称（フリガナ）", "英語表記（ローマ字表記）", "機関区分", "療養病床のうち医療保険適用", "療養病床のうち介護保険適用"];

/// What the headers of closing days begin with; there are 44 of them.
const CLOSING_DAYS: [&str; 4] = ["毎週決まった曜日に休診", "決まった週に休診", "祝日に休診", "その他の休診日"];

impl Layout for Columns {
    type Row = RegisterRow;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        let columns = Self {
            id: header.column("ID")?,
            name: header.column("正式名称")?,
            name_kana: header.column("正式名称（フリガナ）")?,
            short_name: header.column("略称")?,
            prefecture: header.column("都道府県コード")?,
            municipality: header.column("市区町村コード")?,
            address: header.column("所在地")?,
            latitude: header.column("所在地座標（緯度）")?,
            longitude: header.column("所在地座標（経度）")?,
            url: header.column("案内用ホームページアドレス")?,
            general: header.column("一般病床")?,
            recuperation: header.column("療養病床")?,
            psychiatric: header.column("精神病床")?,
            tuberculosis: header.column("結核病床")?,
            infectious: header.column("感染症病床")?,
            total: header.column("合計病床数")?,
        };
        header.nothing_but(|name| NOT_KEPT.contains(&name) || CLOSING_DAYS.iter().any(|c| name.starts_with(c)))?;
        Ok(columns)
    }

    fn row(&self, record: &Record) -> Result<Option<RegisterRow>, ReadErrorKind> {
        let prefecture = record.prefecture_code(self.prefecture)?;
        let place = record.place(self.latitude, self.longitude)?;
        let municipality_code =
            record.maybe(self.municipality, Expected::MunicipalityCode, |short| municipality_code(prefecture, short))?;
        Ok(Some(RegisterRow {
            line: record.line(),
            code: record.identifier(self.id)?,
            prefecture,
            attributes: Attributes {
                name: Some(record.required(self.name)?.to_owned()),
                name_kana: record.stated(self.name_kana).map(text::kana_full),
                short_name: record.text(self.short_name),
                municipality_code,
                address: record.text(self.address),
                latitude: place.map(|(north, _)| north),
                longitude: place.map(|(_, east)| east),
                url: record.text(self.url),
                beds_general: record.count(self.general)?,
                beds_recuperation: record.count(self.recuperation)?,
                beds_psychiatric: record.count(self.psychiatric)?,
                beds_tuberculosis: record.count(self.tuberculosis)?,
                beds_infectious: record.count(self.infectious)?,
                beds_total: record.count(self.total)?,
                ..Attributes::default()
            },
        }))
    }
}

/// The register writes the three digits behind the prefecture, 「101」 for 札幌市中央区; a spreadsheet may have eaten the zeros before.
fn municipality_code(prefecture: PrefCode, short: &str) -> Option<String> {
    if short.len() > 3 {
        return (code::is_municipality_code(short) && short.starts_with(&prefecture.to_string())).then(|| short.to_owned());
    }
    let five = format!("{prefecture}{short:0>3}");
    let check = code::municipality_check_digit(&five)?;
    Some(format!("{five}{check}"))
}
