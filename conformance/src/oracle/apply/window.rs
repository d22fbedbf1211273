//! An acknowledgment and a window on the send variables.

use lastack_core::types::SeqNum;

use super::Run;
use crate::oracle::context::Broken;
use crate::oracle::tcb::Tcb;

impl Run<'_, '_> {
    pub(super) fn take_ack(&mut self) {
        let (ack, now) = (self.a.segment.header.ack, self.ctx.now);
        let Some(tcb) = self.tcb() else { return };
        if ack.is_after(tcb.una) && ack.is_at_or_before(tcb.nxt) {
            tcb.una = ack;
            tcb.waiting_since = now;
            tcb.unanswered_since = now;
            let all = tcb.queue_end().add(u32::from(tcb.fin_wanted));
            tcb.submitted_since = tcb.submitted_since.filter(|_| tcb.una != all).map(|_| now);
            if !tcb.in_flight() {
                tcb.resent = false;
            }
        }
    }

    pub(super) fn update_window(&mut self) {
        let (h, len) = (self.a.segment.header, self.a.segment.len());
        let now = self.ctx.now;
        let broken = self.ctx.broken == Broken::WindowUpdates;
        let Some(tcb) = self.tcb() else { return };
        let current = tcb.una.is_at_or_before(h.ack) && h.ack.is_at_or_before(tcb.nxt);
        // The segment is the one that begins at RCV.NXT, after what is old was trimmed (3.10.7.4 first).
        let seq = h.seq.max(tcb.rcv_nxt.min(h.seq.add(len)));
        let newer = tcb.wl1.is_before(seq) || (tcb.wl1 == seq && tcb.wl2.is_at_or_before(h.ack));
        if current {
            // Whatever the test says, the peer did advertise this edge.
            let edge = tcb.una.add(tcb.peer_window(h.window, h.flags.syn()));
            tcb.snd_edge = tcb.snd_edge.max(edge);
        }
        if current && tcb.wnd == 0 {
            // A probe was answered: the connection stays (MUST-37).
            tcb.unanswered_since = now;
        }
        let repeated = broken && tcb.wl2 == h.ack;
        if current && newer && !repeated {
            set_window(tcb, h.window, h.flags.syn(), seq, h.ack);
        }
    }

    pub(super) fn set_window(&mut self) {
        let h = self.a.segment.header;
        if let Some(tcb) = self.tcb() {
            set_window(tcb, h.window, h.flags.syn(), h.seq, h.ack);
        }
    }
}

fn set_window(tcb: &mut Tcb, field: u16, syn: bool, seq: SeqNum, ack: SeqNum) {
    tcb.wnd = tcb.peer_window(field, syn);
    tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
    tcb.wl1 = seq;
    tcb.wl2 = ack;
    let edge = tcb.una.add(tcb.wnd);
    tcb.snd_edge = if tcb.snd_edge == SeqNum::new(0) { edge } else { tcb.snd_edge.max(edge) };
}
