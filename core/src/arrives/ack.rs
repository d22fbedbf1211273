//! The acknowledgment field and the window (3.10.7.4, step 5).

use super::Arrival;
use crate::tcb::Tcb;
use crate::types::{Instant, SeqNum};

/// `SND.UNA < SEG.ACK =< SND.NXT`.
pub(super) fn is_new(tcb: &Tcb, ack: SeqNum) -> bool {
    tcb.snd.una.is_before(ack) && ack.is_at_or_before(tcb.snd.nxt)
}

/// RFC 5961 5.2 (MAY-12): `SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT`.
pub(super) fn is_in_range(tcb: &Tcb, ack: SeqNum) -> bool {
    let oldest = tcb.snd.una.sub(tcb.snd.max_wnd);
    oldest.is_at_or_before(ack) && ack.is_at_or_before(tcb.snd.nxt)
}

/// A new acknowledgment: SND.UNA <- SEG.ACK, what it covers leaves the retransmission queue, the timer is
/// restarted or turned off (RFC 6298 5.2, 5.3).
pub(super) fn take(tcb: &mut Tcb, ack: SeqNum, now: Instant) {
    if let Some((end, sent)) = tcb.timed
        && end.is_at_or_before(ack)
    {
        tcb.rto.sample(now.since(sent));
        tcb.timed = None;
    }
    if !tcb.syn_is_acked() && tcb.retransmissions > 0 {
        tcb.rto.syn_was_lost();
    }
    let text = ack.steps_from(tcb.text_base());
    // The FIN's number may be among them; it is no text, and the buffer knows how much there was.
    tcb.outgoing.acknowledge(text);
    tcb.snd.una = ack;
    tcb.retransmissions = 0;
    tcb.owed.front = false;
    tcb.owed.syn = false;
    let in_flight = tcb.in_flight();
    tcb.timers.retransmission = in_flight.then(|| now + tcb.rto.timeout());
    tcb.timers.unanswered_since = in_flight.then_some(now);
}

/// Where `SND.UNA =< SEG.ACK =< SND.NXT` and the segment is not older than the last one used: SND.WND, SND.WL1,
/// SND.WL2.
pub(super) fn take_window(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    // SEG.SEQ of the idealized segment, which begins at RCV.NXT or later.
    let (seq, ack) = (arrival.seq, arrival.segment.header.ack);
    let covers = tcb.snd.una.is_at_or_before(ack) && ack.is_at_or_before(tcb.snd.nxt);
    let is_newer = tcb.snd.wl1.is_before(seq) || tcb.snd.wl1 == seq && tcb.snd.wl2.is_at_or_before(ack);
    if !covers {
        return;
    }
    if is_newer {
        let was_closed = tcb.snd.wnd == 0;
        tcb.snd.wnd = arrival.window(tcb.snd.shift);
        tcb.snd.max_wnd = tcb.snd.max_wnd.max(tcb.snd.wnd);
        tcb.snd.wl1 = seq;
        tcb.snd.wl2 = ack;
        if was_closed && tcb.snd.wnd > 0 {
            window_opened(tcb, arrival.now);
        }
        if !was_closed && tcb.snd.wnd == 0 && !tcb.in_flight() {
            // What ran was the override of silly-window avoidance; the first probe waits anew (SHLD-29).
            tcb.timers.retransmission = None;
            tcb.owed.override_sws = false;
        }
    }
    // MUST-37: as long as the peer answers probes of its closed window, the connection stays.
    if tcb.snd.wnd == 0 && tcb.in_flight() {
        tcb.timers.unanswered_since = Some(arrival.now);
    }
}

/// A probe was refused by the closed window and is sent again now, ahead of its timer; else that would hold
/// everything up.
fn window_opened(tcb: &mut Tcb, now: Instant) {
    let probed = tcb.probes > 0;
    tcb.probes = 0;
    tcb.owed.probe = false;
    tcb.owed.front = probed && tcb.in_flight();
    tcb.timers.retransmission = tcb.in_flight().then(|| now + tcb.rto.timeout());
    // While the window was closed nothing could be acknowledged; that time is not the peer's silence.
    tcb.timers.unanswered_since = tcb.in_flight().then_some(now);
}
