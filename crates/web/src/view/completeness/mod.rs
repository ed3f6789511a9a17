//! Who has not reported.

mod calls;
mod chart;
mod day;
mod filter;
mod nation;
mod remind;
mod settings;

pub use calls::{CallTyped, CallsPage};
pub use chart::Unit;
pub use day::CompletenessPage;
pub use filter::CompletenessFilter;
pub use nation::NationPage;
pub use remind::RemindPage;
pub use settings::{CompletenessSettingsPage, SettingsTyped};

/// The sheets of these screens.
const SHEETS: &[&str] = &["office.css", "completeness.css"];
