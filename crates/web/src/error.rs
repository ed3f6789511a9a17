//! What went wrong, for whoever asked: a status, a stable code, one sentence that says what to do. A page or a problem document is made
//! of it at the border, where the address tells which.

use crate::words;
use akidoko_service::{StoreError, board::BoardError};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A failure on its way out.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// The stable code, for programs.
    pub code: &'static str,
    /// What to do; `None`: what the status usually says.
    pub sentence: Option<String>,
    /// Members that a problem document carries beside.
    pub members: Map<String, Value>,
}

/// What handlers answer.
pub type Answer<T = Response> = Result<T, Failure>;

impl Failure {
    /// A failure whose status says enough.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, sentence: None, members: Map::new() }
    }

    /// With a sentence of its own.
    #[must_use]
    pub fn saying(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = Some(sentence.into());
        self
    }

    /// With a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// There is nothing here, as far as this person can know.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// Not for this kind of organisation.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// What was sent is not understood.
    pub fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request").saying(sentence)
    }

    /// As a problem document（RFC 9457）.
    pub fn problem(&self, request_id: &str) -> Response {
        let mut body = self.told();
        body.insert("request_id".to_owned(), request_id.into());
        (self.status, [("content-type", "application/problem+json")], Value::Object(body).to_string()).into_response()
    }

    /// Its members, without those of one request.
    pub fn told(&self) -> Map<String, Value> {
        let title = words::problem_title(self.code);
        let body = json!({ "type": "about:blank", "title": title, "status": self.status.as_u16(), "code": self.code });
        let mut body = if let Value::Object(body) = body { body } else { Map::new() };
        let detail = self.sentence.clone().or_else(|| words::problem_detail(self.code).map(str::to_owned));
        body.extend(detail.map(|s| ("detail".to_owned(), Value::String(s))));
        body.extend(self.members.clone());
        body
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    }
}

impl From<akidoko_service::open_data::OpenDataError> for Failure {
    fn from(error: akidoko_service::open_data::OpenDataError) -> Self {
        match error {
            akidoko_service::open_data::OpenDataError::Board(error) => error.into(),
            akidoko_service::open_data::OpenDataError::Store(error) => error.into(),
        }
    }
}

impl From<BoardError> for Failure {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::Forbidden => Self::forbidden(),
            BoardError::NotFound => Self::not_found(),
            BoardError::Choose => Self::bad_request("都道府県を prefecture で指定してください（例：prefecture=12）。"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.members.get("retry_after").and_then(Value::as_u64) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}
