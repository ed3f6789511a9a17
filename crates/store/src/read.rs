//! Reading. A [`Reader`] is the only way to the tables behind the wall; it carries the scope into every query and, on PostgreSQL, into
//! the transaction, where row-level security asks for it again.

use crate::{
    db::{Backend, Store},
    error::StoreError,
};
use akidoko_domain::access::{Read, Scope};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, FromQueryResult, Statement, TransactionTrait, Value};

/// Something that answers SQL text. The same text runs on both databases.
pub(crate) struct Rows<'a, C: ConnectionTrait = DatabaseConnection> {
    connection: &'a C,
}

impl<'a, C: ConnectionTrait> Rows<'a, C> {
    pub fn new(connection: &'a C) -> Self {
        Self { connection }
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        // For whoever counts the questions of a screen; never its values.
        tracing::trace!(target: "akidoko_store::question", sql);
        Statement::from_sql_and_values(self.connection.get_database_backend(), sql, values)
    }

    pub async fn all<T: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<T>, StoreError> {
        Ok(T::find_by_statement(self.statement(sql, values)).all(self.connection).await?)
    }

    pub async fn one<T: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Option<T>, StoreError> {
        Ok(T::find_by_statement(self.statement(sql, values)).one(self.connection).await?)
    }
}

/// `$first, $first+1, …`: the places of a list in SQL text.
pub(crate) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// A look behind the wall, for one scope.
pub struct Reader {
    backend: Backend,
    connection: Connection,
    wall: String,
}

enum Connection {
    Plain(DatabaseConnection),
    Scoped(DatabaseTransaction),
}

impl Store {
    /// Opens a look at what the scope may see. On PostgreSQL the scope holds for the transaction（`SET LOCAL`）and ends with it.
    pub async fn read(&self, scope: &Scope) -> Result<Reader, StoreError> {
        let wall = match scope.read {
            Read::Prefecture(p) => p.to_string(),
            Read::Nation => "*".to_owned(),
        };
        let connection = match self.inner.backend {
            Backend::Sqlite => Connection::Plain(self.inner.app.clone()),
            Backend::Postgres => {
                let tx = self.inner.app.begin().await?;
                set_wall(&tx, &wall).await?;
                Connection::Scoped(tx)
            }
        };
        Ok(Reader { backend: self.inner.backend, connection, wall })
    }

    /// Reads of the system itself: projector, sign-in, imports.
    pub(crate) fn system_rows(&self) -> Rows<'_> {
        Rows::new(&self.inner.system)
    }
}

/// Tells row-level security what this transaction may see: `*`, or codes. Local to the transaction.
pub(crate) async fn set_wall(tx: &DatabaseTransaction, wall: &str) -> Result<(), StoreError> {
    let value = if wall == "*" { wall.to_owned() } else { format!(",{wall},") };
    let sql = "SELECT set_config('akidoko.prefectures', $1, true)";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [value.into()])).await?;
    Ok(())
}

/// The filter that every query behind the wall carries, over the column given: `$1` is [`Reader::wall`].
pub(crate) fn wall_filter(column: &str) -> String {
    format!("($1 = '*' OR {column} = $1)")
}

impl Reader {
    /// Which database: a few words differ.
    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    /// The first value of every query behind the wall: the prefecture's code, or `*`.
    pub(crate) fn wall(&self) -> Value {
        self.wall.clone().into()
    }

    pub(crate) async fn all<T: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<T>, StoreError> {
        match &self.connection {
            Connection::Plain(c) => Rows::new(c).all(sql, values).await,
            Connection::Scoped(tx) => Rows::new(tx).all(sql, values).await,
        }
    }

    pub(crate) async fn one<T: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Option<T>, StoreError> {
        match &self.connection {
            Connection::Plain(c) => Rows::new(c).one(sql, values).await,
            Connection::Scoped(tx) => Rows::new(tx).one(sql, values).await,
        }
    }

    /// How many hospitals are seen when the query's own filter is taken away: on PostgreSQL the wall still stands. For the test of
    /// the wall only.
    pub async fn count_without_filter(&self, table: &str) -> Result<i64, StoreError> {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let known = [
            "hospital",
            "hospital_code",
            "hospital_statement",
            "report_version",
            "hospital_record",
            "event",
            "organisation",
            "report_day",
            "reminder",
            "call_note",
            "exemption",
            "survey_mark",
            "survey_hospital",
            "prefecture_report_version",
            "query",
            "query_hospital",
            "board_reader",
            "correction_request",
            "picture_day",
            "picture_due",
            "phase",
            "threshold",
            "alert",
        ];
        let table = known.iter().find(|t| **t == table).ok_or_else(|| StoreError::Configuration(format!("no table {table}")))?;
        let row: Option<Count> = self.one(&format!("SELECT COUNT(*) AS n FROM {table}"), vec![]).await?;
        Ok(row.map_or(0, |r| r.n))
    }
}
