//! Surveys in words: how often, of what time, by when, for whom, and what is wrong with a definition.

use super::when::{date, day, short_day};
use akidoko_domain::{
    survey::{Cadence, Flaw, ItemKind, Period, Survey},
    time::to_jst,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// 毎日, 毎週 …
pub fn cadence(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Daily => "毎日",
        Cadence::Weekly => "毎週（月曜から日曜）",
        Cadence::Monthly => "毎月",
        Cadence::Yearly => "毎年",
        Cadence::AsNeeded => "随時",
    }
}

/// The kind of an item.
pub fn kind(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Status { .. } => "受入状況",
        ItemKind::Count { .. } => "数",
        ItemKind::Choice { .. } => "選択",
        ItemKind::Care {} => "特別対応",
        ItemKind::Text { .. } => "文章",
        ItemKind::Phone {} => "電話番号",
        ItemKind::Date { .. } => "日付",
        ItemKind::Time { .. } => "時刻",
        ItemKind::YesNo {} => "はい・いいえ",
    }
}

/// The same by the word of a form; see [`akidoko_domain::survey::KINDS`].
pub fn kind_of_word(word: &str) -> &'static str {
    match word {
        "count" => "数",
        "choice" => "選択",
        "yes_no" => "はい・いいえ",
        "text" => "文章",
        "date" => "日付",
        "time" => "時刻",
        "status" => "受入状況",
        "care" => "特別対応",
        _ => "電話番号",
    }
}

/// What a rule that does not hold does.
pub fn rule_severity(is_hard: bool) -> &'static str {
    if is_hard { "受け付けない" } else { "確かめてもらう" }
}

/// Of what time a report speaks: 「4月6日（月）の週（4/12 まで）」.
pub fn period(survey: &Survey, period: Period) -> String {
    match survey.cadence {
        Cadence::Daily | Cadence::AsNeeded => day(period.first),
        Cadence::Weekly => format!("{}の週（{} まで）", day(period.first), short_day(period.last)),
        Cadence::Monthly => format!("{}年{}月", period.first.year(), period.first.month()),
        Cadence::Yearly if (period.first.month(), period.first.day()) == (1, 1) => format!("{}年", period.first.year()),
        Cadence::Yearly => format!("{}年{}月から1年", period.first.year(), period.first.month()),
    }
}

/// Tenths of a percent: 「51.1 %」, or 「－」 where there is none.
pub fn rate(permille: Option<u64>) -> String {
    permille.map_or_else(|| "－".to_owned(), |p| format!("{}.{} %", p / 10, p % 10))
}

/// 「4月8日（水）17:00」, with the year where it is not this one.
pub fn due(at: DateTime<Utc>, today: NaiveDate) -> String {
    let local = to_jst(at);
    let on = local.date_naive();
    let words = if on.year() == today.year() { day(on) } else { date(on) };
    format!("{words}{}", local.format("%H:%M"))
}

/// What is wrong, and how to mend it.
pub fn flaw(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Empty => "入力してください。".to_owned(),
        Flaw::TooLong { max } => format!("{max} 字までに短くしてください。"),
        Flaw::NotText => "使えない文字が入っています。入力し直してください。".to_owned(),
        Flaw::BadId => "英小文字で始め、英小文字・数字・_ だけを使ってください。60 字までです。".to_owned(),
        Flaw::Twice => "同じ記号がほかにもあります。別の記号にしてください。".to_owned(),
        Flaw::OutOfBounds { min, max } => format!("{min} から {max} までの数を入れてください。"),
        Flaw::NotANumber => "0 以上の整数を入れてください。".to_owned(),
        Flaw::NotADay => "日付を 2026-04-10 の形で入れてください。".to_owned(),
        Flaw::NotATime => "時刻を 17:00 の形で入れてください。".to_owned(),
        Flaw::NotChosen => "選んでください。".to_owned(),
        Flaw::BoundsCrossed => "下限が上限を超えています。どちらかを直してください。".to_owned(),
        Flaw::TooFewOptions => "選択肢を 2 つ以上書いてください。".to_owned(),
        Flaw::OptionTwice => "同じ選択肢が 2 回あります。どちらかを消してください。".to_owned(),
        Flaw::ColumnTwice => "同じ列に載せる項目がほかにもあります。どちらかを外してください。".to_owned(),
        Flaw::ColumnOfAnotherKind => "この列には、この種類の答えを載せられません。別の列を選んでください。".to_owned(),
        Flaw::ColumnOfAPrefecture => "都道府県が答える調査は、病床ボードに載せられません。「載せない」を選んでください。".to_owned(),
        Flaw::KindChanged => {
            "公開した版と種類が違います。前の答えが読めなくなるので、種類を戻すか、新しい記号の項目にしてください。".to_owned()
        }
        Flaw::ColumnChanged => "公開した版と、ボードの列が違います。列を戻すか、新しい記号の項目にしてください。".to_owned(),
        Flaw::PeriodChanged => "公開した版と違います。前の報告と並べられなくなるので、元に戻すか、新しい調査を作ってください。".to_owned(),
        Flaw::OptionsShifted => {
            "公開した版にある言葉の記号が変わっています。前の答えの意味が変わるので、記号を元に戻してください（例：option_1 可）。"
                .to_owned()
        }
        Flaw::NoItems => "項目がありません。1 つ以上加えてください。".to_owned(),
        Flaw::TooManyItems { max } => format!("項目が多すぎます。{max} までに減らしてください。"),
        Flaw::NoSuchDay => "毎年ある日を入れてください（例：10 月 1 日）。".to_owned(),
        Flaw::NobodyAsked => "答える組織を選んでください。".to_owned(),
        Flaw::Reserved => "この言葉は、ルールの書き方で使う言葉です。別の記号にしてください。".to_owned(),
        Flaw::BadRule(error) => super::definition::rule_error(error),
        Flaw::MessageNowhere => "この項目は調査にありません。選び直してください。".to_owned(),
        Flaw::NotACount { item } => format!("「{item}」という記号の、種類が「数」の項目がありません。"),
        Flaw::Unreadable => "この内容は調査として読めません。直前に変えたところを見直してください。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::survey::{Catalogue, MonthDay};

    #[test]
    fn periods_in_words() {
        let mut survey = Catalogue::shipped().version("ppe_weekly", 1).unwrap().clone();
        let on = "2026-04-10".parse().unwrap();
        let mut words = |cadence, from| {
            (survey.cadence, survey.year_from) = (cadence, from);
            period(&survey, survey.period(on))
        };
        assert_eq!(words(Cadence::Weekly, None), "4月6日（月）の週（4/12 まで）");
        assert_eq!(words(Cadence::Monthly, None), "2026年4月");
        assert_eq!(words(Cadence::Yearly, None), "2026年");
        assert_eq!(words(Cadence::Yearly, Some(MonthDay { month: 10, day: 1 })), "2025年10月から1年");
        assert_eq!(words(Cadence::Daily, None), "4月10日（金）");
    }
}
