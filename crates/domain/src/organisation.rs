//! Who uses Akidoko: the kinds of organisation of the memo (sections 1 and 3) and of design.md.

use crate::id::{OrganisationCode, OrganisationId, PrefCode};
use serde::{Deserialize, Serialize};

/// The kind of an organisation. It decides what its operators may do; see [`crate::access`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// 医療機関
    Hospital,
    /// 消防本部
    FireHeadquarters,
    /// 都道府県 衛生主管部局
    PrefectureHealth,
    /// 都道府県 消防防災主管部局
    PrefectureFire,
    /// 保健所設置市・特別区
    HealthCity,
    /// 保健所
    HealthCentre,
    /// とりまとめ団体
    Association,
    /// 厚生労働省 医療班・事務局
    Ministry,
}

impl OrganisationKind {
    /// Every kind, in the order of design.md.
    pub const ALL: [Self; 8] = [
        Self::Hospital,
        Self::FireHeadquarters,
        Self::PrefectureHealth,
        Self::PrefectureFire,
        Self::HealthCity,
        Self::HealthCentre,
        Self::Association,
        Self::Ministry,
    ];

    /// The name in code, files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::FireHeadquarters => "fire_headquarters",
            Self::PrefectureHealth => "prefecture_health",
            Self::PrefectureFire => "prefecture_fire",
            Self::HealthCity => "health_city",
            Self::HealthCentre => "health_centre",
            Self::Association => "association",
            Self::Ministry => "ministry",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == s)
    }

    /// The class letter of its IDs.
    pub fn class_letter(self) -> char {
        match self {
            Self::Hospital => 'H',
            Self::FireHeadquarters => 'F',
            Self::PrefectureHealth => 'P',
            Self::PrefectureFire => 'Q',
            Self::HealthCity => 'T',
            Self::HealthCentre => 'C',
            Self::Association => 'A',
            Self::Ministry => 'M',
        }
    }
}

/// An organisation as the rest of the system sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Our own id.
    pub id: OrganisationId,
    /// The ID that people type.
    pub code: OrganisationCode,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its prefecture; `None` only for the ministry.
    pub prefecture: Option<PrefCode>,
    /// Its name.
    pub name: String,
}
