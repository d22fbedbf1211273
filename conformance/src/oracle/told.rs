//! What the user is told unasked: that the connection is lost, or that the peer has closed.
//!
//! Names of signals are the stack's own, and some adapters make them from states; so a signal accuses only
//! where every reading has a healthy connection: one that nothing has ended, and nothing could have.

use lastack_core::types::State;

use super::apply::furthest;
use super::context::{Broken, Context};
use super::host::Host;
use super::step::{Aspects, Mismatch, Step, Want};
use super::tcb::Tcb;
use super::{Judged, NO_STEP, Oracle};
use crate::subject::{Handle, UserSignal};
use crate::table::Level;
use crate::verdict::Kind;

/// The rule that a signal has a cause.
const RULE: &str = "SIGNAL-HAS-CAUSE";
const CITE: &str = "RFC 9293 3.10.7.3 second, 3.10.7.4 second, eighth, 3.10.8";

impl Oracle {
    /// The user of a handle is told something.
    pub fn told(&mut self, ctx: &Context<'_>, handle: Handle, signal: UserSignal) -> Judged {
        self.pass_time(ctx);
        if ctx.broken == Broken::Signals || self.hosts.iter().any(|host| fits(ctx, host, handle, signal)) {
            return Judged::Fits;
        }
        let Some(host) = self.leading() else { return Judged::Fits };
        let last = host.suspect(ctx.event, Aspects::NONE).unwrap_or(NO_STEP);
        let state = host.by_handle(handle).map_or(State::Closed, |i| host.tcbs[i].state);
        let step = Step { rule: RULE, cite: CITE, level: Level::Text, state, event: ctx.event, ..last };
        let want = Want::Signal(signal);
        self.finding(ctx, Mismatch { kind: Kind::WrongSignal, want, step, soft: false }, None)
    }
}

/// Whether a reading knows a cause, or cannot tell.
fn fits(ctx: &Context<'_>, host: &Host, handle: Handle, signal: UserSignal) -> bool {
    use UserSignal as S;
    // Gone, never there, or a listener, which may speak for connections that nobody has accepted.
    let Some(tcb) = host.by_handle(handle).map(|i| &host.tcbs[i]) else { return true };
    if tcb.state == State::Listen {
        return true;
    }
    match signal {
        S::Reset | S::Refused | S::TimedOut => may_be_given_up(ctx, tcb),
        // A FIN behind more text than is remembered may count already.
        S::PeerClosed => tcb.fin_taken || furthest(tcb).is_some_and(|piece| piece.fin),
        // CLOSE may be answered once the FIN is acknowledged (3.10.7.4 fifth), or later.
        S::Closed => tcb.fin_taken || tcb.fin_wanted || may_be_given_up(ctx, tcb),
        S::Open | S::Urgent | S::SoftError => true,
    }
}

/// Something waits for an answer and was sent again, or the user asked for a limit.
fn may_be_given_up(ctx: &Context<'_>, tcb: &Tcb) -> bool {
    let asked = ctx.setup.user_timeout.is_some() || ctx.setup.keep_alive.is_some();
    let unanswered = tcb.in_flight() && tcb.resent || tcb.shut_since.is_some();
    // FIN-WAIT-2 and TIME-WAIT end by timers of the stack's own.
    let passing = matches!(tcb.state, State::FinWait2 | State::TimeWait);
    asked || unanswered || passing
}
