//! フェーズ: a prefecture sets them, moves from one to the next, and switches them off. On every open screen at once.

use super::PictureError;
use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::EventKind,
    id::PrefCode,
    picture::{PhaseError, Phases},
    text::{patient_hint, trim},
};
use akidoko_store::PhaseRow;
use chrono::{DateTime, Utc};
use serde_json::json;

/// Characters of a reason.
pub const REASON_MAX: usize = 200;

/// Why phases are not set. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PhaseProblem {
    /// What was typed.
    #[error("phases")]
    Phases(PhaseError),
    /// Another phase is to hold and it is not said why, or at length.
    #[error("a reason")]
    Reason,
    /// The reason looks like a patient.
    #[error("a patient")]
    Patient,
    /// Nothing to do here.
    #[error(transparent)]
    Other(#[from] PictureError),
}

impl From<StoreError> for PhaseProblem {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl Service {
    /// The phases of a prefecture; `None`: switched off. Whoever asks has passed the wall.
    pub fn phases_of(&self, prefecture: PrefCode) -> Option<Phases> {
        self.surveys.standing().phases.get(&prefecture).cloned()
    }

    /// What the own prefecture set last, for the form.
    pub async fn own_phases(&self, actor: &Actor) -> Result<(PrefCode, Vec<PhaseRow>), PictureError> {
        let prefecture = Self::picture_keeper(actor)?;
        Ok((prefecture, self.store.read(&actor.scope).await?.phase_changes(prefecture, super::SHOWN).await?))
    }

    /// Sets the phases of the own prefecture, or switches them off. `seen`: when that was set at which the actor looked.
    pub async fn set_phases(
        &self,
        actor: &Actor,
        seen: Option<DateTime<Utc>>,
        phases: Option<Phases>,
        reason: &str,
    ) -> Result<(), PhaseProblem> {
        let prefecture = Self::picture_keeper(actor)?;
        let phases = phases.map(Phases::checked).transpose().map_err(PhaseProblem::Phases)?;
        let reason = trim(reason);
        if reason.chars().count() > REASON_MAX || reason.chars().any(char::is_control) {
            return Err(PhaseProblem::Reason);
        }
        if patient_hint(reason).is_some() {
            return Err(PhaseProblem::Patient);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let stands = tx.newest_phase(prefecture).await?;
        if stands.as_ref().map(|s| s.set_at) != seen {
            return Err(PictureError::Stale.into());
        }
        let before = stands.as_ref().and_then(|s| s.phases.as_ref());
        if before == phases.as_ref() {
            return Ok(());
        }
        let name = |phases: Option<&Phases>| phases.and_then(Phases::current).map(|p| p.name.clone());
        let moved = before.is_some() && name(before) != name(phases.as_ref());
        if moved && reason.is_empty() {
            return Err(PhaseProblem::Reason);
        }
        let row = PhaseRow {
            prefecture,
            // Two changes within a microsecond would be one row.
            set_at: stands.map_or(tx.now(), |s| tx.now().max(s.set_at + chrono::TimeDelta::microseconds(1))),
            phases,
            reason: reason.to_owned(),
            set_by: format!("{}　{}", actor.sign_in_name(), actor.operator_name),
        };
        tx.add_phase(&row).await?;
        let detail = json!({ "phases": row.phases, "reason": row.reason });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "phases", detail));
        // Surveys are read anew first, phases with them; then the open boards of the prefecture.
        tx.event(None, EventKind::SurveysChanged);
        tx.event(Some(prefecture), EventKind::Board);
        tx.event(Some(prefecture), EventKind::Picture);
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }
}
