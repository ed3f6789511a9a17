//! Days that are over, added up from the reports that speak of them: each day as the board would stand at its end by all that has come until now.

use super::{CARRIED_DAYS, Picture, picture};
use crate::{
    board::{Card, Row},
    id::HospitalId,
    report::{Cells, ReportVersion},
    survey::Catalogue,
    time::end_of,
};
use chrono::{Days, NaiveDate};
use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
    sync::Arc,
};

/// From which day reports are needed to add up days from this one on.
pub fn reach(first: NaiveDate) -> NaiveDate {
    first.checked_sub_days(Days::new(CARRIED_DAYS - 1)).unwrap_or(first)
}

/// Each day of a range. `versions` are those that speak of it and of the days before it（[`reach`]）, in the order of their receipt.
pub fn pictures(
    cards: &[Arc<Card>],
    mut versions: Vec<ReportVersion>,
    catalogue: &Catalogue,
    days: RangeInclusive<NaiveDate>,
) -> Vec<(NaiveDate, Picture)> {
    // Of one day they stay in the order of receipt.
    versions.sort_by_key(|v| v.report_date);
    let mut versions = versions.into_iter().peekable();
    let mut records: HashMap<HospitalId, BTreeMap<String, Cells>> = HashMap::new();
    let mut rows: BTreeMap<HospitalId, Row> = cards.iter().map(|c| (c.id, Row::project(c.clone(), [], catalogue))).collect();
    let mut all = Vec::new();
    for day in days.start().iter_days().take_while(|day| day <= days.end()) {
        let mut touched = Vec::new();
        while let Some(v) = versions.next_if(|v| v.report_date <= day) {
            let Some(survey) = catalogue.version(&v.survey, v.survey_version) else { continue };
            let cells = records.entry(v.hospital).or_default().entry(v.survey.clone()).or_default();
            cells.apply(survey, v.kind, &v.answers, v.author, v.as_of);
            touched.push(v.hospital);
        }
        touched.sort_unstable();
        touched.dedup();
        for hospital in touched {
            if let (Some(row), Some(known)) = (rows.get_mut(&hospital), records.get(&hospital)) {
                *row = Row::project(row.card.clone(), known.iter().map(|(survey, cells)| (survey.as_str(), cells)), catalogue);
            }
        }
        all.push((day, picture(rows.values(), end_of(day))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        board::sample::{author, card},
        picture::{BedRate, Measure},
        report::Kind,
        survey::{Answers, DAILY, Value},
        time::{as_of, from_jst},
    };

    fn version(n: u32, day: &str, received: &str, answers: &[(&str, Option<u32>)]) -> ReportVersion {
        let report_date: NaiveDate = day.parse().unwrap();
        let received_at = from_jst(received.parse().unwrap());
        ReportVersion {
            hospital: card("").id,
            survey: DAILY.to_owned(),
            survey_version: 1,
            report_date,
            version: n,
            kind: Kind::Full,
            answers: answers.iter().map(|(id, n)| ((*id).to_owned(), n.map(Value::Count))).collect::<Answers>(),
            as_of: as_of(report_date, received_at),
            received_at,
            author: author(received_at),
            reason: None,
        }
    }

    #[test]
    fn each_day_by_all_that_has_come() {
        let catalogue = Catalogue::shipped();
        let mut versions = vec![
            version(1, "2026-04-01", "2026-04-01T09:00:00", &[("secured_beds", Some(10)), ("inpatients_in_secured", Some(4))]),
            version(1, "2026-04-03", "2026-04-03T09:00:00", &[("secured_beds", Some(10)), ("inpatients_in_secured", Some(6))]),
            // Days later the third is corrected.
            version(2, "2026-04-03", "2026-04-05T12:00:00", &[("secured_beds", Some(20)), ("inpatients_in_secured", Some(6))]),
            // What is left out of a full report is unanswered, whatever was said before.
            version(1, "2026-04-12", "2026-04-12T09:00:00", &[("inpatients_in_secured", Some(1))]),
        ];
        versions.sort_by_key(|v| v.received_at);
        let first: NaiveDate = "2026-03-31".parse().unwrap();
        let days = pictures(&[card("凪浦市民病院")], versions, &catalogue, first..="2026-04-12".parse().unwrap());
        let rate = Measure::Rate(BedRate::Secured);
        let line: Vec<_> = days.iter().map(|(_, p)| (p.all.value(rate), p.all.current)).collect();
        let carried = |value| (Some(value), 0);
        let mut expected = vec![(None, 0), (Some(400), 1), carried(400), (Some(300), 1)];
        expected.extend([carried(300); 6]);
        expected.extend([(None, 0), (None, 0), (None, 1)]);
        assert_eq!(line, expected);
        assert_eq!(days.len(), 13);
        assert_eq!(reach(first).to_string(), "2026-03-25");
    }
}
