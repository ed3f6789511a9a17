//! The chart of the rates, and the table behind it.

use crate::words::{self, completeness as cw};
use akidoko_service::completeness::Trend;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write as _;

/// Days or weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Four weeks, day by day.
    #[default]
    Day,
    /// A year, week by week.
    Week,
}

impl Unit {
    /// So many days back it looks.
    pub fn back(self) -> u64 {
        match self {
            Self::Day => 27,
            Self::Week => 364,
        }
    }
}

/// The words at the end of a line.
struct End {
    class: &'static str,
    x: String,
    y: String,
    words: String,
}

struct Line {
    when: String,
    figures: [String; 7],
}

/// Chart and table.
#[derive(Template)]
#[template(path = "completeness/_chart.html")]
pub struct Chart {
    unit: Unit,
    day_href: String,
    week_href: String,
    summary: String,
    rate: String,
    on_time: String,
    dots: Vec<(String, String)>,
    off: Vec<String>,
    labels: Vec<(String, String)>,
    ends: Vec<End>,
    lines: Vec<Line>,
    published: bool,
}

const LEFT: f64 = 56.0;
const WIDTH: f64 = 930.0;
const TOP: f64 = 16.0;
const HEIGHT: f64 = 176.0;

fn y(per_mille: u32) -> f64 {
    TOP + HEIGHT * (1.0 - f64::from(per_mille) / 1000.0)
}

impl Chart {
    /// Of days or weeks in order. Addresses of the other view.
    pub fn new(trend: &[Trend], unit: Unit, (day_href, week_href): (String, String), published: bool) -> Self {
        let step = WIDTH / f64::from(u32::try_from(trend.len().max(2) - 1).unwrap_or(1));
        let at = |n: usize| LEFT + step * f64::from(u32::try_from(n).unwrap_or(0));
        let path = |of: &dyn Fn(&Trend) -> Option<u32>| {
            let mut path = String::new();
            let mut pen = 'M';
            for (n, t) in trend.iter().enumerate() {
                match of(t) {
                    // Writing to a String cannot fail.
                    Some(rate) => {
                        let _ = write!(path, "{pen}{:.1} {:.1}", at(n), y(rate));
                        pen = 'L';
                    }
                    None => pen = 'M',
                }
            }
            path
        };
        let rate = |t: &Trend| t.count.rate().per_mille();
        let on_time = |t: &Trend| t.count.on_time_rate().per_mille();
        let last = trend.iter().enumerate().rev().find(|(_, t)| rate(t).is_some());
        let marks = |n: usize, t: &Trend| match unit {
            Unit::Day => n.is_multiple_of(7),
            Unit::Week => t.from.day() <= 7,
        };
        let label = |t: &Trend| if unit == Unit::Week { format!("{}月", t.from.month()) } else { words::short_day(t.from) };
        let labels = trend.iter().enumerate().filter(|(n, t)| marks(*n, t)).map(|(n, t)| (format!("{:.1}", at(n)), label(t)));
        Self {
            unit,
            day_href,
            week_href,
            summary: last.map_or_else(
                || "数えられる日がまだありません。".to_owned(),
                |(_, t)| {
                    format!(
                        "{}から{}まで。最後の値は{}、報告率 {}、締切内 {}。",
                        trend.first().map(|t| words::day(t.from)).unwrap_or_default(),
                        words::day(t.to),
                        when(t),
                        cw::rate(t.count.rate()),
                        cw::rate(t.count.on_time_rate())
                    )
                },
            ),
            rate: path(&rate),
            on_time: if published { String::new() } else { path(&on_time) },
            dots: trend.iter().enumerate().filter_map(|(n, t)| Some((format!("{:.1}", at(n)), format!("{:.1}", y(rate(t)?))))).collect(),
            off: if unit == Unit::Day {
                let off = trend.iter().enumerate().filter(|(_, t)| rate(t).is_none());
                off.map(|(n, _)| format!("{:.1}", at(n) - step / 2.0)).collect()
            } else {
                Vec::new()
            },
            labels: labels.collect(),
            ends: last.map_or_else(Vec::new, |(n, t)| ends(t, at(n) + 8.0, published)),
            lines: trend.iter().rev().map(|t| Line { when: when(t), figures: figures(t, published) }).collect(),
            published,
        }
    }

    fn band(&self) -> String {
        format!("{:.1}", WIDTH / f64::from(u32::try_from(self.lines.len().max(2) - 1).unwrap_or(1)))
    }
}

/// The words at the ends of the lines, apart from each other.
fn ends(t: &Trend, x: f64, published: bool) -> Vec<End> {
    let (rate, on_time) = (t.count.rate(), t.count.on_time_rate());
    let high = y(rate.per_mille().unwrap_or(0)) + 5.0;
    let low = (y(on_time.per_mille().unwrap_or(0)) + 5.0).max(high + 17.0);
    let end = |class, y: f64, words| End { class, x: format!("{x:.1}"), y: format!("{y:.1}"), words };
    let mut ends = vec![end(" c-rate", high, format!("報告率 {}", cw::rate(rate)))];
    if !published {
        ends.push(end(" c-time", low, format!("締切内 {}", cw::rate(on_time))));
    }
    ends
}

fn when(t: &Trend) -> String {
    let span = |d: NaiveDate| words::day(d);
    if t.from == t.to { span(t.from) } else { format!("{}年{}〜{}", t.from.year(), words::short_day(t.from), words::short_day(t.to)) }
}

fn figures(t: &Trend, published: bool) -> [String; 7] {
    let c = &t.count;
    let unknown = |figure: String| if published { "－".to_owned() } else { figure };
    [
        c.owed().to_string(),
        c.exempt.to_string(),
        c.rate().part.to_string(),
        cw::rate(c.rate()),
        unknown(cw::rate(c.on_time_rate())),
        unknown(c.late.to_string()),
        c.corrected.to_string(),
    ]
}
