//! A prefecture's day.

use super::{
    SHEETS,
    chart::{Chart, Unit},
    filter::{CompletenessFilter, STATES},
};
use crate::{
    view::{Frame, Here, path},
    words::{self, completeness as cw},
};
use akidoko_domain::{
    due::{DayCount, DayState},
    text::fold_phone,
    time::{day_before, jst_day},
};
use akidoko_service::completeness::{HospitalDay, PrefectureDay, Trend};
use askama::Template;
use chrono::{Days, NaiveDate};

/// A hospital's line.
struct Line {
    id: String,
    href: String,
    name: String,
    tag: Option<&'static str>,
    place: String,
    icon: &'static str,
    class: &'static str,
    state: &'static str,
    came: String,
    proxy: bool,
    last: String,
    mail: String,
    mail_warns: bool,
    call: Option<String>,
    phone: Option<(String, String)>,
    report: Option<String>,
}

/// A medical area's line.
struct Area {
    name: String,
    href: String,
    part: u64,
    of: u64,
    width: u64,
}

/// The page.
#[derive(Template)]
#[template(path = "completeness/day.html")]
pub struct CompletenessPage {
    frame: Frame,
    name: String,
    nation: bool,
    day: String,
    date: NaiveDate,
    today: NaiveDate,
    until: String,
    before: String,
    after: Option<String>,
    count: DayCount,
    not_yet: usize,
    open: usize,
    filter: CompletenessFilter,
    chips: Vec<(String, &'static str, usize, bool)>,
    areas: Vec<Area>,
    area_names: Vec<(String, String)>,
    heading: &'static str,
    lines: Vec<Line>,
    keeps: bool,
    reminded: Option<usize>,
    chart: String,
    live: String,
}

impl CompletenessPage {
    /// `keeps`: may remind and note; `reminded`: what a press has just done.
    pub fn new(
        frame: Frame,
        day: &PrefectureDay,
        filter: CompletenessFilter,
        trend: &[Trend],
        (keeps, nation): (bool, bool),
        reminded: Option<usize>,
    ) -> Self {
        let (today, now) = (jst_day(day.now), day.now);
        let of: Vec<&HospitalDay> = day.hospitals.iter().filter(|h| filter.is_of(h)).collect();
        let published = filter.published;
        let chips = STATES.iter().map(|(state, name)| {
            let n = of.iter().filter(|h| CompletenessFilter::has(state, h.state)).count();
            (filter.with(|f| (*state).clone_into(&mut f.state)), *name, n, filter.state == *state)
        });
        let chips: Vec<_> = chips.filter(|(_, _, n, current)| *n > 0 || *current).collect();
        let turn = |d: NaiveDate| filter.with(|f| f.date = (d != today).then_some(d));
        let chart = Chart::new(trend, filter.unit, (filter.with(|f| f.unit = Unit::Day), filter.with(|f| f.unit = Unit::Week)), published);
        let report = |h: &HospitalDay| (keeps && !published).then(|| path::report(&h.row.card.code, day.day));
        let shown = of.iter().filter(|h| CompletenessFilter::has(&filter.state, h.state));
        let lines = shown.map(|h| line(h, day.day, report(h), published)).collect();
        let live = match filter.prefecture {
            Some(p) => format!("{}?prefecture={p}", path::COMPLETENESS_EVENTS),
            None => path::COMPLETENESS_EVENTS.to_owned(),
        };
        Self {
            frame: frame.of("報告状況", Here::Completeness, &["js/completeness.js"]).with_sheets(SHEETS),
            name: day.name.clone(),
            nation,
            day: words::day(day.day),
            date: day.day,
            today,
            until: cw::until_due(day.day, day.rule, now),
            before: turn(day_before(day.day)),
            after: (day.day < today).then(|| turn(day.day.checked_add_days(Days::new(1)).unwrap_or(today))),
            count: day.count(|h| filter.is_of(h)),
            not_yet: of.iter().filter(|h| h.state == DayState::NotYet).count(),
            open: day.hospitals.iter().filter(|h| h.state.is_open()).count(),
            chips,
            areas: areas(day, &filter),
            area_names: day.areas.iter().map(|(code, name)| (code.clone(), name.clone())).collect(),
            heading: STATES.iter().find(|(s, _)| *s == filter.state).map_or("", |(_, name)| name),
            lines,
            keeps: keeps && !published,
            reminded,
            chart: chart.render().unwrap_or_default(),
            live,
            filter,
        }
    }

    fn rate(&self) -> String {
        cw::rate(self.count.rate())
    }

    fn is_today(&self) -> bool {
        self.date == self.today
    }

    fn today_href(&self) -> String {
        self.filter.with(|f| f.date = None)
    }

    fn on_time(&self) -> String {
        cw::rate(self.count.on_time_rate())
    }

    fn hidden(&self) -> Vec<(&'static str, String)> {
        self.filter.fields().into_iter().filter(|(n, _)| !matches!(*n, "area" | "kind" | "date")).collect()
    }
}

fn areas(day: &PrefectureDay, filter: &CompletenessFilter) -> Vec<Area> {
    let area = |(code, name): (&String, &String)| {
        let count = day.count(|h| h.row.card.area_code.as_ref() == Some(code));
        let rate = count.rate();
        Area {
            name: name.clone(),
            href: filter.with(|f| {
                f.area.clone_from(code);
                "all".clone_into(&mut f.state);
            }),
            part: rate.part,
            of: rate.of,
            width: rate.per_mille().map_or(0, |n| u64::from(n) / 10),
        }
    };
    day.areas.iter().map(area).filter(|a| a.of > 0).collect()
}

/// The number for `tel:`, and as it is read.
pub(super) fn phone(h: &HospitalDay) -> Option<(String, String)> {
    let words = h.row.card.phone.clone()?;
    Some((fold_phone(&words), words))
}

/// The last report, in days.
pub(super) fn last(h: &HospitalDay, day: NaiveDate) -> String {
    let Some(on) = h.last_on else { return "まだ一度もありません".to_owned() };
    let ago = (day - on).num_days();
    let words = match ago {
        1 => "前日".to_owned(),
        n => format!("{n}日前"),
    };
    format!("{words} {}", words::short_day(on))
}

/// What became of the reminders, and whether it wants looking after.
pub(super) fn mail(h: &HospitalDay) -> (String, bool) {
    match h.reminders.first() {
        None if !h.has_mailbox && h.state.is_open() => ("メールアドレスなし".to_owned(), true),
        None => (String::new(), false),
        Some(r) => {
            let warns = matches!(r.state.as_str(), "failed" | "bounced");
            (format!("{} 回・{} {}", h.reminders.len(), words::clock(r.at), cw::mail(&r.state)), warns)
        }
    }
}

fn line(h: &HospitalDay, day: NaiveDate, report: Option<String>, published: bool) -> Line {
    let card = &h.row.card;
    let (icon, class) = cw::state_icon(h.state);
    let (mail, mail_warns) = mail(h);
    let came = match (h.state, h.filed) {
        (DayState::Exempt(why), _) => cw::exempt(why).to_owned(),
        (_, Some(_)) if published => String::new(),
        (_, Some(filed)) => match filed.corrected_at {
            Some(at) => format!("{}　訂正 {}", cw::came(day, &filed), words::clock(at)),
            None => cw::came(day, &filed),
        },
        (_, None) => String::new(),
    };
    Line {
        id: card.code.to_string(),
        href: path::hospital(&card.code),
        name: card.name.clone(),
        tag: card.emergency_level.map(words::emergency_level),
        place: card.municipality.clone().or_else(|| card.area.clone()).unwrap_or_default(),
        icon,
        class,
        state: cw::state(h.state),
        came,
        proxy: h.filed.is_some_and(|f| f.on_behalf),
        last: last(h, day),
        mail,
        mail_warns,
        call: h.calls.first().map(|c| {
            format!(
                "{} {}{}",
                words::clock(c.at),
                cw::call(c.result),
                if c.words.is_empty() { String::new() } else { format!("：{}", c.words) }
            )
        }),
        phone: phone(h),
        report: report.filter(|_| h.state.is_open()),
    }
}
