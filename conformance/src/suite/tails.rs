//! What follows the event under test: the same event three ways, because a stack cannot be forked.

use lastack_core::types::{Flags, State};

use super::events::{FREE_HANDLE_2, Times};
use crate::reach::{GAP, Origin, TEXT, Way};
use crate::scenario::build::*;
use crate::scenario::{Event, Num, STACK_PORT, ScriptCall, Size};
use crate::subject::Handle;

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tail {
    /// Questions whose answers show state and numbers.
    Probes,
    /// Nothing, for longer than any obligation.
    Silent,
    /// Data both ways and a close.
    Friendly,
    /// SEND, and nothing else (histories only).
    Send,
}

impl Tail {
    /// The three that every cell is run with.
    pub const OF_CELLS: [Tail; 3] = [Tail::Probes, Tail::Silent, Tail::Friendly];
    /// The three that histories are run with.
    pub const OF_HISTORIES: [Tail; 3] = [Tail::Silent, Tail::Friendly, Tail::Send];

    const NAMES: [(Tail, &'static str); 4] = [
        (Tail::Probes, "probes"),
        (Tail::Silent, "silent"),
        (Tail::Friendly, "friendly"),
        (Tail::Send, "send"),
    ];

    /// In print.
    pub fn name(self) -> &'static str {
        super::name_of(&Tail::NAMES, self)
    }

    /// The tail with this name.
    pub fn from_name(name: &str) -> Option<Tail> {
        super::by_name(&Tail::NAMES, name)
    }

    /// Its events, after a way under a receive buffer of so many octets and events that did this.
    pub fn events(self, way: &Way, buffer: u32, before: Before, times: Times) -> Vec<Event> {
        match self {
            Tail::Probes => probes(way, before.ends),
            Tail::Silent => silent(way, times),
            Tail::Friendly => friendly(way, buffer, before.peer, times),
            Tail::Send => send_only(way),
        }
    }
}

/// What the peer of the main connection has sent, so that it can go on as an honest peer would.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeerSide {
    /// Its FIN was taken.
    pub fin: bool,
    /// Octets from RCV.NXT to the end of text beyond a gap; 0 where there is no gap.
    pub ahead: u16,
    /// Its FIN stands behind that text.
    pub fin_ahead: bool,
}

impl PeerSide {
    /// At the end of a way.
    pub const fn of(way: &Way) -> PeerSide {
        PeerSide { fin: way.peer_fin, ahead: way.peer_ahead, fin_ahead: way.peer_fin_ahead }
    }

    /// The peer fills the gap, if there is one.
    pub const fn fill_gap(&mut self) {
        self.ahead = self.ahead.saturating_sub(GAP + TEXT);
        if self.ahead == 0 {
            self.fin |= self.fin_ahead;
            self.fin_ahead = false;
        }
    }
}

/// What the events between way and tail did, by the RFC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Before {
    /// Where the peer stands.
    pub peer: PeerSide,
    /// They may have ended the connection.
    pub ends: bool,
}

/// Longer than an acknowledgment may be delayed, shorter than the first retransmission timeout.
pub(super) const ACK_DUE_MS: u64 = 600;
/// Longer than challenge ACKs may be withheld after one was sent (RFC 5961 7).
const THROTTLE_MS: u64 = 5_100;
/// Longer than two retransmission timeouts of 64 s.
pub(super) const SILENCE_MS: u64 = 130_000;
/// Longer than 2 MSL of RFC 9293 and than R2 of a stack that does not say its own.
pub(super) const LONG_SILENCE_MS: u64 = 300_000;
/// A SYN of a peer that begins anew, beyond any window.
const NEW_SYN: i32 = 1 << 22;

/// One old octet, with a right ACK. It is unacceptable wherever there is a connection, so its answer shows
/// SND.NXT and RCV.NXT; CLOSED and LISTEN answer by a RST, SYN-SENT by silence.
///
/// The ACK is the oldest one that is right: of what is in flight nothing is acknowledged. Where the SYN is
/// in flight, SND.UNA would be a bad ACK and earn a RST.
pub(super) fn probe(way: &Way) -> Event {
    seg(Flags::ACK).seq(RCV_NXT.minus(1)).ack(known_ack(way)).text(1).event()
}

fn known_ack(way: &Way) -> Num {
    if way.state.is_synchronized() { SND_UNA } else { SND_NXT }
}

fn probes(way: &Way, ends: bool) -> Vec<Event> {
    let mut events = vec![
        wait_millis(ACK_DUE_MS),
        probe(way),
        wait_millis(ACK_DUE_MS),
        call(way.handle, ScriptCall::Status),
        call(way.handle, receive(65_535)),
    ];
    if way.state != State::Listen {
        events.push(call(way.handle, send(1)));
    }
    events.push(wait_millis(THROTTLE_MS));
    if ends || matches!(way.state, State::Closed | State::Listen) {
        // Who is there now? CLOSED resets it, LISTEN answers it, a connection challenges it. Where the
        // connection lives on for certain it would say nothing new.
        events.extend([
            syn().seq(RCV_NXT.plus(NEW_SYN)).event(),
            wait_millis(ACK_DUE_MS),
            call(way.handle, ScriptCall::Status),
        ]);
    }
    events.extend([probe(way), wait_millis(ACK_DUE_MS)]);
    events
}

fn silent(way: &Way, times: Times) -> Vec<Event> {
    let long = times.two_msl.micros().max(times.r2.micros()).saturating_add(1_000_000);
    vec![
        wait_millis(SILENCE_MS),
        wait_micros(long.max(LONG_SILENCE_MS * 1_000)),
        probe(way),
        wait_millis(ACK_DUE_MS),
        call(way.handle, ScriptCall::Status),
    ]
}

fn send_only(way: &Way) -> Vec<Event> {
    vec![
        room(255),
        call(way.handle, send(5)),
        wait_millis(SILENCE_MS),
        probe(way),
        wait_millis(ACK_DUE_MS),
        call(way.handle, ScriptCall::Status),
    ]
}

fn friendly(way: &Way, buffer: u32, mut peer: PeerSide, times: Times) -> Vec<Event> {
    let (mut events, handle) = handshake(way);
    events.extend([wait_millis(ACK_DUE_MS), ack().event()]);
    while peer.ahead > 0 {
        events.extend([seg(Flags::PSH | Flags::ACK).text(GAP).event(), wait_millis(ACK_DUE_MS)]);
        peer.fill_gap();
    }
    if !peer.fin {
        events.extend([
            // Before text comes, so that no window is asked for that holds less than half the buffer (MUST-39).
            call(handle, receive(65_535)),
            seg(Flags::PSH | Flags::ACK).text(5).event(),
            wait_millis(ACK_DUE_MS),
            // As much as the window takes, at most one segment.
            seg(Flags::PSH | Flags::ACK).size(fill(buffer)).event(),
            call(handle, receive(65_535)),
            wait_millis(ACK_DUE_MS),
        ]);
    }
    events.extend([
        call(handle, send(5)),
        wait_millis(ACK_DUE_MS),
        ack().event(),
        call(handle, ScriptCall::Close),
        wait_millis(ACK_DUE_MS),
        ack().event(),
    ]);
    if !peer.fin {
        events.push(seg(Flags::FIN | Flags::ACK).event());
    }
    events.extend([
        wait_millis(ACK_DUE_MS),
        ack().event(),
        call(handle, ScriptCall::Status),
        probe(way),
        wait_micros(times.two_msl.micros().saturating_add(1_000_000)),
        probe(way),
        wait_millis(ACK_DUE_MS),
    ]);
    events
}

fn fill(buffer: u32) -> Size {
    if buffer <= 1_460 { Size::Window(0) } else { Size::Octets(5) }
}

/// What leads to a connection from states that have none yet, and the connection's handle.
fn handshake(way: &Way) -> (Vec<Event>, Handle) {
    let own = way.handle;
    let new = FREE_HANDLE_2;
    let syn_ack = || seg(Flags::SYN | Flags::ACK).seq(IRS).mss(1_460).event();
    let listener = way.listener.unwrap_or(own);
    match (way.state, way.origin) {
        (State::Closed, _) => (vec![wait_millis(ACK_DUE_MS), call(new, connect(STACK_PORT)), syn_ack()], new),
        (State::Listen, _) => {
            (vec![wait_millis(ACK_DUE_MS), syn().event(), ack().event(), call(listener, accept(new))], new)
        }
        (State::SynSent, _) => (vec![syn_ack()], own),
        (State::SynReceived, Origin::Passive) => {
            (vec![wait_millis(ACK_DUE_MS), ack().event(), call(listener, accept(new))], new)
        }
        _ => (Vec::new(), own),
    }
}
