//! One row of the board. There is one fragment: the page, the filtered page, the stream of events and the tests use it.

use crate::words::{self, Age};
use akidoko_domain::{
    board::{Band, BoardCell, Card, Column, Device, Row},
    drive::{Drives, Way},
    place::Point,
    survey::{Care, Status, Value},
    text,
    time::to_jst,
};
use askama::Template;
use chrono::{DateTime, Timelike, Utc};

/// A row as it stands in the table: `<tr id="h-<code>">…</tr>` on one line.
pub fn row_html(row: &Row, now: DateTime<Utc>) -> String {
    row_html_from(row, now, None)
}

/// The same with how far it is from a place: by road where a routing service was asked and knew.
pub(super) fn row_html_from(row: &Row, now: DateTime<Utc>, near: Option<(Point, Option<&Drives>)>) -> String {
    let distance = near.map(|(near, drives)| {
        let way = Way::to(row.card.id, row.card.place(), near, drives.unwrap_or(&Drives::new()));
        way.map_or_else(|| "位置未登録".to_owned(), |way| words::way(way, drives.is_some()))
    });
    // Rendering into a String fails only where a Display does, and none of ours do.
    RowView { distance, ..RowView::of(row, now) }.render().unwrap_or_default().trim_end().to_owned()
}

/// 受入連絡先（日中） stands for 8 to 18 o'clock, the one of the night for the rest. Ours; the page says so.
pub(super) fn is_daytime(now: DateTime<Utc>) -> bool {
    (8..18).contains(&to_jst(now).hour())
}

/// A status with its shape.
pub(super) fn status_html(status: Status) -> String {
    let view = StatusView { icon: words::status_icon(status), words: words::status_label(status) };
    view.render().unwrap_or_default().trim_end().to_owned()
}

/// A status that is kept from whoever looks.
pub(super) fn withheld_html() -> String {
    format!(r#"<span class="null">{}</span>"#, words::WITHHELD)
}

/// A number to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phone {
    /// For `tel:`.
    pub digits: String,
    /// As it is read.
    pub words: String,
    /// The class that says when it shows.
    pub when: &'static str,
    /// 日中 or 夜間, or nothing where it is one for both.
    pub hours: &'static str,
}

/// Whom to call about taking a patient: the contacts of the report, else the switchboard. Where day and night differ, both.
pub(super) fn phones(row: &Row) -> Vec<Phone> {
    let phone = |words: &str, when, hours| Phone { digits: text::fold_phone(words), words: words.to_owned(), when, hours };
    let (day, night) = (row.text(Column::ContactDay), row.text(Column::ContactNight));
    match (day.or(row.card.phone.as_deref()), night.or(day).or(row.card.phone.as_deref())) {
        (Some(day), Some(night)) if day != night => vec![phone(day, " day", "日中"), phone(night, " night", "夜間")],
        (Some(one), _) | (None, Some(one)) => vec![phone(one, "", "")],
        (None, None) => vec![],
    }
}

#[derive(Template)]
#[template(path = "_status.html")]
struct StatusView {
    icon: &'static str,
    words: &'static str,
}

/// A figure of the row.
struct Figure {
    label: &'static str,
    class: &'static str,
    /// ` zero`, ` null`, ` was`: leads with a blank.
    state: String,
    words: String,
    /// Its own age, where it is older than its row looks.
    was: Option<String>,
    /// As many columns it stands for.
    columns: u8,
    /// It leads to why it changed by itself. The script makes links of the others when somebody points at them: written into each row they
    /// were a quarter of the page.
    leads: bool,
}

struct Mark {
    heading: &'static str,
    label: String,
    sign: &'static str,
    class: &'static str,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "_row.html")]
struct RowView<'a> {
    card: &'a Card,
    code: &'a str,
    old: bool,
    at: String,
    /// From when its open door is so: the script asks its age and the row's, as `Row::accepts` does.
    can: Option<i64>,
    moments: Vec<(&'static str, i64)>,
    /// What the search finds beside the name, folded.
    search: &'a str,
    place: Option<Point>,
    distance: Option<String>,
    bars: u8,
    age: Option<(Age, String)>,
    emergency: String,
    inpatient: String,
    level: Option<&'static str>,
    on_behalf: bool,
    /// Out of which other system figures of it were taken, in words.
    source: Option<String>,
    comment: Option<(&'a str, Option<String>)>,
    missing: Option<String>,
    beds: Vec<Figure>,
    care: Vec<Mark>,
    details: Vec<Figure>,
    phones: Vec<Phone>,
}

const BEDS: [(Column, &str, &str, &str); 4] = [
    (Column::AvailableBeds, "空床", "c-tot", "tot"),
    (Column::AvailableBedsSevere, "重症", "c-bed c-sev", "sev"),
    (Column::AvailableBedsModerate, "中等症", "c-bed c-mod", "mod"),
    (Column::AvailableBedsMild, "軽症", "c-bed c-mild", "mild"),
];

impl<'a> RowView<'a> {
    fn of(row: &'a Row, now: DateTime<Utc>) -> Self {
        let old = row.band(now).is_old();
        let status = |column| {
            if row.withholds(column) {
                return withheld_html();
            }
            let html = status_html(row.status(column));
            // A green that is older than its row looks: the most dangerous mark there is.
            match row.cells.get(&column).filter(|cell| cell.value.is_some()).and_then(|cell| was(cell, old, now)) {
                Some(was) => format!(r#"<span class="old" title="{was}">{html}<span class="vh">（{was}）</span></span>"#),
                None => html,
            }
        };
        let comment = row.cells.get(&Column::BoardComment).and_then(|cell| {
            let words = cell.value.as_ref()?.word()?;
            Some((words, was(cell, old, now)))
        });
        let unknown = BEDS.iter().all(|(column, ..)| row.count(*column).is_none() && !row.withholds(*column));
        Self {
            card: &row.card,
            code: row.card.code.as_str(),
            old,
            at: row.as_of.map(|at| at.timestamp_millis().to_string()).unwrap_or_default(),
            can: row.open_as_of().map(|at| at.timestamp_millis()),
            moments: moments(row),
            search: row.card.search.strip_prefix(&text::fold_search(&row.card.name)).unwrap_or(&row.card.search),
            place: row.card.place(),
            distance: None,
            bars: words::bars(row.as_of, now),
            age: row.as_of.map(|at| (words::age(at, now), words::moment(at, now))),
            emergency: status(Column::EmergencyStatus),
            inpatient: status(Column::InpatientStatus),
            level: row.card.emergency_level.map(words::emergency_level),
            on_behalf: row.newest().is_some_and(|cell| cell.author.on_behalf && cell.author.source.is_none()),
            source: words::source(row),
            comment,
            missing: unknown.then(|| last_known(row, now)),
            beds: beds(row, old, now),
            care: Column::CARE.into_iter().map(|column| mark(row, column, old, now)).collect(),
            details: details(row, old, now),
            phones: phones(row),
        }
    }
}

/// The sum and its three parts; where no part is answered, one cell says it for all three.
fn beds(row: &Row, old: bool, now: DateTime<Utc>) -> Vec<Figure> {
    let mut beds: Vec<Figure> = BEDS.iter().map(|(column, label, class, _)| figure(row, *column, label, class, old, now)).collect();
    if BEDS[1..].iter().all(|(column, ..)| row.count(*column).is_none() && !row.withholds(*column)) {
        beds.truncate(2);
        if let Some(parts) = beds.last_mut() {
            (parts.label, parts.class, parts.columns) = ("重症・中等症・軽症", "c-bed c-parts", 3);
        }
    }
    beds
}

/// For the script's totals: the moment of a figure where it is not the row's.
fn moments(row: &Row) -> Vec<(&'static str, i64)> {
    let own = |column| row.cells.get(column).filter(|cell| cell.value.is_some() && Some(cell.as_of) != row.as_of);
    BEDS.iter().filter_map(|(column, _, _, name)| Some((*name, own(column)?.as_of.timestamp_millis()))).collect()
}

fn care_of(row: &Row, column: Column) -> Option<Care> {
    row.text(column).and_then(Care::parse)
}

/// The age of a cell that is over 24 hours old in a row that is not: it must not pass for fresh.
fn was(cell: &BoardCell, row_is_old: bool, now: DateTime<Utc>) -> Option<String> {
    let older = !row_is_old && matches!(Band::of(Some(cell.as_of), now), Band::OverDay | Band::OverTwoDays);
    older.then(|| format!("{} の値", words::age(cell.as_of, now)))
}

fn figure(row: &Row, column: Column, label: &'static str, class: &'static str, old: bool, now: DateTime<Utc>) -> Figure {
    let count = row.count(column);
    let was = row.cells.get(&column).filter(|_| count.is_some()).and_then(|cell| was(cell, old, now));
    let state = match count {
        None => " null",
        Some(0) if was.is_some() => " zero was",
        Some(0) => " zero",
        Some(_) if was.is_some() => " was",
        Some(_) => "",
    };
    if row.withholds(column) {
        return Figure { label, class, state: " null".to_owned(), words: words::WITHHELD.to_owned(), was: None, columns: 1, leads: false };
    }
    let words = count.map_or_else(|| "未回答".to_owned(), |n| n.to_string());
    Figure { label, class, state: state.to_owned(), words, was, columns: 1, leads: column == Column::AvailableBeds }
}

/// 確保・即応・入院・使用率
fn details(row: &Row, old: bool, now: DateTime<Utc>) -> Vec<Figure> {
    let mut details: Vec<Figure> = [(Column::SecuredBeds, "確保"), (Column::ReadyBeds, "即応"), (Column::InpatientsTotal, "入院")]
        .into_iter()
        .map(|(column, label)| figure(row, column, label, "", old, now))
        .collect();
    let rate = row.occupancy_percent();
    let was = details.iter().find_map(|f| f.was.clone()).filter(|_| rate.is_some());
    let state = match (rate, &was) {
        (None, _) => " null",
        (Some(_), Some(_)) => " was",
        (Some(_), None) => "",
    };
    let words = rate.map_or_else(|| "－".to_owned(), |percent| format!("{percent}%"));
    details.push(Figure { label: "使用率", class: "", state: state.to_owned(), words, was, columns: 1, leads: false });
    details.extend(Device::ALL.map(|device| in_use(row, device, old, now)));
    details
}

/// 使用中 of 稼働可能: 「2/5」.
fn in_use(row: &Row, device: Device, old: bool, now: DateTime<Utc>) -> Figure {
    let (usable, busy) = device.columns();
    let mut figure = figure(row, usable, words::device(device), "", old, now);
    if let Some(all) = row.count(usable) {
        let used = row.count(busy).map_or_else(|| "?".to_owned(), |n| n.to_string());
        figure.words = format!("{used}/{all}");
    }
    figure
}

fn mark(row: &Row, column: Column, old: bool, now: DateTime<Utc>) -> Mark {
    if row.withholds(column) {
        let label = format!("{} {}", words::column(column), words::WITHHELD);
        return Mark { heading: words::care_heading(column), label, sign: "－", class: "n", state: "" };
    }
    let care = care_of(row, column);
    let was = row.cells.get(&column).filter(|_| care.is_some()).and_then(|cell| was(cell, old, now));
    let (sign, class) = words::care_mark(care);
    let mut label = format!("{} {}", words::column(column), words::care_label(care));
    if let Some(was) = &was {
        label = format!("{label}（{was}）");
    }
    Mark { heading: words::care_heading(column), label, sign, class, state: if was.is_some() { " was" } else { "" } }
}

/// Behind 未回答: the last figure, which is no answer but a hint whom to call.
fn last_known(row: &Row, now: DateTime<Utc>) -> String {
    match row.cells.get(&Column::AvailableBeds).and_then(|cell| cell.last.as_ref()) {
        Some((Value::Count(beds), at)) => {
            let jst = to_jst(*at);
            let day = if jst.date_naive() == to_jst(now).date_naive() { String::new() } else { words::short_day(jst.date_naive()) + " " };
            format!("　前回 {day}{} は計 {beds} 床", words::clock(*at))
        }
        _ => String::new(),
    }
}
