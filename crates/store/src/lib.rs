//! The only crate that knows SQL.
//!
//! Every read takes a [`Scope`](akidoko_domain::access::Scope) or is named `_unscoped`; the wall stands in the query, and on PostgreSQL
//! again as row-level security. Everything that is written goes through a [`WriteTx`]: events and entries of the log are appended at
//! its end, under one lock, so that the order of their ids is the order of commits.

mod account;
mod announcement;
mod answer;
mod application;
mod audit;
mod db;
mod entity;
mod error;
mod event;
mod hand_over;
mod hospital;
mod import;
mod judging;
mod key;
mod ledger;
mod organisation;
mod outbox;
mod passkey;
mod read;
mod record;
mod reference;
mod report;
mod road;
mod second_factor;
mod staging;
mod survey;
mod watch;
mod write;
mod writer;

pub use account::{AccountRow, ApiTokenRow, FailureRow, PasswordLinkRow, SessionRow};
pub use announcement::{Addressee, AnnouncementRow, Reached, Received, RecipientRow};
pub use answer::{Answering, KeptAnswer, Remember};
pub use application::{AgreementRow, ApplicationRow, BundleRow, StepRow};
pub use audit::{AuditKey, Head, Verification, VerifyError};
pub use db::{Backend, Config, Store};
pub use error::StoreError;
pub use event::{Told, Wakes};
pub use hand_over::MovedOperator;
pub use hospital::{HospitalDetail, StoredHospital};
pub use import::{Applied, Counts, NewHospital, Refused, RegisterBatch};
pub use key::{ExpiringKey, KeyRow, TokenLine};
pub use ledger::Rehearsed;
pub use organisation::OrganisationRow;
pub use outbox::{Backlog, MailRow, NewMail};
pub use passkey::PasskeyRow;
pub use read::Reader;
pub use record::StoredRecord;
pub use reference::{Reference, ReferenceMunicipality};
pub use report::ImportedReport;
pub use second_factor::{HalfKind, HalfRow, TotpRow};
pub use staging::{Duplicate, StagedDay, StagedRegister, Staging};
pub use watch::{LastUse, SessionPair, SignInNote};
pub use write::{Committed, WriteTx};
pub use writer::{Accepted, Check, GroupOutcome, ReportGroup, ReportWrite, WriteError, Writer};
