//! RECEIVE: which octets, ends of stream and errors may be handed over.

use lastack_core::types::State;

use super::{Called, is_error, state_step, step, wrong};
use crate::oracle::apply::{adopt, furthest};
use crate::oracle::context::Context;
use crate::oracle::host::{End, Host};
use crate::oracle::step::{Aspects, Cost, Mismatch, Step};
use crate::subject::Outcome;
use crate::table::{CallKind, Guard, Level};
use crate::verdict::Kind;

pub(super) fn receive(ctx: &Context<'_>, host: &mut Host, c: &Called, max: u32) -> Result<(), Mismatch> {
    let Some(index) = host.by_handle(c.handle) else {
        return receive_after_end(ctx, host, c);
    };
    adopt_what_is_read(ctx, host, index, c.outcome);
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
                let blame = beyond_fin(blame, fin && n <= max);
                let m = wrong(blame, "no more octets than were received", c.outcome, false);
                return Err(Mismatch { kind: Kind::Stream, ..m });
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

/// What is handed over has been received, where a reading does not remember all that came out of order.
fn adopt_what_is_read(ctx: &Context<'_>, host: &mut Host, index: usize, outcome: Outcome) {
    let tcb = &host.tcbs[index];
    let Some(known) = furthest(tcb) else { return };
    let read_to = tcb.irs.unwrap_or(tcb.rcv_nxt).add(1).add(tcb.read);
    let to = match outcome {
        Outcome::Octets(n) if n > tcb.unread() => read_to.add(n),
        Outcome::EndOfStream if known.fin && read_to == known.end => known.end.add(1),
        _ => return,
    };
    adopt(ctx, host, index, to);
}

/// Where the peer's FIN has come, octets that were not received before it are text beyond it.
fn beyond_fin(blame: Step, fin_taken: bool) -> Step {
    if !fin_taken {
        return blame;
    }
    Step { rule: "TEXT-AFTER-FIN", cite: "RFC 9293 3.10.7.4 seventh", level: Level::Text, ..blame }
}

fn receive_after_end(ctx: &Context<'_>, host: &mut Host, c: &Called) -> Result<(), Mismatch> {
    let s = step(ctx, State::Closed, CallKind::Receive, &[Guard::HasAccess]);
    let blame = host.suspect(ctx.event, Aspects::RCV).unwrap_or(s);
    host.walk_on(s);
    let end = host.end_of(c.handle).copied();
    match c.outcome {
        Outcome::Octets(n) if n > 0 => {
            let Some(end) = end.filter(|e| n <= e.unread) else {
                let blame = beyond_fin(blame, end.is_some_and(|e| e.fin_taken));
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
