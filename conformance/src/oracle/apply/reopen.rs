//! TIME-WAIT left for a new connection, and the way back.

use lastack_core::types::State;

use super::Target;
use super::owe::debt;
use super::syn::default_mss;
use crate::oracle::arrive::Arrival;
use crate::oracle::context::Context;
use crate::oracle::debt::Owed;
use crate::oracle::host::{End, Host, Successors, embryo};
use crate::oracle::step::{Aspects, Cost, Step};
use crate::oracle::tcb::{Before, Held, Origin, Tcb};
use crate::subject::ListenerKind;

/// TIME-WAIT is left for a new connection (MAY-2): SYN,ACK and SYN-RECEIVED.
pub fn reopen(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
    base: Step,
    out: &mut Successors,
) {
    let Target::Tcb(old) = target else { return };
    // Which of several listeners on the port takes it, the RFC does not say.
    for listener in (0..host.tcbs.len()).filter(|i| host.is_listener(*i, a.port())) {
        reopen_by(ctx, host, (old, listener), a, base, out);
    }
}

fn reopen_by(
    ctx: &Context<'_>,
    host: &Host,
    (old, listener): (usize, usize),
    a: &Arrival<'_>,
    base: Step,
    out: &mut Successors,
) {
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    let Tcb { nxt, rcv_nxt, max_wnd, time_wait, .. } = next.tcbs[old];
    let before = Before { nxt, rcv_nxt, max_wnd, since: time_wait.map_or(ctx.now, |(since, _)| since) };
    next.remove(old, End::Closed);
    // What stood behind it has moved to its place.
    let listener = listener - usize::from(old < listener);
    let step = Step {
        rule: "SYN-REOPEN",
        cite: "RFC 9293 3.6.1; MAY-2",
        open: Aspects::STATE.with(Aspects::MOVES),
        ..base
    };
    next.walk_on(step);
    let forks = matches!(ctx.capabilities.listener, ListenerKind::Forks { .. });
    let mut tcb = embryo(&next.tcbs[listener], a.remote(), forks, ctx.now);
    let seq = a.segment.header.seq;
    tcb.irs = Some(seq);
    tcb.rcv_nxt = seq.add(1);
    tcb.rcv_settled = tcb.rcv_nxt;
    tcb.peer_mss = a.mss.unwrap_or(default_mss(ctx.setup.ip));
    tcb.peer_scale = a.scale;
    tcb.wnd = u32::from(a.segment.header.window);
    tcb.max_wnd = tcb.wnd;
    tcb.wl1 = seq;
    tcb.before = Some(before);
    // Text and FIN of the SYN wait, as in LISTEN.
    let held = Held { start: a.text_start(), end: a.text_end(), fin: a.segment.header.flags.fin() };
    if held.fin || held.start != held.end {
        tcb.held.push(held);
    }
    if forks {
        next.add(tcb);
    } else {
        next.tcbs[listener] = tcb;
    }
    next.owe(debt(ctx, a, Owed::SynAck, step));
    out.push(next);
}

/// The SYN that reopened was an old duplicate: TIME-WAIT again, with the old numbers (RFC 9293 3.6.1).
pub fn return_to_time_wait(ctx: &Context<'_>, host: &Host, target: Target, base: Step, out: &mut Successors) {
    let Some(tcb) = target.tcb(host) else { return };
    let Some(Before { nxt, rcv_nxt, max_wnd, since }) = tcb.before else { return };
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    next.walk_on(base);
    let mut old = Tcb::new(tcb.handle, tcb.port, State::TimeWait, Origin::Passive, ctx.now);
    old.remote = tcb.remote;
    // Its user has closed it, and knows it by no handle where the new connection was not handed over yet.
    old.accepted_by_user = tcb.accepted_by_user;
    old.iss = Some(nxt);
    old.una = nxt;
    old.nxt = nxt;
    old.fin_sent = true;
    old.irs = Some(rcv_nxt.sub(1));
    old.rcv_nxt = rcv_nxt;
    old.rcv_settled = rcv_nxt;
    old.fin_taken = true;
    old.max_wnd = max_wnd;
    // The timer may have gone on.
    old.time_wait = Some((since, ctx.now));
    let Target::Tcb(index) = target else { return };
    if ctx.capabilities.listener == ListenerKind::BecomesConnection {
        // What had become the new connection listens again, and the old one stands beside it.
        let mut beside = out.copy(&next);
        let listener = Tcb::new(tcb.handle, tcb.port, State::Listen, Origin::Passive, ctx.now);
        beside.tcbs[index] = Tcb { handed_over: tcb.handed_over, ..listener };
        beside.add(Tcb { accepted_by_user: false, ..old.clone() });
        out.push(beside);
    }
    next.tcbs[index] = old;
    out.push(next);
}
