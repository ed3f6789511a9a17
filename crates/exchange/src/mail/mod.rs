//! Mail out and mail back: a [`Letter`] becomes a message, a [`Transport`] hands it over, and a [`Bounce`] says that it did not arrive.
//!
//! Nothing here decides who gets a letter or when one is tried again. No error holds what was used to sign in at the server.

pub mod bounce;
mod config;
mod folder;
mod letter;
mod smtp;
mod transport;

pub use bounce::{Bounce, NotABounce, bounces_of_mbox};
pub use config::MailConfigError;
pub use folder::Folder;
pub use letter::{Letter, LetterError, Mailbox};
pub use smtp::Smtp;
pub use transport::{Accepted, CONNECTIONS, SendError, Transport};

/// What others wrote, fit for one line: no control characters, blanks run together, cut to `most` characters.
fn one_line(words: &str, most: usize) -> String {
    let printable: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(most).collect()
}
