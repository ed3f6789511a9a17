//! The whole program below HTTP, asked as its users ask it: the real router on a real database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod announcement;
mod application;
mod batch;
mod board;
mod completeness;
mod examples;
mod feed;
mod fuzz;
mod harness;
mod history;
mod import;
mod input;
mod kept;
mod keys;
mod machine;
mod office;
mod paper;
mod past;
mod picture;
mod query;
mod quick;
mod report;
mod reset;
mod road;
mod routing;
mod second_factor;
mod sharing;
mod sign_in;
mod stream;
mod survey;
mod terminal;
mod wall;
mod watch;
