//! Hospitals that keep reporting while one watches（`--simulate`）.

use super::{
    DemoPrefecture, DemoReport, Habit, Random,
    figures::{full, quick, unchanged},
    history::{operator, seed},
    record::count,
};
use akidoko_domain::{
    organisation::OrganisationKind,
    report::Kind,
    survey::Answers,
    time::{jst_day, to_jst},
};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use std::time::Duration;

/// How many seconds lie between two reports of a prefecture: long enough to see the one before, short enough to stay and look.
const SECONDS: (u32, u32) = (3, 11);

/// The next report of a prefecture and how long after `now` it is received: mostly a quick one, on what `current` knows of the hospital
/// (by its place in the list; its merged answers, `None` where it never reported). It keeps every hard rule. The hospital that a visitor
/// can sign in as is left to the visitor, and who is silent or never reported stays so.
pub fn next(
    prefecture: &DemoPrefecture,
    random: &mut Random,
    now: DateTime<Utc>,
    current: &dyn Fn(usize) -> Option<Answers>,
) -> (Duration, DemoReport) {
    let seconds = random.between(SECONDS.0, SECONDS.1);
    let at = now + TimeDelta::seconds(i64::from(seconds));
    let index = whose_turn(prefecture, random, at);
    let hospital = &prefecture.hospitals[index];
    let seed = seed(prefecture, index);
    let by = match hospital.habit {
        Habit::Proxy => OrganisationKind::PrefectureHealth,
        _ => OrganisationKind::Hospital,
    };
    let known = current(index).filter(|answers| !answers.is_empty());
    let morning = (8..12).contains(&to_jst(at).hour());
    let (kind, answers) = match known {
        None => (Kind::Full, full(hospital, seed, jst_day(at), at, random)),
        Some(known) if morning && random.chance(25) && count(&known, "available_beds").is_some() => (Kind::Full, unchanged(&known)),
        Some(known) => (Kind::Quick, quick(hospital, seed, &known, at, random)),
    };
    let report = DemoReport {
        hospital: index,
        report_date: jst_day(at),
        received_at: at,
        kind,
        answers,
        reason: None,
        on_behalf: by != OrganisationKind::Hospital,
        organisation: by,
        operator: operator(prefecture, index, by, at),
    };
    (Duration::from_secs(u64::from(seconds)), report)
}

/// Lively hospitals come often, steady ones now and then, at night only those that take emergencies.
fn whose_turn(prefecture: &DemoPrefecture, random: &mut Random, at: DateTime<Utc>) -> usize {
    let night = !(7..21).contains(&to_jst(at).hour());
    let turns: Vec<usize> = prefecture
        .hospitals
        .iter()
        .enumerate()
        .filter(|(index, h)| !prefecture.is_visitors(*index) && (!night || h.services.emergency))
        .flat_map(|(index, h)| {
            let times = match h.habit {
                Habit::Lively => 4,
                Habit::Steady => 2,
                Habit::Tardy | Habit::Proxy => u32::from(!night),
                Habit::Silent { .. } | Habit::Never => 0,
            };
            (0..times).map(move |_| index)
        })
        .collect();
    // Only a prefecture without hospitals that report has nobody; there is none, and the last one would do.
    random.pick(&turns).copied().unwrap_or(prefecture.hospitals.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::super::{history::history, prefectures, record::daily};
    use super::*;
    use akidoko_domain::{
        report::{Author, Cells, Channel, Known, check},
        survey::Value,
    };
    use std::collections::BTreeSet;

    fn author() -> Author {
        Author {
            organisation: String::new(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: chrono::NaiveDate::default(),
            version: 0,
            received_at: DateTime::default(),
        }
    }

    #[test]
    fn hours_of_watching_break_no_rule() {
        for prefecture in prefectures() {
            let mut now = DateTime::parse_from_rfc3339("2026-04-10T06:30:00+09:00").unwrap().to_utc();
            let mut records = vec![Cells::default(); prefecture.hospitals.len()];
            let send = |records: &mut Vec<Cells>, r: &DemoReport| {
                let cells = records[r.hospital].clone();
                let known =
                    Known { cells, version: 0, licensed_beds: Some(prefecture.hospitals[r.hospital].beds_total), ..Known::default() };
                let checked = check(daily(), &known, &r.submission(daily()), author(), r.received_at);
                records[r.hospital] = checked.unwrap_or_else(|e| panic!("{e:?} {r:?}")).cells;
            };
            for report in history(&prefecture, jst_day(now), now, 3).into_iter().map(|r| DemoReport { reason: Some("訂正".into()), ..r })
            {
                send(&mut records, &report);
            }
            let mut random = Random::new(5);
            let mut seen = BTreeSet::new();
            let mut beds = BTreeSet::new();
            for _ in 0..5000 {
                let current = |index: usize| -> Option<Answers> {
                    let items = &records[index].items;
                    Some(items.iter().map(|(id, cell)| (id.clone(), cell.value.clone())).collect())
                };
                let (after, report) = next(&prefecture, &mut random, now, &current);
                assert!((2..=15).contains(&after.as_secs()));
                assert_eq!(report.received_at, now + TimeDelta::from_std(after).unwrap());
                assert!(!prefecture.is_visitors(report.hospital));
                assert!(!matches!(prefecture.hospitals[report.hospital].habit, Habit::Never | Habit::Silent { .. }));
                now = report.received_at;
                seen.insert(report.hospital);
                send(&mut records, &report);
                beds.extend(report.answers.get("available_beds").cloned().flatten().as_ref().and_then(Value::count));
            }
            assert!(seen.len() >= 45, "{} hospitals reported", seen.len());
            assert!(beds.contains(&0) && beds.len() >= 6 && *beds.last().unwrap() <= 60, "{beds:?}");
        }
    }

    #[test]
    fn whatever_a_hospital_said_before_the_next_report_is_whole() {
        let prefecture = &prefectures()[1];
        let now = DateTime::parse_from_rfc3339("2026-04-10T23:59:58+09:00").unwrap().to_utc();
        let mut random = Random::new(9);
        for _ in 0..300 {
            let (_, first) = next(prefecture, &mut random, now, &|_| None);
            assert_eq!(first.kind, Kind::Full);
            assert_eq!(first.report_date, jst_day(first.received_at), "the day turns between now and its receipt");
            let odd = Answers::from([("available_beds".to_owned(), None), ("available_beds_severe".to_owned(), Some(Value::Count(900)))]);
            let (_, report) = next(prefecture, &mut random, now, &|_| Some(odd.clone()));
            let known = Known::default();
            assert!(check(daily(), &known, &report.submission(daily()), author(), report.received_at).is_ok(), "{report:?}");
        }
    }
}
