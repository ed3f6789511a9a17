//! Who owes a report, until when, and how it stands: due rules that are dated, exemptions, the state of a hospital's day, rates, and the
//! ladder of reminders. Pure functions of days and moments; nothing here knows a database.

mod call;
mod exemption;
mod ladder;
mod rule;
mod state;

pub use call::{CALL_WORDS, CallResult};
pub use exemption::{EXEMPTION_REASON, Exempt, Exemption, Weekdays};
pub use ladder::{Days, LAPSE, Ladder, LadderError, RUNGS, Rung, good_until, is_night};
pub use rule::{DueBook, DueSetting, RuleError, due_at, late_at};
pub use state::{DayCount, DayState, Filed, Rate, punctual, state_of};
