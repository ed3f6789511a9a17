//! The quick screen: what stands on the board now, and one thumb to change it. The same screen without figures is what a device keeps
//! for when there is no line.

use super::{BehalfFields, Previous, ReportInput, form_values, item::ItemView, item::Widget};
use crate::{
    view::{Frame, Here, path},
    words::{self, Line},
};
use akidoko_domain::{
    board::Card,
    report::Refusal,
    survey::{Answers, Survey},
    time::jst_day,
};
use akidoko_service::quick::{Offer, quick_items};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Why an update was not taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QuickProblem<'a> {
    /// The rules.
    Refused(&'a Refusal),
    /// It changed nothing.
    Nothing,
}

/// What the screen shows.
#[derive(Debug, Clone, Copy)]
pub struct QuickInput<'a> {
    /// The questions.
    pub survey: &'a Survey,
    /// The hospital.
    pub card: &'a Card,
    /// What stands, by item.
    pub stands: &'a Answers,
    /// Since when the newest of it is true.
    pub as_of: Option<DateTime<Utc>>,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// What is in the fields.
    pub values: &'a BTreeMap<String, String>,
    /// Soft findings that were confirmed.
    pub confirmed: &'a BTreeSet<String>,
    /// Why it was not taken.
    pub problem: Option<QuickProblem<'a>>,
    /// The pattern that holds now, where it differs.
    pub offer: Option<&'a Offer>,
    /// The hospital keeps patterns.
    pub has_patterns: bool,
    /// 代行
    pub on_behalf: bool,
    /// Why it is entered for the hospital: what was picked, and the text.
    pub behalf: (&'a str, &'a str),
    /// Without figures, for the device.
    pub shell: bool,
}

struct OfferView {
    name: String,
    lines: Vec<(String, String, String)>,
    fields: Vec<(String, String)>,
}

/// The screen.
#[derive(Template)]
#[template(path = "quick.html")]
pub struct QuickPage {
    frame: Frame,
    code: String,
    hospital: String,
    hospital_href: String,
    action: String,
    report_href: String,
    patterns_href: String,
    operator: String,
    on_behalf: bool,
    as_of: String,
    now: i64,
    shell: bool,
    patterns_words: &'static str,
    problem: Option<String>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
    previous_label: Option<String>,
    beds: Option<ItemView>,
    parts: Vec<ItemView>,
    parts_open: bool,
    rest: Vec<ItemView>,
    was: Vec<(String, String)>,
    offer: Option<OfferView>,
    behalf: BehalfFields,
}

impl QuickPage {
    /// The screen of one hospital.
    pub fn new(frame: Frame, input: &QuickInput<'_>) -> Self {
        let previous = Previous { answers: input.stands, date: jst_day(input.now), version: 0, received_at: input.now };
        let refusal = if let Some(QuickProblem::Refused(refusal)) = input.problem { Some(refusal) } else { None };
        let report = ReportInput {
            survey: input.survey,
            card: input.card,
            prefecture: "",
            date: jst_day(input.now),
            now: input.now,
            version: 0,
            values: input.values,
            previous: Some(previous),
            last: input.stands,
            reported_at: None,
            refusal,
            confirmed: input.confirmed,
            on_behalf: input.on_behalf,
            due: None,
            reason: ("", ""),
            usual: &[],
            filled: None,
            conflict: None,
            behalf: input.behalf,
            author: None,
        };
        let (errors, warnings) = super::findings(&report);
        let mut items: Vec<ItemView> =
            quick_items(input.survey).into_iter().map(|i| ItemView::of(i, &report, &errors, &warnings)).collect();
        for item in &mut items {
            item.label.clone_from(&item.full_label);
            // What is required in a whole report may be left alone here.
            item.required = false;
        }
        let (counts, rest): (Vec<_>, Vec<_>) = items.into_iter().partition(|i| i.widget == Widget::Step);
        let (mut beds, parts): (Vec<_>, Vec<_>) = counts.into_iter().partition(|i| !i.part);
        let sign_in = frame.viewer.as_ref().map(|v| v.sign_in.clone()).unwrap_or_default();
        let as_it_stands = form_values(input.stands);
        let shown = beds.iter().chain(&parts).chain(&rest);
        Self {
            frame: frame.of(format!("空床の更新　{}", input.card.name), Here::Quick, &["js/quick.js"]).with_sheets(&["quick.css"]),
            code: input.card.code.to_string(),
            hospital: input.card.name.clone(),
            hospital_href: path::hospital(&input.card.code),
            action: path::hospital_quick(&input.card.code),
            report_href: path::report(&input.card.code, jst_day(input.now)),
            patterns_href: path::patterns(&input.card.code),
            operator: sign_in,
            on_behalf: input.on_behalf,
            as_of: input.as_of.map(|at| words::age(at, input.now).to_string()).unwrap_or_default(),
            now: input.now.timestamp_millis(),
            shell: input.shell,
            patterns_words: if input.has_patterns { "応需パターン" } else { "応需パターンを決める" },
            problem: input.problem.map(|problem| match problem {
                QuickProblem::Refused(refusal) => words::refusal(refusal),
                QuickProblem::Nothing => "変えたところがありません。数か状況を変えてから、もう一度押してください。".to_owned(),
            }),
            errors,
            warnings,
            previous_label: Some("ボード".to_owned()),
            was: shown.map(|i| (i.id.clone(), as_it_stands.get(&i.id).cloned().unwrap_or_default())).collect(),
            parts_open: parts.iter().any(|i| i.changed || i.error.is_some()),
            beds: if beds.is_empty() { None } else { Some(beds.remove(0)) },
            parts,
            rest,
            // Whoever enters for another says why, which one tap cannot.
            offer: input.offer.filter(|_| !input.on_behalf).map(|o| offer_view(o, input)),
            behalf: BehalfFields::new(input.behalf, refusal),
        }
    }
}

fn offer_view(offer: &Offer, input: &QuickInput<'_>) -> OfferView {
    let lines = input.survey.items().filter_map(|item| {
        let to = offer.answers.get(&item.id)?;
        let from = input.stands.get(&item.id).and_then(Option::as_ref);
        let (from, to) = words::change(item, from, to.as_ref());
        Some((words::label(input.survey, &item.id), from, to))
    });
    OfferView { name: offer.name.clone(), lines: lines.collect(), fields: form_values(&offer.answers).into_iter().collect() }
}
