//! The words of the office's pages: what is doubtful in short, steps, mails.

use akidoko_domain::application::{Action, FormProblem, State};
use akidoko_service::application::Outcome;

/// Where an application stands.
pub fn state(state: State) -> &'static str {
    match state {
        State::Draft => "記入中",
        State::Bundled => "束に入れた",
        State::Submitted => "審査待ち",
        State::WaitingWindow => "受付期間待ち",
        State::Consulting => "個別相談中",
        State::Returned => "差し戻し",
        State::Rejected => "却下",
        State::Approved => "承認済み",
        State::NoticeSent => "事前連絡を送付",
        State::Delivered => "事前連絡が到着",
        State::Bounced => "不達",
        State::Issued => "発行済み",
        State::Activated => "利用中",
        State::Withdrawn => "取り下げ",
        State::Suspended => "停止中",
        State::Closed => "廃止",
    }
}

/// The mark of a state: its class and its icon.
pub fn state_mark(state: State) -> (&'static str, &'static str) {
    match state {
        State::Submitted | State::WaitingWindow | State::Draft | State::Bundled => ("s-wait", "i-clock"),
        State::Consulting => ("s-mail", "i-warn"),
        State::Approved | State::NoticeSent | State::Delivered => ("s-mail", "i-mail"),
        State::Returned => ("s-ret", "i-back"),
        State::Bounced => ("s-ret", "i-err"),
        State::Issued | State::Activated => ("s-ok", "i-check"),
        State::Rejected | State::Withdrawn | State::Suspended | State::Closed => ("s-off", "i-off"),
    }
}

/// What stands in the history of a row.
pub fn step(action: &str) -> &'static str {
    match Action::parse(action) {
        None if action == "take_over" => "引き継いだ",
        None => "書き込み",
        Some(Action::Edit) => "記入・訂正",
        Some(Action::Apply) => "医療機関の申請",
        Some(Action::Invite) => "招待",
        Some(Action::Bundle) => "束に入れた",
        Some(Action::Unbundle) => "束から出した",
        Some(Action::Submit) => "提出",
        Some(Action::SubmitEarly) => "提出（受付期間の前）",
        Some(Action::SubmitForConsultation) => "提出（個別相談）",
        Some(Action::OpenWindow) => "受付期間が始まった",
        Some(Action::Allow) => "個別相談の結論：可",
        Some(Action::Approve) => "承認",
        Some(Action::Return) => "差し戻し",
        Some(Action::Reject) => "却下",
        Some(Action::Undo | Action::Reopen) => "取り消し",
        Some(Action::Withdraw) => "取り下げ",
        Some(Action::SendNotice) => "事前連絡を送った",
        Some(Action::Deliver) => "事前連絡が届いた",
        Some(Action::Bounce) => "メールが戻った",
        Some(Action::CorrectAddress) => "宛先を直した",
        Some(Action::Issue) => "ID を発行した",
        Some(Action::Resend) => "パスワード設定のメールをもう一度送った",
        Some(Action::Activate) => "パスワードを設定した",
        Some(Action::Suspend) => "停止",
        Some(Action::Resume) => "停止の解除",
        Some(Action::Close) => "廃止",
        Some(Action::PlanHandOver) => "引き継ぎを決めた",
        Some(Action::DropHandOver) => "引き継ぎを取りやめた",
        Some(Action::HandOver) => "引き継いで廃止",
    }
}

/// What a press did, after 「24 件」 or at the head of a sentence.
pub fn done(action: Action) -> &'static str {
    match action {
        Action::Approve => "を承認しました",
        Action::Return => "を差し戻しました",
        Action::Reject => "を却下しました",
        Action::Allow => "の個別相談を「可」とし、審査待ちに移しました",
        Action::Undo | Action::Reopen => "の処理を取り消し、審査待ちに戻しました",
        Action::Suspend => "の ID を停止しました",
        Action::Resume => "の停止を解除しました",
        Action::Close => "の ID を廃止しました",
        Action::Resend => "へ、パスワード設定のメールをもう一度送ります",
        _ => "を処理しました",
    }
}

/// Why an application was left as it stands.
pub fn left(outcome: Outcome, action: Action, stands: Option<State>) -> String {
    match (outcome, stands) {
        (Outcome::Stale, Some(stands)) => {
            format!("ほかの人が先に変えました（いまは「{}」）。内容を確かめてから、もう一度選んでください。", state(stands))
        }
        (Outcome::NotFromHere, Some(_)) if action == Action::Undo => {
            "取り消せる 5 分を過ぎたか、メールを送り始めたか、同じ申請者の申請が新しく始まっています。取り消していません。".to_owned()
        }
        (Outcome::NotFromHere, Some(stands)) => format!("「{}」からは、この処理に進めません。", state(stands)),
        _ => "この申請は見つかりません。".to_owned(),
    }
}

/// What is wrong or doubtful, in a few words.
pub fn doubt(problem: &FormProblem) -> String {
    match problem {
        FormProblem::Missing => "記入なし".to_owned(),
        FormProblem::TooLong { max } => format!("{max} 文字を超える"),
        FormProblem::NotText => "読めない文字".to_owned(),
        FormProblem::Formula => "数式らしい記入".to_owned(),
        FormProblem::OtherPrefecture { written } => format!("ほかの都道府県名（{written}）"),
        FormProblem::NotKana => "カタカナでない".to_owned(),
        FormProblem::UnknownType | FormProblem::UnknownKind => "選択肢にない種別".to_owned(),
        FormProblem::BadMunicipalityCode { written } => format!("市区町村コードの検査数字が違う（{written}）"),
        FormProblem::UnknownMunicipality { written } => format!("知らない市区町村（{written}）"),
        FormProblem::OtherPrefectureMunicipality { written } => format!("ほかの都道府県の市区町村（{written}）"),
        FormProblem::BadInstitutionCode => "医療機関コードの検査数字が違う".to_owned(),
        FormProblem::OtherPrefectureCode => "ほかの都道府県の医療機関コード".to_owned(),
        FormProblem::BadPostalCode => "郵便番号が 7 けたでない".to_owned(),
        FormProblem::BadPhone => "電話番号の形が違う".to_owned(),
        FormProblem::BadEmail => "メールアドレスの形が違う".to_owned(),
        FormProblem::EmailsDiffer => "2 つのメールアドレスが違う".to_owned(),
        FormProblem::NotFireHeadquarters => "消防本部ではない（事情の記入なし）".to_owned(),
        FormProblem::Consultation => "やむを得ない事情の申請".to_owned(),
        FormProblem::CarrierMail => "携帯電話会社の宛先".to_owned(),
        FormProblem::PrivateMail => "無料メールの宛先".to_owned(),
        FormProblem::PersonalMailbox => "個人のメールらしい宛先".to_owned(),
        FormProblem::Doubled { row } => format!("{row} 行目と同じ本部"),
        FormProblem::SharedMail { other } => format!("{other}と同じ宛先"),
        FormProblem::HasId => "同じ本部の申請か ID がある".to_owned(),
        FormProblem::Decided => "承認した名前と違う".to_owned(),
    }
}

/// Which mail.
pub fn mail_kind(kind: &str) -> &'static str {
    match kind {
        "notice" => "事前連絡",
        "password" => "パスワード設定",
        "reminder" => "設定の催促",
        "apply" => "申請の確認",
        "apply_returned" => "差し戻しの連絡",
        "apply_rejected" => "結果の連絡",
        "hand_over" => "引き継ぎの予告",
        "hand_over_dropped" => "引き継ぎの取りやめ",
        "handed_over" => "引き継ぎの完了",
        _ => "連絡",
    }
}

/// How a mail stands.
pub fn mail_state(state: &str, attempts: i32, opened: bool) -> &'static str {
    match (state, attempts, opened) {
        ("waiting", 0, _) => "送信待ち",
        ("waiting", ..) => "再送待ち",
        ("sent", _, true) => "開封",
        ("sent", ..) => "送信済み",
        ("failed", ..) => "送れず",
        ("bounced", ..) => "不達",
        ("cancelled", ..) => "取りやめ",
        _ => "不明",
    }
}
