//! One application in full, beside others that may be the same.

use super::{
    super::{Frame, Here, application::HandOver, path},
    bar::Bar,
    decision,
    list::{Around, Typed, short},
};
use crate::words;
use akidoko_domain::application::{Action, Column, Role, next};
use akidoko_service::application::{ApplicationView, HandOverPart, MailRow, StepRow};
use askama::Template;

/// At most so many rows stand beside.
const BESIDE: usize = 6;

struct Beside {
    href: String,
    name: String,
    note: String,
}

struct Cell {
    value: String,
    differs: bool,
}

struct Entry {
    heading: &'static str,
    value: String,
    doubts: Vec<String>,
    others: Vec<Cell>,
}

struct Step {
    at: String,
    words: &'static str,
    who: String,
    said: Option<String>,
    by_office: bool,
}

struct Mail {
    kind: &'static str,
    to: String,
    state: &'static str,
    written: String,
    sent: String,
    opened: String,
    attempts: i32,
    answer: String,
}

/// The page.
#[derive(Template)]
#[template(path = "office/application.html")]
pub struct OfficeApplicationPage<'a> {
    frame: Frame,
    bar: Bar,
    typed: Typed,
    view: &'a ApplicationView,
    prefecture: String,
    state: &'static str,
    mark: (&'static str, &'static str),
    kind: &'static str,
    decision: String,
    submitted: Option<String>,
    expected: Option<String>,
    issue_from: Option<String>,
    beside: Vec<Beside>,
    more: usize,
    entries: Vec<Entry>,
    thread: Vec<Step>,
    steps: Vec<Step>,
    mails: Vec<Mail>,
    hand_over: Option<HandOver>,
}

impl<'a> OfficeApplicationPage<'a> {
    /// `others`: every application, this one among them or not.
    pub fn new(
        frame: Frame,
        (view, steps, mails, hand_over): (&'a ApplicationView, &[StepRow], &[MailRow], &HandOverPart),
        others: &[ApplicationView],
        around: &Around,
        bar: Bar,
        typed: Typed,
    ) -> Self {
        let row = &view.row;
        let key = row.form.key();
        let same = |o: &&ApplicationView| {
            let mail = !row.form.email.is_empty() && o.row.form.email.eq_ignore_ascii_case(&row.form.email);
            o.row.id != row.id && (mail || o.row.form.key() == key)
        };
        let all: Vec<&ApplicationView> = others.iter().filter(same).collect();
        let more = all.len().saturating_sub(BESIDE);
        let near: Vec<&ApplicationView> = all.into_iter().take(BESIDE).collect();
        let name = |p| around.prefectures.get(&p).cloned().unwrap_or_default();
        let beside = near.iter().map(|o| {
            let why = if o.row.form.key() == key { "同じ本部" } else { "同じ宛先" };
            let note = format!("{why}・{}・{}", name(o.row.prefecture), words::office::state(o.row.state));
            Beside { href: path::office_application(o.row.id), name: o.row.form.name.clone(), note }
        });
        let moment = |at| words::moment(at, around.now);
        let line = |s: &StepRow| Step {
            at: moment(s.at),
            words: words::office::step(&s.action),
            who: if s.who.is_empty() { "自動".to_owned() } else { s.who.clone() },
            said: s.words.clone(),
            by_office: s.role == Role::Office.as_str(),
        };
        let title = format!("{}　ID の申請", row.form.name);
        Self {
            frame: frame.of(title, Here::Office, &["js/office.js"]).with_sheets(super::SHEETS),
            prefecture: name(row.prefecture),
            state: words::office::state(row.state),
            mark: words::office::state_mark(row.state),
            kind: words::office::kind_of(&row.form),
            decision: decision(view),
            submitted: row.submitted_at.map(moment),
            expected: view.estimate.map(|e| format!("{} 番目、{} ごろ", e.place, words::day(e.decided_on))),
            issue_from: row.issue_from.map(words::date),
            entries: entries(view, &near),
            beside: beside.collect(),
            more,
            thread: steps.iter().filter(|s| s.words.is_some()).map(line).collect(),
            steps: steps.iter().rev().map(line).collect(),
            mails: mails.iter().map(|m| mail(m, around)).collect(),
            hand_over: HandOver::of(hand_over, row, format!("{}/hand-over", path::office_application(row.id)), around.now),
            bar,
            typed,
            view,
        }
    }

    fn can(&self, action: &str) -> bool {
        Action::parse(action)
            .is_some_and(|a| next(self.view.row.state, a, Role::Office).is_ok() && (a != Action::Undo || self.view.undo_until.is_some()))
    }

    fn undo_until(&self) -> String {
        self.view.undo_until.map(words::clock).unwrap_or_default()
    }

    fn code(&self) -> Option<String> {
        self.view.row.code.as_ref().map(ToString::to_string)
    }

    /// Where a press comes from: what it sends along.
    fn origin(&self) -> String {
        format!("<input type=\"hidden\" name=\"from\" value=\"{}\">", self.view.row.id)
    }

    fn nothing_to_do(&self) -> bool {
        !["approve", "allow", "return", "undo", "resend", "resume", "suspend", "close"].iter().any(|a| self.can(a))
    }

    fn page(&self) -> String {
        path::office_application(self.view.row.id)
    }
}

fn entries(view: &ApplicationView, near: &[&ApplicationView]) -> Vec<Entry> {
    let columns = Column::ALL.iter().filter(|c| !matches!(c, Column::Prefecture | Column::EmailAgain));
    let entry = |column: &Column| {
        let value = view.row.form.value(*column);
        let others = near.iter().map(|o| o.row.form.value(*column)).map(|other| Cell { differs: other != value, value: other });
        let doubts = view.findings.iter().filter(|f| f.column == *column).map(|f| words::office::doubt(&f.problem));
        Entry { heading: column.heading(), doubts: doubts.collect(), others: others.collect(), value }
    };
    columns.map(entry).collect()
}

fn mail(m: &MailRow, around: &Around) -> Mail {
    let at = |at: Option<_>| at.map(|at| short(at, around.now)).unwrap_or_default();
    Mail {
        kind: words::office::mail_kind(&m.kind),
        to: m.recipient.clone(),
        state: words::office::mail_state(&m.state, m.attempts, m.opened_at.is_some()),
        written: short(m.created_at, around.now),
        sent: at(m.sent_at),
        opened: at(m.opened_at),
        attempts: m.attempts,
        answer: m.answer.clone().unwrap_or_default(),
    }
}
