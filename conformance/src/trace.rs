//! What was done to a stack and what was seen of it, in one serial form. Ladder, report and capture are
//! views of it.

use core::fmt;

use lastack_core::types::{Instant, State};

use crate::scenario::ScriptCall;
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
        self.entries.push(Entry { at, event, what, note });
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
