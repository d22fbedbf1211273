//! Small worlds, searched whole: two stacks, the segments between them, and every order of what can happen.
//!
//! # What flows
//!
//! ```text
//! Setup (two Sides, faults, what the link carries) -> Machine -> search -> Found { counts, a Path that breaks }
//!     Machine: End (a stack and what its user knows) x an input -> End', segments      remembered, done once
//!     State:   the numbers of two Ends, of the segments in flight, and the faults that are left: 32 octets
//!     judge:   two Ends -> the property that is broken;  settle: the same after a fair run to the end
//! Path -> tell: the ladder of both ends
//! ```
//! A [`State`] holds no stack. Both stacks and every segment are kept once and have a number (the "collapse" of
//! explicit-state checkers), so that a state is small, is copied and compared as such, and two states are the
//! same only if everything in them is: nothing rests on a hash. What a stack does with an input depends on
//! nothing else, so it is done once and looked up from then on; that is where the speed comes from.
//!
//! # What can happen
//!
//! In every state: a segment in flight is delivered (in any order), delivered while a copy stays, dropped, or
//! corrupted; a user makes the next call of its [`Script`]; a timer fires; an end loses its memory and starts
//! again; a segment of an earlier incarnation appears. Faults, timers and crashes are bounded by [`Faults`], the
//! segments in flight by [`ROOM`]; what would go beyond is left out and counted.
//!
//! Time is not counted. A retransmission timer may fire whenever it runs; the 2 MSL timer only when nothing is in
//! flight and the peer has nothing to repeat, which is what two lifetimes of a segment are for (RFC 9293 3.4.2).
//! R1, R2 and the user timeout are further away than these worlds last. So the hole that is left in any close, all
//! last ACKs lost for 2 MSL, lies outside.
//!
//! # Why not stateright
//!
//! stateright 0.31, a maintained checker with the same breadth-first search, was read and compared first. It tells
//! states apart by a 64-bit fingerprint of the whole state, so every successor is built and hashed in full; it
//! keeps whole states, each with its path, in the frontier; and its `eventually` knows no fairness and overlooks
//! cycles, as its documentation says, while what these lessons look for is just that: two ends that repeat
//! themselves for ever. A test runs it over the same worlds: the numbers of states agree.
//!
//! # How it relates to the rooms `link`, `world` and `property`
//!
//! A world runs two subjects behind the adapter on packets, with a clock, once for each script. A small world has
//! no packets and no clock, so that states repeat. Their properties are of one list; [`Property`] looks at both ends'
//! variables, [`crate::property::Property`] at what was seen of them: S1 and S2 are `StreamIntact`, S3 is `Coherent`,
//! S9 `EndIsHonest`, S10 `ResetHasCause`, S15 `NoPacketWar`, L1 `OpenEnds`, L2 `DataEnds`, L3 `CloseEnds` and L4
//! `HalfOpenEnds`.

mod door;
mod end;
mod flying;
mod judge;
mod machine;
mod model;
#[cfg(feature = "reference")]
mod reference;
mod search;
mod seen;
mod settle;
mod setup;
mod tell;

pub use door::Door;
pub use end::{End, Fact, Facts, LIVES, STALE, User, octet};
pub use flying::{Flying, Peer};
pub use judge::{Properties, Property};
pub use machine::{Action, Input, Machine, ROOM, State};
pub use model::{Modelled, modelled};
#[cfg(feature = "reference")]
pub use reference::{Kind, Referenced, referenced};
pub use search::{Counts, Found, Limits, search};
pub use setup::{Do, Faults, Script, Setup, Side};
pub use tell::{retrace, segments, tell, tell_to_the_end};

use core::hash::Hash;

use lastack_core::types::SeqNum;
use lastack_core::types::State as TcpState;

use crate::subject::{Call, Outcome, UserSignal};

/// A stack that can be searched: a value, moved by calls, segments and timers, with everything it sends asked for
/// at once.
pub trait Stack: Clone + Eq + Hash {
    /// What does not change while it runs.
    type Config;

    /// The stack after its end has lost all memory; the clock of its ISNs goes on.
    #[must_use]
    fn restarted(&self, config: &Self::Config) -> Self;
    /// A call of the user; RECEIVE appends to `received`.
    fn call(&mut self, config: &Self::Config, call: Call<'_>, received: &mut Vec<u8>) -> Outcome;
    /// A segment of the peer arrives.
    fn arrive(&mut self, config: &Self::Config, segment: &Flying);
    /// The next segment that leaves.
    fn leave(&mut self, config: &Self::Config) -> Option<Flying>;
    /// The earliest timer fires.
    fn fire(&mut self, config: &Self::Config);
    /// What the user is told.
    fn signals(&mut self, out: &mut Vec<UserSignal>);
    /// What is to be seen of the connection.
    fn view(&self, config: &Self::Config) -> View;
    /// Forgets what no future depends on: the time, above all.
    fn normalise(&mut self, config: &Self::Config);
    /// Text that waits to be read beyond so many octets is lost ([`Door::Spills`]).
    fn spill(&mut self, octets: usize);
}

/// A connection as properties see it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct View {
    /// The state; CLOSED where there is no record.
    pub state: TcpState,
    /// ISS, once it is chosen.
    pub iss: Option<SeqNum>,
    /// IRS, once a SYN has told it.
    pub irs: Option<SeqNum>,
    /// SND.UNA.
    pub una: SeqNum,
    /// SND.NXT.
    pub nxt: SeqNum,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// Text that the peer has not acknowledged, sent or not.
    pub queued: u32,
    /// The peer's window is closed.
    pub shut: bool,
    /// Its earliest timer.
    pub timer: Timer,
}

/// What a stack waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timer {
    /// Nothing.
    None,
    /// Retransmission, probe, or any other of seconds.
    Soon,
    /// 2 MSL.
    TwoMsl,
}
