//! The board as it was known at a past minute, and what differs between two of them.

use super::{Frame, Here, path, row::status_html};
use crate::words;
use akidoko_domain::{
    board::{Band, Column, Row, Totals},
    survey::{Care, Value},
    time::to_jst,
};
use akidoko_service::past_board::{DAYS, PastBoard};
use askama::Template;
use chrono::{DateTime, Utc};

struct Line {
    name: String,
    source: Option<String>,
    href: String,
    area: String,
    emergency: String,
    inpatient: String,
    beds: [String; 4],
    age: String,
    old: bool,
}

struct Difference {
    name: String,
    href: String,
    item: &'static str,
    from: String,
    to: String,
}

/// The page.
#[derive(Template)]
#[template(path = "past_board.html")]
pub struct PastBoardPage {
    frame: Frame,
    name: String,
    prefecture: String,
    at: String,
    and: String,
    max: String,
    problem: Option<String>,
    days: u64,
    totals: Vec<(String, Totals)>,
    lines: Vec<Line>,
    differences: Option<Vec<Difference>>,
}

/// As a browser's field has it.
fn field(at: DateTime<Utc>) -> String {
    to_jst(at).format("%Y-%m-%dT%H:%M").to_string()
}

fn moment(at: DateTime<Utc>) -> String {
    format!("{}{}", words::date(to_jst(at).date_naive()), to_jst(at).format("%H:%M"))
}

/// What stands in a column, in words: the same for both sides.
fn word(row: &Row, column: Column) -> String {
    if row.withholds(column) {
        return words::WITHHELD.to_owned();
    }
    match row.value(column) {
        _ if column.is_status() => words::status_label(row.status(column)).to_owned(),
        Some(Value::Count(n)) => n.to_string(),
        Some(Value::Word(word)) if Column::CARE.contains(&column) => words::care_label(Care::parse(word)).to_owned(),
        Some(Value::Word(word)) => word.clone(),
        None => "未回答".to_owned(),
    }
}

impl PastBoardPage {
    /// One board, or two that are held against each other. `typed` is what stood in the fields, where it does not read.
    pub fn new(
        frame: Frame,
        (name, prefecture): (&str, &str),
        boards: &[PastBoard],
        typed: (&str, &str),
        problem: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let (one, two) = (boards.first(), boards.get(1));
        let line = |row: &Row, at: DateTime<Utc>| Line {
            name: row.card.name.clone(),
            source: words::source(row),
            href: path::hospital(&row.card.code),
            area: row.card.area.clone().or_else(|| row.card.municipality.clone()).unwrap_or_default(),
            emergency: status_html(row.status(Column::EmergencyStatus)),
            inpatient: status_html(row.status(Column::InpatientStatus)),
            beds: [Column::AvailableBeds, Column::AvailableBedsSevere, Column::AvailableBedsModerate, Column::AvailableBedsMild]
                .map(|c| word(row, c)),
            age: row.as_of.map_or_else(|| "未報告".to_owned(), |as_of| words::age(as_of, at).to_string()),
            old: matches!(Band::of(row.as_of, at), Band::OverDay | Band::OverTwoDays | Band::Never),
        };
        let mut lines: Vec<Line> = one.iter().flat_map(|b| b.rows.values().map(|r| line(r, b.at))).collect();
        lines.sort_by(|a, b| (&a.area, &a.name).cmp(&(&b.area, &b.name)));
        let differences = one.zip(two).map(|(one, two)| {
            let mut all = Vec::new();
            for (id, before) in &one.rows {
                let Some(after) = two.rows.get(id) else { continue };
                for column in Column::ALL {
                    let (from, to) = (word(before, *column), word(after, *column));
                    if from != to {
                        let (name, href) = (before.card.name.clone(), path::why(&before.card.code, column.as_str()));
                        all.push(Difference { name, href, item: words::column(*column), from, to });
                    }
                }
            }
            all.sort_by(|a, b| a.name.cmp(&b.name));
            all
        });
        Self {
            frame: frame.of(format!("{name} 過去のボード"), Here::PastBoard, &[]),
            name: name.to_owned(),
            prefecture: prefecture.to_owned(),
            at: one.map_or_else(|| typed.0.to_owned(), |b| field(b.at)),
            and: two.map_or_else(|| typed.1.to_owned(), |b| field(b.at)),
            max: field(now),
            problem: problem.map(str::to_owned),
            days: DAYS,
            totals: boards.iter().map(|b| (moment(b.at), Totals::of(b.rows.values().map(AsRef::as_ref), b.at))).collect(),
            lines,
            differences,
        }
    }
}
