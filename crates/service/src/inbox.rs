//! What an organisation has received of お知らせ: the pages it opens, and the few words that the frame of every page says. Those lie in
//! memory for the organisations that are signed in on this node, so that a request costs no look into the database and an event costs
//! no more than what it changed.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    event::{Event, EventKind},
    id::{AnnouncementId, OrganisationId},
};
use akidoko_store::{AnnouncementRow, Received, Store};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, RwLock},
};
use tokio::sync::Mutex;

/// What an organisation has received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// How many in all.
    pub total: usize,
    /// Those that nobody of it opened.
    pub unread: usize,
    /// The newest of these.
    pub newest: Option<Received>,
}

impl Inbox {
    /// `received`: the newest first.
    fn of(received: Vec<Received>) -> Self {
        let mut inbox = Self { total: received.len(), ..Self::default() };
        for one in received.into_iter().filter(|r| !r.is_read) {
            inbox.unread += 1;
            inbox.newest.get_or_insert(one);
        }
        inbox
    }
}

/// The inboxes of the organisations that are signed in on this node.
#[derive(Clone, Default)]
pub struct Inboxes {
    by: Arc<RwLock<HashMap<OrganisationId, Option<Arc<Inbox>>>>>,
    /// Whoever reads the database holds it until the inbox is put, so that an older reading never takes the place of a newer one.
    reading: Arc<Mutex<()>>,
}

impl Inboxes {
    /// Of one organisation.
    pub fn of(&self, organisation: OrganisationId) -> Arc<Inbox> {
        self.by.read().ok().and_then(|by| by.get(&organisation).cloned().flatten()).unwrap_or_default()
    }

    /// Somebody of the organisation comes in: from now on its inbox is kept.
    pub(crate) async fn open(&self, store: &Store, organisation: OrganisationId) -> Result<(), StoreError> {
        if self.by.read().is_ok_and(|by| by.get(&organisation).is_some_and(Option::is_some)) {
            return Ok(());
        }
        // The place first: an event that comes while it is read finds it.
        if let Ok(mut by) = self.by.write() {
            by.entry(organisation).or_default();
        }
        self.read(store, &[organisation]).await
    }

    /// Reads anew what these events changed.
    pub(crate) async fn follow(&self, store: &Store, events: &[&Event]) -> Result<(), StoreError> {
        let mut changed: BTreeSet<OrganisationId> = BTreeSet::new();
        for event in events {
            match &event.kind {
                EventKind::Announced => changed.extend(self.by.read().iter().flat_map(|by| by.keys().copied().collect::<Vec<_>>())),
                EventKind::AnnouncementRead(id) if self.by.read().is_ok_and(|by| by.contains_key(id)) => {
                    changed.insert(*id);
                }
                _ => {}
            }
        }
        self.read(store, &changed.into_iter().collect::<Vec<_>>()).await
    }

    async fn read(&self, store: &Store, organisations: &[OrganisationId]) -> Result<(), StoreError> {
        if organisations.is_empty() {
            return Ok(());
        }
        let _reading = self.reading.lock().await;
        let mut received: HashMap<OrganisationId, Vec<Received>> = HashMap::new();
        for one in store.received_unscoped(organisations).await? {
            received.entry(one.organisation).or_default().push(one);
        }
        if let Ok(mut by) = self.by.write() {
            for id in organisations {
                by.insert(*id, Some(Arc::new(Inbox::of(received.remove(id).unwrap_or_default()))));
            }
        }
        Ok(())
    }
}

impl Service {
    /// Those that went to my organisation, the newest first, and whether somebody opened them.
    pub async fn my_announcements(&self, actor: &Actor) -> Result<Vec<Received>, StoreError> {
        self.store.received_unscoped(&[actor.organisation]).await
    }

    /// Opens one that went to my organisation: from now on it counts as read. What did not go there is not there.
    pub async fn open_announcement(&self, actor: &Actor, id: AnnouncementId) -> Result<Option<AnnouncementRow>, StoreError> {
        let Some((row, is_read)) = self.store.announcement_to_unscoped(id, actor.organisation).await? else { return Ok(None) };
        if !is_read {
            let by = format!("{} {}", actor.sign_in_name(), actor.operator_name);
            let mut tx = self.store.write_system(self.clock.now()).await?;
            tx.lock().await?;
            if tx.read_announcement(id, actor.organisation, &by).await? {
                tx.event(None, EventKind::AnnouncementRead(actor.organisation));
                tx.log(Entry::by(actor, tx.now(), Category::BoardRead, "announcement", json!({ "id": id })));
                tx.commit().await?;
                // On this node at once; on others with the event.
                self.live.inboxes().read(&self.store, &[actor.organisation]).await?;
            }
        }
        Ok(Some(row))
    }

    /// What my organisation has received, from memory.
    pub fn inbox(&self, actor: &Actor) -> Arc<Inbox> {
        self.live.inboxes().of(actor.organisation)
    }
}
