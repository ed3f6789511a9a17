//! Corrections that wait for the prefecture's consent: the list, and one of them with what would change.

use super::{
    Frame, Here,
    change::{Change, after, author_words, changes},
    path,
};
use crate::words;
use akidoko_domain::{
    id::OrganisationCode,
    report::{Correction, CorrectionState, Kind, Refusal, ReportVersion},
    survey::{Answers, Catalogue, DAILY, Survey},
};
use akidoko_service::correction::CorrectionView;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// What a decision answered, where the page is shown again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What is wrong, and how to mend it.
    pub problem: Option<String>,
    /// It is about the words.
    pub about_words: bool,
    /// What was typed.
    pub words: String,
}

/// What it would change: against what stands of that day.
fn would_change(view: &CorrectionView) -> Vec<Change> {
    let c = &view.correction;
    let none = Answers::new();
    let after = match (c.kind, &view.stands) {
        (Kind::Quick, Some(stands)) => {
            let mut answers = stands.clone();
            answers.extend(c.answers.clone());
            answers
        }
        _ => c.answers.clone(),
    };
    changes(&view.survey, view.stands.as_ref().unwrap_or(&none), &after)
}

/// What it changed, once it is a version: against the versions before it.
fn changed(view: &CorrectionView, number: u32) -> Vec<Change> {
    let mut ordered: Vec<&ReportVersion> = view.versions.iter().filter(|v| v.version <= number).collect();
    ordered.sort_by_key(|v| v.version);
    let Some(last) = ordered.pop() else { return Vec::new() };
    let before = ordered.into_iter().fold(None::<Answers>, |known, v| Some(after(known.as_ref(), v)));
    changes(&view.survey, &before.clone().unwrap_or_default(), &after(before.as_ref(), last))
}

/// Which report it is about: a day, or the period of another survey.
fn about(survey: Option<&Survey>, date: NaiveDate) -> String {
    match survey.filter(|s| s.code != DAILY) {
        Some(survey) => format!("{}　{}", survey.title, words::survey::period(survey, survey.period(date))),
        None => words::date(date),
    }
}

fn version_path(c: &Correction, code: &OrganisationCode, number: u32) -> String {
    if c.survey == DAILY {
        path::version(code, c.report_date, number)
    } else {
        path::answer_receipt(code, &c.survey, c.report_date, number)
    }
}

struct Waiting {
    href: String,
    hospital: String,
    day: String,
    moment: String,
    author: String,
    on_behalf: bool,
    reason: String,
    changes: Vec<Change>,
    first: bool,
}

struct Over {
    href: String,
    hospital: String,
    day: String,
    state: &'static str,
    moment: String,
    by: String,
}

/// The list.
#[derive(Template)]
#[template(path = "corrections.html")]
pub struct CorrectionsPage {
    frame: Frame,
    decides: bool,
    waiting: Vec<Waiting>,
    more: usize,
    over: Vec<Over>,
    days: u32,
}

impl CorrectionsPage {
    /// What waits, with its differences; how many more wait; and what was decided, with the hospital's name. `days` is the window of today.
    pub fn new(
        frame: Frame,
        (waiting, more): (&[CorrectionView], usize),
        (over, catalogue): (&[(Correction, String)], &Catalogue),
        (decides, days): (bool, u32),
        now: DateTime<Utc>,
    ) -> Self {
        let waits = |v: &CorrectionView| Waiting {
            href: path::correction(v.correction.id),
            hospital: v.hospital.hospital.attributes.name.clone().unwrap_or_default(),
            day: about(Some(&v.survey), v.correction.report_date),
            moment: words::moment(v.correction.requested_at, now),
            author: author_words(&v.correction.author),
            on_behalf: v.correction.author.on_behalf,
            reason: v.correction.reason.clone(),
            changes: would_change(v),
            first: v.stands.is_none(),
        };
        let is_over = |(c, hospital): &(Correction, String)| {
            let (at, by) = c.decided.as_ref()?;
            Some(Over {
                href: path::correction(c.id),
                hospital: hospital.clone(),
                day: about(catalogue.on(&c.survey, c.report_date), c.report_date),
                state: words::correction_state(c.state),
                moment: words::moment(*at, now),
                by: format!("{}　{}", by.organisation, by.operator),
            })
        };
        Self {
            frame: frame.of("訂正の申請", Here::Corrections, &[]).with_sheets(&["history.css"]),
            decides,
            waiting: waiting.iter().map(waits).collect(),
            more,
            over: over.iter().filter_map(is_over).collect(),
            days,
        }
    }
}

/// One of them.
#[derive(Template)]
#[template(path = "correction.html")]
pub struct CorrectionPage {
    frame: Frame,
    name: String,
    hospital: String,
    day: String,
    action: String,
    state: CorrectionState,
    facts: Vec<(&'static str, String)>,
    on_behalf: bool,
    changes: Vec<Change>,
    first: bool,
    version: u32,
    became: Option<(String, u32)>,
    history: String,
    /// The rules of today refuse it.
    refused: Option<(String, Vec<String>)>,
    may: May,
    said: Said,
}

/// What the reader may do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Decide,
    Withdraw,
    Look,
}

impl CorrectionPage {
    /// The screen of one request.
    pub fn new(frame: Frame, view: &CorrectionView, said: Said, now: DateTime<Utc>) -> Self {
        let c = &view.correction;
        let h = &view.hospital.hospital;
        let name = h.attributes.name.clone().unwrap_or_else(|| h.code.to_string());
        let mut facts = vec![
            ("理由", c.reason.clone()),
            ("だれが", author_words(&c.author)),
            ("どこから", words::road(&c.author).to_owned()),
            ("申請", words::moment(c.requested_at, now)),
        ];
        if let Some((at, by)) = &c.decided {
            let who = format!("{}　{} {}　{}", by.organisation, by.operator, by.sign_in, words::moment(*at, now));
            facts.push((words::correction_state(c.state), who));
        }
        facts.extend(c.words.clone().map(|words| ("不同意の理由", words)));
        if !c.confirmed.is_empty() {
            facts.push(("確かめたこと", format!("{} か所", c.confirmed.len())));
        }
        Self {
            frame: frame.of(format!("訂正の申請　{name}"), Here::Corrections, &[]).with_sheets(&["history.css"]),
            name,
            hospital: path::hospital(&h.code),
            day: about(Some(&view.survey), c.report_date),
            action: path::correction(c.id),
            state: c.state,
            facts,
            on_behalf: c.author.on_behalf,
            changes: c.version.map_or_else(|| would_change(view), |number| changed(view, number)),
            first: view.stands.is_none(),
            version: view.versions.first().map_or(0, |v| v.version),
            became: c.version.map(|n| (version_path(c, &h.code, n), n)),
            history: if c.survey == DAILY {
                format!("{}?month={}", path::history(&h.code), c.report_date.format("%Y-%m"))
            } else {
                path::answers(&h.code, &c.survey)
            },
            refused: view.refusal.as_ref().map(|refusal| refused(view, refusal)),
            may: match (view.may_decide, view.may_withdraw) {
                (true, _) => May::Decide,
                (false, true) => May::Withdraw,
                (false, false) => May::Look,
            },
            said,
        }
    }
}

fn refused(view: &CorrectionView, refusal: &Refusal) -> (String, Vec<String>) {
    let lines = match refusal {
        Refusal::Findings { errors, warnings } => errors
            .iter()
            .chain(warnings)
            .map(|f| words::finding(&view.survey, f))
            .map(|line| format!("{}：{}", line.label, line.sentence))
            .collect(),
        _ => Vec::new(),
    };
    let sentence = if lines.is_empty() {
        words::refusal(refusal)
    } else {
        "いまの調査の決まりに合わないところがあります。".to_owned()
    };
    (sentence, lines)
}
