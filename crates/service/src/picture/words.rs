//! The words of a picture: for mails, and so that screens and files say the same.

use akidoko_domain::{
    board::Column,
    picture::{BedRate, Measure, Side, Tally, Threshold},
};

/// What a measure is called.
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Rate(BedRate::Secured) => "確保病床使用率",
        Measure::Rate(BedRate::Ready) => "即応病床使用率",
        Measure::Rate(BedRate::SecuredSevere) => "重症者用の確保病床使用率",
        Measure::Rate(BedRate::ReadySevere) => "重症者用の即応病床使用率",
        Measure::Figure(Column::SecuredBeds) => "確保病床数",
        Measure::Figure(Column::SecuredBedsSevere) => "確保病床数 うち重症者用",
        Measure::Figure(Column::ReadyBeds) => "即応病床数",
        Measure::Figure(Column::ReadyBedsSevere) => "即応病床数 うち重症者用",
        Measure::Figure(Column::InpatientsTotal) => "入院患者数",
        Measure::Figure(Column::InpatientsInSecured) => "入院患者数 うち確保病床に入院",
        Measure::Figure(Column::InpatientsSevere) => "入院患者数 うち重症",
        Measure::Figure(Column::AvailableBeds) => "空床 計",
        Measure::Figure(Column::AvailableBedsSevere) => "空床 うち重症",
        Measure::Figure(Column::AvailableBedsModerate) => "空床 うち中等症",
        Measure::Figure(Column::AvailableBedsMild) => "空床 うち軽症",
        Measure::Figure(_) => "病床",
    }
}

/// 床, 人 or %.
pub fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::Rate(_) => "%",
        Measure::Figure(Column::InpatientsTotal | Column::InpatientsInSecured | Column::InpatientsSevere) => "人",
        Measure::Figure(_) => "床",
    }
}

/// 1,234
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A value without its unit: 52.3 or 1,234.
pub fn number(measure: Measure, value: u64) -> String {
    if measure.is_rate() { format!("{}.{}", value / 10, value % 10) } else { thousands(value) }
}

/// A value with its unit: 52.3 % or 1,234 床.
pub fn value(m: Measure, value: u64) -> String {
    format!("{} {}", number(m, value), unit(m))
}

/// Of what a tally is: 「入院 523 ÷ 病床 1,000、95 病院の回答」.
pub fn made_of(m: Measure, tally: Tally) -> String {
    let hospitals = format!("{} 病院の回答", tally.hospitals);
    if m.is_rate() { format!("入院 {} ÷ 病床 {}、{hospitals}", thousands(tally.part), thousands(tally.whole)) } else { hospitals }
}

/// Where a threshold raises and clears: 「50.0 % 以上で知らせ、45.0 % 未満で解除」.
pub fn rule(t: &Threshold) -> String {
    let (raise, clear) = (value(t.measure, t.raise), value(t.measure, t.clear));
    match t.side {
        Side::Above => format!("{raise}以上で知らせ、{clear}未満で解除"),
        Side::Below => format!("{raise}以下で知らせ、{clear}を超えると解除"),
    }
}

/// Why an alert stands: 「柏原圏域の確保病床使用率が 52.3 % になり、しきい値 50.0 % 以上に達しました（入院 523 ÷ 病床 1,000、95 病院の回答）。」
pub fn why(t: &Threshold, area: Option<&str>, tally: Tally) -> String {
    let of = area.map(|name| format!("{name}圏域の")).unwrap_or_default();
    let now = tally.value(t.measure).map_or_else(|| "不明".to_owned(), |v| value(t.measure, v));
    let side = if t.side == Side::Above { "以上" } else { "以下" };
    let line = format!("しきい値 {}{side}", value(t.measure, t.raise));
    format!("{of}{}が {now}になり、{line}に達しました（{}）。", measure(t.measure), made_of(t.measure, tally))
}

/// Why it ended.
pub fn cleared(t: &Threshold, area: Option<&str>, tally: Tally) -> String {
    let of = area.map(|name| format!("{name}圏域の")).unwrap_or_default();
    let now = tally.value(t.measure).map_or_else(|| "不明".to_owned(), |v| value(t.measure, v));
    let side = if t.side == Side::Above { "を下回りました" } else { "を超えました" };
    format!("{of}{}が {now}になり、{}{side}（{}）。", measure(t.measure), value(t.measure, t.clear), made_of(t.measure, tally))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let t = Threshold { measure: Measure::Rate(BedRate::Secured), area: None, side: Side::Above, raise: 500, clear: 450 };
        let tally = Tally { part: 1046, whole: 2000, hospitals: 95 };
        assert_eq!(
            why(&t, Some("凪浦"), tally),
            "凪浦圏域の確保病床使用率が 52.3 %になり、しきい値 50.0 %以上に達しました（入院 1,046 ÷ 病床 2,000、95 病院の回答）。"
        );
        let t = Threshold { measure: Measure::Figure(Column::AvailableBeds), side: Side::Below, raise: 20, clear: 40, area: None };
        assert_eq!(rule(&t), "20 床以下で知らせ、40 床を超えると解除");
        let tally = Tally { part: 41, whole: 0, hospitals: 9 };
        assert_eq!(cleared(&t, None, tally), "空床 計が 41 床になり、40 床を超えました（9 病院の回答）。");
    }

    #[test]
    fn numbers() {
        for (n, words) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), words);
        }
        let rate = Measure::Rate(BedRate::Ready);
        for (n, words) in [(0, "0.0 %"), (5, "0.5 %"), (523, "52.3 %"), (1234, "123.4 %")] {
            assert_eq!(value(rate, n), words);
        }
    }
}
