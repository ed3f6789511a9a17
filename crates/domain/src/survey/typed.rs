//! What the editor's forms hold, as it was typed, and how it becomes part of a definition. Everything that does not read is told at once,
//! with its field.

use super::{Cadence, Choice, Due, Flaw, Flawed, Item, ItemKind, MonthDay, Place, Survey, Who};
use crate::{board::Column, hospital::EmergencyLevel, organisation::OrganisationKind, text};
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeSet;

/// The kinds of item, in the order of the form.
pub const KINDS: [&str; 9] = ["count", "choice", "yes_no", "text", "date", "time", "status", "care", "phone"];

/// An item as a form holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedItem {
    /// Its name.
    pub id: String,
    /// On the screen.
    pub label: String,
    /// One of [`KINDS`].
    pub kind: String,
    /// Of a count.
    pub unit: String,
    /// Of a count: the least.
    pub min: String,
    /// Of a count: the most.
    pub max: String,
    /// Of a text: characters.
    pub text_max: String,
    /// Of a choice: a line for each, its name and its words.
    pub options: String,
    /// Of a status: 設置なし is offered.
    pub not_available: bool,
    /// Of a date: the first.
    pub date_min: String,
    /// Of a date: the last.
    pub date_max: String,
    /// Of a time: the first.
    pub time_min: String,
    /// Of a time: the last.
    pub time_max: String,
    /// 「うち…」
    pub part: bool,
    /// Must be answered.
    pub required: bool,
    /// Help.
    pub help: String,
    /// 基準日: 10/1.
    pub reference: String,
    /// A column of the board.
    pub column: String,
    /// Who does not see it there.
    pub hidden_from: BTreeSet<OrganisationKind>,
}

fn filled(words: &str) -> Option<String> {
    Some(words.trim().to_owned()).filter(|w| !w.is_empty())
}

fn number(words: &str) -> Result<Option<u32>, Flaw> {
    text::parse_count(words).map_err(|_| Flaw::NotANumber)
}

fn day(words: &str) -> Result<Option<NaiveDate>, Flaw> {
    let Some(words) = filled(words) else { return Ok(None) };
    NaiveDate::parse_from_str(&words, "%Y-%m-%d").map(Some).map_err(|_| Flaw::NotADay)
}

fn time(words: &str) -> Result<Option<NaiveTime>, Flaw> {
    let Some(words) = filled(words) else { return Ok(None) };
    text::parse_clock(&words).map(Some).ok_or(Flaw::NotATime)
}

/// 10/1, 10月1日.
fn month_day(words: &str) -> Result<Option<MonthDay>, Flaw> {
    let Some(words) = filled(&text::fold_digits(words)) else { return Ok(None) };
    let parts: Vec<u32> = words.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).filter_map(|p| p.parse().ok()).collect();
    let [month, day] = parts[..] else { return Err(Flaw::NoSuchDay) };
    Some(MonthDay { month, day }).filter(|d| d.is_good()).map(Some).ok_or(Flaw::NoSuchDay)
}

/// A line for each: 「normal 通常」. Where the name is left out, one is given.
fn options(words: &str) -> Vec<Choice> {
    let named = |line: &str| -> Option<Choice> {
        let (id, label) = line.split_once([' ', '　', '\t']).filter(|(id, label)| super::good_id(id) && !label.trim().is_empty())?;
        Some(Choice { id: id.to_owned(), label: label.trim().to_owned() })
    };
    let lines: Vec<&str> = words.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let mut taken: Vec<String> = lines.iter().filter_map(|l| named(l)).map(|c| c.id).collect();
    let mut fresh = |n: usize| {
        let id = (n + 1..=n + 1 + taken.len()).map(|n| format!("option_{n}")).find(|id| !taken.contains(id)).unwrap_or_default();
        taken.push(id.clone());
        id
    };
    let one = |(n, line): (usize, &&str)| named(line).unwrap_or_else(|| Choice { id: fresh(n), label: (*line).to_owned() });
    lines.iter().enumerate().map(one).collect()
}

/// Collects what does not read.
struct Reading<F: Fn(&'static str) -> Place> {
    place: F,
    flaws: Vec<Flawed>,
}

impl<F: Fn(&'static str) -> Place> Reading<F> {
    fn take<T: Default>(&mut self, field: &'static str, read: Result<T, Flaw>) -> T {
        read.unwrap_or_else(|flaw| {
            self.flaws.push(Flawed { place: (self.place)(field), flaw });
            T::default()
        })
    }
}

impl TypedItem {
    /// An item as its form opens.
    pub fn of(item: &Item) -> Self {
        let mut typed = Self {
            id: item.id.clone(),
            label: item.label.clone(),
            part: item.part,
            required: item.required,
            help: item.help.clone().unwrap_or_default(),
            reference: item.reference.map(|d| format!("{}/{}", d.month, d.day)).unwrap_or_default(),
            column: item.column.map(|c| c.as_str().to_owned()).unwrap_or_default(),
            hidden_from: item.hidden_from.clone(),
            ..Self::fresh()
        };
        let (kind, (first, last)) = (&mut typed.kind, item.kind.bounds());
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        match &item.kind {
            ItemKind::Status { not_available } => {
                "status".clone_into(kind);
                typed.not_available = *not_available;
            }
            ItemKind::Count { unit, min, max } => {
                "count".clone_into(kind);
                (typed.unit, typed.min, typed.max) = (unit.clone(), min.to_string(), max.to_string());
            }
            ItemKind::Choice { options } => {
                "choice".clone_into(kind);
                typed.options = options.iter().map(|o| format!("{} {}", o.id, o.label)).collect::<Vec<_>>().join("\n");
            }
            ItemKind::Care {} => "care".clone_into(kind),
            ItemKind::Text { max } => {
                "text".clone_into(kind);
                typed.text_max = max.to_string();
            }
            ItemKind::Phone {} => "phone".clone_into(kind),
            ItemKind::YesNo {} => "yes_no".clone_into(kind),
            ItemKind::Date { .. } => {
                "date".clone_into(kind);
                (typed.date_min, typed.date_max) = (first, last);
            }
            ItemKind::Time { .. } => {
                "time".clone_into(kind);
                (typed.time_min, typed.time_max) = (first, last);
            }
        }
        typed
    }

    /// The form of a new item.
    pub fn fresh() -> Self {
        Self {
            kind: "count".to_owned(),
            unit: "床".to_owned(),
            min: "0".to_owned(),
            max: "9999".to_owned(),
            text_max: "200".to_owned(),
            ..Self::default()
        }
    }

    /// The item that was typed.
    pub fn read(&self) -> Result<Item, Vec<Flawed>> {
        let id = self.id.trim().to_owned();
        let mut reading = Reading { place: |field| Place::Item(id.clone(), field), flaws: Vec::new() };
        let kind = match self.kind.as_str() {
            "count" => ItemKind::Count {
                unit: self.unit.trim().to_owned(),
                min: reading.take("min", number(&self.min)).unwrap_or(0),
                max: reading.take("max", number(&self.max)).unwrap_or(9999),
            },
            "choice" => ItemKind::Choice { options: options(&self.options) },
            "yes_no" => ItemKind::YesNo {},
            "text" => {
                let max = reading.take("text_max", number(&self.text_max)).unwrap_or(200);
                ItemKind::Text { max: usize::try_from(max).unwrap_or(usize::MAX) }
            }
            "date" => {
                ItemKind::Date { min: reading.take("date_min", day(&self.date_min)), max: reading.take("date_max", day(&self.date_max)) }
            }
            "time" => {
                ItemKind::Time { min: reading.take("time_min", time(&self.time_min)), max: reading.take("time_max", time(&self.time_max)) }
            }
            "status" => ItemKind::Status { not_available: self.not_available },
            "care" => ItemKind::Care {},
            "phone" => ItemKind::Phone {},
            _ => {
                reading.take("kind", Err::<(), _>(Flaw::NotChosen));
                ItemKind::YesNo {}
            }
        };
        let column = match filled(&self.column) {
            Some(name) => reading.take("column", Column::parse(&name).map(Some).ok_or(Flaw::NotChosen)),
            None => None,
        };
        let reference = reading.take("reference", month_day(&self.reference));
        let flaws = reading.flaws;
        if !flaws.is_empty() {
            return Err(flaws);
        }
        Ok(Item {
            id,
            label: self.label.trim().to_owned(),
            kind,
            part: self.part,
            required: self.required,
            help: filled(&self.help),
            reference,
            column,
            hidden_from: if column.is_some() { self.hidden_from.clone() } else { BTreeSet::new() },
        })
    }
}

/// The survey's own fields as a form holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedHead {
    /// On the screen.
    pub title: String,
    /// How often: the word of [`Cadence`].
    pub cadence: String,
    /// Of a yearly one: 10/1.
    pub year_from: String,
    /// It has a due day.
    pub is_due: bool,
    /// Days after the period's first.
    pub due_days: String,
    /// 17:00
    pub due_time: String,
    /// On a day off the next working day.
    pub next_working_day: bool,
    /// Who answers: the word of the kind of organisation.
    pub who: String,
    /// Only these levels.
    pub emergency: BTreeSet<EmergencyLevel>,
    /// Only with so many beds.
    pub least_beds: String,
    /// Only those that their prefecture named.
    pub named: bool,
}

/// The cadences, in the order of the form, with their words in files.
const CADENCES: [(Cadence, &str); 5] = [
    (Cadence::Daily, "daily"),
    (Cadence::Weekly, "weekly"),
    (Cadence::Monthly, "monthly"),
    (Cadence::Yearly, "yearly"),
    (Cadence::AsNeeded, "as_needed"),
];

impl Cadence {
    /// Every cadence, from often to seldom.
    pub fn all() -> impl Iterator<Item = Self> {
        CADENCES.into_iter().map(|(cadence, _)| cadence)
    }

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        CADENCES.into_iter().find(|(cadence, _)| *cadence == self).map_or("daily", |(_, word)| word)
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        CADENCES.into_iter().find(|(_, word)| *word == s).map(|(cadence, _)| cadence)
    }
}

impl TypedHead {
    /// A survey's own fields as their form opens.
    pub fn of(survey: &Survey) -> Self {
        Self {
            title: survey.title.clone(),
            cadence: survey.cadence.as_str().to_owned(),
            year_from: survey.year_from.map(|d| format!("{}/{}", d.month, d.day)).unwrap_or_default(),
            is_due: survey.due.is_some(),
            due_days: survey.due.map_or_else(|| "2".to_owned(), |d| d.days.to_string()),
            due_time: survey.due.map_or_else(|| "17:00".to_owned(), |d| text::clock(d.time)),
            next_working_day: survey.due.is_none_or(|d| d.next_working_day),
            who: survey.who.kind.as_str().to_owned(),
            emergency: survey.who.emergency.clone(),
            least_beds: survey.who.least_beds.map(|n| n.to_string()).unwrap_or_default(),
            named: survey.who.named,
        }
    }

    /// Puts them into a survey; on a flaw it stays as it is.
    pub fn put(&self, survey: &mut Survey) -> Result<(), Vec<Flawed>> {
        let mut reading = Reading { place: Place::Head, flaws: Vec::new() };
        let cadence = reading.take("cadence", Cadence::parse(&self.cadence).map(Some).ok_or(Flaw::NotChosen));
        let year_from = reading.take("year_from", month_day(&self.year_from));
        let days =
            if self.is_due { reading.take("due_days", number(&self.due_days).and_then(|n| n.map(Some).ok_or(Flaw::Empty))) } else { None };
        let at =
            if self.is_due { reading.take("due_time", time(&self.due_time).and_then(|t| t.map(Some).ok_or(Flaw::Empty))) } else { None };
        let kind = OrganisationKind::parse(&self.who).filter(|k| Who::KINDS.contains(k));
        let kind = reading.take("who", kind.map(Some).ok_or(Flaw::NobodyAsked));
        let least_beds = reading.take("least_beds", number(&self.least_beds));
        let flaws = reading.flaws;
        let (Some(cadence), Some(kind), true) = (cadence, kind, flaws.is_empty()) else { return Err(flaws) };
        let hospitals = kind == OrganisationKind::Hospital;
        self.title.trim().clone_into(&mut survey.title);
        survey.cadence = cadence;
        survey.year_from = year_from.filter(|_| cadence == Cadence::Yearly);
        survey.due = days.zip(at).map(|(days, time)| Due { days, time, next_working_day: self.next_working_day });
        survey.who = Who {
            kind,
            emergency: if hospitals { self.emergency.clone() } else { BTreeSet::new() },
            least_beds: least_beds.filter(|_| hospitals),
            named: hospitals && self.named,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    #[test]
    fn what_a_form_opens_with_reads_back() {
        for survey in Catalogue::shipped().all() {
            for item in survey.items() {
                assert_eq!(TypedItem::of(item).read().as_ref(), Ok(item));
            }
            let mut other = Catalogue::shipped().version(DAILY, 1).unwrap().clone();
            TypedHead::of(survey).put(&mut other).unwrap();
            let head = |s: &Survey| (s.title.clone(), s.cadence, s.year_from, s.due, s.who.clone());
            assert_eq!(head(&other), head(survey));
        }
    }

    #[test]
    fn everything_that_does_not_read_is_told_with_its_field() {
        let fields = |typed: TypedItem| -> Vec<&'static str> {
            let of = |f: Flawed| if let Place::Item(_, field) = f.place { field } else { "" };
            typed.read().map_or_else(|flaws| flaws.into_iter().map(of).collect(), |_| vec![])
        };
        let count = TypedItem { id: "beds".into(), label: "床".into(), ..TypedItem::fresh() };
        assert_eq!(fields(count.clone()), [""; 0]);
        assert_eq!(
            fields(TypedItem { min: "-1".into(), max: "たくさん".into(), reference: "13/1".into(), ..count.clone() }),
            ["min", "max", "reference"]
        );
        assert_eq!(fields(TypedItem { kind: "colour".into(), column: "nothing".into(), ..count.clone() }), ["kind", "column"]);
        assert_eq!(fields(TypedItem { kind: "date".into(), date_min: "2026-02-30".into(), ..count.clone() }), ["date_min"]);
        assert_eq!(fields(TypedItem { kind: "time".into(), time_max: "25:00".into(), ..count }), ["time_max"]);
        let mut survey = Catalogue::shipped().version(DAILY, 1).unwrap().clone();
        let before = survey.clone();
        let head =
            TypedHead { is_due: true, due_days: "x".into(), due_time: "26:00".into(), who: "ministry".into(), ..TypedHead::default() };
        assert_eq!(head.put(&mut survey).unwrap_err().len(), 4);
        assert_eq!(survey, before);
    }

    #[test]
    fn words_of_a_choice_by_line() {
        let read = |words: &str| options(words).into_iter().map(|o| format!("{}={}", o.id, o.label)).collect::<Vec<_>>();
        assert_eq!(read("normal 通常\n short　欠員あり \n\n枯渇"), ["normal=通常", "short=欠員あり", "option_3=枯渇"]);
        // One that is put in between takes nobody's name.
        assert_eq!(read("option_1 可\n要相談\noption_2 不可"), ["option_1=可", "option_3=要相談", "option_2=不可"]);
        assert_eq!(read("対応できる\n対応 できない"), ["option_1=対応できる", "option_2=対応 できない"]);
        assert_eq!(month_day("１０月１日"), Ok(Some(MonthDay { month: 10, day: 1 })));
    }
}
