//! The user's calls (RFC 9293 3.10.1 to 3.10.6), one module a call, the states in the RFC's order.
//!
//! "Connection illegal for this process" cannot happen: whoever has the host has all of its names.

mod abort;
mod close;
mod open;
mod receive;
mod send;
mod status;

pub use abort::AbortError;
pub use close::CloseError;
pub use open::OpenError;
pub use receive::ReceiveError;
pub use send::SendError;
pub use status::StatusError;

pub(crate) use abort::abort;
pub(crate) use close::{close, shutdown};
pub(crate) use open::{active, check_remote, is_many};
pub(crate) use receive::receive;
pub(crate) use send::send;
