//! Runs a scenario on a stack and lets the oracle and the monitors watch.
//!
//! What flows: scenario event -> packet or call -> stack -> packets, outcomes -> oracle, monitors -> a
//! [`Summary`]. After every event the stack is polled until it is quiet at that instant; a wait moves the
//! clock from deadline to deadline: the stack's timers and what the oracle knows to fall due. Every loop has a
//! bound, and exceeding it is a finding.
//!
//! Two halves: [`End`] is one stack under watch, whoever its peer is; [`Driver`] is the scripted peer of a
//! single stack. A world has two ends and no script between them.

mod calls;
mod clock;
mod end;
mod findings;
mod guarded;
mod packets;
mod reaching;

use core::panic::AssertUnwindSafe;

use lastack_core::types::{Duration, State};

pub use self::end::{BIRTH, End};
use crate::monitor::MonitorId;
use crate::oracle::{Broken, LATE_MAX};
use crate::reached::Reached;
use crate::resolve::{self, View};
use crate::scenario::{Event, HostId, Route, Scenario, WorldEvent};
use crate::subject::{Description, Factory, Handle, Setup};
use crate::table::Profile;
use crate::trace::Trace;
use crate::verdict::{Difference, Verdict};

/// After the last event: long enough for every late reply.
const LAST_WAIT: Duration = Duration::from_micros(LATE_MAX.micros() + 100_000);

/// The state that a scenario should be in when the event under test comes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Aim {
    /// Index of the event under test.
    pub event: usize,
    /// The connection.
    pub handle: Handle,
    /// Its state just before.
    pub state: State,
}

/// How a stack is polled and fed; it must not matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Polling {
    /// After every event until it is quiet.
    #[default]
    UntilQuiet,
    /// And a hundred times more.
    Often,
    /// With room for one packet a poll.
    OnePacket,
    /// From this event on, segments that follow one another arrive before the first poll.
    Batched(usize),
}

/// What a scenario came to.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summary {
    /// What ended it: a fail, or a non-strict difference that could not be followed.
    pub finding: Option<Difference>,
    /// Differences that it went past: non-strict ones of the oracle, and what the monitors caught.
    pub conceded: Vec<Difference>,
    /// A licence or an undeclared choice was needed.
    pub allowed: bool,
    /// Why nothing can be said.
    pub inconclusive: Option<String>,
    /// The event under test was reached in its state.
    pub reached: bool,
}

impl Summary {
    /// The verdict of the whole.
    pub fn verdict(&self) -> Verdict {
        let worst = self.finding.iter().chain(&self.conceded).map(|d| d.verdict).max();
        match worst {
            Some(verdict) => verdict,
            None if self.inconclusive.is_some() => Verdict::Inconclusive,
            None if self.allowed => Verdict::Allowed,
            None => Verdict::Pass,
        }
    }
}

/// Runs scenarios on one stack, one after the other.
pub struct Driver<'f> {
    end: End<'f>,
    // Reused buffers.
    packet: Vec<u8>,
    text: Vec<u8>,
    last_wait: Duration,
    at_aim: Option<View>,
    /// Set-up and seed of the scenario at hand, and how often the stack has crashed in it.
    set_up: (Setup, u64),
    crashes: u64,
}

/// The scenario is over: found or lost. Details stand in the summary.
#[derive(Debug)]
pub(crate) struct Over;

impl<'f> Driver<'f> {
    /// A driver for a stack.
    pub fn new(factory: &'f dyn Factory) -> Driver<'f> {
        Driver {
            end: End::new(factory),
            packet: Vec::new(),
            text: Vec::new(),
            last_wait: LAST_WAIT,
            at_aim: None,
            set_up: (Setup::default(), 0),
            crashes: 0,
        }
    }

    /// Who is driven.
    pub fn description(&self) -> &Description {
        self.end.description()
    }

    /// Replaces the declared profile; a stack that can be set to it is.
    pub fn set_profile(&mut self, profile: Profile) {
        self.end.set_profile(profile);
    }

    /// Switches a part of the oracle off, to prove that somebody notices.
    pub fn break_oracle(&mut self, broken: Broken) {
        self.end.break_oracle(broken);
    }

    /// Switches a monitor off, to prove that somebody notices.
    pub fn switch_off(&mut self, monitor: MonitorId) {
        self.end.monitors.switch_off(monitor);
    }

    /// How the stack is polled from now on.
    pub fn set_polling(&mut self, polling: Polling) {
        self.end.polling = polling;
    }

    /// How long a scenario is watched after its last event, in place of what every late reply needs.
    pub fn set_last_wait(&mut self, span: Duration) {
        self.last_wait = span;
    }

    /// Records what happens from now on.
    pub fn record(&mut self) {
        self.end.record();
    }

    /// Keeps what a scenario reaches; see [`Driver::reached`].
    pub fn keep_reached(&mut self) {
        self.end.keep_reached();
    }

    /// What the last scenario reached, if it was kept.
    pub fn reached(&self) -> Option<&Reached> {
        self.end.reached()
    }

    /// Rules that fired in the last scenario, and obligations that arose, each once; if it was kept.
    pub fn fired(&self) -> Vec<&'static str> {
        self.end.reached().map(Reached::names).unwrap_or_default()
    }

    /// Rules by which the last scenario's event was explained in the end, where all readings agree.
    pub fn settled_rules(&self, event: usize) -> impl Iterator<Item = &'static str> {
        self.end.oracle.settled_rules(event)
    }

    /// What happened in the last scenario, if it was recorded.
    pub fn trace(&self) -> Option<&Trace> {
        self.end.trace.as_ref()
    }

    /// The main connection's variables just before the event under test, if the last scenario was recorded
    /// and reached it.
    pub fn view_at_aim(&self) -> Option<View> {
        self.at_aim
    }

    /// Runs a scenario. Of a world it runs what happens at the first host.
    ///
    /// # Errors
    /// What in the set-up the stack cannot do.
    pub fn run(&mut self, scenario: &Scenario, aim: Option<Aim>) -> Result<Summary, String> {
        self.at_aim = None;
        self.set_up = (scenario.setup, scenario.seed);
        self.crashes = 0;
        self.end.begin(&scenario.setup, scenario.seed)?;
        let run = AssertUnwindSafe(|| self.play(scenario, aim));
        if let Err(panic) = std::panic::catch_unwind(run) {
            self.end.panicked(panic);
        }
        Ok(self.end.finish())
    }

    fn play(&mut self, scenario: &Scenario, aim: Option<Aim>) {
        if self.end.settle().is_err() {
            return;
        }
        for (index, event) in scenario.events.iter().enumerate() {
            if self.end.catch_up().is_err() {
                self.end.last_words();
                return;
            }
            self.end.event = index;
            if let Some(aim) = aim.filter(|a| a.event == index)
                && !self.reach(aim)
            {
                return;
            }
            let next = scenario.events.get(index + 1);
            if self.step(event, next).is_err() {
                self.end.last_words();
                return;
            }
        }
        self.end.event = scenario.events.len();
        let _ = self.end.wait(self.last_wait);
    }

    /// Whether the state that the scenario aims at is reached.
    fn reach(&mut self, aim: Aim) -> bool {
        let states = self.end.states(aim.handle);
        if !states.contains(&aim.state) {
            let reached: Vec<&str> = states.iter().map(|s| s.name()).collect();
            self.end.summary.inconclusive =
                Some(format!("{} not reached, but {}", aim.state, reached.join(" or ")));
            return false;
        }
        self.end.summary.reached = true;
        // Recorded or not: what follows is anchored in it where the connection is gone.
        let (remote, local) = resolve::sockets(&Route::MAIN, self.end.setup.ip);
        self.at_aim = Some(self.end.view(local.port, remote));
        true
    }

    /// The stack is there again at once, and knows nothing; the peer still does.
    fn crash(&mut self, iss: Option<u32>) -> Result<(), Over> {
        let (mut setup, seed) = self.set_up;
        self.crashes += 1;
        setup.iss = iss.or(setup.iss);
        let seed = seed ^ self.crashes.rotate_left(32);
        self.end.restart(&setup, seed).map_err(|why| {
            self.end.summary.inconclusive = Some(why);
            Over
        })
    }

    fn step(&mut self, event: &Event, next: Option<&Event>) -> Result<(), Over> {
        match event {
            Event::Call { handle, call } => self.end.call(*handle, *call)?,
            Event::Segment(spec) => {
                let view = self.end.view_of(spec);
                resolve::packet(spec, self.end.setup.ip, &view, &mut self.text, &mut self.packet);
                self.end.arrive(&self.packet)?;
                let batched = matches!(self.end.polling, Polling::Batched(from) if self.end.event >= from);
                if batched && matches!(next, Some(Event::Segment(_))) {
                    return Ok(());
                }
            }
            Event::Wait(span) => return self.end.wait(*span),
            Event::Room(room) => return self.end.set_room(*room),
            Event::World(WorldEvent::Crash { host: HostId::A, iss }) => self.crash(*iss)?,
            // Nobody but a world knows what these are.
            Event::World(_) => {}
        }
        self.end.settle()
    }
}
