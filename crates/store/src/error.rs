//! What can go wrong below. Nobody but the log sees it in words; whoever calls says what failed for the person who asked.

/// A failure of the database or of what lies in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was not to be reached.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The same, below SeaORM.
    #[error("database: {0}")]
    Driver(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that this program cannot have written.
    #[error("unreadable row: {0}")]
    Corrupt(String),
    /// The configuration cannot work.
    #[error("{0}")]
    Configuration(String),
    /// The connection went away while the commit was on its way: it may be there, or not.
    #[error("commit without an answer: {0}")]
    Unsure(String),
    /// The writer is gone: the program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

impl StoreError {
    /// A row that this program cannot have written.
    pub(crate) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// A unique constraint said no.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(e) if matches!(e.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))))
    }
}
