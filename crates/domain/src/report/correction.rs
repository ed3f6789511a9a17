//! A correction that came after the window（訂正の申請）: kept as it was typed, without effect, until the prefecture says yes or no.

use super::{Author, Kind};
use crate::{
    id::{AccountId, CorrectionId, HospitalId, PrefCode},
    organisation::OrganisationKind,
    survey::Answers,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CorrectionState {
    /// 同意待ち
    Waiting,
    /// 同意: it is a version.
    Consented,
    /// 不同意: nothing changed.
    Declined,
    /// 取り下げ by the hospital: nothing changed.
    Withdrawn,
}

impl CorrectionState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Consented, Self::Declined, Self::Withdrawn];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Consented => "consented",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == s)
    }
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The organisation's name at that time.
    pub organisation: String,
    /// The sign-in name.
    pub sign_in: String,
    /// The operator's name.
    pub operator: String,
}

/// The request.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// Its id.
    pub id: CorrectionId,
    /// Of which hospital.
    pub hospital: HospitalId,
    /// Its prefecture: whose consent it is.
    pub prefecture: PrefCode,
    /// Of which survey.
    pub survey: String,
    /// In which version it was typed.
    pub survey_version: u32,
    /// For which day.
    pub report_date: NaiveDate,
    /// Full or quick.
    pub kind: Kind,
    /// What was answered.
    pub answers: Answers,
    /// Soft findings that its author confirmed.
    pub confirmed: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Who typed it; its version is 0.
    pub author: Author,
    /// The account behind it.
    pub account: Option<AccountId>,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// How it stands.
    pub state: CorrectionState,
    /// When that was decided, and by whom.
    pub decided: Option<(DateTime<Utc>, Decided)>,
    /// What was said to it: why not.
    pub words: Option<String>,
    /// The version that it became.
    pub version: Option<u32>,
}

/// Whose consent it takes: the prefecture's health department. What it enters itself after the window has its consent.
pub fn consents(kind: OrganisationKind) -> bool {
    kind == OrganisationKind::PrefectureHealth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_consents() {
        let kinds: Vec<_> = OrganisationKind::ALL.into_iter().filter(|k| consents(*k)).collect();
        assert_eq!(kinds, [OrganisationKind::PrefectureHealth]);
    }

    #[test]
    fn words_of_the_database() {
        assert!(CorrectionState::ALL.into_iter().all(|s| CorrectionState::parse(s.as_str()) == Some(s)));
        assert_eq!(CorrectionState::parse("done"), None);
    }
}
