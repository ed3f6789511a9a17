//! Every reader on small files made up here: what is understood, and what is refused with its line.

use akidoko_domain::{
    hospital::{Attributes, CodeSystem},
    survey::Status,
};
use akidoko_exchange::{
    Expected, ReadError, ReadErrorKind as Kind,
    register::{facilities, geo, gmis, links, mednet},
};

const GMIS: &str = "医療機関ID,医療機関名,郵便番号,都道府県名,医療機関住所,電話番号,緯度,経度,提出日,医療区分,医療区分回答";
const GMIS_14: &str = ",全国地方公共団体コード,市区町村名,医療機関コード";

fn read<T>(rows: impl Iterator<Item = Result<T, ReadError>>) -> Vec<T> {
    rows.map(|row| row.unwrap_or_else(|e| panic!("{e}"))).collect()
}

fn gmis_row(lines: &str) -> Result<gmis::GmisRow, ReadError> {
    gmis::Reader::new(format!("{GMIS}{GMIS_14}\r\n{lines}\r\n").as_bytes()).unwrap().next().unwrap()
}

fn mednet_file(cells: &[(&str, &str)]) -> String {
    let mut columns = vec![
        ("ID", "0111"),
        ("正式名称", "なぎうら市民病院"),
        ("正式名称（フリガナ）", "ﾅｷﾞｳﾗ"),
        ("略称", ""),
        ("英語表記（ローマ字表記）", ""),
        ("都道府県コード", "01"),
        ("市区町村コード", "101"),
        ("所在地", "北海道凪浦市１"),
        ("所在地座標（緯度）", "43.0"),
        ("所在地座標（経度）", "141.5"),
        ("案内用ホームページアドレス", ""),
        ("毎週決まった曜日に休診（月）", "1"),
        ("祝日に休診", "1"),
        ("一般病床", "0"),
        ("療養病床", ""),
        ("精神病床", ""),
        ("結核病床", ""),
        ("感染症病床", ""),
        ("合計病床数", "１２"),
    ];
    for (name, value) in cells {
        match columns.iter_mut().find(|(n, _)| n == name) {
            Some(column) => column.1 = value,
            None => columns.push((name, value)),
        }
    }
    let line = |pick: fn(&(&str, &str)) -> String| columns.iter().map(pick).collect::<Vec<_>>().join(",");
    format!("\u{feff}{}\r\n{}\r\n", line(|c| format!("\"{}\"", c.0)), line(|c| format!("\"{}\"", c.1)))
}

#[test]
fn a_row_of_mednet() {
    let rows = read(mednet::Reader::new(mednet_file(&[]).as_bytes()).unwrap());
    assert_eq!((rows[0].line, rows[0].code.as_str(), rows[0].prefecture.number()), (2, "0111", 1));
    let expected = Attributes {
        name: Some("なぎうら市民病院".into()),
        name_kana: Some("ナギウラ".into()),
        municipality_code: Some("011011".into()),
        address: Some("北海道凪浦市１".into()),
        latitude: Some(43.0),
        longitude: Some(141.5),
        beds_general: Some(0),
        beds_total: Some(12),
        ..Attributes::default()
    };
    assert_eq!(rows[0].attributes, expected);
}

#[test]
fn cells_of_mednet() {
    let attributes =
        |cells: &[(&str, &str)]| mednet::Reader::new(mednet_file(cells).as_bytes()).unwrap().next().unwrap().map(|row| row.attributes);
    for (short, code) in [("101", Some("011011")), ("4", Some("010049")), ("011011", Some("011011")), ("", None)] {
        assert_eq!(attributes(&[("市区町村コード", short)]).unwrap().municipality_code.as_deref(), code, "{short}");
    }
    let nowhere = attributes(&[("所在地座標（緯度）", "0.0"), ("所在地座標（経度）", "0.0")]).unwrap();
    assert_eq!((nowhere.latitude, nowhere.longitude), (None, None));
    for (column, value, expected) in [
        ("市区町村コード", "131016", Expected::MunicipalityCode), // of Tokyo, in a row of Hokkaido
        ("市区町村コード", "札幌", Expected::MunicipalityCode),
        ("都道府県コード", "1", Expected::PrefectureCode),
        ("所在地座標（緯度）", "北緯43度", Expected::Coordinate),
        ("所在地座標（経度）", "181", Expected::Coordinate),
        ("所在地座標（経度）", "NaN", Expected::Coordinate),
        ("合計病床数", "-1", Expected::Count),
        ("一般病床", "約10", Expected::Count),
        ("ID", "12 34", Expected::Identifier),
    ] {
        let error = attributes(&[(column, value)]).unwrap_err();
        assert_eq!(error.line, Some(2));
        let Kind::Value { column: c, value: v, expected: e } = &error.kind else { panic!("{error}") };
        assert_eq!((c.as_str(), v.as_str(), *e), (column, value, expected));
    }
    for column in ["ID", "正式名称", "都道府県コード"] {
        let error = attributes(&[(column, "　")]).unwrap_err();
        assert!(matches!(&error.kind, Kind::Blank { column: c } if c == column), "{error}");
    }
}

#[test]
fn registers_of_hospitals_are_told_apart_by_their_header() {
    let mednet = mednet_file(&[]);
    let (system, rows) = facilities::open(mednet.as_bytes()).unwrap();
    assert_eq!((system, read(rows).len()), (CodeSystem::Mednet, 1));
    let gmis = "gmis_id,name,postal_code,pref_code,pref_name,muni_code6,muni_name,address,phone,latitude,longitude,med_inst_code10\n\
                cov00123,凪浦病院,041-0525,12,千葉県,121002,千葉市,凪浦１,0471002000,35.5,140.1,X0710418492\n";
    let (system, rows) = facilities::open(gmis.as_bytes()).unwrap();
    let row = read(rows).remove(0);
    assert_eq!(
        (system, row.code.as_str(), row.attributes.institution_code.as_deref()),
        (CodeSystem::Gmis, "cov00123", Some("X0710418492"))
    );
    let neither = facilities::open(&b"id,name\n"[..]).map(|_| ()).unwrap_err();
    assert_eq!(neither.to_string(), "the column \"ID\" is missing");
}

#[test]
fn rows_of_gmis_in_each_layout() {
    let line = "cov00123,凪浦病院,〒041-0525　,千葉県,凪浦市１,047-100-2000 ,35.5,140.1,2020-05-14,外来（土日）,設置なし";
    let eleven = read(gmis::Reader::new(format!("{GMIS}\n{line}\n").as_bytes()).unwrap()).remove(0);
    assert_eq!((eleven.line, eleven.gmis_id.as_str(), eleven.prefecture.number()), (2, "cov00123", 12));
    assert_eq!(
        (eleven.service, eleven.answer, eleven.report_date.to_string()),
        ("outpatient_weekend", Status::NotAvailable, "2020-05-14".into())
    );
    let expected = Attributes {
        name: Some("凪浦病院".into()),
        postal_code: Some("041-0525".into()),
        address: Some("凪浦市１".into()),
        phone: Some("0471002000".into()),
        latitude: Some(35.5),
        longitude: Some(140.1),
        ..Attributes::default()
    };
    assert_eq!(eleven.attributes, expected);
    let fourteen = gmis_row(&format!("{line},,千葉市,X0710418492 ")).unwrap().attributes;
    assert_eq!(fourteen.municipality_code, None, "blank is not stated");
    assert_eq!(fourteen.municipality_name.as_deref(), Some("千葉市"));
    assert_eq!(fourteen.institution_code.as_deref(), Some("X0710418492"), "no institution code, and kept as it is");
    let elsewhere = gmis_row(&format!("{line},011011,伊達市,")).unwrap().attributes;
    assert_eq!(elsewhere.municipality_code, None, "a town of the same name in another prefecture");
    assert_eq!(elsewhere.municipality_name.as_deref(), Some("伊達市"));
    let answer = gmis_row(&format!("{line},,,")).unwrap().into_answer();
    assert_eq!((answer.gmis_id.as_str(), answer.service), ("cov00123", "outpatient_weekend"));
}

#[test]
fn cells_of_gmis() {
    let row = |postal: &str, phone: &str| {
        let line = format!("1,病院,{postal},千葉県,,{phone},,,2020-05-14,入院,通常,,,");
        gmis_row(&line).map(|r| (r.attributes.postal_code, r.attributes.phone)).unwrap()
    };
    for (published, postal) in [
        ("〒041-0525", Some("041-0525")),
        ("〒041‐0525", Some("041-0525")),
        ("〒０４１－０５２５", Some("041-0525")),
        ("〒0410525", Some("041-0525")),
        ("〒041-0525（〒041-0526）", Some("041-0525")),
        ("〒041", None),
        ("", None),
    ] {
        assert_eq!(row(published, "").0.as_deref(), postal, "{published}");
    }
    assert_eq!(row("", "043-227-7437 ").1.as_deref(), Some("0432277437"));
    assert_eq!(row("", "").1, None);
    for (line, column, expected) in [
        ("1,病院,,千葉,,,,,2020-05-14,入院,通常,,,", "都道府県名", Some(Expected::PrefectureName)),
        ("1,病院,,千葉県,,,,,2020-02-30,入院,通常,,,", "提出日", Some(Expected::Date)),
        ("1,病院,,千葉県,,,,,2020-05-14,入浴,通常,,,", "医療区分", Some(Expected::Service)),
        ("1,病院,,千葉県,,,,,2020-05-14,入院,休止,,,", "医療区分回答", Some(Expected::Answer)),
        ("1,病院,,千葉県,,,,,2020-05-14,入院,通常,121012,,", "全国地方公共団体コード", Some(Expected::MunicipalityCode)),
        (",病院,,千葉県,,,,,2020-05-14,入院,通常,,,", "医療機関ID", None),
        ("1,,,千葉県,,,,,2020-05-14,入院,通常,,,", "医療機関名", None),
        ("1,病院,,千葉県,,,,,2020-05-14,入院,,,,", "医療区分回答", None),
    ] {
        let error = gmis_row(line).unwrap_err();
        assert_eq!(error.line, Some(2), "{error}");
        match (&error.kind, expected) {
            (Kind::Value { column: c, expected: e, .. }, Some(expected)) => assert_eq!((c.as_str(), *e), (column, expected)),
            (Kind::Blank { column: c }, None) => assert_eq!(c, column),
            _ => panic!("{error}"),
        }
    }
}

#[test]
fn headers() {
    let open = |header: &str| gmis::Reader::new(header.as_bytes()).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(open(""), Err("the file is empty".into()));
    assert_eq!(open(&GMIS.replace("提出日", "提出日時")), Err("the column \"提出日\" is missing".into()));
    assert_eq!(open(&format!("{GMIS},備考")), Err("the column \"備考\" is not known".into()));
    assert_eq!(open(&format!("{GMIS},緯度")), Err("the column \"緯度\" is there twice".into()));
    let error = mednet::Reader::new(mednet_file(&[("新設の列", "")]).as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the column \"新設の列\" is not known");
    let reordered = "医療区分回答,医療区分,提出日,経度,緯度,電話番号,医療機関住所,都道府県名,郵便番号,医療機関名,医療機関ID\n停止,救急,20200514,,,,,東京都,,病院,7\n";
    let row = gmis::Reader::new(reordered.as_bytes()).unwrap().next().unwrap().unwrap();
    assert_eq!((row.gmis_id.as_str(), row.answer, row.service), ("7", Status::Stopped, "emergency"));
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n"] {
        let file = ["gmis_id,inpatient", "1,N", "\"2\",Q", "", "3", "4,U,U", "5,\"N", "\"", "6,L", ""].join(end);
        let rows = gmis::CompactReader::new(file.as_bytes(), "2020-05-14".parse().unwrap()).unwrap();
        let lines: Vec<Result<u64, u64>> = rows.map(|r| r.map(|r| r.line).map_err(|e| e.line.unwrap())).collect();
        assert_eq!(lines, [Ok(2), Err(3), Err(5), Err(6), Ok(7), Ok(9)], "{end:?}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_line() {
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode("gmis_id,inpatient\n1,N\n2,通\n3,N\n");
    let mut rows = gmis::CompactReader::new(&*cp932, "2020-05-14".parse().unwrap()).unwrap();
    assert!(rows.next().unwrap().is_ok());
    let error = rows.next().unwrap().unwrap_err();
    assert!(matches!(error.kind, Kind::NotUtf8) && error.line == Some(3), "{error}");
    assert!(error.japanese().starts_with("3 行目：文字コードが UTF-8 ではありません。"));
    assert!(rows.next().is_none(), "nothing follows");
    let error = links::Reader::new(&b"\xff\xfem\0e\0"[..]).map(|_| ()).unwrap_err();
    assert!(matches!(error.kind, Kind::NotUtf8) && error.line == Some(1));
}

#[test]
fn a_quotation_mark_that_is_never_closed_does_not_read_the_file_into_one_cell() {
    let file = format!("mednet_id,gmis_id\n1,\"{}", "x,y\n".repeat(1 << 20));
    let mut rows = links::Reader::new(file.as_bytes()).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert!(matches!(error.kind, Kind::RecordTooLong { .. }), "{error}");
    assert!(rows.next().is_none());
}

#[test]
fn compact_days() {
    let date = gmis::date_of_file("daily/2021-04-05.csv").unwrap();
    assert_eq!(date.to_string(), "2021-04-05");
    assert!(matches!(gmis::date_of_file("latest.csv").unwrap_err().kind, Kind::FileName(name) if name == "latest.csv"));
    let file = "gmis_id,outpatient,inpatient,emergency\n10101075,L,N,X\n1010107500,S,U,N\n";
    let rows = read(gmis::CompactReader::new(file.as_bytes(), date).unwrap());
    let seen: Vec<_> = rows.iter().map(|r| (r.line, r.answer.gmis_id.as_str(), r.answer.service, r.answer.answer)).collect();
    assert_eq!(seen.len(), 6);
    assert!(seen.contains(&(2, "10101075", "emergency", Status::NotAvailable)));
    assert!(seen.contains(&(3, "1010107500", "outpatient", Status::Stopped)));
    assert!(seen.contains(&(3, "1010107500", "inpatient", Status::NoAnswer)));
    for header in ["gmis_id\n", "inpatient\n", "gmis_id,icu\n"] {
        assert!(gmis::CompactReader::new(header.as_bytes(), date).is_err(), "{header}");
    }
}

#[test]
fn links_without_a_gmis_id_are_left_out_and_counted() {
    let file = "name,mednet_id,gmis_id\n甲,0111,10101094\n乙,0112,\n丙,151BYJTX00001,cov00001\n";
    let mut reader = links::Reader::new(file.as_bytes()).unwrap();
    let rows = read(reader.by_ref());
    assert_eq!(
        rows.iter().map(|l| (l.line, l.mednet.as_str(), l.gmis.as_str())).collect::<Vec<_>>(),
        [(2, "0111", "10101094"), (4, "151BYJTX00001", "cov00001"),]
    );
    assert_eq!(reader.left_out(), 1);
}

#[test]
fn reference_data() {
    let file = "muni_code6,pref_code,muni_name,muni_kana,type,parent_code6,area_code\n011011,01,中央区,ちゅうおうく,ward,011002,0104\n";
    let rows = read(geo::municipalities(file.as_bytes()).unwrap());
    assert_eq!((rows[0].code.as_str(), rows[0].parent.as_deref(), rows[0].area.as_deref()), ("011011", Some("011002"), Some("0104")));
    for elsewhere in ["131016,01,千代田区,,ward,,", "011011,01,中央区,,ward,131016,", "011011,01,中央区,,ward,,1301"] {
        let file = format!("muni_code6,pref_code,muni_name,muni_kana,type,parent_code6,area_code\n{elsewhere}\n");
        assert!(geo::municipalities(file.as_bytes()).unwrap().next().unwrap().is_err(), "{elsewhere}");
    }
    let area = |line: &str| geo::areas(format!("area_code,area_name,pref_code\n{line}\n").as_bytes()).unwrap().next().unwrap();
    assert_eq!(area("0104,札幌,01").unwrap().name, "札幌");
    for bad in ["104,札幌,01", "0104,札幌,02", "0104,,01"] {
        assert!(area(bad).is_err(), "{bad}");
    }
}

#[test]
fn holidays_in_each_encoding() {
    let published = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2027/1/1,元日\r\n2027/11/23,勤労感謝の日\r\n";
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(published);
    let marked = format!("\u{feff}{published}");
    let own = "date,name\n2027-01-01,元日\n2027-11-23,勤労感謝の日\n";
    for bytes in [published.as_bytes(), &cp932, marked.as_bytes(), own.as_bytes()] {
        let rows = read(geo::holidays(bytes).unwrap());
        assert_eq!(
            rows.iter().map(|h| (h.line, h.on.to_string(), h.name.as_str())).collect::<Vec<_>>(),
            [(2, "2027-01-01".to_owned(), "元日"), (3, "2027-11-23".to_owned(), "勤労感謝の日"),]
        );
    }
    let neither = geo::holidays(&b"date,name\n2027-01-01,\x81\n"[..]).map(|_| ()).unwrap_err();
    assert!(matches!(neither.kind, Kind::UnknownEncoding));
    let large = geo::holidays(vec![b'x'; (1 << 20) + 1].as_slice()).map(|_| ()).unwrap_err();
    assert!(matches!(large.kind, Kind::TooLarge { .. }));
}
