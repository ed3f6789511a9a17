//! The screens of the second factor and of operators.

use super::{fire, frame, html, now};
use crate::view::{
    CodePage, CodesPage, FactorPage, ForgottenPage, HandoverPage, OperatorPage, OperatorProblem, OperatorsPage, SecurityPage,
    SecurityProblem, SignInProblem, TermsPage,
};
use akidoko_domain::id::{AccountId, OrganisationCode, PrefCode, SignInName};
use akidoko_service::{
    operators::{Handover, Operator},
    second_factor::{FactorState, Offer},
};
use chrono::TimeDelta;
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

fn offer() -> Offer {
    Offer {
        address: "otpauth://totp/Akidoko:F9900123-02?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Akidoko".into(),
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".into(),
    }
}

/// Each in its states.
pub(super) fn all() -> Vec<(&'static str, String)> {
    let code = |problem| html(&CodePage::new(frame(None), Some("/board".into()), problem));
    let terms = |missing| html(&TermsPage::new(frame(None), ("青嶺広域消防本部".into(), "F9900123-01".into()), missing));
    let road = |may_skip, wrong| html(&FactorPage::road(frame(None), "F9900123-01".into(), offer(), may_skip, wrong));
    let codes: Vec<String> = (0..10).map(|n| format!("K7QP-X2MD-93TB-AAA{n}")).collect();
    let state =
        |on: bool, needed| FactorState { on_since: on.then(|| now() - TimeDelta::days(40)), codes_left: if on { 2 } else { 0 }, needed };
    let security = |on, needed, problem| html(&SecurityPage::new(fire(), state(on, needed), now(), problem));
    let operators = || vec![operator(1, "通信指令課　一番"), operator(2, "通信指令課　二番"), operator(3, "救急課　三番")];
    let one = |number, problem| html(&OperatorPage::new(fire(), operator(number, "救急課　三番"), "0".repeat(32), problem));
    let handover =
        Handover {
            sign_in: name(2), name: "通信指令課　二番".into(), token: "a".repeat(64), expires_at: now() + TimeDelta::days(3)
        };
    vec![
        ("sign-in-code", code(None)),
        ("sign-in-code-wrong", code(Some(SignInProblem::Wrong))),
        ("sign-in-code-blocked", code(Some(SignInProblem::Blocked { minutes: 12 }))),
        ("forgotten", html(&ForgottenPage::new(frame(None)))),
        ("welcome-terms", terms(false)),
        ("welcome-terms-missing", terms(true)),
        ("welcome-factor", road(true, false)),
        ("welcome-factor-wrong", road(false, true)),
        ("welcome-codes", html(&CodesPage::new(frame(None), "F9900123-01".into(), codes.clone(), true))),
        ("welcome-operators", html(&OperatorsPage::new(fire(), vec![operator(1, "署長")], "0".repeat(32), true, None))),
        ("security-off", security(false, false, None)),
        ("security-on", security(true, false, Some(SecurityProblem::Wrong))),
        ("security-needed", security(true, true, Some(SecurityProblem::Blocked { minutes: 3 }))),
        ("security-factor", html(&FactorPage::later(fire(), "F9900123-02".into(), offer(), true))),
        ("security-codes", html(&CodesPage::new(fire(), "F9900123-02".into(), codes, false))),
        ("operators", html(&OperatorsPage::new(fire(), operators(), "0".repeat(32), false, None))),
        ("operators-name", html(&OperatorsPage::new(fire(), operators(), "0".repeat(32), false, Some(OperatorProblem::Name)))),
        ("operator", one(3, None)),
        ("operator-self", one(1, Some(OperatorProblem::LastAdministrator))),
        ("handover", html(&HandoverPage::new(fire(), &handover, "https://akidoko.example", now(), false))),
    ]
}
