//! A RST leaves.

use lastack_core::types::{Endpoint, SeqNum, State};

use super::{Departure, mismatch, own_step, unexpected};
use crate::oracle::arrive::FIN_WAIT_2_MIN;
use crate::oracle::context::{Broken, Context};
use crate::oracle::debt::Owed;
use crate::oracle::host::{End, Host};
use crate::oracle::step::{Aspects, Cost, Mismatch, Step, Want};
use crate::oracle::{NO_STEP_TIME, end, time};
use crate::table::{Choice, Effect, Level, by_name, rule};
use crate::verdict::{Kind, Obligation};

/// A RST: owed, or the remark-only RST of a stack that gives up.
pub(super) fn reset(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    found: Option<usize>,
) -> Result<(), Mismatch> {
    let h = &d.segment.header;
    let to_us = |port: u16, remote: Endpoint| port == d.port() && remote == d.remote();
    let spare_ack = |owed: &Owed| match owed {
        Owed::Rst { ack: None, spare, free: false, .. } => h.flags.ack() && *spare == Some(h.ack),
        _ => false,
    };
    let fits = |owed: &Owed, freely: bool| match owed {
        Owed::Rst { seq, ack, other_seq, free, .. } => {
            let ack_fits = match ack {
                Some(ack) => h.flags.ack() && h.ack == *ack,
                None => !h.flags.ack() || spare_ack(owed),
            };
            ctx.broken == Broken::RstFields
                || ((h.seq == *seq || *other_seq == Some(h.seq)) && ack_fits)
                || (freely && *free && found_fits(h.seq, *seq, *other_seq))
        }
        _ => false,
    };
    // Of two that are owed, the one whose fields are left open may be the other one.
    let debt =
        |of: &dyn Fn(&Owed) -> bool| host.debts.iter().position(|x| to_us(x.port, x.remote) && of(&x.owed));
    let is_fixed = |owed: &Owed| matches!(owed, Owed::Rst { free: false, .. });
    let is_exact = |owed: &Owed| fits(owed, false) && !spare_ack(owed);
    let fixed = debt(&|owed| is_fixed(owed) && is_exact(owed));
    let exact = || debt(&is_exact);
    // What has an ACK too many for the one may be right for the other.
    let free = || debt(&|owed| fits(owed, true) && !spare_ack(owed));
    let spare = || debt(&|owed| fits(owed, false));
    if let Some(at) = fixed.or_else(exact).or_else(free).or_else(spare) {
        let debt = host.debts.remove(at);
        if spare_ack(&debt.owed) && ctx.broken != Broken::RstFields {
            // 3.5.2 has no ACK on it; the receiver of a RST in a synchronized state looks at SEQ alone.
            let want = Want::Owed(debt.owed, None, None);
            host.note(Mismatch { kind: Kind::WrongNumber, want, step: debt.step, soft: true });
        }
        // Where the transmit queue was full, one RST may stand for several that say the same.
        for same in host.debts.iter_mut().filter(|x| to_us(x.port, x.remote) && fits(&x.owed, false)) {
            same.optional = true;
        }
        end::confirm_over(host);
        return Ok(());
    }
    let unwanted = |owed: &Owed| matches!(owed, Owed::Unwanted { seq } if *seq == h.seq);
    if let Some(at) = debt(&unwanted).filter(|_| ctx.broken != Broken::ExtraReplies) {
        // Whenever it comes, it is the doing of the call that ended the connection.
        let step = host.debts.remove(at).step;
        host.note(Mismatch { kind: Kind::ExtraReply, want: Want::Silence, step, soft: true });
        return Ok(());
    }
    if let Some(m) = found.and_then(|index| end::too_early(ctx, &host.tcbs[index])) {
        return Err(m);
    }
    if let Some(index) = found.filter(|i| host.is_orphan(*i) || host.tcbs[*i].keep_alive_may_end(ctx)) {
        host.concede(Cost::Allowed);
        host.remove(index, End::Aborted);
        return Ok(());
    }
    if let Some(index) = found.filter(|i| after_close(ctx, host, *i, h.seq)) {
        host.concede(Cost::Allowed);
        host.remove(index, End::Aborted);
        return Ok(());
    }
    // What just came and asks for nothing is answered here, rather than what waits for its ACK.
    let last = host.path.last().filter(|s| s.event == ctx.event);
    let asked = |step: &Step| last.is_none_or(|last| last.event == step.event);
    let owed = host.debts.iter().find(|x| to_us(x.port, x.remote) && !x.optional && asked(&x.step));
    if let Some(debt) = owed {
        let kind = if matches!(debt.owed, Owed::Rst { .. }) { Kind::WrongNumber } else { Kind::WrongReply };
        return Err(Mismatch { kind, want: Want::Owed(debt.owed, None, None), step: debt.step, soft: false });
    }
    let Some(index) = found else {
        return unexpected(ctx, host, d, Want::Silence);
    };
    let tcb = &host.tcbs[index];
    // The user timeout holds in any state (3.10.8), also where nothing is waited for but the peer's FIN.
    let waits = ctx.timeouts.least.is_some_and(|least| ctx.now.since(tcb.heard) >= least);
    let timed_out = tcb.may_have_given_up(ctx.now, time::patience(ctx));
    if timed_out || waits && tcb.state == State::FinWait2 {
        let step = Step { rule: "USER-TIMEOUT", cite: "RFC 9293 3.10.8", ..NO_STEP_TIME };
        host.note(Mismatch { kind: Kind::ExtraReply, want: Want::NoRst, step, soft: true });
        host.remove(index, End::TimedOut);
        return Ok(());
    }
    let rested = ctx.now.since(tcb.unanswered_since) >= FIN_WAIT_2_MIN;
    if tcb.state == State::FinWait2 && tcb.user_gone && rested {
        // It may end there without a word; this tells the peer what it would hear with its next segment.
        let step = Step { rule: "FIN-WAIT-2-LIMIT", state: State::FinWait2, ..NO_STEP_TIME };
        host.note(Mismatch { kind: Kind::ExtraReply, want: Want::NoRst, step, soft: true });
        host.remove(index, End::Closed);
        return Ok(());
    }
    if ctx.broken == Broken::ExtraReplies {
        return Ok(());
    }
    let tcb = &host.tcbs[index];
    let unasked = host.path.last().is_none_or(|s| s.event != ctx.event);
    if ctx.timeouts.least.is_some() && unasked {
        // Nothing waits for an answer, and the connection is aborted all the same.
        let o = Obligation::UserTimeout;
        let step = own_step(ctx, tcb, o.name(), Level::Text, o.cite());
        return Err(Mismatch { kind: Kind::Obligation, want: Want::NoRst, step, soft: false });
    }
    if unasked && !host.path.iter().any(|s| s.open.has(Aspects::STATE)) {
        // Every rule has shown its effect: a timer that no RFC knows ends it.
        return Err(Mismatch {
            kind: Kind::ExtraReply,
            want: Want::NoRst,
            step: end::by_time(ctx, tcb.state),
            soft: false,
        });
    }
    Err(mismatch(ctx, host, Kind::ExtraReply, Want::NoRst, Aspects::NONE))
}

/// Text came for a user who has closed (SHLD-3), and before its RST left what the same segment's window let go.
fn after_close(ctx: &Context<'_>, host: &Host, index: usize, seq: SeqNum) -> bool {
    let tcb = &host.tcbs[index];
    let text = |effect: &Effect| matches!(effect, Effect::TakeText | Effect::HoldText | Effect::RefuseText);
    let came = |step: &&Step| {
        step.event == ctx.event && by_name(step.rule).any(|id| rule(id).effects.iter().any(text))
    };
    ctx.profile.half_duplex != Choice::No
        && tcb.user_gone
        && seq == tcb.nxt
        && host.path.iter().any(|s| came(&s))
}

/// A RST whose fields the text leaves open: SEQ must still be a number of the connection.
fn found_fits(seq: SeqNum, owed: SeqNum, other: Option<SeqNum>) -> bool {
    seq == owed || other == Some(seq) || owed.value() == 0 || seq.diff(owed).unsigned_abs() < 1 << 17
}
