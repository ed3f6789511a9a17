//! The columns of an application, and who applies. Three roads ask for different ones.

use super::road::{Road, words};
use crate::text::trim;

words!(
    /// A column of an application. Those of the sheet come first, in its order.
    Column {
        /// 都道府県名
        Prefecture = "prefecture",
        /// 消防本部名
        Name = "name",
        /// 消防本部名（フリガナ）
        NameKana = "name_kana",
        /// 種別
        HeadquartersType = "headquarters_type",
        /// 管轄市区町村
        Municipalities = "municipalities",
        /// 郵便番号
        PostalCode = "postal_code",
        /// 所在地
        Address = "address",
        /// 電話番号
        Phone = "phone",
        /// 担当部署
        Department = "department",
        /// 担当者氏名
        ContactName = "contact_name",
        /// 担当者氏名（フリガナ）
        ContactKana = "contact_kana",
        /// メールアドレス
        Email = "email",
        /// メールアドレス（確認）
        EmailAgain = "email_again",
        /// やむを得ない事情: only for one that is no fire headquarters（memo §1 ※）.
        ExceptionReason = "exception_reason",
        /// 備考
        Remarks = "remarks",
        /// 医療機関コード, of a hospital only.
        InstitutionCode = "institution_code",
        /// 組織の種別, of an invitation only.
        OrganisationKind = "organisation_kind",
    }
);

impl Column {
    /// The columns of the sheet.
    pub const SHEET: &'static [Self] = Self::ALL.split_at(15).0;

    /// What is asked on a road, in the order of the screen.
    pub fn of(road: Road) -> &'static [Self] {
        match road {
            Road::Bundle => Self::SHEET,
            Road::Hospital => &[
                Self::Prefecture,
                Self::InstitutionCode,
                Self::Name,
                Self::NameKana,
                Self::PostalCode,
                Self::Address,
                Self::Phone,
                Self::Department,
                Self::ContactName,
                Self::ContactKana,
                Self::Email,
                Self::EmailAgain,
                Self::Remarks,
            ],
            Road::Invitation => {
                &[Self::Prefecture, Self::OrganisationKind, Self::Name, Self::Department, Self::ContactName, Self::Email, Self::EmailAgain]
            }
        }
    }

    /// The heading on a road's screens.
    pub fn heading_on(self, road: Road) -> &'static str {
        match (road, self) {
            (Road::Hospital, Self::Name) => "医療機関名",
            (Road::Hospital, Self::NameKana) => "医療機関名（フリガナ）",
            (Road::Invitation, Self::Name) => "組織の名前",
            _ => self.heading(),
        }
    }

    /// Without it an application on this road is not complete. The prefecture is asked for before anything is read.
    pub fn is_required_on(self, road: Road) -> bool {
        let optional = matches!(self, Self::Prefecture | Self::Remarks | Self::InstitutionCode);
        Self::of(road).contains(&self) && if road == Road::Bundle { self.is_required() } else { !optional }
    }

    /// The heading of the sheet and of the screen.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Prefecture => "都道府県名",
            Self::Name => "消防本部名",
            Self::NameKana => "消防本部名（フリガナ）",
            Self::HeadquartersType => "種別",
            Self::Municipalities => "管轄市区町村",
            Self::PostalCode => "郵便番号",
            Self::Address => "所在地",
            Self::Phone => "電話番号",
            Self::Department => "担当部署",
            Self::ContactName => "担当者氏名",
            Self::ContactKana => "担当者氏名（フリガナ）",
            Self::Email => "メールアドレス",
            Self::EmailAgain => "メールアドレス（確認）",
            Self::ExceptionReason => "やむを得ない事情",
            Self::Remarks => "備考",
            Self::InstitutionCode => "医療機関コード",
            Self::OrganisationKind => "組織の種別",
        }
    }

    /// Without it a row of the sheet is not complete.
    pub fn is_required(self) -> bool {
        let optional =
            matches!(self, Self::Prefecture | Self::HeadquartersType | Self::Municipalities | Self::ExceptionReason | Self::Remarks);
        Self::SHEET.contains(&self) && !optional
    }

    /// As many characters may be.
    pub fn max(self) -> usize {
        match self {
            Self::Name | Self::NameKana | Self::ContactName | Self::ContactKana | Self::Department => 60,
            Self::Address => 200,
            Self::Municipalities | Self::Remarks | Self::ExceptionReason => 400,
            Self::Email | Self::EmailAgain => 254,
            _ => 40,
        }
    }
}

words!(
    /// 種別 of a fire headquarters.
    HeadquartersType {
        /// 単独
        Single = "single",
        /// 一部事務組合・広域連合
        Union = "union",
        /// 東京消防庁
        Tokyo = "tokyo",
    }
);

impl HeadquartersType {
    /// The choice on sheet and screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "単独",
            Self::Union => "一部事務組合・広域連合",
            Self::Tokyo => "東京消防庁",
        }
    }
}

words!(
    /// Who applies.
    Applicant {
        /// 消防本部: for now the only one to whom an ID goes（memo §1）.
        FireHeadquarters = "fire_headquarters",
        /// 消防署・分署 and whatever else is no headquarters: by individual consultation only（memo §1 ※）.
        Other = "other",
        /// 医療機関: its prefecture approves, the office issues（domain.md §3.1）.
        Hospital = "hospital",
        /// 都道府県・保健所・とりまとめ団体の担当者: invited by the ministry.
        Officer = "officer",
    }
);

impl Applicant {
    /// Which road leads to the ID.
    pub fn road(self) -> Road {
        match self {
            Self::FireHeadquarters | Self::Other => Road::Bundle,
            Self::Hospital => Road::Hospital,
            Self::Officer => Road::Invitation,
        }
    }

    /// What a name says of who applies on a sheet of fire headquarters. 消防局 and 東京消防庁 are headquarters as well.
    pub fn of_name(name: &str) -> Self {
        let name: String = trim(name).chars().filter(|c| !c.is_whitespace()).collect();
        let is_headquarters = ["消防本部", "消防局", "消防庁"].iter().any(|end| name.ends_with(end));
        if is_headquarters { Self::FireHeadquarters } else { Self::Other }
    }
}
