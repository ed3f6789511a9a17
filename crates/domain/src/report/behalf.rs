//! Why somebody enters a report for a hospital（代行）: kept with the version, shown wherever the version is.

use super::{Channel, Problem};
use crate::text;
use serde::{Deserialize, Serialize};

/// How the figures reached whoever enters them, or why the hospital cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BehalfWhy {
    /// 電話で聞き取り
    Phone,
    /// FAX
    Fax,
    /// 停電・回線障害
    Outage,
    /// その他: the text says it.
    Other,
}

impl BehalfWhy {
    /// All four, in the order of the screen.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Fax, Self::Outage, Self::Other];

    /// The word in forms, files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Fax => "fax",
            Self::Outage => "outage",
            Self::Other => "other",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == s)
    }
}

/// Why a version was entered on behalf of its hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behalf {
    /// The reason that was picked.
    pub why: BehalfWhy,
    /// More of it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What is wrong with the reason of a report on behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BehalfProblem {
    /// None was picked.
    Missing,
    /// その他 does not say what.
    WordsMissing,
    /// The words are too long, no text, or speak of a patient.
    Words(Problem),
}

/// The longest text, in characters.
pub const BEHALF_MAX: usize = 100;

impl Behalf {
    /// From what a form says; `None` where nothing was picked or typed.
    pub fn of_form(why: &str, words: &str) -> Option<Self> {
        let words = Some(text::trim(words).to_owned()).filter(|w| !w.is_empty());
        match BehalfWhy::parse(why) {
            Some(why) => Some(Self { why, words }),
            None => words.map(|words| Self { why: BehalfWhy::Other, words: Some(words) }),
        }
    }

    fn problem(&self) -> Option<BehalfProblem> {
        let Some(words) = &self.words else { return (self.why == BehalfWhy::Other).then_some(BehalfProblem::WordsMissing) };
        if words.chars().count() > BEHALF_MAX {
            return Some(BehalfProblem::Words(Problem::TooLong { max: BEHALF_MAX }));
        }
        if words.chars().any(char::is_control) {
            return Some(BehalfProblem::Words(Problem::NotText));
        }
        text::patient_hint(words).filter(|h| h.is_certain()).map(|hint| BehalfProblem::Words(Problem::Patient(hint)))
    }
}

/// Whoever enters for another says why: on the screen and in a file. A program that reports for the members of an association has no
/// telephone, so it need not.
pub(super) fn check_behalf(on_behalf: bool, behalf: Option<&Behalf>, channel: Channel) -> Result<(), BehalfProblem> {
    match behalf {
        Some(behalf) if on_behalf => behalf.problem().map_or(Ok(()), Err),
        None if on_behalf && channel != Channel::Api => Err(BehalfProblem::Missing),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_enters_for_another_says_why() {
        let long = "あ".repeat(BEHALF_MAX + 1);
        for (on_behalf, why, words, channel, expected) in [
            (false, "", "", Channel::Screen, Ok(())),
            (true, "", "", Channel::Screen, Err(BehalfProblem::Missing)),
            (true, "", "", Channel::File, Err(BehalfProblem::Missing)),
            (true, "", "", Channel::Api, Ok(())),
            (true, "fax", "", Channel::Screen, Ok(())),
            (true, "telegram", "", Channel::Screen, Err(BehalfProblem::Missing)),
            (true, "", "停電", Channel::Screen, Ok(())),
            (true, "other", " ", Channel::Screen, Err(BehalfProblem::WordsMissing)),
            (true, "other", "担当者が不在", Channel::Screen, Ok(())),
            (true, "phone", &long, Channel::Api, Err(BehalfProblem::Words(Problem::TooLong { max: BEHALF_MAX }))),
            (true, "phone", "a\nb", Channel::Screen, Err(BehalfProblem::Words(Problem::NotText))),
        ] {
            let behalf = Behalf::of_form(why, words);
            assert_eq!(check_behalf(on_behalf, behalf.as_ref(), channel), expected, "{why} {words}");
        }
        let patient = Behalf::of_form("other", "昭和15年4月3日生の方のため");
        assert!(matches!(check_behalf(true, patient.as_ref(), Channel::Screen), Err(BehalfProblem::Words(Problem::Patient(_)))));
        assert_eq!(BehalfWhy::ALL.map(|w| BehalfWhy::parse(w.as_str())), BehalfWhy::ALL.map(Some));
    }

    #[test]
    fn kept_short_in_the_database() {
        let fax = Behalf { why: BehalfWhy::Fax, words: None };
        assert_eq!(serde_json::to_string(&fax).unwrap(), r#"{"why":"fax"}"#);
        assert_eq!(serde_json::from_str::<Behalf>(r#"{"why":"fax"}"#).unwrap(), fax);
    }
}
