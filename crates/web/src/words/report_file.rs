//! A file of reports in words: what is wrong in a cell and how to mend it, what is to be said of the whole file, what a row would do.

use super::{date, problem};
use akidoko_domain::{
    report::{Problem, label},
    survey::Survey,
    text::{CountError, parse_count},
};
use akidoko_service::report_file::{FileNote, RowProblem, RowState};

/// What is wrong in a cell, with what stands there where that helps.
pub fn row_problem(found: &RowProblem, written: &str) -> String {
    match found {
        RowProblem::NoHospital => "医療機関が書かれていません。医療機関ID か名前を書いてください。".to_owned(),
        RowProblem::NotOnRoster => "この都道府県の名簿にない医療機関です。報告できる医療機関の ID を確かめてください。".to_owned(),
        RowProblem::Ambiguous => "同じ名前の医療機関が二つ以上あります。医療機関ID を書いてください。".to_owned(),
        RowProblem::NameDiffers { roster } => format!("この ID の医療機関は、名簿では「{roster}」です。行が合っているか確かめてください。"),
        RowProblem::Twice { first } => format!("同じ医療機関の同じ日が {first} 行にもあります。どちらかを除いてください。"),
        RowProblem::TwoDays { first, other } => format!(
            "見出しの上に {} と {} があり、どちらの日の報告か決められません。この行の報告日を書いてください。",
            super::date(*first),
            super::date(*other)
        ),
        RowProblem::BadDay => format!("「{written}」は日付として読めません。2026-04-10 か令和8年4月10日のように、年から書いてください。"),
        RowProblem::WindowClosed { days, until } => format!(
            "この日の報告を直せる期間（{days} 日、{}まで）を過ぎています。この行を消し、医療機関の画面から訂正を申請してください。",
            super::day(*until)
        ),
        RowProblem::FutureDay => "まだ来ていない日です。報告日を確かめてください。".to_owned(),
        RowProblem::BeforeSurvey => "この調査が始まる前の日です。報告日を確かめてください。".to_owned(),
        RowProblem::TooManyDays => "一つのファイルに書けるのは 31 日分までです。ファイルを分けてください。".to_owned(),
        RowProblem::Answer(Problem::NotACount) => not_a_count(written),
        RowProblem::Answer(Problem::UnknownWord { .. }) => format!("「{written}」は選択肢にありません。選び直してください。"),
        RowProblem::Answer(found) => problem(found),
        RowProblem::Dash => "「－」などの記号を「未回答」として読みました。0 のときは 0 に直してください。".to_owned(),
        RowProblem::Formula => "数式です。保存したときの値を読みました。値が正しいか確かめてください。".to_owned(),
        RowProblem::FormulaWithoutValue => "値のない数式です。数を入れてください。".to_owned(),
        RowProblem::PrivateLetter => "外字が入っていて、ほかの端末では読めません。ふつうの文字に直してください。".to_owned(),
        RowProblem::Newer { version } => {
            format!("確かめているあいだに第 {version} 版が報告されました。変わるところを見直してから、確かめた印を付けてください。")
        }
    }
}

fn not_a_count(written: &str) -> String {
    match parse_count(written) {
        Err(CountError::Sign) => format!("「{written}」は符号の付いた数です。0 以上の整数を入れてください。"),
        Err(CountError::Decimal) => format!("「{written}」は小数です。0 以上の整数を入れてください。"),
        _ => format!("「{written}」は数として読めません。0 以上の整数を入れてください。わからないときは空けておきます。"),
    }
}

/// What is to be said of the whole file.
pub fn file_note(note: &FileNote, survey: &Survey) -> String {
    match note {
        FileNote::OtherSurvey => "別の調査の様式です。日次報告の様式を取り出して、記入してください。".to_owned(),
        FileNote::OldForm { version, current } => {
            format!("第 {version} 版の様式です。いまは第 {current} 版です。いまの版にある項目だけを受け取ります。")
        }
        FileNote::Unknown { heading, address } => format!("{address}「{heading}」は報告にない項目です。この列は受け取りません。"),
        FileNote::PastDays { rows } => format!("今日より前の日の報告が {rows} 行あります。報告日を確かめてください。"),
        FileNote::DayFromTitle { address, day } => format!("報告日は、{address} に書かれた {} としました。", date(*day)),
        FileNote::Kept { items } => {
            let mut named: Vec<String> = items.iter().take(5).map(|id| label(survey, id)).collect();
            if items.len() > named.len() {
                named.push(format!("ほか {} 項目", items.len() - named.len()));
            }
            format!("ファイルにない項目（{}）は、前回の値のままにします。", named.join("、"))
        }
        FileNote::BlankRows(rows) => format!("数が一つも書かれていない医療機関が {rows} 行あります。受け取りません。"),
    }
}

/// What a row would do.
pub fn row_state(state: RowState) -> &'static str {
    match state {
        RowState::New => "今日の報告になります",
        RowState::Unchanged => "前回と同じ",
        RowState::Changed => "新しい版になります",
        RowState::Same => "受け取り済みと同じ",
        RowState::Unknown => "直してから",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_how_to_mend_it() {
        for (found, written, says) in [
            (RowProblem::NotOnRoster, "H1300000", "名簿にない"),
            (RowProblem::Answer(Problem::NotACount), "▲5", "「▲5」は符号"),
            (RowProblem::Answer(Problem::NotACount), "1.5", "小数"),
            (RowProblem::Answer(Problem::NotACount), "約10", "「約10」は数として"),
            (RowProblem::Answer(Problem::TooLarge { max: 9 }), "10", "9 以下"),
            (RowProblem::Answer(Problem::UnknownWord { allowed: vec![] }), "ふつう", "「ふつう」は選択肢に"),
            (RowProblem::BadDay, "4/10", "年から"),
            (RowProblem::Twice { first: 3 }, "", "3 行"),
            (RowProblem::Dash, "－", "未回答"),
        ] {
            let words = row_problem(&found, written);
            assert!(words.contains(says) && words.ends_with('。') && !words.contains(['!', '！']), "{words}");
        }
    }
}
