//! What a connection is doing, and what time does to it.

use core::fmt;

use crate::oracle::Tcb;
use crate::verdict::Obligation;

/// The send side: the first of these that fits, from the bottom up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sending {
    /// Nothing is on its way, nothing waits.
    Idle,
    /// Something is unacknowledged.
    InFlight,
    /// Text waits although the window has room: behind Nagle or silly-window avoidance.
    Held,
    /// Text waits behind a window that is full.
    Unsent,
    /// Something waits, and the window is zero.
    WindowClosed,
    /// The FIN waits behind text.
    FinQueued,
    /// The FIN is unacknowledged.
    FinInFlight,
}

/// The receive side: the first of these that fits, from the bottom up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receiving {
    /// All is read.
    Empty,
    /// Text waits for the user.
    Unread,
    /// An ACK may still be delayed.
    AckPending,
    /// Text behind a gap.
    Hole,
    /// The window last advertised is full.
    WindowZero,
}

/// What was so when time passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timed {
    /// The connection owed something.
    Owes(Obligation),
    /// Something was sent again, or a window was probed.
    Again,
    /// The connection is gone.
    Ended,
    /// Nothing of this happened.
    Nothing,
}

impl Sending {
    /// All of them.
    pub const ALL: [Sending; 7] = [
        Sending::Idle,
        Sending::InFlight,
        Sending::Held,
        Sending::Unsent,
        Sending::WindowClosed,
        Sending::FinQueued,
        Sending::FinInFlight,
    ];

    /// What a connection's send side is doing.
    pub fn of(tcb: &Tcb) -> Sending {
        let unsent = tcb.unsent();
        if tcb.fin_sent && tcb.in_flight() {
            Sending::FinInFlight
        } else if tcb.fin_wanted && !tcb.fin_sent {
            Sending::FinQueued
        } else if tcb.wnd == 0 && (unsent > 0 || tcb.in_flight()) && tcb.state.is_synchronized() {
            Sending::WindowClosed
        } else if unsent > 0 && tcb.usable() == 0 {
            Sending::Unsent
        } else if unsent > 0 {
            Sending::Held
        } else if tcb.in_flight() {
            Sending::InFlight
        } else {
            Sending::Idle
        }
    }

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            Sending::Idle => "idle",
            Sending::InFlight => "in flight",
            Sending::Held => "held back",
            Sending::Unsent => "unsent behind the window",
            Sending::WindowClosed => "window closed",
            Sending::FinQueued => "FIN queued",
            Sending::FinInFlight => "FIN in flight",
        }
    }
}

impl Receiving {
    /// All of them.
    pub const ALL: [Receiving; 5] =
        [Receiving::Empty, Receiving::Unread, Receiving::AckPending, Receiving::Hole, Receiving::WindowZero];

    /// What a connection's receive side is doing.
    pub fn of(tcb: &Tcb, ack_pending: bool) -> Receiving {
        if tcb.edge_known && tcb.edge_now.is_at_or_before(tcb.rcv_nxt) {
            Receiving::WindowZero
        } else if !tcb.held.as_slice().is_empty() {
            Receiving::Hole
        } else if ack_pending {
            Receiving::AckPending
        } else if tcb.unread() > 0 {
            Receiving::Unread
        } else {
            Receiving::Empty
        }
    }

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            Receiving::Empty => "empty",
            Receiving::Unread => "unread",
            Receiving::AckPending => "ACK pending",
            Receiving::Hole => "a hole",
            Receiving::WindowZero => "window 0",
        }
    }
}

impl Timed {
    /// How many there are.
    pub const COUNT: usize = Obligation::ALL.len() + 3;

    pub(super) const fn index(self) -> usize {
        match self {
            Timed::Owes(obligation) => obligation as usize,
            Timed::Again => Obligation::ALL.len(),
            Timed::Ended => Obligation::ALL.len() + 1,
            Timed::Nothing => Obligation::ALL.len() + 2,
        }
    }

    pub(super) fn from_index(index: usize) -> Option<Timed> {
        match index.checked_sub(Obligation::ALL.len()) {
            None => Obligation::ALL.get(index).copied().map(Timed::Owes),
            Some(at) => [Timed::Again, Timed::Ended, Timed::Nothing].get(at).copied(),
        }
    }
}

impl fmt::Display for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Timed::Owes(obligation) => obligation.name(),
            Timed::Again => "sent again",
            Timed::Ended => "ended",
            Timed::Nothing => "nothing",
        })
    }
}
