//! What is wrong with a report, as one sentence that says how to mend it.

use akidoko_domain::{
    report::{Finding, Problem, Refusal},
    survey::{Item, Survey},
    text::PatientHint,
};

/// A finding as the screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The item, to which the summary links.
    pub item: String,
    /// The name by which a soft one is confirmed.
    pub id: String,
    /// The item's label, with its section where the label alone is not clear.
    pub label: String,
    /// The sentence.
    pub sentence: String,
}

/// A finding in words.
pub fn finding(survey: &Survey, finding: &Finding) -> Line {
    Line { item: finding.item.clone(), id: finding.id.clone(), label: label(survey, &finding.item), sentence: problem(&finding.problem) }
}

/// The label of an item on its own: a 「うち…」 names the item that it is part of, a 「計」 its section.
pub fn label(survey: &Survey, id: &str) -> String {
    for section in &survey.sections {
        let mut whole: Option<&Item> = None;
        for item in &section.items {
            if item.id == id {
                return match whole {
                    _ if item.label == "計" => format!("{} 計", short(&section.title)),
                    Some(whole) if item.part && whole.label == "計" => format!("{} {}", short(&section.title), item.label),
                    Some(whole) if item.part && is_once(survey, whole) => format!("{} {}", whole.label, item.label),
                    _ if !is_once(survey, item) => format!("{} {}", section.title, item.label),
                    _ => item.label.clone(),
                };
            }
            if !item.part {
                whole = Some(item);
            }
        }
    }
    id.to_owned()
}

/// Five goods have a 在庫 each: then the section says of which.
fn is_once(survey: &Survey, item: &Item) -> bool {
    item.part || survey.items().filter(|i| i.label == item.label).count() < 2
}

/// 受入可能病床数（空床） is 空床 for short.
fn short(title: &str) -> &str {
    title.split_once('（').and_then(|(_, rest)| rest.strip_suffix('）')).unwrap_or(title)
}

/// A problem, and how to mend it.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::UnknownItem => "この項目は報告にありません。画面を読み込み直してください。".to_owned(),
        Problem::NotACount => "0 以上の整数を入れてください。わからないときは空のままにしてください。".to_owned(),
        Problem::TooLarge { max } => format!("けたが多すぎます。{max} 以下の数を入れてください。"),
        Problem::TooSmall { min } => format!("少なすぎます。{min} 以上の数を入れてください。"),
        Problem::NotADate => "日付を「2026-04-10」や「令和8年4月10日」のように入れてください。".to_owned(),
        Problem::NotATime => "時刻を「9:05」や「9時5分」のように、0:00 から 23:59 までで入れてください。".to_owned(),
        Problem::OutOfRange { min, max } => range(min.as_deref(), max.as_deref()),
        Problem::UnknownWord { .. } => "選択肢から選び直してください。".to_owned(),
        Problem::TooLong { max } => format!("{max} 字までに短くしてください。"),
        Problem::NotText => "使えない文字が入っています。入力し直してください。".to_owned(),
        Problem::NotAPhone => "電話番号を 0 から 9〜11 けたで入れてください。内線は「内線 2100」と続けてください。".to_owned(),
        Problem::Required => "選んでください。".to_owned(),
        Problem::Patient(found) => hint(*found).to_owned(),
        Problem::Rule { message } => message.clone(),
    }
}

fn range(min: Option<&str>, max: Option<&str>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} から {max} までで入れてください。"),
        (Some(min), None) => format!("{min} 以後で入れてください。"),
        (None, Some(max)) => format!("{max} 以前で入れてください。"),
        (None, None) => "入力し直してください。".to_owned(),
    }
}

/// What looks like a patient, and what to do.
pub fn hint(hint: PatientHint) -> &'static str {
    match hint {
        PatientHint::BirthDate => "生年月日のような日付があります。患者さんの情報は書けません。消してください。",
        PatientHint::RecordNumber => "患者さんの番号のような数字があります。患者さんの情報は書けません。消してください。",
        PatientHint::PersonName => "人の名前のような言葉があります。患者さんの氏名なら消してください。",
        PatientHint::AgeAndSex => "ひとりの患者さんの年齢と性別のような言葉があります。患者さんのことなら消してください。",
    }
}

/// Why a report was not taken, where it is not about single items.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Findings { errors, warnings } if errors.is_empty() => {
            format!("{} か所を確かめてください。数が正しければ「確かめました」を選んで、もう一度報告してください。", warnings.len())
        }
        Refusal::Findings { errors, .. } => format!("{} か所を直すと報告できます。", errors.len()),
        Refusal::Conflict { version } => {
            format!(
                "この画面を開いたあとに、第 {version} 版が報告されました。各項目の下に第 {version} 版の値を示します。確かめてから、もう一度報告してください。"
            )
        }
        Refusal::FutureDate => "まだ来ていない日の報告はできません。日付を確かめてください。".to_owned(),
        Refusal::BeforeSurvey => "この調査が始まる前の日の報告はできません。日付を確かめてください。".to_owned(),
        Refusal::ReasonMissing => "過ぎた日の訂正には理由が必要です。理由を選んでください。".to_owned(),
        Refusal::SurveyChanged => {
            "この画面を開いたあとに、調査の項目が変わりました。入力した内容は残っています。新しい項目を確かめて、もう一度報告してください。"
                .to_owned()
        }
        Refusal::BadReason(found) => format!("訂正の理由：{}", problem(found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::survey::{Catalogue, DAILY};

    #[test]
    fn every_problem_says_how_to_mend_it() {
        let rule = Problem::Rule { message: "どちらかを直してください。".to_owned() };
        let hints = [PatientHint::BirthDate, PatientHint::RecordNumber, PatientHint::PersonName, PatientHint::AgeAndSex];
        let problems = [
            Problem::UnknownItem,
            Problem::NotACount,
            Problem::TooLarge { max: 9999 },
            Problem::TooSmall { min: 1 },
            Problem::NotADate,
            Problem::NotATime,
            Problem::OutOfRange { min: Some("2020-04-01".into()), max: None },
            Problem::OutOfRange { min: None, max: Some("22:30".into()) },
            Problem::OutOfRange { min: Some("06:00".into()), max: Some("22:30".into()) },
            Problem::UnknownWord { allowed: vec![] },
            Problem::TooLong { max: 200 },
            Problem::NotText,
            Problem::NotAPhone,
            Problem::Required,
            rule,
        ];
        for sentence in problems.into_iter().chain(hints.map(Problem::Patient)).map(|p| problem(&p)) {
            assert!(sentence.ends_with("ください。"), "{sentence}");
            assert!(!sentence.contains(['!', '！']), "{sentence}");
        }
    }

    #[test]
    fn a_label_is_clear_on_its_own() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        for (id, expected) in [
            ("emergency_status", "救急の受入状況"),
            ("available_beds", "空床 計"),
            ("available_beds_severe", "空床 うち重症"),
            ("ready_beds_severe", "即応病床数 うち重症者用"),
            ("inpatients_icu", "入院患者数 うちICU入院中"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(label(daily, id), expected);
        }
    }

    #[test]
    fn refusals() {
        let one = Finding { item: "x".into(), id: "x".into(), problem: Problem::Required };
        for (case, words) in [
            (Refusal::Findings { errors: vec![one.clone()], warnings: vec![] }, "1 か所を直すと"),
            (Refusal::Findings { errors: vec![], warnings: vec![one] }, "確かめました"),
            (Refusal::Conflict { version: 3 }, "第 3 版"),
            (Refusal::FutureDate, "日付を"),
            (Refusal::BeforeSurvey, "日付を"),
            (Refusal::ReasonMissing, "理由を選んで"),
            (Refusal::BadReason(Problem::TooLong { max: 200 }), "200 字まで"),
        ] {
            assert!(refusal(&case).contains(words), "{case:?}");
        }
    }
}
