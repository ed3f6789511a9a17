//! The organisations of the demo and their sign-ins, one for each kind.

use super::{DemoOrganisation, place::Plan};
use akidoko_domain::organisation::OrganisationKind;

/// The ministry's side of the demo. It sees both prefectures.
pub fn ministry() -> DemoOrganisation {
    DemoOrganisation {
        kind: OrganisationKind::Ministry, name: "国の医療班（デモ）".to_owned(), operator: "事務局", hospitals: Vec::new()
    }
}

/// Those of a prefecture. The hospital among them is the first of the list.
pub(super) fn organisations(plan: &Plan) -> Vec<DemoOrganisation> {
    OrganisationKind::ALL.into_iter().filter_map(|kind| organisation(plan, kind)).collect()
}

fn organisation(plan: &Plan, kind: OrganisationKind) -> Option<DemoOrganisation> {
    use OrganisationKind as K;
    let (name, operator, hospitals) = match kind {
        K::Hospital => (plan.hospitals.first()?.0, "病床管理室", vec![0]),
        K::FireHeadquarters => (plan.fire_headquarters, "通信指令課", vec![]),
        K::PrefectureHealth => (plan.prefecture_health, "医療体制係", vec![]),
        K::PrefectureFire => (plan.prefecture_fire, "救急係", vec![]),
        K::HealthCity => (plan.health_city, "感染症対策係", vec![]),
        K::HealthCentre => (plan.health_centre, "入院調整班", vec![]),
        K::Association => (plan.association, "とりまとめ担当", plan.members.to_vec()),
        K::Ministry => return None,
    };
    Some(DemoOrganisation { kind, name: name.to_owned(), operator, hospitals })
}

#[cfg(test)]
mod tests {
    use super::super::prefectures;
    use super::*;

    #[test]
    fn one_sign_in_for_each_kind() {
        for p in prefectures() {
            let kinds: Vec<_> = p.organisations.iter().map(|o| o.kind).collect();
            assert_eq!(kinds, OrganisationKind::ALL[..7]);
            assert_eq!(p.organisation(OrganisationKind::Association).unwrap().hospitals.len(), 8);
            assert!(p.organisations.iter().flat_map(|o| &o.hospitals).all(|h| *h < p.hospitals.len()));
            assert!(p.is_visitors(0) && !p.is_visitors(1));
        }
        assert_eq!(ministry().kind, OrganisationKind::Ministry);
    }
}
