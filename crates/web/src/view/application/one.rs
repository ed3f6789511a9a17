//! One application: its fields, where it stands, what can be done with it, and what has happened. A new one has fields only; so has the
//! page that a headquarters opens by its link.

use super::{
    super::{Frame, Here, path},
    SHEETS, allow,
    field::{Field, Widget, fields},
    hand_over::HandOver,
    list::{mail, place},
};
use crate::words;
use akidoko_domain::{
    access::{Action as May, may},
    application::{Action, Column, FormFinding, Road, Role, State, next},
    organisation::OrganisationKind,
};
use akidoko_service::application::{ApplicationView, HandOverPart, MailRow, StepRow, WORDS_MAX};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What stands in the fields, and what is said of it.
pub struct Written<'a> {
    /// Column by column, as it was typed or stands.
    pub values: &'a BTreeMap<Column, String>,
    /// What is wrong or doubtful.
    pub findings: &'a [FormFinding],
    /// Why nothing was saved.
    pub problem: Option<String>,
    /// It was saved just now.
    pub saved: bool,
}

/// An application that stands.
pub struct Standing<'a> {
    /// What stands.
    pub view: &'a ApplicationView,
    /// Its steps.
    pub steps: &'a [StepRow],
    /// Its mails.
    pub mails: &'a [MailRow],
    /// Who takes over.
    pub hand_over: &'a HandOverPart,
    /// The revision to be sent back; what was on the screen, where that is shown again.
    pub revision: i32,
}

pub(super) struct Press {
    pub(super) action: &'static str,
    pub(super) words: &'static str,
    pub(super) note: &'static str,
    pub(super) danger: bool,
    pub(super) asks: bool,
}

pub(super) struct Said {
    pub(super) at: String,
    pub(super) words: &'static str,
    pub(super) who: String,
    pub(super) text: Option<String>,
}

struct Stand {
    mark: (&'static str, &'static str),
    state: &'static str,
    next_act: &'static str,
    place: Option<String>,
    code: Option<String>,
    reason: Option<String>,
    mails: Vec<(String, String, bool)>,
    presses: Vec<Press>,
    steps_href: String,
    link_href: Option<String>,
    comment_href: Option<String>,
    thread: Vec<Said>,
    steps: Vec<Said>,
    entries: Vec<(&'static str, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "application/one.html")]
pub struct ApplicationPage {
    frame: Frame,
    heading: String,
    prefecture: String,
    allow: String,
    action: String,
    revision: i32,
    fields: Vec<Field>,
    editable: bool,
    submit: &'static str,
    problem: Option<String>,
    saved: bool,
    stand: Option<Stand>,
    hand_over: Option<HandOver>,
}

/// May whoever looks write in the fields?
fn is_editable(kind: OrganisationKind, state: State) -> bool {
    let role = Role::of(kind);
    may(kind, May::HelpApplications)
        && [Action::Edit, Action::CorrectAddress].into_iter().any(|a| next(Road::Bundle, state, a, role).is_ok())
}

/// What the prefecture may do with it.
pub(super) fn presses(kind: OrganisationKind, road: Road, state: State) -> Vec<Press> {
    if !may(kind, May::KeepApplications) {
        return Vec::new();
    }
    let actions = [Action::Resend, Action::Resume, Action::Unbundle, Action::Suspend, Action::Withdraw];
    let possible = actions.into_iter().filter(|a| next(road, state, *a, Role::Prefecture).is_ok());
    let press = |action: Action| Press {
        action: action.as_str(),
        words: words::road::press(road, action),
        note: words::road::press_note(road, action),
        danger: matches!(action, Action::Suspend | Action::Withdraw),
        asks: matches!(action, Action::Suspend | Action::Withdraw),
    };
    possible.map(press).collect()
}

pub(super) fn said(road: Road, step: &StepRow, now: DateTime<Utc>) -> Said {
    Said {
        at: words::moment(step.at, now),
        words: words::road::step(road, &step.action),
        who: if step.who.is_empty() { "自動".to_owned() } else { step.who.clone() },
        text: step.words.clone(),
    }
}

fn stand(standing: &Standing<'_>, kind: OrganisationKind, values: &BTreeMap<Column, String>, now: DateTime<Utc>) -> Stand {
    let (view, row) = (standing.view, &standing.view.row);
    let failed = |m: &MailRow| matches!(m.state.as_str(), "failed" | "bounced");
    let columns = Column::SHEET.iter().filter(|c| !matches!(c, Column::Prefecture | Column::EmailAgain));
    let may_link = may(kind, May::KeepApplications) && next(Road::Bundle, row.state, Action::Edit, Role::Applicant).is_ok();
    Stand {
        mark: words::office::state_mark(row.state),
        state: words::office::state(row.state),
        next_act: words::application::next_act(row.state, standing.mails.first().is_some_and(failed)),
        place: place(view),
        code: row.code.as_ref().map(ToString::to_string),
        reason: row.reason.clone(),
        mails: standing.mails.iter().map(|m| (mail(m, now), m.answer.clone().unwrap_or_default(), failed(m))).collect(),
        presses: presses(kind, Road::Bundle, row.state),
        steps_href: path::application_steps(row.id),
        link_href: may_link.then(|| path::application_link(row.id)),
        comment_href: may(kind, May::HelpApplications).then(|| path::application_comments(row.id)),
        thread: standing.steps.iter().filter(|s| s.words.is_some()).map(|s| said(Road::Bundle, s, now)).collect(),
        steps: standing.steps.iter().rev().map(|s| said(Road::Bundle, s, now)).collect(),
        entries: columns.map(|c| (c.heading(), values.get(c).cloned().unwrap_or_default())).collect(),
    }
}

impl ApplicationPage {
    /// `standing` is `None` for a new one.
    pub fn new(
        frame: Frame,
        (prefecture, domains): (&str, &[String]),
        kind: OrganisationKind,
        standing: Option<&Standing<'_>>,
        written: Written<'_>,
        now: DateTime<Utc>,
    ) -> Self {
        let row = standing.map(|s| &s.view.row);
        let heading = row.map_or_else(|| "新しい申請".to_owned(), |r| r.form.name.clone());
        let submit = match row.map(|r| r.state) {
            None => "申請を加える",
            Some(State::Bounced | State::Issued) => "宛先を直して、もう一度送る",
            Some(_) => "保存する",
        };
        Self {
            frame: frame.of(format!("{heading}　ID 申請"), Here::Applications, &[]).with_sheets(SHEETS),
            heading,
            prefecture: prefecture.to_owned(),
            allow: allow(domains),
            action: row.map_or_else(|| path::APPLICATION_NEW.to_owned(), |r| path::application(r.id)),
            revision: standing.map_or(0, |s| s.revision),
            fields: fields(written.values, written.findings),
            editable: row.is_none_or(|r| is_editable(kind, r.state)),
            submit,
            problem: written.problem,
            saved: written.saved,
            stand: standing.map(|s| stand(s, kind, written.values, now)),
            hand_over: standing
                .filter(|_| may(kind, May::KeepApplications))
                .and_then(|s| HandOver::of(s.hand_over, &s.view.row, path::application_hand_over(s.view.row.id), now)),
        }
    }

    fn complaints(&self) -> usize {
        self.fields.iter().map(|f| f.complaints().count()).sum()
    }
}

/// The link for a headquarters, shown once.
#[derive(Template)]
#[template(path = "application/link.html")]
pub struct ApplyLinkPage {
    frame: Frame,
    name: String,
    back: String,
    link: String,
}

impl ApplyLinkPage {
    /// `site` is where links lead, without a slash at the end.
    pub fn new(frame: Frame, view: &ApplicationView, site: &str, token: &str) -> Self {
        Self {
            frame: frame.of("本部へ渡すリンク", Here::Applications, &["js/print.js"]).with_sheets(SHEETS),
            name: view.row.form.name.clone(),
            back: path::application(view.row.id),
            link: format!("{site}{}", path::apply(token)),
        }
    }
}

/// What a headquarters sees behind its link.
#[derive(Template)]
#[template(path = "application/apply.html")]
pub struct ApplyPage {
    frame: Frame,
    prefecture: String,
    allow: String,
    action: String,
    revision: i32,
    reason: Option<String>,
    fields: Vec<Field>,
    problem: Option<String>,
    saved: bool,
}

impl ApplyPage {
    /// `token` is the one of the link.
    pub fn new(
        frame: Frame,
        (prefecture, domains): (&str, &[String]),
        token: &str,
        (revision, reason): (i32, Option<String>),
        written: Written<'_>,
    ) -> Self {
        Self {
            frame: frame.of("ID の申請を書く", Here::Apply, &[]).with_sheets(SHEETS),
            prefecture: prefecture.to_owned(),
            allow: allow(domains),
            action: path::apply(token),
            revision,
            reason,
            fields: fields(written.values, written.findings),
            problem: written.problem,
            saved: written.saved,
        }
    }

    fn complaints(&self) -> usize {
        self.fields.iter().map(|f| f.complaints().count()).sum()
    }
}

/// As much may be written.
const WORDS: usize = WORDS_MAX;
