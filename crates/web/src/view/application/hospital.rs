//! Hospitals that apply, as their prefecture sees them: the list, and one of them beside the hospitals of the register that it may be.

use super::{
    super::{Frame, Here, path},
    SHEETS, application_cells,
    field::{Field, Note, Widget, fields_on},
    list::{mail, place},
    one::{Press, Said, presses, said},
};
use crate::words;
use akidoko_domain::{
    application::{Action, Column, FormFinding, FormProblem, Road, Role, State, next},
    organisation::OrganisationKind,
};
use akidoko_service::{
    Reference,
    application::{ApplicationView, Chosen, HospitalOption, MailRow, Match, StepRow, WORDS_MAX},
};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

struct Line {
    href: String,
    name: String,
    code: String,
    mark: (&'static str, &'static str),
    state: &'static str,
    applied: String,
    place: Option<String>,
    mail: Option<String>,
    mail_failed: bool,
    notes: Vec<Note>,
}

/// The list.
#[derive(Template)]
#[template(path = "application/hospitals.html")]
pub struct HospitalApplicationsPage {
    frame: Frame,
    prefecture: String,
    waiting: usize,
    lines: Vec<Line>,
}

/// What asks for the prefecture's hand comes first.
fn rank(state: State) -> u8 {
    match state {
        State::Bundled => 0,
        State::Bounced => 1,
        State::Draft | State::Returned => 2,
        State::Submitted | State::Approved | State::NoticeSent | State::Delivered | State::WaitingWindow | State::Consulting => 3,
        State::Issued | State::Activated => 4,
        State::Suspended | State::Rejected | State::Withdrawn | State::Closed => 5,
    }
}

fn failed(m: &MailRow) -> bool {
    matches!(m.state.as_str(), "failed" | "bounced")
}

/// What is doubtful while it lies before the prefecture.
fn notes(view: &ApplicationView) -> Vec<Note> {
    view.findings.iter().filter(|f| f.problem != FormProblem::Missing).map(|f| Note::on(Road::Hospital, f)).collect()
}

fn line(view: &ApplicationView, now: DateTime<Utc>) -> Line {
    let row = &view.row;
    Line {
        href: path::hospital_application(row.id),
        name: row.form.name.clone(),
        code: row.code.as_ref().map(ToString::to_string).unwrap_or_default(),
        mark: words::road::state_mark(Road::Hospital, row.state),
        state: words::road::state(Road::Hospital, row.state),
        applied: words::moment(row.created_at, now),
        place: place(view),
        mail: view.mail.as_ref().map(|m| mail(m, now)),
        mail_failed: view.mail.as_ref().is_some_and(failed),
        notes: notes(view),
    }
}

impl HospitalApplicationsPage {
    /// Of the hospitals among these.
    pub fn new(frame: Frame, prefecture: &str, views: &[ApplicationView], now: DateTime<Utc>) -> Self {
        let mut hospitals: Vec<&ApplicationView> = views.iter().filter(|v| v.row.applicant.road() == Road::Hospital).collect();
        hospitals.sort_by_key(|v| (rank(v.row.state), v.row.created_at, v.row.id));
        Self {
            frame: frame.of("医療機関の申請", Here::Applications, &[]).with_sheets(SHEETS),
            prefecture: prefecture.to_owned(),
            waiting: hospitals.iter().filter(|v| v.row.state == State::Bundled).count(),
            lines: hospitals.into_iter().map(|v| line(v, now)).collect(),
        }
    }
}

/// What the page of one hospital is asked to show beside it.
pub struct Vouching<'a> {
    /// The hospitals of the register, those that may be it first. Empty where nothing is to be chosen.
    pub options: &'a [HospitalOption],
    /// Which one was chosen.
    pub hospital: Chosen,
    /// Why nothing was done.
    pub problem: Option<String>,
    /// What was chosen on the screen: the mark, and in the second list.
    pub chosen: (&'a str, &'a str),
    /// The reason that was typed.
    pub words: String,
    /// An address that was typed and not taken.
    pub address: Option<(BTreeMap<Column, String>, Vec<FormFinding>)>,
}

struct Candidate {
    id: String,
    words: String,
    why: &'static str,
    /// Why it cannot be approved.
    warning: Option<String>,
    chosen: bool,
}

/// The page of one.
#[derive(Template)]
#[template(path = "application/hospital.html")]
pub struct HospitalApplicationPage {
    frame: Frame,
    heading: String,
    action: String,
    revision: i32,
    problem: Option<String>,
    mark: (&'static str, &'static str),
    state: &'static str,
    next_act: String,
    place: Option<String>,
    code: Option<String>,
    hospital: Option<String>,
    reason: Option<String>,
    mails: Vec<(String, String, bool)>,
    entries: Vec<(&'static str, String)>,
    notes: Vec<Note>,
    decides: bool,
    candidates: Vec<Candidate>,
    others: Vec<Candidate>,
    /// `other` or `new` is chosen.
    chosen: String,
    words: String,
    address: Option<Vec<Field>>,
    email: String,
    presses: Vec<Press>,
    steps_href: String,
    comment_href: String,
    thread: Vec<Said>,
    steps: Vec<Said>,
}

fn candidate(option: &HospitalOption, chosen: bool) -> Candidate {
    let place = if option.municipality.is_empty() { String::new() } else { format!("（{}）", option.municipality) };
    let warning = match (option.operators, option.taken) {
        (0, false) => None,
        (0, true) => Some("ほかの申請で承認されています。".to_owned()),
        (n, _) => Some(format!("この病院の ID は、もう使われています（操作者 {n} 名）。")),
    };
    Candidate {
        id: option.id.to_string(),
        words: format!("{}{place}　ID {}", option.name, option.code),
        why: match option.is_like {
            Some(Match::Code) => "医療機関コードが同じ",
            Some(Match::Name) => "名前が同じ",
            None => "",
        },
        warning,
        chosen,
    }
}

/// What is chosen at first: the only one that may be it, and can be approved.
fn first_choice<'a>(options: &'a [HospitalOption], chosen: &'a str) -> String {
    let mut alike = options.iter().filter(|o| o.is_like.is_some());
    match (chosen, alike.next(), alike.next()) {
        ("", Some(only), None) if only.operators == 0 && !only.taken => only.id.to_string(),
        ("", None, _) if options.is_empty() => "new".to_owned(),
        (chosen, ..) => chosen.to_owned(),
    }
}

impl HospitalApplicationPage {
    /// See [`Vouching`].
    pub fn new(
        frame: Frame,
        kind: OrganisationKind,
        (view, steps, mails): (&ApplicationView, &[StepRow], &[MailRow]),
        vouching: Vouching<'_>,
        reference: &Reference,
        now: DateTime<Utc>,
    ) -> Self {
        let row = &view.row;
        let chosen = first_choice(vouching.options, vouching.chosen.0);
        let cells = application_cells(&row.form, reference);
        let shown = Column::of(Road::Hospital).iter().filter(|c| !matches!(c, Column::Prefecture | Column::EmailAgain));
        let (alike, others): (Vec<&HospitalOption>, Vec<&HospitalOption>) = vouching.options.iter().partition(|o| o.is_like.is_some());
        let corrects = next(Road::Hospital, row.state, Action::CorrectAddress, Role::of(kind)).is_ok();
        let (values, findings) = vouching.address.unwrap_or_default();
        let decided = !matches!(row.state, State::Draft | State::Bundled | State::Withdrawn);
        let hospital = match vouching.hospital {
            Some((name, code)) => format!("{name}（ID {code}）"),
            None => "名簿にない病院（ID の発行と同時に、名簿に加えます）".to_owned(),
        };
        Self {
            frame: frame.of(format!("{}　医療機関の申請", row.form.name), Here::Applications, &[]).with_sheets(SHEETS),
            heading: row.form.name.clone(),
            action: path::hospital_application(row.id),
            revision: row.revision,
            problem: vouching.problem,
            mark: words::road::state_mark(Road::Hospital, row.state),
            state: words::road::state(Road::Hospital, row.state),
            next_act: words::road::next_act(Road::Hospital, row.state, mails.first().is_some_and(failed)),
            place: place(view),
            code: row.code.as_ref().map(ToString::to_string),
            hospital: decided.then_some(hospital),
            reason: row.reason.clone(),
            mails: mails.iter().map(|m| (mail(m, now), m.answer.clone().unwrap_or_default(), failed(m))).collect(),
            entries: shown.map(|c| (c.heading_on(Road::Hospital), cells.get(c).cloned().unwrap_or_default())).collect(),
            notes: if row.state == State::Bundled { notes(view) } else { Vec::new() },
            decides: next(Road::Hospital, row.state, Action::Submit, Role::of(kind)).is_ok(),
            candidates: alike.into_iter().map(|o| candidate(o, o.id.to_string() == chosen)).collect(),
            others: others.into_iter().map(|o| candidate(o, o.id.to_string() == vouching.chosen.1)).collect(),
            chosen,
            words: vouching.words,
            address: corrects
                .then(|| fields_on(Road::Hospital, &[Column::Email, Column::EmailAgain], &values, &findings, &BTreeMap::new())),
            email: row.form.email.clone(),
            presses: presses(kind, Road::Hospital, row.state),
            steps_href: path::application_steps(row.id),
            comment_href: path::application_comments(row.id),
            thread: steps.iter().filter(|s| s.words.is_some()).map(|s| said(Road::Hospital, s, now)).collect(),
            steps: steps.iter().rev().map(|s| said(Road::Hospital, s, now)).collect(),
        }
    }
}

/// As much may be written.
const WORDS: usize = WORDS_MAX;
