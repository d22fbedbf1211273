use super::Arrival;

/// 3.10.7.1: no TCB. All text is discarded; a RST gets no answer, everything else gets one.
pub(crate) fn closed(arrival: &mut Arrival<'_>) {
    if !arrival.segment.header.flags.rst() {
        arrival.reset();
    }
}
