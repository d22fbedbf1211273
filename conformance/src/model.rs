//! The table executed as a stack: a subject like any other, by which the judge is judged.
//!
//! What flows: a packet becomes a [`crate::class::Class`], the table's rows are walked as RFC 9293 3.10.7 writes
//! them, and what each fired row says is done to a small TCB: effects, signal, reply, next state. Calls and timers
//! go by their rows likewise. What the table leaves to the text (when text leaves, how text that is out of order is
//! kept) is done in the plainest way that conforms. Nothing here knows of the oracle.
//!
//! The table comes as an [`Edition`]: all rows, or the rows after some [`Edit`]s. A stack with a row struck out or
//! changed costs a line; that is what mutants and lessons are made of.
//!
//! The state of the whole stack is one value, [`Host`]: it can be cloned, compared and hashed, so that a search
//! over small worlds can be run on it.
//!
//! Left out, because no row asks for it and nothing that is checked here shows it: congestion windows, round-trip
//! measurement (the RTO begins at its smallest value), window scaling, timestamps, ICMP.

mod arrive;
mod calls;
mod config;
mod edition;
mod host;
mod run;
mod send;
mod subject;
mod tcb;
mod timers;

pub use config::{Config, Footprint};
pub use edition::{Edit, Edition, Habit, Row, Skew, Timing};
pub use host::Host;
pub use subject::{Model, Wire};
