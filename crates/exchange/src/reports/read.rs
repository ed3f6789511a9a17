//! From bytes to rows.

use super::{
    COLUMN_LIMIT, FileCell, FileRow, Form, MARK, MARKER, ROW_LIMIT, ReportFile, ReportFileError,
    header::{self, Field, Header, Names},
    tall,
};
use crate::sheet::{
    Cell, Line, delimited,
    package::{self, Content},
    rows::{is_note, letters},
    workbook::marked_sheets,
};
use akidoko_domain::{
    survey::{ItemKind, Survey},
    text::{find_date, fold_search},
};
use std::collections::BTreeMap;

/// Reads a file of reports: .xlsx, or CSV in UTF-8 or CP932 with commas or tabs. What it is shows from its content; the name only tells a
/// workbook with macros. `survey` knows the items by their names.
pub fn read(name: &str, bytes: &[u8], survey: &Survey) -> Result<ReportFile, ReportFileError> {
    let names = Names::of(survey);
    match package::open(name, bytes)? {
        Content::Workbook(package) => {
            let (mark, sheets) = marked_sheets(package, MARKER, COLUMN_LIMIT)?;
            let mut file = of_sheets(survey, &names, &sheets)?;
            file.form = marked(&mark).or(file.form);
            Ok(file)
        }
        Content::Text(text) => {
            let commas = of_lines(survey, &names, &delimited::lines(&text, ',')?);
            match commas {
                Err(ReportFileError::NoHeader) => of_lines(survey, &names, &delimited::lines(&text, '\t')?),
                commas => commas,
            }
        }
    }
}

fn marked(lines: &[Line]) -> Option<Form> {
    let first = lines.first()?;
    let is_ours = first.cells.get(&0).is_some_and(|c| c.text == MARK);
    first.cells.get(&1).filter(|_| is_ours).and_then(|c| Form::parse(&c.text))
}

/// The one sheet that has reports. Two that are filled in would leave one of them unread, so that is refused.
fn of_sheets(survey: &Survey, names: &Names, sheets: &[(String, Vec<Line>)]) -> Result<ReportFile, ReportFileError> {
    let mut filled: Vec<(&str, ReportFile)> = Vec::new();
    let mut blank = None;
    for (name, lines) in sheets {
        match of_lines(survey, names, lines) {
            Ok(file) if file.rows.is_empty() => blank = Some(file),
            Ok(file) => filled.push((name, file)),
            Err(ReportFileError::NoHeader) => {}
            Err(error) => return Err(error),
        }
    }
    if filled.len() > 1 {
        return Err(ReportFileError::SeveralSheets { names: filled.into_iter().map(|(name, _)| name.to_owned()).collect() });
    }
    filled.pop().map(|(_, file)| file).or(blank).ok_or(ReportFileError::NoHeader)
}

fn of_lines(survey: &Survey, names: &Names, lines: &[Line]) -> Result<ReportFile, ReportFileError> {
    let wide = header::find(names, lines);
    let down = tall::find(names, lines);
    match (wide, down) {
        (Some(header), down) if down.as_ref().is_none_or(|d| d.items() < header.columns.len()) => of_table(survey, lines, &header),
        (_, Some(down)) => Ok(down.read(survey, lines)),
        _ => Err(ReportFileError::NoHeader),
    }
}

fn of_table(survey: &Survey, lines: &[Line], header: &Header) -> Result<ReportFile, ReportFileError> {
    if !header.doubled.is_empty() {
        let number = lines[header.at].number;
        let headings = header.doubled.iter().map(|(at, text)| format!("{}{number} {text}", letters(*at))).collect();
        return Err(ReportFileError::DoubledHeading { headings });
    }
    let mut file = ReportFile { form: None, titles: titles(&lines[..header.at]), rows: Vec::new(), blank_rows: 0, unknown: Vec::new() };
    let mut unknown: BTreeMap<u16, bool> = header.unknown.keys().map(|at| (*at, false)).collect();
    for line in &lines[header.at + 1..] {
        if is_header_again(line, &lines[header.at]) || is_remark(line, header) {
            continue;
        }
        let row = row(survey, line, header);
        let is_blank = row.items.values().all(|c| c.text.is_empty() && !c.is_formula);
        if is_blank {
            file.blank_rows += usize::from(row.code.is_some() || row.name.is_some());
            continue;
        }
        if file.rows.len() == ROW_LIMIT {
            return Err(ReportFileError::TooManyRows);
        }
        for (at, seen) in &mut unknown {
            *seen |= line.cells.contains_key(at);
        }
        if file.form.is_none() {
            file.form = header.columns.iter().find(|(_, f)| **f == Field::Form).and_then(|(at, _)| Form::parse(&line.cells.get(at)?.text));
        }
        file.rows.push(row);
    }
    file.unknown = header
        .unknown
        .iter()
        .filter(|(at, _)| unknown.get(at) == Some(&true))
        .map(|(at, (text, number))| FileCell { text: text.clone(), address: format!("{}{number}", letters(*at)), is_formula: false })
        .collect();
    Ok(file)
}

fn row(survey: &Survey, line: &Line, header: &Header) -> FileRow {
    let mut row = FileRow { number: line.number, code: None, name: None, day: None, items: BTreeMap::new() };
    for (at, field) in &header.columns {
        let found = line.cells.get(at);
        let cell = |text: String| FileCell {
            text,
            address: format!("{}{}", letters(*at), line.number),
            is_formula: found.is_some_and(|c| c.is_formula),
        };
        let plain = || found.map(|c| cell(c.text.clone()));
        match field {
            Field::Code => row.code = plain(),
            Field::Name => row.name = plain(),
            Field::Day => row.day = found.map(|c| cell(day_text(c))),
            Field::Item(id) => {
                row.items.insert(id.clone(), cell(found.map(|c| item_text(survey, id, c)).unwrap_or_default()));
            }
            Field::Form | Field::Other => {}
        }
    }
    row
}

/// A day that a spreadsheet keeps as the number of days since 1900.
pub(super) fn day_text(cell: &Cell) -> String {
    let serial = cell.text.parse::<i64>().ok().filter(|n| cell.is_number && (36_526..73_051).contains(n));
    let first = chrono::NaiveDate::from_ymd_opt(1899, 12, 30);
    match serial.zip(first).and_then(|(n, first)| first.checked_add_signed(chrono::TimeDelta::days(n))) {
        Some(day) => day.to_string(),
        None => cell.text.clone(),
    }
}

/// Zeros that a spreadsheet took from the front of a telephone number are put back, and the apostrophe that held back a formula is taken away.
pub(super) fn item_text(survey: &Survey, id: &str, cell: &Cell) -> String {
    let is_phone = survey.item(id).is_some_and(|i| matches!(i.kind, ItemKind::Phone {}));
    if is_phone && cell.is_number && matches!(cell.text.len(), 9 | 10) {
        return format!("0{}", cell.text);
    }
    match cell.text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => cell.text.clone(),
    }
}

/// Cells above the header that tell a day.
pub(super) fn titles(lines: &[Line]) -> Vec<FileCell> {
    let cells = lines.iter().flat_map(|line| line.cells.iter().map(move |(at, cell)| (line.number, *at, cell)));
    cells
        .filter(|(_, _, cell)| find_date(&cell.text).is_some())
        .map(|(number, at, cell)| FileCell {
            text: cell.text.clone(),
            address: format!("{}{number}", letters(at)),
            is_formula: cell.is_formula,
        })
        .collect()
}

/// Sheets that were pasted together page by page have their header again.
fn is_header_again(line: &Line, header: &Line) -> bool {
    let same = line.cells.iter().filter(|(at, cell)| header.cells.get(at).is_some_and(|h| h.text == cell.text)).count();
    same >= 3 && same * 2 > line.cells.len()
}

/// A footnote, a sum or an example: told by how the line begins.
fn is_remark(line: &Line, header: &Header) -> bool {
    let words = line.cells.values().filter(|c| !c.text.chars().all(char::is_numeric)).map(|c| c.text.as_str());
    let mut words = words.peekable();
    let Some(first) = words.peek().copied() else { return false };
    if is_note(first) && line.cells.len() <= 3 {
        return true;
    }
    let is_hospital = |(at, _): &(&u16, &Cell)| matches!(header.columns.get(at), Some(Field::Code | Field::Name));
    let said: Vec<&str> = line.cells.iter().filter(is_hospital).map(|(_, c)| c.text.as_str()).collect();
    said.iter().chain([&first]).any(|text| {
        let word = text.trim_matches(['(', ')', '（', '）', '【', '】', '＜', '＞']);
        ["合計", "総計", "小計", "計", "以上", "県計", "例", "記入例"].contains(&fold_search(word).as_str())
            || ["合計", "総計", "小計"].iter().any(|sum| word.starts_with(sum))
    })
}
