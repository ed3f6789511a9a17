//! The board, in three parts: the head and the tail are personal, the body is the same for all who may see a prefecture in one way, so
//! that its bytes can be kept ready.

use super::{
    CLUSTER, Frame, Here, LEAFLET, LEAFLET_STYLE, path,
    row::{is_daytime, row_html_from, status_html},
};
use crate::{asset, words};
use akidoko_domain::{
    board::{Band, Column, Device, Filter, Order, OtherSystem, Row, Severity, Totals},
    drive::Drives,
    hospital::EmergencyLevel,
    id::PrefCode,
    picture::Phases,
    survey::Status,
};
use askama::Template;
use chrono::{DateTime, Utc};

/// A medical area or a municipality to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What the body of a board shows.
#[derive(Debug, Clone, Copy)]
pub struct BoardBody<'a> {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: &'a str,
    /// The rows that the filter shows, in its order.
    pub rows: &'a [&'a Row],
    /// The figures of the whole prefecture.
    pub totals: Totals,
    /// 二次医療圏
    pub areas: &'a [Region],
    /// 市区町村
    pub municipalities: &'a [Region],
    /// Municipalities from which distances can be measured.
    pub starts: &'a [Region],
    /// The filter.
    pub filter: &'a Filter,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The last event that the rows contain: the stream goes on behind it.
    pub cursor: i64,
    /// By which other system the prefecture reports too.
    pub other_system: Option<&'a OtherSystem>,
    /// Its phases, and which holds; `None`: it has none.
    pub phases: Option<&'a Phases>,
    /// What the place is called from where distances are, where it has a name.
    pub start: Option<&'a str>,
    /// The drives from there by road; `None` where no routing service is asked.
    pub drives: Option<&'a Drives>,
    /// It is a look at what somebody else would see: whose.
    pub preview: Option<&'a str>,
}

/// Everything before the body: personal.
pub fn page_head(frame: &Frame, prefecture: &str) -> String {
    let frame = frame.clone().of(format!("{prefecture} 病床ボード"), Here::Board, &["js/live-board.js"]);
    HeadView { frame }.render().unwrap_or_default()
}

/// The same before a look at what somebody else would see: nothing in it moves.
pub fn still_head(frame: &Frame, prefecture: &str) -> String {
    let frame = frame.clone().of(format!("{prefecture} 病床ボード　見え方の確認"), Here::Board, &[]);
    HeadView { frame }.render().unwrap_or_default()
}

/// Everything behind the body.
pub fn page_tail(frame: &Frame) -> String {
    TailView { frame: Frame { here: Here::Board, ..frame.clone() } }.render().unwrap_or_default()
}

/// The body: the same for everybody who sees this prefecture.
pub fn board_body(body: &BoardBody<'_>) -> String {
    BodyView::of(body).render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "head.html")]
struct HeadView {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "tail.html")]
struct TailView {
    frame: Frame,
}

/// As many kinds of special care stand in the line of filters; the others are behind ほかの条件.
const CARE_CHIPS: usize = 4;

/// As many rows fill a screen; behind them stands `board-early.js`, which says why.
const FIRST_ROWS: usize = 24;

/// A choice of the filter.
struct Choice {
    value: String,
    words: String,
    on: bool,
}

struct Heading {
    name: &'static str,
    words: &'static str,
    note: &'static str,
}

struct Group {
    heading: Option<Heading>,
    band: Option<Band>,
    rows: Vec<String>,
}

#[derive(Template)]
#[template(path = "_board.html")]
struct BodyView<'a> {
    prefecture: PrefCode,
    name: &'a str,
    filter: &'a Filter,
    totals: Totals,
    cursor: i64,
    other_system: Option<&'a OtherSystem>,
    /// 連携 may stand in its rows: they may be fed in, or were before the prefecture took the system's name away.
    is_fed: bool,
    phase: Option<(&'a str, &'a str)>,
    preview: Option<&'a str>,
    now_ms: i64,
    moment: String,
    order_words: &'static str,
    daytime: bool,
    filtered: bool,
    shown: usize,
    here: String,
    plain: String,
    csv: String,
    cp932: String,
    xlsx: String,
    accepting: String,
    severities: Vec<Choice>,
    care: Vec<Choice>,
    areas: Vec<Choice>,
    municipalities: Vec<Choice>,
    levels: Vec<Choice>,
    devices: Vec<Choice>,
    near: Option<String>,
    /// The same board without a place to start from.
    anywhere: String,
    /// What the place is called.
    start: Option<&'a str>,
    /// By real roads, or that they are not known now; `None` where no routing service is asked.
    by_road: Option<bool>,
    /// The map library and the one that puts marks together, where npm brought both.
    leaflet: Option<String>,
    leaflet_style: String,
    cluster: String,
    starts: Vec<Choice>,
    keep: String,
    within: Vec<Choice>,
    orders: Vec<Choice>,
    /// Heading, words in full, and the name in the filter.
    care_headings: [(&'static str, &'static str, &'static str); 6],
    statuses: [String; 5],
    groups: Vec<Group>,
}

impl<'a> BodyView<'a> {
    /// What the filter asks for, in words and in the order of its fields, as `BoardFilter.words` says it. On paper nobody sees the fields.
    fn conditions(&self) -> String {
        let mut said = Vec::new();
        let mut say = |before: &str, choices: &[Choice], behind: &str| {
            said.extend(choices.iter().filter(|c| c.on).map(|c| format!("{before}{}{behind}", c.words)));
        };
        say("", &[choice("", &format!("「{}」", self.filter.search), !self.filter.search.is_empty())], "");
        say("", &self.severities, "");
        say("", &[choice("", "受入可のみ", self.filter.accepting)], "");
        let (chips, more) = self.care.split_at(CARE_CHIPS);
        say("", chips, "");
        say("圏域 ", &self.areas, "");
        say("", more, "");
        say("", &self.devices, "に空き");
        say("救急区分 ", &self.levels, "");
        say("市区町村 ", &self.municipalities, "");
        say("更新 ", &self.within, "");
        said.join("、")
    }

    fn of(body: &BoardBody<'a>) -> Self {
        let BoardBody { prefecture, filter, now, .. } = *body;
        let bare = Filter { order: filter.order, near: filter.near, ..Filter::default() };
        let toggled = Filter { accepting: !filter.accepting, ..filter.clone() };
        Self {
            prefecture,
            name: body.name,
            filter,
            totals: body.totals,
            cursor: body.cursor,
            other_system: body.other_system,
            is_fed: body.other_system.is_some() || body.rows.iter().any(|row| !row.sources().0.is_empty()),
            phase: body.phases.and_then(|p| Some((p.current()?.name.as_str(), p.steps.last()?.name.as_str()))),
            preview: body.preview,
            now_ms: now.timestamp_millis(),
            moment: words::moment(now, now),
            order_words: words::order(filter.order),
            daytime: is_daytime(now),
            filtered: *filter != bare,
            shown: body.rows.len(),
            here: path::board(path::BOARD, prefecture, filter),
            plain: path::board(path::BOARD, prefecture, &bare),
            csv: path::board(path::BOARD_CSV, prefecture, filter),
            cp932: format!("{}&encoding=cp932", path::board(path::BOARD_CSV, prefecture, filter)),
            xlsx: path::board(path::BOARD_XLSX, prefecture, filter),
            accepting: path::board(path::BOARD, prefecture, &toggled),
            severities: Severity::ALL.map(|s| choice(s.as_str(), words::severity(s), filter.severity == Some(s))).into(),
            care: Column::CARE.map(|c| choice(care_name(c), words::column(c), filter.care.contains(&c))).into(),
            areas: regions(body.areas, filter.area.as_deref(), "一覧にない圏域"),
            municipalities: regions(body.municipalities, filter.municipality.as_deref(), "一覧にない市区町村"),
            leaflet: (asset::has(LEAFLET) && asset::has(CLUSTER)).then(|| asset::url(LEAFLET)),
            leaflet_style: asset::url(LEAFLET_STYLE),
            cluster: asset::url(CLUSTER),
            starts: regions(body.starts, None, ""),
            keep: path::keep_view(filter),
            within: within(filter.within_hours),
            levels: EmergencyLevel::ALL.map(|l| choice(l.as_str(), words::emergency_level(l), filter.level == Some(l))).into(),
            devices: Device::ALL.map(|d| choice(d.as_str(), words::device(d), filter.devices.contains(&d))).into(),
            near: filter.near.map(|p| p.to_string()),
            anywhere: path::board(path::BOARD, prefecture, &Filter { near: None, order: Order::Fresh, ..filter.clone() }),
            start: body.start,
            by_road: body.drives.map(|drives| !drives.is_empty()),
            orders: Order::ALL
                .into_iter()
                .filter(|o| *o != Order::Distance || filter.near.is_some())
                .map(|o| choice(o.as_str(), words::order(o), filter.order == o))
                .collect(),
            care_headings: Column::CARE.map(|c| (words::care_heading(c), words::column(c), care_name(c))),
            statuses: Status::ALL.map(status_html),
            groups: groups(body),
        }
    }

    fn sort(&self, order: Order) -> String {
        path::board(path::BOARD, self.prefecture, &Filter { order, ..self.filter.clone() })
    }

    fn sorted(&self, order: Order) -> &'static str {
        match order {
            _ if order != self.filter.order => "",
            Order::Fresh | Order::Beds => r#" aria-sort="descending""#,
            Order::Kana | Order::Area | Order::Distance => r#" aria-sort="ascending""#,
        }
    }
}

/// A kind of special care in addresses and forms.
fn care_name(column: Column) -> &'static str {
    column.as_str().trim_start_matches("accept_")
}

fn choice(value: &str, words: &str, on: bool) -> Choice {
    Choice { value: value.to_owned(), words: words.to_owned(), on }
}

/// The regions, and the one of the address if no hospital is in it any more: a filter that holds must be seen, and taken away.
fn regions(regions: &[Region], chosen: Option<&str>, unknown: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = regions.iter().map(|r| choice(&r.code, &r.name, chosen == Some(r.code.as_str()))).collect();
    if let Some(code) = chosen.filter(|code| regions.iter().all(|r| r.code != *code)) {
        choices.push(choice(code, unknown, true));
    }
    choices
}

/// The ages that the list offers, and the one of the address if it is another.
fn within(chosen: Option<u32>) -> Vec<Choice> {
    let mut hours = vec![1, 6, 24, 48];
    if let Some(other) = chosen.filter(|h| !hours.contains(h)) {
        hours.push(other);
        hours.sort_unstable();
    }
    hours.into_iter().map(|h| choice(&h.to_string(), &format!("{h}時間以内"), chosen == Some(h))).collect()
}

/// Bands stand only over the newest-first order; in any other they would repeat.
fn groups(body: &BoardBody<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, row) in body.rows.iter().enumerate() {
        let band = (body.filter.order == Order::Fresh).then(|| row.band(body.now));
        let mut html = row_html_from(row, body.now, body.filter.near.map(|near| (near, body.drives)));
        // Nothing in a look at what somebody else would see moves.
        if number + 1 == FIRST_ROWS && body.preview.is_none() {
            html.extend([r#"<script src=""#, &asset::url("js/board-early.js"), r#""></script>"#]);
        }
        match groups.last_mut() {
            Some(group) if group.band == band => group.rows.push(html),
            _ => {
                let heading = band.map(|b| Heading { name: words::band_name(b), words: words::band(b), note: words::band_note(b) });
                groups.push(Group { heading, band, rows: vec![html] });
            }
        }
    }
    groups
}
