//! One connection, or one listener: the variables of RFC 9293 3.3.1 and no more than the text needs besides.

use lastack_core::types::{Duration, Endpoint, Instant, SeqNum, State};

use super::config::Config;
use super::edition::{Habit, Skew};
use super::send::Leaving;
use crate::class::{RcvView, SndView};
use crate::subject::Handle;

/// What a connection is to send besides what its windows let go.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Due {
    /// The SYN, or SYN,ACK.
    pub syn: bool,
    /// An ACK, on whatever leaves next.
    pub ack: bool,
    /// The front of the retransmission queue.
    pub again: bool,
    /// A probe of a closed window.
    pub probe: bool,
    /// A keep-alive probe.
    pub keep_alive: bool,
    /// Something happened that may let text or FIN go.
    pub text: bool,
    /// Silly-window avoidance has waited long enough.
    pub forced: bool,
    /// What the next segment is off by.
    pub skew: Skew,
}

/// One connection, or one listener.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tcb {
    /// The user's name for it.
    pub handle: Handle,
    /// The stack's port.
    pub port: u16,
    /// The other end; `None` in LISTEN.
    pub remote: Option<Endpoint>,
    /// The state.
    pub state: State,
    /// It came from LISTEN (MUST-11).
    pub passive: bool,
    /// ACCEPT has given it to its user.
    pub handed_over: bool,

    /// ISS.
    pub iss: SeqNum,
    /// SND.UNA.
    pub una: SeqNum,
    /// SND.NXT.
    pub nxt: SeqNum,
    /// SND.WND.
    pub wnd: u32,
    /// SND.WL1.
    pub wl1: SeqNum,
    /// SND.WL2.
    pub wl2: SeqNum,
    /// The largest SND.WND so far.
    pub max_wnd: u32,
    /// The peer's MSS option, or the default.
    pub peer_mss: u16,
    /// Text from SND.UNA on: sent and not acknowledged, then not sent.
    pub queue: Vec<u8>,
    /// CLOSE was called: a FIN follows the queue.
    pub fin_wanted: bool,
    /// It was sent; SND.NXT is the number after it.
    pub fin_sent: bool,
    /// The user closed both directions.
    pub user_gone: bool,
    /// The front of the retransmission queue as it was sent again last, while not all of it is acknowledged.
    pub again: Option<Leaving>,

    /// IRS, once a SYN has told it.
    pub irs: Option<SeqNum>,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// RCV.NXT + RCV.WND, which never moves left.
    pub rcv_edge: SeqNum,
    /// Text in order that the user has not read.
    pub unread: Vec<u8>,
    /// So much of it the user was told of.
    pub readable: u32,
    /// Octets from RCV.NXT on that came out of order.
    pub ahead: Vec<Option<u8>>,
    /// The number of a FIN that came out of order.
    pub fin_ahead: Option<SeqNum>,
    /// The peer's FIN was taken.
    pub fin_taken: bool,
    /// The user was told of it.
    pub fin_told: bool,

    /// What is to be sent.
    pub due: Due,
    /// The SYN had to be sent again, and nothing else was acknowledged since.
    pub syn_resent: bool,
    /// The retransmission timer, or that of window probes when nothing is in flight.
    pub rto_at: Option<Instant>,
    /// The retransmission timeout, backed off.
    pub rto: Duration,
    /// How often the timer has fired since the last acknowledgment.
    pub tries: u8,
    /// The number behind all that a timeout sent again: its ACK measures nothing (RFC 6298 3).
    pub sent_again: Option<SeqNum>,
    /// Since when something waits for an answer.
    pub waits_since: Option<Instant>,
    /// A delayed ACK leaves then.
    pub ack_at: Option<Instant>,
    /// TIME-WAIT ends then.
    pub two_msl_at: Option<Instant>,
    /// When something was last heard, where keep-alives are wanted.
    pub heard_at: Instant,

    /// Nagle (RFC 9293 3.7.4).
    pub nagle: bool,
    /// Delayed ACKs.
    pub delays_acks: bool,
    /// The user timeout.
    pub user_timeout: Option<Duration>,
    /// The keep-alive interval.
    pub keep_alive: Option<Duration>,
}

impl Tcb {
    /// A record in `state`, without a peer.
    pub fn new(config: &Config, handle: Handle, port: u16, state: State, now: Instant) -> Tcb {
        let zero = SeqNum::new(0);
        Tcb {
            handle,
            port,
            remote: None,
            state,
            passive: false,
            handed_over: false,
            iss: zero,
            una: zero,
            nxt: zero,
            wnd: 0,
            wl1: zero,
            wl2: zero,
            max_wnd: 0,
            peer_mss: config.default_mss(),
            queue: Vec::new(),
            fin_wanted: false,
            fin_sent: false,
            user_gone: false,
            again: None,
            irs: None,
            rcv_nxt: zero,
            rcv_edge: zero,
            unread: Vec::new(),
            readable: 0,
            ahead: Vec::new(),
            fin_ahead: None,
            fin_taken: false,
            fin_told: false,
            due: Due::default(),
            syn_resent: false,
            rto_at: None,
            rto: config.rto_min,
            tries: 0,
            sent_again: None,
            waits_since: None,
            ack_at: None,
            two_msl_at: None,
            heard_at: now,
            nagle: config.setup.nagle.unwrap_or(false),
            delays_acks: config.setup.ack_delay.unwrap_or(false),
            user_timeout: config.setup.user_timeout,
            keep_alive: config.setup.keep_alive,
        }
    }

    /// The send side as classes see it.
    pub fn snd(&self) -> SndView {
        SndView {
            iss: self.iss,
            una: self.una,
            nxt: self.nxt,
            max_wnd: self.max_wnd,
            fin_end: self.fin_sent.then_some(self.nxt),
        }
    }

    /// The receive side as classes see it.
    pub const fn rcv(&self) -> RcvView {
        RcvView { nxt: self.rcv_nxt, edge: self.rcv_edge }
    }

    /// The number of the first octet in the queue.
    pub fn queue_start(&self) -> SeqNum {
        self.una.max(self.iss.add(1))
    }

    /// The number after the last octet in the queue: that of the FIN.
    pub fn queue_end(&self) -> SeqNum {
        self.queue_start().add(self.queue.len() as u32)
    }

    /// Something is sent and not acknowledged.
    pub fn in_flight(&self) -> bool {
        self.una != self.nxt
    }

    /// Octets that were never sent.
    pub fn unsent(&self) -> u32 {
        if self.fin_sent { 0 } else { self.queue_end().diff(self.nxt).max(0) as u32 }
    }

    /// The FIN is wanted and was never sent.
    pub const fn fin_waits(&self) -> bool {
        self.fin_wanted && !self.fin_sent
    }

    /// SND.UNA + SND.WND - SND.NXT, never negative.
    pub fn usable(&self) -> u32 {
        self.una.add(self.wnd).diff(self.nxt).max(0) as u32
    }

    /// SND.UNA = SEG.ACK: what is acknowledged leaves the queue (RFC 9293 3.10.7.4, step 5).
    pub fn take_ack(&mut self, ack: SeqNum, config: &Config, now: Instant) {
        if !ack.is_after(self.una) {
            return;
        }
        let text = ack.min(self.queue_end()).diff(self.queue_start()).max(0) as usize;
        self.queue.drain(..text.min(self.queue.len()));
        self.syn_resent = self.una == self.iss && self.tries > 0;
        self.una = ack;
        self.nxt = self.nxt.max(ack);
        self.tries = 0;
        self.again = self.again.take().filter(|again| again.end().is_after(ack));
        self.due.again = false;
        self.due.syn = false;
        if self.syn_resent {
            self.rto = self.first_rto(config);
            self.sent_again = None;
        } else if self.sent_again.is_none_or(|end| ack.is_after(end)) || config.has(Habit::ForgetsBackoff) {
            self.rto = config.rto_min;
            self.sent_again = None;
        }
        self.rto_at = None;
        self.waits_since = self.in_flight().then_some(now);
    }

    /// The RTO of what is sent next: nothing is measured, but three seconds it is after a SYN that had to be sent again
    /// (RFC 6298 5.7).
    pub fn first_rto(&self, config: &Config) -> Duration {
        let lost = self.syn_resent && !config.has(Habit::ForgetsLostSyn);
        if lost { config.rto_min.max(Duration::from_secs(3)) } else { config.rto_min }
    }

    /// SND.WND from a segment (RFC 9293 3.10.7.4, step 5).
    pub fn set_window(&mut self, window: u32, seq: SeqNum, ack: SeqNum) {
        if window == 0 && self.wnd > 0 && !self.in_flight() {
            // The first probe waits for one RTO from here on (RFC 9293 3.8.6.1, SHLD-29).
            self.rto_at = None;
        }
        self.wnd = window;
        self.max_wnd = self.max_wnd.max(window);
        self.wl1 = seq;
        self.wl2 = ack;
    }

    /// Puts text at its place in front of RCV.NXT, as far as the window goes; what is there already stays.
    pub fn hold(&mut self, seq: SeqNum, text: &[u8], edge: SeqNum) {
        let room = edge.diff(self.rcv_nxt).max(0) as usize;
        let at = seq.diff(self.rcv_nxt);
        let old = at.min(0).unsigned_abs() as usize;
        let start = at.max(0) as usize;
        let fits = text.len().saturating_sub(old).min(room.saturating_sub(start));
        if fits == 0 {
            return;
        }
        if self.ahead.len() < start + fits {
            self.ahead.resize(start + fits, None);
        }
        for (place, octet) in self.ahead[start..].iter_mut().zip(&text[old..old + fits]) {
            place.get_or_insert(*octet);
        }
    }

    /// RCV.NXT over all text that is there without a gap, up to a FIN that is held.
    pub fn advance(&mut self) {
        let known = self.ahead.iter().take_while(|octet| octet.is_some()).count();
        self.fin_ahead = self.fin_ahead.filter(|fin| fin.is_at_or_after(self.rcv_nxt));
        let to_fin = self.fin_ahead.map_or(usize::MAX, |fin| fin.diff(self.rcv_nxt).max(0) as usize);
        let taken = known.min(to_fin);
        // None of them is missing.
        self.unread.extend(self.ahead.drain(..taken).map(Option::unwrap_or_default));
        self.rcv_nxt = self.rcv_nxt.add(taken as u32);
    }

    /// RCV.NXT over the FIN; what was held beyond it is forgotten.
    pub fn take_fin(&mut self) {
        if !self.fin_taken {
            self.rcv_nxt = self.rcv_nxt.add(1);
            self.fin_taken = true;
            self.ahead.clear();
            self.fin_ahead = None;
            self.rcv_edge = self.rcv_edge.max(self.rcv_nxt);
        }
    }

    /// The window that a segment advertises.
    pub fn window(&self) -> u32 {
        self.rcv_edge.diff(self.rcv_nxt).max(0) as u32
    }

    /// Moves the right edge as far as the buffer and the header's field let it, if that is worth a segment
    /// (RFC 9293 3.8.6.2.2, MUST-39). True when it moved.
    pub fn open_window(&mut self, config: &Config) -> bool {
        let buffer = config.setup.recv_buffer;
        let free = buffer.saturating_sub(self.unread.len() as u32).min(u32::from(u16::MAX));
        let edge = self.rcv_nxt.add(free);
        let more = edge.diff(self.rcv_edge);
        let worth = (buffer / 2).min(u32::from(config.mss())).max(1);
        let useful = if config.has(Habit::TellsSillyWindows) { 1 } else { worth };
        let moves =
            more > 0 && more as u32 >= useful && !self.fin_taken && !config.has(Habit::NoWindowUpdate);
        if moves {
            self.rcv_edge = edge;
        }
        moves
    }
}
