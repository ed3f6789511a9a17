//! Who has a board before them: what a hospital is told its report did. Noted in memory by whoever reads, written in batches with the log of
//! reads; a reader never waits for it. An open screen reads as long as it is open, since every change comes to it.

use akidoko_domain::{
    access::Actor,
    id::{HospitalId, OrganisationId, PrefCode},
    organisation::OrganisationKind,
    time::SharedClock,
};
use akidoko_store::BoardReader;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Who, what: of which prefecture, the page of which hospital.
type Key = (OrganisationId, PrefCode, Option<HospitalId>);

struct Seen {
    kind: OrganisationKind,
    last: DateTime<Utc>,
    written: Option<DateTime<Utc>>,
}

#[derive(Default)]
struct Inner {
    seen: HashMap<Key, Seen>,
    /// Screens that are open, with how many an organisation has.
    open: HashMap<(OrganisationId, PrefCode), (OrganisationKind, u32)>,
}

/// The readers of this node.
#[derive(Clone)]
pub(crate) struct Readers {
    inner: Arc<Mutex<Inner>>,
    clock: SharedClock,
}

/// Who reads again is written again after so long.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// A screen that stays open is written so often; on its own node it counts at once.
const OPEN: TimeDelta = TimeDelta::minutes(5);

impl Readers {
    pub fn new(clock: SharedClock) -> Self {
        Self { inner: Arc::default(), clock }
    }

    /// Somebody reads.
    pub fn note(&self, actor: &Actor, prefecture: PrefCode, hospital: Option<HospitalId>) {
        let now = self.clock.now();
        let Ok(mut inner) = self.inner.lock() else { return };
        inner.note((actor.organisation, prefecture, hospital), actor.kind, now);
    }

    /// Somebody opens a screen that is kept up to date.
    pub fn open(&self, actor: &Actor, prefecture: PrefCode) -> OpenScreen {
        let now = self.clock.now();
        if let Ok(mut inner) = self.inner.lock() {
            inner.note((actor.organisation, prefecture, None), actor.kind, now);
            inner.open.entry((actor.organisation, prefecture)).or_insert((actor.kind, 0)).1 += 1;
        }
        OpenScreen { readers: self.clone(), organisation: actor.organisation, prefecture }
    }

    /// What is to be written now; with `all`, whatever was not written yet.
    pub fn due(&self, all: bool) -> Vec<BoardReader> {
        let now = self.clock.now();
        let Ok(mut guard) = self.inner.lock() else { return Vec::new() };
        let inner = &mut *guard;
        for ((organisation, prefecture), (kind, _)) in &inner.open {
            let seen = inner.seen.entry((*organisation, *prefecture, None));
            let seen = seen.or_insert(Seen { kind: *kind, last: now, written: None });
            if seen.written.is_none_or(|at| now - at >= OPEN) {
                seen.last = now;
            }
        }
        let mut due = Vec::new();
        for ((organisation, prefecture, hospital), seen) in &mut inner.seen {
            if seen.written.is_none_or(|at| seen.last > at && (all || now - at >= AGAIN)) {
                seen.written = Some(seen.last);
                due.push(BoardReader {
                    prefecture: *prefecture,
                    hospital: *hospital,
                    organisation: *organisation,
                    kind: seen.kind,
                    read_at: seen.last,
                });
            }
        }
        // What is written and old is in the database alone.
        inner.seen.retain(|_, seen| seen.written != Some(seen.last) || now - seen.last < OPEN);
        due
    }

    /// Who read on this node since a moment and may not be written yet.
    pub fn since(&self, prefecture: PrefCode, hospital: HospitalId, since: DateTime<Utc>) -> Vec<(OrganisationId, OrganisationKind)> {
        let Ok(inner) = self.inner.lock() else { return Vec::new() };
        let open = inner.open.iter().filter(|((_, p), _)| *p == prefecture).map(|((o, _), (kind, _))| (*o, *kind));
        let here = |of: &Option<HospitalId>| of.is_none_or(|h| h == hospital);
        let seen = inner.seen.iter().filter(|((_, p, h), seen)| *p == prefecture && here(h) && seen.last >= since);
        open.chain(seen.map(|((o, ..), seen)| (*o, seen.kind))).collect()
    }
}

impl Inner {
    fn note(&mut self, key: Key, kind: OrganisationKind, now: DateTime<Utc>) {
        self.seen.entry(key).or_insert(Seen { kind, last: now, written: None }).last = now;
    }
}

/// A screen that is open until this goes.
pub struct OpenScreen {
    readers: Readers,
    organisation: OrganisationId,
    prefecture: PrefCode,
}

impl Drop for OpenScreen {
    fn drop(&mut self) {
        let now = self.readers.clock.now();
        let Ok(mut inner) = self.readers.inner.lock() else { return };
        let key = (self.organisation, self.prefecture);
        let Some((kind, count)) = inner.open.get_mut(&key) else { return };
        let kind = *kind;
        *count -= 1;
        if *count == 0 {
            inner.open.remove(&key);
        }
        inner.note((self.organisation, self.prefecture, None), kind, now);
    }
}
