//! A call to a hospital that has not reported, as an officer notes it.

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallResult {
    /// 連絡がついた
    Reached,
    /// 不在
    Absent,
    /// 後で入力
    Later,
    /// 代行で入力
    Entered,
    /// 番号違い
    WrongNumber,
    /// その他
    Other,
}

/// Letters of a note.
pub const CALL_WORDS: usize = 200;

impl CallResult {
    /// All of them, as they are offered.
    pub const ALL: [Self; 6] = [Self::Reached, Self::Later, Self::Entered, Self::Absent, Self::WrongNumber, Self::Other];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Absent => "absent",
            Self::Later => "later",
            Self::Entered => "entered",
            Self::WrongNumber => "wrong_number",
            Self::Other => "other",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_has_a_name() {
        assert!(CallResult::ALL.into_iter().all(|r| CallResult::parse(r.as_str()) == Some(r)));
        assert_eq!(CallResult::parse("x"), None);
    }
}
