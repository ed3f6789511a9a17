//! A prefecture: how its beds stand now, against yesterday and last week, by area, over time.

use super::{
    SHEETS, change,
    chart::{Chart, Point},
};
use crate::{
    view::{Frame, Here, path},
    words,
};
use akidoko_domain::{
    board::Column,
    picture::{BedRate, Measure, Sums, Tally},
    time::{jst_day, to_jst},
};
use akidoko_exchange::table::{self, Cell, Table};
use akidoko_service::picture::{AlertRow, PhaseRow, PictureView, shows, words as pw};
use askama::Template;
use chrono::{Days, NaiveDate};
use std::ops::RangeInclusive;

/// How far the line goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// Eight weeks.
    #[default]
    Weeks,
    /// A year.
    Year,
}

impl Span {
    /// Read from an address.
    pub fn parse(text: &str) -> Self {
        if text == "year" { Self::Year } else { Self::Weeks }
    }

    /// The days that are over, up to yesterday.
    pub fn days(self, today: NaiveDate) -> RangeInclusive<NaiveDate> {
        let back = |n: u64| today.checked_sub_days(Days::new(n)).unwrap_or(today);
        back(if self == Self::Year { 365 } else { 56 })..=back(1)
    }

    /// The word in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weeks => "weeks",
            Self::Year => "year",
        }
    }
}

/// What of it is looked at: an address that can be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureFilter {
    /// For the ministry.
    pub prefecture: Option<akidoko_domain::id::PrefCode>,
    /// 二次医療圏, code.
    pub area: Option<String>,
    /// The measure of the line.
    pub measure: Measure,
    /// How far it goes back.
    pub span: Span,
}

impl PictureFilter {
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        other.href(path::PICTURE)
    }

    fn href(&self, to: &str) -> String {
        let mut query = vec![];
        query.extend(self.prefecture.map(|p| format!("prefecture={p}")));
        query.extend(self.area.as_ref().map(|a| format!("area={a}")));
        query.push(format!("measure={}", self.measure.as_str()));
        query.push(format!("span={}", self.span.name()));
        format!("{to}?{}", query.join("&"))
    }
}

struct Figure {
    name: &'static str,
    value: String,
    unit: &'static str,
    rest: String,
}

struct Line {
    name: &'static str,
    href: String,
    now: String,
    yesterday: String,
    week: String,
    hospitals: String,
    part: bool,
    chosen: bool,
}

struct AreaLine {
    name: String,
    href: String,
    hospitals: String,
    figures: Vec<String>,
    chosen: bool,
}

struct AlertLine {
    id: String,
    why: String,
    rule: String,
    raised: String,
    seen: Option<String>,
    ended: Option<String>,
}

struct PhaseLine {
    name: String,
    beds: String,
    severe: String,
    criteria: String,
    current: bool,
}

/// The phase that holds, against what is ready.
struct PhasePart {
    current: String,
    last: String,
    plan: Option<String>,
    lines: Vec<PhaseLine>,
    changes: Vec<(String, String, String, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "picture/prefecture.html")]
pub struct PicturePage {
    frame: Frame,
    name: String,
    at: String,
    area: Option<String>,
    whole_href: String,
    live: String,
    csv: String,
    nation: bool,
    keeps: bool,
    figures: Vec<Figure>,
    current: u32,
    hospitals: u32,
    lines: Vec<Line>,
    area_heads: Vec<&'static str>,
    areas: Vec<AreaLine>,
    standing: Vec<AlertLine>,
    past: Vec<AlertLine>,
    thresholds: usize,
    phases: Option<PhasePart>,
    measures: Vec<(&'static str, &'static str, bool)>,
    filter: PictureFilter,
    spans: [(String, &'static str, bool); 2],
    chart: String,
}

/// The measures of a line of the areas' table.
const OF_AREAS: [(Measure, &str); 9] = [
    (Measure::Figure(Column::SecuredBeds), "確保"),
    (Measure::Figure(Column::ReadyBeds), "即応"),
    (Measure::Figure(Column::InpatientsTotal), "入院"),
    (Measure::Figure(Column::AvailableBeds), "空床"),
    (Measure::Figure(Column::AvailableBedsSevere), "重症"),
    (Measure::Figure(Column::AvailableBedsModerate), "中等症"),
    (Measure::Figure(Column::AvailableBedsMild), "軽症"),
    (Measure::Rate(BedRate::Secured), "確保使用率"),
    (Measure::Rate(BedRate::Ready), "即応使用率"),
];

/// In which order the table stands: beds with their parts, then patients, then what is free, then rates.
fn in_order() -> impl Iterator<Item = Measure> {
    Measure::all().filter(|m| !m.is_rate()).chain(Measure::all().filter(|m| m.is_rate()))
}

fn is_part(measure: Measure) -> bool {
    pw::measure(measure).contains(" うち")
}

fn value(hidden: bool, measure: Measure, sums: &Sums) -> String {
    if hidden {
        return words::WITHHELD.to_owned();
    }
    sums.value(measure).map_or_else(|| "－".to_owned(), |v| pw::value(measure, v))
}

impl PicturePage {
    /// Of a view; `keeps`: whoever looks sets phases and thresholds.
    pub fn new(frame: Frame, view: &PictureView, filter: PictureFilter, (keeps, nation): (bool, bool)) -> Self {
        let area = filter.area.as_deref();
        let sums = view.sums(area);
        let then = |picture: &Option<akidoko_domain::picture::Picture>| {
            picture.as_ref().map(|p| area.map_or_else(|| p.all.clone(), |code| p.areas.get(code).cloned().unwrap_or_default()))
        };
        let (yesterday, week) = (then(&view.yesterday), then(&view.last_week));
        let hides = |m: Measure| !shows(&view.hidden, m);
        let against = |m: Measure, other: &Option<Sums>| {
            if hides(m) { String::new() } else { change(m.is_rate(), sums.value(m), other.as_ref().and_then(|s| s.value(m))) }
        };
        let line = |m: Measure| Line {
            name: pw::measure(m).rsplit(' ').next().filter(|_| is_part(m)).unwrap_or_else(|| pw::measure(m)),
            href: filter.with(|f| f.measure = m),
            now: value(hides(m), m, &sums),
            yesterday: against(m, &yesterday),
            week: against(m, &week),
            hospitals: if hides(m) { String::new() } else { format!("{} / {}", sums.tally(m).hospitals, sums.hospitals) },
            part: is_part(m),
            chosen: m == filter.measure,
        };
        let figure = |m: Measure, name: &'static str| Figure {
            name,
            value: if hides(m) { words::WITHHELD.to_owned() } else { sums.value(m).map_or_else(|| "－".to_owned(), |v| pw::number(m, v)) },
            unit: if hides(m) || sums.value(m).is_none() { "" } else { pw::unit(m) },
            rest: if hides(m) { String::new() } else { format!("前日 {}　前週 {}", against(m, &yesterday), against(m, &week)) },
        };
        let name_of = |code: &str| view.areas.get(code).map_or(code, String::as_str).to_owned();
        let chart = if hides(filter.measure) {
            String::new()
        } else {
            let title =
                format!("{}{}", area.map(|code| format!("{}圏域 ", name_of(code))).unwrap_or_default(), pw::measure(filter.measure));
            Chart::new(filter.measure, title, &points(view, &filter)).html()
        };
        let today = jst_day(view.at);
        let alert = |a: &AlertRow| alert_line(a, view, today);
        let alerts: Vec<&AlertRow> = view.alerts.iter().filter(|a| !hides(a.threshold.threshold.measure)).collect();
        let area_line = |(code, name): (&String, &String)| {
            let sums = view.sums(Some(code));
            AreaLine {
                name: name.clone(),
                href: filter.with(|f| f.area = Some(code.clone())),
                hospitals: format!("{} / {}", sums.current, sums.hospitals),
                figures: OF_AREAS
                    .iter()
                    .map(|(m, _)| match (hides(*m), sums.value(*m)) {
                        (true, _) => words::WITHHELD.to_owned(),
                        (_, None) => "－".to_owned(),
                        (_, Some(v)) if m.is_rate() => pw::value(*m, v),
                        (_, Some(v)) => pw::thousands(v),
                    })
                    .collect(),
                chosen: area == Some(code.as_str()),
            }
        };
        let clock = to_jst(view.at).format("%H:%M");
        Self {
            // What stands below, and follows what happens, is not said a second time above.
            frame: frame
                .alerting(Vec::new())
                .of(format!("{} 病床の状況", view.name), Here::Picture, &["js/completeness.js"])
                .with_sheets(SHEETS),
            name: view.name.clone(),
            at: format!("{}{clock}", words::day(today)),
            whole_href: filter.with(|f| f.area = None),
            live: format!("{}{}", path::PICTURE_EVENTS, filter.prefecture.map(|p| format!("?prefecture={p}")).unwrap_or_default()),
            csv: filter.href(path::PICTURE_CSV),
            nation,
            keeps,
            figures: vec![
                figure(Measure::Figure(Column::AvailableBeds), "空床"),
                figure(Measure::Rate(BedRate::Ready), "即応病床使用率"),
                figure(Measure::Rate(BedRate::Secured), "確保病床使用率"),
                figure(Measure::Figure(Column::InpatientsTotal), "入院患者"),
            ],
            current: sums.current,
            hospitals: sums.hospitals,
            lines: in_order().map(line).collect(),
            area_heads: OF_AREAS.iter().map(|(_, head)| *head).collect(),
            areas: view.areas.iter().map(area_line).collect(),
            standing: alerts.iter().filter(|a| a.cleared.is_none()).map(|a| alert(a)).collect(),
            past: alerts.iter().filter(|a| a.cleared.is_some()).map(|a| alert(a)).collect(),
            thresholds: view.thresholds.len(),
            phases: phases(view, &view.sums(None), today),
            measures: Measure::all().filter(|m| !hides(*m)).map(|m| (m.as_str(), pw::measure(m), m == filter.measure)).collect(),
            spans: [(Span::Weeks, "8 週間"), (Span::Year, "1 年")]
                .map(|(span, words)| (filter.with(|f| f.span = span), words, filter.span == span)),
            area: filter.area.as_deref().map(name_of),
            filter,
            chart,
        }
    }
}

/// The days of the line, and today as far as it has come.
fn points(view: &PictureView, filter: &PictureFilter) -> Vec<Point> {
    let m = filter.measure;
    let today = jst_day(view.at);
    let mut known: std::collections::BTreeMap<NaiveDate, Tally> = view.days.iter().map(|d| (d.day, d.sums.tally(m))).collect();
    known.insert(today, view.sums(filter.area.as_deref()).tally(m));
    let first = known.iter().find(|(_, t)| t.hospitals > 0).map_or(today, |(day, _)| *day);
    let mut before = None;
    first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(|day| {
            let tally = known.get(&day).copied().unwrap_or_default();
            let value = tally.value(m);
            let point = Point {
                day,
                value,
                made_of: if tally.hospitals == 0 { String::new() } else { pw::made_of(m, tally) },
                change: change(m.is_rate(), value, before),
            };
            before = value;
            point
        })
        .collect()
}

fn alert_line(a: &AlertRow, view: &PictureView, today: NaiveDate) -> AlertLine {
    let t = &a.threshold.threshold;
    let area = t.area.as_ref().map(|code| view.areas.get(code).unwrap_or(code).as_str());
    let when = |at: chrono::DateTime<chrono::Utc>| {
        let day = jst_day(at);
        let clock = to_jst(at).format("%H:%M");
        if day == today { format!("今日 {clock}") } else { format!("{}{clock}", words::day(day)) }
    };
    AlertLine {
        id: a.id.to_string(),
        why: pw::why(t, area, a.raised.1),
        rule: pw::rule(t),
        raised: when(a.raised.0),
        seen: a.seen.as_ref().map(|(at, by)| format!("{} {by}", when(*at))),
        ended: a.cleared.as_ref().map(|(at, tally)| {
            let how = if tally.hospitals == 0 {
                "しきい値の設定を終えたため、解除しました。".to_owned()
            } else {
                pw::cleared(t, area, *tally)
            };
            format!("{}　{how}", when(*at))
        }),
    }
}

fn phases(view: &PictureView, sums: &Sums, today: NaiveDate) -> Option<PhasePart> {
    let phases = view.phases.as_ref()?;
    let beds = |n: Option<u32>| n.map_or_else(|| "－".to_owned(), |n| format!("{} 床", pw::thousands(n.into())));
    let current = phases.current()?;
    let ready = Measure::Figure(Column::ReadyBeds);
    let plan = current.ready_beds.filter(|_| shows(&view.hidden, ready)).map(|plan| {
        let plan = u64::from(plan);
        match sums.value(ready) {
            None => format!("計画の即応病床は {} 床です。即応病床数の報告はまだありません。", pw::thousands(plan)),
            Some(now) if now >= plan => {
                format!("即応病床は {} 床で、計画の {} 床に達しています。", pw::thousands(now), pw::thousands(plan))
            }
            Some(now) => format!(
                "即応病床は {} 床で、計画の {} 床まであと {} 床です。",
                pw::thousands(now),
                pw::thousands(plan),
                pw::thousands(plan - now)
            ),
        }
    });
    let change = |row: &PhaseRow| {
        let day = jst_day(row.set_at);
        let when = format!("{}{}", if day == today { "今日 ".to_owned() } else { words::day(day) }, to_jst(row.set_at).format("%H:%M"));
        let what = row.phases.as_ref().and_then(|p| Some(format!("フェーズ {}", p.current()?.name)));
        (when, what.unwrap_or_else(|| "フェーズを使わない".to_owned()), row.reason.clone(), row.set_by.clone())
    };
    Some(PhasePart {
        current: current.name.clone(),
        last: phases.steps.last().map(|p| p.name.clone()).unwrap_or_default(),
        plan,
        lines: phases
            .steps
            .iter()
            .enumerate()
            .map(|(n, p)| PhaseLine {
                name: p.name.clone(),
                beds: beds(p.ready_beds),
                severe: beds(p.ready_beds_severe),
                criteria: p.criteria.clone(),
                current: n == phases.current,
            })
            .collect(),
        changes: view.changes.iter().map(change).collect(),
    })
}

/// The days of the line as a file: every measure that may be seen, each with how many hospitals are in it. The last line is of now.
pub fn picture_table(view: &PictureView, filter: &PictureFilter) -> Table {
    let measures: Vec<Measure> = Measure::all().filter(|m| shows(&view.hidden, *m)).collect();
    let today = jst_day(view.at);
    let now = view.sums(filter.area.as_deref());
    let days: Vec<(NaiveDate, &Sums)> = view.days.iter().map(|d| (d.day, &d.sums)).chain([(today, &now)]).collect();
    let count = days.len();
    #[expect(clippy::cast_precision_loss, reason = "beds and tenths of a percent")]
    let number = |n: u64| Cell::Number(n as f64);
    let whole = |n: usize| number(u64::try_from(n).unwrap_or(u64::MAX));
    let row = |(n, (day, sums)): (usize, &(NaiveDate, &Sums))| {
        let before = [
            whole(n + 1),
            whole(count),
            Cell::Text(day.to_string()),
            Cell::Text(view.prefecture.to_string()),
            Cell::Text(view.name.clone()),
            filter.area.clone().map_or(Cell::Blank, Cell::Text),
            number(sums.hospitals.into()),
            number(sums.current.into()),
        ];
        let of = |m: &Measure| {
            let tally = sums.tally(*m);
            #[expect(clippy::cast_precision_loss, reason = "beds and tenths of a percent")]
            let value = tally.value(*m).map_or(Cell::Blank, |v| Cell::Number(if m.is_rate() { v as f64 / 10.0 } else { v as f64 }));
            [value, number(tally.hospitals.into())]
        };
        before.into_iter().chain(measures.iter().flat_map(of)).collect()
    };
    let heads = ["番号", "全件数", "日付", "都道府県コード", "都道府県", "二次医療圏コード", "病院", "その日の報告がある病院"];
    let of = measures.iter().flat_map(|m| [format!("{}（{}）", pw::measure(*m), pw::unit(*m)), format!("{} 回答病院", pw::measure(*m))]);
    Table {
        title: format!("{} 病床の状況", view.name),
        columns: heads.into_iter().map(str::to_owned).chain(of).map(|header| table::Column { header }).collect(),
        rows: days.iter().enumerate().map(row).collect(),
    }
}
