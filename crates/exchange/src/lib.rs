//! Files in and files out: the registers and reference data that others publish, and the tables that people take away.
//!
//! Readers stream: they hold one record at a time, whatever the size of the file, and every row that is not understood is an error
//! with its line, never a row less. Nothing here knows a database, and only [`mail`] and
//! [`routing`] the network.

mod error;
pub mod input;
pub mod mail;
pub mod outlines;
pub mod register;
pub mod reports;
pub mod routing;
pub mod sheet;
pub mod table;

pub use error::{Expected, ReadError, ReadErrorKind};
