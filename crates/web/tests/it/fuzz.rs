//! Whatever JSON comes: a clear answer, never a 5xx. `PROPTEST_CASES` says how often (`./test fuzz`).

use crate::{
    harness::TestApp,
    machine::{association, key},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

/// Any JSON, small and not too deep.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!("2026-04-10")),
        Just(json!("normal")),
        Just(json!("９９")),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..6).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

/// Names that mean something, and others.
fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "answers",
        "kind",
        "confirmed",
        "reason",
        "expected_version",
        "as_of",
        "hospital",
        "report_date",
        "reports",
        "mode",
        "available_beds",
        "available_beds_severe",
        "emergency_status",
        "inpatient_status",
        "board_comment",
        "contact_day",
        "accept_pediatric",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,12}"]
}

/// Nearly a report: its shape is right, what stands in it may be anything.
fn nearly() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![Just(json!("full")), Just(json!("quick")), anything()];
    let moment = prop_oneof![
        Just(Value::Null),
        Just(json!("2026-04-10T00:10:00Z")),
        Just(json!("9999-12-31T23:59:59Z")),
        Just(json!("-262143-01-01T00:00:00Z")),
        anything()
    ];
    (kind, prop::collection::btree_map(name(), anything(), 0..8), moment, anything()).prop_map(|(kind, answers, as_of, other)| {
        let answers: Map<String, Value> = answers.into_iter().collect();
        let mut report = json!({ "kind": kind, "answers": answers, "as_of": as_of });
        if let Value::String(reason) = other {
            report["reason"] = reason.into();
        }
        report
    })
}

#[tokio::test]
async fn no_body_is_ever_a_failure_of_ours() {
    let t = TestApp::sqlite().await;
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let machine = key(&association(&t, &[&hospital]).await, "report=1").await;
    let mut runner = TestRunner::deterministic();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(Config::default().cases.min(200));
    let body = prop_oneof![anything(), nearly()];
    let place = prop_oneof![Just(json!(hospital)), Just(json!("H12AAAAA")), anything()];
    let batch = (prop::collection::vec((nearly(), place, prop_oneof![Just(json!("2026-04-10")), anything()]), 0..6), anything());
    let days = prop_oneof![Just("2026-04-10".to_owned()), Just("2026-04-09".to_owned()), "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[a-z%0-9]{1,10}"];
    for case in 0..cases {
        // A minute holds 6,000.
        t.wait(chrono::TimeDelta::milliseconds(20));
        let day = days.new_tree(&mut runner).unwrap().current();
        let one = body.new_tree(&mut runner).unwrap().current();
        let query = if case % 3 == 0 { "?dry_run=true" } else { "" };
        let got = machine.put(&format!("/api/v1/hospitals/{hospital}/reports/{day}{query}"), &one).await;
        assert!(got.status.as_u16() < 500, "{} {day} {one}: {}", got.status, got.text);
        let (reports, other) = batch.new_tree(&mut runner).unwrap().current();
        let reports: Vec<Value> = reports
            .into_iter()
            .map(|(mut report, hospital, date)| {
                (report["hospital"], report["report_date"]) = (hospital, date);
                report
            })
            .collect();
        let mode = ["each", "all_or_nothing"][usize::from(case % 2 == 0)];
        let all = if case % 5 == 0 { other } else { json!({ "mode": mode, "reports": reports }) };
        let got = machine.ask("post", &format!("/api/v1/reports{query}"), Some(&all), (case % 4 == 0).then_some("once")).await;
        assert!(got.status.as_u16() < 500, "{} {all}: {}", got.status, got.text);
        assert!(got.status.is_success() || got.json()["code"].is_string(), "{all}: {}", got.text);
    }
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}
