//! What time alone may have ended before the segment came.

use lastack_core::types::{Duration, State};

use crate::oracle::context::Context;
use crate::oracle::host::{End, Host, Successors};
use crate::oracle::step::{Cost, Step};
use crate::oracle::{NO_STEP, NOBODY, end, time};

/// The shortest limit on FIN-WAIT-2 that is known of stacks in use.
const FIN_WAIT_2_MIN: Duration = Duration::from_secs(20);

/// Connections that time alone may have ended: TIME-WAIT over, given up after R2. Adds the host without
/// them to `out`, where that is possible, and says whether the host as it is remains possible.
pub fn expire(ctx: &Context<'_>, host: &Host, out: &mut Successors) -> bool {
    for (index, tcb) in host.tcbs.iter().enumerate() {
        if let Some((early, late)) = tcb.time_wait {
            let (sooner, later) = time::time_wait_span(ctx);
            if ctx.now < early + sooner {
                continue;
            }
            let mut gone = out.copy(host);
            gone.forgive_acks(tcb.port, tcb.remote.unwrap_or(NOBODY));
            gone.remove(index, End::Closed);
            end::mark_over(ctx, &mut gone);
            if !expire(ctx, &gone, out) {
                // It was replaced by what its own expiry left.
            } else {
                out.push(gone);
            }
            return later.is_none_or(|span| ctx.now <= late + span);
        }
        if host.is_orphan(index) {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.remove(index, End::Aborted);
            out.push(gone);
            return true;
        }
        if tcb.may_have_given_up(ctx.now, time::patience(ctx)) || tcb.keep_alive_may_end(ctx) {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.remove(index, End::TimedOut);
            out.push(gone);
            return true;
        }
        // FIN-WAIT-2 has no timer in the RFC, but after a full CLOSE most stacks end it.
        let unread = tcb.user_gone || ctx.setup.user_timeout.is_some();
        let rested = ctx.now.since(tcb.unanswered_since) >= FIN_WAIT_2_MIN;
        if tcb.state == State::FinWait2 && unread && rested {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.walk_on(Step { rule: "FIN-WAIT-2-LIMIT", state: State::FinWait2, ..NO_STEP });
            gone.remove(index, End::Closed);
            out.push(gone);
            return true;
        }
    }
    true
}
