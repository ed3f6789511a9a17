//! The check of a file: what is to be mended first, then what would change, the whole of it behind.

use super::{
    super::{
        Frame, Here,
        change::Change,
        path,
        report::{BehalfFields, REASONS},
    },
    SHEETS,
};
use crate::words::{
    self,
    report_file::{file_note, row_problem, row_state},
};
use akidoko_domain::{
    report::{Refusal, label, options},
    survey::Survey,
};
use akidoko_service::report_file::{CheckedFile, CheckedRow, FileChoices, FileNote, LooseFile, LooseRow, Place, RowFinding, RowState};
use askama::Template;
use chrono::{DateTime, Utc};

/// So many rows are mended at a time.
const FOCUS_MAX: usize = 200;

struct Wrong {
    /// Its name in the form.
    name: String,
    /// 「E7　空床 計」
    place: String,
    heading: String,
    value: String,
    notes: Vec<(bool, String)>,
    hard: bool,
    /// Words to choose from, with the one that is chosen.
    choices: Vec<(String, bool)>,
    /// It says something else than these words.
    other: bool,
}

struct FocusRow {
    number: u32,
    name: String,
    hard: bool,
    cells: Vec<Wrong>,
    /// The findings to be confirmed, for the form.
    shown: String,
}

struct ChangedRow {
    number: u32,
    name: String,
    day: String,
    state: &'static str,
    changes: Vec<Change>,
}

struct QuietRow {
    number: u32,
    name: String,
    day: String,
    state: &'static str,
}

struct Note {
    words: String,
    soft: bool,
    hard: bool,
}

/// The check.
#[derive(Template)]
#[template(path = "paper/check.html")]
pub struct FileCheckPage {
    frame: Frame,
    file: String,
    day: String,
    json: String,
    rows: usize,
    hard: usize,
    doubtful: usize,
    taken: usize,
    again: Option<(String, String)>,
    notes: Vec<Note>,
    notes_confirmed: bool,
    notes_asked: bool,
    focus: Vec<FocusRow>,
    more: usize,
    changed: Vec<ChangedRow>,
    quiet: Vec<QuietRow>,
    unchanged: usize,
    same: usize,
    take_unchanged: bool,
    kept: Vec<String>,
    behalf: Option<BehalfFields>,
    reason: Option<ReasonFields>,
}

/// The fields of 訂正の理由.
struct ReasonFields {
    reasons: Vec<(&'static str, bool)>,
    text: String,
    problem: Option<String>,
}

impl ReasonFields {
    fn new(choices: &FileChoices, refusal: Option<&Refusal>) -> Self {
        let (chosen, text) = reason(choices);
        let problem = refusal.filter(|r| matches!(r, Refusal::ReasonMissing | Refusal::BadReason(_)));
        Self { reasons: REASONS.map(|r| (r, Some(r) == chosen)).into(), text, problem: problem.map(words::refusal) }
    }
}

impl FileCheckPage {
    /// `asked`: it was tried to be taken already, so that what is missing is said.
    pub fn new(
        frame: Frame,
        survey: &Survey,
        file: &LooseFile,
        check: &CheckedFile,
        choices: &FileChoices,
        asked: bool,
        now: DateTime<Utc>,
    ) -> Self {
        let raw = |row: &CheckedRow| file.rows.iter().find(|r| r.number == row.number);
        let is_wrong = |row: &&CheckedRow| !row.errors.is_empty() || !row.warnings.is_empty();
        let mut wrong: Vec<&CheckedRow> = check.rows.iter().filter(is_wrong).collect();
        // What must be mended before what is only to be confirmed.
        wrong.sort_by_key(|r| (r.errors.is_empty(), r.number));
        let focus: Vec<FocusRow> = wrong.iter().take(FOCUS_MAX).filter_map(|row| Some(focus_row(survey, file, row, raw(row)?))).collect();
        let name = |row: &CheckedRow| row.card.as_ref().map(|c| c.name.clone()).unwrap_or_default();
        let day = |row: &CheckedRow| row.day.map(words::day).unwrap_or_default();
        let changes_something = |row: &&CheckedRow| matches!(row.state, RowState::New | RowState::Changed);
        let changed = check.rows.iter().filter(changes_something).map(|row| ChangedRow {
            number: row.number,
            name: name(row),
            day: day(row),
            state: row_state(row.state),
            changes: changes(survey, row),
        });
        let is_quiet = |row: &&CheckedRow| matches!(row.state, RowState::Unchanged | RowState::Same);
        let quiet = check.rows.iter().filter(is_quiet);
        let quiet = quiet.map(|row| QuietRow { number: row.number, name: name(row), day: day(row), state: row_state(row.state) });
        let (behalf, words_typed) = choices.behalf.as_ref().map_or(("", ""), |b| (b.why.as_str(), b.words.as_deref().unwrap_or_default()));
        let count = |state: RowState| check.rows.iter().filter(|r| r.state == state).count();
        Self {
            frame: frame.of("ファイルを確かめる", Here::Report, &["js/sheet-drop.js"]).with_sheets(SHEETS),
            file: file.name.clone(),
            day: choices.day.to_string(),
            json: serde_json::to_string(file).unwrap_or_default(),
            rows: check.rows.len(),
            hard: check.hard(),
            doubtful: check.doubtful(),
            taken: check.taken(choices).len(),
            again: check.again.as_ref().map(|r| (words::moment(r.received_at, now), path::report_file(r.number))),
            notes: check.notes.iter().map(|n| note(n, survey)).collect(),
            notes_confirmed: choices.notes_confirmed,
            notes_asked: asked && check.needs_note(choices),
            more: wrong.len() - focus.len(),
            focus,
            changed: changed.collect(),
            quiet: quiet.collect(),
            unchanged: count(RowState::Unchanged),
            same: count(RowState::Same),
            take_unchanged: choices.take_unchanged,
            kept: choices.confirmed.iter().map(|(n, ids)| format!("{n}={}", ids.iter().cloned().collect::<Vec<_>>().join(","))).collect(),
            behalf: check.on_behalf.then(|| BehalfFields::new((behalf, words_typed), check.refusal.as_ref())),
            reason: check.needs_reason().then(|| ReasonFields::new(choices, check.refusal.as_ref())),
        }
    }

    fn is_hopeless(&self) -> bool {
        self.notes.iter().any(|n| n.hard)
    }

    fn has_soft_notes(&self) -> bool {
        self.notes.iter().any(|n| n.soft)
    }

    /// What must be done first, or what the button will do.
    fn state_words(&self) -> String {
        if self.is_hopeless() {
            "この様式は受け取れません".to_owned()
        } else if self.hard > 0 {
            format!("{} 行を直すと受け取れます", self.hard)
        } else if self.doubtful > 0 {
            format!("{} 行を確かめると受け取れます", self.doubtful)
        } else if self.taken == 0 {
            "受け取るものがありません".to_owned()
        } else {
            "全部を一度に受け取ります".to_owned()
        }
    }

    fn submit_words(&self) -> String {
        if self.hard > 0 {
            "直して受け取る".to_owned()
        } else if self.taken == 0 {
            "もう一度確かめる".to_owned()
        } else {
            format!("{} 医療機関の報告を受け取る", self.taken)
        }
    }
}

/// The chosen reason of a correction and its text, taken apart again.
fn reason(choices: &FileChoices) -> (Option<&'static str>, String) {
    let reason = choices.reason.clone().unwrap_or_default();
    let chosen = REASONS.iter().copied().find(|r| reason == *r || reason.starts_with(&format!("{r}：")));
    let text = match chosen {
        Some(chosen) => reason.strip_prefix(chosen).and_then(|r| r.strip_prefix('：')).unwrap_or_default().to_owned(),
        None => reason,
    };
    (chosen, text)
}

fn note(note: &FileNote, survey: &Survey) -> Note {
    Note { words: file_note(note, survey), soft: note.is_soft(), hard: *note == FileNote::OtherSurvey }
}

fn changes(survey: &Survey, row: &CheckedRow) -> Vec<Change> {
    let change = |(id, from, to): &(String, _, _)| {
        let item = survey.item(id)?;
        let (from, to) = words::change(item, Option::as_ref(from), Option::as_ref(to));
        Some(Change { label: label(survey, id), from, to })
    };
    row.changes.iter().filter_map(change).collect()
}

fn focus_row(survey: &Survey, file: &LooseFile, row: &CheckedRow, raw: &LooseRow) -> FocusRow {
    let mut places: Vec<&Place> = row.errors.iter().chain(&row.warnings).map(|f| &f.place).collect();
    places.sort();
    places.dedup();
    let name = row.card.as_ref().map(|c| c.name.clone()).filter(|n| !n.is_empty());
    let name = name.or_else(|| Some(raw.name.clone()).filter(|n| !n.is_empty()));
    FocusRow {
        number: row.number,
        name: name.unwrap_or_else(|| "（医療機関が決まりません）".to_owned()),
        hard: !row.errors.is_empty(),
        cells: places.into_iter().map(|place| wrong(survey, file, row, raw, place)).collect(),
        shown: format!("{}={}", row.number, row.warnings.iter().map(|w| w.id.clone()).collect::<Vec<_>>().join(",")),
    }
}

fn wrong(survey: &Survey, file: &LooseFile, row: &CheckedRow, raw: &LooseRow, place: &Place) -> Wrong {
    let value = match place {
        Place::Code => raw.code.clone(),
        Place::Day => raw.day.clone(),
        Place::Item(id) => file.items.iter().position(|i| i == id).and_then(|at| raw.cells.get(at)).cloned().unwrap_or_default(),
    };
    let heading = match place {
        Place::Code => "医療機関ID".to_owned(),
        Place::Day => "報告日".to_owned(),
        Place::Item(id) => label(survey, id),
    };
    let of_place = |list: &[RowFinding], hard: bool| -> Vec<(bool, String)> {
        list.iter().filter(|f| f.place == *place).map(|f| (hard, row_problem(&f.problem, &value))).collect()
    };
    let notes: Vec<(bool, String)> = of_place(&row.errors, true).into_iter().chain(of_place(&row.warnings, false)).collect();
    let item = if let Place::Item(id) = place { survey.item(id) } else { None };
    let choices = item.map(options).unwrap_or_default();
    let choices = choices.into_iter().filter_map(|(_, words)| words.into_iter().next()).map(|w| {
        let is_chosen = w == value;
        (w, is_chosen)
    });
    let choices: Vec<(String, bool)> = choices.collect();
    Wrong {
        name: format!("c.{}.{}", row.number, place.field()),
        place: file.address(row.number, place.field()),
        heading,
        hard: notes.iter().any(|(hard, _)| *hard),
        notes,
        // What stands in the cell stays chosen, in whatever words it was written: else a press would quietly make it 未回答.
        other: !value.is_empty() && !choices.iter().any(|(_, chosen)| *chosen),
        choices,
        value,
    }
}
