//! Text and FIN (3.10.7.4, steps 7 and 8): reassembly and what is acknowledged when.

use super::Arrival;
use crate::tcb::Tcb;

/// Keeps the text and FIN of a SYN until the connection is ESTABLISHED (3.10.7.2, 3.10.7.3).
pub(super) fn hold(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    put(tcb, arrival);
}

/// Takes the text that is left of the segment, in order or not: RCV.NXT moves over what is in order.
pub(super) fn take(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    let had_pieces = tcb.incoming.holds_pieces();
    put(tcb, arrival);
    // Segments are processed in the order of their numbers: where this one is next and ends with the FIN,
    // nothing stands behind it.
    let len = arrival.text.len() as u32;
    let is_last = arrival.fin && arrival.seq == tcb.rcv.nxt && tcb.rcv.fin == Some(tcb.rcv.nxt.add(len));
    let taken = tcb.incoming.advance(if is_last { len } else { u32::MAX });
    tcb.rcv.nxt = tcb.rcv.nxt.add(taken);
    tcb.rcv.unacked = tcb.rcv.unacked.saturating_add(taken);
    if taken > 0 {
        let in_order = !had_pieces && !tcb.incoming.holds_pieces() && !arrival.cut;
        acknowledge(tcb, arrival, in_order);
    } else if !arrival.text.is_empty() {
        // Out of order, or no room: the peer learns at once what is expected (MAY-13; RFC 5681 4.2).
        tcb.owed.ack = true;
    }
}

/// The delayed ACK (3.8.6.3): within the delay, and for every second full-sized segment at once (SHLD-18,
/// SHLD-19). Around a hole every ACK goes at once.
fn acknowledge(tcb: &mut Tcb, arrival: &Arrival<'_>, in_order: bool) {
    match tcb.options.ack_delay {
        Some(delay) if in_order && tcb.rcv.unacked < 2 * tcb.rcv.mss => {
            tcb.timers.ack.get_or_insert(arrival.now + delay);
        }
        _ => tcb.owed.ack = true,
    }
}

/// Puts text where it belongs, as far as window and buffer reach, and remembers the FIN if all of it fits.
fn put(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    let offset = arrival.seq.steps_from(tcb.rcv.nxt);
    let room = tcb.rcv_wnd().min(tcb.room(arrival.config)).saturating_sub(offset);
    let fits = arrival.text.len().min(room as usize);
    let kept = tcb.incoming.put(offset, &arrival.text[..fits]);
    // The FIN takes a number too; at the right edge of the window it has none.
    if arrival.fin && kept && fits == arrival.text.len() && offset + (fits as u32) < tcb.rcv_wnd() {
        tcb.rcv.fin = Some(arrival.seq.add(fits as u32));
    }
}
