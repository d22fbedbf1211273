//! The stack is quiet at an instant: what of its debts and obligations is due?

use lastack_core::types::{Duration, Instant, State};

use super::context::{Broken, Context};
use super::host::Host;
use super::step::{Mismatch, Step, Want};
use super::tcb::Tcb;
use crate::table::{Level, Profile};
use crate::verdict::{Kind, Obligation, Trigger};

/// A reply owed at the instant is late from then on and missing after half a second.
pub const LATE_MAX: Duration = Duration::from_millis(500);

/// Something unacknowledged or a closed window may rest so long: twice the declared largest RTO, at
/// least twice 64 s.
pub fn silence_max(ctx: &Context<'_>) -> Duration {
    silence_of(ctx.profile)
}

/// The same for a stack that declares this.
pub fn silence_of(profile: &Profile) -> Duration {
    let cap = profile.rto_max.unwrap_or(Duration::ZERO).max(Duration::from_secs(64));
    cap.times(2)
}

/// From then on a stack may give a connection up: the declared R2, at most the 100 s of SHLD-11; or the
/// user timeout of the set-up, which needs no retransmission before it (the second of the pair).
pub fn patience(ctx: &Context<'_>) -> (Duration, bool) {
    let r2 = ctx.profile.r2.unwrap_or(Duration::from_secs(100)).min(Duration::from_secs(100));
    (ctx.timeouts.least.map_or(r2, |t| t.min(r2)), ctx.timeouts.least.is_some())
}

/// How long TIME-WAIT may last at least and at most: 2 x the declared MSL, with room for a coarse clock.
pub fn time_wait_span(ctx: &Context<'_>) -> (Duration, Option<Duration>) {
    match ctx.profile.msl {
        _ if ctx.broken == Broken::Obligation(Obligation::TimeWait) => (Duration::ZERO, None),
        Some(msl) => {
            let whole = msl.times(2);
            let slack = Duration::from_micros(whole.micros() / 50).max(Duration::from_millis(500));
            let early = Duration::from_micros(whole.micros() - slack.micros().min(whole.micros()));
            (early, Some(Duration::from_micros(whole.micros() + slack.micros())))
        }
        // Undeclared: any length but none.
        None => (Duration::from_millis(500), None),
    }
}

/// The next instant at which some debt or obligation falls due.
pub fn next_deadline(ctx: &Context<'_>, host: &Host) -> Instant {
    let mut next = Instant::NEVER;
    for debt in host.debts.iter().filter(|debt| !debt.optional) {
        let due = if debt.late { debt.since + LATE_MAX } else { debt.due };
        next = next.min(due);
    }
    for tcb in &host.tcbs {
        let bound = silence_max(ctx);
        if waits(tcb) {
            next = next.min(tcb.waiting_since + bound);
        }
        for since in [tcb.idle_since, tcb.shut_since].into_iter().flatten() {
            next = next.min(since + bound);
        }
    }
    next
}

/// Something is unacknowledged and no closed window explains it.
fn waits(tcb: &Tcb) -> bool {
    tcb.iss.is_some() && tcb.in_flight() && tcb.state != State::TimeWait
}

/// The stack is quiet: settles what is due.
///
/// # Errors
/// A debt or an obligation that this reading says is not met.
pub fn settle(ctx: &Context<'_>, host: &mut Host) -> Result<(), Mismatch> {
    debts(ctx, host)?;
    for index in 0..host.tcbs.len() {
        let tcb = &mut host.tcbs[index];
        tcb.rcv_settled = tcb.rcv_nxt;
        tcb.was_full = !ctx.room;
        if !ctx.room {
            // Nothing can leave: no silence counts, and what fell due to be sent again counts as sent.
            tcb.waiting_since = ctx.now;
            tcb.shut_since = tcb.shut_since.map(|_| ctx.now);
            tcb.resent |= tcb.in_flight();
            if !tcb.in_flight() {
                tcb.barred = ctx.now;
            }
            // What cannot send may look at its timers later, too.
            tcb.time_wait = tcb.time_wait.map(|(first, _)| (first, ctx.now));
        }
        watch(ctx, tcb);
        if let Some((obligation, since)) = overdue(ctx, tcb) {
            return Err(broken_promise(ctx, tcb, obligation, since));
        }
    }
    Ok(())
}

/// Every reply that is owed: in time, late or missing.
fn debts(ctx: &Context<'_>, host: &mut Host) -> Result<(), Mismatch> {
    if ctx.broken == Broken::Debts {
        host.debts.clear();
        return Ok(());
    }
    let mut missing = None;
    let now = ctx.now;
    if !ctx.room {
        // The transmit queue is full: nothing can leave, and nothing is late for that reason.
        for debt in &mut host.debts {
            debt.since = now;
            debt.due = debt.due.max(now);
        }
        return Ok(());
    }
    for debt in &mut host.debts {
        if debt.optional {
            continue;
        }
        let last = debt.due.max(debt.since + LATE_MAX);
        if now >= last {
            missing = missing.or(Some(*debt));
        } else if now >= debt.due {
            debt.late = true;
        }
    }
    host.debts.retain(|d| !(d.optional && now > d.due));
    let Some(debt) = missing else { return Ok(()) };
    let tcb = host.connection(debt.port, debt.remote).map(|i| &host.tcbs[i]);
    let want = Want::Owed(debt.owed, tcb.map(|t| t.nxt), tcb.map(|t| t.rcv_nxt));
    Err(Mismatch { kind: Kind::MissingReply, want, step: debt.step, soft: debt.said })
}

/// Keeps note of since when a connection rests although something could leave, or a window is shut.
fn watch(ctx: &Context<'_>, tcb: &mut Tcb) {
    let shut = tcb.wnd == 0 && tcb.state.is_synchronized() && (tcb.unsent() > 0 || fin_waits(tcb));
    if shut && !tcb.in_flight() {
        if tcb.shut_since.is_none() {
            tcb.unanswered_since = ctx.now;
        }
        tcb.shut_since = tcb.shut_since.filter(|_| ctx.room).or(Some(ctx.now));
    } else {
        tcb.shut_since = None;
    }
    if ctx.room && may_leave(ctx, tcb) {
        tcb.prompt = if tcb.idle_since.is_some() { tcb.prompt } else { is_prompt(ctx, tcb) };
        tcb.idle_since = tcb.idle_since.or(Some(ctx.now));
    } else {
        tcb.idle_since = None;
    }
}

/// The FIN is wanted, not sent, and no text is before it.
fn fin_waits(tcb: &Tcb) -> bool {
    tcb.fin_wanted && !tcb.fin_sent && tcb.unsent() == 0
}

/// Text or FIN that the window lets go: with nothing in flight, neither Nagle nor a congestion window can
/// hold it back (RFC 5681 3.1), and silly-window avoidance not for ever (RFC 9293 3.8.6.2.1).
fn may_leave(ctx: &Context<'_>, tcb: &Tcb) -> bool {
    let in_flight = tcb.in_flight() && ctx.broken != Broken::Nagle;
    let resting = tcb.state.is_synchronized() && !in_flight && tcb.state != State::TimeWait;
    let waits = tcb.unsent() > 0 || fin_waits(tcb);
    resting && waits && tcb.usable() > 0 && ctx.room
}

/// Silly-window avoidance does not hold it back either: it goes at the instant (RFC 9293 3.8.6.2.1).
fn is_prompt(ctx: &Context<'_>, tcb: &Tcb) -> bool {
    let (unsent, usable) = (tcb.unsent(), tcb.usable());
    let mss = u32::from(tcb.peer_mss).min(u32::from(ctx.setup.mtu).saturating_sub(40));
    let worth = unsent <= usable || usable >= mss || usable >= tcb.max_wnd.div_ceil(2);
    worth || ctx.broken == Broken::SillyWindow
}

/// A connection that no handle names has nobody to say that it was given up; its silence says so. So does that of a
/// stack which cannot be asked for states.
pub fn may_have_ended_unsaid(ctx: &Context<'_>, tcb: &Tcb, says_states: bool) -> bool {
    !(tcb.accepted_by_user && says_states)
        && tcb.may_have_given_up(ctx.now, patience(ctx))
        && overdue(ctx, tcb).is_some()
}

/// The first obligation that is overdue, and since when it was owed.
fn overdue(ctx: &Context<'_>, tcb: &Tcb) -> Option<(Obligation, Instant)> {
    let bound = silence_max(ctx);
    let off = |o| ctx.broken == Broken::Obligation(o);
    let past = |since: Instant| ctx.now >= since + bound;
    if waits(tcb) && past(tcb.waiting_since) {
        let obligation = if tcb.wnd == 0 && tcb.state.is_synchronized() {
            Obligation::Probe
        } else {
            Obligation::Retransmit
        };
        return (!off(obligation)).then_some((obligation, tcb.waiting_since));
    }
    if let Some(since) = tcb.shut_since.filter(|s| past(*s)) {
        return (!off(Obligation::Probe)).then_some((Obligation::Probe, since));
    }
    if let Some(since) = tcb.idle_since.filter(|s| past(*s)) {
        let obligation = if tcb.unsent() == 0 { Obligation::Fin } else { Obligation::Progress };
        return (!off(obligation)).then_some((obligation, since));
    }
    None
}

/// What this connection owes in time as it stands: for whoever counts what a scenario came to.
pub fn arisen(ctx: &Context<'_>, tcb: &Tcb) -> impl Iterator<Item = Obligation> {
    let opening = matches!(tcb.state, State::SynSent | State::SynReceived);
    let flight = waits(tcb);
    let list = [
        (Obligation::Retransmit, flight && tcb.wnd > 0),
        (Obligation::Probe, flight && tcb.wnd == 0 || tcb.shut_since.is_some()),
        (Obligation::Progress, tcb.idle_since.is_some() && tcb.unsent() > 0),
        (Obligation::Fin, tcb.idle_since.is_some() && tcb.unsent() == 0),
        (Obligation::TimeWait, tcb.state == State::TimeWait),
        (Obligation::GiveUp, opening && flight),
        (Obligation::UserTimeout, ctx.timeouts.least.is_some() && flight),
    ];
    list.into_iter().filter(|(_, arises)| *arises).map(|(obligation, _)| obligation)
}

fn broken_promise(ctx: &Context<'_>, tcb: &Tcb, obligation: Obligation, since: Instant) -> Mismatch {
    let level = match obligation {
        Obligation::Retransmit | Obligation::Probe | Obligation::TimeWait | Obligation::UserTimeout => {
            Level::Must
        }
        Obligation::WindowUpdate | Obligation::GiveUp => Level::Must,
        Obligation::Progress | Obligation::Fin | Obligation::Silence => Level::Text,
    };
    let step = Step {
        rule: obligation.name(),
        level,
        cite: obligation.cite(),
        state: tcb.state,
        event: ctx.event,
        trigger: Trigger::Time,
        ..super::NO_STEP_TIME
    };
    let want = Want::InTime(obligation, ctx.now.since(since));
    Mismatch { kind: Kind::Obligation, want, step, soft: false }
}
