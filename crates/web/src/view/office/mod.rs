//! The office's pages: the work list over all prefectures, one application in full, windows and capacity; and the page behind the link
//! of a notice.

mod application;
mod bar;
mod filter;
mod invitation;
mod list;
mod notice;
mod settings;

pub use application::OfficeApplicationPage;
pub use bar::{Bar, Left, Press};
pub use filter::OfficeFilter;
pub use invitation::InvitationPage;
pub use list::{Around, OfficePage, Typed};
pub use notice::{NoticePage, NoticeWish};
pub use settings::{OfficeSettingsPage, SettingsProblem, WindowPart};

use akidoko_service::application::ApplicationView;

/// The sheet of these screens.
const SHEETS: &[&str] = &["office.css"];

/// How a row is named where it is decided: its id and the revision that is on the screen.
fn decision(view: &ApplicationView) -> String {
    format!("{}:{}", view.row.id, view.row.revision)
}
