//! Evaluates the plain form. Our functions are few, and each takes one list.

use super::plain;
use crate::{survey::Value, text};
use cel::{
    Context, Env, ExecutionError, IdedExpr,
    common::{
        types::{CelBool, CelDouble, CelList, CelNull, CelString, LIST_TYPE},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use chrono::NaiveDate;
use std::sync::{Arc, LazyLock};

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
    let mut context = Context::with_env(Arc::clone(&ENV));
    context.set_variable_resolver(facts);
    match cel::Value::resolve(expression, &context) {
        Ok(cel::Value::Bool(true)) => Verdict::Holds,
        Ok(cel::Value::Bool(false)) => Verdict::Broken,
        Err(ExecutionError::FunctionError { message, .. }) if message == UNDEFINED => Verdict::Undefined,
        Ok(_) | Err(_) => Verdict::Silent,
    }
}

const UNDEFINED: &str = "undefined";
const UNKNOWN: &str = "unknown";
/// Beyond it a product or quotient is undefined: up to here whole numbers are exact, and sums of such stay so.
const EXACT_MAX: f64 = 1e15;

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

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::default().with_optional_support(false);
    let mut add = |name: &str, op| env.add_overload(name, &format!("{name}_list"), vec![LIST_TYPE], op).expect("each is declared once");
    add("sum", sum);
    add("min", min);
    add("max", max);
    add("known", known);
    add("times", times);
    add("divided", divided);
    add("abs", abs);
    add("days", days);
    Arc::new(env)
});

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn number<'b, 'v>(n: f64) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelDouble::from(n)))
}

fn no(why: &str) -> ExecutionError {
    ExecutionError::function_error("", why)
}

fn double(value: &dyn Val) -> Option<f64> {
    value.downcast_ref::<CelDouble>().map(|n| *n.inner())
}

/// The numbers of the list that are known.
fn numbers(arguments: &Arguments<'_, '_>) -> Vec<f64> {
    let list = arguments.first().and_then(|list| list.downcast_ref::<CelList>());
    list.map(|list| list.inner().iter().filter_map(|n| double(n.as_ref())).collect()).unwrap_or_default()
}

/// Folds what is known; of nothing it is unknown.
fn fold<'b, 'v>(arguments: &Arguments<'_, '_>, with: fn(f64, f64) -> f64) -> Answer<'b, 'v> {
    numbers(arguments).into_iter().reduce(with).map_or_else(|| Err(no(UNKNOWN)), number)
}

fn sum<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    fold(&arguments, |a, b| a + b)
}

fn min<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    fold(&arguments, f64::min)
}

fn max<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    fold(&arguments, f64::max)
}

fn known<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let list = arguments.first().and_then(|list| list.downcast_ref::<CelList>());
    let all = list.is_some_and(|list| list.inner().iter().all(|v| v.downcast_ref::<CelNull>().is_none()));
    Ok(CowVal::owned(CelBool::from(all)))
}

fn exact<'b, 'v>(n: f64) -> Answer<'b, 'v> {
    if n.abs() <= EXACT_MAX { number(n) } else { Err(no(UNDEFINED)) }
}

fn times<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    match numbers(&arguments)[..] {
        [a, b] => exact(a * b),
        _ => Err(no(UNKNOWN)),
    }
}

fn divided<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    match numbers(&arguments)[..] {
        [_, 0.0] => Err(no(UNDEFINED)),
        [a, b] => exact(a / b),
        _ => Err(no(UNKNOWN)),
    }
}

fn abs<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    fold(&arguments, |a, _| a).and_then(|n| double(n.as_ref()).map_or_else(|| Err(no(UNKNOWN)), |n| number(n.abs())))
}

/// Days from one date to another.
fn days<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let list = arguments.first().and_then(|list| list.downcast_ref::<CelList>());
    let date = |at: usize| {
        let word = list?.inner().get(at)?.downcast_ref::<CelString>()?;
        text::iso_date(word.inner())
    };
    match (date(0), date(1)) {
        #[expect(clippy::cast_precision_loss, reason = "days between dates of four digits")]
        (Some(from), Some(to)) => number((to - from).num_days() as f64),
        _ => Err(no(UNKNOWN)),
    }
}
