//! The store on both databases: the same stories, and the wall behind the queries.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod audit;
mod database;
mod outbox;
mod schema;
mod upgrade;
mod wall;
