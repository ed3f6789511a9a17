//! Where chance comes from: ids, tokens, numbers. The operating system's generator, and nothing else.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("without the system's random numbers nobody may sign in");
    bytes
}

/// A time-ordered id（UUIDv7）.
pub(crate) fn uuid(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

/// A random number.
pub(crate) fn number() -> u32 {
    u32::from_be_bytes(bytes())
}

/// A secret to be carried by a cookie, a link or a program: 256 bits as hexadecimal digits.
pub(crate) fn token() -> String {
    hex(&bytes::<32>())
}

/// Hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What the database keeps of a secret. The secret has 256 random bits, so one round of SHA-256 does.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
