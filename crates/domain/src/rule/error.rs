//! What can be wrong with a rule's expression. The words are the screen's business.

/// What a part of an expression is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A number.
    Number,
    /// Holds or does not.
    Condition,
    /// A text, or a telephone number.
    Text,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// One of the words of an item.
    Word,
}

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nothing is written.
    #[error("the expression is empty")]
    Empty,
    /// More than [`super::EXPRESSION_MAX`] characters.
    #[error("the expression is longer than {max} characters")]
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// Too many parts inside of one another.
    #[error("the expression is nested too deeply")]
    TooDeep,
    /// Does not read.
    #[error("the expression does not read at character {at}")]
    Syntax {
        /// The character, from 1, where it went wrong.
        at: usize,
    },
    /// The survey has no such item: it was removed, or never was.
    #[error("the survey has no item {name}")]
    UnknownName {
        /// As it was written.
        name: String,
    },
    /// There is no such function.
    #[error("there is no function {name}")]
    UnknownFunction {
        /// As it was written.
        name: String,
    },
    /// The language of CEL has it, rules do not.
    #[error("rules have no {what}")]
    NotInRules {
        /// As it was written: `%`, `null`, `a.b` …
        what: String,
    },
    /// A function was given something else than it takes.
    #[error("{function} takes {takes}")]
    Arguments {
        /// Its name.
        function: &'static str,
        /// In signs: `[a, b, …]`, `a` …
        takes: &'static str,
    },
    /// One part is of another sort than its place asks for.
    #[error("{part} is a {found:?}, not a {expected:?}")]
    WrongSort {
        /// The part, shortened.
        part: String,
        /// What its place asks for.
        expected: Sort,
        /// What it is.
        found: Sort,
    },
    /// Two parts that cannot be compared.
    #[error("a {left:?} is not compared with a {right:?}")]
    NotComparable {
        /// The sort on the left.
        left: Sort,
        /// The sort on the right.
        right: Sort,
    },
    /// A word that the item does not have: nothing would ever be equal to it.
    #[error("{word} is none of the words {allowed:?}")]
    UnknownWord {
        /// As it was written.
        word: String,
        /// Those of the item.
        allowed: Vec<String>,
    },
    /// Not a date as 2026-04-01, or not a time as 09:30.
    #[error("{word} does not read as a {sort:?}")]
    BadLiteral {
        /// As it was written.
        word: String,
        /// What it should be.
        sort: Sort,
    },
    /// A number with more digits than are computed exactly.
    #[error("a number is too large")]
    NumberTooLarge,
    /// A division by a written zero.
    #[error("a division by zero")]
    DividesByZero,
    /// It is a number or a word, not something that holds or does not.
    #[error("the expression is a {found:?}, not a condition")]
    NotACondition {
        /// What it is.
        found: Sort,
    },
    /// No item is named: it says the same of every report.
    #[error("the expression names no item")]
    NamesNoItem,
}
