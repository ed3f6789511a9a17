//! The rules of Akidoko, as pure functions and types.
//!
//! Nothing here reads a clock, a database or the network: time and randomness are arguments. A rule of the field (what a status
//! means, when a number is stale, who may see a row) has exactly one home, and it is here. People read Japanese on the screen; this
//! crate never speaks to them except in the survey definitions, which are data.

pub mod access;
pub mod announcement;
pub mod application;
pub mod area;
pub mod audit;
pub mod board;
pub mod code;
pub mod drive;
pub mod due;
pub mod event;
pub mod hospital;
pub mod id;
pub mod key;
pub mod operator;
pub mod organisation;
pub mod password;
pub mod pattern;
pub mod picture;
pub mod place;
pub mod query;
pub mod report;
pub mod rule;
pub mod summary;
pub mod survey;
pub mod text;
pub mod time;
pub mod watch;
