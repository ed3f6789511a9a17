//! Answers in words: of an item of a survey, of a status, of a mark of special care.

use akidoko_domain::survey::{Care, Item, ItemKind, Status, Value};

/// The word of an absent answer.
const NO_ANSWER: &str = "未回答";

/// 通常, 制限, 停止, 設置なし, 未回答.
pub fn status_label(status: Status) -> &'static str {
    match status {
        Status::Normal => "通常",
        Status::Limited => "制限",
        Status::Stopped => "停止",
        Status::NotAvailable => "設置なし",
        Status::NoAnswer => NO_ANSWER,
    }
}

/// The shape and class of a status: each has its own.
pub fn status_icon(status: Status) -> &'static str {
    match status {
        Status::Normal => "normal",
        Status::Limited => "limited",
        Status::Stopped => "stopped",
        Status::NotAvailable => "none",
        Status::NoAnswer => "unk",
    }
}

/// 積極受入, 受入可, 要相談, 不可.
pub fn care_label(care: Option<Care>) -> &'static str {
    match care {
        Some(Care::Active) => "積極受入",
        Some(Care::Accept) => "受入可",
        Some(Care::Consult) => "要相談",
        Some(Care::Refuse) => "不可",
        None => NO_ANSWER,
    }
}

/// ◎○△× and 未, each with its class.
pub fn care_mark(care: Option<Care>) -> (&'static str, &'static str) {
    match care {
        Some(Care::Active) => ("◎", "a"),
        Some(Care::Accept) => ("○", "b"),
        Some(Care::Consult) => ("△", "c"),
        Some(Care::Refuse) => ("×", "d"),
        None => ("未", "n"),
    }
}

/// A word of a choice, as the survey labels it.
pub fn choice_label<'a>(item: &'a Item, word: &'a str) -> &'a str {
    match &item.kind {
        ItemKind::Choice { options } => options.iter().find(|o| o.id == word).map_or(word, |o| &o.label),
        _ => word,
    }
}

/// はい, いいえ.
pub fn yes_no_label(word: &str) -> &str {
    match word {
        "yes" => "はい",
        "no" => "いいえ",
        other => other,
    }
}

/// An answer to an item, short: 4, 通常, ○, 欠員あり, 未回答. Without the unit, which stands beside it.
pub fn value(item: &Item, value: Option<&Value>) -> String {
    match value {
        None => NO_ANSWER.to_owned(),
        Some(Value::Count(n)) => n.to_string(),
        Some(Value::Word(word)) => typed(item, word),
    }
}

/// The same of what was typed or chosen, as it stands in a form.
pub fn typed(item: &Item, word: &str) -> String {
    if word.trim().is_empty() {
        return NO_ANSWER.to_owned();
    }
    match &item.kind {
        ItemKind::Status { .. } => Status::parse(word).map_or(word, |status| status_label(status)).to_owned(),
        ItemKind::Care {} => Care::parse(word).map_or(word, |care| care_mark(Some(care)).0).to_owned(),
        ItemKind::Choice { .. } => choice_label(item, word).to_owned(),
        ItemKind::YesNo {} => yes_no_label(word).to_owned(),
        _ => word.to_owned(),
    }
}

/// 「4 → 2」
pub fn change(item: &Item, from: Option<&Value>, to: Option<&Value>) -> (String, String) {
    (value(item, from), value(item, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::survey::{Catalogue, DAILY};

    #[test]
    fn unknown_is_not_zero() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let item = |id: &str| daily.item(id).unwrap();
        let word = |w: &str| Some(Value::Word(w.to_owned()));
        for (id, answer, expected) in [
            ("available_beds", None, "未回答"),
            ("available_beds", Some(Value::Count(0)), "0"),
            ("emergency_status", word("stopped"), "停止"),
            ("emergency_status", word("not_available"), "設置なし"),
            ("accept_pediatric", word("active"), "◎"),
            ("accept_pediatric", None, "未回答"),
            ("nurse_staffing", word("short"), "欠員あり"),
            ("board_comment", word("整形当直なし"), "整形当直なし"),
        ] {
            assert_eq!(value(item(id), answer.as_ref()), expected, "{id}");
        }
        assert_eq!(typed(item("available_beds"), " "), "未回答");
    }

    #[test]
    fn five_answers_five_shapes() {
        assert_eq!(Status::ALL.map(status_label), ["通常", "制限", "停止", "設置なし", "未回答"]);
        assert_eq!(Status::ALL.map(status_icon), ["normal", "limited", "stopped", "none", "unk"]);
        assert_eq!(Care::ALL.map(|c| care_label(Some(c))), ["積極受入", "受入可", "要相談", "不可"]);
    }
}
