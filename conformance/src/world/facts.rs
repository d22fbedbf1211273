//! What the world knows of connections: which incarnation is whose, and what came of each.

use lastack_core::types::{Endpoint, Instant, SeqNum, State, wire};

use super::World;
use crate::ledger::{Incarnation, Tuple};
use crate::link::Flight;
use crate::property::{Deceived, Key, Life, partner, stream};
use crate::resolve;
use crate::scenario::{Addr, App, HostId, ScriptCall, Stream};
use crate::subject::{Handle, Outcome, stack_addr};

/// In which incarnation a packet was sent: the sender's ISS in the main connection, and since when. A host that
/// crashed may begin at the same number again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Mark {
    life: Option<(SeqNum, Instant)>,
}

impl World<'_> {
    /// The main connection's present incarnation as a host's ledger has it.
    pub(super) fn incarnation(&self, id: HostId) -> Option<&Incarnation> {
        let end = &self.hosts[id.index()].end;
        let ip = end.ip();
        let (own, other) = World::main_ports(id);
        let stack = Endpoint { addr: stack_addr(ip), port: own };
        let peer = Endpoint { addr: resolve::address(Addr::Peer(0), ip), port: other };
        end.ledger().now(&Tuple { stack, peer })
    }

    pub(super) fn mark_of(&self, id: HostId) -> Mark {
        Mark { life: self.incarnation(id).and_then(|now| Some((now.stack.iss?, now.began))) }
    }

    /// A packet is about to arrive: could its receiver take it for what it is not?
    pub(super) fn inspect(&mut self, flight: &Flight<Mark>) {
        if flight.forged {
            return self.deceived(Deceived::Forged);
        }
        let Some((iss, _)) = flight.mark.life else { return };
        let Some(now) = self.incarnation(flight.from.other()) else { return };
        let is_old = self.mark_of(flight.from) != flight.mark;
        let is_earlier = flight.sent < now.began;
        // Before the receiver's SYN nothing of it could be acknowledged: it has its numbers for the second time.
        let answers_another = is_earlier && has_ack(&flight.packet);
        let is_foreign = is_old && (now.peer.iss != Some(iss) || is_earlier) || answers_another;
        if is_foreign && fits(now, &flight.packet) {
            self.deceived(Deceived::OldNumbers);
        }
    }

    pub(super) fn deceived(&mut self, how: Deceived) {
        self.course.deceived = self.course.deceived.or(Some(how));
    }

    /// What a call came to, for whoever made it; `before` is the incarnation that the host had then.
    pub(super) fn note_call(
        &mut self,
        id: HostId,
        handle: Handle,
        (call, before): (ScriptCall, Mark),
        outcome: Outcome,
    ) {
        let named = match call {
            ScriptCall::OpenActive { .. } | ScriptCall::OpenPassive { .. } => Some(handle),
            ScriptCall::Accept { into } => Some(into),
            _ => None,
        };
        if let Some(named) = named.filter(|_| outcome == Outcome::Done) {
            // What the handle named before is over, and nobody can ask for it any more.
            let before_it = self.lives.iter_mut().filter(|life| life.host == id && life.handle == named);
            before_it.for_each(|life| life.gone = true);
        }
        let fresh = match call {
            ScriptCall::OpenActive { .. } => Some((handle, true)),
            ScriptCall::Accept { into } => Some((into, false)),
            _ => None,
        };
        if let Some((handle, active)) = fresh.filter(|_| outcome == Outcome::Done) {
            let mut life = Life::new(id, handle, before.life, active);
            life.reads = false;
            life.resets_before = self.hosts[id.index()].resets;
            self.lives.push(life);
            self.progressed();
        }
        let moved = match (call, outcome) {
            (ScriptCall::Send(_) | ScriptCall::Receive(_), Outcome::Octets(octets)) => octets > 0,
            (ScriptCall::Receive(_), outcome) => outcome == Outcome::EndOfStream,
            _ => false,
        };
        let Some(place) = self.life_by(id, handle, before, moved) else {
            return self.note_unaccepted(id, handle, call, outcome);
        };
        self.refresh();
        match (call, outcome) {
            (ScriptCall::Send(_), Outcome::Octets(n)) => {
                let life = &mut self.lives[place];
                life.written += n;
                life.unwritten = life.unwritten.saturating_sub(n);
                self.progressed();
            }
            (ScriptCall::Receive(_), Outcome::Octets(_) | Outcome::EndOfStream) => {
                self.received(place, outcome)
            }
            (ScriptCall::ShutdownWrite, Outcome::Done) => self.lives[place].shut = true,
            (ScriptCall::Close, Outcome::Done) => {
                (self.lives[place].shut, self.lives[place].closed) = (true, true);
            }
            (ScriptCall::Abort, Outcome::Done) => self.lives[place].gone = true,
            // Whoever is told that it has closed already gives up what it still wanted.
            (_, Outcome::Closing) if self.lives[place].shut => {
                (self.lives[place].unwritten, self.lives[place].reads) = (0, false);
            }
            // Nor can the user of a stack that forgets the handle of whoever has closed (MAY-1).
            (ScriptCall::Receive(_), Outcome::Closing | Outcome::Unsupported) => {
                self.lives[place].reads = false;
            }
            (ScriptCall::Status, Outcome::InState(state)) if state.is_synchronized() => {
                self.lives[place].open = true;
            }
            _ => {}
        }
        let says_nothing = match (call, outcome) {
            // A stack may want neither before the connection is open; it may still come about.
            (ScriptCall::Send(_) | ScriptCall::ShutdownWrite, Outcome::NoConnection) => {
                !self.lives[place].open
            }
            // The user's own doing.
            (_, Outcome::Closing) => self.lives[place].shut,
            _ => false,
        };
        let error = error_of(call, outcome).filter(|_| !says_nothing && self.lives[place].told.is_none());
        if let Some(error) = error {
            let reset = matches!(error, Outcome::Reset | Outcome::Refused);
            let wrong = stream::told_of_reset(&self.lives[place], self.hosts[id.index()].resets);
            if let Some(breach) = wrong.filter(|_| reset && !self.lives[place].is_over()) {
                self.breach(breach);
            }
            self.lives[place].told = Some(error);
        }
    }

    /// An end by a handle without a life: of a listener that has become a connection, which nobody accepted, some
    /// stacks take it. Whose user that is the properties do not know.
    fn note_unaccepted(&mut self, id: HostId, handle: Handle, call: ScriptCall, outcome: Outcome) {
        if matches!(call, ScriptCall::ShutdownWrite | ScriptCall::Close) && outcome == Outcome::Done {
            let states = self.hosts[id.index()].end.states(handle);
            if !states.iter().all(|state| matches!(state, State::Closed | State::Listen)) {
                self.deceived(Deceived::Unaccepted);
            }
        }
    }

    /// The life that a handle names now. A listener that has become its connection can be talked to before anybody
    /// accepts it; then it begins with the first octet, or end, that `moved`. What can still be read after an ABORT
    /// is of the life that was.
    fn life_by(&mut self, id: HostId, handle: Handle, before: Mark, moved: bool) -> Option<usize> {
        let newest = self.lives.iter().rposition(|l| l.host == id && l.handle == handle);
        if moved && newest.is_none() {
            let mut life = Life::new(id, handle, before.life, false);
            life.reads = false;
            life.resets_before = self.hosts[id.index()].resets;
            self.lives.push(life);
            return Some(self.lives.len() - 1);
        }
        newest
    }

    fn received(&mut self, place: usize, outcome: Outcome) {
        let life = self.lives[place];
        let stream = match life.host {
            HostId::A => Stream::PEER,
            HostId::B => Stream::USER,
        };
        let octets = self.hosts[life.host.index()].end.received();
        let count = octets.len() as u32;
        let mut wrong = stream::received(&self.lives, &life, octets, stream);
        self.lives[place].read += count;
        if outcome == Outcome::EndOfStream && life.closed && !self.has_ended(&life) {
            // Whoever has closed may be unable to read (MAY-1).
            self.lives[place].reads = false;
        } else if outcome == Outcome::EndOfStream {
            self.lives[place].ended = true;
            wrong = wrong.or_else(|| stream::ended(&self.lives, &self.lives[place]));
        }
        self.progressed();
        if let Some(breach) = wrong {
            self.breach(breach);
        }
    }

    /// The other user has closed, and all that it submitted is read.
    fn has_ended(&self, life: &Life) -> bool {
        let other = partner(&self.lives, life);
        other.is_some_and(|other| other.shut && other.written == life.read)
    }

    /// A user has made a call: what it still wants is known of users alone.
    pub(super) fn note_user(&mut self, id: HostId, call: ScriptCall, outcome: Outcome, app: &App) {
        let opens = matches!(call, ScriptCall::OpenActive { .. } | ScriptCall::Accept { .. });
        if !opens || outcome != Outcome::Done {
            return;
        }
        let has_buffer = self.hosts[id.index()].end.setup().recv_buffer > 0;
        if let Some(life) = self.lives.iter_mut().rev().find(|life| life.host == id) {
            life.unwritten = app.writes;
            // Where there is no buffer nothing comes in, and the window stays closed for ever (MUST-37).
            life.reads = app.reads > 0 && has_buffer;
        }
    }

    /// Which incarnation each life is, as far as it can still change.
    pub(super) fn refresh(&mut self) {
        for place in 0..self.lives.len() {
            let life = self.lives[place];
            if life.settled || life.is_over() {
                continue;
            }
            let Some(now) = self.incarnation(life.host) else { continue };
            // It may be another's, that was opened the other way.
            if life.active != now.active {
                continue;
            }
            // The ledger may still show the incarnation before.
            if life.active
                && life.after.is_some_and(|old| now.stack.iss.map(|iss| (iss, now.began)) == Some(old))
            {
                continue;
            }
            // Where a RST may have undone it before, its sockets may have another yet, unless its user knows better.
            let is_sure = now.surely_established && now.peer.rst.is_none();
            let settled = is_sure || now.maybe_established && life.open;
            let isns = now.stack.iss.zip(now.peer.iss);
            let key = isns.map(|(own, peer)| Key::new(own, peer));
            // Who has not heard of the peer yet may meet one that takes it for the one before.
            let met = key.or_else(|| {
                let other = self.incarnation(life.host.other())?;
                let (own, peer) = (now.stack.iss?, other.stack.iss?);
                (other.peer.iss == Some(own)).then(|| Key::new(own, peer))
            });
            let mut others =
                self.lives.iter().enumerate().filter(|(i, l)| *i != place && l.host == life.host);
            if met.is_some() && others.any(|(_, l)| (l.settled || l.gone) && l.key == met) {
                // A host that has begun at the same number twice.
                self.deceived(Deceived::OldNumbers);
            }
            let life = &mut self.lives[place];
            life.key = key;
            if settled && life.key.is_some() {
                (life.settled, life.open) = (true, true);
                self.progressed();
            }
        }
    }
}

fn has_ack(packet: &[u8]) -> bool {
    wire::parse(packet).is_ok_and(|segment| segment.header.flags.ack())
}

/// Numbers that lie in the receiver's window.
fn fits(now: &Incarnation, packet: &[u8]) -> bool {
    let Ok(segment) = wire::parse(packet) else { return false };
    let h = &segment.header;
    let in_window = now.rcv_nxt().zip(now.stack.edge_max).is_some_and(|(nxt, edge)| {
        let end = segment.end().max(h.seq.add(1));
        end.is_after(nxt) && (h.seq.is_before(edge) || h.seq == nxt)
    });
    // Where RCV.NXT is not known yet, an acknowledgment of the SYN is what counts.
    let answers = now.rcv_nxt().is_none() && h.flags.ack() && h.ack == now.snd_nxt();
    in_window || answers
}

/// The error by which a call tells its user that the connection is over.
fn error_of(call: ScriptCall, outcome: Outcome) -> Option<Outcome> {
    let talks = matches!(
        call,
        ScriptCall::Send(_)
            | ScriptCall::Receive(_)
            | ScriptCall::Status
            | ScriptCall::Close
            | ScriptCall::ShutdownWrite
    );
    let over = match outcome {
        Outcome::Reset | Outcome::Refused | Outcome::TimedOut | Outcome::NoConnection | Outcome::Failed => {
            true
        }
        Outcome::Closing => matches!(call, ScriptCall::Send(_)),
        Outcome::InState(state) => state.name() == "CLOSED",
        _ => false,
    };
    (talks && over).then_some(outcome)
}
