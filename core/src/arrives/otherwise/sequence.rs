use crate::arrives::{Arrival, NEXT, RETURN, Step};
use crate::tcb::Tcb;
use crate::types::{SeqNum, State};

/// First, check the sequence number; then make the segment the idealized one that begins at RCV.NXT or later
/// and ends inside the window.
pub(super) fn first(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    let (header, len) = (arrival.segment.header, arrival.segment.len());
    let (nxt, wnd) = (tcb.rcv.nxt, tcb.rcv_wnd());
    if is_acceptable(header.seq, len, nxt, wnd) {
        trim(arrival, nxt, wnd);
        return NEXT;
    }
    if wnd == 0 && header.seq == nxt && (header.flags.rst() || !header.flags.syn()) {
        // The special allowance of a closed window: ACK, URG and RST are valid, text and FIN are not.
        tcb.owed.ack |= !header.flags.rst();
        (arrival.text, arrival.fin) = (&[], false);
        return NEXT;
    }
    if !header.flags.rst() {
        tcb.owed.ack = true;
        // Step 5 of TIME-WAIT acknowledges a repeated FIN and restarts the timer; the FIN ends here.
        if tcb.state == State::TimeWait && header.flags.fin() {
            tcb.start_time_wait(arrival.config, arrival.now);
        }
    }
    RETURN
}

/// Table 6.
fn is_acceptable(seq: SeqNum, len: u32, nxt: SeqNum, wnd: u32) -> bool {
    match (len, wnd) {
        (0, 0) => seq == nxt,
        (0, _) => seq.in_window(nxt, wnd),
        (_, 0) => false,
        _ => seq.in_window(nxt, wnd) || seq.add(len - 1).in_window(nxt, wnd),
    }
}

/// Cuts off what lies outside the window, FIN included.
fn trim(arrival: &mut Arrival<'_>, nxt: SeqNum, wnd: u32) {
    if arrival.seq.is_before(nxt) {
        let old = nxt.steps_from(arrival.seq) as usize;
        // Only the FIN may be left, at RCV.NXT.
        arrival.text = arrival.text.get(old..).unwrap_or(&[]);
        arrival.seq = nxt;
    }
    let room = wnd.saturating_sub(arrival.seq.steps_from(nxt));
    let end = arrival.text.len() as u32 + u32::from(arrival.fin);
    if end > room {
        // The peer learns at once where the window ends.
        arrival.cut = true;
        arrival.fin = false;
        arrival.text = &arrival.text[..arrival.text.len().min(room as usize)];
    }
}
