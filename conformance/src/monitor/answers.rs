//! Empty segments: answers that multiply, and ACKs that nobody asked for.

use lastack_core::types::Flags;

use super::pace::TICK;
use super::{ACK_DELAY_AND_MORE, BY_THE_WAY, Emission, Facts, MonitorId, Report};
use crate::ledger::Incarnation;

pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    let facts = e.facts;
    let Some(now) = e.connection.now.as_ref().filter(|_| !e.fresh) else { return };
    if facts.empty && !facts.says_new && e.only_arrivals() && e.watch.arrivals == 1 {
        check_answer(e, now, report);
    }
    check_keep_alive(e, now, report);
    if e.unprompted() && now.surely_established && owes_nothing(e, now) {
        check_unprompted(e, now, &facts, report);
    }
}

fn check_answer(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let Some(arrival) = e.watch.last else { return };
    if e.watch.empty_answers == 1 && arrival.seq == arrival.end && !arrival.flags.rst() {
        let want = format_args!("one empty answer to one empty segment");
        report.breach(MonitorId::AnswersMultiply, want, format_args!("{}", e.segment));
    }
    // A delayed answer to something before may ride along.
    let earlier_debt = e.watch.last_long_arrival.is_some_and(|t| e.at.since(t) < ACK_DELAY_AND_MORE);
    let current = arrival.current_ack && !arrival.options && !earlier_debt && !is_time_wait(e, now);
    if current && e.watch.empty_answers == 0 && e.segment.header.seq == now.snd_nxt() {
        let want = format_args!("nothing in answer to an empty, current ACK");
        report.breach(MonitorId::AckForAck, want, format_args!("{}", e.segment));
    }
}

/// Both FINs are acknowledged: RFC 9293 3.10.7.4, fifth, acknowledges whatever comes in TIME-WAIT.
fn is_time_wait(e: &Emission<'_>, now: &Incarnation) -> bool {
    let taken = now.rcv_nxt().is_some_and(|nxt| e.watch.fins.iter().any(|f| f.is_before(nxt)));
    taken && now.stack.fin.is_some_and(|fin| fin.is_before(now.snd_una()))
}

/// No acknowledgment may be under way, and no window needs a probe.
fn owes_nothing(e: &Emission<'_>, now: &Incarnation) -> bool {
    let long_ago = e.watch.last_arrival.is_none_or(|t| e.at.since(t) >= ACK_DELAY_AND_MORE);
    long_ago && !e.watch.may_be_closed(now) && now.nothing_to_acknowledge()
}

/// RFC 9293 3.8.4, MUST-26. What else has such a number answers an arrival, or is sent again.
fn check_keep_alive(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let (h, una) = (&e.segment.header, now.acked_surely);
    let probes =
        h.flags.without(BY_THE_WAY) == Flags::ACK && h.seq == una.sub(1) && e.segment.text.len() <= 1;
    let idle = now.surely_established && una == now.snd_una() && una == now.snd_nxt();
    if !probes || !idle || e.watch.arrivals > 0 || e.watch.may_be_closed(now) {
        return;
    }
    let Some((interval, heard)) = e.clockwork.keep_alive.zip(e.watch.heard) else { return };
    let silence = e.at.since(heard);
    if silence.micros() + TICK.micros() < interval.micros() {
        let want = format_args!("no keep-alive before {interval} s of silence");
        report.breach(MonitorId::KeepAliveTooEarly, want, format_args!("{silence} s, {}", e.segment));
    }
}

fn check_unprompted(e: &Emission<'_>, now: &Incarnation, facts: &Facts, report: &mut Report<'_>) {
    let h = &e.segment.header;
    if h.flags.rst() || h.flags.syn() || h.flags.fin() {
        return;
    }
    let nxt = now.snd_nxt();
    let asked = e.clockwork.keep_alive.is_some();
    let una = now.acked_surely;
    let probes = h.seq == una.sub(1) && una == now.snd_una() && e.segment.text.len() <= 1;
    // RFC 9293 3.8.4 gives a probe SND.NXT-1, whatever is acknowledged. An octet there would be one sent again.
    let inside = una == now.snd_una() && h.seq.is_after(una) && h.seq == nxt.sub(1) && e.segment.is_empty();
    let probes = probes || asked && inside;
    // Where text waits it is a probe of a window that is taken for closed, rightly or not.
    let queued = e.users.submitted(&e.connection.tuple);
    let waits = queued.is_some_and(|all| all > nxt.steps_from(now.iss().add(1)));
    if probes && una == nxt && !asked && !waits {
        let want = format_args!("no keep-alive: no user asked for it");
        report.breach(MonitorId::KeepAliveUnasked, want, format_args!("{}", e.segment));
    } else if probes && una != nxt && asked {
        let want = format_args!("no keep-alive before everything up to {nxt} is acknowledged");
        report.breach(MonitorId::KeepAliveInFlight, want, format_args!("{}", e.segment));
    } else if !asked && facts.empty && !facts.says_new && h.seq == nxt {
        let want = format_args!("nothing: nothing arrived, nothing is owed");
        report.breach(MonitorId::AckUnprompted, want, format_args!("{}", e.segment));
    }
}
