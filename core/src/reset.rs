//! Reset segments that no TCB sends (RFC 9293 3.5.2, 3.10.7.1).

use alloc::collections::VecDeque;

use crate::tcb::Tcb;
use crate::types::{Endpoint, Flags, Header, Segment, SeqNum};

/// More resets than this are not kept for a caller that takes no packets.
const RESETS_MAX: usize = 1024;

/// A RST to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Reset {
    from: Endpoint,
    to: Endpoint,
    seq: SeqNum,
    ack: Option<SeqNum>,
}

impl Reset {
    /// The answer to a segment that belongs to no connection, acceptable to its sender: `<SEQ=SEG.ACK>
    /// <CTL=RST>` where the ACK bit is on, else `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>` (3.10.7.1). The
    /// caller has seen that it holds no RST itself.
    pub fn answer(segment: &Segment<'_>) -> Reset {
        let h = &segment.header;
        let (seq, ack) = if h.flags.ack() { (h.ack, None) } else { (SeqNum::default(), Some(segment.end())) };
        Reset { from: h.dst, to: h.src, seq, ack }
    }

    /// `<SEQ=SND.NXT><CTL=RST>` (3.10.5). Where our SYN,ACK never left, the peer knows no number of ours: it
    /// gets the answer of CLOSED to its SYN.
    pub fn abort(tcb: &Tcb) -> Reset {
        let (from, to) = (tcb.local, tcb.remote);
        if tcb.snd.nxt == tcb.snd.iss {
            return Reset { from, to, seq: SeqNum::default(), ack: Some(tcb.rcv.nxt) };
        }
        Reset { from, to, seq: tcb.snd.nxt, ack: None }
    }

    pub fn header(&self) -> Header {
        let flags = if self.ack.is_some() { Flags::RST | Flags::ACK } else { Flags::RST };
        Header::new(self.from, self.to, flags, self.seq, self.ack.unwrap_or_default())
    }
}

/// Resets that wait to be sent, first come first served.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Resets {
    waiting: VecDeque<Reset>,
}

impl Resets {
    /// Adds a reset; one that waits already says it once.
    pub fn push(&mut self, reset: Reset) {
        if self.waiting.len() < RESETS_MAX && !self.waiting.contains(&reset) {
            self.waiting.push_back(reset);
        }
    }

    pub fn pop(&mut self) -> Option<Reset> {
        self.waiting.pop_front()
    }
}
