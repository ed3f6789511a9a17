//! The API: one file per thing.

mod board;
mod openapi;
mod report;

pub use board::{board, board_json, events, filter_of, row_json};
pub use openapi::{document, reference};
pub use report::{get as get_report, put as put_report};
