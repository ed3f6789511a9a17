//! The addresses that the screens link to. No link leads nowhere: each has its route.

use akidoko_domain::{
    board::Filter,
    id::{AccountId, AnnouncementId, ApplicationId, CorrectionId, OrganisationCode, PrefCode, QueryId, SessionId},
};
use chrono::NaiveDate;
use std::fmt::Write as _;

/// Sign-in: GET shows the form, POST takes `name`, `password`, `next`.
pub const SIGN_IN: &str = "/sign-in";
/// Sign-out: POST.
pub const SIGN_OUT: &str = "/sign-out";
/// The second page of the sign-in: GET shows it, POST takes `code`, `next`.
pub const SIGN_IN_CODE: &str = "/sign-in/code";
/// A forgotten password: GET; POST `name`. Without sign-in.
pub const FORGOTTEN: &str = "/forgotten-password";
/// The road of the first sign-in: GET leads to what is next.
pub const WELCOME: &str = "/welcome";
/// The terms: GET; POST takes `accept`.
pub const WELCOME_TERMS: &str = "/welcome/terms";
/// The second factor on the road: GET; POST takes `code`.
pub const WELCOME_FACTOR: &str = "/welcome/second-factor";
/// Leaving it out: POST.
pub const WELCOME_SKIP: &str = "/welcome/second-factor/skip";
/// The recovery codes: GET; POST ends the road.
pub const WELCOME_CODES: &str = "/welcome/recovery-codes";
/// The first operators: GET, signed in.
pub const WELCOME_OPERATORS: &str = "/welcome/operators";
/// My second factor: GET.
pub const SECURITY: &str = "/security";
/// Switching it on: POST takes `password`.
pub const SECURITY_ON: &str = "/security/on";
/// What was offered: GET; POST takes `code`.
pub const SECURITY_FACTOR: &str = "/security/second-factor";
/// Switching it off: POST takes `password`.
pub const SECURITY_OFF: &str = "/security/off";
/// New recovery codes: POST takes `password`.
pub const SECURITY_CODES: &str = "/security/recovery-codes";
/// The operators of my organisation: GET; POST takes `name`, `once`.
pub const OPERATORS: &str = "/operators";
/// What was seen of sign-ins is noted as seen: POST `until`.
pub const OPERATORS_NOTES: &str = "/operators/notes";
/// Another mailbox: POST `address`, `password`.
pub const OPERATORS_MAILBOX: &str = "/operators/mailbox";
/// Keys of the API: GET; POST takes the fields of a key, `once`.
pub const KEYS: &str = "/keys";
/// What the API is, for people: GET, without sign-in.
pub const API: &str = "/api";
/// The same for programs.
pub const OPENAPI: &str = "/api/openapi.json";
/// How IDs are used: GET.
pub const IDS: &str = "/ids";
/// A passkey at sign-in, by a script: POST.
pub const SIGN_IN_PASSKEY: &str = "/sign-in/passkey";
/// A passkey on the road, by a script: POST.
pub const WELCOME_PASSKEY: &str = "/welcome/passkey";
/// The page on which a passkey of mine is added: POST `password`.
pub const SECURITY_PASSKEY_ON: &str = "/security/passkey/on";
/// Adds it, by a script: POST.
pub const SECURITY_PASSKEY: &str = "/security/passkey";
/// Removes one: POST `password`, `id`.
pub const SECURITY_PASSKEY_OFF: &str = "/security/passkey/off";
/// My password: POST `current`, `password`, `again`.
pub const SECURITY_PASSWORD: &str = "/security/password";
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
/// Reports as files: GET; POST takes the file, `sheet`, and `day`.
pub const REPORT_FILES: &str = "/report/files";
/// The template of a day as a workbook: GET with `day`, `hospital`.
pub const REPORT_TEMPLATE_XLSX: &str = "/report/files/template.xlsx";
/// The same as CSV: GET with `day`, `hospital`, `encoding`.
pub const REPORT_TEMPLATE_CSV: &str = "/report/files/template.csv";
/// Taking a checked file: POST takes `rows`, `c.<row>.<field>`, `leave`, `confirm`.
pub const REPORT_FILES_SAVE: &str = "/report/files/save";
/// Sheets of paper: GET with `hospital` (repeated), `missing`, `all`, `to`, `print`.
pub const REPORT_SHEETS: &str = "/report/sheets";
/// A pile of such sheets: GET with `q` and what goes along; POST `code`, `a.<item>`.
pub const REPORT_PILE: &str = "/report/pile";

/// The receipt of a file: GET.
pub fn report_file(number: u32) -> String {
    format!("{REPORT_FILES}/{number}")
}

/// Who has not reported: GET with `prefecture`, `date`, `state`, `area`, `kind`, `unit`, `survey`.
pub const COMPLETENESS: &str = "/completeness";
/// Its stream of events: GET with `prefecture` and `after`.
pub const COMPLETENESS_EVENTS: &str = "/completeness/events";
/// Reminders to all who owe a report: GET shows whom, POST sends.
pub const COMPLETENESS_REMINDERS: &str = "/completeness/reminders";
/// 電話リスト: GET; POST `hospital`, `date`, `result`, `words`, `once`, `confirmed`.
pub const COMPLETENESS_CALLS: &str = "/completeness/calls";
/// Due rules, ladder, exemptions: GET; POST `act` and its fields.
pub const COMPLETENESS_SETTINGS: &str = "/completeness/settings";
/// 病床の状況 of a prefecture: GET with `prefecture`, `area`, `measure`, `span`.
pub const PICTURE: &str = "/picture";
/// Its days as a file: GET, the same.
pub const PICTURE_CSV: &str = "/picture.csv";
/// Its stream of events: GET with `prefecture` and `after`.
pub const PICTURE_EVENTS: &str = "/picture/events";
/// Phases and thresholds: GET; POST `act` and its fields.
pub const PICTURE_SETTINGS: &str = "/picture/settings";
/// An alert that was seen: POST `<it>/{id}`.
pub const PICTURE_ALERTS: &str = "/picture/alerts";
/// The nation: GET with `measure`, `date`, `weeks`, `as`.
pub const NATION: &str = "/nation";
/// Its weeks as a file: GET, the same.
pub const NATION_CSV: &str = "/nation.csv";
/// Between two reports: GET leads a hospital to its own quick screen, those with several to a choice. The installed app starts here.
pub const QUICK: &str = "/quick";
/// The same without figures, kept on the device for when there is no line: GET.
pub const QUICK_SHELL: &str = "/quick/shell";
/// The worker of the quick screen: GET.
pub const QUICK_WORKER: &str = "/quick-worker.js";
/// What makes it an app: GET.
pub const MANIFEST: &str = "/manifest.webmanifest";

/// A prefecture's applications: GET.
pub const APPLICATIONS: &str = "/applications";
/// A new one: GET; POST takes the columns by their names.
pub const APPLICATION_NEW: &str = "/applications/new";
/// The sheet: GET; POST takes the file, `sheet`.
pub const APPLICATION_SHEET: &str = "/applications/sheet";
/// The form as a workbook: GET.
pub const APPLICATION_TEMPLATE: &str = "/applications/sheet.xlsx";
/// Saving a checked sheet: POST takes `rows`, `c.<row>.<column>`, `leave`.
pub const APPLICATION_SHEET_SAVE: &str = "/applications/sheet/save";
/// Submitting: POST takes `id` (repeated), `confirmed`.
pub const APPLICATION_SUBMISSION: &str = "/applications/submission";
/// The agreement of the fire department: POST takes `agrees`, `note`.
pub const APPLICATION_AGREEMENT: &str = "/applications/agreement";

/// An application: GET; POST takes `revision` and the columns.
pub fn application(id: ApplicationId) -> String {
    format!("{APPLICATIONS}/{id}")
}

/// Hospitals that apply: GET.
pub const HOSPITAL_APPLICATIONS: &str = "/applications/hospitals";
/// A hospital applies: GET; POST takes the columns. Without sign-in.
pub const APPLY_HOSPITAL: &str = "/apply/hospital";
/// The ministry invites: GET, POST.
pub const OFFICE_INVITATIONS: &str = "/office/invitations";

/// A hospital's application: GET; POST takes `act`, `hospital`, `other`, `words`, `revision`; POST `<it>/address` corrects the address.
pub fn hospital_application(id: ApplicationId) -> String {
    format!("{HOSPITAL_APPLICATIONS}/{id}")
}

/// What a hospital opens by its link: GET; POST takes `revision` and the columns.
pub fn apply_hospital(token: &str) -> String {
    format!("{APPLY_HOSPITAL}/{}", encode(token))
}

/// A step with it: POST takes `action`, `revision`, `words`.
pub fn application_steps(id: ApplicationId) -> String {
    format!("{APPLICATIONS}/{id}/steps")
}

/// Writing on it: POST takes `words`.
pub fn application_comments(id: ApplicationId) -> String {
    format!("{APPLICATIONS}/{id}/comments")
}

/// A link for its headquarters: POST.
pub fn application_link(id: ApplicationId) -> String {
    format!("{APPLICATIONS}/{id}/link")
}

/// Who takes over: POST `successor`, `on`, or `drop`.
pub fn application_hand_over(id: ApplicationId) -> String {
    format!("{APPLICATIONS}/{id}/hand-over")
}

/// The receipt of a bundle: GET.
pub fn bundle(number: i32) -> String {
    format!("{APPLICATIONS}/bundles/{number}")
}

/// What a headquarters opens by its link: GET; POST takes `revision` and the columns.
pub fn apply(token: &str) -> String {
    format!("/apply/{}", encode(token))
}

/// The office's work list: GET with the parameters of its filter.
pub const OFFICE: &str = "/office";
/// A step with many applications: POST `action`, `reason`, `decision` (`id:revision`, repeated).
pub const OFFICE_STEPS: &str = "/office/steps";
/// Windows and capacity: GET, POST.
pub const OFFICE_SETTINGS: &str = "/office/settings";

/// An application, for the office; POST `<it>/comments` writes on it, POST `<it>/hand-over` says who takes over.
pub fn office_application(id: ApplicationId) -> String {
    format!("/office/applications/{id}")
}

/// The page behind the link of a notice: GET.
pub fn mail(token: &str) -> String {
    format!("/mail/{}", encode(token))
}

/// The page behind the link of a forgotten password: GET; POST `code`; POST `<it>/passkey`, by a script.
pub fn reset(token: &str) -> String {
    format!("/reset/{}", encode(token))
}

/// The page behind the link that proves a mailbox: GET; POST takes it.
pub fn mailbox(token: &str) -> String {
    format!("/mailbox/{}", encode(token))
}

/// お知らせ to my organisation: GET.
pub const ANNOUNCEMENTS: &str = "/announcements";
/// お知らせ, as the office writes them: GET.
pub const OFFICE_ANNOUNCEMENTS: &str = "/office/announcements";
/// A new one: GET, POST.
pub const OFFICE_ANNOUNCEMENT_NEW: &str = "/office/announcements/new";

/// One to my organisation: GET.
pub fn announcement(id: AnnouncementId) -> String {
    format!("{ANNOUNCEMENTS}/{id}")
}

/// One, for the office: GET; POST takes `act`.
pub fn office_announcement(id: AnnouncementId) -> String {
    format!("{OFFICE_ANNOUNCEMENTS}/{id}")
}

/// Another password mail, from the page of a notice: POST.
pub fn password_mail(token: &str) -> String {
    format!("/mail/{}/password-mail", encode(token))
}

/// The form behind a single-use link: GET shows it, POST takes `password` and `again`.
pub fn set_password(token: &str) -> String {
    format!("/set-password/{}", encode(token))
}

/// An operator: GET; POST takes `act`, `once`.
pub fn operator(id: &AccountId) -> String {
    format!("{OPERATORS}/{id}")
}

/// A key: GET; POST takes its fields.
pub fn key(id: &SessionId) -> String {
    format!("{KEYS}/{id}")
}

/// Revoking it: POST.
pub fn key_end(id: &SessionId) -> String {
    format!("{KEYS}/{id}/end")
}

/// A hospital.
pub fn hospital(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}")
}

/// The history of its reports; `month`, `item` and `at` choose.
pub fn history(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}/reports")
}

/// The report of a day: GET shows the form, POST takes it.
pub fn report(code: &OrganisationCode, date: NaiveDate) -> String {
    format!("/hospitals/{code}/reports/{date}")
}

/// A quick update: GET shows the screen; POST takes `a.<item>`, `was.<item>`, `confirm`, and from a script `id`, `typed_at`, `sent_at`, `operator`.
pub fn hospital_quick(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}/quick")
}

/// 応需パターン: GET with `at` or `new`; POST takes `act`, `at`, `revision`, `name`, `day`, `starts`, `ends`, `a.<item>`.
pub fn patterns(code: &OrganisationCode) -> String {
    format!("/hospitals/{code}/patterns")
}

/// 変更なし: POST.
pub fn confirmation(code: &OrganisationCode, date: NaiveDate) -> String {
    format!("/hospitals/{code}/reports/{date}/confirmation")
}

/// The receipt of a version: GET.
pub fn receipt(code: &OrganisationCode, date: NaiveDate, version: u32) -> String {
    format!("/hospitals/{code}/reports/{date}/versions/{version}")
}

/// What my organisation answers beside the daily report, and how far a prefecture's hospitals are: GET.
pub const SURVEYS: &str = "/surveys";

/// What a prefecture requires and hides of a survey: GET; POST takes `seen`, `m.<item>`.
pub fn survey_items(survey: &str) -> String {
    format!("{SURVEYS}/{survey}/items")
}

/// The board as it was known at a past minute: GET takes `prefecture`, `at`, `and`.
pub const BOARD_PAST: &str = "/board/past";

/// A day as open data: GET takes `date`, `what`.
pub const OPEN_DATA: &str = "/open-data";

/// The wallboard: GET takes the board's `area`, `municipality`, `level`.
pub const WALL: &str = "/wall";
/// Its stream of events.
pub const WALL_EVENTS: &str = "/wall/events";
/// Who has the watch at a terminal: POST takes `name`.
pub const WALL_WATCH: &str = "/wall/watch";
/// 表示端末: GET; POST takes `name`, `once`.
pub const TERMINALS: &str = "/terminals";

/// Takes a terminal back: POST.
pub fn terminal_end(id: akidoko_domain::id::SessionId) -> String {
    format!("{TERMINALS}/{id}/end")
}

/// The link that opens a terminal: GET says what it does, POST does it.
pub fn terminal(token: &str) -> String {
    format!("/terminal/{token}")
}

/// What a prefecture's hospitals answered to a survey: GET takes `period`.
pub fn survey_answers(survey: &str) -> String {
    format!("{SURVEYS}/{survey}/answers")
}

/// The same as a file: GET takes `period`.
pub fn survey_answers_csv(survey: &str) -> String {
    format!("{SURVEYS}/{survey}/answers.csv")
}

/// Which hospitals answer a survey of some: POST takes `hospital` (repeated).
pub fn survey_hospitals(survey: &str) -> String {
    format!("{SURVEYS}/{survey}/hospitals")
}

/// The history of somebody's answers to a survey: GET.
pub fn answers(code: &OrganisationCode, survey: &str) -> String {
    format!("/answers/{code}/{survey}")
}

/// The answer of a period, by its first day: GET shows the screen, POST takes it.
pub fn answer(code: &OrganisationCode, survey: &str, date: NaiveDate) -> String {
    format!("/answers/{code}/{survey}/{date}")
}

/// 変更なし: POST.
pub fn answer_confirmation(code: &OrganisationCode, survey: &str, date: NaiveDate) -> String {
    format!("/answers/{code}/{survey}/{date}/confirmation")
}

/// The receipt of a version: GET.
pub fn answer_receipt(code: &OrganisationCode, survey: &str, date: NaiveDate, version: u32) -> String {
    format!("/answers/{code}/{survey}/{date}/versions/{version}")
}

/// The ministry's surveys: GET; POST takes `code`, `title`.
pub const OFFICE_SURVEYS: &str = "/office/surveys";

/// A survey with its versions: GET; POST takes `act`.
pub fn office_survey(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}")
}

/// What prefectures answered to a survey, with rates: GET.
pub fn office_answers(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/answers")
}

/// The draft of a version: GET; POST takes `act`, `revision`.
pub fn draft(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft")
}

/// The screen as it will be: GET; POST runs the rules.
pub fn draft_preview(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft/preview")
}

/// A version as its screen was: GET.
pub fn version_preview(survey: &str, version: u32) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/versions/{version}")
}

/// A new item of a draft: GET; POST takes it.
pub fn draft_new_item(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft/new-item")
}

/// A new rule, likewise.
pub fn draft_new_rule(survey: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft/new-rule")
}

/// An item of a draft: GET; POST takes it.
pub fn draft_item(survey: &str, item: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft/items/{item}")
}

/// A rule of a draft, likewise.
pub fn draft_rule(survey: &str, rule: &str) -> String {
    format!("{OFFICE_SURVEYS}/{survey}/draft/rules/{rule}")
}

/// 緊急調査: GET.
pub const QUERIES: &str = "/queries";
/// A new one: GET, POST.
pub const QUERY_NEW: &str = "/queries/new";

/// One: GET; POST takes `act`.
pub fn query(id: QueryId) -> String {
    format!("{QUERIES}/{id}")
}

/// Its answers as a file: GET.
pub fn query_csv(id: QueryId) -> String {
    format!("{QUERIES}/{id}/answers.csv")
}

/// A hospital's answer: GET, POST.
pub fn query_answer(id: QueryId, code: &OrganisationCode) -> String {
    format!("{QUERIES}/{id}/answers/{code}")
}

/// A version in full: GET; `survey` where it is not the daily one.
pub fn version(code: &OrganisationCode, date: NaiveDate, version: u32) -> String {
    format!("/hospitals/{code}/reports/{date}/versions/{version}/full")
}

/// なぜ変わった？: GET with `until`.
pub fn why(code: &OrganisationCode, item: &str) -> String {
    format!("/hospitals/{code}/why/{item}")
}

/// Corrections that wait for consent, and those that were decided: GET.
pub const CORRECTIONS: &str = "/corrections";
/// How many days a past day can be corrected without asking: POST `days`, `valid_from`.
pub const OFFICE_CORRECTION_WINDOW: &str = "/office/settings/correction-window";

/// One of them: GET; POST takes `act`, `words`, `version`.
pub fn correction(id: CorrectionId) -> String {
    format!("{CORRECTIONS}/{id}")
}

/// The manual for fire headquarters: GET.
pub const HELP: &str = "/help";

/// Its quick card: GET.
pub const HELP_CARD: &str = "/help/card";

/// The manifest of the board: GET.
pub const BOARD_MANIFEST: &str = "/board.webmanifest";

/// The ground of the map: GET.
pub const MAP_GROUND: &str = "/board/map-ground";

/// Saved views and landmarks: GET, with `view` or `place` ready to be kept; POST takes `act` and what it needs.
pub const KEPT: &str = "/board/kept";

/// The page that saves a view of the board.
pub fn keep_view(filter: &Filter) -> String {
    let parameters: Vec<String> = filter.parameters().into_iter().map(|(name, value)| format!("{name}={}", encode(&value))).collect();
    format!("{KEPT}?view={}", encode(&parameters.join("&")))
}

/// The same as links, for the board: GET.
pub const KEPT_STRIP: &str = "/board/kept/strip";

/// What the prefecture shares, and with whom: GET; POST takes `whole`, `show` and `seen` of `column:kind`, and `act`.
pub const SHARING: &str = "/board/sharing";

/// By which other system it reports: POST `name`, `url`.
pub const OTHER_SYSTEM: &str = "/board/other-system";

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
