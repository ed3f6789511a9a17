//! Samples of files, paper and the pile.

use super::*;
use akidoko_service::{
    FileLine, ReportFileRow,
    report_file::{CheckedFile, CheckedRow, FileChoices, FileNote, LooseFile, LooseRow, Place, RowFinding, RowProblem, RowState},
};

fn officer() -> Frame {
    frame(Some(OrganisationKind::PrefectureHealth))
}

fn receipt() -> ReportFileRow {
    let all = rows();
    let line = |(at, row): (usize, &Row)| FileLine {
        code: row.card.code.clone(),
        name: row.card.name.clone(),
        day: akidoko_domain::time::jst_day(now()),
        version: 2,
        added: at < 2,
    };
    ReportFileRow {
        number: 12,
        operator: "医療対策課 P9900123-02".into(),
        file_name: "病床 4月10日.xlsx".into(),
        file_hash: "0f".repeat(32),
        content_hash: "1e".repeat(32),
        lines: all.iter().take(3).enumerate().map(line).collect(),
        received_at: now() - TimeDelta::minutes(3),
    }
}

fn checked_row(number: u32, state: RowState) -> CheckedRow {
    CheckedRow {
        number,
        card: Some(rows()[usize::try_from(number).unwrap() % 3].card.clone()),
        day: Some(akidoko_domain::time::jst_day(now())),
        state,
        changes: vec![("available_beds".into(), Some(Value::Count(4)), Some(Value::Count(2)))],
        errors: vec![],
        warnings: vec![],
        is_correction: false,
        submission: None,
    }
}

fn check(hard: bool) -> String {
    let catalogue = Catalogue::shipped();
    let survey = catalogue.version(DAILY, 1).unwrap();
    let finding = |place: Place, id: &str, problem| RowFinding { place, id: id.to_owned(), problem };
    let item = |id: &str| Place::Item(id.to_owned());
    let mut rows = vec![checked_row(2, RowState::New), checked_row(3, RowState::Unchanged), checked_row(4, RowState::Same)];
    let mut doubtful = checked_row(5, RowState::New);
    doubtful.warnings = vec![
        finding(item("available_beds"), "dash:available_beds", RowProblem::Dash),
        finding(Place::Code, "newer-3:code", RowProblem::Newer { version: 3 }),
    ];
    rows.push(doubtful);
    if hard {
        let mut wrong = checked_row(6, RowState::Unknown);
        wrong.errors = vec![
            finding(item("available_beds"), "available_beds", RowProblem::Answer(Problem::NotACount)),
            finding(item("emergency_status"), "emergency_status", RowProblem::Answer(Problem::UnknownWord { allowed: vec![] })),
        ];
        let mut stranger = checked_row(7, RowState::Unknown);
        stranger.card = None;
        stranger.errors = vec![finding(Place::Code, "row:code", RowProblem::NotOnRoster)];
        rows.extend([wrong, stranger]);
    }
    let cells = |beds: &str, status: &str| vec![beds.to_owned(), status.to_owned()];
    let loose = |number: u32, cells| LooseRow { number, code: "H9900003".into(), cells, ..LooseRow::default() };
    let file = LooseFile {
        name: "病床 4月10日.xlsx".into(),
        items: vec!["available_beds".into(), "emergency_status".into()],
        places: [("available_beds", "E"), ("emergency_status", "F"), ("code", "A")].map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
        rows: (2..8).map(|n| loose(n, if n == 6 { cells("▲5", "ふつう") } else { cells("－", "通常") })).collect(),
        ..LooseFile::default()
    };
    let notes = vec![
        FileNote::Unknown { heading: "備考".into(), address: "G1".into() },
        FileNote::PastDays { rows: 2 },
        FileNote::Kept { items: survey.items().skip(3).map(|i| i.id.clone()).collect() },
    ];
    let refusal = hard.then_some(Refusal::ReasonMissing);
    let check = CheckedFile { rows, notes, on_behalf: true, refusal, again: None };
    let choices = FileChoices { day: akidoko_domain::time::jst_day(now()), ..FileChoices::default() };
    html(&FileCheckPage::new(officer(), survey, &file, &check, &choices, hard, now()))
}

fn pile() -> Vec<(&'static str, String)> {
    let catalogue = Catalogue::shipped();
    let survey = catalogue.version(DAILY, 1).unwrap();
    let all = rows();
    let sticky = Sticky { day: akidoko_domain::time::jst_day(now()), why: "fax".into(), words: String::new(), done: 12 };
    let page = |saved, find| html(&PilePage::new(officer(), sticky.clone(), saved, find));
    let refusal = Refusal::Findings {
        errors: vec![],
        warnings: vec![Finding {
            item: "available_beds".into(),
            id: "x".into(),
            problem: Problem::Rule { message: "確かめてください。".into() },
        }],
    };
    let entry = |refusal: Option<&Refusal>| {
        let known = answers();
        PileFind::One(Box::new(PileEntry::new(&all[0].card, survey, (&known, 0, false), None, ("0930", ""), refusal)))
    };
    let saved = PileSaved { name: "凪浦市民病院".into(), code: all[0].card.code.to_string(), version: 2 };
    let several = all.iter().take(2).map(|r| (r.card.name.clone(), r.card.code.short().to_owned(), "/report/pile?q=x".to_owned()));
    vec![
        ("pile", page(Some(saved), PileFind::Start)),
        ("pile-nothing", page(None, PileFind::Nothing("どこにもない".into()))),
        ("pile-several", page(None, PileFind::Several("病院".into(), several.collect()))),
        ("pile-entry", page(None, entry(None))),
        ("pile-warned", page(None, entry(Some(&refusal)))),
    ]
}

pub(crate) fn all() -> Vec<(&'static str, String)> {
    let catalogue = Catalogue::shipped();
    let survey = catalogue.version(DAILY, 1).unwrap();
    let all = rows();
    let known = answers();
    let today = akidoko_domain::time::jst_day(now());
    let sheets: Vec<OnPaper<'_>> = all.iter().take(2).map(|row| OnPaper { card: &row.card, answers: &known, day: Some(today) }).collect();
    let picks: Vec<_> = all.iter().enumerate().map(|(at, r)| (r.card.as_ref(), at == 0)).collect();
    let mut pages = vec![
        ("files", html(&FilesPage::new(officer(), 30, &[receipt()], today, now(), None))),
        ("files-refused", html(&FilesPage::new(hospital(), 1, &[], today, now(), Some("表として読めません。".into())))),
        ("file-check", check(false)),
        ("file-check-wrong", check(true)),
        ("file-receipt", html(&FileReceiptPage::new(officer(), &receipt(), false, now()))),
        ("file-again", html(&FileReceiptPage::new(officer(), &receipt(), true, now()))),
        ("sheets", html(&SheetsPage::new(officer(), survey, &sheets, "青嶺県 医療対策課", now()))),
        ("sheets-choose", html(&SheetChoicePage::new(officer(), &picks, "青嶺県 医療対策課"))),
    ];
    pages.extend(pile());
    pages
}
