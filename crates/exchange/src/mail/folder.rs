//! Letters as files.

use super::SendError;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A folder with one `.eml` for each Message-ID. A file is there whole or not at all; sent again, it takes the place of the first.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

/// Keeps two writers of one letter apart.
static TURN: AtomicU64 = AtomicU64::new(0);

impl Folder {
    /// A folder, made when the first letter comes.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file and gives back its name.
    pub(super) async fn write(&self, name: String, bytes: Vec<u8>) -> Result<String, SendError> {
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &name, &bytes).map(|()| name)).await;
        written.map_err(io::Error::other).flatten().map_err(|e| SendError {
            permanent: false,
            code: None,
            words: format!("the folder for mail cannot be written: {e}"),
        })
    }
}

/// The file of a Message-ID.
pub(super) fn file_name(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "@._+=-".contains(c) { c } else { '_' };
    let name: String = id.chars().map(plain).collect();
    // A leading dot would hide it, and is how unfinished files are marked.
    format!("{}.eml", name.strip_prefix('.').map_or_else(|| name.clone(), |rest| format!("_{rest}")))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".{}.{}.part", std::process::id(), TURN.fetch_add(1, Ordering::Relaxed)));
    let put = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(name))
    };
    put().inspect_err(|_| {
        let _ = fs::remove_file(&unfinished);
    })
}
