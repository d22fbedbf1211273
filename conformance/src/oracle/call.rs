//! A call and what it came to: which readings fit?
//!
//! Errors have names in RFC 9293 3.10, but its introduction leaves the names free and stacks differ, so a
//! wrong name is a detail; taking octets that must be refused, or keeping octets from the user, is not.

mod close;
mod open;
mod receive;
mod send;

use lastack_core::types::{Endpoint, State};

use super::context::{Broken, Context};
use super::debt::{Debt, Owed};
use super::host::{Host, Successors};
use super::step::{Aspects, Mismatch, Step, Want};
use crate::scenario::ScriptCall;
use crate::subject::{Handle, Outcome};
use crate::table::{CallKind, Guard, Next, Switches, call_rule, rule};
use crate::verdict::{AckRelation, Kind, Trigger};
use close::{abort, close};
use open::{accept, open_active, open_passive};
use receive::receive;
use send::send;

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
    let first = out.len();
    if c.outcome == Outcome::Unsupported
        || ctx.broken == Broken::Outcomes && !matches!(c.outcome, Outcome::Octets(_))
    {
        out.push(next);
        return Ok(());
    }
    match c.call {
        ScriptCall::OpenPassive { port } => open_passive(ctx, &mut next, c, port)?,
        ScriptCall::OpenActive { port, remote, remote_port } => {
            open_active(ctx, &mut next, c, (port, remote, remote_port), out)?;
        }
        ScriptCall::Accept { into } => accept(ctx, &mut next, c, into, out)?,
        ScriptCall::Send(octets) => send(ctx, &mut next, c, octets)?,
        ScriptCall::Receive(max) => receive(ctx, &mut next, c, max)?,
        ScriptCall::ShutdownWrite => close(ctx, &mut next, c, false, out)?,
        ScriptCall::Close => close(ctx, &mut next, c, true, out)?,
        ScriptCall::Abort => abort(ctx, &mut next, c, out)?,
        ScriptCall::Status | ScriptCall::Set(_) => {}
    }
    // The literal outcome stands before what is licensed besides.
    out.push(next);
    let last = out.len() - 1;
    out.swap(first, last);
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

fn debt(ctx: &Context<'_>, port: u16, remote: Endpoint, owed: Owed, step: Step) -> Debt {
    // A RST goes once: a full transmit queue loses it.
    let optional = !ctx.room && matches!(owed, Owed::Rst { .. });
    Debt { owed, port, remote, step, since: ctx.now, due: ctx.now, optional, late: false, said: false }
}

/// The outcome speaks of another state: the oldest change of state that nothing has confirmed.
fn state_step(ctx: &Context<'_>, host: &Host, fallback: Step) -> Step {
    host.suspect(ctx.event, Aspects::STATE).unwrap_or(fallback)
}
