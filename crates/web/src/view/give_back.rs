//! What a report did, told to the hospital that gave it: a part of its receipt, of its own page, and a sentence on its report screen.

use crate::words;
use akidoko_domain::{
    report::{DayFigures, Punctuality},
    time::jst_day,
};
use akidoko_service::give_back::{AreaToday, GiveBack, ReadBy};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// 「1 消防本部・3 病院が見ました」; `None` where nobody has.
fn readers(read: ReadBy) -> Option<String> {
    let parts = [(read.fire_headquarters, "消防本部"), (read.hospitals, "病院"), (read.others, "行政機関など")];
    let parts: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    (!parts.is_empty()).then(|| format!("{}が見ました", parts.join("・")))
}

/// The sentence of the report screen.
pub fn give_line((day, at): (NaiveDate, DateTime<Utc>), read_by: ReadBy, now: DateTime<Utc>) -> Option<String> {
    let readers = readers(read_by);
    if day == jst_day(now) {
        return readers.map(|r| format!("そのあと {r}。"));
    }
    let readers = readers.map(|r| format!("、{r}")).unwrap_or_default();
    Some(format!("{}の報告は {} に掲載{readers}。", words::day(day), words::clock(at)))
}

/// A line of a chart, as paths in a field of 100 × 100.
struct Chart {
    title: &'static str,
    /// The newest figure that is known.
    newest: String,
    described: String,
    most: String,
    line: String,
    gaps: String,
    dots: Vec<(String, String)>,
}

struct Day {
    on: String,
    available: String,
    inpatients: String,
    occupancy: String,
    reported: bool,
}

#[derive(Template)]
#[template(path = "_give_back.html")]
struct GiveView {
    heading: String,
    readers: Option<String>,
    due: u32,
    on_time: u32,
    rest: String,
    streak: u32,
    weeks: String,
    area: Option<AreaToday>,
    share: Option<u32>,
}

/// The part of a page.
pub fn give_back(give: &GiveBack, now: DateTime<Utc>) -> String {
    let p = give.punctuality;
    let own = give.area.as_ref().and_then(|a| a.own);
    let sum = give.area.as_ref().and_then(|a| a.totals.available).filter(|sum| *sum > 0);
    let view = GiveView {
        heading: match give.shown {
            Some((day, at)) if day == jst_day(now) => format!("今日の報告は {} に掲載しました", words::clock(at)),
            Some((day, at)) => format!("{}の報告は {}に受け取りました", words::day(day), words::moment(at, now)),
            None => "まだ報告がありません".to_owned(),
        },
        readers: readers(give.read_by),
        due: p.due,
        on_time: p.on_time,
        rest: punctual_rest(p),
        streak: p.streak,
        weeks: weeks(&give.days),
        share: own.zip(sum).map(|(own, sum)| (own * 100 + sum / 2) / sum),
        area: give.area.clone(),
    };
    // Rendering into a String fails only where a Display does, and none of ours do.
    view.render().unwrap_or_default()
}

/// 「締切のあと 2 日、未報告 1 日」
pub(super) fn punctual_rest(p: Punctuality) -> String {
    match (p.late, p.missing) {
        (0, 0) => String::new(),
        (late, 0) => format!("締切のあと {late} 日"),
        (0, missing) => format!("未報告 {missing} 日"),
        (late, missing) => format!("締切のあと {late} 日、未報告 {missing} 日"),
    }
}

/// The charts of some weeks and the table behind them, as HTML.
#[derive(Template)]
#[template(path = "_weeks.html")]
struct WeeksView {
    charts: Vec<Chart>,
    days: Vec<Day>,
    first: String,
    last: String,
}

/// The last weeks of a hospital as HTML: empty where no chart can be drawn.
pub(super) fn weeks(days: &[DayFigures]) -> String {
    let charts =
        [chart("受入可能病床数（空床）", "床", days, |d| d.available), chart("確保病床使用率", "%", days, DayFigures::occupancy_percent)];
    let view = WeeksView {
        charts: charts.into_iter().flatten().collect(),
        days: days.iter().rev().map(day).collect(),
        first: short(days.first()),
        last: short(days.last()),
    };
    if view.charts.is_empty() { String::new() } else { view.render().unwrap_or_default() }
}

fn short(day: Option<&DayFigures>) -> String {
    day.map(|d| words::short_day(d.day)).unwrap_or_default()
}

fn day(d: &DayFigures) -> Day {
    let words = |n: Option<u32>, unit: &str| n.map_or_else(|| "未回答".to_owned(), |n| format!("{n}{unit}"));
    let any = d.reported || d.available.is_some();
    let of = |n: Option<u32>, unit: &str| if any { words(n, unit) } else { "－".to_owned() };
    Day {
        on: words::short_day(d.day) + "（" + words::weekday(d.day) + "）",
        available: of(d.available, ""),
        inpatients: of(d.inpatients, ""),
        occupancy: d.occupancy_percent().map_or_else(|| "－".to_owned(), |n| format!("{n} %")),
        reported: d.reported,
    }
}

/// A line with its gaps; `None` where fewer than two days are known, which make no line.
fn chart(title: &'static str, unit: &str, days: &[DayFigures], figure: impl Fn(&DayFigures) -> Option<u32>) -> Option<Chart> {
    use std::fmt::Write as _;
    let known: Vec<(usize, NaiveDate, u32)> = days.iter().enumerate().filter_map(|(at, d)| Some((at, d.day, figure(d)?))).collect();
    let (_, newest_day, newest) = *known.last()?;
    if known.len() < 2 {
        return None;
    }
    let most = known.iter().map(|(.., n)| *n).max().unwrap_or(0);
    let least = known.iter().map(|(.., n)| *n).min().unwrap_or(0);
    let room = f64::from(most.max(1));
    #[expect(clippy::cast_precision_loss, reason = "days are few")]
    let x = |at: usize| at as f64 * 100.0 / (days.len().max(2) - 1) as f64;
    let y = |n: u32| 95.0 - f64::from(n) * 90.0 / room;
    let (mut line, mut gaps) = (String::new(), String::new());
    let mut dots = Vec::new();
    for (place, (at, _, n)) in known.iter().enumerate() {
        let follows = place > 0 && known[place - 1].0 + 1 == *at;
        // Writing to a String cannot fail.
        let _ = write!(line, "{}{:.1} {:.1}", if follows { "L" } else { "M" }, x(*at), y(*n));
        if !follows && let Some((before, _, was)) = place.checked_sub(1).map(|p| known[p]) {
            let _ = write!(gaps, "M{:.1} {:.1}L{:.1} {:.1}", x(before), y(was), x(*at), y(*n));
        }
        let alone = !follows && known.get(place + 1).is_none_or(|(next, ..)| *next != at + 1);
        if alone || place + 1 == known.len() {
            dots.push((format!("{:.1}", x(*at)), format!("{:.1}", y(*n))));
        }
    }
    let missing = days.len() - known.len();
    Some(Chart {
        title,
        newest: format!("{newest} {unit}（{}）", words::short_day(newest_day)),
        described: format!("{title}。最近は {newest} {unit}、最大 {most} {unit}、最小 {least} {unit}。値のない日が {missing} 日。"),
        most: format!("{most} {unit}"),
        line,
        gaps,
        dots,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_read() {
        for (counts, expected) in [
            ((0, 0, 0), None),
            ((1, 0, 0), Some("1 消防本部が見ました")),
            ((2, 3, 0), Some("2 消防本部・3 病院が見ました")),
            ((0, 0, 4), Some("4 行政機関などが見ました")),
        ] {
            let (fire_headquarters, hospitals, others) = counts;
            assert_eq!(readers(ReadBy { fire_headquarters, hospitals, others }).as_deref(), expected);
        }
    }

    #[test]
    fn a_day_without_a_report_is_a_gap_in_the_line() {
        let first: NaiveDate = "2026-04-06".parse().unwrap();
        let figures = [Some(4), Some(2), None, Some(0), None];
        let days: Vec<DayFigures> = first
            .iter_days()
            .zip(figures)
            .map(|(day, available)| DayFigures { day, reported: available.is_some(), available, inpatients: None, secured: None })
            .collect();
        let chart = chart("空床", "床", &days, |d| d.available).unwrap();
        assert_eq!(chart.line, "M0.0 5.0L25.0 50.0M75.0 95.0");
        assert_eq!(chart.gaps, "M25.0 50.0L75.0 95.0", "dashed from the last known day to the next");
        assert_eq!(chart.dots.len(), 1, "a day between gaps is a dot");
        assert_eq!(chart.newest, "0 床（4/9）");
        assert!(super::chart("空床", "床", &days[..1], |d| d.available).is_none());
        assert!(super::chart("使用率", "%", &days, DayFigures::occupancy_percent).is_none());
    }
}
