//! What people keep of the board: views that they come back to, and the places from where they measure.

use crate::{
    id::{AccountId, KeptId},
    place::Point,
    text::{self, PatientHint},
};

/// As many views an organisation keeps, all its operators' together.
pub const VIEWS_MAX: usize = 200;
/// As many landmarks an organisation keeps.
pub const LANDMARKS_MAX: usize = 500;
/// So long a name is at most.
pub const NAME_MAX: usize = 40;
/// So long the parameters of a view are at most.
pub const PARAMETERS_MAX: usize = 1_000;

/// A view of the board（保存した表示）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: KeptId,
    /// Whose it is; `None`: the whole organisation's.
    pub account: Option<AccountId>,
    /// Its name.
    pub name: String,
    /// The parameters of its address, as they were when it was saved.
    pub parameters: String,
}

/// A place with a name（起点）: a fire station, an interchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    /// Its id.
    pub id: KeptId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Point,
}

/// Why a name cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadName {
    /// There is none.
    Missing,
    /// It is longer than [`NAME_MAX`], or has signs that are no text.
    NoName,
    /// It speaks of a patient（design.md rule 2）.
    Patient(PatientHint),
}

/// Reads a name as it was typed.
pub fn read_name(typed: &str) -> Result<String, BadName> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(BadName::Missing);
    }
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(BadName::NoName);
    }
    match text::patient_hint(name).filter(|hint| hint.is_certain()) {
        Some(hint) => Err(BadName::Patient(hint)),
        None => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (typed, expected) in [("　本署 ", Ok("本署")), ("", Err(BadName::Missing)), ("a\nb", Err(BadName::NoName))] {
            assert_eq!(read_name(typed).as_deref().map_err(|e| *e), expected, "{typed}");
        }
        assert_eq!(read_name(&"あ".repeat(41)), Err(BadName::NoName));
        assert!(matches!(read_name("山田太郎 昭和15年3月4日生"), Err(BadName::Patient(_))));
    }
}
