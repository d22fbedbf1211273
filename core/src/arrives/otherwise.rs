//! 3.10.7.4: SYN-RECEIVED and all synchronized states, in eight steps.

use super::{Arrival, NEXT, RETURN, Step, ack, text};
use crate::config::{Protection, TimeWaitRst};
use crate::record::{End, Fate};
use crate::reset::Reset;
use crate::signal::Signal;
use crate::tcb::{Fin, Origin, Tcb};
use crate::types::State;

mod sequence;

/// A segment for a connection that is neither CLOSED, LISTEN nor SYN-SENT.
pub(crate) fn otherwise(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Fate {
    let fate = match steps(tcb, arrival) {
        Step::Break(fate) => fate,
        Step::Continue(()) => Fate::Stay,
    };
    close_at_last(tcb);
    fate
}

fn steps(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    sequence::first(tcb, arrival)?;
    second(tcb, arrival)?;
    // Third, check security: compartments are not supported.
    fourth(tcb, arrival)?;
    fifth(tcb, arrival)?;
    from_sixth(tcb, arrival)
}

/// The steps that a SYN,ACK joins in SYN-SENT.
pub(super) fn from_sixth(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    // Sixth, check the URG bit: urgent data is not signalled, and delivered in line.
    seventh(tcb, arrival)?;
    eighth(tcb, arrival)
}

/// MAY-2: whether this SYN may open a new connection in place of one in TIME-WAIT: its number is past every
/// number of the old one.
pub(crate) fn opens_again(tcb: &Tcb, arrival: &Arrival<'_>) -> bool {
    let header = &arrival.segment.header;
    let flags = header.flags;
    arrival.config.reopen
        && tcb.state == State::TimeWait
        && flags.syn()
        && !flags.ack()
        && !flags.rst()
        && header.seq.is_at_or_after(tcb.rcv.nxt)
}

/// Second, check the RST bit.
fn second(tcb: &mut Tcb, arrival: &Arrival<'_>) -> Step {
    use State::{CloseWait, Established, FinWait1, FinWait2};
    let header = &arrival.segment.header;
    if !header.flags.rst() {
        return NEXT;
    }
    if tcb.state == State::TimeWait && arrival.config.time_wait_rst == TimeWaitRst::Ignore {
        return RETURN;
    }
    if arrival.config.rst == Protection::Rfc5961 && header.seq != tcb.rcv.nxt {
        // RFC 5961 3.2: in the window but not at RCV.NXT is challenged, outside is dropped.
        if header.seq.in_window(tcb.rcv.nxt, tcb.rcv_wnd()) {
            tcb.challenge(arrival.config, arrival.now);
        }
        return RETURN;
    }
    Step::Break(match tcb.state {
        State::SynReceived => match tcb.origin {
            Origin::Active => {
                tcb.signals.raise(Signal::Refused);
                Fate::Delete(End::Refused)
            }
            Origin::Listened(_) | Origin::Forked(_) => Fate::Listen,
        },
        Established | FinWait1 | FinWait2 | CloseWait => {
            tcb.signals.raise(Signal::Reset);
            Fate::Delete(End::Reset)
        }
        // CLOSING, LAST-ACK, TIME-WAIT.
        _ => Fate::Delete(End::Closed),
    })
}

/// Fourth, check the SYN bit.
fn fourth(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    let header = &arrival.segment.header;
    if !header.flags.syn() {
        return NEXT;
    }
    let in_window = header.seq.in_window(tcb.rcv.nxt, tcb.rcv_wnd());
    if tcb.state == State::SynReceived && tcb.origin != Origin::Active && in_window {
        return Step::Break(Fate::Listen);
    }
    match arrival.config.syn {
        // RFC 5961 4.2: whatever its number.
        Protection::Rfc5961 => {
            tcb.challenge(arrival.config, arrival.now);
            RETURN
        }
        Protection::Classic if in_window => {
            // 3.5.2: a reset takes its numbers from the segment that it answers.
            arrival.reset();
            tcb.signals.raise(Signal::Reset);
            Step::Break(Fate::Delete(End::Reset))
        }
        // A repeated SYN with new text behind it: the first step has trimmed the SYN off.
        Protection::Classic => NEXT,
    }
}

/// Fifth, check the ACK field.
fn fifth(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    let header = arrival.segment.header;
    if !header.flags.ack() {
        return RETURN;
    }
    if arrival.config.ack == Protection::Rfc5961 && !ack::is_in_range(tcb, header.ack) {
        tcb.challenge(arrival.config, arrival.now);
        return RETURN;
    }
    match tcb.state {
        State::SynReceived => fifth_in_syn_received(tcb, arrival),
        State::TimeWait => fifth_in_time_wait(tcb, arrival),
        _ => fifth_when_established(tcb, arrival),
    }
}

/// The ACK of our SYN; any other is bad.
fn fifth_in_syn_received(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    let ack = arrival.segment.header.ack;
    if !ack::is_new(tcb, ack) {
        arrival.reset();
        return RETURN;
    }
    ack::take(tcb, ack, arrival.now);
    tcb.snd.wnd = arrival.window(tcb.snd.shift);
    tcb.snd.max_wnd = tcb.snd.max_wnd.max(tcb.snd.wnd);
    tcb.snd.wl1 = arrival.seq;
    tcb.snd.wl2 = ack;
    establish(tcb);
    NEXT
}

/// "Acknowledge it": whatever takes numbers, or acknowledges what was never sent. A bare ACK gets no answer,
/// or two ends in TIME-WAIT would never rest. The timer restarts where the FIN is seen.
fn fifth_in_time_wait(tcb: &mut Tcb, arrival: &Arrival<'_>) -> Step {
    let is_bare = arrival.segment.is_empty() && arrival.segment.header.ack.is_at_or_before(tcb.snd.nxt);
    tcb.owed.ack |= !is_bare;
    NEXT
}

/// The common processing, and what each state adds to it.
fn fifth_when_established(tcb: &mut Tcb, arrival: &Arrival<'_>) -> Step {
    let ack = arrival.segment.header.ack;
    if ack.is_after(tcb.snd.nxt) {
        tcb.owed.ack = true;
        return RETURN;
    }
    if ack::is_new(tcb, ack) {
        ack::take(tcb, ack, arrival.now);
    }
    ack::take_window(tcb, arrival);
    match tcb.state {
        State::FinWait1 if tcb.fin_is_acked() => tcb.state = State::FinWait2,
        State::Closing if tcb.fin_is_acked() => tcb.start_time_wait(arrival.config, arrival.now),
        State::Closing => return RETURN,
        State::LastAck if tcb.fin_is_acked() => {
            tcb.signals.raise(Signal::Closed);
            return Step::Break(Fate::Delete(End::Closed));
        }
        _ => {}
    }
    NEXT
}

/// Enters ESTABLISHED.
pub(super) fn establish(tcb: &mut Tcb) {
    tcb.signals.raise(Signal::Open);
    tcb.state = State::Established;
}

/// A CLOSE that waited for ESTABLISHED is processed, after the segment that brought it (3.10.4). Should that
/// have held a FIN, the connection is in CLOSE-WAIT, where the FIN's departure changes the state.
pub(super) fn close_at_last(tcb: &mut Tcb) {
    if tcb.state == State::Established && tcb.fin == Fin::Queued {
        tcb.state = State::FinWait1;
    }
}

/// Seventh, process the segment text, and what waited for it.
fn seventh(tcb: &mut Tcb, arrival: &mut Arrival<'_>) -> Step {
    if !matches!(tcb.state, State::Established | State::FinWait1 | State::FinWait2) {
        // A FIN has come: nothing can stand behind it.
        return NEXT;
    }
    if tcb.reading_closed && !arrival.text.is_empty() {
        // SHLD-3: nobody will read this, and the peer has to know.
        arrival.resets.push(Reset::abort(tcb));
        return Step::Break(Fate::Delete(End::Closed));
    }
    text::take(tcb, arrival);
    NEXT
}

/// Eighth, check the FIN bit: this segment's, or one that waited for the text in front of it.
fn eighth(tcb: &mut Tcb, arrival: &Arrival<'_>) -> Step {
    match tcb.state {
        State::Established | State::FinWait1 | State::FinWait2 => {}
        // A second FIN cannot be: RCV.NXT stays.
        State::TimeWait if arrival.fin => {
            tcb.owed.ack = true;
            tcb.start_time_wait(arrival.config, arrival.now);
            return RETURN;
        }
        _ => {
            tcb.owed.ack |= arrival.fin;
            return RETURN;
        }
    }
    if tcb.rcv.fin != Some(tcb.rcv.nxt) {
        return RETURN;
    }
    tcb.rcv.nxt = tcb.rcv.nxt.add(1);
    tcb.owed.ack = true;
    tcb.signals.raise(Signal::PeerClosed);
    match tcb.state {
        State::Established => tcb.state = State::CloseWait,
        State::FinWait1 => tcb.state = State::Closing,
        // FIN-WAIT-2; also when this very segment acknowledged our FIN.
        _ => tcb.start_time_wait(arrival.config, arrival.now),
    }
    RETURN
}
