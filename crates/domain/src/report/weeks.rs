//! The last weeks of a hospital, day by day: what its charts show. A day that was not reported is a gap, never a zero.

use super::{Kind, ReportVersion, standing};
use crate::{
    board::Column,
    survey::{Catalogue, Value},
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFigures {
    /// Which.
    pub day: NaiveDate,
    /// Reported in full.
    pub reported: bool,
    /// 空床 計
    pub available: Option<u32>,
    /// 入院患者 in secured beds; where that is not known, all of them.
    pub inpatients: Option<u32>,
    /// 確保病床
    pub secured: Option<u32>,
}

impl DayFigures {
    /// 確保病床使用率, percent; as on the board it may pass 100.
    pub fn occupancy_percent(&self) -> Option<u32> {
        let secured = self.secured.filter(|beds| *beds > 0)?;
        Some(crate::board::percent(self.inpatients?, secured))
    }
}

/// The figures of some days, as their newest versions say: of each day its own versions alone.
pub fn day_figures(days: impl IntoIterator<Item = NaiveDate>, versions: &[ReportVersion], catalogue: &Catalogue) -> Vec<DayFigures> {
    let mut by_day: BTreeMap<NaiveDate, Vec<&ReportVersion>> = BTreeMap::new();
    for version in versions {
        by_day.entry(version.report_date).or_default().push(version);
    }
    let figures = |day: NaiveDate| {
        let none = DayFigures { day, reported: false, available: None, inpatients: None, secured: None };
        let Some((of_it, newest)) = by_day.get(&day).and_then(|v| Some((v, v.iter().max_by_key(|v| v.version)?))) else { return none };
        let answers = standing(of_it.iter().copied());
        let Some(survey) = catalogue.version(&newest.survey, newest.survey_version) else { return none };
        let count = |column: Column| {
            let item = survey.items().find(|i| i.column == Some(column))?;
            answers.get(&item.id)?.as_ref().and_then(Value::count)
        };
        DayFigures {
            day,
            reported: of_it.iter().any(|v| v.kind == Kind::Full),
            available: count(Column::AvailableBeds),
            inpatients: count(Column::InpatientsInSecured).or_else(|| count(Column::InpatientsTotal)),
            secured: count(Column::SecuredBeds),
        }
    };
    days.into_iter().map(figures).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::HospitalId,
        report::{Author, Channel},
        survey::DAILY,
        time::{as_of, from_jst},
    };
    use uuid::Uuid;

    fn version(date: &str, number: u32, kind: Kind, counts: &[(&str, Option<u32>)]) -> ReportVersion {
        let report_date: NaiveDate = date.parse().unwrap();
        let received_at = from_jst(report_date.and_hms_opt(9, number, 0).unwrap());
        ReportVersion {
            hospital: HospitalId(Uuid::from_u128(1)),
            survey: DAILY.into(),
            survey_version: 1,
            report_date,
            version: number,
            kind,
            answers: counts.iter().map(|(id, n)| ((*id).to_owned(), n.map(Value::Count))).collect(),
            as_of: as_of(report_date, received_at),
            received_at,
            author: Author {
                organisation: "凪浦市民病院".into(),
                sign_in: String::new(),
                operator: String::new(),
                channel: Channel::Screen,
                on_behalf: false,
                behalf: None,
                source: None,
                report_date,
                version: number,
                received_at,
            },
            reason: None,
        }
    }

    #[test]
    fn a_gap_is_no_zero() {
        let full =
            [("available_beds", Some(4)), ("secured_beds", Some(16)), ("inpatients_total", Some(9)), ("inpatients_in_secured", Some(8))];
        let versions = [
            version("2026-04-06", 1, Kind::Full, &full),
            version("2026-04-06", 2, Kind::Quick, &[("available_beds", Some(0))]),
            version("2026-04-08", 1, Kind::Quick, &[("available_beds", Some(3))]),
            version("2026-04-09", 1, Kind::Full, &[("secured_beds", Some(0)), ("inpatients_total", Some(2))]),
        ];
        let first: NaiveDate = "2026-04-06".parse().unwrap();
        let got: Vec<_> = day_figures(first.iter_days().take(4), &versions, &Catalogue::shipped())
            .into_iter()
            .map(|d| (d.reported, d.available, d.inpatients, d.occupancy_percent()))
            .collect();
        assert_eq!(
            got,
            [
                (true, Some(0), Some(8), Some(50)),
                (false, None, None, None),    // not reported
                (false, Some(3), None, None), // a quick one alone: a figure, but no report of the day
                (true, None, Some(2), None),  // no secured beds: no rate
            ]
        );
    }
}
