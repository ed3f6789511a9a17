//! Reads a survey's definition, and says what is wrong with it.

use super::{ItemKind, Survey};
use crate::rule::RuleError;
use std::collections::BTreeSet;

/// Names that rules use for something else, and words of the language. No item has them.
pub const RESERVED: [&str; 31] = [
    "abs",
    "as",
    "break",
    "const",
    "continue",
    "days",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "known",
    "let",
    "licensed_beds",
    "loop",
    "max",
    "min",
    "namespace",
    "null",
    "package",
    "previous",
    "report_date",
    "return",
    "sum",
    "true",
    "var",
    "void",
    "while",
    "now",
];

/// The longest name of an item, a rule or a word of a choice.
pub const NAME_MAX: usize = 60;

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// It is no definition at all.
    #[error("survey definition: {0}")]
    Unreadable(String),
    /// A name that is none: small letters, digits and `_`, a letter first.
    #[error("survey definition: {name} is no name")]
    BadName {
        /// As it was written.
        name: String,
    },
    /// An item has a name that rules use for something else.
    #[error("survey definition: {name} is a word of the rules")]
    ReservedName {
        /// As it was written.
        name: String,
    },
    /// Two items of one name.
    #[error("survey definition: item {item} stands twice")]
    ItemTwice {
        /// Its name.
        item: String,
    },
    /// Two items for one column of the board.
    #[error("survey definition: column {column} is filled twice")]
    ColumnTwice {
        /// Its name.
        column: String,
    },
    /// The least is more than the most, or nothing is taken.
    #[error("survey definition: the bounds of item {item} leave nothing")]
    Bounds {
        /// Its name.
        item: String,
    },
    /// A choice without words, or with one of them twice.
    #[error("survey definition: the words of item {item} are none or stand twice")]
    Options {
        /// Its name.
        item: String,
    },
    /// Two rules of one name.
    #[error("survey definition: rule {rule} stands twice")]
    RuleTwice {
        /// Its name.
        rule: String,
    },
    /// A rule without a message.
    #[error("survey definition: rule {rule} has no message")]
    NoMessage {
        /// Its name.
        rule: String,
    },
    /// A rule's message stands at an item that is not there.
    #[error("survey definition: the message of rule {rule} stands at {item}, which is not there")]
    MessageNowhere {
        /// Its name.
        rule: String,
        /// The item, as it was written.
        item: String,
    },
    /// A rule's expression.
    #[error("survey definition: rule {rule}: {error}")]
    Rule {
        /// Its name.
        rule: String,
        /// What is wrong with it.
        error: RuleError,
    },
}

impl Survey {
    /// Reads and checks a definition. Its rules are ready to be evaluated.
    pub fn from_json(json: &str) -> Result<Self, DefinitionError> {
        let survey: Self = serde_json::from_str(json).map_err(|e| DefinitionError::Unreadable(e.to_string()))?;
        match survey.check_definition().into_iter().next() {
            None => Ok(survey),
            Some(error) => Err(error),
        }
    }

    /// Everything that is wrong with the definition, in the order of the definition.
    pub fn check_definition(&self) -> Vec<DefinitionError> {
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        let mut columns = BTreeSet::new();
        for item in self.items() {
            errors.extend(name(&item.id));
            if !seen.insert(item.id.as_str()) {
                errors.push(DefinitionError::ItemTwice { item: item.id.clone() });
            }
            if let Some(column) = item.column
                && !columns.insert(column)
            {
                errors.push(DefinitionError::ColumnTwice { column: column.as_str().to_owned() });
            }
            errors.extend(kind(&item.id, &item.kind));
        }
        let mut rules = BTreeSet::new();
        for rule in &self.rules {
            if !rules.insert(rule.id.as_str()) {
                errors.push(DefinitionError::RuleTwice { rule: rule.id.clone() });
            }
            if rule.message.trim().is_empty() {
                errors.push(DefinitionError::NoMessage { rule: rule.id.clone() });
            }
            if let Some(item) = rule.item.as_ref().filter(|item| self.item(item).is_none()) {
                errors.push(DefinitionError::MessageNowhere { rule: rule.id.clone(), item: item.clone() });
            }
            if let Err(error) = rule.holds.program(self) {
                errors.push(DefinitionError::Rule { rule: rule.id.clone(), error: error.clone() });
            }
        }
        errors
    }
}

fn name(name: &str) -> Option<DefinitionError> {
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= NAME_MAX
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    match (is_name, RESERVED.contains(&name)) {
        (false, _) => Some(DefinitionError::BadName { name: name.to_owned() }),
        (true, true) => Some(DefinitionError::ReservedName { name: name.to_owned() }),
        (true, false) => None,
    }
}

fn kind(item: &str, kind: &ItemKind) -> Option<DefinitionError> {
    let leaves_nothing = match kind {
        ItemKind::Count { min, max, .. } => min > max,
        ItemKind::Date { min: Some(min), max: Some(max) } => min > max,
        ItemKind::Time { min: Some(min), max: Some(max) } => min > max,
        ItemKind::Text { max } => *max == 0,
        ItemKind::Choice { options } => {
            let words: BTreeSet<&str> = options.iter().map(|o| o.id.as_str()).collect();
            return (words.is_empty() || words.len() < options.len() || words.contains(""))
                .then(|| DefinitionError::Options { item: item.to_owned() });
        }
        _ => false,
    };
    leaves_nothing.then(|| DefinitionError::Bounds { item: item.to_owned() })
}
