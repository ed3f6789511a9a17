//! What usually changes in a hospital's report, and what stands of several versions.

use super::{Kind, ReportVersion};
use crate::survey::{Answers, Item, ItemKind, Survey};
use std::{cmp::Reverse, collections::BTreeMap};

/// So many items stand on top of the screen: what a telephone shows at once.
pub const USUAL: usize = 4;

/// What changes in most hospitals, until a hospital's own weeks say better.
const AT_FIRST: [&str; USUAL] = ["available_beds", "inpatients_total", "new_admissions", "available_beds_severe"];

/// The items that usually change, in the order of the survey: those that changed most often from one full version to the next, filled
/// up with what changes in most hospitals. Texts are not among them: they are not a matter of one key.
pub fn usual_items(survey: &Survey, versions: &[ReportVersion]) -> Vec<String> {
    let mut full: Vec<&ReportVersion> = versions.iter().filter(|v| v.kind == Kind::Full).collect();
    full.sort_by_key(|v| (v.report_date, v.version));
    let mut changes: BTreeMap<&str, u32> = BTreeMap::new();
    for pair in full.windows(2) {
        for item in survey.items().filter(|i| suits(i)) {
            let answer = |v: &ReportVersion| v.answers.get(&item.id).cloned().flatten();
            if answer(pair[0]) != answer(pair[1]) {
                *changes.entry(&item.id).or_default() += 1;
            }
        }
    }
    let place = |id: &str| survey.items().position(|i| i.id == id);
    let mut ranked: Vec<(&str, u32)> = changes.into_iter().collect();
    ranked.sort_by_key(|(id, count)| (Reverse(*count), place(id)));
    let at_first = AT_FIRST.into_iter().filter(|id| survey.item(id).is_some());
    let mut chosen: Vec<&str> = Vec::with_capacity(USUAL);
    for id in ranked.into_iter().map(|(id, _)| id).chain(at_first) {
        if chosen.len() < USUAL && !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    chosen.sort_by_key(|id| place(id));
    chosen.into_iter().map(str::to_owned).collect()
}

fn suits(item: &Item) -> bool {
    !matches!(item.kind, ItemKind::Text { .. } | ItemKind::Phone { .. })
}

/// What versions of one hospital and survey leave standing, in whatever order they came and are given: of each item what was true last, of that
/// what no other system said, then what was received last; a full version speaks of every item. So an update that waited on a device, or a sheet
/// that says when it was written, does not undo what was reported in between, here as on the board.
pub fn standing<'a>(versions: impl IntoIterator<Item = &'a ReportVersion>) -> Answers {
    let mut ordered: Vec<&ReportVersion> = versions.into_iter().collect();
    ordered.sort_by_key(|v| truth(v));
    let mut answers = Answers::new();
    for version in ordered {
        match version.kind {
            Kind::Full => answers.clone_from(&version.answers),
            Kind::Quick => answers.extend(version.answers.clone()),
        }
    }
    answers
}

/// Whose word of an item stands, of the same versions: a full version's also where it leaves the item out.
pub fn speaker<'a>(versions: impl IntoIterator<Item = &'a ReportVersion>, item: &str) -> Option<&'a ReportVersion> {
    versions.into_iter().filter(|v| v.kind == Kind::Full || v.answers.contains_key(item)).max_by_key(|v| truth(v))
}

/// What counts of two versions that speak of one item is the greater.
fn truth(v: &ReportVersion) -> impl Ord + use<> {
    (v.as_of, v.author.source.is_none(), v.received_at, v.report_date, v.version)
}

/// A mark of what stood on a screen: 「変更なし」 says that exactly these figures are still true.
pub fn mark(answers: &Answers) -> String {
    let said = answers.iter().filter(|(_, value)| value.is_some());
    crate::text::mark(&said.map(|(id, value)| (id, serde_json::to_string(value).unwrap_or_default())).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::HospitalId,
        report::{Author, Channel},
        survey::{Catalogue, DAILY, Value},
    };
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn version(day: &str, kind: Kind, as_of: &str, counts: &[(&str, u32)]) -> ReportVersion {
        let author = Author {
            organisation: "架空病院".into(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: day.parse().unwrap(),
            version: 1,
            received_at: at(as_of),
        };
        ReportVersion {
            hospital: HospitalId(Uuid::from_u128(1)),
            survey: DAILY.into(),
            survey_version: 1,
            report_date: day.parse().unwrap(),
            version: 1,
            kind,
            answers: counts.iter().map(|(id, n)| ((*id).to_owned(), Some(Value::Count(*n)))).collect(),
            as_of: at(as_of),
            received_at: at(as_of),
            author,
            reason: None,
        }
    }

    #[test]
    fn a_mark_knows_other_figures_and_nothing_else() {
        let counts = |n| version("2026-04-10", Kind::Full, "2026-04-10T00:00:00Z", &[("available_beds", n), ("secured_beds", 20)]).answers;
        assert_eq!(mark(&counts(3)), mark(&counts(3)));
        assert_ne!(mark(&counts(3)), mark(&counts(4)));
        let mut unanswered = counts(3);
        unanswered.insert("ready_beds".into(), None);
        assert_eq!(mark(&unanswered), mark(&counts(3)), "未回答 is no figure");
    }

    #[test]
    fn what_usually_changes() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        assert_eq!(usual_items(daily, &[]), ["available_beds", "available_beds_severe", "inpatients_total", "new_admissions"]);
        let days: Vec<ReportVersion> = (1..=9)
            .map(|n| {
                let counts = [("ventilators_in_use", n), ("available_beds", n / 2), ("secured_beds", 20), ("inpatients_mild", n % 3)];
                version(&format!("2026-04-0{n}"), Kind::Full, &format!("2026-04-0{n}T00:00:00Z"), &counts)
            })
            .collect();
        assert_eq!(usual_items(daily, &days), ["available_beds", "inpatients_total", "inpatients_mild", "ventilators_in_use"]);
        // Part updates are not days.
        let quick = [days[0].clone(), version("2026-04-02", Kind::Quick, "2026-04-02T00:00:00Z", &[("secured_beds", 5)])];
        assert!(!usual_items(daily, &quick).contains(&"secured_beds".to_owned()));
    }

    /// Another system says zero of the same moment, later.
    fn fed(said: &ReportVersion) -> ReportVersion {
        let received_at = said.received_at + chrono::TimeDelta::hours(1);
        let author = Author { source: Some("架空県のシステム".into()), received_at, ..said.author.clone() };
        let answers = Answers::from([("available_beds".to_owned(), Some(Value::Count(0)))]);
        ReportVersion { kind: Kind::Quick, received_at, author, answers, ..said.clone() }
    }

    #[test]
    fn what_stands_does_not_depend_on_the_order_of_arrival() {
        let base = version("2026-04-10", Kind::Full, "2026-04-10T01:00:00Z", &[("available_beds", 4), ("inpatients_total", 9)]);
        let before = version("2026-04-10", Kind::Quick, "2026-04-10T00:40:00Z", &[("available_beds", 1)]);
        let first = version("2026-04-10", Kind::Quick, "2026-04-10T02:00:00Z", &[("available_beds", 3)]);
        let second = version("2026-04-10", Kind::Quick, "2026-04-10T03:00:00Z", &[("available_beds", 2)]);
        for (later, beds) in [
            (vec![], 4),
            (vec![before.clone()], 4),
            (vec![first.clone(), second.clone()], 2),
            (vec![second.clone(), first.clone()], 2),
            (vec![second.clone(), before, first.clone()], 2),
            (vec![second, fed(&first)], 2),
            // What another system says of the same moment gives way, though it came later.
            (vec![fed(&base), first.clone()], 3),
            (vec![fed(&base)], 4),
        ] {
            let answers = standing(later.iter().chain([&base]));
            assert_eq!(answers["available_beds"], Some(Value::Count(beds)));
            let said = |item: &str| speaker(later.iter().chain([&base]), item).unwrap().answers.get(item).cloned().flatten();
            assert_eq!((said("available_beds"), said("ready_beds")), (Some(Value::Count(beds)), None));
            assert_eq!(answers["inpatients_total"], Some(Value::Count(9)));
        }
    }
}
