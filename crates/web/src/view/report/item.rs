//! One question on the screen: its field, what it said before, whether that changed, and what is wrong with it.

use super::ReportInput;
use crate::words::{self, Line};
use akidoko_domain::{
    survey::{Care, Item, ItemKind, SKIPPED, Section, Status},
    text,
};

/// The kind of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::view) enum Widget {
    /// − n ＋
    Step,
    /// Radios as segments.
    Pick,
    /// ◎○△×
    Care,
    /// A text.
    Text,
    /// A telephone number.
    Phone,
    /// A date.
    Date,
    /// A time of day.
    Time,
}

/// A radio.
pub(in crate::view) struct OptionView {
    pub value: String,
    pub label: String,
    /// What is spoken, where the label is a mark.
    pub spoken: Option<&'static str>,
    pub checked: bool,
}

/// A question.
pub(in crate::view) struct ItemView {
    pub id: String,
    pub label: String,
    pub full_label: String,
    pub part: bool,
    pub required: bool,
    pub help: Option<String>,
    pub widget: Widget,
    pub unit: String,
    pub min: u32,
    pub max: String,
    pub value: String,
    pub options: Vec<OptionView>,
    /// In words what was reported before; `None` where nothing was.
    pub previous: Option<String>,
    /// The same as the form holds it, for the script.
    pub previous_raw: String,
    /// In words what is in the field.
    pub typed: String,
    pub changed: bool,
    pub error: Option<String>,
    pub warnings: Vec<(Line, bool)>,
    /// The pattern that filled it in, and what stood there before: as the form holds it, in words, and what that is called.
    pub pattern: Option<(String, String, String, &'static str)>,
}

impl ItemView {
    pub(in crate::view) fn of(item: &Item, input: &ReportInput<'_>, errors: &[Line], warnings: &[Line]) -> Self {
        let value = input.values.get(&item.id).cloned().unwrap_or_default();
        let before = input.previous.map(|p| p.answers.get(&item.id).cloned().flatten());
        let previous_raw = match &before {
            Some(Some(answer)) => answer.word().map(str::to_owned).or(answer.count().map(|n| n.to_string())).unwrap_or_default(),
            _ => String::new(),
        };
        let (widget, unit, max) = match &item.kind {
            ItemKind::Status { .. } | ItemKind::Choice { .. } | ItemKind::YesNo {} => (Widget::Pick, String::new(), String::new()),
            ItemKind::Count { unit, max, .. } => (Widget::Step, unit.clone(), max.to_string()),
            ItemKind::Care {} => (Widget::Care, String::new(), String::new()),
            ItemKind::Text { max } => (Widget::Text, String::new(), max.to_string()),
            ItemKind::Phone {} => (Widget::Phone, String::new(), String::new()),
            ItemKind::Date { .. } => (Widget::Date, String::new(), String::new()),
            ItemKind::Time { .. } => (Widget::Time, String::new(), String::new()),
        };
        let mine = |lines: &[Line]| lines.iter().filter(|l| l.item == item.id).cloned().collect::<Vec<_>>();
        Self {
            id: item.id.clone(),
            label: item.reference.map_or_else(|| item.label.clone(), |day| format!("{}（{}/{} 時点）", item.label, day.month, day.day)),
            full_label: words::label(input.survey, &item.id),
            part: item.part,
            required: item.required,
            help: item.help.clone(),
            widget,
            unit,
            min: if let ItemKind::Count { min, .. } = item.kind { min } else { 0 },
            max,
            options: options(item, &value),
            previous: before.as_ref().map(|answer| words::value(item, answer.as_ref())),
            changed: before.is_some() && same_form(item, &value) != same_form(item, &previous_raw),
            typed: words::typed(item, &value),
            pattern: pattern_of(item, input, &value, &previous_raw),
            previous_raw,
            error: mine(errors).into_iter().next().map(|l| l.sentence),
            warnings: mine(warnings).into_iter().map(|l| (l.clone(), input.confirmed.contains(&l.id))).collect(),
            value,
        }
    }

    /// 該当あり or 該当なし, for all of a section. It is a question like the others: it changes, it is kept in the draft.
    pub(in crate::view) fn skip(section: &Section, input: &ReportInput<'_>) -> Self {
        let id = section.skip_id();
        let value = input.values.get(&id).cloned().unwrap_or_default();
        let words = |skipped: bool| if skipped { "該当なし" } else { "該当あり" }.to_owned();
        let before = input.previous.map(|p| section.is_skipped(p.answers));
        let is_skipped = value == SKIPPED;
        let option = |word: &str, skipped: bool| OptionView {
            value: word.to_owned(),
            label: words(skipped),
            spoken: None,
            checked: is_skipped == skipped,
        };
        Self {
            full_label: section.title.clone(),
            label: "この区分".to_owned(),
            part: false,
            required: false,
            help: None,
            widget: Widget::Pick,
            unit: String::new(),
            min: 0,
            pattern: None,
            max: String::new(),
            options: vec![option("", false), option(SKIPPED, true)],
            previous: before.map(words),
            previous_raw: before.filter(|b| *b).map(|_| SKIPPED.to_owned()).unwrap_or_default(),
            typed: words(is_skipped),
            changed: before.is_some_and(|b| b != is_skipped),
            error: None,
            warnings: vec![],
            id,
            value,
        }
    }

    /// How it looks.
    pub(in crate::view) fn class(&self) -> String {
        let mut class = "q".to_owned();
        for (on, name) in [
            (self.part, " sub"),
            (self.id.contains(':'), " whole"),
            (self.widget == Widget::Pick, " stackable"),
            (self.changed, " is-changed"),
            (self.error.is_some(), " has-err"),
            (!self.warnings.is_empty(), " has-warn"),
        ] {
            class.push_str(if on { name } else { "" });
        }
        class
    }

    /// What describes the field, by id, for `aria-describedby`.
    pub(in crate::view) fn described(&self) -> String {
        let mut ids = Vec::new();
        if self.help.is_some() {
            ids.push(format!("h-{}", self.id));
        }
        if self.error.is_some() {
            ids.push(format!("e-{}", self.id));
        }
        ids.join(" ")
    }
}

/// The pattern of the screen, where it filled this item in and nobody changed it since.
fn pattern_of(item: &Item, input: &ReportInput<'_>, value: &str, previous_raw: &str) -> Option<(String, String, String, &'static str)> {
    let filled = input.filled?;
    let brought = filled.answers.get(&item.id)?.as_ref()?;
    let raw = brought.word().map(str::to_owned).or(brought.count().map(|n| n.to_string())).unwrap_or_default();
    if same_form(item, value) != same_form(item, &raw) {
        return None;
    }
    let before = filled.before.get(&item.id).cloned().unwrap_or_default();
    let called = if same_form(item, &before) == same_form(item, previous_raw) { "前の値" } else { "いまのボードの値" };
    Some((filled.name.to_owned(), before.clone(), words::typed(item, &before), called))
}

/// 「４」 and 「4」 are the same answer.
pub(super) fn same_form(item: &Item, typed: &str) -> String {
    match item.kind {
        ItemKind::Count { .. } => text::fold_digits(typed),
        ItemKind::Text { .. } => typed.trim().replace("\r\n", "\n"),
        ItemKind::Date { .. } => text::parse_date(typed).map_or_else(|| typed.trim().to_owned(), |day| day.to_string()),
        ItemKind::Time { .. } => text::parse_clock(typed).map_or_else(|| typed.trim().to_owned(), text::clock),
        _ => typed.trim().to_owned(),
    }
}

/// The words to choose from. What need not be answered can be taken back: 未回答 is one of them.
fn options(item: &Item, value: &str) -> Vec<OptionView> {
    let option = |word: &str, label: &str, spoken| OptionView {
        value: word.to_owned(),
        label: label.to_owned(),
        spoken,
        checked: value.trim() == word,
    };
    let mut options: Vec<OptionView> = match &item.kind {
        ItemKind::Status { not_available } => Status::ALL
            .into_iter()
            .filter(|s| *s != Status::NoAnswer && (*not_available || *s != Status::NotAvailable))
            .map(|s| option(s.as_str(), words::status_label(s), None))
            .collect(),
        ItemKind::Care {} => {
            let care = |c: Care| option(c.as_str(), words::care_mark(Some(c)).0, Some(words::care_label(Some(c))));
            Care::ALL.into_iter().map(care).collect()
        }
        ItemKind::Choice { options } => options.iter().map(|o| option(&o.id, &o.label, None)).collect(),
        ItemKind::YesNo {} => ["yes", "no"].into_iter().map(|word| option(word, words::yes_no_label(word), None)).collect(),
        _ => return vec![],
    };
    if !item.required {
        let unanswered = match item.kind {
            ItemKind::Care {} => option("", words::care_mark(None).0, Some(words::care_label(None))),
            _ => option("", words::care_label(None), None),
        };
        options.push(unanswered);
    }
    options
}
