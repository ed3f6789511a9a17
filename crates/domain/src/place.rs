//! Where something is, how far it is, and how long the drive may take. The same figures as the page's script (`place.js`), both tested on
//! `place.cases.json`.

use std::{fmt, str::FromStr};

/// A place on the earth, WGS84, in degrees. Kept to four decimals: some ten metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    latitude: f64,
    longitude: f64,
}

/// What is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place on the earth")]
pub struct NoPlace;

/// A road is so much longer than the straight line: ours, and the page says so.
pub const ROAD_FACTOR: f64 = 1.3;

/// The estimate's speed on the road, in kilometres an hour: ours, and the page says so.
pub const KILOMETRES_AN_HOUR: f64 = 40.0;

/// Of a sphere; within half a percent of the earth, which is less than a road's bends.
const RADIUS: f64 = 6371.0;

impl Point {
    /// A place, if it is one: −90 to 90 north, −180 to 180 east.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let round = |degrees: f64| (degrees * 10_000.0).round() / 10_000.0;
        let there = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        there.then(|| Self { latitude: round(latitude), longitude: round(longitude) })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// The same place to some hundred metres: enough for a drive, and less of where somebody is.
    #[must_use]
    pub fn coarse(self) -> Self {
        let round = |degrees: f64| (degrees * 1_000.0).round() / 1_000.0;
        Self { latitude: round(self.latitude), longitude: round(self.longitude) }
    }

    /// The straight line to another place, in kilometres.
    pub fn kilometres_to(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (d_lat, d_lon) = ((lat_b - lat_a) / 2.0, (other.longitude - self.longitude).to_radians() / 2.0);
        let h = d_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * d_lon.sin().powi(2);
        2.0 * RADIUS * h.sqrt().min(1.0).asin()
    }

    /// The middle of some places near each other; `None` of none.
    pub fn middle(places: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut latitude, mut longitude, mut n) = (0.0, 0.0, 0.0);
        for place in places {
            latitude += place.latitude;
            longitude += place.longitude;
            n += 1.0;
        }
        (n > 0.0).then(|| Self::new(latitude / n, longitude / n)).flatten()
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4},{:.4}", self.latitude, self.longitude)
    }
}

impl FromStr for Point {
    type Err = NoPlace;

    /// Reads `35.6074,140.1065`.
    fn from_str(s: &str) -> Result<Self, NoPlace> {
        // Digits only: a parser of numbers also takes `inf` and `1e9`.
        let degrees = |s: &str| {
            let plain = !s.is_empty() && s.len() <= 20 && s.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
            s.parse::<f64>().ok().filter(|_| plain)
        };
        let (latitude, longitude) = s.split_once(',').ok_or(NoPlace)?;
        degrees(latitude).zip(degrees(longitude)).and_then(|(lat, lon)| Self::new(lat, lon)).ok_or(NoPlace)
    }
}

/// The drive over a straight line of so many kilometres, in whole minutes, rounded up; at the least one. An estimate to put hospitals in
/// order and to speak of, not a route.
pub fn drive_minutes(kilometres: f64) -> u32 {
    let minutes = (kilometres * ROAD_FACTOR / KILOMETRES_AN_HOUR * 60.0 - 1e-9).ceil().clamp(1.0, 6_000.0);
    // Between 1 and 6,000.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
    let minutes = minutes as u32;
    minutes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Point {
        text.parse().unwrap()
    }

    #[test]
    fn a_degree_of_latitude_is_111_kilometres() {
        assert!((at("35,140").kilometres_to(at("36,140")) - 111.2).abs() < 0.1);
        assert!(at("35,140").kilometres_to(at("35,140")) < 1e-9);
        assert!((at("90,0").kilometres_to(at("-90,0")) - 20_015.0).abs() < 1.0, "from pole to pole");
        assert!((at("0,179.9").kilometres_to(at("0,-179.9")) - 22.2).abs() < 0.1, "across the date line");
    }

    #[test]
    fn what_is_a_place() {
        for (text, same) in
            [("35.6074,140.1065", "35.6074,140.1065"), ("35.60741234,140.1", "35.6074,140.1000"), ("-90,180", "-90.0000,180.0000")]
        {
            assert_eq!(at(text).to_string(), same);
        }
        for text in ["", "35", "35,", ",140", "90.1,0", "0,180.1", "NaN,1", "inf,1", "1e1,1", "３５,140", "35,140,1", " 35,140", "--1,2"]
        {
            assert_eq!(text.parse::<Point>(), Err(NoPlace), "{text}");
        }
    }

    #[test]
    fn a_place_to_a_hundred_metres() {
        for (text, coarse) in [("35.6074,140.1065", "35.6070,140.1070"), ("-90,180", "-90.0000,180.0000"), ("0,-0.0004", "0.0000,-0.0000")]
        {
            assert_eq!(at(text).coarse().to_string(), coarse);
        }
    }

    #[test]
    fn minutes_of_a_drive() {
        for (kilometres, minutes) in [(0.0, 1), (0.4, 1), (1.0, 2), (5.0, 10), (10.0, 20), (30.8, 61), (20_015.0, 6_000)] {
            assert_eq!(drive_minutes(kilometres), minutes, "{kilometres}");
        }
    }

    #[test]
    fn the_middle() {
        assert_eq!(Point::middle([]), None);
        assert_eq!(Point::middle([at("35,140"), at("36,141")]), Some(at("35.5,140.5")));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            if let Ok(point) = text.parse::<Point>() {
                prop_assert_eq!(point.to_string().parse::<Point>(), Ok(point));
            }
        }

        #[test]
        fn there_and_back_is_as_far(a in -90.0..90.0, b in -180.0..180.0, c in -90.0..90.0, d in -180.0..180.0) {
            let (one, other) = (Point::new(a, b).unwrap(), Point::new(c, d).unwrap());
            prop_assert!((one.kilometres_to(other) - other.kilometres_to(one)).abs() < 1e-6);
            prop_assert!(one.kilometres_to(other) <= 20_016.0);
        }
    }
}
