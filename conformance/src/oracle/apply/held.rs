//! Text and FIN that were held out of order: what follows from them, each piece kept or dropped.

use lastack_core::types::{SeqNum, State};

use crate::oracle::arrive::buffer_edge;
use crate::oracle::context::Context;
use crate::oracle::host::{Host, Successors};
use crate::oracle::step::{Aspects, Cost, Step};
use crate::oracle::tcb::{HELD_MAX, Held, Pieces, Tcb};

/// The FIN stands before text that is held: the text counts and the FIN does not, or both do.
pub(super) fn contradiction(literal: &Host, index: usize, end: SeqNum, before: &Host, out: &mut Successors) {
    for fin in [false, true] {
        let mut variant = out.copy(literal);
        variant.concede(Cost::Allowed);
        let Some(tcb) = variant.tcbs.get_mut(index) else { return };
        tcb.rcv_nxt = end.add(u32::from(fin));
        tcb.fin_taken = fin;
        if let Some(old) = before.tcbs.get(index).filter(|_| !fin) {
            tcb.state = match old.state {
                // The segment's acknowledgment has ended the handshake all the same.
                State::SynReceived if old.fin_wanted => State::FinWait1,
                State::SynReceived => State::Established,
                other => other,
            };
            tcb.time_wait = old.time_wait;
            tcb.held = old.held.clone();
            tcb.held.retain(|h| h.end.is_after(end));
        }
        out.push(variant);
    }
}

/// The gap may be filled: held pieces follow, or were dropped. The host itself takes all of them; a
/// variant for each piece that may be missing goes to `out`.
pub(super) fn release_held(
    ctx: &Context<'_>,
    host: &mut Host,
    index: usize,
    base: Step,
    out: &mut Successors,
) {
    if let Some(tcb) = host.tcbs.get_mut(index) {
        keep_inside(ctx, tcb);
    }
    for _ in 0..=HELD_MAX {
        let Some(tcb) = host.tcbs.get_mut(index) else { return };
        if !tcb.state.is_synchronized() || tcb.fin_taken {
            return;
        }
        let nxt = tcb.rcv_nxt;
        let follows =
            |h: &Held| h.start.is_at_or_before(nxt) && (h.end.is_after(nxt) || (h.fin && h.end == nxt));
        let Some(piece) = tcb.held.as_slice().iter().copied().find(follows) else {
            tcb.held.retain(|h| h.end.is_after(nxt) || (h.fin && h.end == nxt));
            return;
        };
        cut_at_fin(ctx, host, index, piece, base, out);
        let mut dropped = out.copy(host);
        dropped.concede(Cost::Allowed);
        if let Some(tcb) = dropped.tcbs.get_mut(index) {
            tcb.held.retain(|h| *h != piece);
        }
        release_held(ctx, &mut dropped, index, base, out);
        out.push(dropped);
        take_piece(ctx, host, index, piece, base, out);
    }
}

/// Where more pieces came than a reading remembers, the stack itself shows how far it has come: to this number,
/// which it acknowledges or hands over. That all before it arrived, the monitors know.
pub fn adopt(ctx: &Context<'_>, host: &mut Host, index: usize, to: SeqNum) -> bool {
    let Some(tcb) = host.tcbs.get_mut(index) else { return false };
    let Some(furthest) = furthest(tcb) else { return false };
    // A FIN that counts before text which is held: the peer contradicts itself, and the FIN may stand behind it.
    let last = furthest.end.add(u32::from(furthest.fin || tcb.fin_taken));
    if !to.is_after(tcb.rcv_nxt) || to.is_after(last) || !tcb.state.is_synchronized() {
        return false;
    }
    tcb.rcv_nxt = to;
    tcb.held.retain(|h| h.end.is_after(to) || (h.fin && h.end == to));
    if to == last {
        tcb.unremembered = None;
    }
    if furthest.fin && to == last && !tcb.fin_taken {
        tcb.fin_taken = true;
        tcb.held = Pieces::NONE;
        take_fin_state(ctx, tcb);
    }
    host.concede(Cost::Allowed);
    true
}

/// The piece that reaches furthest, where not all are remembered.
pub fn furthest(tcb: &Tcb) -> Option<Held> {
    let known = tcb.unremembered?;
    let end = |h: &Held| h.end.add(u32::from(h.fin));
    let further = |best: Held, h: &Held| if end(h).is_after(end(&best)) { *h } else { best };
    Some(tcb.held.as_slice().iter().fold(known, further))
}

/// The FIN that was held counts now (RFC 9293 3.10.7.4, eighth).
fn take_fin_state(ctx: &Context<'_>, tcb: &mut Tcb) {
    tcb.state = match tcb.state {
        State::Established => State::CloseWait,
        State::FinWait1 => State::Closing,
        State::FinWait2 => State::TimeWait,
        other => other,
    };
    if tcb.state == State::TimeWait {
        tcb.time_wait = Some((ctx.now, ctx.now));
    }
}

/// What came on a SYN was held before there was a window that could cut it.
fn keep_inside(ctx: &Context<'_>, tcb: &mut Tcb) {
    let edge = buffer_edge(ctx, tcb);
    if tcb.held.as_slice().iter().all(|h| h.end.is_at_or_before(edge)) {
        return;
    }
    let whole = core::mem::take(&mut tcb.held);
    for piece in whole.as_slice().iter().filter(|h| h.start.is_before(edge)) {
        let cut = piece.end.is_after(edge);
        tcb.held.push(if cut { Held { end: edge, fin: false, ..*piece } } else { *piece });
    }
}

/// A FIN is held inside the piece: the peer contradicts itself, and the text may end there.
fn cut_at_fin(ctx: &Context<'_>, host: &Host, index: usize, piece: Held, base: Step, out: &mut Successors) {
    let Some(tcb) = host.tcbs.get(index) else { return };
    let inside = |h: &&Held| h.fin && tcb.rcv_nxt.is_at_or_before(h.end) && h.end.is_before(piece.end);
    let Some(end) = tcb.held.as_slice().iter().find(inside).map(|h| h.end) else { return };
    let mut cut = out.copy(host);
    cut.concede(Cost::Allowed);
    let held = &mut cut.tcbs[index].held;
    held.retain(|h| *h != piece);
    if piece.start != end {
        held.push(Held { end, fin: false, ..piece });
    }
    release_held(ctx, &mut cut, index, base, out);
    out.push(cut);
}

fn take_piece(
    ctx: &Context<'_>,
    host: &mut Host,
    index: usize,
    piece: Held,
    base: Step,
    out: &mut Successors,
) {
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    tcb.held.retain(|h| *h != piece);
    if tcb.edge_known && piece.end.is_after(tcb.edge_max) && tcb.edge_max.is_after(tcb.rcv_nxt) {
        // It came with a SYN, before any window was known; what lies behind the window was cut off.
        let mut cut = out.copy(host);
        cut.concede(Cost::Allowed);
        if let Some(tcb) = cut.tcbs.get_mut(index) {
            tcb.rcv_nxt = tcb.edge_max;
        }
        out.push(cut);
    }
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    tcb.rcv_nxt = tcb.rcv_nxt.max(piece.end);
    if !piece.fin || tcb.rcv_nxt != piece.end {
        return;
    }
    // The FIN was not held with its text: it must come again; or other text of a peer that contradicts itself
    // goes on behind it, perhaps to another FIN.
    let mut without = out.copy(host);
    without.concede(Cost::Allowed);
    release_held(ctx, &mut without, index, base, out);
    out.push(without);
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    tcb.rcv_nxt = piece.end.add(1);
    tcb.fin_taken = true;
    tcb.held = Pieces::NONE;
    if tcb.state == State::FinWait1 && tcb.fin_wanted && !tcb.fin_sent {
        // A CLOSE that waited for ESTABLISHED too: which of the two is first is free.
        let mut closes_last = out.copy(host);
        closes_last.concede(Cost::Allowed);
        closes_last.tcbs[index].state = State::LastAck;
        out.push(closes_last);
    }
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    take_fin_state(ctx, tcb);
    let step = Step {
        rule: "FIN-OUT-OF-ORDER",
        cite: "RFC 9293 3.10.7.4 first, eighth; SHLD-31",
        open: Aspects::STATE.with(Aspects::RCV),
        ..base
    };
    host.walk_on(step);
}
