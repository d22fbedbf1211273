use lastack_core::types::wire::{TcpOption, options};
use lastack_core::types::{Flags, Instant, Segment, SeqNum};

use super::Spans;

/// What one end has said in one incarnation. Numbers are absolute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct End {
    /// Its initial sequence number.
    pub iss: Option<SeqNum>,
    /// The highest number that it sent, plus one (RST aside).
    pub nxt: Option<SeqNum>,
    /// The same, of what lay inside the window that the other end had given, in a segment with ACK or SYN
    /// and without RST.
    pub nxt_in_window: Option<SeqNum>,
    /// The highest of its numbers that the other end acknowledged; an acknowledgment of what it never sent
    /// does not count.
    pub acked: Option<SeqNum>,
    /// The window scale of its SYN or SYN,ACK, at most 14 (RFC 7323 2.3); `None` when it offered none.
    pub scale: Option<u8>,
    /// The MSS of its SYN or SYN,ACK.
    pub mss: Option<u16>,
    /// The largest MSS option of its segments without SYN, where MUST-65 wants none; what a stack makes of
    /// it is its own affair.
    pub mss_off_syn: Option<u16>,
    /// The right edge that it advertised last: SEG.ACK + SEG.WND, scaled.
    pub edge: Option<SeqNum>,
    /// The right edge that is furthest right of all that it advertised.
    pub edge_max: Option<SeqNum>,
    /// `edge_max` is from a SYN or SYN,ACK whose 65535 may stand for more, because SYNs are never scaled
    /// (RFC 7323 2.2) and scaling was agreed: a lower bound of the real window.
    pub edge_is_lower_bound: bool,
    /// The number of the FIN that it sent first.
    pub fin: Option<SeqNum>,
    /// The window, scaled, of its segment with the highest number (SND.WL1, SND.WND of the other end).
    pub window: Option<(SeqNum, u32)>,
    /// When it sent its last RST.
    pub rst: Option<Instant>,
    /// When it last sent anything.
    pub last: Option<Instant>,
}

/// One life of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Incarnation {
    /// The stack.
    pub stack: End,
    /// The peer.
    pub peer: End,
    /// When the stack sent its first SYN.
    pub began: Instant,
    /// The stack sent a SYN without ACK: it opened actively.
    pub active: bool,
    /// The last SYN of the stack had the window scale option.
    pub scale_offered: bool,
    /// The numbers that the peer delivered: what the stack may acknowledge.
    pub delivered: Spans,
    /// SND.UNA by acknowledgments that no reading refuses: [`Incarnation::snd_una`] counts those that the
    /// stack may have refused, too.
    pub acked_surely: SeqNum,
    /// An acceptable acknowledgment of the stack's SYN has arrived, so that no reading leaves it
    /// unsynchronized (RFC 9293 3.10.7.3, 3.10.7.4).
    pub surely_established: bool,
    /// Some acknowledgment of the stack's SYN has arrived: before that nobody may think it established.
    pub maybe_established: bool,
    /// A RST may have ended it, the stack's own or one of the peer that is not outside the window in every reading,
    /// and the stack has sent nothing since that shows it alive.
    pub maybe_reset: bool,
    /// Options are broken, perhaps by a wrong data offset that has taken octets of text for them.
    pub text_is_cut: bool,
}

impl Incarnation {
    pub(super) fn new(at: Instant, iss: SeqNum) -> Incarnation {
        let stack = End { iss: Some(iss), nxt: Some(iss), acked: Some(iss), ..End::default() };
        Incarnation {
            stack,
            peer: End::default(),
            began: at,
            active: false,
            scale_offered: false,
            delivered: Spans::default(),
            acked_surely: iss,
            surely_established: false,
            maybe_established: false,
            maybe_reset: false,
            text_is_cut: false,
        }
    }

    /// ISS of the stack.
    pub fn iss(&self) -> SeqNum {
        self.stack.iss.unwrap_or_default()
    }

    /// SND.UNA of the stack as the packets show it.
    pub fn snd_una(&self) -> SeqNum {
        self.stack.acked.unwrap_or(self.iss())
    }

    /// SND.NXT of the stack: the highest number that it sent, plus one.
    pub fn snd_nxt(&self) -> SeqNum {
        self.stack.nxt.unwrap_or(self.iss())
    }

    /// RCV.NXT of the stack as it said itself; `None` before it acknowledged anything.
    pub fn rcv_nxt(&self) -> Option<SeqNum> {
        self.peer.acked
    }

    /// The number after the last one that the peer delivered without a gap; `None` while the stack has not
    /// acknowledged a SYN.
    pub fn delivered_end(&self) -> Option<SeqNum> {
        let from = self.peer.acked?;
        Some(self.delivered.end_from(from))
    }

    /// A RST of the peer.
    pub(super) fn take_reset(&mut self, at: Instant, segment: &Segment<'_>) {
        self.peer.rst = Some(at);
        self.peer.last = Some(at);
        let seq = segment.header.seq;
        let is_old = |nxt: SeqNum| seq.is_before(nxt) && segment.end().is_at_or_before(nxt);
        let is_beyond = |edge: SeqNum| seq.is_at_or_after(edge);
        let outside = self.peer.acked.is_some_and(is_old) || self.stack.edge_max.is_some_and(is_beyond);
        self.maybe_reset |= !outside;
    }

    /// A SYN,ACK with this acknowledgment may be this incarnation's own, sent again after text or FIN of the
    /// peer: so much has arrived, and nobody has reset it, or it was opened actively and is not there again by itself.
    pub(crate) fn may_repeat_syn(&self, ack: SeqNum) -> bool {
        let arrived =
            |acked: SeqNum| acked.is_before(ack) && ack.is_at_or_before(self.delivered.end_from(acked));
        (self.active || !self.maybe_reset) && self.peer.iss.is_some_and(|irs| arrived(irs.add(1)))
    }

    /// A SYN,ACK that SYN-SENT refuses for its acknowledgment (RFC 9293 3.10.7.3, first): no reading takes its SYN.
    pub(super) fn refuses_in_syn_sent(&self, segment: &Segment<'_>) -> bool {
        let h = &segment.header;
        let waits = self.active && self.peer.iss.is_none() && !self.maybe_established;
        let fits = h.ack.is_after(self.iss()) && h.ack.is_at_or_before(self.snd_nxt());
        waits && h.flags.ack() && !fits
    }

    /// Both ends have sent a FIN, and the stack's was acknowledged: CLOSED or TIME-WAIT.
    pub fn both_closed(&self) -> bool {
        self.stack.fin.is_some_and(|fin| fin.is_before(self.snd_una())) && self.peer.fin.is_some()
    }

    /// Everything that the peer delivered in order is acknowledged.
    pub fn nothing_to_acknowledge(&self) -> bool {
        self.peer.acked.is_some() && self.peer.acked == self.delivered_end()
    }
}

impl Incarnation {
    /// A segment of the peer that is no RST. `crossed`: SYNs with other numbers have come.
    pub(super) fn take_arrival(&mut self, at: Instant, segment: &Segment<'_>, shift: u8, crossed: bool) {
        let h = &segment.header;
        self.peer.last = Some(at);
        self.note_acknowledgment(segment, crossed);
        self.delivered.add(h.seq, segment.end());
        self.text_is_cut |= !is_sound(segment);
        let window_given = self.stack.edge_max;
        self.peer.sent(segment, window_given);
        if !h.flags.syn() {
            for option in options(h.options.as_octets()) {
                if let Ok(TcpOption::Mss(mss)) = option {
                    self.peer.mss_off_syn = self.peer.mss_off_syn.max(Some(mss));
                }
            }
        }
        if !h.flags.ack() || h.ack.is_after(self.snd_nxt()) || h.ack.is_before(self.iss()) {
            return;
        }
        self.stack.acked = Some(self.snd_una().max(h.ack));
        let open_ended = h.flags.syn() && h.window == u16::MAX && self.scale_offered;
        let window = u32::from(h.window) << shift;
        self.peer.advertise(h.ack.add(window), open_ended);
        // An older segment's acknowledgment counts, its window does not (RFC 9293 3.10.7.4, fifth: SND.WL1).
        match self.peer.window {
            Some((newest, window)) if h.seq.is_before(newest) => self.peer.widen(h.ack.add(window)),
            _ if window_given.is_none_or(|edge| h.seq.is_before(edge)) => {
                self.peer.window = Some((h.seq, window));
            }
            _ => {}
        }
    }

    /// Whether this acknowledges the stack's SYN, perhaps or surely, and what it acknowledges surely.
    fn note_acknowledgment(&mut self, segment: &Segment<'_>, crossed: bool) {
        let h = &segment.header;
        let covers_syn = h.flags.ack() && h.ack.is_after(self.iss()) && h.ack.is_at_or_before(self.snd_nxt());
        if !covers_syn {
            return;
        }
        self.maybe_established = true;
        let syn_ack = h.flags.syn()
            && !h.flags.fin()
            && self.peer.iss.is_none()
            && !crossed
            && segment.text.is_empty()
            && is_sound(segment);
        if syn_ack || self.surely_takes(segment) {
            self.surely_established = true;
            self.acked_surely = self.acked_surely.max(h.ack);
        }
    }

    /// An empty ACK with current numbers, by any reading: SEG.SEQ = RCV.NXT, SND.UNA =< SEG.ACK =< SND.NXT.
    pub(crate) fn surely_current(&self, segment: &Segment<'_>) -> bool {
        segment.header.flags.without(Flags::PSH) == Flags::ACK
            && segment.is_empty()
            && self.surely_established
            && self.surely_takes(segment)
            && self.acks_in_range(segment)
    }

    /// SND.UNA =< SEG.ACK =< SND.NXT.
    pub(crate) fn acks_in_range(&self, segment: &Segment<'_>) -> bool {
        let ack = segment.header.ack;
        ack.is_at_or_after(self.snd_una()) && ack.is_at_or_before(self.snd_nxt())
    }

    /// A sound segment without SYN and RST that begins exactly at RCV.NXT, which is known, and passes the
    /// sequence test (RFC 9293 3.10.7.4, first). After the peer's FIN only empty ones are sure: what else
    /// comes then no conforming peer sends.
    pub(crate) fn surely_takes(&self, segment: &Segment<'_>) -> bool {
        let h = &segment.header;
        let window_open = self.stack.edge_max.is_some_and(|e| h.seq.is_before(e));
        !h.flags.syn()
            && !h.flags.rst()
            && self.peer.acked == Some(h.seq)
            && self.nothing_to_acknowledge()
            && (segment.is_empty() || window_open && self.peer.fin.is_none())
            && is_sound(segment)
    }
}

/// A segment that no stack has a reason to drop for its form.
pub(crate) fn is_sound(segment: &Segment<'_>) -> bool {
    let h = &segment.header;
    h.data_offset.is_none() && options(h.options.as_octets()).all(|o| o.is_ok())
}

impl End {
    /// It sent this; `window` is the furthest right edge that the other end ever gave it.
    pub(super) fn sent(&mut self, segment: &Segment<'_>, window: Option<SeqNum>) {
        let flags = segment.header.flags;
        let end = segment.end();
        self.nxt = Some(self.nxt.map_or(end, |n| n.max(end)));
        if flags.fin() && self.fin.is_none() {
            self.fin = Some(end.sub(1));
        }
        if !flags.syn() && !flags.ack() {
            return;
        }
        let inside = if flags.syn() {
            segment.header.seq.add(1)
        } else {
            match window {
                Some(edge) if segment.header.seq.is_at_or_before(edge) => end.min(edge),
                _ => return,
            }
        };
        self.nxt_in_window = Some(self.nxt_in_window.map_or(inside, |n| n.max(inside)));
    }

    /// The right edge may be here, although nothing said so.
    fn widen(&mut self, edge: SeqNum) {
        if self.edge_max.is_some_and(|most| most.is_before(edge)) {
            self.edge_max = Some(edge);
        }
    }

    pub(super) fn advertise(&mut self, edge: SeqNum, open_ended: bool) {
        self.edge = Some(edge);
        if self.edge_max.is_none_or(|m| m.is_at_or_before(edge)) {
            self.edge_max = Some(edge);
            self.edge_is_lower_bound = open_ended;
        }
    }
}
