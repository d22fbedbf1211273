//! Text: when, how much, up to where, and which octets.

use lastack_core::types::SeqNum;

use super::pace::RTO_MIN;
use super::{Emission, MonitorId, Report, form, silly};
use crate::ledger::{Incarnation, Offer};

/// Below this an announced MSS is an attack rather than a size, and stacks put a floor under it.
pub(super) const SMALLEST_MSS: u16 = 64;

/// Where the text of one emission lies.
struct Place {
    start: SeqNum,
    end: SeqNum,
    /// It holds numbers that were never sent before.
    new: bool,
}

pub(super) fn check(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    if e.segment.text.is_empty() {
        return;
    }
    let start = e.segment.header.seq.add(u32::from(e.segment.header.flags.syn()));
    let end = start.add(e.segment.text.len() as u32);
    let place = Place { start, end, new: end.is_after(now.snd_nxt()) };
    if !place.new && is_keep_alive(e, now, &place) {
        return;
    }
    // A SYN,ACK with text is known to be taken only by what this segment acknowledges.
    let h = &e.segment.header;
    let reach = |o: &Offer| now.delivered.end_from(o.end);
    let acknowledges = |o: &Offer| o.seq.is_before(h.ack) && h.ack.is_at_or_before(reach(o));
    let syn_taken = now.peer.iss.is_some() || h.flags.ack() && e.connection.offers.iter().any(acknowledges);
    if !(h.flags.syn() || now.maybe_established && syn_taken) {
        let want = format_args!("no text before the peer's ACK of the SYN");
        report.breach(MonitorId::TextTooEarly, want, format_args!("{}", e.segment));
    }
    if place.new {
        check_window(e, now, &place, report);
        silly::check_segment(e, now, end, report);
    }
    check_mss(e, now, report);
    if let Some(fin) = now.stack.fin
        && end.is_after(fin)
    {
        let want = format_args!("no text at or past the FIN's number {fin}");
        report.breach(MonitorId::TextAfterFin, want, format_args!("{}", e.segment));
    }
    check_stream(e, now, &place, report);
}

/// One octet below SND.UNA: RFC 9293 3.8.4 lets it be anything.
fn is_keep_alive(e: &Emission<'_>, now: &Incarnation, place: &Place) -> bool {
    e.segment.text.len() == 1 && place.start.is_before(now.snd_una())
}

/// New text ends at the peer's right edge, but for one octet that probes a closed window.
fn check_window(e: &Emission<'_>, now: &Incarnation, place: &Place, report: &mut Report<'_>) {
    let Some(largest) = now.peer.edge_max else { return };
    let largest = e.watch.edge_now.map_or(largest, |edge| edge.max(largest));
    let shrunk = e.watch.edge_now.filter(|_| e.watch.shrink_is_known());
    let (edge, id) = if place.end.is_after(largest) {
        (largest, MonitorId::TextPastWindow)
    } else {
        match shrunk {
            Some(edge) if place.end.is_after(edge) => (edge, MonitorId::TextPastShrunkWindow),
            _ => return,
        }
    };
    match (e.watch.may_be_closed(now), place.end.diff(now.snd_nxt().max(place.start))) {
        (true, 1) => check_probe(e, now, report),
        (true, _) => {
            let want = format_args!("one new octet as a probe of the closed window at {edge}");
            report.breach(MonitorId::ProbeTooLong, want, format_args!("{}", e.segment));
        }
        (false, _) => {
            let want = format_args!("text up to the right edge at {edge}");
            report.breach(id, want, format_args!("{}, up to {}", e.segment, place.end));
        }
    }
}

/// RFC 9293 3.8.6.1, SHLD-29: the first probe waits for one RTO, which is a second at least (RFC 6298 2.4).
fn check_probe(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let Some(closed) = e.watch.closed_since.filter(|_| now.snd_una() == now.snd_nxt()) else { return };
    let since = e.at.since(closed);
    if since < RTO_MIN {
        let want = format_args!("{RTO_MIN} s at least after the window closed");
        report.breach(MonitorId::ProbeTooEarly, want, format_args!("{since} s, {}", e.segment));
    }
}

/// RFC 9293 3.7.1: the text shrinks by the octets of the TCP options.
fn check_mss(e: &Emission<'_>, now: &Incarnation, report: &mut Report<'_>) {
    let h = &e.segment.header;
    let Some(offer) = e.connection.taken_offer() else { return };
    let default = form::sizes(h).1;
    if offer.mss.is_some_and(|mss| mss < SMALLEST_MSS) {
        return;
    }
    let announced = offer.mss.unwrap_or(default);
    let of_syn = if offer.mss_missing { announced.max(default) } else { announced };
    let send_mss = of_syn.max(now.peer.mss_off_syn.unwrap_or(0));
    let options = h.options.as_octets().len().next_multiple_of(4);
    let limit = usize::from(send_mss).saturating_sub(options);
    if e.segment.text.len() > limit {
        report.breach(
            MonitorId::MssExceeded,
            format_args!("at most {limit} octets: MSS {send_mss} less {options} of options"),
            format_args!("{} octets", e.segment.text.len()),
        );
    }
}

fn check_stream(e: &Emission<'_>, now: &Incarnation, place: &Place, report: &mut Report<'_>) {
    let first = now.iss().add(1);
    let offset = place.start.steps_from(first);
    let stream = e.streams.own;
    let wrong = stream.first_difference(offset, e.segment.text);
    if let Some((at, got)) = wrong.filter(|_| !e.users.lost_text(e.connection)) {
        let want = format_args!("octet {at} of the stream is {:#04x}", stream.octet(at));
        report.breach(MonitorId::StreamSent, want, format_args!("{got:#04x} in {}", e.segment));
    }
    let submitted = e.users.submitted(&e.connection.tuple);
    let sent = place.end.steps_from(first);
    if let Some(submitted) = submitted.filter(|s| place.new && *s < sent) {
        let want = format_args!("{submitted} octets at most, so many were submitted");
        report.breach(MonitorId::TextUnsubmitted, want, format_args!("{sent} octets sent"));
    }
}
