//! Text with commas or tabs as lines of cells. Written here, since a row's number must be the one that a spreadsheet shows: blank
//! lines count, and a line break within quotation marks does not.

use super::{Cell, Line, SEEN_LIMIT, SheetError};
use akidoko_domain::text::trim;
use std::{collections::BTreeMap, iter::Peekable, str::Chars};

/// The lines that are not blank.
pub(crate) fn lines(text: &str, separator: char) -> Result<Vec<Line>, SheetError> {
    let mut chars = text.chars().peekable();
    let mut lines = Vec::new();
    let mut number = 0;
    while chars.peek().is_some() {
        number += 1;
        let cells = line(&mut chars, separator).ok_or(SheetError::UnclosedQuote { line: number })?;
        if cells.is_empty() {
            continue;
        }
        if lines.len() > SEEN_LIMIT {
            return Err(SheetError::TooManyRows);
        }
        lines.push(Line { number, cells });
    }
    Ok(lines)
}

/// `None`: a quotation mark is not closed until the end of the text.
fn line(chars: &mut Peekable<Chars<'_>>, separator: char) -> Option<BTreeMap<u16, Cell>> {
    let mut cells = BTreeMap::new();
    let mut at = 0_u16;
    let mut cell = String::new();
    let mut is_quoted = false;
    loop {
        let next = chars.next();
        match next {
            Some('"') if is_quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            Some('"') if is_quoted => is_quoted = false,
            Some(c) if is_quoted => cell.push(c),
            None if is_quoted => return None,
            // A quotation mark within a cell is text.
            Some('"') if cell.is_empty() => is_quoted = true,
            Some(c) if c != separator && c != '\n' && c != '\r' => cell.push(c),
            _ => {
                let text = trim(&cell).trim_matches('\u{1a}').to_owned();
                if !text.is_empty() {
                    cells.insert(at, Cell { text, is_number: false, is_formula: false });
                }
                cell.clear();
                at = at.saturating_add(1);
                if next != Some(separator) {
                    if next == Some('\r') {
                        chars.next_if_eq(&'\n');
                    }
                    return Some(cells);
                }
            }
        }
    }
}
