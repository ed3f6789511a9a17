//! Opens what the operator points at: a CSV, or a zip that holds one.
//!
//! Both are streamed. What a file is shows from its first bytes, not from its name.

use crate::{ReadError, ReadErrorKind, error::Stop};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use zip::{ZipArchive, result::ZipError};

/// No register is this large; what unpacks to more is a mistake or an attack.
pub const UNPACKED_LIMIT: u64 = 512 << 20;

/// How far the reading is, in bytes of the file on disk. Cheap to clone; another thread may poll it.
#[derive(Debug, Clone)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: u64,
}

impl Progress {
    /// Bytes read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed).min(self.total)
    }

    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// Follows the position in the file.
struct Followed<F> {
    inner: F,
    position: u64,
    published: Arc<AtomicU64>,
}

impl<F: Read> Read for Followed<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.position += n as u64;
        self.published.store(self.position, Ordering::Relaxed);
        Ok(n)
    }
}

impl<F: Seek> Seek for Followed<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.inner.seek(to)?;
        Ok(self.position)
    }
}

/// A file that is open: a CSV or the one in a zip.
pub struct Opened<F> {
    source: Source<F>,
    progress: Progress,
}

enum Source<F> {
    Csv(Followed<F>),
    Zip { archive: Box<ZipArchive<Followed<F>>>, at: usize, limit: u64 },
}

/// Opens a file on disk.
pub fn open(path: &Path) -> Result<Opened<File>, ReadError> {
    Opened::new(File::open(path).map_err(io_error)?)
}

impl<F: Read + Seek> Opened<F> {
    /// Opens anything that can be read and sought.
    pub fn new(file: F) -> Result<Self, ReadError> {
        Self::bounded(file, UNPACKED_LIMIT)
    }

    /// The same, with a limit of its own for what a zip may unpack to.
    pub fn bounded(mut file: F, limit: u64) -> Result<Self, ReadError> {
        let total = file.seek(SeekFrom::End(0)).map_err(io_error)?;
        file.seek(SeekFrom::Start(0)).map_err(io_error)?;
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic).map_err(io_error)?;
        file.seek(SeekFrom::Start(0)).map_err(io_error)?;
        let published = Arc::new(AtomicU64::new(0));
        let followed = Followed { inner: file, position: 0, published: Arc::clone(&published) };
        let source = if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
            let mut archive = Box::new(ZipArchive::new(followed).map_err(zip_error)?);
            let at = only_csv(&mut archive, limit)?;
            Source::Zip { archive, at, limit }
        } else {
            Source::Csv(followed)
        };
        // Finding the entries of a zip reads its end; the progress begins with the text.
        published.store(0, Ordering::Relaxed);
        Ok(Self { source, progress: Progress { read: published, total } })
    }

    /// How far the reading is.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The text, from its beginning, each time: a file can be checked first and imported after.
    pub fn reader(&mut self) -> Result<Box<dyn Read + '_>, ReadError> {
        match &mut self.source {
            Source::Csv(file) => {
                file.seek(SeekFrom::Start(0)).map_err(io_error)?;
                Ok(Box::new(file))
            }
            Source::Zip { archive, at, limit } => {
                let entry = archive.by_index(*at).map_err(zip_error)?;
                Ok(Box::new(Unpacked { inner: entry, left: *limit, limit: *limit }))
            }
        }
    }
}

/// Stops at the limit, whatever the zip says of its sizes.
struct Unpacked<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => self.left = left,
            None => return Err(Stop::TooLarge(self.limit).into()),
        }
        Ok(n)
    }
}

/// The one CSV of a zip. Other files may lie beside it（a README）, and so may what macOS adds.
fn only_csv<F: Read + Seek>(archive: &mut ZipArchive<Followed<F>>, limit: u64) -> Result<usize, ReadError> {
    let mut found = Vec::new();
    for i in 0..archive.len() {
        let entry = archive.by_index_raw(i).map_err(zip_error)?;
        let name = entry.name();
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let is_csv = base.len() > 4 && base.get(base.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".csv"));
        if is_csv && !base.starts_with("._") {
            found.push((i, entry.size(), entry.encrypted()));
        }
    }
    match found[..] {
        [(_, _, true)] => Err(ReadErrorKind::Encrypted.of_file()),
        [(_, size, _)] if size > limit => Err(ReadErrorKind::TooLarge { limit }.of_file()),
        [(i, _, _)] => Ok(i),
        [] => Err(ReadErrorKind::NoCsv.of_file()),
        _ => Err(ReadErrorKind::SeveralCsv(found.len()).of_file()),
    }
}

fn io_error(error: io::Error) -> ReadError {
    ReadErrorKind::Io(error).of_file()
}

fn zip_error(error: ZipError) -> ReadError {
    match error {
        ZipError::Io(e) => io_error(e),
        _ => ReadErrorKind::Zip.of_file(),
    }
}
