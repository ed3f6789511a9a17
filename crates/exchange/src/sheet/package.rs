//! What a file is, by its content, and the parts of a workbook that are read.
//!
//! A workbook is unpacked once, counted while it is, and handed on unpacked: what comes after sees only bytes that were counted,
//! whatever the zip says of its sizes.

use super::{FILE_LIMIT, SheetError, UNPACKED_LIMIT};
use encoding_rs::SHIFT_JIS;
use std::io::{Cursor, Read, Write};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A file as it is read.
pub(crate) enum Content {
    /// The parts of a workbook, in a zip that is not compressed.
    Workbook(Vec<u8>),
    /// The text of a CSV.
    Text(String),
}

/// As many entries may a workbook have.
const ENTRY_LIMIT: usize = 2_000;
/// As many tags may stand in the strings or styles of a workbook: each becomes many times its size in memory.
const TAG_LIMIT: usize = 2_000_000;

pub(crate) fn open(name: &str, bytes: &[u8]) -> Result<Content, SheetError> {
    if bytes.len() > FILE_LIMIT {
        return Err(SheetError::TooLarge);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let password: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(if contains(bytes, &password) { SheetError::Encrypted } else { SheetError::NotASheet });
    }
    if bytes.starts_with(b"PK") {
        let has_macros = name.to_ascii_lowercase().ends_with(".xlsm");
        return if has_macros { Err(SheetError::Macros) } else { unpack(bytes).map(Content::Workbook) };
    }
    text(bytes).map(Content::Text)
}

fn text(bytes: &[u8]) -> Result<String, SheetError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(SheetError::BadEncoding);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // ESC is how ISO-2022-JP begins: an encoding, if one that is not read. ^Z ends files of old.
    let is_binary = bytes.iter().any(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n' | 0x0b | 0x0c | 0x1a | 0x1b));
    let is_other = [b"%PDF".as_slice(), b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"{\\rtf"].iter().any(|magic| bytes.starts_with(magic));
    if is_binary || is_other || bytes.trim_ascii_start().starts_with(b"<") {
        return Err(SheetError::NotASheet);
    }
    if bytes.contains(&0x1b) {
        return Err(SheetError::BadEncoding);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    match SHIFT_JIS.decode_without_bom_handling(bytes) {
        (text, false) => Ok(text.into_owned()),
        (_, true) => Err(SheetError::BadEncoding),
    }
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, SheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::NotASheet)?;
    if archive.len() > ENTRY_LIMIT {
        return Err(SheetError::TooLarge);
    }
    let mut unpacked = ZipWriter::new(Cursor::new(Vec::new()));
    let mut left = UNPACKED_LIMIT;
    let mut is_office = false;
    for i in 0..archive.len() {
        let entry = archive.by_index_raw(i).map_err(|_| SheetError::NotASheet)?;
        let name = entry.name().to_owned();
        let is_encrypted = entry.encrypted();
        drop(entry);
        let lower = name.to_ascii_lowercase();
        if is_encrypted {
            return Err(SheetError::Encrypted);
        }
        if lower.ends_with("vbaproject.bin") || lower.contains("macrosheets/") {
            return Err(SheetError::Macros);
        }
        let mut part = Vec::new();
        let entry = archive.by_index(i).map_err(|_| SheetError::NotASheet)?;
        entry.take(left + 1).read_to_end(&mut part).map_err(|_| SheetError::NotASheet)?;
        left = left.checked_sub(part.len() as u64).ok_or(SheetError::TooLarge)?;
        if lower == "[content_types].xml" {
            is_office = true;
            if contains(&part, b"macroEnabled") {
                return Err(SheetError::Macros);
            }
        }
        if [".xml", ".rels"].iter().any(|end| lower.ends_with(end)) {
            disarm(&lower, &mut part)?;
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            unpacked.start_file(name, options).map_err(|_| SheetError::NotASheet)?;
            unpacked.write_all(&part).map_err(|_| SheetError::NotASheet)?;
        }
    }
    if !is_office {
        return Err(SheetError::NotASheet);
    }
    Ok(unpacked.finish().map_err(|_| SheetError::NotASheet)?.into_inner())
}

/// Takes from a part what would make its reader ask for memory without measure.
fn disarm(name: &str, part: &mut [u8]) -> Result<(), SheetError> {
    let is_strings = name.ends_with("sharedstrings.xml");
    if !is_strings && !name.ends_with("styles.xml") {
        return Ok(());
    }
    // The strings are reserved by the number that the file claims to have; without a claim they are not.
    const CLAIM: &[u8] = b"uniqueCount";
    let mut at = 0;
    while is_strings && let Some(found) = position(&part[at..], CLAIM) {
        part[at + found] = b'U';
        at += found + CLAIM.len();
    }
    let mut tags = 0;
    for byte in part.iter() {
        tags += usize::from(*byte == b'<');
    }
    // A style is larger than a string.
    if tags > if is_strings { TAG_LIMIT } else { TAG_LIMIT / 4 } { Err(SheetError::TooLarge) } else { Ok(()) }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    position(bytes, part).is_some()
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| *b == first) {
        at += found;
        if bytes[at..].starts_with(part) {
            return Some(at);
        }
        at += 1;
    }
    None
}
