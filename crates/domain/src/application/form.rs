//! What an application says: the columns of the sheet（domain.md §3.2; ours, since the official 別添1 is not public）, read from what was
//! typed. Everything that is wrong with a row is found at once, each with its column.

use super::{
    column::{Applicant, Column, HeadquartersType},
    road::Road,
};
use crate::{id::PrefCode, organisation::OrganisationKind, text::fold_search};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod read;

pub use read::{INVITED, read_form};

/// What an application says, folded to the form in which it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// Which road it is on: that decides which columns it has.
    pub road: Road,
    /// 消防本部名, 医療機関名, 組織の名前, as written.
    pub name: String,
    /// フリガナ, full-width katakana.
    pub name_kana: String,
    /// 種別, by its name in code; empty where it is not said.
    pub headquarters_type: String,
    /// 管轄市区町村, codes of six digits. Of a hospital the one in which it lies, where its address says so.
    pub municipalities: Vec<String>,
    /// 郵便番号, `260-0000`.
    pub postal_code: String,
    /// 所在地
    pub address: String,
    /// 電話番号, half-width.
    pub phone: String,
    /// 担当部署
    pub department: String,
    /// 担当者氏名, as written.
    pub contact_name: String,
    /// フリガナ
    pub contact_kana: String,
    /// メールアドレス
    pub email: String,
    /// やむを得ない事情
    pub exception_reason: String,
    /// 備考
    pub remarks: String,
    /// 医療機関コード, ten digits; empty where a hospital has none.
    pub institution_code: String,
    /// 組織の種別 of whoever is invited.
    pub organisation_kind: Option<OrganisationKind>,
}

impl Form {
    /// By this two rows speak of the same applicant: blanks and width do not matter. Hospitals of one name are told apart by their code.
    pub fn key(&self) -> String {
        let name = fold_search(&self.name);
        match (self.road, self.organisation_kind) {
            (Road::Bundle, _) => name,
            (Road::Hospital, _) if self.institution_code.is_empty() => format!("hospital {name}"),
            (Road::Hospital, _) => format!("hospital {}", self.institution_code),
            (Road::Invitation, kind) => format!("{} {name}", kind.map_or("", OrganisationKind::as_str)),
        }
    }

    /// Who applies.
    pub fn applicant(&self) -> Applicant {
        match self.road {
            Road::Bundle => Applicant::of_name(&self.name),
            Road::Hospital => Applicant::Hospital,
            Road::Invitation => Applicant::Officer,
        }
    }

    /// A column as it is typed again.
    pub fn value(&self, column: Column) -> String {
        match column {
            Column::Prefecture => String::new(),
            Column::Name => self.name.clone(),
            Column::NameKana => self.name_kana.clone(),
            Column::HeadquartersType => HeadquartersType::parse(&self.headquarters_type).map(|t| t.words().to_owned()).unwrap_or_default(),
            Column::Municipalities => self.municipalities.join("、"),
            Column::PostalCode => self.postal_code.clone(),
            Column::Address => self.address.clone(),
            Column::Phone => self.phone.clone(),
            Column::Department => self.department.clone(),
            Column::ContactName => self.contact_name.clone(),
            Column::ContactKana => self.contact_kana.clone(),
            Column::Email | Column::EmailAgain => self.email.clone(),
            Column::ExceptionReason => self.exception_reason.clone(),
            Column::Remarks => self.remarks.clone(),
            Column::InstitutionCode => self.institution_code.clone(),
            Column::OrganisationKind => self.organisation_kind.map(|k| k.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

/// What is wrong with a column. The words are the screen's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormProblem {
    /// Nothing is written.
    Missing,
    /// Too many characters.
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// Control characters.
    NotText,
    /// Begins as a formula does: `=cmd|…`.
    Formula,
    /// Another prefecture than the one that submits.
    OtherPrefecture {
        /// What is written.
        written: String,
    },
    /// Not katakana.
    NotKana,
    /// None of the choices.
    UnknownType,
    /// The check digit of a code is wrong: a digit was mistyped.
    BadMunicipalityCode {
        /// The code.
        written: String,
    },
    /// No municipality of this name or code is known.
    UnknownMunicipality {
        /// What is written.
        written: String,
    },
    /// A municipality of another prefecture.
    OtherPrefectureMunicipality {
        /// What is written.
        written: String,
    },
    /// Not seven digits.
    BadPostalCode,
    /// Not a 医療機関コード of ten digits, or its check digit is wrong.
    BadInstitutionCode,
    /// A 医療機関コード of another prefecture.
    OtherPrefectureCode,
    /// None of the kinds of organisation that are invited.
    UnknownKind,
    /// Not a telephone number of Japan.
    BadPhone,
    /// Not a mail address.
    BadEmail,
    /// The two mail addresses differ.
    EmailsDiffer,
    /// Not a fire headquarters, and no 「やむを得ない事情」 is stated（memo §1）.
    NotFireHeadquarters,
    /// Not a fire headquarters; goes to an individual consultation.
    Consultation,
    /// A carrier's address: official mail is often refused there.
    CarrierMail,
    /// An address of a free mail service.
    PrivateMail,
    /// Looks like one person's mailbox; who moves on takes the mail along（domain.md §3.1）.
    PersonalMailbox,
    /// The same headquarters stands in another row.
    Doubled {
        /// That row's number.
        row: u32,
    },
    /// The same address serves another headquarters.
    SharedMail {
        /// Its name.
        other: String,
    },
    /// The headquarters has an ID already, or has applied.
    HasId,
    /// Another name than the one that was approved: a yes is for one headquarters.
    Decided,
}

/// How heavy a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Is to be confirmed when it is submitted.
    Soft,
    /// Can be saved, not submitted.
    Incomplete,
    /// Must be mended before anything is saved.
    Hard,
}

impl FormProblem {
    /// How heavy it is.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Missing | Self::NotFireHeadquarters => Weight::Incomplete,
            Self::Consultation | Self::CarrierMail | Self::PrivateMail | Self::PersonalMailbox | Self::SharedMail { .. } | Self::HasId => {
                Weight::Soft
            }
            _ => Weight::Hard,
        }
    }
}

/// A problem and its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFinding {
    /// The column.
    pub column: Column,
    /// What is wrong.
    pub problem: FormProblem,
}

/// What a form is read against.
pub struct FormContext<'a> {
    /// Which columns are read.
    pub road: Road,
    /// The prefecture that submits.
    pub prefecture: PrefCode,
    /// Its name.
    pub prefecture_name: &'a str,
    /// Known municipalities: code and name. Empty where none were imported: then codes are only checked by their digit.
    pub municipalities: &'a BTreeMap<String, String>,
}

#[cfg(test)]
mod tests;
