//! What a prefecture sets: until when reports are due, when reminders go, who owes none.

use super::CompletenessError;
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    due::{DueSetting, EXEMPTION_REASON, Exemption, Ladder, LadderError, RuleError, Weekdays},
    event::EventKind,
    id::{OrganisationCode, PrefCode},
    text::{patient_hint, trim},
    time::jst_day,
};
use akidoko_store::{ExemptionRow, LadderRow, WriteTx};
use chrono::{Days, Months, NaiveDate};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// What stands.
#[derive(Debug, Clone)]
pub struct SettingsView {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// The present day.
    pub today: NaiveDate,
    /// What holds today.
    pub due: DueSetting,
    /// What holds later, by day.
    pub later: Vec<DueSetting>,
    /// The ladder, if one was set.
    pub ladder: Option<LadderRow>,
    /// Exemptions that hold or will, with the hospital.
    pub exemptions: Vec<(ExemptionRow, Arc<akidoko_domain::board::Row>)>,
    /// The hospitals, by reading.
    pub hospitals: Vec<Arc<akidoko_domain::board::Row>>,
}

/// An exemption as it was asked for.
#[derive(Debug, Clone)]
pub struct ExemptionAsk {
    /// Whom.
    pub hospital: OrganisationCode,
    /// From which day.
    pub from_on: NaiveDate,
    /// To which.
    pub to_on: Option<NaiveDate>,
    /// On which days of the week.
    pub weekdays: Weekdays,
    /// Why.
    pub reason: String,
}

/// Why a setting is not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A due rule.
    #[error("a due rule")]
    Rule(RuleError),
    /// The ladder.
    #[error("the ladder")]
    Ladder(LadderError),
    /// It ends before it begins, or begins more than a year ago or ahead.
    #[error("days of an exemption")]
    ExemptionDays,
    /// Until further notice and every day: that is a suspended ID, or a mistake.
    #[error("an exemption without an end")]
    Endless,
    /// No reason, or one too long.
    #[error("a reason")]
    Reason,
    /// The reason looks like a patient.
    #[error("a patient")]
    Patient,
    /// Nothing to see or do here.
    #[error(transparent)]
    Other(#[from] CompletenessError),
}

impl From<StoreError> for SettingsError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl Service {
    /// What the own prefecture has set.
    pub async fn completeness_settings(&self, actor: &Actor) -> Result<SettingsView, CompletenessError> {
        let prefecture = Self::keeper(actor)?;
        let today = jst_day(self.clock.now());
        let reference = self.live.reference();
        let board = self.live.board(prefecture).ok_or(CompletenessError::NotFound)?;
        let mut later: Vec<DueSetting> =
            reference.due.settings.get(&prefecture).into_iter().flatten().filter(|s| s.valid_from > today).copied().collect();
        later.sort_by_key(|s| s.valid_from);
        let reader = self.store.read(&actor.scope).await?;
        let exemptions = reader.exemptions(Some(prefecture)).await?.into_iter();
        let exemptions = exemptions.filter(|e| e.exemption.to_on.is_none_or(|to| to >= today));
        let mut hospitals: Vec<_> = board.rows.values().cloned().collect();
        hospitals.sort_by(|a, b| (&a.card.kana, &a.card.code).cmp(&(&b.card.kana, &b.card.code)));
        Ok(SettingsView {
            prefecture,
            today,
            due: reference.due.setting(prefecture, today),
            later,
            ladder: reader.ladder(prefecture).await?,
            exemptions: exemptions.filter_map(|e| Some((board.rows.get(&e.hospital)?.clone(), e))).map(|(row, e)| (e, row)).collect(),
            hospitals,
        })
    }

    async fn change(&self) -> Result<WriteTx, StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        Ok(tx)
    }

    /// Reference data are read anew on every node; the page that comes next shows what was set.
    async fn committed(&self, tx: WriteTx) -> Result<(), StoreError> {
        let event = tx.commit().await?.event_id;
        for _ in 0..200 {
            if self.live.shown() >= event {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Sets until when reports are due, from a day on.
    pub async fn set_due(&self, actor: &Actor, setting: DueSetting) -> Result<(), SettingsError> {
        let prefecture = Self::keeper(actor)?;
        setting.check(jst_day(self.clock.now())).map_err(SettingsError::Rule)?;
        let mut tx = self.change().await?;
        tx.set_due(prefecture, &setting, &actor.sign_in_name()).await?;
        let time = |r: akidoko_domain::time::DueRule| json!({ "due": r.due.format("%H:%M").to_string(), "late": r.late.format("%H:%M").to_string() });
        let detail = json!({ "valid_from": setting.valid_from, "working": time(setting.working), "off": setting.off.map(time) });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "due rule", detail));
        tx.event(Some(prefecture), EventKind::Board);
        Ok(self.committed(tx).await?)
    }

    /// Takes a rule back that does not hold yet.
    pub async fn drop_due(&self, actor: &Actor, valid_from: NaiveDate) -> Result<(), SettingsError> {
        let prefecture = Self::keeper(actor)?;
        if valid_from <= jst_day(self.clock.now()) {
            return Err(SettingsError::Rule(RuleError::Past));
        }
        let mut tx = self.change().await?;
        if tx.drop_due(prefecture, valid_from).await? {
            tx.log(Entry::by(actor, tx.now(), Category::Admin, "due rule taken back", json!({ "valid_from": valid_from })));
            tx.event(Some(prefecture), EventKind::Board);
            self.committed(tx).await?;
        }
        Ok(())
    }

    /// Sets the ladder. What is over today is not made up for.
    pub async fn set_ladder(&self, actor: &Actor, ladder: &Ladder) -> Result<(), SettingsError> {
        let prefecture = Self::keeper(actor)?;
        ladder.check().map_err(SettingsError::Ladder)?;
        let mut tx = self.change().await?;
        tx.set_ladder(prefecture, ladder, &actor.sign_in_name()).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "reminder ladder", json!(ladder)));
        tx.event(Some(prefecture), EventKind::Completeness);
        tx.commit().await?;
        Ok(())
    }

    /// Exempts a hospital of the own prefecture.
    pub async fn exempt(&self, actor: &Actor, ask: ExemptionAsk) -> Result<(), SettingsError> {
        let prefecture = Self::keeper(actor)?;
        let row = self.row_behind_wall(actor, &ask.hospital).await?.filter(|r| r.card.prefecture == prefecture);
        let row = row.ok_or(CompletenessError::NotFound)?;
        let today = jst_day(self.clock.now());
        let (back, ahead) = (today.checked_sub_months(Months::new(12)), today.checked_add_months(Months::new(12)));
        let far =
            |day: NaiveDate| back.is_none_or(|b| day < b) || ahead.is_none_or(|a| day > a.checked_add_days(Days::new(366)).unwrap_or(a));
        if ask.to_on.is_some_and(|to| to < ask.from_on || far(to)) || far(ask.from_on) {
            return Err(SettingsError::ExemptionDays);
        }
        if ask.to_on.is_none() && ask.weekdays == Weekdays::ALL {
            return Err(SettingsError::Endless);
        }
        let reason = trim(&ask.reason).to_owned();
        if reason.is_empty() || reason.chars().count() > EXEMPTION_REASON || reason.chars().any(char::is_control) {
            return Err(SettingsError::Reason);
        }
        if patient_hint(&reason).is_some() {
            return Err(SettingsError::Patient);
        }
        let mut tx = self.change().await?;
        let exemption = Exemption { from_on: ask.from_on, to_on: ask.to_on, weekdays: ask.weekdays, suspended: false };
        // The same form sent twice is one exemption.
        let same = |e: &ExemptionRow| e.hospital == row.card.id && e.exemption == exemption && e.reason == reason;
        if self.store.read(&actor.scope).await?.exemptions(Some(prefecture)).await?.iter().any(same) {
            return Ok(());
        }
        let id = Some(chance::uuid(tx.now()));
        let set_by = actor.sign_in_name();
        tx.add_exemption(&ExemptionRow { id, hospital: row.card.id, prefecture, exemption, reason: reason.clone(), set_by }).await?;
        let detail = json!({
            "id": id, "from": ask.from_on, "to": ask.to_on, "weekdays": ask.weekdays.bits(), "reason": reason,
        });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, format!("exemption {}", ask.hospital), detail));
        tx.event(Some(prefecture), EventKind::Completeness);
        tx.commit().await?;
        Ok(())
    }

    /// Ends an exemption with yesterday; its past days stay as they are.
    pub async fn end_exemption(&self, actor: &Actor, id: &str) -> Result<(), SettingsError> {
        let prefecture = Self::keeper(actor)?;
        let id: Uuid = id.parse().map_err(|_| CompletenessError::NotFound)?;
        let mut tx = self.change().await?;
        let today = jst_day(tx.now());
        if tx.end_exemption(prefecture, id, today).await? {
            tx.log(Entry::by(actor, tx.now(), Category::Admin, "exemption ended", json!({ "id": id })));
            tx.event(Some(prefecture), EventKind::Completeness);
            tx.commit().await?;
        }
        Ok(())
    }
}
