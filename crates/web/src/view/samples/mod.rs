//! Samples of every screen, in its states, for the test that renders them all. Every name and number is invented.

mod announcement;
mod board;
mod completeness;
mod data;
mod history;
mod keys;
mod office;
mod paper;
mod picture;
mod quick;
mod road;
mod second_factor;
mod survey;

use super::*;
use akidoko_domain::{
    board::{Filter, Order, Row, Totals},
    drive::Drives,
    id::{PrefCode, SessionId},
    organisation::OrganisationKind,
    report::{Finding, Kind, Problem, Refusal},
    survey::{Answers, Catalogue, DAILY, Value},
    text::PatientHint,
    time::DueRule,
};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
pub(crate) use data::{answers, now, row, rows, version, word};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(crate) fn frame(kind: Option<OrganisationKind>) -> Frame {
    let viewer = kind.map(|kind| {
        let (organisation, operator) = match kind {
            OrganisationKind::Hospital => ("凪浦市民病院", "病床管理室"),
            OrganisationKind::PrefectureHealth => ("青嶺県健康医療部", "医療対策課"),
            _ => ("青嶺広域消防本部", "通信指令課"),
        };
        let sign_in = format!("{}9900123-02", kind.class_letter());
        Viewer {
            organisation: organisation.to_owned(),
            operator: operator.to_owned(),
            sign_in,
            kind,
            is_administrator: true,
            inbox: InboxPart::default(),
        }
    });
    Frame::new(true, viewer)
}

fn fire() -> Frame {
    frame(Some(OrganisationKind::FireHeadquarters))
}

fn hospital() -> Frame {
    frame(Some(OrganisationKind::Hospital))
}

fn html(page: &impl Template) -> String {
    page.render().unwrap()
}

/// Every screen in every state: a name and the page.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let mut pages = boards();
    pages.extend(board::all());
    pages.extend(hospitals());
    pages.extend(reports());
    pages.extend(accounts());
    pages.extend(second_factor::all());
    pages.extend(office::all());
    pages.extend(road::all());
    pages.extend(announcement::all());
    pages.extend(completeness::all());
    pages.extend(history::all());
    pages.extend(quick::all());
    pages.extend(paper::all());
    pages.extend(survey::all());
    pages.extend(keys::all());
    pages.extend(picture::all());
    pages
}

pub(crate) fn board_page(rows: &[Row], filter: &Filter) -> String {
    let mut shown: Vec<&Row> = rows.iter().filter(|r| filter.shows(r, now())).collect();
    filter.sort(&mut shown, &Drives::new());
    let region = |code: &str, name: &str| Region { code: code.to_owned(), name: name.to_owned() };
    let areas = [region("9901", "中央"), region("9902", "北部"), region("9903", "沿岸"), region("9904", "南部")];
    let municipalities = [region("990011", "青嶺市"), region("990020", "凪浦市")];
    let body = board_body(&BoardBody {
        prefecture: PrefCode::new(99).unwrap(),
        name: "青嶺県",
        rows: &shown,
        totals: Totals::of(rows, now()),
        areas: &areas,
        municipalities: &municipalities,
        filter,
        now: now(),
        starts: &[],
        phases: Some(&picture::phases()),
        other_system: None,
        start: None,
        drives: None,
        preview: None,
        cursor: 4711,
    });
    page_head(&fire(), "青嶺県") + &body + &page_tail(&fire())
}

fn boards() -> Vec<(&'static str, String)> {
    let all = rows();
    let filtered = Filter { accepting: true, search: "なぎ".into(), ..Filter::default() };
    let by_beds = Filter { order: Order::Beds, severity: Some(akidoko_domain::board::Severity::Severe), ..Filter::default() };
    let nothing = Filter { search: "どこにもない".into(), ..Filter::default() };
    vec![
        ("board", board_page(&all, &Filter::default())),
        ("board-filtered", board_page(&all, &filtered)),
        ("board-beds", board_page(&all, &by_beds)),
        ("board-no-match", board_page(&all, &nothing)),
        ("board-empty", board_page(&[], &Filter::default())),
    ]
}

fn hospitals() -> Vec<(&'static str, String)> {
    let all = rows();
    let page = |frame, at: usize, rights| html(&HospitalPage::new(frame, &all[at], &all, rights, now()));
    let officer = Rights { history: true, report: true, on_behalf: true };
    let published = all.iter().position(|r| r.card.name == "藍染診療病院").unwrap();
    let never = all.iter().position(|r| r.as_of.is_none()).unwrap();
    vec![
        ("hospital", page(fire(), 0, Rights::default())),
        ("hospital-officer", page(frame(Some(OrganisationKind::PrefectureHealth)), 0, officer)),
        ("hospital-published", page(fire(), published, Rights::default())),
        ("hospital-never", page(fire(), never, Rights::default())),
    ]
}

struct ReportState<'a> {
    changed: &'a [(&'a str, &'a str)],
    previous: bool,
    version: u32,
    days_ago: i64,
    refusal: Option<Refusal>,
    on_behalf: bool,
    pattern: bool,
}

fn report(state: &ReportState<'_>) -> String {
    let catalogue = Catalogue::shipped();
    let survey = catalogue.version(DAILY, 1).unwrap();
    let card = &rows()[0].card;
    let known = answers();
    let yesterday = now() - TimeDelta::days(1) - TimeDelta::minutes(40);
    let date = akidoko_domain::time::jst_day(now()) - TimeDelta::days(state.days_ago);
    let mut values = if state.previous { form_values(&known) } else { BTreeMap::new() };
    values.extend(state.changed.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())));
    let previous = Previous { answers: &known, date: date - TimeDelta::days(1), version: 2, received_at: yesterday };
    let brought = Answers::from([("emergency_status".to_owned(), word("limited"))]);
    let before = form_values(&known);
    let filled = Filled { name: "平日夜間", answers: &brought, before: &before };
    if state.pattern {
        values.extend(form_values(&brought));
    }
    let newest = version(2, Kind::Full, known.clone(), now());
    let conflict = matches!(state.refusal, Some(Refusal::Conflict { .. })).then(|| {
        let mut theirs = known.clone();
        theirs.insert("available_beds".to_owned(), Some(Value::Count(7)));
        Conflict::new(survey, &newest, &known, &theirs, &mut values)
    });
    let frame = if state.on_behalf { frame(Some(OrganisationKind::PrefectureHealth)) } else { hospital() };
    html(&ReportPage::new(
        frame,
        &ReportInput {
            survey,
            card,
            prefecture: "青嶺県",
            date,
            now: now(),
            version: state.version,
            values: &values,
            previous: state.previous.then_some(previous),
            last: &known,
            reported_at: (state.version > 0).then(|| now() - TimeDelta::minutes(40)),
            refusal: state.refusal.as_ref(),
            confirmed: &BTreeSet::from(["inpatients_over_ready".to_owned()]),
            on_behalf: state.on_behalf,
            due: Some(DueRule::default()),
            reason: ("", ""),
            usual: &["available_beds".to_owned(), "inpatients_total".to_owned()],
            filled: state.pattern.then_some(filled),
            conflict: conflict.as_ref(),
            behalf: ("", ""),
            author: None,
        },
    ))
}

fn reports() -> Vec<(&'static str, String)> {
    let finding = |item: &str, id: &str, problem| Finding { item: item.to_owned(), id: id.to_owned(), problem };
    let rule = |id: &str| {
        let catalogue = Catalogue::shipped();
        let survey = catalogue.version(DAILY, 1).unwrap();
        let rule = survey.rules.iter().find(|r| r.id == id).unwrap();
        finding(&rule.holds.program(survey).unwrap().items()[0], id, Problem::Rule { message: rule.message.clone() })
    };
    let base = ReportState { changed: &[], previous: true, version: 0, days_ago: 0, refusal: None, on_behalf: false, pattern: false };
    let soft = Refusal::Findings {
        errors: vec![],
        warnings: vec![
            rule("inpatients_over_ready"),
            finding("board_comment", "patient:board_comment", Problem::Patient(PatientHint::PersonName)),
        ],
    };
    let hard = Refusal::Findings {
        errors: vec![rule("ready_severe_within"), finding("ecmo_owned", "ecmo_owned", Problem::NotACount)],
        warnings: vec![],
    };
    let changed = [("emergency_status", "limited"), ("available_beds", "２"), ("available_beds_moderate", "0"), ("inpatients_total", "13")];
    let wrong = [("ready_beds_severe", "15"), ("ecmo_owned", "四")];
    let catalogue = Catalogue::shipped();
    let survey = catalogue.version(DAILY, 1).unwrap();
    let card = rows()[0].card.clone();
    let mut after = answers();
    after.insert("available_beds".to_owned(), Some(Value::Count(2)));
    let sent = version(3, Kind::Full, after, now());
    let receipt =
        |before: Option<&Answers>| html(&ReceiptPage::new(hospital(), (&card, "青嶺県"), survey, &sent, before, (true, true), now()));
    vec![
        ("report", report(&base)),
        ("report-pattern", report(&ReportState { pattern: true, refusal: None, ..base })),
        ("report-first", report(&ReportState { previous: false, ..base })),
        ("report-changed", report(&ReportState { changed: &changed, version: 1, refusal: Some(soft), ..base })),
        ("report-wrong", report(&ReportState { changed: &wrong, refusal: Some(hard), on_behalf: true, ..base })),
        ("report-past", report(&ReportState { version: 2, days_ago: 1, refusal: Some(Refusal::ReasonMissing), ..base })),
        ("report-conflict", report(&ReportState { version: 2, refusal: Some(Refusal::Conflict { version: 2 }), ..base })),
        ("receipt", receipt(Some(&answers()))),
        ("receipt-first", receipt(None)),
    ]
}

fn accounts() -> Vec<(&'static str, String)> {
    let demo =
        vec![DemoSignIn { words: "消防本部（青嶺県）".into(), name: "F9900123-02".into(), password: "aomine-demo-2026".into() }];
    let sign_in = |problem, demo| html(&SignInPage::new(frame(None), "F9900123-02".into(), Some("/board".into()), problem, demo));
    let until: DateTime<Utc> = now() + TimeDelta::days(3);
    let set = |problems| {
        html(&SetPasswordPage::new(frame(None), "token", ("青嶺広域消防本部".into(), "F9900123-02".into(), true), (until, now()), problems))
    };
    let session = |n: u128, user_agent: &str, current| SessionLine {
        id: SessionId(Uuid::from_u128(n)),
        user_agent: user_agent.to_owned(),
        address: "192.0.2.7".into(),
        signed_in_at: now() - TimeDelta::hours(3),
        last_seen_at: now() - TimeDelta::minutes(5),
        current,
    };
    let sessions = vec![
        session(1, "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Edg/140", true),
        session(2, "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Safari", false),
    ];
    let card = &rows()[0].card;
    let totals = Totals::of(&rows(), now());
    vec![
        ("sign-in", sign_in(None, vec![])),
        ("sign-in-wrong", sign_in(Some(SignInProblem::Wrong), demo)),
        ("sign-in-blocked", sign_in(Some(SignInProblem::Blocked { minutes: 12 }), vec![])),
        ("sign-in-ended", sign_in(Some(SignInProblem::Ended), vec![])),
        ("set-password", set(vec![])),
        ("set-password-wrong", set(vec![PasswordProblem::TooShort { characters: 11, least: 13 }, PasswordProblem::Mismatch])),
        ("link-gone", html(&LinkGonePage::new(frame(None)))),
        ("sessions", html(&SessionsPage::new(fire(), sessions, now()))),
        ("error-404", html(&ErrorPage::new(fire(), 404, None, "01K0000000"))),
        ("error-500", html(&ErrorPage::new(frame(None), 500, None, "01K0000001"))),
        ("about", html(&AboutPage::new(fire(), DueRule::default()))),
        ("about-real", html(&AboutPage::new(Frame::new(false, None), DueRule::default()))),
        (
            "prefectures",
            html(&ChoicePage::prefectures(
                frame(Some(OrganisationKind::Ministry)),
                vec![Choice::prefecture(card.prefecture, "青嶺県", &totals)],
            )),
        ),
        (
            "members",
            html(&ChoicePage::hospitals(
                frame(Some(OrganisationKind::Association)),
                vec![Choice::hospital(card, Some(now() - TimeDelta::hours(1)), now()), Choice::hospital(card, None, now())],
            )),
        ),
    ]
}
