//! The nation for the ministry: each prefecture by one measure, now or on a day, against the week before and over weeks. Three kinds of measure: what
//! hospitals report, added up; who reports at all; and the rates that prefectures state themselves in a survey（domain.md §1.1 S11: the two do not
//! agree, so neither stands in for the other）.

use super::{PictureError, of, words};
use crate::{Service, completeness::CompletenessError};
use akidoko_domain::{
    access::{Action, Actor},
    area::prefecture_name,
    board::Row,
    id::PrefCode,
    organisation::OrganisationKind,
    picture::{BedRate, Measure, Tally, picture},
    survey::{Catalogue, DAILY, Rate, Survey, permille},
    time::jst_day,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeMap;

/// What of each prefecture is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum NationMeasure {
    /// What hospitals report.
    Bed(Measure),
    /// 報告率
    Reporting,
    /// A rate of a survey that prefectures answer.
    Survey {
        /// The survey's code.
        code: String,
        /// What it is called.
        title: String,
        /// The rate.
        rate: Rate,
    },
}

impl NationMeasure {
    /// All that there is today, the order of the chooser.
    pub fn all(catalogue: &Catalogue) -> Vec<Self> {
        let first = [BedRate::Ready, BedRate::Secured].map(|r| Self::Bed(Measure::Rate(r)));
        let rest = Measure::all().map(Self::Bed).filter(|m| !first.contains(m)).collect::<Vec<_>>();
        let of_prefectures = |s: &&Survey| s.who.kind == OrganisationKind::PrefectureHealth;
        let surveys = catalogue.newest().filter(of_prefectures).flat_map(|s| {
            s.rates.iter().map(|rate| Self::Survey { code: s.code.clone(), title: s.title.clone(), rate: rate.clone() }).collect::<Vec<_>>()
        });
        first.into_iter().chain([Self::Reporting]).chain(rest).chain(surveys).collect()
    }

    /// The name in addresses and files.
    pub fn name(&self) -> String {
        match self {
            Self::Bed(measure) => measure.as_str().to_owned(),
            Self::Reporting => "reporting".to_owned(),
            Self::Survey { code, rate, .. } => format!("survey.{code}.{}", rate.id),
        }
    }

    /// What it is called on the screen.
    pub fn words(&self) -> String {
        match self {
            Self::Bed(measure) => words::measure(*measure).to_owned(),
            Self::Reporting => "報告率".to_owned(),
            Self::Survey { title, rate, .. } => format!("{title}：{}", rate.label),
        }
    }

    /// Is it a share of beds or hospitals?
    pub fn is_rate(&self) -> bool {
        !matches!(self, Self::Bed(m) if !m.is_rate())
    }

    /// 床, 人 or %.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Bed(measure) => words::unit(*measure),
            _ => "%",
        }
    }

    fn value(&self, tally: Tally) -> Option<u64> {
        match self {
            Self::Bed(measure) => tally.value(*measure),
            _ => permille(tally.part, tally.whole),
        }
    }
}

/// A prefecture.
#[derive(Debug, Clone, PartialEq)]
pub struct NationTile {
    /// Which.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// There is a board of it to look at.
    pub has_board: bool,
    /// The figures behind the value.
    pub tally: Tally,
    /// Beds, persons, or tenths of a percent; `None`: 未集計, never 0.
    pub value: Option<u64>,
    /// The week before.
    pub before: Option<u64>,
    /// By weeks, the oldest first, the last is `value`.
    pub line: Vec<Option<u64>>,
}

/// The nation.
#[derive(Debug, Clone, PartialEq)]
pub struct NationPicture {
    /// By what.
    pub measure: NationMeasure,
    /// The day, or the first day of the period.
    pub day: NaiveDate,
    /// Where it is of this moment.
    pub now: Option<DateTime<Utc>>,
    /// The days of the lines.
    pub weeks: Vec<NaiveDate>,
    /// By code.
    pub tiles: Vec<NationTile>,
    /// All that are known together.
    pub total: Tally,
    /// The value of all.
    pub value: Option<u64>,
}

impl NationPicture {
    /// Prefectures of which nothing is known.
    pub fn unknown(&self) -> usize {
        self.tiles.iter().filter(|t| t.value.is_none()).count()
    }
}

type Known = BTreeMap<(PrefCode, NaiveDate), Tally>;

/// The nation has all its prefectures, also those of which this database knows nothing yet; only a demo is not part of it.
fn nation(known: &BTreeMap<PrefCode, String>) -> BTreeMap<PrefCode, String> {
    let mut all = known.clone();
    if known.keys().any(|p| !p.is_invented()) {
        let real = (1..=47).filter_map(PrefCode::new);
        let named = real.filter_map(|p| Some((p, prefecture_name(p)?.to_owned())));
        named.for_each(|(p, name)| {
            all.entry(p).or_insert(name);
        });
    }
    all
}

impl Service {
    /// The nation by a measure, on a day or now, with a line of so many weeks.
    pub async fn nation_picture(
        &self,
        actor: &Actor,
        measure: NationMeasure,
        day: Option<NaiveDate>,
        weeks: u64,
    ) -> Result<NationPicture, PictureError> {
        if !actor.may(Action::ReadNation) {
            return Err(PictureError::Forbidden);
        }
        let at = self.clock.now();
        let today = jst_day(at);
        let is_now = day.is_none_or(|d| d >= today);
        let mut day = day.unwrap_or(today).min(today);
        if let NationMeasure::Survey { code, .. } = &measure
            && let Some(survey) = self.catalogue().on(code, day)
        {
            day = survey.period(day).first;
        }
        let back = |n: u64| day.checked_sub_days(Days::new(7 * n)).unwrap_or(day);
        let weeks: Vec<NaiveDate> = (0..weeks.max(2)).rev().map(back).collect();
        let days = weeks.first().copied().unwrap_or(day)..=day;
        let known = match &measure {
            NationMeasure::Bed(m) => self.nation_of_beds(actor, *m, &days, is_now).await?,
            NationMeasure::Reporting => self.nation_of_reports(actor, &days).await?,
            NationMeasure::Survey { code, rate, .. } => {
                let mut known = Known::new();
                for a in self.store.read(&actor.scope).await?.prefecture_answers(code, days).await? {
                    if let Some((part, whole)) = rate.of(&a.report.answers) {
                        let tally = Tally { part: part.into(), whole: whole.into(), hospitals: 1 };
                        known.insert((a.prefecture, a.report.report_date), tally);
                    }
                }
                known
            }
        };
        let reference = self.live.reference();
        let mut total = Tally::default();
        let tile = |(prefecture, name): (&PrefCode, &String)| {
            let tally = |on: NaiveDate| known.get(&(*prefecture, on)).copied().unwrap_or_default();
            let line: Vec<Option<u64>> = weeks.iter().map(|on| measure.value(tally(*on))).collect();
            let value = measure.value(tally(day));
            if value.is_some() {
                total = total.and(tally(day));
            }
            let before = line.len().checked_sub(2).and_then(|n| line[n]);
            let has_board = self.live.board(*prefecture).is_some();
            NationTile { prefecture: *prefecture, name: name.clone(), has_board, tally: tally(day), value, before, line }
        };
        let tiles: Vec<NationTile> = nation(&reference.prefectures).iter().map(tile).collect();
        let value = measure.value(total);
        Ok(NationPicture { measure, day, now: is_now.then_some(at), weeks, tiles, total, value })
    }

    async fn nation_of_beds(
        &self,
        actor: &Actor,
        measure: Measure,
        days: &std::ops::RangeInclusive<NaiveDate>,
        is_now: bool,
    ) -> Result<Known, PictureError> {
        let mut known = Known::new();
        for day in self.store.read(&actor.scope).await?.picture_days(None, None, days, &[measure]).await? {
            known.insert((day.prefecture, day.day), day.sums.tally(measure));
        }
        if is_now {
            let at = self.clock.now();
            for prefecture in self.live.reference().prefectures.keys() {
                if let Some(board) = self.live.board(*prefecture) {
                    let rows = board.rows.values().map(AsRef::<Row>::as_ref);
                    known.insert((*prefecture, *days.end()), of(&picture(rows, at), None).tally(measure));
                }
            }
        }
        Ok(known)
    }

    async fn nation_of_reports(&self, actor: &Actor, days: &std::ops::RangeInclusive<NaiveDate>) -> Result<Known, PictureError> {
        let counts = self.completeness_counts(actor, None, DAILY, days.clone(), None).await.map_err(|error| match error {
            CompletenessError::Forbidden => PictureError::Forbidden,
            CompletenessError::NotFound => PictureError::NotFound,
            CompletenessError::Store(error) => PictureError::Store(error),
        })?;
        let tally = |c: akidoko_domain::due::DayCount| Tally { part: c.rate().part, whole: c.owed(), hospitals: 1 };
        Ok(counts.by_prefecture().map(|(day, prefecture, count)| ((prefecture, day), tally(count))).collect())
    }
}
