//! The way a letter leaves: to a mail server, or as a file.

use super::{
    Letter, LetterError, MailConfigError, config,
    folder::{self, Folder},
    smtp::{Refused, Smtp},
};
use std::path::Path;

/// How many letters one [`Transport`] hands to a server at the same time; more wait for their turn.
pub const CONNECTIONS: usize = 4;

/// Where letters go. Make one and keep it: its connections stay open between letters.
#[derive(Debug)]
pub enum Transport {
    /// Files in a folder, for trials and for sites whose own machinery sends.
    Folder(Folder),
    /// A mail server.
    Smtp(Box<Smtp>),
}

/// The other side has the letter now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What the server answered, most often with its queue ID; for a folder the name of the file. One line.
    pub words: String,
}

/// The letter was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct SendError {
    /// It will never arrive: the server refused this recipient or this letter for good. Everything else may be better later.
    pub permanent: bool,
    /// The number of the server's answer, where there was one.
    pub code: Option<u16>,
    /// What happened, in one line. May name the recipient, never the sign-in.
    pub words: String,
}

impl Transport {
    /// Reads a configuration:
    ///
    /// | | |
    /// |---|---|
    /// | `smtp://host:port` | in the clear; only to this machine |
    /// | `smtp+starttls://user:password@host:587` | begins in the clear, goes on only if it can be encrypted |
    /// | `smtps://user:password@host:465` | encrypted from the first byte |
    /// | `folder:/path`, `file:///path` | a file for each letter |
    ///
    /// Signs that mean something in an address (`@ : / ? # %`) are percent-encoded in user and password. The sign-in can be left out. `ca` is
    /// a PEM file of certificates to trust besides the public ones; it is only read where something is encrypted.
    pub fn parse(config: &str, ca: Option<&Path>) -> Result<Self, MailConfigError> {
        config::parse(config, ca)
    }

    /// Hands one letter over. Dropping the future gives up; the letter may have been accepted nevertheless.
    pub async fn send(&self, letter: &Letter) -> Result<Accepted, SendError> {
        let message = letter.bytes()?;
        let words = match self {
            Self::Folder(folder) => folder.write(folder::file_name(letter.checked_id()?), message).await?,
            Self::Smtp(smtp) => {
                let message = String::from_utf8(message).expect("a message is ASCII");
                smtp.send(letter.sender()?, letter.recipient()?, &message).await?
            }
        };
        Ok(Accepted { words })
    }

    /// Says goodbye on the connections that rest. The next letter opens a new one.
    pub async fn rest(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.rest().await;
        }
    }
}

impl From<LetterError> for SendError {
    fn from(error: LetterError) -> Self {
        // A bad sender is a mistake of ours that can be mended; nobody's address has to be given up for it.
        Self { permanent: error == LetterError::To, code: None, words: error.to_string() }
    }
}

impl From<Refused> for SendError {
    fn from(r: Refused) -> Self {
        Self { permanent: r.permanent, code: r.code, words: r.words }
    }
}
