//! OPEN, and how the user comes by a connection.

use lastack_core::types::State;

use super::close::abandon;
use super::{Called, debt, is_error, state_step, step, wrong};
use crate::oracle::apply::default_mss;
use crate::oracle::context::Context;
use crate::oracle::debt::Owed;
use crate::oracle::host::{End, Host, Successors};
use crate::oracle::step::{Cost, Mismatch};
use crate::oracle::tcb::{Origin, Tcb, is_possible_peer};
use crate::oracle::time;
use crate::scenario::Addr;
use crate::subject::{Handle, ListenerKind, Outcome};
use crate::table::{CallKind, Guard};

/// Port 0 is reserved (RFC 6335 6): as a user's own port it is refused, or taken for any that is free.
const ANY_PORT: u16 = 0;

pub(super) fn open_passive(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    port: u16,
) -> Result<(), Mismatch> {
    let existing = host.by_handle(c.handle);
    let state = existing.map_or(State::Closed, |i| host.tcbs[i].state);
    let s = step(ctx, state, CallKind::OpenPassive, &[]);
    host.walk_on(s);
    if is_error(c.outcome) || c.outcome == Outcome::WouldBlock {
        // NEW-OR-ERROR, or the handle is in use, or no resources: nothing changes.
        let may_refuse = matches!(c.outcome, Outcome::NoResources | Outcome::Exists) || port == ANY_PORT;
        if existing.is_none() && !may_refuse {
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
    // Which port the stack chose nobody knows.
    host.lost |= port == ANY_PORT;
    let tcb = Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now);
    host.add(tcb);
    Ok(())
}

pub(super) fn open_active(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    (port, remote, remote_port): (u16, Addr, u16),
    out: &mut Successors,
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
        if existing.is_some() || c.outcome == Outcome::NoResources || port == ANY_PORT {
            // A listener that cannot be turned active: sockets have no such call.
            host.concede(Cost::Allowed);
            return Ok(());
        }
        return Err(wrong(s, "SYN-SENT", c.outcome, false));
    }
    if let Some(index) = existing {
        host.tcbs.remove(index);
        abandon(ctx, host, c.handle, s, out);
    }
    host.lost |= port == ANY_PORT;
    let Some(remote) = c.remote else { return Ok(()) };
    let mut tcb = Tcb::new(c.handle, port, State::SynSent, Origin::Active, ctx.now);
    tcb.remote = Some(remote);
    tcb.peer_mss = default_mss(ctx.setup.ip);
    host.add(tcb);
    host.owe(debt(ctx, port, remote, Owed::Syn, s));
    Ok(())
}

pub(super) fn accept(
    ctx: &Context<'_>,
    host: &mut Host,
    c: &Called,
    into: Handle,
    out: &mut Successors,
) -> Result<(), Mismatch> {
    let s = step(ctx, State::Listen, CallKind::Status, &[]);
    let done = c.outcome == Outcome::Done;
    match ctx.capabilities.listener {
        ListenerKind::BecomesConnection => {
            let Some(index) = host.by_handle(c.handle) else {
                // The connection ended before it was accepted: it may be handed over all the same.
                if !host.ended.iter().any(|e| e.handle == c.handle) || !done {
                    return if done { Err(wrong(s, "nothing to accept", c.outcome, false)) } else { Ok(()) };
                }
                host.rename_ended(c.handle, into);
                let port = crate::scenario::STACK_PORT;
                host.add(Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now));
                return Ok(());
            };
            let listening = host.tcbs[index].state == State::Listen;
            if !done && host.tcbs[index].origin == Origin::Active {
                // OPEN turned the listener active: no SYN was listened for, so there is nothing to accept.
                return Ok(());
            }
            let was_listener = host.tcbs[index].origin == Origin::Passive && !host.tcbs[index].handed_over;
            if !done && (!was_listener || c.outcome == Outcome::Exists) {
                // Nobody listens on this handle, or the name for the connection is taken.
                return Ok(());
            }
            if done && !was_listener {
                return Err(wrong(state_step(ctx, host, s), "nothing to accept", c.outcome, false));
            }
            if done == listening {
                let want = if listening { "would block: still LISTEN" } else { "a connection" };
                return Err(wrong(state_step(ctx, host, s), want, c.outcome, false));
            }
            if done {
                let port = host.tcbs[index].port;
                host.tcbs[index].handle = into;
                host.tcbs[index].handed_over = true;
                host.ended.retain(|e| e.handle != into);
                host.add(Tcb::new(c.handle, port, State::Listen, Origin::Passive, ctx.now));
            }
        }
        ListenerKind::Forks { .. } => {
            // A TIME-WAIT that nobody knows was returned to: its user has closed it long ago.
            let ready = |t: &Tcb| !t.accepted_by_user && !matches!(t.state, State::Listen | State::TimeWait);
            // Those that are open come first; which of several was open first, the readings do not know.
            let mine = |t: &Tcb| ready(t) && t.handle == c.handle;
            let opened = |t: &Tcb| mine(t) && t.state.is_synchronized();
            let index = host.tcbs.iter().position(opened).or_else(|| host.tcbs.iter().position(mine));
            let open = index.is_some_and(|i| host.tcbs[i].state.is_synchronized());
            let others = (0..host.tcbs.len()).filter(|i| Some(*i) != index && opened(&host.tcbs[*i]));
            for other in others.filter(|_| done) {
                let mut next = out.copy(host);
                hand_over(&mut next, other, into);
                out.push(next);
            }
            if c.outcome == Outcome::Exists && host.by_handle(into).is_some() {
                // The name for the connection is taken.
                return Ok(());
            }
            let orphan = index.is_some_and(|i| host.is_orphan(i));
            let expired =
                |t: &Tcb| t.may_have_given_up(ctx.now, time::patience(ctx)) || t.keep_alive_may_end(ctx);
            if let Some(index) = index.filter(|i| !done && open && !orphan && expired(&host.tcbs[*i])) {
                // Time alone has ended it, and no handle was there to say so.
                host.concede(Cost::Allowed);
                host.remove(index, End::TimedOut);
                return Ok(());
            }
            if done && index.is_none() || !done && open && !orphan {
                let want = if done { "nothing to accept" } else { "a connection" };
                return Err(wrong(state_step(ctx, host, s), want, c.outcome, false));
            }
            if let Some(index) = index.filter(|_| done) {
                hand_over(host, index, into);
            }
        }
    }
    Ok(())
}

/// A connection that a forking listener made gets its user's handle.
fn hand_over(host: &mut Host, index: usize, into: Handle) {
    host.tcbs[index].handle = into;
    host.tcbs[index].accepted_by_user = true;
    host.ended.retain(|e| e.handle != into);
}
