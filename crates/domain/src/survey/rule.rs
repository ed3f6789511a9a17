//! A rule between items: an expression that must hold, and what is said where it does not.

use crate::rule::{Expression, Facts, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a rule that does not hold does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Refuses the report.
    Hard,
    /// Asks for a confirmation.
    Soft,
}

/// A rule between items（docs/SURVEYS.md）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    /// Its name; a soft one is confirmed by it.
    pub id: String,
    /// Refuse or ask.
    pub severity: Severity,
    /// What must hold: `sum([inpatients_severe, inpatients_mild]) <= inpatients_total`.
    pub holds: Expression,
    /// The item at which the message stands; without it, the first one that the expression names and the report answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// What to tell the one who types, and how to mend it.
    pub message: String,
}

/// A rule as it is stored: as above, or as before there was a language（`sum` of some items is `at_most` another）. Versions of a survey are
/// never touched once they stand in the database, so the older shape reads for ever.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    severity: Severity,
    #[serde(default)]
    holds: Option<Expression>,
    #[serde(default)]
    item: Option<String>,
    #[serde(default)]
    sum: Vec<String>,
    #[serde(default)]
    at_most: Option<Bound>,
    message: String,
}

/// The right side of a rule of the older shape.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    Item(String),
    LicensedBeds,
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { id, severity, holds, item, sum, at_most, message } = written;
        let holds = match (holds, &sum[..], at_most) {
            (Some(holds), [], None) => holds,
            (None, [_, ..], Some(bound)) => {
                let bound = match &bound {
                    Bound::Item(item) => item,
                    Bound::LicensedBeds => "licensed_beds",
                };
                let left = if let [one] = &sum[..] { one.clone() } else { format!("sum([{}])", sum.join(", ")) };
                Expression::new(format!("{left} <= {bound}"))
            }
            _ => return Err(format!("rule {id} says neither what holds, nor of what the sum is at most what")),
        };
        Ok(Self { id, severity, holds, item, message })
    }
}

/// What a rule found in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The item at which its message stands.
    pub item: &'a str,
}

impl Rule {
    /// Does it divide by zero where every count is zero? Its author should know: there it says nothing. Written as
    /// `used == 0 || stock / used >= 1` it does not.
    pub fn divides_by_zero(&self, survey: &super::Survey) -> bool {
        let zero = |id: &str| matches!(survey.item(id)?.kind, super::ItemKind::Count { .. }).then_some(&super::Value::Count(0));
        let facts = Facts { now: &zero, previous: &zero, licensed_beds: Some(0), report_date: survey.valid_from };
        self.holds.program(survey).is_ok_and(|program| program.judge(&facts) == Verdict::Undefined)
    }
}

impl super::Survey {
    /// The items that hard rules name, or at which they speak: who has to answer them must see them.
    pub fn bound_by_rules(&self) -> BTreeSet<String> {
        let hard = self.rules.iter().filter(|r| r.severity == super::Severity::Hard);
        let named = |r: &Rule| r.holds.program(self).map(|p| p.items().to_vec()).unwrap_or_default();
        hard.flat_map(|r| named(r).into_iter().chain(r.item.clone())).collect()
    }

    /// The rules that a report breaks, in their order. `touched` says which rules to ask, by the items that they name.
    pub fn broken<'a>(&'a self, facts: &Facts<'_>, touched: impl Fn(&[String]) -> bool) -> Vec<Broken<'a>> {
        let mut broken = Vec::new();
        for rule in &self.rules {
            // A definition is read with all its rules checked; what was put together elsewhere and does not read, binds nobody.
            let Ok(program) = rule.holds.program(self) else { continue };
            if touched(program.items()) && program.judge(facts) == Verdict::Broken {
                let answered = || program.items().iter().find(|id| (facts.now)(id).is_some());
                let item = rule.item.as_ref().or_else(answered).or(program.items().first());
                broken.push(Broken { rule, item: item.map_or("", String::as_str) });
            }
        }
        broken
    }
}
