//! The words of an application for those who write it: what is wrong and how to mend it, what a sheet would do, when an ID is to be
//! expected.

use super::{date, day};
use akidoko_domain::application::{Action, Column, FormProblem, State, Window, arrival};
use akidoko_service::application::{ApplicationError, RowChange, WORDS_MAX};
use chrono::NaiveDate;

/// What is wrong, and how to mend it.
pub fn problem(column: Column, problem: &FormProblem) -> String {
    match problem {
        FormProblem::Missing => format!("{}が空です。提出の前に書いてください。", column.heading()),
        FormProblem::TooLong { max } => format!("長すぎます。{max} 文字までにしてください。"),
        FormProblem::NotText => "見えない文字が入っています。打ち直してください。".to_owned(),
        FormProblem::Formula => "数式のような書き出しです。= や @ を除いて、値だけを書いてください。".to_owned(),
        FormProblem::OtherPrefecture { written } => {
            format!("「{written}」はほかの都道府県です。自分の都道府県の本部だけを書いてください。")
        }
        FormProblem::NotKana => "カタカナでない文字があります。カタカナで書いてください。".to_owned(),
        FormProblem::UnknownType => "種別は「単独」「一部事務組合・広域連合」「東京消防庁」から選んでください。".to_owned(),
        FormProblem::BadMunicipalityCode { written } => {
            format!("「{written}」は検査数字が合いません。6 けたの市区町村コードを確かめてください。")
        }
        FormProblem::UnknownMunicipality { written } => {
            format!("「{written}」は県内に見つかりません。市区町村の名前か 6 けたのコードを書いてください。")
        }
        FormProblem::OtherPrefectureMunicipality { written } => {
            format!("「{written}」はほかの都道府県にあります。管轄する市区町村を書いてください。")
        }
        FormProblem::BadInstitutionCode => {
            "医療機関コードの検査数字が合いません。10 けたの番号を、最後のけたまで確かめてください。".to_owned()
        }
        FormProblem::OtherPrefectureCode => "ほかの都道府県の医療機関コードです。都道府県とコードを確かめてください。".to_owned(),
        FormProblem::UnknownKind => "組織の種別を、選択肢から選んでください。".to_owned(),
        FormProblem::BadPostalCode => "郵便番号は 7 けたで書いてください。".to_owned(),
        FormProblem::BadPhone => "電話番号の形が違います。0 から 10〜11 けたで書いてください。".to_owned(),
        FormProblem::BadEmail => "メールアドレスの形が違います。name@example.jp のように書いてください。".to_owned(),
        FormProblem::EmailsDiffer => "上のメールアドレスと違います。同じものを書いてください。".to_owned(),
        FormProblem::NotFireHeadquarters => {
            "消防本部の名前ではありません。ID は消防本部に発行します。消防署などは、「やむを得ない事情」を書くと個別相談になります。"
                .to_owned()
        }
        FormProblem::Consultation => "消防本部ではないため、提出すると厚生労働省との個別相談になります。".to_owned(),
        FormProblem::CarrierMail => "携帯電話会社の宛先です。届かないことがあるため、組織の宛先をお勧めします。".to_owned(),
        FormProblem::PrivateMail => "無料メールの宛先です。組織の宛先をお勧めします。".to_owned(),
        FormProblem::PersonalMailbox => "個人のメールのようです。担当者が替わっても届く、共用の宛先をお勧めします。".to_owned(),
        FormProblem::Doubled { row } => format!("{row} 行と同じ消防本部です。どちらか一方を除いてください。"),
        FormProblem::SharedMail { other } => format!("{other}と同じ宛先です。本部ごとの宛先をお勧めします。"),
        FormProblem::HasId => "同じ消防本部の申請か ID がすでにあります。一覧から、その本部を開いてください。".to_owned(),
        FormProblem::Decided => "承認された本部名は変えられません。別の本部のときは、新しく申請してください。".to_owned(),
    }
}

/// What helps to fill in a column.
pub fn hint(column: Column) -> Option<&'static str> {
    Some(match column {
        Column::Name => "例：青波市消防本部。消防署・分署ではなく本部の名前を書きます。",
        Column::Municipalities => "名前か 6 けたのコードを、「、」で区切って書きます。",
        Column::PostalCode => "例：260-0000",
        Column::Phone => "例：043-000-0000",
        Column::Email => "担当者が替わっても受け取れる、組織の宛先にします。",
        Column::EmailAgain => "同じメールアドレスを、もう一度書きます。",
        Column::ExceptionReason => "消防本部でない機関のときだけ書きます。個別相談になります。",
        _ => return None,
    })
}

/// What a row of a sheet would do.
pub fn row_change(change: RowChange) -> String {
    match change {
        RowChange::New => "追加".to_owned(),
        RowChange::Changed => "変更".to_owned(),
        RowChange::Same => "同じ".to_owned(),
        RowChange::Locked(state) => format!("変更しない（{}）", super::office::state(state)),
    }
}

/// What the windows mean for what is submitted today.
pub fn arrival_today(windows: &[Window], today: NaiveDate) -> String {
    match arrival(windows, today) {
        Ok(None) => "受付期間は決められていません。いつでも提出できます。".to_owned(),
        Ok(Some(w)) => {
            let left = (w.closes_on - today).num_days();
            let left = if left == 0 { "今日まで".to_owned() } else { format!("あと {left} 日") };
            format!("いまは受付期間です。締切は {}（{left}）、ID の発行は {} からです。", day(w.closes_on), day(w.issue_from))
        }
        Err(Some(next)) => format!("いまは受付期間の外です。提出したものは、次の受付が始まる {} まで待ちます。", day(next.opens_on)),
        Err(None) => "いまは受付期間の外です。次の受付期間は決まっていません。提出したものは、決まるまで待ちます。".to_owned(),
    }
}

/// A window.
pub fn window(w: &Window) -> String {
    format!("{} から {} まで　発行は {} から", date(w.opens_on), day(w.closes_on), day(w.issue_from))
}

/// 受付 第12-0001号
pub fn receipt_number(prefecture: akidoko_domain::id::PrefCode, number: i32) -> String {
    format!("第{prefecture}-{number:04}号")
}

/// What pressing a button does to one application.
pub fn press(action: Action) -> &'static str {
    match action {
        Action::Withdraw => "申請を取り下げる",
        Action::Resend => "パスワード設定のメールをもう一度送る",
        Action::Suspend => "ID を停止する",
        Action::Resume => "停止を解除する",
        Action::Unbundle => "記入中に戻す",
        _ => "進める",
    }
}

/// What that press means.
pub fn press_note(action: Action) -> &'static str {
    match action {
        Action::Withdraw => "取り下げた申請は戻せません。同じ本部を新しく申請できます。",
        Action::Resend => "前に送ったリンクは使えなくなります。",
        Action::Suspend => "この ID の全員がサインインできなくなり、開いている画面も閉じます。",
        Action::Resume => "前のパスワードで、また使えるようになります。",
        _ => "",
    }
}

/// What stands when nothing more is asked of the prefecture.
pub fn next_act(state: State, mail_came_back: bool) -> &'static str {
    match state {
        State::Issued if mail_came_back => "パスワード設定のメールが戻りました。宛先を直すと、新しいリンクを送ります。ID は変わりません。",
        State::Draft | State::Bundled => "必須の欄をすべて書くと、一覧から提出できます。",
        State::Submitted => "厚生労働省が審査しています。",
        State::WaitingWindow => "受付期間が始まると、審査の順番に入ります。",
        State::Consulting => "厚生労働省と個別に相談しています。下の「やりとり」に書き込めます。",
        State::Returned => "理由を読んで直し、一覧からもう一度提出してください。",
        State::Rejected => "この申請は終わりました。理由は下にあります。",
        State::Approved => "承認されました。発行の日を過ぎると、本部へ事前連絡のメールを送ります。",
        State::NoticeSent => "本部へ事前連絡のメールを送りました。届いたことを確かめています。",
        State::Delivered => "事前連絡が届きました。まもなく ID を発行します。",
        State::Bounced => "本部へのメールが戻りました。宛先を直すと、もう一度送ります。審査はやり直しません。",
        State::Issued => "ID を発行しました。本部がパスワードを設定するのを待っています。",
        State::Activated => "本部が ID を使っています。",
        State::Withdrawn => "この申請は取り下げられました。",
        State::Suspended => "この ID は停止しています。",
        State::Closed => "この ID は廃止されました。",
    }
}

/// Why nothing was changed; `None` where the answer has no words of its own.
pub fn refusal(error: &ApplicationError) -> Option<String> {
    Some(match error {
        ApplicationError::NotFound | ApplicationError::Store(_) => return None,
        ApplicationError::Forbidden => "お使いの ID では、この操作はできません。".to_owned(),
        ApplicationError::NotFromHere => {
            "いまの状態からは、この操作に進めません。画面を開き直して、いまの状態を確かめてください。".to_owned()
        }
        ApplicationError::Stale => {
            "ほかの人が先に変更しました。何も変えていません。画面を開き直して、いまの内容を確かめてから、もう一度操作してください。"
                .to_owned()
        }
        ApplicationError::ReasonMissing => "理由が書かれていません。理由を書いてください。".to_owned(),
        ApplicationError::TooLong => format!("{WORDS_MAX} 文字までで書いてください。"),
        ApplicationError::Nothing => {
            "ひとつも選ばれていないか、何も書かれていません。選ぶか書くかして、もう一度押してください。".to_owned()
        }
        ApplicationError::InUse => "この組織の ID は、もう使われています。操作者は、組織の管理者が「操作者」の画面で加えます。".to_owned(),
        ApplicationError::Taken => "同じ組織の申請か招待が、ほかにあります。一覧で確かめてください。".to_owned(),
        ApplicationError::Registered => "同じ医療機関コードの病院が名簿にあります。名簿から選んでください。".to_owned(),
        ApplicationError::Day => "引き継ぐ日は、今日から 2 年以内の日付で入れてください。".to_owned(),
        ApplicationError::TooLate => "操作できる時間を過ぎました。".to_owned(),
        ApplicationError::Findings(_) => "直すところがあります。印の付いた欄を直してください。".to_owned(),
        ApplicationError::Confirm(_) => "確かめるところがあります。「確かめました」に印を付けてください。".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_in_words() {
        let at = |s: &str| s.parse::<NaiveDate>().unwrap();
        let w = Window { opens_on: at("2026-03-01"), closes_on: at("2026-03-31"), issue_from: at("2026-04-06") };
        let all = [w];
        assert!(arrival_today(&all, at("2026-03-29")).contains("締切は 3月31日（火）（あと 2 日）、ID の発行は 4月6日（月）"));
        assert!(arrival_today(&all, at("2026-03-31")).contains("今日まで"));
        assert!(arrival_today(&all, at("2026-02-01")).contains("3月1日"));
        assert!(arrival_today(&all, at("2026-04-01")).contains("決まっていません"));
        assert!(arrival_today(&[], at("2026-04-01")).contains("いつでも"));
    }
}
