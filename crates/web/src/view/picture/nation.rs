//! The nation: 47 prefectures as tiles, as a map where the operator gave outlines, and as a table.

use super::{SHEETS, change};
use crate::{
    view::{Frame, Here, path},
    words,
};
use akidoko_domain::{id::PrefCode, time::to_jst};
use akidoko_exchange::{
    outlines::Outlines,
    table::{self, Cell, Table},
};
use akidoko_service::picture::{NationMeasure, NationPicture, NationTile, words as pw};
use askama::Template;
use chrono::NaiveDate;
use std::fmt::Write as _;

/// Where each prefecture stands among the tiles: column and row from 1, by code from 1. Neighbours stay neighbours; the islands keep their place.
const PLACES: [(u8, u8); 47] = [
    (13, 1),
    (12, 2),
    (12, 3),
    (12, 4),
    (11, 3),
    (11, 4),
    (12, 5),
    (13, 6),
    (12, 6),
    (11, 6),
    (11, 7),
    (13, 7),
    (12, 7),
    (11, 8),
    (11, 5),
    (10, 5),
    (9, 5),
    (8, 6),
    (10, 7),
    (10, 6),
    (9, 6),
    (10, 8),
    (9, 7),
    (9, 8),
    (8, 7),
    (7, 7),
    (7, 8),
    (6, 7),
    (8, 8),
    (7, 9),
    (5, 7),
    (4, 7),
    (5, 8),
    (4, 8),
    (3, 8),
    (5, 10),
    (5, 9),
    (4, 9),
    (4, 10),
    (3, 9),
    (2, 9),
    (1, 9),
    (2, 10),
    (3, 10),
    (3, 11),
    (2, 11),
    (1, 12),
];

struct Tile {
    column: u8,
    row: u8,
    href: Option<String>,
    name: String,
    value: String,
    unit: &'static str,
    class: &'static str,
    line: String,
    described: String,
}

struct Line {
    href: Option<String>,
    name: String,
    value: String,
    before: String,
    spark: String,
    made_of: String,
}

struct Shape {
    class: &'static str,
    path: String,
    title: String,
    href: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "picture/nation.html")]
pub struct NationPicturePage {
    frame: Frame,
    heading: String,
    value: String,
    unit: &'static str,
    known: usize,
    unknown: usize,
    legend: Vec<(&'static str, String)>,
    tiles: Vec<Tile>,
    shapes: Vec<Shape>,
    view_box: String,
    has_map: bool,
    is_map: bool,
    views: [(String, &'static str, bool); 2],
    lines: Vec<Line>,
    measures: Vec<(String, String, bool)>,
    name: String,
    measure: String,
    is_survey: bool,
    date: String,
    today: String,
    weeks: usize,
    csv: String,
    line_words: String,
    steps: [(String, &'static str, bool); 3],
}

const STEPS: [&str; 5] = ["k0", "k1", "k2", "k3", "k4"];

/// Five steps of a share are 0, 20, 40, 60 and 80 %; of a count, fifths of the greatest.
fn step(value: Option<u64>, most: u64) -> &'static str {
    value.map_or("kn", |value| STEPS[usize::try_from((value * 5 / most.max(1)).min(4)).unwrap_or(4)])
}

fn number(measure: &NationMeasure, value: u64) -> String {
    if measure.is_rate() { format!("{}.{}", value / 10, value % 10) } else { pw::thousands(value) }
}

/// A line in a field of 60 × 16, each prefecture by its own scale.
fn spark(values: &[Option<u64>]) -> String {
    let (low, high) = values.iter().flatten().fold((u64::MAX, 0), |(low, high), v| (low.min(*v), high.max(*v)));
    let mut path = String::new();
    let mut pen = 'M';
    for (n, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pen = 'M';
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "a place on a line")]
        let (x, y) = (
            n as f64 * 60.0 / (values.len().max(2) - 1) as f64,
            if high == low { 8.0 } else { 14.5 - (value - low) as f64 * 13.0 / (high - low) as f64 },
        );
        // Writing to a String cannot fail.
        let _ = write!(path, "{pen}{x:.1} {y:.1}");
        pen = 'L';
    }
    path
}

fn made_of(measure: &NationMeasure, tile: &NationTile) -> String {
    let t = tile.tally;
    match measure {
        _ if tile.value.is_none() => String::new(),
        NationMeasure::Bed(m) => pw::made_of(*m, t),
        NationMeasure::Reporting => format!("報告 {} ÷ 対象 {} 病院", pw::thousands(t.part), pw::thousands(t.whole)),
        NationMeasure::Survey { .. } => format!("{} ÷ {}", pw::thousands(t.part), pw::thousands(t.whole)),
    }
}

/// 「千葉」: as it fits a tile; 北海道 stays whole.
fn short(name: &str) -> &str {
    name.strip_suffix(['県', '府', '都']).unwrap_or(name)
}

impl NationPicturePage {
    /// `is_map`: the map instead of the tiles, where there are outlines.
    pub fn new(
        frame: Frame,
        nation: &NationPicture,
        measures: &[NationMeasure],
        outlines: &Outlines,
        is_map: bool,
        today: NaiveDate,
    ) -> Self {
        let m = &nation.measure;
        let most = if m.is_rate() { 1000 } else { nation.tiles.iter().filter_map(|t| t.value).max().unwrap_or(0) };
        let unit = m.unit();
        let bed = if let NationMeasure::Bed(measure) = m { measure.as_str() } else { "secured_rate" };
        let href = |t: &NationTile| {
            let p: PrefCode = t.prefecture;
            match m {
                NationMeasure::Survey { code, .. } => Some(format!("{}?prefecture={p}", path::office_answers(code))),
                _ if !t.has_board => None,
                NationMeasure::Reporting => Some(format!("{}?prefecture={p}", path::COMPLETENESS)),
                NationMeasure::Bed(_) => Some(format!("{}?prefecture={p}&measure={bed}", path::PICTURE)),
            }
        };
        let value = |t: &NationTile| t.value.map_or_else(|| "未集計".to_owned(), |v| number(m, v));
        let described = |t: &NationTile| {
            let unit = if t.value.is_some() { format!(" {unit}") } else { String::new() };
            let by = change(m.is_rate(), t.value, t.before);
            format!("{}　{}{unit}　前週差 {by}", t.name, value(t))
        };
        let mut spare = (1..=9_u8).rev().map(|column| (column + 4, 12));
        let tile = |t: &NationTile| {
            let place = usize::from(t.prefecture.number()).checked_sub(1).and_then(|n| PLACES.get(n).copied());
            // Invented ones stand in the empty corner.
            let (column, row) = place.or_else(|| spare.next()).unwrap_or((13, 11));
            Tile {
                column,
                row,
                href: href(t),
                name: short(&t.name).to_owned(),
                // Whole percent: a tile is narrow.
                value: match t.value {
                    Some(v) if m.is_rate() => ((v + 5) / 10).to_string(),
                    _ => value(t),
                },
                unit: if t.value.is_some() && m.is_rate() { "%" } else { "" },
                class: step(t.value, most),
                line: spark(&t.line),
                described: described(t),
            }
        };
        let tiles = nation.tiles.iter().map(tile).collect();
        let mut order: Vec<&NationTile> = nation.tiles.iter().collect();
        order.sort_by_key(|t| (t.value.is_none(), std::cmp::Reverse(t.value), t.prefecture));
        let line = |t: &&NationTile| Line {
            href: href(t),
            name: t.name.clone(),
            value: if t.value.is_some() { format!("{} {unit}", value(t)) } else { value(t) },
            before: change(m.is_rate(), t.value, t.before),
            spark: spark(&t.line),
            made_of: made_of(m, t),
        };
        let shape = |t: &NationTile| {
            Some(Shape { class: step(t.value, most), path: outlines.shape(t.prefecture)?.to_owned(), title: described(t), href: href(t) })
        };
        let has_map = outlines.prefectures() > 0;
        let legend = (0..5_u64).map(|n| {
            let from = most * n / 5;
            let words = if m.is_rate() {
                format!("{}{}", from / 10, if n == 4 { " %〜" } else { "〜" })
            } else {
                format!("{}〜", pw::thousands(from))
            };
            (STEPS[usize::try_from(n).unwrap_or(0)], words)
        });
        let weeks = nation.weeks.len();
        let query = |as_map: bool, weeks: usize| {
            let date = if nation.now.is_some() { String::new() } else { format!("&date={}", nation.day) };
            format!("?measure={}{date}&weeks={weeks}{}", m.name(), if as_map { "&as=map" } else { "" })
        };
        let is_map = is_map && has_map;
        let is_survey = matches!(m, NationMeasure::Survey { .. });
        Self {
            frame: frame.of("全国", Here::Picture, &[]).with_sheets(SHEETS),
            heading: match (nation.now, is_survey) {
                (_, true) => format!("{}からの期間", words::date(nation.day)),
                (Some(at), _) => format!("{}{} 現在", words::day(nation.day), to_jst(at).format("%H:%M")),
                (None, _) => format!("{}の終わり", words::date(nation.day)),
            },
            value: nation.value.map_or_else(|| "－".to_owned(), |v| number(m, v)),
            unit: if nation.value.is_some() { unit } else { "" },
            known: nation.tiles.len() - nation.unknown(),
            unknown: nation.unknown(),
            legend: legend.collect(),
            tiles,
            shapes: if is_map { nation.tiles.iter().filter_map(shape).collect() } else { Vec::new() },
            view_box: outlines.view_box(),
            has_map,
            is_map,
            views: [
                (format!("{}{}", path::NATION, query(false, weeks)), "タイル", !is_map),
                (format!("{}{}", path::NATION, query(true, weeks)), "地図", is_map),
            ],
            lines: order.iter().map(line).collect(),
            measures: measures.iter().map(|other| (other.name(), other.words(), other.name() == m.name())).collect(),
            name: m.words(),
            measure: m.name(),
            is_survey,
            date: if nation.now.is_some() { String::new() } else { nation.day.to_string() },
            today: today.to_string(),
            weeks,
            csv: format!("{}{}", path::NATION_CSV, query(false, weeks)),
            line_words: format!("{weeks} 週"),
            steps: [(12, "12 週"), (40, "40 週"), (52, "1 年")]
                .map(|(n, words)| (format!("{}{}", path::NATION, query(is_map, n)), words, n == weeks)),
        }
    }
}

/// The weeks of every prefecture as a file: one line a prefecture and week. What is not known is empty, and says so.
pub fn nation_table(nation: &NationPicture) -> Table {
    let m = &nation.measure;
    let count = nation.tiles.len() * nation.weeks.len();
    #[expect(clippy::cast_precision_loss, reason = "line numbers, beds and tenths of a percent")]
    let number = |n: u64| Cell::Number(n as f64);
    let mut rows = Vec::with_capacity(count);
    for tile in &nation.tiles {
        for (week, value) in nation.weeks.iter().zip(&tile.line) {
            #[expect(clippy::cast_precision_loss, reason = "beds and tenths of a percent")]
            let value = value.map_or(Cell::Blank, |v| Cell::Number(if m.is_rate() { v as f64 / 10.0 } else { v as f64 }));
            rows.push(vec![
                number(u64::try_from(rows.len() + 1).unwrap_or(u64::MAX)),
                number(u64::try_from(count).unwrap_or(u64::MAX)),
                Cell::Text(week.to_string()),
                Cell::Text(tile.prefecture.to_string()),
                Cell::Text(tile.name.clone()),
                value,
            ]);
        }
    }
    let heads = ["番号", "全件数", "日付", "都道府県コード", "都道府県"].map(str::to_owned);
    let measure = format!("{}（{}）", m.words(), m.unit());
    Table {
        title: format!("全国 {}", m.words()),
        columns: heads.into_iter().chain([measure]).map(|header| table::Column { header }).collect(),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_tiles_in_one_place() {
        let places: BTreeSet<_> = PLACES.iter().collect();
        assert_eq!(places.len(), 47);
        assert!(PLACES.iter().all(|(column, row)| (1..=13).contains(column) && (1..=12).contains(row)));
    }

    #[test]
    fn steps() {
        for (value, class) in
            [(None, "kn"), (Some(0), "k0"), (Some(199), "k0"), (Some(200), "k1"), (Some(799), "k3"), (Some(800), "k4"), (Some(1500), "k4")]
        {
            assert_eq!(step(value, 1000), class, "{value:?}");
        }
        assert_eq!(step(Some(0), 0), "k0");
    }

    #[test]
    fn a_line_has_gaps() {
        assert_eq!(spark(&[Some(0), None, Some(10), Some(20)]), "M0.0 14.5M40.0 8.0L60.0 1.5");
        assert_eq!(spark(&[None, None]), "");
    }
}
