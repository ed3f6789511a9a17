//! Answering any survey, for hospitals and for prefectures: what is asked of whom, how it stands, and the answer of a period. A hospital's
//! answers go the way of the daily report; a prefecture's are versions of their own.

use crate::{
    Service, StoreError,
    report::{RawReport, Receipt, Repeat, SubmitError},
};
use akidoko_domain::{
    access::{Action, Actor, may},
    audit::{Category, Entry},
    board::Card,
    id::{HospitalId, OrganisationCode, PrefCode},
    organisation::OrganisationKind,
    report::{Author, Cells, Kind, Known, Refusal, ReportVersion, Submission, check, mark, reread},
    survey::{Answers, Period, Survey},
    time::{from_jst, jst_day},
};
use akidoko_store::Accepted;
pub use akidoko_store::PrefectureReport;
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What an answer's screen opens with.
pub struct Answering {
    /// Who answers: a hospital, or a prefecture in the same clothes.
    pub card: Card,
    /// It is a prefecture.
    pub of_prefecture: bool,
    /// The survey, as the prefecture demands it.
    pub survey: Survey,
    /// The same as it stands on the screen.
    pub shown: Survey,
    /// Of what time it speaks.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The versions of that period, the newest first.
    pub versions: Vec<ReportVersion>,
    /// The figures as they are known.
    pub answers: Answers,
    /// What changes are held against.
    pub previous: Option<ReportVersion>,
    /// 代行
    pub on_behalf: bool,
    /// The actor may enter it at all.
    pub may_report: bool,
}

impl Answering {
    /// What stood when the period had this version; 0: before its first.
    pub fn answers_at(&self, version: u32) -> Answers {
        let own = self.versions.iter().find(|v| v.version <= version);
        own.or(self.previous.as_ref()).map(|v| v.answers.clone()).unwrap_or_default()
    }
}

impl Service {
    pub(crate) fn due(&self, survey: &Survey, first: NaiveDate) -> Option<DateTime<Utc>> {
        survey.due_at(first, &self.live.reference().holidays).map(from_jst)
    }

    pub(crate) fn card_of_prefecture(&self, code: &OrganisationCode, prefecture: PrefCode) -> Card {
        let name = self.live.reference().prefectures.get(&prefecture).cloned().unwrap_or_default();
        bare_card(code.clone(), prefecture, name)
    }

    /// The prefecture whose health department has this ID, as far as the actor sees it.
    async fn prefecture_of(&self, actor: &Actor, code: &OrganisationCode) -> Result<Option<PrefCode>, StoreError> {
        let sees = matches!(actor.kind, OrganisationKind::PrefectureHealth | OrganisationKind::Ministry);
        if !sees || code.prefecture().is_none_or(|p| !actor.scope.sees(p)) {
            return Ok(None);
        }
        let found = self.store.organisation_unscoped(code).await?.map(|o| o.organisation);
        Ok(found.filter(|o| o.kind == OrganisationKind::PrefectureHealth).and_then(|o| o.prefecture).filter(|p| actor.scope.sees(*p)))
    }

    /// Opens the answer to a survey and period. `None`: no such hospital, prefecture or survey, as far as this actor can know, or a date
    /// that begins no period.
    pub async fn answering(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
        date: NaiveDate,
    ) -> Result<Option<Answering>, StoreError> {
        let Some(kind) = self.kind_asked(asked, date) else { return Ok(None) };
        if kind == OrganisationKind::PrefectureHealth {
            let Some(prefecture) = self.prefecture_of(actor, code).await? else { return Ok(None) };
            return self.answering_prefecture(actor, (code, prefecture), asked, date).await;
        }
        let Some(day) = self.report_of(actor, code, asked, date).await? else { return Ok(None) };
        let Some(row) = self.row_of(&day.hospital) else { return Ok(None) };
        let period = day.survey.period(date);
        Ok(Some(Answering {
            card: (*row.card).clone(),
            of_prefecture: false,
            due_at: self.due(&day.survey, period.first),
            period,
            survey: day.survey,
            shown: day.shown,
            versions: day.versions,
            answers: day.answers,
            previous: day.previous,
            on_behalf: day.on_behalf,
            may_report: day.may_report,
        }))
    }

    /// Who answers this survey, if a period of it begins on this day.
    fn kind_asked(&self, asked: &str, date: NaiveDate) -> Option<OrganisationKind> {
        let catalogue = self.catalogue();
        let survey = catalogue.on(asked, date)?;
        (survey.is_answered() && survey.period(date).first == date).then_some(survey.who.kind)
    }

    async fn answering_prefecture(
        &self,
        actor: &Actor,
        (code, prefecture): (&OrganisationCode, PrefCode),
        asked: &str,
        date: NaiveDate,
    ) -> Result<Option<Answering>, StoreError> {
        let Some(survey) = self.catalogue().on(asked, date).cloned() else { return Ok(None) };
        let reader = self.store.read(&actor.scope).await?;
        let versions = reader.prefecture_versions(prefecture, asked, date..=date, 1000).await?;
        let long_ago = date.checked_sub_months(Months::new(36)).unwrap_or(date);
        let before = akidoko_domain::time::day_before(date);
        let previous = reader.prefecture_versions(prefecture, asked, long_ago..=before, 1).await?.into_iter().next();
        let mut answers = versions.first().or(previous.as_ref()).map(|v| v.answers.clone()).unwrap_or_default();
        answers.retain(|id, value| value.is_some() && (survey.item(id).is_some() || survey.skips(id).is_some()));
        let period = survey.period(date);
        Ok(Some(Answering {
            card: self.card_of_prefecture(code, prefecture),
            of_prefecture: true,
            due_at: self.due(&survey, date),
            period,
            shown: survey.clone(),
            survey,
            versions,
            answers,
            previous,
            on_behalf: false,
            may_report: actor.kind == OrganisationKind::PrefectureHealth && actor.prefecture == Some(prefecture),
        }))
    }

    /// Takes an answer. It is durable when this returns.
    pub async fn answer(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
        date: NaiveDate,
        raw: RawReport,
    ) -> Result<Receipt, SubmitError> {
        match self.kind_asked(asked, date).ok_or(SubmitError::NotFound)? {
            OrganisationKind::PrefectureHealth => {
                let survey = self.catalogue().on(asked, date).cloned().ok_or(SubmitError::NotFound)?;
                let submission = RawReport { kind: Kind::Full, ..raw }.read(&survey, date, false);
                self.answer_as_prefecture(actor, code, &survey, submission).await
            }
            _ => self.submit_to(actor, code, asked, date, raw).await,
        }
    }

    /// 変更なし: the last period's figures are this one's.
    pub async fn answer_unchanged(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
        date: NaiveDate,
        repeat: Repeat,
    ) -> Result<Receipt, SubmitError> {
        if self.kind_asked(asked, date).ok_or(SubmitError::NotFound)? != OrganisationKind::PrefectureHealth {
            return self.repeat_of(actor, code, (asked, date), repeat, &std::collections::BTreeMap::new()).await;
        }
        let open = self.answering(actor, code, asked, date).await?.ok_or(SubmitError::NotFound)?;
        if open.answers.is_empty() {
            return Err(SubmitError::NothingBefore);
        }
        if repeat.seen.is_some_and(|seen| seen != mark(&open.answers)) {
            return Err(SubmitError::Refused(Refusal::Moved));
        }
        let (answers, unreadable) = reread(&open.survey, Kind::Full, &open.answers);
        // A new version of the survey may ask what nobody was asked.
        let asked_before = open.versions.first().or(open.previous.as_ref()).is_some_and(|v| v.survey_version == open.survey.version);
        let rules = open.survey.rules.iter().map(|r| r.id.clone());
        let again = rules.chain(open.survey.items().map(|i| format!("patient:{}", i.id)));
        let submission = Submission {
            report_date: date,
            kind: Kind::Full,
            unreadable,
            confirmed: again.filter(|_| asked_before).collect(),
            answers,
            reason: repeat.reason,
            expected_version: repeat.expected_version,
            channel: repeat.channel,
            on_behalf: false,
            typed_at: None,
            behalf: None,
            source: None,
            as_of: None,
        };
        self.answer_as_prefecture(actor, code, &open.survey, submission).await
    }

    async fn answer_as_prefecture(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        survey: &Survey,
        submission: Submission,
    ) -> Result<Receipt, SubmitError> {
        let prefecture = self.prefecture_of(actor, code).await?.ok_or(SubmitError::NotFound)?;
        if actor.kind != OrganisationKind::PrefectureHealth || actor.prefecture != Some(prefecture) {
            return Err(SubmitError::Forbidden);
        }
        let date = submission.report_date;
        // What it said before: rules compare with it.
        let open = self.answering_prefecture(actor, (code, prefecture), &survey.code, date).await?.ok_or(SubmitError::NotFound)?;
        let mut cells = Cells::default();
        for v in open.previous.iter().chain(open.versions.iter().rev()) {
            cells.apply(survey, v.kind, &v.answers, v.author.clone(), v.as_of);
        }
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        let now = tx.now();
        let author = Author {
            organisation: actor.organisation_name.clone(),
            sign_in: actor.sign_in_name(),
            operator: actor.operator_name.clone(),
            channel: submission.channel,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: date,
            version: 0,
            received_at: now,
        };
        let version = tx.newest_prefecture_version(prefecture, &survey.code, date).await?;
        let known = Known { cells, version, ..Known::default() };
        let checked = match (check(survey, &known, &submission, author, now), open.versions.first()) {
            // A second press is the first one's answer.
            (Err(Refusal::Again { version }), Some(v)) if v.version == version => return Ok(Receipt::again(v)),
            (checked, _) => checked.map_err(SubmitError::Refused)?,
        };
        let mut detail = json!({ "survey": survey.code, "report_date": date, "version": checked.version, "channel": submission.channel });
        if !checked.confirmed.is_empty() {
            detail["confirmed"] = json!(checked.confirmed);
        }
        let report = ReportVersion {
            hospital: HospitalId(Uuid::nil()),
            survey: survey.code.clone(),
            survey_version: survey.version,
            report_date: date,
            version: checked.version,
            kind: Kind::Full,
            answers: checked.answers,
            as_of: checked.as_of,
            received_at: now,
            author: checked.author,
            reason: checked.reason,
        };
        tx.add_prefecture_version(&PrefectureReport { prefecture, report }, Some(actor.account)).await?;
        let mut entry = Entry::by(actor, now, Category::Report, code.as_str(), detail);
        entry.prefecture = Some(prefecture);
        tx.log(entry);
        let committed = tx.commit().await?;
        let accepted = Accepted {
            version: checked.version,
            as_of: checked.as_of,
            received_at: now,
            event_id: committed.event_id,
            report_date: date,
            overtaken: Vec::new(),
            stood: false,
        };
        Ok(Receipt { date, accepted })
    }

    /// The versions of the last years' answers to a survey, the newest first. `None`: not there, or not this actor's to read.
    pub async fn answers_before(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        asked: &str,
    ) -> Result<Option<(Card, Vec<ReportVersion>)>, StoreError> {
        let today = jst_day(self.clock.now());
        let first = today.checked_sub_months(Months::new(36)).unwrap_or(today);
        let Some(kind) = self.catalogue().on(asked, today).filter(|s| s.is_answered()).map(|s| s.who.kind) else { return Ok(None) };
        let reader = self.store.read(&actor.scope).await?;
        if kind == OrganisationKind::PrefectureHealth {
            let Some(prefecture) = self.prefecture_of(actor, code).await? else { return Ok(None) };
            let versions = reader.prefecture_versions(prefecture, asked, first..=today, 400).await?;
            return Ok(Some((self.card_of_prefecture(code, prefecture), versions)));
        }
        let Some(hospital) = reader.hospital(code).await? else { return Ok(None) };
        let Some(row) = self.row_of(&hospital) else { return Ok(None) };
        let may_read = may(actor.kind, Action::ReadHistory) && self.may_read_history(actor, row.card.id);
        if !may_read {
            return Ok(None);
        }
        let versions = reader.report_versions(row.card.id, asked, first..=today, 400).await?;
        Ok(Some(((*row.card).clone(), self.as_seen(actor, versions))))
    }

    /// What every prefecture answered to a survey, as far as the actor sees it: the newest version of each period since a day.
    pub async fn prefectures_answers(
        &self,
        actor: &Actor,
        asked: &str,
        days: (NaiveDate, NaiveDate),
    ) -> Result<Vec<PrefectureReport>, StoreError> {
        self.store.read(&actor.scope).await?.prefecture_answers(asked, days.0..=days.1).await
    }
}

/// A card of which nothing is known but a name: of a prefecture, or of nobody.
pub fn bare_card(code: OrganisationCode, prefecture: PrefCode, name: String) -> Card {
    Card {
        id: HospitalId(Uuid::nil()),
        code,
        prefecture,
        search: String::new(),
        name,
        kana: String::new(),
        municipality_code: None,
        municipality: None,
        area_code: None,
        area: None,
        address: None,
        phone: None,
        latitude: None,
        longitude: None,
        emergency_level: None,
        beds_total: None,
    }
}
