//! A form with a file, as a browser sends it, and back.

use crate::harness::{Got, Person};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use http_body_util::BodyExt;

const LINE: &str = "----akidoko-test";

/// Sends fields and a file.
pub async fn send(who: &Person<'_>, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Got {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(format!("--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    if let Some((name, bytes)) = file {
        body.extend_from_slice(
            format!("--{LINE}\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{LINE}--\r\n").as_bytes());
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("host", "localhost")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, &who.cookie)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={LINE}"));
    who.app.ask(request.body(Body::from(body)).unwrap()).await
}

/// Drops a file.
pub async fn drop_file(who: &Person<'_>, name: &str, bytes: &[u8]) -> Got {
    send(who, "/report/files", &[], Some((name, bytes))).await
}

/// The value of a hidden field, as the browser would send it back.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let value = page.split_once(&mark).and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value);
    value
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// Saves a checked file with what is said beside its rows.
pub async fn save(who: &Person<'_>, check: &Got, more: &[(&str, &str)]) -> Got {
    let (rows, day) = (hidden(&check.text, "rows"), hidden(&check.text, "day"));
    let mut shown = Vec::new();
    for piece in check.text.split("name=\"shown\" value=\"").skip(1) {
        shown.push(piece.split_once('"').unwrap().0.to_owned());
    }
    for piece in check.text.split("name=\"kept\" value=\"").skip(1) {
        shown.push(format!("kept {}", piece.split_once('"').unwrap().0));
    }
    let mut fields: Vec<(&str, &str)> = vec![("rows", &rows), ("day", &day)];
    fields.extend(shown.iter().map(|s| s.strip_prefix("kept ").map_or(("shown", s.as_str()), |k| ("kept", k))));
    fields.extend(more);
    send(who, "/report/files/save", &fields, None).await
}

/// The bytes of a file that is handed out.
pub async fn bytes(who: &Person<'_>, path: &str) -> Vec<u8> {
    let response = who.app.send(who.request(Method::GET, path, None)).await;
    assert_eq!(response.status(), 200, "{path}");
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}
