//! JSON that programs send, and the name that they may give a request so that it works once.

use crate::error::Failure;
use akidoko_service::batch::Answering;
use akidoko_service::batch::Once;
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The header by which a request works once.
const ONCE: HeaderName = HeaderName::from_static("idempotency-key");
/// Said of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest name of a request.
const ONCE_MAX: usize = 200;

/// A body as it came, with what tells it from another one.
pub struct Sent {
    /// The JSON.
    pub value: Value,
    hash: Vec<u8>,
    once: Option<String>,
}

/// Reads a body of at most `limit` bytes.
pub async fn read(mut request: Request, limit: usize) -> Result<Sent, Failure> {
    let once = once_key(request.headers())?;
    let is_json = request.headers().get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    });
    if !is_json {
        let failure = Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type");
        return Err(failure.saying("Content-Type: application/json を付けて送ってください。"));
    }
    let about = format!("{} {}\n", request.method(), request.uri());
    DefaultBodyLimit::max(limit).apply(&mut request);
    let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
            .saying(format!("本文が大きすぎます。{} KiB までにしてください。", limit / 1024)),
        status => Failure::new(status, "unreadable").saying("本文が途中で切れました。もう一度送ってください。"),
    })?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(StatusCode::BAD_REQUEST, "unreadable")
            .saying(format!("JSON を読めません（{} 行 {} 文字目）。形を確かめてください。", error.line(), error.column()))
            .with("cause", short(&error.to_string()).into())
    })?;
    // Of the JSON, not of its bytes: blanks and the order of members make no other request.
    let mut hash = Sha256::new();
    hash.update(about.as_bytes());
    hash.update(value.to_string().as_bytes());
    Ok(Sent { value, hash: hash.finalize().to_vec(), once })
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

fn once_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut all = headers.get_all(&ONCE).iter();
    let Some(first) = all.next() else { return Ok(None) };
    let key = first.to_str().ok().map(str::trim).filter(|k| (1..=ONCE_MAX).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic()));
    let key = key.filter(|_| all.next().is_none()).ok_or_else(|| {
        Failure::new(StatusCode::BAD_REQUEST, "bad_idempotency_key")
            .saying(format!("Idempotency-Key は、空白のない英数字と記号で {ONCE_MAX} 文字までにして、1 つだけ付けてください。"))
    })?;
    Ok(Some(key.to_owned()))
}

/// Reads JSON as what is expected. What does not fit is named by its place.
pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = error.path().to_string();
        let place = if at == "." { String::new() } else { format!("（{at}）") };
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable")
            .saying(format!("JSON の形が決まりと違います{place}。API の説明を見て、直してください。"))
            .with("at", at.into())
            .with("cause", short(&error.inner().to_string()).into())
    })
}

impl Sent {
    /// The name of the request with what is to be answered, where it has one.
    pub fn once(&self, answer: Answering) -> Option<Once> {
        let key = self.once.clone()?;
        Some(Once { key, request_hash: self.hash.clone(), answer })
    }
}

/// An answer as it is kept.
pub fn kept(status: StatusCode, body: &Value) -> String {
    json!({ "status": status.as_u16(), "body": body }).to_string()
}

/// An answer that was given before, once more.
pub fn again(kept: &str) -> Response {
    let mut kept: Value = serde_json::from_str(kept).unwrap_or_default();
    let status = kept["status"].as_u64().and_then(|s| StatusCode::from_u16(u16::try_from(s).ok()?).ok()).unwrap_or(StatusCode::OK);
    (status, [(REPLAYED, HeaderValue::from_static("true"))], Json(kept["body"].take())).into_response()
}

/// Another request came under the same name.
pub fn mismatch() -> Failure {
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_mismatch").saying(
        "同じ Idempotency-Key で、違う内容がすでに受け付けられています。内容を変えるときは、新しい Idempotency-Key にしてください。",
    )
}
