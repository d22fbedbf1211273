//! SEND: which octets may be taken.

use lastack_core::types::State;

use super::{Called, state_step, step, wrong};
use crate::oracle::context::Context;
use crate::oracle::host::Host;
use crate::oracle::step::{Cost, Mismatch};
use crate::subject::Outcome;
use crate::table::{CallKind, Guard};

pub(super) fn send(ctx: &Context<'_>, host: &mut Host, c: &Called, octets: u32) -> Result<(), Mismatch> {
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
            if n > 0 {
                tcb.submitted_since = tcb.submitted_since.or(Some(ctx.now));
            }
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
