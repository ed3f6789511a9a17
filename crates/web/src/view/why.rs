//! 「なぜ変わった？」: a figure, and what each version did to it. Whoever reads no history learns organisation, time, road and value, but
//! neither the operator nor the reason, which speaks of the whole report.

use super::{Frame, Here, change::author_words, path};
use crate::words;
use akidoko_domain::{
    report::{Effect, ItemChange, ReportVersion, item_changes},
    survey::{Catalogue, DAILY, Item},
};
use akidoko_service::history::{Why, item_of};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, Utc};

/// The most changes on a page.
const MOST: usize = 50;

struct Line {
    day: NaiveDate,
    from: Option<String>,
    to: String,
    /// For a past day, which one: the board's figure stayed.
    past: Option<String>,
    moment: String,
    author: String,
    road: &'static str,
    mark: String,
    version: String,
    href: Option<String>,
    reason: Option<String>,
    consent: Option<String>,
    /// The same was said again so often, last then.
    again: Option<(usize, String)>,
}

/// The screen.
#[derive(Template)]
#[template(path = "why.html")]
pub struct WhyPage {
    frame: Frame,
    name: String,
    hospital: String,
    label: String,
    /// What stands on the board, since when, by whom, and in whose place.
    stands: Option<(String, String, String, String)>,
    lines: Vec<Line>,
    older: Option<String>,
    until: Option<String>,
    history: Option<String>,
    operators: bool,
    first: String,
}

impl WhyPage {
    /// The screen of one figure; `name` is what the address calls it.
    pub fn new(frame: Frame, catalogue: &Catalogue, name: &str, why: &Why, until: Option<NaiveDate>, now: DateTime<Utc>) -> Self {
        let card = &why.row.card;
        let survey = catalogue.version(&why.survey.0, why.survey.1);
        let label = survey.map_or_else(|| why.item.label.clone(), |s| words::label(s, &why.item.id));
        let changes = item_changes(&why.versions, |v| item_of(catalogue, name, &v.survey, v.survey_version).map(|i| i.id.clone()));
        let question = |v: &ReportVersion| item_of(catalogue, name, &v.survey, v.survey_version).unwrap_or(&why.item);
        let mut lines = lines(&changes, why, question, now);
        // What lies before the first day that was read only says what stood.
        let cut = lines.len() > MOST;
        lines.truncate(MOST);
        let eve = |day: NaiveDate| day.checked_sub_days(Days::new(1)).unwrap_or(day);
        // Some of that day's changes come twice rather than not at all.
        let before = lines.last().filter(|_| cut).map_or_else(|| eve(why.first), |l| if until == Some(l.day) { eve(l.day) } else { l.day });
        let older = (cut || why.more).then(|| format!("{}?until={before}", path::why(&card.code, name)));
        let cell = why.column.and_then(|column| why.row.cells.get(&column)).filter(|_| until.is_none());
        let who = |author| if why.operators { author_words(author) } else { author.organisation.clone() };
        Self {
            frame: frame.of(format!("なぜ変わった？　{label}　{}", card.name), Here::Why, &[]).with_sheets(&["history.css"]),
            name: card.name.clone(),
            hospital: path::hospital(&card.code),
            stands: cell.map(|cell| {
                let value = words::with_unit(&why.item, cell.value.as_ref());
                let age = format!("{}（{}）", words::age(cell.as_of, now), words::moment(cell.as_of, now));
                (value, age, who(&cell.author), words::mark(&cell.author))
            }),
            label,
            lines,
            older,
            until: until.map(words::date),
            history: why.operators.then(|| format!("{}?item={}", path::history(&card.code), path::encode(&why.item.id))),
            operators: why.operators,
            first: words::date(why.first),
        }
    }
}

/// When a figure was said again, and by whom where that was somebody else: another system may confirm what the hospital said, or the other way
/// round.
fn confirmed(last: &ReportVersion, first: &ReportVersion, now: DateTime<Utc>) -> String {
    let moment = words::moment(last.received_at, now);
    let whose = |v: &ReportVersion| (v.author.organisation.clone(), words::mark(&v.author));
    match whose(last) {
        same if same == whose(first) => moment,
        (organisation, mark) if mark.is_empty() => format!("{moment}　{organisation}"),
        (organisation, mark) => format!("{moment}　{organisation}　{mark}"),
    }
}

fn lines<'a>(changes: &[ItemChange<'a>], why: &Why, question: impl Fn(&ReportVersion) -> &'a Item, now: DateTime<Utc>) -> Vec<Line> {
    let card = &why.row.card;
    let mut lines: Vec<Line> = Vec::new();
    // How often, and the last of them: the changes come the newest first.
    let mut again: Option<(usize, &ReportVersion)> = None;
    for change in changes {
        let v = change.version;
        let item = question(v);
        let same_on_its_day = change.effect == Effect::PastOnly && change.from.as_ref() == Some(&change.to);
        if change.effect == Effect::Confirmed {
            again = Some(again.map_or((1, v), |(n, last)| (n + 1, last)));
            continue;
        }
        if same_on_its_day || v.report_date < why.first {
            continue;
        }
        let correction =
            why.corrections.iter().find(|c| c.survey == v.survey && c.report_date == v.report_date && c.version == Some(v.version));
        let consent = correction.and_then(|c| c.decided.as_ref());
        let past = change.effect == Effect::PastOnly;
        lines.push(Line {
            day: v.report_date,
            from: change.from.as_ref().map(|from| words::with_unit(item, from.as_ref())),
            to: words::with_unit(item, change.to.as_ref()),
            past: past.then(|| words::day(v.report_date)),
            moment: words::moment(v.received_at, now),
            author: if why.operators { author_words(&v.author) } else { v.author.organisation.clone() },
            road: words::road(&v.author),
            mark: words::mark(&v.author),
            version: format!("{}の第 {} 版", words::day(v.report_date), v.version),
            href: why.operators.then(|| {
                let href = path::version(&card.code, v.report_date, v.version);
                if v.survey == DAILY { href } else { format!("{href}?survey={}", path::encode(&v.survey)) }
            }),
            reason: v.reason.clone().filter(|_| why.operators),
            consent: consent.map(|(at, by)| format!("{}の同意（{}）", by.organisation, words::moment(*at, now))),
            again: if past { None } else { again.take().map(|(n, last)| (n, confirmed(last, v, now))) },
        });
    }
    lines
}
