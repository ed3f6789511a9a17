//! What is wrong with a definition, all of it at once and each with its place, so that the editor can say it beside the field.

use super::{Due, ItemKind, NAME_MAX, RESERVED, Survey, Who};
use crate::{organisation::OrganisationKind, rule::RuleError};
use std::collections::BTreeSet;

/// The longest title, label or unit, in characters.
pub const LABEL_MAX: usize = 60;
/// The longest help, note or message.
const SENTENCE_MAX: usize = 200;
/// As many items are asked at most.
const ITEMS_MAX: usize = 300;
/// The longest text an item may ask for.
const TEXT_MAX: u32 = 2000;
/// The greatest count an item may ask for.
const COUNT_MAX: u32 = 99_999_999;

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A field of the survey itself.
    Head(&'static str),
    /// A field of a section.
    Section(String, &'static str),
    /// A field of an item.
    Item(String, &'static str),
    /// A field of a rule.
    Rule(String, &'static str),
    /// A rate.
    Rate(String),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing is written.
    Empty,
    /// Characters that are none, or a break of the line.
    NotText,
    /// Too many characters.
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// Not lower-case letters, digits and `_`, beginning with a letter.
    BadId,
    /// Stands elsewhere already.
    Twice,
    /// Not a number between two bounds.
    OutOfBounds {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// Not a whole number.
    NotANumber,
    /// Not a day of a calendar.
    NotADay,
    /// Not a time of day.
    NotATime,
    /// Nothing of what is offered was chosen.
    NotChosen,
    /// The lower bound is over the upper.
    BoundsCrossed,
    /// No choice has fewer than two words.
    TooFewOptions,
    /// Two words of a choice are the same.
    OptionTwice,
    /// Another item fills the column already.
    ColumnTwice,
    /// The column takes answers of another kind.
    ColumnOfAnotherKind,
    /// The hospital's survey alone fills the board.
    ColumnOfAPrefecture,
    /// A version that was published had another kind under this id: its meaning must not change.
    KindChanged,
    /// A version that was published filled another column.
    ColumnChanged,
    /// A version that was published had other periods, or asked others: reports of both would not stand beside each other.
    PeriodChanged,
    /// A word of a choice stands under the id that another word had.
    OptionsShifted,
    /// There is nothing to ask.
    NoItems,
    /// More is asked than may be.
    TooManyItems {
        /// As many may be.
        max: usize,
    },
    /// No such day in every year.
    NoSuchDay,
    /// Who must answer is neither hospitals nor health departments.
    NobodyAsked,
    /// A word that rules use for something else.
    Reserved,
    /// The rule's expression cannot be used.
    BadRule(RuleError),
    /// The rule's message stands at an item that is not there.
    MessageNowhere,
    /// A rate is of an item that is not there, or is no count.
    NotACount {
        /// The item, as it was written.
        item: String,
    },
    /// What no other flaw tells.
    Unreadable,
}

/// A flaw and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flawed {
    /// Where.
    pub place: Place,
    /// What.
    pub flaw: Flaw,
}

/// Is this an id: lower-case letters, digits and `_`, beginning with a letter?
pub fn good_id(id: &str) -> bool {
    id.len() <= NAME_MAX
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

struct Found(Vec<Flawed>);

impl Found {
    fn note(&mut self, place: Place, flaw: Flaw) {
        self.0.push(Flawed { place, flaw });
    }

    fn words(&mut self, words: &str, max: usize, may_be_empty: bool, place: impl Fn() -> Place) {
        if words.trim().is_empty() && !may_be_empty {
            self.note(place(), Flaw::Empty);
        } else if words.chars().count() > max {
            self.note(place(), Flaw::TooLong { max });
        } else if words.chars().any(char::is_control) {
            self.note(place(), Flaw::NotText);
        }
    }
}

/// Everything that is wrong with a definition, beside the versions of the same survey that were published.
pub fn flaws<'a>(survey: &Survey, published: impl IntoIterator<Item = &'a Survey>) -> Vec<Flawed> {
    let mut found = Found(Vec::new());
    head(survey, &mut found);
    let mut sections = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut columns = BTreeSet::new();
    for section in &survey.sections {
        let place = |field| Place::Section(section.id.clone(), field);
        if !good_id(&section.id) {
            found.note(place("id"), Flaw::BadId);
        }
        if !sections.insert(&section.id) {
            found.note(place("id"), Flaw::Twice);
        }
        found.words(&section.title, LABEL_MAX, false, || place("title"));
        found.words(section.sheet.as_deref().unwrap_or_default(), LABEL_MAX, true, || place("sheet"));
        found.words(section.note.as_deref().unwrap_or_default(), SENTENCE_MAX, true, || place("note"));
        for item in &section.items {
            let place = |field| Place::Item(item.id.clone(), field);
            if !ids.insert(&item.id) {
                found.note(place("id"), Flaw::Twice);
            }
            if let Some(column) = item.column {
                if !columns.insert(column) {
                    found.note(place("column"), Flaw::ColumnTwice);
                }
                if survey.who.kind != OrganisationKind::Hospital {
                    found.note(place("column"), Flaw::ColumnOfAPrefecture);
                }
            }
            one(item, &mut found);
        }
    }
    match survey.items().count() {
        0 => found.note(Place::Head("items"), Flaw::NoItems),
        n if n > ITEMS_MAX => found.note(Place::Head("items"), Flaw::TooManyItems { max: ITEMS_MAX }),
        _ => {}
    }
    for before in published {
        meaning(survey, before, &mut found);
    }
    let mut rules = BTreeSet::new();
    for rule in &survey.rules {
        let place = |field| Place::Rule(rule.id.clone(), field);
        if !good_id(&rule.id) {
            found.note(place("id"), Flaw::BadId);
        }
        if !rules.insert(&rule.id) {
            found.note(place("id"), Flaw::Twice);
        }
        found.words(&rule.message, SENTENCE_MAX, false, || place("message"));
        if rule.item.as_ref().is_some_and(|item| survey.item(item).is_none()) {
            found.note(place("item"), Flaw::MessageNowhere);
        }
        // Afresh: what was checked against another state of the survey counts for nothing.
        if let Err(error) = rule.holds.afresh().program(survey) {
            found.note(place("holds"), Flaw::BadRule(error.clone()));
        }
    }
    for rate in &survey.rates {
        found.words(&rate.label, LABEL_MAX, false, || Place::Rate(rate.id.clone()));
        let is_count = |id: &str| matches!(survey.item(id).map(|i| &i.kind), Some(ItemKind::Count { .. }));
        for item in rate.part.iter().chain([&rate.whole]).filter(|id| !is_count(id)) {
            found.note(Place::Rate(rate.id.clone()), Flaw::NotACount { item: item.clone() });
        }
        if rate.part.is_empty() {
            found.note(Place::Rate(rate.id.clone()), Flaw::Empty);
        }
    }
    found.0
}

fn head(survey: &Survey, found: &mut Found) {
    if !good_id(&survey.code) {
        found.note(Place::Head("code"), Flaw::BadId);
    }
    found.words(&survey.title, LABEL_MAX, false, || Place::Head("title"));
    if survey.year_from.is_some_and(|day| !day.is_good()) {
        found.note(Place::Head("year_from"), Flaw::NoSuchDay);
    }
    if survey.due.is_some_and(|due| due.days > Due::DAYS_MAX) {
        found.note(Place::Head("due_days"), Flaw::OutOfBounds { min: 0, max: Due::DAYS_MAX });
    }
    if !Who::KINDS.contains(&survey.who.kind) {
        found.note(Place::Head("who"), Flaw::NobodyAsked);
    }
}

/// Everything that is wrong with one item by itself.
fn one(item: &super::Item, found: &mut Found) {
    let place = |field| Place::Item(item.id.clone(), field);
    if !good_id(&item.id) {
        found.note(place("id"), Flaw::BadId);
    } else if RESERVED.contains(&item.id.as_str()) {
        found.note(place("id"), Flaw::Reserved);
    }
    found.words(&item.label, LABEL_MAX, false, || place("label"));
    found.words(item.help.as_deref().unwrap_or_default(), SENTENCE_MAX, true, || place("help"));
    if item.reference.is_some_and(|day| !day.is_good()) {
        found.note(place("reference"), Flaw::NoSuchDay);
    }
    match &item.kind {
        ItemKind::Count { min, max, .. } if min > max => found.note(place("min"), Flaw::BoundsCrossed),
        ItemKind::Date { min: Some(min), max: Some(max) } if min > max => found.note(place("min"), Flaw::BoundsCrossed),
        ItemKind::Time { min: Some(min), max: Some(max) } if min > max => found.note(place("min"), Flaw::BoundsCrossed),
        ItemKind::Count { unit, max, .. } => {
            found.words(unit, LABEL_MAX, true, || place("unit"));
            if *max > COUNT_MAX {
                found.note(place("max"), Flaw::OutOfBounds { min: 0, max: COUNT_MAX });
            }
        }
        ItemKind::Text { max } if !(1..=TEXT_MAX).contains(&u32::try_from(*max).unwrap_or(u32::MAX)) => {
            found.note(place("max"), Flaw::OutOfBounds { min: 1, max: TEXT_MAX });
        }
        ItemKind::Choice { options } => {
            if options.len() < 2 {
                found.note(place("options"), Flaw::TooFewOptions);
            }
            let ids: BTreeSet<&str> = options.iter().map(|o| o.id.as_str()).collect();
            let labels: BTreeSet<&str> = options.iter().map(|o| o.label.as_str()).collect();
            if ids.len() < options.len() || labels.len() < options.len() {
                found.note(place("options"), Flaw::OptionTwice);
            }
            if options.iter().any(|o| !good_id(&o.id)) {
                found.note(place("options"), Flaw::BadId);
            }
            for option in options {
                found.words(&option.label, LABEL_MAX, false, || place("options"));
            }
        }
        _ => {}
    }
    if let Some(column) = item.column
        && !column_takes(column, &item.kind)
    {
        found.note(place("column"), Flaw::ColumnOfAnotherKind);
    }
}

fn column_takes(column: crate::board::Column, kind: &ItemKind) -> bool {
    use crate::board::Column as C;
    match kind {
        ItemKind::Status { .. } => column.is_status(),
        ItemKind::Care {} => C::CARE.contains(&column),
        ItemKind::Text { .. } => column == C::BoardComment,
        ItemKind::Phone {} => matches!(column, C::ContactDay | C::ContactNight),
        ItemKind::Count { .. } => {
            !column.is_status() && !C::CARE.contains(&column) && !matches!(column, C::BoardComment | C::ContactDay | C::ContactNight)
        }
        _ => false,
    }
}

/// An id means the same in every version: what was answered must stay readable beside what is answered now.
fn meaning(survey: &Survey, before: &Survey, found: &mut Found) {
    for (place, same) in [
        ("cadence", survey.cadence == before.cadence),
        ("year_from", survey.year_from == before.year_from),
        ("who", survey.who.kind == before.who.kind),
    ] {
        if !same && !found.0.iter().any(|f| f.flaw == Flaw::PeriodChanged && f.place == Place::Head(place)) {
            found.note(Place::Head(place), Flaw::PeriodChanged);
        }
    }
    for item in survey.items() {
        let Some(old) = before.item(&item.id) else { continue };
        if std::mem::discriminant(&old.kind) != std::mem::discriminant(&item.kind) {
            found.note(Place::Item(item.id.clone(), "kind"), Flaw::KindChanged);
        }
        if let (ItemKind::Choice { options: were }, ItemKind::Choice { options: are }) = (&old.kind, &item.kind)
            && are.iter().any(|a| were.iter().any(|w| w.label == a.label && w.id != a.id))
        {
            found.note(Place::Item(item.id.clone(), "options"), Flaw::OptionsShifted);
        }
        if old.column != item.column {
            found.note(Place::Item(item.id.clone(), "column"), Flaw::ColumnChanged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        board::Column,
        survey::{Catalogue, Choice, DAILY, Item, Section},
    };

    fn daily() -> Survey {
        Catalogue::shipped().version(DAILY, 1).unwrap().clone()
    }

    fn changed(change: impl FnOnce(&mut Survey)) -> Vec<(Place, Flaw)> {
        let mut survey = daily();
        change(&mut survey);
        flaws(&survey, [&daily()]).into_iter().map(|f| (f.place, f.flaw)).collect()
    }

    fn item<'a>(survey: &'a mut Survey, id: &str) -> &'a mut Item {
        survey.sections.iter_mut().flat_map(|s| &mut s.items).find(|i| i.id == id).unwrap()
    }

    #[test]
    fn periods_and_words_keep_their_meaning() {
        let head = |at| (Place::Head(at), Flaw::PeriodChanged);
        assert_eq!(changed(|s| s.cadence = crate::survey::Cadence::Weekly), [head("cadence")]);
        assert_eq!(changed(|s| s.year_from = Some(crate::survey::MonthDay { month: 10, day: 1 })), [head("year_from")]);
        let choice = |words: &[(&str, &str)]| {
            let mut survey = daily();
            let options = words.iter().map(|(id, label)| Choice { id: (*id).into(), label: (*label).into() }).collect();
            item(&mut survey, "contact_day").kind = ItemKind::Choice { options };
            item(&mut survey, "contact_day").column = None;
            survey
        };
        let before = choice(&[("option_1", "可"), ("option_2", "不可")]);
        for (words, shifted) in [
            (&[("option_1", "可"), ("option_2", "不可"), ("option_3", "要相談")][..], false),
            (&[("option_1", "可能"), ("option_2", "不可")][..], false),
            (&[("option_1", "要相談"), ("option_2", "可"), ("option_3", "不可")][..], true),
        ] {
            let found = flaws(&choice(words), [&before]).into_iter().any(|f| f.flaw == Flaw::OptionsShifted);
            assert_eq!(found, shifted, "{words:?}");
        }
    }

    #[test]
    fn the_shipped_surveys_have_no_flaws() {
        let catalogue = Catalogue::shipped();
        for survey in catalogue.all() {
            assert_eq!(flaws(survey, catalogue.versions(&survey.code)), [], "{} {}", survey.code, survey.version);
        }
    }

    #[test]
    fn each_flaw_has_its_place() {
        let at = |id: &str, field| Place::Item(id.to_owned(), field);
        assert_eq!(changed(|s| s.title.clear()), [(Place::Head("title"), Flaw::Empty)]);
        assert_eq!(changed(|s| s.title = "日\u{0}次".into()), [(Place::Head("title"), Flaw::NotText)]);
        assert_eq!(changed(|s| s.code = "日次".into()), [(Place::Head("code"), Flaw::BadId)]);
        assert_eq!(
            changed(|s| item(s, "board_comment").label = "x".repeat(61)),
            [(at("board_comment", "label"), Flaw::TooLong { max: 60 })]
        );
        assert_eq!(
            changed(|s| item(s, "board_comment").kind = ItemKind::Text { max: 0 }),
            [(at("board_comment", "max"), Flaw::OutOfBounds { min: 1, max: 2000 })]
        );
        assert_eq!(changed(|s| s.sections[1].id = s.sections[0].id.clone()), [(Place::Section("acceptance".into(), "id"), Flaw::Twice)]);
        assert_eq!(changed(|s| s.sections.clear())[0], (Place::Head("items"), Flaw::NoItems));
        assert_eq!(
            changed(|s| item(s, "physician_staffing").kind = ItemKind::Choice { options: vec![] }),
            [(at("physician_staffing", "options"), Flaw::TooFewOptions)]
        );
        let twice = Choice { id: "normal".into(), label: "通常".into() };
        assert_eq!(
            changed(|s| item(s, "physician_staffing").kind = ItemKind::Choice { options: vec![twice.clone(), twice] }),
            [(at("physician_staffing", "options"), Flaw::OptionTwice)]
        );
        assert_eq!(
            changed(|s| item(s, "inpatients_mild").column = Some(Column::EmergencyStatus)),
            [
                (at("inpatients_mild", "column"), Flaw::ColumnTwice),
                (at("inpatients_mild", "column"), Flaw::ColumnOfAnotherKind),
                (at("inpatients_mild", "column"), Flaw::ColumnChanged),
            ]
        );
        assert_eq!(
            changed(|s| item(s, "contact_day").kind = ItemKind::Text { max: 20 }),
            [(at("contact_day", "column"), Flaw::ColumnOfAnotherKind), (at("contact_day", "kind"), Flaw::KindChanged),]
        );
        let many = |s: &mut Survey| {
            let items = (0..301).map(|n| Item { id: format!("x{n}"), ..s.sections[8].items[0].clone() });
            let items = items.map(|i| Item { column: None, ..i }).collect();
            s.rules.clear();
            s.sections = vec![Section { items, ..s.sections[8].clone() }];
        };
        assert_eq!(changed(many), [(Place::Head("items"), Flaw::TooManyItems { max: 300 })]);
    }

    #[test]
    fn ids() {
        for (id, good) in
            [("a", true), ("a_1", true), ("", false), ("1a", false), ("A", false), ("a-b", false), ("あ", false), ("_a", false)]
        {
            assert_eq!(good_id(id), good, "{id}");
        }
    }
}
