//! A database of one's own for each test.

use akidoko_store::{AuditKey, Config, Store};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::{
    env, fs,
    io::Write,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

static COUNT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    format!("akidoko_store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A database that goes with its test.
pub struct TestDatabase {
    pub config: Config,
    pub store: Store,
    file: Option<PathBuf>,
}

/// A database without anything in it yet.
pub struct EmptyDatabase {
    pub config: Config,
    file: Option<PathBuf>,
}

fn config(url: String) -> Config {
    Config { url, system_url: None, owner_url: None, connections: 4, audit_key: AuditKey::new([7; 32]) }
}

pub fn empty_sqlite() -> EmptyDatabase {
    let file = env::temp_dir().join(format!("{}.db", name()));
    EmptyDatabase { config: config(format!("sqlite://{}", file.display())), file: Some(file) }
}

pub async fn sqlite() -> TestDatabase {
    let EmptyDatabase { config, file } = &mut empty_sqlite();
    open(config.url.clone(), file.take()).await
}

pub async fn postgres(test: &str) -> Option<TestDatabase> {
    let empty = empty_postgres(test).await?;
    Some(open(empty.config.url.clone(), None).await)
}

/// `None` where there is no server to test with: reported as skipped, and a failure in CI.
pub async fn empty_postgres(test: &str) -> Option<EmptyDatabase> {
    let Ok(server) = env::var("AKIDOKO_TEST_POSTGRES") else {
        assert!(env::var_os("CI").is_none(), "CI has no PostgreSQL");
        if let Some(log) = env::var_os("AKIDOKO_SKIP_LOG") {
            let mut log = fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
            writeln!(log, "{test}: AKIDOKO_TEST_POSTGRES is not set").unwrap();
        }
        println!("skipped: AKIDOKO_TEST_POSTGRES is not set");
        return None;
    };
    let name = name();
    let owner = server.replace("akidoko_app@", "akidoko_owner@");
    let mut connection = PgConnection::connect(&owner).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    Some(EmptyDatabase { config: config(url), file: None })
}

async fn open(url: String, file: Option<PathBuf>) -> TestDatabase {
    let config = config(url);
    Store::migrate(&config).await.unwrap();
    let store = Store::open(&config).await.unwrap();
    store.install_surveys(now()).await.unwrap();
    TestDatabase { config, store, file }
}

pub fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::parse_from_rfc3339("2026-04-10T09:42:00+09:00").unwrap().to_utc()
}

impl TestDatabase {
    /// Runs SQL as whoever owns the database could: past every rule of the program.
    pub async fn tamper(&self, sql: &'static str) {
        if self.config.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.config.url).await.unwrap();
            connection.execute(sql).await.unwrap();
        } else {
            let url = self.config.url.replace("akidoko_app@", "akidoko_owner@");
            PgConnection::connect(&url).await.unwrap().execute(sql).await.unwrap();
        }
    }
}

fn remove(file: Option<&PathBuf>) {
    for ending in file.iter().flat_map(|_| ["", "-wal", "-shm"]) {
        let _ = fs::remove_file(format!("{}{ending}", file.map_or_else(String::new, |f| f.display().to_string())));
    }
}

impl Drop for EmptyDatabase {
    fn drop(&mut self) {
        remove(self.file.as_ref());
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        remove(self.file.as_ref());
    }
}
