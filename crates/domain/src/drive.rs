//! How far the drive to a hospital is: by road where a routing service said so, else by the estimate of [`crate::place`]. The two are
//! never one number: whoever shows a [`Way`] says which it is.

use crate::{
    id::HospitalId,
    place::{KILOMETRES_AN_HOUR, Point, ROAD_FACTOR},
};
use std::collections::HashMap;

/// A drive by road, as a routing service computed it; without the traffic of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drive {
    seconds: u32,
    metres: Option<u32>,
}

/// What a service said of the way to a hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A drive.
    Drive(Drive),
    /// There is none: an island, or the other side of a bay.
    NoRoad,
}

/// What a service said of the ways from one place, by hospital; of those that are not in it, it said nothing.
pub type Drives = HashMap<HospitalId, Told>;

/// A service puts a place on its nearest road. Where that is so many metres off, the answer is about another place: a pole, the sea, a
/// hospital that is not on its map. Ours.
pub const ON_THE_ROAD: f64 = 2_000.0;

/// Nobody drives faster than that along the straight line, in kilometres an hour: the roads of Japan end at 120. Ours.
const FASTEST: f64 = 150.0;

/// A hundred hours: what lies beyond is no drive.
const LONGEST: f64 = 360_000.0;

/// No way round is longer, in kilometres, than this and so many times the straight line; nor, in time, than that at a crawl. Ours.
const ROUND: (f64, f64) = (100.0, 20.0);
/// A crawl, in kilometres an hour. Ours.
const CRAWL: f64 = 20.0;

impl Drive {
    /// Reads what a service said of a drive over a straight line of so many kilometres. `None`: it cannot be one, so that the estimate
    /// stands: not a number, negative, faster than any car, shorter than the straight line, or longer than any way round.
    pub fn read(seconds: f64, metres: Option<f64>, straight: f64) -> Option<Self> {
        let fits = |n: &f64| (0.0..=LONGEST).contains(n);
        let seconds = Some(seconds).filter(fits)?;
        let hours = seconds / 3600.0;
        let (fastest, round) = (1.0 + FASTEST * hours, ROUND.0 + ROUND.1 * straight);
        if straight > fastest || CRAWL * hours > round {
            return None;
        }
        let metres = match metres {
            // Both ends may have been put on a road, a little nearer to each other.
            Some(m) if !(0.0..=fastest.min(round) * 1000.0).contains(&m) || m + 2.0 * ON_THE_ROAD < straight * 1000.0 => return None,
            other => other,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both were held to their bounds above")]
        let drive = Self { seconds: seconds.round() as u32, metres: metres.map(|m| m.round() as u32) };
        Some(drive)
    }

    /// Whole minutes, rounded up; at the least one.
    pub fn minutes(self) -> u32 {
        self.seconds.div_ceil(60).max(1)
    }

    /// The length of the road, where the service told it.
    pub fn kilometres(self) -> Option<f64> {
        self.metres.map(|m| f64::from(m) / 1000.0)
    }
}

/// How a hospital is reached from a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// By road.
    Road(Drive),
    /// Only the straight line is known, in kilometres; its drive is an estimate.
    Straight(f64),
    /// No road leads there, and the straight line has so many kilometres: no estimate of a drive stands for it.
    NoRoad(f64),
}

/// Behind whatever can be reached by road or by an estimate, and before what lies nobody knows where.
const NO_ROAD: u64 = 1 << 40;

impl Way {
    /// The way to a hospital. `None`: where it is, is not known.
    pub fn to(hospital: HospitalId, place: Option<Point>, near: Point, drives: &Drives) -> Option<Self> {
        let straight = near.kilometres_to(place?);
        Some(match drives.get(&hospital) {
            Some(Told::Drive(drive)) => Self::Road(*drive),
            Some(Told::NoRoad) => Self::NoRoad(straight),
            None => Self::Straight(straight),
        })
    }

    /// The time of the drive in milliseconds, computed or estimated, by which hospitals are put in order: among estimates alone that is the
    /// order of their distances. Where no road leads comes last, the nearest first.
    pub fn rank(self) -> u64 {
        match self {
            Self::Road(drive) => u64::from(drive.seconds) * 1000,
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 20,016 km, and no distance is negative")]
            Self::Straight(kilometres) => (kilometres * ROAD_FACTOR / KILOMETRES_AN_HOUR * 3_600_000.0) as u64,
            Self::NoRoad(kilometres) => NO_ROAD + Self::Straight(kilometres).rank(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn what_can_be_a_drive() {
        for (seconds, metres, straight, minutes, why) in [
            (0.0, Some(0.0), 0.0, Some(1), "one stands there"),
            (660.4, Some(7_340.0), 5.2, Some(11), "over eleven minutes"),
            (661.0, None, 5.2, Some(12), "without a length"),
            (600.0, Some(3_400.0), 5.2, Some(10), "a river between, and the bridge is near"),
            (60.0, Some(900.0), 1.4, Some(1), "put on the road on this side"),
            (600.0, Some(1_000.0), 5.2, None, "shorter than the straight line"),
            (0.0, Some(0.0), 30.0, None, "no time at all"),
            (60.0, None, 30.0, None, "faster than any car"),
            (-1.0, Some(100.0), 0.1, None, "before it began"),
            (f64::NAN, None, 1.0, None, "no number"),
            (f64::INFINITY, None, 1.0, None, "no end"),
            (60.0, Some(f64::NAN), 0.5, None, "no length"),
            (60.0, Some(-5.0), 0.5, None, "a negative length"),
            (360_001.0, Some(1e6), 500.0, None, "beyond a hundred hours"),
            (600.0, Some(60_000.0), 5.2, None, "360 km/h"),
            (600.0, Some(20_000.0), 5.2, Some(10), "120 km/h"),
            (0.0, Some(900.0), 0.0, Some(1), "beside it, rounded"),
            (14_400.0, Some(200_000.0), 5.2, Some(240), "round the bay"),
            (14_400.0, Some(205_000.0), 5.2, None, "longer than any way round"),
            (36_700.0, Some(200_000.0), 5.2, Some(612), "slowly"),
            (36_800.0, None, 5.2, None, "slower than a crawl round it"),
        ] {
            assert_eq!(Drive::read(seconds, metres, straight).map(Drive::minutes), minutes, "{why}");
        }
        assert_eq!(Drive::read(660.0, Some(7_340.0), 5.2).unwrap().kilometres(), Some(7.34));
    }

    #[test]
    fn the_order_is_by_time_whichever_it_is() {
        let id = |n| HospitalId(Uuid::from_u128(n));
        let at = |text: &str| text.parse::<Point>().unwrap();
        let near = at("35.6,140.1");
        // Across the bay: the nearest by line, the farthest by road.
        let drive = Drive::read(5_400.0, Some(90_000.0), 15.0).unwrap();
        let drives = Drives::from([(id(1), Told::Drive(drive)), (id(4), Told::NoRoad), (id(5), Told::NoRoad)]);
        let way = |n, place: &str| Way::to(id(n), Some(at(place)), near, &drives).unwrap();
        assert_eq!(way(1, "35.5,140.0"), Way::Road(drive));
        assert!(matches!(way(2, "35.8,140.1"), Way::Straight(km) if (km - 22.2).abs() < 0.1));
        assert!(way(1, "35.5,140.0").rank() > way(2, "35.8,140.1").rank());
        assert!(way(2, "35.7,140.1").rank() < way(3, "35.8,140.1").rank());
        // A small island in front of it: behind all that can be driven to, and before what lies nowhere.
        assert!(matches!(way(4, "35.61,140.1"), Way::NoRoad(km) if (km - 1.1).abs() < 0.1));
        assert!(way(4, "35.61,140.1").rank() > way(1, "35.5,140.0").rank() && way(4, "35.61,140.1").rank() > way(2, "-35,-40").rank());
        assert!(way(4, "35.61,140.1").rank() < way(5, "35.62,140.1").rank() && way(5, "-35,-40").rank() < u64::MAX);
        assert_eq!(Way::to(id(1), None, near, &drives), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics(seconds in any::<f64>(), metres in proptest::option::of(any::<f64>()), straight in 0.0f64..20_016.0) {
            if let Some(drive) = Drive::read(seconds, metres, straight) {
                prop_assert!((1..=6_000).contains(&drive.minutes()));
            }
        }
    }
}
