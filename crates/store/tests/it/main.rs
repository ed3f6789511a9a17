//! The store on both databases: the same stories, and the wall behind the queries.

mod audit;
mod database;
mod schema;
mod wall;
