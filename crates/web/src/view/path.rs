//! The addresses that the screens link to. No link leads nowhere: each has its route.

use akidoko_domain::{
    board::Filter,
    id::{OrganisationCode, PrefCode},
};
use chrono::NaiveDate;
use std::fmt::Write as _;

/// Sign-in: GET shows the form, POST takes `name`, `password`, `next`.
pub const SIGN_IN: &str = "/sign-in";
/// Sign-out: POST.
pub const SIGN_OUT: &str = "/sign-out";
/// My signed-in devices: GET; POST `<id>/end` and `end-others` below it.
pub const SESSIONS: &str = "/sessions";
/// What the marks mean and where the data come from: GET, without sign-in.
pub const ABOUT: &str = "/about";
/// The board: GET with `prefecture` and the parameters of the filter.
pub const BOARD: &str = "/board";
/// Its stream of events: GET with `prefecture` and `after`.
pub const BOARD_EVENTS: &str = "/board/events";
/// What is on the screen as a file: GET with the same parameters as the board.
pub const BOARD_CSV: &str = "/board.csv";
/// The same as a workbook.
pub const BOARD_XLSX: &str = "/board.xlsx";
/// Today's report: GET leads a hospital to its own, an association to the choice of its members.
pub const REPORT: &str = "/report";

/// The form behind a single-use link: GET shows it, POST takes `password` and `again`.
pub fn set_password(token: &str) -> String {
    format!("/set-password/{}", encode(token))
}

/// A hospital.
pub fn hospital(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}")
}

/// The history of its reports; `before` leads to older ones.
pub fn history(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}/reports")
}

/// The report of a day: GET shows the form, POST takes it.
pub fn report(code: &OrganisationCode, date: NaiveDate) -> String {
    format!("/hospitals/{code}/reports/{date}")
}

/// 変更なし: POST.
pub fn confirmation(code: &OrganisationCode, date: NaiveDate) -> String {
    format!("/hospitals/{code}/reports/{date}/confirmation")
}

/// The receipt of a version: GET.
pub fn receipt(code: &OrganisationCode, date: NaiveDate, version: u32) -> String {
    format!("/hospitals/{code}/reports/{date}/versions/{version}")
}

/// A page of the board, or an export of it, with its filter.
pub fn board(path: &str, prefecture: PrefCode, filter: &Filter) -> String {
    let mut out = format!("{path}?prefecture={prefecture}");
    for (name, value) in filter.parameters() {
        // Writing to a String cannot fail.
        let _ = write!(out, "&{name}={}", encode(&value));
    }
    out
}

/// Percent-encodes what is not a letter, digit or one of `-._~`.
pub fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_can_be_sent() {
        let filter = Filter::parse([("q", "なぎ &"), ("accepting", "1"), ("care", "pediatric"), ("care", "dialysis")]).unwrap();
        assert_eq!(
            board(BOARD, PrefCode::new(99).unwrap(), &filter),
            "/board?prefecture=99&q=%E3%81%AA%E3%81%8E%20%26&accepting=1&care=pediatric&care=dialysis"
        );
    }
}
