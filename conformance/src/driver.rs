//! Runs a scenario on a stack and lets the oracle and the monitors watch.
//!
//! What flows: scenario event -> packet or call -> stack -> packets, outcomes -> oracle, monitors -> a
//! [`Summary`]. After every event the stack is polled until it is quiet at that instant; a wait moves the
//! clock from deadline to deadline: the stack's timers and what the oracle knows to fall due. Every loop has a
//! bound, and exceeding it is a finding.

use core::net::IpAddr;
use core::panic::AssertUnwindSafe;

use arrayvec::ArrayVec;
use lastack_core::types::wire::{self, TcpOption};
use lastack_core::types::{Checksum, Duration, Instant, Segment, State};

use crate::monitor::{Breach, MonitorId, Monitors};
use crate::oracle::{Arrival, Broken, Called, Context, Cost, Departure, Judged, LATE_MAX, Oracle, Packet};
use crate::resolve::{self, View, Views};
use crate::scenario::{Addr, Event, Route, Scenario, ScriptCall, SegmentSpec, user_octet};
use crate::subject::{
    Call, Description, Factory, Handle, IpVersion, Outcome, Packets, Polled, Setup, SocketOption, Subject,
    UserSignal, stack_addr,
};
use crate::table::Level;
use crate::trace::{Direction, Happening, Trace};
use crate::verdict::{AckRelation, Difference, Kind, Signature, Trigger, Verdict};

/// Polls at one instant.
const POLLS_MAX: usize = 400;
/// Packets at one instant.
const PACKETS_MAX: usize = 4_000;
/// Stops of the clock within one wait.
const STOPS_MAX: usize = 20_000;
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(100_000);
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
        Context {
            now: $driver.now,
            event: $driver.event,
            profile: &$driver.description.profile,
            setup: &$driver.setup,
            capabilities: &$driver.description.capabilities,
            room: $driver.room > 0,
            broken: $driver.broken,
        }
    };
}

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
    // The scenario at hand.
    setup: Setup,
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
            setup: Setup::default(),
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

    /// Replaces the declared profile.
    pub fn set_profile(&mut self, profile: crate::table::Profile) {
        self.description.profile = profile;
    }

    /// Switches a part of the oracle off, to prove that somebody notices.
    pub fn break_oracle(&mut self, broken: Broken) {
        self.broken = broken;
    }

    /// Switches a monitor off, to prove that somebody notices.
    pub fn switch_off(&mut self, monitor: MonitorId) {
        self.monitors.switch_off(monitor);
    }

    /// Records what happens from now on.
    pub fn record(&mut self) {
        self.trace = Some(Trace::default());
    }

    /// Keeps the names of the rules that fire; see [`Driver::fired`].
    pub fn keep_fired(&mut self) {
        self.keep_fired = true;
    }

    /// Rules that fired in the last scenario (each once).
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
            self.subject = self.factory.make();
            self.summary.finding = Some(self.own_finding(Kind::Panic, "PANIC", "no panic", words));
        }
        let conceded = self.oracle.conceded();
        self.summary.conceded.extend(conceded);
        self.summary.allowed = self.oracle.cost() >= Cost::Allowed;
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
        self.now = Instant::ZERO;
        self.event = 0;
        self.room = usize::MAX;
        if let Some(trace) = &mut self.trace {
            trace.clear();
        }
        let (subject, setup, seed) = (&mut self.subject, &scenario.setup, scenario.seed);
        match std::panic::catch_unwind(AssertUnwindSafe(|| subject.reset(setup, seed))) {
            Ok(done) => done,
            Err(panic) => {
                self.subject = self.factory.make();
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
                if self.trace.is_some() {
                    let (remote, local) = resolve::sockets(&Route::MAIN, self.setup.ip);
                    self.at_aim = Some(self.views.view(&self.oracle, local.port, remote));
                }
            }
            if self.step(event).is_err() {
                self.last_words();
                return;
            }
        }
        self.event = scenario.events.len();
        let _ = self.wait(LAST_WAIT);
    }

    fn step(&mut self, event: &Event) -> Result<(), Over> {
        match event {
            Event::Call { handle, call } => self.call(*handle, *call)?,
            Event::Segment(spec) => self.segment(spec)?,
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

    fn note(&mut self, what: Happening, note: String) {
        if let Some(trace) = &mut self.trace {
            trace.push(self.now, self.event, what, note);
        }
    }

    fn judge(&mut self, judged: Judged) -> Result<(), Over> {
        match judged {
            Judged::Fits => Ok(()),
            Judged::Finding(difference) => {
                if let Some(trace) = &mut self.trace {
                    trace
                        .note_last(format_args!("{}: wanted {}", difference.signature.rule, difference.want));
                }
                self.summary.finding = Some(*difference);
                Err(Over)
            }
            Judged::Lost(why) => {
                self.summary.inconclusive = Some(why.to_owned());
                Err(Over)
            }
        }
    }

    fn own_finding(&self, kind: Kind, rule: &'static str, want: &str, got: String) -> Difference {
        Difference {
            signature: Signature { kind, trigger: Trigger::Time, relation: AckRelation::Absent, rule },
            verdict: Verdict::Fail,
            level: Level::Must,
            cite: "RFC 9293 3.10",
            state: self.oracle.leading().and_then(|h| h.tcbs.last()).map_or(State::Closed, |t| t.state),
            at: self.now,
            event: self.event,
            want: want.to_owned(),
            got,
        }
    }

    fn call(&mut self, handle: Handle, call: ScriptCall) -> Result<(), Over> {
        let ip = self.setup.ip;
        let remote = match call {
            ScriptCall::OpenActive { remote, remote_port, .. } => {
                Some(lastack_core::types::Endpoint { addr: resolve::address(remote, ip), port: remote_port })
            }
            _ => None,
        };
        self.received.clear();
        let outcome = self.make_call(handle, call, remote);
        self.watch_handle(handle, call);
        if let (ScriptCall::Set(option), Outcome::Done) = (call, outcome) {
            match option {
                SocketOption::UserTimeout(span) => self.setup.user_timeout = span,
                SocketOption::KeepAlive(span) => self.setup.keep_alive = span,
                SocketOption::Nagle(on) => self.setup.nagle = Some(on),
                SocketOption::AckDelay(on) => self.setup.ack_delay = Some(on),
            }
        }
        self.note(Happening::Call { handle, call, outcome }, String::new());
        let called = Called { handle, call, outcome, remote };
        let ctx = context!(self);
        let judged = self.oracle.called(&ctx, &called);
        self.after_stimulus();
        self.judge(judged)?;
        self.monitors.call(self.now, handle, &call, outcome, &self.received, &mut self.breaches);
        self.collect_breaches();
        Ok(())
    }

    fn make_call(
        &mut self,
        handle: Handle,
        call: ScriptCall,
        remote: Option<lastack_core::types::Endpoint>,
    ) -> Outcome {
        let subject_call = match call {
            ScriptCall::OpenPassive { port } => Call::OpenPassive { port },
            ScriptCall::OpenActive { port, .. } => {
                let Some(remote) = remote else { return Outcome::Invalid };
                Call::OpenActive { port, remote }
            }
            ScriptCall::Accept { into } => Call::Accept { into },
            ScriptCall::Send(octets) => return self.make_send(handle, octets),
            ScriptCall::Receive(max) => Call::Receive { max },
            ScriptCall::ShutdownWrite => Call::ShutdownWrite,
            ScriptCall::Close => Call::Close,
            ScriptCall::Abort => Call::Abort,
            ScriptCall::Status => Call::Status,
            ScriptCall::Set(option) => Call::Set(option),
        };
        let outcome = self.subject.call(handle, subject_call, &mut self.received);
        if outcome == Outcome::Done {
            // A new connection's stream starts at its first octet.
            let fresh = match call {
                ScriptCall::OpenPassive { .. } | ScriptCall::OpenActive { .. } => Some(handle),
                ScriptCall::Accept { into } => {
                    let offset = self.sent_of(handle);
                    *self.sent_slot(into) = offset;
                    Some(handle)
                }
                _ => None,
            };
            if let Some(handle) = fresh {
                *self.sent_slot(handle) = 0;
            }
        }
        outcome
    }

    /// SEND: the next octets of the user's stream.
    fn make_send(&mut self, handle: Handle, octets: u32) -> Outcome {
        let offset = self.sent_of(handle);
        self.text.clear();
        self.text.extend((0..octets.min(1 << 20)).map(|i| user_octet(offset.wrapping_add(i))));
        let outcome = self.subject.call(handle, Call::Send(&self.text), &mut self.received);
        if let Outcome::Octets(n) = outcome {
            *self.sent_slot(handle) = offset.wrapping_add(n);
        }
        outcome
    }

    fn sent_of(&self, handle: Handle) -> u32 {
        self.sent_octets.iter().find(|(h, _)| *h == handle).map_or(0, |(_, n)| *n)
    }

    fn sent_slot(&mut self, handle: Handle) -> &mut u32 {
        let at = match self.sent_octets.iter().position(|(h, _)| *h == handle) {
            Some(at) => at,
            None => {
                if self.sent_octets.is_full() {
                    self.sent_octets.remove(0);
                }
                self.sent_octets.push((handle, 0));
                self.sent_octets.len() - 1
            }
        };
        &mut self.sent_octets[at].1
    }

    /// Remembers which handles' states are worth asking for.
    fn watch_handle(&mut self, handle: Handle, call: ScriptCall) {
        let mut add = |handle| {
            if !self.handles.iter().any(|(h, _)| *h == handle) {
                let _ = self.handles.try_push((handle, None));
            }
        };
        add(handle);
        if let ScriptCall::Accept { into } = call {
            add(into);
        }
    }

    fn segment(&mut self, spec: &SegmentSpec) -> Result<(), Over> {
        let ip = self.setup.ip;
        let (remote, local) = resolve::sockets(&spec.route, ip);
        let view = self.views.view(&self.oracle, local.port, remote);
        resolve::packet(spec, ip, &view, &mut self.text, &mut self.packet);
        if self.room == 0 && !self.description.capabilities.reads_when_full {
            self.waiting.push(&self.packet);
            return Ok(());
        }
        self.arrive()
    }

    /// The packets that waited for room come in, one after the other.
    fn let_in(&mut self) -> Result<(), Over> {
        let waiting = core::mem::take(&mut self.waiting);
        for packet in waiting.iter() {
            self.packet.clear();
            self.packet.extend_from_slice(packet);
            self.arrive()?;
            self.settle()?;
        }
        self.settle()
    }

    /// The packet at hand reaches the stack.
    fn arrive(&mut self) -> Result<(), Over> {
        let ip = self.setup.ip;
        if let Some(trace) = &mut self.trace {
            trace.packet_entry(self.now, self.event, Direction::ToStack, &self.packet, String::new());
        }
        let packet = core::mem::take(&mut self.packet);
        let judged = match wire::parse(&packet) {
            Ok(segment) => {
                let h = &segment.header;
                let right = h.checksum == Checksum::Right && h.ip_checksum == Checksum::Right;
                self.monitors.to_stack(self.now, &segment, right);
                let (mss, scale) = option_values(&segment);
                let kind = packet_kind(&segment, ip);
                let arrival = Arrival { segment: &segment, packet: kind, mss, scale };
                let ctx = context!(self);
                self.oracle.arrived(&ctx, &arrival)
            }
            // Nothing that a stack could read: it must not count.
            Err(_) => Judged::Fits,
        };
        self.after_stimulus();
        self.subject.deliver(&packet);
        self.packet = packet;
        self.judge(judged)
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

    /// Polls until the stack is quiet at this instant.
    fn settle(&mut self) -> Result<(), Over> {
        let mut sent = 0;
        for _ in 0..POLLS_MAX {
            self.packets.clear();
            let polled = self.subject.poll(self.room, &mut self.packets);
            let packets = core::mem::take(&mut self.packets);
            let mut over = Ok(());
            for packet in packets.iter() {
                if over.is_err() {
                    // Judged already; the trace shows the rest.
                    self.packet_seen(packet);
                    continue;
                }
                over = self.packet_out(packet);
                sent += 1;
                if sent > PACKETS_MAX {
                    break;
                }
            }
            self.packets = packets;
            over?;
            if sent > PACKETS_MAX {
                break;
            }
            if polled == Polled::Settled {
                return self.quiet();
            }
        }
        let got = format!("{sent} packets and no rest at {} s", self.now);
        self.summary.finding =
            Some(self.own_finding(Kind::NeverQuiet, "NEVER-QUIET", "quiet at one instant", got));
        Err(Over)
    }

    fn packet_seen(&mut self, packet: &[u8]) {
        if let Some(trace) = &mut self.trace {
            trace.packet_entry(self.now, self.event, Direction::FromStack, packet, String::new());
        }
    }

    fn packet_out(&mut self, packet: &[u8]) -> Result<(), Over> {
        self.packet_seen(packet);
        let parsed = wire::parse(packet);
        let Ok(segment) = parsed else {
            self.monitors.from_stack(self.now, packet, parsed.as_ref(), &mut self.breaches);
            self.collect_breaches();
            return Ok(());
        };
        let (mss, scale) = option_values(&segment);
        if let Some(mss) = mss.filter(|_| segment.header.flags.syn()) {
            self.views.announced(segment.header.src.port, segment.header.dst, mss);
        }
        let departure = Departure { segment: &segment, mss, scale };
        let ctx = context!(self);
        let judged = self.oracle.departed(&ctx, &departure);
        // Where the oracle knows why, a monitor's word adds nothing, unless it has a MUST behind it.
        self.judge(judged)?;
        self.monitors.from_stack(self.now, packet, Ok(&segment), &mut self.breaches);
        if self.oracle.has_remarked() {
            self.breaches.retain(|breach| breach.monitor.info().level == Level::Must);
        }
        self.collect_breaches();
        Ok(())
    }

    /// Turns what the monitors caught into differences, one of each in a scenario.
    fn collect_breaches(&mut self) {
        for breach in core::mem::take(&mut self.breaches) {
            let info = breach.monitor.info();
            if self.summary.conceded.iter().any(|d| d.signature.rule == info.name) {
                continue;
            }
            let mut difference = self.own_finding(Kind::Monitor, info.name, "", breach.got);
            difference.verdict = info.verdict;
            difference.level = info.level;
            difference.cite = info.cite;
            difference.want = breach.want;
            if let Some(trace) = &mut self.trace {
                trace.note_last(format_args!("{}: wanted {}", info.name, difference.want));
            }
            self.summary.conceded.push(difference);
        }
    }

    /// The stack is quiet: its own words, its signals, and what falls due.
    fn quiet(&mut self) -> Result<(), Over> {
        if self.room > 0 {
            self.monitors.quiet(self.now, &mut self.breaches);
        }
        let mut words: ArrayVec<(Handle, State), 8> = ArrayVec::new();
        for i in 0..self.handles.len() {
            let (handle, last) = self.handles[i];
            if let Some(state) = self.subject.state(handle) {
                words.push((handle, state));
                if last != Some(state) {
                    self.handles[i].1 = Some(state);
                    self.note(Happening::Word { handle, state }, String::new());
                }
            }
            self.signals.clear();
            self.subject.signals(handle, &mut self.signals);
            for s in 0..self.signals.len() {
                let signal = self.signals[s];
                self.note(Happening::Signal { handle, signal }, String::new());
            }
        }
        let ctx = context!(self);
        self.oracle.words(&ctx, &words);
        let judged = self.oracle.settle(&ctx);
        self.judge(judged)
    }

    /// Moves the clock, stopping wherever something is due.
    fn wait(&mut self, span: Duration) -> Result<(), Over> {
        let end = self.now + span.min(WAIT_MAX);
        let mut stuck = false;
        for _ in 0..STOPS_MAX {
            if self.now >= end {
                return Ok(());
            }
            let mut stop = end;
            // A timer that is due already and fires nothing is no reason to stand still.
            if let Some(timer) = self.subject.next_timer().filter(|t| *t > self.now || !stuck) {
                stop = stop.min(timer.max(self.now));
            }
            let ctx = context!(self);
            let due = self.oracle.next_deadline(&ctx);
            if due > self.now {
                stop = stop.min(due);
            }
            stuck = stop == self.now;
            self.now = self.subject.advance(stop).max(stop);
            self.settle()?;
        }
        let got = format!("more than {STOPS_MAX} timers within {span} s");
        self.summary.finding =
            Some(self.own_finding(Kind::NeverQuiet, "NEVER-QUIET", "rest between timers", got));
        Err(Over)
    }
}

/// Whether the packet counts: right checksums, a right data offset, addresses that a TCP peer can have.
fn packet_kind(segment: &Segment<'_>, ip: IpVersion) -> Packet {
    let h = &segment.header;
    let whole = h.checksum == Checksum::Right && h.ip_checksum == Checksum::Right && h.data_offset.is_none();
    if !whole || h.dst.addr != stack_addr(ip) || !is_unicast(h.src.addr) {
        return Packet::Discard;
    }
    // Port 0 is reserved, and a segment from the stack's own address is a matter of routing.
    if h.src.port == 0 || h.dst.port == 0 || h.src.addr == stack_addr(ip) {
        return Packet::Either;
    }
    let broken = wire::options(h.options.as_octets()).any(|option| option.is_err());
    if broken { Packet::Either } else { Packet::Sound }
}

/// An address that a segment from outside may come from (RFC 1122 3.2.1.3; MUST-63).
fn is_unicast(addr: IpAddr) -> bool {
    let special = addr.is_multicast() || addr.is_unspecified() || addr.is_loopback();
    let broadcast = addr == resolve::address(Addr::Broadcast, IpVersion::V4)
        || addr == resolve::address(Addr::DirectedBroadcast, IpVersion::V4);
    !special && !broadcast
}

/// MSS and window scale of a segment.
fn option_values(segment: &Segment<'_>) -> (Option<u16>, Option<u8>) {
    let (mut mss, mut scale) = (None, None);
    if segment.header.options.as_octets().is_empty() {
        return (None, None);
    }
    for option in wire::options(segment.header.options.as_octets()) {
        match option {
            Ok(TcpOption::Mss(value)) => mss = Some(value),
            Ok(TcpOption::WindowScale(shift)) => scale = Some(shift),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    (mss, scale)
}

/// What a panic said.
fn panic_words(panic: &(dyn core::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
