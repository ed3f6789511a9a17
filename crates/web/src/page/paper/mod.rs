//! Reports that come another way than the screen of the day: as files, on sheets of paper, a pile of such sheets.

mod files;
mod pile;
mod sheets;

pub use files::{check_report_file, report_file, report_files, report_template_csv, report_template_xlsx, take_report_file};
pub use pile::{enter_pile, report_pile};
pub use sheets::report_sheets;

use crate::{error::Failure, extract::Parameters, state::State};
use akidoko_domain::{id::OrganisationCode, text::parse_date};
use akidoko_service::account::Session;
use chrono::NaiveDate;

/// Whoever reports at all, for itself or for others.
fn reporter(state: &State, session: &Session) -> Result<(), Failure> {
    if state.service.may_report_somehow(&session.actor) {
        return Ok(());
    }
    Err(Failure::forbidden().saying("報告の入力は、医療機関・とりまとめ団体・都道府県・保健所の ID で行います。"))
}

/// A day that was asked for, today where none was.
fn day(state: &State, text: &str) -> Result<NaiveDate, Failure> {
    let (today, _) = state.service.today();
    if text.trim().is_empty() {
        return Ok(today);
    }
    let day = parse_date(text).ok_or_else(|| Failure::bad_request("日付は 2026-04-10 の形で指定してください。"))?;
    if day > today {
        return Err(Failure::bad_request("先の日付の報告はできません。今日までの日付を指定してください。"));
    }
    Ok(day)
}

fn codes(query: &Parameters) -> Vec<OrganisationCode> {
    query.0.iter().filter(|(n, _)| n == "hospital").filter_map(|(_, v)| v.parse().ok()).collect()
}
