//! The screens of the second factor and of operators.

use super::{fire, frame, html, now};
use crate::view::{
    CodePage, CodesPage, FactorPage, ForgottenPage, HandoverPage, IdsPage, MailboxPage, MailboxPart, OperatorPage, OperatorProblem,
    OperatorsPage, PasskeyPage, ResetPage, SecurityPage, SecurityProblem, SignInProblem, TermsPage,
};
use akidoko_domain::id::{AccountId, OrganisationCode, OrganisationId, PrefCode, SignInName};
use akidoko_service::{
    mailbox::Mailbox,
    operators::{Handover, Operator},
    passkey::PasskeyRow,
    reset::Asked,
    second_factor::{FactorState, Offer},
    sign_in::WaitsFor,
    watch::{SignInNote, UnusedId, UseOfIds, Watched},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

fn name(operator: u16) -> SignInName {
    SignInName { organisation: OrganisationCode::build('F', PrefCode::new(99), 123), operator }
}

fn operator(number: u16, words: &str) -> Operator {
    Operator {
        id: AccountId(Uuid::from_u128(u128::from(number))),
        sign_in: name(number),
        name: words.to_owned(),
        suspended: number == 3,
        has_password: number != 2,
        has_factor: number == 3,
        is_administrator: number == 1,
        myself: number == 1,
    }
}

fn ask() -> String {
    r#"{"publicKey":{"challenge":"<&\""}}"#.to_owned()
}

fn passkey() -> PasskeyRow {
    PasskeyRow {
        id: Uuid::from_u128(5),
        name: "<b>Chrome、Windows".into(),
        credential: "{}".into(),
        created_at: now() - TimeDelta::days(40),
        last_used_at: None,
    }
}

fn offer() -> Offer {
    Offer {
        address: "otpauth://totp/Akidoko:F9900123-02?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Akidoko".into(),
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".into(),
    }
}

fn note(two_places: bool) -> (SignInName, String, SignInNote) {
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
    let note = SignInNote {
        id: Uuid::from_u128(9),
        organisation: OrganisationId(Uuid::from_u128(1)),
        account: AccountId(Uuid::from_u128(2)),
        two_places,
        at: now() - TimeDelta::hours(2),
        user_agent: agent.into(),
        network: "192.0.2.0/24".into(),
        other: two_places.then(|| ("curl/8".into(), "2001:db8:0:1::/64".into(), "x y".into())),
        seen: (!two_places).then(|| (now() - TimeDelta::hours(1), "署長".into())),
    };
    (name(2), "通信指令課　二番".into(), note)
}

fn watched() -> Watched {
    let on = "2026-05-10".parse().unwrap();
    Watched { notes: vec![note(true), note(false)], unused: [(AccountId(Uuid::from_u128(3)), Some(on))].into() }
}

fn unused_id() -> UnusedId {
    UnusedId {
        organisation: OrganisationId(Uuid::from_u128(1)),
        code: "F9900123".into(),
        name: "青嶺広域<消防本部".into(),
        prefecture: PrefCode::new(99),
        last_used_on: "2025-03-09".parse().unwrap(),
        suspended_on: Some("2026-05-10".parse().unwrap()),
    }
}

fn around<'a>(watched: &'a Watched, problem: Option<&str>) -> (MailboxPart, &'a Watched, DateTime<Utc>) {
    let mailbox = Mailbox {
        address: Some("shirei@fd.example.jp".into()),
        bounced: problem.map(|_| "550 5.1.1".into()),
        waiting: Some(("new@fd.example.jp".into(), now() + TimeDelta::days(3))),
    };
    (MailboxPart::of(&mailbox, now(), "new@<", problem.map(str::to_owned)), watched, now())
}

/// Each in its states.
pub(super) fn all() -> Vec<(&'static str, String)> {
    let waits = |passkey: bool, totp| WaitsFor { passkey: passkey.then(ask), totp };
    let code = |problem| html(&CodePage::new(frame(None), Some("/board".into()), waits(false, true), problem));
    let by = |passkey, totp| html(&CodePage::new(frame(None), None, waits(passkey, totp), None));
    let reset =
        |passkey: bool, problem| html(&ResetPage::new(frame(None), "a&b", &Asked { name: name(2), passkey: passkey.then(ask) }, problem));
    let terms = |missing| {
        html(&TermsPage::new(
            frame(None),
            ("青嶺広域消防本部".into(), "F9900123-01".into()),
            akidoko_domain::organisation::OrganisationKind::FireHeadquarters,
            missing,
        ))
    };
    let road =
        |may_skip: bool, wrong| html(&FactorPage::road(frame(None), "F9900123-01".into(), (offer(), may_skip.then(ask)), may_skip, wrong));
    let codes: Vec<String> = (0..10).map(|n| format!("K7QP-X2MD-93TB-AAA{n}")).collect();
    let state = |on: bool, needed| FactorState {
        on_since: on.then(|| now() - TimeDelta::days(40)),
        passkeys: if needed { vec![passkey()] } else { vec![] },
        can_add: on,
        codes_left: if on { 2 } else { 0 },
        needed,
    };
    let security = |on, needed, problem| html(&SecurityPage::new(fire(), state(on, needed), now(), problem, (needed, "F9900123".into())));
    let operators = || vec![operator(1, "通信指令課　一番"), operator(2, "通信指令課　二番"), operator(3, "救急課　三番")];
    let one = |number, problem| html(&OperatorPage::new(fire(), operator(number, "救急課　三番"), "0".repeat(32), problem));
    let handover =
        Handover {
            sign_in: name(2), name: "通信指令課　二番".into(), token: "a".repeat(64), expires_at: now() + TimeDelta::days(3)
        };
    let once = |first| ("0".repeat(32), first);
    let mailbox = |done| html(&MailboxPage::new(frame(None), "a&b", "青嶺広域消防本部".into(), "shirei@fd.example.jp".into(), done));
    let use_of = |unused, two_places| UseOfIds { unused, two_places };
    let ids = |uses: &UseOfIds| html(&IdsPage::new(fire(), uses, &BTreeMap::new(), now()));
    vec![
        ("mailbox", mailbox(false)),
        ("mailbox-done", mailbox(true)),
        ("ids-none", ids(&UseOfIds::default())),
        ("ids", ids(&use_of(vec![unused_id()], watched().notes))),
        ("sign-in-code", code(None)),
        ("sign-in-code-wrong", code(Some(SignInProblem::Wrong))),
        ("sign-in-code-blocked", code(Some(SignInProblem::Blocked { minutes: 12 }))),
        ("forgotten", html(&ForgottenPage::new(frame(None), false, None))),
        ("forgotten-asked", html(&ForgottenPage::new(frame(None), true, None))),
        ("forgotten-blocked", html(&ForgottenPage::new(frame(None), false, Some(14)))),
        ("sign-in-passkey", by(true, false)),
        ("sign-in-either", by(true, true)),
        ("reset", reset(true, None)),
        ("reset-wrong", reset(false, Some(SignInProblem::Wrong))),
        ("reset-blocked", reset(false, Some(SignInProblem::Blocked { minutes: 3 }))),
        ("passkey", html(&PasskeyPage::new(fire(), "F9900123-02".into(), ask(), "Windows NT Chrome/1 Safari"))),
        ("welcome-terms", terms(false)),
        ("welcome-terms-missing", terms(true)),
        ("welcome-factor", road(true, false)),
        ("welcome-factor-wrong", road(false, true)),
        ("welcome-codes", html(&CodesPage::new(frame(None), "F9900123-01".into(), codes.clone(), true))),
        (
            "welcome-operators",
            html(&OperatorsPage::new(fire(), vec![operator(1, "署長")], around(&Watched::default(), None), once(true), None)),
        ),
        ("security-off", security(false, false, None)),
        ("security-on", security(true, false, Some(SecurityProblem::Wrong))),
        ("security-needed", security(true, true, Some(SecurityProblem::Blocked { minutes: 3 }))),
        ("security-factor", html(&FactorPage::later(fire(), "F9900123-02".into(), offer(), true))),
        ("security-codes", html(&CodesPage::new(fire(), "F9900123-02".into(), codes, false))),
        ("operators", html(&OperatorsPage::new(fire(), operators(), around(&watched(), None), once(false), None))),
        (
            "operators-name",
            html(&OperatorsPage::new(
                fire(),
                operators(),
                around(&watched(), Some("<b>違います。")),
                once(false),
                Some(OperatorProblem::Name),
            )),
        ),
        ("operator", one(3, None)),
        ("operator-self", one(1, Some(OperatorProblem::LastAdministrator))),
        ("handover", html(&HandoverPage::new(fire(), &handover, "https://akidoko.example", now(), false))),
    ]
}
