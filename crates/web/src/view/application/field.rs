//! The fields of an application: label, need, help, field, and what is wrong with it.

use crate::words::{self, road::hint};
use akidoko_domain::application::{Column, FormFinding, HeadquartersType, INVITED, Road, Weight};
use akidoko_domain::id::PrefCode;
use std::collections::BTreeMap;

/// How a column is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::view) enum Widget {
    Line,
    Email,
    Phone,
    Text,
    Choice,
}

/// What is to be said of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::view) struct Note {
    pub(in crate::view) words: String,
    /// Has to be mended, not only looked at.
    pub(in crate::view) hard: bool,
}

impl Note {
    pub(in crate::view) fn of(finding: &FormFinding) -> Self {
        Self::on(Road::Bundle, finding)
    }

    /// Where nothing is saved before it is complete, what is missing is to be mended too.
    pub(in crate::view) fn on(road: Road, finding: &FormFinding) -> Self {
        let weight = finding.problem.weight();
        let hard = weight == Weight::Hard || (road != Road::Bundle && weight == Weight::Incomplete);
        Self { words: words::road::problem(road, finding.column, &finding.problem), hard }
    }
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::view) struct Field {
    pub(in crate::view) name: &'static str,
    pub(in crate::view) label: &'static str,
    pub(in crate::view) required: bool,
    pub(in crate::view) hint: Option<&'static str>,
    pub(in crate::view) value: String,
    pub(in crate::view) max: usize,
    pub(in crate::view) widget: Widget,
    /// Value, words, is it chosen?
    pub(in crate::view) choices: Vec<(String, String, bool)>,
    pub(in crate::view) notes: Vec<Note>,
}

impl Field {
    fn invalid(&self) -> bool {
        self.notes.iter().any(|n| n.hard)
    }

    /// The attributes that tie the field to what is said of it.
    pub(in crate::view) fn described(&self) -> String {
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
    pub(in crate::view) fn complaints(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|n| n.hard)
    }
}

fn widget(column: Column) -> Widget {
    match column {
        Column::HeadquartersType | Column::Prefecture | Column::OrganisationKind => Widget::Choice,
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
    let columns: Vec<Column> = Column::SHEET.iter().copied().filter(|c| *c != Column::Prefecture).collect();
    fields_on(Road::Bundle, &columns, values, findings, &BTreeMap::new())
}

/// Fields of some columns, as a road asks for them.
pub(in crate::view) fn fields_on(
    road: Road,
    columns: &[Column],
    values: &BTreeMap<Column, String>,
    findings: &[FormFinding],
    prefectures: &BTreeMap<PrefCode, String>,
) -> Vec<Field> {
    let field = |column: Column| {
        let value = values.get(&column).cloned().unwrap_or_default();
        let choices = match column {
            Column::Prefecture => {
                let choice = |(code, name): (&PrefCode, &String)| (code.to_string(), name.clone(), code.to_string() == value);
                prefectures.iter().map(choice).collect()
            }
            Column::OrganisationKind => {
                INVITED.iter().map(|k| (k.as_str().to_owned(), words::road::invited(*k).to_owned(), k.as_str() == value)).collect()
            }
            _ => choices(column, &value).into_iter().map(|(words, chosen)| (words.to_owned(), words.to_owned(), chosen)).collect(),
        };
        Field {
            name: column.as_str(),
            label: column.heading_on(road),
            required: column == Column::Prefecture || column.is_required_on(road),
            hint: hint(road, column),
            max: column.max(),
            widget: widget(column),
            choices,
            notes: findings.iter().filter(|f| f.column == column).map(|f| Note::on(road, f)).collect(),
            value,
        }
    };
    columns.iter().copied().map(field).collect()
}
