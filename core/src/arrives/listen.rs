use super::{Arrival, syn, text};
use crate::isn::Isns;
use crate::tcb::{Origin, Tcb};
use crate::types::{SeqNum, State};

/// What a listener makes of a segment.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Heard {
    Nothing,
    /// A connection in SYN-RECEIVED, its SYN,ACK owed.
    Syn(Tcb),
}

/// 3.10.7.2. `above` are the numbers of an incarnation in TIME-WAIT that this SYN reopens.
pub(crate) fn listen(
    arrival: &mut Arrival<'_>,
    origin: Origin,
    isns: &mut Isns,
    above: Option<SeqNum>,
) -> Heard {
    let header = arrival.segment.header;
    let flags = header.flags;
    // First, check for a RST: it cannot be an answer to anything that was sent here.
    if flags.rst() {
        return Heard::Nothing;
    }
    // Second, check for an ACK: any acknowledgment is bad here.
    if flags.ack() {
        arrival.reset();
        return Heard::Nothing;
    }
    // Third, check for a SYN. (Security compartments are not supported.)
    if flags.syn() {
        let iss = isns.select(arrival.now, header.dst, header.src, above);
        let mut tcb = Tcb::new(arrival.config, header.dst, header.src, origin, iss);
        tcb.state = State::SynReceived;
        tcb.start_receiving(arrival.config, header.seq);
        syn::take_options(&mut tcb, arrival);
        syn::take_window(&mut tcb, arrival);
        // Other control and text waits until the connection is ESTABLISHED.
        text::hold(&mut tcb, arrival);
        return Heard::Syn(tcb);
    }
    // Fourth, other data or control: drop the segment.
    Heard::Nothing
}
