//! The functions of the plain form. They are few, and each takes one list. `assets/js/rules.js` has the same.
#![expect(clippy::needless_pass_by_value, clippy::unnecessary_wraps, reason = "the library calls them so")]

use crate::text;
use cel::{
    Env, ExecutionError,
    common::{
        types::{CelBool, CelDouble, CelList, CelNull, CelString, LIST_TYPE},
        value::{CowVal, Val},
    },
};
use std::sync::{Arc, LazyLock};

/// Said where a division is by zero, or a number leaves what is exact.
pub(super) const UNDEFINED: &str = "undefined";
/// Said where there is no answer.
const UNKNOWN: &str = "unknown";
/// Beyond it a product or quotient is undefined: up to here whole numbers are exact, and sums of such stay so.
const EXACT_MAX: f64 = 1e15;

/// What is there beside the operators of CEL.
pub(super) fn environment() -> Arc<Env> {
    Arc::clone(&ENV)
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
