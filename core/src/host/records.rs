//! The records of a host, and where to find them: by name, by 4-tuple, by port, by deadline, by turn to send.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::config::Config;
use crate::record::{End, Record};
use crate::tcb::{Listen, Name, Origin, Owed, Tcb};
use crate::types::{Endpoint, Instant};

/// A record and what the host knows about it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Slot {
    record: Record,
    /// A user has its name; so it is kept when the connection is gone.
    owned: bool,
    /// It stands in `senders`.
    sends: bool,
    /// Its entry in `deadlines`.
    deadline: Option<Instant>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Records {
    slots: Vec<Option<Slot>>,
    free: Vec<Name>,
    /// Local and remote socket of every connection (3.3.1: what identifies one).
    tuples: BTreeMap<(Endpoint, Endpoint), Name>,
    /// Records that listen, or did before they became a connection.
    listeners: Vec<Name>,
    deadlines: BTreeSet<(Instant, Name)>,
    /// Connections that may have something to send, in turn.
    senders: VecDeque<Name>,
}

impl Records {
    pub fn get(&self, name: Name) -> Option<&Record> {
        Some(&self.slots.get(name.0 as usize)?.as_ref()?.record)
    }

    pub fn get_mut(&mut self, name: Name) -> Option<&mut Record> {
        Some(&mut self.slot(name)?.record)
    }

    fn slot(&mut self, name: Name) -> Option<&mut Slot> {
        self.slots.get_mut(name.0 as usize)?.as_mut()
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.slots.iter().flatten().map(|slot| &slot.record)
    }

    // ------------------------------------------------------------ finding

    /// The connection between these sockets: the full 4-tuple comes before any listener (3.10.7.2).
    pub fn named(&self, local: Endpoint, remote: Endpoint) -> Option<Name> {
        self.tuples.get(&(local, remote)).copied()
    }

    /// The listener that a segment is for: one that waits for this very peer before one that takes any.
    pub fn listener_for(&self, port: u16, remote: Endpoint) -> Option<Name> {
        let wanted = Some(remote);
        let fits = |(_, listen): &(Name, Listen)| {
            listen.port == port && (listen.remote.is_none() || listen.remote == wanted)
        };
        self.listening().filter(fits).min_by_key(|(_, listen)| listen.remote.is_none()).map(|(name, _)| name)
    }

    fn listening(&self) -> impl Iterator<Item = (Name, Listen)> {
        self.listeners.iter().filter_map(|&name| match self.get(name)? {
            Record::Listening(listener) => Some((name, listener.listen)),
            _ => None,
        })
    }

    /// What a listener has made and nobody has accepted.
    pub fn children(&self, listener: Name) -> Vec<Name> {
        let is_child = |slot: &Slot| {
            let Record::Connection(tcb) = &slot.record else { return false };
            !slot.owned && tcb.origin == Origin::Forked(listener)
        };
        let slots = (0..).map(Name).zip(&self.slots);
        slots.filter(|(_, slot)| slot.as_ref().is_some_and(is_child)).map(|(name, _)| name).collect()
    }

    /// Takes a connection out, for one that takes its place (MAY-2); for its user it is closed.
    pub fn displace(&mut self, name: Name) -> Option<Box<Tcb>> {
        let Some(Record::Connection(tcb)) = self.get(name) else { return None };
        let mut tcb = Box::new(tcb.clone());
        // An answer that the transmit queue kept back is too late: who wanted it has begun anew.
        tcb.owed = Owed::default();
        self.close(name, End::Closed);
        Some(tcb)
    }

    // ------------------------------------------------------------ changing

    pub fn insert(&mut self, record: Record, owned: bool) -> Name {
        let name = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // 2^32 records are more than any memory holds.
            Name((self.slots.len() - 1) as u32)
        });
        self.slots[name.0 as usize] = Some(Slot { record, owned, sends: false, deadline: None });
        self.enter(name);
        name
    }

    /// Puts another record behind a name.
    pub fn replace(&mut self, name: Name, record: Record) {
        self.withdraw(name);
        if let Some(slot) = self.slot(name) {
            slot.record = record;
        }
        self.enter(name);
    }

    /// The connection or listener is gone. Its user, if any, keeps the name and learns why.
    pub fn close(&mut self, name: Name, end: End) {
        let Some(slot) = self.slot(name) else { return };
        let owned = slot.owned;
        let signals = match &slot.record {
            Record::Connection(tcb) => tcb.signals,
            Record::Closed(_, signals) => *signals,
            Record::Listening(_) => Default::default(),
        };
        self.replace(name, Record::Closed(end, signals));
        if !owned {
            self.free(name);
        }
    }

    /// A user takes the name.
    pub fn own(&mut self, name: Name) {
        if let Some(slot) = self.slot(name) {
            slot.owned = true;
        }
    }

    /// The user gives the name back.
    pub fn disown(&mut self, name: Name) {
        let Some(slot) = self.slot(name) else { return };
        slot.owned = false;
        if matches!(slot.record, Record::Closed(..)) {
            self.free(name);
        }
    }

    fn free(&mut self, name: Name) {
        self.withdraw(name);
        self.slots[name.0 as usize] = None;
        self.free.push(name);
    }

    /// Enters a record where it is looked for.
    fn enter(&mut self, name: Name) {
        match self.get(name) {
            Some(Record::Connection(tcb)) => {
                let tuple = (tcb.local, tcb.remote);
                self.tuples.insert(tuple, name);
            }
            Some(Record::Listening(_)) => self.listeners.push(name),
            Some(Record::Closed(..)) | None => {}
        }
    }

    /// Takes a record out of every list.
    fn withdraw(&mut self, name: Name) {
        let Some(slot) = self.slots.get_mut(name.0 as usize).and_then(Option::as_mut) else { return };
        if let Some(at) = slot.deadline.take() {
            self.deadlines.remove(&(at, name));
        }
        if core::mem::take(&mut slot.sends) {
            self.senders.retain(|sender| *sender != name);
        }
        let Record::Connection(tcb) = &slot.record else {
            self.listeners.retain(|listener| *listener != name);
            return;
        };
        self.tuples.remove(&(tcb.local, tcb.remote));
    }

    // ------------------------------------------------------------ time and turn

    /// Enters the connection's next deadline.
    pub fn schedule(&mut self, name: Name, config: &Config) {
        let Some(slot) = self.slots.get_mut(name.0 as usize).and_then(Option::as_mut) else { return };
        let next = match &slot.record {
            Record::Connection(tcb) => tcb.next_timer(config),
            _ => None,
        };
        if slot.deadline == next {
            return;
        }
        if let Some(at) = slot.deadline {
            self.deadlines.remove(&(at, name));
        }
        slot.deadline = next;
        if let Some(at) = next {
            self.deadlines.insert((at, name));
        }
    }

    pub fn next_timer(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Takes a connection whose deadline has come.
    pub fn next_due(&mut self, now: Instant) -> Option<Name> {
        let &(at, name) = self.deadlines.first()?;
        if at > now {
            return None;
        }
        self.deadlines.pop_first();
        if let Some(slot) = self.slot(name) {
            slot.deadline = None;
        }
        Some(name)
    }

    /// The connection may have something to send.
    pub fn may_send(&mut self, name: Name) {
        if let Some(slot) = self.slot(name)
            && !core::mem::replace(&mut slot.sends, true)
        {
            self.senders.push_back(name);
        }
    }

    /// Whose turn it is to send.
    pub fn first_sender(&self) -> Option<Name> {
        self.senders.front().copied()
    }

    /// The one whose turn it is has nothing left to send.
    pub fn sent_all(&mut self, name: Name) {
        if let Some(slot) = self.slot(name) {
            slot.sends = false;
        }
        if self.senders.front() == Some(&name) {
            self.senders.pop_front();
        }
    }
}
