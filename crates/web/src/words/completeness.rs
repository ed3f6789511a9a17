//! Words of who has not reported.

use super::{clock, short_day};
use akidoko_domain::{
    due::{CallResult, DayState, Days, DueSetting, Exempt, Filed, LadderError, Rate, RuleError, Rung, Weekdays, due_at},
    text::PatientHint,
    time::{DueRule, jst_day},
};
use chrono::{DateTime, NaiveDate, Utc, Weekday};

/// The state of a day, as a filter names it.
pub fn state(state: DayState) -> &'static str {
    match state {
        DayState::Missing => "未報告",
        DayState::NotYet => "まだ（締切前）",
        DayState::Late => "遅延",
        DayState::Corrected => "訂正あり",
        DayState::Reported => "報告済",
        DayState::Exempt(_) => "免除",
    }
}

/// Why nothing is owed.
pub fn exempt(why: Exempt) -> &'static str {
    match why {
        Exempt::NotDue => "報告のない日",
        Exempt::Closed => "休診の曜日",
        Exempt::Span => "期間を決めた免除",
        Exempt::Suspended => "ID 停止中",
    }
}

/// The icon beside it, and the class that colours it.
pub fn state_icon(state: DayState) -> (&'static str, &'static str) {
    match state {
        DayState::Missing => ("i-err", "s-ret"),
        DayState::NotYet => ("i-clock", "s-wait"),
        DayState::Late => ("i-warn", "s-mail"),
        DayState::Corrected | DayState::Reported => ("i-check", "s-ok"),
        DayState::Exempt(_) => ("s-none", "s-off"),
    }
}

/// When it came: 「09:42」, 「10:20（締切後）」, 「11/27 08:10」 for another day's moment.
pub fn came(day: NaiveDate, filed: &Filed) -> String {
    let at = filed.first_full_at;
    let moment = if jst_day(at) == day { clock(at) } else { format!("{} {}", short_day(jst_day(at)), clock(at)) };
    if filed.on_time || filed.late { moment } else { format!("{moment}（締切後）") }
}

/// 67.7 %; 0 of 0 is －.
pub fn rate(rate: Rate) -> String {
    match rate.per_mille() {
        Some(1000) => "100 %".to_owned(),
        Some(n) => format!("{}.{} %", n / 10, n % 10),
        None => "－".to_owned(),
    }
}

/// 「締切 10:00 まで 18 分」
pub fn until_due(day: NaiveDate, rule: Option<DueRule>, now: DateTime<Utc>) -> String {
    let Some(rule) = rule else {
        return if day == jst_day(now) { "今日は報告のない日です".to_owned() } else { "報告のない日です".to_owned() };
    };
    let due = rule.due.format("%H:%M");
    if day < jst_day(now) {
        return format!("締切は {due} でした");
    }
    let minutes = (due_at(day, rule) - now).num_minutes();
    match minutes {
        _ if now > due_at(day, rule) => format!("締切 {due} を過ぎました（{} から遅延）", rule.late.format("%H:%M")),
        0..60 => format!("締切 {due} まで {minutes} 分"),
        _ => format!("締切 {due} まで {} 時間 {} 分", minutes / 60, minutes % 60),
    }
}

/// 10:00（13:00 から遅延）
pub fn due_rule(rule: Option<DueRule>) -> String {
    rule.map_or_else(
        || "報告のない日とする".to_owned(),
        |r| format!("締切 {}（{} を過ぎると遅延）", r.due.format("%H:%M"), r.late.format("%H:%M")),
    )
}

/// Both sentences of a rule.
pub fn due_setting(setting: &DueSetting) -> [String; 2] {
    [due_rule(Some(setting.working)), due_rule(setting.off)]
}

/// 締切の 30 分前
pub fn rung(rung: Rung) -> String {
    let when = match rung.minutes {
        0 => "締切の時刻".to_owned(),
        n if n < 0 => format!("締切の {} 分前", -n),
        n => format!("締切の {n} 分後"),
    };
    format!("{when}（{}）", days(rung.days))
}

/// On which days a rung stands.
pub fn days(days: Days) -> &'static str {
    match days {
        Days::All => "毎日",
        Days::Working => "平日",
        Days::Off => "土日・祝日・年末年始",
    }
}

/// 月火水
pub fn weekdays(days: Weekdays) -> String {
    days.days().map(weekday).collect::<Vec<_>>().join("・")
}

/// 月
pub fn weekday(day: Weekday) -> &'static str {
    ["月", "火", "水", "木", "金", "土", "日"][day.num_days_from_monday() as usize]
}

/// What came of a call.
pub fn call(result: CallResult) -> &'static str {
    match result {
        CallResult::Reached => "連絡がついた",
        CallResult::Absent => "不在",
        CallResult::Later => "後で入力",
        CallResult::Entered => "代行で入力",
        CallResult::WrongNumber => "番号違い",
        CallResult::Other => "その他",
    }
}

/// What became of a reminder.
pub fn mail(state: &str) -> &'static str {
    match state {
        "waiting" => "送信待ち",
        "sent" => "送信済",
        "cancelled" => "報告が届いたので取りやめ",
        _ => "不達",
    }
}

/// What in a note looks like a patient.
pub fn patient(hint: PatientHint) -> &'static str {
    match hint {
        PatientHint::BirthDate => "生年月日のような書き方があります。患者のことは書かないでください。",
        PatientHint::RecordNumber => "患者番号のような書き方があります。患者のことは書かないでください。",
        PatientHint::PersonName => "人の名前のような書き方があります。患者の名前でないことを確かめてください。",
        PatientHint::PersonalPhone => "個人の電話番号のような数字があります。患者や家族の番号でないことを確かめてください。",
        PatientHint::AgeAndSex => "年齢と性別のような書き方があります。患者のことでないことを確かめてください。",
    }
}

/// Why a due rule is not taken.
pub fn rule_error(error: RuleError) -> &'static str {
    match error {
        RuleError::Past => "変更は明日からの日付で設定してください。今日までの日は、その日の締切で数えます。",
        RuleError::Order => "遅延とする時刻は、締切より前にできません。時刻を確かめてください。",
    }
}

/// Why a ladder is not taken.
pub fn ladder_error(error: LadderError) -> &'static str {
    match error {
        LadderError::Many => "催促は 6 段までです。",
        LadderError::Far => "締切の前後 720 分（12 時間）までの数で入れてください。",
        LadderError::Twice => "同じ日の同じ時刻の催促が 2 つあります。どちらかを消してください。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_until_it_is_due() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        let day: NaiveDate = "2026-04-10".parse().unwrap();
        for (rule, now, expected) in [
            (Some(DueRule::default()), "2026-04-10T09:42:00+09:00", "締切 10:00 まで 18 分"),
            (Some(DueRule::default()), "2026-04-10T07:30:00+09:00", "締切 10:00 まで 2 時間 30 分"),
            (Some(DueRule::default()), "2026-04-10T10:00:01+09:00", "締切 10:00 を過ぎました（13:00 から遅延）"),
            (Some(DueRule::default()), "2026-04-11T09:42:00+09:00", "締切は 10:00 でした"),
            (None, "2026-04-10T09:42:00+09:00", "今日は報告のない日です"),
        ] {
            assert_eq!(until_due(day, rule, at(now)), expected);
        }
    }

    #[test]
    fn rates_in_words() {
        for (part, of, expected) in [(0, 0, "－"), (2, 3, "66.6 %"), (3, 3, "100 %"), (0, 3, "0.0 %")] {
            assert_eq!(rate(Rate { part, of }), expected);
        }
        assert_eq!(rung(Rung { minutes: -30, days: Days::Working }), "締切の 30 分前（平日）");
        assert_eq!(weekdays(Weekdays::new(65).unwrap()), "土・日");
    }
}
