//! What the API is, for people: how to begin, each operation with its examples, what refusals mean.

use super::{Frame, Here};
use crate::{
    api::{EXAMPLES, Example},
    words,
};
use askama::Template;
use std::fmt::Write as _;

/// An example, ready to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    summary: &'static str,
    curl: String,
    status: u16,
    answer: String,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    method: &'static str,
    path: &'static str,
    examples: Vec<Shown>,
}

/// Method, path, title, what to know.
const OPERATIONS: [(&str, &str, &str, &str); 8] = [
    ("get", "/api/v1/surveys", "調査の項目", "いま使われている調査の項目と、入れられる値です。項目の名前は answers のキーになります。"),
    ("get", "/api/v1/hospitals", "報告できる医療機関", "このキーで報告できる医療機関と、医療情報ネットや G-MIS の番号です。"),
    (
        "put",
        "/api/v1/hospitals/{code}/reports/{date}",
        "1 日の報告",
        "画面と同じ決まりで確かめます。答えが返ったときには保存されています。もう一度送ると、次の版になります。kind が full のとき、answers にない項目は未回答です。quick のときは、書いた項目だけが変わります。",
    ),
    ("get", "/api/v1/hospitals/{code}/reports/{date}", "1 日の版", "その日に報告された版を、新しい順に返します。"),
    ("get", "/api/v1/hospitals/{code}/reports", "期間の履歴", "366 日、1,000 版までを、新しい順に返します。"),
    (
        "post",
        "/api/v1/reports",
        "まとめて報告",
        "1,000 件、4 MiB までを 1 度に送れます。all_or_nothing はすべてかどれもなし、each は 1 件ずつです。まとめて送っても、1 分間の回数は 1 回です。",
    ),
    (
        "get",
        "/api/v1/board",
        "病床ボード",
        "自分の都道府県のボードです。ETag を If-None-Match に付けて送ると、変わっていなければ 304 だけが返ります。",
    ),
    (
        "get",
        "/api/v1/board/events",
        "ボードの変化",
        "変わるたびに、その医療機関の行が届きます（server-sent events）。つなぎ直すときは、最後に受け取った id を Last-Event-ID に付けると、もれません。",
    ),
];

/// Codes of refusals that are worth a line, and what to do.
const CODES: [(&str, &str); 16] = [
    ("unauthorized", "キーがないか、期限切れか、取り消されています。管理者に新しいキーを頼んでください。"),
    ("forbidden", "このキーか組織では、この操作はできません。キーの設定を確かめてください。"),
    ("network", "キーに決められたネットワークの外から送られています。"),
    ("not_found", "その ID の医療機関はないか、自分の都道府県の外です。"),
    ("rate_limited", "1 分間の回数を超えました。Retry-After の秒数を待って、もう一度送ってください。"),
    ("unreadable", "JSON を読めません。at が場所、cause が理由です。"),
    ("invalid", "errors の項目を直してください。"),
    ("confirm", "warnings を確かめ、正しければ id を confirmed に入れて送ってください。"),
    ("conflict", "ほかの版が先に報告されました。読み直してください。"),
    ("future_date", "まだ来ていない日です。"),
    ("reason_missing", "過ぎた日の訂正には reason が必要です。"),
    ("bad_as_of", "as_of はその日のうちの、過ぎた時刻にしてください。"),
    ("idempotency_mismatch", "同じ Idempotency-Key で違う内容です。新しい名前にしてください。"),
    ("batch_refused", "どれも受け付けていません。results を見て直してください。"),
    ("duplicate", "同じ医療機関の同じ日の報告が二重にあります。"),
    ("unavailable", "こちらの都合です。変わったものはありません。同じ内容を、もう一度送ってください。"),
];

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "api.html")]
pub struct ApiPage {
    frame: Frame,
    operations: Vec<Operation>,
    codes: Vec<(&'static str, &'static str, &'static str)>,
    can_make: bool,
}

impl ApiPage {
    /// `site` is the beginning of the address, `https://akidoko.example`.
    pub fn new(frame: Frame, site: &str) -> Self {
        let can_make = frame.viewer.as_ref().is_some_and(|v| v.is_administrator);
        let operation = |(method, path, title, about)| Operation {
            id: id(method, path),
            title,
            about,
            method,
            path,
            examples: EXAMPLES.iter().filter(|e| e.method == method && e.path == path).map(|e| shown(e, site)).collect(),
        };
        Self {
            frame: frame.of("API の説明", Here::Keys, &[]).with_sheets(&["keys.css"]),
            operations: OPERATIONS.into_iter().map(operation).collect(),
            codes: CODES.into_iter().map(|(code, about)| (code, words::problem_title(code), about)).collect(),
            can_make,
        }
    }
}

fn id(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("get", "/api/v1/surveys") => "surveys",
        ("get", "/api/v1/hospitals") => "hospitals",
        ("put", _) => "put",
        ("get", "/api/v1/hospitals/{code}/reports/{date}") => "day",
        ("get", "/api/v1/hospitals/{code}/reports") => "history",
        ("post", _) => "batch",
        ("get", "/api/v1/board") => "board",
        _ => "events",
    }
}

fn shown(example: &'static Example, site: &str) -> Shown {
    let answer = serde_json::to_string_pretty(&example.answer).unwrap_or_default();
    Shown { summary: &example.summary, curl: curl(example, site), status: example.status, answer }
}

/// The request as it is typed in a terminal.
fn curl(example: &Example, site: &str) -> String {
    let mut out = "curl".to_owned();
    // Writing to a String cannot fail.
    if example.method != "get" {
        let _ = write!(out, " -X {}", example.method.to_uppercase());
    }
    let _ = write!(out, " '{site}{}' \\\n  -H \"Authorization: Bearer $AKIDOKO_KEY\"", example.address());
    if let Some(once) = example.once() {
        let _ = write!(out, " \\\n  -H 'Idempotency-Key: {once}'");
    }
    if !example.body.is_null() {
        let body = serde_json::to_string_pretty(&example.body).unwrap_or_default();
        let _ = write!(out, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'");
    }
    out
}
