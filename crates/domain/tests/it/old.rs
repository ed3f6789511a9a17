//! Definitions of before there was a language of rules. They stand in databases, and are never touched.

use akidoko_domain::survey::{Catalogue, DAILY, Survey};

/// The daily survey as it was installed first, in short: its rules in the older shape.
const OLD: &str = include_str!("daily-1.old.json");

#[test]
fn the_older_shape_reads_as_the_survey_that_ships() {
    let old = Survey::from_json(OLD).unwrap();
    let catalogue = Catalogue::shipped();
    let shipped = catalogue.version(DAILY, 1).unwrap();
    assert!(OLD.contains("at_most") && !OLD.contains("holds"));
    assert_eq!(old.rules, shipped.rules);
    assert_eq!(old, *shipped);
    // Written again, it is in the new shape.
    let again = serde_json::to_string(&old).unwrap();
    assert!(again.contains("sum([inpatients_severe, inpatients_moderate2, inpatients_moderate1, inpatients_mild]) <= inpatients_total"));
    assert_eq!(Survey::from_json(&again).unwrap(), old);
}

#[test]
fn half_of_each_shape_is_neither() {
    for rule in [
        r#"{"id":"r","severity":"hard","message":"m"}"#,
        r#"{"id":"r","severity":"hard","sum":["beds"],"message":"m"}"#,
        r#"{"id":"r","severity":"hard","sum":[],"at_most":{"item":"beds"},"message":"m"}"#,
        r#"{"id":"r","severity":"hard","holds":"beds < 1","sum":["beds"],"at_most":{"item":"beds"},"message":"m"}"#,
        r#"{"id":"r","severity":"hard","holds":"beds < 1","bound":1,"message":"m"}"#,
    ] {
        let json = format!(
            r#"{{"code":"x","version":1,"valid_from":"2026-01-01","title":"x","cadence":"daily","sections":[{{"id":"a","title":"a","items":[{{"id":"beds","label":"床","type":"count","unit":"床","max":9}}]}}],"rules":[{rule}]}}"#
        );
        assert!(Survey::from_json(&json).is_err(), "{rule}");
    }
}
