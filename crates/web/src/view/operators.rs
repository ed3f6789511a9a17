//! Operators of one's own organisation: the list, one of them, and a link to be handed over.

use super::{Frame, Here, SHEETS};
use crate::words;
use akidoko_domain::id::SignInName;
use akidoko_service::{
    mailbox::Mailbox,
    operators::{Handover, Operator},
    watch::{SignInNote, Watched, device},
};
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
            Self::Myself => "自分のものはここでは変更できません。「パスワードと 2 段階の確認」の画面で変えてください。",
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

/// A line of what was seen of sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLine {
    /// Two places at once: to be looked at with care.
    pub(super) grave: bool,
    pub(super) what: &'static str,
    pub(super) who: String,
    pub(super) at: String,
    pub(super) places: Vec<String>,
    pub(super) seen: Option<String>,
}

impl NoteLine {
    /// See [`SignInNote`].
    pub fn of((name, who, note): &(SignInName, String, SignInNote), now: DateTime<Utc>) -> Self {
        let place = |agent: &str, network: &str| format!("{}（{network}）", device(agent));
        let mut places = vec![place(&note.user_agent, &note.network)];
        places.extend(note.other.iter().map(|(agent, network, _)| place(agent, network)));
        Self {
            grave: note.two_places,
            what: if note.two_places { "離れた 2 か所での利用" } else { "新しい端末からのサインイン" },
            who: format!("{name}　{who}"),
            at: words::moment(note.at, now),
            places,
            seen: note.seen.as_ref().map(|(at, by)| format!("{by}が確認　{}", words::moment(*at, now))),
        }
    }
}

/// The shared mailbox, as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailboxPart {
    pub(super) address: Option<String>,
    pub(super) bounced: Option<String>,
    pub(super) waiting: Option<(String, String)>,
    pub(super) typed: String,
    pub(super) problem: Option<String>,
}

impl MailboxPart {
    /// `typed` and `problem`: what was not taken, and why.
    pub fn of(mailbox: &Mailbox, now: DateTime<Utc>, typed: &str, problem: Option<String>) -> Self {
        Self {
            address: mailbox.address.clone(),
            bounced: mailbox.bounced.clone(),
            waiting: mailbox.waiting.as_ref().map(|(address, until)| (address.clone(), words::moment(*until, now))),
            typed: typed.to_owned(),
            problem,
        }
    }

    fn is_bad(&self) -> bool {
        self.problem.is_some()
    }
}

/// The list. It is also the last step of the first sign-in.
#[derive(Debug, Clone, Template)]
#[template(path = "operators.html")]
pub struct OperatorsPage {
    frame: Frame,
    operators: Vec<(Operator, Option<String>)>,
    once: String,
    first: bool,
    problem: Option<OperatorProblem>,
    mailbox: MailboxPart,
    notes: Vec<NoteLine>,
    unseen: usize,
    /// Up to here was shown: what comes later is not seen to by this page.
    until: i64,
}

impl OperatorsPage {
    /// `once` is a secret of the form; `first`: on the road of the first sign-in.
    pub fn new(
        frame: Frame,
        operators: Vec<Operator>,
        (mailbox, watched, now): (MailboxPart, &Watched, DateTime<Utc>),
        (once, first): (String, bool),
        problem: Option<OperatorProblem>,
    ) -> Self {
        let title = if first { "最初の操作者" } else { "操作者" };
        let operators: Vec<(Operator, Option<String>)> = operators
            .into_iter()
            .map(|o| {
                let unused = watched.unused.get(&o.id).map(|on| match on {
                    Some(on) => format!("13 か月使われていません。{}に停止します", words::day(*on)),
                    None => "13 か月使われていません".to_owned(),
                });
                (o, unused)
            })
            .collect();
        Self {
            frame: frame.of(title, Here::Account, &["js/password.js"]).with_sheets(SHEETS),
            operators,
            once,
            first,
            problem,
            mailbox,
            unseen: watched.notes.iter().filter(|(.., n)| n.seen.is_none()).count(),
            until: now.timestamp_micros(),
            notes: watched.notes.iter().map(|note| NoteLine::of(note, now)).collect(),
        }
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
        Self { frame: frame.of(title, Here::Account, &[]).with_sheets(SHEETS), operator, once, problem }
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
            frame: frame.of("リンクを渡す", Here::Account, &["js/print.js"]).with_sheets(SHEETS),
            sign_in: handover.sign_in.to_string(),
            name: handover.name.clone(),
            link: format!("{site}{}", super::path::set_password(&handover.token)),
            until: words::moment(handover.expires_at, now),
            first,
        }
    }
}
