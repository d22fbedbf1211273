//! Time: everything that moves at one instant, then the next instant that matters.

use lastack_core::types::{Duration, Instant, Segment, wire};

use super::facts::Mark;
use super::traffic::Sent;
use super::{STALL, World};
use crate::driver::{End, Over};
use crate::link::Fate;
use crate::oracle::silence_of;
use crate::property::{Breach, Property};
use crate::resolve;
use crate::scenario::{HostId, Route, ScriptCall, SegmentSpec};
use crate::subject::{Handle, Outcome};

/// Instants of one world.
const STOPS_MAX: usize = 200_000;
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(100_000);
/// When everybody is done the clock runs on over TIME-WAIT.
const LAST_WAIT: Duration = Duration::from_secs(250);

impl World<'_> {
    /// What follows from what was just done at a host.
    pub(super) fn settle(&mut self, id: HostId) {
        if self.over {
            return;
        }
        self.turn = id;
        let done = self.hosts[id.index()].end.settle();
        self.look(id, done);
        self.collect(id);
    }

    /// Something is done at a host, whose clock first catches up. For the judge it is an event of its own.
    pub(super) fn do_at(&mut self, id: HostId, act: impl FnOnce(&mut End<'_>) -> Result<(), Over>) {
        self.catch_up(id);
        self.turn = id;
        self.moments += 1;
        let host = &mut self.hosts[id.index()];
        host.end.set_event(self.moments);
        let done = act(&mut host.end);
        self.look(id, done);
        self.collect(id);
    }

    /// A host's clock is moved to now, and its stack may look at it: one that has a ticker and nothing to do with
    /// it has ticks to catch up on, which are no business of what comes then.
    fn catch_up(&mut self, id: HostId) {
        let now = self.now;
        let host = &mut self.hosts[id.index()];
        if host.end.now() >= now {
            return;
        }
        self.turn = id;
        self.moments += 1;
        host.end.set_event(self.moments);
        host.end.advance(now);
        let done = host.end.settle();
        self.look(id, done);
        self.collect(id);
    }

    /// A call of a host's user, and what it causes there.
    pub(super) fn call(&mut self, id: HostId, handle: Handle, call: ScriptCall) {
        self.make_call(id, handle, call);
    }

    fn make_call(&mut self, id: HostId, handle: Handle, call: ScriptCall) -> Outcome {
        let before = self.mark_of(id);
        self.do_at(id, |end| end.call(handle, call));
        let outcome = self.hosts[id.index()].end.outcome();
        self.note_call(id, handle, (call, before), outcome);
        self.settle(id);
        self.hosts[id.index()].stirred = true;
        outcome
    }

    /// A script's segment from nowhere, to host A.
    pub(super) fn segment(&mut self, spec: &SegmentSpec) {
        let ip = self.hosts[0].end.ip();
        let (remote, local) = resolve::sockets(&spec.route, ip);
        let view = self.hosts[0].end.view(local.port, remote);
        let (mut text, mut packet) = (Vec::new(), Vec::new());
        resolve::packet(spec, ip, &view, &mut text, &mut packet);
        self.deceived(crate::property::Deceived::Forged);
        let segment = wire::parse(&packet).ok();
        self.arrive(HostId::A, &packet, segment.as_ref());
    }

    /// A packet arrives at a host; `segment` is what it says, if it can be read.
    fn arrive(&mut self, id: HostId, packet: &[u8], segment: Option<&Segment<'_>>) {
        if segment.is_some_and(|segment| segment.header.flags.rst()) {
            self.hosts[id.index()].resets += 1;
        }
        self.do_at(id, |end| end.arrive(packet));
        self.settle(id);
        self.hosts[id.index()].stirred = true;
    }

    /// Moves everything that moves at this instant.
    pub(super) fn pump(&mut self) {
        self.traffic.moves_on();
        while self.traffic.may_move() {
            if self.over {
                return;
            }
            let sent = self.dispatch(HostId::A) | self.dispatch(HostId::B);
            let acted = self.act(HostId::A) | self.act(HostId::B);
            let arrived = self.deliver_one();
            if !(sent || acted || arrived) {
                self.refresh();
                self.ask();
                return;
            }
        }
        self.never_quiet("at one instant");
    }

    /// What a host has sent goes to the link.
    fn dispatch(&mut self, id: HostId) -> bool {
        let mut packets = core::mem::take(&mut self.scratch);
        self.hosts[id.index()].end.sent(&mut packets);
        let count = packets.len();
        let mark = if count > 0 { self.mark_of(id) } else { Mark::default() };
        for packet in packets.iter() {
            let sent = self.traffic.sends(id, self.now, packet);
            self.course.loops += u32::from(sent == Sent::FirstOfLoop);
            let fate = match sent {
                Sent::Passes => self.link.send(self.now, id, packet, &mark),
                Sent::FirstOfLoop | Sent::OfLoop => self.link.lose(id),
            };
            if matches!(fate, Fate::Fault(_)) {
                self.progress = self.now;
            }
            self.show_departure(id, fate);
        }
        if self.traffic.is_war() {
            self.never_quiet("without anything coming of it");
        }
        self.scratch = packets;
        count > 0
    }

    fn deliver_one(&mut self) -> bool {
        let Some(flight) = self.link.take(self.now) else { return false };
        let to = flight.from.other();
        self.inspect(&flight);
        let segment = wire::parse(&flight.packet).ok();
        let asks = self.asks_for_answer(to, segment.as_ref());
        self.traffic.arrives(to, asks);
        self.arrive(to, &flight.packet, segment.as_ref());
        self.show_arrival(to, flight.number);
        self.link.give_back(flight.packet);
        true
    }

    /// Users make the calls that they want to make.
    fn act(&mut self, id: HostId) -> bool {
        let host = &mut self.hosts[id.index()];
        if core::mem::take(&mut host.stirred) {
            host.users.iter_mut().for_each(super::User::stir);
        }
        let mut acted = false;
        for place in 0..self.hosts[id.index()].users.len() {
            let Some(user) = self.hosts[id.index()].users.get(place) else { break };
            let Some((handle, call)) = user.wants(id, self.now) else { continue };
            if self.over {
                return true;
            }
            let before = self.hosts[id.index()].stirred;
            let outcome = self.make_call(id, handle, call);
            // A user's own call that came to nothing is nothing that happened.
            self.hosts[id.index()].stirred = before || matters(call, outcome);
            let app = self.hosts[id.index()].users[place].app;
            self.note_user(id, call, outcome, &app);
            self.hosts[id.index()].users[place].came(call, outcome, self.now);
            acted = true;
        }
        acted
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, span: Duration) {
        let end = self.now + span.min(WAIT_MAX);
        self.pump();
        for _ in 0..STOPS_MAX {
            if self.over || self.now >= end {
                return;
            }
            let next = self.next_stop();
            self.go_to(next.min(end));
        }
        self.never_quiet("between timers");
    }

    /// After the script: until nobody wants anything any more, or nothing comes of anything.
    pub(super) fn run_out(&mut self) {
        self.pump();
        let stall = self.stall();
        let mut last = None;
        for _ in 0..STOPS_MAX {
            if self.over {
                return;
            }
            let next = self.next_stop();
            let done = self.all_done() && self.link.in_flight() == 0;
            if done && last.is_none() {
                last = Some(self.now + LAST_WAIT);
            } else if !done {
                last = None;
            }
            let end = last.unwrap_or(self.progress + stall).max(self.now);
            if next > end || next == Instant::NEVER {
                let here = end.max(self.now);
                self.go_to(here);
                self.ask_users();
                self.last_question();
                return;
            }
            self.go_to(next);
        }
        self.never_quiet("between timers");
    }

    /// How long nothing may come of anything before the world is over.
    fn stall(&self) -> Duration {
        let silences = self.descriptions().map(|described| silence_of(&described.profile));
        silences.into_iter().fold(STALL, Duration::max)
    }

    /// The next instant that matters to anybody.
    fn next_stop(&mut self) -> Instant {
        let mut next = self.link.next();
        for host in &mut self.hosts {
            next = next.min(host.end.next_stop());
            next = host.users.iter().map(super::User::next).fold(next, Instant::min);
        }
        next.max(self.now)
    }

    /// The clock goes to this instant, and what falls due there happens.
    fn go_to(&mut self, at: Instant) {
        self.now = at;
        for id in HostId::BOTH {
            let host = &mut self.hosts[id.index()];
            if host.end.next_stop() <= at {
                self.turn = id;
                self.moments += 1;
                host.end.set_event(self.moments);
                let before = host.end.note_owed();
                let done = host.end.move_to(at);
                host.end.note_passed(&before);
                host.stirred = true;
                self.look(id, done);
                self.collect(id);
            }
        }
        self.pump();
    }

    /// Whoever is still waiting looks after its connection once more: it may be over, and nobody told.
    fn ask_users(&mut self) {
        for place in 0..self.lives.len() {
            let life = self.lives[place];
            let newest =
                !self.lives[place + 1..].iter().any(|l| (l.host, l.handle) == (life.host, life.handle));
            if newest && !life.is_done() && !self.over {
                let told = self.make_call(life.host, life.handle, ScriptCall::Status);
                if told == Outcome::Unsupported {
                    self.make_call(life.host, life.handle, ScriptCall::Receive(1));
                }
            }
        }
    }

    fn never_quiet(&mut self, how: &str) {
        let want = "the ends to come to rest".to_owned();
        let got = format!("{} packets in all, {how}", self.link.sent().iter().sum::<u32>());
        self.breach(Breach { property: Property::NoPacketWar, host: HostId::A, want, got });
        self.over = true;
    }

    /// The sockets of the main connection as a host sees them: its own port, the other's port.
    pub(super) fn main_ports(id: HostId) -> (u16, u16) {
        let main = Route::MAIN;
        match id {
            HostId::A => (main.to_port, main.from_port),
            HostId::B => (main.from_port, main.to_port),
        }
    }
}

/// Something has come of a call, so that others may go on.
fn matters(call: ScriptCall, outcome: Outcome) -> bool {
    match outcome {
        Outcome::WouldBlock | Outcome::Octets(0) | Outcome::InState(_) => false,
        // Not open yet.
        Outcome::NoConnection if matches!(call, ScriptCall::Send(_)) => false,
        // Nobody listens, or not yet: it is asked again when something else has happened.
        _ if matches!(call, ScriptCall::Accept { .. }) => outcome == Outcome::Done,
        Outcome::Octets(_) => matches!(call, ScriptCall::Receive(_)),
        _ => true,
    }
}
