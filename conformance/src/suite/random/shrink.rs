//! From a scenario that shows something to the fewest and plainest events that still show it.
//!
//! Rounds of three stages: events are left out, first many at a time, then single ones; the set-up goes back
//! to its defaults, a field at a time; what is left of the events gets plainer. As long as a round changed
//! something, another one follows. [`Shrinker`] proposes and is told; so it serves a closure ([`shrink`]) as
//! well as a value tree of `proptest`.

mod world;

use lastack_core::types::{Duration, Flags};

use crate::scenario::build::*;
use crate::scenario::{
    Event, Num, OddOptions, OptionSpec, Route, Scenario, ScriptCall, SegmentSpec, Size, Trick,
};
use crate::subject::Setup;

/// The most proposals: far more than any history of ours needs.
const PROPOSALS_MAX: usize = 5_000;

/// The least scenario, by these stages, that still `shows` what this one does.
pub fn shrink(scenario: Scenario, mut shows: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut shrinker = Shrinker::new(scenario);
    while let Some(candidate) = shrinker.propose() {
        let kept = shows(&candidate);
        shrinker.told(candidate, kept);
    }
    shrinker.best
}

/// Proposes smaller scenarios, one after the other.
#[derive(Clone, Debug)]
pub struct Shrinker {
    /// The least one so far that shows it.
    pub best: Scenario,
    stage: Stage,
    /// Something was kept in this round.
    changed: bool,
    left: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Leaves out so many events from this place on.
    LeaveOut { many: usize, at: usize },
    /// This field of the set-up.
    SetUp { field: usize },
    /// The event at this place, simplified in this way.
    Plainer { at: usize, how: usize },
}

impl Shrinker {
    /// Begins with a scenario that shows it.
    pub fn new(scenario: Scenario) -> Shrinker {
        let many = scenario.events.len().div_ceil(2);
        let stage = Stage::LeaveOut { many, at: 0 };
        Shrinker { best: scenario, stage, changed: false, left: PROPOSALS_MAX }
    }

    /// Another scenario to try; `None` when nothing is left to try.
    pub fn propose(&mut self) -> Option<Scenario> {
        while self.left > 0 {
            self.left -= 1;
            let candidate = match self.stage {
                Stage::LeaveOut { many, at } => self.without(many, at),
                Stage::SetUp { field } => self.with_default(field),
                Stage::Plainer { at, how } => self.with_plainer(at, how),
            };
            match candidate {
                Some(candidate) if candidate != self.best => return Some(candidate),
                Some(_) => self.step_on(),
                None => self.next_stage()?,
            }
        }
        None
    }

    /// Whether what was proposed last shows it too.
    pub fn told(&mut self, candidate: Scenario, shows: bool) {
        if shows {
            self.best = candidate;
            self.changed = true;
        } else {
            self.step_on();
        }
    }

    fn without(&self, many: usize, at: usize) -> Option<Scenario> {
        if many == 0 || at >= self.best.events.len() {
            return None;
        }
        let mut candidate = self.best.clone();
        candidate.events.drain(at..(at + many).min(self.best.events.len()));
        Some(candidate)
    }

    fn with_default(&self, field: usize) -> Option<Scenario> {
        let mut candidate = self.best.clone();
        let (setup, plain) = (&mut candidate.setup, Setup::default());
        match field {
            0 => candidate.seed = 0,
            1 => setup.ip = plain.ip,
            2 => setup.recv_buffer = plain.recv_buffer,
            3 => setup.send_buffer = plain.send_buffer,
            4 => setup.nagle = plain.nagle,
            5 => setup.ack_delay = plain.ack_delay,
            6 => setup.mtu = plain.mtu,
            7 => setup.iss = plain.iss,
            8 => setup.user_timeout = plain.user_timeout,
            9 => setup.keep_alive = plain.keep_alive,
            _ => world::with_default(&mut candidate, field - 10)?,
        }
        Some(candidate)
    }

    fn with_plainer(&self, at: usize, how: usize) -> Option<Scenario> {
        let mut candidate = self.best.clone();
        let event = candidate.events.get_mut(at)?;
        *event = plainer(*event, how);
        Some(candidate)
    }

    /// On within the stage.
    fn step_on(&mut self) {
        self.stage = match self.stage {
            Stage::LeaveOut { many, at } => Stage::LeaveOut { many, at: at + many },
            Stage::SetUp { field } => Stage::SetUp { field: field + 1 },
            Stage::Plainer { at, how } if how + 1 < WAYS => Stage::Plainer { at, how: how + 1 },
            Stage::Plainer { at, .. } => Stage::Plainer { at: at + 1, how: 0 },
        };
    }

    /// On to the next stage, or to another round; `None` where the last round changed nothing.
    fn next_stage(&mut self) -> Option<()> {
        self.stage = match self.stage {
            Stage::LeaveOut { many, .. } if many > 1 => Stage::LeaveOut { many: many / 2, at: 0 },
            Stage::LeaveOut { .. } => Stage::SetUp { field: 0 },
            Stage::SetUp { .. } => Stage::Plainer { at: 0, how: 0 },
            Stage::Plainer { .. } if core::mem::take(&mut self.changed) => {
                Stage::LeaveOut { many: 2.min(self.best.events.len()), at: 0 }
            }
            Stage::Plainer { .. } => return None,
        };
        Some(())
    }
}

/// Ways to make an event plainer: those of a segment, the longest list.
const WAYS: usize = 16;

fn plainer(event: Event, how: usize) -> Event {
    match event {
        Event::Segment(spec) => plainer_segment(spec, how).event(),
        Event::Call { handle, call: what } => call(handle, plainer_call(what, how)),
        Event::Wait(span) => Event::Wait(shorter(span, how)),
        Event::Room(packets) if how == 0 && packets != 255 => room(0),
        Event::Room(packets) => room(packets),
        Event::World(event) => Event::World(world::plainer(event, how)),
    }
}

fn plainer_segment(spec: SegmentSpec, how: usize) -> SegmentSpec {
    let flags = spec.flags;
    match how {
        0 => spec.trick(Trick::None),
        1 => SegmentSpec { options: OptionSpec::default(), ..spec },
        2 => spec.route(Route::MAIN),
        3 => spec.urgent(0),
        4 => spec.window(4096),
        5 => spec.text(0),
        6 if spec.text != Size::Octets(0) => spec.text(1),
        7 if spec.text != Size::Octets(0) && spec.text != Size::Octets(1) => spec.text(5),
        8 => spec.seq(if flags.syn() { IRS } else { RCV_NXT }),
        9 => spec.ack(seg(flags).ack),
        10 if flags.ack() => spec.ack(SND_UNA),
        11 => SegmentSpec { seq: nearer(spec.seq), ..spec },
        12 => SegmentSpec { ack: nearer(spec.ack), ..spec },
        13 => spec.flags(flags.without(Flags::PSH)),
        14 => spec.flags(flags.without(Flags::URG)),
        15 if flags.syn() => spec.odd(OddOptions::None).mss(1460),
        _ => spec,
    }
}

/// The same anchor; one octet from it where it was further.
const fn nearer(num: Num) -> Num {
    Num { offset: num.offset.signum(), ..num }
}

fn plainer_call(what: ScriptCall, how: usize) -> ScriptCall {
    match (what, how) {
        (ScriptCall::Send(n), 0) => send(n.min(1)),
        (ScriptCall::Send(n), 1) => send(n.min(5)),
        (ScriptCall::Send(n), 2) => send(n.min(1460)),
        (ScriptCall::Receive(_), 0) => receive(65_535),
        (ScriptCall::ShutdownWrite, 0) => ScriptCall::Close,
        _ => what,
    }
}

/// A round span that is shorter; the shortest first.
fn shorter(span: Duration, how: usize) -> Duration {
    const ROUND_MS: [u64; 9] = [100, 600, 1_000, 2_000, 5_000, 10_000, 30_000, 100_000, 200_000];
    match ROUND_MS.get(how) {
        Some(millis) => span.min(Duration::from_millis(*millis)),
        None => span,
    }
}
