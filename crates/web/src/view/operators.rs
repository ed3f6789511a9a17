//! Operators of one's own organisation: the list, one of them, and a link to be handed over.

use super::{Frame, Here, SHEETS};
use crate::words;
use akidoko_service::operators::{Handover, Operator};
use askama::Template;
use chrono::{DateTime, Utc};

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorProblem {
    /// Not a name.
    Name,
    /// Nobody would be left to administer the organisation.
    LastAdministrator,
    /// One's own.
    Myself,
}

impl OperatorProblem {
    /// What is wrong, and how to mend it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Name => "操作者の名前を 1 文字から 40 文字で入れてください。",
            Self::LastAdministrator => {
                "サインインできる管理者がいなくなるため、変更していません。先に、ほかの操作者を管理者にしてください。"
            }
            Self::Myself => "自分のものはここでは変更できません。2 段階の確認は「2 段階の確認」の画面で変えてください。",
        }
    }
}

/// 利用中
fn state(operator: &Operator) -> &'static str {
    match (operator.suspended, operator.has_password) {
        (true, _) => "一時停止",
        (false, true) => "利用中",
        (false, false) => "パスワード未設定",
    }
}

/// The list. It is also the last step of the first sign-in.
#[derive(Debug, Clone, Template)]
#[template(path = "operators.html")]
pub struct OperatorsPage {
    frame: Frame,
    operators: Vec<Operator>,
    once: String,
    first: bool,
    problem: Option<OperatorProblem>,
}

impl OperatorsPage {
    /// `once` is a secret of the form; `first`: on the road of the first sign-in.
    pub fn new(frame: Frame, operators: Vec<Operator>, once: String, first: bool, problem: Option<OperatorProblem>) -> Self {
        let title = if first { "最初の操作者" } else { "操作者" };
        Self { frame: frame.of(title, Here::Elsewhere, &[]).with_sheets(SHEETS), operators, once, first, problem }
    }

    fn state(operator: &Operator) -> &'static str {
        state(operator)
    }
}

/// One operator.
#[derive(Debug, Clone, Template)]
#[template(path = "operator.html")]
pub struct OperatorPage {
    frame: Frame,
    operator: Operator,
    once: String,
    problem: Option<OperatorProblem>,
}

impl OperatorPage {
    /// See [`OperatorsPage::new`].
    pub fn new(frame: Frame, operator: Operator, once: String, problem: Option<OperatorProblem>) -> Self {
        let title = format!("操作者 {}", operator.sign_in);
        Self { frame: frame.of(title, Here::Elsewhere, &[]).with_sheets(SHEETS), operator, once, problem }
    }

    fn state(&self) -> &'static str {
        state(&self.operator)
    }
}

/// A link, shown once.
#[derive(Debug, Clone, Template)]
#[template(path = "handover.html")]
pub struct HandoverPage {
    frame: Frame,
    sign_in: String,
    name: String,
    link: String,
    until: String,
    first: bool,
}

impl HandoverPage {
    /// `site` is the beginning of the address, `https://akidoko.example`.
    pub fn new(frame: Frame, handover: &Handover, site: &str, now: DateTime<Utc>, first: bool) -> Self {
        Self {
            frame: frame.of("リンクを渡す", Here::Elsewhere, &["js/print.js"]).with_sheets(SHEETS),
            sign_in: handover.sign_in.to_string(),
            name: handover.name.clone(),
            link: format!("{site}{}", super::path::set_password(&handover.token)),
            until: words::moment(handover.expires_at, now),
            first,
        }
    }
}
