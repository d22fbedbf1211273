//! A reference TCP that reads like RFC 9293, and the plain types that it shares with its judge.
//!
//! [`types`] knows nothing of tables, tests or faults, and is all that the judge takes from this crate. The
//! reference stands beside it: [`Host`], with everything in it a value. No clock, no chance, no sockets and
//! no global state: packet bytes, calls and the time go in; packet bytes, answers and signals come out.
//!
//! # The way of a packet
//!
//! ```text
//! &[u8] -> wire::parse -> Segment -> host: addresses, checksums, 4-tuple -> arrives::{closed, listen,
//!     syn_sent, otherwise} -> Tcb (numbers, buffers, what is owed), Resets, Fate
//! call  -> call::{open, send, receive, close, abort, status} -> Tcb, Resets, Fate
//! clock -> timer -> Tcb, Fate
//! Tcb, Resets -> send -> wire::emit -> Vec<u8>
//! ```
//! Nothing is sent while a segment is processed: what is owed is noted in the TCB, and the next
//! [`Host::transmit`] that has room turns it into packets. So answers to several segments become one
//! (MUST-58, MUST-59), and what a full queue refuses stays owed.
//!
//! A `Fate` says what becomes of the record: it stays, it is deleted, or it listens again. Only the host
//! deletes.
//!
//! # Rooms
//!
//! Left to right; each knows only those before it: [`types`], `isn`, `cookie`, [`config`], `rto`, `buffer`,
//! `reassembly`, `signal`, `tcb`, `reset`, `send`, `record`, `call` (RFC 9293 3.10.1 to 3.10.6), `arrives`
//! (3.10.7), `timer` (3.10.8), [`host`].
//!
//! # What is not here
//!
//! Congestion control (RFC 5681; `send` is where its window would stand) and with it every retransmission
//! before the timer; timestamps and PAWS (RFC 7323 3 to 5) and RFC 6191, which needs them; SACK; the urgent pointer
//! (3.8.5: URG is ignored, its text delivered in line); keep-alives (3.8.4); ICMP and path MTU discovery
//! (3.9.2); IP options and source routes; security compartments.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod arrives;
mod buffer;
mod call;
pub mod config;
mod cookie;
pub mod host;
mod isn;
mod reassembly;
mod record;
mod reset;
mod rto;
mod send;
mod signal;
mod tcb;
mod timer;
pub mod types;

pub use call::{AbortError, CloseError, OpenError, ReceiveError, SendError, StatusError};
pub use config::Config;
pub use cookie::CookieSecret;
pub use host::Host;
pub use isn::IsnGenerator;
pub use signal::{Signal, Signals};
pub use tcb::Name;
