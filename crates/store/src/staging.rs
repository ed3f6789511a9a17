//! Where a file waits until it is known to be good: a private, temporary SQLite file. The database itself is not touched before, memory
//! does not grow with the file, and a doubled key is found whatever lies between its lines.

use crate::error::StoreError;
use akidoko_domain::{hospital::Attributes, id::PrefCode, survey::Status};
use chrono::NaiveDate;
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::path::PathBuf;

/// The waiting room of one import.
pub struct Staging {
    connection: SqliteConnection,
    path: PathBuf,
    answers: Vec<String>,
    registers: Vec<String>,
}

/// A key that stands more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key, for people.
    pub key: String,
    /// Its first line.
    pub first: u64,
    /// Another.
    pub second: u64,
}

/// A hospital's answers of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedDay {
    /// The register's code.
    pub code: String,
    /// The day.
    pub day: NaiveDate,
    /// Answers by item.
    pub answers: Vec<(String, Status)>,
}

/// So many rows are written at once.
const CHUNK: usize = 2000;

impl Staging {
    /// Opens an empty one in the directory for temporary files. `name` must be unique to the import.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let path = std::env::temp_dir().join(format!("akidoko-import-{name}.db"));
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            // Nothing here outlives the import, so nothing here need be durable.
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "FILE");
        let mut connection = SqliteConnection::connect_with(&options).await?;
        for sql in [
            "CREATE TABLE answer (code TEXT NOT NULL, day TEXT NOT NULL, item TEXT NOT NULL, answer TEXT NOT NULL, line INTEGER NOT NULL) STRICT",
            "CREATE TABLE register (code TEXT NOT NULL, day TEXT NOT NULL, prefecture TEXT NOT NULL, attributes TEXT NOT NULL, line INTEGER NOT NULL) STRICT",
        ] {
            sqlx::query(sql).execute(&mut connection).await?;
        }
        Ok(Self { connection, path, answers: Vec::new(), registers: Vec::new() })
    }

    /// Takes an answer.
    pub async fn answer(&mut self, code: &str, day: NaiveDate, item: &str, answer: Status, line: u64) -> Result<(), StoreError> {
        self.answers.push(serde_json::json!([code, day.to_string(), item, answer.as_str(), line]).to_string());
        if self.answers.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    /// Takes what a register says of a hospital on a day. Of several statements the last line counts.
    pub async fn register(
        &mut self,
        code: &str,
        day: NaiveDate,
        prefecture: PrefCode,
        attributes: &Attributes,
        line: u64,
    ) -> Result<(), StoreError> {
        let attributes = serde_json::to_string(attributes).map_err(StoreError::corrupt)?;
        self.registers.push(serde_json::json!([code, day.to_string(), prefecture.to_string(), attributes, line]).to_string());
        if self.registers.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        for (rows, table) in [(&mut self.answers, "answer"), (&mut self.registers, "register")] {
            if rows.is_empty() {
                continue;
            }
            let json = format!("[{}]", rows.join(","));
            rows.clear();
            let sql = format!("INSERT INTO {table} SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each($1)");
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    /// The first keys (hospital, day, item) that stand more than once, in the order of the file.
    pub async fn doubled_answers(&mut self) -> Result<Vec<Duplicate>, StoreError> {
        self.flush().await?;
        // The index also serves the reading by day and hospital that follows.
        sqlx::query("CREATE INDEX answer_key ON answer (day, code, item)").execute(&mut self.connection).await?;
        self.doubled(
            "SELECT code || ' ' || day || ' ' || item, MIN(line), MAX(line) FROM answer GROUP BY day, code, item HAVING COUNT(*) > 1 \
             ORDER BY 3 LIMIT 5",
        )
        .await
    }

    /// The first codes that stand more than once in a register of one day.
    pub async fn doubled_codes(&mut self) -> Result<Vec<Duplicate>, StoreError> {
        self.flush().await?;
        self.doubled("SELECT code, MIN(line), MAX(line) FROM register GROUP BY code HAVING COUNT(*) > 1 ORDER BY 3 LIMIT 5").await
    }

    async fn doubled(&mut self, sql: &'static str) -> Result<Vec<Duplicate>, StoreError> {
        let rows = sqlx::query(sql).fetch_all(&mut self.connection).await?;
        let line = |row: &sqlx::sqlite::SqliteRow, at: usize| u64::try_from(row.get::<i64, _>(at)).unwrap_or_default();
        Ok(rows.iter().map(|r| Duplicate { key: r.get(0), first: line(r, 1), second: line(r, 2) }).collect())
    }

    /// Statements in the order of day and code, after one, at most `limit`: the last line of each day and code.
    pub async fn registers_after(&mut self, after: Option<(NaiveDate, &str)>, limit: u32) -> Result<Vec<StagedRegister>, StoreError> {
        self.flush().await?;
        if after.is_none() {
            sqlx::query("CREATE INDEX IF NOT EXISTS register_key ON register (day, code, line)").execute(&mut self.connection).await?;
        }
        let sql = "SELECT day, code, prefecture, attributes, MAX(line) FROM register WHERE (day, code) > ($1, $2) GROUP BY day, code ORDER BY day, code LIMIT $3";
        let (day, code) = after.map_or((String::new(), ""), |(day, code)| (day.to_string(), code));
        let rows = sqlx::query(sql).bind(day).bind(code).bind(limit).fetch_all(&mut self.connection).await?;
        rows.iter()
            .map(|r| {
                Ok(StagedRegister {
                    day: r.get::<String, _>(0).parse().map_err(StoreError::corrupt)?,
                    code: r.get(1),
                    prefecture: r.get::<String, _>(2).parse().map_err(StoreError::corrupt)?,
                    attributes: serde_json::from_str(&r.get::<String, _>(3)).map_err(StoreError::corrupt)?,
                    line: u64::try_from(r.get::<i64, _>(4)).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Days of hospitals in the order of day and code, after one, at most `limit`.
    pub async fn days_after(&mut self, after: Option<(NaiveDate, &str)>, limit: u32) -> Result<Vec<StagedDay>, StoreError> {
        let sql = "SELECT day, code, group_concat(item || ' ' || answer, ',') FROM answer WHERE (day, code) > ($1, $2) GROUP BY day, code \
                   ORDER BY day, code LIMIT $3";
        let (day, code) = after.map_or((String::new(), ""), |(day, code)| (day.to_string(), code));
        let rows = sqlx::query(sql).bind(day).bind(code).bind(limit).fetch_all(&mut self.connection).await?;
        rows.iter()
            .map(|r| {
                let answers = r
                    .get::<String, _>(2)
                    .split(',')
                    .map(|pair| {
                        let (item, answer) = pair.split_once(' ').ok_or_else(|| StoreError::corrupt(pair))?;
                        Ok((item.to_owned(), Status::parse(answer).ok_or_else(|| StoreError::corrupt(answer))?))
                    })
                    .collect::<Result<_, StoreError>>()?;
                Ok(StagedDay { day: r.get::<String, _>(0).parse().map_err(StoreError::corrupt)?, code: r.get(1), answers })
            })
            .collect()
    }
}

/// What a register says of a hospital on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedRegister {
    /// The day of the register.
    pub day: NaiveDate,
    /// The register's code.
    pub code: String,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// What it says.
    pub attributes: Attributes,
    /// The line of the file.
    pub line: u64,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The connection still holds the file; its name goes now, its blocks with the connection.
        let _ = std::fs::remove_file(&self.path);
    }
}
