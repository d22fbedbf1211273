//! Two hosts, the link between them and one clock.
//!
//! What flows: a scenario's events go to the host that they name; what a host sends goes to the link, what the
//! link lets arrive goes to the other host; users ([`user`]) make calls when something has happened to them.
//! Each host is an [`End`] with an oracle and monitors of its own, and neither knows that its peer is no
//! script. The clock stands still until nothing moves at this instant, then goes to the next instant that
//! matters to anybody. What comes out is a [`Course`].
//!
//! Who is charged: the first rule that an end breaks is that end's finding. From there on nobody is judged any
//! more, because what follows may be no more than its consequence. A property that does not hold although
//! neither end broke a rule is a finding against the pair.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lastack_core::types::{Duration, Instant};

use crate::driver::{End, Summary};
use crate::link::{Link, MSL};
use crate::property::{Breach, Deceived, Life};
use crate::reached::Reached;
use crate::scenario::{Event, HostId, Scenario, Stream, Streams, WorldEvent, WorldSetup};
use crate::subject::{Description, Factory, Packets};
use crate::table::Profile;
use crate::trace::Trace;
use crate::verdict::{Difference, Verdict};

mod clock;
pub mod deadlock;
mod facts;
mod judge;
pub mod random;
pub mod search;
mod show;
#[cfg(feature = "proptest")]
pub mod strategy;
#[cfg(test)]
mod tests;
mod traffic;
pub mod user;

use facts::Mark;
use traffic::Traffic;
use user::User;

/// What a world came to.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// The first rule that an end broke, and which end.
    pub first: Option<(HostId, Difference)>,
    /// A property of the pair that does not hold although no end broke a rule before, and when that showed.
    pub breach: Option<(Breach, Instant)>,
    /// What each end came to, its details included.
    pub ends: [Summary; 2],
    /// From then on the properties were not asked for.
    pub deceived: Option<Deceived>,
    /// Who was left waiting in the end, whoever is to blame.
    pub stuck: Option<Breach>,
    /// Why nothing can be said.
    pub inconclusive: Option<String>,
    /// Packets that each host sent.
    pub packets: [u32; 2],
    /// Faults that struck.
    pub struck: u32,
    /// Faults of the script whose packets were never sent.
    pub missed: u32,
    /// Loops of answers that the world ended by losing one of them.
    pub loops: u32,
    /// When the world ended.
    pub ended: Instant,
    /// Every connection that a user opened.
    pub lives: Vec<Life>,
}

impl Course {
    /// Neither a rule nor a property was broken, and something can be said.
    pub fn is_clean(&self) -> bool {
        self.first.is_none() && self.breach.is_none() && self.inconclusive.is_none()
    }

    /// The verdict of the whole.
    pub fn verdict(&self) -> Verdict {
        if self.breach.is_some() {
            return Verdict::Fail;
        }
        if let Some((_, first)) = &self.first {
            return first.verdict;
        }
        if self.inconclusive.is_some() {
            return Verdict::Inconclusive;
        }
        let of = |s: &Summary| s.verdict();
        self.ends.iter().map(of).max().unwrap_or(Verdict::Pass)
    }
}

/// One host: a stack under watch, and its users.
struct Host<'f> {
    end: End<'f>,
    users: Vec<User>,
    /// Something has happened since the users last looked.
    stirred: bool,
    /// How many differences that it went past have been looked at.
    seen: usize,
    crashes: u64,
    /// RSTs that have reached it.
    resets: u32,
}

/// Runs scenarios of two stacks, one after the other.
pub struct World<'f> {
    hosts: [Host<'f>; 2],
    link: Link<Mark>,
    lives: Vec<Life>,
    now: Instant,
    event: usize,
    /// After the first finding the world runs on, to see what comes of it.
    runs_on: bool,
    /// The properties are asked for although an end is not judged: to prove that they notice.
    only_properties: bool,
    over: bool,
    /// Whose stack is at work.
    turn: HostId,
    /// Things that have happened: the oracles tell events apart by it.
    moments: usize,
    trace: Option<Trace>,
    scratch: Packets,
    /// When anything last came of what was sent, or a fault of the script struck.
    progress: Instant,
    /// Packets since then.
    traffic: Traffic,
    course: Course,
    /// What was only waste ([`crate::monitor::MonitorId::is_waste`]): charged where nothing else is.
    wasted: Option<(HostId, Difference)>,
}

impl<'f> World<'f> {
    /// A world of two stacks; host A is the first.
    pub fn new(a: &'f dyn Factory, b: &'f dyn Factory) -> World<'f> {
        World {
            hosts: [Host::new(a, HostId::A), Host::new(b, HostId::B)],
            link: Link::new(),
            lives: Vec::new(),
            now: Instant::ZERO,
            event: 0,
            runs_on: false,
            only_properties: false,
            over: false,
            turn: HostId::A,
            moments: 0,
            trace: None,
            scratch: Packets::default(),
            progress: Instant::ZERO,
            traffic: Traffic::default(),
            wasted: None,
            course: Course::default(),
        }
    }

    /// Who the two are.
    pub fn descriptions(&self) -> [&Description; 2] {
        [self.hosts[0].end.description(), self.hosts[1].end.description()]
    }

    /// Replaces what a stack declares; a stack that can be set to it is.
    pub fn set_profile(&mut self, host: HostId, profile: Profile) {
        self.hosts[host.index()].end.set_profile(profile);
    }

    /// After the first finding the world runs on, to see what comes of it.
    pub fn run_on(&mut self) {
        self.runs_on = true;
    }

    /// No end is judged; only the properties of the pair are asked for.
    pub fn ask_only_for_properties(&mut self) {
        self.only_properties = true;
    }

    /// Keeps what each end reaches; see [`World::reached`].
    pub fn keep_reached(&mut self) {
        for host in &mut self.hosts {
            host.end.keep_reached();
        }
    }

    /// What an end reached in the last world, if it was kept.
    pub fn reached(&self, host: HostId) -> Option<&Reached> {
        self.hosts[host.index()].end.reached()
    }

    /// Records what happens from now on.
    pub fn record(&mut self) {
        self.trace = Some(Trace::default());
        for host in &mut self.hosts {
            host.end.record();
        }
    }

    /// What happened in the last world, if it was recorded.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Runs a scenario; one that is none of a world has a host B with a default set-up.
    ///
    /// # Errors
    /// What in the set-up one of the stacks cannot do.
    pub fn run(&mut self, scenario: &Scenario) -> Result<Course, String> {
        self.begin(scenario)?;
        let played = AssertUnwindSafe(|| self.play(scenario));
        if let Err(panic) = catch_unwind(played) {
            self.panicked(panic);
        }
        Ok(self.finish())
    }

    fn begin(&mut self, scenario: &Scenario) -> Result<(), String> {
        let WorldSetup { other, link } = scenario.world.unwrap_or_default();
        let mut setups = [scenario.setup, other];
        setups[1].ip = setups[0].ip;
        for ((host, setup), id) in self.hosts.iter_mut().zip(&setups).zip(HostId::BOTH) {
            // Two hosts of one seed must not draw the same.
            let seed = scenario.seed.wrapping_mul(2).wrapping_add(id.index() as u64);
            self.turn = id;
            host.end.begin(setup, seed).map_err(|why| format!("{}: {why}", host.end.description().name))?;
            host.users.clear();
            host.stirred = false;
            host.seen = 0;
            host.crashes = 0;
            host.resets = 0;
            if self.only_properties {
                host.end.judge_no_more();
            }
        }
        let declared = self.hosts.iter().filter_map(|h| h.end.description().profile.msl).min();
        let lifetime = declared.unwrap_or(MSL).min(MSL);
        let faults = scenario.events.iter().filter_map(|event| match event {
            Event::World(WorldEvent::Fault { host, packet, fault }) => Some((*host, *packet, *fault)),
            _ => None,
        });
        self.link.reset(link, lifetime, faults);
        self.now = self.hosts[0].end.now().max(self.hosts[1].end.now());
        self.lives.clear();
        self.wasted = None;
        self.over = false;
        self.event = 0;
        self.moments = 0;
        self.progress = self.now;
        self.traffic = Traffic::default();
        self.course = Course::default();
        if let Some(trace) = &mut self.trace {
            trace.clear();
        }
        Ok(())
    }

    fn play(&mut self, scenario: &Scenario) {
        for id in HostId::BOTH {
            self.settle(id);
        }
        for (index, event) in scenario.events.iter().enumerate() {
            self.event = index;
            self.step(event, scenario);
            if self.over {
                return;
            }
        }
        self.event = scenario.events.len();
        self.run_out();
    }

    fn step(&mut self, event: &Event, scenario: &Scenario) {
        match *event {
            Event::Call { handle, call } => self.call(HostId::A, handle, call),
            Event::Segment(spec) => self.segment(&spec),
            Event::Wait(span) => return self.wait(span),
            Event::Room(room) => self.room(HostId::A, room),
            Event::World(WorldEvent::Call { handle, call }) => self.call(HostId::B, handle, call),
            Event::World(WorldEvent::Room(room)) => self.room(HostId::B, room),
            Event::World(WorldEvent::App { host, app }) => {
                let user = User::new(app, self.hosts[host.index()].users.len());
                self.hosts[host.index()].users.push(user);
                self.hosts[host.index()].stirred = true;
            }
            Event::World(WorldEvent::Crash { host, iss }) => self.crash(host, iss, scenario),
            // The link knows them all from the beginning.
            Event::World(WorldEvent::Fault { .. }) => {}
        }
        self.pump();
    }

    /// What waited for room may come in, or leave.
    fn room(&mut self, id: HostId, room: u8) {
        self.do_at(id, |end| end.set_room(room));
        self.hosts[id.index()].stirred = true;
        self.progressed();
    }

    /// A host forgets everything, its users too.
    fn crash(&mut self, id: HostId, iss: Option<u32>, scenario: &Scenario) {
        let host = &mut self.hosts[id.index()];
        host.crashes += 1;
        host.users.clear();
        let mut setup = match id {
            HostId::A => scenario.setup,
            HostId::B => scenario.world.unwrap_or_default().other,
        };
        setup.ip = scenario.setup.ip;
        setup.iss = iss.or(setup.iss);
        let seed = scenario.seed.wrapping_mul(2).wrapping_add(id.index() as u64);
        let seed = seed ^ host.crashes.rotate_left(32);
        host.end.advance(self.now);
        if host.end.restart(&setup, seed).is_err() {
            self.over = true;
            return;
        }
        for life in self.lives.iter_mut().filter(|life| life.host == id) {
            life.gone = true;
        }
        self.progressed();
        // It looks at its clock before anybody asks anything of it: see `catch_up`.
        self.settle(id);
    }

    /// Something has come of what was sent.
    fn progressed(&mut self) {
        self.progress = self.now;
        self.traffic.progressed();
    }

    fn finish(&mut self) -> Course {
        self.charge_waste();
        let mut course = core::mem::take(&mut self.course);
        for (host, summary) in self.hosts.iter_mut().zip(&mut course.ends) {
            *summary = host.end.finish();
        }
        course.packets = self.link.sent();
        course.struck = self.link.struck();
        course.missed = self.link.missed();
        course.ended = self.clock();
        course.lives.clone_from(&self.lives);
        course
    }

    /// The time since the world began.
    fn clock(&self) -> Instant {
        let birth = self.hosts[0].end.birth();
        Instant::ZERO + self.now.since(birth)
    }
}

impl<'f> Host<'f> {
    fn new(factory: &'f dyn Factory, id: HostId) -> Host<'f> {
        let mut end = End::new(factory);
        end.keep_sent();
        if id == HostId::B {
            end.set_streams(Streams { own: Stream::PEER, peer: Stream::USER });
        }
        Host { end, users: Vec::new(), stirred: false, seen: 0, crashes: 0, resets: 0 }
    }
}

/// How long nothing may come of anything before the world is over: longer than a SYN is sent again. Where an end
/// may rest longer between two retransmissions ([`crate::oracle::silence_of`]), so long.
const STALL: Duration = Duration::from_secs(600);
