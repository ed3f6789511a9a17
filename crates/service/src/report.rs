//! The daily report, from any door.

use crate::{Service, StoreError, pattern::offer, quick::Offer};
use akidoko_domain::{
    access::{Action, Actor},
    audit::{Category, Entry},
    board::Card,
    id::{HospitalId, OrganisationCode},
    report::{
        Author, Behalf, Channel, Kind, Refusal, ReportVersion, Submission, TWICE, check, check_feed, mark, missing, read_answers, reread,
        standing, usual_items,
    },
    survey::{Answers, DAILY, Survey},
    time::{day_before, jst_day, read_as_of},
};
use akidoko_store::{Accepted, HospitalDetail, ReportWrite, WriteError};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What a day's screen opens with.
pub struct DayReport {
    /// The hospital.
    pub hospital: HospitalDetail,
    /// The survey of that day, as the prefecture demands it.
    pub survey: Survey,
    /// The same as it stands on the screen: without what the prefecture hides.
    pub shown: Survey,
    /// The day.
    pub date: NaiveDate,
    /// The versions of that day, the newest first.
    pub versions: Vec<ReportVersion>,
    /// The figures as they are known: the day's own where it has been reported, else the last report's with what changed since.
    pub answers: Answers,
    /// What the changes are held against: the last full report, its day and moment.
    pub previous: Option<ReportVersion>,
    /// The actor enters it on behalf of the hospital.
    pub on_behalf: bool,
    /// The actor may enter it at all.
    pub may_report: bool,
    /// The items that usually change.
    pub usual: Vec<String>,
    /// What the pattern that holds now fills in, where today has not been reported.
    pub offer: Option<Offer>,
    /// What changed between the last full report and this day.
    between: Vec<ReportVersion>,
}

impl DayReport {
    /// The figures as they were known when the day had this version; 0: before its first.
    pub fn answers_at(&self, version: u32) -> Answers {
        let own = self.versions.iter().filter(|v| v.version <= version);
        let mut answers = standing(self.previous.iter().chain(&self.between).chain(own));
        answers.retain(|id, value| value.is_some() && (self.survey.item(id).is_some() || self.survey.skips(id).is_some()));
        answers
    }
}

/// So many days before a day say what usually changes.
const USUAL_DAYS: u64 = 21;
/// So many versions of them are read; of more, those that tell what stands.
const USUAL_VERSIONS: u32 = 500;
/// So many versions of the day itself are shown.
const DAY_VERSIONS: u32 = 1_000;

/// A report from a door, not read yet.
#[derive(Debug, Clone)]
pub struct RawReport {
    /// Full or quick.
    pub kind: Kind,
    /// Answers by item.
    pub answers: BTreeMap<String, Json>,
    /// Soft findings that were confirmed.
    pub confirmed: BTreeSet<String>,
    /// Why it is corrected.
    pub reason: Option<String>,
    /// The version that the writer saw.
    pub expected_version: Option<u32>,
    /// The door.
    pub channel: Channel,
    /// Why it is entered for the hospital.
    pub behalf: Option<Behalf>,
    /// From when the figures are true, where the writer knows.
    pub as_of: Option<DateTime<Utc>>,
}

impl RawReport {
    /// Reads it for a survey, a day, and whoever it is entered for.
    pub(crate) fn read(self, survey: &Survey, date: NaiveDate, on_behalf: bool) -> Submission {
        let (answers, unreadable) = read_answers(survey, self.kind, &self.answers);
        Submission {
            report_date: date,
            kind: self.kind,
            answers,
            unreadable,
            confirmed: self.confirmed,
            reason: self.reason,
            expected_version: self.expected_version,
            channel: self.channel,
            on_behalf,
            typed_at: None,
            behalf: self.behalf,
            source: None,
            as_of: self.as_of,
        }
    }
}

/// 変更なし, from a door.
#[derive(Debug, Clone)]
pub struct Repeat {
    /// The version that the writer saw.
    pub expected_version: Option<u32>,
    /// The [`mark`] of the figures that the writer saw; `None`: none were shown.
    pub seen: Option<String>,
    /// Why it is corrected, where the day is past.
    pub reason: Option<String>,
    /// The door.
    pub channel: Channel,
    /// Why it is entered for the hospital.
    pub behalf: Option<Behalf>,
    /// From when the figures are true, where the writer knows.
    pub as_of: Option<DateTime<Utc>>,
}

/// Why a report is not there. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// No such hospital, as far as this actor can know.
    #[error("no such hospital")]
    NotFound,
    /// Not for this actor to report.
    #[error("not yours to report")]
    Forbidden,
    /// There is nothing to repeat.
    #[error("no report to repeat")]
    NothingBefore,
    /// The rules.
    #[error("refused")]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A report that stands on the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The day.
    pub date: NaiveDate,
    /// Version and moments.
    pub accepted: Accepted,
}

impl Receipt {
    /// Of a version that stands already: a second press led to it. Its event is past.
    pub(crate) fn again(v: &ReportVersion) -> Self {
        let accepted = Accepted {
            version: v.version,
            as_of: v.as_of,
            received_at: v.received_at,
            event_id: 0,
            report_date: v.report_date,
            overtaken: Vec::new(),
            stood: true,
        };
        Self { date: v.report_date, accepted }
    }
}

/// Did this person report the period a moment ago, after what they saw?
fn is_mine(actor: &Actor, newest: &ReportVersion, expected: Option<u32>, now: DateTime<Utc>) -> bool {
    newest.kind == Kind::Full
        && expected.is_some_and(|seen| newest.version == seen + 1)
        && newest.author.sign_in == actor.sign_in_name()
        && now - newest.received_at < TWICE
}

impl Service {
    /// Opens a day's report. `None`: no such hospital.
    pub async fn day_report(&self, actor: &Actor, code: &OrganisationCode, date: NaiveDate) -> Result<Option<DayReport>, StoreError> {
        self.report_of(actor, code, DAILY, date).await
    }

    /// The same of any survey; the date is the first day of its period.
    pub async fn report_of(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
        date: NaiveDate,
    ) -> Result<Option<DayReport>, StoreError> {
        let reader = self.store.read(&actor.scope).await?;
        let Some(hospital) = reader.hospital(code).await? else { return Ok(None) };
        let id = hospital.hospital.id;
        let Some(row) = self.row_of(&hospital) else { return Ok(None) };
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        let prefecture = row.card.prefecture;
        let surveys = self.survey_demanded(asked, date, prefecture).zip(self.survey_shown(asked, date, prefecture));
        let Some((survey, shown)) = surveys else { return Ok(None) };
        // The last weeks in one question: they say what stands and what usually changes.
        let first = date.checked_sub_days(Days::new(USUAL_DAYS)).unwrap_or(date);
        let mut weeks = reader.report_versions(id, asked, first..=date, USUAL_VERSIONS).await?;
        // A program that comes every few minutes fills them up, and what it says nothing of would be lost.
        let is_cut = weeks.len() >= USUAL_VERSIONS as usize;
        if is_cut {
            weeks = reader.telling_versions(id, asked, first..=date, None).await?;
        }
        let mut previous = weeks.iter().find(|v| v.report_date < date && v.kind == Kind::Full).cloned();
        if previous.is_none() {
            previous = reader.last_full_before(id, asked, date, None).await?;
        }
        let usual = usual_items(&shown, &weeks);
        let (mut versions, mut earlier): (Vec<_>, Vec<_>) = weeks.into_iter().partition(|v| v.report_date == date);
        if is_cut {
            let all = reader.report_versions(id, asked, date..=date, DAY_VERSIONS).await?;
            // Of a day with more than that, also those of its morning that still count.
            versions.retain(|v| all.last().is_some_and(|oldest| v.version < oldest.version));
            versions.splice(0..0, all);
        }
        // Where the last report is older than that, what changed since it lies outside of those weeks too.
        if let Some(last) = previous.as_ref().filter(|p| p.report_date < first) {
            earlier = reader.telling_versions(id, asked, last.report_date..=day_before(date), None).await?;
        }
        // Also those of the last report's own day, whatever their number: which of them came too late, their moments say.
        let since = previous.as_ref().map(|p| p.report_date);
        let between: Vec<ReportVersion> =
            earlier.into_iter().filter(|v| v.kind == Kind::Quick && since.is_none_or(|p| v.report_date >= p)).collect();
        let mut day = DayReport {
            hospital,
            survey,
            shown,
            date,
            versions,
            answers: Answers::new(),
            previous,
            on_behalf,
            may_report,
            usual,
            offer: None,
            between,
        };
        day.answers = day.answers_at(u32::MAX);
        let now = self.clock.now();
        if asked == DAILY && date == jst_day(now) && may_report && day.versions.iter().all(|v| v.kind == Kind::Quick) {
            let kept = reader.patterns(id).await?.patterns;
            let spoken: Vec<ReportVersion> = day.versions.iter().chain(&day.between).chain(&day.previous).cloned().collect();
            day.offer = offer(&kept, &day.shown, &day.answers, &spoken, now, &self.live.reference().holidays);
        }
        Ok(Some(day))
    }

    pub(crate) fn rights(actor: &Actor, h: &Card) -> (bool, bool) {
        let own = h.code == actor.organisation_code;
        let action = if own { Action::Report } else { Action::ReportOnBehalf };
        (!own, actor.may(action) && actor.scope.acts_for(h.id, h.prefecture))
    }

    /// May this actor read the history of this hospital?
    pub fn may_read_history(&self, actor: &Actor, hospital: HospitalId) -> bool {
        use akidoko_domain::organisation::OrganisationKind as K;
        let own_only = matches!(actor.kind, K::Hospital | K::Association);
        let covered = actor.key.as_ref().is_none_or(|key| key.limits.covers(hospital));
        actor.may(Action::ReadHistory) && covered && (!own_only || Self::stands_for(actor, hospital))
    }

    /// Is it the actor's own hospital, or a member of its association? A key of a greater organisation that is narrowed to some hospitals stands
    /// for none of them.
    pub(crate) fn stands_for(actor: &Actor, hospital: HospitalId) -> bool {
        match &actor.key {
            Some(key) => key.own.contains(&hospital),
            None => matches!(&actor.scope.act_for, akidoko_domain::access::ActFor::Hospitals(set) if set.contains(&hospital)),
        }
    }

    /// Takes a report. It is durable when this returns.
    pub async fn submit(&self, actor: &Actor, code: &OrganisationCode, date: NaiveDate, raw: RawReport) -> Result<Receipt, SubmitError> {
        self.submit_to(actor, code, DAILY, date, raw).await
    }

    /// The same of any survey.
    pub async fn submit_to(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
        date: NaiveDate,
        raw: RawReport,
    ) -> Result<Receipt, SubmitError> {
        let write = self.prepare(actor, code, (asked, date), raw).await?;
        self.hand_in(actor, write).await
    }

    /// Reads a report and makes ready what the writer needs: whether there is such a hospital, whether it is this actor's to report, and
    /// whether the day can still be reported without asking.
    pub(crate) async fn prepare(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        (asked, date): (&str, NaiveDate),
        raw: RawReport,
    ) -> Result<ReportWrite, SubmitError> {
        // From memory: the database is asked once, by the writer, and its wall stands there too.
        let row = self.row_behind_wall(actor, code).await?.ok_or(SubmitError::NotFound)?;
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        if !may_report {
            return Err(SubmitError::Forbidden);
        }
        let survey = self.survey_demanded(asked, date, row.card.prefecture).ok_or(SubmitError::NotFound)?;
        // A week or a year that is not over is nobody's past.
        if let Some(closed) = self.window_closed(actor, survey.period(date).last).await? {
            return Err(SubmitError::Refused(closed));
        }
        let said = |at| {
            if raw.channel == Channel::Api {
                read_as_of(date, at, self.clock.now()).ok_or(SubmitError::Refused(Refusal::BadAsOf))
            } else {
                Ok(at)
            }
        };
        let source = self.source_of(actor)?;
        if source.is_some() {
            check_feed(raw.kind, raw.as_of, self.clock.now()).map_err(|why| SubmitError::Refused(Refusal::Feed(why)))?;
        }
        let as_of = raw.as_of.map(said).transpose()?;
        let submission = Submission { as_of, source, ..raw.read(&survey, date, on_behalf) };
        Ok(self.report_write(actor, &row.card, survey, submission, None))
    }

    /// 変更なし: yesterday's figures are today's. What changed since by a quick version counts, and what the screen showed as filled in
    /// by a pattern.
    pub async fn confirm_unchanged(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        date: NaiveDate,
        expected_version: Option<u32>,
        channel: Channel,
        filled_in: &BTreeMap<String, Json>,
    ) -> Result<Receipt, SubmitError> {
        let repeat = Repeat { expected_version, seen: None, reason: None, channel, behalf: None, as_of: None };
        self.repeat_of(actor, code, (DAILY, date), repeat, filled_in).await
    }

    /// The same for whoever says more: why it is entered for the hospital, from when it is true; of any survey.
    pub async fn repeat_of(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        (asked, date): (&str, NaiveDate),
        repeat: Repeat,
        filled_in: &BTreeMap<String, Json>,
    ) -> Result<Receipt, SubmitError> {
        let mut day = self.report_of(actor, code, asked, date).await?.ok_or(SubmitError::NotFound)?;
        if !day.may_report {
            return Err(SubmitError::Forbidden);
        }
        if day.answers.is_empty() {
            return Err(SubmitError::NothingBefore);
        }
        // Yesterday may have been corrected, or a ward have spoken, since the screen was opened: nobody says of figures that they are still
        // true who did not see them.
        if repeat.seen.is_some_and(|seen| seen != mark(&day.answers)) {
            let Some(v) = day.versions.first().filter(|v| is_mine(actor, v, repeat.expected_version, self.clock.now())) else {
                return Err(SubmitError::Refused(Refusal::Moved));
            };
            // A second press: the pattern that the first one brought stands already.
            return Ok(Receipt::again(v));
        }
        // What the prefecture keeps off the screen nobody says again.
        day.answers.retain(|id, _| day.shown.item(id).is_some() || day.shown.skips(id).is_some());
        // What the survey does not take any more is not said again unread.
        let (answers, mut unreadable) = reread(&day.survey, Kind::Full, &day.answers);
        day.answers = answers;
        let (pattern, unread) = read_answers(&day.survey, Kind::Quick, filled_in);
        day.answers.extend(pattern);
        // What the prefecture has come to require since is not unchanged, unless the pattern says it.
        unreadable.retain(|f| day.answers.get(&f.item).is_none_or(Option::is_none));
        unreadable.extend(unread);
        for lacking in missing(&day.survey, &day.answers) {
            if unreadable.iter().all(|f| f.item != lacking.item) {
                unreadable.push(lacking);
            }
        }
        // Confirmed once, confirmed again: the same figures under the same rules raise the same soft findings. A pattern brings others, and
        // a new version of the survey may ask what nobody was asked.
        let asked_before = day.versions.first().or(day.previous.as_ref()).is_some_and(|v| v.survey_version == day.survey.version);
        let as_before = |r: &&akidoko_domain::survey::Rule| {
            let names = r.holds.program(&day.survey).map(|p| p.items().to_vec()).unwrap_or_default();
            names.iter().all(|id| !filled_in.contains_key(id))
        };
        let rules = day.survey.rules.iter().filter(as_before).map(|r| r.id.clone());
        let texts = day.survey.items().filter(|i| !filled_in.contains_key(&i.id)).map(|i| format!("patient:{}", i.id));
        let again: BTreeSet<String> = rules.chain(texts).collect();
        let confirmed = if asked_before { again } else { BTreeSet::new() };
        let submission = Submission {
            report_date: date,
            kind: Kind::Full,
            answers: day.answers,
            unreadable,
            confirmed,
            reason: repeat.reason,
            expected_version: repeat.expected_version,
            channel: repeat.channel,
            on_behalf: day.on_behalf,
            typed_at: None,
            behalf: repeat.behalf,
            source: None,
            as_of: repeat.as_of,
        };
        let row = self.row_of(&day.hospital).ok_or(SubmitError::NotFound)?;
        self.write(actor, &row.card, day.survey, submission, None).await
    }

    /// Who writes, before it is known which version it becomes.
    pub(crate) fn author(actor: &Actor, submission: &Submission, now: DateTime<Utc>) -> Author {
        Author {
            organisation: actor.organisation_name.clone(),
            sign_in: actor.sign_in_name(),
            operator: actor.operator_name.clone(),
            channel: submission.channel,
            on_behalf: submission.on_behalf,
            behalf: None,
            source: submission.source.clone(),
            report_date: submission.report_date,
            version: 0,
            received_at: now,
        }
    }

    pub(crate) async fn write(
        &self,
        actor: &Actor,
        h: &Card,
        survey: Survey,
        submission: Submission,
        once: Option<Uuid>,
    ) -> Result<Receipt, SubmitError> {
        if let Some(closed) = self.window_closed(actor, survey.period(submission.report_date).last).await? {
            return Err(SubmitError::Refused(closed));
        }
        self.hand_in(actor, self.report_write(actor, h, survey, submission, once)).await
    }

    async fn hand_in(&self, actor: &Actor, write: ReportWrite) -> Result<Receipt, SubmitError> {
        let (hospital, survey, date, kind) = (write.hospital, write.survey.clone(), write.report_date, write.kind);
        match self.writer.report(write).await {
            Ok(accepted) => Ok(Receipt { date: accepted.report_date, accepted }),
            // A second press is the first one's report.
            Err(WriteError::Refused(Refusal::Again { version })) => {
                let versions = self.store.read(&actor.scope).await?.report_versions(hospital, &survey, date..=date, 1000).await?;
                let v = versions.into_iter().find(|v| v.version == version).ok_or(SubmitError::NotFound)?;
                if v.kind != kind {
                    // A part update said the same, and is no report of the day.
                    return Err(SubmitError::Refused(Refusal::Conflict { version }));
                }
                Ok(Receipt::again(&v))
            }
            Err(WriteError::Refused(refusal)) => Err(SubmitError::Refused(refusal)),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    /// A report as the writer takes it, from any door.
    pub(crate) fn report_write(&self, actor: &Actor, h: &Card, survey: Survey, submission: Submission, once: Option<Uuid>) -> ReportWrite {
        let now = self.clock.now();
        let author = Self::author(actor, &submission, now);
        let mut detail = json!({
            "hospital": h.code, "report_date": submission.report_date, "kind": submission.kind, "channel": submission.channel,
            "on_behalf": submission.on_behalf, "behalf": submission.behalf,
        });
        if let Some(source) = &submission.source {
            detail["source"] = json!(source);
        }
        if let Some(typed) = submission.typed_at {
            detail["typed_at"] = json!(typed);
        }
        let mut entry = Entry::by(actor, now, Category::Report, h.code.as_str(), detail);
        entry.prefecture = Some(h.prefecture);
        ReportWrite {
            hospital: h.id,
            prefecture: h.prefecture,
            survey: survey.code.clone(),
            survey_version: survey.version,
            report_date: submission.report_date,
            kind: submission.kind,
            account: actor.person(),
            licensed_beds: h.beds_total,
            is_feed: submission.source.is_some(),
            check: Arc::new(move |known, now| check(&survey, known, &submission, author.clone(), now)),
            entry,
            once,
        }
    }

    /// The day in Japan now, and the day before.
    pub fn today(&self) -> (NaiveDate, NaiveDate) {
        let today = jst_day(self.clock.now());
        (today, day_before(today))
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
