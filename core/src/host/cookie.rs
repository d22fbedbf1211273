//! A listener whose SYN queue is full: it answers by a cookie and keeps nothing (RFC 4987 3.6).

use super::Host;
use crate::config::{Config, Listening};
use crate::cookie::{self, Remembered, SynAck};
use crate::record::{Listener, Record};
use crate::tcb::{Name, Origin, Tcb, shift_for, syn_window};
use crate::types::wire::{TcpOption, options};
use crate::types::{Segment, State};

impl Host {
    /// A SYN for which there is no room. Only a full SYN queue has cookies: whoever completes the handshake needs
    /// a place among those that wait to be accepted.
    pub(super) fn answer_by_cookie(&mut self, name: Name, segment: &Segment<'_>) {
        let Some(secret) = &self.config.syn_cookies else { return };
        let Some(Record::Listening(listener)) = self.records.get_mut(name) else { return };
        if !listener.accepts_more(&self.config) {
            return;
        }
        let h = &segment.header;
        let (mut mss, mut shift) = (if h.src.addr.is_ipv4() { 536 } else { 1220 }, None);
        for option in options(h.options.as_octets()).flatten() {
            match option {
                TcpOption::Mss(octets) => mss = octets,
                TcpOption::WindowScale(scale) => shift = Some(scale),
                _ => {}
            }
        }
        let shift = shift.filter(|_| self.config.window_scale);
        // MUST-16: no cookie can say so little, and without an answer the peer tries again.
        let Some(what) = Remembered::of(mss, shift) else { return };
        let slot = cookie::slot(self.now);
        let sent = self.cookies.push(
            slot,
            &SynAck {
                local: h.dst,
                remote: h.src,
                iss: cookie::make(secret, slot, (h.dst, h.src), h.seq, what),
                irs: h.seq,
                window: syn_window(&self.config),
                mss: self.config.mss(h.dst.addr),
                shift: shift.map(|_| shift_for(self.config.recv_buffer)),
            },
        );
        listener.cookies += u64::from(sent);
    }

    /// An ACK for a listener: where it answers a cookie, the connection that was never kept is made now, in
    /// SYN-RECEIVED, for the ACK to complete. True when the segment was for it.
    pub(super) fn redeem_cookie(&mut self, name: Name, segment: Segment<'_>) -> bool {
        let Some(secret) = &self.config.syn_cookies else { return false };
        let h = segment.header;
        let slot = cookie::slot(self.now);
        if !h.flags.ack() || h.flags.syn() || h.flags.rst() || !self.cookies.are_out(slot) {
            return false;
        }
        let (irs, iss) = (h.seq.sub(1), h.ack.sub(1));
        let Some(what) = cookie::read(secret, slot, (h.dst, h.src), irs, iss) else { return false };
        let Some(Record::Listening(listener)) = self.records.get_mut(name) else { return false };
        if !listener.accepts_more(&self.config) {
            // The peer's text comes again, and there may be room then.
            return true;
        }
        let mut tcb = Tcb::new(&self.config, h.dst, h.src, Origin::Forked(name), iss);
        tcb.state = State::SynReceived;
        tcb.owed.syn = false;
        tcb.snd.nxt = iss.add(1);
        tcb.start_receiving(&self.config, irs);
        tcb.snd.mss = tcb.snd.mss.min(what.mss.into());
        tcb.scaling = what.shift.is_some();
        if let Some(shift) = what.shift {
            tcb.snd.shift = shift;
            tcb.rcv.shift = shift_for(self.config.recv_buffer);
        }
        tcb.options = listener.options;
        listener.embryos = listener.embryos.saturating_add(1);
        let name = self.records.insert(Record::Connection(tcb), false);
        self.process(name, segment);
        true
    }
}

impl Listener {
    /// Whether one more connection may wait to be accepted.
    fn accepts_more(&self, config: &Config) -> bool {
        match config.listening {
            Listening::Becomes => false,
            Listening::Forks { accept_queue, .. } => self.ready.len() < usize::from(accept_queue),
        }
    }
}
