use super::{Arrival, NEXT, RETURN, Step, ack, otherwise, syn, text};
use crate::record::{End, Fate};
use crate::signal::Signal;
use crate::tcb::Tcb;
use crate::types::State;

/// 3.10.7.3.
pub(crate) fn syn_sent(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Fate {
    let fate = match steps(tcb, arrival) {
        Step::Break(fate) => fate,
        Step::Continue(()) => Fate::Stay,
    };
    otherwise::close_at_last(tcb);
    fate
}

fn steps(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    first(tcb, arrival)?;
    second(tcb, arrival)?;
    // Third, check the security: compartments are not supported.
    fourth(tcb, arrival)
}

/// First, check the ACK bit: it has to acknowledge our SYN.
fn first(tcb: &Tcb, arrival: &mut Arrival<'_>) -> Step {
    let header = arrival.segment.header;
    if header.flags.ack() && !ack::is_new(tcb, header.ack) {
        if !header.flags.rst() {
            arrival.reset();
        }
        return RETURN;
    }
    NEXT
}

/// Second, check the RST bit. RFC 5961's check of the number has nothing to compare with here (erratum 8167).
fn second(tcb: &mut Tcb, arrival: &Arrival<'_>) -> Step {
    let flags = arrival.segment.header.flags;
    if !flags.rst() {
        return NEXT;
    }
    if !flags.ack() {
        return RETURN;
    }
    tcb.signals.raise(Signal::Reset);
    Step::Break(Fate::Delete(End::Reset))
}

/// Fourth, check the SYN bit; fifth, without it drop the segment.
fn fourth(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    let header = arrival.segment.header;
    if !header.flags.syn() {
        return RETURN;
    }
    tcb.start_receiving(arrival.config, header.seq);
    syn::take_options(tcb, arrival);
    syn::take_window(tcb, arrival);
    if header.flags.ack() {
        ack::take(tcb, header.ack, arrival.now);
        otherwise::establish(tcb);
        // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, or queued text that carries it.
        tcb.owed.ack = true;
        return otherwise::from_sixth(tcb, arrival);
    }
    tcb.state = State::SynReceived;
    // The SYN that was sent is sent again with an acknowledgment: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>.
    tcb.owed.syn = true;
    text::hold(tcb, arrival);
    RETURN
}
