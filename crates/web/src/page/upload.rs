//! A form with a file.

use crate::{error::Failure, state::State};
use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::StatusCode,
};

/// As much is taken by the routes of files: one of 5 MiB, or its rows with what was mended.
const BODY: usize = 6 << 20;

/// The parts of a form with a file.
#[derive(Default)]
pub(super) struct Parts {
    /// Everything but the file.
    pub(super) fields: Vec<(String, String)>,
    /// Its name and its bytes.
    pub(super) file: Option<(String, Bytes)>,
}

impl Parts {
    /// A field; empty where it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }
}

/// More was sent than is taken.
pub(super) struct TooLarge;

/// Reads the parts.
pub(super) async fn parts(state: &State, mut request: Request) -> Result<Result<Parts, TooLarge>, Failure> {
    let unreadable = || Failure::bad_request("画面から送られた内容を読めません。画面を開き直して、もう一度ファイルを選んでください。");
    DefaultBodyLimit::max(BODY).apply(&mut request);
    let mut multipart = Multipart::from_request(request, state).await.map_err(|_| unreadable())?;
    let mut parts = Parts::default();
    loop {
        let refused = |status: StatusCode| if status == StatusCode::PAYLOAD_TOO_LARGE { Ok(Err(TooLarge)) } else { Err(unreadable()) };
        let part = match multipart.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(Ok(parts)),
            Err(error) => return refused(error.status()),
        };
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(|f| f.chars().filter(|c| !c.is_control()).take(120).collect::<String>());
        let bytes = match part.bytes().await {
            Ok(bytes) => bytes,
            Err(error) => return refused(error.status()),
        };
        match file {
            Some(file) => parts.file = Some((file, bytes)),
            None => parts.fields.push((name, String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?)),
        }
    }
}
