//! Adding up a board.

use super::{BedRate, FIGURES, Measure};
use crate::{
    board::{Column, Row},
    survey::permille,
    time::{from_jst, jst_day},
};
use chrono::{DateTime, Days, NaiveTime, Utc};
use std::collections::BTreeMap;

/// A figure counts for so many days, the day that is looked at among them: the days of which a past board is put together. So a sum does not
/// fall on a weekend on which nobody owes a report, and a hospital that fell silent leaves it after a week.
pub const CARRIED_DAYS: u64 = 7;

/// A sum or a rate, with how many hospitals are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// The sum, or what is divided.
    pub part: u64,
    /// By what it is divided; 0 for a sum.
    pub whole: u64,
    /// Hospitals that answered it, or both of its parts. Of nobody there is no sum.
    pub hospitals: u32,
}

impl Tally {
    fn add(&mut self, part: u32, whole: u32) {
        self.part += u64::from(part);
        self.whole += u64::from(whole);
        self.hospitals += 1;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { part: self.part + other.part, whole: self.whole + other.whole, hospitals: self.hospitals + other.hospitals }
    }

    /// The value of a measure: beds or persons, or tenths of a percent rounded half up. `None`: nobody answered, or a share of nothing.
    pub fn value(self, measure: Measure) -> Option<u64> {
        match measure {
            _ if self.hospitals == 0 => None,
            Measure::Figure(_) => Some(self.part),
            Measure::Rate(_) => permille(self.part, self.whole),
        }
    }
}

/// The sums of some hospitals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many there are.
    pub hospitals: u32,
    /// Those of which a figure is of the day itself.
    pub current: u32,
    tallies: BTreeMap<Measure, Tally>,
}

impl Sums {
    /// What was kept of a day.
    pub fn kept(hospitals: u32, current: u32, tallies: impl IntoIterator<Item = (Measure, Tally)>) -> Self {
        Self { hospitals, current, tallies: tallies.into_iter().filter(|(_, t)| t.hospitals > 0).collect() }
    }

    /// A measure of them.
    pub fn tally(&self, measure: Measure) -> Tally {
        self.tallies.get(&measure).copied().unwrap_or_default()
    }

    /// The value of a measure; see [`Tally::value`].
    pub fn value(&self, measure: Measure) -> Option<u64> {
        self.tally(measure).value(measure)
    }

    fn add(&mut self, row: &Row, (since, today): (DateTime<Utc>, DateTime<Utc>)) {
        let count = |column: Column| {
            let cell = row.cells.get(&column).filter(|cell| cell.as_of >= since)?;
            cell.value.as_ref()?.count()
        };
        self.hospitals += 1;
        let is_current = FIGURES.iter().filter_map(|c| row.cells.get(c)).any(|cell| cell.as_of >= today && cell.value.is_some());
        self.current += u32::from(is_current);
        for column in FIGURES {
            if let Some(n) = count(column) {
                self.tallies.entry(Measure::Figure(column)).or_default().add(n, 0);
            }
        }
        for rate in BedRate::ALL {
            if let Some((part, whole)) = rate.parts().iter().find_map(|c| count(*c)).zip(count(rate.whole())) {
                self.tallies.entry(Measure::Rate(rate)).or_default().add(part, whole);
            }
        }
    }
}

/// A prefecture at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// All of it.
    pub all: Sums,
    /// By 二次医療圏; hospitals whose area is not known are in `all` only.
    pub areas: BTreeMap<String, Sums>,
}

/// Adds up the rows of a board as they stood at a moment. What was true before the last [`CARRIED_DAYS`] does not count.
pub fn picture<'a>(rows: impl IntoIterator<Item = &'a Row>, at: DateTime<Utc>) -> Picture {
    let day = jst_day(at);
    let begin = |day: chrono::NaiveDate| from_jst(day.and_time(NaiveTime::MIN));
    let since = begin(day.checked_sub_days(Days::new(CARRIED_DAYS - 1)).unwrap_or(day));
    let mut picture = Picture::default();
    for row in rows {
        picture.all.add(row, (since, begin(day)));
        if let Some(area) = &row.card.area_code {
            picture.areas.entry(area.clone()).or_default().add(row, (since, begin(day)));
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        board::sample::{author, card, now},
        report::{Cells, Kind},
        survey::{Answers, Catalogue, DAILY, Value},
    };
    use chrono::TimeDelta;
    use std::sync::Arc;

    /// A hospital in an area, with answers of so many hours ago.
    fn row(area: Option<&str>, hours: i64, answers: &[(&str, Option<u32>)]) -> Row {
        let mut card = (*card("凪浦市民病院")).clone();
        card.area_code = area.map(str::to_owned);
        let catalogue = Catalogue::shipped();
        let at = now() - TimeDelta::hours(hours);
        let answers: Answers = answers.iter().map(|(id, n)| ((*id).to_owned(), n.map(Value::Count))).collect();
        let mut cells = Cells::default();
        cells.apply(catalogue.version(DAILY, 1).unwrap(), Kind::Full, &answers, author(at), at);
        Row::project(Arc::new(card), [(DAILY, &cells)], &catalogue)
    }

    #[test]
    fn sums_and_rates_say_of_how_many() {
        use Measure::{Figure, Rate};
        let rows = [
            row(Some("1201"), 1, &[("secured_beds", Some(30)), ("inpatients_in_secured", Some(12)), ("inpatients_total", Some(20))]),
            // Who lies in secured beds is not known: all inpatients are taken.
            row(Some("1202"), 1, &[("secured_beds", Some(10)), ("inpatients_total", Some(8))]),
            // Without a whole there is no rate, but a sum.
            row(Some("1202"), 1, &[("inpatients_total", Some(100)), ("secured_beds", None)]),
            // No beds and a patient: 0 beds are beds.
            row(None, 1, &[("secured_beds", Some(0)), ("inpatients_in_secured", Some(2)), ("inpatients_total", Some(2))]),
        ];
        let p = picture(&rows, now());
        let cases = [
            (Figure(Column::SecuredBeds), Some(40), 3),
            (Figure(Column::InpatientsTotal), Some(130), 4),
            (Figure(Column::InpatientsInSecured), Some(14), 2),
            (Figure(Column::AvailableBeds), None, 0),
            (Rate(BedRate::Secured), Some(550), 3),
            (Rate(BedRate::Ready), None, 0),
        ];
        for (measure, value, hospitals) in cases {
            assert_eq!((p.all.value(measure), p.all.tally(measure).hospitals), (value, hospitals), "{measure:?}");
        }
        assert_eq!(p.areas["1201"].value(Rate(BedRate::Secured)), Some(400));
        assert_eq!(p.areas["1202"].value(Rate(BedRate::Secured)), Some(800));
        assert_eq!((p.all.hospitals, p.all.current, p.areas["1202"].hospitals), (4, 4, 2));
    }

    #[test]
    fn a_figure_counts_for_a_week() {
        let secured = Measure::Figure(Column::SecuredBeds);
        // 09:42: the day began 9 h 42 min ago, and the seven days 6 days before.
        for (hours, current, counts) in [(1, 1, 1), (9, 1, 1), (10, 0, 1), (6 * 24 + 9, 0, 1), (6 * 24 + 10, 0, 0), (30 * 24, 0, 0)] {
            let p = picture(&[row(None, hours, &[("secured_beds", Some(5))])], now());
            assert_eq!((p.all.current, p.all.tally(secured).hospitals, p.all.hospitals), (current, counts, 1), "{hours} h");
        }
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        let p = picture(&[row(None, 1, &[("secured_beds", Some(0)), ("inpatients_total", Some(0))])], now());
        assert_eq!(p.all.value(Measure::Rate(BedRate::Secured)), None);
        assert_eq!(p.all.value(Measure::Figure(Column::SecuredBeds)), Some(0));
    }
}
