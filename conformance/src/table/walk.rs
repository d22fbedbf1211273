//! Which rules fire: a segment's walk through the steps of RFC 9293 3.10.7, and the rule of a call, a timer
//! or an ICMP error.

use arrayvec::ArrayVec;
use lastack_core::types::State;

use super::index::{Key, bit, candidates, word};
use super::profile::Switches;
use super::rules::{self, RuleId, is_executed};
use super::types::{CallKind, Event, Flow, Guard, Next, Switch};
use crate::class::{Class, SeqClass};

/// What a walk must know besides the segment's class. All false is the common case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Facts {
    /// SYN-RECEIVED was reached from LISTEN.
    pub origin_passive: bool,
    /// A listener fits the segment's addresses (for reopening from TIME-WAIT).
    pub listener: bool,
    /// The SYN's number lies above the old RCV.NXT (MAY-2).
    pub newer_syn: bool,
    /// Timestamps prove the SYN newer (RFC 6191 2).
    pub newer_timestamp: bool,
    /// SEG.TSval is older than a valid TS.Recent (RFC 7323 5.3).
    pub old_timestamp: bool,
    /// Timestamps were negotiated, and the segment has none (RFC 7323 3.2).
    pub no_timestamp: bool,
    /// Security or compartment differs.
    pub security_differs: bool,
    /// The user closed both directions and can no longer read (RFC 9293 3.6.1).
    pub cannot_read: bool,
}

/// The most rules that one segment fires: one a step, 0 to 8, and one to spare.
pub const MAX_FIRED: usize = 10;

/// The rules that a segment fires, in order, and where they lead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Walk {
    /// At most one a step.
    pub fired: ArrayVec<RuleId, MAX_FIRED>,
    /// The state afterwards.
    pub next: State,
    /// A rule ended the walk; otherwise it went through the last step.
    pub stopped: bool,
}

/// RFC 9293 3.10.7: the steps in order; in each step the first row that fits fires.
///
/// In SYN-SENT there is no RCV.NXT to hold a segment against. When its SYN is taken, the walk goes on with
/// step 6 in ESTABLISHED for what follows the SYN, which begins at RCV.NXT. Class such a segment against the
/// variables that its SYN gives, RCV.NXT = SEG.SEQ+1: then `Spans` (or `overrun`) says that its end lies past
/// the window's edge, and every other class that it does not.
pub fn walk(state: State, facts: Facts, switches: Switches, class: &Class) -> Walk {
    walk_rows(state, 0, facts, switches, class, |row| Some((row.next, row.flow)))
}

/// As [`walk`], from a step on and in an edition of the table: `read` says where a row leads and whether the
/// walk goes on behind it; `None` strikes the row out, and the next one that fits takes its place.
pub fn walk_edited(
    state: State,
    from_step: usize,
    facts: Facts,
    switches: Switches,
    class: &Class,
    read: impl Fn(RuleId) -> Option<(Next, Flow)>,
) -> Walk {
    walk_rows(state, from_step, facts, switches, class, |row| read(row.id))
}

fn walk_rows(
    state: State,
    from_step: usize,
    facts: Facts,
    switches: Switches,
    class: &Class,
    read: impl Fn(&Key) -> Option<(Next, Flow)>,
) -> Walk {
    let mut word = word(facts, switches, class);
    let mut walk = Walk { fired: ArrayVec::new(), next: state, stopped: false };
    let mut step = from_step;
    while step <= 8 {
        let mut fitting = candidates(walk.next, step).iter().filter(|row| row.fits(word));
        let found = fitting.find_map(|row| read(row).map(|(next, flow)| (row.id, next, flow)));
        step += 1;
        let Some((id, next, flow)) = found else { continue };
        walk.fired.push(id);
        let before = walk.next;
        walk.next = resolve(next, before, facts);
        if flow == Flow::Stop {
            walk.stopped = true;
            break;
        }
        if walk.next == before {
            continue;
        }
        // An ACK that changes the state ends step 5; the new state's step 5 is not run.
        step = step.max(6);
        if before == State::SynSent {
            word.bits &= !bit::SYN;
            word.seq = 1 << SeqClass::Exact as u8;
            if class.seq == SeqClass::Spans {
                word.bits |= bit::OVERRUN;
            }
        }
    }
    walk
}

/// The state that a row leads to.
pub const fn resolve(next: Next, from: State, facts: Facts) -> State {
    match next {
        Next::Stay | Next::AsFin => from,
        Next::To(state) => state,
        Next::ByOrigin if facts.origin_passive => State::Listen,
        Next::ByOrigin => State::Closed,
    }
}

/// Whether a row under `switch` is in force. Explanations are in force always; whether they are executed
/// is another question ([`is_executed`]).
pub const fn in_force(switch: Switch, switches: Switches) -> bool {
    match switch {
        Switch::Core | Switch::Case | Switch::Composite => true,
        Switch::RstRfc5961 => switches.rst_5961,
        Switch::RstClassic => !switches.rst_5961,
        Switch::SynRfc5961 => switches.syn_5961,
        Switch::SynClassic => !switches.syn_5961,
        Switch::May12 => switches.may_12,
        Switch::HalfDuplex => switches.half_duplex,
        Switch::Reopen => switches.reopen,
        Switch::Rfc6191 => switches.rfc_6191,
        Switch::Mls => switches.mls,
        Switch::Timestamps => switches.timestamps,
        Switch::KeepAlive => switches.keep_alive,
    }
}

/// The rule of a call; `given` are the guards that hold (see [`event_rule`]).
pub fn call_rule(state: State, call: CallKind, switches: Switches, given: &[Guard]) -> Option<RuleId> {
    event_rule(state, Event::Call(call), switches, given)
}

/// The rule of a call, timer or ICMP error: the first row that fits. `given` are the guards that hold.
///
/// Of a pair of opposites the usual one need not be given: the caller has access, the remote socket is
/// named, nothing is pending, nothing is left to deliver.
pub fn event_rule(state: State, event: Event, switches: Switches, given: &[Guard]) -> Option<RuleId> {
    event_rule_edited(state, event, switches, given, |_| true)
}

/// As [`event_rule`], in an edition of the table that has the rows that `keep` accepts.
pub fn event_rule_edited(
    state: State,
    event: Event,
    switches: Switches,
    given: &[Guard],
    keep: impl Fn(RuleId) -> bool,
) -> Option<RuleId> {
    rules::all().find(|id| {
        let row = rules::rule(*id);
        keep(*id)
            && row.states.has(state)
            && answers(row.event, event)
            && is_executed(row)
            && in_force(row.switch, switches)
            && holds(row.guard, given)
    })
}

/// Whether a row for `row` answers to `event`: a row for OPEN answers to both kinds.
fn answers(row: Event, event: Event) -> bool {
    match (row, event) {
        (Event::Segment, _) => false,
        (Event::Call(CallKind::Open), Event::Call(CallKind::OpenActive | CallKind::OpenPassive)) => true,
        _ => row == event,
    }
}

fn holds(guard: Guard, given: &[Guard]) -> bool {
    match guard {
        Guard::Always => true,
        Guard::HasAccess => !given.contains(&Guard::NoAccess),
        Guard::RemoteGiven => !given.contains(&Guard::RemoteMissing),
        Guard::NothingPending => !given.contains(&Guard::TextPending),
        Guard::NothingLeft => !given.contains(&Guard::Undelivered),
        _ => given.contains(&guard),
    }
}
