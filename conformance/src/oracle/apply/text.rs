//! Text and FIN on the receive variables.

use lastack_core::types::State;

use super::Run;
use crate::oracle::arrive::buffer_edge;
use crate::oracle::tcb::{Held, Pieces};

impl Run<'_, '_> {
    pub(super) fn take_text(&mut self) {
        if self.o.no_text {
            return;
        }
        let (end, edge) = (self.a.text_end(), self.reading.edge);
        let Some(tcb) = self.tcb() else { return };
        let cut = end.is_after(edge) && edge.is_after(tcb.edge_max);
        let end = end.min(edge);
        if end.is_after(tcb.rcv_nxt) {
            // Room for what was read may have been made a RECEIVE at a time (RFC 9293 3.8.6.2.2).
            tcb.untold = (cut && tcb.edge_known).then(|| tcb.rcv_nxt.max(tcb.edge_max));
            tcb.rcv_nxt = end;
        }
        self.taken = true;
    }

    pub(super) fn hold(&mut self) {
        if self.o.no_text {
            return;
        }
        let (start, fin) = (self.a.text_start(), self.a.segment.header.flags.fin());
        let whole = self.a.text_end();
        let edge = self.reading.edge;
        let Some(tcb) = self.tcb() else { return };
        let in_syn = !tcb.state.is_synchronized() && tcb.state != State::SynReceived;
        let end = if in_syn { whole } else { whole.min(edge) };
        let fin = fin && end == whole;
        if start == end && !fin {
            return;
        }
        let piece = Held { start, end, fin };
        if tcb.held.as_slice().contains(&piece) {
            return;
        }
        if let Some(piece) = tcb.held.push(piece) {
            // At one place a FIN reaches further than text.
            let reach = |piece: &Held| piece.end.add(u32::from(piece.fin));
            let further = tcb.unremembered.filter(|known| reach(known).is_after(reach(&piece)));
            tcb.unremembered = Some(further.unwrap_or(piece));
        }
    }

    pub(super) fn take_fin(&mut self) {
        if self.o.no_text {
            return;
        }
        let (end, ctx) = (self.a.text_end(), self.ctx);
        let Some(tcb) = self.tcb() else { return };
        if tcb.rcv_nxt == end && !tcb.fin_taken {
            // A FIN that is taken moves the edge by its own number; the text behind it ends where it did.
            let edge = buffer_edge(ctx, tcb);
            tcb.rcv_nxt = end.add(1);
            tcb.fin_taken = true;
            // Text that is held beyond the FIN: the peer contradicts itself, and either may count.
            let ends = tcb.held.ends_behind(end, edge);
            tcb.held = Pieces::NONE;
            self.contradictions = ends;
        }
    }

    pub(super) fn second_fin(&mut self) {
        if self.o.second_fin_stays {
            return;
        }
        let end = self.a.segment.end();
        if let Some(tcb) = self.tcb()
            && end.is_after(tcb.rcv_nxt)
        {
            // Numbers beyond the FIN are no text that the user could read.
            tcb.read = tcb.read.wrapping_add(end.steps_from(tcb.rcv_nxt));
            tcb.rcv_nxt = end;
        }
    }
}
