//! 招待

use super::super::{
    Frame, Here,
    application::field::{Field, Widget, fields_on},
};
use akidoko_domain::{
    application::{Column, FormFinding, Road},
    id::PrefCode,
};
use askama::Template;
use std::collections::BTreeMap;

/// The form by which an organisation is invited.
#[derive(Template)]
#[template(path = "office/invitation.html")]
pub struct InvitationPage {
    frame: Frame,
    problem: Option<&'static str>,
    fields: Vec<Field>,
}

impl InvitationPage {
    /// `findings` only where something is to be mended.
    pub fn new(
        frame: Frame,
        prefectures: &BTreeMap<PrefCode, String>,
        values: &BTreeMap<Column, String>,
        findings: &[FormFinding],
        problem: Option<&'static str>,
    ) -> Self {
        Self {
            frame: frame.of("招待する", Here::Office, &[]).with_sheets(&["office.css", "application.css"]),
            problem,
            fields: fields_on(Road::Invitation, Column::of(Road::Invitation), values, findings, prefectures),
        }
    }

    fn complaints(&self) -> usize {
        self.fields.iter().map(|f| f.complaints().count()).sum()
    }
}
