//! What a connection sends next, one packet at a time.
//!
//! The order: SYN, the front of the retransmission queue, new text and FIN as far as window, silly-window
//! avoidance and Nagle let them go, a probe of a closed window, and a bare ACK if nothing of that has carried
//! it.

use alloc::vec::Vec;

use crate::config::Config;
use crate::signal::Signal;
use crate::tcb::{Fin, Tcb, shift_for, syn_window};
use crate::types::wire::{OptionsBuilder, emit};
use crate::types::{Flags, Header, Instant, Options, Segment, SeqNum, State};

/// A piece of the outgoing stream: text at an offset of the send buffer, and perhaps the FIN behind it.
#[derive(Clone, Copy)]
struct Cut {
    offset: u32,
    len: u32,
    fin: bool,
}

/// Appends the next packet that this connection owes, if there is one.
pub(crate) fn next_packet(tcb: &mut Tcb, config: &Config, now: Instant, out: &mut Vec<u8>) -> bool {
    if tcb.owed.syn {
        send_syn(tcb, config, now, out);
        return true;
    }
    if tcb.owed.front {
        tcb.owed.front = false;
        if send_front(tcb, config, now, out) {
            restart_timer(tcb, now);
            return true;
        }
    }
    if let Some(cut) = new_cut(tcb) {
        send_new(tcb, config, now, cut, out);
        return true;
    }
    if tcb.owed.probe {
        tcb.owed.probe = false;
        if let Some(cut) = probe_cut(tcb) {
            send_new(tcb, config, now, cut, out);
            restart_timer(tcb, now);
            return true;
        }
    }
    if tcb.owed.ack {
        let header = header(tcb, config, Flags::ACK, tcb.snd.nxt);
        write(tcb, header, Cut { offset: 0, len: 0, fin: false }, out);
        return true;
    }
    false
}

/// Whether something is to be sent that waits for the window, silly-window avoidance or Nagle.
pub(crate) fn is_held_back(tcb: &Tcb) -> bool {
    sends_text(tcb.state) && (tcb.unsent() > 0 || tcb.fin == Fin::Queued) && new_cut(tcb).is_none()
}

/// The states in which text or FIN may still leave.
const fn sends_text(state: State) -> bool {
    use State::{CloseWait, Closing, Established, FinWait1, LastAck};
    matches!(state, Established | CloseWait | FinWait1 | Closing | LastAck)
}

/// The new text or FIN that may leave now: 3.8.6.2.1's four rules, with everything pushed, and the Nagle
/// algorithm (3.7.4). A congestion window would be one more bound of `usable`.
fn new_cut(tcb: &Tcb) -> Option<Cut> {
    if !sends_text(tcb.state) || matches!(tcb.fin, Fin::Sent(_)) {
        return None;
    }
    let queued = tcb.unsent();
    // U; negative where the peer has shrunk its window (MUST-34).
    let usable = tcb.text_base().add(tcb.snd.wnd).diff(tcb.snd.nxt).max(0) as u32;
    let len = queued.min(usable).min(tcb.snd.mss);
    let fin = tcb.fin == Fin::Queued && len == queued && usable > len;
    let cut = Cut { offset: tcb.text_in_flight(), len, fin };
    if len == 0 {
        return fin.then_some(cut);
    }
    let unbracketed = !tcb.in_flight() || !tcb.options.nagle;
    let goes = len >= tcb.snd.mss
        || unbracketed && len == queued
        || unbracketed && len >= tcb.snd.max_wnd.div_ceil(2)
        || tcb.owed.override_sws;
    goes.then_some(cut)
}

/// One octet, or the FIN where no text is left, whatever the window (3.8.6.1).
fn probe_cut(tcb: &Tcb) -> Option<Cut> {
    let len = tcb.unsent().min(1);
    let fin = len == 0 && tcb.fin == Fin::Queued;
    (sends_text(tcb.state) && (len > 0 || fin)).then_some(Cut { offset: tcb.text_in_flight(), len, fin })
}

/// Sends text or FIN for the first time: SND.NXT moves over it.
fn send_new(tcb: &mut Tcb, config: &Config, now: Instant, cut: Cut, out: &mut Vec<u8>) {
    let is_probe = tcb.snd.wnd == 0;
    let seq = tcb.snd.nxt;
    let was_idle = !tcb.in_flight();
    tcb.owed.override_sws = false;
    tcb.snd.nxt = seq.add(cut.len + u32::from(cut.fin));
    if cut.fin {
        tcb.fin = Fin::Sent(seq.add(cut.len));
        // 3.10.4: in CLOSE-WAIT the state changes when the FIN is sent.
        if tcb.state == State::CloseWait {
            tcb.state = State::LastAck;
        }
    }
    if !is_probe {
        if was_idle || tcb.timers.retransmission.is_none() {
            tcb.timers.retransmission = Some(now + tcb.rto.timeout());
        }
        tcb.timed.get_or_insert((tcb.snd.nxt, now));
    }
    tcb.timers.unanswered_since.get_or_insert(now);
    let header = header(tcb, config, Flags::ACK, seq);
    write(tcb, header, cut, out);
}

/// Sends the front of the retransmission queue again (3.10.8), cut anew to what MSS and window allow; of a
/// closed window one octet. Returns whether there was anything.
fn send_front(tcb: &mut Tcb, config: &Config, now: Instant, out: &mut Vec<u8>) -> bool {
    if !tcb.syn_is_acked() {
        send_syn(tcb, config, now, out);
        return true;
    }
    let flight = tcb.text_in_flight();
    let window = tcb.snd.wnd.max(1);
    let len = flight.min(tcb.snd.mss).min(window);
    let fin = matches!(tcb.fin, Fin::Sent(_)) && !tcb.fin_is_acked() && len == flight && window > len;
    if len == 0 && !fin {
        return false;
    }
    was_sent_again(tcb, config);
    let header = header(tcb, config, Flags::ACK, tcb.snd.una);
    write(tcb, header, Cut { offset: 0, len, fin }, out);
    true
}

/// `<SEQ=ISS><CTL=SYN>` in SYN-SENT, `<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>` afterwards, with what only a SYN
/// says: MSS (MUST-14, SHLD-5) and window scale.
fn send_syn(tcb: &mut Tcb, config: &Config, now: Instant, out: &mut Vec<u8>) {
    let first_time = !tcb.in_flight();
    tcb.owed.syn = false;
    let flags = if tcb.state == State::SynSent { Flags::SYN } else { Flags::SYN | Flags::ACK };
    let mut header = header(tcb, config, flags, tcb.snd.iss);
    // Never scaled (RFC 7323 2.2); behind text that came meanwhile, what is left of the first window.
    header.window = if flags.ack() { tcb.rcv_wnd().min(u16::MAX.into()) as u16 } else { syn_window(config) };
    header.options = syn_options(tcb, config);
    if first_time {
        tcb.snd.nxt = tcb.snd.iss.add(1);
        tcb.timers.retransmission = Some(now + tcb.rto.timeout());
        tcb.timed = Some((tcb.snd.iss.add(1), now));
    } else {
        was_sent_again(tcb, config);
    }
    tcb.timers.unanswered_since.get_or_insert(now);
    write(tcb, header, Cut { offset: 0, len: 0, fin: false }, out);
}

fn syn_options(tcb: &Tcb, config: &Config) -> Options {
    let options = OptionsBuilder::new().mss(config.mss(tcb.local.addr));
    let options = if tcb.scaling { options.scale(shift_for(config.recv_buffer)) } else { options };
    // Seven octets of forty.
    options.build().unwrap_or_default()
}

/// Karn's rule: what was sent twice is not timed (RFC 6298 3). At R1 the user is told (SHLD-9).
fn was_sent_again(tcb: &mut Tcb, config: &Config) {
    tcb.timed = None;
    tcb.retransmissions = tcb.retransmissions.saturating_add(1);
    if tcb.retransmissions == config.r1 {
        tcb.signals.raise(Signal::NoAnswer);
    }
}

/// A header with the acknowledgment and the window that hold now.
fn header(tcb: &mut Tcb, config: &Config, flags: Flags, seq: SeqNum) -> Header {
    let mut header = Header::new(tcb.local, tcb.remote, flags, seq, SeqNum::default());
    if flags.ack() {
        header.ack = tcb.rcv.nxt;
        if !flags.syn() {
            header.window = tcb.offer_window(config);
        }
        tcb.owed.ack = false;
        tcb.timers.ack = None;
        tcb.rcv.unacked = 0;
    }
    header
}

/// Writes the segment with its text straight from the send buffer. PSH stands on the last of the queued text
/// (MUST-61).
fn write(tcb: &mut Tcb, mut header: Header, cut: Cut, out: &mut Vec<u8>) {
    if cut.len > 0 && cut.offset + cut.len == tcb.outgoing.len() {
        header.flags = header.flags | Flags::PSH;
    }
    if cut.fin {
        header.flags = header.flags | Flags::FIN;
    }
    let text = tcb.outgoing.slice(cut.offset, cut.len);
    // Both ends have one IP version and the text fits the MTU, so this cannot fail; if it did, the segment
    // would be lost and sent again like any other.
    let _ = emit(&Segment { header, text }, out);
}

/// Something was sent again, or the window probed: the timer runs from now (RFC 6298 5.6), however long the
/// packet had to wait for its turn.
fn restart_timer(tcb: &mut Tcb, now: Instant) {
    let closed = tcb.snd.wnd == 0 && tcb.syn_is_acked();
    let wait = if closed { tcb.rto.doubled(tcb.probes) } else { tcb.rto.timeout() };
    tcb.timers.retransmission = tcb.timers.retransmission.map(|_| now + wait);
}
