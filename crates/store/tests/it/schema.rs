//! Both databases have the same tables and columns.

use crate::database::{postgres, sqlite};
use sqlx::{Connection, PgConnection, Row, SqliteConnection};
use std::collections::BTreeSet;

#[tokio::test]
async fn both_databases_have_the_same_columns() {
    let Some(p) = postgres("both_databases_have_the_same_columns").await else { return };
    let s = sqlite().await;
    let mut connection = SqliteConnection::connect(&s.config.url).await.unwrap();
    let sql = "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE '' END FROM sqlite_master m, \
               pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";
    let ours: BTreeSet<String> = sqlx::query(sql).fetch_all(&mut connection).await.unwrap().iter().map(|r| r.get(0)).collect();
    let mut connection = PgConnection::connect(&p.config.url.replace("akidoko_app@", "akidoko_owner@")).await.unwrap();
    let sql = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END \
               FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'";
    let theirs: BTreeSet<String> = sqlx::query(sql).fetch_all(&mut connection).await.unwrap().iter().map(|r| r.get(0)).collect();
    assert!(ours.len() > 100, "{}", ours.len());
    assert_eq!(ours, theirs);
}
