//! The road of the first sign-in: terms, second factor, recovery codes, first operators; and the second page of every later sign-in.

use super::{Frame, Here, SHEETS, SignInProblem, path, qr};
use akidoko_domain::organisation::OrganisationKind;
use akidoko_service::{reset::Asked, second_factor::Offer, sign_in::WaitsFor, watch::device};
use askama::Template;

/// The code of the second factor.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in_code.html")]
pub struct CodePage {
    frame: Frame,
    next: Option<String>,
    waits: WaitsFor,
    problem: Option<SignInProblem>,
}

impl CodePage {
    /// `next` is where the reader wanted to go, a path of this site.
    pub fn new(frame: Frame, next: Option<String>, waits: WaitsFor, problem: Option<SignInProblem>) -> Self {
        let frame = frame.of("2 段階の確認", Here::SignIn, &["js/passkey.js"]).with_sheets(SHEETS);
        Self { frame, next, waits, problem }
    }
}

/// A forgotten password. The answer is the same for everybody.
#[derive(Debug, Clone, Template)]
#[template(path = "forgotten.html")]
pub struct ForgottenPage {
    frame: Frame,
    asked: bool,
    blocked: Option<u32>,
}

impl ForgottenPage {
    /// `asked`: a link was asked for; `blocked`: too many were, for so many minutes.
    pub fn new(frame: Frame, asked: bool, blocked: Option<u32>) -> Self {
        Self { frame: frame.of("パスワードを忘れたとき", Here::SignIn, &[]), asked, blocked }
    }
}

/// The terms.
#[derive(Debug, Clone, Template)]
#[template(path = "welcome_terms.html")]
pub struct TermsPage {
    frame: Frame,
    organisation: String,
    sign_in: String,
    within: &'static str,
    missing: bool,
}

impl TermsPage {
    /// `missing`: the form was sent without the mark.
    pub fn new(frame: Frame, (organisation, sign_in): (String, String), kind: OrganisationKind, missing: bool) -> Self {
        let within = match kind {
            OrganisationKind::FireHeadquarters => "消防本部の ID は、その消防本部の外と共有しません。",
            OrganisationKind::Hospital => "医療機関の ID は、その医療機関の外と共有しません。",
            _ => "ほかの機関や個人と共有しません。",
        };
        Self { frame: frame.of("使うときの約束", Here::SignIn, &[]).with_sheets(SHEETS), organisation, sign_in, within, missing }
    }
}

/// Switching a second factor on: on the road, or later.
#[derive(Debug, Clone, Template)]
#[template(path = "factor.html")]
pub struct FactorPage {
    frame: Frame,
    sign_in: String,
    secret: String,
    address: String,
    picture: String,
    action: &'static str,
    /// Where to leave it out; `None`: it is needed.
    skip: Option<&'static str>,
    road: bool,
    wrong: bool,
    /// What a browser is asked to register a passkey.
    ask: Option<String>,
}

impl FactorPage {
    /// On the road; `may_skip` with a password that is long enough alone.
    pub fn road(frame: Frame, sign_in: String, (offer, ask): (Offer, Option<String>), may_skip: bool, wrong: bool) -> Self {
        let skip = may_skip.then_some(path::WELCOME_SKIP);
        Self { ask, ..Self::of(frame, sign_in, offer, (path::WELCOME_FACTOR, skip, true), wrong) }
    }

    /// Later, by the operator.
    pub fn later(frame: Frame, sign_in: String, offer: Offer, wrong: bool) -> Self {
        Self::of(frame, sign_in, offer, (path::SECURITY_FACTOR, None, false), wrong)
    }

    fn of(
        frame: Frame,
        sign_in: String,
        offer: Offer,
        (action, skip, road): (&'static str, Option<&'static str>, bool),
        wrong: bool,
    ) -> Self {
        Self {
            frame: frame.of("2 段階の確認", Here::SignIn, &["js/passkey.js"]).with_sheets(SHEETS),
            sign_in,
            picture: qr::svg(&offer.address, "アプリで読み取る二次元コード").unwrap_or_default(),
            secret: offer.secret,
            address: offer.address,
            action,
            skip,
            road,
            wrong,
            ask: None,
        }
    }
}

/// Recovery codes.
#[derive(Debug, Clone, Template)]
#[template(path = "recovery_codes.html")]
pub struct CodesPage {
    frame: Frame,
    sign_in: String,
    codes: Vec<String>,
    road: bool,
}

impl CodesPage {
    /// `road`: on the way to the first sign-in.
    pub fn new(frame: Frame, sign_in: String, codes: Vec<String>, road: bool) -> Self {
        Self { frame: frame.of("復旧コード", Here::SignIn, &["js/print.js"]).with_sheets(SHEETS), sign_in, codes, road }
    }
}

/// The page on which a passkey is added.
#[derive(Debug, Clone, Template)]
#[template(path = "passkey.html")]
pub struct PasskeyPage {
    frame: Frame,
    sign_in: String,
    ask: String,
    label: String,
}

impl PasskeyPage {
    /// `ask`: what the browser is asked; `agent`: what it calls itself.
    pub fn new(frame: Frame, sign_in: String, ask: String, agent: &str) -> Self {
        let frame = frame.of("パスキーを加える", Here::SignIn, &["js/passkey.js"]).with_sheets(SHEETS);
        Self { frame, sign_in, ask, label: device(agent) }
    }
}

/// The page behind the link of a forgotten password.
#[derive(Debug, Clone, Template)]
#[template(path = "reset.html")]
pub struct ResetPage {
    frame: Frame,
    sign_in: String,
    action: String,
    passkey: Option<String>,
    problem: Option<SignInProblem>,
}

impl ResetPage {
    /// See [`Asked`].
    pub fn new(frame: Frame, token: &str, asked: &Asked, problem: Option<SignInProblem>) -> Self {
        let frame = frame.of("パスワードの再設定", Here::SignIn, &["js/passkey.js"]).with_sheets(SHEETS);
        Self { frame, sign_in: asked.name.to_string(), action: path::reset(token), passkey: asked.passkey.clone(), problem }
    }
}
