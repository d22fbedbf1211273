//! Time: floods, retransmissions too early, intervals that do not grow.

use lastack_core::types::Duration;

use super::watch::INTERVALS;
use super::{Emission, MonitorId, Report};
use crate::ledger::Incarnation;

/// So many emissions at one instant may say nothing new, besides one for each arrival and call.
const REPEATS: u32 = 16;
/// The smallest RTO (RFC 6298 2.4, a SHOULD).
pub(super) const RTO_MIN: Duration = Duration::from_secs(1);
/// Where the clock is real a packet may be read some time after it left, and the next one at once.
const READ_LATE: Duration = Duration::from_millis(50);
/// Timers tick coarsely: BSD's slow timer has 500 ms.
const TICK: Duration = Duration::from_millis(500);
/// Beyond this an interval may have met its upper bound (RFC 6298 2.5: at least 60 s).
pub(super) const NEAR_CAP: Duration = Duration::from_secs(55);

pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    check_flood(e, report);
    if let Some(now) = e.connection.now.as_ref().filter(|_| !e.fresh) {
        check_intervals(e, now, report);
    }
}

fn check_flood(e: &Emission<'_>, report: &mut Report<'_>) {
    let repeats = &e.watch.repeats;
    let stirs = e.clockwork.stirs - e.clockwork.stirs_at_quiet;
    let budget = REPEATS.saturating_add(e.watch.arrivals).saturating_add(stirs);
    if repeats.at == e.at && repeats.count == budget {
        let want = format_args!("quiet at this instant");
        report.breach(MonitorId::Flood, want, format_args!("{budget} repetitions, then {}", e.segment));
    }
}

/// Only timers are judged: an arrival or a call since the last transmission excuses everything.
fn check_intervals(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let una = now.snd_una();
    let covers_una = e.segment.header.seq.is_at_or_before(una) && una.is_before(e.segment.end());
    let Some(timing) = e.watch.timing.filter(|t| t.number == una && t.stirs == e.clockwork.stirs) else {
        return;
    };
    if !e.facts().again || !covers_una {
        return;
    }
    let interval = e.at.since(timing.at);
    if interval == Duration::ZERO {
        // What leaves at one instant is one retransmission, in however many pieces.
        return;
    }
    // Where the opens crossed, the timer of the SYN goes on for the SYN,ACK (RFC 6298 5.1).
    let crossed = now.active && e.segment.header.flags.syn() && e.segment.header.flags.ack();
    let late = if e.clockwork.is_real { READ_LATE } else { Duration::ZERO };
    if interval.micros() + late.micros() < RTO_MIN.micros() && e.unprompted() && !crossed {
        let want = format_args!("{RTO_MIN} s at least");
        report.breach(MonitorId::RtoTooEarly, want, format_args!("{interval} s, {}", e.segment));
    }
    if e.watch.may_be_closed(now) && now.maybe_established {
        // Probes: RFC 9293 3.8.6.1 only recommends growing intervals (SHLD-30).
        return;
    }
    let before = &e.watch.intervals;
    if let Some(doubled) = e.watch.doubled.filter(|_| before.is_empty())
        && doubled.is_forgotten(una, e.at, interval)
    {
        let (end, twice) = (doubled.end, doubled.interval.times(2));
        let want = format_args!("{twice} s: what was acknowledged up to {end} had been sent again");
        report.breach(MonitorId::BackoffForgotten, want, format_args!("{interval} s, {}", e.segment));
    }
    if let Some(last) = before.last()
        && interval.micros() + TICK.micros() < last.micros()
    {
        let want = format_args!("{last} s or more");
        report.breach(MonitorId::BackoffShrinks, want, format_args!("{interval} s, {}", e.segment));
    }
    if let Some(third) = before.first().filter(|_| before.len() == INTERVALS)
        && interval < third.times(2)
        && interval < NEAR_CAP
    {
        let want = format_args!("over {} s, twice the third interval before", third.times(2));
        report.breach(MonitorId::BackoffMissing, want, format_args!("{interval} s, {}", e.segment));
    }
}
