//! What an arrival is to a connection, as the packets show it.

use lastack_core::types::{Flags, Segment};

use crate::ledger::{Connection, Incarnation, is_sound};
use crate::scenario::Stream;

/// Octets that are not the peer's stream's at these numbers.
pub(super) fn is_odd_text(segment: &Segment<'_>, connection: &Connection, stream: Stream) -> bool {
    let h = &segment.header;
    let taken = connection.now.as_ref().and_then(|now| now.peer.iss);
    let Some(irs) = taken.filter(|_| !h.flags.syn()).or(h.flags.syn().then_some(h.seq)) else { return false };
    let start = h.seq.add(u32::from(h.flags.syn()));
    stream.first_difference(start.steps_from(irs.add(1)), segment.text).is_some()
}

/// A plain RST at RCV.NXT: classic text and RFC 5961 agree that it resets (TIME-WAIT, which is silent
/// unasked anyway, aside).
pub(super) fn must_reset(segment: &Segment<'_>, now: &Incarnation) -> bool {
    let h = &segment.header;
    let plain = h.flags == Flags::RST || h.flags == Flags::RST.with(Flags::ACK) && now.acks_in_range(segment);
    plain
        && segment.is_empty()
        && is_sound(segment)
        && now.surely_established
        && now.nothing_to_acknowledge()
        && now.rcv_nxt() == Some(h.seq)
}
