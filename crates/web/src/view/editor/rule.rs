//! One rule of a draft.

use crate::{
    view::{Frame, Here, editor::Errors, path},
    words,
};
use akidoko_domain::survey::{Flawed, Rule, Severity, Survey};
use askama::Template;

/// A rule as its form holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedRule {
    /// Its name.
    pub id: String,
    /// What must hold.
    pub holds: String,
    /// `hard` or `soft`.
    pub severity: String,
    /// Where the message stands.
    pub item: String,
    /// What is said.
    pub message: String,
}

impl TypedRule {
    /// A rule as its form opens.
    pub fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            holds: rule.holds.text().to_owned(),
            severity: if rule.severity == Severity::Hard { "hard" } else { "soft" }.to_owned(),
            item: rule.item.clone().unwrap_or_default(),
            message: rule.message.clone(),
        }
    }

    /// The rule that was typed. It is checked with its survey.
    pub fn read(&self) -> Rule {
        Rule {
            id: self.id.trim().to_owned(),
            severity: if self.severity == "soft" { Severity::Soft } else { Severity::Hard },
            holds: self.holds.trim().into(),
            item: Some(self.item.trim().to_owned()).filter(|i| !i.is_empty()),
            message: self.message.trim().to_owned(),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "editor/rule.html")]
pub struct RulePage {
    frame: Frame,
    heading: &'static str,
    survey: String,
    action: String,
    back: String,
    revision: i32,
    problem: Option<String>,
    errors: Errors,
    typed: TypedRule,
    items: Vec<(String, String, &'static str, bool)>,
}

impl RulePage {
    /// `stands` is the id of the rule as it stands, or nothing of a new one.
    pub fn new(
        frame: Frame,
        (survey, revision): (&Survey, i32),
        stands: Option<&str>,
        typed: TypedRule,
        (problem, wrong): (Option<String>, &[Flawed]),
    ) -> Self {
        let heading = if stands.is_some() { "ルールを直す" } else { "ルールを加える" };
        let items = survey.items().map(|i| (i.id.clone(), words::label(survey, &i.id), words::survey::kind(&i.kind), i.id == typed.item));
        Self {
            frame: frame.of(heading, Here::Surveys, &[]).with_sheets(&["survey.css"]),
            heading,
            survey: survey.title.clone(),
            action: stands.map_or_else(|| path::draft_new_rule(&survey.code), |id| path::draft_rule(&survey.code, id)),
            back: path::draft(&survey.code),
            revision,
            problem,
            errors: Errors::of(wrong),
            items: items.collect(),
            typed,
        }
    }
}
