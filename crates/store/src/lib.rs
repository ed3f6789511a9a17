//! The only crate that knows SQL.
//!
//! Every read takes a [`Scope`](akidoko_domain::access::Scope) or is named `_unscoped`; the wall stands in the query, and on PostgreSQL
//! again as row-level security. Everything that is written goes through a [`WriteTx`]: events and entries of the log are appended at
//! its end, under one lock, so that the order of their ids is the order of commits.

mod account;
mod announcement;
mod answered;
mod application;
mod audit;
mod board_reader;
mod completeness;
mod correction;
mod db;
mod due;
mod entity;
mod error;
mod event;
mod hand_over;
mod hospital;
mod import;
mod once;
mod organisation;
mod outbox;
mod passkey;
mod pattern;
mod prefecture_report;
mod query;
mod read;
mod record;
mod reference;
mod reminder;
mod report;
mod report_day;
mod report_file;
mod road;
mod second_factor;
mod staging;
mod survey;
mod watch;
mod write;
mod writer;

pub use account::{AccountRow, ApiTokenRow, FailureRow, PasswordLinkRow, SessionRow};
pub use announcement::{Addressee, AnnouncementRow, Reached, Received, RecipientRow};
pub use application::{AgreementRow, ApplicationRow, BundleRow, StepRow};
pub use audit::{AuditKey, Head, Verification, VerifyError};
pub use board_reader::BoardReader;
pub use completeness::{AskedHospital, Counted};
pub use db::{Backend, Config, Store};
pub use due::{ExemptionRow, LadderRow};
pub use error::StoreError;
pub use event::{Told, Wakes};
pub use hand_over::MovedOperator;
pub use hospital::{HospitalDetail, StoredHospital};
pub use import::{Applied, Counts, NewHospital, Refused, RegisterBatch};
pub use organisation::OrganisationRow;
pub use outbox::{Backlog, MailRow, NewMail};
pub use passkey::PasskeyRow;
pub use pattern::PatternRow;
pub use prefecture_report::PrefectureReport;
pub use query::{QueryAddressee, QueryAnswer, QueryRow};
pub use read::Reader;
pub use record::StoredRecord;
pub use reference::{Reference, ReferenceMunicipality};
pub use reminder::{CallNote, NewReminder, Owing, Reminded};
pub use report::ImportedReport;
pub use report_file::{FileLine, NewReportFile, ReportFileRow};
pub use second_factor::{HalfKind, HalfRow, TotpRow};
pub use staging::{Duplicate, StagedDay, StagedRegister, Staging};
pub use survey::{Publishing, SurveyDraft};
pub use watch::{LastUse, SessionPair, SignInNote};
pub use write::{Committed, WriteTx};
pub use writer::{Accepted, Check, FileOutcome, ReportWrite, WriteError, Writer};
