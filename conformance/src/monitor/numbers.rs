//! Numbers that an end gives to what it sends, and its acknowledgments.

use lastack_core::types::SeqNum;

use super::{Emission, MonitorId, Report, silly, text};
use crate::ledger::Incarnation;

/// One clock tick of the ISN generator in microseconds (RFC 9293 3.4.1, MUST-8: about 4).
const ISN_TICK_MICROS: u64 = 4;

/// A segment other than RST.
pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    if e.fresh {
        check_isn(e, report);
        check_first_ack(e, report);
        return;
    }
    let Some(now) = &e.connection.now else { return };
    if outside(e, now, report) {
        return;
    }
    check_fin(e, now, report);
    text::check(e, now, report);
    if e.segment.header.flags.ack() {
        match now.rcv_nxt() {
            Some(acked) => check_ack(e, now, acked, report),
            None => check_first_ack(e, report),
        }
        check_edge(e, now, report);
    }
}

fn check_isn(e: &Emission<'_>, report: &mut Report<'_>) {
    let h = &e.segment.header;
    let Some(old) = &e.connection.now else { return };
    let iss = old.iss();
    let untouched = e.watch.nothing_since_syn(e.clockwork) && !old.maybe_established;
    if untouched && old.stack.rst.is_none() {
        let want = format_args!("SEQ={iss}, as in the SYN before");
        report.breach(MonitorId::IssMoves, want, format_args!("{}", e.segment));
        return;
    }
    // A clock that ran since the old SYN has left those numbers behind; half the ticks are left for a slow
    // one. When more octets than ticks were sent, no generator is to blame. Where the queue was full the SYN waited:
    // its number may be as old as the last quiet instant.
    let drawn = e.clockwork.quiet_at.unwrap_or(old.began);
    let ticks = drawn.since(old.began).micros() / ISN_TICK_MICROS;
    let inside = h.seq.steps_from(iss) < old.snd_nxt().steps_from(iss);
    let left_behind = u64::from(h.seq.steps_from(iss)) < ticks / 2;
    if e.setup.iss.is_none() && old.surely_established && inside && left_behind {
        let want = format_args!("an ISS outside {iss} to {}", old.snd_nxt());
        report.breach(MonitorId::IsnReused, want, format_args!("SEQ={}", h.seq));
    }
}

/// The first acknowledgment of an incarnation must be of a SYN that arrived.
fn check_first_ack(e: &Emission<'_>, report: &mut Report<'_>) {
    let h = &e.segment.header;
    let offers = &e.connection.offers;
    if !h.flags.ack() || offers.is_full() || offers.is_empty() && h.flags.syn() {
        return;
    }
    let now = e.connection.now.as_ref().filter(|_| !e.fresh);
    let covered = offers.iter().any(|o| {
        let delivered = now.map_or(e.connection.unanswered, |n| n.delivered);
        let end = delivered.end_from(o.seq).max(o.end);
        let end = end.add(u32::from(fin_may_stand_at(e, end)));
        o.seq.is_before(h.ack) && h.ack.is_at_or_before(end)
    });
    if !covered {
        let want = format_args!("an acknowledgment of a SYN that arrived");
        report.breach(MonitorId::AckUnsent, want, format_args!("{}", e.segment));
    }
}

/// SND.NXT is the highest number sent plus one; keep-alives and probes lie below it, nothing lies above it.
fn outside(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) -> bool {
    let seq = e.segment.header.seq;
    let iss = now.iss();
    let nxt = now.snd_nxt();
    if seq.is_at_or_after(iss) && seq.is_at_or_before(nxt) {
        return false;
    }
    if returned_to_time_wait(e, now) {
        return true;
    }
    let want = format_args!("SEQ from {iss} to {nxt}");
    let got = format_args!("{}", e.segment);
    let old = e.connection.before.as_ref().is_some_and(|b| {
        let first = b.iss();
        seq.steps_from(first) <= b.snd_nxt().steps_from(first)
    });
    report.breach(if old { MonitorId::OldIncarnation } else { MonitorId::SeqOutside }, want, got);
    true
}

/// RFC 9293 3.6.1, MAY-2 (2): the SYN that had reopened a connection in TIME-WAIT was an old duplicate, and the
/// old connection speaks again. Nothing acknowledged the new one, or a RST or
/// another SYN came for it.
fn returned_to_time_wait(e: &Emission<'_>, now: &Incarnation) -> bool {
    let h = &e.segment.header;
    let bare = h.flags.ack() && !h.flags.syn() && !h.flags.fin() && e.segment.is_empty();
    let Some(old) = e.connection.closed.as_ref().filter(|_| bare && !now.active) else { return false };
    let other_syn = e.connection.offers.iter().any(|o| Some(o.seq) != now.peer.iss);
    let refused = !now.surely_established || now.peer.rst.is_some() || other_syn;
    refused && h.seq == old.snd_nxt() && Some(h.ack) == old.rcv_nxt()
}

fn check_fin(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    if !e.segment.header.flags.fin() {
        return;
    }
    let number = e.segment.end().sub(1);
    if let Some(first) = now.stack.fin
        && first != number
    {
        report.breach(MonitorId::FinMoves, format_args!("FIN at {first}"), format_args!("FIN at {number}"));
    }
    if e.clockwork.closes == 0 && e.clockwork.calls > 0 {
        let want = format_args!("no FIN: no user closed anything");
        report.breach(MonitorId::FinUnasked, want, format_args!("{}", e.segment));
    }
}

fn check_ack(e: &Emission<'_>, now: &Incarnation, acked: SeqNum, report: &mut Report<'_>) {
    let h = &e.segment.header;
    let end = now.delivered.end_from(acked);
    if h.ack.is_after(end.add(u32::from(fin_may_stand_at(e, end)))) {
        let want = format_args!("ACK={end} at most: nothing behind it arrived in order");
        report.breach(MonitorId::AckUnsent, want, format_args!("{}", e.segment));
    }
    if h.ack.is_before(acked) {
        let again = e.facts.again;
        let id = if again { MonitorId::AckStaleAgain } else { MonitorId::AckMovesBack };
        report.breach(id, format_args!("ACK={acked} at least"), format_args!("{}", e.segment));
    }
}

/// Whether this may be the number of the peer's FIN, behind all that it delivered: a peer that sends text past its own
/// FIN leaves open where the FIN stands.
fn fin_may_stand_at(e: &Emission<'_>, end: SeqNum) -> bool {
    e.watch.stream_end_is_open() || e.watch.fins.iter().any(|f| f.add(1).is_before(end))
}

fn check_edge(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let facts = e.facts;
    if e.segment.header.flags.syn() {
        // A repeated SYN,ACK cannot say more than 65535 (RFC 7323 2.2).
        return;
    }
    let (Some(edge), Some(largest)) = (facts.edge, now.stack.edge_max) else { return };
    // Behind the peer's FIN nothing can come, so the window means nothing.
    let fin_taken = e.watch.fins.iter().any(|f| f.is_before(e.segment.header.ack));
    if edge.add(facts.rounding).is_before(largest) && !fin_taken {
        report.breach(
            MonitorId::RightEdgeShrinks,
            format_args!("right edge at {largest}, less {} for rounding", facts.rounding),
            format_args!("right edge at {edge} in {}, window {}", e.segment, e.segment.header.window),
        );
    }
    if !fin_taken {
        silly::check_window(e, now, edge, report);
    }
}
