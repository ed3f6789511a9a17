//! The language of a survey's rules: an expression of CEL (Common Expression Language) that must hold, such as
//! `sum([inpatients_severe, inpatients_mild]) <= inpatients_total`（docs/SURVEYS.md, ADR 0017）.
//!
//! What always holds: an expression is checked against its survey before it is evaluated once, so that evaluation meets no wrong type.
//! What is not answered is unknown; what needs it is unknown too, by CEL's own rules for errors (`false && unknown` is false), and a rule
//! whose answer is unknown says nothing. The check also writes the expression down in its plain form, in which every number is a double;
//! the server and the browser evaluate that same text. Nothing loops: there are no comprehensions.

mod check;
mod error;
mod functions;
mod plain;
mod run;

pub use error::{RuleError, Sort};
pub use run::{Facts, Verdict};

use crate::survey::Survey;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// The longest expression, in characters.
pub const EXPRESSION_MAX: usize = 1000;

/// An expression as it was written, and what became of it when it was checked against its survey.
///
/// Two are equal when their text is. To change one, put a new one in its place; to check one again, because its survey changed, clone it
/// by [`Expression::afresh`].
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Expression {
    text: String,
    checked: OnceLock<Result<Arc<Program>, RuleError>>,
}

impl Expression {
    /// An expression that nobody has checked yet.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), checked: OnceLock::new() }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same text, not checked yet.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self::new(self.text.clone())
    }

    /// The expression ready to be evaluated: checked the first time, remembered from then on.
    pub fn program(&self, survey: &Survey) -> Result<&Program, &RuleError> {
        self.checked.get_or_init(|| Program::new(&self.text, survey).map(Arc::new)).as_deref()
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl From<String> for Expression {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

/// A checked expression.
#[derive(Debug)]
pub struct Program {
    plain: String,
    items: Vec<String>,
    last_items: Vec<String>,
    parsed: cel::IdedExpr,
}

impl Program {
    fn new(text: &str, survey: &Survey) -> Result<Self, RuleError> {
        let check::Checked { plain, items, last_items } = check::check(text, survey)?;
        let parsed = plain::parse(&plain).map_err(|_| RuleError::TooDeep)?;
        Ok(Self { plain, items, last_items, parsed })
    }

    /// The plain form: what the server evaluates, and the browser.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// The items that it names, in the order of the text.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// Those of them whose answer in the last report it names.
    pub fn last_items(&self) -> &[String] {
        &self.last_items
    }

    /// Does it hold?
    pub fn judge(&self, facts: &Facts<'_>) -> Verdict {
        run::judge(&self.parsed, facts)
    }
}
