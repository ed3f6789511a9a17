//! The answer to any survey: the report's screen for a period, its receipt, its history.

use super::{
    Frame, Here,
    change::{Change, after, author_words, changes as differences},
    path,
    report::{BehalfFields, Conflict, ReportInput, SectionView, Widget, changes, findings, rules, section},
};
use crate::words::{self, Line};
use akidoko_domain::{
    board::Card,
    report::{REASON, Refusal, ReportVersion, mark},
    survey::{Answers, Catalogue, Period, Survey},
    time::jst_day,
};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// The name under which a browser keeps a draft; it ends with the date, as the daily one does.
fn draft_key(frame: &Frame, card: &Card, survey: &str, date: NaiveDate) -> String {
    let sign_in = frame.viewer.as_ref().map_or("", |v| v.sign_in.as_str());
    format!("akidoko-draft:{sign_in}:{}:{survey}:{date}", card.code)
}

/// What the screen shows beside what every report shows.
#[derive(Debug, Clone, Copy)]
pub struct AnswerInput<'a> {
    /// The questions and what is in the fields.
    pub report: ReportInput<'a>,
    /// Of what time it speaks.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// A sheet that was marked as 「該当なし」 with a press a moment ago; nothing is sent yet.
    pub skipped_sheet: Option<&'a str>,
    /// A look at a draft, which nothing is kept of: where it is sent, and where it leads back to.
    pub preview: Option<(&'a str, &'a str)>,
}

/// The screen.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of the template")]
#[derive(Template)]
#[template(path = "answer/form.html")]
pub struct AnswerPage {
    frame: Frame,
    title: String,
    period: String,
    who: String,
    on_behalf: bool,
    behalf: BehalfFields,
    preview: bool,
    taken: Option<&'static str>,
    history: String,
    action: String,
    back: String,
    confirmation: Option<String>,
    draft: String,
    version: u32,
    seen: String,
    survey_version: u32,
    reported: Option<String>,
    past: bool,
    deadline: Option<(String, bool)>,
    previous_label: Option<String>,
    previous_moment: String,
    problem: Option<String>,
    notice: Option<String>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
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
    asks: Option<String>,
    waiting: Option<String>,
    conflict: Option<Conflict>,
}

impl AnswerPage {
    /// The screen of one survey, period and respondent.
    pub fn new(frame: Frame, answer: &AnswerInput<'_>) -> Self {
        let input = &answer.report;
        let today = jst_day(input.now);
        let (errors, warnings) = findings(input);
        let mut sections: Vec<SectionView> = input.survey.sections.iter().map(|s| section(s, input, &errors, &warnings)).collect();
        head_sheets(&mut sections);
        let changes = changes(&sections);
        let past = answer.period.last < today;
        let reason_problem = input.refusal.filter(|r| matches!(r, Refusal::ReasonMissing | Refusal::BadReason(_))).map(words::refusal);
        let as_before = answer.preview.is_none() && !past && input.version == 0 && input.previous.is_some() && input.refusal.is_none();
        let (code, survey) = (&input.card.code, input.survey.code.as_str());
        Self {
            draft: answer.preview.map_or_else(|| draft_key(&frame, input.card, survey, input.date), |_| String::new()),
            frame: frame
                .of(format!("{}　{}", input.survey.title, input.card.name), Here::Surveys, &["js/report-form.js"])
                .with_sheets(&["survey.css"]),
            title: input.survey.title.clone(),
            period: words::survey::period(input.survey, answer.period),
            who: input.card.name.clone(),
            on_behalf: input.on_behalf,
            behalf: BehalfFields::new(input.behalf, input.refusal),
            preview: answer.preview.is_some(),
            taken: None,
            history: path::answers(code, survey),
            action: answer.preview.map_or_else(|| path::answer(code, survey, input.date), |p| p.0.to_owned()),
            back: answer.preview.map(|p| p.1.to_owned()).unwrap_or_default(),
            confirmation: (as_before && answer.skipped_sheet.is_none()).then(|| path::answer_confirmation(code, survey, input.date)),
            version: input.version,
            seen: mark(input.last),
            survey_version: input.survey.version,
            reported: input.reported_at.map(|at| words::moment(at, input.now)),
            past,
            deadline: answer.due_at.map(|at| (words::survey::due(at, today), at < input.now && input.version == 0)),
            previous_label: input
                .previous
                .map(|p| if p.date == input.date { format!("第 {} 版", p.version) } else { format!("前回 {}", words::short_day(p.date)) }),
            previous_moment: input.previous.map(|p| words::moment(p.received_at, input.now)).unwrap_or_default(),
            problem: input.refusal.map(words::refusal),
            notice: answer.skipped_sheet.map(|s| format!("{s}をすべて「該当なし」にしました。まだ報告していません。")),
            errors,
            warnings,
            sections,
            changes,
            reasons: super::report::REASONS.map(|r| (r, r == input.reason.0)).into(),
            reason_text: input.reason.1.to_owned(),
            reason_required: input.version > 0 && past,
            reason_problem,
            reason_asked: words::asked_beside(input.refusal, REASON),
            beside: words::beside_confirmed(input.refusal, input.confirmed),
            rules: rules(input),
            asks: None,
            waiting: None,
            conflict: input.conflict.cloned(),
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

    /// What the rules said of a preview.
    #[must_use]
    pub fn would_be_taken(mut self, yes: bool) -> Self {
        self.taken = yes.then_some("この内容なら、報告として受け付けます。プレビューなので、保存していません。");
        self
    }

    /// What the button will do.
    fn submit(&self) -> String {
        match (self.preview, &self.previous_label, self.changes.len()) {
            (true, ..) => "ルールを確かめる".to_owned(),
            _ if self.asks.is_some() => "訂正を申請する".to_owned(),
            (_, None, _) => "報告する".to_owned(),
            (_, Some(_), 0) => "変更なしで報告".to_owned(),
            (_, Some(_), n) => format!("変更 {n} 件を報告"),
        }
    }
}

/// A sheet's heading stands before its first section only.
fn head_sheets(sections: &mut [SectionView]) {
    let mut last: Option<String> = None;
    for section in sections {
        let own = section.sheet.take();
        if own != last {
            section.sheet.clone_from(&own);
        }
        last = own;
    }
}

/// The receipt.
#[derive(Debug, Clone, Template)]
#[template(path = "answer/receipt.html")]
pub struct AnswerReceiptPage {
    frame: Frame,
    title: String,
    period: String,
    who: String,
    correct: String,
    history: String,
    draft: String,
    version: u32,
    clock: String,
    on_behalf: bool,
    compared: bool,
    skipped: Vec<String>,
    changes: Vec<Change>,
    reason: Option<String>,
}

impl AnswerReceiptPage {
    /// `before` are the answers that stood before this version.
    pub fn new(frame: Frame, card: &Card, survey: &Survey, version: &ReportVersion, before: Option<&Answers>, now: DateTime<Utc>) -> Self {
        let date = version.report_date;
        let after = after(before, version);
        Self {
            draft: draft_key(&frame, card, &survey.code, date),
            frame: frame.of("報告しました", Here::Surveys, &["js/report-form.js"]).with_sheets(&["survey.css"]),
            title: survey.title.clone(),
            period: words::survey::period(survey, survey.period(date)),
            who: card.name.clone(),
            correct: path::answer(&card.code, &survey.code, date),
            history: path::answers(&card.code, &survey.code),
            version: version.version,
            clock: words::moment(version.received_at, now),
            on_behalf: version.author.on_behalf,
            compared: before.is_some(),
            skipped: survey.sections.iter().filter(|s| s.is_skipped(&version.answers)).map(|s| s.title.clone()).collect(),
            changes: before.map(|before| differences(survey, before, &after)).unwrap_or_default(),
            reason: version.reason.clone(),
        }
    }
}

struct AnsweredLine {
    version: u32,
    clock: String,
    author: String,
    road: &'static str,
    on_behalf: bool,
    changes: Vec<Change>,
    compared: bool,
    reason: Option<String>,
}

struct AnsweredPeriod {
    words: String,
    href: String,
    survey_version: u32,
    lines: Vec<AnsweredLine>,
}

/// The history of somebody's answers to a survey.
#[derive(Template)]
#[template(path = "answer/history.html")]
pub struct AnswerHistoryPage {
    frame: Frame,
    title: String,
    who: String,
    periods: Vec<AnsweredPeriod>,
}

impl AnswerHistoryPage {
    /// `versions` the newest first.
    pub fn new(frame: Frame, card: &Card, (catalogue, code): (&Catalogue, &str), versions: &[ReportVersion], now: DateTime<Utc>) -> Self {
        let title = catalogue.on(code, jst_day(now)).map_or_else(|| code.to_owned(), |s| s.title.clone());
        let mut periods: Vec<AnsweredPeriod> = Vec::new();
        let mut known: Option<Answers> = None;
        for v in versions.iter().rev() {
            let Some(survey) = catalogue.version(code, v.survey_version) else { continue };
            let after = after(known.as_ref(), v);
            let line = AnsweredLine {
                version: v.version,
                clock: words::moment(v.received_at, now),
                author: author_words(&v.author),
                road: words::channel(v.author.channel),
                on_behalf: v.author.on_behalf,
                changes: known.as_ref().map(|before| differences(survey, before, &after)).unwrap_or_default(),
                compared: known.is_some(),
                reason: v.reason.clone(),
            };
            known = Some(after);
            let words = words::survey::period(survey, survey.period(v.report_date));
            if let Some(period) = periods.first_mut().filter(|p| p.words == words) {
                period.lines.insert(0, line);
            } else {
                let href = path::answer(&card.code, code, v.report_date);
                periods.insert(0, AnsweredPeriod { words, href, survey_version: v.survey_version, lines: vec![line] });
            }
        }
        let frame = frame.of(format!("{title}の履歴　{}", card.name), Here::Surveys, &[]).with_sheets(&["survey.css"]);
        Self { frame, title, who: card.name.clone(), periods }
    }
}
