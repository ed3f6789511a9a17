//! The wall, and who may do what.
//!
//! A [`Scope`] is what one signed-in operator may read and for whom they may act. Every read of the store takes one; what lies outside
//! does not exist（memo §3: 「閲覧可能範囲は、自都道府県内の医療機関の情報のみ」）.

use crate::{
    id::{AccountId, HospitalId, OrganisationCode, OrganisationId, PrefCode, SessionId},
    key::KeyGrant,
    organisation::OrganisationKind,
};
use std::{collections::BTreeSet, sync::Arc};

/// How far the eye reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Read {
    /// One prefecture and nothing else.
    Prefecture(PrefCode),
    /// All of them: the ministry.
    Nation,
}

/// For which hospitals a report may be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActFor {
    /// None: look only.
    Nobody,
    /// These: a hospital for itself, an association for its members.
    Hospitals(BTreeSet<HospitalId>),
    /// Every hospital of the prefecture, on its behalf（代行）.
    Prefecture(PrefCode),
}

/// What one operator may read and for whom they may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What may be read.
    pub read: Read,
    /// For whom a report may be entered.
    pub act_for: ActFor,
}

impl Scope {
    /// The scope of an organisation. `hospitals` are those it stands for: itself for a hospital, its members for an association.
    /// `None` when an organisation other than the ministry has no prefecture: it may see nothing.
    pub fn of(kind: OrganisationKind, prefecture: Option<PrefCode>, hospitals: BTreeSet<HospitalId>) -> Option<Self> {
        use OrganisationKind as K;
        let read = match (kind, prefecture) {
            (K::Ministry, _) => Read::Nation,
            (_, Some(p)) => Read::Prefecture(p),
            (_, None) => return None,
        };
        let act_for = match (kind, read) {
            (K::Hospital | K::Association, _) => ActFor::Hospitals(hospitals),
            // A health city or centre answers for its own area; organisations have none here, so the prefecture bounds them.
            (K::PrefectureHealth | K::HealthCity | K::HealthCentre, Read::Prefecture(p)) => ActFor::Prefecture(p),
            _ => ActFor::Nobody,
        };
        Some(Self { read, act_for })
    }

    /// May anything of this prefecture be seen?
    pub fn sees(&self, prefecture: PrefCode) -> bool {
        match self.read {
            Read::Prefecture(own) => own == prefecture,
            Read::Nation => true,
        }
    }

    /// May a report be entered for this hospital? Never outside of what may be read.
    pub fn acts_for(&self, hospital: HospitalId, prefecture: PrefCode) -> bool {
        self.sees(prefecture)
            && match &self.act_for {
                ActFor::Nobody => false,
                ActFor::Hospitals(set) => set.contains(&hospital),
                ActFor::Prefecture(own) => *own == prefecture,
            }
    }
}

/// Who is asking: the signed-in operator, with their scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The sign-in; one entry of the log covers a view of it for five minutes.
    pub session: SessionId,
    /// The operator.
    pub account: AccountId,
    /// The operator's number under the organisation, from 1; 0 where nobody signed in.
    pub operator: u16,
    /// The operator's name, as the organisation's administrator wrote it.
    pub operator_name: String,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its ID.
    pub organisation_code: OrganisationCode,
    /// Its name.
    pub organisation_name: String,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its prefecture; `None` for the ministry.
    pub prefecture: Option<PrefCode>,
    /// May name, suspend and remove the organisation's operators.
    pub is_administrator: bool,
    /// What it may see and do.
    pub scope: Scope,
    /// The key of the API by which it comes; `None` for a person.
    pub key: Option<Arc<KeyGrant>>,
}

impl Actor {
    /// The sign-in name, `F12K7QPX-02`; of a key `F12K7QPX-API`, and of a terminal `F12K7QPX-TERMINAL`, since nobody signed in.
    pub fn sign_in_name(&self) -> String {
        match self.key {
            Some(_) => format!("{}-API", self.organisation_code),
            None if self.operator == 0 => format!("{}-TERMINAL", self.organisation_code),
            None => format!("{}-{:02}", self.organisation_code, self.operator),
        }
    }

    /// The operator who is asking; `None` where it is a key or a terminal.
    pub fn person(&self) -> Option<AccountId> {
        (self.key.is_none() && self.operator > 0).then_some(self.account)
    }

    /// May this one do it at all: its kind of organisation, and its key where it comes by one?
    pub fn may(&self, action: Action) -> bool {
        may(self.kind, action) && self.key.as_ref().is_none_or(|key| key.limits.allows(action))
    }
}

/// What can be asked of the system; the matrix kind × action is one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at the board and export it.
    ReadBoard,
    /// Enter the daily report.
    Report,
    /// Enter it on behalf of a hospital（代行）.
    ReportOnBehalf,
    /// Read the history of a hospital's reports.
    ReadHistory,
    /// Choose among prefectures.
    ReadNation,
    /// See which applications for IDs there are and how they go. Health cities and special wards are addressees of the memo too.
    ReadApplications,
    /// Help to fill them in, comment, state agreement（memo: 「十分に協議」）.
    HelpApplications,
    /// Gather, submit, withdraw them.
    KeepApplications,
    /// Decide them.
    DecideApplications,
    /// See who has not reported.
    ReadCompleteness,
    /// Remind, note calls, set due rules, ladder and exemptions.
    KeepCompleteness,
    /// Look at the picture of a prefecture（病床の状況）.
    ReadPicture,
    /// Set its phases and thresholds.
    KeepPicture,
}

/// May an organisation of this kind do this at all? Within which prefecture and for whom is the scope's business.
pub fn may(kind: OrganisationKind, action: Action) -> bool {
    use OrganisationKind as K;
    match action {
        Action::ReadBoard => kind != K::Association,
        Action::Report => matches!(kind, K::Hospital | K::Association),
        Action::ReportOnBehalf => matches!(kind, K::PrefectureHealth | K::HealthCity | K::HealthCentre | K::Association),
        Action::ReadHistory => {
            matches!(kind, K::Hospital | K::PrefectureHealth | K::HealthCity | K::HealthCentre | K::Ministry | K::Association)
        }
        Action::ReadNation | Action::DecideApplications => kind == K::Ministry,
        Action::ReadApplications => matches!(kind, K::PrefectureHealth | K::PrefectureFire | K::HealthCity | K::Ministry),
        Action::HelpApplications => matches!(kind, K::PrefectureHealth | K::PrefectureFire | K::Ministry),
        Action::KeepApplications | Action::KeepCompleteness | Action::KeepPicture => kind == K::PrefectureHealth,
        Action::ReadCompleteness => matches!(kind, K::PrefectureHealth | K::HealthCity | K::HealthCentre | K::Ministry),
        Action::ReadPicture => {
            matches!(kind, K::PrefectureHealth | K::PrefectureFire | K::HealthCity | K::HealthCentre | K::Ministry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn hospital(n: u128) -> HospitalId {
        HospitalId(Uuid::from_u128(n))
    }

    #[test]
    fn the_wall() {
        let (chiba, tokyo) = (PrefCode::new(12).unwrap(), PrefCode::new(13).unwrap());
        for kind in OrganisationKind::ALL {
            let scope = Scope::of(kind, Some(chiba), BTreeSet::from([hospital(1)])).unwrap();
            assert!(scope.sees(chiba));
            assert_eq!(scope.sees(tokyo), kind == OrganisationKind::Ministry, "{kind:?}");
            assert!(!scope.acts_for(hospital(2), tokyo), "{kind:?} must not act outside");
            // Even for its own hospital: had it moved behind the wall, it would be outside.
            assert!(!scope.acts_for(hospital(1), tokyo), "{kind:?}");
            if kind != OrganisationKind::Ministry {
                assert!(Scope::of(kind, None, BTreeSet::new()).is_none(), "{kind:?} without a prefecture sees nothing");
            }
        }
    }

    #[test]
    fn for_whom() {
        let chiba = PrefCode::new(12).unwrap();
        let can = |kind, id| Scope::of(kind, Some(chiba), BTreeSet::from([hospital(1)])).unwrap().acts_for(hospital(id), chiba);
        use OrganisationKind as K;
        assert!(can(K::Hospital, 1) && !can(K::Hospital, 2));
        assert!(can(K::Association, 1) && !can(K::Association, 2));
        for kind in [K::PrefectureHealth, K::HealthCity, K::HealthCentre] {
            assert!(can(kind, 2), "{kind:?}");
        }
        for kind in [K::FireHeadquarters, K::PrefectureFire, K::Ministry] {
            assert!(!can(kind, 1), "{kind:?}");
        }
    }

    #[test]
    fn matrix() {
        use Action as A;
        let row = |kind| {
            [
                A::ReadBoard,
                A::Report,
                A::ReportOnBehalf,
                A::ReadHistory,
                A::ReadNation,
                A::ReadApplications,
                A::HelpApplications,
                A::KeepApplications,
                A::DecideApplications,
                A::ReadCompleteness,
                A::KeepCompleteness,
                A::ReadPicture,
                A::KeepPicture,
            ]
            .map(|action| if may(kind, action) { 'x' } else { '.' })
            .iter()
            .collect::<String>()
        };
        let table: Vec<String> = OrganisationKind::ALL.into_iter().map(|k| format!("{:<18}{}", k.as_str(), row(k))).collect();
        assert_eq!(
            table,
            [
                "hospital          xx.x.........",
                "fire_headquarters x............",
                "prefecture_health x.xx.xxx.xxxx",
                "prefecture_fire   x....xx....x.",
                "health_city       x.xx.x...x.x.",
                "health_centre     x.xx.....x.x.",
                "association       .xxx.........",
                "ministry          x..xxxx.xx.x.",
            ]
        );
    }
}
