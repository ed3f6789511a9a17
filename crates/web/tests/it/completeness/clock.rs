//! Ladders by the clock: New Year, a leap day, Golden Week, a change of the due time; and a worker that is cut off.

use super::*;
use crate::office::Folder;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Lets time go by up to a moment in Japan, and the worker work: a round each ten minutes of the last two hours, as on a day of its own.
async fn until(t: &TestApp, moment: &str) {
    let at = DateTime::parse_from_rfc3339(&format!("{moment}:00+09:00")).unwrap().to_utc();
    let now: DateTime<Utc> = t.service.now();
    assert!(at > now, "{moment} is over");
    t.wait(at - now);
    while t.service.work().await.unwrap() > 0 {}
}

fn subjects(folder: &Folder) -> usize {
    folder.texts().iter().filter(|t| t.contains("報告")).count()
}

async fn with_ladder(t: &TestApp, rungs: &[(i32, &str)], at_night: bool) -> OrganisationCode {
    let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
    let mut all = vec![("act".to_owned(), "ladder".to_owned())];
    for (n, (minutes, days)) in rungs.iter().enumerate() {
        all.push((format!("minutes{n}"), minutes.abs().to_string()));
        all.push((format!("side{n}"), if *minutes < 0 { "before" } else { "after" }.to_owned()));
        all.push((format!("days{n}"), (*days).to_owned()));
    }
    if at_night {
        all.push(("at_night".to_owned(), "1".to_owned()));
    }
    let body = all.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&");
    let got = officer.post("/completeness/settings", &body).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    officer.name[..8].parse().unwrap()
}

#[tokio::test]
async fn rungs_across_golden_week_new_year_a_change_and_a_leap_day() {
    on_both("rungs_across_golden_week_new_year_a_change_and_a_leap_day", async |t, folder| {
        hospital(t, "架空黙病院", Some("iji@h.example.jp")).await;
        holidays(t, &["2026-04-29", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06", "2027-01-01"]).await;
        let office = with_ladder(t, &[(-30, "working"), (15, "all"), (120, "working")], false).await;
        // Today, Friday 10 April: half past nine is over, and not made up for.
        until(t, "2026-04-10T09:50").await;
        assert_eq!(subjects(folder), 0);
        let mut count = 0;
        for (moment, expected, why) in [
            ("2026-04-10T10:15", 1, "a quarter past ten"),
            ("2026-04-10T10:40", 0, "the same rung never twice"),
            ("2026-04-10T12:00", 1, "noon"),
            ("2026-04-10T20:00", 0, "that was all"),
            ("2026-04-28T09:30", 1, "the day before 昭和の日"),
            ("2026-04-29T09:40", 0, "a holiday has no rung of working days"),
            ("2026-04-29T10:20", 1, "but the one of every day"),
            ("2026-04-29T12:20", 0, ""),
            ("2026-05-06T09:35", 0, "振替休日, a Wednesday"),
            ("2026-05-06T10:15", 1, ""),
            ("2026-05-07T09:30", 1, "back at work"),
            ("2026-12-28T12:05", 1, "the last working day, by its last rung"),
            ("2026-12-29T09:45", 0, "the turn of the year"),
            ("2026-12-31T10:15", 1, ""),
            ("2027-01-01T10:15", 1, "元日"),
            ("2027-01-04T09:30", 1, "the first working day"),
        ] {
            until(t, moment).await;
            count += expected;
            assert_eq!(subjects(folder), count, "{moment} {why}");
        }
        // The due time changes with 1 March 2028: nine o'clock, and none on days off.
        let officer = t.person_of(&office).await;
        let due = [("act", "due"), ("valid_from", "2028-03-01"), ("working_due", "09:00"), ("working_late", "12:00"), ("off", "none")];
        assert_eq!(officer.post("/completeness/settings", &fields(&due)).await.status, StatusCode::SEE_OTHER);
        for (moment, expected, why) in [
            ("2028-02-29T08:45", 0, "the leap day, a Tuesday: still ten o'clock"),
            ("2028-02-29T09:30", 1, ""),
            ("2028-02-29T10:15", 1, ""),
            ("2028-03-01T08:30", 1, "the first day of the new rule"),
            ("2028-03-01T09:15", 1, ""),
            ("2028-03-04T09:20", 0, "a Saturday: nothing is due any more"),
            ("2028-03-04T10:20", 0, ""),
        ] {
            until(t, moment).await;
            count += expected;
            assert_eq!(subjects(folder), count, "{moment} {why}");
        }
        let last = folder.texts();
        assert!(last.iter().any(|m| m.contains("2月29日（火）") && m.contains("締切は 10:00")), "a mail of the leap day");
        assert!(last.iter().any(|m| m.contains("3月1日（水）") && m.contains("締切は 09:00")), "a mail of the change");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_woken_unless_asked() {
    on_both("nobody_is_woken_unless_asked", async |t, folder| {
        hospital(t, "架空夜間病院", Some("iji@h.example.jp")).await;
        let officer = t.person(Kind::PrefectureHealth, Some(12)).await;
        let due = [("act", "due"), ("valid_from", "2026-04-11"), ("working_due", "06:00"), ("working_late", "12:00"), ("off", "same")];
        assert_eq!(officer.post("/completeness/settings", &fields(&due)).await.status, StatusCode::SEE_OTHER);
        let office = with_ladder(t, &[(-30, "all"), (15, "all")], false).await;
        until(t, "2026-04-11T05:30").await;
        until(t, "2026-04-11T06:30").await;
        assert_eq!(subjects(folder), 0, "the night is quiet");
        until(t, "2026-04-11T07:00").await;
        assert_eq!(subjects(folder), 1, "in the morning the last of them goes");
        let officer = t.person_of(&office).await;
        let ladder = "act=ladder&minutes0=30&side0=before&days0=all&at_night=1";
        assert_eq!(officer.post("/completeness/settings", ladder).await.status, StatusCode::SEE_OTHER);
        until(t, "2026-04-12T05:30").await;
        assert_eq!(subjects(folder), 2, "asked for at night");
    })
    .await;
}

/// The worker is cut off in the middle, two of them run, and reports come in between: each hospital gets one mail, and none that reported before
/// it left.
#[tokio::test]
async fn a_rung_once_however_often_the_worker_is_cut_off() {
    on_both("a_rung_once_however_often_the_worker_is_cut_off", async |t, folder| {
        const ALL: usize = 60;
        let mut codes = Vec::new();
        for n in 0..ALL {
            let code = t.hospital(12, &format!("架空第{n}病院")).await;
            let id = t.store.organisation_unscoped(&code).await.unwrap().unwrap().organisation.id;
            let tx = t.store.write_system(t.service.now()).await.unwrap();
            tx.set_mailbox(id, &format!("iji{n}@h.example.jp")).await.unwrap();
            tx.commit().await.unwrap();
            codes.push(code);
        }
        t.settled().await;
        let office = with_ladder(t, &[(15, "all")], false).await;
        let officer = t.person_of(&office).await;
        let now = t.service.now();
        let at = DateTime::parse_from_rfc3339("2026-04-10T10:15:00+09:00").unwrap().to_utc();
        t.wait(at - now);
        for cut in [1, 3, 8, 20, 40] {
            let round = async { while t.service.work().await.unwrap() > 0 {} };
            let other = async { while t.service.work().await.unwrap() > 0 {} };
            let _ = tokio::time::timeout(Duration::from_millis(cut), futures_util::future::join(round, other)).await;
            t.wait(TimeDelta::minutes(6));
        }
        // What was on its way when the worker was cut off may still arrive.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let before: BTreeSet<String> = recipients(folder);
        // Those that have got none yet report; their mails are taken back.
        let mut spared = BTreeSet::new();
        for (n, code) in codes.iter().enumerate().filter(|(n, _)| !before.contains(&format!("iji{n}@h.example.jp"))).take(10) {
            assert_eq!(report(&officer, code, "2026-04-10", json!({})).await, StatusCode::CREATED);
            spared.insert(format!("iji{n}@h.example.jp"));
        }
        while t.service.work().await.unwrap() > 0 {}
        t.wait(TimeDelta::minutes(10));
        while t.service.work().await.unwrap() > 0 {}
        let letters = folder.texts();
        let to = recipients(folder);
        println!("{} before, {} spared, {} in all", before.len(), spared.len(), letters.len());
        assert_eq!((letters.len(), to.len()), (ALL - spared.len(), ALL - spared.len()), "each exactly once");
        assert!(to.is_disjoint(&spared), "nobody who had reported");
    })
    .await;
}

fn recipients(folder: &Folder) -> BTreeSet<String> {
    folder.texts().iter().filter_map(|t| t.lines().next()?.strip_prefix("To: ").map(str::to_owned)).collect()
}
