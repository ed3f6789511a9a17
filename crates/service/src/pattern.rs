//! 応需パターン: a hospital keeps them, they fill in by themselves, a person confirms.

use crate::{Service, StoreError, quick::Offer};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    board::Row,
    id::OrganisationCode,
    pattern::{Form, PATTERNS, Pattern, Wrong, fitting, read},
    report::{Kind, ReportVersion},
    survey::{Answers, DAILY, Survey},
    time::jst_day,
};
pub use akidoko_store::PatternRow;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

/// What the screen of patterns shows.
pub struct PatternScreen {
    /// The hospital.
    pub row: Arc<Row>,
    /// The survey of today.
    pub survey: Survey,
    /// The patterns.
    pub kept: PatternRow,
    /// The name of the one that holds now.
    pub holds: Option<String>,
    /// 代行
    pub on_behalf: bool,
}

/// A change of a hospital's patterns.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternChange {
    /// Adds one, or puts it in the place of the one that stands there.
    Put(Option<usize>, Form),
    /// Takes one away.
    Remove(usize),
}

/// Why a change is not made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// No such hospital, as far as this actor can know; or no such pattern.
    #[error("no such hospital or pattern")]
    NotFound,
    /// Not for this actor.
    #[error("not yours to keep")]
    Forbidden,
    /// Somebody changed them since.
    #[error("changed since")]
    Conflict,
    /// There are enough.
    #[error("too many")]
    TooMany,
    /// What was typed.
    #[error("wrong")]
    Wrong(Box<Wrong>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a pattern fills into the report of today: the items that nobody spoke of since it holds.
pub(crate) fn offer(
    kept: &[Pattern],
    survey: &Survey,
    known: &Answers,
    versions: &[ReportVersion],
    now: DateTime<Utc>,
    holidays: &std::collections::BTreeSet<chrono::NaiveDate>,
) -> Option<Offer> {
    let fits = fitting(kept, now, holidays)?;
    let mut said: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for version in versions {
        // A full report speaks of every item.
        let full = survey.items().filter(|_| version.kind == Kind::Full).map(|i| &i.id);
        for id in version.answers.keys().chain(full) {
            let at = said.entry(id).or_insert(version.as_of);
            *at = (*at).max(version.as_of);
        }
    }
    let answers = fits.differing(survey, |i| known.get(&i.id).cloned().flatten(), |i| said.get(i.id.as_str()).copied());
    (!answers.is_empty()).then(|| Offer { name: fits.pattern.name.clone(), answers })
}

impl Service {
    /// The patterns of a hospital, for who reports for it.
    pub async fn patterns(&self, actor: &Actor, code: &OrganisationCode) -> Result<PatternScreen, PatternError> {
        let row = self.row_behind_wall(actor, code).await?.ok_or(PatternError::NotFound)?;
        let (on_behalf, may_report) = Self::rights(actor, &row.card);
        if !may_report {
            return Err(PatternError::Forbidden);
        }
        let now = self.clock.now();
        let survey = self.survey_shown(DAILY, jst_day(now), row.card.prefecture).ok_or(PatternError::NotFound)?;
        let kept = self.store.read(&actor.scope).await?.patterns(row.card.id).await?;
        let holds = fitting(&kept.patterns, now, &self.live.reference().holidays).map(|f| f.pattern.name.clone());
        Ok(PatternScreen { row, survey, kept, holds, on_behalf })
    }

    /// Changes the patterns that the actor saw at a revision.
    pub async fn change_patterns(
        &self,
        actor: &Actor,
        code: &OrganisationCode,
        revision: i32,
        change: &PatternChange,
    ) -> Result<(), PatternError> {
        let screen = self.patterns(actor, code).await?;
        if screen.kept.revision != revision {
            return Err(PatternError::Conflict);
        }
        let mut patterns = screen.kept.patterns;
        let (act, name) = match change {
            PatternChange::Put(at, form) => {
                let others: Vec<&str> =
                    patterns.iter().enumerate().filter(|(n, _)| Some(*n) != *at).map(|(_, p)| p.name.as_str()).collect();
                let pattern = read(form, &screen.survey, &others).map_err(|w| PatternError::Wrong(Box::new(w)))?;
                let name = pattern.name.clone();
                match at {
                    Some(at) => *patterns.get_mut(*at).ok_or(PatternError::NotFound)? = pattern,
                    None if patterns.len() >= PATTERNS => return Err(PatternError::TooMany),
                    None => patterns.push(pattern),
                }
                ("pattern_kept", name)
            }
            PatternChange::Remove(at) if *at < patterns.len() => ("pattern_removed", patterns.remove(*at).name),
            PatternChange::Remove(_) => return Err(PatternError::NotFound),
        };
        let card = &screen.row.card;
        let mut tx = self.store.write_behind_wall(&[card.prefecture].into(), self.clock.now()).await?;
        if !tx.put_patterns(card.id, card.prefecture, revision, &patterns, &actor.sign_in_name()).await? {
            return Err(PatternError::Conflict);
        }
        let detail = json!({ "act": act, "hospital": card.code, "name": name, "on_behalf": screen.on_behalf });
        let mut entry = Entry::by(actor, tx.now(), Category::Report, card.code.as_str(), detail);
        entry.prefecture = Some(card.prefecture);
        tx.log(entry);
        tx.commit().await?;
        Ok(())
    }
}
