//! The files that pages load: style, scripts, pictures. They are part of the program; what npm fetched is taken along where it is there,
//! and nothing breaks where it is not.
//!
//! One hash over all files stands in every address, so that scripts can import one another by relative names, and a file can be kept
//! for ever: another content has another address.

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Write as _,
    sync::LazyLock,
};

#[derive(Embed)]
#[folder = "assets"]
#[exclude = "*.test.js"]
#[exclude = "*.json"]
struct Own;

#[derive(Embed)]
#[folder = "../../node_modules/@digital-go-jp/design-tokens/dist"]
#[include = "tokens.css"]
#[allow_missing = true]
struct Tokens;

#[derive(Embed)]
#[folder = "../../node_modules/leaflet/dist"]
#[include = "leaflet-src.esm.js"]
#[include = "leaflet.css"]
#[include = "images/*.png"]
#[allow_missing = true]
struct Leaflet;

// The pictures of the manual that /help shows.
#[derive(Embed)]
#[folder = "../../docs/manual/images"]
#[include = "*.png"]
struct Manual;

// Puts hospitals that lie close together into one mark: ADR 0022.
#[derive(Embed)]
#[folder = "../../node_modules/supercluster/dist"]
#[include = "supercluster.min.js"]
#[allow_missing = true]
struct Supercluster;

// The library that evaluates the rules of a survey: ADR 0017.
#[derive(Embed)]
#[folder = "../../node_modules/@marcbachmann/cel-js/lib"]
#[include = "*.js"]
#[exclude = "index.js"]
#[exclude = "serialize.js"]
#[allow_missing = true]
struct Cel;

/// A file, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// As it is.
    pub bytes: Bytes,
    /// Compressed, where that is smaller.
    pub gzip: Option<Bytes>,
}

struct Shelf {
    hash: String,
    files: BTreeMap<String, Asset>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::load);

impl Shelf {
    fn load() -> Self {
        let (mut files, mut digest) = (BTreeMap::new(), Sha256::new());
        put_all::<Own>(&mut files, &mut digest, "");
        put_all::<Tokens>(&mut files, &mut digest, "dads/");
        put_all::<Leaflet>(&mut files, &mut digest, "leaflet/");
        put_all::<Manual>(&mut files, &mut digest, "manual/");
        put_all::<Supercluster>(&mut files, &mut digest, "supercluster/");
        put_all::<Cel>(&mut files, &mut digest, "cel/");
        let hash = digest.finalize().iter().take(6).fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self { hash, files }
    }
}

/// What is part of the program is neither copied nor read here: its hash was made with it, and the pictures of the manual are megabytes.
fn put_all<E: Embed>(files: &mut BTreeMap<String, Asset>, digest: &mut Sha256, prefix: &str) {
    for path in E::iter().collect::<BTreeSet<_>>() {
        let Some(file) = E::get(&path) else { continue };
        digest.update(prefix);
        digest.update(path.as_bytes());
        digest.update([0]);
        digest.update(file.metadata.sha256_hash());
        let bytes = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let content_type = content_type(&path);
        let gzip = content_type.contains("charset").then(|| compress(&bytes)).flatten();
        files.insert(format!("{prefix}{path}"), Asset { content_type, bytes, gzip });
    }
}

fn compress(bytes: &Bytes) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then(|| packed.into())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// The address of a file: `/assets/<hash>/<path>`.
pub fn url(path: &str) -> String {
    format!("/assets/{}/{path}", SHELF.hash)
}

/// The file behind an address. Another hash is another program's: `None`, so that nothing old is kept under a new name.
pub fn get(hash: &str, path: &str) -> Option<Asset> {
    (hash == SHELF.hash).then(|| SHELF.files.get(path).cloned()).flatten()
}

/// A file of this program by its path alone: for what has to stand under an address of its own.
pub fn own(path: &str) -> Option<&'static Asset> {
    SHELF.files.get(path)
}

/// Did npm bring its files before this program was built? Without them every screen works, plainer.
pub fn has_node_assets() -> bool {
    has("dads/tokens.css") && has("leaflet/leaflet-src.esm.js") && has("cel/evaluator.js")
}

/// Is this file there?
pub fn has(path: &str) -> bool {
    SHELF.files.contains_key(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, String) {
        let (hash, path) = url.strip_prefix("/assets/").unwrap().split_once('/').unwrap();
        (hash.to_owned(), path.to_owned())
    }

    #[test]
    fn an_address_leads_to_its_file() {
        let (hash, path) = parts(&url("app.css"));
        let asset = get(&hash, &path).unwrap();
        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(asset.gzip.unwrap().len() < asset.bytes.len() / 2);
        assert_eq!(get("000000000000", &path), None);
        assert_eq!(get(&hash, "../Cargo.toml"), None);
    }

    #[test]
    fn tests_and_their_tables_stay_at_home() {
        assert!(has("js/live-board.js"));
        assert!(SHELF.files.keys().all(|path| !path.contains(".test.") && !path.contains(".cases.")));
    }
}
