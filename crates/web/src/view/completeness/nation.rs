//! The nation's day, by prefecture.

use super::{
    SHEETS,
    chart::{Chart, Unit},
    filter::CompletenessFilter,
};
use crate::{
    view::{Frame, Here},
    words::{self, completeness as cw},
};
use akidoko_domain::due::DayCount;
use akidoko_service::completeness::{NationDay, Trend};
use askama::Template;
use chrono::NaiveDate;

struct Line {
    href: String,
    name: String,
    due: String,
    figures: [String; 7],
}

/// The page.
#[derive(Template)]
#[template(path = "completeness/nation.html")]
pub struct NationPage {
    frame: Frame,
    day: String,
    count: DayCount,
    lines: Vec<Line>,
    chart: String,
}

impl NationPage {
    /// Of today.
    pub fn new(frame: Frame, day: NaiveDate, lines: &[NationDay], trend: &[Trend], filter: &CompletenessFilter) -> Self {
        let mut count = DayCount::default();
        for l in lines {
            count.add(&l.count);
        }
        let line = |l: &NationDay| Line {
            href: filter.with(|f| {
                f.prefecture = Some(l.prefecture);
                f.unit = Unit::Day;
            }),
            name: l.name.clone(),
            due: l.rule.map_or_else(|| "なし".to_owned(), |r| r.due.format("%H:%M").to_string()),
            figures: [
                l.count.owed().to_string(),
                l.count.rate().part.to_string(),
                l.count.missing().to_string(),
                cw::rate(l.count.rate()),
                cw::rate(l.count.on_time_rate()),
                cw::rate(l.week),
                cw::rate(l.week_on_time),
            ],
        };
        let hrefs = (filter.with(|f| f.unit = Unit::Day), filter.with(|f| f.unit = Unit::Week));
        Self {
            frame: frame.of("報告状況", Here::Completeness, &[]).with_sheets(SHEETS),
            day: words::day(day),
            count,
            lines: lines.iter().map(line).collect(),
            chart: Chart::new(trend, filter.unit, hrefs, filter.published).render().unwrap_or_default(),
        }
    }

    fn on_time(&self) -> String {
        cw::rate(self.count.on_time_rate())
    }

    fn rate(&self) -> String {
        cw::rate(self.count.rate())
    }
}
