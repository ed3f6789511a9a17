//! A database as the last landed state left it, with data in it, is brought up to date and nothing is lost.

use crate::database::{empty_postgres, empty_sqlite, now};
use akidoko_domain::{
    access::{ActFor, Read, Scope},
    id::{HospitalId, PrefCode},
    survey::Catalogue,
};
use akidoko_store::{Config, Store};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection, migrate::Migrator};
use std::{borrow::Cow, path::Path};
use uuid::Uuid;

const HOSPITAL: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0001;

/// The daily survey as it was installed before its rules had a language.
const OLD_SURVEY: &str = include_str!("../../../domain/tests/it/daily-1.old.json");

/// The first migration only, and what a day of use left behind.
async fn first_state(config: &Config) {
    let sqlite = config.url.starts_with("sqlite");
    let folder = if sqlite { "migrations/sqlite" } else { "migrations/postgres" };
    let mut migrator = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).await.unwrap();
    migrator.migrations = Cow::Owned(migrator.migrations.iter().filter(|m| m.version == 1).cloned().collect());
    assert_eq!(migrator.migrations.len(), 1);
    let id = |n: u128| if sqlite { format!("x'{n:032x}'") } else { format!("'{}'", Uuid::from_u128(n)) };
    let (organisation, hospital) = (id(1), id(HOSPITAL));
    let at = "'2026-04-10 00:42:00+00:00'";
    let cells = r#"{"by":[{"organisation":"架空病院","channel":"screen","report_date":"2026-04-10","version":1,"received_at":1775781720000000}],"items":{"available_beds":[4,1775781720000000,0]}}"#;
    let sql = [
        "INSERT INTO prefecture (code, name, invented) VALUES ('12', '千葉県', FALSE)".to_owned(),
        format!(
            "INSERT INTO organisation (id, code, kind, pref_code, name, created_at) VALUES ({organisation}, 'H12AAAAA', 'hospital', '12', '架空病院', {at})"
        ),
        format!(
            "INSERT INTO hospital (id, pref_code, organisation_id, attributes, updated_at) VALUES ({hospital}, '12', {organisation}, '{{}}', {at})"
        ),
        format!(
            "INSERT INTO survey_version (code, version, valid_from, definition) VALUES ('daily', 1, '2023-05-08', '{}')",
            OLD_SURVEY.replace('\'', "''")
        ),
        format!(
            "INSERT INTO report_version (hospital_id, survey, report_date, version, pref_code, survey_version, kind, author, answers, as_of, received_at) \
             VALUES ({hospital}, 'daily', '2026-04-10', 1, '12', 1, 'full', '{{\"organisation\":\"架空病院\",\"channel\":\"screen\",\"report_date\":\"2026-04-10\",\"version\":1,\"received_at\":1775781720000000}}', '{{\"available_beds\":4}}', {at}, {at})"
        ),
        format!(
            "INSERT INTO hospital_record (hospital_id, survey, pref_code, cells, updated_at) VALUES ({hospital}, 'daily', '12', '{cells}', {at})"
        ),
    ];
    if sqlite {
        let mut connection = SqliteConnection::connect(&format!("{}?mode=rwc", config.url)).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        for statement in sql {
            connection.execute(AssertSqlSafe(statement)).await.unwrap();
        }
    } else {
        let mut connection = PgConnection::connect(&config.url.replace("akidoko_app@", "akidoko_owner@")).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        // The owner stands outside the wall of its own tables.
        for statement in sql {
            connection.execute(AssertSqlSafe(statement)).await.unwrap();
        }
    }
}

async fn upgrade(config: &Config) {
    first_state(config).await;
    Store::migrate(config).await.unwrap();
    let store = Store::open(config).await.unwrap();
    let scope = Scope { read: Read::Prefecture(PrefCode::new(12).unwrap()), act_for: ActFor::Nobody };
    let reader = store.read(&scope).await.unwrap();
    let hospital = HospitalId(Uuid::from_u128(HOSPITAL));
    let day = "2026-04-10".parse().unwrap();
    let versions = reader.report_versions(hospital, "daily", day..=day, 10).await.unwrap();
    assert_eq!(versions.len(), 1);
    let records = store.records_unscoped(&[hospital]).await.unwrap();
    assert_eq!(records[0].cells.value("available_beds"), Some(&akidoko_domain::survey::Value::Count(4)));
    // Its day was counted: at 09:42 in Japan it was in time.
    let filed = reader.filed(PrefCode::new(12).unwrap(), "daily", day).await.unwrap()[&hospital].unwrap();
    assert!(filed.on_time && !filed.late && filed.corrected_at.is_none() && !filed.on_behalf);
    let counted = reader.counted(None, "daily", &(day..=day)).await.unwrap();
    assert_eq!((counted[0].listed, counted[0].reported, counted[0].on_time), (1, 1, 1));
    store.install_surveys(now()).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(
        catalogue.version("daily", 1),
        Catalogue::shipped().version("daily", 1),
        "what stands is not touched, and reads as what ships"
    );
    assert_eq!(reader.applications().await.unwrap(), []);
    drop(reader);
    assert_eq!(store.backlog_unscoped(now()).await.unwrap().due, 0);
    Store::migrate(config).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn the_last_landed_state_comes_along_on_sqlite() {
    let t = empty_sqlite();
    upgrade(&t.config).await;
}

#[tokio::test]
async fn the_last_landed_state_comes_along_on_postgres() {
    let Some(t) = empty_postgres("the_last_landed_state_comes_along_on_postgres").await else { return };
    upgrade(&t.config).await;
}
