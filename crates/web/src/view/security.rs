//! My own second factor: on, off, new recovery codes.

use super::{Frame, Here, PasswordProblem, SHEETS};
use crate::words;
use akidoko_service::{passkey::PasskeyRow, second_factor::FactorState};
use askama::Template;
use chrono::{DateTime, Utc};

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProblem {
    /// The password is wrong.
    Wrong,
    /// Too many failures.
    Blocked {
        /// How long to wait.
        minutes: u32,
    },
    /// The password is too short to stand alone.
    Needed,
    /// The new password.
    New(PasswordProblem),
    /// No passkey can be added.
    NoPasskey,
}

impl SecurityProblem {
    /// What is wrong, and how to mend it.
    pub fn sentence(self) -> String {
        match self {
            Self::Wrong => "変更できませんでした。いまのパスワードを確かめて、もう一度入れてください。".to_owned(),
            Self::Blocked { minutes } => format!("続けて失敗したため、いまは変更できません。{minutes} 分待ってから、もう一度試してください。"),
            Self::New(problem) => problem.sentence(),
            Self::NoPasskey => "ここではパスキーを加えられません。1 人 10 個までです。多いときは、使っていないものを削除してください。".to_owned(),
            Self::Needed => "いまのパスワードは 13 文字より短いため、2 段階の確認を止められません。先に、下の「パスワードを変える」で 13 文字以上のパスワードに変えてください。".to_owned(),
        }
    }
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    frame: Frame,
    state: FactorState,
    since: Option<String>,
    passkeys: Vec<(String, String, String)>,
    problem: Option<SecurityProblem>,
    changed: bool,
    /// Whose password: the meter refuses what contains the ID.
    id: String,
}

impl SecurityPage {
    /// How it stands.
    /// `changed`: the password was changed just now; `id`: the organisation's.
    pub fn new(
        frame: Frame,
        state: FactorState,
        now: DateTime<Utc>,
        problem: Option<SecurityProblem>,
        (changed, id): (bool, String),
    ) -> Self {
        let since = state.on_since.map(|at| words::moment(at, now));
        let used = |p: &PasskeyRow| {
            p.last_used_at.map_or_else(|| "まだ使っていません".to_owned(), |at| format!("最後の利用 {}", words::moment(at, now)))
        };
        let passkeys = state
            .passkeys
            .iter()
            .map(|p| (p.id.to_string(), p.name.clone(), format!("{} に登録　{}", words::moment(p.created_at, now), used(p))));
        let passkeys = passkeys.collect();
        Self {
            frame: frame.of("パスワードと 2 段階の確認", Here::Account, &["js/password.js", "js/password-meter.js"]).with_sheets(SHEETS),
            state,
            since,
            passkeys,
            problem,
            changed,
            id,
        }
    }
}
