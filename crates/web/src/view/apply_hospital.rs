//! A hospital's entrance: the form, what it sees behind its link, and where its application stands.

use super::{
    Frame, Here,
    application::field::{Field, Widget, fields_on},
    path,
};
use crate::words;
use akidoko_domain::{
    application::{Column, FormFinding, Road, State},
    id::PrefCode,
};
use askama::Template;
use std::collections::BTreeMap;

const SHEETS: &[&str] = &["office.css", "application.css"];

/// Why the form was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyProblem {
    /// Something is to be mended.
    Findings,
    /// Another window was first.
    Stale,
    /// Too many from this network.
    Blocked {
        /// For so long.
        minutes: u32,
    },
}

impl ApplyProblem {
    fn words(self) -> String {
        match self {
            Self::Findings => "直すところがあります。印の付いた欄を直してください。まだ何も送っていません。".to_owned(),
            Self::Stale => "別の画面で先に送られています。画面を開き直して、いまの内容を確かめてください。".to_owned(),
            Self::Blocked { minutes } => {
                format!("続けて送られたため、いまは受け付けられません。{minutes} 分待ってから、もう一度試してください。")
            }
        }
    }
}

/// What the page of the form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyAsk {
    /// To be filled in.
    Open,
    /// It was taken; the same for everybody.
    Sent,
    /// It was not.
    Problem(ApplyProblem),
}

/// The form, without sign-in.
#[derive(Template)]
#[template(path = "apply/hospital.html")]
pub struct ApplyHospitalPage {
    frame: Frame,
    sent: bool,
    problem: Option<String>,
    fields: Vec<Field>,
    domains: String,
}

impl ApplyHospitalPage {
    /// `findings` only where something is to be mended: an empty form is not scolded.
    pub fn new(
        frame: Frame,
        (prefectures, domains): (&BTreeMap<PrefCode, String>, &[String]),
        values: &BTreeMap<Column, String>,
        findings: &[FormFinding],
        ask: ApplyAsk,
    ) -> Self {
        Self {
            frame: frame.of("医療機関の ID を申請する", Here::Apply, &[]).with_sheets(SHEETS),
            sent: ask == ApplyAsk::Sent,
            problem: if let ApplyAsk::Problem(problem) = ask { Some(problem.words()) } else { None },
            fields: fields_on(Road::Hospital, Column::of(Road::Hospital), values, findings, prefectures),
            domains: domains.join("、"),
        }
    }

    fn complaints(&self) -> usize {
        self.fields.iter().map(|f| f.complaints().count()).sum()
    }
}

/// Behind the link: to be looked at once more, or corrected, and sent.
#[derive(Template)]
#[template(path = "apply/hospital_link.html")]
pub struct HospitalLinkPage {
    frame: Frame,
    action: String,
    prefecture: String,
    email: String,
    reason: Option<String>,
    revision: i32,
    problem: Option<String>,
    fields: Vec<Field>,
}

impl HospitalLinkPage {
    /// The prefecture and the address stand; all else can be mended.
    pub fn new(
        frame: Frame,
        token: &str,
        (prefecture, email, reason): (String, String, Option<String>),
        (values, findings, problem): (&BTreeMap<Column, String>, &[FormFinding], Option<ApplyProblem>),
        revision: i32,
    ) -> Self {
        let fixed = [Column::Prefecture, Column::Email, Column::EmailAgain];
        let columns: Vec<Column> = Column::of(Road::Hospital).iter().copied().filter(|c| !fixed.contains(c)).collect();
        Self {
            frame: frame.of("ID の申請を確かめる", Here::Apply, &[]).with_sheets(SHEETS),
            action: path::apply_hospital(token),
            prefecture,
            email,
            reason,
            revision,
            problem: problem.map(ApplyProblem::words),
            fields: fields_on(Road::Hospital, &columns, values, findings, &BTreeMap::new()),
        }
    }

    fn complaints(&self) -> usize {
        self.fields.iter().map(|f| f.complaints().count()).sum()
    }
}

/// Where it stands, once it was sent.
#[derive(Template)]
#[template(path = "apply/hospital_stands.html")]
pub struct HospitalStandsPage {
    frame: Frame,
    name: String,
    prefecture: String,
    words: &'static str,
    in_use: bool,
}

impl HospitalStandsPage {
    /// Of an application that is on its way.
    pub fn new(frame: Frame, name: String, prefecture: String, state: State) -> Self {
        Self {
            frame: frame.of("ID の申請", Here::Apply, &[]),
            name,
            prefecture,
            words: words::road::applied(state),
            in_use: state == State::Activated,
        }
    }
}
