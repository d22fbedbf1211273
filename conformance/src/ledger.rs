//! The wire's truth: what both ends have said, computed from packets alone.
//!
//! The data that flows: [`Ledger::packet`] takes every packet in the order in which it crossed the stack's
//! door, in either direction, and files it under its [`Tuple`]. A tuple has a present [`Incarnation`] and
//! keeps the numbers of the one before. An incarnation begins with a SYN of the *stack* (its answer to a SYN,
//! or its own): until the stack has said so, a SYN of the peer is only an [`Offer`].
//!
//! The peer may be hostile, so its numbers are kept twice: whatever it sent, and what lay inside the window
//! that it had been given. Where the packets leave a value open (was scaling agreed, when the peer's SYNs
//! contradict each other?) the ledger says so and does not choose.

use arrayvec::ArrayVec;
use lastack_core::types::{Endpoint, Instant, Segment, SeqNum};

use crate::trace::Direction;

mod life;
mod offer;
mod spans;

pub(crate) use life::is_sound;
pub use life::{End, Incarnation};
pub use offer::Offer;
pub use spans::Spans;

/// The two sockets of a connection, as the stack sees them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tuple {
    /// The stack's end.
    pub stack: Endpoint,
    /// The other end.
    pub peer: Endpoint,
}

impl Tuple {
    /// Of a packet that goes in this direction.
    pub fn of(direction: Direction, segment: &Segment<'_>) -> Tuple {
        let (src, dst) = (segment.header.src, segment.header.dst);
        match direction {
            Direction::ToStack => Tuple { stack: dst, peer: src },
            Direction::FromStack => Tuple { stack: src, peer: dst },
        }
    }
}

/// `192.0.2.2:9000 -> 192.0.2.1:8000`: the peer, then the stack.
impl core::fmt::Display for Tuple {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} -> {}", self.peer, self.stack)
    }
}

/// Whether windows are scaled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scaling {
    /// No: one of the two did not offer it, or nobody knows the peer yet.
    Off,
    /// By these shifts.
    On {
        /// The stack's windows.
        stack: u8,
        /// The peer's windows.
        peer: u8,
    },
    /// The peer's SYNs contradict each other, or one of them cannot be read.
    Unsure,
}

/// Room for the peer's different SYNs of one tuple.
const OFFERS: usize = 4;

/// Everything about one tuple.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Which sockets.
    pub tuple: Tuple,
    /// The present incarnation; `None` until the stack sends a SYN.
    pub now: Option<Incarnation>,
    /// The one before.
    pub before: Option<Incarnation>,
    /// The last one before that both ends have closed: while TIME-WAIT is reopened by SYNs that turn out to be
    /// old, the stack may come back to it time and again (RFC 9293 3.6.1).
    pub closed: Option<Incarnation>,
    /// The SYNs that the peer sent for this incarnation or the next one, each number once.
    pub offers: ArrayVec<Offer, OFFERS>,
    /// What the peer delivered since the stack last sent anything: while its SYN,ACK waits for room, text may
    /// have been taken already.
    pub unanswered: Spans,
    /// Non-RST segments of the peer in all.
    pub arrivals: u32,
    /// RST segments of the stack in all.
    pub resets: u32,
}

/// All connections of one stack.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    connections: Vec<Connection>,
}

impl Ledger {
    /// Forgets everything, keeps the room.
    pub fn reset(&mut self) {
        self.connections.clear();
    }

    /// Every tuple, in the order in which they first showed.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Where a tuple stands in [`Ledger::connections`].
    pub fn position(&self, tuple: &Tuple) -> Option<usize> {
        self.connections.iter().position(|c| c.tuple == *tuple)
    }

    /// Everything about a tuple.
    pub fn connection(&self, tuple: &Tuple) -> Option<&Connection> {
        self.connections.iter().find(|c| c.tuple == *tuple)
    }

    /// The present incarnation of a tuple.
    pub fn now(&self, tuple: &Tuple) -> Option<&Incarnation> {
        self.connection(tuple)?.now.as_ref()
    }

    /// Files a packet with a right checksum; returns where its tuple stands.
    pub fn packet(&mut self, at: Instant, direction: Direction, segment: &Segment<'_>) -> usize {
        let tuple = Tuple::of(direction, segment);
        let position = self.place(tuple);
        match direction {
            Direction::ToStack => self.connections[position].peer_sends(at, segment),
            Direction::FromStack => self.connections[position].stack_sends(at, segment),
        }
        position
    }

    /// Where a tuple stands, new ones at the end.
    pub(crate) fn place(&mut self, tuple: Tuple) -> usize {
        self.position(&tuple).unwrap_or_else(|| {
            self.connections.push(Connection::new(tuple));
            self.connections.len() - 1
        })
    }
}

impl Connection {
    fn new(tuple: Tuple) -> Connection {
        Connection {
            tuple,
            now: None,
            before: None,
            closed: None,
            offers: ArrayVec::new(),
            unanswered: Spans::default(),
            arrivals: 0,
            resets: 0,
        }
    }

    /// The SYN that the stack took, when it has said so.
    pub fn taken_offer(&self) -> Option<&Offer> {
        let irs = self.now.as_ref()?.peer.iss?;
        self.offers.iter().find(|o| o.seq == irs)
    }

    /// Whether windows are scaled in the present incarnation.
    pub fn scaling(&self) -> Scaling {
        let Some(now) = &self.now else { return Scaling::Off };
        let Some(offer) = self.taken_offer() else { return Scaling::Off };
        match (now.stack.scale, offer.scale) {
            (Some(_), _) if now.scale_offered && offer.mixed => Scaling::Unsure,
            (Some(stack), Some(peer)) if now.scale_offered => Scaling::On { stack, peer },
            _ => Scaling::Off,
        }
    }

    /// The largest shift by which a stack may read the peer's windows.
    fn peer_shift(&self) -> u8 {
        let unnamed = self.now.as_ref().filter(|now| now.peer.iss.is_none() && now.scale_offered);
        match self.scaling() {
            // The stack has not said yet which SYN it took.
            Scaling::Off if unnamed.is_some() => {
                self.offers.iter().filter_map(|o| o.scale).max().unwrap_or(0)
            }
            Scaling::Off => 0,
            Scaling::On { peer, .. } => peer,
            Scaling::Unsure => self.taken_offer().and_then(|o| o.scale).unwrap_or(0),
        }
    }

    fn peer_sends(&mut self, at: Instant, segment: &Segment<'_>) {
        let h = &segment.header;
        if h.flags.rst() {
            if let Some(now) = &mut self.now {
                now.take_reset(at, segment);
            }
            return;
        }
        self.arrivals += 1;
        self.unanswered.add(h.seq, segment.end());
        if h.flags.syn() && !self.now.as_ref().is_some_and(|now| now.refuses_in_syn_sent(segment)) {
            let taken = self.now.as_ref().and_then(|now| now.peer.iss);
            Offer::file(&mut self.offers, segment, taken);
        }
        let shift = if h.flags.syn() { 0 } else { self.peer_shift() };
        // Another SYN came before, which the stack may have taken: it has had no room to say so.
        let crossed = self.offers.iter().any(|o| o.seq != h.seq);
        let Some(now) = &mut self.now else { return };
        // A SYN,ACK that must be taken names the peer's ISN before the stack has answered.
        let taken = now.peer.iss.is_none()
            && !crossed
            && h.flags.syn()
            && h.flags.ack()
            && !h.flags.fin()
            && now.snd_una() == now.iss()
            && now.stack.nxt == Some(h.ack)
            && segment.text.is_empty()
            && is_sound(segment);
        now.take_arrival(at, segment, shift, crossed);
        if taken {
            self.take_offer(h.seq);
        }
    }

    fn stack_sends(&mut self, at: Instant, segment: &Segment<'_>) {
        let h = &segment.header;
        if self.begins_anew(segment) {
            self.begin(at, segment);
        }
        self.unanswered = Spans::default();
        if h.flags.rst() {
            self.resets += 1;
            if let Some(now) = &mut self.now {
                now.stack.rst = Some(at);
                now.stack.last = Some(at);
                now.maybe_reset = true;
            }
            return;
        }
        let Some(now) = &mut self.now else { return };
        now.stack.last = Some(at);
        // What speaks on has outlived every RST that came.
        now.maybe_reset &= h.flags.syn();
        if h.flags.syn() {
            now.active |= !h.flags.ack();
            let own = Offer::of(segment);
            now.stack.scale = own.scale.or(now.stack.scale);
            now.scale_offered = own.scale.is_some();
            now.stack.mss = own.mss.or(now.stack.mss);
        }
        now.stack.sent(segment, now.peer.edge_max);
        if !h.flags.ack() {
            // The window of a SYN has no number to stand on before the peer's SYN is known.
            return;
        }
        if now.peer.iss.is_none() {
            let delivered = now.delivered;
            if let Some(irs) = self.acknowledged_syn(h.ack, &delivered) {
                self.take_offer(irs);
            }
        }
        let scaling = self.scaling();
        let Some(now) = &mut self.now else { return };
        // An acknowledgment of what never arrived counts for nothing.
        let believed = |acked: SeqNum| {
            let end = now.delivered.end_from(acked);
            if h.ack.is_at_or_before(end) { acked.max(h.ack) } else { acked }
        };
        now.peer.acked = now.peer.acked.map(believed);
        let shift = match scaling {
            Scaling::On { stack, .. } if !h.flags.syn() => stack,
            _ => 0,
        };
        let open_ended = h.flags.syn() && h.window == u16::MAX && now.scale_offered;
        now.stack.advertise(h.ack.add(u32::from(h.window) << shift), open_ended);
    }

    /// The SYN that this acknowledges, alone or with what came behind it. Where several may be meant nobody knows.
    fn acknowledged_syn(&self, ack: SeqNum, delivered: &Spans) -> Option<SeqNum> {
        let reaches =
            |o: &&Offer| o.seq.is_before(ack) && ack.is_at_or_before(delivered.end_from(o.seq).max(o.end));
        let mut meant = self.offers.iter().filter(reaches);
        if let Some(one) = meant.next() {
            return meant.next().is_none().then_some(one.seq);
        }
        // Where there were more SYNs than are kept, it may be one that is forgotten.
        let mut latest_first = self.offers.iter().rev().map(|o| o.seq);
        latest_first.find(|s| s.is_before(ack)).filter(|_| !self.offers.is_full())
    }

    /// Whether this is a SYN of the stack and the first of a new life: its ISS is another, or it
    /// acknowledges another SYN than the one taken.
    pub(crate) fn begins_anew(&self, segment: &Segment<'_>) -> bool {
        let h = &segment.header;
        if !h.flags.syn() || h.flags.rst() {
            return false;
        }
        let Some(now) = &self.now else { return true };
        if now.stack.iss != Some(h.seq) {
            return true;
        }
        let other_syn = |o: &Offer| Some(o.seq) != now.peer.iss && o.seq.add(1) == h.ack;
        let another = h.flags.ack() && now.peer.iss.is_some() && self.offers.iter().any(other_syn);
        another && !now.may_repeat_syn(h.ack)
    }

    fn begin(&mut self, at: Instant, segment: &Segment<'_>) {
        // What never came to be does not hide the connection in TIME-WAIT that it was to replace (3.6.1, MAY-2).
        let replaced = self.now.take();
        let stillborn = replaced.is_some_and(|now| !now.maybe_established);
        if !(stillborn && self.before.as_ref().is_some_and(Incarnation::both_closed)) {
            self.before = replaced.or(self.before);
        }
        self.closed = self.before.filter(Incarnation::both_closed).or(self.closed);
        if segment.header.flags.ack() {
            // Only the SYN that is answered matters from here on.
            let ack = segment.header.ack;
            if self.offers.iter().any(|o| o.seq.add(1) == ack) {
                self.offers.retain(|o| o.seq.add(1) == ack);
            }
        } else {
            self.offers.clear();
        }
        let mut now = Incarnation::new(at, segment.header.seq);
        for offer in &self.offers {
            now.delivered.add(offer.seq, self.unanswered.end_from(offer.seq).max(offer.end));
        }
        self.now = Some(now);
    }

    /// The stack took the SYN with this number.
    fn take_offer(&mut self, irs: SeqNum) {
        let Some(offer) = self.offers.iter().find(|o| o.seq == irs).copied() else { return };
        let Some(now) = &mut self.now else { return };
        let nxt = now.peer.nxt.map_or(offer.end, |n| n.max(offer.end));
        now.peer.iss = Some(irs);
        now.peer.nxt = Some(nxt);
        now.peer.nxt_in_window = Some(now.peer.nxt_in_window.map_or(irs.add(1), |n| n.max(irs.add(1))));
        now.peer.acked = now.peer.acked.or(Some(irs.add(1)));
        now.peer.mss = offer.mss;
        now.peer.scale = offer.scale;
        if let Some(iss) = now.stack.iss {
            now.peer.advertise(iss.add(1).add(u32::from(offer.window)), offer.open_ended());
        }
    }
}
