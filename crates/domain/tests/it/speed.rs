//! What the rules cost in the walk of a report. `cargo test --release -p akidoko-domain --test it speed -- --nocapture` says it exactly.

use akidoko_domain::{
    rule::Facts,
    survey::{Catalogue, DAILY, Value},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

#[test]
fn the_rules_of_a_daily_report_cost_little() {
    let catalogue = Catalogue::shipped();
    let daily = catalogue.version(DAILY, 1).unwrap();
    let answers: BTreeMap<String, Value> = daily.items().map(|i| (i.id.clone(), Value::Count(1))).collect();
    let facts = Facts {
        now: &|id| answers.get(id),
        previous: &|id| answers.get(id),
        licensed_beds: Some(100),
        report_date: "2026-04-10".parse().unwrap(),
    };
    let mut best = Duration::MAX;
    for _ in 0..50 {
        let began = Instant::now();
        assert_eq!(daily.broken(&facts, |_| true).len(), 2, "two soft ones: the parts are more than the whole");
        best = best.min(began.elapsed());
    }
    println!("{} rules in {best:?}", daily.rules.len());
    let most = if cfg!(debug_assertions) { Duration::from_millis(5) } else { Duration::from_micros(50) };
    assert!(best < most, "{best:?}");
}
