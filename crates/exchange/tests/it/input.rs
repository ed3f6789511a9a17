//! Files and zips, as they come.

use akidoko_exchange::{ReadErrorKind as Kind, input::Opened, register::links};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

const FILE: &str = "mednet_id,gmis_id\n1,2\n";

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn kind(bytes: Vec<u8>) -> Kind {
    Opened::new(Cursor::new(bytes)).map(|_| ()).unwrap_err().kind
}

#[test]
fn a_csv_and_a_zip_of_it_read_the_same_as_often_as_one_likes() {
    let packed = zip(&[("読み方.txt", b"?"), ("folder/links.CSV", FILE.as_bytes()), ("__MACOSX/folder/._links.csv", b"?")]);
    for bytes in [FILE.as_bytes().to_vec(), packed] {
        let mut opened = Opened::new(Cursor::new(bytes)).unwrap();
        let progress = opened.progress();
        assert_eq!(progress.read(), 0);
        for _ in 0..2 {
            let rows: Vec<_> = links::Reader::new(opened.reader().unwrap()).unwrap().map(Result::unwrap).collect();
            assert_eq!((rows.len(), rows[0].gmis.as_str()), (1, "2"));
        }
        assert!(progress.read() > 0 && progress.read() <= progress.total());
    }
}

#[test]
fn zips_that_are_refused() {
    assert!(matches!(kind(zip(&[])), Kind::NoCsv));
    assert!(matches!(kind(zip(&[("a.txt", b"")])), Kind::NoCsv));
    assert!(matches!(kind(zip(&[("a.csv", b""), ("b.csv", b"")])), Kind::SeveralCsv(2)));
    let mut cut = zip(&[("a.csv", FILE.as_bytes())]);
    cut.truncate(cut.len() / 2);
    assert!(matches!(kind(cut), Kind::Zip | Kind::Io(_)));
}

#[test]
fn a_zip_that_was_damaged_is_not_read_as_if_it_were_whole() {
    let text = format!("mednet_id,gmis_id\n{}", "1,2\n".repeat(5000));
    let mut bytes = zip(&[("a.csv", text.as_bytes())]);
    let at = bytes.windows(5).position(|w| w == b"a.csv").unwrap() + 30;
    bytes[at] ^= 0x55;
    let mut opened = Opened::new(Cursor::new(bytes)).unwrap();
    // Where the damage shows depends on where it is: in the header already, or in a row.
    let error = match links::Reader::new(opened.reader().unwrap()) {
        Ok(mut rows) => rows.find_map(Result::err),
        Err(error) => Some(error),
    };
    assert!(error.is_some());
}

#[test]
fn a_zip_that_unpacks_to_more_than_the_limit_is_stopped_whatever_it_says() {
    const LIMIT: u64 = 100_000;
    let text = format!("mednet_id,gmis_id\n{}", "1,2\n".repeat(50_000));
    let mut bytes = zip(&[("bomb.csv", text.as_bytes())]);
    let open = |bytes: &[u8]| Opened::bounded(Cursor::new(bytes.to_vec()), LIMIT);
    assert!(matches!(open(&bytes).map(|_| ()).unwrap_err().kind, Kind::TooLarge { limit: LIMIT }), "its own word for its size");
    // The size is made a lie: it stands in the central directory, and before that in the local header.
    let size = u32::try_from(text.len()).unwrap().to_le_bytes();
    let at = bytes.windows(4).rposition(|w| w == size).unwrap();
    bytes[at..at + 4].copy_from_slice(&1000u32.to_le_bytes());
    let mut opened = open(&bytes).unwrap();
    let mut rows = links::Reader::new(opened.reader().unwrap()).unwrap();
    let error = rows.find_map(Result::err).unwrap();
    assert!(matches!(error.kind, Kind::TooLarge { limit: LIMIT }), "{error}");
}
