//! The whole stack as one value: every connection and listener, and what is left of those that ended.

use lastack_core::types::{Endpoint, Flags, Instant, SeqNum, State};

use super::config::Config;
use super::edition::{Habit, Skew};
use super::tcb::Tcb;
use crate::subject::{Handle, Outcome, UserSignal};

/// A segment that belongs to no connection any more, or never did: its fields are fixed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Plain {
    /// From this port.
    pub port: u16,
    /// To this socket.
    pub remote: Endpoint,
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: SeqNum,
    /// SEG.ACK.
    pub ack: SeqNum,
}

/// What the user of a handle is told after its connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ended {
    /// The handle.
    pub handle: Handle,
    /// What its calls come to.
    pub outcome: Outcome,
}

/// The whole stack.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Host {
    /// Connections and listeners, in order of opening.
    pub tcbs: Vec<Tcb>,
    /// Handles whose connection ended, and how.
    pub ended: Vec<Ended>,
    /// Segments of nobody that wait for room.
    pub plain: Vec<Plain>,
    /// What users were told and have not asked for.
    pub signals: Vec<(Handle, UserSignal)>,
    /// The next ISS, and the instant from which the clock of ISNs counts on.
    pub isn: (SeqNum, Option<Instant>),
    /// Whoever is still spoken for after the end ([`Habit::SpeaksAfterEnd`]), and when next.
    pub ghost: Option<(Plain, Instant)>,
    /// Now.
    pub now: Instant,
}

impl Host {
    /// Nothing has happened; the first connection has this ISS.
    pub fn new(iss: SeqNum) -> Host {
        Host { isn: (iss, None), ..Host::default() }
    }

    /// The connection between these sockets.
    pub fn connection(&self, port: u16, remote: Endpoint) -> Option<usize> {
        self.tcbs.iter().position(|t| t.port == port && t.remote == Some(remote))
    }

    /// The listener on this port.
    pub fn listener(&self, port: u16) -> Option<usize> {
        self.tcbs.iter().position(|t| t.state == State::Listen && t.port == port)
    }

    /// The connection or listener of a handle.
    pub fn by_handle(&self, handle: Handle) -> Option<usize> {
        self.tcbs.iter().position(|t| t.handle == handle)
    }

    /// An ISS by a clock of four microseconds (RFC 9293 3.4.1, MUST-8), and 64,000 further for each connection,
    /// so that two at one instant differ.
    pub fn choose_iss(&mut self, config: &Config) -> SeqNum {
        let (next, since) = self.isn;
        if config.has(Habit::FixedIss) {
            return next;
        }
        let ticks = self.now.since(since.unwrap_or(self.now)).micros() / 4;
        let iss = next.add(ticks as u32);
        self.isn = (iss.add(64_000), Some(self.now));
        iss
    }

    /// Counts time from now: of two stacks that differ in their past only nothing is left to tell them apart.
    /// R2 begins anew, so it never comes.
    pub fn forget_time(&mut self) {
        let now = core::mem::replace(&mut self.now, Instant::ZERO);
        let from_now = |at: &mut Option<Instant>| *at = at.map(|at| Instant::ZERO + at.since(now));
        for tcb in &mut self.tcbs {
            [&mut tcb.rto_at, &mut tcb.ack_at, &mut tcb.two_msl_at].into_iter().for_each(from_now);
            tcb.waits_since = None;
            tcb.heard_at = Instant::ZERO;
            tcb.tries = tcb.tries.min(1);
        }
        self.isn.1 = self.isn.1.map(|_| Instant::ZERO);
    }

    /// Removes a connection that has come to CLOSED.
    pub fn remove(&mut self, at: usize, outcome: Outcome, config: &Config) {
        let tcb = self.tcbs.remove(at);
        self.ended.retain(|e| e.handle != tcb.handle);
        self.ended.push(Ended { handle: tcb.handle, outcome });
        if let (Some(remote), true) = (tcb.remote, config.has(Habit::SpeaksAfterEnd)) {
            let plain = Plain { port: tcb.port, remote, flags: Flags::ACK, seq: tcb.nxt, ack: tcb.rcv_nxt };
            self.ghost = Some((plain, self.now + super::timers::GHOST));
        }
    }

    /// Adds a connection or listener; the handle's past is forgotten.
    pub fn add(&mut self, tcb: Tcb) {
        self.ended.retain(|e| e.handle != tcb.handle);
        self.tcbs.push(tcb);
    }

    /// A RST, or another segment of nobody.
    pub fn say(&mut self, plain: Plain, skew: Skew) {
        self.plain.push(Plain {
            seq: plain.seq.offset(skew.seq),
            ack: plain.ack.offset(skew.ack),
            flags: Flags::from_bits(plain.flags.bits() ^ skew.flags.bits()),
            ..plain
        });
    }
}
