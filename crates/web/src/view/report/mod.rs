//! The daily report, one screen: made from the survey, filled in from the last report, with what changed marked.

mod behalf;
mod conflict;
mod item;
mod quick;

pub use conflict::{Conflict, chosen};
pub use quick::{QuickInput, QuickPage, QuickProblem};

use super::{Frame, Here, change::Change, path};
use crate::words::{self, Line};
use akidoko_domain::{
    board::Card,
    report::{Author, REASON, Refusal, mark},
    rule::Program,
    survey::{Answers, Section, Severity, Survey, Value},
    time::{DueRule, day_before, jst_day, to_jst},
};
use askama::Template;
pub use behalf::BehalfFields;
use behalf::entered_for;
use chrono::{DateTime, NaiveDate, Utc};
pub(in crate::view) use item::{ItemView, Widget};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The reasons for a correction that are offered; the last one is for a text of one's own.
pub const REASONS: [&str; 4] = ["状況が変わった", "入力の誤り", "確認のうえ訂正", "その他"];

/// The reason as it is kept, from the choice and the text: 「入力の誤り：数え違い」.
pub fn compose_reason(choice: &str, text: &str) -> Option<String> {
    let other = REASONS[REASONS.len() - 1];
    match (choice.trim(), text.trim()) {
        ("", "") => None,
        ("", text) => Some(text.to_owned()),
        (choice, "") => Some(choice.to_owned()),
        (choice, text) if choice == other => Some(text.to_owned()),
        (choice, text) => Some(format!("{choice}：{text}")),
    }
}

/// Answers as the form holds them, by item: what a report is filled in with.
pub fn form_values(answers: &Answers) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::Count(n) => n.to_string(),
        Value::Word(word) => word.clone(),
    };
    answers.iter().filter_map(|(id, value)| Some((id.clone(), text(value.as_ref()?)))).collect()
}

/// The name under which a browser keeps a draft: one operator's, of one hospital and day.
pub(super) fn draft_key(frame: &Frame, card: &Card, date: NaiveDate) -> String {
    let sign_in = frame.viewer.as_ref().map_or("", |v| v.sign_in.as_str());
    format!("akidoko-draft:{sign_in}:{}:{date}", card.code)
}

/// What the new report is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    /// Its answers.
    pub answers: &'a Answers,
    /// For which day it was.
    pub date: NaiveDate,
    /// Which version of that day.
    pub version: u32,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// What the screen shows.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// The questions.
    pub survey: &'a Survey,
    /// The hospital.
    pub card: &'a Card,
    /// Its prefecture's name.
    pub prefecture: &'a str,
    /// The day of the report.
    pub date: NaiveDate,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The newest version of that day, 0 for none.
    pub version: u32,
    /// What is in the fields: typed, or filled in by [`form_values`].
    pub values: &'a BTreeMap<String, String>,
    /// What it is compared with: the day before, or after a conflict the version that came first.
    pub previous: Option<Previous<'a>>,
    /// What was last answered, for the rules that compare with it.
    pub last: &'a Answers,
    /// When the newest version of that day was received, if the day has been reported: part updates alone do not count.
    pub reported_at: Option<DateTime<Utc>>,
    /// Why it was not taken.
    pub refusal: Option<&'a Refusal>,
    /// Soft findings that were confirmed.
    pub confirmed: &'a BTreeSet<String>,
    /// 代行
    pub on_behalf: bool,
    /// When it is due; `None`: no report is due that day.
    pub due: Option<DueRule>,
    /// The chosen reason, and the text.
    pub reason: (&'a str, &'a str),
    /// The items that usually change: they stand on top.
    pub usual: &'a [String],
    /// What a pattern filled in.
    pub filled: Option<Filled<'a>>,
    /// What another operator reported meanwhile.
    pub conflict: Option<&'a Conflict>,
    /// Why it is entered for the hospital: what was picked, and the text.
    pub behalf: (&'a str, &'a str),
    /// Who wrote the newest version of that day.
    pub author: Option<&'a Author>,
}

/// What a pattern filled in.
#[derive(Debug, Clone, Copy)]
pub struct Filled<'a> {
    /// 平日日中
    pub name: &'a str,
    /// What it says of the items that it changes.
    pub answers: &'a Answers,
    /// What is known without it, as the form holds it.
    pub before: &'a BTreeMap<String, String>,
}

pub(super) struct SectionView {
    /// The sheet that begins with it.
    pub sheet: Option<String>,
    pub title: String,
    pub note: Option<String>,
    pub folded: bool,
    pub open: bool,
    pub care: bool,
    pub items: Vec<ItemView>,
}

/// What the lead says of a pattern, and sends with one tap.
struct PatternView {
    name: String,
    count: usize,
    fields: Vec<(String, String)>,
    without: String,
}

/// The screen.
#[derive(Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    frame: Frame,
    heading: String,
    day: String,
    hospital: String,
    hospital_href: String,
    action: String,
    confirmation: Option<String>,
    draft: String,
    version: u32,
    seen: String,
    survey_version: u32,
    /// 「の内容を」, or what was updated since with it.
    previous_with: &'static str,
    reported: Option<String>,
    past: bool,
    deadline: String,
    remaining: String,
    previous_label: Option<String>,
    previous_moment: String,
    prefecture: String,
    on_behalf: bool,
    behalf: BehalfFields,
    entered_for: Option<String>,
    problem: Option<String>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
    usual: Vec<ItemView>,
    pattern: Option<PatternView>,
    patterns_href: String,
    quick_href: String,
    conflict: Option<Conflict>,
    sections: Vec<SectionView>,
    changes: Vec<Change>,
    reasons: Vec<(&'static str, bool)>,
    reason_text: String,
    reason_required: bool,
    reason_problem: Option<String>,
    reason_asked: Option<String>,
    /// Confirmed of the words beside the figures, and not asked again.
    beside: Vec<String>,
    rules: String,
    /// The window is over: what is sent is a request.
    asks: Option<String>,
    /// A request waits for this day.
    waiting: Option<String>,
    /// What the last report did.
    give: Option<String>,
}

impl ReportPage {
    /// The screen of one hospital and day.
    pub fn new(frame: Frame, input: &ReportInput<'_>) -> Self {
        let today = jst_day(input.now);
        let is_today = input.date == today;
        let heading = if is_today { "今日の報告" } else { "報告" };
        let (errors, warnings) = findings(input);
        let mut sections: Vec<SectionView> = input.survey.sections.iter().map(|s| section(s, input, &errors, &warnings)).collect();
        let changes = changes(&sections);
        let usual = take_usual(&mut sections, input.usual);
        let reason_problem = input.refusal.filter(|r| matches!(r, Refusal::ReasonMissing | Refusal::BadReason(_))).map(words::refusal);
        let as_before = is_today && input.reported_at.is_none() && input.previous.is_some() && input.refusal.is_none();
        let updated = input.version > 0 || input.previous.is_some_and(|p| form_values(p.answers) != *input.values);
        Self {
            draft: draft_key(&frame, input.card, input.date),
            frame: frame.of(format!("{heading}　{}", input.card.name), Here::Report, &["js/report-form.js"]),
            heading: heading.to_owned(),
            day: words::day(input.date),
            hospital: input.card.name.clone(),
            hospital_href: path::hospital(&input.card.code),
            action: path::report(&input.card.code, input.date),
            confirmation: as_before.then(|| path::confirmation(&input.card.code, input.date)),
            version: input.version,
            seen: mark(input.last),
            survey_version: input.survey.version,
            previous_with: if updated && input.filled.is_none() {
                "の内容に、そのあとの更新を入れて"
            } else {
                "の内容を"
            },
            reported: input.reported_at.map(words::clock),
            past: !is_today,
            deadline: input.due.map_or_else(|| "報告のない日".to_owned(), |due| format!("締切 {}", due.due.format("%H:%M"))),
            remaining: if is_today { remaining(input.due, input.now) } else { String::new() },
            previous_label: input.previous.map(|p| previous_label(&p, input.date, today)),
            previous_moment: input.previous.map(|p| words::moment(p.received_at, input.now)).unwrap_or_default(),
            prefecture: input.prefecture.to_owned(),
            on_behalf: input.on_behalf,
            behalf: BehalfFields::new(input.behalf, input.refusal),
            entered_for: input.author.filter(|_| !input.on_behalf).and_then(entered_for),
            problem: match input.conflict {
                Some(_) => Some("この画面を開いたあとに、先に報告がありました。この画面の内容はまだ報告していません。".to_owned()),
                None => input.refusal.map(words::refusal),
            },
            errors,
            warnings,
            usual,
            pattern: input.filled.map(|f| pattern_view(&f, &path::report(&input.card.code, input.date))),
            patterns_href: path::patterns(&input.card.code),
            quick_href: path::hospital_quick(&input.card.code),
            conflict: input.conflict.cloned(),
            sections,
            changes,
            reasons: REASONS.map(|r| (r, r == input.reason.0)).into(),
            reason_text: input.reason.1.to_owned(),
            reason_required: input.version > 0 && input.date < today,
            reason_problem,
            reason_asked: words::asked_beside(input.refusal, REASON),
            beside: words::beside_confirmed(input.refusal, input.confirmed),
            rules: rules(input),
            asks: None,
            waiting: None,
            give: None,
        }
    }

    /// Where the window for corrections is over: what is sent asks for the prefecture's consent. `waiting` leads to a request that waits.
    #[must_use]
    pub fn asking(mut self, window: Option<(u32, NaiveDate)>, waiting: Option<String>) -> Self {
        if let Some((days, until)) = window {
            self.asks = Some(words::window_over(days, until));
            self.reason_required = true;
            self.problem = self.problem.filter(|_| self.reason_problem.is_some() || !self.errors.is_empty() || !self.warnings.is_empty());
        }
        self.waiting = waiting;
        self
    }

    /// With what the last report did, in a sentence.
    #[must_use]
    pub fn with_give(mut self, give: Option<String>) -> Self {
        self.give = give;
        self
    }

    /// What the button will do.
    fn submit(&self) -> String {
        match (&self.previous_label, self.changes.len()) {
            _ if self.asks.is_some() => "訂正を申請する".to_owned(),
            (None, _) => "報告する".to_owned(),
            (Some(_), 0) => "変更なしで報告".to_owned(),
            (Some(_), n) => format!("変更 {n} 件を報告"),
        }
    }
}

pub(super) fn findings(input: &ReportInput<'_>) -> (Vec<Line>, Vec<Line>) {
    let Some(Refusal::Findings { errors, warnings }) = input.refusal else { return (vec![], vec![]) };
    let lines = |findings: &[_]| findings.iter().map(|f| words::finding(input.survey, f)).collect();
    (lines(errors), lines(warnings))
}

pub(super) fn section(section: &Section, input: &ReportInput<'_>, errors: &[Line], warnings: &[Line]) -> SectionView {
    let skip = section.may_skip.then(|| ItemView::skip(section, input));
    let items = section.items.iter().map(|item| ItemView::of(item, input, errors, warnings));
    let items: Vec<ItemView> = skip.into_iter().chain(items).collect();
    SectionView {
        sheet: section.sheet.clone(),
        title: section.title.clone(),
        note: section.note.clone(),
        folded: section.folded,
        open: items.iter().any(|i| i.changed || i.error.is_some() || !i.warnings.is_empty()),
        care: items.iter().all(|i| i.widget == Widget::Care),
        items,
    }
}

/// Takes the items that usually change out of their sections, each by its full name. What was part of one of them is named in full too.
fn take_usual(sections: &mut Vec<SectionView>, usual: &[String]) -> Vec<ItemView> {
    let mut taken = Vec::new();
    for section in &mut *sections {
        let (mine, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut section.items).into_iter().partition(|i| usual.contains(&i.id));
        let whole_is_gone = mine.iter().any(|i| !i.part);
        section.items = rest;
        if whole_is_gone {
            section.items.iter_mut().for_each(|i| i.label.clone_from(&i.full_label));
        }
        taken.extend(mine);
    }
    sections.retain(|s| !s.items.is_empty());
    for item in &mut taken {
        item.label.clone_from(&item.full_label);
        item.part = false;
        item.help = None;
    }
    taken
}

fn pattern_view(filled: &Filled<'_>, report: &str) -> PatternView {
    PatternView {
        name: filled.name.to_owned(),
        count: filled.answers.len(),
        fields: form_values(filled.answers).into_iter().collect(),
        without: format!("{report}?pattern=0"),
    }
}

pub(super) fn changes(sections: &[SectionView]) -> Vec<Change> {
    let changed = sections.iter().flat_map(|s| &s.items).filter(|i| i.changed);
    changed.map(|i| Change { label: i.full_label.clone(), from: i.previous.clone().unwrap_or_default(), to: i.typed.clone() }).collect()
}

fn previous_label(previous: &Previous<'_>, date: NaiveDate, today: NaiveDate) -> String {
    if previous.date == date {
        format!("第 {} 版", previous.version)
    } else if previous.date == day_before(date) {
        if date == today { "昨日".to_owned() } else { "前日".to_owned() }
    } else {
        format!("前回 {}", words::short_day(previous.date))
    }
}

fn remaining(due: Option<DueRule>, now: DateTime<Utc>) -> String {
    let Some(due) = due else { return "今日は報告のない日です。報告することはできます。".to_owned() };
    let due_words = due.due.format("%H:%M");
    let minutes = (due.due - to_jst(now).time()).num_minutes();
    match minutes {
        ..0 => format!("締切 {due_words} を過ぎています。今からでも報告できます。"),
        0..120 => format!("締切 {due_words} まであと {minutes} 分。"),
        _ => format!("締切は {due_words}。"),
    }
}

/// The rules for the script, which says at once what the server would say: the same plain form, and what of the rest of the world it
/// speaks of. `<` cannot end the block early.
pub(super) fn rules(input: &ReportInput<'_>) -> String {
    let rules: Vec<_> = input
        .survey
        .rules
        .iter()
        .filter_map(|rule| {
            let program = rule.holds.program(input.survey).ok()?;
            Some(json!({
                "id": rule.id, "hard": rule.severity == Severity::Hard, "holds": program.plain(), "items": program.items(),
                "item": rule.item, "message": rule.message,
            }))
        })
        .collect();
    let facts = json!({ "licensed_beds": input.card.beds_total, "report_date": input.date.to_string(), "previous": last_answers(input) });
    // What the survey itself computes is shown as it is typed.
    let rates: Vec<_> = input.survey.rates.iter().map(|r| json!({ "label": r.label, "part": r.part, "whole": r.whole })).collect();
    json!({ "rules": rules, "facts": facts, "rates": rates }).to_string().replace('<', "\\u003c")
}

/// The answers of the last report, as far as a rule speaks of them. Of a past day the server alone knows what came before.
fn last_answers(input: &ReportInput<'_>) -> BTreeMap<String, Value> {
    if !input.survey.period(input.date).contains(jst_day(input.now)) {
        return BTreeMap::new();
    }
    let programs = input.survey.rules.iter().filter_map(|rule| rule.holds.program(input.survey).ok());
    let named: BTreeSet<&String> = programs.flat_map(Program::last_items).collect();
    named.into_iter().filter_map(|id| Some((id.clone(), input.last.get(id)?.clone()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons() {
        for (choice, text, expected) in [
            ("", "", None),
            ("", "数え違い", Some("数え違い")),
            ("入力の誤り", " ", Some("入力の誤り")),
            ("入力の誤り", "数え違い", Some("入力の誤り：数え違い")),
            ("その他", "停電", Some("停電")),
            ("その他", "", Some("その他")),
        ] {
            assert_eq!(compose_reason(choice, text).as_deref(), expected);
        }
    }

    #[test]
    fn how_long_until_it_is_due() {
        let at = |s: &str| DateTime::parse_from_rfc3339(s).unwrap().to_utc();
        for (now, expected) in [
            ("2026-04-10T09:42:00+09:00", "締切 10:00 まであと 18 分。"),
            ("2026-04-10T07:00:00+09:00", "締切は 10:00。"),
            ("2026-04-10T10:01:00+09:00", "締切 10:00 を過ぎています。今からでも報告できます。"),
        ] {
            assert_eq!(remaining(Some(DueRule::default()), at(now)), expected);
        }
    }
}
