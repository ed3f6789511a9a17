//! What a heading means: an item of the survey by its id or one of its names, or what says whose report it is.

use crate::sheet::Line;
use akidoko_domain::{
    report::{headings, label},
    survey::{ItemKind, Survey},
    text::{fold_search, trim},
};
use std::collections::{BTreeMap, HashMap};

/// What a column or a line is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Code,
    Name,
    Day,
    Form,
    Item(String),
    /// Known, and of no interest: 都道府県名, No.
    Other,
}

/// The names by which fields are found.
pub(super) struct Names {
    keys: HashMap<String, Option<Field>>,
    units: Vec<String>,
}

const CODE: [&str; 8] = ["医療機関ID", "医療機関コード", "病院ID", "病院コード", "施設ID", "ID", "用紙番号", "hospital"];
const NAME: [&str; 7] = ["医療機関名", "医療機関の名称", "医療機関", "病院名", "病院", "施設名", "名称"];
const DAY: [&str; 7] = ["報告日", "報告年月日", "年月日", "日付", "基準日", "対象日", "report_date"];
const OTHER: [&str; 16] = [
    "No.",
    "No",
    "番号",
    "通番",
    "都道府県",
    "都道府県名",
    "市区町村",
    "市区町村名",
    "二次医療圏",
    "医療圏",
    "フリガナ",
    "医療機関名（フリガナ）",
    "よみ",
    "単位",
    "区分",
    "項目",
];

impl Names {
    pub(super) fn of(survey: &Survey) -> Self {
        let mut units: Vec<String> = survey
            .items()
            .filter_map(|i| if let ItemKind::Count { unit, .. } = &i.kind { Some(fold_search(unit)) } else { None })
            .filter(|u| !u.is_empty())
            .collect();
        units.sort();
        units.dedup();
        let mut names = Self { keys: HashMap::new(), units };
        for (item, heading) in headings(survey) {
            let field = Field::Item(item.id.clone());
            names.add(&item.id, &field);
            names.add(&heading, &field);
            names.add(&label(survey, &item.id), &field);
        }
        // Weaker names do not shake a strong one; where two items share one, it names neither.
        let strong: Vec<String> = names.keys.keys().cloned().collect();
        for section in &survey.sections {
            let mut whole = "";
            for item in &section.items {
                let field = Field::Item(item.id.clone());
                let inner = section.title.split_once('（').and_then(|(_, rest)| rest.strip_suffix('）')).unwrap_or(&section.title);
                let outer = section.title.split_once('（').map_or(section.title.as_str(), |(before, _)| before);
                for front in ["", &section.title, inner, outer, if item.part { whole } else { "" }] {
                    let name = format!("{front}{}", item.label);
                    if !strong.contains(&names.key(&name)) {
                        names.add(&name, &field);
                    }
                }
                if !item.part {
                    whole = &item.label;
                }
            }
        }
        for (list, field) in [(&CODE[..], Field::Code), (&NAME[..], Field::Name), (&DAY[..], Field::Day), (&OTHER[..], Field::Other)] {
            for name in list {
                names.add(name, &field);
            }
        }
        names.add(super::FORM_HEADING, &Field::Form);
        names
    }

    fn add(&mut self, name: &str, field: &Field) {
        let key = self.key(name);
        let known = self.keys.entry(key).or_insert_with(|| Some(field.clone()));
        if known.as_ref() != Some(field) {
            *known = None;
        }
    }

    /// A heading as it is compared: without width, blanks, marks, and the unit behind it.
    fn key(&self, text: &str) -> String {
        let marks = ['※', '*', '＊', '★', '◆', '■', '●', '・', '　', ' '];
        let bare = trim(text).trim_matches(marks);
        let mut key = fold_search(bare.trim_end_matches("必須").trim_matches(marks));
        for unit in &self.units {
            if let Some(rest) = key.strip_suffix(&format!("({unit})")).or_else(|| key.strip_suffix(&format!("[{unit}]"))) {
                key = rest.to_owned();
                break;
            }
        }
        key
    }

    /// What a heading means; an id in brackets behind it counts before all else.
    pub(super) fn field(&self, text: &str) -> Option<Field> {
        let text = trim(text);
        if text.is_empty() || text.chars().count() > 80 {
            return None;
        }
        let bracketed = |(open, close): (char, char)| text.strip_suffix(close).and_then(|t| t.rsplit_once(open)).map(|(_, id)| id);
        let id = [('[', ']'), ('［', '］'), ('(', ')'), ('（', '）')].into_iter().find_map(bracketed);
        let by_id = id
            .and_then(|id| self.keys.get(&self.key(id)).cloned().flatten())
            .filter(|f| matches!(f, Field::Item(i) if Some(i.as_str()) == id.map(trim)));
        by_id.or_else(|| self.keys.get(&self.key(text)).cloned().flatten())
    }
}

/// A header that was found: where it stands, its columns, and the columns of which nothing is known.
pub(super) struct Header {
    /// Place of its last line among the lines.
    pub(super) at: usize,
    pub(super) columns: BTreeMap<u16, Field>,
    /// With the number of their line.
    pub(super) unknown: BTreeMap<u16, (String, u32)>,
    /// Columns that say the same.
    pub(super) doubled: Vec<(u16, String)>,
}

impl Header {
    fn items(&self) -> usize {
        self.columns.values().filter(|f| matches!(f, Field::Item(_))).count()
    }

    fn names_hospitals(&self) -> bool {
        self.columns.values().any(|f| matches!(f, Field::Code | Field::Name))
    }

    fn weight(&self) -> usize {
        self.items() * 2 + usize::from(self.names_hospitals())
    }
}

/// As many lines that are not blank are searched for the header.
const SEARCHED: usize = 200;

/// The header of a table: the line that knows most headings, alone or with the line above it, whose headings may span several columns.
pub(super) fn find(names: &Names, lines: &[Line]) -> Option<Header> {
    let mut best: Option<Header> = None;
    for (at, line) in lines.iter().enumerate().take(SEARCHED) {
        let above = at.checked_sub(1).and_then(|a| lines.get(a)).filter(|a| a.number + 1 == line.number);
        let mut tries = vec![columns(names, at, line, None)];
        tries.extend(above.map(|above| columns(names, at, line, Some(above))));
        for header in tries {
            if best.as_ref().is_none_or(|b| header.weight() > b.weight()) {
                best = Some(header);
            }
        }
    }
    best.filter(|h| h.items() >= 3 || (h.items() >= 1 && h.names_hospitals()))
}

fn columns(names: &Names, at: usize, line: &Line, above: Option<&Line>) -> Header {
    let mut header = Header { at, columns: BTreeMap::new(), unknown: BTreeMap::new(), doubled: Vec::new() };
    let places = line.cells.keys().chain(above.into_iter().flat_map(|a| a.cells.keys())).copied();
    let mut places: Vec<u16> = places.collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let own = line.cells.get(&place).map_or("", |c| c.text.as_str());
        let over = above.and_then(|a| a.cells.range(..=place).next_back()).map_or("", |(_, c)| c.text.as_str());
        let straight_over = above.and_then(|a| a.cells.get(&place)).map_or("", |c| c.text.as_str());
        let both = format!("{over}{own}");
        let found = if own.is_empty() {
            names.field(straight_over)
        } else {
            // What both rows say together is more exact than what the lower says alone.
            above.and_then(|_| names.field(&both).filter(|f| matches!(f, Field::Item(_)))).or_else(|| names.field(own))
        };
        match found {
            Some(field) if field != Field::Other && header.columns.values().any(|f| *f == field) => {
                header.doubled.push((place, if own.is_empty() { straight_over } else { own }.to_owned()));
            }
            Some(field) => {
                header.columns.insert(place, field);
            }
            None if !own.is_empty() => {
                header.unknown.insert(place, (own.to_owned(), line.number));
            }
            None => {
                let over = above.filter(|_| !straight_over.is_empty());
                header.unknown.extend(over.map(|a| (place, (straight_over.to_owned(), a.number))));
            }
        }
    }
    header
}
