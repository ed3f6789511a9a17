//! Delivery status notifications (RFC 3464): what mail servers write back when a letter did not arrive.
//!
//! Any bytes can come in here, from anybody. Nothing panics, and nothing is believed: who calls must know the Message-ID as one of their own.

use super::one_line;
use encoding_rs::{ISO_2022_JP, SHIFT_JIS};
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest diagnostic that is kept, in characters.
const DIAGNOSTIC: usize = 300;
/// Longer than any address or Message-ID may be.
const SHORT: usize = 320;

/// A letter that did not arrive, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The Message-ID of the letter, without angle brackets: from the letter that was sent back, else from what the notification answers.
    pub message_id: Option<String>,
    /// Whom it did not reach, as the server names them.
    pub recipient: Option<String>,
    /// The status of RFC 3463, such as `5.1.1`.
    pub status: Option<String>,
    /// What the server did, in small letters: `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: Option<String>,
    /// The server's words, one line of at most 300 characters.
    pub diagnostic: String,
    /// The server has given up. A delay, or a receipt, is not permanent. A failure is, even with a status of 4.x.x: then it tried for days.
    pub permanent: bool,
}

/// A mail that is no delivery status notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail is not a delivery status notification")]
pub struct NotABounce;

impl Bounce {
    /// Reads one mail, as it comes by a pipe or lies in a file. A `From ` line before it is skipped.
    pub fn read(bytes: &[u8]) -> Result<Self, NotABounce> {
        let bytes = match bytes.strip_prefix(b"From ") {
            Some(rest) => rest.iter().position(|&b| b == b'\n').map_or(&[][..], |at| &rest[at + 1..]),
            None => bytes,
        };
        // mail-parser 0.11 has panicked on damaged mail before; a mail from outside must not be able to stop the program.
        catch_unwind(AssertUnwindSafe(|| read(bytes))).unwrap_or(Err(NotABounce))
    }
}

/// Reads each mail of an mbox file, in its order.
pub fn bounces_of_mbox(bytes: &[u8]) -> Vec<Result<Bounce, NotABounce>> {
    mails(bytes).iter().map(|mail| Bounce::read(mail)).collect()
}

/// The mails of an mbox file. One begins with a `From ` line at the top or after a blank line; `>From ` inside is `From `.
fn mails(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut mails: Vec<Vec<u8>> = Vec::new();
    let mut blank = true;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if blank && line.starts_with(b"From ") {
            mails.push(Vec::new());
        } else if let Some(mail) = mails.last_mut() {
            let unquoted = line.iter().position(|&b| b != b'>').filter(|&at| at > 0 && line[at..].starts_with(b"From "));
            mail.extend_from_slice(if unquoted.is_some() { &line[1..] } else { line });
        }
        blank = matches!(line, b"\n" | b"\r\n");
    }
    mails
}

fn read(bytes: &[u8]) -> Result<Bounce, NotABounce> {
    let mail = MessageParser::default().parse(bytes).ok_or(NotABounce)?;
    let about = mail.content_type().ok_or(NotABounce)?;
    let report = about.c_type.eq_ignore_ascii_case("multipart") && about.subtype().is_some_and(|s| s.eq_ignore_ascii_case("report"));
    let delivery = about.attribute("report-type").is_none_or(|t| {
        let t = t.trim();
        t.eq_ignore_ascii_case("delivery-status") || t.eq_ignore_ascii_case("global-delivery-status")
    });
    if !report || !delivery {
        return Err(NotABounce);
    }
    let status = mail.parts.iter().find(|p| is(p, "message", &["delivery-status", "global-delivery-status"])).ok_or(NotABounce)?;
    let groups = groups(raw(status));
    // One letter has one recipient here. Should there be more, the one that failed matters.
    let failed = |g: &&Group| g.get("action").is_some_and(|a| action(&a) == "failed");
    let of_recipient = |g: &&Group| g.get("final-recipient").or_else(|| g.get("original-recipient")).or_else(|| g.get("action")).is_some();
    let group = groups.iter().find(failed).or_else(|| groups.iter().find(of_recipient)).ok_or(NotABounce)?;
    let action = group.get("action").map(|a| action(&a)).filter(|a| !a.is_empty());
    let status = group.get("status").and_then(|s| enhanced_status(&s));
    Ok(Bounce {
        message_id: message_id(&mail),
        recipient: recipient(group),
        permanent: match action.as_deref() {
            Some(action) => action == "failed",
            None => status.as_ref().is_some_and(|s| s.starts_with('5')),
        },
        status,
        action,
        diagnostic: group.get("diagnostic-code").map(|d| one_line(&after_type(&d), DIAGNOSTIC)).unwrap_or_default(),
    })
}

fn is(part: &MessagePart<'_>, kind: &str, subtypes: &[&str]) -> bool {
    part.content_type().is_some_and(|c| {
        c.c_type.eq_ignore_ascii_case(kind) && c.subtype().is_some_and(|s| subtypes.iter().any(|known| s.eq_ignore_ascii_case(known)))
    })
}

/// The bytes of a part that is read as fields, whatever mail-parser takes it for.
fn raw<'a>(part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Message(inner) => inner.raw_message(),
        _ => part.contents(),
    }
}

/// Fields up to a blank line: about the letter, or about one recipient.
struct Group(Vec<(String, Vec<u8>)>);

impl Group {
    /// The value of a field, in one line.
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| decoded(value)).filter(|value| !value.is_empty())
    }
}

fn groups(bytes: &[u8]) -> Vec<Group> {
    let mut groups = vec![Group(Vec::new())];
    for line in bytes.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let fields = groups.last_mut().map(|g| &mut g.0).expect("there is a first");
        if line.trim_ascii().is_empty() {
            if !fields.is_empty() {
                groups.push(Group(Vec::new()));
            }
        } else if line[0].is_ascii_whitespace() {
            if let Some((_, value)) = fields.last_mut() {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
        } else if let Some(colon) = line.iter().position(|&b| b == b':') {
            let name = String::from_utf8_lossy(line[..colon].trim_ascii()).to_ascii_lowercase();
            fields.push((name, line[colon + 1..].trim_ascii().to_vec()));
        }
    }
    groups
}

/// Text of servers that write what they like: encoded words, UTF-8, ISO-2022-JP or Shift_JIS.
fn decoded(value: &[u8]) -> String {
    let text = if value.contains(&0x1b) {
        ISO_2022_JP.decode(value).0.into_owned()
    } else {
        std::str::from_utf8(value).map_or_else(|_| SHIFT_JIS.decode(value).0.into_owned(), str::to_owned)
    };
    if !text.contains("=?") {
        return text.trim().to_owned();
    }
    let header = format!("Subject: {}\r\n\r\n", text.replace(['\r', '\n'], " "));
    let words = MessageParser::default().parse_headers(header.as_bytes()).and_then(|m| m.subject().map(str::to_owned));
    words.unwrap_or(text).trim().to_owned()
}

/// `smtp; 550 no` without the kind of system before it.
fn after_type(value: &str) -> String {
    match value.split_once(';') {
        Some((kind, rest)) if !kind.trim().contains(char::is_whitespace) => rest.trim().to_owned(),
        _ => value.to_owned(),
    }
}

/// `failed (some comment)` as `failed`.
fn action(value: &str) -> String {
    value.trim().chars().take_while(char::is_ascii_alphabetic).take(20).collect::<String>().to_ascii_lowercase()
}

/// `5.1.1 (some comment)` as `5.1.1`.
fn enhanced_status(value: &str) -> Option<String> {
    let status: String = value.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let mut parts = status.split('.');
    let class = parts.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let rest: Vec<&str> = parts.collect();
    (class && rest.len() == 2 && rest.iter().all(|part| (1..=3).contains(&part.len()))).then_some(status)
}

/// The address that was written on the letter, else the one it was forwarded to.
fn recipient(group: &Group) -> Option<String> {
    let value = group.get("original-recipient").or_else(|| group.get("final-recipient"))?;
    let address = after_type(&value);
    Some(one_line(address.trim_matches(['<', '>', ' ']), SHORT)).filter(|a| !a.is_empty())
}

fn message_id(mail: &Message<'_>) -> Option<String> {
    let returned = mail.parts.iter().filter(|p| !std::ptr::eq(*p, mail.root_part())).find_map(|part| match &part.body {
        PartType::Message(letter) => letter.message_id().map(str::to_owned),
        _ if is(part, "text", &["rfc822-headers"]) || is(part, "message", &["rfc822", "rfc822-headers", "global", "global-headers"]) => {
            let headers = MessageParser::default().parse_headers(part.contents())?;
            headers.message_id().map(str::to_owned)
        }
        _ => None,
    });
    let first = |value: &HeaderValue<'_>| match value {
        HeaderValue::Text(id) => Some(id.to_string()),
        HeaderValue::TextList(ids) => ids.first().map(ToString::to_string),
        _ => None,
    };
    let id = returned.or_else(|| first(mail.in_reply_to())).or_else(|| first(mail.references()))?;
    Some(one_line(id.trim_matches(['<', '>', ' ']), SHORT)).filter(|id| !id.is_empty())
}
