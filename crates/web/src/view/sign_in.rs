//! Sign-in, and the setting of a password behind a single-use link.

use super::{Frame, Here, SHEETS, path};
use crate::words;
use akidoko_domain::password::{PASSWORD_MAX, PasswordError};
use askama::Template;
use chrono::{DateTime, Utc};

/// Why a sign-in did not happen. It never says which part was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// Something did not fit.
    Wrong,
    /// Too many attempts.
    Blocked {
        /// How long to wait.
        minutes: u32,
    },
    /// The sign-in ended by its time limit, or from another device.
    Ended,
}

/// A sign-in of the demo, offered on its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSignIn {
    /// 消防本部（青嶺県）
    pub words: String,
    /// F9900123-02
    pub name: String,
    /// The password.
    pub password: String,
}

/// The sign-in screen.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    frame: Frame,
    name: String,
    next: Option<String>,
    problem: Option<SignInProblem>,
    demo: Vec<DemoSignIn>,
}

impl SignInPage {
    /// `name` is what was typed before; `next` is where the reader wanted to go, a path of this site.
    pub fn new(frame: Frame, name: String, next: Option<String>, problem: Option<SignInProblem>, demo: Vec<DemoSignIn>) -> Self {
        Self { frame: frame.of("サインイン", Here::SignIn, &["js/password.js", "js/forget-board.js"]), name, next, problem, demo }
    }
}

/// What is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Too short: under 8 characters on the road, since a second factor makes that enough; else under what stands alone.
    TooShort {
        /// As many were typed.
        characters: usize,
        /// As many must be.
        least: usize,
    },
    /// Too long to be taken.
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// One that is tried first.
    TooCommon,
    /// Contains the ID.
    ContainsName,
    /// The second one differs.
    Mismatch,
}

impl PasswordProblem {
    /// Of what the rules say to what was typed, where at least so many characters must be.
    pub fn of(error: PasswordError, typed: &str, least: usize) -> Self {
        match error {
            PasswordError::TooShort => Self::TooShort { characters: typed.chars().count(), least },
            PasswordError::TooLong => Self::TooLong { max: PASSWORD_MAX },
            PasswordError::Differs => Self::Mismatch,
            PasswordError::Common => Self::TooCommon,
            PasswordError::ContainsName => Self::ContainsName,
        }
    }

    /// What is wrong, and how to mend it.
    pub fn sentence(self) -> String {
        match self {
            Self::TooShort { characters, least } => {
                format!("あと {} 文字足してください（いま {characters} 文字）。", least.saturating_sub(characters).max(1))
            }
            Self::TooLong { max } => format!("{max} 文字までにしてください。"),
            Self::TooCommon => "よく使われる言葉や、並んだ文字だけのパスワードです。別のものにしてください。".to_owned(),
            Self::ContainsName => "ID を含まないものにしてください。".to_owned(),
            Self::Mismatch => "2 つのパスワードが違います。もう一度、同じものを入れてください。".to_owned(),
        }
    }

    /// Is it about the second field?
    pub fn is_second(self) -> bool {
        self == Self::Mismatch
    }
}

/// The screen behind a single-use link.
#[derive(Debug, Clone, Template)]
#[template(path = "set_password.html")]
pub struct SetPasswordPage {
    frame: Frame,
    action: String,
    organisation: String,
    sign_in: String,
    id: String,
    first: bool,
    until: String,
    problems: Vec<PasswordProblem>,
}

impl SetPasswordPage {
    /// `token` is the one of the link, which works once, until `expires_at`; `first`: the whole road of the first sign-in lies ahead.
    pub fn new(
        frame: Frame,
        token: &str,
        (organisation, sign_in, first): (String, String, bool),
        (expires_at, now): (DateTime<Utc>, DateTime<Utc>),
        problems: Vec<PasswordProblem>,
    ) -> Self {
        Self {
            frame: frame.of("パスワードを決める", Here::SignIn, &["js/password.js", "js/password-meter.js"]).with_sheets(SHEETS),
            action: path::set_password(token),
            organisation,
            id: sign_in.split('-').next().unwrap_or_default().to_owned(),
            sign_in,
            first,
            until: words::moment(expires_at, now),
            problems,
        }
    }

    fn first(&self, second: bool) -> Option<String> {
        self.problems.iter().find(|p| p.is_second() == second).map(|p| p.sentence())
    }
}

/// A link that was used, or is too old, or never was: one page for all three.
#[derive(Debug, Clone, Template)]
#[template(path = "link_gone.html")]
pub struct LinkGonePage {
    frame: Frame,
}

impl LinkGonePage {
    /// The page.
    pub fn new(frame: Frame) -> Self {
        Self { frame: frame.of("このリンクは使えません", Here::SignIn, &[]) }
    }
}
