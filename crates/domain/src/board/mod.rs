//! The bed board（地域病床見える化）: what one row means, how old it is, whether the hospital can take a patient now.

mod column;
mod filter;
mod freshness;
mod row;

pub use column::Column;
pub use filter::{Filter, FilterError, Order, Severity};
pub use freshness::{Band, bars};
pub use row::{BoardCell, Card, Row, Totals};
