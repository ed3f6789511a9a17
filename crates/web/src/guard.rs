//! What surrounds every request: a number for the log, refusal of what other sites send, the headers that keep browsers honest, and the
//! form in which a failure is told.

use crate::{
    error::Failure,
    extract::{SESSION_COOKIE, cookie},
    state::{State, Tiles},
    view::ErrorPage,
};
use askama::Template;
use axum::{
    extract::{Request, State as Extract},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

/// Everything comes from here; pictures of the map also from its tiles' host, where the operator named one.
pub(crate) fn content_security_policy(tiles: Option<&Tiles>) -> HeaderValue {
    let tiles = tiles.map(|t| format!(" {}", t.origin())).unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; connect-src 'self'; worker-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    // A host has only letters, digits, dots, hyphens and a colon: see `Tiles::new`.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'"))
}

/// How long a file under an address of its own content may be kept.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// See the module.
pub async fn guard(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let id = request_id();
    let is_api = request.uri().path().starts_with("/api/");
    let method = request.method().clone();
    let uri = request.uri().clone();
    let token = if is_api { None } else { cookie(request.headers(), SESSION_COOKIE).map(str::to_owned) };

    let response = if is_cross_site(&request) {
        Failure::new(StatusCode::FORBIDDEN, "cross_site")
            .saying("別のサイトからの操作は受け付けません。この画面を開き直してください。")
            .into_response()
    } else {
        next.run(request).await
    };
    let mut response =
        if response.status().as_u16() < 400 { response } else { tell(&state, response, is_api, &id, token.as_deref()).await };
    if response.status().is_server_error() {
        tracing::error!(request.id = id, http.method = %method, http.path = uri.path(), http.status = response.status().as_u16(), "request failed");
    }
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-")));
    if status == StatusCode::NOT_MODIFIED {
        // The browser keeps the headers that came with the bytes.
        return response;
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if headers.get(header::CACHE_CONTROL).is_some_and(|c| c == FOR_EVER) {
        // A file of a page: what it may do, the page says that loads it.
        return response;
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, state.csp.clone());
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=(self)"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    // Whatever a handler does not say otherwise of is personal.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    if state.options.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Numbers of requests, from a random beginning on: told apart between processes, and nothing to be guessed from them.
fn request_id() -> String {
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| {
        let mut start = [0; 8];
        let _ = getrandom::fill(&mut start);
        AtomicU64::new(u64::from_be_bytes(start))
    });
    format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A browser says where a request comes from; whatever says nothing of the kind is no browser and carries no one's cookies unasked.
fn is_cross_site(request: &Request) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let header = |name: &str| request.headers().get(name).and_then(|h| h.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = header("origin") else { return false };
    let host = header("host").or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str)).unwrap_or_default();
    origin.split_once("://").map(|(_, rest)| rest) != Some(host)
}

async fn tell(state: &State, response: Response, is_api: bool, id: &str, token: Option<&str>) -> Response {
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| !t.as_bytes().starts_with(b"text/plain"));
    if told {
        return response;
    }
    let failure =
        response.extensions().get::<Failure>().cloned().unwrap_or_else(|| Failure::new(status, usual_code(status)).saying(usual(status)));
    let mut told = if is_api {
        failure.problem(id)
    } else {
        let session = match token {
            Some(token) => state.service.session(token).await.ok().flatten(),
            None => None,
        };
        let next = failure.members.get("next").and_then(serde_json::Value::as_str);
        let page = ErrorPage::new(state.frame(session.as_deref()), status.as_u16(), failure.sentence, id).leading_to(next);
        (status, Html(page.render().unwrap_or_default())).into_response()
    };
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            told.headers_mut().insert(name, value.clone());
        }
    }
    if is_api && status == StatusCode::UNAUTHORIZED {
        told.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    told
}

fn usual_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "bad_request",
        404 => "not_found",
        405 => "method_not_allowed",
        408 => "timeout",
        413 => "too_large",
        415 => "unsupported_media_type",
        422 => "unprocessable",
        _ => "error",
    }
}

fn usual(status: StatusCode) -> String {
    match status.as_u16() {
        404 => "アドレスを確かめてください。",
        // It may be written all the same: what waits for the database is not taken back.
        408 => "時間がかかっています。受け取られたかどうかを履歴か受領の画面で確かめてから、もう一度送ってください。API では、同じ Idempotency-Key なら送り直しても二重になりません。",
        405 => "この操作はこのアドレスでは受けられません。",
        413 => "送られたものが大きすぎます。小さくしてから、もう一度送ってください。",
        415 => "本文の種類（Content-Type）が違います。API には application/json で送ってください。",
        400 | 422 => "本文を読めません。形を確かめて、もう一度送ってください。",
        _ => "処理できませんでした。変更は行われていません。もう一度試してください。",
    }
    .to_owned()
}
