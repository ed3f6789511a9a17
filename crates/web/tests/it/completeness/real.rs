//! The 22 days of G-MIS open data: who answered nothing, by day, prefecture and service, equals the counts that were made of the files.

use super::*;
use crate::import::{data, import};
use akidoko_domain::survey::GMIS_DAILY;
use akidoko_service::import::Source;
use std::{collections::BTreeMap, fs, path::Path};

/// All of them, or the Sundays and those that are spoken of below: what PostgreSQL counts is the same text.
const SOME: [&str; 6] = ["2020-05-17", "2020-05-23", "2020-05-24", "2020-06-07", "2021-01-10", "2021-04-05"];

async fn the_days(t: &TestApp, data: &Path, is_read: impl Fn(&str) -> bool, rows: usize) {
    let importer = t.service.importer();
    let folder = data.join("02_gmis_daily_status");
    import(&importer, Source::Hospitals { as_of: None }, &folder.join("gmis_facilities.csv")).await;
    let mut days: Vec<_> = fs::read_dir(folder.join("daily")).unwrap().map(|f| f.unwrap().path()).collect();
    days.sort();
    assert_eq!(days.len(), 22);
    days.retain(|day| is_read(day.file_stem().unwrap().to_str().unwrap()));
    for day in &days {
        import(&importer, Source::GmisDaily { compact: true }, day).await;
    }
    t.settled().await;
    let ministry = t.person(Kind::Ministry, None).await;
    let who = actor(&ministry).await;
    let span = "2020-05-14".parse().unwrap()..="2021-04-05".parse().unwrap();
    let counts = t.service.completeness_counts(&who, None, GMIS_DAILY, span.clone(), None).await.unwrap();
    let oracle = fs::read_to_string(folder.join("expected_summary_by_prefecture.csv")).unwrap();
    let mut compared = 0;
    let mut asked: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in oracle.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        if !is_read(cells[0]) {
            continue;
        }
        let (day, prefecture) = (cells[0].parse().unwrap(), cells[1].parse().unwrap());
        let figures: Vec<u64> = cells[3..].iter().map(|c| c.parse().unwrap()).collect();
        assert_eq!(counts.unanswered(day, prefecture, cells[2]), figures[4], "{row}");
        asked.insert((cells[0], cells[1]), figures.iter().sum());
        compared += 1;
    }
    assert_eq!(compared, rows);
    let all: BTreeMap<String, u64> = counts.days().iter().map(|d| (d.from.to_string(), d.count.hospitals)).collect();
    for (day, hospitals) in &all {
        let expected: u64 = asked.iter().filter(|((d, _), _)| d == day).map(|(_, n)| n).sum();
        assert_eq!(*hospitals, expected, "{day}");
    }
    // Sundays: nearly nobody answered.
    let missing = |day: &str| {
        let count = counts.days().into_iter().find(|d| d.from.to_string() == day).unwrap().count;
        1000 - count.rate().per_mille().unwrap()
    };
    for (day, at_least, at_most) in [
        ("2020-05-17", 975, 985),
        ("2020-05-24", 975, 985),
        ("2020-06-07", 975, 985),
        ("2021-01-10", 945, 955),
        ("2020-05-23", 870, 885),
        ("2021-04-05", 70, 80),
    ] {
        let n = missing(day);
        assert!((at_least..=at_most).contains(&n), "{day}: {n} per mille");
    }
    // The screen is made of the same: the prefecture's Sunday, and its line of the table.
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let page = officer.get("/completeness?survey=gmis_daily&date=2020-05-17&state=missing").await.text;
    let chiba = t.service.completeness_counts(&actor(&officer).await, None, GMIS_DAILY, span, None).await.unwrap();
    let sunday = chiba.days().into_iter().find(|d| d.from.to_string() == "2020-05-17").unwrap().count;
    assert!(sunday.missing() > 200 && page.contains(&format!("未報告　{}", sunday.missing())), "{}", sunday.missing());
    assert_eq!(page.matches("<tr id=\"c-").count() as u64, sunday.missing());
    assert!(page.contains(&format!("報告済 {}", sunday.reported)) && !page.contains("遅延 "), "who answered is not late");
    assert!(
        ministry.get("/completeness?survey=gmis_daily&unit=week&prefecture=12&date=2021-04-05").await.text.contains("2020年5/18〜5/24"),
        "its year"
    );
}

#[tokio::test]
async fn the_published_days_on_sqlite() {
    if let Some(data) = data("the_published_days_on_sqlite") {
        the_days(&TestApp::sqlite().await, &data, |_| true, 6063).await;
    }
}

#[tokio::test]
async fn the_published_days_on_postgres() {
    let Some(data) = data("the_published_days_on_postgres") else { return };
    if let Some(t) = TestApp::start(Db::Postgres, "the_published_days_on_postgres").await {
        the_days(&t, &data, |day| SOME.contains(&day), 1551).await;
    }
}
