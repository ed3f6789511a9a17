//! The plain form of an expression, and how it is read. It is CEL with four kinds of names: `now_x` is the answer to item x and is there
//! only where it is known, `maybe_now_x` is the same or null; `last_x` and `maybe_last_x` are of the last report. All numbers are
//! doubles. `*` and `/` are functions, since they can leave the numbers that are exact. Our functions take one list.

use super::RuleError;
use cel::{Env, IdedExpr, parser::Parser};
use std::fmt::Write as _;

/// A name of an item's answer in the report.
pub(super) const NOW: &str = "now_";
/// A name of an item's answer in the last report.
pub(super) const LAST: &str = "last_";
/// Before a name: null where it is unknown.
pub(super) const MAYBE: &str = "maybe_";
/// 合計病床数 of the register of hospitals.
pub(super) const LICENSED_BEDS: &str = "licensed_beds";
/// The day of the report.
pub(super) const REPORT_DATE: &str = "report_date";

/// Brackets inside of one another that are read at all. The check allows less; its plain form is a little deeper.
const BRACKETS_MAX: usize = 80;
/// As many signs may follow one another: `!!!!a` is read by descending once for each.
const SIGNS_MAX: usize = 8;

/// Reads an expression, as written or plain.
pub(super) fn parse(text: &str) -> Result<IdedExpr, RuleError> {
    measure(text)?;
    let parser: Parser = Env::default().with_optional_support(false).parser().max_recursion_depth(2 * 96);
    parser.parse(text).map_err(|e| {
        let (line, column) = e.errors.first().map_or((1, 0), |e| e.pos);
        let before: usize = text.split('\n').take(usize::try_from(line - 1).unwrap_or(0)).map(|l| l.chars().count() + 1).sum();
        let at = before + usize::try_from(column).unwrap_or(0) + 1;
        RuleError::Syntax { at: at.min(text.chars().count() + 1) }
    })
}

/// The parser descends with brackets and signs; what would take it far is refused before.
fn measure(text: &str) -> Result<(), RuleError> {
    let (mut open, mut signs) = (0usize, 0usize);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '!' | '-' => signs += 1,
            ' ' => continue,
            _ => {}
        }
        if !matches!(c, '!' | '-') {
            signs = 0;
        }
        if open > BRACKETS_MAX || signs > SIGNS_MAX {
            return Err(RuleError::TooDeep);
        }
    }
    Ok(())
}

/// A number as a double.
pub(super) fn number(n: f64) -> String {
    format!("{n:?}")
}

/// A word in quotes.
pub(super) fn quoted(word: &str) -> String {
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
