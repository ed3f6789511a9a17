//! フェーズ: how many beds a prefecture plans to have ready at each stage, and which stage holds. Prefectures differ in how many there are, and their
//! criteria are words（domain.md §1.1 S12, S15）. A prefecture that has none sees none（memo M3: disease-independent, so switchable off）.

use crate::text::{patient_hint, trim};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// So many at most; prefectures have had one to six.
pub const PHASES_MAX: usize = 10;
/// Characters of a name.
pub const PHASE_NAME_MAX: usize = 20;
/// Characters of criteria.
pub const CRITERIA_MAX: usize = 400;

/// A phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// 「2」「緊急Ⅰ」
    pub name: String,
    /// 計画の即応病床数, beds; `None`: not planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_beds: Option<u32>,
    /// うち重症者用
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_beds_severe: Option<u32>,
    /// When one goes on to it, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub criteria: String,
}

/// The phases of a prefecture, and which holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    /// From the first to the last.
    pub steps: Vec<Phase>,
    /// Which holds, from 0.
    pub current: usize,
}

/// Why phases are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseError {
    /// None, or more than [`PHASES_MAX`].
    Count,
    /// The phase of this number（from 1）has no name, or one that is too long.
    Name(usize),
    /// Two have the same name.
    Twice(usize),
    /// Its criteria are too long.
    Criteria(usize),
    /// Its criteria look like a patient.
    Patient(usize),
    /// More beds for severe patients than beds.
    Severe(usize),
    /// The one that is to hold is not among them.
    Current,
}

impl Phases {
    /// The one that holds.
    pub fn current(&self) -> Option<&Phase> {
        self.steps.get(self.current)
    }

    /// Tidied, or why not.
    pub fn checked(mut self) -> Result<Self, PhaseError> {
        if self.steps.is_empty() || self.steps.len() > PHASES_MAX {
            return Err(PhaseError::Count);
        }
        let mut names = BTreeSet::new();
        for (n, step) in self.steps.iter_mut().enumerate().map(|(n, step)| (n + 1, step)) {
            trim(&step.name).to_owned().clone_into(&mut step.name);
            trim(&step.criteria).to_owned().clone_into(&mut step.criteria);
            if step.name.is_empty() || step.name.chars().count() > PHASE_NAME_MAX || step.name.chars().any(char::is_control) {
                return Err(PhaseError::Name(n));
            }
            if !names.insert(step.name.clone()) {
                return Err(PhaseError::Twice(n));
            }
            if step.criteria.chars().count() > CRITERIA_MAX {
                return Err(PhaseError::Criteria(n));
            }
            if patient_hint(&step.criteria).is_some() {
                return Err(PhaseError::Patient(n));
            }
            if step.ready_beds.zip(step.ready_beds_severe).is_some_and(|(all, severe)| severe > all) {
                return Err(PhaseError::Severe(n));
            }
        }
        if self.current >= self.steps.len() {
            return Err(PhaseError::Current);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(name: &str, beds: Option<u32>, severe: Option<u32>, criteria: &str) -> Phase {
        Phase { name: name.into(), ready_beds: beds, ready_beds_severe: severe, criteria: criteria.into() }
    }

    #[test]
    fn what_is_taken() {
        let one = || phase("1", Some(260), Some(30), "病床使用率が 40 % を超えた段階で、地域の感染状況等を踏まえて判断");
        let cases = [
            (vec![one(), phase(" 緊急Ⅰ ", None, None, "")], 1, Ok("緊急Ⅰ")),
            (vec![], 0, Err(PhaseError::Count)),
            (vec![one(); 11], 0, Err(PhaseError::Count)),
            (vec![phase("　", None, None, "")], 0, Err(PhaseError::Name(1))),
            (vec![one(), phase(&"長".repeat(21), None, None, "")], 0, Err(PhaseError::Name(2))),
            (vec![one(), phase("1", None, None, "")], 0, Err(PhaseError::Twice(2))),
            (vec![phase("1", None, None, &"字".repeat(401))], 0, Err(PhaseError::Criteria(1))),
            (vec![phase("1", None, None, "患者ID 12345 の例")], 0, Err(PhaseError::Patient(1))),
            (vec![phase("1", Some(3), Some(4), "")], 0, Err(PhaseError::Severe(1))),
            (vec![one()], 1, Err(PhaseError::Current)),
        ];
        for (steps, current, expected) in cases {
            let got = Phases { steps, current }.checked();
            assert_eq!(got.as_ref().map(|p| p.current().unwrap().name.as_str()).map_err(|e| *e), expected);
        }
    }
}
