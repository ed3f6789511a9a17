//! Small hands for answers: read one, put one, and keep the hard rules of the daily survey.

use akidoko_domain::survey::{Answers, Care, Catalogue, DAILY, Severity, Status, Survey, Value};
use std::sync::LazyLock;

/// The items of special care, in the order of the board.
pub(super) const CARE_ITEMS: [&str; 6] =
    ["accept_pediatric", "accept_perinatal", "accept_dialysis", "accept_psychiatric", "accept_dementia", "accept_nursing_care"];

/// Available beds by severity: 重症 中等症 軽症.
pub(super) const AVAILABLE_PARTS: [&str; 3] = ["available_beds_severe", "available_beds_moderate", "available_beds_mild"];

/// The survey that the demo answers. Its rules are read from the definition, so that a new rule binds the demo as well.
pub(super) fn daily() -> &'static Survey {
    static SURVEY: LazyLock<Survey> =
        LazyLock::new(|| Catalogue::shipped().version(DAILY, 1).expect("the daily survey ships in version 1").clone());
    &SURVEY
}

pub(super) fn count(answers: &Answers, item: &str) -> Option<u32> {
    answers.get(item)?.as_ref()?.count()
}

pub(super) fn status(answers: &Answers, item: &str) -> Status {
    answers.get(item).and_then(Option::as_ref).and_then(Value::word).and_then(Status::parse).unwrap_or(Status::NoAnswer)
}

pub(super) fn put_count(answers: &mut Answers, item: &str, n: u32) {
    answers.insert(item.to_owned(), Some(Value::Count(n)));
}

pub(super) fn put_word(answers: &mut Answers, item: &str, word: &str) {
    answers.insert(item.to_owned(), Some(Value::Word(word.to_owned())));
}

pub(super) fn put_status(answers: &mut Answers, item: &str, status: Status) {
    put_word(answers, item, status.as_str());
}

pub(super) fn put_care(answers: &mut Answers, care: [Option<Care>; 6]) {
    for (item, mark) in CARE_ITEMS.iter().zip(care) {
        if let Some(mark) = mark {
            put_word(answers, item, mark.as_str());
        }
    }
}

/// Makes every hard rule hold: where parts pass their whole, the last parts give way. Rules that build on each other stand in order.
pub(super) fn keep_hard_rules(answers: &mut Answers) {
    // Those of the daily survey all say that some parts are at most a whole, which they name last.
    for rule in daily().rules.iter().filter(|r| r.severity == Severity::Hard) {
        let Some((whole, parts)) = rule.holds.program(daily()).ok().and_then(|p| p.items().split_last()) else { continue };
        let Some(most) = count(answers, whole) else { continue };
        let sum: u32 = parts.iter().filter_map(|id| count(answers, id)).sum();
        let mut over = sum.saturating_sub(most);
        for id in parts.iter().rev() {
            if let Some(n) = count(answers, id) {
                let less = over.min(n);
                over -= less;
                put_count(answers, id, n - less);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_give_way_to_the_whole() {
        let mut answers = Answers::new();
        for (item, n) in [
            ("inpatients_total", 3),
            ("inpatients_severe", 2),
            ("inpatients_moderate1", 2),
            ("inpatients_mild", 4),
            ("ventilators_owned", 2),
            ("ventilators_usable", 5),
            ("ventilators_in_use", 4),
            ("available_beds_mild", 7),
        ] {
            put_count(&mut answers, item, n);
        }
        keep_hard_rules(&mut answers);
        let read = |item| count(&answers, item);
        assert_eq!([read("inpatients_severe"), read("inpatients_moderate1"), read("inpatients_mild")], [Some(2), Some(1), Some(0)]);
        assert_eq!([read("ventilators_usable"), read("ventilators_in_use")], [Some(2), Some(2)]);
        assert_eq!(read("available_beds_mild"), Some(7), "an unknown whole does not bind");
    }
}
