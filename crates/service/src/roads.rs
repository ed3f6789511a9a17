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
use akidoko_exchange::routing::{Leg, PLACES_MAX, Routing, RoutingError};
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

/// So often the places of one request are halved at most: twice as often as it takes to find one of them.
const HALVED_MAX: usize = 14;

/// A hospital, and where it is.
type Place = (HospitalId, Point);

/// What one question is about: of which board, from where, and to which places.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    prefecture: PrefCode,
    from: Point,
    to: Vec<Place>,
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
                if drives.is_empty() {
                    tracing::warn!("the routing service knows no drive from a place to any hospital of a board: estimates stand");
                }
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

    /// Asks for all, some at a time. One failure is a failure of the whole, since half a list in another order helps nobody; what the service
    /// refuses to say of a place is no failure.
    async fn ask(&self, question: &Question) -> Result<Drives, String> {
        let mut asked = JoinSet::new();
        for some in question.to.chunks(PLACES_MAX) {
            let (roads, from, some) = (self.clone(), question.from, some.to_vec());
            asked.spawn(async move { roads.ask_some(from, &some).await });
        }
        let mut drives = Drives::new();
        while let Some(joined) = asked.join_next().await {
            drives.extend(joined.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?);
        }
        Ok(drives)
    }

    /// Asks for as many as one request takes. Where the service refuses them for one that lies on no road, the halves are asked for, so that
    /// one island does not take the roads from its whole prefecture.
    async fn ask_some(&self, from: Point, some: &[Place]) -> Result<Vec<(HospitalId, Drive)>, RoutingError> {
        let mut drives = Vec::with_capacity(some.len());
        let (mut parts, mut halved) = (vec![some], 0);
        while let Some(part) = parts.pop() {
            match self.table(from, part).await {
                Ok(legs) => drives.extend(part.iter().zip(legs).filter_map(|(place, leg)| weighed(from, place, leg?))),
                Err(error) if error.is_about_places() && part.len() > 1 && halved < HALVED_MAX => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                    halved += 1;
                }
                Err(error) if error.is_answer() => {
                    tracing::debug!(%error, places = part.len(), "the routing service refuses: estimates stand");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(drives)
    }

    async fn table(&self, from: Point, part: &[Place]) -> Result<Vec<Option<Leg>>, RoutingError> {
        let _turn = self.turns.acquire().await.map_err(|_| RoutingError::NoAnswer)?;
        let places: Vec<Point> = part.iter().map(|(_, place)| *place).collect();
        self.routing.table(from, &places).await
    }
}

/// What the service said of a drive, where it can be one.
fn weighed(from: Point, (id, place): &Place, leg: Leg) -> Option<(HospitalId, Drive)> {
    Some((*id, Drive::read(leg.seconds, leg.metres, from.kilometres_to(*place))?))
}
