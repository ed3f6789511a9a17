//! The work list.

use super::{
    super::{Frame, Here, path},
    bar::Bar,
    decision,
    filter::{Group, OfficeFilter, Sort, road_word},
};
use crate::words;
use akidoko_domain::{
    application::{Road, State, Weight},
    id::{ApplicationId, PrefCode},
    time::{jst_day, to_jst},
};
use akidoko_service::application::{ApplicationView, Office};
use askama::Template;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What stands around the rows: names, figures, the outbox.
pub struct Around {
    /// Names of prefectures.
    pub prefectures: BTreeMap<PrefCode, String>,
    /// The office's figures.
    pub office: Office,
    /// Mails that should have left, those tried in vain, those that wait for their time.
    pub mails: (i64, i64, i64),
    /// Now.
    pub now: DateTime<Utc>,
}

/// What was chosen and typed, where it is shown again.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// What is wrong with it.
    pub problem: Option<&'static str>,
    /// The reason.
    pub reason: String,
    /// What was chosen.
    pub chosen: HashSet<ApplicationId>,
    /// Everything is chosen.
    pub all: bool,
}

struct Chip {
    href: String,
    words: &'static str,
    count: usize,
    current: bool,
}

struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

struct Heading {
    href: String,
    words: &'static str,
    /// `ascending` or `descending`, where the rows stand in this order.
    order: Option<&'static str>,
}

impl Heading {
    fn arrow(&self) -> &'static str {
        match self.order {
            Some("ascending") => " ▲",
            Some(_) => " ▼",
            None => "",
        }
    }
}

struct Line<'a> {
    href: String,
    decision: Option<String>,
    of_all: bool,
    checked: bool,
    name: &'a str,
    prefecture: &'a str,
    kind: &'static str,
    contact: String,
    email: &'a str,
    doubts: Vec<String>,
    heavy: bool,
    submitted: String,
    place: Option<u32>,
    expected: String,
    state: &'static str,
    mark: (&'static str, &'static str),
    mail: String,
}

/// The page.
#[derive(Template)]
#[template(path = "office/list.html")]
pub struct OfficePage<'a> {
    frame: Frame,
    bar: Bar,
    typed: Typed,
    filter: OfficeFilter,
    open: usize,
    consulting: usize,
    today: usize,
    capacity: u32,
    last: Option<(String, &'static str)>,
    mails: (i64, i64, i64),
    chips: Vec<Chip>,
    prefectures: Vec<Choice>,
    windows: Vec<Choice>,
    roads: Vec<Choice>,
    headings: Vec<Heading>,
    lines: Vec<Line<'a>>,
    choosable: usize,
    chosen: usize,
}

impl<'a> OfficePage<'a> {
    /// The list of what the filter lets through.
    pub fn new(frame: Frame, views: &'a [ApplicationView], around: &'a Around, filter: OfficeFilter, bar: Bar, typed: Typed) -> Self {
        let folded = filter.folded();
        let mut shown: Vec<&ApplicationView> = views.iter().filter(|v| filter.fits_beside_state(v, &folded)).collect();
        let chips = chips(&filter, &shown);
        shown.retain(|v| filter.group.has(v.row.state));
        shown.sort_by(|a, b| filter.compare(a, b));
        // 「すべて選ぶ」 means what one press can approve; only where there is nothing of it, the consultations.
        let whole = |state| shown.iter().any(|v| v.row.state == state).then_some(state);
        let whole = whole(State::Submitted).or_else(|| whole(State::Consulting));
        let lines: Vec<Line<'a>> = shown.iter().map(|v| line(v, around, &typed, whole)).collect();
        let count = |state: State| views.iter().filter(|v| v.row.state == state).count();
        let today = jst_day(around.now);
        let decided = |v: &&ApplicationView| v.row.state != State::Submitted && v.row.decided_at.is_some_and(|at| jst_day(at) == today);
        Self {
            frame: frame.of("ID発行　作業一覧", Here::Office, &["js/office.js"]).with_sheets(super::SHEETS),
            open: count(State::Submitted),
            consulting: count(State::Consulting),
            today: views.iter().filter(decided).count(),
            capacity: around.office.daily_capacity,
            last: views.iter().filter_map(|v| v.estimate).map(|e| e.decided_on).max().map(|d| (words::short_day(d), words::weekday(d))),
            mails: around.mails,
            chips,
            prefectures: prefectures(&filter, views, around),
            windows: windows(&filter, views),
            roads: roads(&filter, views),
            headings: headings(&filter),
            choosable: lines.iter().filter(|l| l.of_all).count(),
            chosen: lines.iter().filter(|l| l.checked).count(),
            lines,
            bar,
            typed,
            filter,
        }
    }

    fn all_href(&self) -> String {
        let query = self.filter.query();
        format!("{}?{query}{}select=all", path::OFFICE, if query.is_empty() { "" } else { "&" })
    }

    /// Where a press comes from: what it sends along.
    fn origin(&self) -> String {
        format!("<input type=\"hidden\" name=\"view\" value=\"{}\">", self.filter.query().replace('&', "&amp;"))
    }

    fn bare_href(&self) -> String {
        let f = &self.filter;
        OfficeFilter { group: f.group, sort: f.sort, descending: f.descending, ..OfficeFilter::default() }.href()
    }

    fn is_filtered(&self) -> bool {
        let f = &self.filter;
        f.prefecture.is_some() || f.road.is_some() || f.window.is_some() || f.doubtful || !f.words.is_empty()
    }
}

fn chips(filter: &OfficeFilter, shown: &[&ApplicationView]) -> Vec<Chip> {
    let chip = |group: &Group| Chip {
        href: OfficeFilter { group: *group, ..filter.clone() }.href(),
        words: group.words(),
        count: shown.iter().filter(|v| group.has(v.row.state)).count(),
        current: filter.group == *group,
    };
    let always = |c: &Chip| c.count > 0 || c.current || c.words == Group::Open.words() || c.words == Group::All.words();
    Group::ALL.iter().map(chip).filter(always).collect()
}

fn prefectures(filter: &OfficeFilter, views: &[ApplicationView], around: &Around) -> Vec<Choice> {
    let mut counts: BTreeMap<PrefCode, usize> = BTreeMap::new();
    for view in views.iter().filter(|v| filter.group.has(v.row.state)) {
        *counts.entry(view.row.prefecture).or_default() += 1;
    }
    if let Some(chosen) = filter.prefecture {
        counts.entry(chosen).or_default();
    }
    let choice = |(code, count): (PrefCode, usize)| Choice {
        value: code.to_string(),
        words: format!("{}（{count}）", around.prefectures.get(&code).map_or("", String::as_str)),
        chosen: filter.prefecture == Some(code),
    };
    counts.into_iter().map(choice).collect()
}

fn windows(filter: &OfficeFilter, views: &[ApplicationView]) -> Vec<Choice> {
    let days: BTreeSet<NaiveDate> = views.iter().filter_map(|v| v.row.issue_from).chain(filter.window).collect();
    let choice = |day: NaiveDate| Choice {
        value: day.to_string(),
        words: format!("{} から発行", words::date(day)),
        chosen: filter.window == Some(day),
    };
    days.into_iter().map(choice).collect()
}

fn roads(filter: &OfficeFilter, views: &[ApplicationView]) -> Vec<Choice> {
    let choice = |road: Road| {
        let count = views.iter().filter(|v| v.row.applicant.road() == road && filter.group.has(v.row.state)).count();
        Choice {
            value: road_word(road).to_owned(),
            words: format!("{}（{count}）", words::road::road(road)),
            chosen: filter.road == Some(road),
        }
    };
    Road::ALL.into_iter().map(choice).collect()
}

fn headings(filter: &OfficeFilter) -> Vec<Heading> {
    let heading = |sort: &Sort| {
        let here = filter.sort == *sort;
        let turned = OfficeFilter { sort: *sort, descending: here && !filter.descending, ..filter.clone() };
        let order = here.then_some(if filter.descending { "descending" } else { "ascending" });
        Heading { href: turned.href(), words: sort.words(), order }
    };
    Sort::ALL.iter().map(heading).collect()
}

/// 4/3 09:12, with the year where it is not this one.
pub(super) fn short(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let year = if to_jst(at).year() == to_jst(now).year() { String::new() } else { format!("{}/", to_jst(at).year()) };
    format!("{year}{} {}", words::short_day(jst_day(at)), words::clock(at))
}

fn line<'a>(view: &'a ApplicationView, around: &'a Around, typed: &Typed, whole: Option<State>) -> Line<'a> {
    let row = &view.row;
    let of_all = whole == Some(row.state);
    let decision = row.state.is_undecided().then(|| decision(view));
    let expected = match (view.estimate, row.state, row.issue_from) {
        (Some(estimate), ..) => words::day(estimate.decided_on),
        (None, State::Approved | State::WaitingWindow, Some(day)) => format!("{} から", words::day(day)),
        _ => String::new(),
    };
    let mail = view.mail.as_ref().map(|m| {
        let at = m.opened_at.or(m.sent_at).map(|at| format!(" {}", short(at, around.now))).unwrap_or_default();
        format!("{} {}{at}", words::office::mail_kind(&m.kind), words::office::mail_state(&m.state, m.attempts, m.opened_at.is_some()))
    });
    Line {
        href: path::office_application(row.id),
        of_all,
        checked: decision.is_some() && (typed.all && of_all || typed.chosen.contains(&row.id)),
        decision,
        name: &row.form.name,
        prefecture: around.prefectures.get(&row.prefecture).map_or("", String::as_str),
        kind: words::road::kind_of(&row.form),
        contact: [row.form.department.as_str(), row.form.contact_name.as_str()].join(" "),
        email: &row.form.email,
        doubts: view.findings.iter().map(|f| words::road::doubt(row.form.road, &f.problem)).collect(),
        heavy: view.findings.iter().any(|f| f.problem.weight() != Weight::Soft),
        submitted: row.submitted_at.map(|at| short(at, around.now)).unwrap_or_default(),
        place: view.estimate.map(|e| e.place),
        expected,
        state: words::road::state(row.form.road, row.state),
        mark: words::road::state_mark(row.form.road, row.state),
        mail: mail.unwrap_or_default(),
    }
}
