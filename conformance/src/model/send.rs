//! What leaves: what is owed first, then what the windows let go (RFC 9293 3.7.4, 3.8.6.2.1, 3.10).

use lastack_core::types::{Flags, Header, Instant, Segment, SeqNum, State, wire};

use super::config::Config;
use super::edition::Habit;
use super::host::Host;
use super::tcb::{Due, Tcb};
use crate::subject::{Packets, stack_addr};
use crate::table::TimerKind;

/// A segment about to leave.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Leaving {
    flags: Flags,
    seq: SeqNum,
    text: Vec<u8>,
}

impl Leaving {
    /// The number after its text and FIN.
    pub fn end(&self) -> SeqNum {
        self.seq.add(self.text.len() as u32 + u32::from(self.flags.fin()))
    }
}

impl Host {
    /// Sends one packet; false when nothing is left to be sent.
    pub fn send_one(&mut self, config: &Config, out: &mut Packets) -> bool {
        let Some((header, text)) = self.next_segment(config) else { return false };
        push(out, &Segment { header, text: &text });
        true
    }

    /// The next segment that leaves: its header and its text.
    pub fn next_segment(&mut self, config: &Config) -> Option<(Header, Vec<u8>)> {
        let local = |port| lastack_core::types::Endpoint { addr: stack_addr(config.setup.ip), port };
        if !self.plain.is_empty() {
            let p = self.plain.remove(0);
            return Some((Header::new(local(p.port), p.remote, p.flags, p.seq, p.ack), Vec::new()));
        }
        for tcb in &mut self.tcbs {
            let Some(leaving) = tcb.next(config, self.now) else { continue };
            let Some(remote) = tcb.remote else { continue };
            let due = core::mem::take(&mut tcb.due);
            tcb.due =
                Due { again: due.again, probe: due.probe, text: due.text, forced: due.forced, ..tcb.due };
            let flags = Flags::from_bits(leaving.flags.bits() ^ due.skew.flags.bits());
            let ack = if leaving.flags.ack() { tcb.rcv_nxt } else { SeqNum::new(0) };
            let (seq, ack) = (leaving.seq.offset(due.skew.seq), ack.offset(due.skew.ack));
            let mut header = Header::new(local(tcb.port), remote, flags, seq, ack);
            let first = super::arrive::first_window(config);
            let window = if tcb.irs.is_some() { tcb.window() } else { first };
            header.window = window.min(u32::from(u16::MAX)) as u16;
            if leaving.flags.syn() {
                let options = wire::OptionsBuilder::new().mss(config.mss()).build();
                header.options = options.unwrap_or_default();
            }
            tcb.ack_at = None;
            return Some((header, leaving.text));
        }
        None
    }
}

/// Addresses are of one version and the text fits the MTU, so nothing can be wrong with it.
fn push(out: &mut Packets, segment: &Segment<'_>) {
    out.push_with(|octets| {
        let written = wire::emit(segment, octets);
        assert!(written.is_ok(), "{written:?}");
    });
}

impl Tcb {
    /// The next segment of the connection, and what its leaving changes.
    fn next(&mut self, config: &Config, now: Instant) -> Option<Leaving> {
        if self.state == State::Listen {
            return None;
        }
        if self.due.syn {
            self.due.syn = false;
            return Some(self.syn(config, now));
        }
        if core::mem::take(&mut self.due.again) && self.in_flight() {
            return Some(if self.una == self.iss { self.syn(config, now) } else { self.front(config) });
        }
        if core::mem::take(&mut self.due.probe) && self.waits() && !self.in_flight() {
            return Some(self.new_text(1, config, now));
        }
        if self.due.keep_alive && !self.in_flight() {
            return Some(Leaving { flags: Flags::ACK, seq: self.nxt.sub(1), text: Vec::new() });
        }
        if self.due.text {
            if let Some(octets) = self.may_leave(config) {
                return Some(self.new_text(octets, config, now));
            }
            self.due.text = false;
            self.due.forced = false;
        }
        self.due.ack.then(|| Leaving { flags: Flags::ACK, seq: self.nxt, text: Vec::new() })
    }

    /// SYN, or SYN,ACK once IRS is known.
    fn syn(&mut self, config: &Config, now: Instant) -> Leaving {
        let flags = if self.irs.is_some() { Flags::SYN | Flags::ACK } else { Flags::SYN };
        if !self.in_flight() {
            self.nxt = self.iss.add(1);
            self.start_flight(config, now);
        }
        if flags.ack() && config.has(Habit::TrustsSynAck) {
            self.una = self.nxt;
        }
        Leaving { flags, seq: self.iss, text: Vec::new() }
    }

    /// The front of the retransmission queue: at most one full segment, with the FIN where it follows. Only what is
    /// acknowledged entirely leaves the queue (RFC 9293 3.10.7.4, fifth), so that what was sent again once goes
    /// whole the next time, too.
    fn front(&mut self, config: &Config) -> Leaving {
        let partly = |again: &Leaving| again.seq.is_before(self.una) && again.end().is_after(self.una);
        if let Some(whole) = self.again.clone().filter(partly) {
            return whole;
        }
        let front = self.new_front(config);
        self.again = Some(front.clone());
        front
    }

    fn new_front(&self, config: &Config) -> Leaving {
        let start = self.queue_start();
        let text_end = if self.fin_sent { self.nxt.sub(1) } else { self.nxt };
        let sent = text_end.diff(start).max(0) as u32;
        let octets = sent.min(self.mss(config));
        let fin = self.fin_sent && octets == sent;
        Leaving { flags: flags(octets, fin), seq: start, text: self.queue[..octets as usize].to_vec() }
    }

    /// New text, and the FIN where it follows.
    fn new_text(&mut self, octets: u32, config: &Config, now: Instant) -> Leaving {
        let octets = octets.min(self.unsent());
        let at = self.nxt.diff(self.queue_start()).max(0) as usize;
        let text = self.queue[at..at + octets as usize].to_vec();
        let probes = self.wnd == 0;
        let fin = self.fin_waits()
            && octets == self.unsent()
            && !config.has(Habit::HoldsFin)
            && (!probes || octets == 0);
        let seq = self.nxt;
        if !self.in_flight() {
            self.nxt = self.nxt.add(octets + u32::from(fin));
            if !probes && self.tries > 0 {
                // Silly-window avoidance waited with the timer; that measures nothing.
                self.rto = if self.sent_again.is_none() { self.first_rto(config) } else { self.rto };
                self.tries = 0;
            }
            self.start_flight(config, now);
        } else {
            self.nxt = self.nxt.add(octets + u32::from(fin));
        }
        self.fin_sent |= fin;
        if config.has(Habit::TrustsText) {
            self.queue.drain(..at + octets as usize);
            self.una = self.nxt.sub(u32::from(fin));
        }
        Leaving { flags: flags(octets, fin), seq, text }
    }

    /// The retransmission timer starts with what it waits for (RFC 6298 5.1).
    fn start_flight(&mut self, config: &Config, now: Instant) {
        let span = config.span(self.state, TimerKind::Retransmission, self.rto);
        self.rto_at = span.map(|span| now + span);
        self.waits_since = self.waits_since.filter(|_| self.waits_before_flight()).or(Some(now));
    }

    /// R2 counts from the first transmission (RFC 9293 3.8.3), or from where a closed window keeps text back; a
    /// user timeout counts from the call (3.9.1.1).
    pub(super) const fn waits_before_flight(&self) -> bool {
        self.wnd == 0 || self.user_timeout.is_some()
    }

    /// Octets of new text that may leave now; `Some(0)` is the FIN alone.
    fn may_leave(&self, config: &Config) -> Option<u32> {
        let acked = self.una != self.iss && self.irs.is_some();
        let early = self.state == State::FinWait1 && self.unsent() == 0;
        if !self.waits() || !(acked && self.state.is_synchronized() || early) || self.state == State::TimeWait
        {
            return None;
        }
        if config.has(Habit::HoldsText) && self.unsent() > 0 {
            return None;
        }
        let (unsent, usable, mss) = (self.unsent(), self.usable(), self.mss(config));
        if unsent == 0 {
            return (usable > 0 && !config.has(Habit::HoldsFin)).then_some(0);
        }
        let octets = unsent.min(usable).min(mss);
        // RFC 9293 3.8.6.2.1, MUST-38: a full segment, all that there is, half the window, or after a while
        // whatever goes; and 3.7.4, Nagle: little only with nothing in flight.
        let calm = !self.nagle || !self.in_flight();
        let silly = config.has(Habit::SendsSillySegments);
        let worth =
            silly || octets == mss || calm && (octets == unsent || octets >= self.max_wnd.div_ceil(2));
        (octets > 0 && (worth || self.due.forced)).then_some(octets)
    }

    /// Text or FIN waits to be sent for the first time.
    pub(super) fn waits(&self) -> bool {
        self.unsent() > 0 || self.fin_waits()
    }

    fn mss(&self, config: &Config) -> u32 {
        u32::from(self.peer_mss.min(config.mss()))
    }
}

fn flags(octets: u32, fin: bool) -> Flags {
    let psh = if octets > 0 { Flags::PSH } else { Flags::NONE };
    let fin = if fin { Flags::FIN } else { Flags::NONE };
    Flags::ACK | psh | fin
}
