//! The page for what went wrong: one sentence of what is so, one of what to do, and the number under which the log knows it.

use super::{Frame, Here, path};
use askama::Template;

/// An error.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    frame: Frame,
    status: u16,
    title: &'static str,
    sentence: String,
    request_id: String,
    sign_in: String,
}

impl ErrorPage {
    /// `sentence` is what to do, where the handler knows more than the status says.
    pub fn new(frame: Frame, status: u16, sentence: Option<String>, request_id: impl Into<String>) -> Self {
        let (title, usual) = usual(status);
        Self {
            frame: frame.of(title, Here::Elsewhere, &[]),
            status,
            title,
            sentence: sentence.unwrap_or_else(|| usual.to_owned()),
            request_id: request_id.into(),
            sign_in: path::SIGN_IN.to_owned(),
        }
    }

    /// After signing in it goes on there.
    #[must_use]
    pub fn leading_to(mut self, next: Option<&str>) -> Self {
        if let Some(next) = next {
            self.sign_in = format!("{}?next={}&ended=1", path::SIGN_IN, path::encode(next));
        }
        self
    }
}

fn usual(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("サインインが必要です", "サインインしてから、もう一度開いてください。"),
        403 => ("この操作はできません", "お使いの ID では行えません。必要なときは、組織の管理者に相談してください。"),
        404 => ("ページが見つかりません", "アドレスを確かめるか、はじめの画面から開き直してください。"),
        405 | 415 => ("この操作は受けられません", "はじめの画面から、もう一度操作してください。"),
        408 | 504 => ("時間がかかりすぎました", "通信を確かめて、もう一度試してください。"),
        409 => ("ほかの人が先に変えました", "画面を読み込み直して、いまの内容を確かめてください。"),
        413 => ("送られたものが大きすぎます", "小さくしてから、もう一度送ってください。"),
        429 => ("回数が多すぎます", "1 分ほど待ってから、もう一度試してください。"),
        503 => ("いまは使えません", "1 分ほど待ってから、読み込み直してください。急ぐときは病院へ電話してください。"),
        400..500 => ("受け取れませんでした", "入力を確かめて、もう一度送ってください。"),
        _ => ("処理できませんでした", "変更は行われていません。もう一度試してください。続くときは、下の番号を管理者に知らせてください。"),
    }
}
