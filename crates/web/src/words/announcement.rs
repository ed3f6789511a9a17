//! The words of お知らせ.

use akidoko_domain::{
    announcement::{BODY_MAX, Problem, SUBJECT_MAX, State},
    organisation::OrganisationKind,
};
use akidoko_service::announcement::AnnouncementError;

/// Where it stands.
pub fn state(state: State) -> &'static str {
    match state {
        State::Draft => "下書き",
        State::Scheduled => "送信予約",
        State::Sent => "送信済み",
        State::Discarded => "削除済み",
    }
}

/// The mark of a state: class and icon.
pub fn state_mark(state: State) -> (&'static str, &'static str) {
    match state {
        State::Draft => ("s-wait", "i-off"),
        State::Scheduled => ("s-wait", "i-clock"),
        State::Sent => ("s-ok", "i-check"),
        State::Discarded => ("s-off", "i-off"),
    }
}

/// Kinds to whom the ministry writes, in its order.
pub const KINDS: [(OrganisationKind, &str); 7] = [
    (OrganisationKind::FireHeadquarters, "消防本部"),
    (OrganisationKind::PrefectureHealth, "都道府県 衛生主管部局"),
    (OrganisationKind::PrefectureFire, "都道府県 消防防災主管部局"),
    (OrganisationKind::HealthCity, "保健所設置市・特別区"),
    (OrganisationKind::HealthCentre, "保健所"),
    (OrganisationKind::Hospital, "医療機関"),
    (OrganisationKind::Association, "とりまとめ団体"),
];

fn problem(problem: Problem) -> String {
    match problem {
        Problem::NoSubject => "件名を書いてください。".to_owned(),
        Problem::Subject => format!("件名は 1 行、{SUBJECT_MAX} 文字までにしてください。"),
        Problem::NoBody => "本文を書いてください。".to_owned(),
        Problem::Body => format!("本文は {BODY_MAX} 文字までにしてください。見えない文字が入っているときは、打ち直してください。"),
        Problem::NoKind => "宛先の組織を 1 つ以上選んでください。".to_owned(),
        Problem::Moment => "送る日時は、いまから 1 年以内で入れてください。".to_owned(),
    }
}

/// Why nothing was changed; `None` where the answer has no words of its own.
pub fn refusal(error: &AnnouncementError) -> Option<String> {
    Some(match error {
        AnnouncementError::NotFound | AnnouncementError::Store(_) => return None,
        AnnouncementError::Forbidden => "お知らせは、厚生労働省の ID で書きます。".to_owned(),
        AnnouncementError::Stale => {
            "ほかの人が先に変えました。何も保存していません。画面を開き直して、いまの内容を確かめてください。".to_owned()
        }
        AnnouncementError::NotFromHere => "いまの状態からは、この操作に進めません。画面を開き直してください。".to_owned(),
        AnnouncementError::Problems(problems) => problems.iter().map(|p| problem(*p)).collect(),
        AnnouncementError::Nobody => "この宛先に当てはまる組織がありません。宛先を選び直してください。".to_owned(),
    })
}
