//! Ways into every state and every situation: the prelude of a cell.
//!
//! A way is a script that leads a conforming stack into one state, with something particular going on at
//! its send side and at its receive side, together with what must be known to aim at it: whose calls go
//! where, how long the segments in flight are, what the stack must be able to do. Whether a stack really
//! got there is for the driver to see; a way only says where the RFC puts it.
//!
//! Conventions: handle 0 is the listener, or the connection that was opened actively; a connection that a
//! listener made is accepted as handle 1 right after its handshake, whereupon the listener listens again.

mod closing;
mod established;
mod script;
mod unsynchronized;

use std::sync::LazyLock;

use lastack_core::types::State;

use crate::scenario::Event;
use crate::subject::{Capabilities, Handle, Setup};

/// The receive buffer of a plain way: less than one MSS, so that one segment can fill or span it.
pub const BUFFER: u32 = 1000;
/// The window field of a plain way's peer.
pub const PEER_WINDOW: u16 = 4096;
/// Octets of a short text.
pub const TEXT: u16 = 5;
/// Octets of the gap before text out of order: one short text fills it.
pub const GAP: u16 = 5;

/// Which OPEN the connection comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Origin {
    /// There is no connection and never was one.
    None,
    Passive,
    Active,
    /// Active, and the peer's OPEN crossed it.
    Simultaneous,
}

/// What the send side is doing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SendSituation {
    /// Nothing queued, nothing in flight.
    Idle,
    /// The SYN is in flight, perhaps with text queued behind it.
    SynInFlight,
    /// Text in flight, SND.UNA still at ISS+1.
    InFlight,
    /// Text in flight, earlier text acknowledged.
    TwoFlights,
    /// What is in flight has been sent more than once.
    Resent,
    /// The window is full; text waits behind it.
    BehindWindow,
    /// Text waits for an ACK (Nagle, RFC 9293 3.7.4).
    BehindNagle,
    /// A FIN waits behind text that may not leave yet.
    FinQueued,
    /// Only the FIN is in flight.
    FinInFlight,
    /// Text and FIN are in flight.
    TextAndFinInFlight,
    /// The peer's window is 0.
    WindowClosed,
    /// Our FIN is acknowledged.
    Done,
}

/// What the receive side is doing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecvSituation {
    /// Nothing received that the user has not read.
    Empty,
    /// Text that the user has not read.
    Unread,
    /// Text beyond a gap of five octets.
    Hole,
    /// Text whose acknowledgment may still wait.
    AckPending,
    /// RCV.WND is 0.
    WindowZero,
    /// The window is scaled (RFC 7323 2).
    Scaled,
    /// The buffer is larger than a window field without scale can say.
    BufferBeyond64K,
    /// The buffer is one octet.
    OneOctet,
}

impl SendSituation {
    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            SendSituation::Idle => "idle",
            SendSituation::SynInFlight => "SYN in flight",
            SendSituation::InFlight => "text in flight",
            SendSituation::TwoFlights => "second flight",
            SendSituation::Resent => "sent again",
            SendSituation::BehindWindow => "text behind the window",
            SendSituation::BehindNagle => "text behind Nagle",
            SendSituation::FinQueued => "FIN queued",
            SendSituation::FinInFlight => "FIN in flight",
            SendSituation::TextAndFinInFlight => "text and FIN in flight",
            SendSituation::WindowClosed => "peer's window 0",
            SendSituation::Done => "all acknowledged",
        }
    }
}

impl RecvSituation {
    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            RecvSituation::Empty => "empty",
            RecvSituation::Unread => "unread text",
            RecvSituation::Hole => "a hole",
            RecvSituation::AckPending => "ACK pending",
            RecvSituation::WindowZero => "own window 0",
            RecvSituation::Scaled => "window scaled",
            RecvSituation::BufferBeyond64K => "buffer beyond 64 K",
            RecvSituation::OneOctet => "buffer of one octet",
        }
    }
}

/// What a stack must be able to do for a script to mean anything.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Needs {
    /// ShutdownWrite.
    pub half_close: bool,
    /// A receive buffer of 0 octets.
    pub zero_recv_buffer: bool,
    /// A receive buffer of exactly the size that is asked for.
    pub exact_recv_buffer: bool,
    /// Several connections or listeners at once.
    pub many: bool,
    /// The user timeout can be set.
    pub user_timeout: bool,
    /// Keep-alives can be asked for.
    pub keep_alive: bool,
}

impl Needs {
    /// What both need.
    #[must_use]
    pub const fn and(self, other: Needs) -> Needs {
        Needs {
            half_close: self.half_close | other.half_close,
            zero_recv_buffer: self.zero_recv_buffer | other.zero_recv_buffer,
            exact_recv_buffer: self.exact_recv_buffer | other.exact_recv_buffer,
            many: self.many | other.many,
            user_timeout: self.user_timeout | other.user_timeout,
            keep_alive: self.keep_alive | other.keep_alive,
        }
    }

    /// What a stack with these capabilities cannot do.
    pub const fn not_in(has: &Capabilities) -> Needs {
        Needs {
            half_close: !has.half_close,
            zero_recv_buffer: !has.zero_recv_buffer,
            exact_recv_buffer: !has.exact_recv_buffer,
            many: !has.many,
            user_timeout: !has.user_timeout,
            keep_alive: !has.keep_alive,
        }
    }

    /// Whether any of it is among what a stack lacks.
    pub const fn any_of(self, lacks: Needs) -> bool {
        self.half_close && lacks.half_close
            || self.zero_recv_buffer && lacks.zero_recv_buffer
            || self.exact_recv_buffer && lacks.exact_recv_buffer
            || self.many && lacks.many
            || self.user_timeout && lacks.user_timeout
            || self.keep_alive && lacks.keep_alive
    }

    /// The first thing that a stack with these capabilities lacks, in plain words.
    pub const fn lacking(self, has: &Capabilities) -> Option<&'static str> {
        if self.half_close && !has.half_close {
            Some("half-close")
        } else if self.zero_recv_buffer && !has.zero_recv_buffer {
            Some("a receive buffer of 0 octets")
        } else if self.exact_recv_buffer && !has.exact_recv_buffer {
            Some("a receive buffer of an exact size")
        } else if self.many && !has.many {
            Some("several connections at once")
        } else if self.user_timeout && !has.user_timeout {
            Some("a user timeout")
        } else if self.keep_alive && !has.keep_alive {
            Some("keep-alives")
        } else {
            None
        }
    }
}

/// A way into a state and a situation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// Stable name: state, then what is particular, e.g. `fin-wait-1/text-and-fin`.
    pub name: &'static str,
    /// The state that the main connection is in at the end.
    pub state: State,
    /// Where the connection comes from.
    pub origin: Origin,
    /// What its send side is doing.
    pub send: SendSituation,
    /// What its receive side is doing.
    pub recv: RecvSituation,
    /// Sequence numbers taken by each segment in flight, oldest first; a FIN on its own is `1`.
    pub flight: &'static [u16],
    /// Where calls on the connection go; the listener's handle in LISTEN and, before Accept, in
    /// SYN-RECEIVED.
    pub handle: Handle,
    /// The listener that is present at the end.
    pub listener: Option<Handle>,
    /// The window field of the peer's segments in the script.
    pub peer_window: u16,
    /// The peer's FIN has been taken.
    pub peer_fin: bool,
    /// What the peer has sent beyond a gap: octets from RCV.NXT to the end of its text, 0 where there is no
    /// gap.
    pub peer_ahead: u16,
    /// The peer's FIN stands behind that text.
    pub peer_fin_ahead: bool,
    /// The stack, without IP version and ISS.
    pub setup: Setup,
    /// What leads there.
    pub script: Vec<Event>,
    /// What the stack must be able to do.
    pub needs: Needs,
}

impl Way {
    /// SND.NXT - SND.UNA.
    pub fn in_flight(&self) -> u32 {
        self.flight.iter().map(|&len| u32::from(len)).sum()
    }

    /// There are receive numbers: the peer's SYN has been seen, and the connection lives.
    pub const fn has_receive_numbers(&self) -> bool {
        !matches!(self.state, State::Closed | State::Listen | State::SynSent)
    }

    /// There were numbers, and the connection is gone.
    pub fn was_connected(&self) -> bool {
        self.state == State::Closed && self.origin != Origin::None
    }

    /// The state as the first part of the name.
    pub fn state_name(&self) -> &'static str {
        self.name.split('/').next().unwrap_or(self.name)
    }
}

static WAYS: LazyLock<Vec<Way>> = LazyLock::new(|| {
    let mut ways = unsynchronized::ways();
    ways.extend(established::ways());
    ways.extend(closing::ways());
    ways
});

/// All ways, in a fixed order: by state in the RFC's order, the plainest way of a state first.
pub fn ways() -> &'static [Way] {
    &WAYS
}

/// The place of the way with this name.
pub fn way_index(name: &str) -> Option<usize> {
    ways().iter().position(|way| way.name == name)
}

/// Whether this way is the plainest of its state.
pub fn is_plainest(index: usize) -> bool {
    let ways = ways();
    ways.get(index).is_some_and(|way| ways.iter().position(|w| w.state == way.state) == Some(index))
}

/// Whether an earlier way leads to the same state with the same situations at both sides; in SYN-RECEIVED
/// also by the same kind of OPEN, which decides what a RST does there.
pub fn is_variant(index: usize) -> bool {
    let ways = ways();
    let same = |a: &Way, b: &Way| {
        let origin = a.state != State::SynReceived || a.origin == b.origin;
        a.state == b.state && a.send == b.send && a.recv == b.recv && origin
    };
    ways.get(index).is_some_and(|way| ways[..index].iter().any(|earlier| same(earlier, way)))
}

#[cfg(test)]
mod tests;
