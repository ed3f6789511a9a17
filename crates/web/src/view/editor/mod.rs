//! The ministry's desk for surveys: the list, one survey with its versions, the draft of the next, and its parts.

mod draft;
mod item;
mod list;
mod rule;

pub use draft::{DraftInput, DraftPage};
pub use item::ItemPage;
pub use list::{SurveyFilePage, SurveyFilesPage};
pub use rule::{RulePage, TypedRule};

use crate::words;
use akidoko_domain::survey::{Flawed, Place};

/// What is wrong, by field: the words beside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Errors(Vec<(&'static str, String)>);

impl Errors {
    fn of<'a>(flaws: impl IntoIterator<Item = &'a Flawed>) -> Self {
        let field = |place: &Place| match place {
            Place::Head(field) | Place::Section(_, field) | Place::Item(_, field) | Place::Rule(_, field) => *field,
            Place::Rate(_) => "rate",
        };
        Self(flaws.into_iter().map(|f| (field(&f.place), words::survey::flaw(&f.flaw))).collect())
    }

    /// The words for a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, words)| words.as_str())
    }
}
