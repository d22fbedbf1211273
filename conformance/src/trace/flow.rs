//! What a reader of a trace wants to know about its connections and no packet says: where each end's
//! numbers begin, and in which state the scripted peer would be, were it a TCP.
//!
//! Views only: no verdict takes anything from here.

use lastack_core::types::{Endpoint, Segment, SeqNum, State, wire};

use super::line::Pair;
use super::{Direction, Happening, Trace};

/// A connection's two sockets, the stack's first.
pub(super) type Sockets = (Endpoint, Endpoint);

/// The sockets that a segment names, the stack's first.
pub(super) fn sockets(direction: Direction, segment: &Segment<'_>) -> Sockets {
    match direction {
        Direction::ToStack => (segment.header.dst, segment.header.src),
        Direction::FromStack => (segment.header.src, segment.header.dst),
    }
}

/// The sockets that most packets name; the earlier of two that are named as often.
pub(super) fn main_sockets(trace: &Trace) -> Option<Sockets> {
    let mut seen: Vec<(Sockets, usize)> = Vec::new();
    for (direction, segment) in segments(trace) {
        let sockets = sockets(direction, &segment);
        match seen.iter_mut().find(|(s, _)| *s == sockets) {
            Some((_, count)) => *count += 1,
            None => seen.push((sockets, 1)),
        }
    }
    let most = seen.iter().map(|(_, count)| *count).max()?;
    seen.into_iter().find(|(_, count)| *count == most).map(|(sockets, _)| sockets)
}

/// Every packet that can be read.
fn segments(trace: &Trace) -> impl Iterator<Item = (Direction, Segment<'_>)> {
    trace.entries().iter().filter_map(|entry| match entry.what {
        Happening::Packet { direction, .. } => Some((direction, wire::parse(trace.packet(entry)).ok()?)),
        _ => None,
    })
}

/// ISNs by connection, learnt packet by packet.
#[derive(Default)]
pub(super) struct Bases(Vec<(Sockets, Isns)>);

#[derive(Clone, Copy, Default)]
struct Isns {
    stack: Option<SeqNum>,
    peer: Option<SeqNum>,
}

impl Bases {
    /// What the two numbers of this packet are counted from; the packet itself may teach it.
    pub(super) fn of(&mut self, direction: Direction, segment: &Segment<'_>) -> Pair {
        self.of_sockets(sockets(direction, segment), direction, segment)
    }

    /// The same of a packet between these sockets, whatever it names itself.
    pub(super) fn of_sockets(
        &mut self,
        sockets: Sockets,
        direction: Direction,
        segment: &Segment<'_>,
    ) -> Pair {
        let at = match self.0.iter().position(|(s, _)| *s == sockets) {
            Some(at) => at,
            None => {
                self.0.push((sockets, Isns::default()));
                self.0.len() - 1
            }
        };
        let isns = &mut self.0[at].1;
        isns.learn(direction, segment);
        match direction {
            Direction::ToStack => Pair { seq: isns.peer, ack: isns.stack },
            Direction::FromStack => Pair { seq: isns.stack, ack: isns.peer },
        }
    }
}

impl Isns {
    /// A SYN of the stack begins an incarnation when its number is new. The peer's SYNs may be anything
    /// on purpose, so only the first one counts, and the one that the stack answers by a SYN,ACK.
    fn learn(&mut self, direction: Direction, segment: &Segment<'_>) {
        let h = &segment.header;
        if !h.flags.syn() || h.flags.rst() {
            return;
        }
        match direction {
            Direction::ToStack => {
                self.peer.get_or_insert(h.seq);
            }
            Direction::FromStack => {
                let fresh = self.stack != Some(h.seq);
                self.stack = Some(h.seq);
                if fresh && h.flags.ack() {
                    self.peer = Some(h.ack.sub(1));
                }
            }
        }
    }
}

/// The state in which a conforming TCP in the peer's place would be, as far as the wire tells. A script
/// that sends what no TCP would send leaves it where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) state: State,
    snd_nxt: SeqNum,
    rcv_nxt: SeqNum,
    /// The number after its FIN, once sent.
    fin_end: Option<SeqNum>,
}

impl Peer {
    /// Before the first packet of `sockets`: CLOSED when the peer speaks first, else LISTEN.
    pub(super) fn new(trace: &Trace, sockets: Option<Sockets>) -> Peer {
        let first = segments(trace).find(|(d, s)| Some(self::sockets(*d, s)) == sockets);
        let state = match first {
            Some((Direction::FromStack, _)) => State::Listen,
            _ => State::Closed,
        };
        Peer { state, snd_nxt: SeqNum::default(), rcv_nxt: SeqNum::default(), fin_end: None }
    }

    /// The peer sent this.
    pub(super) fn sent(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        let begins = matches!(self.state, State::Closed | State::Listen);
        if h.flags.syn() && !h.flags.rst() {
            let opens = match self.state {
                State::Closed | State::Listen => true,
                State::SynSent | State::SynReceived => h.flags.ack() && h.ack == self.rcv_nxt,
                _ => false,
            };
            if opens {
                self.state = if h.flags.ack() { State::SynReceived } else { State::SynSent };
                self.snd_nxt = segment.end();
                self.fin_end = None;
            }
            return;
        }
        if begins || h.seq != self.snd_nxt {
            return;
        }
        if h.flags.rst() {
            self.state = State::Closed;
            return;
        }
        self.snd_nxt = segment.end();
        if h.flags.fin() {
            self.fin_end = Some(segment.end());
            self.state = match self.state {
                State::Established | State::SynReceived => State::FinWait1,
                State::CloseWait => State::LastAck,
                state => state,
            };
        }
    }

    /// The peer got this.
    pub(super) fn got(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        match self.state {
            State::Closed => {}
            State::Listen | State::SynSent if h.flags.rst() => self.got_rst_early(segment),
            State::Listen => {
                if h.flags.syn() && !h.flags.ack() {
                    self.rcv_nxt = segment.end();
                    self.state = State::SynReceived;
                }
            }
            State::SynSent => self.got_in_syn_sent(segment),
            // A crossing open: the stack's SYN,ACK repeats its SYN (RFC 9293 Fig. 7, line 6).
            State::SynReceived if h.flags.syn() && h.flags.ack() && h.ack == self.snd_nxt => {
                self.state = State::Established;
            }
            _ if h.seq != self.rcv_nxt => {}
            _ if h.flags.rst() => self.state = State::Closed,
            _ => self.got_in_order(segment),
        }
    }

    fn got_rst_early(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        if self.state == State::SynSent && h.flags.ack() && h.ack == self.snd_nxt {
            self.state = State::Closed;
        }
    }

    fn got_in_syn_sent(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        if !h.flags.syn() || (h.flags.ack() && h.ack != self.snd_nxt) {
            return;
        }
        self.rcv_nxt = segment.end();
        self.state = if h.flags.ack() { State::Established } else { State::SynReceived };
    }

    fn got_in_order(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        let acks_all = h.flags.ack() && h.ack == self.snd_nxt;
        if self.state == State::SynReceived && acks_all {
            self.state = State::Established;
        }
        if acks_all && self.fin_end == Some(h.ack) {
            self.state = match self.state {
                State::FinWait1 => State::FinWait2,
                State::Closing => State::TimeWait,
                State::LastAck => State::Closed,
                state => state,
            };
        }
        self.rcv_nxt = segment.end();
        if h.flags.fin() {
            self.state = match self.state {
                State::Established => State::CloseWait,
                State::FinWait1 => State::Closing,
                State::FinWait2 => State::TimeWait,
                state => state,
            };
        }
    }
}
