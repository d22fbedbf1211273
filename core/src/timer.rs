//! Timeouts (RFC 9293 3.10.8; RFC 6298 5; 3.8.6.1).

use crate::config::Config;
use crate::record::{End, Fate};
use crate::send::is_held_back;
use crate::signal::Signal;
use crate::tcb::Tcb;
use crate::types::Instant;

/// Lets every timer that is due expire. What it makes the connection send is owed.
pub(crate) fn expire(tcb: &mut Tcb, config: &Config, now: Instant) -> Fate {
    let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
    if is_due(tcb.give_up_at(config)) {
        // USER TIMEOUT, and R2 (3.8.3).
        tcb.signals.raise(Signal::TimedOut);
        return Fate::Delete(End::TimedOut);
    }
    if is_due(tcb.timers.time_wait) {
        tcb.signals.raise(Signal::Closed);
        return Fate::Delete(End::Closed);
    }
    if is_due(tcb.timers.ack) {
        tcb.timers.ack = None;
        tcb.owed.ack = true;
    }
    if is_due(tcb.timers.retransmission) {
        retransmission_timeout(tcb, now);
    }
    Fate::Stay
}

/// One timer, three meanings: something is in flight, the window is closed, or silly-window avoidance holds
/// text back (3.8.6.2.1 suggests it).
fn retransmission_timeout(tcb: &mut Tcb, now: Instant) {
    tcb.timers.retransmission = None;
    if tcb.snd.wnd == 0 && tcb.syn_is_acked() {
        if tcb.in_flight() {
            tcb.owed.front = true;
        } else if is_held_back(tcb) {
            tcb.owed.probe = true;
        } else {
            return;
        }
        // SHLD-30: the interval doubles, for as long as the window is closed.
        tcb.probes = tcb.probes.saturating_add(1);
        tcb.timers.retransmission = Some(now + tcb.rto.doubled(tcb.probes));
    } else if tcb.in_flight() {
        tcb.owed.front = true;
        tcb.rto.back_off();
        tcb.timers.retransmission = Some(now + tcb.rto.timeout());
    } else {
        tcb.owed.override_sws = true;
    }
}

/// Starts the timer for what waits with nothing in flight: the window may have opened unheard.
pub(crate) fn watch(tcb: &mut Tcb, config: &Config, now: Instant) {
    if tcb.timers.retransmission.is_some() || tcb.in_flight() || !is_held_back(tcb) {
        return;
    }
    // SHLD-29: the first probe comes when the window has been closed for one RTO.
    let wait = if tcb.snd.wnd == 0 { tcb.rto.timeout() } else { config.override_timeout };
    tcb.timers.retransmission = Some(now + wait);
}
