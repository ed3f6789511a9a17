//! Who must answer a survey.

use super::{GMIS_DAILY, Survey};
use crate::{board::Card, hospital::EmergencyLevel, id::HospitalId, organisation::OrganisationKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who must answer. Of hospitals it may be only some: all conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// Hospitals, or the health departments of prefectures.
    pub kind: OrganisationKind,
    /// Only hospitals of these levels of emergency care. Empty: of any or none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub emergency: BTreeSet<EmergencyLevel>,
    /// Only hospitals of at least so many beds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_beds: Option<u32>,
    /// Only hospitals that their prefecture has named, such as those with an agreement（協定締結医療機関）.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
}

impl Default for Who {
    fn default() -> Self {
        Self { kind: OrganisationKind::Hospital, emergency: BTreeSet::new(), least_beds: None, named: false }
    }
}

impl Who {
    /// The kinds of organisation that can be asked.
    pub const KINDS: [OrganisationKind; 2] = [OrganisationKind::Hospital, OrganisationKind::PrefectureHealth];

    /// No condition at all.
    pub fn is_every_hospital(&self) -> bool {
        *self == Self::default()
    }

    /// Must this hospital answer? `named` are those that their prefecture named for the survey. A hospital whose beds are not known is
    /// not asked by their number.
    pub fn asks(&self, card: &Card, named: Option<&BTreeSet<HospitalId>>) -> bool {
        self.kind == OrganisationKind::Hospital
            && (self.emergency.is_empty() || card.emergency_level.is_some_and(|level| self.emergency.contains(&level)))
            && self.least_beds.is_none_or(|least| card.beds_total.is_some_and(|beds| beds >= least))
            && (!self.named || named.is_some_and(|named| named.contains(&card.id)))
    }
}

impl Survey {
    /// Is it answered in the system? What G-MIS published is only read.
    pub fn is_answered(&self) -> bool {
        self.code != GMIS_DAILY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{OrganisationCode, PrefCode};
    use uuid::Uuid;

    fn card(beds_total: Option<u32>, emergency_level: Option<EmergencyLevel>) -> Card {
        let prefecture = PrefCode::new(12).unwrap();
        Card {
            id: HospitalId(Uuid::from_u128(1)),
            code: OrganisationCode::build('H', Some(prefecture), 1),
            prefecture,
            name: String::new(),
            kana: String::new(),
            municipality_code: None,
            municipality: None,
            area_code: None,
            area: None,
            address: None,
            phone: None,
            latitude: None,
            longitude: None,
            emergency_level,
            beds_total,
            search: String::new(),
        }
    }

    #[test]
    fn who_is_asked() {
        let third = BTreeSet::from([EmergencyLevel::Tertiary]);
        let named = BTreeSet::from([HospitalId(Uuid::from_u128(1))]);
        let every = Who::default();
        for (who, card, named, expected) in [
            (every.clone(), card(None, None), None, true),
            (Who { kind: OrganisationKind::PrefectureHealth, ..every.clone() }, card(None, None), None, false),
            (Who { least_beds: Some(20), ..every.clone() }, card(Some(20), None), None, true),
            (Who { least_beds: Some(20), ..every.clone() }, card(Some(19), None), None, false),
            (Who { least_beds: Some(20), ..every.clone() }, card(None, None), None, false),
            (Who { emergency: third.clone(), ..every.clone() }, card(None, Some(EmergencyLevel::Tertiary)), None, true),
            (Who { emergency: third.clone(), ..every.clone() }, card(None, Some(EmergencyLevel::Secondary)), None, false),
            (Who { named: true, ..every.clone() }, card(None, None), None, false),
            (Who { named: true, ..every.clone() }, card(None, None), Some(&named), true),
            (Who { named: true, least_beds: Some(20), ..every.clone() }, card(None, None), Some(&named), false),
        ] {
            assert_eq!(who.asks(&card, named), expected, "{who:?}");
        }
    }
}
