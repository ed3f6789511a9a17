//! The readers on files made up here, on anything at all, and on the real files where they are at hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod anything;
mod input;
mod mail;
mod real;
mod registers;
mod sheet;
