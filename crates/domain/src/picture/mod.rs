//! The picture of a prefecture（病床の状況）: its beds and patients added up, held against its phase and its thresholds. A sum says of how many
//! hospitals it is; a rate is of those that answered both of its parts; what nobody answered is unknown and no zero（design.md rule 3）.

mod days;
mod measure;
mod phase;
mod sums;
mod threshold;

pub use days::{pictures, reach};
pub use measure::{BedRate, FIGURES, Measure};
pub use phase::{CRITERIA_MAX, PHASE_NAME_MAX, PHASES_MAX, Phase, PhaseError, Phases};
pub use sums::{CARRIED_DAYS, Picture, Sums, Tally, picture};
pub use threshold::{Side, Threshold, ThresholdError, Turn};
