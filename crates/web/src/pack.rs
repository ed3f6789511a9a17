//! Pages, packed. What many pages share is packed once: a gzip stream may be put together of pieces that know nothing of each other.

use bytes::Bytes;
use flate2::{
    Compression, Crc,
    write::{DeflateEncoder, GzEncoder},
};
use std::{io::Write as _, mem};

/// A board of 600 hospitals takes 9 ms. The quickest level takes 2 and leaves almost twice as much for the wire; the best takes twice as long for one
/// part in a hundred.
const LEVEL: Compression = Compression::new(6);

/// Begins a gzip stream（RFC 1952）: deflate, no name, no time, any system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block of a deflate stream（RFC 1951）, empty.
const LAST: [u8; 2] = [3, 0];

/// Compresses.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into_boxed_slice().into()
}

/// A piece of a page, compressed so that another can follow.
pub struct Packed {
    deflated: Bytes,
    crc: Crc,
}

impl Packed {
    /// Compresses a piece.
    pub fn new(bytes: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
        // Flushed, it ends with a whole byte, and nothing says that it is the last.
        let _ = encoder.write_all(bytes).and_then(|()| encoder.flush());
        Self { deflated: mem::take(encoder.get_mut()).into_boxed_slice().into(), crc }
    }
}

/// Pieces, one behind the other, as the parts of one gzip stream. Nothing is copied.
pub fn joined(pieces: &[&Packed]) -> Vec<Bytes> {
    let mut crc = Crc::new();
    for piece in pieces {
        crc.combine(&piece.crc);
    }
    let end = [LAST.as_slice(), &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat();
    let middle = pieces.iter().map(|piece| piece.deflated.clone());
    [Bytes::from_static(&HEAD)].into_iter().chain(middle).chain([end.into()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn unpacked(bytes: &[u8]) -> String {
        let mut decoder = GzDecoder::new(bytes);
        let mut text = String::new();
        decoder.read_to_string(&mut text).unwrap();
        let rest = decoder.into_inner();
        assert!(rest.is_empty(), "one member, and nothing behind it");
        text
    }

    #[test]
    fn pieces_read_as_one() {
        let long = "病床ボード".repeat(40_000);
        for pieces in [vec![], vec![""], vec!["頭", &long, "尾"], vec!["", &long, &long, ""]] {
            let packed: Vec<Packed> = pieces.iter().map(|piece| Packed::new(piece.as_bytes())).collect();
            let stream = joined(&packed.iter().collect::<Vec<_>>()).concat();
            assert_eq!(unpacked(&stream), pieces.concat());
        }
        assert_eq!(unpacked(&gzip(long.as_bytes())), long);
    }
}
