//! A call and what it came to: which readings fit?
//!
//! Errors have names in RFC 9293 3.10, but its introduction leaves the names free and stacks differ, so a
//! wrong name is a detail; taking octets that must be refused, or keeping octets from the user, is not.

use lastack_core::types::{Endpoint, SeqNum, State};

use super::host::{Aspects, Broken, Context, Cost, Debt, End, Host, Mismatch, Owed, Step, Successors, Want};
use super::tcb::{Origin, Tcb, is_possible_peer};
use crate::scenario::{Addr, ScriptCall};
use crate::subject::{Handle, ListenerKind, Outcome};
use crate::table::{CallKind, Effect, Next, Reply};
use crate::table::{Guard, Level, Switches, call_rule, rule};
use crate::verdict::{AckRelation, Kind, Trigger};

/// A call, its handle and its outcome.
#[derive(Clone, Copy, Debug)]
pub struct Called {
    /// On which handle.
    pub handle: Handle,
    /// Which call.
    pub call: ScriptCall,
    /// What it came to.
    pub outcome: Outcome,
    /// The remote socket of an active OPEN, resolved.
    pub remote: Option<Endpoint>,
}

/// Adds to `out` the readings that fit the call's outcome.
///
/// # Errors
/// Why the outcome does not fit this reading.
pub fn call(ctx: &Context<'_>, host: &Host, c: &Called, out: &mut Successors) -> Result<(), Mismatch> {
    let mut next = out.copy(host);
    if c.outcome == Outcome::Unsupported
        || ctx.broken == Broken::Outcomes && !matches!(c.outcome, Outcome::Octets(_))
    {
        out.push(next);
        return Ok(());
    }
    match c.call {
        ScriptCall::OpenPassive { port } => open_passive(ctx, &mut next, c, port)?,
        ScriptCall::OpenActive { port, remote, remote_port } => {
            open_active(ctx, &mut next, c, port, remote, remote_port)?;
        }
        ScriptCall::Accept { into } => accept(ctx, &mut next, c, into)?,
        ScriptCall::Send(octets) => send(ctx, &mut next, c, octets)?,
        ScriptCall::Receive(max) => receive(ctx, &mut next, c, max)?,
        ScriptCall::ShutdownWrite => close(ctx, &mut next, c, false, out)?,
        ScriptCall::Close => close(ctx, &mut next, c, true, out)?,
        ScriptCall::Abort => abort(ctx, &mut next, c, out)?,
        ScriptCall::Status | ScriptCall::Set(_) => {}
    }
    out.push(next);
    Ok(())
}

/// The row of a call in a state, as a step.
fn step(ctx: &Context<'_>, state: State, kind: CallKind, guards: &[Guard]) -> Step {
    let base = Step {
        state,
        event: ctx.event,
        trigger: Trigger::of_call(kind),
        relation: AckRelation::Absent,
        plausible: true,
        licensed: false,
        open: Aspects::NONE,
        ..super::NO_STEP
    };
    match call_rule(state, kind, Switches::default(), guards).map(rule) {
        Some(row) => {
            let open =
                if row.next == Next::Stay { Aspects::NONE } else { Aspects::STATE.with(Aspects::MOVES) };
            Step { rule: row.name, level: row.level, cite: row.cite, open, ..base }
        }
        None => base,
    }
}

fn wrong(step: Step, want: &'static str, got: Outcome, soft: bool) -> Mismatch {
    Mismatch { kind: Kind::WrongSignal, want: Want::Outcome(want, Some(got)), step, soft }
}

/// An error, whatever its name.
fn is_error(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Done | Outcome::Octets(_) | Outcome::WouldBlock | Outcome::InState(_))
}

fn open_passive(ctx: &Context<'_>, host: &mut Host, c: &Called, port: u16) -> Result<(), Mismatch> {
    let existing = host.by_handle(c.handle);
    let state = existing.map_or(State::Closed, |i| host.tcbs[i].state);
    let s = step(ctx, state, CallKind::OpenPassive, &[]);
    host.walk_on(s);
    if is_error(c.outcome) || c.outcome == Outcome::WouldBlock {
        // NEW-OR-ERROR, or the handle is in use, or no resources: nothing changes.
        if existing.is_none() && c.outcome != Outcome::NoResources && c.outcome != Outcome::Exists {
            return Err(wrong(s, "LISTEN", c.outcome, false));
        }
        return Ok(());
    }
    if let Some(index) = existing {
        if host.tcbs[index].state != State::Listen {
            return Err(wrong(s, "error: connection already exists", c.outcome, false));
        }
        return Ok(());
    }
    let tcb = Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now);
    host.add(tcb);
    Ok(())
}

fn open_active(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    port: u16,
    remote: Addr,
    remote_port: u16,
) -> Result<(), Mismatch> {
    let existing = host.by_handle(c.handle);
    let state = existing.map_or(State::Closed, |i| host.tcbs[i].state);
    let bad = !is_possible_peer(remote);
    let guard = if remote_port == 0 || remote == Addr::Unspecified {
        Guard::RemoteMissing
    } else if bad {
        Guard::RemoteBad
    } else {
        Guard::RemoteGiven
    };
    let taken = c.remote.and_then(|r| host.connection(port, r)).map(|i| host.tcbs[i].state);
    // The connection exists, though the user asks by another handle.
    let state = if existing.is_none() { taken.unwrap_or(state) } else { state };
    let s = step(ctx, state, CallKind::OpenActive, &[guard, Guard::HasAccess]);
    host.walk_on(s);
    let taken = taken.is_some();
    if existing.is_some_and(|i| host.tcbs[i].state != State::Listen) || taken || guard != Guard::RemoteGiven {
        if is_error(c.outcome) {
            return Ok(());
        }
        // Loopback and the stack's own address are a matter of routing, not of this rule.
        if guard == Guard::RemoteBad && matches!(remote, Addr::Loopback | Addr::Stack) {
            host.lost = true;
            return Ok(());
        }
        return Err(wrong(s, "an error", c.outcome, false));
    }
    if is_error(c.outcome) {
        if existing.is_some() || c.outcome == Outcome::NoResources {
            // A listener that cannot be turned active: sockets have no such call.
            host.concede(Cost::Allowed);
            return Ok(());
        }
        return Err(wrong(s, "SYN-SENT", c.outcome, false));
    }
    if let Some(index) = existing {
        host.tcbs.remove(index);
    }
    let Some(remote) = c.remote else { return Ok(()) };
    let mut tcb = Tcb::new(c.handle, port, State::SynSent, Origin::Active, ctx.now);
    tcb.remote = Some(remote);
    tcb.peer_mss = super::apply::default_mss(ctx.setup.ip);
    host.add(tcb);
    host.owe(debt(ctx, port, remote, Owed::Syn, s));
    Ok(())
}

fn debt(ctx: &Context<'_>, port: u16, remote: Endpoint, owed: Owed, step: Step) -> Debt {
    Debt { owed, port, remote, step, since: ctx.now, due: ctx.now, optional: false, late: false }
}

fn accept(ctx: &Context<'_>, host: &mut Host, c: &Called, into: Handle) -> Result<(), Mismatch> {
    let s = step(ctx, State::Listen, CallKind::Status, &[]);
    let done = c.outcome == Outcome::Done;
    match ctx.capabilities.listener {
        ListenerKind::BecomesConnection => {
            let Some(index) = host.by_handle(c.handle) else {
                // The connection ended before it was accepted: it may be handed over all the same.
                let Some(ended) = host.ended.iter_mut().find(|e| e.handle == c.handle).filter(|_| done)
                else {
                    return if done { Err(wrong(s, "nothing to accept", c.outcome, false)) } else { Ok(()) };
                };
                ended.handle = into;
                let port = crate::scenario::STACK_PORT;
                host.add(Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now));
                return Ok(());
            };
            let listening = host.tcbs[index].state == State::Listen;
            if done == listening {
                let want = if listening { "would block: still LISTEN" } else { "a connection" };
                return Err(wrong(state_step(ctx, host, s), want, c.outcome, false));
            }
            if done {
                let port = host.tcbs[index].port;
                host.tcbs[index].handle = into;
                host.ended.retain(|e| e.handle != into);
                host.add(Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now));
            }
        }
        ListenerKind::Forks { .. } => {
            let ready = |t: &Tcb| !t.accepted_by_user && t.state != State::Listen;
            let index = host.tcbs.iter().position(|t| ready(t) && t.handle == c.handle);
            let open = index.is_some_and(|i| host.tcbs[i].state.is_synchronized());
            if done && index.is_none() || !done && open {
                let want = if done { "nothing to accept" } else { "a connection" };
                return Err(wrong(state_step(ctx, host, s), want, c.outcome, false));
            }
            if let Some(index) = index.filter(|_| done) {
                host.tcbs[index].handle = into;
                host.tcbs[index].accepted_by_user = true;
                host.ended.retain(|e| e.handle != into);
            }
        }
    }
    Ok(())
}

fn send(ctx: &Context<'_>, host: &mut Host, c: &Called, octets: u32) -> Result<(), Mismatch> {
    let Some(index) = host.by_handle(c.handle) else {
        let s = step(ctx, State::Closed, CallKind::Send, &[Guard::HasAccess]);
        host.walk_on(s);
        return match c.outcome {
            Outcome::Octets(n) if n > 0 => Err(wrong(state_step(ctx, host, s), "an error", c.outcome, false)),
            _ => Ok(()),
        };
    };
    let tcb = &host.tcbs[index];
    let state = tcb.state;
    let s = step(ctx, state, CallKind::Send, &[Guard::RemoteMissing]);
    host.walk_on(s);
    let tcb = &mut host.tcbs[index];
    let open = !tcb.fin_wanted
        && matches!(state, State::SynSent | State::SynReceived | State::Established | State::CloseWait);
    match c.outcome {
        Outcome::Octets(n) if n > octets => {
            Err(wrong(s, "no more octets than were offered", c.outcome, false))
        }
        Outcome::Octets(n) if open => {
            tcb.accepted = tcb.accepted.wrapping_add(n);
            Ok(())
        }
        Outcome::Octets(0) => Ok(()),
        Outcome::Octets(_) => {
            Err(wrong(state_step(ctx, host, s), "error: connection closing", c.outcome, false))
        }
        _ if !open || octets == 0 => Ok(()),
        Outcome::WouldBlock | Outcome::NoResources => {
            let empty = !tcb.in_flight() && tcb.unsent() == 0 && state.is_synchronized();
            if empty && ctx.setup.send_buffer > 0 {
                return Err(wrong(s, "octets taken: the send buffer is empty", c.outcome, false));
            }
            Ok(())
        }
        // Before ESTABLISHED a stack without a queue refuses (3.10.2: insufficient resources).
        _ if !state.is_synchronized() => {
            host.concede(Cost::Allowed);
            Ok(())
        }
        _ => Err(wrong(state_step(ctx, host, s), "octets taken", c.outcome, false)),
    }
}

/// The outcome speaks of another state: the oldest change of state that nothing has confirmed.
fn state_step(ctx: &Context<'_>, host: &Host, fallback: Step) -> Step {
    host.suspect(ctx.event, Aspects::STATE).unwrap_or(fallback)
}

fn receive(ctx: &Context<'_>, host: &mut Host, c: &Called, max: u32) -> Result<(), Mismatch> {
    let Some(index) = host.by_handle(c.handle) else {
        return receive_after_end(ctx, host, c);
    };
    let tcb = &host.tcbs[index];
    let state = tcb.state;
    let unread = tcb.unread();
    let fin = tcb.fin_taken;
    let guard = if unread > 0 { Guard::Undelivered } else { Guard::NothingLeft };
    let s = step(ctx, state, CallKind::Receive, &[guard]);
    let early = !state.is_synchronized();
    let blame = host.suspect(ctx.event, Aspects::RCV).unwrap_or(s);
    host.walk_on(s);
    let closing = matches!(state, State::Closing | State::LastAck | State::TimeWait);
    match c.outcome {
        Outcome::Octets(n) if n > 0 => {
            if n > max || n > unread {
                let m = Mismatch {
                    kind: Kind::Stream,
                    ..wrong(blame, "no more octets than were received", c.outcome, false)
                };
                return Err(m);
            }
            host.tcbs[index].read += n;
            Ok(())
        }
        Outcome::EndOfStream if fin && unread == 0 => Ok(()),
        Outcome::EndOfStream if host.tcbs[index].user_gone => Ok(()),
        Outcome::EndOfStream => {
            let want =
                if unread > 0 { "octets before the end of the stream" } else { "no end of the stream" };
            Err(Mismatch { kind: Kind::RcvNxt, ..wrong(blame, want, c.outcome, false) })
        }
        // In these states the text has an error even for octets that were received.
        _ if closing || host.tcbs[index].user_gone => Ok(()),
        Outcome::WouldBlock | Outcome::Octets(_) if max == 0 || (unread == 0 && !fin) => Ok(()),
        Outcome::WouldBlock | Outcome::Octets(_) => {
            let want = if unread > 0 { "octets that were received" } else { "the end of the stream" };
            Err(Mismatch { kind: Kind::RcvNxt, ..wrong(blame, want, c.outcome, false) })
        }
        // An error: before the connection is open it has no state to receive in; later it shows an end.
        _ if early => Ok(()),
        _ if unread == 0 && fin => {
            host.note(wrong(s, "error: connection closing", c.outcome, true));
            Ok(())
        }
        _ => Err(wrong(state_step(ctx, host, s), "an open connection", c.outcome, false)),
    }
}

fn receive_after_end(ctx: &Context<'_>, host: &mut Host, c: &Called) -> Result<(), Mismatch> {
    let s = step(ctx, State::Closed, CallKind::Receive, &[Guard::HasAccess]);
    let blame = host.suspect(ctx.event, Aspects::RCV).unwrap_or(s);
    host.walk_on(s);
    let end = host.end_of(c.handle).copied();
    match c.outcome {
        Outcome::Octets(n) if n > 0 => {
            let Some(end) = end.filter(|e| n <= e.unread) else {
                let m = wrong(blame, "no octets: nothing is left", c.outcome, false);
                return Err(Mismatch { kind: Kind::Stream, ..m });
            };
            // 3.10.7.4 flushes the queues; a stack that still hands over what came loses nothing.
            if let Some(e) = host.ended.iter_mut().find(|e| e.handle == end.handle) {
                e.unread -= n;
            }
            host.concede(Cost::Allowed);
            Ok(())
        }
        Outcome::EndOfStream => match end {
            Some(e) if !e.fin_taken && !e.told && matches!(e.end, End::Reset | End::TimedOut) => {
                // MUST-12: a close and a reset must look different.
                let step = Step { level: Level::Must, cite: "RFC 9293 3.6; MUST-12", ..blame };
                Err(wrong(step, "an error: the connection was not closed by a FIN", c.outcome, false))
            }
            _ => Ok(()),
        },
        outcome => {
            if is_error(outcome)
                && let Some(e) = host.ended.iter_mut().find(|e| e.handle == c.handle)
            {
                e.told = true;
            }
            Ok(())
        }
    }
}

fn close(
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
    let pending =
        host.tcbs[index].unsent() > 0 || (host.tcbs[index].accepted > 0 && !state.is_synchronized());
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
            let (port, remote) = (tcb.port, tcb.remote);
            host.remove(index, End::Closed);
            if let Some(remote) = remote {
                host.forgive_acks(port, remote);
            }
        }
        State::SynReceived | State::Established | State::CloseWait => {
            if is_error(c.outcome) {
                return Err(wrong(state_step(ctx, host, s), "ok", c.outcome, false));
            }
            tcb.fin_wanted = true;
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
    if ctx.profile.half_duplex == crate::table::Choice::No || !host.tcbs[index].state.is_synchronized() {
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

fn rst(nxt: SeqNum) -> Owed {
    Owed::Rst { seq: nxt, ack: None, other_seq: None, free: true }
}

fn abort(ctx: &Context<'_>, host: &mut Host, c: &Called, out: &mut Successors) -> Result<(), Mismatch> {
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
    debug_assert!(deletes || state == State::Closed);
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
    host.remove(index, End::Aborted);
    if let Some(remote) = remote.filter(|_| resets) {
        host.owe(debt(ctx, port, remote, rst(nxt), s));
    }
    Ok(())
}
