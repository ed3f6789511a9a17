//! The screens of hospitals that apply, and of invitations.

use super::{frame, html, now, office::row_of};
use crate::view::{
    ApplyAsk, ApplyHospitalPage, ApplyProblem, Around, Bar, HospitalApplicationPage, HospitalApplicationsPage, HospitalLinkPage,
    HospitalStandsPage, InvitationPage, OfficeApplicationPage, Typed, Vouching, application_cells,
};
use akidoko_domain::{
    application::{Column, Form, FormFinding, FormProblem, Road, State},
    id::{HospitalId, PrefCode},
    organisation::OrganisationKind,
};
use akidoko_service::{
    Reference,
    application::{ApplicationView, HandOverPart, HospitalOption, Match, Office, StepRow},
};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use uuid::Uuid;

fn hospital(n: u128, name: &str, state: State) -> ApplicationView {
    let form = Form {
        road: Road::Hospital,
        name: name.to_owned(),
        name_kana: "カクウビョウイン".to_owned(),
        institution_code: "1210110700".to_owned(),
        address: "青嶺県青嶺市1-2".to_owned(),
        department: "医事課".to_owned(),
        contact_name: "架空 花子".to_owned(),
        email: "iji@hospital.example.jp".to_owned(),
        ..Form::default()
    };
    view(n, form, state)
}

fn view(n: u128, form: Form, state: State) -> ApplicationView {
    let applicant = form.applicant();
    let mut view = row_of(n, form, applicant, state);
    view.row.reason = matches!(state, State::Draft | State::Returned).then(|| "番地を確かめてください。<b>".to_owned());
    view
}

fn option(n: u128, is_like: Option<Match>, operators: u32, taken: bool) -> HospitalOption {
    HospitalOption {
        id: HospitalId(Uuid::from_u128(n)),
        name: format!("架空第{n}病院"),
        name_kana: "カクウビョウイン".to_owned(),
        municipality: if n == 1 { String::new() } else { "青嶺市".to_owned() },
        code: format!("H990000{n}"),
        operators,
        taken,
        is_like,
    }
}

fn steps() -> Vec<StepRow> {
    let step = |action: &str, who: &str, words: Option<&str>| StepRow {
        at: now() - TimeDelta::hours(2),
        action: action.to_owned(),
        state: State::Bundled,
        role: "applicant".to_owned(),
        who: who.to_owned(),
        words: words.map(str::to_owned),
    };
    vec![step("apply", "架空第1病院", None), step("return", "青嶺県 医療対策課", Some("番地を確かめてください。"))]
}

fn decide(state: State, options: &[HospitalOption], problem: Option<&str>, chosen: (&str, &str)) -> String {
    let view = hospital(3, "架空<第3>病院", state);
    let vouching = Vouching {
        options,
        hospital: (state == State::Submitted).then(|| ("架空第1病院".to_owned(), "H9900001".to_owned())),
        problem: problem.map(str::to_owned),
        chosen,
        words: "<i>".to_owned(),
        address: None,
    };
    let frame = frame(Some(OrganisationKind::PrefectureHealth));
    let kind = OrganisationKind::PrefectureHealth;
    html(&HospitalApplicationPage::new(frame, kind, (&view, &steps(), &[]), vouching, &Reference::default(), now()))
}

pub(super) fn all() -> Vec<(&'static str, String)> {
    let mut pages = applying();
    let alike = [option(1, Some(Match::Code), 0, false), option(2, None, 1, false)];
    let doubtful = [option(1, Some(Match::Code), 2, false), option(2, Some(Match::Name), 0, true), option(4, None, 0, false)];
    let list: Vec<ApplicationView> = State::ALL.iter().zip(1..).map(|(state, n)| hospital(n, &format!("架空第{n}病院"), *state)).collect();
    let keeper = || frame(Some(OrganisationKind::PrefectureHealth));
    pages.extend([
        ("hospitals", html(&HospitalApplicationsPage::new(keeper(), "青嶺県", &list, now()))),
        ("hospitals-none", html(&HospitalApplicationsPage::new(keeper(), "青嶺県", &[], now()))),
        ("hospital-vouch", decide(State::Bundled, &alike, None, ("", ""))),
        ("hospital-vouch-doubt", decide(State::Bundled, &doubtful, Some("この病院の ID は、もう使われています。"), ("other", ""))),
        ("hospital-vouch-new", decide(State::Bundled, &[], None, ("", ""))),
        ("hospital-submitted", decide(State::Submitted, &[], None, ("", ""))),
        ("hospital-draft", decide(State::Draft, &[], None, ("", ""))),
        ("hospital-bounced", decide(State::Bounced, &[], None, ("", ""))),
    ]);
    pages.extend(office());
    pages
}

/// Without sign-in.
fn applying() -> Vec<(&'static str, String)> {
    let prefectures = BTreeMap::from([(PrefCode::new(99).unwrap(), "青嶺県".to_owned())]);
    let domains = ["@akidoko.example".to_owned()];
    let missing = [
        FormFinding { column: Column::Prefecture, problem: FormProblem::Missing },
        FormFinding { column: Column::InstitutionCode, problem: FormProblem::BadInstitutionCode },
        FormFinding { column: Column::Email, problem: FormProblem::PrivateMail },
    ];
    let values = application_cells(&hospital(1, "\"><b>病院", State::Draft).row.form, &Reference::default());
    let form = |values: &BTreeMap<Column, String>, findings: &[FormFinding], ask| {
        html(&ApplyHospitalPage::new(frame(None), (&prefectures, &domains), values, findings, ask))
    };
    let link = |reason: Option<&str>, findings: &[FormFinding], problem| {
        let fixed = ("青嶺県".to_owned(), "iji@hospital.example.jp".to_owned(), reason.map(str::to_owned));
        html(&HospitalLinkPage::new(frame(None), "a&b", fixed, (&values, findings, problem), 3))
    };
    let stands = |state| html(&HospitalStandsPage::new(frame(None), "<b>病院".to_owned(), "青嶺県".to_owned(), state));
    let blocked = ApplyAsk::Problem(ApplyProblem::Blocked { minutes: 15 });
    vec![
        ("apply-hospital", form(&BTreeMap::new(), &[], ApplyAsk::Open)),
        ("apply-hospital-wrong", form(&values, &missing, ApplyAsk::Problem(ApplyProblem::Findings))),
        ("apply-hospital-blocked", form(&values, &[], blocked)),
        ("apply-hospital-sent", form(&BTreeMap::new(), &[], ApplyAsk::Sent)),
        ("apply-hospital-link", link(None, &[], None)),
        ("apply-hospital-returned", link(Some("番地を<b>"), &missing[1..], Some(ApplyProblem::Findings))),
        ("apply-hospital-stale", link(None, &[], Some(ApplyProblem::Stale))),
        ("apply-hospital-stands", stands(State::Bundled)),
        ("apply-hospital-in-use", stands(State::Activated)),
    ]
}

fn office() -> Vec<(&'static str, String)> {
    let prefectures = BTreeMap::from([(PrefCode::new(99).unwrap(), "青嶺県".to_owned())]);
    let desk = || frame(Some(OrganisationKind::Ministry));
    let officer = Form {
        road: Road::Invitation,
        name: "青嶺県<健康>医療部".to_owned(),
        organisation_kind: Some(OrganisationKind::PrefectureHealth),
        department: "医療対策課".to_owned(),
        contact_name: "架空 花子".to_owned(),
        email: "iryo@pref.example.jp".to_owned(),
        ..Form::default()
    };
    let around = Around { prefectures: prefectures.clone(), office: Office::default(), mails: (0, 0, 0), now: now() };
    let (steps, nothing) = (steps(), HandOverPart::default());
    let page = |view| OfficeApplicationPage::new(desk(), (view, &steps, &[], &nothing), &[], &around, Bar::default(), Typed::default());
    let bounced = view(5, officer.clone(), State::Bounced);
    let submitted = hospital(1, "架空第1病院", State::Submitted);
    let approved = view(4, officer.clone(), State::Approved);
    let wrong = [FormFinding { column: Column::EmailAgain, problem: FormProblem::EmailsDiffer }];
    let form = |findings: &[FormFinding], problem| {
        html(&InvitationPage::new(desk(), &prefectures, &application_cells(&officer, &Reference::default()), findings, problem))
    };
    vec![
        ("office-hospital", html(&page(&submitted).of_hospital(None))),
        ("office-invited", html(&page(&approved))),
        ("office-invited-wrong-address", html(&page(&bounced).with_address(&BTreeMap::new(), &wrong))),
        ("invitation", html(&InvitationPage::new(desk(), &prefectures, &BTreeMap::new(), &[], None))),
        ("invitation-wrong", form(&[FormFinding { column: Column::Name, problem: FormProblem::Missing }], Some("直すところがあります。"))),
        ("invitation-taken", form(&[], Some("この組織は、もう招待しています。"))),
    ]
}
