//! The rows below the header: which are applications, and what stands in them.

use super::{Cell, Line, ROW_LIMIT, SheetError, SheetRow, header::Header};
use akidoko_domain::{application::Column, code::is_municipality_code, text::fold_search};
use std::collections::{BTreeMap, HashMap};

/// As many formulas are named.
const NAMED: usize = 100;

pub(super) fn data(lines: &[Line], header: &Header) -> Result<Vec<SheetRow>, SheetError> {
    if header.is_too_wide {
        return Err(SheetError::TooManyColumns);
    }
    let again = Again::of(&lines[header.at], header);
    let mut rows = Vec::new();
    let mut formulas = Vec::new();
    for line in &lines[header.at + 1..] {
        if again.is_header(line)? || is_remark(line, header) {
            continue;
        }
        let filled: Vec<(u16, Column, &Cell)> =
            header.columns.iter().filter_map(|(at, column)| line.cells.get(at).map(|cell| (*at, *column, cell))).collect();
        if is_prepared(&filled) {
            continue;
        }
        if rows.len() == ROW_LIMIT {
            return Err(SheetError::TooManyRows);
        }
        formulas.extend(filled.iter().filter(|(_, _, cell)| cell.is_formula).map(|(at, ..)| format!("{}{}", letters(*at), line.number)));
        let cells: BTreeMap<Column, String> = filled.into_iter().map(|(_, column, cell)| (column, text(column, cell))).collect();
        rows.push(SheetRow { number: line.number, cells });
    }
    formulas.truncate(NAMED);
    if formulas.is_empty() { Ok(rows) } else { Err(SheetError::Formulas { cells: formulas }) }
}

/// Knows the header when it stands there again, as it does in sheets that were pasted together page by page.
struct Again<'a> {
    headings: HashMap<&'a str, (u16, Column)>,
}

impl<'a> Again<'a> {
    fn of(line: &'a Line, header: &Header) -> Self {
        let heading = |(at, column): (&u16, &Column)| Some((line.cells.get(at)?.text.as_str(), (*at, *column)));
        Self { headings: header.columns.iter().filter_map(heading).collect() }
    }

    /// In the same places it is skipped; in others the cells below would be taken for what they are not.
    fn is_header(&self, line: &Line) -> Result<bool, SheetError> {
        let known = |(at, cell): (&u16, &Cell)| self.headings.get(cell.text.as_str()).map(|(place, column)| (place == at, *column));
        let found: Vec<(bool, Column)> = line.cells.iter().filter_map(known).collect();
        match found.len() {
            0..3 => Ok(false),
            _ if found.iter().all(|(is_same, _)| *is_same) => Ok(true),
            _ => Err(SheetError::DoubledHeader { columns: found.into_iter().map(|(_, column)| column).collect() }),
        }
    }
}

/// A footnote, a sum, or an example: told by how the line begins. The number and the prefecture stand in prepared lines anyway.
fn is_remark(line: &Line, header: &Header) -> bool {
    let is_prefecture = |at: &u16| header.columns.get(at) == Some(&Column::Prefecture);
    let words = || line.cells.iter().filter(|(_, cell)| !cell.text.chars().all(char::is_numeric));
    let said: Vec<&str> = words().filter(|(at, _)| !is_prefecture(at)).map(|(_, cell)| cell.text.as_str()).collect();
    if said.len() <= 2 && said.first().is_some_and(|text| is_note(text)) {
        return true;
    }
    // Whoever has a mail address is no sum.
    let has_mail = line.cells.values().any(|cell| cell.text.contains(['@', '＠']));
    let first = words().next().map(|(_, cell)| cell.text.as_str());
    first.into_iter().chain(said.first().copied()).any(|text| {
        let word = text.trim_matches(['(', ')', '（', '）', '【', '】', '＜', '＞']);
        let is_sum = ["合計", "総計", "小計", "計", "以上"].contains(&fold_search(word).as_str());
        is_sum && !has_mail || ["例", "記入例", "記載例", "入力例"].contains(&word)
    })
}

/// ※…, 注1, （注）…
pub(crate) fn is_note(text: &str) -> bool {
    let after = |c: char| c.is_numeric() || "：:）)】．.、記意".contains(c) || c.is_whitespace();
    let bare = text.trim_start_matches(['(', '（', '【', '［', '[']);
    bare.starts_with(['※', '＊', '*']) || bare.strip_prefix('注').is_some_and(|rest| rest.chars().next().is_none_or(after))
}

/// A line that was only prepared: with the prefecture, or with a number, or with nothing.
fn is_prepared(filled: &[(u16, Column, &Cell)]) -> bool {
    let mut typed = filled.iter().filter(|(_, column, _)| *column != Column::Prefecture).map(|(_, _, cell)| cell);
    match (typed.next(), typed.next()) {
        (None, _) => true,
        (Some(only), None) => !only.is_formula && only.text.chars().count() <= 4 && only.text.chars().all(char::is_numeric),
        _ => false,
    }
}

/// What a cell says. Zeros that a spreadsheet took from a number's front are put back where there is no doubt that they stood there.
fn text(column: Column, cell: &Cell) -> String {
    let text = &cell.text;
    let zero = || format!("0{text}");
    match (column, text.len()) {
        _ if !cell.is_number || !text.bytes().all(|b| b.is_ascii_digit()) => text.clone(),
        (Column::PostalCode, 5..7) => format!("{text:0>7}"),
        (Column::Phone, 9 | 10) => zero(),
        (Column::Municipalities, 5) if is_municipality_code(&zero()) => zero(),
        _ => text.clone(),
    }
}

/// A column, from 0, by its letters: A, B, …, Z, AA.
pub(crate) fn letters(column: u16) -> String {
    let letter = |n: u16| char::from(b'A' + u8::try_from(n % 26).unwrap_or_default());
    if column < 26 { letter(column).to_string() } else { format!("{}{}", letters(column / 26 - 1), letter(column)) }
}
