//! The text of a file with one kind of line break, and records of a bounded length.

use crate::error::Stop;
use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
};

/// The mark at the beginning of a UTF-8 file.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// No register has a record this long. A quotation mark that is never closed would otherwise read the whole file into one cell.
const RECORD_LIMIT: u64 = 1 << 20;

/// Turns CR LF into LF and ends the last line if nobody did, so that line numbers are right whatever wrote the file.
pub(super) struct Lines<R> {
    inner: BufReader<R>,
    held_cr: bool,
    last: u8,
    since_record: Cell<u64>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { inner: BufReader::new(input), held_cr: false, last: b'\n', since_record: Cell::new(0) }
    }

    /// A record was read: the next may again be as long as the limit.
    pub(super) fn new_record(&self) {
        self.since_record.set(0);
    }

    /// Copies from one chunk to the other; how much was taken and how much was written.
    fn copy(&mut self, buffer: &mut [u8]) -> io::Result<(usize, usize)> {
        let chunk = self.inner.fill_buf()?;
        let (mut taken, mut written) = (0, 0);
        while taken < chunk.len() && written < buffer.len() {
            let byte = chunk[taken];
            if self.held_cr && byte != b'\n' {
                // A CR on its own is text.
                self.held_cr = false;
                self.last = b'\r';
                buffer[written] = b'\r';
                written += 1;
                continue;
            }
            taken += 1;
            self.held_cr = byte == b'\r';
            if !self.held_cr {
                self.last = byte;
                buffer[written] = byte;
                written += 1;
            }
        }
        self.inner.consume(taken);
        Ok((taken, written))
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_record.get() > RECORD_LIMIT {
            return Err(Stop::RecordTooLong(RECORD_LIMIT).into());
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let (taken, written) = self.copy(buffer)?;
            if written > 0 {
                self.since_record.set(self.since_record.get() + written as u64);
                return Ok(written);
            }
            if taken == 0 {
                let ended = self.last == b'\n';
                (self.last, self.held_cr) = (b'\n', false);
                buffer[0] = b'\n';
                return Ok(usize::from(!ended));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, chunk: usize) -> String {
        let mut lines = Lines::new(text.as_bytes());
        let mut buffer = vec![0; chunk];
        let mut read = Vec::new();
        loop {
            let n = lines.read(&mut buffer).unwrap();
            if n == 0 {
                return String::from_utf8(read).unwrap();
            }
            read.extend_from_slice(&buffer[..n]);
        }
    }

    proptest! {
        #[test]
        fn every_line_ends_alike(text in "[ab\r\n]{0,20}", chunk in 1usize..5) {
            let mut expected = text.replace("\r\n", "\n");
            if expected.ends_with('\r') {
                expected.pop();
            }
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push('\n');
            }
            prop_assert_eq!(read(&text, chunk), expected);
        }
    }
}
