//! What an arrival is to a connection, as the packets show it.

use lastack_core::types::{Flags, Segment};

use super::text::first_difference;
use crate::ledger::{Connection, Incarnation, is_sound};
use crate::scenario::peer_octet;

/// Octets that are not the peer's stream's at these numbers.
pub(super) fn is_odd_text(segment: &Segment<'_>, connection: &Connection) -> bool {
    let h = &segment.header;
    let taken = connection.now.as_ref().and_then(|now| now.peer.iss);
    let Some(irs) = taken.filter(|_| !h.flags.syn()).or(h.flags.syn().then_some(h.seq)) else { return false };
    let start = h.seq.add(u32::from(h.flags.syn()));
    first_difference(segment.text, start.steps_from(irs.add(1)), peer_octet).is_some()
}

/// A plain RST at RCV.NXT: classic text and RFC 5961 agree that it resets (TIME-WAIT, which is silent
/// unasked anyway, aside).
pub(super) fn must_reset(segment: &Segment<'_>, now: &Incarnation) -> bool {
    let h = &segment.header;
    let plain =
        h.flags == Flags::RST || h.flags == Flags::RST.with(Flags::ACK) && acks_in_range(segment, now);
    plain
        && segment.is_empty()
        && is_sound(segment)
        && now.surely_established
        && now.nothing_to_acknowledge()
        && now.rcv_nxt() == Some(h.seq)
}

/// An empty ACK with current numbers.
pub(super) fn is_current_ack(segment: &Segment<'_>, now: &Incarnation) -> bool {
    let h = &segment.header;
    h.flags.without(super::BY_THE_WAY) == Flags::ACK
        && segment.is_empty()
        && now.surely_established
        && now.surely_takes(segment)
        && acks_in_range(segment, now)
}

/// SND.UNA =< SEG.ACK =< SND.NXT.
pub(super) fn acks_in_range(segment: &Segment<'_>, now: &Incarnation) -> bool {
    let ack = segment.header.ack;
    ack.is_at_or_after(now.snd_una()) && ack.is_at_or_before(now.snd_nxt())
}
