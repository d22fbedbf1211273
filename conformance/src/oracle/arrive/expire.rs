//! What time alone may have ended before the segment came.

use lastack_core::types::{Duration, State};

use crate::oracle::context::Context;
use crate::oracle::host::{End, Host, Successors};
use crate::oracle::step::{Cost, Step};
use crate::oracle::tcb::Tcb;
use crate::oracle::{NO_STEP, NOBODY, end, time};

/// The shortest limit on FIN-WAIT-2 that is known of stacks in use.
pub const FIN_WAIT_2_MIN: Duration = Duration::from_secs(20);

/// Connections that time alone may have ended: TIME-WAIT over, given up after R2. Adds the host without
/// them to `out`, where that is possible, and says whether the host as it is remains possible.
pub fn expire(ctx: &Context<'_>, host: &Host, out: &mut Successors) -> bool {
    expire_from(ctx, host, 0, out)
}

/// As [`expire`], of the connections from `first` on: several may have ended at once, in every combination.
fn expire_from(ctx: &Context<'_>, host: &Host, first: usize, out: &mut Successors) -> bool {
    for (index, tcb) in host.tcbs.iter().enumerate().skip(first) {
        if let Some((early, late)) = tcb.time_wait {
            let (sooner, later) = time::time_wait_span(ctx);
            if ctx.now < early + sooner {
                continue;
            }
            let mut gone = out.copy(host);
            gone.forgive_acks(tcb.port, tcb.remote.unwrap_or(NOBODY));
            gone.remove(index, End::Closed);
            end::mark_over(ctx, &mut gone);
            // What stood behind it has moved to its place.
            if expire_from(ctx, &gone, index, out) {
                out.push(gone);
            }
            if later.is_some_and(|span| ctx.now > late + span) {
                return false;
            }
            continue;
        }
        if host.is_orphan(index) {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.remove(index, End::Aborted);
            if expire_from(ctx, &gone, index, out) {
                out.push(gone);
            }
            continue;
        }
        if tcb.may_have_given_up(ctx.now, time::patience(ctx)) || tcb.keep_alive_may_end(ctx) {
            if waits_behind(ctx, host, index) {
                continue;
            }
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.forgive_acks(tcb.port, tcb.remote.unwrap_or(NOBODY));
            gone.remove(index, End::TimedOut);
            // Now others may be the first in line.
            if expire_from(ctx, &gone, if in_order(ctx) { 0 } else { index }, out) {
                out.push(gone);
            }
            continue;
        }
        // FIN-WAIT-2 has no timer in the RFC, but after a full CLOSE most stacks end it.
        let unread = tcb.user_gone || ctx.timeouts.least.is_some();
        let rested = ctx.now.since(tcb.unanswered_since) >= FIN_WAIT_2_MIN;
        if tcb.state == State::FinWait2 && unread && rested {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.walk_on(Step { rule: "FIN-WAIT-2-LIMIT", state: State::FinWait2, ..NO_STEP });
            gone.remove(index, End::Closed);
            if expire_from(ctx, &gone, index, out) {
                out.push(gone);
            }
        }
    }
    true
}

/// Who has waited longest is given up first, among those that are opening and among those that are open: of
/// several there are then few sets that may have gone.
fn waits_behind(ctx: &Context<'_>, host: &Host, index: usize) -> bool {
    if ctx.timeouts.least != ctx.timeouts.most {
        // Each may have a user timeout of its own.
        return false;
    }
    let key = |at: usize| (host.tcbs[at].unanswered_since, at);
    let open = |tcb: &Tcb| tcb.state.is_synchronized();
    let gives_up = |tcb: &Tcb| tcb.may_have_given_up(ctx.now, time::patience(ctx));
    let own = &host.tcbs[index];
    let before = |(at, tcb): (usize, &Tcb)| key(at) < key(index) && open(tcb) == open(own) && gives_up(tcb);
    in_order(ctx) && host.tcbs.iter().enumerate().any(before)
}

/// All have one patience.
fn in_order(ctx: &Context<'_>) -> bool {
    ctx.timeouts.least == ctx.timeouts.most
}
