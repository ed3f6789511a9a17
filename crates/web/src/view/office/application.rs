//! One application in full, beside others that may be the same.

use super::{
    super::{
        Frame, Here,
        application::{
            HandOver,
            field::{Field, Widget, fields_on},
        },
        path,
    },
    bar::Bar,
    decision,
    list::{Around, Typed, short},
};
use crate::words;
use akidoko_domain::application::{Action, Column, FormFinding, Road, Role, State, next};
use akidoko_service::application::{ApplicationView, Chosen, HandOverPart, MailRow, StepRow};
use askama::Template;
use std::collections::BTreeMap;

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
    /// Which hospital of the register it is.
    hospital: Option<String>,
    /// Where the office corrects the address itself.
    address: Option<Vec<Field>>,
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
            let why = match row.form.road {
                _ if o.row.form.key() != key => "同じ宛先",
                Road::Bundle => "同じ本部",
                Road::Hospital => "同じ病院",
                Road::Invitation => "同じ組織",
            };
            let note = format!("{why}・{}・{}", name(o.row.prefecture), words::road::state(o.row.form.road, o.row.state));
            Beside { href: path::office_application(o.row.id), name: o.row.form.name.clone(), note }
        });
        let moment = |at| words::moment(at, around.now);
        let line = |s: &StepRow| Step {
            at: moment(s.at),
            words: words::road::step(row.form.road, &s.action),
            who: if s.who.is_empty() { "自動".to_owned() } else { s.who.clone() },
            said: s.words.clone(),
            by_office: s.role == Role::Office.as_str(),
        };
        let title = format!("{}　ID の申請", row.form.name);
        Self {
            frame: frame.of(title, Here::Office, &["js/office.js"]).with_sheets(super::SHEETS),
            prefecture: name(row.prefecture),
            state: words::road::state(row.form.road, row.state),
            mark: words::road::state_mark(row.form.road, row.state),
            kind: words::road::kind_of(&row.form),
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
            hospital: None,
            address: address(view, &BTreeMap::new(), &[]),
            bar,
            typed,
            view,
        }
    }

    /// Of a hospital: which one its prefecture said that it is.
    #[must_use]
    pub fn of_hospital(mut self, chosen: Chosen) -> Self {
        let row = &self.view.row;
        let said = row.form.road == Road::Hospital && !matches!(row.state, State::Draft | State::Bundled | State::Withdrawn);
        let words = match chosen {
            Some((name, code)) => format!("名簿の病院：{name}（{code}）"),
            None => "名簿にない病院。ID の発行と同時に、名簿に加えます。".to_owned(),
        };
        self.hospital = said.then_some(words);
        self
    }

    /// An address that was typed and not taken.
    #[must_use]
    pub fn with_address(mut self, values: &BTreeMap<Column, String>, findings: &[FormFinding]) -> Self {
        self.address = address(self.view, values, findings);
        self
    }

    /// Who reads the reason.
    fn reason_goes_to(&self) -> &'static str {
        if self.view.row.form.road == Road::Hospital { "都道府県と医療機関" } else { "都道府県" }
    }

    fn can(&self, action: &str) -> bool {
        Action::parse(action).is_some_and(|a| {
            next(self.view.row.form.road, self.view.row.state, a, Role::Office).is_ok()
                && (a != Action::Undo || self.view.undo_until.is_some())
        })
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

/// The fields of an address, where it is the office's to correct.
fn address(view: &ApplicationView, values: &BTreeMap<Column, String>, findings: &[FormFinding]) -> Option<Vec<Field>> {
    let row = &view.row;
    next(row.form.road, row.state, Action::CorrectAddress, Role::Office).ok()?;
    Some(fields_on(row.form.road, &[Column::Email, Column::EmailAgain], values, findings, &BTreeMap::new()))
}

fn entries(view: &ApplicationView, near: &[&ApplicationView]) -> Vec<Entry> {
    let road = view.row.form.road;
    let columns = Column::of(road).iter().filter(|c| !matches!(c, Column::Prefecture | Column::EmailAgain));
    let entry = |column: &Column| {
        let shown = |form: &akidoko_domain::application::Form| match (column, form.organisation_kind) {
            (Column::OrganisationKind, Some(kind)) => words::road::invited(kind).to_owned(),
            _ => form.value(*column),
        };
        let value = shown(&view.row.form);
        let others = near.iter().map(|o| shown(&o.row.form)).map(|other| Cell { differs: other != value, value: other });
        let doubts = view.findings.iter().filter(|f| f.column == *column).map(|f| words::road::doubt(road, &f.problem));
        Entry { heading: column.heading_on(road), doubts: doubts.collect(), others: others.collect(), value }
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
