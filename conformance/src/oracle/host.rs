//! One reading of the stack: every connection and listener it may have, and what it still owes.

use lastack_core::types::{Endpoint, Instant, State};

use super::debt::{Debt, Owed};
use super::step::{Aspects, Cost, Mismatch, Step};
use super::tcb::{Origin, Tcb};
use crate::subject::Handle;

/// How a connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum End {
    Closed,
    Reset,
    Refused,
    TimedOut,
    Aborted,
}

/// What is left of a handle after its connection.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ended {
    /// The handle.
    pub handle: Handle,
    /// How it ended.
    pub end: End,
    /// A FIN of the peer had come.
    pub fin_taken: bool,
    /// Octets that were received and not read.
    pub unread: u32,
    /// The user was told of the end by an error; afterwards an end of stream says nothing new.
    pub told: bool,
}

/// What a reading conceded: how much at most, what its differences weigh, how many licences.
pub type Price = (Cost, usize, u8);

/// The most connections and listeners that one reading holds.
pub const TCBS_MAX: usize = 5;
/// The most replies owed at once.
pub const DEBTS_MAX: usize = 8;
/// Rules that are remembered.
const PATH_MAX: usize = 10;

/// One reading of the stack.
#[derive(Debug)]
pub struct Host {
    /// Connections and listeners, oldest first.
    pub tcbs: Vec<Tcb>,
    /// What it owes.
    pub debts: Vec<Debt>,
    /// When it last sent a challenge ACK (or an ACK that may have been one).
    pub challenged: Option<Instant>,
    /// When it last sent an empty ACK that said nothing new.
    pub repeated: Option<Instant>,
    /// Handles whose connections have ended, last end last.
    pub ended: Vec<Ended>,
    /// What it had to concede.
    pub cost: Cost,
    /// How many licences it needed.
    pub licences: u8,
    /// Non-strict differences on the way: indices into the oracle's list.
    pub noted: Vec<u16>,
    /// What they weigh together.
    pub weight: usize,
    /// Differences not yet in the oracle's list.
    pub fresh: Vec<Mismatch>,
    /// The rules that led here, oldest first.
    pub path: Vec<Step>,
    /// The stack's own word about a state speaks against it. That never ends a reading, but it tells which
    /// of two dead ones was nearer to the truth.
    pub disputed: bool,
    /// It did so before.
    pub was_disputed: bool,
    /// It could not be followed any more (too many connections, too many pieces).
    pub lost: bool,
}

/// Readings. They change places all the time, and boxed each moves as one word.
#[allow(clippy::vec_box)]
pub type Hosts = Vec<Box<Host>>;

/// The readings that follow an event, and used ones whose room can be taken again.
#[derive(Default, Debug)]
pub struct Successors {
    /// What follows.
    pub list: Hosts,
    pool: Hosts,
}

impl Successors {
    /// Nothing follows yet; what was there can be used again.
    pub fn clear(&mut self) {
        self.pool.append(&mut self.list);
    }

    /// A copy, in the room of a used reading where there is one.
    pub fn copy(&mut self, host: &Host) -> Box<Host> {
        let mut copy = self.pool.pop().unwrap_or_default();
        Host::clone_from(&mut copy, host);
        copy
    }

    /// One more.
    pub fn push(&mut self, host: Box<Host>) {
        self.list.push(host);
    }

    /// A reading that is over; its room can be used again.
    pub fn give_back(&mut self, host: Box<Host>) {
        self.pool.push(host);
    }

    /// The same for all but the first `kept` readings of a list.
    pub fn give_back_after(&mut self, kept: usize, hosts: &mut Hosts) {
        self.pool.extend(hosts.drain(kept.min(hosts.len())..));
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Changes the places of two.
    pub fn swap(&mut self, a: usize, b: usize) {
        if a != b {
            self.list.swap(a, b);
        }
    }
}

/// By hand, so that a reading can be copied into the room of another: that is the oracle's hottest path.
impl Clone for Host {
    fn clone(&self) -> Host {
        let mut host = Host::new();
        host.clone_from(self);
        host
    }

    fn clone_from(&mut self, other: &Host) {
        self.tcbs.clone_from(&other.tcbs);
        self.debts.clone_from(&other.debts);
        self.challenged = other.challenged;
        self.repeated = other.repeated;
        self.ended.clone_from(&other.ended);
        self.cost = other.cost;
        self.licences = other.licences;
        self.noted.clone_from(&other.noted);
        self.weight = other.weight;
        self.fresh.clone_from(&other.fresh);
        self.path.clone_from(&other.path);
        self.disputed = other.disputed;
        self.was_disputed = other.was_disputed;
        self.lost = other.lost;
    }
}

/// Readings are the same when they would act the same. When the last challenge ACK was sent does not count:
/// of two such readings the more patient one is kept.
impl PartialEq for Host {
    fn eq(&self, other: &Host) -> bool {
        let same = |(a, b): (&Debt, &Debt)| a.is_like(b);
        // Cheap ones first: most readings differ.
        self.debts.len() == other.debts.len()
            && self.ended.len() == other.ended.len()
            && self.debts.iter().zip(&other.debts).all(same)
            && self.tcbs == other.tcbs
            && self.ended == other.ended
    }
}

impl Host {
    /// A host where nothing has happened.
    pub fn new() -> Host {
        Host {
            tcbs: Vec::new(),
            debts: Vec::new(),
            challenged: None,
            repeated: None,
            ended: Vec::new(),
            cost: Cost::Pass,
            licences: 0,
            noted: Vec::new(),
            weight: 0,
            fresh: Vec::new(),
            path: Vec::new(),
            disputed: false,
            was_disputed: false,
            lost: false,
        }
    }

    /// The connection between these sockets, if there is one that is not CLOSED.
    pub fn connection(&self, port: u16, remote: Endpoint) -> Option<usize> {
        self.tcbs.iter().position(|t| t.is_between(port, remote))
    }

    /// A listener on this port.
    pub fn listener(&self, port: u16) -> Option<usize> {
        (0..self.tcbs.len()).find(|index| self.is_listener(*index, port))
    }

    /// Whether this one listens on this port.
    pub fn is_listener(&self, index: usize, port: u16) -> bool {
        self.tcbs.get(index).is_some_and(|t| t.state == State::Listen && t.port == port)
    }

    /// The connection or listener that the user knows by this handle.
    pub fn by_handle(&self, handle: Handle) -> Option<usize> {
        self.tcbs.iter().position(|t| t.handle == handle && t.accepted_by_user)
    }

    /// An ACK is owed to this connection's peer, which may still be delayed.
    pub fn owes_ack(&self, tcb: &Tcb) -> bool {
        let own = |d: &Debt| d.port == tcb.port && Some(d.remote) == tcb.remote;
        self.debts.iter().any(|d| d.owed == Owed::Ack && own(d))
    }

    /// Nobody can accept this connection any more: its listener is closed. The RFC knows no queue of a
    /// listener; most stacks drop or reset what waits there.
    pub fn is_orphan(&self, index: usize) -> bool {
        let tcb = &self.tcbs[index];
        !tcb.accepted_by_user && self.listener(tcb.port).is_none_or(|l| self.tcbs[l].handle != tcb.handle)
    }

    /// How the handle's last connection ended.
    pub fn end_of(&self, handle: Handle) -> Option<&Ended> {
        self.ended.iter().rev().find(|e| e.handle == handle)
    }

    /// What a handle's connection came to has another name now; what was known by that name is forgotten.
    pub fn rename_ended(&mut self, handle: Handle, into: Handle) {
        self.ended.retain(|e| e.handle != into || handle == into);
        self.ended.iter_mut().filter(|e| e.handle == handle).for_each(|e| e.handle = into);
    }

    /// Removes a connection and remembers how it ended.
    pub fn remove(&mut self, index: usize, end: End) {
        let tcb = self.tcbs.remove(index);
        self.ended.retain(|e| e.handle != tcb.handle);
        if self.ended.len() == TCBS_MAX {
            self.ended.remove(0);
        }
        self.ended.push(Ended {
            handle: tcb.handle,
            end,
            fin_taken: tcb.fin_taken,
            unread: tcb.unread(),
            told: false,
        });
    }

    /// Adds a connection; a host with too many cannot be followed.
    pub fn add(&mut self, tcb: Tcb) {
        self.ended.retain(|e| e.handle != tcb.handle || !tcb.accepted_by_user);
        if self.tcbs.len() == TCBS_MAX {
            self.lost = true;
        } else {
            self.tcbs.push(tcb);
        }
    }

    /// What it had to concede, and how heavily: the cheaper reading is the better one.
    pub fn price(&self) -> Price {
        (self.cost, self.weight, self.licences)
    }

    /// Raises the cost.
    pub fn concede(&mut self, cost: Cost) {
        self.cost = self.cost.max(cost);
        self.licences = self.licences.saturating_add(u8::from(cost == Cost::Allowed));
    }

    /// Remembers a difference that does not end the reading.
    pub fn note(&mut self, mismatch: Mismatch) {
        self.concede(Cost::NonStrict);
        if !self.fresh.iter().any(|m| m.kind == mismatch.kind && m.step == mismatch.step) {
            // A detail that is one whatever the level is less than another reply than the one that is owed.
            self.weight += if mismatch.soft { 1 } else { 2 };
            self.fresh.push(mismatch);
        }
    }

    /// Adds a rule to the path. Where there is no room one goes of which nothing but a window is left to confirm,
    /// else one that stands there before it too, else the oldest.
    pub fn walk_on(&mut self, step: Step) {
        if self.path.len() == PATH_MAX {
            let settled = |s: &Step| s.event < step.event && s.open.without(Aspects::WINDOW) == Aspects::NONE;
            let is_repeated = |i: &usize| {
                let s = &self.path[*i];
                s.event < step.event && self.path[..*i].iter().any(|older| older.rule == s.rule)
            };
            let repeated = || (0..PATH_MAX).find(is_repeated);
            self.path.remove(self.path.iter().position(settled).or_else(repeated).unwrap_or(0));
        }
        self.path.push(step);
    }

    /// Everything about these aspects was just seen to be so.
    pub fn confirm(&mut self, aspects: Aspects) {
        for step in &mut self.path {
            step.open = step.open.without(aspects);
        }
    }

    /// What rules of earlier events changed in these aspects has just shown itself.
    pub fn confirm_before(&mut self, event: usize, aspects: Aspects) {
        for step in self.path.iter_mut().filter(|s| s.event < event) {
            step.open = step.open.without(aspects);
        }
    }

    /// The rule to charge for a difference in these aspects: one of this event, else the oldest that changed
    /// them and that nothing has confirmed, else the newest.
    pub fn suspect(&self, event: usize, aspects: Aspects) -> Option<Step> {
        let open = |s: &&Step| s.open.has(aspects);
        let now = self.path.iter().find(|s| s.event == event && open(s));
        now.or_else(|| self.path.iter().find(open)).or(self.path.last()).copied()
    }

    /// The newest rule that changed these aspects, or was not to change them.
    pub fn newest(&self, aspects: Aspects) -> Option<Step> {
        self.path.iter().rev().find(|s| s.open.has(aspects)).or(self.path.last()).copied()
    }

    /// A debt to this pair of sockets. One segment discharges several ACKs, so of those the strictest stands.
    pub fn owe(&mut self, debt: Debt) {
        let near = |d: &Debt| d.port == debt.port && d.remote == debt.remote && d.owed.is_kin(&debt.owed);
        if let Some(old) = self.debts.iter_mut().find(|d| near(d)) {
            if old.optional && !debt.optional || old.said && !debt.said && !debt.optional {
                *old = debt;
            } else if old.optional == debt.optional && debt.due < old.due {
                // The older one had time; the newer one has not, and is what goes unanswered.
                *old = Debt { since: old.since, ..debt };
            }
            return;
        }
        if self.debts.len() == DEBTS_MAX {
            self.lost = true;
            return;
        }
        self.debts.push(debt);
    }

    /// Forgets what is owed to a pair of sockets, save for a RST.
    pub fn forgive_acks(&mut self, port: u16, remote: Endpoint) {
        self.debts.retain(|d| d.port != port || d.remote != remote || d.owed.is_rst());
    }

    /// Two ways led to the same reading: whichever of the two is kept knows what holds on either.
    pub fn join(&mut self, other: &mut Host) {
        let challenged = self.challenged.max(other.challenged);
        // What the stack said before is right on one of the ways.
        let disputed = self.disputed && other.disputed;
        let was_disputed = self.was_disputed && other.was_disputed;
        // What one of them could not follow, nobody has followed.
        let lost = self.lost || other.lost;
        self.charge_newest(other);
        other.charge_newest(self);
        for host in [self, other] {
            (host.challenged, host.lost) = (challenged, lost);
            (host.disputed, host.was_disputed) = (disputed, was_disputed);
        }
    }

    /// What they owe is charged to the newest event, up to which one of them explains all.
    fn charge_newest(&mut self, other: &Host) {
        for (own, other) in self.debts.iter_mut().zip(&other.debts) {
            if own.step.event < other.step.event {
                own.step = other.step;
            }
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Host::new()
    }
}

/// A fresh connection in place of a listener, or beside it.
pub fn embryo(listener: &Tcb, remote: Endpoint, forks: bool, now: Instant) -> Tcb {
    let mut tcb = Tcb::new(listener.handle, listener.port, State::SynReceived, Origin::Passive, now);
    tcb.remote = Some(remote);
    tcb.accepted_by_user = !forks;
    tcb
}
