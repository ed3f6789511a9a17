//! The open data of G-MIS: what each hospital answered on a day, one line per hospital and service.

mod compact;

pub use compact::{CompactReader, CompactRow, date_of_file};

use super::{
    Layout, Rows,
    record::{Column, Header, Record},
};
use crate::{Expected, ReadErrorKind};
use akidoko_domain::{area, hospital::Attributes, id::PrefCode, summary::ServiceAnswer, survey::Status, text};
use chrono::NaiveDate;

/// Reads the CSV as published. Its columns grew from 11 to 13 to 14 in 2020, and its services changed from six to three in 2021.
pub type Reader<R> = Rows<R, Columns>;

/// One hospital's answer for one service on one day, with what the register says of the hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct GmisRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// 医療機関ID
    pub gmis_id: String,
    /// 都道府県名
    pub prefecture: PrefCode,
    /// What the row states of the hospital. The address lacks the prefecture, as published.
    pub attributes: Attributes,
    /// 提出日
    pub report_date: NaiveDate,
    /// 医療区分, by the item's id in its survey.
    pub service: &'static str,
    /// 医療区分回答
    pub answer: Status,
}

impl GmisRow {
    /// The answer alone.
    pub fn into_answer(self) -> ServiceAnswer {
        ServiceAnswer { gmis_id: self.gmis_id, report_date: self.report_date, service: self.service, answer: self.answer }
    }
}

/// The services, as published and as their items are called.
pub const SERVICES: [(&str, &str); 7] = [
    ("外来（平日）", "outpatient_weekday"),
    ("外来（土日）", "outpatient_weekend"),
    ("入院", "inpatient"),
    ("救急", "emergency"),
    ("透析", "dialysis"),
    ("化学療法", "chemotherapy"),
    ("外来", "outpatient"),
];

fn service_named(name: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(published, _)| *published == name).map(|(_, id)| *id)
}

fn answer_named(name: &str) -> Option<Status> {
    Some(match name {
        "通常" => Status::Normal,
        "制限" => Status::Limited,
        "停止" => Status::Stopped,
        "設置なし" => Status::NotAvailable,
        "未回答" => Status::NoAnswer,
        _ => return None,
    })
}

/// The columns of a file.
pub struct Columns {
    id: Column,
    name: Column,
    postal_code: Column,
    prefecture: Column,
    address: Column,
    phone: Column,
    latitude: Column,
    longitude: Column,
    date: Column,
    service: Column,
    answer: Column,
    municipality_code: Option<Column>,
    municipality_name: Option<Column>,
    institution_code: Option<Column>,
}

impl Layout for Columns {
    type Row = GmisRow;

    fn columns(header: &Header) -> Result<Self, ReadErrorKind> {
        let columns = Self {
            id: header.column("医療機関ID")?,
            name: header.column("医療機関名")?,
            postal_code: header.column("郵便番号")?,
            prefecture: header.column("都道府県名")?,
            address: header.column("医療機関住所")?,
            phone: header.column("電話番号")?,
            latitude: header.column("緯度")?,
            longitude: header.column("経度")?,
            date: header.column("提出日")?,
            service: header.column("医療区分")?,
            answer: header.column("医療区分回答")?,
            municipality_code: header.find("全国地方公共団体コード"),
            municipality_name: header.find("市区町村名"),
            institution_code: header.find("医療機関コード"),
        };
        header.nothing_but(|_| false)?;
        Ok(columns)
    }

    fn row(&self, record: &Record) -> Result<Option<GmisRow>, ReadErrorKind> {
        let place = record.place(self.latitude, self.longitude)?;
        let prefecture = record.parsed(self.prefecture, Expected::PrefectureName, area::prefecture_named)?;
        let municipality_code = match self.municipality_code.filter(|column| record.stated(*column).is_some()) {
            Some(column) => Some(record.municipality_code(column)?),
            None => None,
        };
        Ok(Some(GmisRow {
            line: record.line(),
            gmis_id: record.identifier(self.id)?,
            prefecture,
            attributes: Attributes {
                name: Some(record.required(self.name)?.to_owned()),
                // The register found some codes by name alone, and gave 伊達市 of 福島県 that of 北海道. Taken as it is, the code would
                // put a hospital into an area of another prefecture; the name beside it is right.
                municipality_code: municipality_code.filter(|code| code.starts_with(&prefecture.to_string())),
                municipality_name: record.stated_if(self.municipality_name),
                postal_code: record.stated(self.postal_code).and_then(postal_code),
                address: record.text(self.address),
                phone: record.stated(self.phone).map(text::fold_phone).filter(|digits| !digits.is_empty()),
                latitude: place.map(|(north, _)| north),
                longitude: place.map(|(_, east)| east),
                institution_code: record.stated_if(self.institution_code),
                ..Attributes::default()
            },
            report_date: record.date(self.date)?,
            service: record.parsed(self.service, Expected::Service, service_named)?,
            answer: record.parsed(self.answer, Expected::Answer, answer_named)?,
        }))
    }
}

/// 「〒041-0525」 is "041-0525"; the register also has full-width hyphens, none at all, and the code twice. Where there are no seven
/// digits, nothing is stated: no rule of ours hangs on it.
fn postal_code(published: &str) -> Option<String> {
    let folded = text::fold_code(published);
    let begin = folded.find(|c: char| c.is_ascii_digit())?;
    let digits: String = folded[begin..].chars().take_while(|c| c.is_ascii_digit() || *c == '-').filter(char::is_ascii_digit).collect();
    (digits.len() == 7).then(|| format!("{}-{}", &digits[..3], &digits[3..]))
}
