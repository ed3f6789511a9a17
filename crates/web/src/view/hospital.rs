//! A hospital: its row in full, every figure with its age and author, whom to call, and who is near.

use super::{
    Frame, Here, LEAFLET_STYLE,
    change::author_words,
    path,
    row::{Phone, is_daytime, phones, status_html, withheld_html},
};
use crate::words::{self, Age};
use akidoko_domain::{
    board::{Band, BoardCell, Card, Column, Filter, Order, Row},
    place::Point,
    survey::{Care, Status, Value},
    time::jst_day,
};
use askama::Template;
use chrono::{DateTime, Utc};

/// What the reader may do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// May read the history of reports.
    pub history: bool,
    /// May enter its report.
    pub report: bool,
    /// …on its behalf.
    pub on_behalf: bool,
}

/// A line of the tables.
struct Line {
    label: &'static str,
    html: String,
    unit: &'static str,
    why: String,
    old: bool,
    age: String,
    moment: String,
    author: String,
    proxy: String,
}

struct Group {
    title: &'static str,
    lines: Vec<Line>,
}

struct Figure {
    label: &'static str,
    words: Vec<Option<u32>>,
    unit: &'static str,
    notes: Vec<String>,
    why: String,
    /// Less fresh than the head of the page says.
    old: bool,
    /// A sharing rule keeps it from whoever looks.
    withheld: bool,
}

/// A hospital within reach.
struct Near {
    name: String,
    href: String,
    distance: String,
    emergency: String,
    beds: String,
    age: String,
    latitude: f64,
    longitude: f64,
}

/// The screen.
#[derive(Template)]
#[template(path = "hospital.html")]
pub struct HospitalPage {
    frame: Frame,
    card: Card,
    level: Option<&'static str>,
    board: String,
    /// With its shape, and whether it is over 24 hours old.
    emergency: (String, bool),
    inpatient: (String, bool),
    bars: u8,
    age: Option<(Age, String)>,
    old: bool,
    comment: Option<(String, String)>,
    phones: Vec<Phone>,
    figures: Vec<Figure>,
    groups: Vec<Group>,
    report: Option<(String, bool)>,
    history: Option<String>,
    near: Vec<Near>,
    /// The board in order of the distance from here.
    nearest_first: Option<String>,
    /// What its last report did, as HTML; for whoever reports.
    give: String,
    /// What everybody may know of its past, as HTML.
    past: String,
}

pub(super) const GROUPS: [(&str, &[Column]); 6] = [
    (
        "受入状況",
        &[
            Column::EmergencyStatus,
            Column::InpatientStatus,
            Column::OutpatientStatus,
            Column::OutpatientWeekendStatus,
            Column::SurgeryStatus,
            Column::DialysisStatus,
            Column::ChemotherapyStatus,
        ],
    ),
    (
        "受入可能病床数（空床）",
        &[Column::AvailableBeds, Column::AvailableBedsSevere, Column::AvailableBedsModerate, Column::AvailableBedsMild],
    ),
    ("病床", &[Column::SecuredBeds, Column::SecuredBedsSevere, Column::ReadyBeds, Column::ReadyBedsSevere, Column::SuspendedBeds]),
    (
        "入院患者",
        &[
            Column::InpatientsTotal,
            Column::InpatientsInSecured,
            Column::InpatientsSevere,
            Column::InpatientsIcu,
            Column::InpatientsVentilator,
            Column::InpatientsEcmo,
        ],
    ),
    ("特別対応", &Column::CARE),
    (
        "装置と連絡",
        &[
            Column::VentilatorsUsable,
            Column::VentilatorsInUse,
            Column::EcmoUsable,
            Column::EcmoInUse,
            Column::ContactDay,
            Column::ContactNight,
        ],
    ),
];

impl HospitalPage {
    /// `others` are the rows of the same prefecture, of which the nearest are named.
    pub fn new<'a>(frame: Frame, row: &Row, others: impl IntoIterator<Item = &'a Row>, rights: Rights, now: DateTime<Utc>) -> Self {
        let card = (*row.card).clone();
        let near = nearest(&card, others, now);
        // The one that answers now stands first.
        let mut phones = phones(row);
        if !is_daytime(now) {
            phones.reverse();
        }
        let scripts: &[&str] = if near.is_empty() { &[] } else { &["js/hospital-map.js"] };
        let sheets: &[&str] = if near.is_empty() { &["history.css"] } else { &[LEAFLET_STYLE, "history.css"] };
        let comment = row.cells.get(&Column::BoardComment).and_then(|cell| {
            let words = cell.value.as_ref()?.word()?.to_owned();
            Some((words, words::age(cell.as_of, now).to_string()))
        });
        Self {
            frame: frame.of(&card.name, Here::Hospital, scripts).with_sheets(sheets),
            level: card.emergency_level.map(words::emergency_level),
            board: format!("{}?prefecture={}", path::BOARD, card.prefecture),
            emergency: status(row, Column::EmergencyStatus, now),
            inpatient: status(row, Column::InpatientStatus, now),
            bars: words::bars(row.as_of, now),
            age: row.as_of.map(|at| (words::age(at, now), words::moment(at, now))),
            old: row.band(now).is_old(),
            comment,
            phones,
            figures: figures(row, now),
            groups: groups(row, rights, now),
            report: rights.report.then(|| (path::report(&card.code, jst_day(now)), rights.on_behalf)),
            history: rights.history.then(|| path::history(&card.code)),
            near,
            nearest_first: card.place().map(|near| {
                let filter = Filter { near: Some(near), order: Order::Distance, ..Filter::default() };
                path::board(path::BOARD, card.prefecture, &filter)
            }),
            card,
            give: String::new(),
            past: String::new(),
        }
    }

    /// With what its last report did: [`super::give_back`].
    #[must_use]
    pub fn with_give(mut self, give: String) -> Self {
        self.give = give;
        self
    }

    /// With what everybody may know of its past: [`super::past()`].
    #[must_use]
    pub fn with_past(mut self, past: String) -> Self {
        self.past = past;
        self
    }

    /// May the switchboard be named beside the contacts?
    fn switchboard(&self) -> Option<&str> {
        let phone = self.card.phone.as_deref()?;
        let digits = akidoko_domain::text::fold_phone(phone);
        self.phones.iter().all(|p| p.digits != digits).then_some(phone)
    }
}

fn status(row: &Row, column: Column, now: DateTime<Utc>) -> (String, bool) {
    if row.withholds(column) {
        return (withheld_html(), false);
    }
    (status_html(row.status(column)), row.cells.get(&column).is_some_and(|cell| Band::of(Some(cell.as_of), now).is_old()))
}

fn groups(row: &Row, rights: Rights, now: DateTime<Utc>) -> Vec<Group> {
    GROUPS
        .into_iter()
        .map(|(title, columns)| {
            let lines =
                columns.iter().filter_map(|column| row.cells.get(column).map(|cell| line(row, *column, cell, (rights, now)))).collect();
            Group { title, lines }
        })
        .filter(|group: &Group| !group.lines.is_empty())
        .collect()
}

fn line(row: &Row, column: Column, cell: &BoardCell, (rights, now): (Rights, DateTime<Utc>)) -> Line {
    let word = cell.value.as_ref().and_then(Value::word);
    let html = if column.is_status() {
        status_html(word.and_then(Status::parse).unwrap_or(Status::NoAnswer))
    } else if Column::CARE.contains(&column) {
        let care = word.and_then(Care::parse);
        let (mark, class) = words::care_mark(care);
        format!(r#"<span class="mk mk-{class}" aria-hidden="true">{mark}</span> {}"#, words::care_label(care))
    } else {
        String::new()
    };
    Line {
        label: words::column(column),
        html: if html.is_empty() { answer(cell) } else { html },
        unit: if cell.value.as_ref().and_then(Value::count).is_some() { words::unit(column) } else { "" },
        old: matches!(Band::of(Some(cell.as_of), now), Band::OverDay | Band::OverTwoDays),
        age: words::age(cell.as_of, now).to_string(),
        moment: words::moment(cell.as_of, now),
        // Who of an organisation typed it is for those who read its history.
        author: if rights.history { author_words(&cell.author) } else { cell.author.organisation.clone() },
        why: path::why(&row.card.code, column.as_str()),
        proxy: words::proxy(&cell.author),
    }
}

/// A count or a telephone number, escaped; 未回答 with what was last known behind it.
fn answer(cell: &BoardCell) -> String {
    match (&cell.value, &cell.last) {
        (Some(Value::Count(n)), _) => format!("<b>{n}</b>"),
        (Some(Value::Word(word)), _) => word.replace('&', "&amp;").replace('<', "&lt;"),
        (None, Some((Value::Count(n), at))) => {
            let day = words::short_day(jst_day(*at));
            format!("未回答 <small>前回 {day} {} は {n}</small>", words::clock(*at))
        }
        (None, _) => "未回答".to_owned(),
    }
}

fn figures(row: &Row, now: DateTime<Utc>) -> Vec<Figure> {
    if ![Column::AvailableBeds, Column::ReadyBeds, Column::InpatientsTotal].iter().any(|c| row.cells.contains_key(c)) {
        return vec![];
    }
    let figure = |label, columns: &[Column], unit, note: Option<String>| {
        let cell = columns.first().and_then(|column| row.cells.get(column));
        let since = cell.map(|cell| format!("{}の値", words::age(cell.as_of, now)));
        Figure {
            label,
            words: columns.iter().map(|column| row.count(*column)).collect(),
            unit,
            notes: note.into_iter().chain(since).collect(),
            why: columns.first().filter(|_| cell.is_some()).map(|c| path::why(&row.card.code, c.as_str())).unwrap_or_default(),
            old: cell.is_some_and(|cell| words::bars(Some(cell.as_of), now) < words::bars(row.as_of, now)),
            withheld: columns.iter().all(|column| row.withholds(*column)),
        }
    };
    let parts = [Column::AvailableBedsSevere, Column::AvailableBedsModerate, Column::AvailableBedsMild];
    let secured = row.count(Column::SecuredBeds).map(|n| format!("確保 {n} 床"));
    let rate = row.occupancy_percent().map(|percent| format!("確保病床使用率 {percent} %"));
    vec![
        figure("受入可能病床数（空床）", &[Column::AvailableBeds], "床", None),
        figure("重症 / 中等症 / 軽症", &parts, "床", None),
        figure("即応病床数", &[Column::ReadyBeds], "床", secured),
        figure("入院患者数", &[Column::InpatientsTotal], "人", rate),
    ]
}

/// The five nearest of the prefecture, as the crow flies: where to ask next.
fn nearest<'a>(card: &Card, others: impl IntoIterator<Item = &'a Row>, now: DateTime<Utc>) -> Vec<Near> {
    let Some(here) = card.place() else { return vec![] };
    let mut near: Vec<(f64, &Row, Point)> = others
        .into_iter()
        .filter(|row| row.card.code != card.code)
        .filter_map(|row| {
            let place = row.card.place()?;
            Some((here.kilometres_to(place), row, place))
        })
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.card.kana.cmp(&b.1.card.kana)));
    near.truncate(5);
    near.into_iter()
        .map(|(distance, row, place)| Near {
            name: row.card.name.clone(),
            href: path::hospital(&row.card.code),
            distance: words::distance(distance),
            emergency: status(row, Column::EmergencyStatus, now).0,
            beds: match row.count(Column::AvailableBeds) {
                _ if row.withholds(Column::AvailableBeds) => format!("空床 {}", words::WITHHELD),
                Some(beds) => format!("空床 {beds} 床"),
                None => "空床 未回答".to_owned(),
            },
            age: row.as_of.map_or_else(|| "未報告".to_owned(), |at| words::age(at, now).to_string()),
            latitude: place.latitude(),
            longitude: place.longitude(),
        })
        .collect()
}
