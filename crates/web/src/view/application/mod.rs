//! The prefecture's pages: its list of applications, the sheet and its check, one application in full, and the page behind the link by
//! which a headquarters fills in its own row.

pub(in crate::view) mod field;
mod hand_over;
mod hospital;
mod list;
mod one;
mod receipt;
mod sheet;

pub use hand_over::HandOver;
pub use hospital::{HospitalApplicationPage, HospitalApplicationsPage, Vouching};
pub use list::{ApplicationsPage, Gathered, Notice};
pub use one::{ApplicationPage, ApplyLinkPage, ApplyPage, Standing, Written};
pub use receipt::BundlePage;
pub use sheet::{SheetCheckPage, SheetPage, Uploaded};

use akidoko_domain::application::{Column, Form};
use akidoko_service::Reference;
use std::collections::BTreeMap;

/// The sheets of these screens: marks of states are the office's.
const SHEETS: &[&str] = &["office.css", "application.css"];

/// What a form says, as it is typed again: municipalities by their names, where they are known.
pub fn application_cells(form: &Form, reference: &Reference) -> BTreeMap<Column, String> {
    let named = |code: &String| reference.municipalities.get(code).map_or_else(|| code.clone(), |m| m.full_name.clone());
    let value = |column: Column| match column {
        Column::Municipalities => form.municipalities.iter().map(named).collect::<Vec<_>>().join("、"),
        other => form.value(other),
    };
    Column::of(form.road).iter().map(|c| (*c, value(*c))).filter(|(_, v)| !v.is_empty()).collect()
}

/// Whose mails are to be let in（memo §1）.
fn allow(domains: &[String]) -> String {
    let domains: String = domains.iter().map(|d| format!("「{d}」")).collect::<Vec<_>>().join("、");
    format!("ID の連絡は{domains}からメールで送ります。受信できるように、本部で設定してください。")
}
