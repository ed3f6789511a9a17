//! What makes the quick screen an app on a telephone: a manifest, and the worker that keeps the screen for when there is no line.

use crate::{asset, view::path};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What the quick screen loads, so that it opens without a line.
const KEPT: [&str; 21] = [
    "dads/tokens.css",
    "app.css",
    "screens.css",
    "quick.css",
    "favicon.svg",
    "js/quick.js",
    "js/quick-queue.js",
    "js/quick-send.js",
    "js/quick-view.js",
    "js/quick-worker.js",
    "js/queue-bar.js",
    "js/report-form.js",
    "js/report-choices.js",
    "js/report-figures.js",
    "js/age.js",
    "js/draft.js",
    "js/fold.js",
    "js/rules.js",
    "js/typed.js",
    "icon/icon-192.png",
    "icon/icon-512.png",
];

fn icon(file: &str, sizes: &str, purpose: &str) -> Value {
    let kind = if sizes == "any" { "image/svg+xml" } else { "image/png" };
    json!({ "src": asset::url(file), "sizes": sizes, "type": kind, "purpose": purpose })
}

/// What a telephone puts on its home screen: where it starts, its name, the short one, what it is for, and further starts.
fn manifest_of(start: &str, (name, short): (&str, &str), description: &str, more: &[(&str, &str)]) -> Response {
    let shortcut = |(name, url): &(&str, &str)| json!({ "name": name, "url": url, "icons": [icon("icon/icon-192.png", "192x192", "any")] });
    let mut manifest = json!({
        "id": start, "name": name, "short_name": short, "lang": "ja", "dir": "ltr", "description": description, "start_url": start,
        "scope": "/", "display": "standalone", "background_color": "#ffffff", "theme_color": "#0017c1",
        "icons": [
            icon("favicon.svg", "any", "any"), icon("icon/icon-192.png", "192x192", "any"), icon("icon/icon-512.png", "512x512", "any"),
            icon("icon/maskable-512.png", "512x512", "maskable"),
        ],
    });
    if !more.is_empty() {
        manifest["shortcuts"] = more.iter().map(shortcut).collect();
    }
    let about = [(header::CONTENT_TYPE, "application/manifest+json; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (about, manifest.to_string()).into_response()
}

/// The manifest of who reports.
pub async fn manifest() -> Response {
    let starts = [("空床を更新", path::QUICK), ("今日の報告", path::REPORT), ("病床ボード", path::BOARD)];
    let names = ("空きどこ　空床の更新", "空きどこ");
    manifest_of(path::QUICK, names, "空床と受入状況を、その場で病床ボードに載せます。", &starts)
}

/// The manifest of the board, for crews and control rooms: from the home screen it opens at once.
pub async fn board_manifest() -> Response {
    manifest_of(path::BOARD, ("空きどこ　病床ボード", "病床ボード"), "いま受け入れられる病院を探します。", &[])
}

/// The worker. Its text names the files of this build, so that another build is another worker.
pub async fn quick_worker() -> Response {
    let files: Vec<String> = KEPT.iter().filter(|f| asset::has(f)).map(|f| asset::url(f)).collect();
    let text = format!(
        "import {{ start }} from {};\nstart({});\n",
        json!(asset::url("js/quick-worker.js")),
        json!({ "files": files, "page": path::QUICK, "shell": path::QUICK_SHELL }),
    );
    let about = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (about, text).into_response()
}

/// The worker of the board: a script at the root, since a worker keeps only what lies beneath it.
pub async fn board_worker() -> Response {
    let file = asset::own("js/board-worker.js").map(|a| a.bytes.clone()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], file).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_kept_is_there() {
        for file in KEPT.iter().filter(|f| !f.starts_with("dads/")) {
            assert!(asset::has(file), "{file}");
        }
        // A script that one of them imports is kept too.
        for file in KEPT.iter().filter(|f| f.starts_with("js/")) {
            let (hash, path) = asset::url(file)
                .strip_prefix("/assets/")
                .and_then(|u| u.split_once('/').map(|(h, p)| (h.to_owned(), p.to_owned())))
                .unwrap();
            let text = String::from_utf8(asset::get(&hash, &path).unwrap().bytes.to_vec()).unwrap();
            for import in text.split(" from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(KEPT.contains(&format!("js/{import}").as_str()), "{file} imports {import}");
            }
        }
        for file in ["icon/maskable-512.png", "icon/touch-180.png"] {
            assert!(asset::has(file), "{file}");
        }
    }
}
