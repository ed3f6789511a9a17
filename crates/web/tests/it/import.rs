//! Real files as published: what they hold is what the boards and the counts then say.

use crate::harness::{Db, TestApp, skipped};
use akidoko_domain::{organisation::OrganisationKind as Kind, summary::SummaryRow, survey::GMIS_DAILY};
use akidoko_service::import::{ImportError, Importer, Outcome, Source};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

const DAILY: Source = Source::GmisDaily { compact: false };

pub fn data(test: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os("AKIDOKO_TEST_DATA") else {
        skipped(test, "AKIDOKO_TEST_DATA is not set");
        return None;
    };
    let folder = PathBuf::from(folder);
    // The tests run in their crate's folder; a relative path is meant from the workspace.
    let folder = if folder.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder) } else { folder };
    assert!(folder.join("MANIFEST.csv").exists(), "AKIDOKO_TEST_DATA is wrong: {}", folder.display());
    Some(folder)
}

pub async fn import(importer: &Importer, source: Source, file: &Path) -> Outcome {
    importer.import(source, file, |_| {}).await.unwrap_or_else(|e| panic!("{}", e.japanese()))
}

fn lines(rows: Vec<SummaryRow>) -> BTreeSet<String> {
    let line = |r: SummaryRow| {
        let counts = [r.normal, r.limited, r.stopped, r.not_available, r.no_answer].map(|n| n.to_string()).join(",");
        format!("{},{},{},{counts}", r.report_date, r.prefecture, r.category)
    };
    rows.into_iter().map(line).collect()
}

async fn real_files(t: &TestApp, data: &Path) {
    let importer = t.service.importer();
    let hospitals = Source::Hospitals { as_of: None };
    let register = data.join("01_hospitals/raw/01-1_hospital_facility_info_20250601.zip");
    assert_eq!(import(&importer, hospitals, &register).await.rows.added, 7587);
    assert_eq!(import(&importer, hospitals, &register).await.rows.kept, 7587, "again changes nothing");
    import(&importer, Source::Municipalities, &data.join("06_geo_codes/municipalities.csv")).await;
    import(&importer, Source::Areas, &data.join("06_geo_codes/medical_areas.csv")).await;
    let raw = data.join("02_gmis_daily_status/raw");
    let first = raw.join("covid-19_daily_survey_20201209.zip");
    // Before the links one day, after them the rest: no hospital stands twice.
    assert_eq!(import(&importer, DAILY, &first).await.reports.unwrap().added, 7823);
    let linked = import(&importer, Source::Links, &data.join("01_hospitals/hospitals.csv")).await;
    assert_eq!((linked.rows.added, linked.left_out), (7168, 419));
    let mut files: Vec<PathBuf> = fs::read_dir(&raw).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|f| **f != first) {
        import(&importer, DAILY, file).await;
    }
    let before = t.store.last_event_unscoped().await.unwrap();
    for file in &files {
        let again = import(&importer, DAILY, file).await;
        let (rows, reports) = (again.rows, again.reports.unwrap());
        assert_eq!((rows.added, rows.changed, reports.added, reports.changed), (0, 0, 0, 0), "{}", file.display());
    }
    assert_eq!(t.store.last_event_unscoped().await.unwrap(), before, "importing twice changes nothing");

    let oracle = fs::read_to_string(data.join("02_gmis_daily_status/expected_summary_by_prefecture.csv")).unwrap();
    for (day, prefectures) in [
        ("2020-12-09", None),
        ("2021-04-05", None),
        ("2020-05-14", Some(["12", "17"])),
        ("2020-05-28", Some(["12", "17"])),
        ("2020-06-29", Some(["12", "17"])),
    ] {
        let wanted = oracle.lines().filter(|l| l.starts_with(day));
        let wanted: BTreeSet<String> = wanted.filter(|l| prefectures.is_none_or(|p| p.contains(&&l[11..13]))).map(str::to_owned).collect();
        let counted = t.store.summary_unscoped(GMIS_DAILY, day.parse().unwrap(), &t.service.catalogue()).await.unwrap();
        assert_eq!(lines(counted), wanted, "{day}");
        assert!(wanted.len() >= 12);
    }

    t.settled().await;
    let chiba = t.person(Kind::FireHeadquarters, Some(12)).await;
    let tokyo = t.person(Kind::FireHeadquarters, Some(13)).await;
    let board = chiba.get("/api/v1/board").await.json();
    let rows = board["hospitals"].as_array().unwrap();
    let answered = rows.iter().filter(|r| r["columns"]["emergency_status"]["value"].is_string()).count();
    assert!(answered > 250, "{answered}");
    // 266 of 医療情報ネット, and the 36 of G-MIS that no link joins to one of them: none stands twice.
    assert_eq!(rows.len(), 302);
    let theirs = tokyo.get("/api/v1/board").await.text;
    assert!(rows.iter().all(|r| !theirs.contains(r["code"].as_str().unwrap())), "nothing of 12 is on the board of 13");
}

#[tokio::test]
async fn real_files_on_sqlite() {
    if let Some(data) = data("real_files_on_sqlite") {
        real_files(&TestApp::sqlite().await, &data).await;
    }
}

#[tokio::test]
async fn real_files_on_postgres() {
    let Some(data) = data("real_files_on_postgres") else { return };
    if let Some(t) = TestApp::start(Db::Postgres, "real_files_on_postgres").await {
        real_files(&t, &data).await;
    }
}

const HEADER: &str = "医療機関ID,医療機関名,郵便番号,都道府県名,医療機関住所,電話番号,緯度,経度,提出日,医療区分,医療区分回答";

fn row(id: &str, service: &str, answer: &str) -> String {
    format!("{id},架空病院,〒000-0000,千葉県,架空市1,0000000000,35.0,140.0,2020-05-14,{service},{answer}")
}

#[tokio::test]
async fn a_broken_file_is_refused_whole() {
    let t = TestApp::sqlite().await;
    let importer = t.service.importer();
    let file = env::temp_dir().join(format!("akidoko-broken-{}.csv", std::process::id()));
    let good = row("19999999", "入院", "通常");
    for (bytes, word) in [
        (format!("{HEADER}\n{good}\n{good}\n").into_bytes(), "2 行目と 3 行目"),
        (format!("{HEADER}\n{good}\n{}\n", row("19999998", "入院", "休み")).into_bytes(), "3 行目"),
        (format!("{HEADER}\n{good}\n{}\n", row("19999998", "歯科", "通常")).into_bytes(), "3 行目"),
        (format!("{}\n{good}\n", HEADER.replace("提出日", "提出時")).into_bytes(), "提出"),
        (format!("{HEADER}\n{good}\n").replace("架空病院", "X").bytes().chain([0xff, 0xfe]).collect(), "UTF-8"),
        (format!("{HEADER}\n{good},余分\n").into_bytes(), "2 行目"),
        (Vec::new(), "空"),
    ] {
        fs::write(&file, &bytes).unwrap();
        let error = importer.import(DAILY, &file, |_| {}).await.expect_err(word);
        assert!(matches!(error, ImportError::Read { .. } | ImportError::Doubled { .. }), "{error:?}");
        assert!(error.japanese().contains(word) && error.japanese().contains("何も変更していません"), "{}", error.japanese());
        assert_eq!(t.store.last_event_unscoped().await.unwrap(), 0, "nothing has changed");
    }
    // Another prefecture under a known id: it cannot move through the wall by a file.
    fs::write(&file, format!("{HEADER}\n{good}\n")).unwrap();
    import(&importer, DAILY, &file).await;
    fs::write(&file, format!("{HEADER}\n{good}\n").replace("千葉県", "東京都").replace("2020-05-14", "2020-05-15")).unwrap();
    let error = importer.import(DAILY, &file, |_| {}).await.unwrap_err();
    assert!(matches!(error, ImportError::Refused { .. }), "{error:?}");
    fs::remove_file(&file).unwrap();
}
