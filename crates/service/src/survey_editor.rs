//! The ministry's desk for surveys: a draft of what the next version will be, changed piece by piece, published from a date. A published
//! version never changes; one that nobody has answered and that has not begun can be taken back.

use crate::{Service, StoreError, surveys::columns};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    organisation::OrganisationKind,
    survey::{Cadence, DAILY, Flaw, Flawed, GMIS_DAILY, Place, Section, Survey, Who, flaws, good_id},
    time::jst_day,
};
use akidoko_store::WriteTx;
pub use akidoko_store::{Publishing, SurveyDraft};
use chrono::NaiveDate;
use serde_json::json;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No such survey, draft or part of it.
    #[error("no such survey")]
    NotFound,
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// Somebody changed the draft meanwhile, or published it.
    #[error("changed meanwhile")]
    Stale,
    /// A survey of this code stands already.
    #[error("the code is taken")]
    Taken,
    /// What is written cannot stand.
    #[error("flaws")]
    Flaws(Vec<Flawed>),
    /// From a day that has gone, or before a version that begins later.
    #[error("not from this day")]
    BadDay {
        /// The earliest day that can be.
        earliest: NaiveDate,
    },
    /// The version has begun or was answered: it stays.
    #[error("in use")]
    InUse,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A survey as the desk sees it.
#[derive(Debug, Clone)]
pub struct SurveyFile {
    /// Its code.
    pub code: String,
    /// Its versions, the newest first, with who published them.
    pub versions: Vec<(Survey, Option<Publishing>)>,
    /// What the next will be.
    pub draft: Option<SurveyDraft>,
    /// What is wrong with the draft as it stands.
    pub flaws: Vec<Flawed>,
}

impl SurveyFile {
    /// Its name: the newest one.
    pub fn title(&self) -> &str {
        self.draft.as_ref().map(|d| &d.survey).or_else(|| self.versions.first().map(|(s, _)| s)).map_or(&self.code, |s| &s.title)
    }
}

fn desk(actor: &Actor) -> Result<(), EditError> {
    if actor.kind == OrganisationKind::Ministry { Ok(()) } else { Err(EditError::Forbidden) }
}

fn writer(actor: &Actor) -> String {
    format!("{} {}", actor.organisation_name, actor.operator_name)
}

impl Service {
    /// Every survey with its versions and draft: for the ministry. What G-MIS published is read only, and no survey of the desk.
    pub async fn survey_files(&self, actor: &Actor) -> Result<Vec<SurveyFile>, EditError> {
        desk(actor)?;
        let catalogue = self.catalogue();
        let publishings = self.store.survey_publishings_unscoped().await?;
        let mut drafts = self.store.survey_drafts_unscoped().await?;
        let mut files: Vec<SurveyFile> = Vec::new();
        for survey in catalogue.newest().filter(|s| s.code != GMIS_DAILY) {
            let by = |s: &Survey| publishings.iter().find(|p| p.code == s.code && i64::from(p.version) == i64::from(s.version)).cloned();
            let mut versions: Vec<_> = catalogue.versions(&survey.code).map(|s| (s.clone(), by(s))).collect();
            versions.reverse();
            let at = drafts.iter().position(|d| d.survey.code == survey.code);
            let draft = at.map(|at| drafts.remove(at));
            files.push(SurveyFile { code: survey.code.clone(), versions, draft, flaws: Vec::new() });
        }
        files.extend(drafts.into_iter().map(|d| SurveyFile {
            code: d.survey.code.clone(),
            versions: vec![],
            draft: Some(d),
            flaws: vec![],
        }));
        for file in &mut files {
            if let Some(draft) = &file.draft {
                file.flaws = flaws(&draft.survey, file.versions.iter().map(|(s, _)| s));
            }
        }
        files.sort_by_key(|f| (f.code != DAILY, f.code.clone()));
        Ok(files)
    }

    /// One of them.
    pub async fn survey_file(&self, actor: &Actor, code: &str) -> Result<SurveyFile, EditError> {
        self.survey_files(actor).await?.into_iter().find(|f| f.code == code).ok_or(EditError::NotFound)
    }

    /// Begins a new survey.
    pub async fn new_survey(&self, actor: &Actor, code: &str, title: &str) -> Result<(), EditError> {
        desk(actor)?;
        let mut wrong = Vec::new();
        if !good_id(code) {
            wrong.push(Flawed { place: Place::Head("code"), flaw: Flaw::BadId });
        }
        if title.trim().is_empty() {
            wrong.push(Flawed { place: Place::Head("title"), flaw: Flaw::Empty });
        }
        if !wrong.is_empty() {
            return Err(EditError::Flaws(wrong));
        }
        let survey = Survey {
            code: code.to_owned(),
            version: 1,
            valid_from: jst_day(self.clock.now()),
            title: title.trim().to_owned(),
            cadence: Cadence::Weekly,
            year_from: None,
            due: None,
            who: Who::default(),
            sections: vec![Section {
                id: "section_1".to_owned(),
                sheet: None,
                title: "はじめの区分".to_owned(),
                note: None,
                folded: false,
                may_skip: false,
                items: vec![],
            }],
            rules: vec![],
            rates: vec![],
        };
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if code == GMIS_DAILY || tx.survey_draft(code).await?.is_some() || !tx.survey_versions(code).await?.is_empty() {
            return Err(EditError::Taken);
        }
        self.put_draft(&mut tx, actor, 0, survey, "survey_new").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Begins a new version: a copy of the last one.
    pub async fn begin_draft(&self, actor: &Actor, code: &str) -> Result<(), EditError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if tx.survey_draft(code).await?.is_some() {
            return Ok(());
        }
        let versions = tx.survey_versions(code).await?;
        let last = versions.into_iter().max_by_key(|s| s.version).filter(|s| s.code != GMIS_DAILY).ok_or(EditError::NotFound)?;
        let survey = Survey { version: last.version + 1, valid_from: jst_day(self.clock.now()), ..last };
        self.put_draft(&mut tx, actor, 0, survey, "survey_draft").await?;
        tx.commit().await?;
        Ok(())
    }

    async fn put_draft(&self, tx: &mut WriteTx, actor: &Actor, revision: i32, survey: Survey, act: &'static str) -> Result<(), EditError> {
        let detail = json!({ "survey": survey.code, "version": survey.version, "revision": revision + 1 });
        let draft = SurveyDraft { survey, revision: revision + 1, written_by: writer(actor), updated_at: tx.now() };
        tx.put_survey_draft(&draft).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, act, detail));
        Ok(())
    }

    /// Changes a draft as the actor saw it. `change` says what is wrong with its own part, if anything; then nothing is changed.
    pub async fn change_draft(
        &self,
        actor: &Actor,
        (code, revision): (&str, i32),
        change: impl FnOnce(&mut Survey) -> Result<(), EditError> + Send,
    ) -> Result<i32, EditError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let draft = tx.survey_draft(code).await?.ok_or(EditError::NotFound)?;
        if draft.revision != revision {
            return Err(EditError::Stale);
        }
        let mut survey = draft.survey;
        change(&mut survey)?;
        self.put_draft(&mut tx, actor, revision, survey, "survey_change").await?;
        tx.commit().await?;
        Ok(revision + 1)
    }

    /// Throws a draft away.
    pub async fn discard_draft(&self, actor: &Actor, (code, revision): (&str, i32)) -> Result<(), EditError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let draft = tx.survey_draft(code).await?.ok_or(EditError::NotFound)?;
        if draft.revision != revision {
            return Err(EditError::Stale);
        }
        tx.drop_survey_draft(code).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "survey_discard", json!({ "survey": code })));
        tx.commit().await?;
        Ok(())
    }

    /// Publishes a draft from a day: it holds from the first period that begins then. Not from a day that has gone, nor before a version
    /// that begins later, so that what was asked at a time can be told.
    pub async fn publish_survey(&self, actor: &Actor, (code, revision): (&str, i32), from: NaiveDate) -> Result<u32, EditError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let draft = tx.survey_draft(code).await?.ok_or(EditError::NotFound)?;
        if draft.revision != revision {
            return Err(EditError::Stale);
        }
        let versions = tx.survey_versions(code).await?;
        let last = versions.iter().max_by_key(|s| s.version);
        let earliest = last.map_or(jst_day(tx.now()), |s| s.valid_from.max(jst_day(tx.now())));
        if from < earliest {
            return Err(EditError::BadDay { earliest });
        }
        let survey = Survey { version: last.map_or(1, |s| s.version + 1), valid_from: from, ..draft.survey };
        let wrong = flaws(&survey, &versions);
        if !wrong.is_empty() {
            return Err(EditError::Flaws(wrong));
        }
        // Once more by the reader that every node uses: what it refuses would stop them.
        let json = serde_json::to_string(&survey).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        if let Err(error) = Survey::from_json(&json) {
            tracing::warn!(%error, code, "a definition without flaws does not read");
            return Err(EditError::Flaws(vec![Flawed { place: Place::Head("items"), flaw: Flaw::Unreadable }]));
        }
        tx.publish_survey(&survey, &writer(actor)).await?;
        tx.drop_survey_draft(code).await?;
        let detail = json!({ "survey": code, "version": survey.version, "valid_from": from });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "survey_publish", detail));
        let moved = columns(&versions) != columns(versions.iter().chain([&survey]));
        self.tell_surveys(tx, moved).await?;
        Ok(survey.version)
    }

    /// Takes a version back that has not begun and that nobody answered: it is a draft again, unless there is one.
    pub async fn withdraw_survey(&self, actor: &Actor, code: &str, version: u32) -> Result<(), EditError> {
        desk(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let mut versions = tx.survey_versions(code).await?;
        let last = versions.pop().filter(|s| s.version == version).ok_or(EditError::NotFound)?;
        let moved = columns(&versions) != columns(versions.iter().chain([&last]));
        if last.valid_from <= jst_day(tx.now()) || !tx.withdraw_survey(code, version).await? {
            return Err(EditError::InUse);
        }
        if tx.survey_draft(code).await?.is_none() {
            self.put_draft(&mut tx, actor, 0, last, "survey_draft").await?;
        }
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "survey_withdraw", json!({ "survey": code, "version": version })));
        self.tell_surveys(tx, moved).await
    }

    /// Surveys are read anew first. Where boards depend on what changed, each prefecture is told of it by an event of its own: a screen that
    /// comes back sees no other, and would go on showing columns that are no longer for it.
    async fn tell_surveys(&self, mut tx: WriteTx, moved: bool) -> Result<(), EditError> {
        tx.event(None, EventKind::SurveysChanged);
        if moved {
            for prefecture in self.live.reference().prefectures.keys() {
                tx.event(Some(*prefecture), EventKind::Board);
            }
        }
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }
}
