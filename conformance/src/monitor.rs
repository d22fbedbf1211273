//! Monitors: standing checks of one end's trace, whatever the table and the oracle think.
//!
//! The data that flows: the driver tells what crosses the stack's door, in order: packets in either
//! direction, calls with their outcomes, and each time the stack has settled ([`Monitors::quiet`]). The
//! [`Ledger`] makes the wire's truth of the packets; a watch per connection adds what only monitors need:
//! what arrived since the stack was last quiet, and when the oldest unacknowledged number was last sent. An
//! emission is checked against both *before* it is filed in them. What comes out is a list of [`Breach`]es.
//!
//! The peer may be hostile, so where a conforming stack may have read an arrival in more than one way, the
//! reading that excuses it counts. A monitor that would have to know the stack's state leaves the judgement
//! to the oracle.

use core::fmt;
use core::net::IpAddr;

use lastack_core::types::wire::WireError;
use lastack_core::types::{Duration, Endpoint, Flags, Instant, Segment, SeqNum};

use crate::ledger::{Connection, Ledger, Scaling, Tuple};
use crate::resolve;
use crate::scenario::{ScriptCall, Streams};
use crate::subject::{Handle, Outcome, Setup, SocketOption, stack_addr};
use crate::trace::Direction;

mod answers;
mod arrival;
mod form;
mod karn;
mod list;
mod numbers;
mod pace;
mod parties;
mod reset;
mod second;
mod silly;
mod text;
mod user;
mod watch;

pub use list::{MONITORS, MonitorId, MonitorInfo};

use user::Users;
use watch::Watch;

/// One thing that a monitor caught.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// Which monitor.
    pub monitor: MonitorId,
    /// On which connection, where it is known.
    pub tuple: Option<Tuple>,
    /// When.
    pub at: Instant,
    /// What would have been right.
    pub want: String,
    /// What came.
    pub got: String,
}

/// All monitors, and the ledger that they read.
#[derive(Clone, Debug)]
pub struct Monitors {
    setup: Setup,
    streams: Streams,
    address: IpAddr,
    ledger: Ledger,
    /// One per connection of the ledger, at the same place.
    watches: Vec<Watch>,
    users: Users,
    clockwork: Clockwork,
    /// Bits of [`MonitorId`]s that are switched off.
    off: u128,
}

/// What moves for all connections at once.
#[derive(Clone, Copy, Debug, Default)]
struct Clockwork {
    /// How often the stack has been quiet.
    epoch: u32,
    /// When it was quiet last.
    quiet_at: Option<Instant>,
    /// Calls in all.
    calls: u32,
    /// Calls, and other disturbances from the stack's own side, in all.
    stirs: u32,
    /// The same when the stack was quiet last.
    stirs_at_quiet: u32,
    /// OPEN active and SEND, in all.
    opens: u32,
    /// Calls that may end in a FIN, in all.
    closes: u32,
    /// The shortest interval at which some user wanted keep-alives.
    keep_alive: Option<Duration>,
    /// Time passes by itself: a packet may be read some time after it left.
    is_real: bool,
    /// Receive buffers are exactly as large as the set-up says.
    buffer_is_exact: bool,
}

/// Everything that a check of one emission may look at.
struct Emission<'a> {
    at: Instant,
    packet_len: usize,
    segment: &'a Segment<'a>,
    connection: &'a Connection,
    watch: &'a Watch,
    setup: &'a Setup,
    streams: Streams,
    address: IpAddr,
    clockwork: &'a Clockwork,
    users: &'a Users,
    /// A SYN that begins a new incarnation.
    fresh: bool,
    facts: Facts,
}

/// Where breaches go. Nothing is formatted for a monitor that is off.
struct Report<'a> {
    at: Instant,
    tuple: Option<Tuple>,
    off: u128,
    breaches: &'a mut Vec<Breach>,
}

impl Monitors {
    /// All monitors on, for the default set-up.
    pub fn new() -> Monitors {
        let setup = Setup::default();
        Monitors {
            address: stack_addr(setup.ip),
            setup,
            streams: Streams::default(),
            ledger: Ledger::default(),
            watches: Vec::new(),
            users: Users::default(),
            clockwork: Clockwork::default(),
            off: 0,
        }
    }

    /// A fresh stack. Monitors that are switched off stay off.
    pub fn reset(&mut self, setup: &Setup) {
        self.setup = *setup;
        self.address = stack_addr(setup.ip);
        self.ledger.reset();
        self.watches.clear();
        self.users.reset();
        self.clockwork = Clockwork { keep_alive: setup.keep_alive, ..Clockwork::default() };
    }

    /// The stack has another address than a scenario's (the second host of a world).
    pub fn set_address(&mut self, address: IpAddr) {
        self.address = address;
    }

    /// Which octets the users at both ends send.
    pub fn set_streams(&mut self, streams: Streams) {
        self.streams = streams;
    }

    /// Breaks a monitor on purpose: tests show that something notices.
    pub fn switch_off(&mut self, id: MonitorId) {
        self.off |= id.bit();
    }

    /// The wire's truth so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// From here on this handle is the user's end of this connection. Needed only where calls and packets do
    /// not tell: a connection opened actively, and the one that waits at a listener's port, are found.
    pub fn bind(&mut self, handle: Handle, tuple: Tuple) {
        self.users.bind(handle, tuple);
    }

    /// The stack's clock is real, until the next reset.
    pub fn clock_is_real(&mut self) {
        self.clockwork.is_real = true;
    }

    /// Receive buffers are exactly as large as the set-up says, until the next reset.
    pub fn buffer_is_exact(&mut self) {
        self.clockwork.buffer_is_exact = true;
    }

    /// The transmit queue's room changed: what leaves from here on may be late for that reason.
    pub fn room_changed(&mut self) {
        self.clockwork.stirs += 1;
    }

    /// A packet is delivered to the stack. One with a wrong checksum (`checksum_right` is of IP and TCP) does
    /// not exist for the stack (MUST-3).
    pub fn to_stack(&mut self, at: Instant, segment: &Segment<'_>, checksum_right: bool) {
        if !checksum_right {
            return;
        }
        let position = self.position(Tuple::of(Direction::ToStack, segment));
        let connection = &self.ledger.connections()[position];
        self.watches[position].arrival(at, segment, connection, self.streams.peer, &self.clockwork);
        self.ledger.packet(at, Direction::ToStack, segment);
        let connection = &self.ledger.connections()[position];
        self.watches[position].take_window(at, segment, connection, &self.clockwork);
    }

    /// The stack emits a packet.
    pub fn from_stack(
        &mut self,
        at: Instant,
        packet: &[u8],
        parsed: Result<&Segment<'_>, &WireError>,
        breaches: &mut Vec<Breach>,
    ) {
        let mut report = Report { at, tuple: None, off: self.off, breaches };
        let segment = match parsed {
            Ok(segment) => segment,
            Err(error) => return form::unreadable(error, &mut report),
        };
        let tuple = Tuple::of(Direction::FromStack, segment);
        report.tuple = Some(tuple);
        let position = self.position(tuple);
        self.watches[position].refresh(&self.clockwork);
        let connection = &self.ledger.connections()[position];
        let fresh = connection.begins_anew(segment);
        let emission = Emission {
            at,
            packet_len: packet.len(),
            segment,
            connection,
            watch: &self.watches[position],
            setup: &self.setup,
            streams: self.streams,
            address: self.address,
            clockwork: &self.clockwork,
            users: &self.users,
            fresh,
            facts: Facts::of(segment, connection, fresh),
        };
        emission.check(&mut report);
        let facts = emission.facts;
        self.watches[position].emission(at, segment, connection, &facts, &self.clockwork);
        self.ledger.packet(at, Direction::FromStack, segment);
    }

    /// A call of the user and what it came to; `received` is what RECEIVE handed over.
    pub fn call(
        &mut self,
        at: Instant,
        handle: Handle,
        call: &ScriptCall,
        outcome: Outcome,
        received: &[u8],
        breaches: &mut Vec<Breach>,
    ) {
        let work = &mut self.clockwork;
        work.calls += 1;
        work.stirs += 1;
        match *call {
            ScriptCall::OpenActive { .. } | ScriptCall::Send(_) => work.opens += 1,
            ScriptCall::ShutdownWrite | ScriptCall::Close | ScriptCall::Abort => work.closes += 1,
            ScriptCall::Set(SocketOption::KeepAlive(Some(span))) => {
                work.keep_alive = Some(work.keep_alive.map_or(span, |least| least.min(span)));
            }
            _ => {}
        }
        let tuple = self.users.find(handle, call, &self.ledger);
        let mut report = Report { at, tuple, off: self.off, breaches };
        let connection = tuple.and_then(|t| self.ledger.position(&t));
        let connection = connection.map(|p| (&self.ledger.connections()[p], &self.watches[p]));
        let stream = self.streams.peer;
        self.users.call(handle, call, outcome, (received, stream), connection, &mut report);
        if let ScriptCall::OpenActive { port, remote, remote_port } = *call
            && outcome == Outcome::Done
        {
            let stack = Endpoint { addr: self.address, port };
            let peer = Endpoint { addr: resolve::address(remote, self.setup.ip), port: remote_port };
            self.users.bind(handle, Tuple { stack, peer });
        }
    }

    /// The stack has settled: with room to send, it has nothing more to send at this instant.
    pub fn quiet(&mut self, at: Instant, breaches: &mut Vec<Breach>) {
        for (watch, connection) in self.watches.iter_mut().zip(self.ledger.connections()) {
            if watch.unacknowledged.is_some() {
                let mut report = Report { at, tuple: Some(connection.tuple), off: self.off, breaches };
                second::check(&mut watch.unacknowledged, connection, &mut report);
            }
        }
        let work = &mut self.clockwork;
        work.epoch = work.epoch.wrapping_add(1);
        work.quiet_at = Some(at);
        work.stirs_at_quiet = work.stirs;
    }

    fn position(&mut self, tuple: Tuple) -> usize {
        let position = self.ledger.place(tuple);
        while self.watches.len() <= position {
            self.watches.push(Watch::new(&self.clockwork));
        }
        position
    }
}

impl Default for Monitors {
    fn default() -> Self {
        Self::new()
    }
}

impl Report<'_> {
    fn breach(&mut self, monitor: MonitorId, want: fmt::Arguments<'_>, got: fmt::Arguments<'_>) {
        if self.off & monitor.bit() != 0 {
            return;
        }
        let (want, got) = (want.to_string(), got.to_string());
        self.breaches.push(Breach { monitor, tuple: self.tuple, at: self.at, want, got });
    }
}

/// What several checks need to know of an emission.
#[derive(Clone, Copy)]
struct Facts {
    /// SEG.LEN is 0, and it is no RST.
    empty: bool,
    /// It takes numbers, none of them for the first time.
    again: bool,
    /// It moves the acknowledgment or the right edge.
    says_new: bool,
    /// The right edge that it advertises; `None` where that cannot be told.
    edge: Option<SeqNum>,
    /// How much an edge may wobble by rounding (RFC 7323 2.4).
    rounding: u32,
}

impl Facts {
    fn of(segment: &Segment<'_>, connection: &Connection, fresh: bool) -> Facts {
        let h = &segment.header;
        let now = connection.now.as_ref().filter(|_| !fresh);
        let empty = segment.is_empty() && !h.flags.rst();
        let again = now.is_some_and(|n| {
            !segment.is_empty() && !h.flags.rst() && segment.end().is_at_or_before(n.snd_nxt())
        });
        let (shift, sure) = match connection.scaling() {
            Scaling::On { stack, .. } if !h.flags.syn() => (stack, true),
            Scaling::Unsure if !h.flags.syn() => (0, false),
            _ => (0, true),
        };
        let edge = h.ack.add(u32::from(h.window) << shift);
        let edge = (sure && h.flags.ack()).then_some(edge);
        let moves = now.is_none_or(|n| n.peer.acked != Some(h.ack) || edge.is_none() || n.stack.edge != edge);
        Facts { empty, again, says_new: h.flags.ack() && moves, edge, rounding: (1 << shift) - 1 }
    }
}

impl Emission<'_> {
    fn check(&self, report: &mut Report<'_>) {
        form::check(self, report);
        form::check_options(self, report);
        parties::check(self, report);
        if self.segment.header.flags.rst() {
            reset::check(self, report);
        } else {
            numbers::check(self, report);
        }
        answers::check(self, report);
        pace::check(self, report);
    }

    /// No call was made, nor did the transmit queue change, since the stack was last quiet.
    fn no_call(&self) -> bool {
        self.clockwork.stirs == self.clockwork.stirs_at_quiet
    }

    /// Neither an arrival nor a call since the stack was last quiet: only a timer can have caused this.
    fn unprompted(&self) -> bool {
        self.no_call() && self.watch.arrivals == 0 && self.clockwork.quiet_at.is_some()
    }

    /// The stack was quiet at this very instant, and then something arrived or a call was made: no timer has caused this.
    fn prompted(&self) -> bool {
        self.clockwork.quiet_at == Some(self.at) && !self.unprompted() && !self.clockwork.is_real
    }

    /// Nothing but what arrived since the stack was last quiet, at this very instant, can have caused this.
    fn only_arrivals(&self) -> bool {
        self.no_call() && self.watch.arrivals > 0 && self.clockwork.quiet_at == Some(self.at)
    }
}

/// Bits that do not matter for what a segment asks.
const BY_THE_WAY: Flags = Flags::PSH;
/// Longer than any delayed acknowledgment (RFC 9293 3.8.6.3: under 0.5 s), with room.
const ACK_DELAY_AND_MORE: Duration = Duration::from_secs(1);
