//! The drive to the hospitals of a board by real roads, where the operator named a routing service. The server asks, never the browser. It
//! waits a moment and no longer: what is not known by then is an estimate, and says so.
//!
//! A place from where somebody asks is where a patient is. It is rounded to some hundred metres before it is asked or kept, kept for
//! minutes and in memory only, and stands in no log.

use crate::{Service, live::Board};
use akidoko_domain::{
    drive::{Drive, Drives},
    id::{HospitalId, PrefCode},
    place::Point,
    time::SharedClock,
};
use akidoko_exchange::routing::{PLACES_MAX, Routing, RoutingError};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

/// So long a page waits for the roads.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// So many requests are under way at a time from this node.
const AT_ONCE: usize = 4;
/// Roads do not change, but what was asked is forgotten.
const KEPT: TimeDelta = TimeDelta::minutes(10);
/// So many places are kept at most.
const KEPT_MAX: usize = 200;
/// After a failure nobody waits for the service for so long.
const REST: TimeDelta = TimeDelta::seconds(15);

/// What one question is about: of which board, from where, and to which places.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    prefecture: PrefCode,
    from: Point,
    to: Vec<(HospitalId, Point)>,
}

struct Kept {
    question: Question,
    drives: Arc<Drives>,
    until: DateTime<Utc>,
}

#[derive(Default)]
struct Memory {
    kept: Vec<Kept>,
    resting_until: Option<DateTime<Utc>>,
}

/// The routing service of this node, with what it said lately.
#[derive(Clone)]
pub(crate) struct Roads {
    routing: Routing,
    memory: Arc<Mutex<Memory>>,
    turns: Arc<Semaphore>,
    clock: SharedClock,
}

impl Service {
    /// The same service, which asks for roads.
    #[must_use]
    pub fn with_routing(mut self, routing: Routing) -> Self {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        self.roads = Some(Roads { routing, memory: Arc::default(), turns, clock: self.clock.clone() });
        self
    }

    /// The drives from a place to the hospitals of a board that the actor may see. `None`: there is no routing service. Whatever it left out,
    /// or all where it failed, is not in them.
    pub async fn drives(&self, board: &Board, near: Point) -> Option<Arc<Drives>> {
        Some(self.roads.as_ref()?.drives(board, near).await)
    }
}

impl Roads {
    async fn drives(&self, board: &Board, near: Point) -> Arc<Drives> {
        let to = board.rows.values().filter_map(|row| Some((row.card.id, row.card.place()?))).collect();
        let question = Question { prefecture: board.prefecture, from: near.coarse(), to };
        let now = self.clock.now();
        match self.remembered(&question, now) {
            Some(drives) => return drives,
            None if question.to.is_empty() => return Arc::default(),
            None => {}
        }
        let asked = timeout(PATIENCE, self.ask(&question)).await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Ok(drives) => {
                let drives = Arc::new(drives);
                if memory.kept.len() >= KEPT_MAX {
                    memory.kept.remove(0);
                }
                memory.kept.push(Kept { question, drives: drives.clone(), until: now + KEPT });
                memory.resting_until = None;
                drives
            }
            Err(why) => {
                // Of several that waited for the same server, one says so.
                if memory.resting_until.is_none_or(|until| until <= now) {
                    tracing::warn!(%why, rest_seconds = REST.num_seconds(), "the routing service does not say: estimates stand");
                }
                memory.resting_until = Some(now + REST);
                Arc::default()
            }
        }
    }

    /// What was said of this lately; nothing while the service rests.
    fn remembered(&self, question: &Question, now: DateTime<Utc>) -> Option<Arc<Drives>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.kept.retain(|kept| now < kept.until);
        let known = memory.kept.iter().find(|kept| kept.question == *question).map(|kept| kept.drives.clone());
        known.or_else(|| memory.resting_until.filter(|until| now < *until).map(|_| Arc::default()))
    }

    /// Asks for all, some at a time. One failure is a failure of the whole, since half a list in another order helps nobody.
    async fn ask(&self, question: &Question) -> Result<Drives, String> {
        let from = question.from;
        let mut asked = JoinSet::new();
        for some in question.to.chunks(PLACES_MAX) {
            let (routing, turns, some) = (self.routing.clone(), self.turns.clone(), some.to_vec());
            asked.spawn(async move {
                let _turn = turns.acquire().await.map_err(|_| RoutingError::NoAnswer)?;
                let places: Vec<Point> = some.iter().map(|(_, place)| *place).collect();
                let legs = routing.table(from, &places).await?;
                let drive = |((id, place), leg): (&(HospitalId, Point), Option<_>)| {
                    let leg: akidoko_exchange::routing::Leg = leg?;
                    Some((*id, Drive::read(leg.seconds, leg.metres, from.kilometres_to(*place))?))
                };
                Ok::<Vec<_>, RoutingError>(some.iter().zip(legs).filter_map(drive).collect())
            });
        }
        let mut drives = Drives::new();
        while let Some(joined) = asked.join_next().await {
            drives.extend(joined.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?);
        }
        Ok(drives)
    }
}
