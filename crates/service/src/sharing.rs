//! What a prefecture shares of its board and with whom, and by which other system it reports. Effective at once, on every open screen.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    board::{Column, OtherSystem, Sharing},
    event::EventKind,
    id::PrefCode,
    organisation::OrganisationKind,
};
use serde_json::json;
use std::collections::BTreeSet;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// What was typed of the other system cannot be kept: `name` or `url`.
    #[error("{0} cannot be kept")]
    BadSystem(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    fn sharer(actor: &Actor) -> Result<PrefCode, SharingError> {
        match (actor.kind, actor.prefecture) {
            (OrganisationKind::PrefectureHealth, Some(prefecture)) => Ok(prefecture),
            _ => Err(SharingError::Forbidden),
        }
    }

    /// The actor's prefecture, what it keeps from whom, and by which other system it reports.
    pub fn sharing(&self, actor: &Actor) -> Result<(PrefCode, Sharing, Option<OtherSystem>), SharingError> {
        let prefecture = Self::sharer(actor)?;
        let standing = self.surveys.standing();
        let sharing = standing.sharing.get(&prefecture).cloned().unwrap_or_default();
        Ok((prefecture, sharing, standing.other_systems.get(&prefecture).cloned()))
    }

    /// What a kind of organisation would not see of a prefecture's board under these rules: the surveys' own included.
    pub fn hidden_under(&self, sharing: &Sharing, kind: OrganisationKind) -> BTreeSet<Column> {
        let by_surveys = self.surveys.standing().hidden_from(kind, None);
        sharing.hidden_from(kind).union(&by_surveys).copied().collect()
    }

    /// Sets what is kept from whom. `seen` are the rules that the actor looked at.
    pub async fn set_sharing(&self, actor: &Actor, seen: &Sharing, sharing: &Sharing) -> Result<(), SharingError> {
        let prefecture = Self::sharer(actor)?;
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        // Under the lock of the log: whoever was first is in memory, or has not committed.
        let stands = self.surveys.standing().sharing.get(&prefecture).cloned().unwrap_or_default();
        if stands != *seen {
            return Err(SharingError::Stale);
        }
        tx.set_sharing(prefecture, sharing).await?;
        let words = |of: &Sharing, other: &Sharing| {
            let only = of.rules().filter(|(column, kind)| !other.hides(*column, *kind));
            only.map(|(column, kind)| json!({ "column": column, "kind": kind })).collect::<Vec<_>>()
        };
        let detail = json!({ "hidden": words(sharing, &stands), "shown": words(&stands, sharing) });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "sharing", detail));
        self.tell_sharing(tx, prefecture).await
    }

    /// Sets the other system, or that there is none.
    pub async fn set_other_system(&self, actor: &Actor, name: &str, url: &str) -> Result<(), SharingError> {
        let prefecture = Self::sharer(actor)?;
        let system = OtherSystem::read(name, url).map_err(SharingError::BadSystem)?;
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        tx.set_other_system(prefecture, system.as_ref()).await?;
        let detail = json!({ "name": system.as_ref().map(|s| &s.name), "url": system.as_ref().map(|s| &s.url) });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "other_system", detail));
        self.tell_sharing(tx, prefecture).await
    }

    /// The rules are read anew first, then the open screens of the prefecture read their board anew.
    async fn tell_sharing(&self, mut tx: akidoko_store::WriteTx, prefecture: PrefCode) -> Result<(), SharingError> {
        tx.event(None, EventKind::SurveysChanged);
        tx.event(Some(prefecture), EventKind::Board);
        let committed = tx.commit().await?;
        self.surveys_reach(committed.event_id).await;
        Ok(())
    }
}
