//! The API: one file per thing.

mod batch;
mod board;
mod body;
mod example;
mod listing;
mod openapi;
mod reference;
mod refusal;
mod report;

pub use batch::post as post_reports;
pub use board::{board, board_json, events, filter_of, row_json};
pub use example::{EXAMPLES, Example};
pub use listing::{hospitals, surveys};
pub use openapi::document;
pub use reference::reference;
pub use report::{get as get_report, history as report_history, put as put_report};
