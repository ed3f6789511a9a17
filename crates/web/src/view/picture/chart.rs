//! A measure over days, and the table behind it. A day that is not known is a gap, never a zero.

use crate::words;
use akidoko_domain::picture::Measure;
use akidoko_service::picture::words as pw;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write as _;

/// A day of the line.
pub(super) struct Point {
    pub day: NaiveDate,
    /// Beds, persons, or tenths of a percent.
    pub value: Option<u64>,
    /// Of what it is, in words.
    pub made_of: String,
    /// How it stands to the day before.
    pub change: String,
}

struct Line {
    when: String,
    value: String,
    change: String,
    made_of: String,
}

/// Chart and table.
#[derive(Template)]
#[template(path = "picture/_chart.html")]
pub(super) struct Chart {
    title: String,
    summary: String,
    path: String,
    dots: Vec<(String, String)>,
    grid: Vec<(String, String, String)>,
    labels: Vec<(String, String)>,
    end: Option<(String, String, String)>,
    lines: Vec<Line>,
}

const LEFT: f64 = 64.0;
const WIDTH: f64 = 900.0;
const TOP: f64 = 16.0;
const HEIGHT: f64 = 176.0;

/// A round number at or over the greatest value, with four steps of whole units: beds, or percent.
fn most(greatest: u64, is_rate: bool) -> u64 {
    let unit = if is_rate { 10 } else { 1 };
    let mut step = 1;
    loop {
        for by in [1, 2, 5] {
            let most = step * by * 4 * unit;
            if most >= greatest {
                return most;
            }
        }
        step *= 10;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
fn float(n: u64) -> f64 {
    n as f64
}

impl Chart {
    pub fn new(measure: Measure, title: String, points: &[Point]) -> Self {
        let greatest = points.iter().filter_map(|p| p.value).max().unwrap_or(0);
        let most = most(greatest, measure.is_rate());
        let step = WIDTH / float(u64::try_from(points.len().max(2) - 1).unwrap_or(1));
        let x = |n: usize| LEFT + step * float(u64::try_from(n).unwrap_or(0));
        let y = |value: u64| TOP + HEIGHT * (1.0 - float(value) / float(most));
        let mut path = String::new();
        let mut pen = 'M';
        for (n, p) in points.iter().enumerate() {
            match p.value {
                Some(value) => {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "{pen}{:.1} {:.1}", x(n), y(value));
                    pen = 'L';
                }
                None => pen = 'M',
            }
        }
        let last = points.iter().enumerate().rev().find_map(|(n, p)| Some((n, p.day, p.value?)));
        let few = points.len() <= 100;
        let marks = |p: &Point| if few { p.day.weekday() == chrono::Weekday::Mon } else { p.day.day() == 1 };
        let label = |p: &Point| if few { words::short_day(p.day) } else { format!("{}月", p.day.month()) };
        let span = |n: usize| points.get(n).map(|p| words::day(p.day)).unwrap_or_default();
        Self {
            summary: last.map_or_else(
                || format!("{title}は、まだ集計された日がありません。"),
                |(_, day, value)| {
                    let known = points.iter().filter_map(|p| p.value);
                    let (low, high) = (known.clone().min().unwrap_or(0), known.max().unwrap_or(0));
                    format!(
                        "{title}の推移、{}から{}まで。最後の値は{}の {}、最も低い日は {}、最も高い日は {}。",
                        span(0),
                        span(points.len() - 1),
                        words::day(day),
                        pw::value(measure, value),
                        pw::value(measure, low),
                        pw::value(measure, high)
                    )
                },
            ),
            title,
            path,
            dots: if few {
                points.iter().enumerate().filter_map(|(n, p)| Some((format!("{:.1}", x(n)), format!("{:.1}", y(p.value?))))).collect()
            } else {
                Vec::new()
            },
            grid: (0..=4)
                .map(|n| {
                    let value = most / 4 * n;
                    (format!("{:.1}", y(value)), format!("{:.1}", y(value) + 5.0), tick(measure, value))
                })
                .collect(),
            labels: points.iter().enumerate().filter(|(_, p)| marks(p)).map(|(n, p)| (format!("{:.1}", x(n)), label(p))).collect(),
            end: last.map(|(n, _, value)| (format!("{:.1}", x(n) + 8.0), format!("{:.1}", y(value) + 5.0), pw::value(measure, value))),
            lines: points
                .iter()
                .rev()
                .map(|p| Line {
                    when: words::day(p.day),
                    value: p.value.map_or_else(|| "－".to_owned(), |v| pw::value(measure, v)),
                    change: p.change.clone(),
                    made_of: p.made_of.clone(),
                })
                .collect(),
        }
    }

    pub fn html(&self) -> String {
        // Rendering into a String fails only where a Display does, and none of ours do.
        self.render().unwrap_or_default()
    }
}

fn tick(measure: Measure, value: u64) -> String {
    if measure.is_rate() { format!("{} %", value / 10) } else { pw::thousands(value) }
}

#[cfg(test)]
mod tests {
    use super::most;

    #[test]
    fn the_top_of_a_chart() {
        for (greatest, is_rate, expected) in [
            (0, false, 4),
            (4, false, 4),
            (5, false, 8),
            (97, false, 200),
            (1234, false, 2000),
            (0, true, 40),
            (523, true, 800),
            (1234, true, 2000),
        ] {
            assert_eq!(most(greatest, is_rate), expected, "{greatest}");
        }
    }
}
