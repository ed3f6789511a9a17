//! The drive to the hospitals of a board by real roads, where the operator named a routing service. The server asks, never the browser. It
//! waits a moment and no longer: what is not known by then is an estimate, and says so.
//!
//! A place from where somebody asks is where a patient is. It is rounded to some hundred metres before it is asked or kept, kept for
//! minutes and in memory only, and stands in no log.

use crate::{Service, live::Board};
use akidoko_domain::{
    drive::{Drive, Drives, Told},
    id::{HospitalId, PrefCode},
    place::Point,
    time::SharedClock,
};
use akidoko_exchange::routing::{Leg, PLACES_MAX, Routing, RoutingError};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::timeout,
};

/// So long a page waits for the roads.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// So long the service may take for a request. What a request waits before for others of this node is not its fault.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_400);
/// So many requests are under way at a time from this node.
const AT_ONCE: usize = 4;
/// Roads do not change, but what was asked is forgotten.
const KEPT: TimeDelta = TimeDelta::minutes(10);
/// So many places are kept at most.
const KEPT_MAX: usize = 200;
/// So many questions are under way at most; who asks one more has the estimate.
const UNDER_WAY_MAX: usize = 50;
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

/// A question that somebody asks; whoever asks the same waits for the same answer.
struct UnderWay {
    question: Question,
    answer: Answer,
}

/// The drives, once they are known or are known not to come.
type Answer = watch::Receiver<Option<Arc<Drives>>>;

enum Known {
    Now(Arc<Drives>),
    Coming(Answer),
}

#[derive(Default)]
struct Memory {
    kept: Vec<Kept>,
    under_way: Vec<UnderWay>,
    resting_until: Option<DateTime<Utc>>,
}

impl Memory {
    fn rests(&self, now: DateTime<Utc>) -> bool {
        self.resting_until.is_some_and(|until| now < until)
    }
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
        let mut answer = match self.known(question) {
            Known::Now(drives) => return drives,
            Known::Coming(answer) => answer,
        };
        // Whoever cannot wait longer takes the estimate. The asking goes on, for whoever asks next.
        match timeout(PATIENCE, answer.wait_for(Option::is_some)).await {
            Ok(Ok(drives)) => drives.clone().unwrap_or_default(),
            _ => Arc::default(),
        }
    }

    /// What is known of a question; else the answer that somebody waits for, or for which is asked now.
    fn known(&self, question: Question) -> Known {
        let now = self.clock.now();
        let mut memory = self.memory();
        memory.kept.retain(|kept| now < kept.until);
        if let Some(kept) = memory.kept.iter().find(|kept| kept.question == question) {
            return Known::Now(kept.drives.clone());
        }
        if question.to.is_empty() || memory.rests(now) {
            return Known::Now(Arc::default());
        }
        // Whoever asks holds the other end until it is answered.
        memory.under_way.retain(|one| one.answer.has_changed().is_ok());
        if let Some(same) = memory.under_way.iter().find(|one| one.question == question) {
            return Known::Coming(same.answer.clone());
        }
        if memory.under_way.len() >= UNDER_WAY_MAX {
            return Known::Now(Arc::default());
        }
        let (tell, answer) = watch::channel(None);
        memory.under_way.push(UnderWay { question: question.clone(), answer: answer.clone() });
        drop(memory);
        let roads = self.clone();
        // On its own: the page that asked first may be gone before the answer is there.
        tokio::spawn(async move {
            let asked = roads.ask(&question).await;
            let drives = roads.keep(question, asked);
            // Nobody may be waiting any more.
            let _ = tell.send(Some(drives));
        });
        Known::Coming(answer)
    }

    /// Keeps what was said, or rests.
    fn keep(&self, question: Question, asked: Result<Drives, String>) -> Arc<Drives> {
        let now = self.clock.now();
        let mut memory = self.memory();
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
                if !memory.rests(now) {
                    tracing::warn!(%why, rest_seconds = REST.num_seconds(), "the routing service does not say: estimates stand");
                    memory.resting_until = Some(now + REST);
                }
                Arc::default()
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
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
        // From where no road leads anywhere, the service speaks of a pier or a path: that helps nobody.
        if drives.values().all(|told| *told == Told::NoRoad) {
            drives.clear();
        }
        Ok(drives)
    }

    /// Asks for as many as one request takes. Where the service refuses them for one that lies on no road, the halves are asked for, so that
    /// one island does not take the roads from its whole prefecture.
    async fn ask_some(&self, from: Point, some: &[Place]) -> Result<Vec<(HospitalId, Told)>, RoutingError> {
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
        // Another question may have found out meanwhile that nobody answers.
        if self.memory().rests(self.clock.now()) {
            return Err(RoutingError::NoAnswer);
        }
        let places: Vec<Point> = part.iter().map(|(_, place)| *place).collect();
        timeout(ANSWER_WITHIN, self.routing.table(from, &places)).await.unwrap_or(Err(RoutingError::NoAnswer))
    }
}

/// What the service said of a drive, where it can be one.
fn weighed(from: Point, (id, place): &Place, leg: Leg) -> Option<(HospitalId, Told)> {
    let told = match leg {
        Leg::Drive { seconds, metres } => Told::Drive(Drive::read(seconds, metres, from.kilometres_to(*place))?),
        Leg::NoRoad => Told::NoRoad,
    };
    Some((*id, told))
}
