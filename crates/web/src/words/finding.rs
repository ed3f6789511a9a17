//! What is wrong with a report, as one sentence that says how to mend it.

pub use akidoko_domain::report::label;
use akidoko_domain::{
    report::{BEHALF, BehalfProblem, FEED_HOURS, FeedProblem, Finding, Problem, REASON, Refusal},
    survey::Survey,
    text::PatientHint,
};
use std::collections::BTreeSet;

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
    let label = match finding.item.as_str() {
        REASON => "訂正の理由".to_owned(),
        BEHALF => "代行の理由".to_owned(),
        item => label(survey, item),
    };
    Line { item: finding.item.clone(), id: finding.id.clone(), label, sentence: problem(&finding.problem) }
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
        PatientHint::PersonalPhone => "個人の電話番号のような数字があります。患者さんや家族の番号なら消してください。",
        PatientHint::AgeAndSex => "ひとりの患者さんの年齢と性別のような言葉があります。患者さんのことなら消してください。",
    }
}

/// What was confirmed of such words and is not asked about now: it stays confirmed while the screen comes back for something else.
pub fn beside_confirmed(refusal: Option<&Refusal>, confirmed: &BTreeSet<String>) -> Vec<String> {
    let asked = [REASON, BEHALF].into_iter().filter(|place| asked_beside(refusal, place).is_none()).map(|place| format!("patient:{place}"));
    asked.filter(|id| confirmed.contains(id)).collect()
}

/// What is asked about words that stand beside the figures: the reason, or why it is entered for the hospital.
pub fn asked_beside(refusal: Option<&Refusal>, place: &str) -> Option<String> {
    let Some(Refusal::Findings { warnings, .. }) = refusal else { return None };
    warnings.iter().find(|w| w.item == place).map(|w| problem(&w.problem))
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
                "この画面を開いたあとに、第 {version} 版が報告されました。何も上書きしていません。画面を開き直し、第 {version} 版の値を確かめてから、もう一度報告してください。"
            )
        }
        Refusal::FutureDate => "まだ来ていない日の報告はできません。日付を確かめてください。".to_owned(),
        Refusal::BeforeSurvey => "この調査が始まる前の日の報告はできません。日付を確かめてください。".to_owned(),
        Refusal::ReasonMissing => "過ぎた日の訂正には理由が必要です。理由を選んでください。".to_owned(),
        Refusal::SurveyChanged => {
            "この画面を開いたあとに、調査の項目が変わりました。入力した内容は残っています。新しい項目を確かめて、もう一度報告してください。"
                .to_owned()
        }
        Refusal::WindowClosed { days, until } => format!(
            "この日の報告を直せる期間（{days} 日、{}まで）を過ぎています。都道府県の同意を得て訂正になります。画面から訂正を申請してください。",
            super::day(*until)
        ),
        Refusal::BadReason(found) => format!("訂正の理由：{}", problem(found)),
        Refusal::Behalf(BehalfProblem::Missing) => "代わって入力する理由を選んでください。".to_owned(),
        Refusal::Behalf(BehalfProblem::WordsMissing) => "「その他」のときは、代行の理由を書いてください。".to_owned(),
        Refusal::Behalf(BehalfProblem::Words(found)) => format!("代行の理由：{}", problem(found)),
        Refusal::Again { version } => format!("同じ内容を、たったいま報告しています（第 {version} 版）。もう一度送る必要はありません。"),
        Refusal::Stands { version, .. } => format!("同じ内容が、すでに報告されています（第 {version} 版）。もう一度送る必要はありません。"),
        Refusal::Moved => {
            "この画面を開いたあとに、報告が変わりました。まだ報告していません。いまの数字に直して示しています。確かめて、もう一度押してください。".to_owned()
        }
        Refusal::Feed(FeedProblem::NotDeclared) => {
            "都道府県が他システム連携をやめたため、このキーでは送れません。共有範囲の画面で他システムを登録するか、キーを取り消してください。".to_owned()
        }
        Refusal::Feed(FeedProblem::NoMoment) => "他システム連携の報告には、その数がいつのものかが必要です。as_of に入れてください。".to_owned(),
        Refusal::Feed(FeedProblem::TooOld) => format!("{FEED_HOURS} 時間より前の数は、いまの空きを表しません。新しい数を送ってください。"),
        Refusal::BadAsOf => "用紙の時刻は、報告日のうちの過ぎた時刻にしてください。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_how_to_mend_it() {
        let rule = Problem::Rule { message: "どちらかを直してください。".to_owned() };
        let hints = [
            PatientHint::BirthDate,
            PatientHint::RecordNumber,
            PatientHint::PersonName,
            PatientHint::AgeAndSex,
            PatientHint::PersonalPhone,
        ];
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
    fn refusals() {
        let one = Finding { item: "x".into(), id: "x".into(), problem: Problem::Required };
        for (case, words) in [
            (Refusal::Findings { errors: vec![one.clone()], warnings: vec![] }, "1 か所を直すと"),
            (Refusal::Findings { errors: vec![], warnings: vec![one] }, "確かめました"),
            (Refusal::Conflict { version: 3 }, "第 3 版"),
            (Refusal::FutureDate, "日付を"),
            (Refusal::BeforeSurvey, "日付を"),
            (Refusal::ReasonMissing, "理由を選んで"),
            (Refusal::WindowClosed { days: 14, until: "2026-03-31".parse().unwrap() }, "14 日、3月31日（火）まで"),
            (Refusal::Behalf(BehalfProblem::Missing), "理由を選んで"),
            (Refusal::Behalf(BehalfProblem::WordsMissing), "理由を書いて"),
            (Refusal::BadAsOf, "時刻"),
            (Refusal::Feed(FeedProblem::NotDeclared), "登録するか"),
            (Refusal::Feed(FeedProblem::NoMoment), "as_of に"),
            (Refusal::Feed(FeedProblem::TooOld), "新しい数"),
            (Refusal::Moved, "確かめて"),
            (Refusal::Again { version: 2 }, "第 2 版"),
            (Refusal::BadReason(Problem::TooLong { max: 200 }), "200 字まで"),
        ] {
            assert!(refusal(&case).contains(words), "{case:?}");
        }
    }
}
