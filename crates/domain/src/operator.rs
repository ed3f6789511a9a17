//! Operators（操作者）of an organisation: what their administrator may do, and what is asked of each before they come in. The memo's rule
//! （§1: the ID stays inside the fire headquarters）is a text that each accepts.

use crate::text;

/// The terms that stand now（IDの消防本部外での共有は控える, memo §1）. A new text has a new number, and everybody is asked once more.
pub const TERMS: i32 = 1;

/// So many recovery codes at a time.
pub const RECOVERY_CODES: usize = 10;

/// A name of an operator is at most so long.
pub const NAME_MAX: usize = 40;

/// What was typed as an operator's name（氏名か部署）: one line, not empty.
pub fn read_name(typed: &str) -> Option<String> {
    let name = text::trim(typed);
    let fits = !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// What an administrator does to an operator of the same organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorAct {
    /// 一時停止
    Suspend,
    /// 再開
    Resume,
    /// 削除: the number is never used again.
    Remove,
    /// 管理者にする
    Promote,
    /// 管理者から外す
    Demote,
    /// パスワードの再設定: the old one ends, a new link is shown once.
    ResetPassword,
    /// 2 段階の確認の解除
    ResetFactor,
}

impl OperatorAct {
    /// Every act.
    pub const ALL: [Self; 7] =
        [Self::Suspend, Self::Resume, Self::Remove, Self::Promote, Self::Demote, Self::ResetPassword, Self::ResetFactor];

    /// The name in forms and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Remove => "remove",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::ResetPassword => "reset_password",
            Self::ResetFactor => "reset_factor",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == s)
    }

    /// Does it take an administrator away, so that another must stand?
    pub fn takes_administrator(self) -> bool {
        matches!(self, Self::Suspend | Self::Remove | Self::Demote | Self::ResetPassword)
    }
}

/// What was typed as a code of the second page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedCode {
    /// Six digits of an authenticator.
    Totp(String),
    /// A recovery code, as it is hashed.
    Recovery(String),
}

/// Reads a code: full-width digits, blanks and hyphens are forgiven.
pub fn read_code(typed: &str) -> TypedCode {
    let folded: String = text::fold_code(typed).chars().filter(|c| *c != '-').take(64).collect();
    if folded.len() == 6 && folded.bytes().all(|b| b.is_ascii_digit()) { TypedCode::Totp(folded) } else { TypedCode::Recovery(folded) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(read_name("　通信指令課 当直 "), Some("通信指令課 当直".to_owned()));
        for bad in ["", " 　", "a\nb", &"あ".repeat(41)] {
            assert_eq!(read_name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn codes_as_people_type_them() {
        for typed in ["123456", "１２３４５６", " 123 456 ", "123-456"] {
            assert_eq!(read_code(typed), TypedCode::Totp("123456".into()), "{typed}");
        }
        assert_eq!(read_code("k7qp-x2md-93tb-aaaa"), TypedCode::Recovery("K7QPX2MD93TBAAAA".into()));
        assert_eq!(read_code("12345"), TypedCode::Recovery("12345".into()));
    }

    #[test]
    fn acts_read_back() {
        for act in OperatorAct::ALL {
            assert_eq!(OperatorAct::parse(act.as_str()), Some(act));
        }
    }
}
