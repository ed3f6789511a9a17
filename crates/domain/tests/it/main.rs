//! The rules of surveys from outside: the tables that the browser is tested on too, chance, and the examples of the documentation.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod agree;
mod chance;
mod documentation;
mod fuzz;
mod old;
mod speed;
mod table;
