//! One item of a draft.

use crate::{
    view::{Frame, Here, editor::Errors, path},
    words,
};
use akidoko_domain::{
    board::Column,
    organisation::OrganisationKind,
    survey::{Flawed, KINDS, Survey, TypedItem},
};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "editor/item.html")]
pub struct ItemPage {
    frame: Frame,
    heading: &'static str,
    survey: String,
    action: String,
    back: String,
    revision: i32,
    problem: Option<String>,
    errors: Errors,
    is_new: bool,
    /// It stands in a version that was published: its id and kind stay.
    is_published: bool,
    typed: TypedItem,
    kinds: Vec<(&'static str, &'static str, bool)>,
    sections: Vec<(String, String, bool)>,
    columns: Vec<(&'static str, &'static str, bool)>,
    viewers: Vec<(&'static str, &'static str, bool)>,
    for_hospitals: bool,
}

impl ItemPage {
    /// `stands` is the id of the item as it stands, or nothing of a new one.
    pub fn new(
        frame: Frame,
        (survey, revision): (&Survey, i32),
        stands: Option<&str>,
        (typed, section): (TypedItem, &str),
        (problem, wrong): (Option<String>, &[Flawed]),
        is_published: bool,
    ) -> Self {
        let columns = Column::ALL.iter().map(|c| (c.as_str(), words::column(*c), c.as_str() == typed.column));
        let viewers =
            OrganisationKind::ALL.into_iter().filter(|k| !matches!(k, OrganisationKind::Ministry | OrganisationKind::Association));
        let kind_words = |word: &str| words::survey::kind_of_word(word);
        let heading = if stands.is_some() { "項目を直す" } else { "項目を加える" };
        Self {
            frame: frame.of(heading, Here::Surveys, &[]).with_sheets(&["survey.css"]),
            heading,
            survey: survey.title.clone(),
            action: stands.map_or_else(|| path::draft_new_item(&survey.code), |id| path::draft_item(&survey.code, id)),
            back: path::draft(&survey.code),
            revision,
            problem,
            errors: Errors::of(wrong),
            is_new: stands.is_none(),
            is_published,
            kinds: KINDS.map(|k| (k, kind_words(k), k == typed.kind)).into(),
            sections: survey.sections.iter().map(|s| (s.id.clone(), s.title.clone(), s.id == section)).collect(),
            columns: columns.collect(),
            viewers: viewers.map(|k| (k.as_str(), words::organisation_kind(k), typed.hidden_from.contains(&k))).collect(),
            for_hospitals: survey.who.kind == OrganisationKind::Hospital,
            typed,
        }
    }
}
