//! Rates that a survey shows of its counts, such as 使用率: one count by another, never of nothing.

use super::{Answers, Value};
use serde::{Deserialize, Serialize};

/// A rate. It may pass 100 %（domain.md §1.3: patients lie in beds that were never secured）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Its name in code.
    pub id: String,
    /// On the screen.
    pub label: String,
    /// What is counted: the first of these items that is answered.
    pub part: Vec<String>,
    /// By what.
    pub whole: String,
}

impl Rate {
    /// Part and whole of some answers, where both are answered.
    pub fn of(&self, answers: &Answers) -> Option<(u32, u32)> {
        let count = |id: &String| answers.get(id)?.as_ref().and_then(Value::count);
        Some((self.part.iter().find_map(count)?, count(&self.whole)?))
    }

    /// In tenths of a percent, rounded half up. `None`: unknown, or of nothing; it is shown as 「－」.
    pub fn permille(&self, answers: &Answers) -> Option<u64> {
        let (part, whole) = self.of(answers)?;
        permille(u64::from(part), u64::from(whole))
    }
}

/// Tenths of a percent, rounded half up; of nothing there is none.
pub fn permille(part: u64, whole: u64) -> Option<u64> {
    (part * 1000 + whole / 2).checked_div(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        let rate =
            Rate {
                id: "use".into(), label: "使用率".into(), part: vec!["in_secured".into(), "inpatients".into()], whole: "beds".into()
            };
        let answers = |pairs: &[(&str, u32)]| pairs.iter().map(|(id, n)| ((*id).to_owned(), Some(Value::Count(*n)))).collect::<Answers>();
        for (given, expected) in [
            (vec![("inpatients", 926), ("beds", 1811)], Some(511)),
            (vec![("in_secured", 900), ("inpatients", 926), ("beds", 1811)], Some(497)),
            (vec![("inpatients", 528), ("beds", 500)], Some(1056)),
            (vec![("inpatients", 0), ("beds", 30)], Some(0)),
            (vec![("inpatients", 3), ("beds", 0)], None),
            (vec![("inpatients", 0), ("beds", 0)], None),
            (vec![("beds", 30)], None),
            (vec![("inpatients", 3)], None),
            // 0.05 % rounds up.
            (vec![("inpatients", 1), ("beds", 2000)], Some(1)),
        ] {
            assert_eq!(rate.permille(&answers(&given)), expected, "{given:?}");
        }
    }
}
