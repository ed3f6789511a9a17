//! What changed between two versions of a report.

use crate::words;
use akidoko_domain::{
    report::{Author, Kind, ReportVersion},
    survey::{Answers, Item, Survey},
};

/// One item that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub label: String,
    pub from: String,
    pub to: String,
}

/// The items whose answers differ, in the order of the survey.
pub(super) fn changes(survey: &Survey, before: &Answers, after: &Answers) -> Vec<Change> {
    changes_of(survey, before, after, |_| true)
}

/// The same, of some items.
pub(super) fn changes_of(survey: &Survey, before: &Answers, after: &Answers, of: impl Fn(&Item) -> bool) -> Vec<Change> {
    let answer = |answers: &Answers, id: &str| answers.get(id).cloned().flatten();
    survey
        .items()
        .filter(|item| of(item))
        .filter_map(|item| {
            let (from, to) = (answer(before, &item.id), answer(after, &item.id));
            let differs = from != to;
            let (from, to) = words::change(item, from.as_ref(), to.as_ref());
            differs.then(|| Change { label: words::label(survey, &item.id), from, to })
        })
        .collect()
}

/// All answers after a version: a full one says everything, a quick one what it names.
pub(super) fn after(before: Option<&Answers>, version: &ReportVersion) -> Answers {
    match version.kind {
        Kind::Full => version.answers.clone(),
        Kind::Quick => {
            let mut answers = before.cloned().unwrap_or_default();
            answers.extend(version.answers.clone());
            answers
        }
    }
}

/// 「青嶺県健康医療部　入力担当 P9900001-01」
pub(super) fn author_words(author: &Author) -> String {
    let mut words = author.organisation.clone();
    let operator = format!("{} {}", author.operator, author.sign_in);
    if !operator.trim().is_empty() {
        words.push('　');
        words.push_str(operator.trim());
    }
    words
}
