//! The list of a prefecture: every headquarters it knows, what is missing, where each stands; and the press that submits them.

use super::{
    super::{Frame, Here, path},
    SHEETS,
    field::Note,
};
use crate::words;
use akidoko_domain::{
    access::{Action as May, may},
    application::{FormProblem, Road, State, Weight, Window},
    id::{ApplicationId, PrefCode},
    organisation::OrganisationKind,
    time::jst_day,
};
use akidoko_service::application::{ApplicationList, ApplicationView, MailRow};
use askama::Template;
use chrono::{DateTime, Utc};

/// What is to be said on top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notice {
    /// A sheet was saved: added, changed, kept.
    pub saved: Option<[usize; 3]>,
    /// Something was not done.
    pub problem: Option<String>,
    /// It was not done for want of the check mark.
    pub unconfirmed: bool,
    /// What had been chosen; `None` for the choice that is offered at first.
    pub chosen: Option<Vec<ApplicationId>>,
}

/// What the list is made of.
pub struct Gathered<'a> {
    /// Whose list.
    pub prefecture: (PrefCode, &'a str),
    /// Who looks.
    pub kind: OrganisationKind,
    /// The applications.
    pub list: &'a ApplicationList,
    /// The windows.
    pub windows: &'a [Window],
    /// Now.
    pub now: DateTime<Utc>,
}

struct Line {
    id: String,
    href: String,
    name: String,
    kind: &'static str,
    mark: (&'static str, &'static str),
    state: &'static str,
    /// Can it be submitted, and is it chosen?
    choice: Option<bool>,
    notes: Vec<Note>,
    place: Option<String>,
    mail: Option<String>,
    mail_failed: bool,
    reason: Option<String>,
    code: Option<String>,
    soft: Vec<String>,
}

struct BundleLine {
    number: String,
    href: String,
    at: String,
    by: String,
    rows: i32,
    agreed: bool,
}

struct AgreementLine {
    at: String,
    by: String,
    note: String,
}

/// What whoever looks may do.
struct Rights {
    keeps: bool,
    helps: bool,
    agrees: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "application/list.html")]
pub struct ApplicationsPage {
    frame: Frame,
    prefecture: String,
    notice: Notice,
    may: Rights,
    figures: Vec<(&'static str, usize)>,
    lines: Vec<Line>,
    chosen: usize,
    /// Something is left to be submitted, now or when it is mended.
    open: bool,
    doubts: usize,
    agreement: Option<AgreementLine>,
    arrival: String,
    windows: Vec<String>,
    bundles: Vec<BundleLine>,
    /// Hospitals that wait for the prefecture's approval, for whoever approves.
    hospitals: Option<usize>,
}

/// It can be submitted as it stands. What was returned must have been mended since.
fn is_ready(view: &ApplicationView) -> bool {
    let row = &view.row;
    match row.state {
        State::Draft | State::Bundled => view.is_complete(),
        State::Returned => view.is_complete() && row.decided_at.is_none_or(|at| row.updated_at > at),
        _ => false,
    }
}

/// What asks for a hand comes first.
fn rank(view: &ApplicationView) -> u8 {
    match view.row.state {
        _ if is_ready(view) => 2,
        State::Returned | State::Bounced => 0,
        State::Draft | State::Bundled => 1,
        State::Submitted | State::WaitingWindow | State::Consulting => 3,
        State::Approved | State::NoticeSent | State::Delivered => 4,
        State::Issued | State::Activated => 5,
        State::Suspended | State::Rejected | State::Withdrawn | State::Closed => 6,
    }
}

fn figures(views: &[&ApplicationView]) -> Vec<(&'static str, usize)> {
    let names = ["記入中", "提出できる", "提出済み", "差し戻し", "不達", "発行済み", "利用中", "ほか"];
    let mut counts = [0; 8];
    for view in views {
        let at = match view.row.state {
            _ if is_ready(view) => 1,
            State::Draft | State::Bundled => 0,
            State::Returned => 3,
            State::Bounced => 4,
            State::Issued => 5,
            State::Activated => 6,
            State::Rejected | State::Withdrawn | State::Suspended | State::Closed => 7,
            _ => 2,
        };
        counts[at] += 1;
    }
    names.into_iter().zip(counts).filter(|(name, n)| *name != "ほか" || *n > 0).collect()
}

/// Empty columns in one line, everything else in its own.
fn notes(view: &ApplicationView) -> Vec<Note> {
    let missing = view.findings.iter().filter(|f| f.problem == FormProblem::Missing).map(|f| f.column.heading());
    let missing = missing.collect::<Vec<_>>().join("、");
    let mut notes = Vec::new();
    if !missing.is_empty() {
        notes.push(Note { words: format!("空の欄：{missing}"), hard: false });
    }
    notes.extend(view.findings.iter().filter(|f| f.problem != FormProblem::Missing).map(Note::of));
    notes
}

/// When it is decided, in words that stand on every side's screen.
pub(super) fn place(view: &ApplicationView) -> Option<String> {
    match (view.estimate, view.row.state, view.row.issue_from) {
        (Some(e), ..) => Some(format!("{} 番目、{}ごろ", e.place, words::day(e.decided_on))),
        (None, State::WaitingWindow, Some(from)) => Some(format!("発行は {} から", words::day(from))),
        (None, State::Approved, Some(from)) => Some(format!("{} から発行", words::day(from))),
        _ => None,
    }
}

/// 事前連絡　送信済み 4月10日（金）09:42
pub(super) fn mail(mail: &MailRow, now: DateTime<Utc>) -> String {
    let state = words::office::mail_state(&mail.state, mail.attempts, mail.opened_at.is_some());
    let at = mail.opened_at.or(mail.sent_at).unwrap_or(mail.created_at);
    format!("{}　{state}　{}", words::office::mail_kind(&mail.kind), words::moment(at, now))
}

fn line(view: &ApplicationView, keeps: bool, chosen: Option<&[ApplicationId]>, now: DateTime<Utc>) -> Line {
    let row = &view.row;
    let can = keeps && view.is_complete() && matches!(row.state, State::Draft | State::Bundled | State::Returned);
    // What is complete says so; that it was returned is said all the same.
    let says_ready = is_ready(view) && row.state != State::Returned;
    let doubts = view.findings.iter().filter(|f| f.problem.weight() == Weight::Soft && f.problem != FormProblem::Consultation);
    Line {
        id: row.id.to_string(),
        href: path::application(row.id),
        name: row.form.name.clone(),
        kind: words::road::kind_of(&row.form),
        mark: if says_ready { ("s-ok", "i-check") } else { words::office::state_mark(row.state) },
        state: if says_ready { "提出できる" } else { words::office::state(row.state) },
        choice: can.then(|| chosen.map_or_else(|| is_ready(view), |ids| ids.contains(&row.id))),
        notes: notes(view),
        place: place(view),
        mail: view.mail.as_ref().map(|m| mail(m, now)),
        mail_failed: view.mail.as_ref().is_some_and(|m| matches!(m.state.as_str(), "failed" | "bounced")),
        reason: row.reason.clone(),
        code: row.code.as_ref().map(ToString::to_string),
        soft: doubts.map(|f| words::application::problem(f.column, &f.problem)).collect(),
    }
}

impl ApplicationsPage {
    /// See [`Gathered`].
    pub fn new(frame: Frame, gathered: &Gathered<'_>, notice: Notice) -> Self {
        let Gathered { list, windows, now, .. } = *gathered;
        let keeps = may(gathered.kind, May::KeepApplications);
        let (mut views, hospitals): (Vec<&ApplicationView>, Vec<&ApplicationView>) =
            list.rows.iter().partition(|v| v.row.applicant.road() == Road::Bundle);
        views.sort_by_key(|v| (rank(v), v.row.form.name_kana.clone(), v.row.form.name.clone()));
        let lines: Vec<Line> = views.iter().map(|v| line(v, keeps, notice.chosen.as_deref(), now)).collect();
        let bundle = |b: &akidoko_service::application::BundleRow| BundleLine {
            number: words::application::receipt_number(b.prefecture, b.number),
            href: path::bundle(b.number),
            at: words::moment(b.submitted_at, now),
            by: b.submitted_by.clone(),
            rows: b.rows,
            agreed: b.agreed,
        };
        let agreement = list.agreement.as_ref().map(|a| AgreementLine {
            at: words::moment(a.agreed_at, now),
            by: a.agreed_by.clone(),
            note: a.note.clone(),
        });
        Self {
            frame: frame.of("消防本部の ID 申請", Here::Applications, &["js/application-list.js"]).with_sheets(SHEETS),
            prefecture: gathered.prefecture.1.to_owned(),
            may: Rights {
                keeps,
                helps: may(gathered.kind, May::HelpApplications),
                agrees: gathered.kind == OrganisationKind::PrefectureFire,
            },
            figures: figures(&views),
            hospitals: keeps.then(|| hospitals.iter().filter(|v| v.row.state == State::Bundled).count()),
            chosen: lines.iter().filter(|l| l.choice == Some(true)).count(),
            open: views.iter().any(|v| matches!(v.row.state, State::Draft | State::Bundled | State::Returned)),
            doubts: lines.iter().filter(|l| l.choice.is_some() && !l.soft.is_empty()).count(),
            agreement,
            arrival: words::application::arrival_today(windows, jst_day(now)),
            windows: windows.iter().filter(|w| w.closes_on >= jst_day(now)).map(words::application::window).collect(),
            bundles: list.bundles.iter().map(bundle).collect(),
            lines,
            notice,
        }
    }
}
