//! Words that differ by the road of an ID: headquarters, hospitals, whoever is invited.

use super::{application, office};
use akidoko_domain::{
    application::{Action, Column, Form, FormProblem, HeadquartersType, Road, State},
    organisation::OrganisationKind,
};

/// 消防本部・医療機関・行政: as the office filters its list.
pub fn road(road: Road) -> &'static str {
    match road {
        Road::Bundle => "消防本部",
        Road::Hospital => "医療機関",
        Road::Invitation => "行政・団体",
    }
}

/// Kinds of organisation that are invited, in the order of the choice.
pub fn invited(kind: OrganisationKind) -> &'static str {
    let found = super::announcement::KINDS.iter().find(|(k, _)| *k == kind);
    found.map_or("組織", |(_, words)| *words)
}

/// What the applicant is.
pub fn kind_of(form: &Form) -> &'static str {
    match (form.road, HeadquartersType::parse(&form.headquarters_type)) {
        (Road::Hospital, _) => "医療機関",
        (Road::Invitation, _) => form.organisation_kind.map_or("組織", invited),
        (Road::Bundle, _) if form.applicant() == akidoko_domain::application::Applicant::Other => "消防本部以外",
        (Road::Bundle, Some(kind)) => kind.words(),
        (Road::Bundle, None) => "種別の記入なし",
    }
}

/// Where it stands. A hospital's draft lies with the hospital, what is bundled with its prefecture.
pub fn state(road: Road, state: State) -> &'static str {
    match (road, state) {
        (Road::Hospital, State::Draft) => "都道府県が差し戻し",
        (Road::Hospital, State::Bundled) => "都道府県の確認待ち",
        (Road::Hospital, State::Withdrawn) => "都道府県が見送り",
        (Road::Invitation, State::Approved) => "招待済み",
        (Road::Invitation, State::Withdrawn) => "招待を取り消し",
        _ => office::state(state),
    }
}

/// The mark of a state.
pub fn state_mark(road: Road, state: State) -> (&'static str, &'static str) {
    match (road, state) {
        (Road::Hospital, State::Draft) => office::state_mark(State::Returned),
        _ => office::state_mark(state),
    }
}

/// What stands in the history of a row.
pub fn step(road: Road, action: &str) -> &'static str {
    match (road, Action::parse(action)) {
        (Road::Hospital, Some(Action::Submit)) => "都道府県の承認",
        (Road::Hospital, Some(Action::Withdraw)) => "都道府県が取りやめ",
        _ => office::step(action),
    }
}

/// What is wrong, and how to mend it.
pub fn problem(road: Road, column: Column, problem: &FormProblem) -> String {
    match (road, problem) {
        (Road::Bundle, _) => application::problem(column, problem),
        (_, FormProblem::Missing) if column == Column::Prefecture => "都道府県を選んでください。".to_owned(),
        (_, FormProblem::Missing) if column == Column::OrganisationKind => "組織の種別を選んでください。".to_owned(),
        (_, FormProblem::Missing) => format!("{}が空です。", column.heading_on(road)),
        (_, FormProblem::SharedMail { other }) => format!("{other}と同じ宛先です。"),
        (Road::Hospital, FormProblem::HasId) => "同じ医療機関の申請が、ほかにもあります。".to_owned(),
        (Road::Invitation, FormProblem::HasId) => "同じ組織の招待が、すでにあります。".to_owned(),
        _ => application::problem(column, problem),
    }
}

/// The same in a few words.
pub fn doubt(road: Road, problem: &FormProblem) -> String {
    match (road, problem) {
        (Road::Hospital, FormProblem::HasId) => "同じ医療機関の申請がある".to_owned(),
        (Road::Invitation, FormProblem::HasId) => "同じ組織の招待がある".to_owned(),
        _ => office::doubt(problem),
    }
}

/// What helps to fill in a column.
pub fn hint(road: Road, column: Column) -> Option<&'static str> {
    match (road, column) {
        (Road::Hospital, Column::Name) => Some("例：青波市民病院。正式な名前を書きます。"),
        (Road::Hospital, Column::InstitutionCode) => {
            Some("10 けたの番号です。都道府県と点数表を除いた 7 けたでもかまいません。ないときは空けておきます。")
        }
        (Road::Hospital, Column::Email) => Some("ここに確認のメールを送ります。担当者が替わっても受け取れる、組織の宛先にします。"),
        (Road::Hospital, Column::Address) => Some("例：千葉県青波市中央1-1"),
        (Road::Invitation, Column::Name) => Some("例：青嶺県健康福祉部医療整備課。すでにある組織のときは、同じ名前を書きます。"),
        (Road::Invitation, Column::OrganisationKind | Column::Prefecture) => None,
        _ => application::hint(column),
    }
}

/// What pressing a button does to one application.
pub fn press(road: Road, action: Action) -> &'static str {
    match (road, action) {
        (Road::Hospital, Action::Withdraw) => "この申請を終える",
        _ => application::press(action),
    }
}

/// What that press means.
pub fn press_note(road: Road, action: Action) -> &'static str {
    match (road, action) {
        (Road::Hospital, Action::Withdraw) => "承認を取りやめ、理由を医療機関にメールで知らせます。終えた申請は戻せません。",
        _ => application::press_note(action),
    }
}

/// What stands when nothing more is asked of the prefecture.
pub fn next_act(road: Road, state: State, mail_came_back: bool) -> String {
    match (road, state) {
        (Road::Hospital, State::Draft) => "理由を医療機関に知らせました。直されると、もう一度ここに並びます。".to_owned(),
        (Road::Hospital, State::Bundled) => "内容を確かめて、名簿のどの病院かを選び、承認してください。".to_owned(),
        (Road::Hospital, State::Submitted) => "承認しました。厚生労働省が審査しています。".to_owned(),
        (Road::Hospital, State::Returned) => "厚生労働省が医療機関に差し戻しました。直されると、もう一度ここに並びます。".to_owned(),
        (Road::Hospital, State::Withdrawn) => "この申請は終わりました。".to_owned(),
        (Road::Bundle, _) => application::next_act(state, mail_came_back).to_owned(),
        _ => application::next_act(state, mail_came_back).replace("本部", "医療機関"),
    }
}

/// What the hospital reads behind its link.
pub fn applied(state: State) -> &'static str {
    match state {
        State::Bundled => "都道府県が内容を確かめています。このあと厚生労働省が審査し、ID をメールでお知らせします。",
        State::Submitted | State::WaitingWindow | State::Consulting => "都道府県が承認しました。厚生労働省が審査しています。",
        State::Approved | State::NoticeSent | State::Delivered | State::Bounced => {
            "承認されました。事前連絡のメールが届いたら、リンクを開いてください。"
        }
        State::Issued => "ID を発行しました。パスワード設定のメールのリンクから、パスワードを決めてください。",
        State::Activated => "ID は利用中です。",
        _ => "この申請は終わっています。都道府県の衛生主管部（局）へお問い合わせください。",
    }
}
