//! One end watched: a stack, and the oracle and the monitors that see everything that crosses its door.
//!
//! What flows: packets and calls in ([`End::arrive`], [`End::call`]), the stack polled until it is quiet
//! ([`End::settle`]), the clock moved to the next instant that matters ([`End::next_stop`],
//! [`End::move_to`]); what the stack sent ([`End::sent`]) and a [`Summary`] out. Who stands at the other
//! end of the wire, a script or another stack, it does not know.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Endpoint, Instant, State};

use super::guarded::Guarded;
use super::{Over, Polling, Summary};
use crate::ledger::Ledger;
use crate::monitor::{Breach, MonitorId, Monitors};
use crate::oracle::{Broken, Cost, Oracle, Timeouts};
use crate::reached::Reached;
use crate::resolve::{View, Views};
use crate::scenario::Streams;
use crate::subject::{Description, Factory, Handle, IpVersion, Outcome, Packets, Setup, Subject, UserSignal};
use crate::table::Profile;
use crate::trace::{Happening, Trace};
use crate::verdict::Kind;

/// What the stack's clock shows when a scenario begins, unless its clock is real. Not zero: a time that a
/// stack takes from nowhere is zero, and would pass for now.
pub const BIRTH: Duration = Duration::from_secs(1_000);

/// The context without borrowing the whole end.
macro_rules! context {
    ($end:expr) => {
        $crate::oracle::Context {
            now: $end.now,
            event: $end.event,
            profile: &$end.description.profile,
            setup: &$end.setup,
            timeouts: $end.timeouts,
            capabilities: &$end.description.capabilities,
            room: $end.room > 0,
            broken: $end.broken,
        }
    };
}
pub(super) use context;

/// A stack under watch.
pub struct End<'f> {
    pub(super) factory: &'f dyn Factory,
    pub(super) description: Description,
    pub(super) subject: Guarded,
    pub(super) oracle: Oracle,
    pub(super) monitors: Monitors,
    pub(super) views: Views,
    pub(super) broken: Broken,
    /// Whether what it does is judged.
    pub(super) judged: bool,
    // Reused buffers.
    pub(super) packets: Packets,
    pub(super) text: Vec<u8>,
    pub(super) received: Vec<u8>,
    pub(super) signals: Vec<UserSignal>,
    pub(super) handles: ArrayVec<(Handle, Option<State>), 8>,
    pub(super) trace: Option<Trace>,
    pub(super) breaches: Vec<Breach>,
    /// What the scenario reached so far, where somebody asks.
    pub(super) reached: Option<Reached>,
    pub(super) polling: Polling,
    /// What the stack sent since somebody took it, where somebody takes it.
    pub(super) sent: Option<Packets>,
    // The scenario at hand.
    pub(super) streams: Streams,
    pub(super) setup: Setup,
    /// When the scenario began, by the stack's clock.
    pub(super) birth: Instant,
    pub(super) timeouts: Timeouts,
    pub(super) now: Instant,
    pub(super) event: usize,
    pub(super) room: usize,
    pub(super) sent_octets: ArrayVec<(Handle, u32), 8>,
    /// Packets before the door of a stack that takes none in while its transmit queue is full.
    pub(super) waiting: Packets,
    /// Packets that the stack has made stand in a queue of its own.
    pub(super) backlog: bool,
    /// A timer that is due already fired nothing.
    pub(super) stuck: bool,
    /// What the last call came to.
    pub(super) outcome: Outcome,
    pub(super) summary: Summary,
}

impl<'f> End<'f> {
    /// A stack that nothing has happened to.
    pub fn new(factory: &'f dyn Factory) -> End<'f> {
        End {
            factory,
            description: factory.describe(),
            subject: Guarded::new(factory.make()),
            oracle: Oracle::new(),
            monitors: Monitors::new(),
            views: Views::default(),
            broken: Broken::Nothing,
            judged: true,
            packets: Packets::default(),
            text: Vec::new(),
            received: Vec::new(),
            signals: Vec::new(),
            handles: ArrayVec::new(),
            trace: None,
            breaches: Vec::new(),
            reached: None,
            polling: Polling::UntilQuiet,
            sent: None,
            streams: Streams::default(),
            setup: Setup::default(),
            birth: Instant::ZERO,
            timeouts: Timeouts::default(),
            now: Instant::ZERO,
            event: 0,
            room: usize::MAX,
            sent_octets: ArrayVec::new(),
            waiting: Packets::default(),
            backlog: false,
            stuck: false,
            outcome: Outcome::Done,
            summary: Summary::default(),
        }
    }

    /// Who it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The wire's truth so far, as this end saw it.
    pub fn ledger(&self) -> &Ledger {
        self.monitors.ledger()
    }

    /// When the scenario began, by its clock.
    pub fn birth(&self) -> Instant {
        self.birth
    }

    /// What it was set up with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The IP version of the scenario.
    pub fn ip(&self) -> IpVersion {
        self.setup.ip
    }

    /// Now, by its clock.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Replaces the declared profile; a stack that can be set to it is.
    pub fn set_profile(&mut self, profile: Profile) {
        self.description.profile = profile;
        self.remake();
    }

    /// Another instance, after a panic or under another profile.
    pub(super) fn remake(&mut self) {
        self.subject = Guarded::new(self.factory.make_under(&self.description.profile));
    }

    /// Switches a part of the oracle off, to prove that somebody notices.
    pub(super) fn break_oracle(&mut self, broken: Broken) {
        self.broken = broken;
        if broken == Broken::PacketWar {
            self.monitors.switch_off(MonitorId::AckForAck);
        }
    }

    /// Which octets its user sends, and which come from the other end.
    pub fn set_streams(&mut self, streams: Streams) {
        self.streams = streams;
        self.monitors.set_streams(streams);
    }

    /// Keeps what the stack sends, for [`End::sent`].
    pub fn keep_sent(&mut self) {
        self.sent = Some(Packets::default());
    }

    /// What it sent since the last time, moved into `to`.
    pub fn sent(&mut self, to: &mut Packets) {
        to.clear();
        if let Some(sent) = &mut self.sent {
            core::mem::swap(sent, to);
        }
    }

    /// From here on it is only run: nothing that it does is judged until the next scenario.
    pub fn judge_no_more(&mut self) {
        self.judged = false;
    }

    /// Whether it is still judged.
    pub fn is_judged(&self) -> bool {
        self.judged
    }

    /// Records what happens from now on.
    pub fn record(&mut self) {
        self.trace = Some(Trace::default());
    }

    /// What was recorded.
    pub fn trace(&mut self) -> Option<&mut Trace> {
        self.trace.as_mut()
    }

    /// Which of the scenario's events is being played.
    pub fn set_event(&mut self, event: usize) {
        self.event = event;
    }

    /// The connection's variables, or what was last known of them.
    pub fn view(&mut self, port: u16, remote: Endpoint) -> View {
        self.views.view(&self.oracle, port, remote)
    }

    /// Every state that the connection of a handle may be in by the judge, or by the stack's word where
    /// nobody judges any more.
    pub fn states(&mut self, handle: Handle) -> Vec<State> {
        if !self.judged {
            return self.subject.state(handle).into_iter().collect();
        }
        let ctx = context!(self);
        self.oracle.states(&ctx, handle)
    }

    /// A fresh stack, and nothing seen of it yet.
    ///
    /// # Errors
    /// What in the set-up the stack cannot do.
    pub fn begin(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.summary = Summary::default();
        self.judged = true;
        self.event = 0;
        if let Some(reached) = &mut self.reached {
            reached.clear();
        }
        if let Some(trace) = &mut self.trace {
            trace.clear();
        }
        self.forget(setup);
        self.views.clear();
        self.sent_octets.clear();
        self.birth = Instant::ZERO;
        self.now = Instant::ZERO;
        self.reset_subject(setup, seed)?;
        if self.description.capabilities.virtual_time {
            self.birth = Instant::ZERO + BIRTH;
        }
        self.now = self.subject.advance(self.birth).max(self.birth);
        self.birth = self.now;
        Ok(())
    }

    /// The host crashes and is there again at once, knowing nothing of what was. A scripted peer remembers.
    ///
    /// # Errors
    /// What in the set-up the stack cannot do.
    pub fn restart(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.keep_findings();
        self.forget(setup);
        self.sent_octets.clear();
        self.reset_subject(setup, seed)?;
        self.now = self.subject.advance(self.now).max(self.now);
        Ok(())
    }

    fn forget(&mut self, setup: &Setup) {
        self.oracle.reset();
        self.monitors.reset(setup);
        if !self.description.capabilities.virtual_time {
            self.monitors.clock_is_real();
        }
        if self.description.capabilities.exact_recv_buffer {
            self.monitors.buffer_is_exact();
        }
        self.handles.clear();
        self.waiting.clear();
        self.setup = *setup;
        self.timeouts = Timeouts::only(setup.user_timeout);
        self.room = usize::MAX;
        self.backlog = false;
        self.stuck = false;
        if let Some(sent) = &mut self.sent {
            sent.clear();
        }
    }

    fn reset_subject(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        let subject = &mut self.subject;
        match catch_unwind(AssertUnwindSafe(|| subject.reset(setup, seed))) {
            Ok(made) => made,
            Err(panic) => {
                self.remake();
                Err(format!("the set-up panics: {}", panic_words(panic.as_ref())))
            }
        }
    }

    /// A panic came out of the stack, and not out of what judges it.
    pub fn has_panicked(&self) -> bool {
        self.subject.is_at_work()
    }

    /// A panic of the stack is a finding; another instance takes its place. Our own goes on.
    pub fn panicked(&mut self, panic: Box<dyn core::any::Any + Send>) {
        if !self.has_panicked() {
            resume_unwind(panic);
        }
        let words = panic_words(panic.as_ref());
        self.remake();
        self.summary.finding = Some(self.own_finding(Kind::Panic, "PANIC", "no panic", words));
    }

    /// What this end's part of the scenario came to.
    pub fn finish(&mut self) -> Summary {
        self.keep_findings();
        self.summary.allowed |= self.oracle.cost() >= Cost::Choice;
        core::mem::take(&mut self.summary)
    }

    /// What the oracle conceded goes into the summary.
    fn keep_findings(&mut self) {
        let mut conceded = self.oracle.conceded();
        for difference in &mut conceded {
            difference.at = self.since_birth(difference.at);
        }
        self.summary.conceded.extend(conceded);
    }

    /// What it came to so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Nothing can leave it.
    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// From here on the transmit queue has room for so many packets a poll; 255 is no limit.
    ///
    /// # Errors
    /// The stack showed a finding.
    pub(crate) fn set_room(&mut self, room: u8) -> Result<(), Over> {
        self.monitors.room_changed();
        self.room = if room == u8::MAX { usize::MAX } else { usize::from(room) };
        self.note(Happening::Room(room), String::new());
        if self.room > 0 {
            return self.let_in();
        }
        self.settle()
    }

    /// Where the stack says it is when a finding has ended the scenario.
    pub(super) fn last_words(&mut self) {
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
    pub fn clock(&self) -> Instant {
        self.since_birth(self.now)
    }

    pub(super) fn since_birth(&self, at: Instant) -> Instant {
        Instant::ZERO + at.since(self.birth)
    }

    pub(super) fn note(&mut self, what: Happening, note: String) {
        let at = self.clock();
        if let Some(trace) = &mut self.trace {
            trace.push(at, self.event, what, note);
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
