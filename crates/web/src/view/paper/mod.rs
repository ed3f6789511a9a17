//! Reports as files, on paper, and as a pile of paper.

mod check;
mod files;
mod pile;
mod sheets;

pub use check::FileCheckPage;
pub use files::{FileReceiptPage, FilesPage};
pub use pile::{PileEntry, PileFind, PilePage, PileSaved, Sticky};
pub use sheets::{OnPaper, SheetChoicePage, SheetsPage};

/// The sheets of these screens; the drop zone and the table of the check are those of applications.
const SHEETS: &[&str] = &["application.css", "paper.css"];
