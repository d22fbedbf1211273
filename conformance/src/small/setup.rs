//! What a small world is made of, as data.

use super::Door;
use super::flying::Flying;

/// A call of an end's user. A call that the stack refuses is made later, or never.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Do {
    /// OPEN, passive.
    Listen,
    /// OPEN, active.
    Open,
    /// SEND one octet, the next of this incarnation's stream.
    Send,
    /// SEND two octets at once.
    SendTwo,
    /// RECEIVE one octet, where the user does not read by itself.
    Receive,
    /// CLOSE, of the sending direction.
    Close,
    /// ABORT.
    Abort,
}

/// What an end's user calls, in order, each at any time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Script {
    /// From the beginning.
    pub first: &'static [Do],
    /// After a crash.
    pub after_crash: &'static [Do],
}

/// One end.
#[derive(Clone, Debug)]
pub struct Side<C, S> {
    /// What does not change about its stack.
    pub config: C,
    /// Its stack at the beginning.
    pub stack: S,
    /// What its user does.
    pub script: Script,
    /// The user takes all text as soon as it is there.
    pub reads: bool,
    /// What stands between the wire and the stack.
    pub doors: Vec<Door>,
}

/// How much may go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Segments that are dropped.
    pub drops: u8,
    /// Segments that are delivered while a copy stays.
    pub copies: u8,
    /// Segments whose text is corrupted.
    pub corruptions: u8,
    /// Retransmission timers that fire, at A and at B.
    pub timers: [u8; 2],
    /// Crashes, of A and of B.
    pub crashes: [u8; 2],
}

/// A small world.
#[derive(Clone, Debug)]
pub struct Setup<C, S> {
    /// A and B.
    pub sides: [Side<C, S>; 2],
    /// So many calls of A and of B are made before the search begins, on a clean link.
    pub prologue: [u8; 2],
    /// What may go wrong.
    pub faults: Faults,
    /// Segments of earlier incarnations, each appearing at most once; at most eight.
    pub stale: Vec<Flying>,
    /// The most text that a packet of the link carries, in octets; longer ones vanish.
    pub carries: usize,
    /// At most so many segments are in flight.
    pub room: usize,
    /// Segments of one direction may overtake each other.
    pub overtakes: bool,
}
