//! The fields of an application: label, need, help, field, and what is wrong with it.

use crate::words::application::{hint, problem};
use akidoko_domain::application::{Column, FormFinding, HeadquartersType, Weight};
use std::collections::BTreeMap;

/// How a column is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Widget {
    Line,
    Email,
    Phone,
    Text,
    Choice,
}

/// What is to be said of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) words: String,
    /// Has to be mended, not only looked at.
    pub(super) hard: bool,
}

impl Note {
    pub(super) fn of(finding: &FormFinding) -> Self {
        Self { words: problem(finding.column, &finding.problem), hard: finding.problem.weight() == Weight::Hard }
    }
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) required: bool,
    pub(super) hint: Option<&'static str>,
    pub(super) value: String,
    pub(super) max: usize,
    pub(super) widget: Widget,
    pub(super) choices: Vec<(&'static str, bool)>,
    pub(super) notes: Vec<Note>,
}

impl Field {
    fn invalid(&self) -> bool {
        self.notes.iter().any(|n| n.hard)
    }

    /// The attributes that tie the field to what is said of it.
    pub(super) fn described(&self) -> String {
        let mut ids = Vec::new();
        if self.hint.is_some() {
            ids.push(format!("s-{}", self.name));
        }
        if !self.notes.is_empty() {
            ids.push(format!("e-{}", self.name));
        }
        let described = if ids.is_empty() { String::new() } else { format!(" aria-describedby=\"{}\"", ids.join(" ")) };
        format!("{described}{}", if self.invalid() { " aria-invalid=\"true\"" } else { "" })
    }

    /// A line of the summary on top.
    pub(super) fn complaints(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|n| n.hard)
    }
}

fn widget(column: Column) -> Widget {
    match column {
        Column::HeadquartersType => Widget::Choice,
        Column::Email | Column::EmailAgain => Widget::Email,
        Column::Phone => Widget::Phone,
        Column::ExceptionReason | Column::Remarks => Widget::Text,
        _ => Widget::Line,
    }
}

/// The choices of 種別, with the one that is chosen.
pub(super) fn choices(column: Column, value: &str) -> Vec<(&'static str, bool)> {
    if column != Column::HeadquartersType {
        return Vec::new();
    }
    HeadquartersType::ALL.iter().map(|t| (t.words(), t.words() == value || t.as_str() == value)).collect()
}

/// All fields but the prefecture, which is known.
pub(super) fn fields(values: &BTreeMap<Column, String>, findings: &[FormFinding]) -> Vec<Field> {
    let columns = Column::ALL.iter().copied().filter(|c| *c != Column::Prefecture);
    let field = |column: Column| {
        let value = values.get(&column).cloned().unwrap_or_default();
        Field {
            name: column.as_str(),
            label: column.heading(),
            required: column.is_required(),
            hint: hint(column),
            max: column.max(),
            widget: widget(column),
            choices: choices(column, &value),
            notes: findings.iter().filter(|f| f.column == column).map(Note::of).collect(),
            value,
        }
    };
    columns.map(field).collect()
}
