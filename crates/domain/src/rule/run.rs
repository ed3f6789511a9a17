//! Evaluates the plain form.

use super::{functions, plain};
use crate::survey::Value;
use cel::{
    Context, ExecutionError, IdedExpr,
    common::{
        types::{CelDouble, CelNull, CelString},
        value::CowVal,
    },
    context::VariableResolver,
};
use chrono::NaiveDate;

/// What a rule says of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not hold.
    Broken,
    /// Something that it needs is unknown: it says nothing.
    Silent,
    /// It divides by zero here, or leaves the numbers that are exact: it says nothing, and who wrote it should know.
    Undefined,
}

/// Looks up an answer by item.
pub type Lookup<'a> = &'a (dyn Fn(&str) -> Option<&'a Value> + Send + Sync);

/// What a rule is asked about.
pub struct Facts<'a> {
    /// The answers of the report, as it would stand.
    pub now: Lookup<'a>,
    /// The answers of the last report before it.
    pub previous: Lookup<'a>,
    /// 合計病床数 of the register of hospitals.
    pub licensed_beds: Option<u32>,
    /// The day of the report.
    pub report_date: NaiveDate,
}

/// Judges a report by a checked expression.
pub(super) fn judge(expression: &IdedExpr, facts: &Facts<'_>) -> Verdict {
    let mut context = Context::with_env(functions::environment());
    context.set_variable_resolver(facts);
    match cel::Value::resolve(expression, &context) {
        Ok(cel::Value::Bool(true)) => Verdict::Holds,
        Ok(cel::Value::Bool(false)) => Verdict::Broken,
        Err(ExecutionError::FunctionError { message, .. }) if message == functions::UNDEFINED => Verdict::Undefined,
        Ok(_) | Err(_) => Verdict::Silent,
    }
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        match variable.strip_prefix(plain::MAYBE) {
            Some(name) => Some(self.known(name).unwrap_or_else(|| CowVal::owned(CelNull))),
            None => self.known(variable),
        }
    }
}

impl Facts<'_> {
    fn known<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let answer = if let Some(item) = name.strip_prefix(plain::NOW) {
            (self.now)(item)
        } else if let Some(item) = name.strip_prefix(plain::LAST) {
            (self.previous)(item)
        } else if name == plain::LICENSED_BEDS {
            return self.licensed_beds.map(|n| CowVal::owned(CelDouble::from(f64::from(n))));
        } else if name == plain::REPORT_DATE {
            return Some(CowVal::owned(CelString::from(self.report_date.to_string())));
        } else {
            None
        };
        answer.map(|answer| match answer {
            Value::Count(n) => CowVal::owned(CelDouble::from(f64::from(*n))),
            Value::Word(word) => CowVal::owned(CelString::from(word.as_str())),
        })
    }
}
