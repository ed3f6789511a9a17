//! Configuration by environment: which database, and the key of the log.

use akidoko_domain::time::{Clock, SharedClock, cut};
use akidoko_service::{AuditKey, Backend, DatabaseConfig, Store};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use std::{
    env,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The machine's clock: the only place that reads it.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> DateTime<Utc> {
        cut(Utc::now())
    }
}

/// The clock of the program.
pub fn clock() -> SharedClock {
    Arc::new(SystemClock)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|v| !v.is_empty())
}

/// Where the embedded database lies unless `AKIDOKO_DATABASE_URL` says otherwise.
const DEFAULT_URL: &str = "sqlite://var/akidoko.db";

/// The database of this process.
pub fn database() -> Result<DatabaseConfig> {
    let url = variable("AKIDOKO_DATABASE_URL").unwrap_or_else(|| DEFAULT_URL.to_owned());
    let file = url.strip_prefix("sqlite://").map(|rest| PathBuf::from(rest.split('?').next().unwrap_or(rest)));
    if let Some(folder) = file.as_deref().and_then(Path::parent).filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("フォルダー {} を作成できません", folder.display()))?;
    }
    let key_file = match (variable("AKIDOKO_AUDIT_KEY_FILE"), &file) {
        (Some(path), _) => PathBuf::from(path),
        (None, Some(file)) => file.with_extension("audit-key"),
        (None, None) => PathBuf::from("var/akidoko.audit-key"),
    };
    let connections =
        variable("AKIDOKO_DATABASE_CONNECTIONS").map_or(Ok(8), |n| n.parse()).context("AKIDOKO_DATABASE_CONNECTIONS は数です")?;
    Ok(DatabaseConfig {
        url,
        system_url: variable("AKIDOKO_DATABASE_SYSTEM_URL"),
        owner_url: variable("AKIDOKO_DATABASE_OWNER_URL"),
        connections,
        audit_key: audit_key(&key_file)?,
    })
}

/// Opens the database of this process, its schema brought up to date.
pub async fn open() -> Result<(Store, SharedClock, DatabaseConfig)> {
    let config = database()?;
    // On a server the schema is the owner's business: whoever serves may not change tables, and says so if they are not there.
    if config.backend()? == Backend::Sqlite {
        Store::migrate(&config).await?;
    }
    let store = Store::open(&config).await.context("データベースを開けません（先に `akidoko migrate` が要るかもしれません）")?;
    Ok((store, clock(), config))
}

/// Reads the key of the log, or makes one at the first start. It lies outside the database on purpose.
fn audit_key(path: &Path) -> Result<AuditKey> {
    if let Ok(text) = fs::read_to_string(path) {
        return parse_key(text.trim()).with_context(|| format!("{} は監査ログの鍵ではありません（64 けたの 16 進数）", path.display()));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("{e}"))?;
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            writeln!(file, "{text}")?;
            file.sync_all()?;
            Ok(AuditKey::new(bytes))
        }
        // Another process made it at this moment.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => audit_key(path),
        Err(error) => Err(error).with_context(|| format!("監査ログの鍵 {} を作成できません", path.display())),
    }
}

fn parse_key(text: &str) -> Result<AuditKey> {
    if text.len() != 64 || !text.is_ascii() {
        bail!("not 64 hexadecimal digits");
    }
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16)?;
    }
    Ok(AuditKey::new(bytes))
}
