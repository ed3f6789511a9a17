//! Who entered it for the hospital, and why: the fields that ask, and the line that tells the hospital.

use crate::words;
use akidoko_domain::report::{Author, BEHALF, BehalfWhy, Refusal};

/// The fields of 代行の理由.
pub struct BehalfFields {
    /// Word, label, chosen.
    pub whys: Vec<(&'static str, &'static str, bool)>,
    /// What was typed.
    pub words: String,
    /// What is wrong.
    pub problem: Option<String>,
    /// What of the words is to be confirmed.
    pub asked: Option<String>,
}

impl BehalfFields {
    /// With what was picked and typed before.
    pub fn new((picked, typed): (&str, &str), refusal: Option<&Refusal>) -> Self {
        Self {
            whys: BehalfWhy::ALL.map(|w| (w.as_str(), words::behalf::why(w), w.as_str() == picked)).into(),
            words: typed.to_owned(),
            problem: refusal.filter(|r| matches!(r, Refusal::Behalf(_))).map(words::refusal),
            asked: words::asked_beside(refusal, BEHALF),
        }
    }
}

/// 「青嶺県健康医療部が 09:40 に代わって入力しました（FAX）。」, for the hospital.
pub(super) fn entered_for(author: &Author) -> Option<String> {
    if !author.on_behalf {
        return None;
    }
    if let Some(source) = &author.source {
        return Some(format!("「{source}」から {} に取り込みました。", words::clock(author.received_at)));
    }
    let why = author.behalf.as_ref().map(|b| format!("（{}）", words::behalf::behalf(b))).unwrap_or_default();
    Some(format!("{}が {} に代わって入力しました{why}。", author.organisation, words::clock(author.received_at)))
}
