//! Fired rows, executed: reply, effects, signal, next state.

use lastack_core::types::{Flags, Instant, Segment, SeqNum, State, wire};

use super::arrive::{first_window, text_start};
use super::config::Config;
use super::edition::{Habit, Row, Skew};
use super::host::{Host, Plain};
use super::tcb::Tcb;
use crate::subject::{Outcome, UserSignal};
use crate::table::rules::RuleId;
use crate::table::walk::resolve;
use crate::table::{Effect, Facts, Next, Reply, Signal, TimerKind};

/// One event being executed on one record, or on none.
pub(super) struct Run<'r> {
    pub host: &'r mut Host,
    pub config: &'r Config,
    /// The record at this index.
    pub at: Option<usize>,
    segment: Option<&'r Segment<'r>>,
    facts: Facts,
    /// Text or FIN that was held may follow.
    release: bool,
    /// What a call comes to, by the last row that said something.
    pub told: Signal,
}

impl<'r> Run<'r> {
    pub fn new(
        host: &'r mut Host,
        config: &'r Config,
        at: Option<usize>,
        segment: Option<&'r Segment<'r>>,
        facts: Facts,
    ) -> Run<'r> {
        Run { host, config, at, segment, facts, release: false, told: Signal::None }
    }

    /// One row.
    pub fn fire(&mut self, id: RuleId) {
        let config = self.config;
        let Some(row) = config.edition.row(id) else { return };
        if let Some(footprint) = &config.footprint {
            footprint.mark(id);
        }
        // A RST is built from the variables as they were, all else from what the effects make of them.
        let resets = matches!(
            row.reply,
            Reply::RstFromAck | Reply::RstZero | Reply::RstByAckBit | Reply::RstNxt | Reply::RstEither
        );
        if resets {
            self.reply(row);
        }
        for effect in &row.effects {
            self.effect(*effect);
        }
        if !resets {
            self.reply(row);
        }
        // No row of the RFC acknowledges and ends at once.
        let ends = row.reply == Reply::Ack && row.next == Next::To(State::Closed);
        if ends && config.has(Habit::AcknowledgesAtEnd) {
            self.say_last(row.skew);
        }
        self.signal(row.signal);
        let facts = self.facts;
        if let Some(tcb) = self.tcb() {
            tcb.state = resolve(row.next, tcb.state, facts);
        }
    }

    pub fn tcb(&mut self) -> Option<&mut Tcb> {
        self.at.and_then(|at| self.host.tcbs.get_mut(at))
    }

    fn now(&self) -> Instant {
        self.host.now
    }

    /// What follows from the state that was reached: the end, or what waited for it.
    pub fn finish(mut self) {
        let Some(at) = self.at else { return };
        let Some(tcb) = self.tcb() else { return };
        let (port, all_read) = (tcb.port, tcb.unread.is_empty());
        match tcb.state {
            State::Closed => {
                let outcome = match self.told {
                    Signal::Reset => Outcome::Reset,
                    Signal::Refused => Outcome::Refused,
                    Signal::TimedOut => Outcome::TimedOut,
                    Signal::IcmpError => Outcome::Failed,
                    Signal::PendingClosing | Signal::PendingReset | Signal::Ok => Outcome::NoConnection,
                    // Told of nothing worse, the user takes it for a close.
                    _ if all_read => Outcome::EndOfStream,
                    _ => Outcome::NoConnection,
                };
                self.host.remove(at, outcome, self.config);
            }
            State::Listen if tcb.remote.is_some() => {
                let handle = tcb.handle;
                self.host.tcbs.remove(at);
                if self.host.listener(port).is_none() {
                    let fresh = Tcb::new(self.config, handle, port, State::Listen, self.host.now);
                    self.host.tcbs.insert(at, fresh);
                }
            }
            _ => self.released(at),
        }
    }

    /// What was queued until ESTABLISHED, and what was held for a gap.
    fn released(&mut self, at: usize) {
        let (config, release) = (self.config, self.release);
        let Some(tcb) = self.tcb() else { return };
        if release {
            let before = tcb.rcv_nxt;
            tcb.advance();
            tcb.readable = tcb.readable.max(tcb.unread.len() as u32 * u32::from(before != tcb.rcv_nxt));
            tcb.due.ack |= before != tcb.rcv_nxt;
            // A buffer beyond 64 KiB has room right of the edge that a segment could tell.
            tcb.open_window(config);
            let fin = tcb.fin_ahead == Some(tcb.rcv_nxt);
            if fin && tcb.state.is_synchronized() {
                tcb.fin_ahead = None;
                self.host.take_held_fin(config, at);
            }
        }
        let Some(tcb) = self.tcb() else { return };
        if tcb.fin_wanted {
            match tcb.state {
                State::Established => tcb.state = State::FinWait1,
                State::CloseWait => tcb.state = State::LastAck,
                _ => {}
            }
        }
    }

    fn reply(&mut self, row: &Row) {
        let skew = row.skew;
        match row.reply {
            Reply::None => {}
            Reply::Ack | Reply::AckOptional | Reply::Challenge => self.owe(skew, |due| due.ack = true),
            Reply::AckDelayable => self.acknowledge_text(skew),
            Reply::Syn | Reply::SynAck => self.owe(skew, |due| due.syn = true),
            Reply::Text | Reply::Fin => self.owe(skew, |due| due.text = true),
            Reply::Again => self.owe(skew, |due| due.again = true),
            Reply::Probe => self.owe(skew, |due| due.probe = true),
            Reply::KeepAliveProbe => self.owe(skew, |due| due.keep_alive = true),
            Reply::RstNxt | Reply::RstEither => {
                let Some(tcb) = self.tcb() else { return };
                let (port, remote, seq) = (tcb.port, tcb.remote, tcb.nxt);
                let Some(remote) = remote else { return };
                let ack = SeqNum::new(0);
                self.host.say(Plain { port, remote, flags: Flags::RST, seq, ack }, skew);
            }
            Reply::RstFromAck => self.reset(skew, true),
            Reply::RstZero => self.reset(skew, false),
            Reply::RstByAckBit => {
                let has_ack = self.segment.is_some_and(|s| s.header.flags.ack());
                self.reset(skew, has_ack);
            }
        }
    }

    /// The connection's next segment says it; without a connection an ACK of what came does.
    fn owe(&mut self, skew: Skew, mark: impl Fn(&mut super::tcb::Due)) {
        if let Some(tcb) = self.tcb().filter(|t| t.remote.is_some() || t.state == State::Listen) {
            mark(&mut tcb.due);
            tcb.due.skew = skew;
        } else if let Some(segment) = self.segment {
            let h = &segment.header;
            let (port, remote) = (h.dst.port, h.src);
            self.host.say(Plain { port, remote, flags: Flags::ACK, seq: h.ack, ack: segment.end() }, skew);
        }
    }

    /// The ACK of a record that is about to go.
    fn say_last(&mut self, skew: Skew) {
        let Some(tcb) = self.tcb() else { return };
        let (port, remote, seq, ack) = (tcb.port, tcb.remote, tcb.nxt, tcb.rcv_nxt);
        if let Some(remote) = remote {
            self.host.say(Plain { port, remote, flags: Flags::ACK, seq, ack }, skew);
        }
    }

    fn acknowledge_text(&mut self, skew: Skew) {
        let (now, config) = (self.now(), self.config);
        let Some(tcb) = self.tcb() else { return };
        let delay = config.span(tcb.state, TimerKind::DelayedAck, config.ack_delay);
        if tcb.delays_acks && tcb.ack_at.is_none() {
            tcb.ack_at = delay.map(|delay| now + delay);
            tcb.due.skew = skew;
        } else {
            self.owe(skew, |due| due.ack = true);
        }
    }

    /// RFC 9293 3.5.2: SEQ from the ACK field, or zero and an ACK of what came.
    fn reset(&mut self, skew: Skew, from_ack: bool) {
        let Some(segment) = self.segment else { return };
        let h = &segment.header;
        let plain = if from_ack {
            Plain { port: h.dst.port, remote: h.src, flags: Flags::RST, seq: h.ack, ack: SeqNum::new(0) }
        } else {
            let flags = Flags::RST | Flags::ACK;
            Plain { port: h.dst.port, remote: h.src, flags, seq: SeqNum::new(0), ack: segment.end() }
        };
        self.host.say(plain, skew);
    }

    fn effect(&mut self, effect: Effect) {
        let (now, config) = (self.now(), self.config);
        match effect {
            Effect::ChooseIss => self.choose_iss(),
            Effect::SynIn | Effect::SynAckIn => self.syn_in(effect == Effect::SynAckIn),
            Effect::SynWindow | Effect::SetWindow | Effect::UpdateWindow | Effect::TakeAck => {
                self.take_ack_field(effect);
            }
            Effect::QueueSynText | Effect::HoldText | Effect::HoldFin | Effect::TakeText => {
                self.take_text(effect);
            }
            Effect::ReleaseQueued => {
                self.release = true;
                if let Some(tcb) = self.tcb() {
                    tcb.due.text = true;
                }
            }
            Effect::TakeFin => {
                self.release = false;
                if let Some(tcb) = self.tcb() {
                    tcb.take_fin();
                }
            }
            Effect::Start2Msl | Effect::Restart2Msl => {
                if let Some(tcb) = self.tcb() {
                    tcb.rto_at = None;
                    tcb.waits_since = None;
                    let span = config.span(State::TimeWait, TimerKind::TimeWait, config.msl.times(2));
                    tcb.two_msl_at = span.map(|span| now + span);
                }
            }
            Effect::Reopen => self.reopen(),
            Effect::QueueFin => {
                if let Some(tcb) = self.tcb() {
                    tcb.fin_wanted = true;
                }
            }
            Effect::BackOff => {
                if let Some(tcb) = self.tcb() {
                    tcb.rto = tcb.rto.times(2).min(config.rto_max.max(config.rto_min));
                }
            }
            // The octets of SEND and RECEIVE move in the call itself; the rest is done by the state that
            // follows, or says what is not done.
            Effect::QueueSend
            | Effect::QueueReceive
            | Effect::Deliver
            | Effect::Delete
            | Effect::ForgetRemote
            | Effect::CreateTcb
            | Effect::SecondFin
            | Effect::RefuseText
            | Effect::IgnoreText
            | Effect::TrimFin
            | Effect::TakeUrgent
            | Effect::IgnoreUrgent => {}
        }
    }

    fn choose_iss(&mut self) {
        let iss = self.host.choose_iss(self.config);
        let Some(tcb) = self.tcb() else { return };
        tcb.iss = iss;
        tcb.una = iss;
        tcb.nxt = iss;
        tcb.wl2 = iss;
    }

    /// IRS, RCV.NXT, the window on both sides, the peer's MSS.
    fn syn_in(&mut self, acked: bool) {
        let Some(segment) = self.segment else { return };
        let (now, config) = (self.now(), self.config);
        let h = segment.header;
        let Some(tcb) = self.tcb() else { return };
        if tcb.state == State::Listen {
            tcb.remote = Some(h.src);
            tcb.passive = true;
        }
        tcb.irs = Some(h.seq);
        tcb.rcv_nxt = h.seq.add(1);
        tcb.rcv_edge = tcb.rcv_nxt.add(first_window(config));
        let mss = wire::options(h.options.as_octets()).find_map(|option| match option {
            Ok(wire::TcpOption::Mss(mss)) => Some(mss),
            _ => None,
        });
        // An MSS of nothing would let nothing through.
        tcb.peer_mss = mss.unwrap_or(config.default_mss()).max(1);
        let wl2 = tcb.una;
        tcb.set_window(u32::from(h.window), h.seq, wl2);
        if acked {
            tcb.take_ack(h.ack, config, now);
            tcb.set_window(u32::from(h.window), h.seq, h.ack);
        }
    }

    fn take_ack_field(&mut self, effect: Effect) {
        let Some(segment) = self.segment else { return };
        let (now, config) = (self.now(), self.config);
        let h = segment.header;
        let Some(tcb) = self.tcb() else { return };
        let window = u32::from(h.window);
        tcb.due.text = true;
        match effect {
            Effect::TakeAck => tcb.take_ack(h.ack, config, now),
            Effect::SetWindow | Effect::SynWindow => tcb.set_window(window, h.seq, h.ack),
            _ => {
                if tcb.wnd == 0 && tcb.una == h.ack {
                    // A probe was answered: the connection stays, however long the window is closed (MUST-37).
                    tcb.waits_since = tcb.waits_since.map(|_| now);
                }
                // What is old was trimmed before (3.10.7.4, step 1), so the segment begins at RCV.NXT at least.
                let seq = h.seq.max(tcb.rcv_nxt.min(segment.end()));
                let current = tcb.una.is_at_or_before(h.ack) && h.ack.is_at_or_before(tcb.nxt);
                let newer = tcb.wl1.is_before(seq) || tcb.wl1 == seq && tcb.wl2.is_at_or_before(h.ack);
                if current && newer {
                    tcb.set_window(window, seq, h.ack);
                }
            }
        }
    }

    fn take_text(&mut self, effect: Effect) {
        let Some(segment) = self.segment else { return };
        let start = text_start(segment);
        let end = start.add(segment.text.len() as u32);
        let fin = segment.header.flags.fin();
        let takes = effect == Effect::TakeText;
        self.release |= takes;
        let Some(tcb) = self.tcb() else { return };
        let edge = tcb.rcv_edge;
        if matches!(effect, Effect::HoldFin | Effect::QueueSynText) && fin && end.is_before(edge) {
            tcb.fin_ahead = tcb.fin_ahead.or(Some(end));
        }
        if effect != Effect::HoldFin {
            tcb.hold(start, segment.text, edge);
        }
        if takes {
            // One segment is taken whole, so what it brings beyond a FIN that is held speaks against that FIN.
            tcb.fin_ahead = tcb.fin_ahead.filter(|fin| end.min(edge).is_at_or_before(*fin));
            tcb.advance();
        }
    }

    /// TIME-WAIT gives way to a new connection on the listener's record (RFC 9293 3.6.1, MAY-2).
    fn reopen(&mut self) {
        let Some(old) = self.at else { return };
        let port = self.host.tcbs[old].port;
        let old_end = self.host.tcbs[old].nxt;
        self.host.remove(old, Outcome::NoConnection, self.config);
        // The new ISS must lie beyond the old incarnation's numbers.
        if self.host.isn.0.is_before(old_end) {
            self.host.isn.0 = old_end;
        }
        self.at = self.host.listener(port);
    }

    fn signal(&mut self, signal: Signal) {
        if signal != Signal::None {
            self.told = signal;
        }
        let Some(at) = self.at else { return };
        let Some(tcb) = self.host.tcbs.get_mut(at) else { return };
        let told = match signal {
            Signal::Open => UserSignal::Open,
            Signal::Data => {
                tcb.readable = tcb.unread.len() as u32;
                return;
            }
            Signal::Urgent => UserSignal::Urgent,
            Signal::Closing => {
                tcb.fin_told = true;
                UserSignal::PeerClosed
            }
            Signal::Reset => UserSignal::Reset,
            Signal::Refused => UserSignal::Refused,
            Signal::TimedOut => UserSignal::TimedOut,
            Signal::Closed => UserSignal::Closed,
            Signal::SoftError | Signal::IcmpError => UserSignal::SoftError,
            _ => return,
        };
        let handle = tcb.handle;
        self.host.signals.push((handle, told));
    }
}
