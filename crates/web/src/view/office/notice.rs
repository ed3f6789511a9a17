//! The page behind the link of a notice: the mail arrived, and how it goes on.

use super::super::{Frame, Here};
use akidoko_domain::application::State;
use askama::Template;

/// What became of the wish for another password mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeWish {
    /// None was made.
    None,
    /// It leaves.
    Sent,
    /// The last one is younger than a minute.
    TooSoon,
}

/// The page.
#[derive(Template)]
#[template(path = "office/notice.html")]
pub struct NoticePage {
    frame: Frame,
    name: String,
    state: State,
    action: String,
    wish: NoticeWish,
}

impl NoticePage {
    /// `token` is the one of the link.
    pub fn new(frame: Frame, token: &str, name: String, state: State, wish: NoticeWish) -> Self {
        let action = super::super::path::password_mail(token);
        Self { frame: frame.of("メールが届いたことを確認しました", Here::SignIn, &[]), name, state, action, wish }
    }
}
