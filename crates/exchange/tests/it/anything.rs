//! Any bytes at all: a reader answers with rows or errors, never with a panic, and comes to an end.

use akidoko_exchange::{
    input::Opened,
    register::{facilities, geo, gmis, links, mednet},
};
use proptest::prelude::*;
use std::io::Cursor;

fn read_all(bytes: &[u8]) {
    let day = "2020-05-14".parse().unwrap();
    let _ = mednet::Reader::new(bytes).map(Iterator::count);
    let _ = facilities::open(bytes).map(|(_, rows)| rows.count());
    let _ = gmis::Reader::new(bytes).map(Iterator::count);
    let _ = gmis::CompactReader::new(bytes, day).map(Iterator::count);
    let _ = links::Reader::new(bytes).map(Iterator::count);
    let _ = geo::municipalities(bytes).map(Iterator::count);
    let _ = geo::areas(bytes).map(Iterator::count);
    let _ = geo::holidays(bytes).map(Iterator::count);
    if let Ok(mut opened) = Opened::new(Cursor::new(bytes))
        && let Ok(reader) = opened.reader()
    {
        let _ = links::Reader::new(reader).map(Iterator::count);
    }
}

const HEADERS: [&str; 6] = [
    "医療機関ID,医療機関名,郵便番号,都道府県名,医療機関住所,電話番号,緯度,経度,提出日,医療区分,医療区分回答",
    "gmis_id,inpatient,emergency",
    "mednet_id,gmis_id",
    "muni_code6,pref_code,muni_name,muni_kana,parent_code6,area_code",
    "area_code,area_name,pref_code",
    "date,name",
];

proptest! {
    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
        read_all(&[b"PK\x03\x04", bytes.as_slice()].concat());
    }

    #[test]
    fn bytes_behind_a_header(header in prop::sample::select(HEADERS.to_vec()), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&[header.as_bytes(), b"\n", &bytes].concat());
    }

    #[test]
    fn cells_behind_a_header(
        header in prop::sample::select(HEADERS.to_vec()),
        cells in prop::collection::vec(r#"|"|千葉県|入院|通常|N|[0-9]{1,8}|-?[0-9]{1,3}\.[0-9]{1,3}|2020-05-[0-9]{2}|[^"]{0,8}"#, 11),
    ) {
        let width = header.split(',').count();
        let text = format!("{header}\r\n{}\r\n", cells[..width].join(","));
        read_all(text.as_bytes());
        // Each line behind the header is a row, an error, or left out for a reason that is counted.
        if let Ok(mut rows) = links::Reader::new(text.as_bytes()) {
            let seen = rows.by_ref().count() as u64;
            prop_assert!(seen + rows.left_out() <= text.lines().count() as u64);
        }
    }
}
