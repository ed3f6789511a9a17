//! The bed board（地域病床見える化）: what one row means, how old it is, whether the hospital can take a patient now.

mod column;
mod filter;
mod freshness;
pub mod kept;
mod row;
mod sharing;

pub use column::Column;
pub use filter::{Device, Filter, FilterError, Order, Severity};
pub use freshness::{Band, bars};
pub(crate) use row::percent;
#[cfg(test)]
pub(crate) use row::tests as sample;
pub use row::{BoardCell, Card, Row, Totals};
pub use sharing::{OtherSystem, Sharing};
