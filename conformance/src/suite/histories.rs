//! Short histories: every sequence of up to three canonical events in every way into every state, and
//! then a silent peer, a friendly peer, or a SEND. They find what single events cannot.

use core::fmt;
use std::sync::LazyLock;

use lastack_core::types::Flags;

use super::cells::CrossIn;
use super::tails::{Before, PeerSide, Tail};
use super::{NameError, by_name, name_of, parts};
use crate::reach::{GAP, Needs, TEXT, Way, is_variant, way_index, ways};
use crate::scenario::build::*;
use crate::scenario::{Event, Scenario, ScriptCall, SegmentSpec};

/// A canonical event: what a peer in step, a network that loses and repeats, and a user do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// SYN at the peer's ISN: the first one, or a repeated one.
    Syn,
    /// SYN,ACK at the peer's ISN.
    SynAck,
    /// ACK of everything, window open.
    Ack,
    /// ACK of nothing new, window 0.
    ZeroWindow,
    /// Five octets at RCV.NXT from a peer that has not seen what is in flight.
    Text,
    /// Five octets beyond a gap of five.
    TextAhead,
    /// Five octets that were received before.
    TextOld,
    /// FIN at RCV.NXT from a peer that has not seen what is in flight.
    Fin,
    /// FIN at RCV.NXT, ACK of everything.
    FinAck,
    /// RST at RCV.NXT.
    Rst,
    /// SEND of five octets.
    Send,
    /// RECEIVE of all there is.
    Receive,
    /// CLOSE.
    Close,
    /// Three and a half seconds: one or two retransmissions.
    Wait,
    /// The transmit queue is full until the sequence is over.
    FullQueue,
}

impl Step {
    /// All fifteen.
    pub const ALL: [Step; 15] = [
        Step::Syn,
        Step::SynAck,
        Step::Ack,
        Step::ZeroWindow,
        Step::Text,
        Step::TextAhead,
        Step::TextOld,
        Step::Fin,
        Step::FinAck,
        Step::Rst,
        Step::Send,
        Step::Receive,
        Step::Close,
        Step::Wait,
        Step::FullQueue,
    ];

    #[rustfmt::skip]
    const NAMES: [(Step, &'static str); 15] = [
        (Step::Syn, "syn"), (Step::SynAck, "syn-ack"), (Step::Ack, "ack"), (Step::ZeroWindow, "wnd-0"),
        (Step::Text, "text"), (Step::TextAhead, "text-ahead"), (Step::TextOld, "text-old"),
        (Step::Fin, "fin"), (Step::FinAck, "fin-ack"), (Step::Rst, "rst"), (Step::Send, "send"),
        (Step::Receive, "receive"), (Step::Close, "close"), (Step::Wait, "wait"),
        (Step::FullQueue, "full-queue"),
    ];

    /// In print.
    pub fn name(self) -> &'static str {
        name_of(&Step::NAMES, self)
    }

    /// The event, and whether an honest peer that stands there could send it.
    fn event(self, way: &Way, peer: &mut PeerSide) -> (Event, bool) {
        let text = seg(Flags::PSH | Flags::ACK).ack(SND_UNA).text(TEXT);
        let event = match self {
            Step::Syn => syn().event(),
            Step::SynAck => seg(Flags::SYN | Flags::ACK).seq(IRS).mss(1_460).event(),
            Step::Ack => ack().event(),
            Step::ZeroWindow => ack().ack(SND_UNA).window(0).event(),
            Step::Text => {
                let more = !peer.fin;
                peer.fill_gap();
                return (text.event(), more);
            }
            Step::TextAhead => {
                let more = !peer.fin && !peer.fin_ahead || peer.ahead > 0;
                peer.ahead = peer.ahead.max(GAP + TEXT);
                return (text.seq(RCV_NXT.plus(GAP.into())).event(), more);
            }
            Step::TextOld => text.seq(RCV_NXT.minus(TEXT.into())).event(),
            Step::Fin => fin(way, peer).ack(SND_UNA).event(),
            Step::FinAck => fin(way, peer).event(),
            Step::Rst => seg(Flags::RST).event(),
            Step::Send => call(way.handle, send(TEXT.into())),
            Step::Receive => call(way.handle, receive(65_535)),
            Step::Close => call(way.handle, ScriptCall::Close),
            Step::Wait => wait_millis(3_500),
            Step::FullQueue => room(0),
        };
        (event, true)
    }
}

/// The peer's FIN: behind all its text, and the same one if it was sent before.
fn fin(way: &Way, peer: &mut PeerSide) -> SegmentSpec {
    let spec = seg(Flags::FIN | Flags::ACK);
    if peer.ahead > 0 {
        peer.fin_ahead = true;
        return spec.seq(RCV_NXT.plus(peer.ahead.into()));
    }
    let repeated = peer.fin;
    peer.fin |= way.has_receive_numbers();
    if repeated { spec.seq(RCV_NXT.minus(1)) } else { spec }
}

/// The most events of a history.
pub const LENGTH: usize = 3;

/// A way, up to three events, a tail. It prints as `established/passive:text.close.wait:silent`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct History {
    /// Index into [`ways`].
    pub way: u16,
    /// The events; `None` only at the end.
    pub steps: [Option<Step>; LENGTH],
    /// What follows.
    pub tail: Tail,
}

impl History {
    /// The way into the situation.
    pub fn way(&self) -> Option<&'static Way> {
        ways().get(usize::from(self.way))
    }

    /// The events.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.steps.into_iter().flatten()
    }

    /// What the stack must be able to do.
    pub fn needs(&self) -> Needs {
        self.way().map_or(Needs::default(), |way| way.needs)
    }

    /// Whether it changes anything, and an honest peer could take part: no text after its FIN. A full queue as
    /// the last event, or twice, would change nothing.
    fn is_sensible(&self) -> bool {
        let Some(way) = self.way() else { return false };
        let full = |step: &Step| *step == Step::FullQueue;
        if self.steps().last().is_some_and(|step| full(&step)) || self.steps().filter(full).count() > 1 {
            return false;
        }
        let mut peer = PeerSide::of(way);
        self.steps().all(|step| step.event(way, &mut peer).1)
    }

    /// Part of a shorter run: all but three events in a variant of another way.
    pub fn is_core(&self) -> bool {
        self.steps().count() < LENGTH || !is_variant(usize::from(self.way))
    }

    /// The script, and the place of the first event after the way.
    pub fn scenario(&self, run: &CrossIn) -> (Scenario, usize) {
        let Some(way) = self.way() else { return (Scenario::default(), 0) };
        let mut events = way.script.clone();
        let first = events.len();
        let mut peer = PeerSide::of(way);
        events.extend(self.steps().map(|step| step.event(way, &mut peer).0));
        if self.steps().any(|step| step == Step::FullQueue) {
            events.push(room(255));
        }
        let before = Before { peer, ends: false };
        events.extend(self.tail.events(way, way.setup.recv_buffer, before, run.times));
        let mut scenario = Scenario { setup: way.setup, seed: run.seed, world: None, events };
        run.apply(way, &mut scenario, None);
        (scenario, first)
    }

    /// The history with this name.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Result<History, NameError> {
        let [way, events, tail] = parts(name)?;
        let index = way_index(way).and_then(|index| u16::try_from(index).ok());
        let unknown = || NameError::Event(events.into());
        let mut steps = [None; LENGTH];
        for (place, name) in events.split('.').enumerate() {
            let step = by_name(&Step::NAMES, name).ok_or_else(unknown)?;
            *steps.get_mut(place).ok_or_else(unknown)? = Some(step);
        }
        Ok(History {
            way: index.ok_or_else(|| NameError::Way(way.into()))?,
            steps,
            tail: Tail::from_name(tail).ok_or_else(|| NameError::Tail(tail.into()))?,
        })
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.way().map_or("?", |way| way.name))?;
        for (place, step) in self.steps().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{}", step.name())?;
        }
        write!(f, ":{}", self.tail.name())
    }
}

/// All histories, in a fixed order. Up to two events come with all three tails; three events with one of
/// them, in turn.
pub fn histories() -> impl Iterator<Item = History> {
    (0..ways().len()).flat_map(|way| {
        let way = u16::try_from(way).unwrap_or(u16::MAX);
        let lengths = 1..=LENGTH;
        lengths.flat_map(move |length| {
            let numbers = 0..Step::ALL.len().pow(length as u32);
            numbers.flat_map(move |number| with_tails(way, number, length))
        })
    })
}

/// One sequence with its tails; none if it is not sensible.
fn with_tails(way: u16, number: usize, length: usize) -> impl Iterator<Item = History> {
    let turn = digits(number, length).iter().sum::<usize>() + usize::from(way);
    let steps = sequence(number, length);
    let sensible = History { way, steps, tail: Tail::Silent }.is_sensible();
    let tails = Tail::OF_HISTORIES.into_iter().enumerate();
    let chosen = tails.filter(move |(place, _)| sensible && (length < LENGTH || *place == turn % 3));
    chosen.map(move |(_, tail)| History { way, steps, tail })
}

/// How many there are.
pub fn count() -> usize {
    static COUNT: LazyLock<usize> = LazyLock::new(|| histories().count());
    *COUNT
}

/// The digits of `number` with as many values as there are events.
fn digits(number: usize, length: usize) -> [usize; LENGTH] {
    let base = Step::ALL.len();
    core::array::from_fn(|place| if place < length { number / base.pow(place as u32) % base } else { 0 })
}

fn sequence(number: usize, length: usize) -> [Option<Step>; LENGTH] {
    let digits = digits(number, length);
    core::array::from_fn(|place| if place < length { Step::ALL.get(digits[place]).copied() } else { None })
}
