//! The closed list of what the RFCs leave to a stack, and how a difference shows which of it it is.

use lastack::scenario::{Event, OddOptions, Scenario, ScriptCall, SegmentSpec, Trick};
use lastack::table::Choice::Yes;
use lastack::table::Profile;
use lastack_core::types::{Flags, State};

use crate::effect::{Aspect, Difference, Effect, Sent};

/// What the RFCs leave to a stack, and reference and model do otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    StateAtClose,
    NewOrError,
    Rfc1337,
    Restart2Msl,
    BrokenOptions,
    FullQueue,
    WindowScale,
    BareAcks,
    SentAgain,
    Cut,
    ErrorName,
    Signal,
    Window,
    Push,
    DelayedAck,
    FinAtEdge,
    ProbeTime,
    OkForClose,
    HalfDuplex,
    RstFields,
    NotTheRfcs,
}

impl Choice {
    /// The choice that a difference comes from, the first that fits.
    pub fn of(
        difference: &Difference,
        scenario: &Scenario,
        profile: &Profile,
        [ours, table]: [&[Effect]; 2],
    ) -> Option<Choice> {
        let (a, b) = (&ours[difference.event], &table[difference.event]);
        let full = scenario.events[..difference.event.min(scenario.events.len())].iter().any(has_full_queue);
        let scaled = ours.iter().flat_map(|effect| &effect.sent).any(|sent| sent.scales);
        let behind = |s: &&Sent| s.len > 0;
        let fresh = |s: &&Sent| s.len > 0 && s.new;
        match difference.aspect {
            Aspect::State if is_state_at_close(a, b) => Some(Choice::StateAtClose),
            Aspect::State if opens_passively(scenario, difference.event) => Some(Choice::NewOrError),
            Aspect::State if a.heard_reset && is_time_wait_or_closed(a, b) => Some(Choice::Rfc1337),
            Aspect::State if is_time_wait_or_closed(a, b) && restarts(scenario) => Some(Choice::Restart2Msl),
            Aspect::State if has_broken_options(scenario) => Some(Choice::BrokenOptions),
            Aspect::State if hears_otherwise([ours, table], difference.event) => Some(Choice::Window),
            Aspect::State if has_offered_otherwise([ours, table], difference.event) => Some(Choice::Window),
            Aspect::State if has_accepted(scenario, difference.event) => Some(Choice::NotTheRfcs),
            _ if full => Some(Choice::FullQueue),
            Aspect::Reset if profile.half_duplex == Yes && a.resets.len() == b.resets.len() => {
                Some(Choice::RstFields)
            }
            Aspect::Outcome => outcome(scenario.events.get(difference.event)?, profile),
            Aspect::Numbers if has_delayed(scenario, a, b) => Some(Choice::DelayedAck),
            Aspect::Numbers if hears_otherwise([ours, table], difference.event) => Some(Choice::Window),
            Aspect::Numbers if has_probed(a, b) => Some(Choice::ProbeTime),
            Aspect::Numbers if has_fin_at_edge(a, b) => Some(Choice::FinAtEdge),
            Aspect::Reset | Aspect::Numbers | Aspect::Segments if scaled && offers_scale(scenario) => {
                Some(Choice::WindowScale)
            }
            Aspect::Segments if same(a, b, behind, place) => Some(Choice::BareAcks),
            Aspect::Segments if same(a, b, fresh, place) => Some(Choice::SentAgain),
            Aspect::Segments => Some(Choice::Cut),
            Aspect::Detail if a.outcomes != b.outcomes => Some(Choice::ErrorName),
            Aspect::Detail if a.signals != b.signals => Some(Choice::Signal),
            Aspect::Detail if same(a, b, |_| true, |s| s.window.into()) => {
                let scale = !same(a, b, |_| true, |s| s.scales.into());
                Some(if scale { Choice::WindowScale } else { Choice::Push })
            }
            Aspect::Detail => Some(Choice::Window),
            _ => None,
        }
    }

    /// What is left open, and where.
    pub const fn says(self) -> &'static str {
        match self {
            Choice::StateAtClose => {
                "STATE-AT-CLOSE-FREE: CLOSE-WAIT until the FIN leaves, or LAST-ACK at CLOSE (3.10.4; Fig. 5)"
            }
            Choice::NewOrError => {
                "NEW-OR-ERROR: a second passive OPEN makes a record or an error (3.10.1; MUST-41)"
            }
            Choice::Rfc1337 => {
                "RFC1337: a RST in TIME-WAIT is ignored, or closes (RFC 1337 3; 3.10.7.4, second)"
            }
            Choice::Restart2Msl => {
                "RESTART-2MSL-FREE: a FIN outside the window restarts the 2 MSL, or not (3.10.7.4, first, fifth)"
            }
            Choice::BrokenOptions => {
                "a segment with an option of illegal length is dropped, or read so far (3.1; MUST-7)"
            }
            Choice::FullQueue => {
                "what arrives while the transmit queue is full is read at once, or later (3.10.7)"
            }
            Choice::WindowScale => "window scale is offered, or not (RFC 7323 2.2)",
            Choice::BareAcks => {
                "bare ACKs: more, fewer, delayed or not (3.8.6.3; 3.10.7.4; MUST-58, MUST-59)"
            }
            Choice::SentAgain => {
                "RETRANSMIT-RECUT: what is sent again, when and how much of it (RFC 6298; 3.8.6.1)"
            }
            Choice::Cut => "text is cut otherwise (3.7.1; 3.8.6.2.1)",
            Choice::ErrorName => {
                "ERROR-NAME-FREE: another error for a call on what is gone (3.10.2 to 3.10.6)"
            }
            Choice::Signal => "what the user is told without having asked (3.9.1.8)",
            Choice::Window => "how much of its room a receiver offers (3.8.6; SHLD-14)",
            Choice::Push => "PSH on text that is sent again or is not the last (3.9.1.2)",
            Choice::DelayedAck => {
                "where ACKs are delayed: until the delay is over, or a second segment comes (3.8.6.3)"
            }
            Choice::FinAtEdge => {
                "a FIN whose number is the window's right edge leaves with its text, or waits (3.8.6)"
            }
            Choice::ProbeTime => {
                "when a closed window is probed first: one RTO as it was measured (3.8.6.1; SHLD-29)"
            }
            Choice::OkForClose => "OK-FOR-CLOSE: a repeated CLOSE is ok or an error (3.10.4)",
            Choice::HalfDuplex => {
                "HALF-DUPLEX: after CLOSE nothing can be read, or what comes can (3.6; MAY-1)"
            }
            Choice::RstFields => {
                "RST-FIELDS-FREE: the RST that half-duplex close sends to new text (3.6.1; SHLD-3)"
            }
            Choice::NotTheRfcs => "ACCEPT and options of a connection that has ended: no calls of the RFC",
        }
    }
}

fn has_full_queue(event: &Event) -> bool {
    matches!(event, Event::Room(0))
}

fn offers_scale(scenario: &Scenario) -> bool {
    let scales = |event: &Event| matches!(event, Event::Segment(spec) if spec.options.scale.is_some());
    scenario.events.iter().any(scales)
}

fn opens_passively(scenario: &Scenario, event: usize) -> bool {
    matches!(scenario.events.get(event), Some(Event::Call { call: ScriptCall::OpenPassive { .. }, .. }))
}

/// A FIN comes again.
fn restarts(scenario: &Scenario) -> bool {
    let fin = |event: &&Event| matches!(event, Event::Segment(spec) if spec.flags.fin());
    scenario.events.iter().filter(fin).count() > 1
}

/// An option whose length cannot be, or text that a data offset makes options of.
fn has_broken_options(scenario: &Scenario) -> bool {
    use OddOptions::{LengthOne, LengthPast, LengthZero};
    let broken = |spec: &SegmentSpec| {
        matches!(spec.options.odd, LengthZero | LengthOne | LengthPast)
            || matches!(spec.trick, Trick::DataOffset(_))
    };
    scenario.events.iter().any(|event| matches!(event, Event::Segment(spec) if broken(spec)))
}

/// The script aims at edges, and so at the window that each has offered.
fn hears_otherwise([ours, table]: [&[Effect]; 2], event: usize) -> bool {
    let heard = |effects: &[Effect]| effects[..=event].iter().map(|e| e.heard.clone()).collect::<Vec<_>>();
    heard(ours) != heard(table)
}

/// The segment meets an open window here and a closed one there: the last that each had offered before it.
fn has_offered_otherwise([ours, table]: [&[Effect]; 2], event: usize) -> bool {
    let is_closed = |effects: &[Effect]| {
        let last = effects[..event].iter().rev().find_map(|effect| effect.sent.last());
        last.map(|sent| sent.window == 0)
    };
    is_closed(ours) != is_closed(table)
}

fn has_accepted(scenario: &Scenario, event: usize) -> bool {
    let accept = |event: &Event| matches!(event, Event::Call { call: ScriptCall::Accept { .. }, .. });
    scenario.events.get(event).is_some_and(accept)
}

/// The choice that another outcome of this call comes from.
fn outcome(event: &Event, profile: &Profile) -> Option<Choice> {
    match event {
        Event::Call { call: ScriptCall::Set(_) | ScriptCall::Accept { .. }, .. } => Some(Choice::NotTheRfcs),
        Event::Call { call: ScriptCall::Close | ScriptCall::ShutdownWrite, .. } => Some(Choice::OkForClose),
        Event::Call { call: ScriptCall::Receive(_), .. } => {
            (profile.half_duplex == Yes).then_some(Choice::HalfDuplex)
        }
        _ => None,
    }
}

/// Only RCV.NXT differs, and an ACK may wait.
fn has_delayed(scenario: &Scenario, a: &Effect, b: &Effect) -> bool {
    let nxt = |effect: &Effect| effect.numbers.values().map(|numbers| numbers.0).collect::<Vec<u32>>();
    scenario.setup.ack_delay == Some(true) && nxt(a) == nxt(b)
}

/// Where SND.NXT differs, one of the two has just sent one octet, or the FIN alone.
fn has_probed(a: &Effect, b: &Effect) -> bool {
    let probes = |effect: &Effect, end| effect.sent.iter().any(|s| s.new && s.len == 1 && s.seq + 1 == end);
    let differ = a.numbers.values().zip(b.numbers.values()).filter(|(a, b)| a != b);
    let by_one = |(x, y): (&(u32, u32), &(u32, u32))| {
        x.1 == y.1 && x.0.abs_diff(y.0) == 1 && probes(if x.0 > y.0 { a } else { b }, x.0.max(y.0))
    };
    differ.into_iter().all(by_one)
}

/// Where SND.NXT differs, it differs by a FIN.
fn has_fin_at_edge(a: &Effect, b: &Effect) -> bool {
    let fin = b.sent.iter().rev().find(|sent| sent.flags.has(Flags::FIN)).map(|sent| sent.seq + sent.len);
    let differ = a.numbers.values().zip(b.numbers.values()).filter(|(a, b)| a != b);
    differ.into_iter().all(|(a, b)| a.1 == b.1 && a.0 + 1 == b.0 && fin == Some(b.0))
}

/// The states of all handles that differ.
fn differing<'a>(a: &'a Effect, b: &'a Effect) -> impl Iterator<Item = [State; 2]> + 'a {
    let of = |effect: &Effect, handle| effect.states.get(handle).copied().unwrap_or(State::Closed);
    let handles = a.states.keys().chain(b.states.keys());
    handles.map(move |handle| [of(a, handle), of(b, handle)]).filter(|[a, b]| a != b)
}

fn is_state_at_close(a: &Effect, b: &Effect) -> bool {
    differing(a, b).all(|states| states == [State::CloseWait, State::LastAck])
}

fn is_time_wait_or_closed(a: &Effect, b: &Effect) -> bool {
    differing(a, b).all(|states| states == [State::TimeWait, State::Closed])
}

/// Whether the segments that count are the same in what counts of them.
fn same(a: &Effect, b: &Effect, counts: fn(&&Sent) -> bool, of: fn(&Sent) -> u64) -> bool {
    let list = |effect: &Effect| effect.sent.iter().filter(counts).map(of).collect::<Vec<u64>>();
    list(a) == list(b)
}

/// Where a segment lies in its stream, and whether it is the last.
fn place(sent: &Sent) -> u64 {
    u64::from(sent.seq) << 32 | u64::from(sent.len) << 1 | u64::from(sent.flags.has(Flags::FIN))
}
