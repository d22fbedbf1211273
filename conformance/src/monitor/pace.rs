//! Time: floods, retransmissions too early, intervals that do not grow.

use lastack_core::types::Duration;

use super::text::SMALLEST_MSS;
use super::watch::INTERVALS;
use super::{Emission, MonitorId, Report, form};
use crate::ledger::Incarnation;

/// So many emissions at one instant may say nothing new, besides one for each arrival and call.
const REPEATS: u32 = 16;
/// The smallest RTO (RFC 6298 2.4, a SHOULD).
pub(super) const RTO_MIN: Duration = Duration::from_secs(1);
/// Where the clock is real a packet may be read some time after it left, and the next one at once.
const READ_LATE: Duration = Duration::from_millis(50);
/// Timers tick coarsely: BSD's slow timer has 500 ms.
pub(super) const TICK: Duration = Duration::from_millis(500);
/// Beyond this an interval may have met its upper bound (RFC 6298 2.5: at least 60 s).
pub(super) const NEAR_CAP: Duration = Duration::from_secs(55);
/// RFC 6298 5.7: the RTO after a SYN had to be sent again. Before RFC 6298 it was the first one of all.
const RTO_AFTER_SYN: Duration = Duration::from_secs(3);
/// So long after an arrival a timer may still act on what it said.
const ACTS_ON_ARRIVAL: Duration = Duration::from_millis(500);

pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    check_flood(e, report);
    if let Some(now) = e.connection.now.as_ref().filter(|_| !e.fresh) {
        check_intervals(e, now, report);
        check_loss_window(e, now, report);
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
    if !e.facts.again || !covers_una {
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
    if timing.first {
        check_first_interval(e, now, interval, report);
    }
    if let Some(third) = before.first().filter(|_| before.len() == INTERVALS)
        && interval < third.times(2)
        && interval < NEAR_CAP
    {
        let want = format_args!("over {} s, twice the third interval before", third.times(2));
        report.breach(MonitorId::BackoffMissing, want, format_args!("{interval} s, {}", e.segment));
    }
}

/// The first retransmission of a number (RFC 6298 2.1, 5.7). Where both ends have timestamps, a SYN that was sent again
/// can be measured all the same.
fn check_first_interval(e: &Emission<'_>, now: &Incarnation, interval: Duration, report: &mut Report<'_>) {
    let is_syn = e.segment.header.flags.syn();
    if is_syn && !e.clockwork.is_real && interval.micros() > RTO_AFTER_SYN.micros() + TICK.micros() {
        let want = format_args!("{RTO_AFTER_SYN} s at most, and better 1 s");
        report.breach(MonitorId::SynAgainTooLate, want, format_args!("{interval} s, {}", e.segment));
    }
    let timestamps = e.watch.own_timestamps || e.connection.taken_offer().is_none_or(|o| o.timestamps);
    let first_text = !is_syn && now.snd_una() == now.iss().add(1) && !e.segment.text.is_empty();
    let too_early = interval.micros() + TICK.micros() < RTO_AFTER_SYN.micros();
    if first_text && e.watch.syn_timed_out && !timestamps && too_early && e.unprompted() {
        let want = format_args!("{RTO_AFTER_SYN} s at least, as the SYN had to be sent again");
        report.breach(MonitorId::RtoAfterSyn, want, format_args!("{interval} s, {}", e.segment));
    }
}

/// After a timeout the congestion window is one full segment (RFC 5681 3.1). A timer of loss detection may send more, soon
/// after an arrival that told of it.
fn check_loss_window(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let heard_of = e.watch.last_arrival.is_none_or(|at| e.at.since(at) < ACTS_ON_ARRIVAL);
    if !e.facts.again || e.segment.text.is_empty() || !e.unprompted() || heard_of || e.clockwork.is_real {
        return;
    }
    let Some(offer) = e.connection.taken_offer().filter(|offer| !offer.mixed) else { return };
    let (headers, default) = form::sizes(&e.segment.header);
    let mss = offer.mss.unwrap_or(default).max(now.peer.mss_off_syn.unwrap_or(0));
    if mss < SMALLEST_MSS {
        return;
    }
    let full = u32::from(mss.min(e.setup.mtu.saturating_sub(headers)));
    let before = if e.watch.resent.at == e.at { e.watch.resent.octets } else { 0 };
    let octets = before.saturating_add(e.segment.text.len() as u32);
    if before <= full && octets > full {
        let want = format_args!("{full} octets at most, one full segment");
        report.breach(MonitorId::LossWindow, want, format_args!("{octets} octets up to {}", e.segment));
    }
}
