//! しきい値 with hysteresis: an alert is raised at one value and cleared at another, so that a rate that trembles around 50 % does not ring all day
//! （domain.md §1.1 S18: a phase was prepared at 70 % of its beds and left below 44 %）.

use super::Measure;

/// On which side of the value it is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At or over it: 使用率, 入院患者.
    Above,
    /// At or under it: 空床.
    Below,
}

impl Side {
    /// The name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Above, Self::Below].into_iter().find(|side| side.as_str() == s)
    }
}

/// A threshold. Values are beds, persons, or tenths of a percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// What is watched.
    pub measure: Measure,
    /// 二次医療圏, code; `None`: the whole prefecture.
    pub area: Option<String>,
    /// On which side.
    pub side: Side,
    /// Where an alert is raised.
    pub raise: u64,
    /// Where it is cleared again.
    pub clear: u64,
}

/// Why a threshold is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdError {
    /// It would be cleared where it is raised, or beyond.
    Hysteresis,
    /// Values that no prefecture reaches.
    Bounds,
}

/// What a new value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// An alert begins.
    Raise,
    /// It ends.
    Clear,
}

const MOST: u64 = 1_000_000;

impl Threshold {
    /// Can it be?
    pub fn check(&self) -> Result<(), ThresholdError> {
        if self.raise > MOST || self.clear > MOST {
            return Err(ThresholdError::Bounds);
        }
        let apart = match self.side {
            Side::Above => self.clear < self.raise,
            Side::Below => self.clear > self.raise,
        };
        if apart { Ok(()) } else { Err(ThresholdError::Hysteresis) }
    }

    /// What a value does to a threshold whose alert stands or not. An unknown value changes nothing: silence is no all-clear.
    pub fn turn(&self, is_raised: bool, value: Option<u64>) -> Option<Turn> {
        let value = value?;
        let (over, under) = match self.side {
            Side::Above => (value >= self.raise, value < self.clear),
            Side::Below => (value <= self.raise, value > self.clear),
        };
        match is_raised {
            false if over => Some(Turn::Raise),
            true if under => Some(Turn::Clear),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{board::Column, picture::BedRate};

    fn threshold(side: Side, raise: u64, clear: u64) -> Threshold {
        Threshold { measure: Measure::Rate(BedRate::Secured), area: None, side, raise, clear }
    }

    #[test]
    fn raised_and_cleared_apart() {
        let above = threshold(Side::Above, 500, 450);
        // The value, whether the alert stands after it.
        let mut stands = false;
        for (value, after) in [
            (Some(499), false),
            (Some(500), true),
            (Some(499), true),
            (Some(450), true),
            (None, true),
            (Some(449), false),
            (Some(499), false),
            (None, false),
            (Some(1200), true),
        ] {
            match above.turn(stands, value) {
                Some(Turn::Raise) => stands = true,
                Some(Turn::Clear) => stands = false,
                None => {}
            }
            assert_eq!(stands, after, "{value:?}");
        }
        let below = Threshold { measure: Measure::Figure(Column::AvailableBeds), ..threshold(Side::Below, 20, 40) };
        for (stands, value, turn) in [
            (false, 21, None),
            (false, 20, Some(Turn::Raise)),
            (false, 0, Some(Turn::Raise)),
            (true, 40, None),
            (true, 41, Some(Turn::Clear)),
        ] {
            assert_eq!(below.turn(stands, Some(value)), turn, "{value}");
        }
    }

    #[test]
    fn what_is_taken() {
        for (side, raise, clear, expected) in [
            (Side::Above, 500, 450, Ok(())),
            (Side::Above, 500, 500, Err(ThresholdError::Hysteresis)),
            (Side::Above, 450, 500, Err(ThresholdError::Hysteresis)),
            (Side::Below, 20, 40, Ok(())),
            (Side::Below, 40, 20, Err(ThresholdError::Hysteresis)),
            (Side::Below, 0, 1, Ok(())),
            (Side::Above, 2_000_000, 1, Err(ThresholdError::Bounds)),
        ] {
            assert_eq!(threshold(side, raise, clear).check(), expected, "{side:?} {raise} {clear}");
        }
    }
}
