//! The acknowledgment and window fields of what leaves, and empty ACKs.

use lastack_core::types::State;

use super::{Departure, by_acknowledgment, mismatch, newest, own_step, seq_want};
use crate::oracle::apply::adopt;
use crate::oracle::arrive::buffer_edge;
use crate::oracle::context::{Broken, Context};
use crate::oracle::debt::{Debt, Owed};
use crate::oracle::host::Host;
use crate::oracle::step::{Aspects, Cost, Mismatch, Step, Want};
use crate::oracle::tcb::Tcb;
use crate::oracle::{NO_STEP, NO_STEP_TIME};
use crate::table::{Effect, Level, by_name, rule};
use crate::verdict::{AckRelation, Kind, Obligation, Trigger};

/// Whether the rule takes text or FIN.
fn takes(step: &Step) -> bool {
    let takes = |id| rule(id).effects.iter().any(|e| matches!(e, Effect::TakeText | Effect::TakeFin));
    by_name(step.rule).any(takes)
}

/// How many debts an ACK of this connection would discharge.
pub(super) fn discharged(host: &Host, d: &Departure<'_>) -> usize {
    let ack = |x: &&Debt| matches!(x.owed, Owed::Ack | Owed::Challenge | Owed::SynAck);
    host.debts.iter().filter(|x| x.port == d.port() && x.remote == d.remote()).filter(ack).count()
}

/// The acknowledgment field: RCV.NXT, or a number on the way to it within one instant.
pub(super) fn acknowledge(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
) -> Result<(), Mismatch> {
    let ack = d.segment.header.ack;
    let (port, remote) = (d.port(), d.remote());
    let tcb = &mut host.tcbs[index];
    if tcb.untold.is_some_and(|from| ack.is_after(from)) && ack.is_before(tcb.rcv_nxt) {
        tcb.rcv_nxt = ack;
        tcb.rcv_settled = tcb.rcv_settled.min(ack);
        tcb.untold = None;
        host.concede(Cost::Allowed);
    }
    let tcb = &host.tcbs[index];
    if is_stale_copy(tcb, d) {
        // An identical retransmission (MAY-4) carries the ACK of its first time.
        let step = own_step(ctx, tcb, "ACK-IS-CURRENT", Level::Text, "RFC 9293 3.8.1, 3.10.8; MAY-4");
        let want = Want::AckNumber { from: tcb.rcv_settled, to: tcb.rcv_nxt };
        host.note(Mismatch { kind: Kind::WrongNumber, want, step, soft: true });
        return Ok(());
    }
    let further = ack.is_after(tcb.rcv_nxt) && ctx.broken != Broken::AckNumbers;
    if further {
        adopt(ctx, host, index, ack);
    }
    let tcb = &host.tcbs[index];
    if ack != tcb.rcv_nxt && ctx.broken != Broken::AckNumbers {
        let on_the_way = ack.is_at_or_after(tcb.rcv_settled) && ack.is_before(tcb.rcv_nxt);
        if !on_the_way || ctx.broken == Broken::NumbersOnTheWay {
            let want = Want::AckNumber { from: tcb.rcv_settled, to: tcb.rcv_nxt };
            let m = newest(host, Kind::RcvNxt, want, Aspects::RCV);
            // What is missing was to be taken before: what came since and takes nothing is not to blame.
            let missing = ack.is_before(tcb.rcv_nxt);
            let mut takers = host.path.iter().filter(|s| missing && s.open.has(Aspects::RCV) && takes(s));
            // Where the last ACK comes again, although others were due since, the first was not taken.
            let none_taken = ack == tcb.told && ack.is_before(tcb.rcv_settled);
            let taker = if none_taken { takers.next() } else { takers.next_back() };
            let Some(step) = taker else { return Err(m) };
            return Err(Mismatch { step: *step, ..m });
        }
        return Ok(());
    }
    // A SYN,ACK that is owed needs its SYN; everything else that wants an ACK has it now.
    let waits = |x: &Debt| match x.owed {
        Owed::Ack | Owed::Challenge => ctx.broken == Broken::AnySegmentAcks && !d.segment.is_empty(),
        Owed::Syn | Owed::SynAck | Owed::Rst { .. } | Owed::Unwanted { .. } => true,
    };
    let (mut challenged, mut discharged) = (false, false);
    let mut late = None;
    host.debts.retain(|x| {
        let another = discharged && ctx.broken == Broken::Coalescing;
        let keep = x.port != port || x.remote != remote || waits(x) || another;
        if !keep {
            challenged |= x.owed == Owed::Challenge || is_challenged(&x.step);
            discharged = true;
            if x.late {
                late = late.or(Some(*x));
            }
        }
        keep
    });
    if let Some(debt) = late.filter(|_| ctx.broken != Broken::Lateness) {
        let m = Mismatch { kind: Kind::MissingReply, want: Want::AtOnce, step: debt.step, soft: true };
        host.note(m);
    }
    let last = host.path.last().filter(|s| !discharged && s.event == ctx.event);
    if challenged || last.is_some_and(is_challenged) {
        host.challenged = Some(ctx.now);
    }
    host.confirm(Aspects::RCV);
    let tcb = &mut host.tcbs[index];
    tcb.rcv_settled = tcb.rcv_nxt;
    tcb.untold = None;
    Ok(())
}

/// An ACK in answer to this is a challenge ACK, or counts as one with its sender (RFC 5961 3.2, 4.2, 5.2, 7).
/// An ACK of text or FIN, old or new, does not.
fn is_challenged(step: &Step) -> bool {
    if step.state == State::SynSent {
        // The ACK that ends the handshake.
        return false;
    }
    matches!(step.trigger, Trigger::Syn | Trigger::SynAck | Trigger::Rst)
        || step.relation == AckRelation::Above
        || step.rule == "ACK-RANGE"
}

/// Text or FIN that is sent again with an acknowledgment that was right before.
pub(super) fn is_stale_copy(tcb: &Tcb, d: &Departure<'_>) -> bool {
    let h = &d.segment.header;
    let known = tcb.irs.is_some_and(|irs| h.ack.is_after(irs)) && h.ack.is_before(tcb.rcv_settled);
    known && !d.segment.is_empty() && d.segment.end().is_at_or_before(tcb.nxt)
}

/// An empty ACK: where its SEQ may be, and whether anything wanted it.
pub(super) fn empty(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
    debts_before: usize,
) -> Result<(), Mismatch> {
    let h = &d.segment.header;
    let seq = h.seq;
    let tcb = &host.tcbs[index];
    // What a user or a timer asked for is no answer to what came meanwhile.
    let mut unasked = h.ack.add(tcb.own_window(h.window, false)).is_after(tcb.edge_now);
    if seq != tcb.nxt && ctx.broken != Broken::SeqNumbers {
        let keep_alive = ctx.setup.keep_alive.is_some() && seq == tcb.nxt.sub(1);
        let probe = tcb.wnd == 0 && (seq == tcb.una.sub(1) || seq == tcb.nxt.sub(1));
        let rewound = seq.is_at_or_after(tcb.una) && seq.is_before(tcb.nxt);
        let unsent_fin = seq == tcb.nxt.add(1) && tcb.fin_wanted && !tcb.fin_sent;
        let resent = tcb.resent && ctx.broken != Broken::ResentAcks;
        if seq == tcb.una && resent || keep_alive || probe {
            // Right: what was sent again starts at SND.UNA, a probe at the octet before.
        } else if rewound && ctx.broken != Broken::RewoundAcks {
            let cite = "RFC 9293 3.10.7.4 first";
            let step = own_step(ctx, tcb, "ACK-CARRIES-SND-NXT", Level::Text, cite);
            let want = seq_want(tcb);
            host.note(Mismatch { kind: Kind::WrongNumber, want, step, soft: true });
        } else {
            let aspects = if unsent_fin { Aspects::STATE } else { Aspects::SND };
            let m = mismatch(ctx, host, Kind::WrongNumber, seq_want(tcb), aspects);
            // Octets are skipped, unless it is the FIN's number that it counts already.
            let skips = seq.is_after(tcb.nxt) && !unsent_fin;
            return Err(if skips { by_acknowledgment(host, AckRelation::Above, m) } else { m });
        }
        unasked |= probe || keep_alive;
        if probe || keep_alive {
            let tcb = &mut host.tcbs[index];
            tcb.waiting_since = ctx.now;
            if probe {
                tcb.shut_since = tcb.shut_since.map(|_| ctx.now);
            }
        }
    }
    let tcb = &host.tcbs[index];
    if h.ack == tcb.told && h.ack.add(tcb.own_window(h.window, false)) == tcb.edge_now {
        host.repeated = Some(ctx.now);
    }
    let last = host.path.last().copied();
    let after_rst = last.is_some_and(|s| s.event == ctx.event && s.trigger == Trigger::Rst);
    // In answer to an empty ACK it sustains a packet war: the monitor ACK-FOR-ACK watches for that.
    let unwanted = after_rst && ctx.broken != Broken::Superfluous || ctx.broken == Broken::FreeAcks;
    if debts_before == 0 && unwanted && !unasked {
        let m = Mismatch {
            kind: Kind::Superfluous,
            want: Want::Silence,
            step: last.unwrap_or(NO_STEP),
            soft: false,
        };
        if m.step.level == Level::Must {
            return Err(m);
        }
        host.note(m);
    }
    Ok(())
}

/// The window field: the right edge, and what a reader that freed space owes.
pub(super) fn advertise(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
) -> Result<(), Mismatch> {
    let (field, ack) = (d.segment.header.window, d.segment.header.ack);
    let tcb = &host.tcbs[index];
    let wnd = tcb.own_window(field, false);
    let edge = ack.add(wnd);
    let judged = ctx.capabilities.exact_recv_buffer && !tcb.fin_taken && !tcb.was_full;
    if wnd == 0 && ack == tcb.rcv_nxt && judged {
        let free = buffer_edge(ctx, tcb).diff(tcb.rcv_nxt).max(0) as u32;
        // RFC 9293 3.8.6.2.2: an update is due when min(half the buffer, one segment) is free.
        let mss = u32::from(ctx.setup.mtu).saturating_sub(40);
        let useful = ctx.setup.recv_buffer.div_ceil(2).min(mss).max(1);
        let checked = ctx.broken != Broken::Obligation(Obligation::WindowUpdate);
        let rounding = if tcb.scaled() { 1u32 << tcb.own_scale.unwrap_or(0).min(14) } else { 1 };
        if checked && free >= useful.max(rounding) && tcb.held.as_slice().is_empty() {
            let step = Step {
                rule: Obligation::WindowUpdate.name(),
                level: Level::Must,
                cite: Obligation::WindowUpdate.cite(),
                state: tcb.state,
                event: ctx.event,
                ..NO_STEP_TIME
            };
            let want = Want::OpenWindow { at_least: useful };
            return Err(Mismatch { kind: Kind::Obligation, want, step, soft: false });
        }
    }
    let tcb = &mut host.tcbs[index];
    tcb.read_then = tcb.read;
    tcb.told = ack;
    tcb.edge_now = edge;
    tcb.edge_max = if tcb.edge_known { tcb.edge_max.max(edge) } else { edge };
    tcb.edge_known = true;
    Ok(())
}
