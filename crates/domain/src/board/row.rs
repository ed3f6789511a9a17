//! One row of the board: a hospital's card and, of each column, the truest figure with its age and author.

use super::{Band, Column, Device};
use crate::{
    hospital::EmergencyLevel,
    id::{HospitalId, OrganisationCode, PrefCode},
    place::Point,
    report::{Author, Cells},
    survey::{Catalogue, Status, Value},
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What seldom changes of a hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Our id.
    pub id: HospitalId,
    /// Its organisation ID, by which addresses name it.
    pub code: OrganisationCode,
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// Its reading.
    pub kana: String,
    /// 全国地方公共団体コード
    pub municipality_code: Option<String>,
    /// 市区町村
    pub municipality: Option<String>,
    /// 二次医療圏, code.
    pub area_code: Option<String>,
    /// 二次医療圏, name.
    pub area: Option<String>,
    /// 所在地
    pub address: Option<String>,
    /// The switchboard, digits and hyphens.
    pub phone: Option<String>,
    /// Degrees, WGS84.
    pub latitude: Option<f64>,
    /// Degrees, WGS84.
    pub longitude: Option<f64>,
    /// 三次・二次
    pub emergency_level: Option<EmergencyLevel>,
    /// 合計病床数
    pub beds_total: Option<u32>,
    /// Name, reading and municipality, folded for the search.
    pub search: String,
}

/// A figure with its age and author.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardCell {
    /// `None` is 未回答.
    pub value: Option<Value>,
    /// From when it is true.
    pub as_of: DateTime<Utc>,
    /// Who wrote it.
    pub author: Arc<Author>,
    /// Behind a 未回答: the last answer and from when it was true.
    pub last: Option<(Value, DateTime<Utc>)>,
}

/// A row of the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The hospital.
    pub card: Arc<Card>,
    /// By column; what no survey asked is absent.
    pub cells: BTreeMap<Column, BoardCell>,
    /// The newest answer's `as_of`; `None` when nothing was ever answered.
    pub as_of: Option<DateTime<Utc>>,
    /// What is kept from whoever looks: neither answered nor 未回答. Such a column has no cell.
    pub withheld: Arc<BTreeSet<Column>>,
}

impl Card {
    /// Where it is.
    pub fn place(&self) -> Option<Point> {
        Point::new(self.latitude?, self.longitude?)
    }
}

impl Row {
    /// Projects what the surveys know of a hospital onto the board: of each column the greatest `as_of`, then the one received last.
    pub fn project<'a>(card: Arc<Card>, records: impl IntoIterator<Item = (&'a str, &'a Cells)>, catalogue: &Catalogue) -> Self {
        let empty = Self { card, cells: BTreeMap::new(), as_of: None, withheld: Arc::default() };
        records.into_iter().fold(empty, |row, (survey, record)| row.with(survey, record, catalogue))
    }

    /// The row with a survey's record, new or grown: of each column the greatest `as_of`, then the greatest weight of its author. Since a record
    /// only grows, putting its newest state over a row that knows an older one gives the same as beginning anew.
    #[must_use]
    pub fn with(mut self, survey: &str, record: &Cells, catalogue: &Catalogue) -> Self {
        let authors: Vec<Arc<Author>> = record.authors.iter().cloned().map(Arc::new).collect();
        for (id, cell) in &record.items {
            let Some(column) = catalogue.item(survey, id).and_then(|i| i.column) else { continue };
            let Some(author) = authors.get(cell.author) else { continue };
            let new = BoardCell { value: cell.value.clone(), as_of: cell.as_of, author: author.clone(), last: cell.last.clone() };
            match self.cells.get_mut(&column) {
                Some(old) if (old.as_of, old.author.weight()) > (new.as_of, new.author.weight()) => {}
                Some(old) => *old = new,
                None => {
                    self.cells.insert(column, new);
                }
            }
        }
        self.as_of = self.cells.values().filter(|c| c.value.is_some()).map(|c| c.as_of).max();
        self
    }

    /// The row as somebody sees it from whom these columns are kept. Its age is that of what is left.
    #[must_use]
    pub fn without(&self, withheld: &Arc<BTreeSet<Column>>) -> Self {
        let cells: BTreeMap<_, _> = self.cells.iter().filter(|(c, _)| !withheld.contains(c)).map(|(c, cell)| (*c, cell.clone())).collect();
        let as_of = cells.values().filter(|c| c.value.is_some()).map(|c| c.as_of).max();
        Self { card: self.card.clone(), cells, as_of, withheld: withheld.clone() }
    }

    /// Is this column kept from whoever looks?
    pub fn withholds(&self, column: Column) -> bool {
        self.withheld.contains(&column)
    }

    /// The answer in a column; `None` is 未回答 or never asked.
    pub fn value(&self, column: Column) -> Option<&Value> {
        self.cells.get(&column)?.value.as_ref()
    }

    /// The count in a column.
    pub fn count(&self, column: Column) -> Option<u32> {
        self.value(column)?.count()
    }

    /// The status in a column.
    pub fn status(&self, column: Column) -> Status {
        self.value(column).and_then(Value::word).and_then(Status::parse).unwrap_or(Status::NoAnswer)
    }

    /// Text in a column.
    pub fn text(&self, column: Column) -> Option<&str> {
        self.value(column)?.word()
    }

    /// The cell that is as old as the row: its author is the row's.
    pub fn newest(&self) -> Option<&BoardCell> {
        self.cells.values().filter(|c| c.value.is_some()).max_by_key(|c| (c.as_of, c.author.weight()))
    }

    /// The other systems out of which figures of it were taken, by name; and whether all of its figures were. One that takes a figure back says
    /// something too: behind its 未回答 stands what was answered before.
    pub fn sources(&self) -> (BTreeSet<&str>, bool) {
        let says = |c: &&BoardCell| c.value.is_some() || (c.author.source.is_some() && c.last.is_some());
        let said = || self.cells.values().filter(says).map(|c| c.author.source.as_deref());
        (said().flatten().collect(), said().all(|source| source.is_some()))
    }

    /// Its band.
    pub fn band(&self, now: DateTime<Utc>) -> Band {
        Band::of(self.as_of, now)
    }

    /// 受入可: neither the row nor its word on the door is older than 48 hours, the door is open (救急; where there is none, 入院), and the
    /// hospital does not say 0 beds. Available is what the hospital says it can take now, not ready minus occupied（design.md rule 6）.
    pub fn accepts(&self, now: DateTime<Utc>) -> bool {
        // A quick version keeps the row fresh and may leave the door's word as it was days ago.
        let said = self.open_as_of().is_some_and(|at| Band::of(Some(at), now).counts_as_accepting());
        self.band(now).counts_as_accepting() && said
    }

    /// What of 受入可 does not age: from when the word on the door is true, where it is open and the hospital does not say 0 beds. A screen
    /// that goes on without the server asks the two ages itself.
    pub fn open_as_of(&self) -> Option<DateTime<Utc>> {
        let door = match self.status(Column::EmergencyStatus) {
            Status::NotAvailable | Status::NoAnswer => Column::InpatientStatus,
            _ => Column::EmergencyStatus,
        };
        let open = self.status(door).takes() && self.count(Column::AvailableBeds) != Some(0);
        self.cells.get(&door).filter(|_| open).map(|cell| cell.as_of)
    }

    /// Can another patient be put on this device, by what the hospital said: more usable than in use. Where either is 未回答 it is not known, and
    /// so not said（design.md rule 3）.
    pub fn has_spare(&self, device: Device) -> bool {
        let (usable, in_use) = device.columns();
        self.count(usable).zip(self.count(in_use)).is_some_and(|(usable, in_use)| usable > in_use)
    }

    /// 使用率, percent of secured beds（domain.md §1.3 確保病床使用率）: may pass 100; `None` where a figure or the beds are missing.
    pub fn occupancy_percent(&self) -> Option<u32> {
        let inpatients = self.count(Column::InpatientsInSecured).or_else(|| self.count(Column::InpatientsTotal))?;
        let secured = self.count(Column::SecuredBeds).filter(|beds| *beds > 0)?;
        Some(percent(inpatients, secured))
    }
}

/// Rounded, and held back before it overflows: surveys take counts of eight digits.
pub(crate) fn percent(part: u32, whole: u32) -> u32 {
    let whole = u64::from(whole.max(1));
    u32::try_from((u64::from(part) * 100 + whole / 2) / whole).unwrap_or(u32::MAX)
}

/// The figures above the board. A sum says who is missing from it（ui principle 1）.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Hospitals on the board.
    pub hospitals: u32,
    /// 受入可
    pub accepting: u32,
    /// 空床 計, of figures not older than 48 hours; `None` where nobody answered, as for the three below: a sum of nobody is no zero.
    pub available: Option<u32>,
    /// 重症
    pub severe: Option<u32>,
    /// 中等症
    pub moderate: Option<u32>,
    /// 軽症
    pub mild: Option<u32>,
    /// Hospitals whose available beds are not known, or older than 48 hours.
    pub unanswered: u32,
}

impl Totals {
    /// Adds up rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>, now: DateTime<Utc>) -> Self {
        let mut totals = Self::default();
        for row in rows {
            totals.hospitals += 1;
            totals.accepting += u32::from(row.accepts(now));
            let fresh = |column: Column| {
                let cell = row.cells.get(&column)?;
                Band::of(Some(cell.as_of), now).counts_as_accepting().then_some(())?;
                cell.value.as_ref()?.count()
            };
            totals.unanswered += u32::from(fresh(Column::AvailableBeds).is_none());
            for (sum, column) in [
                (&mut totals.available, Column::AvailableBeds),
                (&mut totals.severe, Column::AvailableBedsSevere),
                (&mut totals.moderate, Column::AvailableBedsModerate),
                (&mut totals.mild, Column::AvailableBedsMild),
            ] {
                if let Some(n) = fresh(column) {
                    *sum = Some(sum.unwrap_or(0) + n);
                }
            }
        }
        totals
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::report::{Channel, Kind};
    use crate::survey::{Answers, DAILY, GMIS_DAILY};
    use chrono::TimeDelta;
    use uuid::Uuid;

    pub fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-04-10T09:42:00+09:00").unwrap().to_utc()
    }

    pub fn card(name: &str) -> Arc<Card> {
        let prefecture = PrefCode::new(99).unwrap();
        Arc::new(Card {
            id: HospitalId(Uuid::from_u128(1)),
            code: OrganisationCode::build('H', Some(prefecture), 1),
            prefecture,
            name: name.to_owned(),
            kana: "ナギウラシミンビョウイン".to_owned(),
            municipality_code: None,
            municipality: Some("凪浦市".to_owned()),
            area_code: Some("9901".to_owned()),
            area: None,
            address: None,
            phone: None,
            latitude: None,
            longitude: None,
            emergency_level: None,
            beds_total: None,
            search: crate::text::fold_search(&format!("{name} ナギウラシミンビョウイン 凪浦市")),
        })
    }

    pub fn author(received_at: DateTime<Utc>) -> Author {
        Author {
            organisation: "凪浦市民病院".into(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: crate::time::jst_day(received_at),
            version: 1,
            received_at,
        }
    }

    pub fn row(answers: &[(&str, Value)], minutes_ago: i64) -> Row {
        let catalogue = Catalogue::shipped();
        let answers: Answers = answers.iter().map(|(id, v)| ((*id).to_owned(), Some(v.clone()))).collect();
        let at = now() - TimeDelta::minutes(minutes_ago);
        let mut cells = Cells::default();
        cells.apply(catalogue.version(DAILY, 1).unwrap(), Kind::Full, &answers, author(at), at);
        Row::project(card("凪浦市民病院"), [(DAILY, &cells)], &catalogue)
    }

    pub fn word(w: &str) -> Value {
        Value::Word(w.to_owned())
    }

    #[test]
    fn who_can_take_this_patient_now() {
        let beds = |n| ("available_beds", Value::Count(n));
        let emergency = |w| ("emergency_status", word(w));
        let inpatient = |w| ("inpatient_status", word(w));
        for (answers, minutes, expected, why) in [
            (vec![emergency("normal"), beds(4)], 3, true, "open and beds"),
            (vec![emergency("limited"), beds(1)], 3, true, "limited still takes"),
            (vec![emergency("stopped"), inpatient("normal"), beds(4)], 3, false, "stopped is stopped"),
            (vec![emergency("normal"), beds(0)], 3, false, "zero beds"),
            (vec![emergency("normal")], 3, true, "未回答 is not zero"),
            (vec![emergency("not_available"), inpatient("normal"), beds(6)], 3, true, "no emergency door, but wards"),
            (vec![inpatient("stopped"), beds(6)], 3, false, "no door known but a closed one"),
            (vec![beds(6)], 3, false, "no door known"),
            (vec![emergency("normal"), beds(4)], 48 * 60, true, "48 hours"),
            (vec![emergency("normal"), beds(4)], 48 * 60 + 1, false, "older than 48 hours"),
        ] {
            assert_eq!(row(&answers, minutes).accepts(now()), expected, "{why}");
        }
    }

    #[test]
    fn a_door_that_was_last_heard_of_days_ago_is_not_open() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let (before, at) = (now() - TimeDelta::hours(49), now() - TimeDelta::minutes(3));
        let full = Answers::from([("emergency_status".to_owned(), Some(word("normal")))]);
        let quick = Answers::from([("available_beds".to_owned(), Some(Value::Count(4)))]);
        let mut cells = Cells::default();
        cells.apply(daily, Kind::Full, &full, author(before), before);
        cells.apply(daily, Kind::Quick, &quick, author(at), at);
        let row = Row::project(card("凪浦市民病院"), [(DAILY, &cells)], &catalogue);
        assert!(row.band(now()).counts_as_accepting() && !row.accepts(now()));
    }

    #[test]
    fn who_takes_a_figure_back_says_something() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let (before, at) = (now() - TimeDelta::hours(3), now() - TimeDelta::minutes(3));
        let fed = |received_at| Author { source: Some("架空県のシステム".into()), ..author(received_at) };
        let beds = |n: Option<u32>| Answers::from([("available_beds".to_owned(), n.map(Value::Count))]);
        let mut own = Cells::default();
        own.apply(daily, Kind::Full, &beds(Some(4)), author(before), before);
        let (mut taken_back, mut changed, mut never) = (own.clone(), own.clone(), Cells::default());
        taken_back.apply(daily, Kind::Quick, &beds(None), fed(at), at);
        changed.apply(daily, Kind::Quick, &beds(Some(3)), fed(at), at);
        never.apply(daily, Kind::Full, &beds(None), fed(at), at);
        for (cells, expected, why) in [
            (&own, (vec![], false), "the hospital's own"),
            (&changed, (vec!["架空県のシステム"], true), "a figure"),
            (&taken_back, (vec!["架空県のシステム"], true), "未回答 in place of a figure"),
            (&never, (vec![], true), "未回答 where nobody ever answered"),
        ] {
            let row = Row::project(card("凪浦市民病院"), [(DAILY, cells)], &catalogue);
            let (names, all) = row.sources();
            assert_eq!((names.into_iter().collect::<Vec<_>>(), all), expected, "{why}");
        }
    }

    #[test]
    fn what_is_put_over_a_row_gives_the_same_as_beginning_anew() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let (before, at) = (now() - TimeDelta::hours(3), now() - TimeDelta::minutes(3));
        let mut published = Cells::default();
        let gmis = catalogue.all().find(|s| s.code == crate::survey::GMIS_DAILY).unwrap();
        let item = gmis.items().find(|i| i.column == Some(Column::EmergencyStatus)).unwrap().id.clone();
        published.apply(gmis, Kind::Full, &Answers::from([(item, Some(word("stopped")))]), author(at), at);
        let mut cells = Cells::default();
        cells.apply(daily, Kind::Full, &Answers::from([("emergency_status".to_owned(), Some(word("normal")))]), author(before), before);
        let records = |cells: &Cells| [(DAILY, cells.clone()), (gmis.code.as_str(), published.clone())];
        let anew = |cells: &Cells| {
            let records = records(cells);
            Row::project(card("凪浦市民病院"), records.iter().map(|(s, c)| (*s, c)), &catalogue)
        };
        let known = anew(&cells);
        for (id, value, when) in [("available_beds", Value::Count(4), at), ("emergency_status", word("limited"), now())] {
            cells.apply(daily, Kind::Quick, &Answers::from([(id.to_owned(), Some(value))]), author(when), when);
            assert_eq!(known.clone().with(DAILY, &cells, &catalogue), anew(&cells), "{id}");
        }
    }

    #[test]
    fn the_truest_survey_fills_a_column() {
        let catalogue = Catalogue::shipped();
        let (mut daily, mut published) = (Cells::default(), Cells::default());
        let answer = |id: &str, w: &str| Answers::from([(id.to_owned(), Some(word(w)))]);
        let (older, newer) = (now() - TimeDelta::days(3), now());
        daily.apply(catalogue.version(DAILY, 1).unwrap(), Kind::Full, &answer("emergency_status", "normal"), author(newer), newer);
        published.apply(catalogue.version(GMIS_DAILY, 2).unwrap(), Kind::Full, &answer("emergency", "stopped"), author(newer), older);
        let project = |records: [(&str, &Cells); 2]| Row::project(card("x"), records, &catalogue).status(Column::EmergencyStatus);
        assert_eq!(project([(DAILY, &daily), (GMIS_DAILY, &published)]), Status::Normal);
        assert_eq!(project([(GMIS_DAILY, &published), (DAILY, &daily)]), Status::Normal);
    }

    #[test]
    fn totals_say_who_is_missing() {
        let known = row(
            &[("emergency_status", word("normal")), ("available_beds", Value::Count(4)), ("available_beds_severe", Value::Count(1))],
            3,
        );
        let unknown = row(&[("emergency_status", word("normal"))], 3);
        let old = row(&[("emergency_status", word("normal")), ("available_beds", Value::Count(9))], 60 * 24 * 3);
        let totals = Totals::of([&known, &unknown, &old], now());
        assert_eq!(totals, Totals { hospitals: 3, accepting: 2, available: Some(4), severe: Some(1), unanswered: 2, ..Totals::default() });
    }

    #[test]
    fn a_device_to_spare() {
        let count = |n| Value::Count(n);
        for (answers, spare) in [
            (vec![("ventilators_usable", count(3)), ("ventilators_in_use", count(2))], true),
            (vec![("ventilators_usable", count(3)), ("ventilators_in_use", count(3))], false),
            (vec![("ventilators_usable", count(3)), ("ventilators_in_use", count(4))], false),
            // How many are in use is not known, or how many there are.
            (vec![("ventilators_usable", count(3))], false),
            (vec![("ventilators_in_use", count(0))], false),
            (vec![], false),
        ] {
            let r = row(&answers, 1);
            assert_eq!((r.has_spare(Device::Ventilator), r.has_spare(Device::Ecmo)), (spare, false), "{answers:?}");
        }
    }

    #[test]
    fn what_is_withheld_is_neither_answered_nor_unanswered() {
        let r = row(&[("available_beds", Value::Count(4)), ("emergency_status", word("normal"))], 10);
        let seen = r.without(&Arc::new(BTreeSet::from([Column::AvailableBeds])));
        assert!(seen.withholds(Column::AvailableBeds) && !seen.withholds(Column::EmergencyStatus));
        assert_eq!((seen.count(Column::AvailableBeds), seen.cells.get(&Column::AvailableBeds)), (None, None));
        assert_eq!(seen.as_of, r.as_of, "of what is left");
        let nothing = r.without(&Arc::new(Column::ALL.iter().copied().collect()));
        assert_eq!(nothing.as_of, None);
    }

    #[test]
    fn occupancy_may_pass_a_hundred_and_never_divides_by_zero() {
        let rate = |inpatients, secured| {
            row(&[("inpatients_in_secured", Value::Count(inpatients)), ("secured_beds", Value::Count(secured))], 1).occupancy_percent()
        };
        assert_eq!((rate(9, 12), rate(15, 12), rate(1, 0), rate(0, 5)), (Some(75), Some(125), None, Some(0)));
    }
}
