//! One version in full, under the version of the survey that it answered: old surveys stay readable.

use super::{
    Frame, Here,
    change::{after, author_words},
    path,
};
use crate::words;
use akidoko_domain::{
    board::Card,
    report::{Correction, Kind, ReportVersion},
    survey::{Answers, Item, Survey},
};
use askama::Template;
use chrono::{DateTime, Utc};

/// What the screen shows.
pub struct VersionInput<'a> {
    /// The hospital.
    pub card: &'a Card,
    /// The survey, in the version that was answered.
    pub survey: &'a Survey,
    /// The version.
    pub version: &'a ReportVersion,
    /// What stood before, in any order.
    pub before: &'a [ReportVersion],
    /// The correction that it was.
    pub correction: Option<&'a Correction>,
    /// The newest version of that day.
    pub newest: u32,
    /// Does this item exist for the reader?
    pub sees: &'a dyn Fn(&Item) -> bool,
    /// The present moment.
    pub now: DateTime<Utc>,
}

struct Line {
    label: String,
    value: String,
    was: Option<String>,
    /// A quick version does not speak of it.
    silent: bool,
}

struct Part {
    title: String,
    lines: Vec<Line>,
}

/// The screen.
#[derive(Template)]
#[template(path = "version.html")]
pub struct VersionPage {
    frame: Frame,
    name: String,
    hospital: String,
    history: String,
    day: String,
    number: u32,
    facts: Vec<(&'static str, String)>,
    mark: String,
    newer: Option<(String, u32)>,
    quick: bool,
    parts: Vec<Part>,
}

impl VersionPage {
    /// The screen of one version.
    pub fn new(frame: Frame, input: &VersionInput<'_>) -> Self {
        let VersionInput { card, survey, version, now, .. } = input;
        let author = &version.author;
        let mut facts = vec![
            ("調査", format!("{}（第 {} 版の設問）", survey.title, survey.version)),
            ("種類", words::kind(version.kind).to_owned()),
            ("いつの値", words::moment(version.as_of, *now)),
            ("受信", words::moment(version.received_at, *now)),
            ("だれが", author_words(author)),
            ("どこから", words::road(author).to_owned()),
        ];
        facts.extend(version.reason.clone().map(|reason| ("理由", reason)));
        if let Some(c) = input.correction {
            facts.push(("申請", words::moment(c.requested_at, *now)));
            if let Some((at, by)) = &c.decided {
                facts.push(("同意", format!("{}　{} {}　{}", by.organisation, by.operator, by.sign_in, words::moment(*at, *now))));
            }
        }
        let newer = (input.newest > version.version).then(|| (path::version(&card.code, version.report_date, input.newest), input.newest));
        Self {
            frame: frame.of(format!("第 {} 版　{}", version.version, card.name), Here::History, &[]).with_sheets(&["history.css"]),
            name: card.name.clone(),
            hospital: path::hospital(&card.code),
            history: format!("{}?month={}", path::history(&card.code), version.report_date.format("%Y-%m")),
            day: words::date(version.report_date),
            number: version.version,
            facts,
            mark: words::mark(author),
            newer: newer.filter(|_| version.survey == akidoko_domain::survey::DAILY),
            quick: version.kind == Kind::Quick,
            parts: parts(input),
        }
    }
}

fn parts(input: &VersionInput<'_>) -> Vec<Part> {
    let mut ordered: Vec<&ReportVersion> = input.before.iter().collect();
    ordered.sort_by_key(|v| (v.report_date, v.version));
    let before = ordered.into_iter().fold(None::<Answers>, |known, v| Some(after(known.as_ref(), v)));
    let now = after(before.as_ref(), input.version);
    let answer = |answers: &Answers, id: &str| answers.get(id).cloned().flatten();
    let line = |item: &Item| {
        let value = answer(&now, &item.id);
        let was = before.as_ref().map(|before| answer(before, &item.id)).filter(|was| *was != value);
        Line {
            label: words::label(input.survey, &item.id),
            value: words::with_unit(item, value.as_ref()),
            was: was.map(|was| words::with_unit(item, was.as_ref())),
            silent: input.version.kind == Kind::Quick && !input.version.answers.contains_key(&item.id),
        }
    };
    let part = |section: &akidoko_domain::survey::Section| Part {
        title: section.title.clone(),
        lines: section.items.iter().filter(|i| (input.sees)(i)).map(line).collect(),
    };
    input.survey.sections.iter().map(part).filter(|p| !p.lines.is_empty()).collect()
}
