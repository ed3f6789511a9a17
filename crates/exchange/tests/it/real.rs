//! The files as published. `AKIDOKO_TEST_DATA` names their folder; they are no part of the project.

use akidoko_domain::{code, hospital::CodeSystem, id::PrefCode, summary::SummaryRow, survey::Status};
use akidoko_exchange::{input, register};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The folder of real files, or the word that the test was skipped. In CI they must be there.
fn data() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("AKIDOKO_TEST_DATA") else {
        assert!(std::env::var_os("CI").is_none(), "AKIDOKO_TEST_DATA must be set in CI");
        println!("skipped: AKIDOKO_TEST_DATA is not set");
        return None;
    };
    let given = PathBuf::from(folder);
    // Tests run in the folder of their crate, the variable is written from the root of the project.
    let folder = if given.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(given) } else { given };
    assert!(folder.join("01_hospitals").is_dir(), "AKIDOKO_TEST_DATA is set, but holds no 01_hospitals: {}", folder.display());
    Some(folder)
}

fn all<T>(rows: impl Iterator<Item = Result<T, akidoko_exchange::ReadError>>) -> Vec<T> {
    rows.map(|row| row.unwrap_or_else(|e| panic!("{e}"))).collect()
}

#[test]
fn mednet() {
    let Some(data) = data() else { return };
    let mut opened = input::open(&data.join("01_hospitals/raw/01-1_hospital_facility_info_20250601.zip")).unwrap();
    let progress = opened.progress();
    let rows = all(register::mednet::Reader::new(opened.reader().unwrap()).unwrap());
    assert_eq!(rows.len(), 7587);
    assert_eq!((rows[0].line, rows[7586].line), (2, 7588));
    assert_eq!((rows[0].code.as_str(), rows[0].prefecture), ("0111010000010", PrefCode::new(1).unwrap()));
    let first = &rows[0].attributes;
    assert_eq!(first.name_kana.as_deref(), Some("サッポロイカダイガクフゾクビョウイン"));
    assert_eq!(first.municipality_code.as_deref(), Some("011011"));
    assert_eq!((first.latitude, first.longitude), (Some(43.055_405), Some(141.333_497)));
    assert_eq!(
        (first.beds_general, first.beds_recuperation, first.beds_psychiatric, first.beds_total),
        (Some(816), None, Some(32), Some(848))
    );
    assert_eq!(rows.iter().filter(|r| r.attributes.latitude.is_none()).count(), 270, "published at 0.0, 0.0");
    assert_eq!(rows.iter().filter(|r| r.attributes.beds_total.is_none()).count(), 57);
    assert!(rows.iter().any(|r| r.attributes.beds_infectious == Some(0)), "no beds stays no beds");
    assert!(progress.read() > progress.total() / 2, "{progress:?}");

    // The code with check digit equals the one that was worked out elsewhere, for every hospital.
    let mut csv = csv::Reader::from_path(data.join("01_hospitals/hospitals.csv")).unwrap();
    let codes: BTreeMap<String, String> = csv.records().map(|r| r.unwrap()).map(|r| (r[0].to_owned(), r[6].to_owned())).collect();
    for row in &rows {
        assert_eq!(row.attributes.municipality_code.as_ref(), codes.get(&row.code), "{}", row.code);
    }
}

#[test]
fn links() {
    let Some(data) = data() else { return };
    let mut reader = register::links::Reader::new(File::open(data.join("01_hospitals/hospitals.csv")).unwrap()).unwrap();
    let links = all(reader.by_ref());
    assert_eq!((links.len(), reader.left_out()), (7168, 7587 - 7168));
    assert_eq!((links[0].mednet.as_str(), links[0].gmis.as_str()), ("0111010000010", "10101094"));
}

#[test]
fn gmis_facilities() {
    let Some(data) = data() else { return };
    let (system, rows) = register::facilities::open(File::open(data.join("02_gmis_daily_status/gmis_facilities.csv")).unwrap()).unwrap();
    let rows = all(rows);
    assert_eq!((system, rows.len()), (CodeSystem::Gmis, 8337));
    assert_eq!(rows.iter().filter(|r| r.code.len() == 10).count(), 10, "ten ids are as long as an institution code");
}

#[test]
fn gmis_zips() {
    let Some(data) = data() else { return };
    for (day, expected, services) in [("20201209", 46_938, 6), ("20210405", 24_870, 3)] {
        let mut opened = input::open(&data.join(format!("02_gmis_daily_status/raw/covid-19_daily_survey_{day}.zip"))).unwrap();
        let rows = all(register::gmis::Reader::new(opened.reader().unwrap()).unwrap());
        assert_eq!(rows.len(), expected);
        assert_eq!(rows.last().unwrap().line, expected as u64 + 1);
        assert_eq!(rows.iter().map(|r| r.service).collect::<BTreeSet<_>>().len(), services);
        assert!(rows.iter().all(|r| r.report_date.format("%Y%m%d").to_string() == day));
        assert!(rows.iter().all(|r| r.attributes.postal_code.as_ref().is_some_and(|p| p.len() == 8)));
        let wrong = rows.iter().filter_map(|r| r.attributes.institution_code.as_deref()).filter(|c| c.len() == 11).count();
        assert_eq!(wrong, if services == 3 { 15 } else { 0 }, "five hospitals whose code is not one are kept as published");
        let homonyms = rows.iter().filter(|r| r.attributes.municipality_code.is_none()).count();
        assert_eq!(homonyms, if services == 6 { 36 * 6 } else { 0 }, "codes of a town of the same name elsewhere are not taken");
        // A second time from the beginning.
        assert_eq!(register::gmis::Reader::new(opened.reader().unwrap()).unwrap().count(), expected);
        let counted = counted(rows.into_iter().map(|r| (r.prefecture, r.into_answer())));
        assert_eq!(counted, oracle(&data, |row| row.report_date.format("%Y%m%d").to_string() == day));
    }
}

#[test]
fn gmis_layouts() {
    let Some(data) = data() else { return };
    for (name, expected, blank) in
        [("2020-05-14_v1_11cols", 1830, 1830), ("2020-05-28_v2_13cols", 1986, 78), ("2020-06-29_v3_14cols", 2076, 0)]
    {
        let path = data.join(format!("02_gmis_daily_status/raw/excerpt_chiba_ishikawa_{name}.csv"));
        let mut opened = input::open(&path).unwrap();
        let progress = opened.progress();
        let rows = all(register::gmis::Reader::new(opened.reader().unwrap()).unwrap());
        assert_eq!(rows.len(), expected, "{name}");
        assert_eq!(rows.iter().filter(|r| r.attributes.municipality_code.is_none()).count(), blank, "{name}");
        assert_eq!(progress.read(), progress.total());
        let (chiba, ishikawa) = (PrefCode::new(12).unwrap(), PrefCode::new(17).unwrap());
        let day = name[..10].to_owned();
        let of_two = |row: &SummaryRow| row.report_date.to_string() == day && [chiba, ishikawa].contains(&row.prefecture);
        assert_eq!(counted(rows.into_iter().map(|r| (r.prefecture, r.into_answer()))), oracle(&data, of_two), "{name}");
    }
}

#[test]
fn gmis_days() {
    let Some(data) = data() else { return };
    let prefectures: BTreeMap<String, PrefCode> = {
        let mut csv = csv::Reader::from_path(data.join("02_gmis_daily_status/gmis_facilities.csv")).unwrap();
        csv.records().map(|r| r.unwrap()).map(|r| (r[0].to_owned(), r[3].parse().unwrap())).collect()
    };
    assert_eq!(prefectures.len(), 8337);
    let (mut days, mut hospitals) = (0, 0);
    for entry in std::fs::read_dir(data.join("02_gmis_daily_status/daily")).unwrap() {
        let path = entry.unwrap().path();
        let date = register::gmis::date_of_file(&path.to_string_lossy()).unwrap();
        let rows = all(register::gmis::CompactReader::new(File::open(&path).unwrap(), date).unwrap());
        hospitals += rows.iter().map(|r| r.line).collect::<BTreeSet<_>>().len();
        days += 1;
        let counted = counted(rows.into_iter().map(|r| (prefectures[&r.answer.gmis_id], r.answer)));
        assert_eq!(counted, oracle(&data, |row| row.report_date == date), "{date}");
    }
    assert_eq!((days, hospitals), (22, 162_242));
}

#[test]
fn reference_data() {
    let Some(data) = data() else { return };
    let open = |name: &str| File::open(data.join("06_geo_codes").join(name)).unwrap();
    let municipalities = all(register::geo::municipalities(open("municipalities.csv")).unwrap());
    assert_eq!(municipalities.len(), 1925);
    assert_eq!(municipalities.iter().filter(|m| m.parent.is_some()).count(), 178);
    assert!(municipalities.iter().all(|m| code::is_municipality_code(&m.code)));
    let areas = all(register::geo::areas(open("medical_areas.csv")).unwrap());
    assert_eq!(areas.len(), 339);
    let known: BTreeSet<&str> = areas.iter().map(|a| a.code.as_str()).collect();
    assert!(municipalities.iter().filter_map(|m| m.area.as_deref()).all(|a| known.contains(a)));
    let holidays = all(register::geo::holidays(open("holidays.csv")).unwrap());
    assert_eq!(holidays.len(), 1067);
    assert_eq!(holidays, all(register::geo::holidays(open("raw/syukujitsu_cp932.csv")).unwrap()));
    assert_eq!((holidays[1066].on.to_string().as_str(), holidays[1066].name.as_str()), ("2027-11-23", "勤労感謝の日"));
}

#[test]
fn institution_codes() {
    let Some(data) = data() else { return };
    let mut opened = input::open(&data.join("01_hospitals/raw/202508_all_med_inst_cd.zip")).unwrap();
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(opened.reader().unwrap());
    let (mut medical, mut dental) = (0, 0);
    for record in csv.records() {
        // The second column has seven digits; what stands before them, prefecture and point table, is ours to add. In a few clinics
        // that are both, the list has the code of their dentists.
        let record = record.unwrap();
        let right = |table: char| code::is_institution_code(&format!("{}{table}{}", &record[0][..2], &record[1]));
        match (right('1'), right('3')) {
            (true, _) => medical += 1,
            (_, true) => dental += 1,
            _ => panic!("{record:?}"),
        }
    }
    assert_eq!((medical, dental), (96_997, 27));
}

fn counted(answers: impl Iterator<Item = (PrefCode, akidoko_domain::summary::ServiceAnswer)>) -> Vec<SummaryRow> {
    let mut rows = BTreeMap::new();
    for (prefecture, answer) in answers {
        rows.entry((answer.report_date, prefecture, answer.service))
            .or_insert_with(|| SummaryRow::new(answer.report_date, prefecture, answer.service.to_owned()))
            .add(answer.answer, 1);
    }
    rows.into_values().collect()
}

/// The counts that were worked out elsewhere, as the parts of a day that are asked for.
fn oracle(data: &Path, wanted: impl Fn(&SummaryRow) -> bool) -> Vec<SummaryRow> {
    let mut text = String::new();
    File::open(data.join("02_gmis_daily_status/expected_summary_by_prefecture.csv")).unwrap().read_to_string(&mut text).unwrap();
    let mut rows: Vec<SummaryRow> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|r| r.unwrap())
        .map(|r| {
            let mut row = SummaryRow::new(r[0].parse().unwrap(), r[1].parse().unwrap(), r[2].to_owned());
            for (i, status) in Status::ALL.into_iter().enumerate() {
                row.add(status, r[3 + i].parse().unwrap());
            }
            row
        })
        .filter(wanted)
        .collect();
    rows.sort_by(|a, b| (a.report_date, a.prefecture, &a.category).cmp(&(b.report_date, b.prefecture, &b.category)));
    rows
}
