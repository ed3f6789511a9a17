//! Words of versions and of corrections that take consent.

use akidoko_domain::{
    report::{Author, CorrectionState},
    survey::{Item, ItemKind, Value},
};
use chrono::NaiveDate;

/// How a request stands.
pub fn correction_state(state: CorrectionState) -> &'static str {
    match state {
        CorrectionState::Waiting => "同意待ち",
        CorrectionState::Consented => "同意",
        CorrectionState::Declined => "不同意",
        CorrectionState::Withdrawn => "取り下げ",
    }
}

/// The days within which nobody has to be asked are over: how many they were, and the last of them.
pub fn window_over(days: u32, until: NaiveDate) -> String {
    format!("訂正できる期間（{days} 日、{}まで）を過ぎています。", super::day(until))
}

/// By which road a version came: an import has no operator behind it.
pub fn road(author: &Author) -> &'static str {
    if author.sign_in.is_empty() { "取り込み" } else { super::channel(author.channel) }
}

/// An answer with its unit: 「4 床」「通常」「未回答」.
pub fn with_unit(item: &Item, value: Option<&Value>) -> String {
    let words = super::value(item, value);
    match (&item.kind, value) {
        (ItemKind::Count { unit, .. }, Some(Value::Count(_))) => format!("{words} {unit}"),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::survey::{Catalogue, DAILY};

    #[test]
    fn units_and_states() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let words = |id: &str, value: Option<Value>| with_unit(daily.item(id).unwrap(), value.as_ref());
        assert_eq!(words("available_beds", Some(Value::Count(0))), "0 床");
        assert_eq!(words("available_beds", None), "未回答");
        assert_eq!(words("emergency_status", Some(Value::Word("stopped".into()))), "停止");
        assert_eq!(CorrectionState::ALL.map(correction_state), ["同意待ち", "同意", "不同意", "取り下げ"]);
    }
}
