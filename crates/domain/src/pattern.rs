//! 応需パターン: what a hospital can take by day, by night, on a holiday. It is kept once, fills in by itself, and changes nothing on the
//! board until a person confirms it.

use crate::{
    board::Column,
    report::{Finding, Kind, Problem, read_answers},
    survey::{Answers, Item, ItemKind, Survey, Value},
    text, time,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// So many a hospital keeps at most.
pub const PATTERNS: usize = 12;
/// The longest name, in characters.
pub const NAME_MAX: usize = 20;

/// A day as patterns name it. A holiday is no weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// 月
    Mon,
    /// 火
    Tue,
    /// 水
    Wed,
    /// 木
    Thu,
    /// 金
    Fri,
    /// 土
    Sat,
    /// 日
    Sun,
    /// 祝日と、12 月 29 日から 1 月 3 日
    Holiday,
}

impl DayKind {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun, Self::Holiday];

    /// The word in forms and the database.
    pub fn as_str(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"][self as usize]
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == s)
    }

    /// What a day is.
    pub fn of(day: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> Self {
        let year_end = (day.month() == 12 && day.day() >= 29) || (day.month() == 1 && day.day() <= 3);
        if year_end || holidays.contains(&day) { Self::Holiday } else { Self::ALL[day.weekday().num_days_from_monday() as usize] }
    }
}

/// A pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// 平日日中
    pub name: String,
    /// The days on which it begins.
    pub days: BTreeSet<DayKind>,
    /// When it begins, on a Japanese wall clock.
    pub starts: NaiveTime,
    /// When it ends; not after [`Self::starts`]: on the next day.
    pub ends: NaiveTime,
    /// What it fills in. Items that it leaves alone are absent.
    pub answers: Answers,
}

impl Pattern {
    /// How long it holds, in minutes.
    fn minutes(&self) -> u32 {
        let minute = |t: NaiveTime| t.hour() * 60 + t.minute();
        let (starts, ends) = (minute(self.starts), minute(self.ends));
        if ends > starts { ends - starts } else { 1440 + ends - starts }
    }

    /// Does it pass midnight?
    pub fn passes_midnight(&self) -> bool {
        self.ends <= self.starts
    }

    /// Since when it holds, if it does at this moment.
    fn since(&self, at: DateTime<Utc>, holidays: &BTreeSet<NaiveDate>) -> Option<DateTime<Utc>> {
        let local = time::to_jst(at).naive_local();
        let (today, now) = (local.date(), local.time());
        let begins_on = |day: &NaiveDate| self.days.contains(&DayKind::of(*day, holidays));
        // Its second half belongs to the night that began the evening before.
        let yesterday = today.checked_sub_days(Days::new(1)).filter(|_| self.passes_midnight() && now < self.ends).filter(begins_on);
        let today = Some(today).filter(|_| self.starts <= now && (self.passes_midnight() || now < self.ends)).filter(begins_on);
        today.or(yesterday).map(|day| time::from_jst(day.and_time(self.starts)))
    }
}

/// A pattern that holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitting<'a> {
    /// The pattern.
    pub pattern: &'a Pattern,
    /// Since when. What a person said after that is not the pattern's to change.
    pub since: DateTime<Utc>,
}

/// The pattern that holds at a moment: of several the one for the shortest time, since it was made for less; then the first.
pub fn fitting<'a>(patterns: &'a [Pattern], at: DateTime<Utc>, holidays: &BTreeSet<NaiveDate>) -> Option<Fitting<'a>> {
    let holding = patterns.iter().filter_map(|pattern| Some(Fitting { pattern, since: pattern.since(at, holidays)? }));
    holding.min_by_key(|f| f.pattern.minutes())
}

impl Fitting<'_> {
    /// What of it differs from what is known, by item of the survey. `said` is since when a known answer is true.
    pub fn differing(
        &self,
        survey: &Survey,
        known: impl Fn(&Item) -> Option<Value>,
        said: impl Fn(&Item) -> Option<DateTime<Utc>>,
    ) -> Answers {
        let mut answers = Answers::new();
        for (id, value) in &self.pattern.answers {
            let Some(item) = survey.item(id) else { continue };
            if known(item) != *value && said(item).is_none_or(|at| at < self.since) {
                answers.insert(id.clone(), value.clone());
            }
        }
        answers
    }
}

/// May a pattern speak of this item? Of what depends on the hour and stands on the board, not of who lies in the beds; and of how many
/// beds it can take.
pub fn suits(item: &Item) -> bool {
    match item.kind {
        ItemKind::Count { .. } => item.column == Some(Column::AvailableBeds),
        _ => item.column.is_some(),
    }
}

/// A pattern as it was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// 名前
    pub name: String,
    /// The days, as words.
    pub days: Vec<String>,
    /// 「08:30」
    pub starts: String,
    /// 「17:15」
    pub ends: String,
    /// By item; empty: left alone.
    pub answers: BTreeMap<String, String>,
    /// Soft findings that were confirmed.
    pub confirmed: BTreeSet<String>,
}

/// What is wrong with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wrong {
    /// No name, or one that is too long or stands already.
    pub name: Option<NameProblem>,
    /// No day was chosen.
    pub days: bool,
    /// A time cannot be read.
    pub times: bool,
    /// Nothing is filled in.
    pub nothing: bool,
    /// What is wrong with what it fills in.
    pub answers: Vec<Finding>,
    /// Guesses that ask for a confirmation.
    pub warnings: Vec<Finding>,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameProblem {
    /// There is none.
    Missing,
    /// More than [`NAME_MAX`] characters, or characters that are none.
    Long,
    /// Another pattern has it.
    Taken,
}

impl Wrong {
    fn any(&self) -> bool {
        self.name.is_some() || self.days || self.times || self.nothing || !self.answers.is_empty() || !self.warnings.is_empty()
    }
}

/// 「８:30」 and 「0830」 are times of day too.
pub fn read_time(typed: &str) -> Option<NaiveTime> {
    let folded = text::fold_digits(&typed.replace('：', ":"));
    let (hour, minute) = match folded.split_once(':') {
        Some((hour, rest)) => (hour, rest.split(':').next().unwrap_or_default()),
        None if folded.len() == 4 && folded.is_ascii() => folded.split_at(2),
        None => return None,
    };
    let hour: u32 = hour.trim().parse().ok()?;
    let minute: u32 = minute.trim().parse().ok()?;
    // 24:00 is how a day ends on paper.
    NaiveTime::from_hms_opt(if hour == 24 && minute == 0 { 0 } else { hour }, minute, 0)
}

/// Reads a pattern; everything that is wrong is told at once. `others` are the names of the hospital's other patterns.
pub fn read(form: &Form, survey: &Survey, others: &[&str]) -> Result<Pattern, Wrong> {
    let mut wrong = Wrong::default();
    let name = form.name.trim();
    wrong.name = match name.chars().count() {
        0 => Some(NameProblem::Missing),
        n if n > NAME_MAX || name.chars().any(char::is_control) => Some(NameProblem::Long),
        _ if others.contains(&name) => Some(NameProblem::Taken),
        _ => None,
    };
    let days: BTreeSet<DayKind> = form.days.iter().filter_map(|d| DayKind::parse(d)).collect();
    wrong.days = days.is_empty();
    let (starts, ends) = (read_time(&form.starts), read_time(&form.ends));
    wrong.times = starts.is_none() || ends.is_none();
    let raw = form.answers.iter().filter(|(_, v)| !v.trim().is_empty()).map(|(id, v)| (id.clone(), v.clone().into())).collect();
    let (answers, mut unreadable) = read_answers(survey, Kind::Quick, &raw);
    for (id, value) in &answers {
        let Some(item) = survey.item(id) else { continue };
        if !suits(item) {
            unreadable.push(Finding { item: id.clone(), id: id.clone(), problem: Problem::UnknownItem });
        }
        if let Some(hint) =
            value.as_ref().and_then(|v| v.word()).filter(|_| matches!(item.kind, ItemKind::Text { .. })).and_then(text::patient_hint)
        {
            let finding = Finding { item: id.clone(), id: format!("patient:{id}"), problem: Problem::Patient(hint) };
            if hint.is_certain() {
                unreadable.push(finding);
            } else if !form.confirmed.contains(&finding.id) {
                wrong.warnings.push(finding);
            }
        }
    }
    wrong.nothing = answers.is_empty() && unreadable.is_empty();
    wrong.answers = unreadable;
    match (starts, ends) {
        (Some(starts), Some(ends)) if !wrong.any() => Ok(Pattern { name: name.to_owned(), days, starts, ends, answers }),
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    fn pattern(name: &str, days: &[DayKind], starts: &str, ends: &str) -> Pattern {
        Pattern {
            name: name.into(),
            days: days.iter().copied().collect(),
            starts: read_time(starts).unwrap(),
            ends: read_time(ends).unwrap(),
            answers: Answers::new(),
        }
    }

    #[test]
    fn which_pattern_holds() {
        use DayKind as D;
        let weekdays = [D::Mon, D::Tue, D::Wed, D::Thu, D::Fri];
        let patterns = [
            pattern("平日日中", &weekdays, "08:30", "17:15"),
            pattern("平日夜間", &weekdays, "17:15", "08:30"),
            pattern("土日祝", &[D::Sat, D::Sun, D::Holiday], "08:30", "08:30"),
            pattern("水曜の手術日", &[D::Wed], "13:00", "15:00"),
        ];
        let holidays = BTreeSet::from(["2026-04-29".parse().unwrap()]); // a Wednesday
        for (moment, expected) in [
            ("2026-04-10T09:42", Some("平日日中")), // a Friday
            ("2026-04-10T08:29", Some("平日夜間")), // the night of Thursday
            ("2026-04-10T17:14", Some("平日日中")),
            ("2026-04-10T17:15", Some("平日夜間")),
            ("2026-04-11T03:00", Some("平日夜間")), // Saturday before the morning: still Friday's night
            ("2026-04-11T08:30", Some("土日祝")),
            ("2026-04-12T23:59", Some("土日祝")),
            ("2026-04-13T08:29", Some("土日祝")), // Monday before the morning: Sunday's
            ("2026-04-13T08:30", Some("平日日中")),
            ("2026-04-15T14:00", Some("水曜の手術日")), // made for less
            ("2026-04-29T14:00", Some("土日祝")),       // a holiday is no Wednesday
            ("2026-04-30T08:00", Some("土日祝")),
            ("2026-12-31T10:00", Some("土日祝")), // a Thursday
            ("2027-01-04T07:00", Some("土日祝")),
            ("2027-01-04T09:00", Some("平日日中")),
        ] {
            let local = chrono::NaiveDateTime::parse_from_str(moment, "%Y-%m-%dT%H:%M").unwrap();
            let found = fitting(&patterns, time::from_jst(local), &holidays).map(|f| f.pattern.name.as_str());
            assert_eq!(found, expected, "{moment}");
        }
        let at = |local: &str| time::from_jst(local.parse().unwrap());
        assert_eq!(fitting(&patterns[..1], at("2026-04-10T20:00:00"), &holidays), None);
        for (moment, since) in [
            ("2026-04-10T09:42:00", "2026-04-10T08:30:00"),
            ("2026-04-11T03:00:00", "2026-04-10T17:15:00"),
            ("2026-04-13T08:29:00", "2026-04-12T08:30:00"),
            ("2026-04-12T08:30:00", "2026-04-12T08:30:00"),
        ] {
            assert_eq!(fitting(&patterns, at(moment), &holidays).map(|f| f.since), Some(at(since)), "{moment}");
        }
    }

    #[test]
    fn times_as_people_type_them() {
        for (typed, expected) in [
            ("08:30", Some((8, 30))),
            ("8:30", Some((8, 30))),
            ("８：３０", Some((8, 30))),
            ("0830", Some((8, 30))),
            ("24:00", Some((0, 0))),
            ("08:30:00", Some((8, 30))),
            ("25:00", None),
            ("8時半", None),
            ("", None),
            ("-1:00", None),
        ] {
            assert_eq!(read_time(typed), expected.and_then(|(h, m)| NaiveTime::from_hms_opt(h, m, 0)), "{typed}");
        }
    }

    #[test]
    fn what_is_typed_for_a_pattern() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let good = Form {
            name: " 平日夜間 ".into(),
            days: vec!["mon".into(), "friday".into()],
            starts: "17:15".into(),
            ends: "8:30".into(),
            answers: BTreeMap::from([
                ("emergency_status".into(), "limited".into()),
                ("contact_night".into(), "０３−１２３４−５６７８".into()),
                ("available_beds".into(), "２".into()),
                ("board_comment".into(), String::new()),
            ]),
            confirmed: BTreeSet::new(),
        };
        let read_good = read(&good, daily, &["平日日中"]).unwrap();
        assert_eq!((read_good.name.as_str(), read_good.answers.len()), ("平日夜間", 3));
        assert!(read_good.passes_midnight());
        assert_eq!(read_good.answers["available_beds"], Some(Value::Count(2)));
        let now = time::from_jst("2026-04-13T20:00:00".parse().unwrap());
        let (kept, none) = ([read_good], BTreeSet::new());
        let fits = fitting(&kept, now, &none).unwrap();
        let known = |item: &Item| (item.id == "available_beds").then_some(Value::Count(2));
        assert_eq!(fits.differing(daily, known, |_| None).len(), 2, "what stands already is no change");
        assert_eq!(fits.differing(daily, known, |_| Some(now)).len(), 0, "what a person said tonight stands");

        assert_eq!(read(&good, daily, &["平日夜間"]).unwrap_err().name, Some(NameProblem::Taken));
        let wrong = read(&Form::default(), daily, &[]).unwrap_err();
        assert!(wrong.name == Some(NameProblem::Missing) && wrong.days && wrong.times && wrong.nothing);
        for (id, value, refused) in
            [("inpatients_total", "3", true), ("available_beds", "-1", true), ("emergency_status", "通常", true), ("nothing", "1", true)]
        {
            let form = Form { answers: BTreeMap::from([(id.to_owned(), value.to_owned())]), ..good.clone() };
            assert_eq!(!read(&form, daily, &[]).unwrap_err().answers.is_empty(), refused, "{id}");
        }
        let mut named = Form { answers: BTreeMap::from([("board_comment".to_owned(), "山田様の転院待ち".to_owned())]), ..good };
        assert_eq!(read(&named, daily, &[]).unwrap_err().warnings.len(), 1);
        named.confirmed.insert("patient:board_comment".into());
        assert!(read(&named, daily, &[]).is_ok());
    }
}
