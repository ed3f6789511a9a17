//! The manual.

use super::{Frame, Here};
use askama::Template;

/// A page of it.
#[derive(Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    frame: Frame,
    body: String,
    is_card: bool,
    others: Vec<(&'static str, &'static str)>,
}

impl HelpPage {
    /// `body` is HTML that was made of a file of ours; `others`: name and title of the other pages.
    pub fn new(frame: Frame, title: &str, body: String, is_card: bool, others: Vec<(&'static str, &'static str)>) -> Self {
        Self { frame: frame.of(title, Here::Elsewhere, &["js/print.js"]).with_sheets(&["help.css"]), body, is_card, others }
    }
}
