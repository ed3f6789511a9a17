//! Calls: who rang whom, and what came of it.

use super::CompletenessError;
use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    due::{CALL_WORDS, CallResult},
    event::EventKind,
    id::OrganisationCode,
    survey::DAILY,
    text::{PatientHint, patient_hint, trim},
};
use akidoko_store::CallNote;
use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

/// A call as it was typed.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// A secret of the form: the same form sent twice is one call.
    pub id: u128,
    /// About which day.
    pub day: NaiveDate,
    /// What came of it.
    pub result: CallResult,
    /// The rest.
    pub words: String,
    /// It looks like a patient, and is none.
    pub confirmed: bool,
}

/// Why a call was not written down.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// More than two hundred letters, or lines.
    #[error("too long")]
    Long,
    /// It looks like a patient.
    #[error("a patient")]
    Patient(PatientHint),
    /// Nothing to see or do here.
    #[error(transparent)]
    Other(#[from] CompletenessError),
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl Service {
    /// Writes a call to a hospital of the own prefecture down; colleagues see it at once.
    pub async fn note_call(&self, actor: &Actor, code: &OrganisationCode, call: NewCall) -> Result<(), CallError> {
        let prefecture = Self::keeper(actor)?;
        let row = self.row_behind_wall(actor, code).await?.filter(|r| r.card.prefecture == prefecture);
        let row = row.ok_or(CompletenessError::NotFound)?;
        let words = trim(&call.words).to_owned();
        if words.chars().count() > CALL_WORDS || words.chars().any(char::is_control) {
            return Err(CallError::Long);
        }
        let hint = patient_hint(&words);
        if let Some(hint) = hint.filter(|h| h.is_certain() || !call.confirmed) {
            return Err(CallError::Patient(hint));
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        let note = CallNote {
            id: Uuid::from_u128(call.id),
            hospital: row.card.id,
            at: tx.now(),
            result: call.result,
            words,
            who: format!("{} {}", actor.organisation_name, actor.operator_name),
        };
        if tx.add_call((prefecture, DAILY, call.day), &note).await? {
            let detail = json!({
                "report_date": call.day, "result": call.result.as_str(), "patient_warning_confirmed": hint.is_some(),
            });
            tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("call {code}"), detail));
            tx.event(Some(prefecture), EventKind::Completeness);
            tx.commit().await?;
        }
        Ok(())
    }
}
