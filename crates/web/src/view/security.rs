//! My own second factor: on, off, new recovery codes.

use super::{Frame, Here, SHEETS};
use crate::words;
use akidoko_service::second_factor::FactorState;
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
}

impl SecurityProblem {
    /// What is wrong, and how to mend it.
    pub fn sentence(self) -> String {
        match self {
            Self::Wrong => "変更できませんでした。いまのパスワードを確かめて、もう一度入れてください。".to_owned(),
            Self::Blocked { minutes } => format!("続けて失敗したため、いまは変更できません。{minutes} 分待ってから、もう一度試してください。"),
            Self::Needed => "いまのパスワードは 13 文字より短いため、2 段階の確認を止められません。先に、組織の管理者に新しい設定のリンクを出してもらい、13 文字以上のパスワードに決め直してください。".to_owned(),
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
    problem: Option<SecurityProblem>,
}

impl SecurityPage {
    /// How it stands.
    pub fn new(frame: Frame, state: FactorState, now: DateTime<Utc>, problem: Option<SecurityProblem>) -> Self {
        let since = state.on_since.map(|at| words::moment(at, now));
        Self { frame: frame.of("2 段階の確認", Here::Elsewhere, &["js/password.js"]).with_sheets(SHEETS), state, since, problem }
    }
}
