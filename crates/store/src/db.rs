//! Opening the database, and bringing its schema up to date.

use crate::{audit::AuditKey, error::StoreError};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio::sync::{Mutex, Notify};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded, one file, one process that serves.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

/// Where the database is and how it is used.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`. On PostgreSQL the user `akidoko_app`, or any that may `SET ROLE` to the three roles.
    pub url: String,
    /// On PostgreSQL, for the system role; unset: [`Config::url`] with the user `akidoko_system`.
    pub system_url: Option<String>,
    /// On PostgreSQL, for migrations; unset: [`Config::url`] with the user `akidoko_owner`.
    pub owner_url: Option<String>,
    /// Connections for reads.
    pub connections: u32,
    /// The key of the log's chain.
    pub audit_key: AuditKey,
}

impl Config {
    /// Which database the address names.
    pub fn backend(&self) -> Result<Backend, StoreError> {
        match self.url.split_once("://").map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Backend::Sqlite),
            Some("postgres" | "postgresql") => Ok(Backend::Postgres),
            _ => Err(StoreError::Configuration(format!(
                "AKIDOKO_DATABASE_URL must begin with sqlite:// or postgres://, not {:?}",
                self.url.split("://").next().unwrap_or_default()
            ))),
        }
    }
}

/// The three roles of design.md「The wall」.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Owner,
    App,
    System,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Owner => "akidoko_owner",
            Self::App => "akidoko_app",
            Self::System => "akidoko_system",
        }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub backend: Backend,
    /// Behind the wall.
    pub app: DatabaseConnection,
    /// Over the wall: projector, sign-in, imports.
    pub system: DatabaseConnection,
    /// Writes have connections of their own: on SQLite one for both, on PostgreSQL a few for the writer.
    pub app_writer: DatabaseConnection,
    pub system_writer: DatabaseConnection,
    /// One transaction writes at a time on SQLite, without waiting on its lock.
    pub gate: Arc<Mutex<()>>,
    pub audit_key: AuditKey,
    /// Something was committed here,
    pub wake: Notify,
    /// and this is what.
    pub told: crate::event::Committed,
    /// The due rules, by which the writer tells at once whether a report came in time.
    pub due: std::sync::RwLock<Arc<akidoko_domain::due::DueBook>>,
}

const SQLITE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
const POSTGRES_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

impl Store {
    /// Opens a database whose schema is up to date; see [`Store::migrate`].
    pub async fn open(config: &Config) -> Result<Self, StoreError> {
        let backend = config.backend()?;
        let (app, system, app_writer, system_writer) = match backend {
            Backend::Sqlite => {
                let options = sqlite_options(&config.url)?;
                let pool = |n: u32| SqlitePoolOptions::new().max_connections(n).acquire_timeout(Duration::from_secs(30));
                let readers = pool(config.connections.max(1)).connect_with(options.clone().read_only(true)).await?;
                let writer = pool(1).connect_with(options).await?;
                let readers = SqlxSqliteConnector::from_sqlx_sqlite_pool(readers);
                let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
                (readers.clone(), readers, writer.clone(), writer)
            }
            Backend::Postgres => {
                let pool = async |role| {
                    let (pool, options) = postgres_pool(config, role, config.connections.max(2))?;
                    Ok::<_, StoreError>(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_with(options).await?))
                };
                let (app, system) = (pool(Role::App).await?, pool(Role::System).await?);
                // One writer, and a spare while a connection comes back. Asking each time whether it still stands would be a sixth of
                // all trips; that it does not shows at BEGIN, before anything was sent.
                let (writer, options) = postgres_pool(config, Role::App, 3)?;
                let writer = writer.test_before_acquire(false).connect_with(options).await?;
                (app, system.clone(), SqlxPostgresConnector::from_sqlx_postgres_pool(writer), system)
            }
        };
        let inner = Inner {
            backend,
            app,
            system,
            app_writer,
            system_writer,
            gate: Arc::default(),
            audit_key: config.audit_key.clone(),
            wake: Notify::new(),
            told: crate::event::Committed::default(),
            due: std::sync::RwLock::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Brings the schema up to date. Forward only; safe to run again.
    pub async fn migrate(config: &Config) -> Result<(), StoreError> {
        match config.backend()? {
            Backend::Sqlite => {
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(sqlite_options(&config.url)?).await?;
                SQLITE_MIGRATIONS.run(&pool).await?;
                pool.close().await;
            }
            Backend::Postgres => {
                let (pool, options) = postgres_pool(config, Role::Owner, 1)?;
                let pool = pool.connect_with(options).await?;
                POSTGRES_MIGRATIONS.run(&pool).await?;
                pool.close().await;
            }
        }
        Ok(())
    }

    /// Which database.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// Closes all connections.
    pub async fn close(&self) {
        for connection in [&self.inner.app, &self.inner.system, &self.inner.app_writer, &self.inner.system_writer] {
            // A pool that is closed already stays closed.
            let _ = connection.clone().close().await;
        }
    }
}

/// So many prepared statements a connection keeps. The writer has some for each size of a batch.
const STATEMENTS: usize = 400;

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    Ok(SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged is durable (design.md rule 7).
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // 16 MiB: what every report touches is written back to the file once for many of them.
        .pragma("wal_autocheckpoint", "4000")
        // Rows come from a thread of their own: handed over a few hundred at a time, not fifty, long lists need fewer turns.
        .row_buffer_size(512)
        .statement_cache_capacity(STATEMENTS))
}

fn postgres_pool(config: &Config, role: Role, connections: u32) -> Result<(PgPoolOptions, PgConnectOptions), StoreError> {
    let own = match role {
        Role::Owner => config.owner_url.as_ref(),
        Role::System => config.system_url.as_ref(),
        Role::App => None,
    };
    let options = PgConnectOptions::from_str(own.unwrap_or(&config.url))?.application_name("akidoko").statement_cache_capacity(STATEMENTS);
    let user = options.get_username().to_owned();
    // Signed in as the role that serves people, the others are named beside it: that role may not become them. Signed in as somebody
    // greater (a superuser of a small place), every connection steps down to its role.
    let (options, step_down) = match own {
        None if user == Role::App.name() => (options.username(role.name()), false),
        _ => (options, user != role.name() && role != Role::Owner),
    };
    let pool =
        PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(30)).after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute("SET TIME ZONE 'UTC'").await?;
                if step_down {
                    connection.execute(sqlx::AssertSqlSafe(format!("SET ROLE {}", role.name()))).await?;
                }
                Ok(())
            })
        });
    Ok((pool, options))
}
