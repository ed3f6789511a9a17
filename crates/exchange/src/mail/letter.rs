//! One letter to one person, and its form as a message (RFC 5322).
//!
//! The same letter is the same bytes: the ID, the time and the boundary are given. The bytes are ASCII, so every server takes them.

use super::one_line;
use akidoko_domain::time::to_jst;
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Body, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, Date, HeaderName, HeaderValue},
    },
};
use std::time::SystemTime;

/// Longer subjects and names are cut: some servers refuse long headers.
const HEADER_LIMIT: usize = 300;
/// Neither base64 nor an encoded header can hold this, so it is never found inside a part.
const BOUNDARY: &str = "=_akidoko_=";

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that people read.
    pub name: String,
    /// The address, `user@host`. Bounces come back to it.
    pub address: String,
}

/// A letter that is ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// `left@right`, without angle brackets, the same for each try: servers and people find doubles by it, and bounces name it.
    pub message_id: String,
    /// Who writes.
    pub from: Mailbox,
    /// The address of the one who reads.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The same letter as HTML.
    pub html: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Why a letter cannot be made into a message. Trying again does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// The reader has no address that mail can go to.
    #[error("the address of the recipient is not a mail address")]
    To,
    /// The writer has none.
    #[error("the address of the sender is not a mail address")]
    From,
    /// The ID would not survive the way.
    #[error("the Message-ID is not of the form left@right, or longer than 200 characters")]
    MessageId,
}

impl Letter {
    /// The message as it is sent: `multipart/alternative`, each part UTF-8 in base64.
    pub fn bytes(&self) -> Result<Vec<u8>, LetterError> {
        let from = lettre::message::Mailbox::new(self.name_of_sender(), self.sender()?);
        let to = lettre::message::Mailbox::new(None, self.recipient()?);
        let id = format!("<{}>", self.checked_id()?);
        let body = MultiPart::alternative()
            .boundary(BOUNDARY)
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text))
            .singlepart(part(ContentType::TEXT_HTML, &self.html));
        let mut message = Message::builder()
            .from(from)
            .to(to)
            .subject(one_line(&self.subject, HEADER_LIMIT))
            .message_id(Some(id))
            // Holds the place of the real one below, so that lettre does not ask the machine's clock.
            .date(SystemTime::UNIX_EPOCH)
            .multipart(body)
            .expect("sender, recipient and date are set");
        let headers = message.headers_mut();
        headers.remove::<Date>();
        headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Date"), to_jst(self.at).to_rfc2822()));
        headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
        Ok(message.formatted())
    }

    /// The recipient, as the server is told.
    pub(super) fn recipient(&self) -> Result<Address, LetterError> {
        address(&self.to).ok_or(LetterError::To)
    }

    /// The sender, as the server is told.
    pub(super) fn sender(&self) -> Result<Address, LetterError> {
        address(&self.from.address).ok_or(LetterError::From)
    }

    /// The ID, if it is one. Without blanks and brackets it can stand in a header and, but for slashes, in a file name.
    pub(super) fn checked_id(&self) -> Result<&str, LetterError> {
        let id = self.message_id.as_str();
        let plain = id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(&b));
        let (left, right) = id.split_once('@').ok_or(LetterError::MessageId)?;
        if plain && !left.is_empty() && !right.is_empty() && !right.contains('@') { Ok(id) } else { Err(LetterError::MessageId) }
    }

    fn name_of_sender(&self) -> Option<String> {
        Some(one_line(&self.from.name, HEADER_LIMIT)).filter(|name| !name.is_empty())
    }
}

/// Only ASCII: servers without SMTPUTF8 know no other address.
fn address(text: &str) -> Option<Address> {
    text.is_ascii().then(|| text.parse().ok()).flatten()
}

fn part(of: ContentType, text: &str) -> SinglePart {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::Base64).expect("base64 holds any text");
    SinglePart::builder().header(of).body(body)
}
