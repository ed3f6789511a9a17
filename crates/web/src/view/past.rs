//! What of a hospital's past everybody of its board may know: a part of its page.

use super::{
    give_back::{punctual_rest, weeks},
    pattern,
};
use crate::words;
use akidoko_domain::{
    report::{Kind, ReportVersion},
    time::jst_day,
};
use akidoko_service::past::Past;
use askama::Template;
use chrono::{DateTime, Utc};

struct PatternLine {
    name: String,
    when: String,
    answers: Vec<(String, String)>,
    holds: bool,
}

/// A report of today; of another system all that came one after the other, since its program comes every few minutes.
struct TodayLine {
    clock: String,
    what: &'static str,
    mark: String,
    who: String,
    /// How many more, and when the first of them came.
    more: Option<(usize, String)>,
}

#[derive(Template)]
#[template(path = "_past.html")]
struct PastView {
    punctual: Option<(u32, u32, String)>,
    today: Vec<TodayLine>,
    is_cut: bool,
    weeks: String,
    patterns: Vec<PatternLine>,
}

/// The part of the page. `mine`: the weeks and the punctuality stand in what its report did, once is enough; `holds`: which pattern holds now.
pub fn past(past: &Past, mine: bool, holds: Option<&str>, now: DateTime<Utc>) -> String {
    let p = past.punctuality;
    let versions = past.today.iter().filter(|v| v.report_date == jst_day(now));
    let view = PastView {
        punctual: (!mine && p.due > 0).then(|| (p.on_time, p.due, punctual_rest(p))),
        today: today(versions),
        is_cut: past.is_cut,
        weeks: if mine { String::new() } else { weeks(&past.days) },
        patterns: past
            .patterns
            .iter()
            .map(|p| PatternLine {
                name: p.name.clone(),
                when: pattern::when(p),
                answers: pattern::answers(p, &past.survey),
                holds: holds == Some(p.name.as_str()),
            })
            .collect(),
    };
    if view.today.is_empty() && view.weeks.is_empty() && view.patterns.is_empty() && view.punctual.is_none() {
        return String::new();
    }
    view.render().unwrap_or_default()
}

/// The newest first.
fn today<'a>(versions: impl Iterator<Item = &'a ReportVersion>) -> Vec<TodayLine> {
    let mut lines: Vec<TodayLine> = Vec::new();
    for v in versions {
        let clock = words::clock(v.received_at);
        let what = if v.kind == Kind::Full { "報告" } else { "空床などの更新" };
        let (mark, who) = (words::mark(&v.author), format!("{}　{}", words::channel(v.author.channel), v.author.organisation));
        match lines.last_mut() {
            // Who types does so each time for a reason.
            Some(last) if v.author.source.is_some() && (last.what, &last.mark, &last.who) == (what, &mark, &who) => {
                last.more = Some((last.more.as_ref().map_or(1, |(n, _)| n + 1), clock));
            }
            _ => lines.push(TodayLine { clock, what, mark, who, more: None }),
        }
    }
    lines
}
