//! Samples of the quick screen and of the patterns.

use super::{answers, frame, html, now, rows, word};
use crate::view::{Choice, ChoicePage, PatternProblem, PatternsPage, QuickInput, QuickPage, QuickProblem, form_values};
use akidoko_domain::{
    organisation::OrganisationKind,
    pattern::{DayKind, Form, NameProblem, Pattern, Wrong},
    report::{Finding, Problem, Refusal},
    survey::{Answers, Catalogue, DAILY},
    text::PatientHint,
};
use akidoko_service::{pattern::PatternScreen, quick::Offer};
use std::{collections::BTreeSet, sync::Arc};

fn quick(refusal: Option<&Refusal>, offer: bool, shell: bool, nothing: bool) -> String {
    let catalogue = Catalogue::shipped();
    let all = rows();
    let stands = if shell { Answers::new() } else { answers() };
    let offered = Offer { name: "平日夜間".into(), answers: Answers::from([("emergency_status".to_owned(), word("limited"))]) };
    let input = QuickInput {
        survey: catalogue.version(DAILY, 1).unwrap(),
        card: &all[0].card,
        stands: &stands,
        as_of: all[0].as_of,
        now: now(),
        values: &form_values(&stands),
        confirmed: &BTreeSet::new(),
        problem: if nothing { Some(QuickProblem::Nothing) } else { refusal.map(QuickProblem::Refused) },
        offer: offer.then_some(&offered),
        has_patterns: offer,
        on_behalf: nothing,
        behalf: ("", ""),
        shell,
    };
    html(&QuickPage::new(frame(Some(OrganisationKind::Hospital)), &input))
}

fn patterns(kept: bool, form: bool, problem: Option<&PatternProblem>) -> String {
    let catalogue = Catalogue::shipped();
    let time = |s: &str| akidoko_domain::pattern::read_time(s).unwrap();
    let night = Pattern {
        name: "平日夜間".into(),
        days: BTreeSet::from([DayKind::Mon, DayKind::Fri]),
        starts: time("17:15"),
        ends: time("08:30"),
        answers: Answers::from([("emergency_status".to_owned(), word("limited"))]),
    };
    let mut screen = PatternScreen {
        row: Arc::new(rows()[0].clone()),
        survey: catalogue.version(DAILY, 1).unwrap().clone(),
        kept: akidoko_service::pattern::PatternRow::default(),
        holds: kept.then(|| "平日夜間".to_owned()),
        on_behalf: kept,
    };
    if kept {
        screen.kept.patterns.push(night);
        screen.kept.revision = 1;
        screen.kept.updated_at = Some(now());
        screen.kept.updated_by = "H9900123-02".into();
    }
    let typed = if kept { PatternsPage::asked(&screen, None, Some(0)) } else { Some((None, Form::default())) };
    let page = frame(Some(OrganisationKind::Hospital));
    html(&PatternsPage::new(page, &screen, typed.filter(|_| form).as_ref(), problem, now()))
}

pub(super) fn all() -> Vec<(&'static str, String)> {
    let finding = |item: &str, problem| Finding { item: item.into(), id: format!("patient:{item}"), problem };
    let hard = Refusal::Findings { errors: vec![finding("available_beds_severe", Problem::NotACount)], warnings: vec![] };
    let soft = Refusal::Findings { errors: vec![], warnings: vec![finding("board_comment", Problem::Patient(PatientHint::PersonName))] };
    let wrong = Wrong {
        name: Some(NameProblem::Missing),
        days: true,
        times: true,
        nothing: true,
        answers: vec![finding("contact_night", Problem::NotAPhone)],
        warnings: vec![finding("board_comment", Problem::Patient(PatientHint::PersonName))],
    };
    let card = &rows()[0].card;
    let choices = vec![Choice::quick(card, None, now()), Choice::quick(card, Some(now()), now())];
    vec![
        ("quick", quick(None, false, false, false)),
        ("quick-pattern", quick(None, true, false, false)),
        ("quick-shell", quick(None, false, true, false)),
        ("quick-nothing", quick(None, false, false, true)),
        ("quick-wrong", quick(Some(&hard), false, false, false)),
        ("quick-soft", quick(Some(&soft), false, false, false)),
        ("quick-choice", html(&ChoicePage::quick(frame(Some(OrganisationKind::Association)), choices))),
        ("patterns", patterns(true, false, None)),
        ("patterns-none", patterns(false, false, None)),
        ("patterns-form", patterns(true, true, None)),
        ("patterns-wrong", patterns(false, true, Some(&PatternProblem::Wrong(wrong)))),
        ("patterns-conflict", patterns(true, true, Some(&PatternProblem::Conflict))),
        ("patterns-many", patterns(true, false, Some(&PatternProblem::TooMany))),
    ]
}
