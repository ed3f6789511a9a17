//! The office's screens.

use super::*;
use akidoko_domain::{
    application::{Action, Applicant, Column, Form, FormFinding, FormProblem, State, Window, estimate},
    id::{ApplicationId, MailId},
    time::jst_day,
};
use akidoko_service::application::{ApplicationRow, ApplicationView, HandOverPart, MailRow, Office, StepRow};

fn view(n: u128, name: &str, state: State) -> ApplicationView {
    let form = Form {
        name: name.to_owned(),
        name_kana: "カクウショウボウホンブ".to_owned(),
        headquarters_type: "single".to_owned(),
        address: "青嶺市 1-2".to_owned(),
        department: "警防課".to_owned(),
        contact_name: "架空 花子".to_owned(),
        email: "keibo@fd.example.jp".to_owned(),
        ..Form::default()
    };
    row_of(n, form, Applicant::of_name(name), state)
}

/// An application that says this.
pub(super) fn row_of(n: u128, form: Form, applicant: Applicant, state: State) -> ApplicationView {
    let decided = state == State::Approved;
    let row = ApplicationRow {
        id: ApplicationId(Uuid::from_u128(n)),
        prefecture: PrefCode::new(99).unwrap(),
        applicant,
        form,
        state,
        revision: 3,
        bundle: None,
        reason: (state == State::Returned).then(|| "管轄を確かめてください。".to_owned()),
        issue_from: None,
        submitted_at: Some(now() - TimeDelta::hours(30)),
        decided_at: decided.then(|| now() - TimeDelta::minutes(2)),
        noticed_at: None,
        issued_at: None,
        activated_at: None,
        hospital: None,
        organisation: None,
        code: None,
        hand_over: None,
        created_at: now() - TimeDelta::hours(60),
        updated_at: now() - TimeDelta::minutes(2),
    };
    let doubt = FormFinding { column: Column::Email, problem: FormProblem::SharedMail { other: "白帆町消防本部".to_owned() } };
    let waits = state == State::Submitted;
    ApplicationView {
        row,
        findings: if waits { vec![doubt] } else { vec![] },
        estimate: waits.then(|| estimate(722, 150, 0, jst_day(now()), &BTreeSet::default())),
        mail: None,
        undo_until: decided.then(|| now() + TimeDelta::minutes(3)),
    }
}

fn around() -> Around {
    let prefectures = BTreeMap::from([(PrefCode::new(99).unwrap(), "青嶺県".to_owned())]);
    Around { prefectures, office: Office::default(), mails: (3, 1, 12), now: now() }
}

fn mail() -> MailRow {
    MailRow {
        id: MailId(Uuid::from_u128(9)),
        message_id: "9@akidoko.example".to_owned(),
        kind: "notice".to_owned(),
        application: None,
        account: None,
        recipient: "keibo@fd.example.jp".to_owned(),
        facts: BTreeMap::new(),
        state: "bounced".to_owned(),
        attempts: 2,
        next_at: now(),
        created_at: now(),
        sent_at: Some(now()),
        opened_at: None,
        answer: Some("550 5.1.1 <no such user>".to_owned()),
    }
}

pub(super) fn all() -> Vec<(&'static str, String)> {
    let desk = || frame(Some(OrganisationKind::Ministry));
    let around = around();
    let mut views: Vec<ApplicationView> = State::ALL
        .iter()
        .zip(1..)
        .map(|(state, n)| view(n, &format!("架空第{n}消防本部"), *state))
        .chain([view(40, "架空第1消防本部", State::Rejected), view(41, "青波市消防署", State::Consulting)])
        .collect();
    views[8].mail = Some(mail());
    let press = Press { action: Action::Approve, at: views[7].row.updated_at.timestamp_micros() };
    let approved: Vec<ApplicationView> = views.iter().filter(|v| v.row.state == State::Approved).cloned().collect();
    let filter = |said: &[(&'static str, &'static str)]| OfficeFilter::parse(said.iter().copied());
    let list = |views: &[ApplicationView], filter, bar, typed| html(&OfficePage::new(desk(), views, &around, filter, bar, typed));
    let outcomes = [(views[0].row.id, akidoko_service::application::Outcome::Stale)];
    let left = Bar::of(None, Left::all(&outcomes, Action::Approve, &views), &views, now());
    let typed = || Typed { problem: Some("理由が書かれていません。"), reason: "<b>".to_owned(), ..Typed::default() };
    let steps = [StepRow {
        at: now(),
        action: "return".to_owned(),
        state: State::Returned,
        role: "office".to_owned(),
        who: String::new(),
        words: Some("管轄を確かめてください。".to_owned()),
    }];
    let one = |v: &ApplicationView, bar, typed| {
        html(&OfficeApplicationPage::new(desk(), (v, &steps, &[mail()], &HandOverPart::default()), &views, &around, bar, typed))
    };
    let planned = ("白帆町消防本部".to_owned(), "F99K7QPX".to_owned(), "2027-04-01".parse().unwrap());
    let over = HandOverPart { planned: Some(planned), successors: vec![(views[0].row.id, "<b>消防本部".to_owned())], can_drop: true };
    let handed = html(&OfficeApplicationPage::new(
        desk(),
        (&views[11], &steps, &[mail()], &over),
        &views,
        &around,
        Bar::default(),
        Typed::default(),
    ));
    let window =
        |from: &str| Window { opens_on: from.parse().unwrap(), closes_on: from.parse().unwrap(), issue_from: from.parse().unwrap() };
    let windows = [window("2026-03-01"), window("2026-06-01")];
    let settings = |windows: &[Window], problem: Option<(SettingsProblem, [String; 5])>, saved| {
        let problem = problem.map(|(problem, typed)| (problem, Some(typed)));
        html(&OfficeSettingsPage::new(desk(), (windows, Office::default()), jst_day(now()), problem, saved))
    };
    let set = [akidoko_domain::report::CorrectionWindow { valid_from: jst_day(now()), days: 14 }];
    let part = WindowPart::new(&(set.to_vec(), 14), jst_day(now()), Some(["四".to_owned(), String::new()]));
    let problem = Some((SettingsProblem::CorrectionWindow, None));
    let corrections = OfficeSettingsPage::new(desk(), (&windows, Office::default()), jst_day(now()), problem, false);
    let corrections = html(&corrections.with_corrections(part));
    let empty = || ["x", "", "", "0", "31"].map(str::to_owned);
    let notice = |state, wish| html(&NoticePage::new(frame(None), "a&b", "青波市消防本部".to_owned(), state, wish));
    vec![
        ("office", list(&views, OfficeFilter::default(), Bar::default(), Typed { all: true, ..Typed::default() })),
        ("office-done", list(&approved, filter(&[("state", "all")]), Bar::of(Some(press), vec![], &approved, now()), Typed::default())),
        ("office-left", list(&views, filter(&[("state", "all"), ("q", "\"><i>"), ("order", "desc")]), left, typed())),
        ("office-problem", list(&views, filter(&[("prefecture", "99"), ("sort", "name")]), Bar::default(), typed())),
        ("office-application", one(&views[2], Bar::default(), typed())),
        ("office-returned", one(&views[5], Bar::default(), Typed::default())),
        ("office-approved", one(&approved[0], Bar::of(Some(press), vec![], &approved, now()), Typed::default())),
        ("office-issued", one(&views[11], Bar::default(), Typed::default())),
        ("office-hand-over", handed),
        ("office-settings-delivered", settings(&windows, Some((SettingsProblem::Delivered, empty())), false)),
        ("office-settings", settings(&[], None, true)),
        ("office-settings-corrections", corrections),
        ("office-settings-days", settings(&windows, Some((SettingsProblem::Days, empty())), false)),
        ("office-settings-capacity", settings(&windows, Some((SettingsProblem::Capacity, empty())), false)),
        ("notice", notice(State::Delivered, NoticeWish::None)),
        ("notice-issued", notice(State::Issued, NoticeWish::Sent)),
        ("notice-too-soon", notice(State::Issued, NoticeWish::TooSoon)),
        ("notice-used", notice(State::Activated, NoticeWish::None)),
    ]
}
