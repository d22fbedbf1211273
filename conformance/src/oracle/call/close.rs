//! CLOSE of one direction or both, and ABORT.

use lastack_core::types::{Endpoint, SeqNum, State};

use super::{Called, debt, is_error, state_step, step, wrong};
use crate::oracle::context::Context;
use crate::oracle::debt::{Debt, Owed};
use crate::oracle::host::{End, Host, Successors};
use crate::oracle::step::{Cost, Mismatch, Step};
use crate::oracle::tcb::Tcb;
use crate::subject::Handle;
use crate::table::{CallKind, Choice, Effect, Guard, Reply, Switches, call_rule, rule};

pub(super) fn close(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    both: bool,
    out: &mut Successors,
) -> Result<(), Mismatch> {
    let Some(index) = host.by_handle(c.handle) else {
        host.walk_on(step(ctx, State::Closed, CallKind::Close, &[Guard::HasAccess]));
        return Ok(());
    };
    let state = host.tcbs[index].state;
    // Before the SYN has left there is no number that text could have been sent with.
    let unsent = host.tcbs[index].iss.is_some() && host.tcbs[index].unsent() > 0;
    let pending = unsent || (host.tcbs[index].accepted > 0 && !state.is_synchronized());
    let guard = if pending { Guard::TextPending } else { Guard::NothingPending };
    let s = step(ctx, state, CallKind::Close, &[guard]);
    host.walk_on(s);
    if both && host.tcbs[index].unread() > 0 {
        half_duplex(ctx, host, index, s, out);
    }
    let tcb = &mut host.tcbs[index];
    match state {
        State::Listen | State::SynSent => {
            // A refused ShutdownWrite changes nothing.
            if !both && is_error(c.outcome) {
                return Ok(());
            }
            let (port, remote, nxt) = (tcb.port, tcb.remote, tcb.nxt);
            host.remove(index, End::Closed);
            if let Some(remote) = remote {
                host.forgive_acks(port, remote);
                no_reset(ctx, host, port, remote, nxt, s);
            }
            if state == State::Listen {
                abandon(ctx, host, c.handle, s, out);
            }
        }
        State::SynReceived | State::Established | State::CloseWait => {
            // A CLOSE behind one that is still queued is one too many: `connection closing`, or ok.
            if is_error(c.outcome) && !tcb.fin_wanted {
                return Err(wrong(state_step(ctx, host, s), "ok", c.outcome, false));
            }
            tcb.fin_wanted = true;
            tcb.submitted_since = tcb.submitted_since.or(Some(ctx.now));
            tcb.user_gone |= both;
            tcb.state = match state {
                State::Established => State::FinWait1,
                State::CloseWait => State::LastAck,
                other => other,
            };
            if state == State::SynReceived && !pending {
                // 3.10.4 has a FIN at once and FIN-WAIT-1; to queue it until ESTABLISHED is common.
                let mut queued = out.copy(host);
                queued.concede(Cost::Allowed);
                out.push(queued);
                host.tcbs[index].state = State::FinWait1;
            }
        }
        _ => tcb.user_gone |= both,
    }
    Ok(())
}

/// MAY-1, SHLD-3: CLOSE with unread text resets the connection.
fn half_duplex(ctx: &Context<'_>, host: &Host, index: usize, s: Step, out: &mut Successors) {
    if ctx.profile.half_duplex == Choice::No || !host.tcbs[index].state.is_synchronized() {
        return;
    }
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    let (port, remote, nxt) = (next.tcbs[index].port, next.tcbs[index].remote, next.tcbs[index].nxt);
    next.walk_on(Step { rule: "CALL-CLOSE-UNREAD", cite: "RFC 9293 3.6.1; MAY-1 SHLD-3", ..s });
    next.remove(index, End::Aborted);
    if let Some(remote) = remote {
        next.forgive_acks(port, remote);
        next.owe(debt(ctx, port, remote, rst(nxt), s));
    }
    out.push(next);
}

/// What a forking listener made and nobody accepted, when the listener goes. No RFC knows such connections:
/// they are reset as by ABORT, or go without a word, or live on.
pub(super) fn abandon(ctx: &Context<'_>, host: &mut Host, handle: Handle, s: Step, out: &mut Successors) {
    let is_child = |t: &Tcb| t.handle == handle && !t.accepted_by_user;
    if !host.tcbs.iter().any(is_child) {
        return;
    }
    let mut lives = out.copy(host);
    lives.concede(Cost::Allowed);
    out.push(lives);
    host.concede(Cost::Allowed);
    while let Some(index) = host.tcbs.iter().position(is_child) {
        let (port, remote, nxt) = (host.tcbs[index].port, host.tcbs[index].remote, host.tcbs[index].nxt);
        host.remove(index, End::Aborted);
        if let Some(remote) = remote {
            host.forgive_acks(port, remote);
            host.owe(Debt { optional: true, ..debt(ctx, port, remote, rst(nxt), s) });
        }
    }
}

/// The call sends nothing. A RST that comes all the same, perhaps later, is its doing.
fn no_reset(ctx: &Context<'_>, host: &mut Host, port: u16, remote: Endpoint, nxt: SeqNum, s: Step) {
    host.owe(Debt { optional: true, ..debt(ctx, port, remote, Owed::Unwanted { seq: nxt }, s) });
}

fn rst(nxt: SeqNum) -> Owed {
    Owed::Rst { seq: nxt, ack: None, other_seq: None, free: true, spare: None }
}

pub(super) fn abort(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    out: &mut Successors,
) -> Result<(), Mismatch> {
    let Some(index) = host.by_handle(c.handle) else {
        host.walk_on(step(ctx, State::Closed, CallKind::Abort, &[Guard::HasAccess]));
        return Ok(());
    };
    let tcb = &host.tcbs[index];
    let (state, port, remote, nxt) = (tcb.state, tcb.port, tcb.remote, tcb.nxt);
    let s = step(ctx, state, CallKind::Abort, &[]);
    host.walk_on(s);
    let resets = call_rule(state, CallKind::Abort, Switches::default(), &[])
        .map(rule)
        .is_some_and(|r| r.reply == Reply::RstNxt);
    let deletes = call_rule(state, CallKind::Abort, Switches::default(), &[])
        .map(rule)
        .is_some_and(|r| r.effects.contains(&Effect::Delete));
    assert!(deletes || state == State::Closed);
    if let Some(remote) = remote {
        host.forgive_acks(port, remote);
    }
    if resets {
        // 3.5.2 and Fig. 5 note 3 have the sender of a RST rest in TIME-WAIT; 3.10.5 has it CLOSED.
        let mut rests = out.copy(host);
        rests.concede(Cost::Allowed);
        rests.tcbs[index].state = State::TimeWait;
        rests.tcbs[index].time_wait = Some((ctx.now, ctx.now));
        rests.tcbs[index].una = nxt;
        if let Some(remote) = remote {
            rests.owe(debt(ctx, port, remote, rst(nxt), s));
        }
        out.push(rests);
    }
    // STATE-AT-CLOSE-FREE: while the FIN waits the state may still be CLOSE-WAIT, where ABORT resets.
    let fin_waits = state == State::LastAck && !host.tcbs[index].fin_sent;
    host.remove(index, End::Aborted);
    if let Some(remote) = remote {
        if resets || fin_waits {
            host.owe(Debt { optional: !resets, ..debt(ctx, port, remote, rst(nxt), s) });
        } else {
            no_reset(ctx, host, port, remote, nxt, s);
        }
    }
    if state == State::Listen {
        abandon(ctx, host, c.handle, s, out);
    }
    Ok(())
}
