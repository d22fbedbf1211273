//! A script under change: events come, go and change places; one of them, or the set-up, changes in a thing.

use super::values::{self, one_of};
use super::{segment, world};
use crate::scenario::build::*;
use crate::scenario::{Addr, Event, PEER_PORT, STACK_PORT, Scenario, ScriptCall, WorldEvent};
use crate::subject::{Handle, IpVersion, Setup, SocketOption};
use crate::suite::random::Rng;

/// Handles that scripts use.
const HANDLES: u64 = 4;
/// Events that are copied or left out at a time: at most so many.
const PIECE_MAX: u64 = 6;

/// What can be done to a script, and how likely it is.
const STEPS: [(Step, u64); 10] = [
    (Step::Insert, 10),
    (Step::Nudge, 10),
    (Step::Replace, 2),
    (Step::Delete, 4),
    (Step::Repeat, 4),
    (Step::Swap, 2),
    (Step::Splice, 2),
    (Step::Borrow, 3),
    (Step::Phrase, 2),
    (Step::SetUp, 2),
];

#[derive(Clone, Copy)]
enum Step {
    /// A new event.
    Insert,
    /// One thing of an event.
    Nudge,
    /// A new event in place of another.
    Replace,
    /// A few events less.
    Delete,
    /// A few events once more, there or elsewhere.
    Repeat,
    /// Two events change places.
    Swap,
    /// The beginning of this script, the end of the other.
    Splice,
    /// A few events of the other script.
    Borrow,
    /// A few events that belong together.
    Phrase,
    /// One thing of the set-up.
    SetUp,
}

/// A script under change.
pub(super) struct Draft {
    pub rng: Rng,
    pub scenario: Scenario,
    /// The most events.
    most: usize,
    /// It is a script for a world.
    world: bool,
}

impl Draft {
    pub fn new(rng: Rng, mut scenario: Scenario, most: usize, world: bool) -> Draft {
        if world && scenario.world.is_none() {
            scenario.world = Some(Default::default());
        }
        Draft { rng, scenario, most, world }
    }

    /// One change; `other` is a script to take from.
    pub fn step(&mut self, other: Option<&Scenario>) {
        let at = self.rng.weighted(STEPS.iter().map(|(_, weight)| *weight));
        let events = self.scenario.events.len();
        match STEPS[at].0 {
            Step::SetUp => self.set_up(),
            Step::Phrase => self.phrase(),
            Step::Splice if other.is_some() => self.splice(other),
            Step::Borrow if other.is_some() => self.borrow(other),
            _ if events == 0 => self.insert(),
            Step::Nudge | Step::Splice => self.nudge(),
            Step::Replace => {
                let at = self.event();
                self.scenario.events[at] = self.new_event();
            }
            Step::Delete => {
                let (from, to) = self.piece(events);
                self.scenario.events.drain(from..to);
            }
            Step::Repeat => {
                let (from, to) = self.piece(events);
                let piece = self.scenario.events[from..to].to_vec();
                let at = if self.rng.chance(1, 2) { to } else { self.place() };
                self.put(at, &piece);
            }
            Step::Swap => {
                let (a, b) = (self.event(), self.event());
                self.scenario.events.swap(a, b);
            }
            Step::Insert | Step::Borrow => self.insert(),
        }
        self.scenario.events.truncate(self.most);
    }

    /// Some event's place; the script is not empty.
    fn event(&mut self) -> usize {
        self.rng.below(self.scenario.events.len() as u64) as usize
    }

    /// Where something comes in: at the end as often as anywhere else.
    fn place(&mut self) -> usize {
        let len = self.scenario.events.len();
        if self.rng.chance(1, 2) { len } else { self.rng.below(len as u64 + 1) as usize }
    }

    /// A few of so many events in a row.
    fn piece(&mut self, events: usize) -> (usize, usize) {
        let from = self.rng.below(events as u64) as usize;
        let many = if self.rng.chance(1, 2) { 1 } else { 1 + self.rng.below(PIECE_MAX) as usize };
        (from, (from + many).min(events))
    }

    fn put(&mut self, at: usize, piece: &[Event]) {
        if self.scenario.events.len() + piece.len() <= self.most {
            self.scenario.events.splice(at..at, piece.iter().copied());
        }
    }

    fn insert(&mut self) {
        let (at, event) = (self.place(), self.new_event());
        self.put(at, &[event]);
    }

    fn splice(&mut self, other: Option<&Scenario>) {
        let Some(other) = other else { return };
        let (keep, from) = (self.place(), self.rng.below(other.events.len() as u64 + 1) as usize);
        self.scenario.events.truncate(keep);
        self.scenario.events.extend_from_slice(&other.events[from..]);
    }

    fn borrow(&mut self, other: Option<&Scenario>) {
        let Some(other) = other.filter(|other| !other.events.is_empty()) else { return };
        let (from, to) = self.piece(other.events.len());
        let at = self.place();
        self.put(at, &other.events[from..to]);
    }

    fn nudge(&mut self) {
        let (at, rng) = (self.event(), &mut self.rng);
        match &mut self.scenario.events[at] {
            Event::Segment(spec) => segment::nudge(rng, spec),
            Event::Wait(span) => *span = values::span_from(rng, *span),
            Event::Room(packets) => *packets = one_of(rng, &[0, 0, 1, 2, 255, 255]),
            Event::Call { handle, call } => nudge_call(rng, handle, call),
            Event::World(WorldEvent::Call { handle, call }) => nudge_call(rng, handle, call),
            Event::World(event) => world::nudge(rng, event),
        }
    }

    fn new_event(&mut self) -> Event {
        let rng = &mut self.rng;
        if self.world && rng.chance(3, 5) {
            return Event::World(world::new(rng));
        }
        match rng.below(20) {
            0..11 => segment::new(rng).event(),
            11..16 => call(handle(rng), new_call(rng)),
            16..19 => Event::Wait(values::span(rng)),
            _ => room(one_of(rng, &[0, 1, 2, 255])),
        }
    }

    /// What the opening and the closing of a connection are made of: one event of these leads nowhere.
    fn phrase(&mut self) {
        let rng = &mut self.rng;
        let own = handle(rng);
        let piece: Vec<Event> = match rng.below(7) {
            0 => vec![call(own, listen(STACK_PORT)), syn().event(), ack().event()],
            1 => vec![call(own, connect(STACK_PORT)), seg(segment::SA).seq(IRS).event()],
            2 => vec![call(own, send(values::octets(rng))), ack().event()],
            3 => vec![call(own, ScriptCall::Close), ack().event()],
            4 => vec![seg(segment::FA).event(), call(own, ScriptCall::Close), ack().event()],
            5 => vec![ack().text(5).event(), call(own, receive(65_535))],
            _ => vec![call(own, send(values::octets(rng))), Event::Wait(values::span(rng))],
        };
        let at = self.place();
        self.put(at, &piece);
    }

    fn set_up(&mut self) {
        let rng = &mut self.rng;
        match &mut self.scenario.world {
            Some(world) if rng.chance(1, 3) => nudge_setup(rng, &mut world.other),
            Some(world) if rng.chance(1, 3) => world::link(rng, &mut world.link),
            _ if rng.chance(1, 12) => self.scenario.seed = rng.next(),
            _ => nudge_setup(rng, &mut self.scenario.setup),
        }
    }
}

fn nudge_setup(rng: &mut Rng, setup: &mut Setup) {
    match rng.below(12) {
        0 => setup.ip = one_of(rng, &[IpVersion::V4, IpVersion::V6]),
        1..4 => setup.recv_buffer = values::buffer(rng),
        4..6 => setup.send_buffer = values::buffer(rng),
        6 => setup.nagle = one_of(rng, &[None, Some(false), Some(true)]),
        7 => setup.ack_delay = one_of(rng, &[None, Some(false), Some(true)]),
        8 => setup.mtu = values::mtu(rng),
        9 => setup.iss = rng.chance(3, 4).then(|| values::iss(rng)),
        10 => setup.user_timeout = rng.chance(3, 4).then(|| values::span(rng)),
        _ => setup.keep_alive = rng.chance(3, 4).then(|| values::span(rng)),
    }
}

/// The first handle as often as all others.
pub(super) fn handle(rng: &mut Rng) -> Handle {
    if rng.chance(1, 2) { 0 } else { rng.below(HANDLES) as Handle }
}

pub(super) fn new_call(rng: &mut Rng) -> ScriptCall {
    match rng.below(20) {
        0..2 => listen(port(rng)),
        2..4 => open_active(rng),
        4 => accept(rng.below(HANDLES) as Handle),
        5..9 => send(values::octets(rng)),
        9..12 => receive(if rng.chance(1, 2) { 65_535 } else { values::octets(rng) }),
        12 => ScriptCall::ShutdownWrite,
        13..16 => ScriptCall::Close,
        16 => ScriptCall::Abort,
        17 => ScriptCall::Status,
        _ => set(option(rng)),
    }
}

fn nudge_call(rng: &mut Rng, of: &mut Handle, what: &mut ScriptCall) {
    if rng.chance(1, 3) {
        *of = handle(rng);
        return;
    }
    *what = match *what {
        ScriptCall::OpenPassive { .. } => listen(port(rng)),
        ScriptCall::OpenActive { .. } => open_active(rng),
        ScriptCall::Accept { .. } => accept(rng.below(HANDLES) as Handle),
        ScriptCall::Send(_) => send(values::octets(rng)),
        ScriptCall::Receive(_) => receive(values::octets(rng)),
        ScriptCall::Set(_) => set(option(rng)),
        _ => new_call(rng),
    };
}

fn port(rng: &mut Rng) -> u16 {
    one_of(rng, &[STACK_PORT, STACK_PORT, STACK_PORT, STACK_PORT, STACK_PORT + 1, PEER_PORT, 0])
}

fn open_active(rng: &mut Rng) -> ScriptCall {
    if rng.chance(3, 4) {
        return connect(STACK_PORT);
    }
    let remotes =
        [Addr::Peer(0), Addr::Peer(0), Addr::Peer(1), Addr::Stack, Addr::Broadcast, Addr::Unspecified];
    let remote_port = one_of(rng, &[PEER_PORT, PEER_PORT, PEER_PORT + 1, 0]);
    ScriptCall::OpenActive { port: port(rng), remote: one_of(rng, &remotes), remote_port }
}

fn option(rng: &mut Rng) -> SocketOption {
    let on = rng.chance(1, 2);
    let span = rng.chance(3, 4).then(|| values::span(rng));
    match rng.below(4) {
        0 => SocketOption::Nagle(on),
        1 => SocketOption::AckDelay(on),
        2 => SocketOption::UserTimeout(span),
        _ => SocketOption::KeepAlive(span),
    }
}
