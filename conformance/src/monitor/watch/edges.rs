//! The peer's window as the stack may read it.

use lastack_core::types::{Instant, Segment, SeqNum};

use super::Watch;
use crate::ledger::{Connection, Incarnation, Scaling};
use crate::monitor::Clockwork;

impl Watch {
    /// The window of a segment that the ledger has just filed.
    pub(in crate::monitor) fn take_window(
        &mut self,
        at: Instant,
        segment: &Segment<'_>,
        connection: &Connection,
        work: &Clockwork,
    ) {
        let h = &segment.header;
        let Some(now) = &connection.now else { return };
        let legible = h.flags.ack() && !h.flags.rst() && !h.flags.syn();
        let in_range = h.ack.is_at_or_after(now.snd_una()) && h.ack.is_at_or_before(now.snd_nxt());
        if h.flags.syn() && h.window == 0 {
            self.shut_by_syn = self.shut_by_syn.or(Some(at));
        }
        if !legible || !in_range {
            // A window that the stack need not take may still have been taken, and SND.WL1 with it.
            if legible && h.ack.is_at_or_after(now.acked_surely) && h.ack.is_at_or_before(now.snd_nxt()) {
                self.window_seq = self.window_seq.map_or(Some(h.seq), |seq| Some(seq.max(h.seq)));
            }
            self.edge_now = self.edge_now.zip(now.peer.edge_max).map(|(e, m)| e.max(m));
            return;
        }
        let Some(edge) = now.peer.edge else { return };
        let is_newest = self.window_seq.is_none_or(|seq| seq.is_at_or_before(h.seq));
        self.window_seq = self.window_seq.map_or(Some(h.seq), |seq| Some(seq.max(h.seq)));
        let surely = segment.is_empty()
            && is_newest
            && now.surely_established
            && now.surely_takes(segment)
            // What came out of order may have moved SND.WL1 beyond it (3.10.7.4, fifth).
            && now.peer.nxt_in_window.is_none_or(|nxt| nxt.is_at_or_before(h.seq))
            && connection.scaling() != Scaling::Unsure;
        let (high, low) = (self.edge_now.unwrap_or(edge), self.edge_low.unwrap_or(edge));
        if surely && edge.is_before(high) {
            self.edge_epoch = Some(work.epoch);
        }
        let window = edge.diff(h.ack).max(0) as u32;
        if surely {
            self.window_max = self.window_max.max(window);
        }
        self.window = if surely { window } else { self.window.max(window) };
        let kept = if is_newest { edge } else { now.snd_una().add(self.window) };
        self.edge_now = Some(if surely { edge } else { high.max(edge).max(kept) });
        self.edge_low = Some(if surely { edge } else { low.min(edge) });
        let closed = self.edge_low.is_some_and(|edge| edge.is_at_or_before(now.snd_una()));
        self.closed_since = closed.then(|| self.closed_since.or(self.shut_by_syn).unwrap_or(at));
        self.shut_by_syn = self.shut_by_syn.filter(|_| closed);
    }

    /// In some reading of what arrived the peer's window is closed.
    pub(in crate::monitor) fn may_be_closed(&self, now: &Incarnation) -> bool {
        let una = now.snd_una();
        self.edge_low.or(now.peer.edge).is_some_and(|edge| edge.is_at_or_before(una))
    }

    /// The peer's right edge, where all readings agree.
    pub(in crate::monitor) fn edge_sure(&self) -> Option<SeqNum> {
        self.edge_now.filter(|edge| self.edge_low == Some(*edge))
    }

    /// The peer moved its right edge left, and the stack has been quiet since.
    pub(in crate::monitor) fn shrink_is_known(&self) -> bool {
        self.edge_epoch.is_some_and(|epoch| epoch != self.epoch)
    }
}
