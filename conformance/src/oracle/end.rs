//! What must have ended by now, and what may not have ended yet: TIME-WAIT, the attempt to open, the user
//! timeout, and silence after the end.

use lastack_core::types::{Duration, Flags, State};

use super::context::{Broken, Context};
use super::host::Host;
use super::step::{Aspects, Mismatch, Step, Want};
use super::tcb::Tcb;
use super::time::silence_max;
use crate::table::Level;
use crate::verdict::{Kind, Obligation};

/// A SYN is sent again for three minutes at least (RFC 9293 3.8.3, MUST-23).
const SYN_R2_MIN: Duration = Duration::from_secs(180);

/// An obligation as the step that a difference is charged to.
pub fn step(ctx: &Context<'_>, obligation: Obligation, state: State) -> Step {
    let level = match obligation {
        Obligation::TimeWait | Obligation::GiveUp => Level::Must,
        _ => Level::Text,
    };
    let (rule, cite) = (obligation.name(), obligation.cite());
    Step { rule, level, cite, state, event: ctx.event, ..super::NO_STEP_TIME }
}

/// What only the clock can have done, and no timer of the table does.
pub fn by_time(ctx: &Context<'_>, state: State) -> Step {
    Step { rule: "STATE-BY-TIME", ..step(ctx, Obligation::Silence, state) }
}

fn is_off(ctx: &Context<'_>, obligation: Obligation) -> bool {
    ctx.broken == Broken::Obligation(obligation)
}

/// Something is sent again that should have been given up: the SYN past the declared R2, anything past the
/// user timeout. An R2 that is not declared may be endless, and a longer user timeout may stand in its place
/// (MUST-21).
///
/// # Errors
/// The obligation that is not kept.
pub fn goes_on(ctx: &Context<'_>, tcb: &Tcb) -> Result<(), Mismatch> {
    let opening = matches!(tcb.state, State::SynSent | State::SynReceived);
    let least = ctx.timeouts.most.unwrap_or_default().max(SYN_R2_MIN);
    let r2 = ctx.profile.r2.filter(|_| opening).map(|r2| r2.max(least));
    let bounds = [(Obligation::GiveUp, r2), (Obligation::UserTimeout, ctx.timeouts.most)];
    for (obligation, bound) in bounds {
        let Some(bound) = bound.filter(|_| !is_off(ctx, obligation) && tcb.in_flight()) else { continue };
        // The timer may be looked at when something is sent again, which may be as late as twice the RTO cap.
        // Whom nothing was sent to, for want of room, has left nothing unanswered.
        let rested = ctx.now.since(tcb.unanswered_since.max(tcb.barred));
        if rested.micros() >= bound.micros().saturating_add(silence_max(ctx).micros()) {
            let want = Want::Ended(obligation, bound);
            return Err(Mismatch {
                kind: Kind::Obligation,
                want,
                step: step(ctx, obligation, tcb.state),
                soft: false,
            });
        }
    }
    Ok(())
}

/// The stack acts as if TIME-WAIT were over, and it is too early for that.
pub fn too_early(ctx: &Context<'_>, tcb: &Tcb) -> Option<Mismatch> {
    let (_, last_start) = tcb.time_wait.filter(|_| tcb.state == State::TimeWait)?;
    // At the instant of its beginning it is the rule of the event that is to blame.
    let declared = ctx.profile.msl.map_or(Duration::ZERO, |msl| msl.times(2));
    let step = step(ctx, Obligation::TimeWait, tcb.state);
    let want = Want::Lasts(Obligation::TimeWait, declared);
    (ctx.now > last_start && !is_off(ctx, Obligation::TimeWait)).then_some(Mismatch {
        kind: Kind::Obligation,
        want,
        step,
        soft: false,
    })
}

/// From here on the reading is that TIME-WAIT is over: what speaks against it is charged to its length.
pub fn mark_over(ctx: &Context<'_>, gone: &mut Host) {
    let open = Aspects::STATE;
    gone.walk_on(Step { open, ..step(ctx, Obligation::TimeWait, State::TimeWait) });
}

/// It has shown that TIME-WAIT is over.
pub fn confirm_over(host: &mut Host) {
    let name = Obligation::TimeWait.name();
    for step in host.path.iter_mut().filter(|step| step.rule == name) {
        step.open = Aspects::NONE;
    }
}

/// The stack speaks for a connection that is no more.
pub fn speaks_after(ctx: &Context<'_>, host: &Host, flags: Flags) -> Option<Mismatch> {
    let name = Obligation::TimeWait.name();
    if let Some(over) = host.path.iter().find(|s| s.rule == name && s.open.has(Aspects::STATE)) {
        let declared = ctx.profile.msl.map_or(Duration::ZERO, |msl| msl.times(2));
        let want = Want::Ended(Obligation::TimeWait, declared);
        let step = Step { event: ctx.event, ..*over };
        return Some(Mismatch { kind: Kind::Obligation, want, step, soft: false });
    }
    let unasked = host.path.last().is_none_or(|s| s.event != ctx.event);
    let shown = !host.path.iter().any(|s| s.open.has(Aspects::STATE));
    // A RST that comes late tells the peer what is true.
    (unasked && shown && !flags.rst()).then(|| {
        let step = step(ctx, Obligation::Silence, State::Closed);
        Mismatch { kind: Kind::Obligation, want: Want::Silence, step, soft: false }
    })
}

/// The obligation that explains a state which changed by time alone, or did not.
pub fn of_time(ctx: &Context<'_>, expected: State, word: State) -> Option<Obligation> {
    if expected == State::TimeWait || word == State::TimeWait {
        Some(Obligation::TimeWait)
    } else if ctx.timeouts.least.is_some() {
        Some(Obligation::UserTimeout)
    } else {
        None
    }
}
