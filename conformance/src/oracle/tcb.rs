//! One connection as the stack may hold it: the variables of RFC 9293 3.3.1, and what the wire and the
//! calls have told about them.

use std::sync::Arc;

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Endpoint, Instant, SeqNum, State};

use crate::class::{RcvView, SndView};
use crate::oracle::context::Context;
use crate::scenario::Addr;
use crate::subject::Handle;

/// How SYN-RECEIVED (and so the connection) came about; RFC 9293 3.5, MUST-11.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Origin {
    Passive,
    Active,
}

/// Text that arrived out of order: held, or dropped (SHLD-31). Which, shows when the gap is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// First octet.
    pub start: SeqNum,
    /// After the last octet.
    pub end: SeqNum,
    /// A FIN follows at `end`.
    pub fin: bool,
}

/// How many pieces out of order are remembered. A stack need not have room for any (SHLD-31), but it may have
/// room for as many as the window holds: with more pieces than these, what it
/// acknowledges tells what it kept.
pub const HELD_MAX: usize = 48;
/// The most places at which the stream of a peer that contradicts itself may end.
pub const ENDS_MAX: usize = 6;

/// The remembered pieces in the order in which they came. Most connections never have any, and readings are
/// copied all the time: so they stand apart, and copies share them until one changes.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Pieces(Option<Arc<Vec<Held>>>);

impl Pieces {
    /// None.
    pub const NONE: Pieces = Pieces(None);

    /// All of them.
    pub fn as_slice(&self) -> &[Held] {
        self.0.as_ref().map_or(&[], |all| all.as_slice())
    }

    /// One more; where there is no room for it, what is left out. That is never a FIN while there is text to leave
    /// out: a FIN says what no acknowledgment tells.
    pub fn push(&mut self, piece: Held) -> Option<Held> {
        let all = Arc::make_mut(self.0.get_or_insert_default());
        if all.len() < HELD_MAX {
            all.push(piece);
            return None;
        }
        let text = all.iter_mut().rev().find(|known| piece.fin && !known.fin);
        Some(text.map_or(piece, |text| core::mem::replace(text, piece)))
    }

    /// Where the pieces that follow `from` without a gap end: each place once, none beyond `edge`.
    pub fn ends_behind(&self, from: SeqNum, edge: SeqNum) -> ArrayVec<SeqNum, ENDS_MAX> {
        let mut ends: ArrayVec<SeqNum, ENDS_MAX> = ArrayVec::new();
        let follows = |ends: &[SeqNum], h: &Held| {
            let end = h.end.min(edge);
            let reached = |to: SeqNum| h.start.is_at_or_before(to);
            let begins = reached(from) || ends.iter().any(|end| reached(*end));
            (begins && end.is_after(from) && !ends.contains(&end)).then_some(end)
        };
        while let Some(end) = self.as_slice().iter().find_map(|h| follows(&ends, h)) {
            if ends.try_push(end).is_err() {
                break;
            }
        }
        ends
    }

    /// Forgets those that do not fit.
    pub fn retain(&mut self, fits: impl Fn(&Held) -> bool) {
        let Some(all) = &mut self.0 else { return };
        if !all.iter().all(&fits) {
            Arc::make_mut(all).retain(fits);
        }
        if all.is_empty() {
            self.0 = None;
        }
    }
}

/// What a connection that reopened TIME-WAIT must remember to go back there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Before {
    /// SND.NXT.
    pub nxt: SeqNum,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// The largest SND.WND.
    pub max_wnd: u32,
    /// When the 2 MSL timer started at the earliest.
    pub since: Instant,
}

/// One connection, or one listener.
#[derive(Clone, PartialEq, Debug)]
pub struct Tcb {
    /// The scenario's name for it.
    pub handle: Handle,
    /// The stack's port.
    pub port: u16,
    /// The other end; `None` in LISTEN.
    pub remote: Option<Endpoint>,
    /// The state.
    pub state: State,
    /// Passive or active.
    pub origin: Origin,
    /// The user knows it by `handle` (a forked connection is unknown before Accept).
    pub accepted_by_user: bool,
    /// ACCEPT has named it: it is no listener's any more.
    pub handed_over: bool,

    /// ISS, once a SYN has shown it.
    pub iss: Option<SeqNum>,
    /// SND.UNA.
    pub una: SeqNum,
    /// The highest number sent plus one.
    pub nxt: SeqNum,
    /// SND.WND in octets.
    pub wnd: u32,
    /// SND.WL1.
    pub wl1: SeqNum,
    /// SND.WL2.
    pub wl2: SeqNum,
    /// The largest SND.WND so far.
    pub max_wnd: u32,
    /// The largest right edge the peer ever advertised.
    pub snd_edge: SeqNum,
    /// The shift the peer offered.
    pub peer_scale: Option<u8>,
    /// The shift the stack offered.
    pub own_scale: Option<u8>,
    /// The peer's MSS option, or the default.
    pub peer_mss: u16,
    /// Octets that SEND accepted.
    pub accepted: u32,
    /// CLOSE was called: a FIN follows the queued text.
    pub fin_wanted: bool,
    /// It was CLOSE, not only the sending direction: the user may be unable to read (MAY-1).
    pub user_gone: bool,
    /// The FIN was sent; `nxt` is the number after it.
    pub fin_sent: bool,
    /// Something was sent again, or a window was probed: an ACK's SEQ may be SND.UNA.
    pub resent: bool,

    /// IRS, once a SYN has told it.
    pub irs: Option<SeqNum>,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// RCV.NXT when the stack was last quiet: ACKs between there and now are on their way.
    pub rcv_settled: SeqNum,
    /// The acknowledgment last sent.
    pub told: SeqNum,
    /// The right edge last advertised.
    pub edge_now: SeqNum,
    /// The largest right edge ever advertised.
    pub edge_max: SeqNum,
    /// An edge was advertised at all.
    pub edge_known: bool,
    /// Pieces out of order.
    pub held: Pieces,
    /// More pieces came than are remembered: so far they reach, and whether a FIN follows there.
    pub unremembered: Option<Held>,
    /// Octets handed to the user.
    pub read: u32,
    /// `read` when a window was last advertised.
    pub read_then: u32,
    /// There was no room when the stack was quiet last: what leaves next may have been made before it was read.
    pub was_full: bool,
    /// From here to RCV.NXT is text that came after a RECEIVE and before a window was told: how far it was
    /// taken, the stack's next acknowledgment says.
    pub untold: Option<SeqNum>,
    /// The peer's FIN was taken; RCV.NXT is the number after it.
    pub fin_taken: bool,

    /// Since when the oldest unacknowledged octet waits for an answer or for being sent again.
    pub waiting_since: Instant,
    /// Since when nothing was acknowledged although something is in flight.
    pub unanswered_since: Instant,
    /// The last instant at which it had nothing in flight and no room to send anything.
    pub barred: Instant,
    /// Since when the user waits for what it submitted (RFC 9293 3.9.1.1, the timeout of OPEN).
    pub submitted_since: Option<Instant>,
    /// When the last segment came for it.
    pub heard: Instant,
    /// The newest TSval that came.
    pub tsval: Option<u32>,
    /// Since when something may leave and has not.
    pub idle_since: Option<Instant>,
    /// What may leave should have left at that instant (neither Nagle nor silly-window avoidance holds it).
    pub prompt: bool,
    /// Since when the window is zero with something waiting.
    pub shut_since: Option<Instant>,
    /// TIME-WAIT: the earliest start of the 2 MSL timer that is allowed, and the latest.
    pub time_wait: Option<(Instant, Instant)>,
    /// The incarnation before this one, which was in TIME-WAIT (RFC 9293 3.6.1).
    pub before: Option<Before>,
}

impl Tcb {
    /// The newest of the peer's timestamps, modulo 2^32.
    pub fn take_timestamp(&mut self, came: Option<u32>) {
        let newer = |old: u32, new: u32| if (new.wrapping_sub(old) as i32) > 0 { new } else { old };
        self.tsval = self.tsval.zip(came).map(|(old, new)| newer(old, new)).or(self.tsval).or(came);
    }

    /// A listener or a fresh active opener.
    pub fn new(handle: Handle, port: u16, state: State, origin: Origin, now: Instant) -> Tcb {
        let zero = SeqNum::new(0);
        Tcb {
            handle,
            port,
            remote: None,
            state,
            origin,
            accepted_by_user: true,
            handed_over: false,
            iss: None,
            una: zero,
            nxt: zero,
            wnd: 0,
            wl1: zero,
            wl2: zero,
            max_wnd: 0,
            snd_edge: zero,
            peer_scale: None,
            own_scale: None,
            peer_mss: 536,
            accepted: 0,
            fin_wanted: false,
            user_gone: false,
            fin_sent: false,
            resent: false,
            irs: None,
            rcv_nxt: zero,
            rcv_settled: zero,
            told: zero,
            edge_now: zero,
            edge_max: zero,
            edge_known: false,
            held: Pieces::NONE,
            unremembered: None,
            read: 0,
            read_then: 0,
            was_full: false,
            untold: None,
            fin_taken: false,
            waiting_since: now,
            unanswered_since: now,
            barred: now,
            submitted_since: None,
            heard: now,
            tsval: None,
            idle_since: None,
            prompt: false,
            shut_since: None,
            time_wait: None,
            before: None,
        }
    }

    /// SND.NXT after all that the user wants to send, without the FIN.
    pub fn queue_end(&self) -> SeqNum {
        self.first_octet().add(self.accepted)
    }

    /// The number of the first octet of text: ISS+1.
    pub fn first_octet(&self) -> SeqNum {
        self.iss.unwrap_or(self.una).add(1)
    }

    /// The number after the FIN, when it was sent.
    pub fn fin_end(&self) -> Option<SeqNum> {
        self.fin_sent.then_some(self.nxt)
    }

    /// Window scaling was agreed (RFC 7323 2.2: both SYNs had the option).
    pub fn scaled(&self) -> bool {
        self.peer_scale.is_some() && self.own_scale.is_some()
    }

    /// A window field of the peer in octets.
    pub fn peer_window(&self, field: u16, syn: bool) -> u32 {
        let shift = if syn || !self.scaled() { 0 } else { self.peer_scale.unwrap_or(0).min(14) };
        u32::from(field) << shift
    }

    /// A window field of the stack in octets.
    pub fn own_window(&self, field: u16, syn: bool) -> u32 {
        let shift = if syn || !self.scaled() { 0 } else { self.own_scale.unwrap_or(0).min(14) };
        u32::from(field) << shift
    }

    /// The send side as classes see it.
    pub fn snd(&self) -> SndView {
        SndView {
            iss: self.iss.unwrap_or(self.una),
            una: self.una,
            nxt: self.nxt,
            max_wnd: self.max_wnd,
            fin_end: self.fin_end(),
        }
    }

    /// The receive side with a given edge.
    pub fn rcv(&self, edge: SeqNum) -> RcvView {
        RcvView { nxt: self.rcv_nxt, edge }
    }

    /// Text octets received in order.
    pub fn received(&self) -> u32 {
        let Some(irs) = self.irs else { return 0 };
        self.rcv_nxt.steps_from(irs.add(1)).wrapping_sub(u32::from(self.fin_taken))
    }

    /// Received and not handed to the user.
    pub fn unread(&self) -> u32 {
        self.received().saturating_sub(self.read)
    }

    /// Something is sent and not acknowledged.
    pub fn in_flight(&self) -> bool {
        self.una != self.nxt
    }

    /// Text waits to be sent for the first time.
    pub fn unsent(&self) -> u32 {
        if self.fin_sent { 0 } else { self.queue_end().diff(self.nxt).max(0) as u32 }
    }

    /// SND.UNA + SND.WND - SND.NXT, never negative.
    pub fn usable(&self) -> u32 {
        self.una.add(self.wnd).diff(self.nxt).max(0) as u32
    }

    /// The user timeout or R2 may have ended it: something waited for an answer longer than `r2`.
    pub fn may_have_given_up(&self, now: Instant, (r2, forced): (Duration, bool)) -> bool {
        let submitted = self.submitted_since.filter(|_| forced);
        let waits = self.in_flight() && (self.resent || forced) || self.shut_since.is_some();
        let since = [submitted, waits.then_some(self.unanswered_since)].into_iter().flatten().min();
        since.is_some_and(|since| now.since(since) >= r2) && self.state != State::Listen
    }

    /// Keep-alives that nobody answers may end an idle connection (3.8.4; one of them is not enough).
    pub fn keep_alive_may_end(&self, ctx: &Context<'_>) -> bool {
        let idle = |interval: Duration| ctx.now.since(self.heard) >= interval.times(2);
        self.state.is_synchronized() && ctx.setup.keep_alive.is_some_and(idle)
    }

    /// Whether a segment between these two sockets is for this connection.
    pub fn is_between(&self, port: u16, remote: Endpoint) -> bool {
        self.port == port && self.remote == Some(remote)
    }
}

/// Whether an address can be a TCP peer of the stack: unicast and not the stack's own.
pub fn is_possible_peer(addr: Addr) -> bool {
    matches!(addr, Addr::Peer(_) | Addr::Elsewhere)
}
