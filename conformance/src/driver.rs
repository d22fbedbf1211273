//! Runs a scenario on a stack and lets the oracle and the monitors watch.
//!
//! What flows: scenario event -> packet or call -> stack -> packets, outcomes -> oracle, monitors -> a
//! [`Summary`]. After every event the stack is polled until it is quiet at that instant; a wait moves the
//! clock from deadline to deadline: the stack's timers and what the oracle knows to fall due. Every loop has a
//! bound, and exceeding it is a finding.

mod calls;
mod clock;
mod findings;
mod packets;

use core::panic::AssertUnwindSafe;

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Instant, State};

use crate::monitor::{Breach, MonitorId, Monitors};
use crate::oracle::{Broken, Cost, LATE_MAX, Oracle, Timeouts};
use crate::resolve::{self, View, Views};
use crate::scenario::{Event, Route, Scenario};
use crate::subject::{Description, Factory, Handle, Packets, Setup, Subject, UserSignal};
use crate::table::Profile;
use crate::trace::{Happening, Trace};
use crate::verdict::{Difference, Kind, Verdict};

/// What the stack's clock shows when a scenario begins, unless its clock is real. Not zero: a time that a
/// stack takes from nowhere is zero, and would pass for now.
const BIRTH: Duration = Duration::from_secs(1_000);
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

/// The context without borrowing the whole driver.
macro_rules! context {
    ($driver:expr) => {
        $crate::oracle::Context {
            now: $driver.now,
            event: $driver.event,
            profile: &$driver.description.profile,
            setup: &$driver.setup,
            timeouts: $driver.timeouts,
            capabilities: &$driver.description.capabilities,
            room: $driver.room > 0,
            broken: $driver.broken,
        }
    };
}
use context;

/// Runs scenarios on one stack, one after the other.
pub struct Driver<'f> {
    factory: &'f dyn Factory,
    description: Description,
    subject: Box<dyn Subject>,
    oracle: Oracle,
    monitors: Monitors,
    views: Views,
    broken: Broken,
    // Reused buffers.
    packets: Packets,
    packet: Vec<u8>,
    text: Vec<u8>,
    received: Vec<u8>,
    signals: Vec<UserSignal>,
    handles: ArrayVec<(Handle, Option<State>), 8>,
    trace: Option<Trace>,
    breaches: Vec<Breach>,
    fired: Vec<&'static str>,
    keep_fired: bool,
    polling: Polling,
    // The scenario at hand.
    setup: Setup,
    /// When the scenario began, by the stack's clock.
    birth: Instant,
    timeouts: Timeouts,
    now: Instant,
    event: usize,
    room: usize,
    sent_octets: ArrayVec<(Handle, u32), 8>,
    /// Packets before the door of a stack that takes none in while its transmit queue is full.
    waiting: Packets,
    at_aim: Option<View>,
    summary: Summary,
}

/// The scenario is over: found or lost. Details stand in the summary.
struct Over;

impl<'f> Driver<'f> {
    /// A driver for a stack.
    pub fn new(factory: &'f dyn Factory) -> Driver<'f> {
        Driver {
            factory,
            description: factory.describe(),
            subject: factory.make(),
            oracle: Oracle::new(),
            monitors: Monitors::new(),
            views: Views::default(),
            broken: Broken::Nothing,
            packets: Packets::default(),
            packet: Vec::new(),
            text: Vec::new(),
            received: Vec::new(),
            signals: Vec::new(),
            handles: ArrayVec::new(),
            trace: None,
            breaches: Vec::new(),
            fired: Vec::new(),
            keep_fired: false,
            polling: Polling::UntilQuiet,
            setup: Setup::default(),
            birth: Instant::ZERO,
            timeouts: Timeouts::default(),
            now: Instant::ZERO,
            event: 0,
            room: usize::MAX,
            sent_octets: ArrayVec::new(),
            waiting: Packets::default(),
            at_aim: None,
            summary: Summary::default(),
        }
    }

    /// Who is driven.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Replaces the declared profile; a stack that can be set to it is.
    pub fn set_profile(&mut self, profile: Profile) {
        self.description.profile = profile;
        self.remake();
    }

    /// Another instance, after a panic or under another profile.
    fn remake(&mut self) {
        self.subject = self.factory.make_under(&self.description.profile);
    }

    /// Switches a part of the oracle off, to prove that somebody notices.
    pub fn break_oracle(&mut self, broken: Broken) {
        self.broken = broken;
        if broken == Broken::PacketWar {
            self.monitors.switch_off(MonitorId::AckForAck);
        }
    }

    /// Switches a monitor off, to prove that somebody notices.
    pub fn switch_off(&mut self, monitor: MonitorId) {
        self.monitors.switch_off(monitor);
    }

    /// How the stack is polled from now on.
    pub fn set_polling(&mut self, polling: Polling) {
        self.polling = polling;
    }

    /// Records what happens from now on.
    pub fn record(&mut self) {
        self.trace = Some(Trace::default());
    }

    /// Keeps the names of the rules that fire, and of the obligations that a wait begins with; see [`Driver::fired`].
    pub fn keep_fired(&mut self) {
        self.keep_fired = true;
    }

    /// Rules that fired in the last scenario, and obligations that arose (each once).
    pub fn fired(&self) -> &[&'static str] {
        &self.fired
    }

    /// Rules by which the last scenario's event was explained in the end, where all readings agree.
    pub fn settled_rules(&self, event: usize) -> impl Iterator<Item = &'static str> {
        self.oracle.settled_rules(event)
    }

    /// What happened in the last scenario, if it was recorded.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// The main connection's variables just before the event under test, if the last scenario was recorded
    /// and reached it.
    pub fn view_at_aim(&self) -> Option<View> {
        self.at_aim
    }

    /// Runs a scenario.
    ///
    /// # Errors
    /// What in the set-up the stack cannot do.
    pub fn run(&mut self, scenario: &Scenario, aim: Option<Aim>) -> Result<Summary, String> {
        self.begin(scenario)?;
        let run = AssertUnwindSafe(|| self.play(scenario, aim));
        if let Err(panic) = std::panic::catch_unwind(run) {
            let words = panic_words(panic.as_ref());
            self.remake();
            self.summary.finding = Some(self.own_finding(Kind::Panic, "PANIC", "no panic", words));
        }
        let mut conceded = self.oracle.conceded();
        for difference in &mut conceded {
            difference.at = self.since_birth(difference.at);
        }
        self.summary.conceded.extend(conceded);
        self.summary.allowed = self.oracle.cost() >= Cost::Choice;
        Ok(core::mem::take(&mut self.summary))
    }

    fn begin(&mut self, scenario: &Scenario) -> Result<(), String> {
        self.summary = Summary::default();
        self.oracle.reset();
        self.monitors.reset(&scenario.setup);
        self.views.clear();
        self.handles.clear();
        self.sent_octets.clear();
        self.waiting.clear();
        self.fired.clear();
        self.at_aim = None;
        self.setup = scenario.setup;
        self.birth = Instant::ZERO;
        self.timeouts = Timeouts::only(scenario.setup.user_timeout);
        self.event = 0;
        self.room = usize::MAX;
        if let Some(trace) = &mut self.trace {
            trace.clear();
        }
        let (subject, setup, seed) = (&mut self.subject, &scenario.setup, scenario.seed);
        match std::panic::catch_unwind(AssertUnwindSafe(|| subject.reset(setup, seed))) {
            Ok(Ok(())) => {
                if self.description.capabilities.virtual_time {
                    self.birth = Instant::ZERO + BIRTH;
                }
                self.now = self.subject.advance(self.birth).max(self.birth);
                self.birth = self.now;
                Ok(())
            }
            Ok(Err(why)) => Err(why),
            Err(panic) => {
                self.remake();
                Err(format!("the set-up panics: {}", panic_words(panic.as_ref())))
            }
        }
    }

    fn play(&mut self, scenario: &Scenario, aim: Option<Aim>) {
        if self.settle().is_err() {
            return;
        }
        for (index, event) in scenario.events.iter().enumerate() {
            self.event = index;
            if let Some(aim) = aim.filter(|a| a.event == index) {
                let ctx = context!(self);
                let states = self.oracle.states(&ctx, aim.handle);
                if !states.contains(&aim.state) {
                    let reached: Vec<&str> = states.iter().map(|s| s.name()).collect();
                    self.summary.inconclusive =
                        Some(format!("{} not reached, but {}", aim.state, reached.join(" or ")));
                    return;
                }
                self.summary.reached = true;
                // Recorded or not: what follows is anchored in it where the connection is gone.
                let (remote, local) = resolve::sockets(&Route::MAIN, self.setup.ip);
                self.at_aim = Some(self.views.view(&self.oracle, local.port, remote));
            }
            let next = scenario.events.get(index + 1);
            if self.step(event, next).is_err() {
                self.last_words();
                return;
            }
        }
        self.event = scenario.events.len();
        let _ = self.wait(LAST_WAIT);
    }

    fn step(&mut self, event: &Event, next: Option<&Event>) -> Result<(), Over> {
        match event {
            Event::Call { handle, call } => self.call(*handle, *call)?,
            Event::Segment(spec) => {
                self.segment(spec)?;
                let batched = matches!(self.polling, Polling::Batched(from) if self.event >= from);
                if batched && matches!(next, Some(Event::Segment(_))) {
                    return Ok(());
                }
            }
            Event::Wait(span) => return self.wait(*span),
            Event::Room(room) => {
                self.monitors.room_changed();
                self.room = if *room == u8::MAX { usize::MAX } else { usize::from(*room) };
                self.note(Happening::Room(*room), String::new());
                if self.room > 0 {
                    return self.let_in();
                }
            }
        }
        self.settle()
    }

    /// Where the stack says it is when a finding has ended the scenario.
    fn last_words(&mut self) {
        if self.trace.is_none() {
            return;
        }
        for i in 0..self.handles.len() {
            let (handle, last) = self.handles[i];
            if let Some(state) = self.subject.state(handle).filter(|state| last != Some(*state)) {
                self.note(Happening::Word { handle, state }, String::new());
            }
        }
    }

    /// The time since the scenario began, as reports print it.
    fn clock(&self) -> Instant {
        self.since_birth(self.now)
    }

    fn since_birth(&self, at: Instant) -> Instant {
        Instant::ZERO + at.since(self.birth)
    }

    fn note(&mut self, what: Happening, note: String) {
        let at = self.clock();
        if let Some(trace) = &mut self.trace {
            trace.push(at, self.event, what, note);
        }
    }

    /// Notes the rules that the stimulus fired.
    fn after_stimulus(&mut self) {
        let event = self.event;
        if let Some(trace) = &mut self.trace {
            for rule in self.oracle.fired(event) {
                trace.note_last(format_args!("{rule}"));
            }
        }
        if self.keep_fired {
            for rule in self.oracle.fired(event) {
                if !self.fired.contains(&rule) {
                    self.fired.push(rule);
                }
            }
        }
    }

    /// Notes what is owed in time when a wait begins.
    fn note_obligations(&mut self) {
        if !self.keep_fired {
            return;
        }
        let ctx = context!(self);
        for obligation in self.oracle.obligations(&ctx) {
            if !self.fired.contains(&obligation.name()) {
                self.fired.push(obligation.name());
            }
        }
    }
}

/// What a panic said.
fn panic_words(panic: &(dyn core::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
