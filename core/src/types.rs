//! Sequence numbers, states, instants, segments and packet bytes.
//!
//! The data that flows: packet bytes come in, [`wire::parse`] gives a borrowed [`Segment`], [`wire::emit`]
//! turns a [`Segment`] into packet bytes again. Nothing is normalised on the way, so a segment can hold
//! what no stack would send.

mod flags;
mod segment;
mod seq;
mod state;
mod time;
pub mod wire;

pub use flags::Flags;
pub use segment::{Checksum, Endpoint, Header, Options, Segment};
pub use seq::SeqNum;
pub use state::State;
pub use time::{Duration, Instant};
