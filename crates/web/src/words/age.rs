//! How old a figure is, in words: 3分前, 96分前（to two hours）, 3時間前, 昨日 12:12, 3日前 4/7. The page's script says the same; both are
//! tested on one table, `assets/js/age.cases.json`.

use super::when::{clock, short_day};
use akidoko_domain::time::jst_day;
use chrono::{DateTime, Datelike, Utc};
use std::fmt;

pub use akidoko_domain::board::bars;

/// An age in two parts: the word that is read first, and what makes it exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// 「3分前」「昨日」
    pub word: String,
    /// 「12:12」「4/7」, or nothing.
    pub detail: String,
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " {}", self.detail) }
    }
}

/// The age of what was true at `at`. A moment that has not come is a clock that runs ahead: it counts as just now.
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> Age {
    let minutes = (now - at).num_minutes();
    let days = (jst_day(now) - jst_day(at)).num_days();
    let (word, detail) = match (minutes, days) {
        (..1, _) => ("1分以内".to_owned(), String::new()),
        (1..120, _) => (format!("{minutes}分前"), String::new()),
        (_, ..1) => (format!("{}時間前", minutes / 60), String::new()),
        (_, 1) => ("昨日".to_owned(), clock(at)),
        (_, 2..=99) => (format!("{days}日前"), short_day(jst_day(at))),
        _ => {
            let on = jst_day(at);
            (format!("{}/{}/{}", on.year(), on.month(), on.day()), String::new())
        }
    };
    Age { word, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        at: DateTime<Utc>,
        now: DateTime<Utc>,
        words: String,
        bars: u8,
    }

    #[test]
    fn the_table_that_the_script_is_tested_on_too() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../assets/js/age.cases.json")).unwrap();
        for case in cases {
            assert_eq!(age(case.at, case.now).to_string(), case.words, "{}", case.at);
            assert_eq!(bars(Some(case.at), case.now), case.bars, "{}", case.at);
        }
    }
}
