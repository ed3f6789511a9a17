//! The screens: one struct and one template each, in files by noun. A screen takes what it shows as values of the domain, reads no clock
//! and knows no handler; what it links to stands in [`path`].

mod about;
mod announcement;
mod answer;
mod api;
mod application;
mod apply_hospital;
mod board;
mod change;
mod completeness;
mod correction;
mod editor;
mod error;
mod frame;
mod give_back;
mod help;
mod history;
mod hospital;
mod ids;
mod kept;
mod keys;
mod mailbox;
mod office;
mod operators;
mod paper;
mod past;
mod past_board;
pub mod path;
mod pattern;
mod picture;
mod place;
mod qr;
mod query;
mod rates;
mod receipt;
mod replaced;
mod report;
mod row;
mod security;
mod session;
mod sharing;
mod sign_in;
mod survey;
mod survey_answers;
mod version;
mod wall;
mod welcome;
mod why;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use about::AboutPage;
pub use announcement::{AnnouncementPage, AnnouncementsPage, OfficeAnnouncementPage, OfficeAnnouncementsPage, ReceivedFilter};
pub use answer::{AnswerHistoryPage, AnswerInput, AnswerPage, AnswerReceiptPage};
pub use api::ApiPage;
pub use application::{
    ApplicationPage, ApplicationsPage, ApplyLinkPage, ApplyPage, BundlePage, Gathered, HospitalApplicationPage, HospitalApplicationsPage,
    Notice, SheetCheckPage, SheetPage, Standing, Uploaded, Vouching, Written, application_cells,
};
pub use apply_hospital::{ApplyAsk, ApplyHospitalPage, ApplyProblem, HospitalLinkPage, HospitalStandsPage};
pub use board::{BoardBody, Region, board_body, page_head, page_tail, still_head};
pub use completeness::{
    CallTyped, CallsPage, CompletenessFilter, CompletenessPage, CompletenessSettingsPage, NationPage, RemindPage, SettingsTyped, Unit,
};
pub use correction::{CorrectionPage, CorrectionsPage, Said};
pub use editor::{DraftInput, DraftPage, ItemPage, RulePage, SurveyFilePage, SurveyFilesPage, TypedRule};
pub use error::ErrorPage;
pub use frame::{Frame, Here, InboxPart, Viewer};
pub use give_back::{give_back, give_line};
pub use help::HelpPage;
pub use history::{HistoryInput, HistoryPage};
pub use hospital::{HospitalPage, Rights};
pub use ids::IdsPage;
pub use kept::{KeptPage, KeptProblem, KeptStrip, KeptTyped};
pub use keys::{KeyFields, KeyMadePage, KeyPage, KeysPage};
pub use mailbox::MailboxPage;
pub use office::{
    Around, Bar, InvitationPage, Left, NoticePage, NoticeWish, OfficeApplicationPage, OfficeFilter, OfficePage, OfficeSettingsPage, Press,
    SettingsProblem, Typed, WindowPart,
};
pub use operators::{HandoverPage, MailboxPart, OperatorPage, OperatorProblem, OperatorsPage};
pub use paper::{
    FileCheckPage, FileReceiptPage, FilesPage, OnPaper, PileEntry, PileFind, PilePage, PileSaved, SheetChoicePage, SheetsPage, Sticky,
};
pub use past::past;
pub use past_board::PastBoardPage;
pub use pattern::{PatternProblem, PatternsPage};
pub use picture::{NationPicturePage, PictureFilter, PicturePage, PictureSettingsPage, PictureTyped, Span, nation_table, picture_table};
pub use place::{Choice, ChoicePage};
pub use query::{QueriesPage, QueryAnswerInput, QueryAnswerPage, QueryFields, QueryFormPage, QueryPage, TypedQuestion, query_table};
pub use rates::RatesPage;
pub use receipt::ReceiptPage;
pub use replaced::{ReplacedPage, Taken};
pub use report::{
    Conflict, Filled, Previous, QuickInput, QuickPage, QuickProblem, ReportInput, ReportPage, chosen, compose_reason, form_values,
};
pub use row::row_html;
pub use security::{SecurityPage, SecurityProblem};
pub use session::{SessionLine, SessionsPage};
pub use sharing::{SharingPage, SharingTyped};
pub use sign_in::{DemoSignIn, LinkGonePage, PasswordProblem, SetPasswordPage, SignInPage, SignInProblem};
pub use survey::{DutiesPage, MarkingPage, RespondentsPage};
pub use survey_answers::{SurveyAnswersPage, survey_answers_table};
pub use version::{VersionInput, VersionPage};
pub use wall::{TerminalMadePage, TerminalOpenPage, TerminalsPage, WallInput, WallPage};
pub use welcome::{CodePage, CodesPage, FactorPage, ForgottenPage, PasskeyPage, ResetPage, TermsPage};

pub use why::WhyPage;

/// The version in the footer of every page.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The sheet of the screens around sign-in.
const SHEETS: &[&str] = &["account.css"];

/// The map library, where npm brought it.
const LEAFLET: &str = "leaflet/leaflet-src.esm.js";
const LEAFLET_STYLE: &str = "leaflet/leaflet.css";

/// The library that puts marks of the map together, where npm brought it.
const CLUSTER: &str = "supercluster/supercluster.min.js";
