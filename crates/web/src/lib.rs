//! HTTP only: routes, who is asking, forms, pages, the API, streams of events. What is decided, is decided below.

mod api;
mod asset;
mod error;
mod extract;
mod guard;
mod live;
mod pack;
mod page;
mod ready;
mod router;
mod state;
mod view;
mod words;

pub use akidoko_exchange::outlines::Outlines;
pub use asset::has_node_assets;
pub use router::{ROUTES, Route, Who, router};
pub use state::{Options, State, Tiles};
pub use words::definition;
