//! The columns of the board. A survey says which item fills which.

use serde::{Deserialize, Serialize};

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// A column of the board. Its name is the same in the survey, the API and the files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Column { $( $(#[$doc])* #[serde(rename = $name)] $variant, )+ }

        impl Column {
            /// Every column, in the order of files.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The name in the survey, the API and the files.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }
        }
    };
}

columns! {
    /// 救急
    EmergencyStatus = "emergency_status",
    /// 入院
    InpatientStatus = "inpatient_status",
    /// 外来
    OutpatientStatus = "outpatient_status",
    /// 外来（土日）
    OutpatientWeekendStatus = "outpatient_weekend_status",
    /// 手術
    SurgeryStatus = "surgery_status",
    /// 透析
    DialysisStatus = "dialysis_status",
    /// 化学療法
    ChemotherapyStatus = "chemotherapy_status",
    /// 受入可能病床数 計
    AvailableBeds = "available_beds",
    /// 受入可能病床数 重症
    AvailableBedsSevere = "available_beds_severe",
    /// 受入可能病床数 中等症
    AvailableBedsModerate = "available_beds_moderate",
    /// 受入可能病床数 軽症
    AvailableBedsMild = "available_beds_mild",
    /// 確保病床数
    SecuredBeds = "secured_beds",
    /// 確保病床数 重症者用
    SecuredBedsSevere = "secured_beds_severe",
    /// 即応病床数
    ReadyBeds = "ready_beds",
    /// 即応病床数 重症者用
    ReadyBedsSevere = "ready_beds_severe",
    /// 休止病床数
    SuspendedBeds = "suspended_beds",
    /// 入院患者数
    InpatientsTotal = "inpatients_total",
    /// うち確保病床に入院
    InpatientsInSecured = "inpatients_in_secured",
    /// うち重症
    InpatientsSevere = "inpatients_severe",
    /// うちICU入院中
    InpatientsIcu = "inpatients_icu",
    /// うち人工呼吸器管理中
    InpatientsVentilator = "inpatients_ventilator",
    /// うちECMO管理中
    InpatientsEcmo = "inpatients_ecmo",
    /// 小児
    AcceptPediatric = "accept_pediatric",
    /// 妊産婦
    AcceptPerinatal = "accept_perinatal",
    /// 透析
    AcceptDialysis = "accept_dialysis",
    /// 精神
    AcceptPsychiatric = "accept_psychiatric",
    /// 認知症
    AcceptDementia = "accept_dementia",
    /// 要介護
    AcceptNursingCare = "accept_nursing_care",
    /// 人工呼吸器 稼働可能
    VentilatorsUsable = "ventilators_usable",
    /// 人工呼吸器 使用中
    VentilatorsInUse = "ventilators_in_use",
    /// ECMO 稼働可能
    EcmoUsable = "ecmo_usable",
    /// ECMO 使用中
    EcmoInUse = "ecmo_in_use",
    /// 連絡事項
    BoardComment = "board_comment",
    /// 受入連絡先（日中）
    ContactDay = "contact_day",
    /// 受入連絡先（夜間）
    ContactNight = "contact_night",
}

impl Column {
    /// The six columns of special care, in the order of the board.
    pub const CARE: [Self; 6] = [
        Self::AcceptPediatric,
        Self::AcceptPerinatal,
        Self::AcceptDialysis,
        Self::AcceptPsychiatric,
        Self::AcceptDementia,
        Self::AcceptNursingCare,
    ];

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.as_str() == s)
    }

    /// One of the five answers?
    pub fn is_status(self) -> bool {
        matches!(
            self,
            Self::EmergencyStatus
                | Self::InpatientStatus
                | Self::OutpatientStatus
                | Self::OutpatientWeekendStatus
                | Self::SurgeryStatus
                | Self::DialysisStatus
                | Self::ChemotherapyStatus
        )
    }
}
