//! Pages, packed. What many pages share is packed once: a gzip stream, like one of zstd, may be put together of pieces that know nothing of each other
//! (ADR 0027).

use bytes::Bytes;
use flate2::{
    Compression, Crc,
    write::{DeflateEncoder, GzEncoder},
};
use std::{io::Write as _, mem, sync::OnceLock};

/// A board of 600 hospitals takes 9 ms. The quickest level takes 2 and leaves almost twice as much for the wire; the best takes twice as long for one
/// part in a hundred.
const LEVEL: Compression = Compression::new(6);

/// A quarter less than gzip leaves, in about the same time.
const ZSTD_LEVEL: i32 = 7;

/// Begins a gzip stream（RFC 1952）: deflate, no name, no time, any system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block of a deflate stream（RFC 1951）, empty.
const LAST: [u8; 2] = [3, 0];

/// How bytes are packed: `Content-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Packing {
    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Compresses.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into_boxed_slice().into()
}

/// A piece of a page, packed when somebody asks for that, and so that another can follow.
pub struct Piece {
    bytes: Bytes,
    gzip: OnceLock<(Bytes, Crc)>,
    zstd: OnceLock<Option<Bytes>>,
}

impl Piece {
    /// A piece, as it is; what stays should be cut to its length.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), gzip: OnceLock::new(), zstd: OnceLock::new() }
    }

    /// As it is.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    fn deflated(&self) -> &(Bytes, Crc) {
        self.gzip.get_or_init(|| {
            let mut crc = Crc::new();
            crc.update(&self.bytes);
            let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
            // Flushed, it ends with a whole byte, and nothing says that it is the last.
            let _ = encoder.write_all(&self.bytes).and_then(|()| encoder.flush());
            (mem::take(encoder.get_mut()).into_boxed_slice().into(), crc)
        })
    }

    /// A frame of its own; `None`: it could not be made, for want of memory.
    fn frame(&self) -> Option<&Bytes> {
        let frame = || zstd::bulk::compress(&self.bytes, ZSTD_LEVEL).ok().map(|packed| packed.into_boxed_slice().into());
        self.zstd.get_or_init(frame).as_ref()
    }
}

/// Pieces, one behind the other, as one answer, and how it came to be packed. Nothing is copied.
pub fn joined(pieces: &[&Piece], packing: Packing) -> (Vec<Bytes>, Packing) {
    match packing {
        Packing::Plain => (pieces.iter().map(|piece| piece.bytes.clone()).collect(), packing),
        Packing::Gzip => (gzip_of(pieces), packing),
        Packing::Zstd => match pieces.iter().map(|piece| piece.frame().cloned()).collect() {
            Some(frames) => (frames, packing),
            None => joined(pieces, Packing::Plain),
        },
    }
}

fn gzip_of(pieces: &[&Piece]) -> Vec<Bytes> {
    let mut crc = Crc::new();
    for piece in pieces {
        crc.combine(&piece.deflated().1);
    }
    let end = [LAST.as_slice(), &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat();
    let middle = pieces.iter().map(|piece| piece.deflated().0.clone());
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
        for words in [vec![""], vec!["頭", &long, "尾"], vec!["", &long, &long, ""]] {
            let pieces: Vec<Piece> = words.iter().map(|piece| Piece::new(piece.as_bytes().to_vec())).collect();
            let pieces: Vec<&Piece> = pieces.iter().collect();
            let stream = |packing| {
                let (parts, packed) = joined(&pieces, packing);
                assert_eq!(packed, packing);
                parts.concat()
            };
            assert_eq!(stream(Packing::Plain), words.concat().as_bytes());
            assert_eq!(unpacked(&stream(Packing::Gzip)), words.concat());
            assert_eq!(zstd::stream::decode_all(stream(Packing::Zstd).as_slice()).unwrap(), words.concat().as_bytes());
        }
        assert_eq!(unpacked(&gzip(long.as_bytes())), long);
    }
}
