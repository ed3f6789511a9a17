//! A file as it lies in the browser between check and taking: text by place, small enough to be sent back.

use akidoko_exchange::reports::{FileCell, Form, ReportFile};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LooseRow {
    /// Its number in the file.
    pub number: u32,
    /// Whose.
    pub code: String,
    /// By what name.
    pub name: String,
    /// For which day.
    pub day: String,
    /// In the order of [`LooseFile::items`].
    pub cells: Vec<String>,
    /// Items whose value is a formula's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub formulas: BTreeSet<String>,
    /// What was mended here.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mended: BTreeSet<String>,
    /// The version of the day that stood when it was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u32>,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LooseFile {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub hash: String,
    /// What a template of ours says of itself: survey and version.
    pub form: Option<(String, u32)>,
    /// Texts above the header that tell a day, with their places.
    pub titles: Vec<(String, String)>,
    /// Headings that the survey does not have, with their places.
    pub unknown: Vec<(String, String)>,
    /// Hospitals without one figure.
    pub blank_rows: usize,
    /// The items that have a place in the file.
    pub items: Vec<String>,
    /// Where: the letters of a column, or where items stand down the rows the whole address. `code`, `name` and `day` stand here too.
    pub places: BTreeMap<String, String>,
    /// The rows.
    pub rows: Vec<LooseRow>,
}

/// The number at the end of an address.
fn column(address: &str) -> String {
    address.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

impl LooseFile {
    /// From a file that was read.
    pub fn of(name: &str, bytes: &[u8], read: ReportFile) -> Self {
        let hash = hex(&Sha256::digest(bytes));
        let is_down =
            read.rows.len() == 1 && read.rows.iter().flat_map(|r| r.items.values()).any(|c| !ends_with(&c.address, read.rows[0].number));
        let place = |cell: &FileCell| if is_down { cell.address.clone() } else { column(&cell.address) };
        let mut items: Vec<String> = Vec::new();
        let mut places = BTreeMap::new();
        for row in &read.rows {
            for (field, cell) in [("code", &row.code), ("name", &row.name), ("day", &row.day)] {
                if let Some(cell) = cell {
                    places.entry(field.to_owned()).or_insert_with(|| place(cell));
                }
            }
        }
        if let Some(first) = read.rows.first() {
            for (id, cell) in &first.items {
                items.push(id.clone());
                places.insert(id.clone(), place(cell));
            }
        }
        let text = |cell: Option<FileCell>| cell.map(|c| c.text).unwrap_or_default();
        let pair = |cell: FileCell| (cell.text, cell.address);
        let rows = read.rows.into_iter().map(|row| LooseRow {
            number: row.number,
            cells: items.iter().map(|id| row.items.get(id).map(|c| c.text.clone()).unwrap_or_default()).collect(),
            formulas: row.items.iter().filter(|(_, c)| c.is_formula).map(|(id, _)| id.clone()).collect(),
            code: text(row.code),
            name: text(row.name),
            day: text(row.day),
            ..LooseRow::default()
        });
        Self {
            name: name.to_owned(),
            hash,
            form: read.form.map(|Form { survey, version }| (survey, version)),
            titles: read.titles.into_iter().map(pair).collect(),
            unknown: read.unknown.into_iter().map(pair).collect(),
            blank_rows: read.blank_rows,
            rows: rows.collect(),
            items,
            places,
        }
    }

    /// Where a field of a row stands, as a spreadsheet shows it.
    pub fn address(&self, number: u32, field: &str) -> String {
        match self.places.get(field) {
            Some(place) if place.ends_with(|c: char| c.is_ascii_digit()) => place.clone(),
            Some(place) => format!("{place}{number}"),
            None => format!("{number} 行"),
        }
    }

    /// Lays what was mended over a row.
    pub fn mend(&mut self, number: u32, field: &str, value: &str) {
        let value = value.trim();
        let at = self.items.iter().position(|id| id == field);
        let Some(row) = self.rows.iter_mut().find(|r| r.number == number) else { return };
        let cell = match (field, at) {
            ("code", _) => &mut row.code,
            ("day", _) => &mut row.day,
            (_, Some(at)) => match row.cells.get_mut(at) {
                Some(cell) => cell,
                None => return,
            },
            _ => return,
        };
        if *cell != value {
            value.clone_into(cell);
            row.mended.insert(field.to_owned());
            row.formulas.remove(field);
        }
    }
}

fn ends_with(address: &str, number: u32) -> bool {
    address.trim_start_matches(|c: char| c.is_ascii_alphabetic()) == number.to_string()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_mending() {
        let mut file = LooseFile {
            items: vec!["available_beds".into()],
            places: BTreeMap::from([("available_beds".to_owned(), "E".to_owned()), ("code".to_owned(), "A".to_owned())]),
            rows: vec![LooseRow { number: 7, cells: vec!["▲5".into()], ..LooseRow::default() }],
            ..LooseFile::default()
        };
        assert_eq!(file.address(7, "available_beds"), "E7");
        assert_eq!(file.address(7, "day"), "7 行");
        file.mend(7, "available_beds", " 5 ");
        file.mend(7, "nonsense", "5");
        file.mend(8, "available_beds", "5");
        assert_eq!((file.rows[0].cells[0].as_str(), file.rows[0].mended.len()), ("5", 1));
        file.places.insert("available_beds".into(), "B12".into());
        assert_eq!(file.address(5, "available_beds"), "B12");
    }
}
