//! The wall in PostgreSQL: with the query's own filter taken away, nothing of another prefecture is seen or written.

use crate::database::{TestDatabase, now, postgres, sqlite};
use akidoko_domain::{
    access::{ActFor, Read, Scope},
    due::{Exemption, Weekdays},
    event::EventKind,
    hospital::Attributes,
    id::{CorrectionId, HospitalId, OrganisationCode, OrganisationId, PrefCode, QueryId},
    organisation::{Organisation, OrganisationKind},
    picture::{BedRate, Measure, Phase, Phases, Picture, Side, Sums, Tally, Threshold},
    report::{Author, Channel, Correction, CorrectionState, Kind, ReportVersion},
    survey::{Answers, Catalogue, DAILY, Mark, Marks, Value},
    time::Clock,
};
use akidoko_store::{Backend, BoardReader, ExemptionRow, ImportedReport, PhaseRow, QueryRow, ThresholdRow, Writer};
use chrono::{DateTime, Utc};
use sqlx::{Connection, Executor, PgConnection, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

fn prefecture(n: u8) -> PrefCode {
    PrefCode::new(n).unwrap()
}

fn scope(read: Read) -> Scope {
    Scope { read, act_for: ActFor::Nobody }
}

fn report(hospital: HospitalId, prefecture: PrefCode, day: chrono::NaiveDate) -> ImportedReport {
    let author = Author {
        organisation: "架空病院".to_owned(),
        sign_in: String::new(),
        operator: String::new(),
        channel: Channel::File,
        on_behalf: false,
        behalf: None,
        source: None,
        report_date: day,
        version: 1,
        received_at: now(),
    };
    let answers = Answers::from([("emergency_status".to_owned(), Some(Value::Word("normal".to_owned())))]);
    let (survey, kind) = (DAILY.to_owned(), Kind::Full);
    let report = ReportVersion {
        hospital,
        survey,
        survey_version: 1,
        report_date: day,
        version: 1,
        kind,
        answers,
        as_of: now(),
        received_at: now(),
        author,
        reason: None,
    };
    ImportedReport { report, prefecture }
}

/// A health centre that asks.
fn asker(n: u8) -> OrganisationCode {
    OrganisationCode::build('C', Some(prefecture(n)), 7)
}

/// A request for the hospital, and a headquarters that read its board.
async fn asked_and_read(t: &TestDatabase, n: u8) {
    let id = Uuid::from_u128(u128::from(n) << 8);
    let organisation = OrganisationId(id);
    let author = Author {
        organisation: "架空病院0".to_owned(),
        sign_in: format!("{}-01", asker(n)),
        operator: String::new(),
        channel: Channel::Screen,
        on_behalf: false,
        behalf: None,
        source: None,
        report_date: "2026-03-01".parse().unwrap(),
        version: 0,
        received_at: now(),
    };
    let correction = Correction {
        id: CorrectionId(id),
        hospital: HospitalId(id),
        prefecture: prefecture(n),
        survey: "daily".to_owned(),
        survey_version: 1,
        report_date: "2026-03-01".parse().unwrap(),
        kind: Kind::Full,
        answers: [("available_beds".to_owned(), None)].into(),
        confirmed: BTreeSet::new(),
        reason: "転記の誤り".to_owned(),
        author,
        account: None,
        requested_at: now(),
        state: CorrectionState::Waiting,
        decided: None,
        words: None,
        version: None,
    };
    let tx = t.store.write_behind_wall(&BTreeSet::from([prefecture(n)]), now()).await.unwrap();
    tx.add_correction(&correction).await.unwrap();
    tx.commit().await.unwrap();
    let kind = OrganisationKind::Hospital;
    let reader = BoardReader { prefecture: prefecture(n), hospital: None, organisation, kind, read_at: now() };
    let writer = Writer::start(t.store.clone(), Arc::new(Still));
    writer.log_reads(vec![], vec![reader]).await.unwrap();
}

/// A clock that stands.
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

/// A day, phases, a threshold and its alert.
async fn pictured(t: &TestDatabase, n: u8) {
    let day = "2026-03-01".parse().unwrap();
    let phases = Phases {
        steps: vec![Phase { name: format!("第{n}"), ready_beds: None, ready_beds_severe: None, criteria: String::new() }],
        current: 0,
    };
    let measure = Measure::Rate(BedRate::Secured);
    let tally = Tally { part: u64::from(n), whole: 100, hospitals: 1 };
    let row = ThresholdRow {
        id: Uuid::from_u128(u128::from(n)),
        prefecture: prefecture(n),
        threshold: Threshold { measure, area: None, side: Side::Above, raise: 500, clear: 450 },
        set_at: now(),
        set_by: String::new(),
    };
    let picture = Picture { all: Sums::kept(9, 1, [(measure, tally)]), areas: BTreeMap::new() };
    let tx = t.store.write_system(now()).await.unwrap();
    tx.put_pictures(prefecture(n), &[(day, picture)], &[]).await.unwrap();
    let phase = PhaseRow { prefecture: prefecture(n), set_at: now(), phases: Some(phases), reason: String::new(), set_by: String::new() };
    tx.add_phase(&phase).await.unwrap();
    tx.add_threshold(&row).await.unwrap();
    tx.raise_alert(Uuid::from_u128(u128::from(n) << 8), &row, tally).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_picture_stands_behind_the_wall() {
    for t in [Some(sqlite().await), postgres("the_picture_stands_behind_the_wall").await].into_iter().flatten() {
        with_hospitals(&t).await;
        for n in [12, 13] {
            pictured(&t, n).await;
        }
        let day = "2026-03-01".parse().unwrap();
        let measures = [Measure::Rate(BedRate::Secured)];
        for (n, other) in [(12, 13), (13, 12)] {
            let reader = t.store.read(&scope(Read::Prefecture(prefecture(n)))).await.unwrap();
            if t.store.backend() == Backend::Postgres {
                for table in ["picture_day", "phase", "threshold", "alert"] {
                    assert_eq!(reader.count_without_filter(table).await.unwrap(), 1, "{table}");
                }
            }
            let days = reader.picture_days(None, None, &(day..=day), &measures).await.unwrap();
            assert_eq!(
                days.iter().map(|d| (d.prefecture, d.sums.tally(measures[0]).part)).collect::<Vec<_>>(),
                [(prefecture(n), u64::from(n))]
            );
            let own = reader.picture_of(prefecture(n), day).await.unwrap().unwrap();
            assert_eq!((own.all.hospitals, own.all.current), (9, 1));
            assert_eq!(reader.phase_changes(prefecture(n), 9).await.unwrap().len(), 1);
            assert_eq!(
                (reader.thresholds(prefecture(n)).await.unwrap().len(), reader.alerts(prefecture(n), 9).await.unwrap().len()),
                (1, 1)
            );
            let beyond = prefecture(other);
            assert!(reader.picture_of(beyond, day).await.unwrap().is_none() && reader.phase_changes(beyond, 9).await.unwrap().is_empty());
            assert!(reader.thresholds(beyond).await.unwrap().is_empty() && reader.alerts(beyond, 9).await.unwrap().is_empty());
        }
        let nation = t.store.read(&scope(Read::Nation)).await.unwrap();
        assert_eq!(nation.picture_days(None, None, &(day..=day), &measures).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn requests_and_readers_stand_behind_the_wall() {
    for t in [Some(sqlite().await), postgres("requests_and_readers_stand_behind_the_wall").await].into_iter().flatten() {
        with_hospitals(&t).await;
        for n in [12, 13] {
            asked_and_read(&t, n).await;
        }
        let id = |n: u8| Uuid::from_u128(u128::from(n) << 8);
        for (n, other) in [(12, 13), (13, 12)] {
            let reader = t.store.read(&scope(Read::Prefecture(prefecture(n)))).await.unwrap();
            if t.store.backend() == Backend::Postgres {
                for table in ["board_reader", "correction_request"] {
                    assert_eq!(reader.count_without_filter(table).await.unwrap(), 1, "{table}");
                }
            }
            let own = reader.correction(CorrectionId(id(n))).await.unwrap().unwrap();
            assert_eq!((own.state, own.reason.as_str()), (CorrectionState::Waiting, "転記の誤り"));
            assert!(reader.correction(CorrectionId(id(other))).await.unwrap().is_none());
            assert_eq!(reader.corrections(None, None, 10).await.unwrap().len(), 1);
            for (by, found) in [(n, 1), (other, 0)] {
                assert_eq!(reader.corrections(None, Some(&asker(by)), 10).await.unwrap().len(), found, "of what {by} asked");
            }
            assert_eq!(reader.readers_since(prefecture(n), HospitalId(id(n)), now()).await.unwrap().len(), 1);
            assert!(reader.readers_since(prefecture(other), HospitalId(id(other)), now()).await.unwrap().is_empty());
        }
        // Behind the wall of one prefecture nothing of another is written.
        let tx = t.store.write_behind_wall(&BTreeSet::from([prefecture(12)]), now()).await.unwrap();
        let beyond = tx.correction(CorrectionId(id(13))).await.unwrap();
        assert_eq!(beyond.is_some(), t.store.backend() == Backend::Sqlite, "on SQLite the service asks by scope first");
    }
}

async fn with_hospitals(t: &TestDatabase) {
    t.store.install_surveys(now()).await.unwrap();
    let mut tx = t.store.write_system(now()).await.unwrap();
    for (n, hospitals) in [(12, 3), (13, 2)] {
        tx.ensure_prefecture(prefecture(n), None).await.unwrap();
        for h in 0..hospitals {
            let organisation = Organisation {
                id: OrganisationId(Uuid::from_u128(u128::from(n) << 8 | h)),
                code: OrganisationCode::build('H', Some(prefecture(n)), u32::try_from(h).unwrap()),
                kind: OrganisationKind::Hospital,
                prefecture: Some(prefecture(n)),
                name: format!("架空病院{h}"),
            };
            tx.add_own_hospital(&organisation, HospitalId(Uuid::from_u128(u128::from(n) << 8 | h)), &Attributes::default()).await.unwrap();
        }
        tx.event(Some(prefecture(n)), EventKind::Board);
    }
    for (n, hospitals) in [(12_u8, 3), (13, 2)] {
        for h in 0..hospitals {
            let id = Uuid::from_u128(u128::from(n) << 8 | h);
            let day = "2026-04-10".parse().unwrap();
            let exemption = Exemption { from_on: day, to_on: Some(day), weekdays: Weekdays::ALL, suspended: false };
            let row = ExemptionRow {
                id: Some(id),
                hospital: HospitalId(id),
                prefecture: prefecture(n),
                exemption,
                reason: "改修".to_owned(),
                set_by: "system".to_owned(),
            };
            tx.add_exemption(&row).await.unwrap();
            tx.add_reports(vec![report(HospitalId(id), prefecture(n), day)], &Catalogue::shipped()).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn without_its_filter_a_query_still_sees_nothing_beyond() {
    let Some(t) = postgres("without_its_filter_a_query_still_sees_nothing_beyond").await else { return };
    with_hospitals(&t).await;
    for (read, hospitals, events) in
        [(Read::Prefecture(prefecture(12)), 3, 1), (Read::Prefecture(prefecture(13)), 2, 1), (Read::Nation, 5, 2)]
    {
        let reader = t.store.read(&scope(read)).await.unwrap();
        for table in ["hospital", "hospital_statement", "organisation", "report_day", "exemption"] {
            assert_eq!(reader.count_without_filter(table).await.unwrap(), hospitals, "{table} {read:?}");
        }
        assert_eq!(reader.count_without_filter("event").await.unwrap(), events, "{read:?}");
    }
    let reader = t.store.read(&scope(Read::Prefecture(prefecture(14)))).await.unwrap();
    assert_eq!(reader.count_without_filter("hospital").await.unwrap(), 0);
}

/// What prefectures want of surveys, what they answer themselves and what they ask, stands behind the same wall.
#[tokio::test]
async fn surveys_and_queries_of_another_prefecture_do_not_exist() {
    let Some(t) = postgres("surveys_and_queries_of_another_prefecture_do_not_exist").await else { return };
    with_hospitals(&t).await;
    t.store.install_surveys(now()).await.unwrap();
    for n in [12, 13] {
        let mut tx = t.store.write_behind_wall(&BTreeSet::from([prefecture(n)]), now()).await.unwrap();
        let own = HospitalId(Uuid::from_u128(u128::from(n) << 8));
        let marks = Marks(BTreeMap::from([("available_beds".to_owned(), Mark::Required)]));
        tx.set_survey_marks(prefecture(n), "daily", &marks).await.unwrap();
        // Another prefecture's hospital cannot be named: it is not there.
        let foreign = HospitalId(Uuid::from_u128(u128::from(25 - n) << 8));
        tx.set_survey_hospitals(prefecture(n), "agreement_yearly", &BTreeSet::from([own, foreign])).await.unwrap();
        let row = query(n);
        tx.put_query(&row).await.unwrap();
        tx.add_query_hospitals(row.id, prefecture(n), &[own]).await.unwrap();
        tx.event(Some(prefecture(n)), EventKind::Board);
        tx.commit().await.unwrap();
    }
    for (read, rows) in [(Read::Prefecture(prefecture(12)), 1), (Read::Prefecture(prefecture(14)), 0), (Read::Nation, 2)] {
        let reader = t.store.read(&scope(read)).await.unwrap();
        for table in ["survey_mark", "survey_hospital", "query", "query_hospital"] {
            assert_eq!(reader.count_without_filter(table).await.unwrap(), rows, "{table} {read:?}");
        }
        assert_eq!(reader.count_without_filter("prefecture_report_version").await.unwrap(), 0);
        assert_eq!(reader.query(query(13).id).await.unwrap().is_some(), read == Read::Nation, "{read:?}");
    }
    // Behind the wall of 12 nothing of 13 is written.
    let tx = t.store.write_behind_wall(&BTreeSet::from([prefecture(12)]), now()).await.unwrap();
    assert!(tx.put_query(&QueryRow { id: QueryId(Uuid::from_u128(99)), ..query(13) }).await.is_err());
}

fn query(n: u8) -> QueryRow {
    QueryRow {
        id: QueryId(Uuid::from_u128(u128::from(n))),
        prefecture: prefecture(n),
        title: "停電の影響".to_owned(),
        note: String::new(),
        items: vec![],
        due_at: now(),
        revision: 1,
        asked_at: now(),
        asked_by: "架空の県庁".to_owned(),
        reminded_at: None,
        closed_at: None,
    }
}

#[tokio::test]
async fn the_role_of_the_tests_cannot_bypass_the_wall() {
    let Some(t) = postgres("the_role_of_the_tests_cannot_bypass_the_wall").await else { return };
    with_hospitals(&t).await;
    let mut connection = PgConnection::connect(&t.config.url).await.unwrap();
    let sql = "SELECT current_user::text, rolsuper OR rolbypassrls, pg_has_role(current_user, 'akidoko_system', 'MEMBER'), \
               EXISTS (SELECT 1 FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE o.rolname = current_user) \
               FROM pg_roles WHERE rolname = current_user";
    let row = connection.fetch_one(sql).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "akidoko_app");
    assert!(!row.get::<bool, _>(1), "must not be superuser nor bypass row security");
    assert!(!row.get::<bool, _>(2), "must not become the system role");
    assert!(!row.get::<bool, _>(3), "must own nothing");
    // Without a scope nothing is seen at all; the tables of sign-in are out of reach.
    let n: i64 = connection.fetch_one("SELECT COUNT(*) FROM hospital").await.unwrap().get(0);
    assert_eq!(n, 0);
    for sql in [
        "SELECT * FROM account",
        "SELECT * FROM session",
        "SELECT * FROM account_totp",
        "SELECT * FROM recovery_code",
        "SELECT * FROM half_sign_in",
        "SELECT * FROM former_sign_in",
        "SELECT * FROM sign_in_note",
        "SELECT * FROM account_passkey",
        "SELECT * FROM passkey_ceremony",
        "SELECT * FROM announcement",
        "SELECT * FROM survey_draft",
        "DELETE FROM survey_version",
        "UPDATE prefecture_report_version SET version = 1",
        "SELECT * FROM announcement_recipient",
        "UPDATE report_version SET version = 1",
        "UPDATE due_rule SET working_due = 1",
        "DELETE FROM report_day",
        "UPDATE call_note SET words = ''",
        "INSERT INTO exemption DEFAULT VALUES",
        "DELETE FROM audit_entry",
        "SET ROLE akidoko_system",
        "ALTER TABLE hospital DISABLE ROW LEVEL SECURITY",
    ] {
        assert!(connection.execute(sql).await.is_err(), "{sql}");
    }
    // Nor is anything written beyond: the wall of 12 does not let an event of 13 through.
    let mut tx = t.store.write_behind_wall(&BTreeSet::from([prefecture(12)]), now()).await.unwrap();
    tx.event(Some(prefecture(13)), EventKind::Board);
    assert!(tx.commit().await.is_err());
}
