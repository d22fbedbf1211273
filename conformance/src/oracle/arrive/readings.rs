//! How a segment may be read: the known edges of the window, and the choices that the profile leaves open.

use arrayvec::ArrayVec;
use lastack_core::types::{Flags, SeqNum, State};

use super::{Arrival, Reading};
use crate::class::{AckClass, Class, SeqClass, ack_class, seq_class, window};
use crate::oracle::apply::Target;
use crate::oracle::context::{Broken, Context};
use crate::oracle::host::Host;
use crate::oracle::tcb::Tcb;
use crate::table::{Choice, Protection, Switches};

/// Every class the segment may have: the known edges of the window, the FIN counted or not.
pub(super) fn readings(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    state: State,
    a: &Arrival<'_>,
) -> ArrayVec<Reading, 8> {
    let mut readings = ArrayVec::new();
    let Some(tcb) = target.tcb(host).filter(|t| t.irs.is_some() && t.state != State::Listen) else {
        // No receive variables: the sequence class does not matter (CLOSED, LISTEN, SYN-SENT).
        let ack = match target.tcb(host) {
            Some(tcb) => ack_class(state, a.segment.header.flags, a.segment.header.ack, tcb.snd()),
            None if a.segment.header.flags.ack() => AckClass::Bad,
            None => AckClass::None,
        };
        let ack = if state == State::SynSent || ack == AckClass::None { ack } else { AckClass::Future };
        let edge = a.segment.header.seq.add(1).add(ctx.setup.recv_buffer.max(1));
        // Behind text that does not fit no FIN can be next.
        let cut = state == State::SynSent && a.text_end().is_after(edge);
        let flags = a.segment.header.flags;
        let class = Class {
            flags: if cut { flags.without(Flags::FIN) } else { flags },
            seq: SeqClass::Exact,
            overrun: false,
            ack,
            text: !a.segment.text.is_empty(),
            zero_window: false,
        };
        readings.push(Reading { class: normal(class), edge, fin_counted: true });
        // A FIN right at the edge: inside, or one number too far.
        if state == State::SynSent && class.flags.fin() && a.text_end() == edge {
            let class = Class { flags: flags.without(Flags::FIN), ..class };
            readings.push(Reading { class: normal(class), edge, fin_counted: true });
        }
        // Its SYN still waits for room: the ISS may be the one of before, or another.
        let unseen = target.tcb(host).is_some_and(|t| t.state == State::SynSent && t.iss.is_none());
        for ack in [AckClass::Bad, AckClass::SynAcked] {
            if unseen && flags.ack() && ack != class.ack {
                readings.push(Reading { class: normal(Class { ack, ..class }), edge, fin_counted: true });
            }
        }
        return readings;
    };
    let fin = a.segment.header.flags.fin();
    for edge in edges(ctx, tcb) {
        for fin_counted in [true, false] {
            if !fin && !fin_counted {
                continue;
            }
            let class = class_of(tcb, a, edge, fin_counted);
            for ack in acknowledgments(ctx, tcb, a, class.ack) {
                let class = Class { ack, ..class };
                let reading = Reading { class, edge, fin_counted };
                if !readings.iter().any(|r: &Reading| r.class == class && r.edge == edge) {
                    let _ = readings.try_push(reading);
                }
            }
        }
    }
    readings
}

/// Where an acknowledgment may lie. A connection whose SYN,ACK still waits for room may be synchronized already,
/// by a CLOSE in SYN-RECEIVED; its numbers are not known then, and nobody hits them by chance. A stack that
/// declares RFC 5961 5.2 may know better than MAX.SND.WND what it never sent: a number below ISS+1 acknowledges
/// nothing of this connection, and no honest peer sends it.
fn acknowledgments(ctx: &Context<'_>, tcb: &Tcb, a: &Arrival<'_>, seen: AckClass) -> ArrayVec<AckClass, 3> {
    if seen != AckClass::None && tcb.iss.is_none() && tcb.state.is_synchronized() {
        return ArrayVec::from([AckClass::Future, AckClass::Old, AckClass::Ancient]);
    }
    let unsent = tcb.iss.is_some_and(|iss| a.segment.header.ack.is_at_or_before(iss));
    let stricter = unsent && seen == AckClass::Old && ctx.profile.ack == Protection::Rfc5961;
    ArrayVec::from_iter([seen].into_iter().chain(stricter.then_some(AckClass::Ancient)))
}

/// Only the bits that a class may look at.
fn normal(mut class: Class) -> Class {
    let bits = Flags::SYN | Flags::ACK | Flags::RST | Flags::FIN | Flags::URG;
    class.flags = Flags::from_bits(class.flags.bits() & bits.bits());
    class
}

fn class_of(tcb: &Tcb, a: &Arrival<'_>, edge: SeqNum, fin_counted: bool) -> Class {
    let h = &a.segment.header;
    let rcv = tcb.rcv(edge);
    let fin_octets = u32::from(h.flags.fin() && !fin_counted);
    let (seq, overrun) = seq_class(h.seq, a.segment.len() - fin_octets, rcv);
    // A FIN that is not counted and lies exactly at RCV.NXT is in order whatever the window.
    let zero_window = window(rcv) == 0 && (fin_counted || !a.segment.text.is_empty());
    let seq = match seq {
        SeqClass::Before if !fin_counted && a.text_end() == tcb.rcv_nxt && h.seq.is_before(tcb.rcv_nxt) => {
            SeqClass::LeftOverlap
        }
        other => other,
    };
    normal(Class {
        flags: h.flags,
        seq,
        overrun,
        ack: ack_class(tcb.state, h.flags, h.ack, tcb.snd()),
        text: !a.segment.text.is_empty(),
        zero_window,
    })
}

/// Where the window's edge may be: last advertised, largest ever advertised, and as far as the buffer goes.
fn edges(ctx: &Context<'_>, tcb: &Tcb) -> ArrayVec<SeqNum, 3> {
    let mut edges = ArrayVec::new();
    let mut add = |edge: SeqNum| {
        if !edges.contains(&edge) {
            let _ = edges.try_push(edge);
        }
    };
    if tcb.edge_known {
        add(tcb.edge_now);
        if ctx.broken == Broken::Edges {
            return edges;
        }
        add(tcb.edge_max);
    } else if ctx.setup.recv_buffer > u32::from(u16::MAX) {
        // Its SYN,ACK still waits for room; no window of a SYN says more than this (RFC 7323 2.2).
        add(tcb.rcv_nxt.add(u32::from(u16::MAX)));
    }
    add(buffer_edge(ctx, tcb));
    edges
}

/// The largest right edge that the stack may hold. An advertised window is rounded down by scaling, cut
/// at 65535 without it, and old once the user has read.
pub fn buffer_edge(ctx: &Context<'_>, tcb: &Tcb) -> SeqNum {
    let shift = if tcb.scaled() { tcb.own_scale.unwrap_or(0).min(14) } else { 0 };
    let rounded = tcb.edge_max.add((1u32 << shift) - 1);
    // SYN and FIN have numbers and take no room.
    let base = tcb.irs.unwrap_or(tcb.rcv_nxt).add(1).add(tcb.read).add(u32::from(tcb.fin_taken));
    if ctx.capabilities.exact_recv_buffer || !tcb.edge_known {
        let whole = base.add(ctx.setup.recv_buffer);
        if tcb.edge_known { whole.max(tcb.edge_max) } else { whole }
    } else {
        rounded.add(tcb.read.wrapping_sub(tcb.read_then)).max(base)
    }
}

/// Whether text for a user who has closed resets the connection (SHLD-3): new text does. What is not next in
/// order has not been received yet, and may be held like any other.
pub(super) fn half_duplex_choices(declared: Choice, tcb: Option<&Tcb>, a: &Arrival<'_>) -> &'static [bool] {
    let Some(tcb) = tcb.filter(|t| t.user_gone && t.rcv_nxt.is_before(a.text_end())) else { return &[false] };
    let early = tcb.rcv_nxt.is_before(a.segment.header.seq);
    if early && declared == Choice::Yes { &[false, true] } else { declared.settings() }
}

/// Every concrete choice that the profile leaves open and this segment can tell apart.
pub(super) fn switch_choices(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
) -> ArrayVec<Switches, 4> {
    let settings = |p: Protection| match p {
        Protection::Classic => &[false][..],
        Protection::Rfc5961 => &[true][..],
        Protection::Any => &[false, true][..],
    };
    let p = ctx.profile;
    let base = Switches {
        rst_5961: p.rst == Protection::Rfc5961,
        syn_5961: p.syn == Protection::Rfc5961,
        may_12: p.ack == Protection::Rfc5961,
        half_duplex: false,
        ..Switches::default()
    };
    let flags = a.segment.header.flags;
    let mut choices = ArrayVec::new();
    if flags.rst() {
        choices.extend(settings(p.rst).iter().map(|on| Switches { rst_5961: *on, ..base }));
    } else if flags.syn() {
        choices.extend(settings(p.syn).iter().map(|on| Switches { syn_5961: *on, ..base }));
    } else {
        let half = half_duplex_choices(p.half_duplex, target.tcb(host), a);
        for may_12 in settings(p.ack) {
            choices.extend(half.iter().map(|on| Switches { may_12: *may_12, half_duplex: *on, ..base }));
        }
    }
    choices
}
