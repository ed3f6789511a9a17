//! The log（design.md rule 8）: who, when, what was seen or changed. Its columns are those of the safety guideline's example
//! （ユーザーID, 氏名, 時刻, カテゴリ, 操作情報, domain.md §5.2）.

use crate::{
    access::Actor,
    id::{AccountId, PrefCode, SessionId},
};
use chrono::{DateTime, Utc};

/// What was done, by category（カテゴリ）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// サインイン
    SignIn,
    /// サインインの失敗
    SignInFailed,
    /// サインアウト
    SignOut,
    /// 報告
    Report,
    /// 閲覧
    BoardRead,
    /// 出力
    Export,
    /// 取り込み
    Import,
    /// 管理
    Admin,
}

impl Category {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignOut => "sign_out",
            Self::Report => "report",
            Self::BoardRead => "board_read",
            Self::Export => "export",
            Self::Import => "import",
            Self::Admin => "admin",
        }
    }
}

/// What is about to be written to the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 時刻
    pub at: DateTime<Utc>,
    /// The sign-in.
    pub session: Option<SessionId>,
    /// The operator; `None` for the operator of the machine and for a sign-in that failed.
    pub account: Option<AccountId>,
    /// ユーザーID: the sign-in name, or `system`.
    pub who: String,
    /// 氏名
    pub name: String,
    /// The prefecture it concerns.
    pub prefecture: Option<PrefCode>,
    /// カテゴリ
    pub category: Category,
    /// 操作情報: what it was done to, as a short code.
    pub target: String,
    /// 操作情報: the rest, never a name of a patient, a password or a token.
    pub detail: serde_json::Value,
}

impl Entry {
    /// An entry of a signed-in operator.
    pub fn by(actor: &Actor, at: DateTime<Utc>, category: Category, target: impl Into<String>, detail: serde_json::Value) -> Self {
        Self {
            at,
            session: Some(actor.session),
            account: actor.person(),
            who: actor.sign_in_name(),
            name: actor.operator_name.clone(),
            prefecture: actor.prefecture,
            category,
            target: target.into(),
            detail,
        }
    }

    /// An entry of the machine's operator (the command line) or of the program itself.
    pub fn by_system(at: DateTime<Utc>, category: Category, target: impl Into<String>, detail: serde_json::Value) -> Self {
        Self {
            at,
            session: None,
            account: None,
            who: "system".to_owned(),
            name: String::new(),
            prefecture: None,
            category,
            target: target.into(),
            detail,
        }
    }
}

/// The bytes over which the chain's keyed hash runs: every field with its length before it, so that no two entries share them.
/// The columns are taken as they stand in the database; a changed byte anywhere changes the hash.
pub fn chained_bytes(sequence: i64, previous: &[u8], columns: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + columns.iter().map(|c| c.len() + 8).sum::<usize>());
    bytes.extend_from_slice(b"akidoko-audit-1");
    bytes.extend_from_slice(&sequence.to_be_bytes());
    for part in std::iter::once(&previous).chain(columns) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_entries_share_their_bytes() {
        assert_ne!(chained_bytes(1, b"p", &[b"ab", b"c"]), chained_bytes(1, b"p", &[b"a", b"bc"]));
        assert_ne!(chained_bytes(1, b"p", &[b"a"]), chained_bytes(2, b"p", &[b"a"]));
        assert_ne!(chained_bytes(1, b"p", &[b"a"]), chained_bytes(1, b"q", &[b"a"]));
        assert_ne!(chained_bytes(1, b"p", &[b"a", b""]), chained_bytes(1, b"p", &[b"a"]));
    }
}
