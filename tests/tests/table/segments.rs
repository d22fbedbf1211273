//! Every abstract segment that can exist, and a slow walk that reads the rows' columns one by one.

use lastack::class::{AckClass, Class, SeqClass};
use lastack::table::rules::{all, is_executed};
use lastack::table::{Event, Facts, Flow, Guard, RuleId, Switch, Switches, rule, walk};
use lastack_core::types::{Flags, State};

/// Acknowledgments that a state's variables admit, the ACK bit being on.
pub fn acks(state: State) -> &'static [AckClass] {
    use AckClass::{Ancient, Bad, Dup, Future, New, NewFin, Old, SynAcked};
    match state {
        // No variables: any number will do.
        State::Closed | State::Listen => &[Dup, New, Future],
        State::SynSent => &[SynAcked, Bad],
        // Our FIN is not sent.
        State::SynReceived | State::Established | State::CloseWait => &[Ancient, Old, Dup, New, Future],
        // It is sent and not acknowledged.
        State::FinWait1 | State::Closing | State::LastAck => &[Ancient, Old, Dup, New, NewFin, Future],
        // SND.UNA = SND.NXT.
        State::FinWait2 | State::TimeWait => &[Ancient, Old, Dup, Future],
    }
}

/// Whether a segment with these bits can lie there: SEG.LEN is 1 for SYN, 1 for FIN, and at least 1 for text.
pub fn exists(class: &Class) -> bool {
    let controls = usize::from(class.flags.syn()) + usize::from(class.flags.fin());
    let longest = if class.text { usize::MAX } else { controls };
    let needs = match (class.seq, class.zero_window, class.overrun) {
        (SeqClass::InWindow | SeqClass::LeftOverlap, true, _) => return false,
        (SeqClass::Before | SeqClass::Beyond, _, true) | (_, true, true) => return false,
        (SeqClass::LeftOverlap | SeqClass::Spans, _, true) => return false,
        (SeqClass::Before | SeqClass::Beyond, ..) => 0,
        (SeqClass::Exact | SeqClass::InWindow, _, false) => 0,
        // One octet inside, one outside.
        (SeqClass::Exact | SeqClass::InWindow, _, true) => 2,
        (SeqClass::LeftOverlap, ..) | (SeqClass::Spans, true, _) => 2,
        (SeqClass::Spans, false, _) => 3,
    };
    longest >= needs
}

/// Every segment that can exist in `state`. In SYN-SENT those with a SYN are classed against the variables
/// that the SYN gives: it lies one before RCV.NXT.
pub fn all_segments(state: State) -> Vec<Class> {
    let mut found = Vec::new();
    let bits = [Flags::SYN, Flags::ACK, Flags::RST, Flags::FIN, Flags::URG];
    for set in 0..1 << bits.len() {
        let on = bits.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
        let flags = on.fold(Flags::NONE, |flags, (_, bit)| flags | *bit);
        let none = [AckClass::None];
        let acks = if flags.ack() { acks(state) } else { &none };
        for seq in SeqClass::ALL {
            for ack in acks.iter().copied() {
                for rest in 0..8 {
                    let (overrun, text, zero_window) = (rest & 1 == 1, rest & 2 == 2, rest & 4 == 4);
                    found.push(Class { flags, seq, overrun, ack, text, zero_window });
                }
            }
        }
    }
    found.retain(|class| exists(class) && (state != State::SynSent || fits_syn_sent(class)));
    found
}

fn fits_syn_sent(class: &Class) -> bool {
    let longer = class.text || class.flags.fin();
    match (class.flags.syn(), class.seq) {
        (true, SeqClass::Before) => !longer,
        (true, SeqClass::LeftOverlap) => longer,
        // A FIN alone fits any window but zero.
        (true, SeqClass::Spans) => class.text || (longer && class.zero_window),
        (true, _) => false,
        (false, _) => true,
    }
}

/// Names of fired rules, in order.
pub fn names(fired: &[RuleId]) -> Vec<&'static str> {
    fired.iter().map(|id| rule(*id).name).collect()
}

/// One step of a slow walk.
pub struct Step {
    pub state: State,
    pub step: u8,
    /// The rows that fit, of the rank that is tried first.
    pub fitting: Vec<RuleId>,
}

/// The rows of a state and step whose columns fit, of the first rank that has any.
pub fn fitting(state: State, step: u8, facts: Facts, switches: Switches, class: &Class) -> Vec<RuleId> {
    let fits = |id: &RuleId| {
        let row = rule(*id);
        row.event == Event::Segment
            && is_executed(row)
            && row.step == step
            && row.states.has(state)
            && walk::in_force(row.switch, switches)
            && row.flags.syn.fits(class.flags.syn())
            && row.flags.ack.fits(class.flags.ack())
            && row.flags.rst.fits(class.flags.rst())
            && row.flags.fin.fits(class.flags.fin())
            && row.seq.has(class.seq)
            && row.ack.has(class.ack)
            && row.text.fits(class.text)
            && row.zero_window.fits(class.zero_window)
            && holds(row.guard, facts, class)
    };
    let found: Vec<RuleId> = all().filter(fits).collect();
    let first = found.iter().map(|id| rank(rule(*id).switch)).min();
    found.into_iter().filter(|id| Some(rank(rule(*id).switch)) == first).collect()
}

fn holds(guard: Guard, facts: Facts, class: &Class) -> bool {
    match guard {
        Guard::Always => true,
        Guard::SegLenPositive => class.takes_numbers(),
        Guard::OriginPassive => facts.origin_passive,
        Guard::OriginActive => !facts.origin_passive,
        Guard::Urgent => class.flags.has(Flags::URG),
        Guard::FinInOrder | Guard::FinInOrderOwnOpen => !class.overrun,
        Guard::OverrunAtNxt | Guard::OverrunRight | Guard::FinPastEdge => class.overrun,
        Guard::SecurityDiffers => facts.security_differs,
        Guard::NewerSyn => facts.listener && facts.newer_syn,
        Guard::NewerTimestamp => facts.listener && facts.newer_timestamp,
        Guard::OldTimestamp => facts.old_timestamp,
        Guard::NoTimestamp => facts.no_timestamp,
        Guard::CannotRead => facts.cannot_read,
        other => panic!("{other} is no condition of a segment"),
    }
}

/// Reopening first, then options, then what lies past the window's edge, then core rows.
fn rank(switch: Switch) -> u8 {
    match switch {
        Switch::Rfc6191 => 0,
        Switch::Reopen => 1,
        Switch::Mls | Switch::Timestamps | Switch::HalfDuplex | Switch::May12 => 2,
        Switch::Case => 3,
        _ => 4,
    }
}

/// The whole walk, step by step.
pub fn slow_walk(from: State, facts: Facts, switches: Switches, class: &Class) -> Vec<Step> {
    let mut class = *class;
    let (mut state, mut step) = (from, 0);
    let mut steps = Vec::new();
    while step <= 8 {
        let fitting = fitting(state, step, facts, switches, &class);
        let fired = fitting.first().map(|id| rule(*id));
        steps.push(Step { state, step, fitting });
        step += 1;
        let Some(row) = fired else { continue };
        if row.flow == Flow::Stop {
            break;
        }
        let next = walk::resolve(row.next, state, facts);
        if next != state {
            // RFC 9293 3.10.7.3, fourth, and 3.10.7.4, fifth: further processing begins at step 6.
            step = 6;
            if state == State::SynSent {
                class.flags = class.flags.without(Flags::SYN);
                class.overrun |= class.seq == SeqClass::Spans && !class.zero_window;
                class.seq = SeqClass::Exact;
            }
            state = next;
        }
    }
    steps
}
