//! Expressions and answers by chance, the same for the same seed: good ones, damaged ones, nonsense, and what is meant to hurt.

use akidoko_domain::survey::{ItemKind, Survey, Value};
use std::collections::BTreeMap;

/// A small generator of numbers (SplitMix64), so that a case can be named by its seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const NUMBERS: [&str; 7] = ["total", "severe", "moderate", "mild", "beds", "stock", "used"];
const DATES: [&str; 4] = ["begins_on", "ends_on", "report_date", "previous.begins_on"];
const TIMES: [&str; 3] = ["opens_at", "closes_at", "previous.opens_at"];
const WORDS: [(&str, [&str; 3]); 4] = [
    ("emergency", ["normal", "stopped", "not_available"]),
    ("outlook", ["within_week", "within_month", "enough"]),
    ("pediatric", ["active", "consult", "refuse"]),
    ("urgent", ["yes", "no", "yes"]),
];
const LITERALS: [&str; 12] = ["0", "1", "2", "3", "0.5", "1.5", "100", "0x10", "1e3", "0.1", "4294967295", "1000000000000"];

/// An expression that is right.
pub fn good(c: &mut Chance) -> String {
    condition(c, 4)
}

fn condition(c: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return match c.below(3) {
            0 => format!("known({})", name(c)),
            _ => format!("{} {} {}", number(c, 0), c.one(&["<=", "<", ">=", ">", "==", "!="]), number(c, 0)),
        };
    }
    let d = depth - 1;
    match c.below(10) {
        0 => format!("({} && {})", condition(c, d), condition(c, d)),
        1 => format!("({} || {})", condition(c, d), condition(c, d)),
        2 => format!("!({})", condition(c, d)),
        3 => format!("({} ? {} : {})", condition(c, d), condition(c, d), condition(c, d)),
        4 => word_condition(c),
        5 => format!("{} {} {}", c.one(&DATES), c.one(&["<=", "<", "==", "!="]), c.one(&["begins_on", "\"2026-04-10\"", "report_date"])),
        6 => format!("{} {} {}", c.one(&TIMES), c.one(&["<=", ">", "=="]), c.one(&["closes_at", "\"09:05\"", "previous.closes_at"])),
        7 => format!("{} in [{}, {}]", number(c, d), c.one(&LITERALS), c.one(&LITERALS)),
        _ => format!("{} {} {}", number(c, d), c.one(&["<=", "<", ">=", ">", "==", "!="]), number(c, d)),
    }
}

fn word_condition(c: &mut Chance) -> String {
    let (item, words) = WORDS[c.below(WORDS.len())];
    let word = words[c.below(3)];
    match c.below(3) {
        0 => format!("{item} in [\"{word}\", '{}']", words[0]),
        1 => format!("{item} {} previous.{item}", c.one(&["==", "!="])),
        _ => format!("{item} {} \"{word}\"", c.one(&["==", "!="])),
    }
}

fn name(c: &mut Chance) -> &'static str {
    c.one(&["total", "severe", "beds", "reason", "begins_on", "urgent", "licensed_beds", "previous.total", "contact", "opens_at"])
}

fn number(c: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return match c.below(6) {
            0 => c.one(&LITERALS).to_owned(),
            1 => format!("previous.{}", c.one(&NUMBERS)),
            2 => "licensed_beds".to_owned(),
            _ => c.one(&NUMBERS).to_owned(),
        };
    }
    let d = depth - 1;
    match c.below(9) {
        0 => format!("({} + {})", number(c, d), number(c, d)),
        1 => format!("({} - {})", number(c, d), number(c, d)),
        2 => format!("{} * {}", number(c, 0), number(c, d)),
        3 => format!("{} / {}", number(c, d), c.one(&NUMBERS)),
        4 => format!("{}([{}, previous.{}, {}])", c.one(&["sum", "min", "max"]), c.one(&NUMBERS), c.one(&NUMBERS), c.one(&NUMBERS)),
        5 => format!("abs({})", number(c, d)),
        6 => format!("days({}, {})", c.one(&DATES), c.one(&DATES)),
        7 => format!("(-{})", number(c, 0)),
        _ => number(c, 0),
    }
}

/// Anything at all: one that is right, a damaged one, nonsense, or one that is meant to hurt.
pub fn any(c: &mut Chance) -> String {
    match c.below(8) {
        0..4 => good(c),
        4 | 5 => damaged(c),
        6 => nonsense(c),
        _ => hurtful(c),
    }
}

const PIECES: [&str; 48] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "+",
    "-",
    "*",
    "/",
    "%",
    "<",
    "<=",
    "==",
    "=",
    "!",
    "!=",
    "&&",
    "&",
    "||",
    "?",
    ":",
    ",",
    ".",
    "\"",
    "'",
    "\\",
    "\\u",
    "\\x4",
    "total",
    "previous.",
    "sum",
    "known",
    "null",
    "true",
    "in",
    "1",
    "1e999",
    "99999999999999999999",
    "0x",
    "u",
    "b\"",
    "r'",
    "//",
    "\n",
    "　",
    "患者",
    "😀",
];

fn damaged(c: &mut Chance) -> String {
    let mut letters: Vec<char> = good(c).chars().collect();
    for _ in 0..=c.below(4) {
        let at = c.below(letters.len().max(1));
        match c.below(3) {
            0 if !letters.is_empty() => drop(letters.remove(at)),
            1 => letters.splice(at..at, c.one(&PIECES).chars()).for_each(drop),
            _ if !letters.is_empty() => letters[at] = char::from_u32(u32::try_from(c.below(0x11_0000)).unwrap()).unwrap_or('\u{0}'),
            _ => {}
        }
    }
    letters.into_iter().collect()
}

fn nonsense(c: &mut Chance) -> String {
    (0..c.below(40)).map(|_| format!("{}{}", c.one(&PIECES), c.one(&["", " "]))).collect()
}

fn hurtful(c: &mut Chance) -> String {
    let n = c.below(400);
    match c.below(14) {
        0 => format!("{}total{} < 1", "(".repeat(n), ")".repeat(n)),
        1 => "[".repeat(n),
        2 => format!("{}known(total)", "!".repeat(n)),
        3 => format!("{}total < 1", "- ".repeat(n)),
        4 => format!("{} < 1", vec!["total"; n + 1].join("+")),
        5 => format!("{} < 1", vec!["4294967295"; n / 4 + 1].join("*") + "*beds"),
        6 => format!("{}true", "known(beds) ? true : ".repeat(n / 4)),
        7 => format!("sum([{}]) < 1", vec!["total"; n + 1].join(",")),
        8 => vec!["known(total)"; n / 8 + 1].join(c.one(&[" && ", " || "])),
        9 => format!("total{} < 1", ".a".repeat(n)),
        10 => "[1,2,3].map(x, [1,2,3].map(y, [1,2,3].map(z, x*y*z))).exists(q, true)".to_owned(),
        11 => format!("reason.matches(\"{}\")", "(a+)+".repeat(n / 4)),
        12 => format!("reason == \"{}\"", "\\u0041".repeat(n / 3)),
        _ => format!("{}known(total){}", "(!".repeat(n / 2), ")".repeat(n / 2)),
    }
}

/// Answers by chance, some of them missing.
pub fn answers(c: &mut Chance, survey: &Survey) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    for item in survey.items() {
        if c.below(4) == 0 {
            continue;
        }
        let word = |w: &str| Value::Word(w.to_owned());
        let value = match &item.kind {
            ItemKind::Count { .. } => Value::Count([0, 0, 1, 1, 2, 3, 7, 10, 100, u32::MAX][c.below(10)]),
            ItemKind::Date { .. } => word(c.one(&["2026-04-10", "2026-04-09", "2024-02-29", "1999-12-31", "2199-12-31"])),
            ItemKind::Time { .. } => word(c.one(&["00:00", "09:05", "23:59"])),
            ItemKind::Text { .. } | ItemKind::Phone {} => word(c.one(&["停電", "a", "😀", "0"])),
            _ => match WORDS.iter().find(|(id, _)| *id == item.id) {
                Some((_, words)) => word(words[c.below(3)]),
                None => continue,
            },
        };
        answers.insert(item.id.clone(), value);
    }
    answers
}
