//! The short words that rows are written in: sets of states, patterns of segments, and constructors.

use lastack_core::types::State;

use crate::class::{AckClass, SeqClass};
use crate::table::types::*;

// States, one by one and in the groups in which RFC 9293 3.10.7.4 lists them.
pub(super) const CL: States = States::of(State::Closed);
pub(super) const LI: States = States::of(State::Listen);
pub(super) const SS: States = States::of(State::SynSent);
pub(super) const SR: States = States::of(State::SynReceived);
pub(super) const ES: States = States::of(State::Established);
pub(super) const F1: States = States::of(State::FinWait1);
pub(super) const F2: States = States::of(State::FinWait2);
pub(super) const CW: States = States::of(State::CloseWait);
pub(super) const CG: States = States::of(State::Closing);
pub(super) const LA: States = States::of(State::LastAck);
pub(super) const TW: States = States::of(State::TimeWait);
/// A record without a peer, or none.
pub(super) const CL_LI: States = CL.or(LI);
/// Our SYN is not acknowledged.
pub(super) const SS_SR: States = SS.or(SR);
/// The peer may still send text.
pub(super) const ES_F1_F2: States = ES.or(F1).or(F2);
/// We may still send text.
pub(super) const ES_CW: States = ES.or(CW);
/// CLOSE was called, the peer's FIN has not come.
pub(super) const F1_F2: States = F1.or(F2);
/// Both FINs are known.
pub(super) const CG_LA_TW: States = CG.or(LA).or(TW);
/// Open, or closed in one direction only.
pub(super) const ES_F1_F2_CW: States = ES_F1_F2.or(CW);
/// The peer's FIN has come.
pub(super) const CW_CG_LA: States = CW.or(CG).or(LA);
/// The peer's FIN has come, TIME-WAIT included.
pub(super) const CW_CG_LA_TW: States = CW_CG_LA.or(TW);
/// Something of ours may be unacknowledged, in the synchronized states.
pub(super) const ES_F1_CW_CG_LA: States = ES.or(F1).or(CW_CG_LA);
/// Synchronized, save TIME-WAIT.
pub(super) const ES_LA: States = ES_F1_F2.or(CW_CG_LA);
/// Synchronized (RFC 9293 3.5.2, third group).
pub(super) const ES_TW: States = ES_LA.or(TW);
/// SYN-RECEIVED and synchronized: the states of RFC 9293 3.10.7.4.
pub(super) const SR_TW: States = SR.or(ES_TW);
/// All with a peer.
pub(super) const SS_TW: States = SS.or(SR_TW);

// Where the first octet lies.
pub(super) const BEFORE: SeqSet = SeqSet::of(SeqClass::Before);
pub(super) const LEFT_OVERLAP: SeqSet = SeqSet::of(SeqClass::LeftOverlap);
pub(super) const EXACT: SeqSet = SeqSet::of(SeqClass::Exact);
pub(super) const IN_WINDOW: SeqSet = SeqSet::of(SeqClass::InWindow);
/// Fails the test of RFC 9293 3.10.7.4, step 1.
pub(super) const OUTSIDE: SeqSet = BEFORE.or(SeqSet::of(SeqClass::Beyond)).or(SeqSet::of(SeqClass::Spans));
/// Passes it, unless it has a length and the window is zero.
pub(super) const INSIDE: SeqSet = LEFT_OVERLAP.or(EXACT).or(IN_WINDOW);
/// Its new part begins at RCV.NXT.
pub(super) const IN_ORDER: SeqSet = EXACT.or(LEFT_OVERLAP);
/// Its first octet is new.
pub(super) const EXACT_OR_RIGHT: SeqSet = EXACT.or(IN_WINDOW);

// Where SEG.ACK lies.
pub(super) const NO_ACK: AckSet = AckSet::of(AckClass::None);
pub(super) const DUP: AckSet = AckSet::of(AckClass::Dup);
pub(super) const NEW: AckSet = AckSet::of(AckClass::New);
pub(super) const NEW_FIN: AckSet = AckSet::of(AckClass::NewFin);
pub(super) const FUTURE: AckSet = AckSet::of(AckClass::Future);
pub(super) const SYN_ACKED: AckSet = AckSet::of(AckClass::SynAcked);
pub(super) const BAD: AckSet = AckSet::of(AckClass::Bad);
/// SEG.ACK < SND.UNA.
pub(super) const BELOW: AckSet = AckSet::of(AckClass::Ancient).or(AckSet::of(AckClass::Old));
/// SEG.ACK =< SND.UNA.
pub(super) const NOT_ABOVE: AckSet = BELOW.or(DUP);
/// Outside of what RFC 5961 5.2 admits.
pub(super) const OUT_OF_RANGE: AckSet = AckSet::of(AckClass::Ancient).or(FUTURE);
/// No acknowledgment of our SYN, in SYN-RECEIVED.
pub(super) const NOT_NEW: AckSet = NOT_ABOVE.or(FUTURE);
/// Leaves our FIN unacknowledged.
pub(super) const FIN_OPEN: AckSet = NOT_ABOVE.or(NEW);
/// Absent, or right, in SYN-SENT.
pub(super) const NONE_OR_RIGHT: AckSet = NO_ACK.or(SYN_ACKED);

/// A pattern of arriving segments.
#[derive(Clone, Copy)]
pub(super) struct When {
    flags: FlagMatch,
    seq: SeqSet,
    ack: AckSet,
    text: Bit,
    zero_window: Bit,
    guard: Guard,
}

impl When {
    const fn flags(syn: Bit, ack: Bit, rst: Bit, fin: Bit) -> When {
        When {
            flags: FlagMatch { syn, ack, rst, fin },
            seq: SeqSet::ANY,
            ack: AckSet::ANY,
            text: Bit::Any,
            zero_window: Bit::Any,
            guard: Guard::Always,
        }
    }
    /// Its first octet lies there.
    pub(super) const fn at(self, seq: SeqSet) -> When {
        When { seq, ..self }
    }
    /// Its SEG.ACK lies there.
    pub(super) const fn acks(self, ack: AckSet) -> When {
        When { ack, ..self }
    }
    /// It has text.
    pub(super) const fn text(self) -> When {
        When { text: Bit::On, ..self }
    }
    /// RCV.WND is not zero.
    pub(super) const fn open(self) -> When {
        When { zero_window: Bit::Off, ..self }
    }
    /// RCV.WND is zero.
    pub(super) const fn shut(self) -> When {
        When { zero_window: Bit::On, ..self }
    }
    /// This holds besides.
    pub(super) const fn given(self, guard: Guard) -> When {
        When { guard, ..self }
    }
}

// Patterns of control bits. What is not named may be on or off, RST apart: where it is not named, it is off.
pub(super) const RST: When = When::flags(Bit::Any, Bit::Any, Bit::On, Bit::Any);
pub(super) const RST_ACK: When = When::flags(Bit::Any, Bit::On, Bit::On, Bit::Any);
pub(super) const RST_NO_ACK: When = When::flags(Bit::Any, Bit::Off, Bit::On, Bit::Any);
pub(super) const NO_RST: When = When::flags(Bit::Any, Bit::Any, Bit::Off, Bit::Any);
pub(super) const WITH_ACK: When = When::flags(Bit::Any, Bit::On, Bit::Off, Bit::Any);
pub(super) const WITHOUT_ACK: When = When::flags(Bit::Any, Bit::Off, Bit::Off, Bit::Any);
pub(super) const SYN: When = When::flags(Bit::On, Bit::Any, Bit::Off, Bit::Any);
pub(super) const SYN_NO_ACK: When = When::flags(Bit::On, Bit::Off, Bit::Off, Bit::Any);
pub(super) const SYN_ACK: When = When::flags(Bit::On, Bit::On, Bit::Off, Bit::Any);
pub(super) const SYN_ACK_FIN: When = When::flags(Bit::On, Bit::On, Bit::Off, Bit::On);
pub(super) const NO_SYN: When = When::flags(Bit::Off, Bit::Any, Bit::Off, Bit::Any);
pub(super) const NO_SYN_NO_ACK: When = When::flags(Bit::Off, Bit::Off, Bit::Off, Bit::Any);
pub(super) const ACK: When = When::flags(Bit::Off, Bit::On, Bit::Off, Bit::Any);
pub(super) const ACK_FIN: When = When::flags(Bit::Off, Bit::On, Bit::Off, Bit::On);
pub(super) const ACK_NO_FIN: When = When::flags(Bit::Off, Bit::On, Bit::Off, Bit::Off);

/// What a row does.
#[derive(Clone, Copy)]
pub(super) struct Then {
    reply: Reply,
    effects: &'static [Effect],
    signal: Signal,
    next: Next,
    flow: Flow,
}

/// Send, change, tell, go there; the event is dealt with.
pub(super) const fn stop(reply: Reply, effects: &'static [Effect], signal: Signal, next: Next) -> Then {
    Then { reply, effects, signal, next, flow: Flow::Stop }
}

/// Send, change, tell, go there; the next step follows.
pub(super) const fn go_on(reply: Reply, effects: &'static [Effect], signal: Signal, next: Next) -> Then {
    Then { reply, effects, signal, next, flow: Flow::Continue }
}

/// A row for an arriving segment.
pub(super) const fn seg(
    step: u8,
    name: &'static str,
    states: States,
    switch: Switch,
    when: When,
    then: Then,
    level: Level,
    cite: &'static str,
    licences: &'static [Licence],
) -> Rule {
    Rule {
        name,
        states,
        event: Event::Segment,
        switch,
        step,
        flags: when.flags,
        seq: when.seq,
        ack: when.ack,
        text: when.text,
        zero_window: when.zero_window,
        guard: when.guard,
        reply: then.reply,
        effects: then.effects,
        signal: then.signal,
        next: then.next,
        flow: then.flow,
        level,
        licences,
        cite,
    }
}

const fn other(
    name: &'static str,
    event: Event,
    states: States,
    switch: Switch,
    guard: Guard,
    then: Then,
    level: Level,
    cite: &'static str,
    licences: &'static [Licence],
) -> Rule {
    let when = When::flags(Bit::Any, Bit::Any, Bit::Any, Bit::Any).given(guard);
    let row = seg(0, name, states, switch, when, then, level, cite, licences);
    Rule { event, ..row }
}

/// A row for a user's call.
pub(super) const fn call(
    name: &'static str,
    call: CallKind,
    states: States,
    switch: Switch,
    guard: Guard,
    then: Then,
    level: Level,
    cite: &'static str,
    licences: &'static [Licence],
) -> Rule {
    other(name, Event::Call(call), states, switch, guard, then, level, cite, licences)
}

/// A row for a timer.
pub(super) const fn timer(
    name: &'static str,
    timer: TimerKind,
    states: States,
    switch: Switch,
    guard: Guard,
    then: Then,
    level: Level,
    cite: &'static str,
    licences: &'static [Licence],
) -> Rule {
    other(name, Event::Timer(timer), states, switch, guard, then, level, cite, licences)
}

/// A row for an ICMP error.
pub(super) const fn icmp(
    name: &'static str,
    icmp: IcmpKind,
    states: States,
    switch: Switch,
    guard: Guard,
    then: Then,
    level: Level,
    cite: &'static str,
    licences: &'static [Licence],
) -> Rule {
    other(name, Event::Icmp(icmp), states, switch, guard, then, level, cite, licences)
}
