//! Checking a file against the database, and taking it.

use super::{
    CheckedFile, CheckedRow, FileChoices, FileNote, LooseFile, RowState, Standing,
    check::{self, Ground},
    loose::hex,
    roster::{self, Roster},
};
use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    id::HospitalId,
    report::{Author, Channel, Kind, Known, Refusal, Submission, check as check_rules},
    survey::{Answers, Survey},
    time::jst_day,
};
use akidoko_store::{FileLine, NewReportFile, ReportFileRow};
use chrono::NaiveDate;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What became of a file.
#[derive(Debug)]
pub enum FileTaken {
    /// It is durable; its receipt.
    Receipt(ReportFileRow),
    /// It was received before, and nothing has changed since: no version was added.
    Again(ReportFileRow),
    /// Something is to be mended, confirmed or said first. Nothing was changed.
    Check(Box<CheckedFile>),
}

impl Service {
    /// Checks a file. `asked`: the reasons were asked for, so that their lack is said.
    pub async fn check_report_file(
        &self,
        actor: &Actor,
        file: &LooseFile,
        choices: &FileChoices,
        asked: bool,
    ) -> Result<CheckedFile, StoreError> {
        let now = self.clock.now();
        let today = jst_day(now);
        let known = Roster::of(actor, self.acted_rows(actor));
        let title = roster::title_day(file);
        let fallback = title.clone().map(|title| title.map_or(choices.day, |(_, day)| day));
        let addressed = roster::addressed(file, &known, &fallback, today);
        let (title, fallback) = (title.unwrap_or_default(), fallback.unwrap_or(choices.day));
        let mut days: BTreeMap<NaiveDate, Vec<HospitalId>> = BTreeMap::new();
        for a in &addressed {
            if let (Some(card), Some(day)) = (&a.card, a.day.filter(|d| *d <= today)) {
                days.entry(day).or_default().push(card.id);
            }
        }
        let mut standing: HashMap<NaiveDate, HashMap<HospitalId, Standing>> = HashMap::new();
        let mut surveys: HashMap<NaiveDate, Survey> = HashMap::new();
        let mut closed: HashMap<NaiveDate, (u32, NaiveDate)> = HashMap::new();
        for (day, hospitals) in days.into_iter().take(roster::DAYS) {
            surveys.extend(self.demanded_of(actor, day).map(|survey| (day, survey)));
            closed.extend(self.must_ask(actor, day).await?.map(|until| (day, until)));
            standing.insert(day, self.what_stands(actor, &hospitals, day).await?);
        }
        let nothing = Standing::default();
        let rows = file.rows.iter().zip(addressed).map(|(row, a)| {
            let day = a.day.filter(|d| *d <= today);
            let stands = day.and_then(|d| standing.get(&d));
            let survey = day.and_then(|d| surveys.get(&d));
            let ground = a.card.as_ref().zip(stands).zip(survey).map(|((card, stands), survey)| Ground {
                survey,
                standing: stands.get(&card.id).unwrap_or(&nothing),
                choices,
                now,
                closed: day.and_then(|d| closed.get(&d)).copied(),
            });
            check::row(file, row, a, ground, &known)
        });
        let rows: Vec<CheckedRow> = rows.collect();
        let survey = self.demanded_of(actor, fallback.min(today));
        let mut checked = CheckedFile {
            notes: notes(file, &rows, survey.as_ref(), title.filter(|_| file.rows.iter().any(|r| r.day.is_empty())), today),
            on_behalf: rows.iter().any(|r| r.submission.as_ref().is_some_and(|s| s.on_behalf)),
            rows,
            refusal: None,
            again: None,
        };
        checked.refusal = refusal(&checked, choices).filter(|_| asked);
        let stands = |r: &CheckedRow| r.state == RowState::Same || (r.state == RowState::Unchanged && !choices.take_unchanged);
        let all_stand = checked.rows.iter().all(stands) && checked.rows.iter().any(|r| r.state == RowState::Same);
        if all_stand {
            let like = self.store.read(&actor.scope).await?.report_file_like(actor.organisation, &content_hash(&checked)).await?;
            checked.again = like;
        }
        Ok(checked)
    }

    /// Takes a file that was checked, all of it or nothing.
    pub async fn take_report_file(&self, actor: &Actor, file: &LooseFile, choices: &FileChoices) -> Result<FileTaken, StoreError> {
        let checked = self.check_report_file(actor, file, choices, true).await?;
        if let Some(receipt) = checked.again {
            return Ok(FileTaken::Again(receipt));
        }
        let taken = checked.taken(choices);
        let is_ready = checked.hard() == 0 && checked.doubtful() == 0 && checked.refusal.is_none() && !checked.needs_note(choices);
        if !is_ready || checked.is_hopeless() || taken.is_empty() {
            return Ok(FileTaken::Check(Box::new(checked)));
        }
        let Some(prefecture) = actor.prefecture else { return Ok(FileTaken::Check(Box::new(checked))) };
        let mut reports = Vec::with_capacity(taken.len());
        let mut lines = Vec::with_capacity(checked.rows.len());
        let taken: BTreeSet<usize> = taken.into_iter().collect();
        let mut surveys: HashMap<NaiveDate, Option<Survey>> = HashMap::new();
        for (at, row) in checked.rows.iter().enumerate() {
            let (Some(card), Some(submission)) = (&row.card, &row.submission) else { continue };
            let added = taken.contains(&at);
            if !added && row.state != RowState::Same {
                continue;
            }
            let survey = surveys.entry(submission.report_date).or_insert_with(|| self.demanded_of(actor, submission.report_date)).clone();
            let version = submission.expected_version.unwrap_or(0);
            lines.push(FileLine { code: card.code.clone(), name: card.name.clone(), day: submission.report_date, version, added });
            if let Some(survey) = survey.filter(|_| added) {
                reports.push(self.report_write(actor, card, survey, submission.clone(), None));
            }
        }
        let detail = json!({
            "file": file.name, "sha256": file.hash, "rows": checked.rows.len(), "taken": reports.len(), "behalf": choices.behalf,
        });
        let new = NewReportFile {
            organisation: actor.organisation,
            prefecture,
            account: actor.account,
            operator: format!("{} {}", actor.operator_name, actor.sign_in_name()).trim().to_owned(),
            file_name: file.name.clone(),
            file_hash: file.hash.clone(),
            content_hash: content_hash(&checked),
            lines,
            entry: Entry::by(actor, self.clock.now(), Category::Import, "report_file", detail),
        };
        if let Ok((receipt, _)) = self.writer.file(new, reports).await? {
            return Ok(FileTaken::Receipt(receipt));
        }
        // Somebody reported between the check and the lock: what stands now is shown.
        let checked = self.check_report_file(actor, file, choices, true).await?;
        Ok(match checked.again {
            Some(receipt) => FileTaken::Again(receipt),
            None => FileTaken::Check(Box::new(checked)),
        })
    }
}

fn notes(
    file: &LooseFile,
    rows: &[CheckedRow],
    survey: Option<&Survey>,
    title: Option<(String, NaiveDate)>,
    today: NaiveDate,
) -> Vec<FileNote> {
    let mut notes = Vec::new();
    if let (Some((code, version)), Some(survey)) = (&file.form, survey) {
        if *code != survey.code {
            notes.push(FileNote::OtherSurvey);
        } else if *version != survey.version {
            notes.push(FileNote::OldForm { version: *version, current: survey.version });
        }
    }
    notes.extend(file.unknown.iter().map(|(heading, address)| FileNote::Unknown { heading: heading.clone(), address: address.clone() }));
    let past = rows.iter().filter(|r| r.day.is_some_and(|d| d < today)).count();
    if past > 0 {
        notes.push(FileNote::PastDays { rows: past });
    }
    notes.extend(title.map(|(address, day)| FileNote::DayFromTitle { address, day }));
    let kept: Vec<String> =
        survey.into_iter().flat_map(Survey::items).map(|i| i.id.clone()).filter(|id| !file.places.contains_key(id)).collect();
    if !kept.is_empty() && !rows.is_empty() {
        notes.push(FileNote::Kept { items: kept });
    }
    if file.blank_rows > 0 {
        notes.push(FileNote::BlankRows(file.blank_rows));
    }
    notes
}

/// What is asked of the file as a whole: the rules of [`check_rules`] for reason and 代行, over a report that is otherwise good.
fn refusal(checked: &CheckedFile, choices: &FileChoices) -> Option<Refusal> {
    let row = checked.rows.iter().find(|r| r.is_correction).or_else(|| checked.rows.iter().find(|r| r.submission.is_some()))?;
    let sample = row.submission.as_ref()?;
    let bare: Survey = Survey {
        code: String::new(),
        version: 1,
        valid_from: NaiveDate::MIN,
        title: String::new(),
        cadence: akidoko_domain::survey::Cadence::Daily,
        sections: Vec::new(),
        rules: Vec::new(),
        year_from: None,
        due: None,
        who: akidoko_domain::survey::Who::default(),
        rates: Vec::new(),
    };
    let submission = Submission {
        kind: Kind::Full,
        answers: Answers::new(),
        unreadable: Vec::new(),
        reason: choices.reason.clone(),
        behalf: choices.behalf.clone(),
        on_behalf: checked.on_behalf,
        expected_version: None,
        ..sample.clone()
    };
    let author = Author {
        organisation: String::new(),
        sign_in: String::new(),
        operator: String::new(),
        channel: Channel::File,
        on_behalf: false,
        behalf: None,
        source: None,
        report_date: sample.report_date,
        version: 0,
        received_at: chrono::DateTime::default(),
    };
    let version = u32::from(row.is_correction);
    // Any moment after the day does: only reason and 代行 are asked here.
    let now = akidoko_domain::time::from_jst(sample.report_date.succ_opt()?.and_hms_opt(12, 0, 0)?);
    check_rules(&bare, &Known { version, ..Known::default() }, &submission, author, now).err()
}

/// The hash of what is taken: hospital, day and answers of every row, whatever the file looked like.
fn content_hash(checked: &CheckedFile) -> String {
    let lines = checked.rows.iter().filter_map(|row| {
        let (card, submission) = (row.card.as_ref()?, row.submission.as_ref()?);
        let answers: BTreeMap<_, _> = submission.answers.iter().filter(|(_, v)| v.is_some()).collect();
        Some(format!("{}|{}|{}\n", card.code, submission.report_date, serde_json::to_string(&answers).unwrap_or_default()))
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    hex(&Sha256::digest(lines.concat()))
}
