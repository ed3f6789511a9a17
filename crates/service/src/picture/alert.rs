//! しきい値: once a minute each is held against the board as it stands. An alert is raised and cleared once, whatever number of nodes looks; it stands on
//! every page of the prefecture's officers and goes to its health department by mail, with the figures that raised it.

use super::{PictureError, of};
use crate::{Service, StoreError, chance, watch::Rounds};
use akidoko_domain::{
    access::{Action, Actor},
    audit::{Category, Entry},
    event::{Event, EventKind},
    id::{MailId, PrefCode},
    organisation::OrganisationKind,
    picture::{Measure, Picture, Tally, Threshold, ThresholdError, Turn},
};
use akidoko_store::{AlertRow, NewMail, Store, ThresholdRow, WriteTx};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock},
};
use uuid::Uuid;

/// しきい値の知らせ
pub const ALERT: &str = "picture_alert";
/// So many thresholds a prefecture has at most.
const MOST: usize = 40;

/// The alerts that stand, in memory, so that the frame of a page costs no look into the database.
#[derive(Clone, Default)]
pub struct Alerts {
    by: Arc<RwLock<HashMap<PrefCode, Arc<Vec<AlertRow>>>>>,
}

impl Alerts {
    /// Reads them for the first time.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let alerts = Self::default();
        alerts.read(store).await?;
        Ok(alerts)
    }

    /// Reads anew what these events changed.
    pub(crate) async fn follow(&self, store: &Store, events: &[&Event]) -> Result<(), StoreError> {
        if events.iter().any(|e| e.kind == EventKind::Picture) { self.read(store).await } else { Ok(()) }
    }

    async fn read(&self, store: &Store) -> Result<(), StoreError> {
        let mut by: HashMap<PrefCode, Vec<AlertRow>> = HashMap::new();
        for alert in store.open_alerts_unscoped().await? {
            by.entry(alert.threshold.prefecture).or_default().push(alert);
        }
        if let Ok(mut kept) = self.by.write() {
            *kept = by.into_iter().map(|(p, alerts)| (p, Arc::new(alerts))).collect();
        }
        Ok(())
    }

    /// Of one prefecture, the newest first.
    pub fn of(&self, prefecture: PrefCode) -> Arc<Vec<AlertRow>> {
        self.by.read().ok().and_then(|by| by.get(&prefecture).cloned()).unwrap_or_default()
    }
}

/// Why a threshold is not set. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdProblem {
    /// Its values.
    #[error("values")]
    Values(ThresholdError),
    /// No such area in the prefecture.
    #[error("no such area")]
    Area,
    /// It stands already.
    #[error("twice")]
    Twice,
    /// There are too many.
    #[error("too many")]
    Many,
    /// Nothing to do here.
    #[error(transparent)]
    Other(#[from] PictureError),
}

impl From<StoreError> for ThresholdProblem {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// The figures behind a value, for the log.
fn figures(measure: Measure, tally: Tally) -> serde_json::Value {
    json!({ "value": tally.value(measure), "part": tally.part, "whole": tally.whole, "hospitals": tally.hospitals })
}

impl Service {
    /// The alerts that stand in the actor's prefecture and that they may see, from memory.
    pub fn standing_alerts(&self, actor: &Actor) -> Vec<AlertRow> {
        let Some(prefecture) = actor.prefecture.filter(|_| actor.may(Action::ReadPicture)) else { return Vec::new() };
        let alerts = self.live.alerts().of(prefecture);
        if alerts.is_empty() {
            return Vec::new();
        }
        let hidden = self.hidden_columns(actor);
        alerts.iter().filter(|a| super::shows(&hidden, a.threshold.threshold.measure)).cloned().collect()
    }

    /// Sets a threshold of the own prefecture.
    pub async fn add_threshold(&self, actor: &Actor, ask: Threshold) -> Result<(), ThresholdProblem> {
        let prefecture = Self::picture_keeper(actor)?;
        ask.check().map_err(ThresholdProblem::Values)?;
        let board = self.live.board(prefecture).ok_or(PictureError::NotFound)?;
        if ask.area.as_ref().is_some_and(|code| !board.areas().contains_key(code)) {
            return Err(ThresholdProblem::Area);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let standing = self.store.thresholds_unscoped().await?;
        let own: Vec<&ThresholdRow> = standing.iter().filter(|t| t.prefecture == prefecture).collect();
        if own.iter().any(|t| t.threshold == ask) {
            return Err(ThresholdProblem::Twice);
        }
        if own.len() >= MOST {
            return Err(ThresholdProblem::Many);
        }
        let row = ThresholdRow {
            id: chance::uuid(tx.now()),
            prefecture,
            threshold: ask,
            set_at: tx.now(),
            set_by: format!("{}　{}", actor.sign_in_name(), actor.operator_name),
        };
        tx.add_threshold(&row).await?;
        let t = &row.threshold;
        let detail = json!({
            "id": row.id, "measure": t.measure.as_str(), "area": t.area, "side": t.side.as_str(), "raise": t.raise, "clear": t.clear,
        });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "threshold", detail));
        tx.event(Some(prefecture), EventKind::Picture);
        tx.commit().await?;
        // What is over it already is told now, not in a minute.
        self.hold_thresholds().await?;
        Ok(())
    }

    /// Ends a threshold of the own prefecture, and its alert with it.
    pub async fn end_threshold(&self, actor: &Actor, id: &str) -> Result<(), PictureError> {
        let prefecture = Self::picture_keeper(actor)?;
        let id: Uuid = id.parse().map_err(|_| PictureError::NotFound)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if !tx.end_threshold(prefecture, id).await? {
            return Err(PictureError::NotFound);
        }
        tx.clear_alert(id, None).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "threshold ended", json!({ "id": id })));
        tx.event(Some(prefecture), EventKind::Picture);
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }

    /// Says that an alert of the own prefecture has been seen: it stands on, but no longer calls.
    pub async fn see_alert(&self, actor: &Actor, id: &str) -> Result<(), PictureError> {
        let prefecture = actor.prefecture.filter(|_| actor.may(Action::ReadPicture)).ok_or(PictureError::Forbidden)?;
        let id: Uuid = id.parse().map_err(|_| PictureError::NotFound)?;
        if !self.live.alerts().of(prefecture).iter().any(|a| a.id == id) {
            return Err(PictureError::NotFound);
        }
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if tx.see_alert(prefecture, id, &format!("{}　{}", actor.sign_in_name(), actor.operator_name)).await? {
            tx.log(Entry::by(actor, tx.now(), Category::Admin, "alert seen", json!({ "id": id })));
            tx.event(Some(prefecture), EventKind::Picture);
            let committed = tx.commit().await?;
            self.surveys_reach(committed.event_id).await;
        }
        Ok(())
    }

    /// Once a minute: every threshold against the boards as they stand; says how many alerts turned.
    pub(crate) async fn watch_thresholds(&self) -> Result<usize, StoreError> {
        let minute = self.clock.now().timestamp().div_euclid(60);
        if Rounds::is_new(&self.rounds.held, minute) { self.hold_thresholds().await } else { Ok(0) }
    }

    async fn hold_thresholds(&self) -> Result<usize, StoreError> {
        let thresholds = self.store.thresholds_unscoped().await?;
        if thresholds.is_empty() {
            return Ok(0);
        }
        let open: Vec<Uuid> = self.store.open_alerts_unscoped().await?.into_iter().map(|a| a.threshold.id).collect();
        let mut pictures: BTreeMap<PrefCode, Option<Picture>> = BTreeMap::new();
        let mut turned = 0;
        for row in &thresholds {
            let picture = pictures.entry(row.prefecture).or_insert_with(|| self.picture_now(row.prefecture));
            let Some(picture) = picture else { continue };
            let t = &row.threshold;
            let tally = of(picture, t.area.as_deref()).tally(t.measure);
            if let Some(turn) = t.turn(open.contains(&row.id), tally.value(t.measure)) {
                turned += usize::from(self.turn_alert(row, turn, tally).await?);
            }
        }
        Ok(turned)
    }

    /// Raises or clears, once: who was first is seen under the lock.
    async fn turn_alert(&self, row: &ThresholdRow, turn: Turn, tally: Tally) -> Result<bool, StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        if !tx.threshold_stands(row.id).await? || tx.open_alert(row.id).await?.is_some() != (turn == Turn::Clear) {
            return Ok(false);
        }
        let what = match turn {
            Turn::Raise => {
                tx.raise_alert(chance::uuid(tx.now()), row, tally).await?;
                "alert raised"
            }
            Turn::Clear => {
                tx.clear_alert(row.id, Some(tally)).await?;
                "alert cleared"
            }
        };
        let measure = row.threshold.measure;
        let detail = json!({ "threshold": row.id, "measure": measure.as_str(), "figures": figures(measure, tally) });
        let mut entry = Entry::by_system(tx.now(), Category::Admin, what, detail);
        entry.prefecture = Some(row.prefecture);
        tx.log(entry);
        tx.event(Some(row.prefecture), EventKind::Picture);
        self.write_of_alert(&tx, row, turn, tally).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_of_alert(&self, tx: &WriteTx, row: &ThresholdRow, turn: Turn, tally: Tally) -> Result<(), StoreError> {
        let reference = self.live.reference();
        let prefecture = reference.prefectures.get(&row.prefecture).cloned().unwrap_or_default();
        let area = row.threshold.area.as_ref().and_then(|code| reference.areas.get(code)).map(|(_, name)| name.clone());
        let number = |n: u64| n.to_string();
        let facts = [
            ("turn", if turn == Turn::Raise { "raise" } else { "clear" }.to_owned()),
            ("prefecture", prefecture),
            ("area", area.unwrap_or_default()),
            ("measure", row.threshold.measure.as_str().to_owned()),
            ("side", row.threshold.side.as_str().to_owned()),
            ("raise", number(row.threshold.raise)),
            ("clear", number(row.threshold.clear)),
            ("part", number(tally.part)),
            ("whole", number(tally.whole)),
            ("hospitals", tally.hospitals.to_string()),
            ("path", "/picture".to_owned()),
        ];
        let mail = |(name, recipient): (String, String)| NewMail {
            id: MailId(chance::uuid(tx.now())),
            kind: ALERT,
            prefecture: Some(row.prefecture),
            application: None,
            account: None,
            recipient,
            facts: facts.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).chain([("name".to_owned(), name)]).collect(),
            has_link: false,
            not_before: tx.now(),
            good_until: None,
        };
        let to = tx.mailboxes_of(row.prefecture, OrganisationKind::PrefectureHealth).await?;
        tx.add_mails(&to.into_iter().map(mail).collect::<Vec<_>>(), &self.post.domain).await
    }
}
