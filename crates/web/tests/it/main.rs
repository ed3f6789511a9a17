//! The whole program below HTTP, asked as its users ask it: the real router on a real database.

mod board;
mod harness;
mod import;
mod input;
mod report;
mod sign_in;
mod wall;
