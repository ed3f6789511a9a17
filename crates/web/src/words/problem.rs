//! The title of a problem document: what kind of trouble it is, in a few words.

/// By the stable code.
pub fn problem_title(code: &str) -> &'static str {
    match code {
        "unauthorized" => "有効なキーがありません",
        "network" => "このネットワークからは使えません",
        "rate_limited" => "要求が多すぎます",
        "forbidden" => "この操作はできません",
        "not_found" => "見つかりません",
        "bad_request" => "要求を読めません",
        "unreadable" => "本文を読めません",
        "unsupported_media_type" => "本文の種類が違います",
        "too_large" => "本文が大きすぎます",
        "method_not_allowed" => "この操作は受けられません",
        "timeout" => "時間内に終わりませんでした",
        "cross_site" => "別のサイトからの操作です",
        "invalid" => "報告に直すところがあります",
        "confirm" => "報告に確かめるところがあります",
        "conflict" => "ほかの版が先に報告されています",
        "future_date" => "まだ来ていない日です",
        "before_survey" => "調査が始まる前の日です",
        "reason_missing" => "訂正の理由がありません",
        "bad_reason" => "訂正の理由に直すところがあります",
        "bad_as_of" => "その日の時刻ではありません",
        "nothing_before" => "前の報告がありません",
        "idempotency_mismatch" => "同じ Idempotency-Key で違う内容です",
        "bad_idempotency_key" => "Idempotency-Key を読めません",
        "bad_batch" => "報告の件数が違います",
        "batch_refused" => "まとめて受け付けられません",
        "duplicate" => "同じ報告が二重にあります",
        "not_taken" => "受け付けていません",
        "unavailable" => "いまは処理できません",
        _ => "処理できませんでした",
    }
}

/// What to do, where nothing more can be said.
pub fn problem_detail(code: &str) -> Option<&'static str> {
    Some(match code {
        "not_found" => "アドレスと ID を確かめてください。",
        "forbidden" => "このキーや ID では、この操作はできません。組織の管理者に確かめてください。",
        "unavailable" => "変わったものはありません。同じ内容を、もう一度送ってください。",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::problem_title;

    #[test]
    fn titles_are_short_and_calm() {
        for code in ["unauthorized", "invalid", "conflict", "idempotency_mismatch", "batch_refused", "something_new"] {
            let title = problem_title(code);
            assert!(title.chars().count() <= 40 && !title.ends_with('。') && !title.contains(['!', '！']), "{code}: {title}");
        }
    }
}
