//! The use cases. Four doors (screen, API, file, command line) lead to the same ones; each is one transaction, all or nothing.

pub mod account;
pub mod admin;
pub mod announcement;
pub mod answer;
pub mod application;
pub mod batch;
pub mod board;
mod chance;
pub mod completeness;
pub mod correction;
mod correction_mail;
pub mod demo;
pub mod duties;
pub mod export;
pub mod first_sign_in;
pub mod give_back;
pub mod history;
pub mod import;
pub mod inbox;
pub mod kept;
pub mod keys;
pub mod live;
pub mod loading;
pub mod mailbox;
pub mod open_data;
pub mod operators;
pub mod passkey;
mod password;
pub mod past;
pub mod past_board;
pub mod pattern;
pub mod picture;
pub mod query;
pub mod quick;
pub mod readers;
pub mod report;
pub mod report_file;
pub mod reset;
pub mod roads;
pub mod second_factor;
pub mod sharing;
pub mod sign_in;
pub mod survey_answers;
pub mod survey_editor;
pub mod survey_marks;
pub mod surveys;
pub mod terminal;
pub mod watch;

pub use akidoko_domain::password::{PASSWORD_MAX, PASSWORD_MIN};
pub use akidoko_store::{
    AuditKey, Backend, Config as DatabaseConfig, FileLine, Head, HospitalDetail, Reference, ReportFileRow, Store, StoreError,
    StoredHospital, Verification, VerifyError,
};

use akidoko_domain::{survey::Catalogue, time::SharedClock};
use akidoko_store::Writer;
use std::sync::Arc;

/// What the doors need to get work done. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) surveys: surveys::Surveys,
    pub(crate) writer: Writer,
    pub(crate) passwords: password::Passwords,
    pub(crate) live: live::Live,
    pub(crate) sessions: account::Sessions,
    pub(crate) reads: board::Reads,
    pub(crate) post: application::worker::Post,
    pub(crate) webauthn: Option<Arc<webauthn_rs::Webauthn>>,
    pub(crate) rounds: watch::Rounds,
    pub(crate) judged: application::Judged,
    pub(crate) roads: Option<roads::Roads>,
}

impl Service {
    /// Opens the service on a database whose schema is up to date, loads every board, and starts what runs beside the requests: the
    /// writer, the projector, the log of reads.
    pub async fn start(store: Store, clock: SharedClock) -> Result<Self, StoreError> {
        Self::start_with(store, clock, application::worker::Post::default()).await
    }

    /// The same, with a road for mail.
    pub async fn start_with(store: Store, clock: SharedClock, post: application::worker::Post) -> Result<Self, StoreError> {
        store.install_surveys(clock.now()).await?;
        let surveys = surveys::Surveys::load(&store).await?;
        let writer = Writer::start(store.clone(), clock.clone());
        let sessions = account::Sessions::default();
        let live = live::Live::start(store.clone(), surveys.clone(), sessions.clone()).await?;
        let reads = board::Reads::start(writer.clone(), clock.clone());
        let webauthn = passkey::relying_party(&post);
        let service = Self {
            store,
            clock,
            surveys,
            writer,
            passwords: password::Passwords::new(),
            live,
            sessions,
            reads,
            post,
            webauthn,
            rounds: watch::Rounds::default(),
            judged: application::Judged::default(),
            roads: None,
        };
        service.clone().flush_last_seen();
        Ok(service)
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The surveys as they stand at this moment: a version may be published while the program runs.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.surveys.standing().catalogue.clone()
    }

    /// The boards.
    pub fn live(&self) -> &live::Live {
        &self.live
    }

    /// The database answers.
    pub async fn is_healthy(&self) -> bool {
        self.store.last_event_unscoped().await.is_ok()
    }

    /// Writes down what waits: the last reads of the board.
    pub async fn finish(&self) {
        self.reads.flush().await;
    }
}
