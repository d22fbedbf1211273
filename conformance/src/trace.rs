//! What was done to a stack and what was seen of it, in one serial form. Ladder, report and capture are
//! views of it.

pub mod duet;
mod flow;
pub mod ladder;
pub mod line;
pub mod pcapng;

use core::fmt;

use lastack_core::types::{Instant, State};

use crate::scenario::{HostId, ScriptCall};
use crate::subject::{Handle, Outcome, UserSignal};

/// Whence a packet came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// From the network to the stack.
    ToStack,
    /// From the stack.
    FromStack,
}

/// One thing that happened.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Happening {
    /// A call and what it came to. `octets` is how much SEND offered or RECEIVE asked for.
    Call {
        /// On which handle.
        handle: Handle,
        /// Which call.
        call: ScriptCall,
        /// What it came to.
        outcome: Outcome,
    },
    /// A packet; its octets are those of [`Trace::packet`].
    Packet {
        /// Whence.
        direction: Direction,
        /// Where it begins in the trace's octets.
        start: u32,
        /// Where it ends.
        end: u32,
    },
    /// The user was told something unasked.
    Signal {
        /// On which handle.
        handle: Handle,
        /// What.
        signal: UserSignal,
    },
    /// The stack's own word about a state; recorded when it changes.
    Word {
        /// On which handle.
        handle: Handle,
        /// The state.
        state: State,
    },
    /// The transmit queue has room for so many packets a poll from here on.
    Room(u8),
}

/// A happening with its time, the scenario's event it belongs to, and what the judge says of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Index of the scenario's event that caused it, or during which it happened.
    pub event: usize,
    /// What.
    pub what: Happening,
    /// Names of the rules that fired or were discharged, or a remark; empty where there is nothing to say.
    pub note: String,
    /// At which host of a world; always the first where there is but one stack.
    pub host: HostId,
    /// Of a packet in a world: its number among its sender's packets; 0 otherwise.
    pub number: u32,
    /// The link lost it.
    pub lost: bool,
}

/// Everything that happened in one scenario.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Trace {
    entries: Vec<Entry>,
    octets: Vec<u8>,
}

impl Trace {
    /// Forgets everything, keeps the room.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.octets.clear();
    }

    /// Adds a packet.
    pub fn packet_entry(
        &mut self,
        at: Instant,
        event: usize,
        direction: Direction,
        packet: &[u8],
        note: String,
    ) {
        let start = self.octets.len() as u32;
        self.octets.extend_from_slice(packet);
        let end = self.octets.len() as u32;
        self.push(at, event, Happening::Packet { direction, start, end }, note);
    }

    /// Adds anything else.
    pub fn push(&mut self, at: Instant, event: usize, what: Happening, note: String) {
        self.entries.push(Entry { at, event, what, note, host: HostId::A, number: 0, lost: false });
    }

    /// Everything, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The octets of a packet entry; empty for any other.
    pub fn packet(&self, entry: &Entry) -> &[u8] {
        match entry.what {
            Happening::Packet { start, end, .. } => {
                self.octets.get(start as usize..end as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Without the calls by which users only look whether there is something to do, and without notes but of what
    /// the link lost: in a world these fill pages.
    #[must_use]
    pub fn without_looking(&self) -> Trace {
        let looks = |e: &Entry| match e.what {
            Happening::Call { call: ScriptCall::Status | ScriptCall::Receive(_), .. } => true,
            Happening::Call { call: ScriptCall::Accept { .. }, outcome, .. } => outcome != Outcome::Done,
            Happening::Signal { .. } => true,
            _ => false,
        };
        let mut entries: Vec<Entry> = self.entries.iter().filter(|e| !looks(e)).cloned().collect();
        entries.iter_mut().for_each(|entry| entry.note.retain(|_| entry.lost));
        Trace { entries, octets: self.octets.clone() }
    }

    /// Takes over what one host of a world has recorded.
    pub fn absorb(&mut self, host: HostId, from: &mut Trace) {
        let base = self.octets.len() as u32;
        self.octets.append(&mut from.octets);
        for mut entry in from.entries.drain(..) {
            if let Happening::Packet { start, end, .. } = &mut entry.what {
                *start += base;
                *end += base;
            }
            self.entries.push(Entry { host, ..entry });
        }
    }

    /// The first packet of a host that has no number yet has left, and this is what becomes of it.
    pub fn depart(&mut self, host: HostId, number: u32, lost: bool, fate: &str) {
        let leaves = |e: &&mut Entry| {
            let out = matches!(e.what, Happening::Packet { direction: Direction::FromStack, .. });
            out && e.host == host && e.number == 0
        };
        if let Some(entry) = self.entries.iter_mut().find(leaves) {
            (entry.number, entry.lost) = (number, lost);
            entry.note =
                [&*entry.note, fate].iter().filter(|s| !s.is_empty()).copied().collect::<Vec<_>>().join("; ");
        }
    }

    /// The last packet that came to a host is the other one's packet of this number.
    pub fn arrive(&mut self, host: HostId, number: u32) {
        let comes = |e: &&mut Entry| {
            let comes = matches!(e.what, Happening::Packet { direction: Direction::ToStack, .. });
            comes && e.host == host && e.number == 0
        };
        if let Some(entry) = self.entries.iter_mut().rev().find(comes) {
            entry.number = number;
        }
    }

    /// Appends to the note of the last entry.
    pub fn note_last(&mut self, note: fmt::Arguments<'_>) {
        use fmt::Write as _;
        if let Some(last) = self.entries.last_mut() {
            if !last.note.is_empty() {
                last.note.push_str("; ");
            }
            // Writing to a String cannot fail.
            let _ = last.note.write_fmt(note);
        }
    }
}
