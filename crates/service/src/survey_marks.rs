//! What a prefecture wants of a survey: optional items that it requires or hides, and which hospitals it names. Effective at once, on every
//! road.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    id::{HospitalId, OrganisationCode, PrefCode},
    organisation::OrganisationKind,
    survey::{Mark, Marks, Survey},
    time::jst_day,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// No such survey, as far as this actor can know.
    #[error("no such survey")]
    NotFound,
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// An item that the survey does not have, or that it requires itself.
    #[error("no such optional item")]
    NoSuchItem,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A survey as its prefecture may mark it.
pub struct Marking {
    /// The survey as the ministry wrote it.
    pub survey: Survey,
    /// The prefecture.
    pub prefecture: PrefCode,
    /// What it marked.
    pub marks: Marks,
    /// Whom it named.
    pub named: BTreeSet<HospitalId>,
}

impl Marking {
    /// A mark of whom it named, for a form to bring back.
    pub fn seen(&self) -> String {
        akidoko_domain::text::mark(&self.named)
    }
}

impl Service {
    fn marker(actor: &Actor) -> Result<PrefCode, MarkError> {
        match (actor.kind, actor.prefecture) {
            (OrganisationKind::PrefectureHealth, Some(prefecture)) => Ok(prefecture),
            _ => Err(MarkError::Forbidden),
        }
    }

    /// A survey that hospitals answer, with what the actor's prefecture wants of it.
    pub fn marking(&self, actor: &Actor, code: &str) -> Result<Marking, MarkError> {
        let prefecture = Self::marker(actor)?;
        let standing = self.surveys.standing();
        let survey = standing.catalogue.on(code, jst_day(self.clock.now())).ok_or(MarkError::NotFound)?;
        if !survey.is_answered() || survey.who.kind != OrganisationKind::Hospital {
            return Err(MarkError::NotFound);
        }
        let of_it: BTreeSet<HospitalId> = self.live.board(prefecture).map(|b| b.rows.keys().copied().collect()).unwrap_or_default();
        let named = standing.named.get(code).map(|all| all.intersection(&of_it).copied().collect()).unwrap_or_default();
        // A mark of an item that the survey has no more says nothing.
        let mut marks = standing.marks_of(prefecture, code);
        marks.0.retain(|id, _| survey.item(id).is_some());
        Ok(Marking { survey: survey.clone(), prefecture, marks, named })
    }

    /// Sets the marks of a survey. `seen` are those that the actor looked at.
    pub async fn set_marks(&self, actor: &Actor, code: &str, seen: &Marks, marks: &BTreeMap<String, Mark>) -> Result<(), MarkError> {
        let marking = self.marking(actor, code)?;
        let optional = |id: &str| marking.survey.item(id).is_some_and(|i| !i.required);
        if !marks.keys().all(|id| optional(id)) {
            return Err(MarkError::NoSuchItem);
        }
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([marking.prefecture]), self.clock.now()).await?;
        tx.lock().await?;
        let mut standing = tx.survey_marks(marking.prefecture, code).await?;
        standing.0.retain(|id, _| marking.survey.item(id).is_some());
        if standing != *seen {
            return Err(MarkError::Stale);
        }
        let marks = Marks(marks.clone());
        tx.set_survey_marks(marking.prefecture, code, &marks).await?;
        let words: BTreeMap<&str, &str> = marks.0.iter().map(|(id, mark)| (id.as_str(), mark.as_str())).collect();
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "survey_marks", json!({ "survey": code, "marks": words })));
        tx.event(None, EventKind::SurveysChanged);
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }

    /// Names the hospitals that answer a survey of some. `seen`: the [`Marking::seen`] that the actor looked at.
    pub async fn name_hospitals(
        &self,
        actor: &Actor,
        code: &str,
        seen: Option<&str>,
        chosen: &BTreeSet<OrganisationCode>,
    ) -> Result<(), MarkError> {
        let marking = self.marking(actor, code)?;
        if !marking.survey.who.named {
            return Err(MarkError::NotFound);
        }
        let board = self.live.board(marking.prefecture).ok_or(MarkError::NotFound)?;
        let ids: Option<BTreeSet<HospitalId>> = chosen.iter().map(|c| board.row(c).map(|r| r.card.id)).collect();
        let ids = ids.ok_or(MarkError::NoSuchItem)?;
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([marking.prefecture]), self.clock.now()).await?;
        tx.lock().await?;
        // Whoever was first is in memory before long: until then both would overwrite each other.
        let mut named = tx.survey_hospitals(marking.prefecture, code).await?;
        named.retain(|id| board.rows.contains_key(id));
        if seen.is_some_and(|seen| seen != akidoko_domain::text::mark(&named)) {
            return Err(MarkError::Stale);
        }
        tx.set_survey_hospitals(marking.prefecture, code, &ids).await?;
        let added: Vec<&HospitalId> = ids.difference(&named).collect();
        let removed: Vec<&HospitalId> = named.difference(&ids).collect();
        let detail = json!({ "survey": code, "added": added, "removed": removed });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "survey_hospitals", detail));
        tx.event(None, EventKind::SurveysChanged);
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }
}
