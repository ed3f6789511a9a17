//! Outlines of prefectures and medical areas, from a GeoJSON file that the operator gives: the ground of the map where no tiles come.

use akidoko_domain::id::PrefCode;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, fmt::Write as _};

/// So large a file is at most, in bytes.
pub const MAX_BYTES: usize = 32 << 20;

/// Why a file is no file of outlines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// It is larger than [`MAX_BYTES`].
    #[error("the file is larger than 32 MiB")]
    TooLarge,
    /// It is no `FeatureCollection` of GeoJSON.
    #[error("not a FeatureCollection of GeoJSON: {0}")]
    NotGeoJson(String),
    /// A feature, counted from 1, does not say of which prefecture it is: `pref_code`, two digits.
    #[error("feature {0}: properties.pref_code is not the two digits of a prefecture")]
    NoPrefecture(usize),
    /// A feature, counted from 1, is no area on the earth in degrees.
    #[error("feature {0}: not a Polygon or MultiPolygon in degrees")]
    NoArea(usize),
}

/// Outlines by prefecture.
#[derive(Debug, Clone, Default)]
pub struct Outlines {
    by: BTreeMap<PrefCode, String>,
    shapes: BTreeMap<PrefCode, Shape>,
}

/// A prefecture as it is drawn on a map of the nation: a path of SVG, and its corners.
#[derive(Debug, Clone)]
struct Shape {
    path: String,
    corners: [i32; 4],
}

/// Units of the nation's map in a degree of latitude; one is about 2.5 km, less than a pixel of a screen that shows the nation.
const UNITS: f64 = 40.0;
/// A degree of longitude is so much shorter at the middle of Japan（37° N）.
const NARROW: f64 = 0.8;

impl Shape {
    /// Of the coordinates of areas, rings below `depth` levels. `None`: too small to be seen at this size.
    fn of(areas: &[(Value, usize)]) -> Option<Self> {
        let mut shape = Self { path: String::new(), corners: [i32::MAX, i32::MAX, i32::MIN, i32::MIN] };
        for (coordinates, depth) in areas {
            shape.add(coordinates, *depth);
        }
        (!shape.path.is_empty()).then_some(shape)
    }

    fn add(&mut self, value: &Value, depth: usize) {
        let Some(list) = value.as_array() else { return };
        if depth > 1 {
            return list.iter().for_each(|inner| self.add(inner, depth - 1));
        }
        let degrees = |position: &Value, n: usize| position.get(n).and_then(Value::as_f64).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "degrees were held against their bounds when the file was read")]
        let point = |p: &Value| ((degrees(p, 0) * NARROW * UNITS).round() as i32, (-degrees(p, 1) * UNITS).round() as i32);
        let mut ring: Vec<(i32, i32)> = list.iter().map(point).collect();
        ring.dedup();
        if ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() < 3 {
            return;
        }
        for (n, (x, y)) in ring.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(self.path, "{}{x} {y}", if n == 0 { 'M' } else { 'L' });
            let [left, top, right, bottom] = self.corners;
            self.corners = [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)];
        }
        self.path.push('Z');
    }
}

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    properties: serde_json::Map<String, Value>,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Value,
}

impl Outlines {
    /// Reads a file. Each feature is a Polygon or MultiPolygon with the property `pref_code`; of other properties `name` is shown.
    pub fn read(bytes: &[u8]) -> Result<Self, OutlineError> {
        if bytes.len() > MAX_BYTES {
            return Err(OutlineError::TooLarge);
        }
        let wrong = |error: serde_json::Error| OutlineError::NotGeoJson(error.to_string());
        let collection: Collection<'_> = serde_json::from_slice(bytes).map_err(wrong)?;
        if collection.kind != "FeatureCollection" {
            return Err(OutlineError::NotGeoJson(format!("its type is {:?}", collection.kind.chars().take(40).collect::<String>())));
        }
        let mut by: BTreeMap<PrefCode, Vec<&str>> = BTreeMap::new();
        let mut areas: BTreeMap<PrefCode, Vec<(Value, usize)>> = BTreeMap::new();
        for (n, raw) in collection.features.iter().enumerate() {
            let feature: Feature = serde_json::from_str(raw.get()).map_err(|_| OutlineError::NoArea(n + 1))?;
            let depth = match feature.geometry.kind.as_str() {
                "Polygon" => 2,
                "MultiPolygon" => 3,
                _ => return Err(OutlineError::NoArea(n + 1)),
            };
            if !is_area(&feature.geometry.coordinates, depth) {
                return Err(OutlineError::NoArea(n + 1));
            }
            let code = feature.properties.get("pref_code").and_then(Value::as_str).and_then(|code| code.parse().ok());
            let code = code.ok_or(OutlineError::NoPrefecture(n + 1))?;
            by.entry(code).or_default().push(raw.get());
            areas.entry(code).or_default().push((feature.geometry.coordinates, depth));
        }
        let whole = |features: Vec<&str>| format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let shapes = areas.into_iter().filter_map(|(code, areas)| Some((code, Shape::of(&areas)?))).collect();
        Ok(Self { by: by.into_iter().map(|(code, features)| (code, whole(features))).collect(), shapes })
    }

    /// The outlines of a prefecture, a `FeatureCollection`.
    pub fn of(&self, prefecture: PrefCode) -> Option<&str> {
        self.by.get(&prefecture).map(String::as_str)
    }

    /// A prefecture on a map of the nation: a path of SVG in the field of [`Self::view_box`].
    pub fn shape(&self, prefecture: PrefCode) -> Option<&str> {
        self.shapes.get(&prefecture).map(|shape| shape.path.as_str())
    }

    /// The field of the nation's map, as SVG has it.
    pub fn view_box(&self) -> String {
        let all = self.shapes.values().map(|s| s.corners).reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        let [left, top, right, bottom] = all.unwrap_or([0, 0, 1, 1]);
        format!("{} {} {} {}", left - 4, top - 4, right - left + 8, bottom - top + 8)
    }

    /// So many prefectures have any.
    pub fn prefectures(&self) -> usize {
        self.by.len()
    }
}

/// Lists of lists of positions, `depth` levels above a position, none of the lists empty.
fn is_area(value: &Value, depth: usize) -> bool {
    let Some(list) = value.as_array().filter(|l| !l.is_empty()) else { return false };
    if depth > 0 {
        return list.iter().all(|inner| is_area(inner, depth - 1));
    }
    let degrees = |n: usize, most: f64| list.get(n).and_then(Value::as_f64).is_some_and(|d| d.abs() <= most);
    degrees(0, 180.0) && degrees(1, 90.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SQUARE: &str = r#"{"type":"Feature","properties":{"pref_code":"12","name":"千葉県"},"geometry":{"type":"Polygon","coordinates":[[[140.0,35.0],[141.0,35.0],[141.0,36.0],[140.0,35.0]]]}}"#;

    fn file(features: &str) -> String {
        format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
    }

    #[test]
    fn a_map_of_the_nation() {
        let outlines = Outlines::read(file(SQUARE).as_bytes()).unwrap();
        let chiba = PrefCode::new(12).unwrap();
        // 140° and 141° by 0.8 and 40 units; north is up.
        assert_eq!(outlines.shape(chiba), Some("M4480 -1400L4512 -1400L4512 -1440Z"));
        assert_eq!(outlines.view_box(), "4476 -1444 40 48");
        let island = SQUARE.replace("141.0", "140.001").replace("36.0", "35.001");
        let outlines = Outlines::read(file(&island).as_bytes()).unwrap();
        assert_eq!((outlines.shape(chiba), outlines.of(chiba).is_some()), (None, true), "too small for the nation, not for its own map");
        assert_eq!(Outlines::default().view_box(), "-4 -4 9 9");
    }

    #[test]
    fn each_prefecture_has_its_own() {
        let other = SQUARE.replace("12", "13");
        let outlines = Outlines::read(file(&format!("{SQUARE},{other},{SQUARE}")).as_bytes()).unwrap();
        let chiba = outlines.of(PrefCode::new(12).unwrap()).unwrap();
        assert_eq!((outlines.prefectures(), chiba.matches("千葉県").count()), (2, 2));
        assert!(outlines.of(PrefCode::new(14).unwrap()).is_none());
        assert!(serde_json::from_str::<Value>(chiba).is_ok());
    }

    #[test]
    fn what_is_no_file_of_outlines() {
        use OutlineError as E;
        assert!(matches!(Outlines::read(b"PNG"), Err(E::NotGeoJson(_))));
        assert!(matches!(Outlines::read(b"{}"), Err(E::NotGeoJson(_))));
        assert!(matches!(Outlines::read(br#"{"type":"Topology","features":[]}"#), Err(E::NotGeoJson(_))));
        for (from, to, expected) in [
            ("\"12\"", "\"99x\"", E::NoPrefecture(1)),
            ("pref_code", "code", E::NoPrefecture(1)),
            ("Polygon", "Point", E::NoArea(1)),
            ("141.0,36.0", "181.0,36.0", E::NoArea(1)),
            ("[[[140.0", "[[\"x\"],[[140.0", E::NoArea(1)),
            ("[[[140.0,35.0],[141.0,35.0],[141.0,36.0],[140.0,35.0]]]", "[]", E::NoArea(1)),
        ] {
            assert_eq!(Outlines::read(file(&SQUARE.replace(from, to)).as_bytes()).unwrap_err(), expected, "{to}");
        }
        assert_eq!(Outlines::read(&vec![b' '; MAX_BYTES + 1]).unwrap_err(), E::TooLarge);
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), coordinates in "[\\[\\],0-9.-]{0,40}") {
            let _ = Outlines::read(&bytes);
            let _ = Outlines::read(file(&SQUARE.replace("[[[140.0,35.0],[141.0,35.0],[141.0,36.0],[140.0,35.0]]]", &coordinates)).as_bytes());
        }
    }
}
