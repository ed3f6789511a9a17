//! One hospital with its items down the rows: 項目 in one column, its value in another.

use super::{
    FileCell, FileRow, Form, ReportFile,
    header::{Field, Names},
    read::{day_text, item_text, titles},
};
use crate::sheet::{
    Line,
    rows::{is_note, letters},
};
use akidoko_domain::{survey::Survey, text::fold_search};
use std::collections::BTreeMap;

/// Where the items stand and where their values.
pub(super) struct Down {
    labels: u16,
    values: u16,
    /// By the place of the line: what it is about, or that it is unknown.
    fields: BTreeMap<usize, Field>,
    unknown: Vec<usize>,
}

/// Headings over the values, the most exact first.
const VALUES: [&str; 9] = ["今日の値", "今回の値", "今回", "本日", "回答", "報告値", "記入欄", "値", "数"];

pub(super) fn find(names: &Names, lines: &[Line]) -> Option<Down> {
    let mut columns: Vec<u16> = lines.iter().flat_map(|l| l.cells.keys().copied()).filter(|at| *at < 8).collect();
    columns.sort_unstable();
    columns.dedup();
    let best = columns.into_iter().map(|labels| down(names, lines, labels)).reduce(|a, b| if b.items() > a.items() { b } else { a })?;
    (best.items() >= 2).then_some(best)
}

fn down(names: &Names, lines: &[Line], labels: u16) -> Down {
    let mut down = Down { labels, values: labels + 1, fields: BTreeMap::new(), unknown: Vec::new() };
    if let Some(at) = lines.iter().find_map(|l| values_heading(l, labels)) {
        down.values = at;
    }
    // 「空床」 above, 「うち重症」 below: what was not understood may be the front of what follows.
    let mut front = "";
    for (place, line) in lines.iter().enumerate() {
        let Some(text) = line.cells.get(&labels).map(|c| c.text.as_str()) else { continue };
        let with_front = names.field(&format!("{front}{text}")).filter(|f| matches!(f, Field::Item(_)) && !front.is_empty());
        match with_front.or_else(|| names.field(text)) {
            Some(field) => {
                let is_again = field != Field::Other && down.fields.values().any(|f| *f == field);
                if is_again {
                    down.unknown.push(place);
                } else {
                    down.fields.insert(place, field);
                }
            }
            None if is_note(text) => {}
            None => {
                front = text;
                down.unknown.push(place);
            }
        }
    }
    down
}

fn values_heading(line: &Line, labels: u16) -> Option<u16> {
    let heading = |at: &u16| line.cells.get(at).map(|c| fold_search(&c.text)).unwrap_or_default();
    if heading(&labels) != fold_search("項目") {
        return None;
    }
    VALUES.iter().find_map(|word| line.cells.keys().copied().filter(|at| *at > labels).find(|at| heading(at) == fold_search(word)))
}

impl Down {
    pub(super) fn items(&self) -> usize {
        self.fields.values().filter(|f| matches!(f, Field::Item(_))).count()
    }

    /// The one row that stands here.
    pub(super) fn read(&self, survey: &Survey, lines: &[Line]) -> ReportFile {
        let first_item = self.fields.iter().find(|(_, f)| matches!(f, Field::Item(_))).map_or(0, |(place, _)| *place);
        let titled = self.fields.keys().next().copied().unwrap_or(0);
        let mut row =
            FileRow { number: lines.get(first_item).map_or(1, |l| l.number), code: None, name: None, day: None, items: BTreeMap::new() };
        let mut form = None;
        for (place, field) in &self.fields {
            let line = &lines[*place];
            let found = line.cells.get(&self.values);
            let cell = |text: String| FileCell {
                text,
                address: format!("{}{}", letters(self.values), line.number),
                is_formula: found.is_some_and(|c| c.is_formula),
            };
            match field {
                Field::Code => row.code = found.map(|c| cell(c.text.clone())),
                Field::Name => row.name = found.map(|c| cell(c.text.clone())),
                Field::Day => row.day = found.map(|c| cell(day_text(c))),
                Field::Form => form = found.and_then(|c| Form::parse(&c.text)),
                Field::Item(id) => {
                    row.items.insert(id.clone(), cell(found.map(|c| item_text(survey, id, c)).unwrap_or_default()));
                }
                Field::Other => {}
            }
        }
        let is_blank = row.items.values().all(|c| c.text.is_empty() && !c.is_formula);
        let unknown = self.unknown.iter().filter_map(|place| lines.get(*place)).filter(|line| line.cells.contains_key(&self.values));
        let unknown = unknown.map(|line| FileCell {
            text: line.cells.get(&self.labels).map(|c| c.text.clone()).unwrap_or_default(),
            address: format!("{}{}", letters(self.labels), line.number),
            is_formula: false,
        });
        ReportFile {
            form,
            titles: titles(&lines[..titled]),
            unknown: unknown.collect(),
            blank_rows: usize::from(is_blank),
            rows: if is_blank { Vec::new() } else { vec![row] },
        }
    }
}
