//! What the link that proves a mailbox opens.

use super::{Frame, Here, path};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "mailbox.html")]
pub struct MailboxPage {
    frame: Frame,
    action: String,
    organisation: String,
    address: String,
    done: bool,
}

impl MailboxPage {
    /// `done`: the address counts already.
    pub fn new(frame: Frame, token: &str, organisation: String, address: String, done: bool) -> Self {
        let frame = frame.of("連絡先メールアドレス", Here::Account, &[]).with_sheets(&["office.css"]);
        Self { frame, action: path::mailbox(token), organisation, address, done }
    }
}
