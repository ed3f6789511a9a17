//! What is wrong with a report, as one sentence that says how to mend it.

pub use akidoko_domain::report::label;
use akidoko_domain::{
    report::{BehalfProblem, Finding, Problem, Refusal},
    survey::Survey,
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

/// A problem, and how to mend it.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::UnknownItem => "この項目は報告にありません。画面を読み込み直してください。".to_owned(),
        Problem::NotACount => "0 以上の整数を入れてください。わからないときは空のままにしてください。".to_owned(),
        Problem::TooLarge { max } => format!("けたが多すぎます。{max} 以下の数を入れてください。"),
        Problem::UnknownWord { .. } => "選択肢から選び直してください。".to_owned(),
        Problem::TooLong { max } => format!("{max} 字までに短くしてください。"),
        Problem::NotText => "使えない文字が入っています。入力し直してください。".to_owned(),
        Problem::NotAPhone => "電話番号を 0 から 9〜11 けたで入れてください。内線は「内線 2100」と続けてください。".to_owned(),
        Problem::Required => "選んでください。".to_owned(),
        Problem::Patient(found) => hint(*found).to_owned(),
        Problem::Rule { message } => message.clone(),
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
        Refusal::BadReason(found) => format!("訂正の理由：{}", problem(found)),
        Refusal::Behalf(BehalfProblem::Missing) => "代わって入力する理由を選んでください。".to_owned(),
        Refusal::Behalf(BehalfProblem::WordsMissing) => "「その他」のときは、代行の理由を書いてください。".to_owned(),
        Refusal::Behalf(BehalfProblem::Words(found)) => format!("代行の理由：{}", problem(found)),
        Refusal::BadAsOf => "用紙の時刻は、報告日のうちの過ぎた時刻にしてください。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_how_to_mend_it() {
        let rule = Problem::Rule { message: "どちらかを直してください。".to_owned() };
        let hints = [PatientHint::BirthDate, PatientHint::RecordNumber, PatientHint::PersonName, PatientHint::AgeAndSex];
        let problems = [
            Problem::UnknownItem,
            Problem::NotACount,
            Problem::TooLarge { max: 9999 },
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
    fn refusals() {
        let one = Finding { item: "x".into(), id: "x".into(), problem: Problem::Required };
        for (case, words) in [
            (Refusal::Findings { errors: vec![one.clone()], warnings: vec![] }, "1 か所を直すと"),
            (Refusal::Findings { errors: vec![], warnings: vec![one] }, "確かめました"),
            (Refusal::Conflict { version: 3 }, "第 3 版"),
            (Refusal::FutureDate, "日付を"),
            (Refusal::BeforeSurvey, "日付を"),
            (Refusal::ReasonMissing, "理由を選んで"),
            (Refusal::Behalf(BehalfProblem::Missing), "理由を選んで"),
            (Refusal::Behalf(BehalfProblem::WordsMissing), "理由を書いて"),
            (Refusal::BadAsOf, "時刻"),
            (Refusal::BadReason(Problem::TooLong { max: 200 }), "200 字まで"),
        ] {
            assert!(refusal(&case).contains(words), "{case:?}");
        }
    }
}
