//! A random history in the making: the user's moves, and those of the clock.
//!
//! Numbers are anchored in the stack's own variables, so a move needs to know little of what the stack has
//! done. What is remembered is what an honest peer remembers of itself: its window, its FIN, its gaps.

use lastack_core::types::Duration;

use super::rng::Rng;
use super::theme::{Move, Theme};
use crate::reach::Way;
use crate::scenario::build::*;
use crate::scenario::{Addr, Event, PEER_PORT, STACK_PORT, Scenario, ScriptCall};
use crate::subject::{Handle, SocketOption};
use crate::suite::cells::CrossIn;

/// Where the listener listens in histories that begin with nothing.
pub(super) const LISTENER: Handle = 0;
/// Handles that a history uses: no more than a reading of the oracle holds.
const HANDLES: u64 = 5;

/// A scenario and what its next event depends on.
pub(super) struct Maker<'a> {
    pub rng: Rng,
    pub run: &'a CrossIn,
    pub theme: Theme,
    pub scenario: Scenario,
    pub user: UserSide,
    pub peer: Peer,
    /// The transmit queue has no room.
    pub full: bool,
}

/// Where calls go.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserSide {
    /// The main connection.
    pub handle: Handle,
    /// The listener on the main port.
    pub listener: Option<Handle>,
    /// The connection is still the listener's: ACCEPT names it.
    pub unaccepted: bool,
}

/// What the peer remembers of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    /// Its window field.
    pub window: u16,
    /// Its FIN has been sent, and there is nothing beyond it.
    pub fin: bool,
    /// Octets from RCV.NXT to the end of text beyond a gap; 0 where there is no gap.
    pub ahead: u16,
    /// Its FIN stands behind that text.
    pub fin_ahead: bool,
    /// Octets of each gap, and of a gap and the text behind it, where there are many.
    pub islands: Option<(u16, u16)>,
    /// MSS and shift of its SYN.
    pub mss: u16,
    /// Shift of its SYN.
    pub scale: Option<u8>,
    /// Octets that may be in flight towards it.
    pub in_flight: u16,
}

impl Peer {
    /// Of a connection that is not there yet.
    pub fn new() -> Peer {
        Peer {
            window: 4096,
            fin: false,
            ahead: 0,
            fin_ahead: false,
            islands: None,
            mss: 1460,
            scale: None,
            in_flight: 0,
        }
    }

    /// At the end of a way.
    pub fn of(way: &Way) -> Peer {
        Peer {
            window: way.peer_window,
            fin: way.peer_fin,
            ahead: way.peer_ahead,
            fin_ahead: way.peer_fin_ahead,
            in_flight: u16::try_from(way.in_flight()).unwrap_or(u16::MAX),
            ..Peer::new()
        }
    }

    /// A connection of the same peer begins anew.
    pub fn again(&mut self) {
        *self = Peer { window: self.window, mss: self.mss, scale: self.scale, ..Peer::new() };
    }
}

impl Maker<'_> {
    pub fn push(&mut self, event: Event) {
        self.scenario.events.push(event);
    }

    pub fn call(&mut self, what: ScriptCall) {
        self.push(call(self.user.handle, what));
    }

    pub fn millis(&mut self, millis: u64) {
        self.push(wait_millis(millis));
    }

    /// One more move of the theme.
    pub fn step(&mut self) {
        let what = self.theme.draw(&mut self.rng);
        if !self.peer_move(what) {
            self.user_move(what);
        }
    }

    fn user_move(&mut self, what: Move) {
        let sends: [u16; 5] = [1, 5, 5, 100, 1460];
        let many: [u16; 4] = [1461, 3000, 4096, 10_000];
        match what {
            Move::Send => {
                let octets = self.rng.pick(&sends);
                self.send(octets);
            }
            Move::SendMuch => {
                let octets = self.rng.pick(&many);
                self.send(octets);
            }
            Move::SendNothing => self.call(send(0)),
            Move::Receive => self.call(receive(65_535)),
            Move::ReceiveSome => {
                let octets = self.rng.pick(&[0_u32, 1, 1, 5, 100, 999]);
                self.call(receive(octets));
            }
            Move::Shutdown => self.shutdown(),
            Move::Close => self.call(ScriptCall::Close),
            Move::Abort => self.call(ScriptCall::Abort),
            Move::Status => self.call(ScriptCall::Status),
            Move::Set => self.set(),
            Move::Open => self.open(),
            Move::Accept => self.accept(),
            Move::AnyCall => self.any_call(),
            Move::Reopen => self.reopen(),
            Move::CloseBoth => self.close_both(),
            _ => self.clock_move(what),
        }
    }

    fn clock_move(&mut self, what: Move) {
        let two_msl = self.run.times.two_msl.micros() / 1_000;
        let r2 = self.run.times.r2.micros() / 1_000;
        match what {
            Move::Moment => {
                let millis = self.rng.pick(&[1, 10, 100, 200, 499, 600]);
                self.millis(millis);
            }
            Move::Rto => {
                let millis = self.rng.pick(&[999, 1_000, 1_001, 1_500, 3_000, 3_500, 8_000]);
                self.millis(millis);
            }
            Move::Long => {
                let millis = self.rng.pick(&[20_000, 21_000, 65_000, 130_000]);
                self.millis(millis);
            }
            Move::TwoMsl => {
                let spans = [two_msl.saturating_sub(2_000), two_msl + 1, two_msl + 1_000, r2 + 1_000];
                let millis = self.rng.pick(&spans);
                self.millis(millis);
            }
            Move::QueueFull => {
                let packets = self.rng.pick(&[0, 0, 1, 2]);
                self.full = true;
                self.push(room(packets));
            }
            _ => self.free_queue(),
        }
    }

    /// The transmit queue empties, if it was full.
    pub fn free_queue(&mut self) {
        if core::mem::take(&mut self.full) {
            self.push(room(255));
        }
    }

    pub fn send(&mut self, octets: u16) {
        self.peer.in_flight = self.peer.in_flight.saturating_add(octets);
        self.call(send(octets.into()));
    }

    pub fn shutdown(&mut self) {
        self.call(if self.run.lacks.half_close { ScriptCall::Close } else { ScriptCall::ShutdownWrite });
    }

    pub fn set(&mut self) {
        let span = self.rng.pick(&[None, Some(20), Some(90)]).map(Duration::from_secs);
        let on = self.rng.chance(1, 2);
        let lacks = self.run.lacks;
        let option = match self.rng.below(4) {
            0 if !lacks.user_timeout => SocketOption::UserTimeout(span),
            1 if !lacks.keep_alive => SocketOption::KeepAlive(span),
            2 => SocketOption::AckDelay(on),
            _ => SocketOption::Nagle(on),
        };
        self.call(set(option));
    }

    pub fn accept(&mut self) {
        let listener = self.user.listener.unwrap_or(LISTENER);
        let into = self.other_handle();
        self.push(call(listener, accept(into)));
        if self.user.unaccepted {
            self.user.handle = into;
            self.user.unaccepted = false;
        }
    }

    /// A handle that is neither the connection's nor the listener's, as long as there may be several.
    pub fn other_handle(&mut self) -> Handle {
        let mut handle = 1 + self.rng.below(HANDLES - 1) as Handle;
        while handle == self.user.handle || Some(handle) == self.user.listener {
            handle = (handle + 1) % HANDLES as Handle;
        }
        handle
    }

    fn some_handle(&mut self) -> Handle {
        if self.run.lacks.many { self.user.handle } else { self.rng.below(HANDLES) as Handle }
    }

    fn open(&mut self) {
        // Seldom where something is open already: two of a kind are a case of their own.
        let other = self.user.listener.is_some() || self.rng.chance(3, 4);
        let port = STACK_PORT + u16::from(other);
        let remote = self.rng.pick(&[Addr::Peer(0), Addr::Peer(1)]);
        let handle = if self.rng.chance(1, 2) { self.user.handle } else { self.some_handle() };
        let what = if self.rng.chance(1, 2) {
            listen(port)
        } else {
            ScriptCall::OpenActive { port, remote, remote_port: PEER_PORT }
        };
        self.push(call(handle, what));
    }

    fn any_call(&mut self) {
        let handle = self.some_handle();
        let into = self.other_handle();
        let timeout = SocketOption::UserTimeout(Some(Duration::from_secs(20)));
        let what = match self.rng.below(11) {
            0 => send(0),
            1 => send(5),
            2 => receive(0),
            3 => receive(65_535),
            4 if !self.run.lacks.half_close => ScriptCall::ShutdownWrite,
            4 | 5 => ScriptCall::Close,
            6 => ScriptCall::Abort,
            7 => ScriptCall::Status,
            8 => set(SocketOption::Nagle(self.rng.chance(1, 2))),
            9 if !self.run.lacks.user_timeout => set(timeout),
            _ => accept(into),
        };
        self.push(call(handle, what));
    }
}
